/* A process forks while another of its threads is in the first call of the library. Whatever that
   prepares, the child has not got the thread, and is not left waiting for it. */

#include "children.h"

/* Makes a context and tells of it. */
static void *begin (void *told)
{
    void *context = zmq_ctx_new ();
    CHECK_INT (write (((int *) told)[1], &context, sizeof context), (int) sizeof context);
    return NULL;
}

static void use_the_library (void *unused)
{
    (void) unused;
    void *context = zmq_ctx_new (), *bound, *connected;
    connected_pair (context, "inproc://own", ZMQ_PAIR, &bound, ZMQ_PAIR, &connected);
    send_text (bound, "here", 0);
    RECV_TEXT (connected, "here");
    CHECK_OK (zmq_close (bound));
    CHECK_OK (zmq_close (connected));
    CHECK_OK (zmq_ctx_term (context));
}

/* A process whose other thread is in its first call of the library, for `spins` turns, when it forks. */
static void fork_amid_the_first_call (void *spins)
{
    int told[2];
    pthread_t beginner;
    void *context;
    CHECK_OK (pipe (told));
    CHECK_INT (pthread_create (&beginner, NULL, begin, told), 0);
    /* Not to be joined: the child has no such thread, and checkers would miss it there. */
    CHECK_INT (pthread_detach (beginner), 0);
    for (volatile int i = 0; i < *(int *) spins; i++)
        ;
    in_child (use_the_library, NULL, NULL);
    CHECK_INT (read (told[0], &context, sizeof context), (int) sizeof context);
    CHECK_OK (close (told[0]));
    CHECK_OK (close (told[1]));
    CHECK_OK (zmq_ctx_term (context));
}

/* Whatever a first call prepares, a child that is forked meanwhile is not left waiting for it. To be run
   in a process that has not called the library. */
static void the_first_call_is_forked_away (void)
{
    for (int spins = 1; spins < 3000000; spins *= 2)
        in_child (fork_amid_the_first_call, NULL, &spins);
}

int main (void)
{
    begin_test ();
    the_first_call_is_forked_away ();
    return 0;
}
