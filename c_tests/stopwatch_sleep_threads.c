/* zmq_stopwatch_*, zmq_sleep, zmq_threadstart and zmq_threadclose (zmq.h). */

#include "testing.h"

#include <signal.h>

static void a_stopwatch_measures_microseconds (void)
{
    double start = now_ms ();
    void *watch = zmq_stopwatch_start ();
    CHECK (watch);
    CHECK_INT (zmq_poll (NULL, 0, 50), 0);
    unsigned long first = zmq_stopwatch_intermediate (watch);
    CHECK_INT (zmq_poll (NULL, 0, 50), 0);
    unsigned long second = zmq_stopwatch_intermediate (watch);
    unsigned long last = zmq_stopwatch_stop (watch);
    double took = (now_ms () - start) * 1000;
    CHECK (first >= 47000);
    CHECK (second >= first + 47000);
    CHECK (last >= second);
    CHECK ((double) last <= took + 1000);
}

static void stopwatches_are_independent (void)
{
    void *first = zmq_stopwatch_start ();
    CHECK_INT (zmq_poll (NULL, 0, 60), 0);
    void *second = zmq_stopwatch_start ();
    unsigned long shorter = zmq_stopwatch_stop (second), longer = zmq_stopwatch_stop (first);
    CHECK (longer >= shorter + 57000);
}

static void sleeping_takes_seconds (void)
{
    double start = now_ms ();
    zmq_sleep (1);
    CHECK (now_ms () - start > 997);
    zmq_sleep (0);
}

struct result {
    pthread_t thread;
    int value, blocks_signals;
};

static void work (void *argument)
{
    struct result *result = argument;
    sigset_t blocked;
    CHECK_OK (pthread_sigmask (SIG_SETMASK, NULL, &blocked));
    result->blocks_signals = sigismember (&blocked, SIGTERM) && sigismember (&blocked, SIGINT)
                             && sigismember (&blocked, SIGUSR1);
    result->thread = pthread_self ();
    result->value++;
}

/* Close waits for the end of the thread, so what it did can be seen. */
static void threads_run_and_are_joined (void)
{
    enum { COUNT = 10 };
    struct result results[COUNT];
    void *threads[COUNT];
    memset (results, 0, sizeof results);
    for (int i = 0; i < COUNT; i++)
        CHECK ((threads[i] = zmq_threadstart (work, &results[i])));
    for (int i = 0; i < COUNT; i++) {
        zmq_threadclose (threads[i]);
        CHECK_INT (results[i].value, 1);
        CHECK (!pthread_equal (results[i].thread, pthread_self ()));
        CHECK (results[i].blocks_signals);
    }
}

static void receive (void *socket)
{
    RECV_TEXT (socket, "to the thread");
}

static void threads_can_use_sockets (void *context)
{
    void *pull, *push;
    connected_pair (context, "inproc://x", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    void *thread = zmq_threadstart (receive, pull);
    send_text (push, "to the thread", 0);
    zmq_threadclose (thread);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    a_stopwatch_measures_microseconds ();
    stopwatches_are_independent ();
    sleeping_takes_seconds ();
    threads_run_and_are_joined ();
    in_context (threads_can_use_sockets);
    return 0;
}
