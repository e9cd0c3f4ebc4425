/* zmq_poll ends at its time-out whatever else happens meanwhile: connections that are being made,
   messages that come for sockets it was not asked about (zmq_poll(3)). Bounds are generous: a poll that
   never ended is what these look for. */

#include "testing.h"

/* Far more than the time-outs below. */
#define LATE_MS 5000

static void check_ends_in_time (zmq_pollitem_t *items, int count, long timeout, int expected)
{
    double start = now_ms ();
    CHECK_INT (zmq_poll (items, count, timeout), expected);
    CHECK (now_ms () - start < LATE_MS);
}

/* Right after connecting, when connections of both sockets are under way. */
static void two_fresh_sockets (void *context, const char *address)
{
    for (int i = 0; i < 10; i++) {
        char name[32];
        void *bound, *connected;
        snprintf (name, sizeof name, "inproc://fresh-%d", i);
        connected_pair (context, strncmp (address, "inproc", 6) ? address : name, ZMQ_PAIR, &bound, ZMQ_PAIR, &connected);
        zmq_pollitem_t items[] = {{bound, 0, ZMQ_POLLIN, 0}, {connected, 0, ZMQ_POLLIN, 0}};
        check_ends_in_time (items, 2, 20, 0);
        send_text (connected, "x", 0);
        check_ends_in_time (items, 2, PATIENCE_MS, 1);
        RECV_TEXT (bound, "x");
        check_ends_in_time (items, 2, 1, 0);
        close_now (connected);
        close_now (bound);
    }
}

struct flood {
    void *context;
    const char *endpoint;
    void *stop;
};

static void *send_flood (void *argument)
{
    struct flood *flood = argument;
    void *push = new_socket (flood->context, ZMQ_PUSH);
    connect_to (push, flood->endpoint);
    while (!zmq_atomic_counter_value (flood->stop))
        for (int i = 0; i < 100; i++)
            zmq_send (push, "x", 1, ZMQ_DONTWAIT);
    close_now (push);
    return NULL;
}

/* A socket that messages pour into is polled for something that never comes. */
static void beside_a_flood (void *context, const char *address)
{
    char endpoint[256];
    const char *at = strncmp (address, "inproc", 6) ? address : "inproc://flooded";
    void *pull = new_socket (context, ZMQ_PULL), *idle = new_socket (context, ZMQ_PULL);
    bind_to (pull, at, endpoint);
    struct flood flood = {context, endpoint, zmq_atomic_counter_new ()};
    pthread_t thread;
    CHECK_OK (pthread_create (&thread, NULL, send_flood, &flood));
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLOUT, 0}, {idle, 0, ZMQ_POLLIN, 0}};
    check_ends_in_time (items, 1, 50, 0);
    check_ends_in_time (items, 2, 50, 0);
    zmq_atomic_counter_inc (flood.stop);
    CHECK_OK (pthread_join (thread, NULL));
    zmq_atomic_counter_destroy (&flood.stop);
    close_now (pull);
    close_now (idle);
}

int main (void)
{
    begin_test ();
    void *context = zmq_ctx_new ();
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        two_fresh_sockets (context, TRANSPORTS[i]);
        beside_a_flood (context, TRANSPORTS[i]);
    }
    CHECK_OK (zmq_ctx_term (context));
    return 0;
}
