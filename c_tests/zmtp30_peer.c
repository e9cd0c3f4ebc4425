/* A 3.0 peer is spoken to like a 3.1 peer but for subscriptions, which are messages: 01 or 00 and the
   topic (RFC 23). */

#include "raw_peer.h"

/* Raw connection of a 3.0 peer to a listening socket. */
static int join_30 (void *socket, const char *type, const char *identity)
{
    char endpoint[256];
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    raw_handshake (fd, 0, type, identity);
    return fd;
}

static void messages_go_both_ways (void *context)
{
    void *pair = new_socket (context, ZMQ_PAIR);
    int fd = join_30 (pair, "PAIR", NULL);
    RAW_SEND (fd, "\x01\x02hi\x00\x05there");
    RECV_PARTS (pair, "hi", "there", NULL);
    send_parts (pair, "and", "back", NULL);
    RAW_EXPECT (fd, "\x01\x03" "and\x00\x04" "back");
    close (fd);
    close_now (pair);
}

static void subscriptions_are_messages (void *context)
{
    void *sub = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "before", 6));
    int fd = join_30 (sub, "PUB", NULL);
    raw_await_bytes (fd, sub);
    RAW_EXPECT (fd, "\x00\x07\x01" "before");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "AB", 2));
    RAW_EXPECT (fd, "\x00\x03\x01" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "AB", 2));
    RAW_EXPECT (fd, "\x00\x03\x00" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "", 0));
    RAW_EXPECT (fd, "\x00\x01\x01");
    RAW_SEND (fd, "\x01\x02hi\x00\x05there");
    RECV_PARTS (sub, "hi", "there", NULL);
    close (fd);
    close_now (sub);
}

/* From the connecting side the same. */
static void a_connecting_sub_sends_messages (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *sub = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "topic", 5));
    connect_to (sub, endpoint);
    int fd = raw_accept (listener);
    raw_handshake (fd, 0, "PUB", NULL);
    RAW_EXPECT (fd, "\x00\x06\x01topic");
    raw_send_text (fd, "topic 1");
    RECV_TEXT (sub, "topic 1");
    close (fd);
    close_now (sub);
    close (listener);
}

/* A publisher takes messages, and commands too. */
static void publishers_take_both_forms (void *context)
{
    void *xpub = new_socket (context, ZMQ_XPUB);
    int fd = join_30 (xpub, "SUB", NULL);
    RAW_SEND (fd, "\x00\x02\x01" "A");
    RECV_TEXT (xpub, "\x01" "A");
    send_text (xpub, "B", 0);
    send_parts (xpub, "A1", "body", NULL);
    RAW_EXPECT (fd, "\x01\x02" "A1\x00\x04" "body");
    RAW_SEND (fd, "\x00\x02\x00" "A");
    char text[4];
    CHECK_INT (recv_part (xpub, text, sizeof text), 2);
    CHECK (memcmp (text, "\0A", 2) == 0);
    RAW_SEND (fd, "\x04\x0b\x09SUBSCRIBEB");
    RECV_TEXT (xpub, "\x01" "B");
    send_text (xpub, "B1", 0);
    RAW_EXPECT (fd, "\x00\x02" "B1");
    close (fd);
    close_now (xpub);
}

static void identities_come_with_ready (void *context)
{
    void *router = new_socket (context, ZMQ_ROUTER);
    int fd = join_30 (router, "DEALER", "peer");
    raw_send_text (fd, "hello");
    RECV_PARTS (router, "peer", "hello", NULL);
    send_parts (router, "peer", "well", "then", NULL);
    RAW_EXPECT (fd, "\x01\x04well\x00\x04then");
    close (fd);
    close_now (router);
}

static void requests_have_an_envelope (void *context)
{
    void *rep = new_socket (context, ZMQ_REP);
    int fd = join_30 (rep, "REQ", "");
    RAW_SEND (fd, "\x01\x00\x00\x08question");
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    RAW_EXPECT (fd, "\x01\x00\x00\x06" "answer");
    close (fd);
    close_now (rep);
}

int main (void)
{
    begin_test ();
    in_context (messages_go_both_ways);
    in_context (subscriptions_are_messages);
    in_context (a_connecting_sub_sends_messages);
    in_context (publishers_take_both_forms);
    in_context (identities_come_with_ready);
    in_context (requests_have_an_envelope);
    return 0;
}
