/* ZMQ_FD becomes readable when something happened since the socket last looked, not while messages
   wait: after a wake-up ZMQ_EVENTS tells what to do, and reading goes on until EAGAIN (zmq_getsockopt
   (3)). */

#include "testing.h"

#include <poll.h>

static int fd_readable_within (int fd, int ms)
{
    struct pollfd item = {fd, POLLIN, 0};
    int n = poll (&item, 1, ms);
    CHECK (n >= 0);
    return n > 0;
}

/* A pair over inproc, with nothing pending for the PULL. */
static int quiet_pair (void *context, void **pull, void **push)
{
    connected_pair (context, "inproc://edge", ZMQ_PULL, pull, ZMQ_PUSH, push);
    int fd = get_int (*pull, ZMQ_FD);
    CHECK (fd >= 0);
    CHECK_INT (get_int (*pull, ZMQ_EVENTS), 0);
    CHECK (!fd_readable_within (fd, 0));
    return fd;
}

static void the_descriptor_stays_the_same (void *context)
{
    void *pull, *push;
    int fd = quiet_pair (context, &pull, &push), wide[2] = {0, -1};
    size_t size = sizeof wide;
    CHECK_INT (get_int (pull, ZMQ_FD), fd);
    CHECK_OK (zmq_getsockopt (pull, ZMQ_FD, wide, &size));
    CHECK_INT (size, sizeof (int));
    CHECK_INT (wide[0], fd);
    size = 1;
    CHECK_ERRNO (zmq_getsockopt (pull, ZMQ_FD, wide, &size), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (pull, ZMQ_FD, &fd, sizeof fd), EINVAL);
    close_now (push);
    close_now (pull);
}

/* Two messages wake once; with one left the descriptor is silent though POLLIN holds; the next send
   does not wake before the reader has met an empty queue. */
static void only_the_first_message_wakes (void *context)
{
    void *pull, *push;
    int fd = quiet_pair (context, &pull, &push);
    send_text (push, "one", 0);
    send_text (push, "two", 0);
    CHECK (fd_readable_within (fd, PATIENCE_MS));
    CHECK_INT (get_int (pull, ZMQ_EVENTS), ZMQ_POLLIN);
    CHECK (!fd_readable_within (fd, 0));
    RECV_TEXT (pull, "one");
    CHECK (!fd_readable_within (fd, 0));
    CHECK_INT (get_int (pull, ZMQ_EVENTS), ZMQ_POLLIN);
    send_text (push, "three", 0);
    CHECK (!fd_readable_within (fd, QUIET_MS));
    RECV_TEXT (pull, "two");
    RECV_TEXT (pull, "three");
    CHECK_ERRNO (zmq_recv (pull, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK_INT (get_int (pull, ZMQ_EVENTS), 0);
    send_text (push, "four", 0);
    CHECK (fd_readable_within (fd, PATIENCE_MS));
    CHECK_INT (get_int (pull, ZMQ_EVENTS), ZMQ_POLLIN);
    RECV_TEXT (pull, "four");
    close_now (push);
    close_now (pull);
}

/* Until somebody looks, the descriptor stays readable; setting options is not looking. */
static void the_wake_up_stays_until_seen (void *context)
{
    void *pull, *push;
    int fd = quiet_pair (context, &pull, &push);
    send_text (push, "x", 0);
    for (int i = 0; i < 3; i++) {
        CHECK (fd_readable_within (fd, PATIENCE_MS));
        set_int (pull, ZMQ_RCVTIMEO, i);
        CHECK_INT (get_int (pull, ZMQ_TYPE), ZMQ_PULL);
    }
    CHECK_INT (zmq_recv (pull, NULL, 0, ZMQ_DONTWAIT), 1);
    CHECK_ERRNO (zmq_recv (pull, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK (!fd_readable_within (fd, 0));
    close_now (push);
    close_now (pull);
}

/* Other calls look, too, and may swallow the wake-up: the events are there all the same. */
static void other_calls_consume_the_wake_up (void *context)
{
    void *pull, *push;
    int fd = quiet_pair (context, &pull, &push);
    send_text (push, "x", 0);
    CHECK (fd_readable_within (fd, PATIENCE_MS));
    CHECK_OK (zmq_bind (pull, "inproc://another"));
    CHECK (!fd_readable_within (fd, 0));
    CHECK_INT (get_int (pull, ZMQ_EVENTS), ZMQ_POLLIN);
    RECV_TEXT (pull, "x");
    close_now (push);
    close_now (pull);
}

/* Room for sending is told by readability as well: the reader acknowledges after half of HWM. */
static void room_to_send_wakes (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    set_int (pull, ZMQ_RCVHWM, 2);
    set_int (push, ZMQ_SNDHWM, 2);
    bind_to (pull, "inproc://room", endpoint);
    connect_to (push, endpoint);
    int fd = get_int (push, ZMQ_FD);
    for (int i = 0; i < 4; i++)
        send_text (push, "x", ZMQ_DONTWAIT);
    CHECK_INT (get_int (push, ZMQ_EVENTS), 0);
    CHECK (!fd_readable_within (fd, 0));
    for (int i = 0; i < 4; i++)
        RECV_TEXT (pull, "x");
    CHECK (fd_readable_within (fd, PATIENCE_MS));
    CHECK_INT (get_int (push, ZMQ_EVENTS), ZMQ_POLLOUT);
    close_now (push);
    close_now (pull);
}

enum { MESSAGES = 3000 };

static void *send_many (void *push)
{
    char text[16];
    for (int i = 0; i < MESSAGES; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (push, text, 0);
    }
    return NULL;
}

/* The loop every program with ZMQ_FD has, with a sender at work: it never misses a message. */
static void an_event_loop_gets_everything (void *context, const char *address)
{
    void *pull, *push;
    int received = 0;
    char text[16], expected[16];
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    int fd = get_int (pull, ZMQ_FD);
    pthread_t thread = start_thread (send_many, push);
    while (received < MESSAGES) {
        while (get_int (pull, ZMQ_EVENTS) & ZMQ_POLLIN) {
            int n = zmq_recv (pull, text, sizeof text, ZMQ_DONTWAIT);
            snprintf (expected, sizeof expected, "%d", received++);
            CHECK_INT (n, strlen (expected));
            CHECK (memcmp (text, expected, (size_t) n) == 0);
        }
        if (received < MESSAGES)
            CHECK (fd_readable_within (fd, PATIENCE_MS));
    }
    join_thread (thread);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (the_descriptor_stays_the_same);
    in_context (only_the_first_message_wakes);
    in_context (the_wake_up_stays_until_seen);
    in_context (other_calls_consume_the_wake_up);
    in_context (room_to_send_wakes);
    over_transports (an_event_loop_gets_everything);
    return 0;
}
