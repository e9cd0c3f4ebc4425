/* ZMQ_RECONNECT_STOP: what ends a connecting endpoint instead of having it tried again (draft). */

#define ZMQ_BUILD_DRAFT_API
#include "monitor.h"
#include "raw_peer.h"

static void *connecter (void *context, const char *endpoint, int stop, void **monitor)
{
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RECONNECT_IVL, 1);
    set_int (dealer, ZMQ_RECONNECT_STOP, stop);
    CHECK_INT (get_int (dealer, ZMQ_RECONNECT_STOP), stop);
    *monitor = watch (context, dealer, ALL_BUT_STOPPED);
    connect_to (dealer, endpoint);
    return dealer;
}

/* Nothing is tried any more, and the endpoint is gone. */
static void check_ended (void *dealer, void *monitor, const char *endpoint)
{
    CHECK_QUIET (monitor);
    CHECK_ERRNO (zmq_disconnect (dealer, endpoint), ENOENT);
    unwatch (dealer, monitor);
    close_now (dealer);
}

static void check_going_on (void *dealer, void *monitor, const char *endpoint)
{
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    CHECK_OK (zmq_disconnect (dealer, endpoint));
    unwatch (dealer, monitor);
    close_now (dealer);
}

static void refused (void *context)
{
    char endpoint[256];
    void *monitor, *dealer;
    int reserved = raw_reserve (endpoint);
    dealer = connecter (context, endpoint, ZMQ_RECONNECT_STOP_CONN_REFUSED, &monitor);
    AWAIT_EVENT (monitor, ZMQ_EVENT_CLOSED);
    check_ended (dealer, monitor, endpoint);
    dealer = connecter (context, endpoint,
                        ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED | ZMQ_RECONNECT_STOP_AFTER_DISCONNECT, &monitor);
    check_going_on (dealer, monitor, endpoint);
    close (reserved);
}

static void failed_in_the_handshake (void *context)
{
    for (int stop = 0; stop < 2; stop++) {
        char endpoint[256];
        void *monitor;
        int listener = raw_listen (endpoint);
        void *dealer = connecter (context, endpoint, stop ? ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED : 0, &monitor);
        close (raw_accept (listener));
        AWAIT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        if (stop)
            check_ended (dealer, monitor, endpoint);
        else {
            close (raw_accept (listener));
            check_going_on (dealer, monitor, endpoint);
        }
        close (listener);
    }
}

/* One that was established is another matter. */
static void lost_after_the_handshake (void *context)
{
    char endpoint[256];
    void *monitor;
    int listener = raw_listen (endpoint);
    void *dealer = connecter (context, endpoint, ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED, &monitor);
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, "ROUTER", "");
    AWAIT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    close (fd);
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    fd = raw_accept (listener);
    raw_handshake (fd, 1, "ROUTER", "");
    AWAIT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    unwatch (dealer, monitor);
    close_now (dealer);
    close (fd);
    close (listener);
}

/* An ipc file that nobody listens on any more refuses. */
static void refused_over_ipc (void *context)
{
    for (int flags = 0; flags < 3; flags++) {
        static const int stops[] = {ZMQ_RECONNECT_STOP_CONN_REFUSED, ZMQ_RECONNECT_STOP_AFTER_DISCONNECT,
                                    ZMQ_RECONNECT_STOP_AFTER_DISCONNECT};
        char endpoint[256];
        void *monitor, *router = new_socket (context, ZMQ_ROUTER);
        ipc_endpoint (endpoint, sizeof endpoint);
        CHECK_OK (zmq_bind (router, endpoint));
        close_now (router);
        void *dealer = connecter (context, endpoint, stops[flags], &monitor);
        if (flags < 2)
            /* Not what this flag is about; or nothing has been disconnected. */
            check_going_on (dealer, monitor, endpoint);
        else {
            AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
            CHECK_OK (zmq_bind (dealer, "inproc://other"));
            CHECK_OK (zmq_unbind (dealer, "inproc://other"));
            struct event event;
            while (ready_within (monitor, ZMQ_POLLIN, QUIET_MS))
                CHECK (take_event (monitor, &event));
            check_ended (dealer, monitor, endpoint);
        }
        ipc_done (endpoint);
    }
}

int main (void)
{
    begin_test ();
    in_context (refused);
    in_context (failed_in_the_handshake);
    in_context (lost_after_the_handshake);
    in_context (refused_over_ipc);
    return 0;
}
