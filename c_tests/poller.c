/* zmq_poller_*: what is registered, what a wait reports, and every error (drafts; functions.md is
   the reference's behaviour as probed). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

#include <fcntl.h>

static void *garbage = (void *) "no poller";

static void check_reset (const zmq_poller_event_t *event)
{
    CHECK (!event->socket && event->fd == -1 && !event->user_data && event->events == 0);
}

static void bad_pollers (void *context)
{
    void *socket = new_socket (context, ZMQ_PAIR), *none = NULL;
    void *destroyed = zmq_poller_new (), *copy = destroyed;
    CHECK_OK (zmq_poller_destroy (&copy));
    CHECK (!copy);
    void *const bad[] = {NULL, garbage, socket, destroyed};
    zmq_poller_event_t event;
    zmq_fd_t fd;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        void *poller = bad[i];
        CHECK_ERRNO (zmq_poller_destroy (&poller), EFAULT);
        CHECK (poller == bad[i]);
        CHECK_ERRNO (zmq_poller_size (poller), EFAULT);
        CHECK_ERRNO (zmq_poller_add (poller, socket, NULL, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_add (poller, NULL, NULL, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_modify (poller, socket, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_remove (poller, socket), EFAULT);
        CHECK_ERRNO (zmq_poller_add_fd (poller, 0, NULL, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_add_fd (poller, -1, NULL, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_modify_fd (poller, 0, ZMQ_POLLIN), EFAULT);
        CHECK_ERRNO (zmq_poller_remove_fd (poller, 0), EFAULT);
        CHECK_ERRNO (zmq_poller_fd (poller, &fd), EFAULT);
        memset (&event, 1, sizeof event);
        CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EFAULT);
        check_reset (&event);
        CHECK_ERRNO (zmq_poller_wait_all (poller, &event, 1, 0), EFAULT);
    }
    CHECK_ERRNO (zmq_poller_destroy (NULL), EFAULT);
    CHECK_ERRNO (zmq_poller_destroy (&none), EFAULT);
    close_now (socket);
}

static void bad_arguments (void *context)
{
    void *poller = zmq_poller_new (), *socket = new_socket (context, ZMQ_PAIR);
    void *closed = new_socket (context, ZMQ_PAIR);
    zmq_poller_event_t event;
    zmq_fd_t fd;
    CHECK_OK (zmq_close (closed));
    void *const bad[] = {NULL, garbage, closed, poller};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_ERRNO (zmq_poller_add (poller, bad[i], NULL, 64), ENOTSOCK);
        CHECK_ERRNO (zmq_poller_modify (poller, bad[i], 64), ENOTSOCK);
        CHECK_ERRNO (zmq_poller_remove (poller, bad[i]), ENOTSOCK);
    }
    CHECK_ERRNO (zmq_poller_add (poller, socket, NULL, 16), EINVAL);
    CHECK_ERRNO (zmq_poller_add (poller, socket, NULL, -1), EINVAL);
    CHECK_ERRNO (zmq_poller_modify (poller, socket, ZMQ_POLLIN), EINVAL);
    CHECK_ERRNO (zmq_poller_remove (poller, socket), EINVAL);
    CHECK_OK (zmq_poller_add (poller, socket, NULL, 0));
    CHECK_ERRNO (zmq_poller_add (poller, socket, NULL, ZMQ_POLLIN), EINVAL);
    CHECK_ERRNO (zmq_poller_modify (poller, socket, 16), EINVAL);
    CHECK_OK (zmq_poller_modify (poller, socket, ZMQ_POLLIN | ZMQ_POLLOUT | ZMQ_POLLERR | ZMQ_POLLPRI));

    CHECK_ERRNO (zmq_poller_add_fd (poller, -1, NULL, 64), EBADF);
    CHECK_ERRNO (zmq_poller_modify_fd (poller, -1, ZMQ_POLLIN), EBADF);
    CHECK_ERRNO (zmq_poller_remove_fd (poller, -1), EBADF);
    CHECK_ERRNO (zmq_poller_add_fd (poller, 5, NULL, 16), EINVAL);
    CHECK_ERRNO (zmq_poller_modify_fd (poller, 5, ZMQ_POLLIN), EINVAL);
    CHECK_ERRNO (zmq_poller_remove_fd (poller, 5), EINVAL);
    CHECK_OK (zmq_poller_add_fd (poller, 5, NULL, 0));
    CHECK_ERRNO (zmq_poller_add_fd (poller, 5, NULL, ZMQ_POLLIN), EINVAL);
    CHECK_ERRNO (zmq_poller_modify_fd (poller, 5, 16), EINVAL);
    CHECK_INT (zmq_poller_size (poller), 2);

    CHECK_ERRNO (zmq_poller_wait (poller, NULL, 0), EFAULT);
    CHECK_ERRNO (zmq_poller_wait_all (poller, NULL, 1, 0), EFAULT);
    CHECK_ERRNO (zmq_poller_wait_all (poller, &event, -1, 0), EINVAL);
    CHECK_ERRNO (zmq_poller_wait_all (poller, &event, 0, 1), EAGAIN);
    /* Without a thread-safe socket there is none. */
    CHECK_ERRNO (zmq_poller_fd (poller, &fd), EINVAL);

    CHECK_OK (zmq_poller_remove_fd (poller, 5));
    CHECK_OK (zmq_poller_remove (poller, socket));
    CHECK_INT (zmq_poller_size (poller), 0);
    CHECK_OK (zmq_poller_destroy (&poller));
    close_now (socket);
}

/* With nothing that could become ready, only a limited wait is allowed. */
static void nothing_to_wait_for (void *context)
{
    void *poller = zmq_poller_new (), *socket = new_socket (context, ZMQ_PAIR);
    zmq_poller_event_t event;
    CHECK_ERRNO (zmq_poller_wait (poller, &event, -1), EFAULT);
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EAGAIN);
    CHECK_OK (zmq_poller_add (poller, socket, NULL, 0));
    CHECK_OK (zmq_poller_add_fd (poller, 0, NULL, 0));
    CHECK_ERRNO (zmq_poller_wait (poller, &event, -1), EFAULT);
    memset (&event, 1, sizeof event);
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 10), EAGAIN);
    check_reset (&event);
    CHECK_OK (zmq_poller_destroy (&poller));
    close_now (socket);
}

static void sockets_are_reported (void *context, const char *address)
{
    void *pull, *push, *poller = zmq_poller_new ();
    zmq_poller_event_t events[3];
    int of_pull, of_push;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_OK (zmq_poller_add (poller, push, &of_push, ZMQ_POLLOUT));
    CHECK_OK (zmq_poller_add (poller, pull, &of_pull, ZMQ_POLLIN));
    CHECK_OK (zmq_poller_wait (poller, events, -1));
    CHECK (events[0].socket == push && events[0].user_data == &of_push && events[0].fd == -1);
    CHECK_INT (events[0].events, ZMQ_POLLOUT);
    /* Readiness lasts. */
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, 0), 1);
    check_reset (events + 1);
    check_reset (events + 2);
    CHECK_OK (zmq_poller_modify (poller, push, 0));
    CHECK_ERRNO (zmq_poller_wait (poller, events, 0), EAGAIN);

    send_text (push, "one", 0);
    CHECK_OK (zmq_poller_wait (poller, events, PATIENCE_MS));
    CHECK (events[0].socket == pull && events[0].user_data == &of_pull);
    CHECK_INT (events[0].events, ZMQ_POLLIN);
    CHECK_OK (zmq_poller_wait (poller, events, 0));
    RECV_TEXT (pull, "one");
    CHECK_ERRNO (zmq_poller_wait (poller, events, 0), EAGAIN);

    /* In the order of registration, as many as there is room for. */
    CHECK_OK (zmq_poller_modify (poller, push, ZMQ_POLLOUT));
    send_text (push, "two", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, PATIENCE_MS), 2);
    CHECK (events[0].socket == push && events[1].socket == pull);
    CHECK_INT (zmq_poller_wait_all (poller, events, 1, 0), 1);
    CHECK (events[0].socket == push);
    CHECK_OK (zmq_poller_remove (poller, push));
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, 0), 1);
    CHECK (events[0].socket == pull);
    CHECK_OK (zmq_poller_remove (poller, pull));
    CHECK_OK (zmq_poller_destroy (&poller));
    close_now (push);
    close_now (pull);
}

/* A call on a socket makes it ready, with no message coming from anywhere. */
static void calls_make_ready (void *context)
{
    void *rep, *req, *poller = zmq_poller_new ();
    zmq_poller_event_t event;
    connected_pair (context, "inproc://x", ZMQ_REP, &rep, ZMQ_REQ, &req);
    CHECK_OK (zmq_poller_add (poller, rep, NULL, ZMQ_POLLOUT));
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EAGAIN);
    send_text (req, "question", 0);
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EAGAIN);
    RECV_TEXT (rep, "question");
    CHECK_OK (zmq_poller_wait (poller, &event, 0));
    send_text (rep, "answer", 0);
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), EAGAIN);
    CHECK_OK (zmq_poller_destroy (&poller));
    close_now (req);
    close_now (rep);
}

static void descriptors_are_reported (void *context)
{
    int ends[2], number;
    void *poller = zmq_poller_new (), *pull, *push;
    zmq_poller_event_t events[3];
    CHECK_OK (pipe (ends));
    connected_pair (context, "inproc://x", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_OK (zmq_poller_add (poller, pull, NULL, ZMQ_POLLIN));
    CHECK_OK (zmq_poller_add_fd (poller, ends[0], &number, ZMQ_POLLIN));
    CHECK_ERRNO (zmq_poller_wait (poller, events, 0), EAGAIN);
    CHECK_INT (write (ends[1], "x", 1), 1);
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, PATIENCE_MS), 1);
    CHECK (!events[0].socket && events[0].fd == ends[0] && events[0].user_data == &number);
    CHECK_INT (events[0].events, ZMQ_POLLIN);
    send_text (push, "x", 0);
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, PATIENCE_MS), 2);
    CHECK (events[0].socket == pull && events[1].fd == ends[0]);
    CHECK_OK (zmq_poller_modify_fd (poller, ends[0], 0));
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, 0), 1);
    CHECK_OK (zmq_poller_add_fd (poller, ends[1], NULL, ZMQ_POLLOUT));
    CHECK_INT (zmq_poller_wait_all (poller, events, 3, 0), 2);
    CHECK (events[1].fd == ends[1] && events[1].events == ZMQ_POLLOUT);
    CHECK_INT (zmq_poller_size (poller), 3);
    CHECK_OK (zmq_poller_destroy (&poller));
    close (ends[0]);
    close (ends[1]);
    close_now (push);
    close_now (pull);
}

struct waiting
{
    void *poller;
    long timeout;
    int result, error;
    zmq_poller_event_t event;
};

static void *wait_for_one (void *argument)
{
    struct waiting *waiting = argument;
    waiting->result = zmq_poller_wait (waiting->poller, &waiting->event, waiting->timeout);
    waiting->error = zmq_errno ();
    return NULL;
}

/* A thread that waits is woken by a message, by a socket that is registered meanwhile, by the end of
   the context and by the end of the poller. */
static void a_sleeper_is_woken (void *context, const char *address)
{
    struct waiting waiting = {zmq_poller_new (), PATIENCE_MS, 0, 0, {0}};
    void *pull, *push, *idle = new_socket (context, ZMQ_PULL);
    pthread_t thread;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    CHECK_OK (zmq_poller_add (waiting.poller, idle, NULL, ZMQ_POLLIN));
    CHECK_OK (zmq_poller_add (waiting.poller, pull, NULL, ZMQ_POLLIN));
    for (int i = 0; i < 20; i++) {
        CHECK_OK (pthread_create (&thread, NULL, wait_for_one, &waiting));
        send_text (push, "x", 0);
        CHECK_OK (pthread_join (thread, NULL));
        CHECK_INT (waiting.result, 0);
        CHECK (waiting.event.socket == pull);
        RECV_TEXT (pull, "x");
    }
    CHECK_OK (pthread_create (&thread, NULL, wait_for_one, &waiting));
    CHECK_OK (zmq_poller_add (waiting.poller, push, NULL, ZMQ_POLLOUT));
    CHECK_OK (pthread_join (thread, NULL));
    CHECK_INT (waiting.result, 0);
    CHECK (waiting.event.socket == push);
    CHECK_OK (zmq_poller_remove (waiting.poller, push));

    void *poller = waiting.poller;
    CHECK_OK (pthread_create (&thread, NULL, wait_for_one, &waiting));
    CHECK_OK (zmq_poller_destroy (&poller));
    CHECK_OK (pthread_join (thread, NULL));
    CHECK_INT (waiting.result, -1);
    CHECK_INT (waiting.error, EFAULT);
    check_reset (&waiting.event);
    close_now (push);
    close_now (pull);
    close_now (idle);
}

static void the_end_of_the_context_is_reported (void)
{
    void *context = zmq_ctx_new (), *socket = new_socket (context, ZMQ_PULL);
    struct waiting waiting = {zmq_poller_new (), -1, 0, 0, {0}};
    zmq_poller_event_t event;
    pthread_t thread;
    CHECK_OK (zmq_poller_add (waiting.poller, socket, NULL, ZMQ_POLLIN));
    CHECK_OK (pthread_create (&thread, NULL, wait_for_one, &waiting));
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_OK (pthread_join (thread, NULL));
    CHECK_INT (waiting.result, -1);
    CHECK_INT (waiting.error, ETERM);
    /* From then on. */
    CHECK_ERRNO (zmq_poller_wait (waiting.poller, &event, -1), ETERM);
    CHECK_ERRNO (zmq_poller_wait (waiting.poller, &event, 0), ETERM);
    CHECK_OK (zmq_poller_remove (waiting.poller, socket));
    CHECK_OK (zmq_poller_destroy (&waiting.poller));
    CHECK_OK (zmq_close (socket));
    CHECK_OK (zmq_ctx_term (context));
}

/* A socket that is closed while it is registered, which a program must not do, costs no more than
   the poller. */
static void a_closed_socket_is_reported (void *context)
{
    void *poller = zmq_poller_new (), *socket = new_socket (context, ZMQ_PULL);
    zmq_poller_event_t event;
    CHECK_OK (zmq_poller_add (poller, socket, NULL, ZMQ_POLLIN));
    CHECK_OK (zmq_close (socket));
    CHECK_ERRNO (zmq_poller_wait (poller, &event, -1), ENOTSOCK);
    CHECK_ERRNO (zmq_poller_wait (poller, &event, 0), ENOTSOCK);
    CHECK_OK (zmq_poller_destroy (&poller));
}

int main (void)
{
    begin_test ();
    in_context (bad_pollers);
    in_context (bad_arguments);
    in_context (nothing_to_wait_for);
    over_transports (sockets_are_reported);
    in_context (calls_make_ready);
    in_context (descriptors_are_reported);
    over_transports (a_sleeper_is_woken);
    the_end_of_the_context_is_reported ();
    in_context (a_closed_socket_is_reported);
    return 0;
}
