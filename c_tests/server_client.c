/* SERVER, CLIENT and PEER: messages of one part, addressed by number. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

static void receive (void *socket, zmq_msg_t *message)
{
    CHECK (ready_within (socket, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (message));
    CHECK (zmq_msg_recv (message, socket, ZMQ_DONTWAIT) >= 0);
}

static void send_to (void *socket, uint32_t peer, const char *text)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_buffer (&message, text, strlen (text)));
    CHECK_OK (zmq_msg_set_routing_id (&message, peer));
    CHECK_INT (zmq_msg_send (&message, socket, 0), (int) strlen (text));
}

static int try_to (void *socket, uint32_t peer)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_buffer (&message, "?", 1));
    CHECK_OK (zmq_msg_set_routing_id (&message, peer));
    int sent = zmq_msg_send (&message, socket, ZMQ_DONTWAIT), error = errno;
    CHECK_OK (zmq_msg_close (&message));
    errno = error;
    return sent;
}

static void replies_go_to_whom_they_are_for (void *context, const char *address)
{
    void *server, *one, *other = new_socket (context, ZMQ_CLIENT);
    char endpoint[256];
    zmq_msg_t first, second, reply;
    server = new_socket (context, ZMQ_SERVER);
    one = new_socket (context, ZMQ_CLIENT);
    CHECK (ready_within (server, ZMQ_POLLOUT, 0));
    CHECK (!ready_within (one, ZMQ_POLLOUT, 0));
    bind_to (server, address, endpoint);
    connect_to (one, endpoint);
    send_text (one, "from one", 0);
    receive (server, &first);
    connect_to (other, endpoint);
    send_text (other, "from the other", 0);
    receive (server, &second);
    CHECK (zmq_msg_routing_id (&first) != 0 && zmq_msg_routing_id (&second) != 0);
    CHECK (zmq_msg_routing_id (&first) != zmq_msg_routing_id (&second));

    send_to (server, zmq_msg_routing_id (&second), "to the other");
    /* What was received can be sent back as it is. */
    CHECK_INT (zmq_msg_send (&first, server, 0), 8);
    receive (one, &reply);
    CHECK_INT ((int) zmq_msg_size (&reply), 8);
    CHECK (zmq_msg_routing_id (&reply) == 0);
    zmq_msg_close (&reply);
    RECV_TEXT (other, "to the other");

    CHECK_ERRNO (zmq_send (server, "x", 1, 0), EHOSTUNREACH);
    CHECK_ERRNO (try_to (server, zmq_msg_routing_id (&second) + 7), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (server, "x", 1, ZMQ_SNDMORE), EINVAL);
    CHECK_ERRNO (zmq_send (one, "x", 1, ZMQ_SNDMORE), EINVAL);
    CHECK_ERRNO (zmq_msg_set_routing_id (&second, 0), EINVAL);
    zmq_msg_close (&second);
    close_now (one);
    close_now (other);
    close_now (server);
}

static void a_peer_can_be_dropped (void *context, const char *address)
{
    void *server, *client;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_SERVER, &server, ZMQ_CLIENT, &client);
    send_text (client, "here", 0);
    receive (server, &message);
    uint32_t peer = zmq_msg_routing_id (&message);
    zmq_msg_close (&message);
    CHECK_ERRNO (zmq_disconnect_peer (server, peer + 1), EHOSTUNREACH);
    CHECK_OK (zmq_disconnect_peer (server, peer));
    double end = now_ms () + PATIENCE_MS;
    while (try_to (server, peer) == -1 && errno == EAGAIN)
        CHECK (now_ms () < end);
    CHECK_ERRNO (try_to (server, peer), EHOSTUNREACH);
    CHECK_ERRNO (zmq_disconnect_peer (client, peer), ENOTSUP);
    close_now (client);
    close_now (server);
}

/* A ROUTER's peer that has no name has a number in its id. */
static void a_router_drops_peers_too (void *context, const char *address)
{
    void *router, *dealer;
    unsigned char id[16];
    connected_pair (context, address, ZMQ_ROUTER, &router, ZMQ_DEALER, &dealer);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    send_text (dealer, "here", 0);
    CHECK_INT (recv_part (router, id, sizeof id), 5);
    RECV_TEXT (router, "here");
    CHECK_INT (zmq_socket_get_peer_state (router, id, 5), ZMQ_POLLOUT);
    CHECK_ERRNO (zmq_socket_get_peer_state (router, "nobody", 6), EHOSTUNREACH);
    CHECK_ERRNO (zmq_socket_get_peer_state (dealer, id, 5), ENOTSUP);
    uint32_t number = (uint32_t) id[1] << 24 | (uint32_t) id[2] << 16 | (uint32_t) id[3] << 8 | id[4];
    CHECK_OK (zmq_disconnect_peer (router, number));
    CHECK_ERRNO (zmq_send (router, id, 5, ZMQ_SNDMORE), EHOSTUNREACH);
    close_now (dealer);
    close_now (router);
}

static void peers_know_whom_they_connected_to (void *context, const char *address)
{
    char endpoint[256];
    zmq_msg_t message;
    void *bound = new_socket (context, ZMQ_PEER), *peer = new_socket (context, ZMQ_PEER);
    bind_to (bound, address, endpoint);
    uint32_t number = zmq_connect_peer (peer, endpoint);
    CHECK (number != 0);
    send_to (peer, number, "question");
    receive (bound, &message);
    CHECK_INT ((int) zmq_msg_size (&message), 8);
    send_to (bound, zmq_msg_routing_id (&message), "answer");
    zmq_msg_close (&message);
    receive (peer, &message);
    CHECK (zmq_msg_routing_id (&message) == number);
    zmq_msg_close (&message);

    CHECK_OK (zmq_disconnect_peer (peer, number));
    errno = 0;
    CHECK (zmq_connect_peer (peer, "nonsense") == 0 && errno == EINVAL);
    set_int (peer, ZMQ_IMMEDIATE, 1);
    CHECK (zmq_connect_peer (peer, endpoint) == 0 && errno == EFAULT);
    void *client = new_socket (context, ZMQ_CLIENT);
    CHECK (zmq_connect_peer (client, endpoint) == 0 && errno == ENOTSUP);
    close_now (client);
    close_now (peer);
    close_now (bound);
}

/* A full peer makes a blocking send wait, and another fail. */
static void a_full_peer_is_waited_for (void *context)
{
    void *server, *client;
    zmq_msg_t message;
    int sent = 0;
    server = new_socket (context, ZMQ_SERVER);
    client = new_socket (context, ZMQ_CLIENT);
    set_int (server, ZMQ_SNDHWM, 5);
    set_int (client, ZMQ_RCVHWM, 5);
    CHECK_OK (zmq_bind (server, "inproc://full"));
    connect_to (client, "inproc://full");
    send_text (client, "here", 0);
    receive (server, &message);
    uint32_t peer = zmq_msg_routing_id (&message);
    zmq_msg_close (&message);
    while (try_to (server, peer) != -1)
        sent++;
    CHECK_INT (errno, EAGAIN);
    CHECK_INT (sent, 10);
    set_int (server, ZMQ_SNDTIMEO, 20);
    CHECK_OK (zmq_msg_init_buffer (&message, "!", 1));
    CHECK_OK (zmq_msg_set_routing_id (&message, peer));
    CHECK_ERRNO (zmq_msg_send (&message, server, 0), EAGAIN);
    set_int (server, ZMQ_SNDTIMEO, -1);
    for (int i = 0; i < 5; i++)
        RECV_TEXT (client, "?");
    CHECK_INT (zmq_msg_send (&message, server, 0), 1);
    close_now (client);
    close_now (server);
}

int main (void)
{
    begin_test ();
    CHECK_INT (zmq_has ("draft"), 1);
    over_transports (replies_go_to_whom_they_are_for);
    over_transports (a_peer_can_be_dropped);
    over_transports (a_router_drops_peers_too);
    over_transports (peers_know_whom_they_connected_to);
    in_context (a_full_peer_is_waited_for);
    return 0;
}
