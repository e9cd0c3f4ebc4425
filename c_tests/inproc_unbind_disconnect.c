/* inproc: unbind removes the name and leaves the peers, disconnect removes every pipe made by that
   name while delivered messages stay readable, and a bound socket that goes away is not reconnected
   to (zmq_unbind (3), zmq_disconnect (3), zmq_inproc (7)). */

#include "testing.h"

static void unbind_leaves_the_peers (void *context)
{
    void *bound, *connected, *next = new_socket (context, ZMQ_PULL);
    void *late = new_socket (context, ZMQ_PUSH);
    connected_pair (context, "inproc://left", ZMQ_PULL, &bound, ZMQ_PUSH, &connected);
    CHECK_OK (zmq_unbind (bound, "inproc://left"));
    send_text (connected, "still here", 0);
    RECV_TEXT (bound, "still here");
    connect_to (late, "inproc://left");
    send_text (late, "for the next", 0);
    CHECK (!ready_within (bound, ZMQ_POLLIN, 0));
    CHECK_OK (zmq_bind (next, "inproc://left"));
    RECV_TEXT (next, "for the next");
    send_text (connected, "and still here", 0);
    RECV_TEXT (bound, "and still here");
    CHECK (!ready_within (next, ZMQ_POLLIN, 0));
    close_now (connected);
    close_now (late);
    close_now (next);
    close_now (bound);
}

static void unknown_names_are_not_found (void *context)
{
    void *bound, *connected;
    connected_pair (context, "inproc://known", ZMQ_PULL, &bound, ZMQ_PUSH, &connected);
    CHECK_ERRNO (zmq_unbind (bound, "inproc://unknown"), ENOENT);
    CHECK_ERRNO (zmq_disconnect (connected, "inproc://unknown"), ENOENT);
    CHECK_OK (zmq_unbind (bound, "inproc://known"));
    CHECK_ERRNO (zmq_unbind (bound, "inproc://known"), ENOENT);
    CHECK_OK (zmq_disconnect (connected, "inproc://known"));
    CHECK_ERRNO (zmq_disconnect (connected, "inproc://known"), ENOENT);
    close_now (connected);
    close_now (bound);
}

static void disconnected_messages_stay_readable (void *context)
{
    void *bound, *connected;
    connected_pair (context, "inproc://read", ZMQ_PULL, &bound, ZMQ_PUSH, &connected);
    send_text (connected, "first", 0);
    send_parts (connected, "second", "part", NULL);
    CHECK_OK (zmq_disconnect (connected, "inproc://read"));
    CHECK_ERRNO (zmq_send (connected, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    RECV_TEXT (bound, "first");
    RECV_PARTS (bound, "second", "part", NULL);
    CHECK_QUIET (bound);
    close_now (connected);
    close_now (bound);
}

static void disconnect_takes_every_pipe_of_the_name (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *other = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    CHECK_OK (zmq_bind (pull, "inproc://twice"));
    CHECK_OK (zmq_bind (other, "inproc://once"));
    connect_to (push, "inproc://twice");
    connect_to (push, "inproc://twice");
    connect_to (push, "inproc://once");
    CHECK_OK (zmq_disconnect (push, "inproc://twice"));
    for (int i = 0; i < 6; i++) {
        send_text (push, "other", ZMQ_DONTWAIT);
        RECV_TEXT (other, "other");
    }
    CHECK_QUIET (pull);
    close_now (push);
    close_now (other);
    close_now (pull);
}

static void a_closed_binder_is_not_reconnected_to (void *context)
{
    void *bound, *connected, *next = new_socket (context, ZMQ_PULL);
    double end = now_ms () + PATIENCE_MS;
    connected_pair (context, "inproc://gone", ZMQ_PULL, &bound, ZMQ_PUSH, &connected);
    CHECK_OK (zmq_close (bound));
    while (zmq_bind (next, "inproc://gone") != 0) {
        CHECK_INT (zmq_errno (), EADDRINUSE);
        CHECK (now_ms () < end);
    }
    while (ready_within (connected, ZMQ_POLLOUT, 0))
        CHECK (now_ms () < end);
    CHECK_ERRNO (zmq_send (connected, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    /* The reference forgets the name a little later. */
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
        CHECK_ERRNO (zmq_disconnect (connected, "inproc://gone"), ENOENT);
    connect_to (connected, "inproc://gone");
    send_text (connected, "again", ZMQ_DONTWAIT);
    RECV_TEXT (next, "again");
    close_now (connected);
    close_now (next);
}

int main (void)
{
    begin_test ();
    in_context (unbind_leaves_the_peers);
    in_context (unknown_names_are_not_found);
    in_context (disconnected_messages_stay_readable);
    in_context (disconnect_takes_every_pipe_of_the_name);
    in_context (a_closed_binder_is_not_reconnected_to);
    return 0;
}
