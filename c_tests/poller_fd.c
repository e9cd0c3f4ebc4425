/* zmq_poller_fd: a descriptor that tells an event loop that a thread-safe socket may be ready (draft). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

#include <poll.h>

static int readable_within (zmq_fd_t fd, int ms)
{
    struct pollfd item = {fd, POLLIN, 0};
    return poll (&item, 1, ms) == 1;
}

static void it_tells_of_messages (void *context, const char *address)
{
    char endpoint[256], buffer[8];
    void *server = zmq_socket (context, ZMQ_SERVER), *client;
    void *poller = zmq_poller_new (), *pull = new_socket (context, ZMQ_PULL);
    zmq_poller_event_t event;
    zmq_fd_t fd, again;
    if (!server)
        SKIP ("no thread-safe socket types");
    client = new_socket (context, ZMQ_CLIENT);
    CHECK_OK (zmq_poller_add (poller, pull, NULL, ZMQ_POLLIN));
    CHECK_ERRNO (zmq_poller_fd (poller, &fd), EINVAL);
    CHECK_OK (zmq_poller_add (poller, server, NULL, ZMQ_POLLIN));
    CHECK_OK (zmq_poller_fd (poller, &fd));
    CHECK_OK (zmq_poller_fd (poller, &again));
    CHECK_INT (again, fd);
    bind_to (server, address, endpoint);
    connect_to (client, endpoint);
    for (int i = 0; i < 20; i++) {
        send_text (client, "x", 0);
        do
            CHECK (readable_within (fd, PATIENCE_MS));
        while (zmq_poller_wait (poller, &event, 0) != 0);
        CHECK (event.socket == server);
        CHECK_INT (zmq_recv (server, buffer, sizeof buffer, 0), 1);
        CHECK_ERRNO (zmq_recv (server, buffer, sizeof buffer, ZMQ_DONTWAIT), EAGAIN);
        /* An event loop that goes back to sleep is left alone: what it did is no activity. */
        while (readable_within (fd, 0))
            CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EAGAIN);
    }
    CHECK_OK (zmq_poller_destroy (&poller));
    close_now (client);
    close_now (server);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (it_tells_of_messages);
    return 0;
}
