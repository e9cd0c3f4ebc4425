/* zmq_ctx_shutdown: ends the use of all sockets without waiting, can be repeated, lets nothing be
   created, and leaves closing and zmq_ctx_term to be done (zmq_ctx_shutdown (3)). */

#include "testing.h"

#include <semaphore.h>

static void it_does_not_wait_and_can_be_repeated (void)
{
    void *context = zmq_ctx_new ();
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, 0), ETERM);
    CHECK_OK (zmq_close (socket));
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_OK (zmq_ctx_term (context));
}

static void nothing_can_be_created (void)
{
    for (int used = 0; used < 2; used++) {
        void *context = zmq_ctx_new ();
        if (used)
            close_now (new_socket (context, ZMQ_PULL));
        CHECK_OK (zmq_ctx_shutdown (context));
        errno = 0;
        CHECK (!zmq_socket (context, ZMQ_PULL) && zmq_errno () == ETERM);
        CHECK_OK (zmq_ctx_term (context));
    }
}

static int do_recv (void *socket) { return zmq_recv (socket, NULL, 0, 0); }
static int do_recv_now (void *socket) { return zmq_recv (socket, NULL, 0, ZMQ_DONTWAIT); }
static int do_send (void *socket) { return zmq_send (socket, "x", 1, 0); }
static int do_send_now (void *socket) { return zmq_send (socket, "x", 1, ZMQ_DONTWAIT); }
static int do_bind (void *socket) { return zmq_bind (socket, "inproc://other"); }
static int do_connect (void *socket) { return zmq_connect (socket, "inproc://other"); }
static int do_unbind (void *socket) { return zmq_unbind (socket, "inproc://bound"); }
static int do_disconnect (void *socket) { return zmq_disconnect (socket, "inproc://bound"); }
static int do_monitor (void *socket)
{
    return zmq_socket_monitor (socket, "inproc://monitor", ZMQ_EVENT_ALL);
}
static int do_set (void *socket)
{
    int value = 1;
    return zmq_setsockopt (socket, ZMQ_LINGER, &value, sizeof value);
}
static int do_get (void *socket)
{
    int value;
    size_t size = sizeof value;
    return zmq_getsockopt (socket, ZMQ_LINGER, &value, &size);
}
static int do_get_events (void *socket)
{
    int value;
    size_t size = sizeof value;
    return zmq_getsockopt (socket, ZMQ_EVENTS, &value, &size);
}
static int do_poll (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    return zmq_poll (&item, 1, -1);
}

/* Once a call has noticed, every other gives ETERM too, again and again; close works. */
static void everything_but_close_gives_eterm (void)
{
    static int (*const calls[]) (void *) = {
        do_recv, do_recv_now, do_send,    do_send_now, do_bind, do_connect,    do_unbind,
        do_disconnect, do_set, do_get, do_get_events, do_poll, do_monitor,
    };
    for (int round = 0; round < 2; round++) {
        void *context = zmq_ctx_new ();
        void *socket = new_socket (context, ZMQ_DEALER);
        CHECK_OK (zmq_bind (socket, "inproc://bound"));
        CHECK_OK (zmq_ctx_shutdown (context));
        CHECK_ERRNO (zmq_recv (socket, NULL, 0, 0), ETERM);
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            CHECK_ERRNO (calls[i](socket), ETERM);
        CHECK_OK (zmq_close (socket));
        CHECK_OK (zmq_ctx_term (context));
    }
}

/* The first call to notice can be any of these. */
static void calls_notice_by_themselves (void)
{
    static int (*const calls[]) (void *) = {do_recv,       do_send, do_bind, do_connect,
                                            do_get_events, do_poll, do_recv_now};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        void *context = zmq_ctx_new ();
        void *socket = new_socket (context, ZMQ_DEALER);
        CHECK_OK (zmq_ctx_shutdown (context));
        CHECK_ERRNO (calls[i](socket), ETERM);
        CHECK_OK (zmq_close (socket));
        CHECK_OK (zmq_ctx_term (context));
    }
}

/* Setting an option does not look for notices. */
static void setting_options_does_not_notice (void)
{
    void *context = zmq_ctx_new ();
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_OK (do_set (socket));
    CHECK_ERRNO (do_recv (socket), ETERM);
    CHECK_ERRNO (do_set (socket), ETERM);
    CHECK_OK (zmq_close (socket));
    CHECK_OK (zmq_ctx_term (context));
}

/* Once that is noticed, messages already received are not to be had any more. */
static void waiting_messages_are_not_delivered (void)
{
    void *context = zmq_ctx_new (), *pull, *push;
    connected_pair (context, "inproc://x", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "waiting", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, 0));
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_ERRNO (do_get_events (pull), ETERM);
    CHECK_ERRNO (do_recv (pull), ETERM);
    CHECK_OK (zmq_close (pull));
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_ctx_term (context));
}

struct receiver {
    void *socket;
    pid_t thread;
    sem_t started;
};

static void *receive (void *argument)
{
    struct receiver *receiver = argument;
    receiver->thread = gettid ();
    CHECK_OK (sem_post (&receiver->started));
    CHECK_ERRNO (zmq_recv (receiver->socket, NULL, 0, 0), ETERM);
    return NULL;
}

/* The socket may then be closed by another thread. */
static void blocked_calls_are_woken (void)
{
    struct receiver receiver;
    void *context = zmq_ctx_new ();
    receiver.socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (sem_init (&receiver.started, 0, 0));
    pthread_t thread = start_thread (receive, &receiver);
    CHECK_OK (sem_wait (&receiver.started));
    await_asleep (receiver.thread);
    CHECK_OK (zmq_ctx_shutdown (context));
    join_thread (thread);
    CHECK_OK (zmq_close (receiver.socket));
    CHECK_OK (zmq_ctx_term (context));
    CHECK_OK (sem_destroy (&receiver.started));
}

/* Options of the context stay readable and settable. */
static void context_options_still_work (void)
{
    void *context = zmq_ctx_new ();
    CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 1);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 2));
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 2);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    it_does_not_wait_and_can_be_repeated ();
    nothing_can_be_created ();
    everything_but_close_gives_eterm ();
    calls_notice_by_themselves ();
    setting_options_does_not_notice ();
    waiting_messages_are_not_delivered ();
    blocked_calls_are_woken ();
    context_options_still_work ();
    return 0;
}
