/* What survives the loss of a connection on the connecting side: messages still queued go out on the
   next connection, complete inbound messages stay readable, subscriptions are sent again; a REQ's
   lost request is not (zmq_connect (3)). */

#include "monitor.h"
#include "raw_peer.h"

/* A socket of `type` connected to a raw listener, reconnecting at once. */
static void *connected_to_raw (void *context, int type, int *listener)
{
    char endpoint[256];
    void *socket = new_socket (context, type);
    *listener = raw_listen (endpoint);
    set_int (socket, ZMQ_RECONNECT_IVL, 1);
    connect_to (socket, endpoint);
    return socket;
}

static int accept_as (int listener, const char *type)
{
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, type, NULL);
    return fd;
}

/* Connections that end before or in the handshake cost no message. */
static void queued_messages_survive_failed_handshakes (void *context)
{
    int listener;
    void *push = connected_to_raw (context, ZMQ_PUSH, &listener);
    for (int i = 0; i < 5; i++)
        send_parts (push, "head", "tail", NULL);
    close (raw_accept (listener));
    int fd = raw_accept (listener);
    unsigned char greeting[64];
    RAW_SEND (fd, RAW_GREETING_31);
    RAW_READ (fd, greeting, sizeof greeting);
    close (fd);
    fd = accept_as (listener, "PULL");
    for (int i = 0; i < 5; i++)
        RAW_EXPECT (fd, "\x01\x04head\x00\x04tail");
    RAW_EXPECT_QUIET (fd);
    close (fd);
    close_now (push);
    close (listener);
}

/* Sent in the gap between two connections. */
static void messages_of_the_gap_are_kept (void *context)
{
    int listener;
    void *push = connected_to_raw (context, ZMQ_PUSH, &listener);
    void *monitor = watch (context, push, ZMQ_EVENT_DISCONNECTED);
    int fd = accept_as (listener, "PULL");
    for (int round = 0; round < 3; round++) {
        close (fd);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        for (int i = 0; i < 5; i++)
            send_text (push, "gap", ZMQ_DONTWAIT);
        fd = accept_as (listener, "PULL");
        for (int i = 0; i < 5; i++)
            RAW_EXPECT (fd, "\x00\x03gap");
    }
    close (fd);
    unwatch (push, monitor);
    close_now (push);
    close (listener);
}

/* Of many big messages some are lost with the connection; the rest comes whole, in order, to the
   last. */
static void the_rest_of_a_queue_is_kept (void *context)
{
    enum { MESSAGES = 64, SIZE = 65536 };
    static unsigned char body[SIZE], head[9];
    char endpoint[256];
    int small = 4096, listener = raw_listen (endpoint);
    CHECK_OK (setsockopt (listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small));
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_SNDBUF, small);
    set_int (push, ZMQ_RECONNECT_IVL, 1);
    connect_to (push, endpoint);
    for (int i = 0; i < MESSAGES; i++) {
        body[0] = (unsigned char) i;
        CHECK_INT (zmq_send (push, body, SIZE, ZMQ_DONTWAIT), SIZE);
    }
    int fd = accept_as (listener, "PULL");
    RAW_READ (fd, head, sizeof head);
    close (fd);
    fd = accept_as (listener, "PULL");
    for (int expected = -1; expected != MESSAGES; expected++) {
        RAW_READ (fd, head, sizeof head);
        CHECK (memcmp (head, "\x02\0\0\0\0\0\x01\0\0", 9) == 0);
        RAW_READ (fd, body, SIZE);
        if (expected < 0)
            expected = body[0];
        CHECK (expected > 0 && expected < MESSAGES / 2 + body[0]);
        CHECK_INT (body[0], expected);
    }
    RAW_EXPECT_QUIET (fd);
    close (fd);
    close_now (push);
    close (listener);
}

static void received_messages_stay_readable (void *context)
{
    int listener;
    void *pull = connected_to_raw (context, ZMQ_PULL, &listener);
    void *monitor = watch (context, pull, ZMQ_EVENT_DISCONNECTED);
    int fd = accept_as (listener, "PUSH");
    raw_send_text (fd, "whole");
    RAW_SEND (fd, "\x01\x01" "a" "\x00\x01" "b");
    RAW_SEND (fd, "\x01\x04half");
    RAW_SEND (fd, "\x00\x08quarter");
    close (fd);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    RECV_TEXT (pull, "whole");
    RECV_PARTS (pull, "a", "b", NULL);
    fd = accept_as (listener, "PUSH");
    raw_send_text (fd, "next");
    RECV_TEXT (pull, "next");
    CHECK_QUIET (pull);
    close (fd);
    unwatch (pull, monitor);
    close_now (pull);
    close (listener);
}

static void subscriptions_are_sent_again (void *context)
{
    int listener;
    void *sub = connected_to_raw (context, ZMQ_SUB, &listener);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "gone", 4));
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "kept", 4));
    int fd = accept_as (listener, "PUB");
    RAW_EXPECT (fd, "\x04\x0e\x09SUBSCRIBEgone\x04\x0e\x09SUBSCRIBEkept");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "gone", 4));
    RAW_EXPECT (fd, "\x04\x0b\x06" "CANCELgone");
    for (int i = 0; i < 3; i++) {
        close (fd);
        fd = accept_as (listener, "PUB");
        raw_await_bytes (fd, sub);
        RAW_EXPECT (fd, "\x04\x0e\x09SUBSCRIBEkept");
        raw_send_text (fd, "kept going");
        RECV_TEXT (sub, "kept going");
        RAW_EXPECT_QUIET (fd);
    }
    close (fd);
    close_now (sub);
    close (listener);
}

/* The same from an XSUB, whose application spoke of subscriptions in messages. */
static void an_xsub_sends_them_again_too (void *context)
{
    int listener;
    void *xsub = connected_to_raw (context, ZMQ_XSUB, &listener);
    send_text (xsub, "\x01" "A", 0);
    int fd = accept_as (listener, "XPUB");
    RAW_EXPECT (fd, "\x00\x02\x01" "A");
    close (fd);
    fd = accept_as (listener, "XPUB");
    raw_await_bytes (fd, xsub);
    RAW_EXPECT (fd, "\x04\x0b\x09SUBSCRIBEA");
    close (fd);
    close_now (xsub);
    close (listener);
}

static void a_lost_request_is_not_repeated (void *context)
{
    int listener;
    void *req = connected_to_raw (context, ZMQ_REQ, &listener);
    int fd = accept_as (listener, "REP");
    send_text (req, "question", 0);
    RAW_EXPECT (fd, "\x01\x00\x00\x08question");
    close (fd);
    fd = accept_as (listener, "REP");
    RAW_EXPECT_QUIET (fd);
    CHECK (!ready_within (req, ZMQ_POLLIN | ZMQ_POLLOUT, 0));
    CHECK_ERRNO (zmq_send (req, "another", 7, ZMQ_DONTWAIT), EFSM);
    CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close (fd);
    close_now (req);
    close (listener);
}

/* A queued request, though, waits for a peer. */
static void a_queued_request_is_kept (void *context)
{
    int listener;
    void *req = connected_to_raw (context, ZMQ_REQ, &listener);
    send_text (req, "question", 0);
    close (raw_accept (listener));
    int fd = accept_as (listener, "REP");
    RAW_EXPECT (fd, "\x01\x00\x00\x08question");
    RAW_SEND (fd, "\x01\x00\x00\x06" "answer");
    RECV_TEXT (req, "answer");
    close (fd);
    close_now (req);
    close (listener);
}

int main (void)
{
    begin_test ();
    in_context (queued_messages_survive_failed_handshakes);
    in_context (messages_of_the_gap_are_kept);
    in_context (the_rest_of_a_queue_is_kept);
    in_context (received_messages_stay_readable);
    in_context (subscriptions_are_sent_again);
    in_context (an_xsub_sends_them_again_too);
    in_context (a_lost_request_is_not_repeated);
    in_context (a_queued_request_is_kept);
    return 0;
}
