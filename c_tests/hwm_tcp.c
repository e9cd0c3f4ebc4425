/* Over connections the sender's queue is limited by its ZMQ_SNDHWM and the receiver's by its
   ZMQ_RCVHWM: exactly, while there is no connection; with the system's buffers in between, when
   there is one; and nothing is lost (zmq_setsockopt(3), options: 3.4). */

#include "testing.h"

static void *with_limit (void *context, int type, int option, int limit)
{
    void *socket = new_socket (context, type);
    set_int (socket, option, limit);
    return socket;
}

/* Without anybody to connect to: whole messages are counted. */
static void the_queue_of_an_unconnected_socket_is_exact (void *context)
{
    static const int limits[] = {1, 2, 5, 100, 1000};
    static const int types[] = {ZMQ_PUSH, ZMQ_DEALER, ZMQ_PAIR};
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    for (int t = 0; t < 3; t++)
        for (int i = 0; i < 5; i++) {
            void *socket = with_limit (context, types[t], ZMQ_SNDHWM, limits[i]);
            connect_to (socket, endpoint);
            for (int k = 0; k < limits[i]; k++) {
                send_text (socket, "part", ZMQ_DONTWAIT | ZMQ_SNDMORE);
                send_text (socket, "last", ZMQ_DONTWAIT);
            }
            CHECK (!(get_int (socket, ZMQ_EVENTS) & ZMQ_POLLOUT));
            CHECK_ERRNO (zmq_send (socket, "part", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
            close_now (socket);
        }
    ipc_done (endpoint);
}

static void zero_is_no_limit (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 0);
    connect_to (push, endpoint);
    for (int i = 0; i < 20000; i++)
        send_text (push, "x", ZMQ_DONTWAIT);
    CHECK (get_int (push, ZMQ_EVENTS) & ZMQ_POLLOUT);
    close_now (push);
    ipc_done (endpoint);
}

static void limits_can_change_on_a_live_socket (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 1);
    connect_to (push, endpoint);
    set_int (push, ZMQ_SNDHWM, 5);
    for (int i = 0; i < 5; i++)
        send_text (push, "x", ZMQ_DONTWAIT);
    CHECK_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    close_now (push);
    ipc_done (endpoint);
}

enum { SIZE = 100000, MANY = 1000 };

/* A receiver that does not read stops the sender; when it reads everything comes, in order. */
static void a_slow_reader_stops_the_sender (void *context, const char *address)
{
    char endpoint[256], *body = calloc (1, SIZE);
    if (strncmp (address, "inproc", 6) == 0) {
        free (body);
        return;
    }
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 2);
    void *pull = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, 2);
    CHECK (body);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    send_text (push, "connected", 0);
    RECV_TEXT (pull, "connected");
    int sent = 0;
    while (ready_within (push, ZMQ_POLLOUT, QUIET_MS)) {
        memcpy (body, &sent, sizeof sent);
        CHECK_INT (zmq_send (push, body, SIZE, ZMQ_DONTWAIT), SIZE);
        CHECK (++sent < MANY);
    }
    CHECK (sent >= 2);
    CHECK_ERRNO (zmq_send (push, body, SIZE, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < sent; i++) {
        int number;
        CHECK_INT (recv_part (pull, &number, sizeof number), SIZE);
        CHECK_INT (number, i);
    }
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    CHECK_INT (zmq_send (push, "again", 5, ZMQ_DONTWAIT), 5);
    RECV_TEXT (pull, "again");
    free (body);
    close_now (push);
    close_now (pull);
}

static void *send_many (void *push)
{
    for (int i = 0; i < 5000; i++)
        CHECK_INT (zmq_send (push, &i, sizeof i, 0), sizeof i);
    return NULL;
}

/* With the tightest limits a waiting sender and a reader get everything through. */
static void nothing_is_lost_with_tight_limits (void *context, const char *address)
{
    char endpoint[256];
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 1);
    void *pull = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, 1);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    pthread_t thread = start_thread (send_many, push);
    for (int i = 0; i < 5000; i++) {
        int number;
        CHECK_INT (recv_part (pull, &number, sizeof number), sizeof number);
        CHECK_INT (number, i);
    }
    join_thread (thread);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (the_queue_of_an_unconnected_socket_is_exact);
    in_context (zero_is_no_limit);
    in_context (limits_can_change_on_a_live_socket);
    over_transports (a_slow_reader_stops_the_sender);
    over_transports (nothing_is_lost_with_tight_limits);
    return 0;
}
