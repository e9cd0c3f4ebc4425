/* With ZMQ_PROBE_ROUTER a socket sends one empty message on every new connection, so that a ROUTER
   learns its id (zmq_setsockopt(3), options: 3.6). */

#include "testing.h"

static void *probing (void *context, int type, const char *id)
{
    void *socket = new_socket (context, type);
    CHECK_OK (zmq_setsockopt (socket, ZMQ_ROUTING_ID, id, strlen (id)));
    set_int (socket, ZMQ_PROBE_ROUTER, 1);
    return socket;
}

static void a_router_sees_the_probe (void *context, const char *address)
{
    static const int types[] = {ZMQ_DEALER, ZMQ_REQ, ZMQ_ROUTER};
    static const char *const ids[] = {"a dealer", "a req", "a router"};
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, address, endpoint);
    for (int i = 0; i < 3; i++) {
        void *prober = probing (context, types[i], ids[i]);
        connect_to (prober, endpoint);
        RECV_PARTS (router, ids[i], "", NULL);
        CHECK_ERRNO (zmq_recv (router, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        close_now (prober);
    }
    close_now (router);
}

/* The probe comes before whatever the prober sends itself, and the ROUTER can then answer it. */
static void the_probe_comes_first (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = probing (context, ZMQ_DEALER, "d");
    bind_to (router, address, endpoint);
    connect_to (dealer, endpoint);
    send_text (dealer, "own", 0);
    RECV_PARTS (router, "d", "", NULL);
    RECV_PARTS (router, "d", "own", NULL);
    send_parts (router, "d", "reply", NULL);
    RECV_PARTS (dealer, "reply", NULL);
    CHECK_ERRNO (zmq_recv (dealer, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (dealer);
    close_now (router);
}

/* Waits for a message at `socket` while `other`, which has to notice its peer, is polled too. */
static void await_with (void *socket, void *other)
{
    zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN, 0}, {other, 0, ZMQ_POLLIN, 0}};
    CHECK_INT (zmq_poll (items, 2, PATIENCE_MS), 1);
    CHECK_INT (items[0].revents, ZMQ_POLLIN);
}

/* The bound side probes as well: each one that connects gets the empty message. */
static void bound_sockets_probe_each_newcomer (void *context, const char *address)
{
    char endpoint[256];
    void *router = probing (context, ZMQ_ROUTER, "server");
    bind_to (router, address, endpoint);
    for (int i = 0; i < 3; i++) {
        void *dealer = new_socket (context, ZMQ_DEALER);
        connect_to (dealer, endpoint);
        await_with (dealer, router);
        RECV_PARTS (dealer, "", NULL);
        close_now (dealer);
    }
    close_now (router);
}

static void every_connection_is_probed (void *context)
{
    void *one = new_socket (context, ZMQ_ROUTER), *two = new_socket (context, ZMQ_ROUTER);
    void *dealer = probing (context, ZMQ_DEALER, "d");
    CHECK_OK (zmq_bind (one, "inproc://one"));
    CHECK_OK (zmq_bind (two, "inproc://two"));
    connect_to (dealer, "inproc://one");
    connect_to (dealer, "inproc://two");
    RECV_PARTS (one, "d", "", NULL);
    RECV_PARTS (two, "d", "", NULL);
    close_now (dealer);
    close_now (one);
    close_now (two);
}

static void a_dealer_sees_an_empty_message (void *context, const char *address)
{
    char endpoint[256];
    void *dealer = new_socket (context, ZMQ_DEALER), *prober = probing (context, ZMQ_DEALER, "p");
    bind_to (dealer, address, endpoint);
    connect_to (prober, endpoint);
    RECV_PARTS (dealer, "", NULL);
    send_text (prober, "own", 0);
    RECV_PARTS (dealer, "own", NULL);
    close_now (prober);
    close_now (dealer);
}

/* A REQ is in its sending state after the probe, and its exchange is an ordinary one. */
static void a_probing_req_asks_as_usual (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *req = probing (context, ZMQ_REQ, "q");
    bind_to (router, address, endpoint);
    connect_to (req, endpoint);
    RECV_PARTS (router, "q", "", NULL);
    CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EFSM);
    send_text (req, "question", 0);
    RECV_PARTS (router, "q", "", "question", NULL);
    send_parts (router, "q", "", "answer", NULL);
    RECV_PARTS (req, "answer", NULL);
    close_now (req);
    close_now (router);
}

static void without_the_option_nothing_is_sent (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = probing (context, ZMQ_DEALER, "d");
    set_int (dealer, ZMQ_PROBE_ROUTER, 0);
    bind_to (router, address, endpoint);
    connect_to (dealer, endpoint);
    send_text (dealer, "own", 0);
    RECV_PARTS (router, "d", "own", NULL);
    close_now (dealer);
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (a_router_sees_the_probe);
    over_transports (the_probe_comes_first);
    over_transports (bound_sockets_probe_each_newcomer);
    in_context (every_connection_is_probed);
    over_transports (a_dealer_sees_an_empty_message);
    over_transports (a_probing_req_asks_as_usual);
    over_transports (without_the_option_nothing_is_sent);
    return 0;
}
