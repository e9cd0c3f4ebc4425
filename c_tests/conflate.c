/* With ZMQ_CONFLATE a pipe holds the last message only; it is never full. PUSH, PULL, PUB, SUB and
   DEALER heed the option, others do not (zmq_setsockopt(3), options: 3.5). */

#include "testing.h"

static void *conflating (void *context, int type)
{
    void *socket = new_socket (context, type);
    set_int (socket, ZMQ_CONFLATE, 1);
    set_int (socket, ZMQ_SNDHWM, 1);
    set_int (socket, ZMQ_RCVHWM, 1);
    return socket;
}

static void send_numbers (void *socket, int count)
{
    char text[16];
    for (int i = 0; i < count; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (socket, text, ZMQ_DONTWAIT);
    }
}

static void only_the_last_is_kept_over_inproc (void *context)
{
    static const int types[][2] = {{ZMQ_PULL, ZMQ_PUSH}, {ZMQ_DEALER, ZMQ_DEALER}};
    char endpoint[32];
    for (int i = 0; i < 2; i++) {
        void *bound = conflating (context, types[i][0]),
            *connected = conflating (context, types[i][1]);
        snprintf (endpoint, sizeof endpoint, "inproc://%d", i);
        CHECK_OK (zmq_bind (bound, endpoint));
        connect_to (connected, endpoint);
        for (int round = 0; round < 3; round++) {
            send_numbers (connected, 100);
            RECV_PARTS (bound, "99", NULL);
            CHECK_ERRNO (zmq_recv (bound, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        }
        close_now (bound);
        close_now (connected);
    }
}

static void a_subscriber_sees_the_last (void *context)
{
    void *xpub = conflating (context, ZMQ_PUB), *sub = conflating (context, ZMQ_SUB);
    CHECK_OK (zmq_bind (xpub, "inproc://pub"));
    connect_to (sub, "inproc://pub");
    subscribe (sub, "");
    CHECK (get_int (xpub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_numbers (xpub, 100);
    RECV_PARTS (sub, "99", NULL);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (xpub);
    close_now (sub);
}

/* What queued up while there was no connection is one message. */
static void the_queue_before_connecting_is_one_message (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    void *push = conflating (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_int (push, ZMQ_RECONNECT_IVL, 5);
    connect_to (push, endpoint);
    send_numbers (push, 1000);
    CHECK_OK (zmq_bind (pull, endpoint));
    RECV_PARTS (pull, "999", NULL);
    CHECK (!ready_within (pull, ZMQ_POLLIN, 30));
    close_now (push);
    close_now (pull);
    ipc_done (endpoint);
}

/* The reference may fail to wake the reader for the last of a quick series: one more helps. */
static void nudge (void *push, void *pull)
{
    if (library_version () < ZMQ_MAKE_VERSION (4, 3, 6) && !ready_within (pull, ZMQ_POLLIN,
                                                                          QUIET_MS))
        send_text (push, "20000", 0);
}

/* Over connections some of the earlier ones may show, but always newer ones, and the last. */
static void later_messages_replace_earlier_ones (void *context, const char *address)
{
    char endpoint[256], text[16];
    void *pull = conflating (context, ZMQ_PULL), *push = conflating (context, ZMQ_PUSH);
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    send_numbers (push, 20000);
    int number = -1, last;
    do {
        nudge (push, pull);
        int size = recv_part (pull, text, sizeof text - 1);
        text[size] = 0;
        last = number;
        number = atoi (text);
        CHECK (number > last);
    } while (number < 19999);
    close_now (push);
    close_now (pull);
}

static void other_types_keep_everything (void *context, const char *address)
{
    static const int types[][2] = {{ZMQ_PAIR, ZMQ_PAIR}, {ZMQ_XPUB, ZMQ_XSUB}};
    for (int i = 0; i < 2; i++) {
        char endpoint[256], text[16];
        const char *at = strncmp (address, "inproc", 6) ? address : i ? "inproc://1" : "inproc://0";
        void *bound = new_socket (context, types[i][0]),
            *connected = new_socket (context, types[i][1]);
        set_int (bound, ZMQ_CONFLATE, 1);
        set_int (connected, ZMQ_CONFLATE, 1);
        CHECK_INT (get_int (bound, ZMQ_CONFLATE), 1);
        bind_to (bound, at, endpoint);
        connect_to (connected, endpoint);
        send_numbers (connected, 50);
        send_parts (connected, "two", "parts", NULL);
        for (int k = 0; k < 50; k++) {
            snprintf (text, sizeof text, "%d", k);
            RECV_PARTS (bound, text, NULL);
        }
        RECV_PARTS (bound, "two", "parts", NULL);
        close_now (bound);
        close_now (connected);
    }
}

int main (void)
{
    begin_test ();
    in_context (only_the_last_is_kept_over_inproc);
    in_context (a_subscriber_sees_the_last);
    in_context (the_queue_before_connecting_is_one_message);
    over_transports (later_messages_replace_earlier_ones);
    over_transports (other_types_keep_everything);
    return 0;
}
