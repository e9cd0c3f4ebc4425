/* ZMQ_LINGER: what zmq_close and zmq_ctx_term do with messages not yet delivered: 0 drops them, a
   finite time is waited at most, -1 waits until all are delivered (zmq_setsockopt (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void defaults_differ_by_type (void)
{
    static const struct {
        int type, blocky, unblocky;
    } rows[] = {{ZMQ_PUSH, -1, 0}, {ZMQ_DEALER, -1, 0}, {ZMQ_PUB, -1, 0}, {ZMQ_ROUTER, -1, 0},
                {ZMQ_SUB, 0, 0},   {ZMQ_XSUB, 0, 0},    {ZMQ_REQ, -1, 0}, {ZMQ_PULL, -1, 0}};
    void *context = zmq_ctx_new ();
    int value = -2;
    for (int blocky = 1; blocky >= 0; blocky--) {
        CHECK_OK (zmq_ctx_set (context, ZMQ_BLOCKY, blocky));
        CHECK_INT (zmq_ctx_get (context, ZMQ_BLOCKY), blocky);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            void *socket = new_socket (context, rows[i].type);
            CHECK_INT (get_int (socket, ZMQ_LINGER), blocky ? rows[i].blocky : rows[i].unblocky);
            CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_LINGER, &value, sizeof value), EINVAL);
            set_int (socket, ZMQ_LINGER, 77);
            CHECK_INT (get_int (socket, ZMQ_LINGER), 77);
            CHECK_OK (zmq_close (socket));
        }
    }
    CHECK_OK (zmq_ctx_term (context));
}

/* Milliseconds from close to the end of term, with a message for nobody. */
static double term_without_peer (int linger, int close_first)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *context = zmq_ctx_new (), *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_LINGER, linger);
    connect_to (push, endpoint);
    send_text (push, "for nobody", 0);
    double start = now_ms ();
    if (!close_first)
        CHECK_OK (zmq_ctx_shutdown (context));
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_ctx_term (context));
    close (reserve);
    return now_ms () - start;
}

static void an_unreachable_peer_is_waited_for_so_long (void)
{
    for (int close_first = 0; close_first < 2; close_first++) {
        CHECK (term_without_peer (0, close_first) < PATIENCE_MS);
        double took = term_without_peer (300, close_first);
        CHECK (took > 295 && took < PATIENCE_MS);
    }
}

/* Nothing queued, nothing to wait for. */
static void empty_queues_do_not_linger (void)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *context = zmq_ctx_new (), *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_LINGER, -1);
    connect_to (push, endpoint);
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_ctx_term (context));
    close (reserve);
}

/* Nor are subscriptions, which nobody needs any more. The reference waits for them if its I/O thread has
   come across them before the socket was closed. */
static void subscriptions_do_not_linger (void)
{
    if (library_version () < ZMQ_MAKE_VERSION (4, 3, 6))
        return;
    static const int types[] = {ZMQ_SUB, ZMQ_XSUB};
    char endpoints[2][256];
    int reserve = raw_reserve (endpoints[0]), listener = raw_listen (endpoints[1]);
    for (int i = 0; i < 8; i++) {
        void *context = zmq_ctx_new (), *socket = new_socket (context, types[i & 1]);
        set_int (socket, ZMQ_LINGER, -1);
        if (types[i & 1] == ZMQ_SUB)
            subscribe (socket, "topic");
        else
            send_text (socket, "\1topic", 0);
        connect_to (socket, endpoints[i >> 1 & 1]);
        if (i & 4 && types[i & 1] == ZMQ_SUB)
            subscribe (socket, "another");
        CHECK_OK (zmq_close (socket));
        CHECK_OK (zmq_ctx_term (context));
    }
    close (reserve);
    close (listener);
}

/* What an application sends upstream is waited for as anything else. */
static void what_an_xsub_says_does_linger (void)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *context = zmq_ctx_new (), *xsub = new_socket (context, ZMQ_XSUB);
    set_int (xsub, ZMQ_LINGER, PATIENCE_MS);
    set_int (xsub, ZMQ_RECONNECT_IVL, 10);
    connect_to (xsub, endpoint);
    send_text (xsub, "up", 0);
    CHECK_OK (zmq_close (xsub));
    CHECK_OK (listen (reserve, 1));
    int fd = raw_accept (reserve);
    raw_handshake (fd, 1, "XPUB", NULL);
    RAW_EXPECT (fd, "\x00\x02up");
    CHECK_OK (zmq_ctx_term (context));
    close (fd);
    close (reserve);
}

/* Also if it is said between two connections. */
static void what_an_xsub_says_after_a_loss_does_linger (void)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *context = zmq_ctx_new (), *xsub = new_socket (context, ZMQ_XSUB);
    set_int (xsub, ZMQ_LINGER, PATIENCE_MS);
    set_int (xsub, ZMQ_RECONNECT_IVL, 10);
    void *monitor = watch (context, xsub, ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED);
    connect_to (xsub, endpoint);
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, "XPUB", NULL);
    close (fd);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    unwatch (xsub, monitor);
    send_text (xsub, "up", 0);
    CHECK_OK (zmq_close (xsub));
    fd = raw_accept (listener);
    raw_handshake (fd, 1, "XPUB", NULL);
    RAW_EXPECT (fd, "\x00\x02up");
    CHECK_OK (zmq_ctx_term (context));
    close (fd);
    close (listener);
}

enum { MESSAGES = 500 };

static void send_numbers_and_close (void *socket, int linger)
{
    char text[16];
    set_int (socket, ZMQ_LINGER, linger);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_parts (socket, text, "part", NULL);
    }
    CHECK_OK (zmq_close (socket));
}

static void expect_numbers (void *socket)
{
    char text[16];
    for (int i = 0; i < MESSAGES; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_PARTS (socket, text, "part", NULL);
    }
}

/* Everything arrives after the sender's close, on every transport. */
static void messages_are_delivered_after_close (void *context, const char *address)
{
    static const int lingers[] = {-1, PATIENCE_MS};
    for (int i = 0; i < 2; i++) {
        void *pull, *push;
        char endpoint[256];
        size_t size = sizeof endpoint;
        connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
        CHECK_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
        send_numbers_and_close (push, lingers[i]);
        expect_numbers (pull);
        CHECK_OK (zmq_unbind (pull, endpoint));
        close_now (pull);
    }
}

/* Also when the peer appears only after close. */
static void a_late_peer_is_waited_for (void *context)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_int (push, ZMQ_RECONNECT_IVL, 10);
    connect_to (push, endpoint);
    send_numbers_and_close (push, -1);
    CHECK_OK (zmq_bind (pull, endpoint));
    expect_numbers (pull);
    close_now (pull);
    close (reserve);
}

struct sender {
    char endpoint[256];
};

static void *send_and_term (void *argument)
{
    struct sender *sender = argument;
    void *context = zmq_ctx_new (), *push = new_socket (context, ZMQ_PUSH);
    connect_to (push, sender->endpoint);
    send_numbers_and_close (push, -1);
    CHECK_OK (zmq_ctx_term (context));
    return NULL;
}

/* Term itself waits for the delivery, here into a peer slower than the sender. */
static void term_waits_for_delivery (void)
{
    struct sender sender;
    void *context = zmq_ctx_new (), *pull = new_socket (context, ZMQ_PULL);
    set_int (pull, ZMQ_RCVHWM, 1);
    bind_to (pull, "tcp://127.0.0.1:*", sender.endpoint);
    pthread_t thread = start_thread (send_and_term, &sender);
    expect_numbers (pull);
    join_thread (thread);
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
}

/* inproc: what the peer has already is not taken back. */
static void inproc_messages_survive (void *context)
{
    void *pull, *push;
    connected_pair (context, "inproc://survive", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_numbers_and_close (push, 0);
    expect_numbers (pull);
    close_now (pull);
}

/* A peer that never reads: after the time what is left is dropped. */
static void a_deaf_peer_is_waited_for_so_long (void)
{
    static char big[1 << 20];
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *context = zmq_ctx_new (), *push = new_socket (context, ZMQ_PUSH);
    connect_to (push, endpoint);
    set_int (push, ZMQ_LINGER, 200);
    for (int i = 0; i < 64; i++)
        CHECK_INT (zmq_send (push, big, sizeof big, 0), sizeof big);
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, "PULL", NULL);
    double start = now_ms ();
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_ctx_term (context));
    CHECK (now_ms () - start > 195);
    close (fd);
    close (listener);
}

int main (void)
{
    begin_test ();
    defaults_differ_by_type ();
    an_unreachable_peer_is_waited_for_so_long ();
    empty_queues_do_not_linger ();
    subscriptions_do_not_linger ();
    what_an_xsub_says_does_linger ();
    what_an_xsub_says_after_a_loss_does_linger ();
    over_transports (messages_are_delivered_after_close);
    in_context (a_late_peer_is_waited_for);
    term_waits_for_delivery ();
    in_context (inproc_messages_survive);
    a_deaf_peer_is_waited_for_so_long ();
    return 0;
}
