/* zmq_poll on plain descriptors, alone and mixed with sockets: IN, OUT and PRI as the system says,
   everything else is POLLERR, asked for or not (zmq_poll (3)). */

#include "testing.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* Polls one descriptor once; returns its revents. */
static int poll_fd (int fd, short events)
{
    zmq_pollitem_t item = {NULL, fd, events, 0x55};
    int n = zmq_poll (&item, 1, 0);
    CHECK_INT (n, item.revents != 0);
    return item.revents;
}

static void pipes_are_polled (void)
{
    int ends[2];
    char byte;
    CHECK_OK (pipe (ends));
    CHECK_INT (poll_fd (ends[0], ZMQ_POLLIN), 0);
    CHECK_INT (poll_fd (ends[1], ZMQ_POLLOUT), ZMQ_POLLOUT);
    CHECK_INT (poll_fd (ends[1], ZMQ_POLLIN | ZMQ_POLLOUT), ZMQ_POLLOUT);
    CHECK_INT (write (ends[1], "x", 1), 1);
    CHECK_INT (poll_fd (ends[0], ZMQ_POLLIN), ZMQ_POLLIN);
    CHECK_INT (poll_fd (ends[0], 0), 0);
    CHECK_INT (poll_fd (ends[0], ZMQ_POLLIN), ZMQ_POLLIN);
    CHECK_INT (read (ends[0], &byte, 1), 1);
    CHECK_INT (poll_fd (ends[0], ZMQ_POLLIN), 0);
    close (ends[0]);
    close (ends[1]);
}

/* The other end is gone: HUP at the reading end, ERR at the writing end. */
static void lost_ends_are_errors (void)
{
    static const short masks[] = {0, ZMQ_POLLIN, ZMQ_POLLERR, ZMQ_POLLIN | ZMQ_POLLERR};
    int ends[2];
    CHECK_OK (pipe (ends));
    close (ends[1]);
    for (int i = 0; i < 4; i++)
        CHECK_INT (poll_fd (ends[0], masks[i]), ZMQ_POLLERR);
    close (ends[0]);
    CHECK_OK (pipe (ends));
    close (ends[0]);
    CHECK_INT (poll_fd (ends[1], 0), ZMQ_POLLERR);
    CHECK_INT (poll_fd (ends[1], ZMQ_POLLOUT), ZMQ_POLLOUT | ZMQ_POLLERR);
    close (ends[1]);
}

/* A descriptor that is not open is an error too, -1 never fires. */
static void unusable_descriptors (void)
{
    int ends[2];
    CHECK_OK (pipe (ends));
    close (ends[0]);
    close (ends[1]);
    CHECK_INT (poll_fd (ends[0], ZMQ_POLLIN), ZMQ_POLLERR);
    CHECK_INT (poll_fd (-1, ZMQ_POLLIN | ZMQ_POLLOUT), 0);
    zmq_pollitem_t item = {NULL, -1, ZMQ_POLLIN, 0};
    double start = now_ms ();
    CHECK_INT (zmq_poll (&item, 1, 60), 0);
    CHECK (now_ms () - start > 57);
}

static void urgent_data_is_pollpri (void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket (AF_INET, SOCK_STREAM, 0), client = socket (AF_INET, SOCK_STREAM, 0);
    CHECK_OK (bind (listener, (struct sockaddr *) &address, sizeof address));
    CHECK_OK (listen (listener, 1));
    CHECK_OK (getsockname (listener, (struct sockaddr *) &address, &size));
    CHECK_OK (connect (client, (struct sockaddr *) &address, sizeof address));
    int server = accept (listener, NULL, NULL);
    CHECK (server >= 0);
    CHECK_INT (poll_fd (server, ZMQ_POLLPRI), 0);
    CHECK_INT (send (client, "!", 1, MSG_OOB), 1);
    zmq_pollitem_t item = {NULL, server, ZMQ_POLLPRI, 0};
    CHECK_INT (zmq_poll (&item, 1, PATIENCE_MS), 1);
    CHECK_INT (item.revents, ZMQ_POLLPRI);
    close (client);
    close (server);
    close (listener);
}

/* Sockets and descriptors side by side. */
static void mixed_sets_work (void *context, const char *address)
{
    void *pull, *push;
    int ends[2];
    char byte;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_OK (pipe (ends));
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 0},
                              {NULL, ends[0], ZMQ_POLLIN, 0},
                              {NULL, -1, ZMQ_POLLIN, 0},
                              {NULL, ends[0], ZMQ_POLLIN, 0}};
    CHECK_INT (zmq_poll (items, 4, 0), 0);
    CHECK_INT (write (ends[1], "x", 1), 1);
    CHECK_INT (zmq_poll (items, 4, PATIENCE_MS), 2);
    CHECK_INT (items[0].revents, 0);
    CHECK_INT (items[1].revents, ZMQ_POLLIN);
    CHECK_INT (items[3].revents, ZMQ_POLLIN);
    send_text (push, "x", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_poll (items, 4, 0), 3);
    CHECK_INT (items[0].revents, ZMQ_POLLIN);
    CHECK_INT (items[2].revents, 0);
    CHECK_INT (read (ends[0], &byte, 1), 1);
    CHECK_INT (zmq_poll (items, 4, 0), 1);
    CHECK_INT (items[1].revents, 0);
    close (ends[0]);
    close (ends[1]);
    close_now (push);
    close_now (pull);
}

struct writer {
    int fd;
    pid_t poller;
};

static void *write_when_asleep (void *argument)
{
    struct writer *writer = argument;
    await_asleep (writer->poller);
    CHECK_INT (write (writer->fd, "x", 1), 1);
    return NULL;
}

static void a_descriptor_wakes_a_waiting_poll (void *context)
{
    int ends[2];
    void *pull = new_socket (context, ZMQ_PULL);
    CHECK_OK (pipe (ends));
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 0}, {NULL, ends[0], ZMQ_POLLIN, 0}};
    struct writer writer = {ends[1], gettid ()};
    pthread_t thread = start_thread (write_when_asleep, &writer);
    CHECK_INT (zmq_poll (items, 2, -1), 1);
    CHECK_INT (items[1].revents, ZMQ_POLLIN);
    join_thread (thread);
    close (ends[0]);
    close (ends[1]);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    pipes_are_polled ();
    lost_ends_are_errors ();
    unusable_descriptors ();
    urgent_data_is_pollpri ();
    over_transports (mixed_sets_work);
    in_context (a_descriptor_wakes_a_waiting_poll);
    return 0;
}
