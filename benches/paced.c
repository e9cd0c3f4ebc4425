/* PUSH to PULL at a fixed --rate (1,000 messages a second by default).

   --measure time (default): the --percentile (50 by default) of the time from before zmq_send to
   after zmq_msg_recv, in microseconds; cpu: microseconds of CPU time per message, both sides. */

#include "bench.h"

static void produce (struct side *side)
{
    void *socket = new_socket (side, ZMQ_PUSH);
    char *content = calloc (1, options.size);
    MUST (content);
    set_int (socket, ZMQ_LINGER, -1);
    hear_and_connect (side, socket);
    prctl (PR_SET_TIMERSLACK, 1);
    send_bytes (socket, content, options.size, 0);
    hear_go (side);

    struct usage_counts before = usage_now ();
    long count = options.count ? options.count : (long) (options.seconds * (double) options.rate);
    double start = seconds_now ();
    for (long i = 1; i <= count; i++) {
        sleep_until (start + (double) i / (double) options.rate);
        double now = seconds_now ();
        memcpy (content, &now, sizeof now);
        send_bytes (socket, content, options.size, 0);
    }
    send_bytes (socket, "", 0, 0);
    hear_go (side);
    struct usage_counts used = usage_since (before);
    tell (side, &used, sizeof used);
    close_socket (socket);
    free (content);
}

static int order (const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

static void consume (struct side *side)
{
    void *socket = new_socket (side, ZMQ_PULL);
    size_t room = 1 << 20, done = 0;
    double *times = calloc (room, sizeof *times);
    zmq_msg_t message;
    MUST (times);
    zmq_msg_init (&message);
    bind_and_tell (side, socket);
    receive (socket, &message);

    struct usage_counts before = usage_now (), theirs;
    tell_go (side);
    while (receive (socket, &message) > 0 && done < room) {
        double sent;
        memcpy (&sent, zmq_msg_data (&message), sizeof sent);
        times[done++] = seconds_now () - sent;
    }
    struct usage_counts used = usage_since (before);
    tell_go (side);
    hear (side, &theirs, sizeof theirs);
    MUST (done > 0);
    if (is (options.measure, "cpu"))
        print_result ((used.cpu + (options.threads ? 0 : theirs.cpu)) * 1e6 / (double) done,
                      "us-cpu/msg");
    else {
        size_t at = (size_t) ((double) done * options.percentile / 100);
        qsort (times, done, sizeof *times, order);
        print_result (times[at < done ? at : done - 1] * 1e6, "us");
    }
    zmq_msg_close (&message);
    close_socket (socket);
    free (times);
}

int main (int argc, char **argv)
{
    options.size = 64;
    options.rate = 1000;
    options.percentile = 50;
    read_options (argc, argv);
    if (options.size < sizeof (double) || options.rate < 1)
        usage (argv[0]);
    run_sides (consume, produce);
    return 0;
}
