/* ZMQ_IO_THREADS 0: inproc works, every other transport is EMTHREAD; the value is fixed when the first
   socket is made (zmq_ctx_set (3)). */

#include "testing.h"

static void *without_threads (void)
{
    void *context = zmq_ctx_new ();
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 0));
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 0);
    return context;
}

static void option_has_default_and_limits (void *context)
{
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), ZMQ_IO_THREADS_DFLT);
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 1);
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_IO_THREADS, -1), EINVAL);
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 1);
}

static void inproc_works (void)
{
    void *context = without_threads (), *req, *rep;
    connected_pair (context, "inproc://threadless", ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_text (req, "question", 0);
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    RECV_TEXT (req, "answer");
    close_now (req);
    close_now (rep);
    CHECK_OK (zmq_ctx_term (context));
}

static void other_transports_have_no_thread (void)
{
    static const char *const bound[] = {"tcp://127.0.0.1:*", "ipc://@zmq-test-threadless"};
    static const char *const connected[] = {"tcp://127.0.0.1:5555", "ipc://@zmq-test-threadless"};
    void *context = without_threads ();
    void *socket = new_socket (context, ZMQ_DEALER);
    for (int i = 0; i < 2; i++) {
        CHECK_ERRNO (zmq_bind (socket, bound[i]), EMTHREAD);
        CHECK_ERRNO (zmq_connect (socket, connected[i]), EMTHREAD);
        CHECK_ERRNO (zmq_disconnect (socket, connected[i]), ENOENT);
    }
    CHECK_OK (zmq_bind (socket, "inproc://still-fine"));
    close_now (socket);
    CHECK_OK (zmq_ctx_term (context));
}

static void the_first_socket_fixes_it (void)
{
    void *context = without_threads ();
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 1));
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 1);
    CHECK_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMTHREAD);
    close_now (socket);
    CHECK_OK (zmq_ctx_term (context));
}

static void zmq_init_takes_the_number (void)
{
    void *context = zmq_init (0);
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 0);
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMTHREAD);
    close_now (socket);
    CHECK_OK (zmq_term (context));
    context = zmq_init (3);
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 3);
    CHECK_OK (zmq_term (context));
}

/* Many threads serve many connections. */
static void several_threads_work (void)
{
    void *context = zmq_ctx_new (), *push[8], *pull;
    char endpoint[256];
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 4));
    pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    for (int i = 0; i < 8; i++) {
        push[i] = new_socket (context, ZMQ_PUSH);
        connect_to (push[i], endpoint);
        for (int j = 0; j < 10; j++)
            send_text (push[i], "same", 0);
    }
    for (int i = 0; i < 80; i++)
        RECV_TEXT (pull, "same");
    for (int i = 0; i < 8; i++)
        close_now (push[i]);
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    in_context (option_has_default_and_limits);
    inproc_works ();
    other_transports_have_no_thread ();
    the_first_socket_fixes_it ();
    zmq_init_takes_the_number ();
    several_threads_work ();
    return 0;
}
