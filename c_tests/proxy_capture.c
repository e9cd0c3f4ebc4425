/* The capture socket of a proxy gets a copy of every message of both directions, with the same parts
   (zmq_proxy (3)). */

#include "testing.h"

static void *connected (void *context, int type, const char *endpoint)
{
    void *socket = new_socket (context, type);
    set_int (socket, ZMQ_LINGER, 0);
    connect_to (socket, endpoint);
    return socket;
}

/* Several kinds of capture sockets see a conversation, request first. */
static void both_directions_are_captured (void *context, int capture, int consumer)
{
    struct relay relay = {0};
    void *front = connected (context, ZMQ_DEALER, "inproc://frontend");
    void *back = connected (context, ZMQ_DEALER, "inproc://backend");
    relay.capture = new_socket (context, capture);
    CHECK_OK (zmq_bind (relay.capture, "inproc://capture"));
    void *seen = connected (context, consumer, "inproc://capture");
    if (consumer == ZMQ_SUB)
        CHECK_OK (zmq_setsockopt (seen, ZMQ_SUBSCRIBE, "", 0));
    start_relay (&relay, context, ZMQ_DEALER, ZMQ_DEALER);
    for (int i = 0; i < 5; i++) {
        send_parts (front, "there", "", "and there", NULL);
        RECV_PARTS (back, "there", "", "and there", NULL);
        send_text (back, "back", 0);
        RECV_TEXT (front, "back");
    }
    for (int i = 0; i < 5; i++) {
        RECV_PARTS (seen, "there", "", "and there", NULL);
        RECV_PARTS (seen, "back", NULL);
    }
    CHECK_QUIET (seen);
    CHECK_OK (zmq_ctx_shutdown (context));
    end_relay (&relay, -1, ETERM);
    CHECK_OK (zmq_close (front));
    CHECK_OK (zmq_close (back));
    CHECK_OK (zmq_close (seen));
}

static void a_pair_captures (void *context)
{
    both_directions_are_captured (context, ZMQ_PAIR, ZMQ_PAIR);
}

static void a_push_captures (void *context)
{
    both_directions_are_captured (context, ZMQ_PUSH, ZMQ_PULL);
}

static void a_publisher_captures (void *context)
{
    both_directions_are_captured (context, ZMQ_PUB, ZMQ_SUB);
}

static void a_dealer_captures (void *context)
{
    both_directions_are_captured (context, ZMQ_DEALER, ZMQ_DEALER);
}

/* A ROUTER's messages are captured with the id it put in front, and big ones whole. */
static void envelopes_are_captured (void *context)
{
    struct relay relay = {0};
    static char big[70000], copy[70000];
    void *rep = connected (context, ZMQ_REP, "inproc://backend");
    void *req = new_socket (context, ZMQ_REQ);
    CHECK_OK (zmq_setsockopt (req, ZMQ_ROUTING_ID, "me", 2));
    connect_to (req, "inproc://frontend");
    relay.capture = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_bind (relay.capture, "inproc://capture"));
    void *seen = connected (context, ZMQ_PAIR, "inproc://capture");
    start_relay (&relay, context, ZMQ_ROUTER, ZMQ_DEALER);
    memset (big, 'b', sizeof big);
    CHECK_INT (zmq_send (req, big, sizeof big, 0), sizeof big);
    CHECK_INT (recv_part (rep, copy, sizeof copy), sizeof copy);
    CHECK (memcmp (big, copy, sizeof big) == 0);
    RECV_TEXT (seen, "me");
    RECV_TEXT (seen, "");
    memset (copy, 0, sizeof copy);
    CHECK_INT (recv_part (seen, copy, sizeof copy), sizeof copy);
    CHECK (memcmp (big, copy, sizeof big) == 0);
    CHECK_INT (get_int (seen, ZMQ_RCVMORE), 0);
    CHECK_OK (zmq_ctx_shutdown (context));
    end_relay (&relay, -1, ETERM);
    CHECK_OK (zmq_close (req));
    CHECK_OK (zmq_close (rep));
    CHECK_OK (zmq_close (seen));
}

int main (void)
{
    begin_test ();
    in_context (a_pair_captures);
    in_context (a_push_captures);
    in_context (a_publisher_captures);
    in_context (a_dealer_captures);
    in_context (envelopes_are_captured);
    return 0;
}
