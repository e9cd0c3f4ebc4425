/* A 2.0 peer (revision 1) gets the 12-byte greeting, an identity frame instead of a handshake, and
   subscriptions as messages (RFC 15); so does a peer of revision 0, in 1.0 frames. */

#include "monitor.h"
#include "raw_peer.h"

/* Greets as a 2.0 peer of socket type number `type` and exchanges identities. */
static void greet_20 (int fd, char type, const char *own_type, const char *identity)
{
    char head[2] = {0, (char) strlen (identity)};
    RAW_SEND (fd, RAW_GREETING_20);
    raw_send (fd, &type, 1);
    RAW_EXPECT (fd, RAW_SIGNATURE "\x03");
    raw_expect_at (fd, own_type, 1, __FILE__, __LINE__);
    RAW_EXPECT (fd, "\x00\x00");
    raw_send (fd, head, 2);
    raw_send (fd, identity, strlen (identity));
}

static int join_20 (void *socket, char type, const char *own_type, const char *identity)
{
    char endpoint[256];
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    greet_20 (fd, type, own_type, identity);
    return fd;
}

static void messages_go_both_ways (void *context)
{
    static char big[301];
    void *pair = new_socket (context, ZMQ_PAIR);
    int fd = join_20 (pair, ZMQ_PAIR, "\x00", "");
    RAW_SEND (fd, "\x01\x02hi\x00\x05there");
    RECV_PARTS (pair, "hi", "there", NULL);
    send_parts (pair, "and", "back", NULL);
    RAW_EXPECT (fd, "\x01\x03" "and\x00\x04" "back");
    memset (big, 'q', sizeof big);
    CHECK_INT (zmq_send (pair, big, sizeof big, 0), sizeof big);
    RAW_EXPECT (fd, "\x02\0\0\0\0\0\0\x01\x2d");
    raw_expect_at (fd, big, sizeof big, __FILE__, __LINE__);
    close (fd);
    close_now (pair);
}

static void subscriptions_are_messages (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *sub = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "AB", 2));
    connect_to (sub, endpoint);
    int fd = raw_accept (listener);
    greet_20 (fd, ZMQ_PUB, "\x02", "");
    RAW_EXPECT (fd, "\x00\x03\x01" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "AB", 2));
    RAW_EXPECT (fd, "\x00\x03\x00" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "", 0));
    RAW_EXPECT (fd, "\x00\x01\x01");
    RAW_SEND (fd, "\x01\x02hi\x00\x05there");
    RECV_PARTS (sub, "hi", "there", NULL);
    close (fd);
    close_now (sub);
    close (listener);
}

static void publishers_filter (void *context)
{
    void *xpub = new_socket (context, ZMQ_XPUB);
    int fd = join_20 (xpub, ZMQ_SUB, "\x09", "");
    RAW_SEND (fd, "\x00\x02\x01" "A");
    RECV_TEXT (xpub, "\x01" "A");
    send_text (xpub, "B", 0);
    send_parts (xpub, "A1", "body", NULL);
    RAW_EXPECT (fd, "\x01\x02" "A1\x00\x04" "body");
    close (fd);
    close_now (xpub);
}

/* The peer's identity frame names it; ours is the routing id. */
static void identities_are_frames (void *context)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    CHECK_OK (zmq_setsockopt (router, ZMQ_ROUTING_ID, "RTR", 3));
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, "\xff\0\0\0\0\0\0\0\x05\x7f\x01\x05");
    RAW_EXPECT (fd, "\xff\0\0\0\0\0\0\0\x04\x7f\x03\x06\x00\x03RTR");
    RAW_SEND (fd, "\x00\x04peer\x00\x05hello");
    RECV_PARTS (router, "peer", "hello", NULL);
    send_parts (router, "peer", "a", "b", NULL);
    RAW_EXPECT (fd, "\x01\x01" "a\x00\x01" "b");
    close (fd);
    close_now (router);
}

/* An empty identity is replaced by one of five bytes, the first being zero. */
static void anonymous_peers_get_an_identity (void *context)
{
    char id[16];
    void *router = new_socket (context, ZMQ_ROUTER);
    int fd = join_20 (router, ZMQ_DEALER, "\x06", "");
    raw_send_text (fd, "hello");
    CHECK_INT (recv_part (router, id, sizeof id), 5);
    CHECK_INT (id[0], 0);
    RECV_TEXT (router, "hello");
    CHECK_INT (zmq_send (router, id, 5, ZMQ_SNDMORE), 5);
    send_text (router, "re", 0);
    RAW_EXPECT (fd, "\x00\x02re");
    close (fd);
    close_now (router);
}

static void a_request_goes_through (void *context)
{
    void *rep = new_socket (context, ZMQ_REP);
    int fd = join_20 (rep, ZMQ_REQ, "\x04", "");
    RAW_SEND (fd, "\x01\x00\x00\x08question");
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    RAW_EXPECT (fd, "\x01\x00\x00\x06" "answer");
    close (fd);
    close_now (rep);
}

/* Revision 0: the same greeting, then 1.0 frames. */
static void revision_zero_has_old_frames (void *context)
{
    char endpoint[256], id[16];
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, RAW_SIGNATURE "\x00\x05");
    RAW_EXPECT (fd, RAW_SIGNATURE "\x03\x06\x01\x00");
    RAW_SEND (fd, "\x01\x00\x06\x00hello");
    CHECK_INT (recv_part (router, id, sizeof id), 5);
    RECV_TEXT (router, "hello");
    CHECK_INT (zmq_send (router, id, 5, ZMQ_SNDMORE), 5);
    send_text (router, "re", 0);
    RAW_EXPECT (fd, "\x03\x00re");
    close (fd);
    close_now (router);
}

/* No handshake, so no event of one. */
static void there_is_no_handshake_event (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    void *monitor =
        watch (context, pull, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    int fd = join_20 (pull, ZMQ_PUSH, "\x07", "");
    raw_send_text (fd, "x");
    RECV_TEXT (pull, "x");
    EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
    CHECK_QUIET (monitor);
    close (fd);
    unwatch (pull, monitor);
    close_now (pull);
}

/* Old peers cannot prove anything: a socket with a mechanism refuses them. */
static void secure_sockets_refuse_old_peers (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_PLAIN_SERVER, 1);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, RAW_GREETING_20 "\x08\x00\x00\x00\x01x");
    RAW_EXPECT_CLOSE (fd);
    CHECK_QUIET (pull);
    close (fd);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (messages_go_both_ways);
    in_context (subscriptions_are_messages);
    in_context (publishers_filter);
    in_context (identities_are_frames);
    in_context (anonymous_peers_get_an_identity);
    in_context (a_request_goes_through);
    in_context (revision_zero_has_old_frames);
    in_context (there_is_no_handshake_event);
    in_context (secure_sockets_refuse_old_peers);
    return 0;
}
