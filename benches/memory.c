/* What --count idle connections cost: each has carried one message and then nothing.

   --pattern push (default): one PUSH connected --count times to one PULL.  --pattern router:
   --count DEALER sockets connected to one ROUTER.
   --measure both (default), bound, connected: resident bytes per connection, of both processes,
   of the one that is bound, of the one that connects; time: seconds until all are connected and
   heard; fds: file descriptors per connection, both ends. Sides are separate processes except with
   --threads or inproc, where only "both", "time" and "fds" mean anything. */

#include "bench.h"

#include <dirent.h>

struct cost
{
    double bytes;
    double fds;
};

static int router;

static double open_files (void)
{
    DIR *directory = opendir ("/proc/self/fd");
    double n = 0;
    MUST (directory);
    while (readdir (directory))
        n++;
    closedir (directory);
    return n;
}

static struct cost cost_now (void)
{
    struct cost c;
    c.bytes = resident ();
    c.fds = open_files ();
    return c;
}

static void connected (struct side *side)
{
    long sockets = router ? options.count : 1;
    void **socket = calloc ((size_t) sockets, sizeof *socket);
    char endpoint[ENDPOINT_SIZE];
    void *first = new_socket (side, router ? ZMQ_DEALER : ZMQ_PUSH);
    MUST (socket);
    memset (socket, 1, (size_t) sockets * sizeof *socket); /* so that it is resident */
    hear (side, endpoint, sizeof endpoint);
    MUST (zmq_connect (first, endpoint) == 0);
    send_bytes (first, "x", 1, 0);
    hear_go (side);

    struct cost before = cost_now (), after;
    for (long i = 0; i < options.count; i++) {
        if (router)
            socket[i] = new_socket (side, ZMQ_DEALER);
        MUST (zmq_connect (router ? socket[i] : first, endpoint) == 0);
    }
    /* A PUSH deals them out: the first connection gets one of these too. */
    for (long i = 0; i < options.count + !router; i++)
        send_bytes (router ? socket[i] : first, "x", 1, 0);
    hear_go (side);
    after = cost_now ();
    after.bytes -= before.bytes;
    after.fds -= before.fds;
    tell (side, &after, sizeof after);
    hear_go (side);
    close_socket (first);
    for (long i = 0; router && i < options.count; i++)
        close_socket (socket[i]);
    free (socket);
}

static void take (void *socket, long count)
{
    zmq_msg_t message;
    zmq_msg_init (&message);
    for (long i = 0; i < count; i++) {
        if (router)
            receive (socket, &message);
        receive (socket, &message);
    }
    zmq_msg_close (&message);
}

static void bound (struct side *side)
{
    void *socket = new_socket (side, router ? ZMQ_ROUTER : ZMQ_PULL);
    set_int (socket, ZMQ_BACKLOG, (int) options.count + 16);
    bind_and_tell (side, socket);
    take (socket, 1);

    struct cost before = cost_now (), mine, theirs;
    double start = seconds_now ();
    tell_go (side);
    take (socket, options.count + !router);
    double elapsed = seconds_now () - start;
    mine = cost_now ();
    mine.bytes -= before.bytes;
    mine.fds -= before.fds;
    tell_go (side);
    hear (side, &theirs, sizeof theirs);

    double n = (double) options.count;
    int separate = !options.threads;
    if (is (options.measure, "time"))
        print_result (elapsed, "s");
    else if (is (options.measure, "fds"))
        print_result ((mine.fds + separate * theirs.fds) / n, "fds");
    else if (is (options.measure, "bound"))
        print_result (mine.bytes / n, "bytes");
    else if (is (options.measure, "connected"))
        print_result (theirs.bytes / n, "bytes");
    else
        print_result ((mine.bytes + separate * theirs.bytes) / n, "bytes");
    tell_go (side);
    close_socket (socket);
}

int main (int argc, char **argv)
{
    options.count = 2000;
    read_options (argc, argv);
    if (options.count < 1)
        usage (argv[0]);
    router = is (options.pattern, "router");
    run_sides (bound, connected);
    return 0;
}
