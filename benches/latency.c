/* Latency of a request and its reply, as the time of one way: half a round trip.

   --pattern req (default): REQ to REP, blocking.  --pattern dealer: DEALER to ROUTER, each side
   waiting in zmq_poll.  --measure time (default): microseconds one way; switches: context switches
   per round trip, both sides together; cpu: microseconds of CPU time per round trip, both sides.
   --connections N: this is one of N, the others being idle. */

#include "bench.h"

static int dealer;

static void wait_readable (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    MUST (zmq_poll (&item, 1, -1) == 1);
}

/* Echoes until an empty message, which it echoes too. */
static void echo (struct side *side)
{
    void *socket = new_socket (side, dealer ? ZMQ_ROUTER : ZMQ_REP);
    struct usage_counts start = {0, 0}, used;
    size_t size = 0;
    int started = 0;
    zmq_msg_t id, message;
    set_int (socket, ZMQ_LINGER, -1);
    zmq_msg_init (&id);
    zmq_msg_init (&message);
    bind_and_tell (side, socket);
    do {
        if (dealer) {
            wait_readable (socket);
            receive (socket, &id);
        }
        size = receive (socket, &message);
        if (!started++)
            start = usage_now ();
        if (dealer)
            MUST (zmq_msg_send (&id, socket, ZMQ_SNDMORE) >= 0);
        MUST (zmq_msg_send (&message, socket, 0) >= 0);
    } while (size > 0);
    used = usage_since (start);
    tell (side, &used, sizeof used);
    close_socket (socket);
}

static size_t round_trip (void *socket, zmq_msg_t *message)
{
    MUST (zmq_msg_send (message, socket, 0) >= 0);
    if (dealer)
        wait_readable (socket);
    return receive (socket, message);
}

static long round_trips (void *socket, zmq_msg_t *message, long count, double seconds)
{
    double end = seconds_now () + seconds;
    long done = 0;
    while (count ? done < count : seconds_now () < end)
        for (int i = 0; i < 16; i++, done++)
            MUST (round_trip (socket, message) == options.size);
    return done;
}

static void ask (struct side *side)
{
    void *socket = new_socket (side, dealer ? ZMQ_DEALER : ZMQ_REQ);
    struct usage_counts used, theirs;
    zmq_msg_t message;
    char endpoint[ENDPOINT_SIZE];
    void *idle = options.connections > 1 ? new_socket (side, ZMQ_DEALER) : NULL;
    hear (side, endpoint, sizeof endpoint);
    MUST (zmq_connect (socket, endpoint) == 0);
    for (int i = 1; i < options.connections; i++)
        connect_from (idle, i, endpoint);
    /* They take turns, so an answer to each of these says that all are there. */
    for (int i = 1; i < options.connections; i++) {
        send_bytes (idle, "", 0, ZMQ_SNDMORE);
        send_bytes (idle, "x", 1, 0);
    }
    for (int i = 2; i < 2 * options.connections; i++)
        MUST (zmq_recv (idle, NULL, 0, 0) >= 0);
    MUST (zmq_msg_init_size (&message, options.size) == 0);
    memset (zmq_msg_data (&message), 'x', options.size);

    struct usage_counts before = usage_now ();
    long warm = round_trips (socket, &message, options.count / 10, options.seconds / 10);
    double start = seconds_now ();
    long done = round_trips (socket, &message, options.count, options.seconds);
    double elapsed = seconds_now () - start;
    MUST (zmq_msg_close (&message) == 0);
    zmq_msg_init (&message);
    round_trip (socket, &message);
    used = usage_since (before);
    hear (side, &theirs, sizeof theirs);
    if (!options.threads) {
        used.cpu += theirs.cpu;
        used.switches += theirs.switches;
    }

    if (is (options.measure, "switches"))
        print_result (used.switches / (double) (warm + done), "switches/roundtrip");
    else if (is (options.measure, "cpu"))
        print_result (used.cpu * 1e6 / (double) (warm + done), "us-cpu/roundtrip");
    else
        print_result (elapsed * 1e6 / 2 / (double) done, "us");
    if (idle)
        close_socket (idle);
    close_socket (socket);
}

int main (int argc, char **argv)
{
    options.size = 64;
    read_options (argc, argv);
    if (options.size == 0)
        usage (argv[0]);
    dealer = is (options.pattern, "dealer");
    run_sides (ask, echo);
    return 0;
}
