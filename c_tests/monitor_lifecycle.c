/* Starting, stopping and replacing monitors, and what zmq_socket_monitor refuses (zmq_socket_monitor
   (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void bad_arguments_are_refused (void *context)
{
    void *socket = new_socket (context, ZMQ_PULL), *other = new_socket (context, ZMQ_PULL);
    int nonsense[64] = {0};
    CHECK_ERRNO (zmq_socket_monitor (NULL, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
    CHECK_ERRNO (zmq_socket_monitor (nonsense, "inproc://m", ZMQ_EVENT_ALL), ENOTSOCK);
    CHECK_ERRNO (zmq_socket_monitor (socket, "tcp://127.0.0.1:*", ZMQ_EVENT_ALL),
                 EPROTONOSUPPORT);
    CHECK_ERRNO (zmq_socket_monitor (socket, "ipc://*", ZMQ_EVENT_ALL), EPROTONOSUPPORT);
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc", ZMQ_EVENT_ALL), EINVAL);
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc://", ZMQ_EVENT_ALL), EINVAL);
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc://m", 0x10000), EINVAL);
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc://m", -1), EINVAL);
    CHECK_OK (zmq_bind (other, "inproc://taken"));
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc://taken", ZMQ_EVENT_ALL), EADDRINUSE);
    CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
    close_now (other);
    close_now (socket);
}

/* No events after the stop, not even one for the stop unless it was asked for. */
static void stopping_ends_the_stream (void *context)
{
    static const int selections[] = {ZMQ_EVENT_ALL, ALL_BUT_STOPPED};
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        void *socket = new_socket (context, ZMQ_PULL);
        void *monitor = watch (context, socket, selections[i]);
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
        CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
        if (selections[i] & ZMQ_EVENT_MONITOR_STOPPED) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_MONITOR_STOPPED);
            CHECK_INT (event.value, 0);
            CHECK_INT (strlen (event.endpoint), 0);
        }
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        CHECK_QUIET (monitor);
        CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
        close_now (monitor);
        close_now (socket);
    }
}

/* A second monitor takes the place of the first, which is told. */
static void a_new_monitor_replaces_the_old (void *context)
{
    char endpoint[256];
    void *socket = new_socket (context, ZMQ_PULL);
    void *first = watch (context, socket, ZMQ_EVENT_ALL);
    void *second = watch (context, socket, ZMQ_EVENT_ALL);
    EXPECT_EVENT (first, ZMQ_EVENT_MONITOR_STOPPED);
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    EXPECT_EVENT (second, ZMQ_EVENT_LISTENING);
    CHECK_QUIET (first);
    close_now (first);
    CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
    EXPECT_EVENT (second, ZMQ_EVENT_MONITOR_STOPPED);
    close_now (second);
    close_now (socket);
}

/* It can be started again, under the same name once that is free. */
static void a_monitor_can_be_started_again (void *context)
{
    char endpoint[256];
    double end = now_ms () + PATIENCE_MS;
    void *socket = new_socket (context, ZMQ_PULL);
    for (int i = 0; i < 5; i++) {
        while (zmq_socket_monitor (socket, "inproc://again", ZMQ_EVENT_LISTENING) != 0) {
            CHECK_INT (zmq_errno (), EADDRINUSE);
            CHECK (now_ms () < end);
            zmq_poll (NULL, 0, 1);
        }
        void *monitor = new_socket (context, ZMQ_PAIR);
        connect_to (monitor, "inproc://again");
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        unwatch (socket, monitor);
    }
    close_now (socket);
}

/* The end of the context ends the stream as well. */
static void the_context_stops_monitors (void)
{
    void *context = zmq_ctx_new ();
    void *socket = new_socket (context, ZMQ_PULL);
    void *monitor = watch (context, socket, ZMQ_EVENT_ALL);
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, 0), ETERM);
    CHECK_ERRNO (zmq_socket_monitor (socket, "inproc://late", ZMQ_EVENT_ALL), ETERM);
    CHECK_OK (zmq_close (socket));
    CHECK_OK (zmq_close (monitor));
    CHECK_OK (zmq_ctx_term (context));
}

/* Each socket has a monitor of its own. */
static void monitors_do_not_mix (void *context)
{
    char endpoints[2][256];
    void *sockets[2], *monitors[2];
    for (int i = 0; i < 2; i++) {
        sockets[i] = new_socket (context, ZMQ_PULL);
        monitors[i] = watch (context, sockets[i], ALL_BUT_STOPPED);
        bind_to (sockets[i], "tcp://127.0.0.1:*", endpoints[i]);
    }
    for (int i = 0; i < 2; i++) {
        struct event event = EXPECT_EVENT (monitors[i], ZMQ_EVENT_LISTENING);
        CHECK (strcmp (event.endpoint, endpoints[i]) == 0);
    }
    int fd = raw_connect (endpoints[1]);
    EXPECT_EVENT (monitors[1], ZMQ_EVENT_ACCEPTED);
    CHECK_QUIET (monitors[0]);
    close (fd);
    for (int i = 0; i < 2; i++) {
        unwatch (sockets[i], monitors[i]);
        close_now (sockets[i]);
    }
}

static void *first_event (void *context)
{
    void *monitor = new_socket (context, ZMQ_PAIR);
    connect_to (monitor, "inproc://late");
    EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
    return monitor;
}

/* Who listens from a thread of its own misses nothing that happens before the thread has come to it. */
static void the_first_events_are_kept (void *context)
{
    char endpoint[256];
    pthread_t thread;
    void *monitor, *socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_socket_monitor (socket, "inproc://late", ALL_BUT_STOPPED));
    /* The reference waits in zmq_bind for somebody to listen. */
    int kept = library_version () >= ZMQ_MAKE_VERSION (4, 3, 6);
    if (!kept)
        CHECK_INT (pthread_create (&thread, NULL, first_event, context), 0);
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    if (kept)
        CHECK_INT (pthread_create (&thread, NULL, first_event, context), 0);
    CHECK_INT (pthread_join (thread, &monitor), 0);
    bind_to (socket, "tcp://127.0.0.1:*", endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_LISTENING);
    CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
    close_now (monitor);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (bad_arguments_are_refused);
    in_context (stopping_ends_the_stream);
    in_context (a_new_monitor_replaces_the_old);
    in_context (a_monitor_can_be_started_again);
    the_context_stops_monitors ();
    in_context (monitors_do_not_mix);
    in_context (the_first_events_are_kept);
    return 0;
}
