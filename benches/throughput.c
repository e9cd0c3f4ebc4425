/* Messages per second one way, counted where they arrive.

   --pattern push (default): PUSH to PULL.  --pattern dealer: --peers DEALER clients, all of the
   sending side, to one ROUTER, which share --connections among them.  --pointer: content is passed
   by pointer, not copied in.  --proxy: a zmq_proxy (ROUTER and DEALER; with push, PULL and PUSH) in
   the receiving process between them; it talks to both by the transport asked for.  --measure rate
   (default) or cpu (microseconds of CPU time per message, both sides). */

#include "bench.h"

static int dealer;

/* Connections of each client. */
static int each = 1;

static void keep (void *data, void *hint)
{
    (void) data;
    (void) hint;
}

static void send_one (void *socket, void *content)
{
    if (options.pointer) {
        zmq_msg_t message;
        MUST (zmq_msg_init_data (&message, content, options.size, keep, NULL) == 0);
        MUST (zmq_msg_send (&message, socket, 0) >= 0);
    } else
        send_bytes (socket, content, options.size, 0);
}

static void produce (struct side *side)
{
    int peers = dealer ? options.peers : 1;
    void **sockets = calloc ((size_t) peers, sizeof *sockets);
    char *content = malloc (options.size);
    char endpoint[ENDPOINT_SIZE];
    MUST (sockets && content);
    memset (content, 'x', options.size);
    hear (side, endpoint, sizeof endpoint);
    for (int i = 0; i < peers; i++) {
        sockets[i] = new_socket (side, dealer ? ZMQ_DEALER : ZMQ_PUSH);
        set_int (sockets[i], ZMQ_LINGER, -1);
        if (each > 1) /* Or a connection that is full would be left out of the turns. */
            set_int (sockets[i], ZMQ_SNDHWM, 0);
        MUST (zmq_connect (sockets[i], endpoint) == 0);
        for (int turn = 1; turn < each; turn++)
            connect_from (sockets[i], turn, endpoint);
        for (int turn = 0; turn < each; turn++)
            send_one (sockets[i], content);
    }
    hear_go (side);
    struct usage_counts before = usage_now ();
    double end = seconds_now () + options.seconds;
    long done = 0;
    while (options.count ? done < options.count : seconds_now () < end)
        for (int i = 0; i < 64; i++, done++)
            send_one (sockets[done % peers], content);
    for (int i = 0; i < peers * each; i++)
        send_bytes (sockets[i % peers], "", 0, 0);
    hear_go (side);
    struct usage_counts used = usage_since (before);
    tell (side, &used, sizeof used);
    for (int i = 0; i < peers; i++)
        close_socket (sockets[i]);
    free (sockets);
    free (content);
}

static void *front, *back;

static void *run_proxy (void *unused)
{
    (void) unused;
    zmq_proxy (front, back, NULL);
    return NULL;
}

static void consume (struct side *side)
{
    int peers = dealer ? options.peers * each : 1;
    /* Behind a proxy that has no reply to route, ROUTER parts arrive at a DEALER as they were. */
    void *socket = new_socket (side, !dealer ? ZMQ_PULL : options.proxied ? ZMQ_DEALER : ZMQ_ROUTER);
    void *proxy_context = NULL;
    pthread_t proxy;
    zmq_msg_t message;
    zmq_msg_init (&message);
    if (options.proxied) {
        char inner[ENDPOINT_SIZE];
        struct side middle = *side;
        middle.context = proxy_context = options.threads ? side->context : new_context ();
        front = new_socket (&middle, dealer ? ZMQ_ROUTER : ZMQ_PULL);
        back = new_socket (&middle, dealer ? ZMQ_DEALER : ZMQ_PUSH);
        bind_here (back, inner);
        MUST (zmq_connect (socket, inner) == 0);
        bind_and_tell (side, front);
        MUST (pthread_create (&proxy, NULL, run_proxy, NULL) == 0);
    } else
        bind_and_tell (side, socket);

    for (int i = 0; i < peers; i++) {
        if (dealer)
            receive (socket, &message);
        MUST (receive (socket, &message) == options.size);
    }
    struct usage_counts before = usage_now (), theirs;
    tell_go (side);
    long done = 0;
    double start = 0;
    for (int ended = 0; ended < peers;) {
        if (dealer)
            receive (socket, &message);
        size_t size = receive (socket, &message);
        if (size == 0)
            ended++;
        else {
            MUST (size == options.size);
            if (done++ == 0)
                start = seconds_now ();
        }
    }
    double elapsed = seconds_now () - start;
    struct usage_counts used = usage_since (before);
    tell_go (side);
    hear (side, &theirs, sizeof theirs);
    if (!options.threads)
        used.cpu += theirs.cpu;
    if (is (options.measure, "cpu"))
        print_result (used.cpu * 1e6 / (double) done, "us-cpu/msg");
    else
        print_result ((double) done / elapsed, "msg/s");
    zmq_msg_close (&message);
    close_socket (socket);
    if (options.proxied) {
        /* The proxy ends with its context: sockets that hold a proxy cannot be closed before. */
        zmq_ctx_shutdown (proxy_context);
        pthread_join (proxy, NULL);
        close_socket (front);
        close_socket (back);
        if (!options.threads)
            MUST (zmq_ctx_term (proxy_context) == 0);
    }
}

int main (int argc, char **argv)
{
    options.size = 64;
    options.peers = 1;
    read_options (argc, argv);
    if (options.size == 0 || options.peers < 1)
        usage (argv[0]);
    dealer = is (options.pattern, "dealer");
    if (options.connections > options.peers)
        each = options.connections / options.peers;
    run_sides (consume, produce);
    return 0;
}
