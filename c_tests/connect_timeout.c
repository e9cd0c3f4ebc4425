/* ZMQ_CONNECT_TIMEOUT bounds one attempt to connect; on expiry it is closed and retried
   (zmq_setsockopt (3)). A listener whose backlog is full answers nobody. */

#include "monitor.h"
#include "raw_peer.h"

enum { FILLERS = 8 };

struct deaf_listener {
    char endpoint[256];
    int listener, fillers[FILLERS], count;
};

/* Fills a backlog until a connection is left without an answer. */
static void make_deaf (struct deaf_listener *deaf)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    deaf->listener = raw_reserve (deaf->endpoint);
    CHECK_OK (listen (deaf->listener, 0));
    CHECK_OK (getsockname (deaf->listener, (struct sockaddr *) &address, &size));
    for (deaf->count = 0; deaf->count < FILLERS;) {
        int fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        CHECK (fd >= 0);
        deaf->fillers[deaf->count++] = fd;
        connect (fd, (struct sockaddr *) &address, sizeof address);
        struct pollfd item = {fd, POLLOUT, 0};
        if (poll (&item, 1, 200) == 0)
            return;
    }
    SKIP ("a full backlog still answers here");
}

static void stop_filling (struct deaf_listener *deaf)
{
    while (deaf->count > 0)
        close (deaf->fillers[--deaf->count]);
}

static void the_option_has_limits (void *context)
{
    void *socket = new_socket (context, ZMQ_PUSH);
    int value = -1;
    CHECK_INT (get_int (socket, ZMQ_CONNECT_TIMEOUT), 0);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_CONNECT_TIMEOUT, &value, sizeof value), EINVAL);
    set_int (socket, ZMQ_CONNECT_TIMEOUT, 250);
    CHECK_INT (get_int (socket, ZMQ_CONNECT_TIMEOUT), 250);
    close_now (socket);
}

/* Every attempt is given up after its time, not before. */
static void attempts_are_given_up (void *context)
{
    struct deaf_listener deaf;
    make_deaf (&deaf);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_CONNECT_TIMEOUT, 150);
    set_int (push, ZMQ_RECONNECT_IVL, 10);
    void *monitor = watch (context, push, ALL_BUT_STOPPED);
    double start = now_ms ();
    connect_to (push, deaf.endpoint);
    for (int i = 1; i <= 3; i++) {
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED).value, EINPROGRESS);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
        CHECK (now_ms () - start > i * 145);
    }
    unwatch (push, monitor);
    close_now (push);
    stop_filling (&deaf);
    close (deaf.listener);
}

/* 0 leaves the attempt to the system, which takes much longer. */
static void zero_waits_on (void *context)
{
    struct deaf_listener deaf;
    make_deaf (&deaf);
    void *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, push, ALL_BUT_STOPPED);
    connect_to (push, deaf.endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
    CHECK (!ready_within (monitor, ZMQ_POLLIN, 600));
    unwatch (push, monitor);
    close_now (push);
    stop_filling (&deaf);
    close (deaf.listener);
}

/* The listener hears again: one of the next attempts succeeds. */
static void a_later_attempt_succeeds (void *context)
{
    struct deaf_listener deaf;
    make_deaf (&deaf);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_CONNECT_TIMEOUT, 150);
    set_int (push, ZMQ_RECONNECT_IVL, 10);
    void *monitor = watch (context, push, ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED);
    connect_to (push, deaf.endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    int fd = raw_accept (deaf.listener);
    close (fd);
    stop_filling (&deaf);
    CHECK_OK (listen (deaf.listener, 16));
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    unwatch (push, monitor);
    close_now (push);
    close (deaf.listener);
}

int main (void)
{
    begin_test ();
    in_context (the_option_has_limits);
    in_context (attempts_are_given_up);
    in_context (zero_waits_on);
    in_context (a_later_attempt_succeeds);
    return 0;
}
