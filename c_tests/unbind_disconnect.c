/* What unbind and disconnect match and remove: binds under LAST_ENDPOINT's text, connects as they
   were written, every equal entry by one call, and either kind by either function (zmq_unbind (3),
   zmq_disconnect (3)). */

#include "raw_peer.h"

static void port_address (char *address, const char *format, const char *endpoint)
{
    snprintf (address, 256, format, atoi (strrchr (endpoint, ':') + 1));
}

static void wildcards_are_unbound_by_their_endpoint (void *context)
{
    char endpoint[256], literal[256];
    void *pull = new_socket (context, ZMQ_PULL);
    static const char *const literals[] = {"tcp://*:%d", "tcp://lo:%d", "tcp://127.0.0.1:%d"};
    bind_to (pull, "tcp://*:*", endpoint);
    for (int i = 0; i < 3; i++) {
        port_address (literal, literals[i], endpoint);
        CHECK_ERRNO (zmq_unbind (pull, literal), ENOENT);
    }
    CHECK_OK (zmq_unbind (pull, endpoint));
    CHECK_ERRNO (zmq_unbind (pull, endpoint), ENOENT);
    close_now (pull);
}

/* A name is resolved when its text is not found. */
static void names_find_numeric_endpoints (void *context)
{
    char endpoint[256], named[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    port_address (named, "tcp://localhost:%d", endpoint);
    connect_to (push, endpoint);
    CHECK_OK (zmq_disconnect (push, named));
    CHECK_ERRNO (zmq_disconnect (push, endpoint), ENOENT);
    connect_to (push, named);
    CHECK_ERRNO (zmq_disconnect (push, endpoint), ENOENT);
    CHECK_OK (zmq_disconnect (push, named));
    CHECK_OK (zmq_unbind (pull, named));
    CHECK_ERRNO (zmq_unbind (pull, endpoint), ENOENT);
    close_now (push);
    close_now (pull);
}

static void either_function_removes_either_kind (void *context, const char *address)
{
    char endpoint[256];
    void *bound = new_socket (context, ZMQ_PULL), *connected = new_socket (context, ZMQ_PUSH);
    bind_to (bound, address, endpoint);
    connect_to (connected, endpoint);
    CHECK_OK (zmq_unbind (connected, endpoint));
    CHECK_ERRNO (zmq_unbind (connected, endpoint), ENOENT);
    CHECK_ERRNO (zmq_disconnect (connected, endpoint), ENOENT);
    CHECK_OK (zmq_disconnect (bound, endpoint));
    CHECK_ERRNO (zmq_disconnect (bound, endpoint), ENOENT);
    CHECK_ERRNO (zmq_unbind (bound, endpoint), ENOENT);
    close_now (connected);
    close_now (bound);
}

static void another_sockets_endpoints_are_not_found (void *context, const char *address)
{
    void *bound, *connected, *third = new_socket (context, ZMQ_PULL);
    char endpoint[256];
    size_t size = sizeof endpoint;
    connected_pair (context, address, ZMQ_PULL, &bound, ZMQ_PUSH, &connected);
    CHECK_OK (zmq_getsockopt (bound, ZMQ_LAST_ENDPOINT, endpoint, &size));
    CHECK_ERRNO (zmq_unbind (third, endpoint), ENOENT);
    CHECK_ERRNO (zmq_disconnect (third, endpoint), ENOENT);
    send_text (connected, "untouched", 0);
    RECV_TEXT (bound, "untouched");
    close_now (third);
    close_now (connected);
    close_now (bound);
}

/* Two connections under one text go together. */
static void duplicates_go_at_once (void *context, const char *address)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    connect_to (push, endpoint);
    CHECK_OK (zmq_disconnect (push, endpoint));
    CHECK_ERRNO (zmq_disconnect (push, endpoint), ENOENT);
    close_now (push);
    close_now (pull);
}

/* Nobody gets in after unbind, and the port can be bound again. */
static void unbinding_closes_the_listener (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *next = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    int reserve = raw_reserve (endpoint);
    double end = now_ms () + PATIENCE_MS;
    CHECK_OK (zmq_bind (pull, endpoint));
    CHECK_OK (zmq_unbind (pull, endpoint));
    while (zmq_bind (next, endpoint) != 0) {
        CHECK_INT (zmq_errno (), EADDRINUSE);
        CHECK (now_ms () < end);
    }
    connect_to (push, endpoint);
    send_text (push, "for the next", 0);
    RECV_TEXT (next, "for the next");
    CHECK (!ready_within (pull, ZMQ_POLLIN, 0));
    close_now (push);
    close_now (next);
    close_now (pull);
    close (reserve);
}

/* A peer accepted earlier is cut off too. */
static void unbinding_ends_accepted_connections (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PUSH", NULL);
    raw_send_text (fd, "before");
    RECV_TEXT (pull, "before");
    CHECK_OK (zmq_unbind (pull, endpoint));
    CHECK_QUIET (pull);
    RAW_EXPECT_CLOSE (fd);
    close (fd);
    close_now (pull);
}

/* What was queued when the connection exists is still delivered. */
static void queued_messages_outlive_disconnect (void *context, const char *address)
{
    char endpoint[256], text[16];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    send_text (push, "first", 0);
    RECV_TEXT (pull, "first");
    for (int i = 0; i < 100; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (push, text, 0);
    }
    CHECK_OK (zmq_disconnect (push, endpoint));
    CHECK_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < 100; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (pull, text);
    }
    close_now (push);
    close_now (pull);
}

/* Messages go to the remaining endpoint alone. */
static void others_stay_connected (void *context, const char *address)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *kept = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, address, endpoint);
    CHECK_OK (zmq_bind (kept, "inproc://kept"));
    connect_to (push, "inproc://kept");
    connect_to (push, endpoint);
    CHECK_OK (zmq_disconnect (push, endpoint));
    for (int i = 0; i < 5; i++) {
        send_text (push, "kept", 0);
        RECV_TEXT (kept, "kept");
    }
    CHECK (!ready_within (pull, ZMQ_POLLIN, 0));
    close_now (push);
    close_now (kept);
    close_now (pull);
}

/* After disconnect one can connect to the same place again. */
static void connecting_again_works (void *context, const char *address)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    bind_to (pull, address, endpoint);
    for (int i = 0; i < 5; i++) {
        connect_to (push, endpoint);
        send_text (push, "again", 0);
        RECV_TEXT (pull, "again");
        CHECK_OK (zmq_disconnect (push, endpoint));
    }
    close_now (push);
    close_now (pull);
}

/* What has come and was not received yet goes with the endpoint that it came by. */
static void a_disconnected_peer_is_not_heard_any_more (void *context, const char *address)
{
    void *push, *pull;
    char endpoint[256];
    size_t size = sizeof endpoint;
    connected_pair (context, address, ZMQ_PUSH, &push, ZMQ_PULL, &pull);
    CHECK_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    for (int i = 0; i < 5; i++)
        send_text (push, "stale", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_disconnect (pull, endpoint));
    CHECK_ERRNO (zmq_recv (pull, endpoint, sizeof endpoint, ZMQ_DONTWAIT), EAGAIN);
    close_now (pull);
    close_now (push);
}

int main (void)
{
    begin_test ();
    over_transports (a_disconnected_peer_is_not_heard_any_more);
    in_context (wildcards_are_unbound_by_their_endpoint);
    in_context (names_find_numeric_endpoints);
    over_transports (either_function_removes_either_kind);
    over_transports (another_sockets_endpoints_are_not_found);
    over_transports (duplicates_go_at_once);
    in_context (unbinding_closes_the_listener);
    in_context (unbinding_ends_accepted_connections);
    over_transports (queued_messages_outlive_disconnect);
    over_transports (others_stay_connected);
    over_transports (connecting_again_works);
    return 0;
}
