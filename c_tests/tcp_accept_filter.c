/* ZMQ_TCP_ACCEPT_FILTER: with filters set, peers that match none are closed right after accept, with
   an ACCEPT_FAILED event; bad filters are EINVAL (zmq_setsockopt (3)). */

#include "monitor.h"
#include "raw_peer.h"

static int add_filter (void *socket, const char *filter)
{
    return zmq_setsockopt (socket, ZMQ_TCP_ACCEPT_FILTER, filter, strlen (filter));
}

static void filters_are_checked (void *context)
{
    static const struct {
        const char *filter;
        int valid;
    } rows[] = {
        {"127.0.0.1", 1},    {"127.0.0.1/32", 1}, {"10.0.0.0/8", 1}, {"0.0.0.0/0", 1},
        {"127.0.0.1/ 8", 1}, {"127.0.0.1/+8", 1}, {"127.0.0.1/8\n", 1}, {"127.0.0.1/00", 0},
        {"127.0.0.1/33", 0}, {"127.0.0.1/", 0},   {"127.0.0.1/-1", 0}, {"localhost", 0},
        {"::1", 0},          {"300.1.1.1", 0},    {"127.0.0.1:80", 0},
    };
    void *socket = new_socket (context, ZMQ_PULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        errno = 0;
        int result = add_filter (socket, rows[i].filter);
        if (result != (rows[i].valid ? 0 : -1) || (result && zmq_errno () != EINVAL))
            FAIL ("filter '%s' gives %d, %s", rows[i].filter, result,
                  zmq_strerror (zmq_errno ()));
    }
    char text[256];
    size_t size = sizeof text;
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_TCP_ACCEPT_FILTER, "127.0.0.1", 0), EINVAL);
    CHECK_ERRNO (zmq_getsockopt (socket, ZMQ_TCP_ACCEPT_FILTER, text, &size), EINVAL);
    CHECK_OK (zmq_setsockopt (socket, ZMQ_TCP_ACCEPT_FILTER, NULL, 0));
    close_now (socket);
}

/* A listener with two filters (NULL for none) and what becomes of a peer from 127.0.0.1. */
static void peer_is (void *context, const char *first, const char *second, int admitted)
{
    char endpoint[256];
    void *socket = new_socket (context, ZMQ_PULL);
    void *monitor = watch (context, socket, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED);
    if (first)
        CHECK_OK (add_filter (socket, first));
    if (second)
        CHECK_OK (add_filter (socket, second));
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    if (admitted) {
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        raw_handshake (fd, 1, "PUSH", NULL);
        raw_send_text (fd, "let in");
        RECV_TEXT (socket, "let in");
    } else {
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPT_FAILED);
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        char byte;
        CHECK (raw_ready_within (fd, PATIENCE_MS));
        CHECK (recv (fd, &byte, 1, 0) <= 0);
    }
    close (fd);
    unwatch (socket, monitor);
    close_now (socket);
}

static void filters_decide (void *context)
{
    peer_is (context, NULL, NULL, 1);
    peer_is (context, "127.0.0.1", NULL, 1);
    peer_is (context, "127.0.0.2", NULL, 0);
    peer_is (context, "127.0.0.0/8", NULL, 1);
    peer_is (context, "127.0.0.2/31", NULL, 0);
    peer_is (context, "127.0.0.0/31", NULL, 1);
    peer_is (context, "10.0.0.0/8", NULL, 0);
    peer_is (context, "0.0.0.0/0", NULL, 1);
    peer_is (context, "10.0.0.0/8", "127.0.0.1/32", 1);
    peer_is (context, "10.0.0.0/8", "11.0.0.0/8", 0);
}

static void clearing_admits_all_again (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    CHECK_OK (add_filter (pull, "10.0.0.1"));
    CHECK_OK (zmq_setsockopt (pull, ZMQ_TCP_ACCEPT_FILTER, NULL, 0));
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    connect_to (push, endpoint);
    send_text (push, "hello", 0);
    RECV_TEXT (pull, "hello");
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (filters_are_checked);
    in_context (filters_decide);
    in_context (clearing_admits_all_again);
    return 0;
}
