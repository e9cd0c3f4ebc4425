/* PAIR: messages go both ways between two sockets, in order, and queue before the connection
   exists; without a peer sending waits (zmq_socket(3)). */

#include "testing.h"

static void messages_go_both_ways (void *context, const char *address)
{
    void *one, *two;
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    send_text (one, "to two", 0);
    send_parts (two, "to", "one", NULL);
    RECV_PARTS (two, "to two", NULL);
    RECV_PARTS (one, "to", "one", NULL);
    close_now (one);
    close_now (two);
}

static void there_is_no_order_of_turns (void *context, const char *address)
{
    void *one, *two;
    char text[16];
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    for (int i = 0; i < 200; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (one, text, 0);
        send_text (two, text, 0);
    }
    for (int i = 0; i < 200; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (one, text);
        RECV_TEXT (two, text);
    }
    CHECK_ERRNO (zmq_recv (one, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (one);
    close_now (two);
}

static void without_a_peer_nothing_is_sent (void *context)
{
    void *alone = new_socket (context, ZMQ_PAIR), *bound = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_bind (bound, "inproc://bound"));
    void *sockets[] = {alone, bound};
    for (int i = 0; i < 2; i++) {
        CHECK_INT (get_int (sockets[i], ZMQ_EVENTS), 0);
        CHECK_ERRNO (zmq_send (sockets[i], "x", 1, ZMQ_DONTWAIT), EAGAIN);
        CHECK_ERRNO (zmq_recv (sockets[i], NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        set_int (sockets[i], ZMQ_SNDTIMEO, 1);
        set_int (sockets[i], ZMQ_RCVTIMEO, 1);
        CHECK_ERRNO (zmq_send (sockets[i], "x", 1, 0), EAGAIN);
        CHECK_ERRNO (zmq_recv (sockets[i], NULL, 0, 0), EAGAIN);
        close_now (sockets[i]);
    }
}

static void messages_queue_before_the_peer_binds (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    const char *const endpoints[] = {"inproc://later", endpoint};
    for (int i = 0; i < 2; i++) {
        void *bound = new_socket (context, ZMQ_PAIR), *early = new_socket (context, ZMQ_PAIR);
        set_int (early, ZMQ_RECONNECT_IVL, 5);
        connect_to (early, endpoints[i]);
        CHECK (get_int (early, ZMQ_EVENTS) & ZMQ_POLLOUT);
        send_parts (early, "before", "bind", NULL);
        send_text (early, "second", 0);
        CHECK_OK (zmq_bind (bound, endpoints[i]));
        RECV_PARTS (bound, "before", "bind", NULL);
        RECV_TEXT (bound, "second");
        send_text (bound, "back", 0);
        RECV_TEXT (early, "back");
        close_now (bound);
        close_now (early);
    }
    ipc_done (endpoint);
}

/* What was sent before a socket was closed is still there for the peer. */
static void messages_outlive_their_sender (void *context, const char *address)
{
    void *one, *two;
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    send_text (two, "hello", 0);
    RECV_TEXT (one, "hello");
    send_parts (two, "last", "words", NULL);
    CHECK_OK (zmq_close (two));
    RECV_PARTS (one, "last", "words", NULL);
    CHECK_ERRNO (zmq_recv (one, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (one);
}

struct ponger { void *socket; int rounds; };

static void *answer (void *argument)
{
    struct ponger *ponger = argument;
    char buffer[64];
    for (int i = 0; i < ponger->rounds; i++) {
        int size = zmq_recv (ponger->socket, buffer, sizeof buffer, 0);
        CHECK (size > 0);
        CHECK_INT (zmq_send (ponger->socket, buffer, (size_t) size, 0), size);
    }
    return NULL;
}

static void threads_can_talk (void *context, const char *address)
{
    void *one, *two;
    char text[16];
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    struct ponger ponger = {two, 300};
    pthread_t thread = start_thread (answer, &ponger);
    for (int i = 0; i < ponger.rounds; i++) {
        snprintf (text, sizeof text, "ping %d", i);
        send_text (one, text, 0);
        RECV_TEXT (one, text);
    }
    join_thread (thread);
    close_now (one);
    close_now (two);
}

int main (void)
{
    begin_test ();
    over_transports (messages_go_both_ways);
    over_transports (there_is_no_order_of_turns);
    in_context (without_a_peer_nothing_is_sent);
    in_context (messages_queue_before_the_peer_binds);
    over_transports (messages_outlive_their_sender);
    over_transports (threads_can_talk);
    return 0;
}
