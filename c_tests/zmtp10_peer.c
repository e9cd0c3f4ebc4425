/* A 1.0 peer sends no greeting but its identity in a 1.0 frame; the library's signature is the head of
   its own identity frame, and traffic follows in 1.0 frames (RFC 13). */

#include "raw_peer.h"

#define ANONYMOUS "\x01\x00"

static int join_10 (void *socket)
{
    char endpoint[256];
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, ANONYMOUS);
    RAW_EXPECT (fd, RAW_SIGNATURE);
    return fd;
}

static void messages_go_both_ways (void *context)
{
    void *pair = new_socket (context, ZMQ_PAIR);
    int fd = join_10 (pair);
    RAW_SEND (fd, "\x03\x01hi\x06\x00there\x01\x00");
    RECV_PARTS (pair, "hi", "there", NULL);
    RECV_PARTS (pair, "", NULL);
    send_parts (pair, "and", "back", "", NULL);
    RAW_EXPECT (fd, "\x04\x01" "and\x05\x01" "back\x01\x00");
    close (fd);
    close_now (pair);
}

/* 253 bytes fit the short form, 254 do not; a long form may be short. */
static void frames_have_short_and_long_heads (void *context)
{
    static char body[300], back[300];
    void *pair = new_socket (context, ZMQ_PAIR);
    int fd = join_10 (pair);
    memset (body, 'z', sizeof body);
    CHECK_INT (zmq_send (pair, body, 253, 0), 253);
    RAW_EXPECT (fd, "\xfe\x00");
    raw_expect_at (fd, body, 253, __FILE__, __LINE__);
    CHECK_INT (zmq_send (pair, body, 254, 0), 254);
    RAW_EXPECT (fd, "\xff\0\0\0\0\0\0\x00\xff\x00");
    raw_expect_at (fd, body, 254, __FILE__, __LINE__);
    RAW_SEND (fd, "\xfe\x00");
    raw_send (fd, body, 253);
    CHECK_INT (recv_part (pair, back, sizeof back), 253);
    CHECK (memcmp (body, back, 253) == 0);
    RAW_SEND (fd, "\xff\0\0\0\0\0\0\x01\x2d\x00");
    raw_send (fd, body, 300);
    CHECK_INT (recv_part (pair, back, sizeof back), 300);
    CHECK (memcmp (body, back, 300) == 0);
    RAW_SEND (fd, "\xff\0\0\0\0\0\0\0\x03\x00ok");
    RECV_TEXT (pair, "ok");
    close (fd);
    close_now (pair);
}

/* Only the more bit of the flags counts. */
static void other_flags_are_ignored (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    int fd = join_10 (pull);
    RAW_SEND (fd, "\x02\x7f" "a\x02\xfe" "b");
    RECV_PARTS (pull, "a", "b", NULL);
    close (fd);
    close_now (pull);
}

static void a_sub_sends_messages (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *sub = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "AB", 2));
    connect_to (sub, endpoint);
    int fd = raw_accept (listener);
    RAW_SEND (fd, ANONYMOUS);
    RAW_EXPECT (fd, RAW_SIGNATURE "\x04\x00\x01" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "AB", 2));
    RAW_EXPECT (fd, "\x04\x00\x00" "AB");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "", 0));
    RAW_EXPECT (fd, "\x02\x00\x01");
    RAW_SEND (fd, "\x03\x01hi\x06\x00there");
    RECV_PARTS (sub, "hi", "there", NULL);
    close (fd);
    close_now (sub);
    close (listener);
}

/* Old subscribers filter by themselves, so they get everything. */
static void a_publisher_sends_everything (void *context)
{
    void *xpub = new_socket (context, ZMQ_XPUB);
    int fd = join_10 (xpub);
    RECV_TEXT (xpub, "\x01");
    send_parts (xpub, "A1", "body", NULL);
    send_text (xpub, "B1", 0);
    RAW_EXPECT (fd, "\x03\x01" "A1\x05\x00" "body\x03\x00" "B1");
    RAW_SEND (fd, "\x03\x00\x01" "A");
    RECV_TEXT (xpub, "\x01" "A");
    close (fd);
    close_now (xpub);
}

/* The signature is the head of our identity frame, and theirs may be short or long. */
static void identities_are_frames (void *context)
{
    for (int large = 0; large < 2; large++) {
        char endpoint[256];
        void *router = new_socket (context, ZMQ_ROUTER);
        CHECK_OK (zmq_setsockopt (router, ZMQ_ROUTING_ID, "RTR", 3));
        bind_to (router, "tcp://127.0.0.1:*", endpoint);
        int fd = raw_connect (endpoint);
        if (large)
            RAW_SEND (fd, "\xff\0\0\0\0\0\0\0\x05\x00peer");
        else
            RAW_SEND (fd, "\x05\x00peer");
        RAW_EXPECT (fd, "\xff\0\0\0\0\0\0\0\x04\x7fRTR");
        RAW_SEND (fd, "\x06\x00hello");
        RECV_PARTS (router, "peer", "hello", NULL);
        send_parts (router, "peer", "a", "b", NULL);
        RAW_EXPECT (fd, "\x02\x01" "a\x02\x00" "b");
        close (fd);
        close_now (router);
    }
}

static void a_request_goes_through (void *context)
{
    void *rep = new_socket (context, ZMQ_REP);
    int fd = join_10 (rep);
    RAW_SEND (fd, "\x01\x01\x09\x00question");
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    RAW_EXPECT (fd, "\x01\x01\x07\x00" "answer");
    close (fd);
    close_now (rep);
}

/* A length of zero has no room for the flags: the connection ends. */
static void a_frame_of_no_length_is_refused (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    int fd = join_10 (pull);
    RAW_SEND (fd, "\x02\x00" "x" "\x00");
    RAW_EXPECT_CLOSE (fd);
    RECV_TEXT (pull, "x");
    CHECK_QUIET (pull);
    close (fd);
    close_now (pull);
}

static void secure_sockets_refuse_old_peers (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_PLAIN_SERVER, 1);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, ANONYMOUS "\x02\x00x");
    RAW_EXPECT_CLOSE (fd);
    CHECK_QUIET (pull);
    close (fd);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (messages_go_both_ways);
    in_context (frames_have_short_and_long_heads);
    in_context (other_flags_are_ignored);
    in_context (a_sub_sends_messages);
    in_context (a_publisher_sends_everything);
    in_context (identities_are_frames);
    in_context (a_request_goes_through);
    in_context (a_frame_of_no_length_is_refused);
    in_context (secure_sockets_refuse_old_peers);
    return 0;
}
