/* zmq_poll with a thread-safe (draft) socket among the items: objects are looked at once, and what may be
   asked is checked, as by a poller. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

enum { UNKNOWN = 16 };

/* Many sockets without a peer besides, as large sets go another way. */
enum { MANY = 40 };

static void masks_are_checked (void *context)
{
    void *server = new_socket (context, ZMQ_SERVER), *pull = new_socket (context, ZMQ_PULL);
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN | UNKNOWN, 0}, {server, 0, ZMQ_POLLIN, 0}};
    /* Without the SERVER, nobody minds. */
    CHECK_INT (zmq_poll (items, 1, 0), 0);
    CHECK_ERRNO (zmq_poll (items, 2, 0), EINVAL);
    items[0].events = ZMQ_POLLIN;
    CHECK_INT (zmq_poll (items, 2, 0), 0);
    items[1].events = UNKNOWN;
    CHECK_ERRNO (zmq_poll (items, 2, 0), EINVAL);
    CHECK_ERRNO (zmq_poll (items + 1, 1, 0), EINVAL);
    items[1].events = ZMQ_POLLIN | ZMQ_POLLOUT | ZMQ_POLLERR | ZMQ_POLLPRI;
    CHECK_INT (zmq_poll (items + 1, 1, 0), 1);
    CHECK_INT (items[1].revents, ZMQ_POLLOUT);
    close_now (pull);
    CHECK_ERRNO (zmq_poll (items, 2, 0), ENOTSOCK);
    close_now (server);
}

static void there_must_be_something_to_wait_for (void *context)
{
    int ends[2];
    void *server = new_socket (context, ZMQ_SERVER);
    CHECK_OK (pipe (ends));
    zmq_pollitem_t items[] = {{server, 0, 0, 0}, {NULL, ends[1], 0, 0}};
    CHECK_ERRNO (zmq_poll (items, 1, -1), EFAULT);
    CHECK_ERRNO (zmq_poll (items, 2, -1), EFAULT);
    double start = now_ms ();
    CHECK_INT (zmq_poll (items, 2, 60), 0);
    CHECK (now_ms () - start > 57);
    items[1].events = ZMQ_POLLOUT;
    CHECK_INT (zmq_poll (items, 2, -1), 1);
    CHECK_INT (items[1].revents, ZMQ_POLLOUT);
    close (ends[0]);
    close (ends[1]);
    close_now (server);
}

static void errors_are_told_to_those_who_ask (void *context)
{
    int ends[2];
    void *server = new_socket (context, ZMQ_SERVER);
    CHECK_OK (pipe (ends));
    close (ends[1]);
    zmq_pollitem_t items[] = {{server, 0, ZMQ_POLLIN, 0}, {NULL, ends[0], ZMQ_POLLIN, 0}};
    CHECK (zmq_poll (items, 2, 0) >= 0);
    CHECK_INT (items[1].revents, 0);
    items[1].events = ZMQ_POLLIN | ZMQ_POLLERR;
    CHECK_INT (zmq_poll (items, 2, PATIENCE_MS), 1);
    CHECK_INT (items[1].revents, ZMQ_POLLERR);
    /* Nor is anything told of what nobody asks about. */
    items[1].events = 0;
    CHECK_INT (zmq_poll (items, 2, 0), 0);
    CHECK_INT (items[1].revents, 0);
    close (ends[0]);
    close_now (server);
}

static void objects_are_counted_once (void *context, const char *address)
{
    int ends[2];
    void *server, *client;
    connected_pair (context, address, ZMQ_SERVER, &server, ZMQ_CLIENT, &client);
    CHECK_OK (pipe (ends));
    send_text (client, "x", 0);
    CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
    zmq_pollitem_t items[] = {{server, 0, ZMQ_POLLIN, 0},      {NULL, ends[1], ZMQ_POLLOUT, 0},
                              {server, 0, ZMQ_POLLOUT, 0},     {NULL, ends[1], ZMQ_POLLIN, 0},
                              {NULL, -1, ZMQ_POLLIN, 0},       {client, 0, ZMQ_POLLOUT, 0}};
    CHECK_INT (zmq_poll (items, 6, 0), 3);
    CHECK_INT (items[0].revents, ZMQ_POLLIN);
    CHECK_INT (items[1].revents, ZMQ_POLLOUT);
    CHECK_INT (items[2].revents, ZMQ_POLLOUT);
    CHECK_INT (items[3].revents, 0);
    CHECK_INT (items[4].revents, 0);
    CHECK_INT (items[5].revents, ZMQ_POLLOUT);
    CHECK_INT (zmq_poll (items, 6, -1), 3);
    close (ends[0]);
    close (ends[1]);
    close_now (client);
    close_now (server);
}

static void *send_when_asleep (void *argument)
{
    void **sender = argument;
    await_asleep (*(pid_t *) sender[1]);
    send_text (sender[0], "x", 0);
    return NULL;
}

/* Polled again and again, which large sets of other sockets are remembered for. */
static void many_are_polled_alike (void *context, const char *address)
{
    void *server, *client;
    zmq_pollitem_t items[MANY + 1];
    pid_t self = gettid ();
    connected_pair (context, address, ZMQ_SERVER, &server, ZMQ_CLIENT, &client);
    for (int i = 0; i < MANY; i++)
        items[i] = (zmq_pollitem_t) {new_socket (context, ZMQ_PULL), 0, ZMQ_POLLIN, 0};
    items[MANY] = (zmq_pollitem_t) {server, 0, ZMQ_POLLIN, 0};
    for (int i = 0; i < 3; i++) {
        char buffer[8];
        void *argument[] = {client, &self};
        pthread_t thread = start_thread (send_when_asleep, argument);
        CHECK_INT (zmq_poll (items, MANY + 1, -1), 1);
        CHECK_INT (items[MANY].revents, ZMQ_POLLIN);
        join_thread (thread);
        CHECK_INT (zmq_recv (server, buffer, sizeof buffer, 0), 1);
        items[0].events = UNKNOWN;
        CHECK_ERRNO (zmq_poll (items, MANY + 1, 0), EINVAL);
        CHECK_INT (zmq_poll (items, MANY, 0), 0);
        items[0].events = ZMQ_POLLIN;
        CHECK_INT (zmq_poll (items, MANY + 1, 0), 0);
    }
    for (int i = 0; i < MANY; i++)
        close_now (items[i].socket);
    close_now (client);
    close_now (server);
}

int main (void)
{
    begin_test ();
    in_context (masks_are_checked);
    in_context (there_must_be_something_to_wait_for);
    in_context (errors_are_told_to_those_who_ask);
    over_transports (objects_are_counted_once);
    over_transports (many_are_polled_alike);
    return 0;
}
