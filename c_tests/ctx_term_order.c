/* zmq_ctx_term: sockets may be closed in any order and from any thread; it waits for all of them,
   wakes blocked calls with ETERM, and leaves a dead handle (zmq_ctx_term (3)). */

#include "testing.h"

#include <semaphore.h>

enum { SOCKETS = 6 };

/* Three connected pairs, closed in the given order. */
static void any_closing_order_works (void)
{
    static const int orders[][SOCKETS] = {
        {0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {1, 3, 5, 0, 2, 4}, {2, 0, 4, 5, 1, 3}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        void *context = zmq_ctx_new (), *sockets[SOCKETS];
        for (int pair = 0; pair < 3; pair++) {
            connected_pair (context, TRANSPORTS[pair], ZMQ_DEALER, &sockets[2 * pair], ZMQ_DEALER,
                            &sockets[2 * pair + 1]);
            send_text (sockets[2 * pair], "left unread", 0);
            send_text (sockets[2 * pair + 1], "left unread too", 0);
        }
        for (int j = 0; j < SOCKETS; j++)
            close_now (sockets[orders[i][j]]);
        CHECK_OK (zmq_ctx_term (context));
    }
}

static void *close_it (void *socket)
{
    close_now (socket);
    return NULL;
}

static void any_thread_may_close (void)
{
    void *context = zmq_ctx_new (), *sockets[SOCKETS];
    pthread_t threads[SOCKETS];
    for (int pair = 0; pair < 3; pair++)
        connected_pair (context, TRANSPORTS[pair], ZMQ_PUSH, &sockets[2 * pair], ZMQ_PULL,
                        &sockets[2 * pair + 1]);
    for (int i = 0; i < SOCKETS; i++)
        threads[i] = start_thread (close_it, sockets[i]);
    CHECK_OK (zmq_ctx_term (context));
    for (int i = 0; i < SOCKETS; i++)
        join_thread (threads[i]);
}

static void a_context_without_sockets_ends_at_once (void)
{
    void *context = zmq_ctx_new ();
    CHECK_OK (zmq_ctx_term (context));
    CHECK_ERRNO (zmq_ctx_term (NULL), EFAULT);
    CHECK_ERRNO (zmq_ctx_shutdown (NULL), EFAULT);
    CHECK_ERRNO (zmq_close (NULL), ENOTSOCK);
}

static void the_old_names_work (void)
{
    void *context = zmq_init (1);
    CHECK (context);
    close_now (new_socket (context, ZMQ_PULL));
    CHECK_OK (zmq_term (context));
    context = zmq_ctx_new ();
    CHECK_OK (zmq_ctx_destroy (context));
    errno = 0;
    CHECK (!zmq_init (-1) && zmq_errno () == EINVAL);
}

/* Calls that wait until something is there to do. */
struct blocked {
    int (*call) (void *socket);
    void *socket;
    pid_t thread;
    sem_t started;
};

static int block_in_recv (void *socket)
{
    return zmq_recv (socket, NULL, 0, 0);
}

static int block_in_send (void *socket)
{
    return zmq_send (socket, "x", 1, 0);
}

static int block_in_poll (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    return zmq_poll (&item, 1, -1);
}

static void *run_blocked (void *argument)
{
    struct blocked *blocked = argument;
    blocked->thread = gettid ();
    CHECK_OK (sem_post (&blocked->started));
    CHECK_ERRNO (blocked->call (blocked->socket), ETERM);
    CHECK_ERRNO (blocked->call (blocked->socket), ETERM);
    CHECK_OK (zmq_close (blocked->socket));
    return NULL;
}

/* Each socket is closed by the thread that was blocked on it; term returns after that. */
static void blocked_calls_wake_with_eterm (int all_at_once)
{
    static const struct {
        int (*call) (void *socket);
        int type;
    } rows[] = {{block_in_recv, ZMQ_PULL}, {block_in_send, ZMQ_PUSH}, {block_in_poll, ZMQ_DEALER},
                {block_in_recv, ZMQ_SUB}, {block_in_recv, ZMQ_REP}, {block_in_send, ZMQ_REQ}};
    enum { ROWS = sizeof rows / sizeof *rows };
    for (int first = 0; first < ROWS; first += all_at_once ? (int) ROWS : 1) {
        int last = all_at_once ? (int) ROWS : first + 1;
        struct blocked blocked[ROWS];
        pthread_t threads[ROWS];
        void *context = zmq_ctx_new ();
        for (int i = first; i < last; i++) {
            blocked[i].call = rows[i].call;
            blocked[i].socket = new_socket (context, rows[i].type);
            if (rows[i].type == ZMQ_SUB)
                set_int (blocked[i].socket, ZMQ_RCVTIMEO, 10 * PATIENCE_MS);
            CHECK_OK (sem_init (&blocked[i].started, 0, 0));
            threads[i] = start_thread (run_blocked, &blocked[i]);
            CHECK_OK (sem_wait (&blocked[i].started));
            await_asleep (blocked[i].thread);
        }
        CHECK_OK (zmq_ctx_term (context));
        for (int i = first; i < last; i++) {
            join_thread (threads[i]);
            CHECK_OK (sem_destroy (&blocked[i].started));
        }
    }
}

struct ending {
    void *context;
    pid_t thread;
    sem_t started;
    struct tally ended;
};

static void *term_it (void *argument)
{
    struct ending *ending = argument;
    ending->thread = gettid ();
    CHECK_OK (sem_post (&ending->started));
    CHECK_OK (zmq_ctx_term (ending->context));
    tally_add (&ending->ended);
    return NULL;
}

/* While a socket is open, term goes on waiting; meanwhile the socket gives ETERM to everything. */
static void term_waits_for_the_last_close (void)
{
    struct ending ending = {zmq_ctx_new (), 0, {{0}}, EMPTY_TALLY};
    void *first = new_socket (ending.context, ZMQ_PULL);
    void *second = new_socket (ending.context, ZMQ_PUSH);
    CHECK_OK (sem_init (&ending.started, 0, 0));
    pthread_t thread = start_thread (term_it, &ending);
    CHECK_OK (sem_wait (&ending.started));
    await_asleep (ending.thread);
    CHECK_ERRNO (zmq_recv (first, NULL, 0, 0), ETERM);
    CHECK_ERRNO (zmq_bind (first, "inproc://late"), ETERM);
    errno = 0;
    CHECK (!zmq_socket (ending.context, ZMQ_PULL) && zmq_errno () == ETERM);
    CHECK_OK (zmq_close (first));
    CHECK_ERRNO (zmq_send (second, "x", 1, 0), ETERM);
    await_asleep (ending.thread);
    CHECK_INT (tally_count (&ending.ended), 0);
    CHECK_OK (zmq_close (second));
    tally_reaches (&ending.ended, 1);
    join_thread (thread);
    CHECK_OK (sem_destroy (&ending.started));
}

int main (void)
{
    begin_test ();
    any_closing_order_works ();
    any_thread_may_close ();
    a_context_without_sockets_ends_at_once ();
    the_old_names_work ();
    blocked_calls_wake_with_eterm (0);
    blocked_calls_wake_with_eterm (1);
    term_waits_for_the_last_close ();
    return 0;
}
