/* zmq_ctx_term interrupted by a signal gives EINTR, the context keeps terminating, and the call can
   be made again (zmq_ctx_term (3)). */

#include "testing.h"

#include <signal.h>

static volatile sig_atomic_t caught;

static void on_signal (int number)
{
    (void) number;
    caught++;
}

struct ending {
    void *context;
    struct tally interrupted;
    int result;
};

static void *term_until_done (void *argument)
{
    struct ending *ending = argument;
    while ((ending->result = zmq_ctx_term (ending->context)) == -1) {
        CHECK_INT (zmq_errno (), EINTR);
        tally_add (&ending->interrupted);
    }
    return NULL;
}

/* Sends signals until the thread has been interrupted `times` times. */
static void interrupt (pthread_t thread, struct tally *interrupted, int times)
{
    double end = now_ms () + PATIENCE_MS;
    while (tally_count (interrupted) < times) {
        const struct timespec pause = {0, 5000000};
        CHECK_OK (pthread_kill (thread, SIGUSR1));
        nanosleep (&pause, NULL);
        CHECK (now_ms () < end);
    }
}

static void term_can_be_called_again (int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    CHECK_OK (sigaction (SIGUSR1, &action, NULL));
    struct ending ending = {zmq_ctx_new (), EMPTY_TALLY, -2};
    void *socket = new_socket (ending.context, ZMQ_PULL);
    caught = 0;
    pthread_t thread = start_thread (term_until_done, &ending);
    interrupt (thread, &ending.interrupted, 3);
    CHECK (caught >= 3);
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, 0), ETERM);
    errno = 0;
    CHECK (!zmq_socket (ending.context, ZMQ_PULL) && zmq_errno () == ETERM);
    CHECK_OK (zmq_close (socket));
    join_thread (thread);
    CHECK_INT (ending.result, 0);
}

int main (void)
{
    begin_test ();
    term_can_be_called_again (0);
    term_can_be_called_again (SA_RESTART);
    return 0;
}
