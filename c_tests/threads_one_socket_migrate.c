/* A socket may be used by one thread after another, handed over with a full fence, which joining and
   starting threads are (zmq_socket (3)). */

#include "testing.h"

enum { HANDOVERS = 50 };

struct stage {
    void *socket;
    int number;
};

static void *send_number (void *argument)
{
    struct stage *stage = argument;
    char text[16];
    snprintf (text, sizeof text, "%d", stage->number);
    send_text (stage->socket, text, 0);
    return NULL;
}

static void *receive_number (void *argument)
{
    struct stage *stage = argument;
    char text[16];
    snprintf (text, sizeof text, "%d", stage->number);
    RECV_TEXT (stage->socket, text);
    return NULL;
}

/* Every message is sent by one new thread and received by another. */
static void each_message_from_another_thread (void *context, const char *address)
{
    struct stage sending = {0}, receiving = {0};
    connected_pair (context, address, ZMQ_PULL, &receiving.socket, ZMQ_PUSH, &sending.socket);
    for (int i = 0; i < HANDOVERS; i++) {
        sending.number = receiving.number = i;
        join_thread (start_thread (send_number, &sending));
        join_thread (start_thread (receive_number, &receiving));
    }
    close_now (sending.socket);
    close_now (receiving.socket);
}

static void *make_request (void *socket)
{
    send_text (socket, "question", 0);
    return NULL;
}

static void *take_answer (void *socket)
{
    RECV_TEXT (socket, "answer");
    return NULL;
}

/* The state of a conversation moves along. */
static void a_request_is_finished_elsewhere (void *context, const char *address)
{
    void *rep, *req;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_REQ, &req);
    for (int i = 0; i < 10; i++) {
        join_thread (start_thread (make_request, req));
        RECV_TEXT (rep, "question");
        send_text (rep, "answer", 0);
        join_thread (start_thread (take_answer, req));
    }
    close_now (req);
    close_now (rep);
}

struct factory {
    void *context;
    char endpoint[256];
};

static void *make_bound (void *argument)
{
    struct factory *factory = argument;
    void *socket = new_socket (factory->context, ZMQ_PULL);
    bind_to (socket, "tcp://127.0.0.1:*", factory->endpoint);
    return socket;
}

static void *make_connected (void *argument)
{
    struct factory *factory = argument;
    void *socket = new_socket (factory->context, ZMQ_PUSH);
    connect_to (socket, factory->endpoint);
    send_text (socket, "made elsewhere", 0);
    return socket;
}

static void *close_it (void *socket)
{
    CHECK_OK (zmq_close (socket));
    return NULL;
}

/* Made by threads that are gone, used here, closed by yet others. */
static void makers_and_closers_differ (void *context)
{
    struct factory factory = {context, ""};
    for (int i = 0; i < 10; i++) {
        void *pull = join_thread (start_thread (make_bound, &factory));
        void *push = join_thread (start_thread (make_connected, &factory));
        RECV_TEXT (pull, "made elsewhere");
        join_thread (start_thread (close_it, push));
        join_thread (start_thread (close_it, pull));
    }
}

/* One socket used alternately under a lock. */
struct shared {
    pthread_mutex_t lock;
    void *socket;
    int sent;
};

static void *send_in_turns (void *argument)
{
    struct shared *shared = argument;
    for (int i = 0; i < 200; i++) {
        char text[16];
        pthread_mutex_lock (&shared->lock);
        snprintf (text, sizeof text, "%d", shared->sent++);
        send_text (shared->socket, text, 0);
        pthread_mutex_unlock (&shared->lock);
    }
    return NULL;
}

static void a_lock_is_enough (void *context, const char *address)
{
    struct shared shared = {PTHREAD_MUTEX_INITIALIZER, NULL, 0};
    pthread_t threads[4];
    void *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &shared.socket);
    for (int i = 0; i < 4; i++)
        threads[i] = start_thread (send_in_turns, &shared);
    for (int i = 0; i < 800; i++) {
        char text[16];
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (pull, text);
    }
    for (int i = 0; i < 4; i++)
        join_thread (threads[i]);
    close_now (shared.socket);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (each_message_from_another_thread);
    over_transports (a_request_is_finished_elsewhere);
    in_context (makers_and_closers_differ);
    over_transports (a_lock_is_enough);
    return 0;
}
