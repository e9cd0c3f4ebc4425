/* Signals do not interrupt the waits of the thread-safe socket types (drafts): with a handler or without
   SA_RESTART, a send and a receive go on until there is something to return (functions.md, section 3). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

#include <signal.h>

static struct tally caught = EMPTY_TALLY;

static void on_signal (int number)
{
    (void) number;
}

struct waiting
{
    void *socket;
    int sends;
    struct tally begun;
    pid_t thread;
};

static void *wait_through_signals (void *argument)
{
    struct waiting *waiting = argument;
    char text[16];
    waiting->thread = gettid ();
    tally_add (&waiting->begun);
    if (waiting->sends) {
        CHECK_INT (zmq_send (waiting->socket, "late", 4, 0), 4);
    } else {
        CHECK_INT (zmq_recv (waiting->socket, text, sizeof text, 0), 4);
        CHECK (memcmp (text, "late", 4) == 0);
    }
    tally_add (&caught);
    return NULL;
}

/* Signals that find the thread asleep, as one is handled before it falls asleep again. */
static void signal_it (pthread_t thread, struct waiting *waiting)
{
    tally_reaches (&waiting->begun, 1);
    for (int i = 0; i < 10; i++) {
        await_asleep (waiting->thread);
        CHECK_OK (pthread_kill (thread, SIGUSR1));
    }
}

static void a_receive_goes_on (void *context, const char *address)
{
    void *client;
    struct waiting waiting = {NULL, 0, EMPTY_TALLY, 0};
    connected_pair (context, address, ZMQ_GATHER, &waiting.socket, ZMQ_SCATTER, &client);
    int before = tally_count (&caught);
    pthread_t thread = start_thread (wait_through_signals, &waiting);
    signal_it (thread, &waiting);
    CHECK_INT (tally_count (&caught), before);
    send_text (client, "late", 0);
    join_thread (thread);
    close_now (client);
    close_now (waiting.socket);
}

static void a_send_goes_on (void *context, const char *address)
{
    char endpoint[256];
    void *server = new_socket (context, ZMQ_SERVER);
    struct waiting waiting = {new_socket (context, ZMQ_CLIENT), 1, EMPTY_TALLY, 0};
    int before = tally_count (&caught);
    pthread_t thread = start_thread (wait_through_signals, &waiting);
    signal_it (thread, &waiting);
    CHECK_INT (tally_count (&caught), before);
    bind_to (server, address, endpoint);
    connect_to (waiting.socket, endpoint);
    RECV_TEXT (server, "late");
    join_thread (thread);
    close_now (waiting.socket);
    close_now (server);
}

/* The time that was given does not grow by it. */
static void a_limit_holds (void *context)
{
    void *gather = new_socket (context, ZMQ_GATHER);
    char text[16];
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec often = {{0, 20000000}, {0, 20000000}};
    CHECK_OK (timer_create (CLOCK_MONOTONIC, &event, &timer));
    CHECK_OK (timer_settime (timer, 0, &often, NULL));
    set_int (gather, ZMQ_RCVTIMEO, 200);
    double begin = now_ms ();
    CHECK_ERRNO (zmq_recv (gather, text, sizeof text, 0), EAGAIN);
    double waited = now_ms () - begin;
    CHECK (waited > 190 && waited < PATIENCE_MS);
    CHECK_OK (timer_delete (timer));
    close_now (gather);
}

int main (void)
{
    begin_test ();
    struct sigaction action = {.sa_handler = on_signal};
    CHECK_OK (sigaction (SIGUSR1, &action, NULL));
    over_transports (a_receive_goes_on);
    over_transports (a_send_goes_on);
    in_context (a_limit_holds);
    return 0;
}
