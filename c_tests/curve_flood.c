/* A CURVE server that 500 connections at a time want to keep busy: those who have its key and keep to the
   protocol are let in and served all the while, and it does not grow. */

#include "curve_raw.h"
#include "monitor.h"

#include <sys/resource.h>

#define HOSTILE 500
#define BYTES(literal) literal, sizeof (literal) - 1

/* What they say. After it each one waits, a second at most, for the server to close, and begins again. */
static const struct {
    const char *bytes;
    size_t size;
} SAID[] = {
    {BYTES ("")},
    {BYTES (RAW_SIGNATURE)},
    {BYTES (CURVE_GREETING)},
    {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x06" "DEALER")},
    {BYTES (CURVE_GREETING FORGED_HELLO)},
    {BYTES (CURVE_GREETING STALE_HELLO)},
    {BYTES (CURVE_GREETING STALE_HELLO INITIATE_HEAD ZEROS_80 ZEROS_80 ZEROS_80 "\0\0\0\0\0\0\0\0")},
    {BYTES (CURVE_GREETING STALE_HELLO "\x06\0\0\0\0\0\0\xff\xff")},
    {BYTES (CURVE_GREETING "\x06\0\0\0\0\x7f\0\0\0")},
    {BYTES (CURVE_GREETING "\x04\xc8\x05HELLO")},
};
#define KINDS ((int) (sizeof SAID / sizeof *SAID))

struct attack {
    char endpoint[256];
    volatile int stop;
    struct tally begun; /* connections */
};

struct hostile {
    int fd;
    size_t sent;
    double since;
};

static void begin (struct attack *attack, struct hostile *hostile)
{
    hostile->fd = raw_connect (attack->endpoint);
    hostile->sent = 0;
    hostile->since = now_ms ();
    tally_add (&attack->begun);
}

static void *attack_until_told (void *argument)
{
    struct attack *attack = argument;
    static struct hostile hostile[HOSTILE];
    static struct pollfd items[HOSTILE];
    for (int i = 0; i < HOSTILE; i++)
        begin (attack, &hostile[i]);
    while (!attack->stop) {
        for (int i = 0; i < HOSTILE; i++)
            items[i] = (struct pollfd){hostile[i].fd, POLLIN, 0};
        poll (items, HOSTILE, 5);
        for (int i = 0; i < HOSTILE; i++) {
            struct hostile *one = &hostile[i];
            char rest[512];
            int over = items[i].revents && recv (one->fd, rest, sizeof rest, MSG_DONTWAIT) <= 0;
            /* Some say it all at once, some byte by byte. */
            size_t left = SAID[i % KINDS].size - one->sent, piece = i / KINDS % 3 == 2 && left ? 1 : left;
            if (left) {
                ssize_t n = send (one->fd, SAID[i % KINDS].bytes + one->sent, piece,
                                  MSG_DONTWAIT | MSG_NOSIGNAL);
                one->sent += n > 0 ? (size_t) n : 0;
            }
            if (over || now_ms () - one->since > 1000) {
                close (one->fd);
                begin (attack, one);
            }
        }
    }
    for (int i = 0; i < HOSTILE; i++)
        close (hostile[i].fd);
    return NULL;
}

static long resident_kib (void)
{
    long total = 0, pages = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    CHECK (file && fscanf (file, "%ld %ld", &total, &pages) == 2);
    fclose (file);
    return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

static void round_trip (void *client, void *server)
{
    char name[256];
    send_text (client, "question", 0);
    int size = recv_part (server, name, sizeof name);
    RECV_TEXT (server, "question");
    CHECK_INT (zmq_send (server, name, (size_t) size, ZMQ_SNDMORE), size);
    send_text (server, "answer", 0);
    RECV_TEXT (client, "answer");
}

static double round_trips (void *client, void *server, int count)
{
    double start = now_ms ();
    for (int i = 0; i < count; i++)
        round_trip (client, server);
    return (now_ms () - start) / count;
}

static void the_legitimate_are_served (void *context)
{
    static struct attack attack = {"", 0, EMPTY_TALLY};
    void *server = new_curve_server (context, ZMQ_ROUTER);
    void *client = new_curve_client (context, ZMQ_DEALER);
    set_int (server, ZMQ_BACKLOG, 1000);
    set_int (server, ZMQ_HANDSHAKE_IVL, 2000);
    bind_to (server, "tcp://127.0.0.1:*", attack.endpoint);
    connect_to (client, attack.endpoint);
    double before = round_trips (client, server, 500);

    pthread_t thread = start_thread (attack_until_told, &attack);
    double end = now_ms () + PATIENCE_MS;
    while (tally_count (&attack.begun) < 2 * HOSTILE) {
        CHECK (now_ms () < end);
        round_trip (client, server);
    }
    long settled = resident_kib ();
    double meanwhile = 0;
    int begun = tally_count (&attack.begun);
    for (int i = 0; i < 20; i++) {
        void *newcomer = new_curve_client (context, ZMQ_DEALER);
        connect_to (newcomer, attack.endpoint);
        round_trip (newcomer, server);
        close_now (newcomer);
        meanwhile += round_trips (client, server, 50) / 20;
    }
    while (tally_count (&attack.begun) < begun + HOSTILE) {
        CHECK (now_ms () < end);
        round_trip (client, server);
    }
    long grown = resident_kib () - settled;
    attack.stop = 1;
    join_thread (thread);
    fprintf (stderr, "round trips of %.3f ms before and %.3f ms meanwhile; %d hostile connections, %ld KiB more\n",
             before, meanwhile, tally_count (&attack.begun), grown);
    /* What they all may have in flight, and some more for the allocator. */
    CHECK (grown < 32 * 1024);
    round_trip (client, server);
    CHECK (!ready_within (server, ZMQ_POLLIN, 0));
    close_now (client);
    close_now (server);
}

int main (void)
{
    struct rlimit files;
    begin_test ();
    needs_curve ();
    CHECK_OK (getrlimit (RLIMIT_NOFILE, &files));
    files.rlim_cur = files.rlim_max;
    CHECK_OK (setrlimit (RLIMIT_NOFILE, &files));
    if (files.rlim_cur < 4 * HOSTILE)
        SKIP ("no more than %ld descriptors", (long) files.rlim_cur);
    in_context (the_legitimate_are_served);
    return 0;
}
