/* zmq_poll on sockets: events and revents, duplicates, empty masks, timeouts, no items, and errors
   (zmq_poll (3)). */

#include "testing.h"

static void readiness_is_reported (void *context, const char *address)
{
    void *pull, *push;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 77}, {push, 0, ZMQ_POLLOUT, 77}};
    CHECK_INT (zmq_poll (items, 2, 0), 1);
    CHECK_INT (items[0].revents, 0);
    CHECK_INT (items[1].revents, ZMQ_POLLOUT);
    send_text (push, "x", 0);
    CHECK_INT (zmq_poll (items, 1, PATIENCE_MS), 1);
    CHECK_INT (zmq_poll (items, 2, 0), 2);
    CHECK_INT (items[0].revents, ZMQ_POLLIN);
    CHECK_INT (items[1].revents, ZMQ_POLLOUT);
    CHECK_INT (zmq_poll (items, 1, -1), 1);
    RECV_TEXT (pull, "x");
    CHECK_INT (zmq_poll (items, 1, 0), 0);
    CHECK_INT (items[0].revents, 0);
    close_now (push);
    close_now (pull);
}

/* Only what was asked for, and never POLLERR or POLLPRI. */
static void revents_is_part_of_events (void *context)
{
    static const struct {
        short events, revents;
    } rows[] = {
        {0, 0},
        {ZMQ_POLLIN, ZMQ_POLLIN},
        {ZMQ_POLLOUT, ZMQ_POLLOUT},
        {ZMQ_POLLIN | ZMQ_POLLOUT, ZMQ_POLLIN | ZMQ_POLLOUT},
        {ZMQ_POLLERR, 0},
        {ZMQ_POLLPRI, 0},
        {ZMQ_POLLERR | ZMQ_POLLPRI | ZMQ_POLLIN, ZMQ_POLLIN},
    };
    void *one, *other;
    connected_pair (context, "inproc://x", ZMQ_PAIR, &one, ZMQ_PAIR, &other);
    send_text (other, "x", 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        zmq_pollitem_t item = {one, -1, rows[i].events, -1};
        CHECK_INT (zmq_poll (&item, 1, 0), rows[i].revents ? 1 : 0);
        CHECK_INT (item.revents, rows[i].revents);
    }
    close_now (one);
    close_now (other);
}

/* The descriptor of an item with a socket is not looked at. */
static void the_descriptor_is_ignored (void *context)
{
    void *pull, *push;
    connected_pair (context, "inproc://x", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    zmq_pollitem_t item = {pull, 999999, ZMQ_POLLIN, 0};
    CHECK_INT (zmq_poll (&item, 1, 0), 0);
    send_text (push, "x", 0);
    CHECK_INT (zmq_poll (&item, 1, 0), 1);
    close_now (push);
    close_now (pull);
}

static void duplicates_count_each (void *context)
{
    void *one, *other;
    connected_pair (context, "inproc://x", ZMQ_PAIR, &one, ZMQ_PAIR, &other);
    send_text (other, "x", 0);
    zmq_pollitem_t items[] = {{one, 0, ZMQ_POLLIN, 0},
                              {one, 0, ZMQ_POLLIN, 0},
                              {one, 0, ZMQ_POLLOUT, 0},
                              {one, 0, 0, 0}};
    CHECK_INT (zmq_poll (items, 4, PATIENCE_MS), 3);
    CHECK_INT (items[0].revents, ZMQ_POLLIN);
    CHECK_INT (items[1].revents, ZMQ_POLLIN);
    CHECK_INT (items[2].revents, ZMQ_POLLOUT);
    CHECK_INT (items[3].revents, 0);
    close_now (one);
    close_now (other);
}

static void timeouts_are_waited_for (void *context)
{
    static const long times[] = {0, 1, 120};
    void *pull = new_socket (context, ZMQ_PULL), *sub = new_socket (context, ZMQ_SUB);
    for (int i = 0; i < 3; i++)
        for (int nitems = 0; nitems <= 2; nitems++) {
            zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 1}, {sub, 0, ZMQ_POLLIN, 1}};
            double start = now_ms ();
            CHECK_INT (zmq_poll (items, nitems, times[i]), 0);
            CHECK (now_ms () - start > (double) times[i] - 3);
            for (int j = 0; j < nitems; j++)
                CHECK_INT (items[j].revents, 0);
        }
    close_now (pull);
    close_now (sub);
}

static void no_items_need_no_array (void *context)
{
    (void) context;
    CHECK_INT (zmq_poll (NULL, 0, 0), 0);
    CHECK_INT (zmq_poll (NULL, 0, 20), 0);
}

static void bad_arguments_are_refused (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    int nonsense[64] = {0};
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 0}, {nonsense, 0, ZMQ_POLLIN, 0}};
    CHECK_ERRNO (zmq_poll (items, -1, 0), EINVAL);
    CHECK_ERRNO (zmq_poll (NULL, 1, 0), EFAULT);
    CHECK_ERRNO (zmq_poll (items, 2, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_poll (items, 2, -1), ENOTSOCK);
    close_now (pull);
}

struct sender {
    void *socket;
    pid_t poller;
};

static void *send_when_asleep (void *argument)
{
    struct sender *sender = argument;
    await_asleep (sender->poller);
    send_text (sender->socket, "wake up", 0);
    return NULL;
}

/* A waiting poll is woken by the message, out of many sockets. */
static void a_message_wakes_a_waiting_poll (void *context, const char *address)
{
    enum { COUNT = 20 };
    void *idle[COUNT - 1], *pull;
    struct sender sender = {NULL, gettid ()};
    zmq_pollitem_t items[COUNT] = {{0}};
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &sender.socket);
    for (int i = 0; i < COUNT - 1; i++) {
        idle[i] = new_socket (context, ZMQ_PULL);
        items[i] = (zmq_pollitem_t){idle[i], 0, ZMQ_POLLIN, 0};
    }
    items[COUNT - 1] = (zmq_pollitem_t){pull, 0, ZMQ_POLLIN, 0};
    pthread_t thread = start_thread (send_when_asleep, &sender);
    CHECK_INT (zmq_poll (items, COUNT, PATIENCE_MS), 1);
    CHECK_INT (items[COUNT - 1].revents, ZMQ_POLLIN);
    join_thread (thread);
    for (int i = 0; i < COUNT - 1; i++)
        close_now (idle[i]);
    close_now (sender.socket);
    close_now (pull);
}

/* It is the state that counts, however often it is asked for. */
static void readiness_is_level_triggered (void *context, const char *address)
{
    void *pull, *push;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < 3; i++)
        send_text (push, "x", 0);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
        RECV_TEXT (pull, "x");
    }
    CHECK (!ready_within (pull, ZMQ_POLLIN, 0));
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (readiness_is_reported);
    in_context (revents_is_part_of_events);
    in_context (the_descriptor_is_ignored);
    in_context (duplicates_count_each);
    in_context (timeouts_are_waited_for);
    in_context (no_items_need_no_array);
    in_context (bad_arguments_are_refused);
    over_transports (a_message_wakes_a_waiting_poll);
    over_transports (readiness_is_level_triggered);
    return 0;
}
