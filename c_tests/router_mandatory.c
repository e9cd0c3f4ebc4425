/* With ZMQ_ROUTER_MANDATORY a ROUTER says EHOSTUNREACH for an id it does not know and EAGAIN (or
   waits) for a peer whose pipe is full; POLLOUT then means that some peer has room. Without it such
   messages are dropped (zmq_setsockopt(3), options: 3.6). */

#include "testing.h"

static void *dealer_named (void *context, const char *id, const char *endpoint)
{
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RCVHWM, 1);
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, id, strlen (id)));
    connect_to (dealer, endpoint);
    send_text (dealer, "hello", 0);
    return dealer;
}

static void unknown_ids_are_unreachable (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (router, address, endpoint);
    CHECK_INT (get_int (router, ZMQ_EVENTS), 0);
    CHECK_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (router, "", 0, ZMQ_SNDMORE), EHOSTUNREACH);
    void *dealer = dealer_named (context, "peer", endpoint);
    RECV_PARTS (router, "peer", "hello", NULL);
    CHECK_INT (get_int (router, ZMQ_EVENTS), ZMQ_POLLOUT);
    CHECK_ERRNO (zmq_send (router, "pee", 3, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (router, "peer2", 5, ZMQ_SNDMORE), EHOSTUNREACH);
    send_parts (router, "peer", "reached", NULL);
    RECV_PARTS (dealer, "reached", NULL);
    close_now (dealer);
    close_now (router);
}

/* The option acts at once, and so does taking it back. */
static void the_option_can_change (void *context)
{
    void *router = new_socket (context, ZMQ_ROUTER);
    send_parts (router, "nobody", "swallowed", NULL);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    CHECK_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    set_int (router, ZMQ_ROUTER_MANDATORY, 0);
    send_parts (router, "nobody", "swallowed", NULL);
    set_int (router, ZMQ_ROUTER_MANDATORY, 7);
    CHECK_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    close_now (router);
}

static void gone_peers_are_unreachable (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (router, address, endpoint);
    void *dealer = dealer_named (context, "peer", endpoint);
    RECV_PARTS (router, "peer", "hello", NULL);
    close_now (dealer);
    double end = now_ms () + PATIENCE_MS;
    while (get_int (router, ZMQ_EVENTS) & ZMQ_POLLOUT) {
        CHECK (now_ms () < end);
        ready_within (router, ZMQ_POLLIN, 2);
    }
    CHECK_ERRNO (zmq_send (router, "peer", 4, ZMQ_SNDMORE), EHOSTUNREACH);
    close_now (router);
}

struct full { void *router, *sleeper, *reader; };

/* Over inproc: "sleeper" has three messages and no room for more, "reader" none. */
static struct full open_full (void *context, int mandatory)
{
    struct full full = {.router = new_socket (context, ZMQ_ROUTER)};
    set_int (full.router, ZMQ_SNDHWM, 2);
    set_int (full.router, ZMQ_ROUTER_MANDATORY, mandatory);
    CHECK_OK (zmq_bind (full.router, "inproc://router"));
    full.sleeper = dealer_named (context, "sleeper", "inproc://router");
    RECV_PARTS (full.router, "sleeper", "hello", NULL);
    for (int i = 0; i < 3; i++)
        send_parts (full.router, "sleeper", "fits", "in", NULL);
    full.reader = dealer_named (context, "reader", "inproc://router");
    RECV_PARTS (full.router, "reader", "hello", NULL);
    return full;
}

static void close_full (struct full *full)
{
    close_now (full->sleeper);
    close_now (full->reader);
    close_now (full->router);
}

static void full_peers_make_the_sender_wait (void *context)
{
    struct full full = open_full (context, 1);
    CHECK_ERRNO (zmq_send (full.router, "sleeper", 7, ZMQ_SNDMORE | ZMQ_DONTWAIT), EAGAIN);
    set_int (full.router, ZMQ_SNDTIMEO, 1);
    CHECK_ERRNO (zmq_send (full.router, "sleeper", 7, ZMQ_SNDMORE), EAGAIN);
    CHECK (get_int (full.router, ZMQ_EVENTS) & ZMQ_POLLOUT);
    for (int i = 0; i < 3; i++)
        send_parts (full.router, "reader", "others", "go", NULL);
    CHECK_ERRNO (zmq_send (full.router, "reader", 6, ZMQ_SNDMORE | ZMQ_DONTWAIT), EAGAIN);
    CHECK (!(get_int (full.router, ZMQ_EVENTS) & ZMQ_POLLOUT));
    for (int i = 0; i < 3; i++)
        RECV_PARTS (full.sleeper, "fits", "in", NULL);
    CHECK (ready_within (full.router, ZMQ_POLLOUT, PATIENCE_MS));
    set_int (full.router, ZMQ_SNDTIMEO, PATIENCE_MS);
    send_parts (full.router, "sleeper", "room", NULL);
    RECV_PARTS (full.sleeper, "room", NULL);
    close_full (&full);
}

static void without_the_option_full_peers_miss_messages (void *context)
{
    struct full full = open_full (context, 0);
    for (int i = 0; i < 10; i++)
        send_parts (full.router, "sleeper", "dropped", NULL);
    CHECK (get_int (full.router, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_parts (full.router, "reader", "others", NULL);
    RECV_PARTS (full.reader, "others", NULL);
    for (int i = 0; i < 3; i++)
        RECV_PARTS (full.sleeper, "fits", "in", NULL);
    CHECK_ERRNO (zmq_recv (full.sleeper, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_full (&full);
}

static void *send_to_sleeper (void *router)
{
    send_parts (router, "sleeper", "waited", NULL);
    return NULL;
}

static void a_waiting_send_goes_on_when_there_is_room (void *context)
{
    struct full full = open_full (context, 1);
    pthread_t thread = start_thread (send_to_sleeper, full.router);
    for (int i = 0; i < 3; i++)
        RECV_PARTS (full.sleeper, "fits", "in", NULL);
    RECV_PARTS (full.sleeper, "waited", NULL);
    join_thread (thread);
    close_full (&full);
}

int main (void)
{
    begin_test ();
    over_transports (unknown_ids_are_unreachable);
    in_context (the_option_can_change);
    over_transports (gone_peers_are_unreachable);
    in_context (full_peers_make_the_sender_wait);
    in_context (without_the_option_full_peers_miss_messages);
    in_context (a_waiting_send_goes_on_when_there_is_room);
    return 0;
}
