/* ZMQ_CONNECT_ROUTING_ID names the peer of the next zmq_connect on this side: messages can be sent
   to it at once, and what it sends carries that id whatever it announces. It is used up by one
   connect (zmq_setsockopt(3)). */

#include "testing.h"

static void name_next (void *router, const char *id)
{
    CHECK_OK (zmq_setsockopt (router, ZMQ_CONNECT_ROUTING_ID, id, strlen (id)));
}

static void peers_can_be_written_to_at_once (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (dealer, address, endpoint);
    name_next (router, "there");
    connect_to (router, endpoint);
    send_parts (router, "there", "first", "words", NULL);
    RECV_PARTS (dealer, "first", "words", NULL);
    send_parts (dealer, "back", NULL);
    RECV_PARTS (router, "there", "back", NULL);
    close_now (router);
    close_now (dealer);
}

static void the_local_name_goes_before_the_announced (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *peer = new_socket (context, ZMQ_ROUTER);
    CHECK_OK (zmq_setsockopt (router, ZMQ_ROUTING_ID, "me", 2));
    CHECK_OK (zmq_setsockopt (peer, ZMQ_ROUTING_ID, "announced", 9));
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (peer, address, endpoint);
    name_next (router, "local");
    connect_to (router, endpoint);
    CHECK_ERRNO (zmq_send (router, "announced", 9, ZMQ_SNDMORE), EHOSTUNREACH);
    send_parts (router, "local", "hello", NULL);
    RECV_PARTS (peer, "me", "hello", NULL);
    send_parts (peer, "me", "back", NULL);
    RECV_PARTS (router, "local", "back", NULL);
    CHECK_ERRNO (zmq_send (router, "announced", 9, ZMQ_SNDMORE), EHOSTUNREACH);
    close_now (router);
    close_now (peer);
}

/* One name for one connect: the next connection has the id the peer announces. */
static void a_name_is_used_once (void *context, const char *address)
{
    char one_endpoint[256], two_endpoint[256];
    const char *second = strncmp (address, "inproc", 6) ? address : "inproc://second";
    void *router = new_socket (context, ZMQ_ROUTER);
    void *one = new_socket (context, ZMQ_DEALER), *two = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_setsockopt (two, ZMQ_ROUTING_ID, "two", 3));
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (one, address, one_endpoint);
    bind_to (two, second, two_endpoint);
    name_next (router, "one");
    connect_to (router, one_endpoint);
    connect_to (router, two_endpoint);
    send_text (two, "hello", 0);
    RECV_PARTS (router, "two", "hello", NULL);
    send_text (one, "hello", 0);
    RECV_PARTS (router, "one", "hello", NULL);
    send_parts (router, "one", "to one", NULL);
    send_parts (router, "two", "to two", NULL);
    RECV_PARTS (one, "to one", NULL);
    RECV_PARTS (two, "to two", NULL);
    close_now (router);
    close_now (one);
    close_now (two);
}

static void several_peers_are_told_apart (void *context)
{
    enum { PEERS = 5 };
    char endpoint[32], name[32];
    void *router = new_socket (context, ZMQ_ROUTER), *peers[PEERS];
    for (int i = 0; i < PEERS; i++) {
        snprintf (endpoint, sizeof endpoint, "inproc://peer-%d", i);
        snprintf (name, sizeof name, "name-%d", i);
        peers[i] = new_socket (context, ZMQ_REP);
        CHECK_OK (zmq_bind (peers[i], endpoint));
        name_next (router, name);
        connect_to (router, endpoint);
    }
    for (int i = PEERS; i-- > 0;) {
        snprintf (name, sizeof name, "name-%d", i);
        send_parts (router, name, "", name, NULL);
    }
    for (int i = 0; i < PEERS; i++) {
        snprintf (name, sizeof name, "name-%d", i);
        RECV_PARTS (peers[i], name, NULL);
        send_text (peers[i], "reply", 0);
        RECV_PARTS (router, name, "", "reply", NULL);
    }
    for (int i = 0; i < PEERS; i++)
        close_now (peers[i]);
    close_now (router);
}

/* Messages queue under the name while the peer is not up yet. */
static void messages_queue_before_the_peer_binds (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_int (router, ZMQ_RECONNECT_IVL, 5);
    name_next (router, "later");
    connect_to (router, endpoint);
    send_parts (router, "later", "queued", "early", NULL);
    CHECK_OK (zmq_bind (dealer, endpoint));
    RECV_PARTS (dealer, "queued", "early", NULL);
    close_now (router);
    close_now (dealer);
    ipc_done (endpoint);
}

/* A long name and one with zero bytes are as good as any. */
static void names_are_binary (void *context)
{
    char name[1000] = {'n'};
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_bind (dealer, "inproc://dealer"));
    CHECK_OK (zmq_setsockopt (router, ZMQ_CONNECT_ROUTING_ID, name, sizeof name));
    connect_to (router, "inproc://dealer");
    CHECK_INT (zmq_send (router, name, sizeof name, ZMQ_SNDMORE), sizeof name);
    send_text (router, "hello", 0);
    RECV_PARTS (dealer, "hello", NULL);
    close_now (router);
    close_now (dealer);
}

static void no_name_is_refused (void *context)
{
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    CHECK_ERRNO (zmq_setsockopt (router, ZMQ_CONNECT_ROUTING_ID, NULL, 0), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (router, ZMQ_CONNECT_ROUTING_ID, "x", 0), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (dealer, ZMQ_CONNECT_ROUTING_ID, "x", 1), EINVAL);
    close_now (router);
    close_now (dealer);
}

int main (void)
{
    begin_test ();
    over_transports (peers_can_be_written_to_at_once);
    over_transports (the_local_name_goes_before_the_announced);
    over_transports (a_name_is_used_once);
    in_context (several_peers_are_told_apart);
    in_context (messages_queue_before_the_peer_binds);
    in_context (names_are_binary);
    in_context (no_name_is_refused);
    return 0;
}
