/* Reconnection: a refused or lost connection is tried again after an interval that is fixed, random
   within bounds or doubling up to a maximum; 0 and -1 mean never (ZMQ_RECONNECT_IVL and
   ZMQ_RECONNECT_IVL_MAX in zmq_setsockopt (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void *new_push (void *context, int interval, int maximum)
{
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_RECONNECT_IVL, interval);
    set_int (push, ZMQ_RECONNECT_IVL_MAX, maximum);
    return push;
}

static void options_have_defaults_and_limits (void *context)
{
    void *socket = new_socket (context, ZMQ_PUSH);
    int value = -2;
    CHECK_INT (get_int (socket, ZMQ_RECONNECT_IVL), 100);
    CHECK_INT (get_int (socket, ZMQ_RECONNECT_IVL_MAX), 0);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_RECONNECT_IVL, &value, sizeof value), EINVAL);
    value = -1;
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_RECONNECT_IVL_MAX, &value, sizeof value), EINVAL);
    set_int (socket, ZMQ_RECONNECT_IVL, -1);
    close_now (socket);
}

/* A wait that has doubled to `base`. 4.3.4 adds a random part below the interval. */
static void check_wait (unsigned wait, unsigned base, int interval)
{
    unsigned jitter = library_version () >= ZMQ_MAKE_VERSION (4, 3, 6) ? 0 : (unsigned) interval - 1;
    if (wait < base || wait > base + jitter)
        FAIL ("waits for %u ms, expected %u", wait, base);
}

/* The waits announced while nobody listens; each is really waited for. */
static void waits_grow_to_the_maximum (void *context)
{
    static const struct {
        int interval, maximum;
        unsigned waits[5];
    } rows[] = {
        {10, 70, {10, 20, 40, 70, 70}},
        {5, 1000, {5, 10, 20, 40, 80}},
        {20, 20, {20, 20, 20, 20, 20}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        int reserve = raw_reserve (endpoint);
        void *push = new_push (context, rows[i].interval, rows[i].maximum);
        void *monitor = watch (context, push, ZMQ_EVENT_CONNECT_RETRIED);
        double start = now_ms (), waited = 0;
        connect_to (push, endpoint);
        for (int j = 0; j < 5; j++) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
            check_wait (event.value, rows[i].waits[j], rows[i].interval);
            CHECK (now_ms () - start > waited - 3 * j - 3);
            waited += event.value;
            CHECK (strcmp (event.endpoint, endpoint) == 0);
        }
        unwatch (push, monitor);
        close_now (push);
        close (reserve);
    }
}

/* Without a maximum: the interval and a random part below another one, no growth. */
static void waits_without_a_maximum_are_bounded (void *context)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *push = new_push (context, 10, 0);
    void *monitor = watch (context, push, ZMQ_EVENT_CONNECT_RETRIED);
    connect_to (push, endpoint);
    for (int i = 0; i < 10; i++) {
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
        CHECK (event.value >= 10 && event.value < 20);
    }
    unwatch (push, monitor);
    close_now (push);
    close (reserve);
}

/* After the loss of a connection, too, an interval passes before the next attempt. */
static void a_lost_connection_waits_an_interval (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *push = new_push (context, 300, 300);
    double connecting = now_ms ();
    connect_to (push, endpoint);
    int fd = raw_accept (listener);
    CHECK (now_ms () - connecting < PATIENCE_MS);
    for (int i = 0; i < 2; i++) {
        raw_handshake (fd, 1, "PULL", NULL);
        double closing = now_ms ();
        close (fd);
        fd = raw_accept (listener);
        CHECK (now_ms () - closing > 290);
    }
    close (fd);
    close_now (push);
    close (listener);
}

/* The doubling starts afresh after a connection. */
static void a_connection_starts_the_doubling_afresh (void *context)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *push = new_push (context, 10, 1000);
    void *monitor = watch (context, push, ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_CONNECTED);
    connect_to (push, endpoint);
    for (int i = 0; i < 3; i++)
        check_wait (EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED).value, 10u << i, 10);
    CHECK_OK (listen (reserve, 5));
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    int fd = raw_accept (reserve);
    raw_handshake (fd, 1, "PULL", NULL);
    close (fd);
    check_wait (EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED).value, 10, 10);
    AWAIT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    unwatch (push, monitor);
    close_now (push);
    close (reserve);
}

/* A server that is stopped and started again is found again, each time. */
static void the_peer_comes_back (void *context)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *push = new_push (context, 10, 0);
    connect_to (push, endpoint);
    void *monitor = watch (context, push, ZMQ_EVENT_DISCONNECTED);
    for (int round = 0; round < 4; round++) {
        void *other = zmq_ctx_new (), *pull = new_socket (other, ZMQ_PULL);
        CHECK_OK (zmq_bind (pull, endpoint));
        send_text (push, "found", 0);
        RECV_TEXT (pull, "found");
        close_now (pull);
        CHECK_OK (zmq_ctx_term (other));
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    }
    unwatch (push, monitor);
    close_now (push);
    close (reserve);
}

/* A refused attempt is not repeated; the endpoint stays, and its pipe queues. */
static void never_means_one_attempt (void *context)
{
    for (int interval = -1; interval <= 0; interval++) {
        char endpoint[256];
        int reserve = raw_reserve (endpoint);
        void *push = new_push (context, interval, 0);
        void *monitor = watch (context, push, ALL_BUT_STOPPED);
        connect_to (push, endpoint);
        AWAIT_EVENT (monitor, ZMQ_EVENT_CLOSED);
        CHECK_QUIET (monitor);
        CHECK_OK (listen (reserve, 5));
        CHECK (!raw_ready_within (reserve, QUIET_MS));
        send_text (push, "queued", ZMQ_DONTWAIT);
        unwatch (push, monitor);
        set_int (push, ZMQ_LINGER, 0);
        CHECK_OK (zmq_disconnect (push, endpoint));
        close_now (push);
        close (reserve);
    }
}

/* A lost connection is given up altogether. */
static void never_means_no_return_either (void *context)
{
    for (int interval = -1; interval <= 0; interval++) {
        char endpoint[256];
        int listener = raw_listen (endpoint);
        void *push = new_push (context, interval, 0);
        void *monitor = watch (context, push, ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CONNECT_RETRIED);
        connect_to (push, endpoint);
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "PULL", NULL);
        send_text (push, "x", 0);
        RAW_EXPECT (fd, "\x00\x01x");
        close (fd);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        double end = now_ms () + PATIENCE_MS;
        while (ready_within (push, ZMQ_POLLOUT, 0))
            CHECK (now_ms () < end);
        CHECK (!raw_ready_within (listener, QUIET_MS));
        CHECK_ERRNO (zmq_disconnect (push, endpoint), ENOENT);
        unwatch (push, monitor);
        close_now (push);
        close (listener);
    }
}

/* What the peer said before it left is received, although writing to it has failed since. */
static void last_words_are_heard (void *context)
{
    enum { MESSAGES = 50, TRIES = 10 };
    char endpoint[256], text[16];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RCVHWM, 1);
    connect_to (dealer, endpoint);
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, "DEALER", NULL);
    for (int i = 0; i < MESSAGES; i++) {
        snprintf (text, sizeof text, "%d", i);
        raw_send_text (fd, text);
    }
    CHECK (ready_within (dealer, ZMQ_POLLIN, PATIENCE_MS));
    close (fd);
    /* The kernel takes the first and has it refused; not all at once, so that others follow. */
    for (int i = 0; i < TRIES; i++) {
        send_text (dealer, "in vain", 0);
        zmq_poll (NULL, 0, 5);
    }
    for (int i = 0; i < MESSAGES; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (dealer, text);
    }
    close_now (dealer);
    close (listener);
}

/* How often a peer is told of each of the topics a to d, in what it is sent until that pauses. */
static void count_requests (int fd, int subscribed[4], int cancelled[4])
{
    unsigned char body[255];
    memset (subscribed, 0, 4 * sizeof *subscribed);
    memset (cancelled, 0, 4 * sizeof *cancelled);
    while (raw_ready_within (fd, QUIET_MS)) {
        size_t size = RAW_READ_FRAME (fd, RAW_COMMAND, body);
        int topic = body[size - 1] - 'a';
        CHECK (topic >= 0 && topic < 4);
        if (size == 11 && memcmp (body, "\x09SUBSCRIBE", 10) == 0)
            subscribed[topic]++;
        else if (size == 8 && memcmp (body, "\x06" "CANCEL", 7) == 0)
            cancelled[topic]++;
        else
            FAIL ("neither SUBSCRIBE nor CANCEL");
    }
}

/* A publisher that comes back is told what is subscribed to then, and that once. */
static void changes_made_meanwhile_are_told_once (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint), subscribed[4], cancelled[4];
    void *sub = new_socket (context, ZMQ_SUB);
    void *monitor = watch (context, sub, ZMQ_EVENT_DISCONNECTED);
    set_int (sub, ZMQ_RECONNECT_IVL, 10);
    connect_to (sub, endpoint);
    subscribe (sub, "a");
    subscribe (sub, "b");
    int fd = raw_accept (listener);
    for (int round = 0; round < 3; round++) {
        raw_handshake (fd, 1, "XPUB", NULL);
        raw_await_bytes (fd, sub);
        count_requests (fd, subscribed, cancelled);
        for (int topic = 0; topic < 4; topic++) {
            int expected = topic == 1 || (topic == 0 ? round == 0 : round > 0);
            if (subscribed[topic] != expected || cancelled[topic])
                FAIL ("round %d: topic %c: %d SUBSCRIBE, %d CANCEL, expected %d", round, 'a' + topic,
                      subscribed[topic], cancelled[topic], expected);
        }
        close (fd);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        if (round == 0) {
            subscribe (sub, "c");
            unsubscribe (sub, "a");
            subscribe (sub, "d");
        }
        fd = raw_accept (listener);
    }
    close (fd);
    unwatch (sub, monitor);
    close_now (sub);
    close (listener);
}

int main (void)
{
    begin_test ();
    in_context (options_have_defaults_and_limits);
    in_context (waits_grow_to_the_maximum);
    in_context (waits_without_a_maximum_are_bounded);
    in_context (a_lost_connection_waits_an_interval);
    in_context (a_connection_starts_the_doubling_afresh);
    in_context (the_peer_comes_back);
    in_context (never_means_one_attempt);
    in_context (never_means_no_return_either);
    in_context (last_words_are_heard);
    in_context (changes_made_meanwhile_are_told_once);
    return 0;
}
