/* ZMQ_RCVTIMEO and ZMQ_SNDTIMEO: EAGAIN after the time and not before, 0 at once, -1 never; a change
   counts for the next call (zmq_setsockopt (3)). */

#include "testing.h"

static int try_recv (void *socket)
{
    char text[16];
    return zmq_recv (socket, text, sizeof text, 0);
}

static int try_msg_recv (void *socket)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init (&message));
    int result = zmq_msg_recv (&message, socket, 0), error = zmq_errno ();
    CHECK_INT (zmq_msg_size (&message), 0);
    CHECK_OK (zmq_msg_close (&message));
    errno = error;
    return result;
}

static int try_send (void *socket)
{
    return zmq_send (socket, "x", 1, 0);
}

struct timed_call {
    int type, option;
    int (*call) (void *socket);
};

static const struct timed_call CALLS[] = {
    {ZMQ_PULL, ZMQ_RCVTIMEO, try_recv},   {ZMQ_SUB, ZMQ_RCVTIMEO, try_msg_recv},
    {ZMQ_DEALER, ZMQ_RCVTIMEO, try_recv}, {ZMQ_REP, ZMQ_RCVTIMEO, try_msg_recv},
    {ZMQ_PUSH, ZMQ_SNDTIMEO, try_send},   {ZMQ_DEALER, ZMQ_SNDTIMEO, try_send},
    {ZMQ_PAIR, ZMQ_SNDTIMEO, try_send},   {ZMQ_REQ, ZMQ_SNDTIMEO, try_send},
};
#define CALL_COUNT (sizeof CALLS / sizeof *CALLS)

static void options_have_defaults_and_limits (void *context)
{
    static const int options[] = {ZMQ_RCVTIMEO, ZMQ_SNDTIMEO};
    void *socket = new_socket (context, ZMQ_DEALER);
    for (int i = 0; i < 2; i++) {
        int value = -2;
        CHECK_INT (get_int (socket, options[i]), -1);
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], &value, sizeof value), EINVAL);
        set_int (socket, options[i], 5);
        CHECK_INT (get_int (socket, options[i]), 5);
        set_int (socket, options[i], -1);
        CHECK_INT (get_int (socket, options[i]), -1);
    }
    close_now (socket);
}

/* The value set last decides, on one socket. */
static void calls_give_up_in_time (void *context)
{
    static const int times[] = {120, 0, 40, 0};
    for (size_t i = 0; i < CALL_COUNT; i++) {
        void *socket = new_socket (context, CALLS[i].type);
        for (size_t j = 0; j < sizeof times / sizeof *times; j++) {
            set_int (socket, CALLS[i].option, times[j]);
            double start = now_ms ();
            CHECK_ERRNO (CALLS[i].call (socket), EAGAIN);
            double took = now_ms () - start;
            CHECK (took > times[j] - 3 && took < PATIENCE_MS);
        }
        close_now (socket);
    }
}

/* The other direction's time and DONTWAIT do not wait. */
static void dontwait_does_not_wait (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    set_int (socket, ZMQ_RCVTIMEO, 10 * PATIENCE_MS);
    set_int (socket, ZMQ_SNDTIMEO, 10 * PATIENCE_MS);
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_send (socket, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    close_now (socket);
}

/* The queue is full, and stays so for the time. */
static void a_full_queue_times_out (void *context, const char *address)
{
    static char big[1 << 20];
    void *pull, *push;
    int full = 0;
    pull = new_socket (context, ZMQ_PULL);
    push = new_socket (context, ZMQ_PUSH);
    char endpoint[256];
    set_int (pull, ZMQ_RCVHWM, 1);
    set_int (push, ZMQ_SNDHWM, 1);
    set_int (push, ZMQ_SNDTIMEO, 150);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    for (int i = 0; i < 1000 && !full; i++) {
        double start = now_ms ();
        if (zmq_send (push, big, sizeof big, 0) == -1) {
            CHECK_INT (zmq_errno (), EAGAIN);
            CHECK (now_ms () - start > 145);
            full = 1;
        }
    }
    CHECK (full);
    close_now (push);
    close_now (pull);
}

struct delayed {
    void *context;
    const char *endpoint;
};

static void *send_one (void *argument)
{
    struct delayed *delayed = argument;
    void *push = new_socket (delayed->context, ZMQ_PUSH);
    connect_to (push, delayed->endpoint);
    send_text (push, "in time", 0);
    CHECK_OK (zmq_close (push));
    return NULL;
}

/* What comes in time is received. */
static void a_message_ends_the_wait (void *context, const char *address)
{
    static const int times[] = {PATIENCE_MS, -1};
    char endpoint[256], text[16];
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, address, endpoint);
    for (int i = 0; i < 2; i++) {
        struct delayed delayed = {context, endpoint};
        set_int (pull, ZMQ_RCVTIMEO, times[i]);
        pthread_t thread = start_thread (send_one, &delayed);
        CHECK_INT (zmq_recv (pull, text, sizeof text, 0), 7);
        CHECK (memcmp (text, "in time", 7) == 0);
        join_thread (thread);
    }
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (options_have_defaults_and_limits);
    in_context (calls_give_up_in_time);
    in_context (dontwait_does_not_wait);
    over_transports (a_full_queue_times_out);
    over_transports (a_message_ends_the_wait);
    return 0;
}
