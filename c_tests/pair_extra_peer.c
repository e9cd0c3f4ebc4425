/* A PAIR has one peer at a time: whoever comes while it has one is left out, without disturbing
   the two; after the peer went, another may come (zmq_socket(3), behaviour: PAIR). */

#include "testing.h"

static void greet (void *one, void *two)
{
    send_text (one, "ping", 0);
    RECV_TEXT (two, "ping");
    send_text (two, "pong", 0);
    RECV_TEXT (one, "pong");
}

static void a_second_peer_is_left_out (void *context, const char *address)
{
    char endpoint[256];
    void *bound = new_socket (context, ZMQ_PAIR), *first = new_socket (context, ZMQ_PAIR);
    void *extra = new_socket (context, ZMQ_PAIR);
    bind_to (bound, address, endpoint);
    connect_to (first, endpoint);
    greet (first, bound);
    connect_to (extra, endpoint);
    zmq_send (extra, "intruder", 8, ZMQ_DONTWAIT);
    CHECK_QUIET (bound);
    for (int i = 0; i < 5; i++)
        greet (first, bound);
    CHECK_ERRNO (zmq_recv (extra, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (extra);
    greet (first, bound);
    close_now (first);
    close_now (bound);
}

/* Waits until the socket has noticed that its peer went: it cannot send any more. */
static void await_loss (void *socket)
{
    double end = now_ms () + PATIENCE_MS;
    while (get_int (socket, ZMQ_EVENTS) & ZMQ_POLLOUT) {
        CHECK (now_ms () < end);
        ready_within (socket, ZMQ_POLLIN, 2);
    }
}

/* A peer whose message came through. One that comes before the last is quite gone is left out, and
   another tried. */
static void *next_peer (void *context, void *bound, const char *endpoint)
{
    double end = now_ms () + PATIENCE_MS;
    for (;;) {
        void *peer = new_socket (context, ZMQ_PAIR);
        connect_to (peer, endpoint);
        zmq_send (peer, "hello", 5, ZMQ_DONTWAIT);
        if (ready_within (bound, ZMQ_POLLIN, PATIENCE_MS / 10))
            return peer;
        CHECK (now_ms () < end);
        close_now (peer);
    }
}

static void after_the_peer_went_another_may_come (void *context, const char *address)
{
    char endpoint[256];
    void *bound = new_socket (context, ZMQ_PAIR);
    bind_to (bound, address, endpoint);
    for (int i = 0; i < 3; i++) {
        void *peer = next_peer (context, bound, endpoint);
        RECV_TEXT (bound, "hello");
        greet (peer, bound);
        close_now (peer);
        await_loss (bound);
        CHECK_ERRNO (zmq_send (bound, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    }
    close_now (bound);
}

/* The connecting side keeps its first connection, too. */
static void a_second_connection_of_ones_own_is_left_out (void *context)
{
    void *first = new_socket (context, ZMQ_PAIR), *second = new_socket (context, ZMQ_PAIR);
    void *connected = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_bind (first, "inproc://first"));
    CHECK_OK (zmq_bind (second, "inproc://second"));
    connect_to (connected, "inproc://first");
    greet (connected, first);
    connect_to (connected, "inproc://second");
    zmq_send (second, "intruder", 8, ZMQ_DONTWAIT);
    greet (connected, first);
    CHECK_ERRNO (zmq_recv (second, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_recv (connected, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (connected);
    close_now (first);
    close_now (second);
}

int main (void)
{
    begin_test ();
    over_transports (a_second_peer_is_left_out);
    over_transports (after_the_peer_went_another_may_come);
    in_context (a_second_connection_of_ones_own_is_left_out);
    return 0;
}
