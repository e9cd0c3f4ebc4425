/* zmq_ppoll: zmq_poll with a signal mask that holds while it waits (draft). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

static volatile sig_atomic_t handled;

static void note_signal (int number)
{
    (void) number;
    handled++;
}

/* SIGUSR1 is blocked in this thread, but not by the mask. */
static sigset_t prepare_signals (void)
{
    sigset_t blocked, mask;
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
    CHECK_OK (sigaction (SIGUSR1, &action, NULL));
    sigemptyset (&blocked);
    sigaddset (&blocked, SIGUSR1);
    CHECK_OK (pthread_sigmask (SIG_BLOCK, &blocked, &mask));
    sigdelset (&mask, SIGUSR1);
    return mask;
}

static void as_zmq_poll (void *context, const char *address)
{
    void *pull, *push;
    sigset_t mask;
    sigemptyset (&mask);
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    zmq_pollitem_t items[] = {{pull, 0, ZMQ_POLLIN, 77}, {push, 0, ZMQ_POLLOUT, 77}};
    const sigset_t *masks[] = {NULL, &mask};
    for (int i = 0; i < 2; i++) {
        CHECK_INT (zmq_ppoll (items, 2, PATIENCE_MS, masks[i]), 1);
        CHECK_INT (items[1].revents, ZMQ_POLLOUT);
        CHECK_INT (zmq_ppoll (items, 1, 0, masks[i]), 0);
        CHECK_INT (zmq_ppoll (items, 1, 1, masks[i]), 0);
        CHECK_INT (items[0].revents, 0);
        send_text (push, "x", 0);
        CHECK_INT (zmq_ppoll (items, 1, PATIENCE_MS, masks[i]), 1);
        CHECK_INT (items[0].revents, ZMQ_POLLIN);
        RECV_TEXT (pull, "x");
        CHECK_INT (zmq_ppoll (NULL, 0, 1, masks[i]), 0);
        CHECK_ERRNO (zmq_ppoll (items, -1, 0, masks[i]), EINVAL);
        CHECK_ERRNO (zmq_ppoll (NULL, 1, 0, masks[i]), EFAULT);
        zmq_pollitem_t closed = {NULL, 999999, ZMQ_POLLIN, 0}, none = {push + 8, 0, ZMQ_POLLIN, 0};
        CHECK_ERRNO (zmq_ppoll (&closed, 1, 0, masks[i]), EBADF);
        CHECK_ERRNO (zmq_ppoll (&none, 1, 0, masks[i]), ENOTSOCK);
    }
    close_now (push);
    close_now (pull);
}

/* In the terms of pselect: the end of a stream is readable, and nothing is told that was not asked. */
static void an_end_is_readable (void)
{
    int ends[2];
    CHECK_OK (pipe (ends));
    zmq_pollitem_t item = {NULL, ends[0], ZMQ_POLLIN, 77};
    CHECK_INT (zmq_ppoll (&item, 1, 0, NULL), 0);
    close (ends[1]);
    CHECK_INT (zmq_ppoll (&item, 1, -1, NULL), 1);
    CHECK_INT (item.revents, ZMQ_POLLIN);
    item.events = 0;
    CHECK_INT (zmq_ppoll (&item, 1, 1, NULL), 0);
    CHECK_INT (item.revents, 0);
    close (ends[0]);
    CHECK_OK (pipe (ends));
    close (ends[0]);
    item = (zmq_pollitem_t) {NULL, ends[1], ZMQ_POLLOUT, 77};
    CHECK_INT (zmq_ppoll (&item, 1, -1, NULL), 1);
    CHECK_INT (item.revents, ZMQ_POLLOUT);
    close (ends[1]);
}

static void a_pending_signal_interrupts (void *context, const char *address)
{
    void *pull, *push;
    sigset_t mask = prepare_signals ();
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    zmq_pollitem_t item = {pull, 0, ZMQ_POLLIN, 0};
    const long timeouts[] = {-1, PATIENCE_MS, 0};
    for (int i = 0; i < 3; i++) {
        handled = 0;
        CHECK_OK (pthread_kill (pthread_self (), SIGUSR1));
        CHECK_INT (zmq_poll (&item, 1, 1), 0);
        CHECK_INT (zmq_ppoll (&item, 1, 1, NULL), 0);
        CHECK_INT (handled, 0);
        CHECK_ERRNO (zmq_ppoll (&item, 1, timeouts[i], &mask), EINTR);
        CHECK_INT (handled, 1);
        /* The mask is that of before. */
        CHECK_OK (pthread_kill (pthread_self (), SIGUSR1));
        CHECK_INT (handled, 1);
        CHECK_ERRNO (zmq_ppoll (&item, 1, -1, &mask), EINTR);
    }
    /* What is ready is reported; the signal stays pending until a wait. */
    handled = 0;
    send_text (push, "x", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (pthread_kill (pthread_self (), SIGUSR1));
    CHECK_INT (zmq_ppoll (&item, 1, -1, &mask), 1);
    CHECK_INT (handled, 0);
    RECV_TEXT (pull, "x");
    CHECK_ERRNO (zmq_ppoll (&item, 1, -1, &mask), EINTR);
    close_now (push);
    close_now (pull);
}

static pthread_t waiter;

/* Signals until the wait has ended, as it may not have begun. */
static void *interrupt_waiter (void *done)
{
    while (!__atomic_load_n ((int *) done, __ATOMIC_ACQUIRE)) {
        pthread_kill (waiter, SIGUSR1);
        usleep (1000);
    }
    return NULL;
}

static void a_signal_interrupts_the_wait (void *context, const char *address)
{
    void *pull, *push;
    int done = 0;
    pthread_t thread;
    sigset_t mask = prepare_signals ();
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    zmq_pollitem_t item = {pull, 0, ZMQ_POLLIN, 0};
    waiter = pthread_self ();
    CHECK_OK (pthread_create (&thread, NULL, interrupt_waiter, &done));
    CHECK_ERRNO (zmq_ppoll (&item, 1, -1, &mask), EINTR);
    __atomic_store_n (&done, 1, __ATOMIC_RELEASE);
    CHECK_OK (pthread_join (thread, NULL));
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (as_zmq_poll);
    an_end_is_readable ();
    over_transports (a_pending_signal_interrupts);
    over_transports (a_signal_interrupts_the_wait);
    return 0;
}
