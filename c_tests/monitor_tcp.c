/* The events of ordinary connections, in order, with their values and endpoints, at both ends
   (zmq_socket_monitor (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void check_endpoint (const struct event *event, const char *expected)
{
    if (strcmp (event->endpoint, expected) != 0)
        FAIL ("%s has endpoint '%s', expected '%s'", event_name (event->number), event->endpoint,
              expected);
}

/* A descriptor as the system knows it. */
static void check_open (const struct event *event)
{
    CHECK (fcntl ((int) event->value, F_GETFD) != -1);
}

/* Connect, talk, then the client leaves, over tcp: at the server. */
static void a_servers_events (void *context)
{
    char endpoint[256];
    struct event event;
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, pull, ZMQ_EVENT_ALL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
    check_endpoint (&event, endpoint);
    check_open (&event);
    connect_to (push, endpoint);
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
    check_endpoint (&event, endpoint);
    check_open (&event);
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    check_endpoint (&event, endpoint);
    CHECK_INT (event.value, 0);
    send_text (push, "x", 0);
    RECV_TEXT (pull, "x");
    CHECK_OK (zmq_close (push));
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    check_endpoint (&event, endpoint);
    CHECK_OK (zmq_unbind (pull, endpoint));
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
    check_endpoint (&event, endpoint);
    CHECK_OK (zmq_close (pull));
    event = EXPECT_EVENT (monitor, ZMQ_EVENT_MONITOR_STOPPED);
    check_endpoint (&event, "");
    CHECK_INT (event.value, 0);
    CHECK_QUIET (monitor);
    close_now (monitor);
}

/* At the client, whose server leaves and comes back. */
static void a_clients_events (void *context)
{
    char endpoint[256];
    struct event event;
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, push, ZMQ_EVENT_ALL);
    set_int (push, ZMQ_RECONNECT_IVL, 20);
    connect_to (push, endpoint);
    for (int i = 0; i < 2; i++) {
        event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
        check_endpoint (&event, endpoint);
        CHECK_INT (event.value, EINPROGRESS);
        event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
        check_endpoint (&event, endpoint);
        check_open (&event);
        int fd = raw_accept (listener);
        CHECK_QUIET (monitor);
        raw_handshake (fd, 1, "PULL", NULL);
        event = EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        check_endpoint (&event, endpoint);
        CHECK_INT (event.value, 0);
        close (fd);
        event = EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        check_endpoint (&event, endpoint);
        event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
        check_endpoint (&event, endpoint);
        CHECK (event.value >= 20 && event.value < 40);
    }
    unwatch (push, monitor);
    close_now (push);
    close (listener);
}

/* Closing a connecting socket is told by the end of the monitor alone. */
static void closing_a_client_is_silent (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, push, ZMQ_EVENT_ALL);
    connect_to (push, endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK_OK (zmq_close (push));
    EXPECT_EVENT (monitor, ZMQ_EVENT_MONITOR_STOPPED);
    close_now (monitor);
    close_now (pull);
}

/* A local disconnect says nothing here, and DISCONNECTED at the other end. */
static void disconnecting_is_told_to_the_peer (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    void *server = watch (context, pull, ZMQ_EVENT_ALL);
    void *client = watch (context, push, ZMQ_EVENT_ALL);
    connect_to (push, endpoint);
    AWAIT_EVENT (client, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    EXPECT_EVENT (server, ZMQ_EVENT_ACCEPTED);
    EXPECT_EVENT (server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK_OK (zmq_disconnect (push, endpoint));
    /* The end of a pipe is agreed upon by both its ends, which takes calls on the socket. */
    double end = now_ms () + PATIENCE_MS;
    while (!ready_within (server, ZMQ_POLLIN, 5)) {
        CHECK (!ready_within (push, ZMQ_POLLOUT, 0));
        CHECK (now_ms () < end);
    }
    EXPECT_EVENT (server, ZMQ_EVENT_DISCONNECTED);
    CHECK_QUIET (client);
    unwatch (push, client);
    unwatch (pull, server);
    close_now (push);
    close_now (pull);
}

/* Closing the listener's socket: CLOSED before MONITOR_STOPPED. */
static void closing_a_server_closes_its_listener (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    void *monitor = watch (context, pull, ZMQ_EVENT_ALL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
    CHECK_OK (zmq_close (pull));
    struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
    check_endpoint (&event, endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_MONITOR_STOPPED);
    close_now (monitor);
}

/* ipc connects at once, without CONNECT_DELAYED. */
static void ipc_events (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *server = watch (context, pull, ZMQ_EVENT_ALL);
    void *client = watch (context, push, ZMQ_EVENT_ALL);
    bind_to (pull, "ipc://*", endpoint);
    struct event event = EXPECT_EVENT (server, ZMQ_EVENT_LISTENING);
    check_endpoint (&event, endpoint);
    connect_to (push, endpoint);
    event = EXPECT_EVENT (client, ZMQ_EVENT_CONNECTED);
    check_endpoint (&event, endpoint);
    EXPECT_EVENT (client, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    event = EXPECT_EVENT (server, ZMQ_EVENT_ACCEPTED);
    check_endpoint (&event, endpoint);
    EXPECT_EVENT (server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    unwatch (push, client);
    unwatch (pull, server);
    close_now (push);
    close_now (pull);
}

/* inproc has no events at all. */
static void inproc_is_silent (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *server = watch (context, pull, ALL_BUT_STOPPED);
    void *client = watch (context, push, ALL_BUT_STOPPED);
    CHECK_OK (zmq_bind (pull, "inproc://silent"));
    connect_to (push, "inproc://silent");
    send_text (push, "x", 0);
    RECV_TEXT (pull, "x");
    CHECK_OK (zmq_disconnect (push, "inproc://silent"));
    CHECK_OK (zmq_unbind (pull, "inproc://silent"));
    CHECK_QUIET (server);
    CHECK_QUIET (client);
    unwatch (push, client);
    unwatch (pull, server);
    close_now (push);
    close_now (pull);
}

/* Only what was asked for comes. */
static void events_are_selected (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *server = watch (context, pull, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    connect_to (push, endpoint);
    EXPECT_EVENT (server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    close_now (push);
    EXPECT_EVENT (server, ZMQ_EVENT_DISCONNECTED);
    unwatch (pull, server);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (a_servers_events);
    in_context (a_clients_events);
    in_context (closing_a_client_is_silent);
    in_context (disconnecting_is_told_to_the_peer);
    in_context (closing_a_server_closes_its_listener);
    in_context (ipc_events);
    in_context (inproc_is_silent);
    in_context (events_are_selected);
    return 0;
}
