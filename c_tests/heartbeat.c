/* Heartbeats: PINGs at the interval with the TTL in tenths of a second, PONGs with the context given,
   silence ends the connection after the timeout or the peer's TTL, and any traffic is a sign of life
   (ZMQ_HEARTBEAT_* in zmq_setsockopt (3), RFC 37). */

#include "monitor.h"
#include "raw_peer.h"

static void options_have_defaults_and_limits (void *context)
{
    static const struct {
        int option, initial, lowest, set, get;
    } rows[] = {{ZMQ_HEARTBEAT_IVL, 0, 0, 250, 250},
                {ZMQ_HEARTBEAT_TIMEOUT, -1, 0, 250, 250},
                {ZMQ_HEARTBEAT_TTL, 0, 0, 259, 200},
                {ZMQ_HEARTBEAT_TTL, 0, 0, 6553599, 6553500}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *socket = new_socket (context, ZMQ_DEALER);
        int value = -100;
        CHECK_INT (get_int (socket, rows[i].option), rows[i].initial);
        CHECK_ERRNO (zmq_setsockopt (socket, rows[i].option, &value, sizeof value), EINVAL);
        set_int (socket, rows[i].option, rows[i].set);
        CHECK_INT (get_int (socket, rows[i].option), rows[i].get);
        set_int (socket, rows[i].option, rows[i].lowest);
        CHECK_INT (get_int (socket, rows[i].option), rows[i].lowest);
        value = 6553600;
        if (rows[i].option == ZMQ_HEARTBEAT_TTL)
            CHECK_ERRNO (zmq_setsockopt (socket, rows[i].option, &value, sizeof value), EINVAL);
        close_now (socket);
    }
}

/* A DEALER with these heartbeats (ms, -1: not set) and a raw DEALER connected to it. */
struct beating {
    void *dealer, *monitor;
    int fd;
};

static void start_beating (struct beating *beating, void *context, int interval, int timeout,
                           int ttl)
{
    char endpoint[256];
    beating->dealer = new_socket (context, ZMQ_DEALER);
    if (interval >= 0)
        set_int (beating->dealer, ZMQ_HEARTBEAT_IVL, interval);
    if (timeout >= 0)
        set_int (beating->dealer, ZMQ_HEARTBEAT_TIMEOUT, timeout);
    if (ttl >= 0)
        set_int (beating->dealer, ZMQ_HEARTBEAT_TTL, ttl);
    bind_to (beating->dealer, "tcp://127.0.0.1:*", endpoint);
    beating->monitor =
        watch (context, beating->dealer, ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    beating->fd = raw_join (endpoint, "DEALER", NULL);
    EXPECT_EVENT (beating->monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
}

static void stop_beating (struct beating *beating)
{
    close (beating->fd);
    unwatch (beating->dealer, beating->monitor);
    close_now (beating->dealer);
}

/* Answered PINGs keep the connection up; their TTL is the option's in tenths of a second. */
static void pings_are_sent_at_the_interval (void *context)
{
    static const struct {
        int ttl;
        const char *ping;
    } rows[] = {{-1, "\x04\x07\x04PING\x00\x00"},
                {1000, "\x04\x07\x04PING\x00\x0a"},
                {30050, "\x04\x07\x04PING\x01\x2c"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct beating beating;
        double start = now_ms ();
        start_beating (&beating, context, 60, PATIENCE_MS, rows[i].ttl);
        for (int j = 1; j <= 4; j++) {
            raw_expect_at (beating.fd, rows[i].ping, 9, __FILE__, __LINE__);
            CHECK (now_ms () - start > 60 * j - 5);
            RAW_SEND (beating.fd, "\x04\x05\x04PONG");
        }
        CHECK_QUIET (beating.monitor);
        stop_beating (&beating);
    }
}

static void no_heartbeats_by_default (void *context)
{
    struct beating beating;
    start_beating (&beating, context, -1, -1, 1000);
    RAW_EXPECT_QUIET (beating.fd);
    stop_beating (&beating);
}

/* The context comes back, at most 16 bytes of it, without any option set here. */
static void pongs_echo_the_context (void *context)
{
    struct beating beating;
    start_beating (&beating, context, -1, -1, -1);
    RAW_SEND (beating.fd, "\x04\x07\x04PING\x00\x00");
    RAW_EXPECT (beating.fd, "\x04\x05\x04PONG");
    RAW_SEND (beating.fd, "\x04\x0a\x04PING\x00\x00" "CTX");
    RAW_EXPECT (beating.fd, "\x04\x08\x04PONGCTX");
    RAW_SEND (beating.fd, "\x04\x17\x04PING\x00\x00" "0123456789abcdef");
    RAW_EXPECT (beating.fd, "\x04\x15\x04PONG" "0123456789abcdef");
    RAW_EXPECT_QUIET (beating.fd);
    CHECK_QUIET (beating.dealer);
    stop_beating (&beating);
}

/* PING, PONG and unknown commands may come inside a message. */
static void commands_do_not_disturb_messages (void *context)
{
    struct beating beating;
    start_beating (&beating, context, -1, -1, -1);
    RAW_SEND (beating.fd, "\x01\x01" "a" "\x04\x07\x04PING\x00\x00");
    RAW_EXPECT (beating.fd, "\x04\x05\x04PONG");
    RAW_SEND (beating.fd, "\x04\x07\x04PONGzz" "\x00\x01" "b");
    RECV_PARTS (beating.dealer, "a", "b", NULL);
    CHECK_QUIET (beating.dealer);
    stop_beating (&beating);
}

/* Without an answer the connection ends, not before the timeout. */
static void silence_ends_the_connection (void *context)
{
    static const int timeouts[] = {-1, 0, 200};
    for (int i = 0; i < 3; i++) {
        struct beating beating;
        double start = now_ms ();
        start_beating (&beating, context, 100, timeouts[i], -1);
        if (timeouts[i] == 0) {
            /* No timeout at all: PINGs go on. */
            for (int j = 0; j < 5; j++)
                RAW_EXPECT (beating.fd, "\x04\x07\x04PING\x00\x00");
            CHECK_QUIET (beating.monitor);
        } else {
            EXPECT_EVENT (beating.monitor, ZMQ_EVENT_DISCONNECTED);
            CHECK (now_ms () - start > 100 + (timeouts[i] < 0 ? 100 : timeouts[i]) - 5);
            RAW_EXPECT_CLOSE (beating.fd);
        }
        stop_beating (&beating);
    }
}

/* A message, or a command, instead of a PONG will do. */
static void any_traffic_is_a_sign_of_life (void *context)
{
    struct beating beating;
    start_beating (&beating, context, 50, 2000, -1);
    double end = now_ms () + 3000;
    int pings = 0;
    while (now_ms () < end) {
        RAW_EXPECT (beating.fd, "\x04\x07\x04PING\x00\x00");
        if (++pings % 2)
            raw_send_text (beating.fd, "alive");
        else
            RAW_SEND (beating.fd, "\x04\x07\x05OTHERx");
    }
    CHECK (!ready_within (beating.monitor, ZMQ_POLLIN, 0));
    for (int i = 0; i < (pings + 1) / 2; i++)
        RECV_TEXT (beating.dealer, "alive");
    stop_beating (&beating);
}

/* The peer's TTL counts although nothing is set here. */
static void the_peers_ttl_ends_the_connection (void *context)
{
    struct beating beating;
    start_beating (&beating, context, -1, -1, -1);
    double start = now_ms ();
    RAW_SEND (beating.fd, "\x04\x07\x04PING\x00\x03");
    RAW_EXPECT (beating.fd, "\x04\x05\x04PONG");
    EXPECT_EVENT (beating.monitor, ZMQ_EVENT_DISCONNECTED);
    CHECK (now_ms () - start > 295);
    RAW_EXPECT_CLOSE (beating.fd);
    stop_beating (&beating);
}

/* A message after the PING stops the clock. */
static void traffic_stops_the_ttl (void *context)
{
    struct beating beating;
    start_beating (&beating, context, -1, -1, -1);
    RAW_SEND (beating.fd, "\x04\x07\x04PING\x00\x05\x00\x05" "alive");
    RAW_EXPECT (beating.fd, "\x04\x05\x04PONG");
    RECV_TEXT (beating.dealer, "alive");
    CHECK (!ready_within (beating.monitor, ZMQ_POLLIN, 800));
    stop_beating (&beating);
}

/* A connecting socket whose server falls silent connects again. */
static void a_client_reconnects (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_HEARTBEAT_IVL, 50);
    set_int (dealer, ZMQ_RECONNECT_IVL, 1);
    connect_to (dealer, endpoint);
    for (int i = 0; i < 3; i++) {
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "DEALER", NULL);
        RAW_EXPECT (fd, "\x04\x07\x04PING\x00\x00");
        RAW_EXPECT_CLOSE (fd);
        close (fd);
    }
    close_now (dealer);
    close (listener);
}

/* Two sockets with heartbeats keep each other. */
static void sockets_keep_each_other (void *context)
{
    char endpoint[256];
    void *one = new_socket (context, ZMQ_DEALER), *other = new_socket (context, ZMQ_DEALER);
    set_int (one, ZMQ_HEARTBEAT_IVL, 50);
    set_int (one, ZMQ_HEARTBEAT_TIMEOUT, 5000);
    set_int (one, ZMQ_HEARTBEAT_TTL, 5000);
    bind_to (one, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, other, ZMQ_EVENT_DISCONNECTED);
    connect_to (other, endpoint);
    CHECK (!ready_within (monitor, ZMQ_POLLIN, 600));
    send_text (other, "still here", 0);
    RECV_TEXT (one, "still here");
    unwatch (other, monitor);
    close_now (other);
    close_now (one);
}

int main (void)
{
    begin_test ();
    in_context (options_have_defaults_and_limits);
    in_context (pings_are_sent_at_the_interval);
    in_context (no_heartbeats_by_default);
    in_context (pongs_echo_the_context);
    in_context (commands_do_not_disturb_messages);
    in_context (silence_ends_the_connection);
    in_context (any_traffic_is_a_sign_of_life);
    in_context (the_peers_ttl_ends_the_connection);
    in_context (traffic_stops_the_ttl);
    in_context (a_client_reconnects);
    in_context (sockets_keep_each_other);
    return 0;
}
