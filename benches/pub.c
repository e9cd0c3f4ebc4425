/* Deliveries per second from one PUB to --peers SUB sockets, all of the receiving side and read by
   one thread in turn.

   Nothing is dropped: the publisher waits when a subscriber's queue is full (ZMQ_XPUB_NODROP), so
   every message is counted as many times as there are subscribers. --proxy: an XSUB/XPUB proxy in
   the receiving process between them. */

#include "bench.h"

/* Messages of one byte steer the run; measured ones are longer. */
#define HELLO "h" /* sent until everybody has one */
#define BEGIN "b"
#define END "e"

/* Taken from one subscriber before the next one's turn: below the high-water mark, or the
   publisher would wait for one subscriber while its reader waits for another. */
#define TURN 64

static void publish (struct side *side)
{
    void *socket = new_socket (side, ZMQ_PUB);
    char *content = malloc (options.size);
    MUST (content);
    memset (content, 'x', options.size);
    set_int (socket, ZMQ_LINGER, -1);
    set_int (socket, ZMQ_XPUB_NODROP, 1);
    if (options.proxied)
        hear_and_connect (side, socket);
    else
        bind_and_tell (side, socket);

    MUST (fcntl (side->from, F_SETFL, O_NONBLOCK) == 0);
    char go;
    while (read (side->from, &go, 1) != 1) {
        send_bytes (socket, HELLO, 1, 0);
        sleep_until (seconds_now () + 1e-3);
    }
    MUST (fcntl (side->from, F_SETFL, 0) == 0);

    send_bytes (socket, BEGIN, 1, 0);
    double end = seconds_now () + options.seconds;
    long done = 0;
    while (options.count ? done < options.count : seconds_now () < end)
        for (int i = 0; i < 16; i++, done++)
            send_bytes (socket, content, options.size, 0);
    send_bytes (socket, END, 1, 0);
    hear_go (side);
    close_socket (socket);
    free (content);
}

static int is_text (zmq_msg_t *message, const char *text)
{
    return zmq_msg_size (message) == 1 && *(char *) zmq_msg_data (message) == *text;
}

static void *front, *back;

static void *run_proxy (void *unused)
{
    (void) unused;
    zmq_proxy (front, back, NULL);
    return NULL;
}

static void subscribe (struct side *side)
{
    int peers = options.peers;
    void **sockets = calloc ((size_t) peers, sizeof *sockets);
    char endpoint[ENDPOINT_SIZE];
    void *proxy_context = NULL;
    pthread_t proxy;
    zmq_msg_t message;
    MUST (sockets);
    zmq_msg_init (&message);
    if (options.proxied) {
        struct side middle = *side;
        middle.context = proxy_context = options.threads ? side->context : new_context ();
        front = new_socket (&middle, ZMQ_XSUB);
        back = new_socket (&middle, ZMQ_XPUB);
        set_int (back, ZMQ_XPUB_NODROP, 1);
        bind_here (back, endpoint);
        bind_and_tell (side, front);
        MUST (pthread_create (&proxy, NULL, run_proxy, NULL) == 0);
    } else
        hear (side, endpoint, sizeof endpoint);

    for (int i = 0; i < peers; i++) {
        sockets[i] = new_socket (side, ZMQ_SUB);
        MUST (zmq_setsockopt (sockets[i], ZMQ_SUBSCRIBE, "", 0) == 0);
        MUST (zmq_connect (sockets[i], endpoint) == 0);
    }
    for (int i = 0; i < peers; i++)
        receive (sockets[i], &message);
    tell_go (side);
    for (int i = 0; i < peers; i++)
        do
            receive (sockets[i], &message);
        while (!is_text (&message, BEGIN));

    double start = seconds_now ();
    long done = 0;
    int ended = 0;
    while (!ended)
        for (int i = 0; i < peers; i++)
            for (int turn = 0; turn < TURN; turn++) {
                size_t size = receive (sockets[i], &message);
                if (is_text (&message, END)) {
                    ended = 1;
                    break;
                }
                MUST (size == options.size);
                done++;
            }
    double elapsed = seconds_now () - start;
    if (done % peers != 0)
        die ("messages were lost: %ld arrived at %d subscribers", done, peers);
    print_result ((double) done / elapsed, "deliveries/s");
    tell_go (side);
    for (int i = 0; i < peers; i++)
        close_socket (sockets[i]);
    zmq_msg_close (&message);
    free (sockets);
    if (options.proxied) {
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
    if (options.size < 2 || options.peers < 1)
        usage (argv[0]);
    run_sides (subscribe, publish);
    return 0;
}
