/* ZMQ_HANDSHAKE_IVL: a peer that does not finish the handshake in time is closed, on the accepting and
   on the connecting side, and 0 waits for ever (zmq_setsockopt (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void the_option_has_limits (void *context)
{
    void *socket = new_socket (context, ZMQ_PULL);
    int value = -1;
    CHECK_INT (get_int (socket, ZMQ_HANDSHAKE_IVL), 30000);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_HANDSHAKE_IVL, &value, sizeof value), EINVAL);
    set_int (socket, ZMQ_HANDSHAKE_IVL, 0);
    CHECK_INT (get_int (socket, ZMQ_HANDSHAKE_IVL), 0);
    close_now (socket);
}

#define BYTES(literal) literal, sizeof (literal) - 1

/* What a peer may have said when it falls silent. */
static const struct {
    const char *bytes;
    size_t size;
} UNFINISHED[] = {
    {BYTES ("")},
    {BYTES ("\xff\0\0\0")},
    {BYTES (RAW_SIGNATURE)},
    {BYTES (RAW_SIGNATURE "\x03\x01" "NU")},
    {BYTES (RAW_GREETING_31)},
    {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY")},
};
#define UNFINISHED_COUNT (sizeof UNFINISHED / sizeof *UNFINISHED)

static void silent_clients_are_closed (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_HANDSHAKE_IVL, 150);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, pull,
                           ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_DISCONNECTED);
    for (size_t i = 0; i < UNFINISHED_COUNT; i++) {
        double start = now_ms ();
        int fd = raw_connect (endpoint);
        raw_send (fd, UNFINISHED[i].bytes, UNFINISHED[i].size);
        RAW_EXPECT_CLOSE (fd);
        CHECK (now_ms () - start > 145);
        close (fd);
        EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    }
    unwatch (pull, monitor);
    close_now (pull);
}

/* The connecting side tries again. */
static void silent_servers_are_left (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_HANDSHAKE_IVL, 150);
    set_int (push, ZMQ_RECONNECT_IVL, 1);
    connect_to (push, endpoint);
    for (size_t i = 0; i < UNFINISHED_COUNT; i++) {
        int fd = raw_accept (listener);
        raw_send (fd, UNFINISHED[i].bytes, UNFINISHED[i].size);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
    }
    close_now (push);
    close (listener);
}

/* 0: nobody is in a hurry. */
static void zero_waits_on (void *context)
{
    char endpoint[256];
    unsigned char greeting[64];
    void *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_HANDSHAKE_IVL, 0);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_EXPECT (fd, RAW_SIGNATURE);
    CHECK (!raw_ready_within (fd, 400));
    RAW_SEND (fd, RAW_GREETING_31);
    RAW_READ (fd, greeting, 54);
    RAW_EXPECT (fd, "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PULL");
    CHECK (!raw_ready_within (fd, 400));
    raw_send_ready (fd, "PUSH", NULL);
    raw_send_text (fd, "at last");
    RECV_TEXT (pull, "at last");
    close (fd);
    close_now (pull);
}

/* Once finished, the connection may be silent as long as it likes. */
static void a_finished_handshake_has_no_limit (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_HANDSHAKE_IVL, 1000);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PUSH", NULL);
    CHECK (!raw_ready_within (fd, 1500));
    raw_send_text (fd, "still here");
    RECV_TEXT (pull, "still here");
    close (fd);
    close_now (pull);
}

/* Raw connections have no handshake, and no timer. */
static void streams_have_no_handshake (void *context)
{
    char endpoint[256], id[16];
    void *stream = new_socket (context, ZMQ_STREAM);
    set_int (stream, ZMQ_HANDSHAKE_IVL, 100);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    CHECK_INT (recv_part (stream, id, sizeof id), 5);
    RECV_TEXT (stream, "");
    CHECK (!raw_ready_within (fd, 400));
    RAW_SEND (fd, "late");
    CHECK_INT (recv_part (stream, id, sizeof id), 5);
    RECV_TEXT (stream, "late");
    close (fd);
    close_now (stream);
}

int main (void)
{
    begin_test ();
    in_context (the_option_has_limits);
    in_context (silent_clients_are_closed);
    in_context (silent_servers_are_left);
    in_context (zero_waits_on);
    in_context (a_finished_handshake_has_no_limit);
    in_context (streams_have_no_handshake);
    return 0;
}
