/* Several contexts live in one process without knowing each other, in many threads at once; sockets of
   one context may be made and closed by many threads at once (zmq_ctx_new (3)). */

#include "testing.h"

enum { THREADS = 6, ROUNDS = 15 };

/* A whole life of a context: the same inproc name everywhere, and tcp. */
static void *live_and_end (void *argument)
{
    const char *text = argument;
    for (int i = 0; i < ROUNDS; i++) {
        void *context = zmq_ctx_new ();
        for (int transport = 0; transport < 2; transport++) {
            void *rep, *req;
            connected_pair (context, TRANSPORTS[transport], ZMQ_REP, &rep, ZMQ_REQ, &req);
            send_text (req, text, 0);
            RECV_TEXT (rep, text);
            send_text (rep, text, 0);
            RECV_TEXT (req, text);
            close_now (req);
            close_now (rep);
        }
        CHECK_OK (zmq_ctx_term (context));
    }
    return NULL;
}

static void contexts_live_side_by_side (void)
{
    static char *const texts[THREADS] = {"a", "bb", "ccc", "dddd", "eeeee", "ffffff"};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread (live_and_end, texts[i]);
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
}

/* Two contexts talk over tcp and ipc; ending one leaves the other going. */
static void contexts_talk_to_each_other (void *context, const char *address)
{
    if (strncmp (address, "inproc", 6) == 0)
        return;
    void *pull = new_socket (context, ZMQ_PULL);
    char endpoint[256];
    bind_to (pull, address, endpoint);
    for (int i = 0; i < 5; i++) {
        void *other = zmq_ctx_new (), *push = new_socket (other, ZMQ_PUSH);
        connect_to (push, endpoint);
        send_text (push, "from another context", 0);
        CHECK_OK (zmq_close (push));
        CHECK_OK (zmq_ctx_term (other));
        RECV_TEXT (pull, "from another context");
    }
    close_now (pull);
}

static void *make_many_sockets (void *context)
{
    static const int types[] = {ZMQ_PAIR, ZMQ_PUB, ZMQ_SUB, ZMQ_DEALER, ZMQ_ROUTER, ZMQ_PULL};
    char endpoint[256];
    for (int i = 0; i < 60; i++) {
        void *socket = new_socket (context, types[i % 6]);
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        close_now (socket);
    }
    return NULL;
}

static void one_context_serves_many_threads (void *context)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread (make_many_sockets, context);
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
}

struct worker {
    void *context;
    int number;
};

/* Asks a router of another thread some questions. */
static void *ask (void *argument)
{
    struct worker *worker = argument;
    void *req = new_socket (worker->context, ZMQ_REQ);
    connect_to (req, "inproc://service");
    for (int i = 0; i < 50; i++) {
        char text[32];
        snprintf (text, sizeof text, "%d of %d", i, worker->number);
        send_text (req, text, 0);
        RECV_TEXT (req, text);
    }
    close_now (req);
    return NULL;
}

static void threads_share_a_service (void *context)
{
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    void *rep = new_socket (context, ZMQ_REP);
    char text[64];
    CHECK_OK (zmq_bind (rep, "inproc://service"));
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){context, i};
        threads[i] = start_thread (ask, &workers[i]);
    }
    for (int i = 0; i < THREADS * 50; i++) {
        int size = recv_part (rep, text, sizeof text);
        CHECK_INT (zmq_send (rep, text, (size_t) size, 0), size);
    }
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
    close_now (rep);
}

int main (void)
{
    begin_test ();
    contexts_live_side_by_side ();
    over_transports (contexts_talk_to_each_other);
    in_context (one_context_serves_many_threads);
    in_context (threads_share_a_service);
    return 0;
}
