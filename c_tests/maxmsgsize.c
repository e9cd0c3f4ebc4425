/* ZMQ_MAXMSGSIZE: an inbound part above the limit ends the connection it came on, the limit counts for
   each part, for handshake commands too, and not for what is sent or for inproc (zmq_setsockopt
   (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void set_limit (void *socket, int64_t limit)
{
    int64_t got = 0;
    size_t size = sizeof got;
    CHECK_OK (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &limit, sizeof limit));
    CHECK_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &got, &size));
    CHECK_INT (got, limit);
}

static void the_option_has_eight_bytes (void *context)
{
    int64_t value = 0;
    size_t size = sizeof value;
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &value, &size));
    CHECK_INT (value, -1);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &value, 4), EINVAL);
    size = 4;
    CHECK_ERRNO (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &value, &size), EINVAL);
    set_limit (socket, 0);
    set_limit (socket, INT64_C (1) << 40);
    set_limit (socket, -1);
    close_now (socket);
}

/* Of exactly the limit: fine. One more: the header alone ends the connection. */
static void bigger_parts_end_the_connection (void *context)
{
    static const struct {
        int64_t limit;
        const char *head;
        size_t head_size;
    } rows[] = {
        {50, "\x00\x33", 2},
        {50, "\x01\x33", 2},
        {300, "\x02\0\0\0\0\0\0\x01\x2d", 9},
        {300, "\x02\x7f\xff\xff\xff\xff\xff\xff\xff", 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256], body[300], back[301];
        void *pull = new_socket (context, ZMQ_PULL);
        set_limit (pull, rows[i].limit);
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, pull, ALL_BUT_STOPPED);
        int fd = raw_join (endpoint, "PUSH", NULL), other = raw_join (endpoint, "PUSH", NULL);
        for (int k = 0; k < 2; k++)
            AWAIT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        memset (body, 'm', sizeof body);
        raw_send_frame (fd, RAW_MORE, body, (size_t) rows[i].limit);
        raw_send_frame (fd, 0, body, (size_t) rows[i].limit);
        CHECK_INT (recv_part (pull, back, sizeof back), rows[i].limit);
        CHECK_INT (recv_part (pull, back, sizeof back), rows[i].limit);
        raw_send (fd, rows[i].head, rows[i].head_size);
        RAW_EXPECT_CLOSE (fd);
        AWAIT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        CHECK_QUIET (monitor);
        raw_send_text (other, "unharmed");
        RECV_TEXT (pull, "unharmed");
        close (fd);
        close (other);
        unwatch (pull, monitor);
        close_now (pull);
    }
}

/* A READY of 41 bytes does not fit in 10. */
static void handshake_commands_are_limited (void *context)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_limit (router, 10);
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, RAW_GREETING_31);
    raw_send_ready (fd, "DEALER", "");
    RAW_EXPECT_CLOSE (fd);
    close (fd);
    close_now (router);
}

/* What goes out is not limited. */
static void sending_is_not_limited (void *context)
{
    static char body[1000], back[1000];
    char endpoint[256];
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_limit (push, 100);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    connect_to (push, endpoint);
    CHECK_INT (zmq_send (push, body, sizeof body, 0), sizeof body);
    CHECK_INT (recv_part (pull, back, sizeof back), sizeof back);
    close_now (push);
    close_now (pull);
}

static void inproc_is_not_limited (void *context)
{
    static char body[1000];
    char endpoint[256];
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_limit (pull, 10);
    bind_to (pull, "inproc://unlimited", endpoint);
    connect_to (push, endpoint);
    CHECK_INT (zmq_send (push, body, sizeof body, 0), sizeof body);
    CHECK_INT (recv_part (pull, body, sizeof body), sizeof body);
    close_now (push);
    close_now (pull);
}

/* A stream has no parts to limit. */
static void streams_are_not_limited (void *context)
{
    char endpoint[256], id[16], text[64];
    void *stream = new_socket (context, ZMQ_STREAM);
    size_t got = 0;
    set_limit (stream, 3);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    CHECK_INT (recv_part (stream, id, sizeof id), 5);
    RECV_TEXT (stream, "");
    RAW_SEND (fd, "ten bytes!");
    while (got < 10) {
        CHECK_INT (recv_part (stream, id, sizeof id), 5);
        got += (size_t) recv_part (stream, text + got, sizeof text - got);
    }
    CHECK (memcmp (text, "ten bytes!", 10) == 0);
    close (fd);
    close_now (stream);
}

int main (void)
{
    begin_test ();
    in_context (the_option_has_eight_bytes);
    in_context (bigger_parts_end_the_connection);
    in_context (handshake_commands_are_limited);
    in_context (sending_is_not_limited);
    in_context (inproc_is_not_limited);
    in_context (streams_are_not_limited);
    return 0;
}
