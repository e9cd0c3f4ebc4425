/* The events of connections that fail: refused, not bound, lost or timed out in the handshake, and
   peers that break the protocol (zmq_socket_monitor (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void a_refused_connection (void *context)
{
    char endpoint[256];
    int reserve = raw_reserve (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_RECONNECT_IVL, 10);
    void *monitor = watch (context, push, ZMQ_EVENT_ALL);
    connect_to (push, endpoint);
    for (int i = 0; i < 3; i++) {
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED).value, EINPROGRESS);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
        CHECK (event.value >= 10 && event.value < 20);
        CHECK (strcmp (event.endpoint, endpoint) == 0);
    }
    unwatch (push, monitor);
    close_now (push);
    close (reserve);
}

/* What fails at once is closed before it is tried again, too. */
static void a_connection_that_cannot_begin (void *context)
{
    static const char *const endpoints[] = {"ipc:///no/such/directory/socket", "tcp://255.255.255.255:1"};
    for (int i = 0; i < 2; i++) {
        void *push = new_socket (context, ZMQ_PUSH);
        set_int (push, ZMQ_RECONNECT_IVL, 10);
        void *monitor = watch (context, push, ZMQ_EVENT_ALL);
        connect_to (push, endpoints[i]);
        for (int j = 0; j < 2; j++) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
            CHECK ((int) event.value >= 0 && strcmp (event.endpoint, endpoints[i]) == 0);
            event = EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
            CHECK (event.value >= 10 && event.value < 20);
        }
        unwatch (push, monitor);
        close_now (push);
    }
}

/* What the events of a failed bind say: of a descriptor, unless there was none, that it is closed, and the
   address that failed. */
static void a_failed_bind (void *context)
{
    char taken[256], longest[256] = "ipc:///";
    int listener = raw_listen (taken);
    memset (longest + strlen (longest), 'x', 200);
    const struct {
        const char *endpoint, *closed;
        unsigned error;
    } rows[] = {
        {taken, "", EADDRINUSE},
        {"tcp://192.0.2.77:*", "", EADDRNOTAVAIL},
        {"tcp://no-such-interface:*", NULL, ENODEV},
        {"tcp://127.0.0.1", NULL, EINVAL},
        {"ipc:///no/such/directory/socket", "ipc:///no/such/directory/socket", ENOENT},
        {longest, NULL, ENAMETOOLONG},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *pull = new_socket (context, ZMQ_PULL);
        void *monitor = watch (context, pull, ALL_BUT_STOPPED);
        CHECK_INT (zmq_bind (pull, rows[i].endpoint), -1);
        /* In 4.3.4 sending the event overwrites errno. */
        if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
            CHECK_INT (zmq_errno (), rows[i].error);
        if (rows[i].closed) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_CLOSED);
            CHECK ((int) event.value >= 0 && strcmp (event.endpoint, rows[i].closed) == 0);
        }
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_BIND_FAILED);
        CHECK_INT (event.value, rows[i].error);
        CHECK (strcmp (event.endpoint, rows[i].endpoint + strlen ("tcp://")) == 0);
        unwatch (pull, monitor);
        close_now (pull);
    }
    close (listener);
}

/* A PULL listening and monitored, and a raw connection to it that has been accepted. */
struct server {
    void *pull, *monitor;
    char endpoint[256];
    int fd;
};

static void start_server (struct server *server, void *context, int handshake_ms)
{
    server->pull = new_socket (context, ZMQ_PULL);
    set_int (server->pull, ZMQ_HANDSHAKE_IVL, handshake_ms);
    bind_to (server->pull, "tcp://127.0.0.1:*", server->endpoint);
    server->monitor = watch (context, server->pull, ALL_BUT_STOPPED);
    server->fd = raw_connect (server->endpoint);
    EXPECT_EVENT (server->monitor, ZMQ_EVENT_ACCEPTED);
}

static void stop_server (struct server *server)
{
    close (server->fd);
    unwatch (server->pull, server->monitor);
    close_now (server->pull);
}

static void lost_in_the_handshake (void *context)
{
    for (int greeted = 0; greeted < 2; greeted++) {
        struct server server;
        unsigned char greeting[64];
        start_server (&server, context, 30000);
        if (greeted) {
            RAW_SEND (server.fd, RAW_GREETING_31);
            RAW_READ (server.fd, greeting, sizeof greeting);
        }
        CHECK_OK (shutdown (server.fd, SHUT_WR));
        struct event event =
            EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        CHECK_INT (event.value, EPIPE);
        CHECK (strcmp (event.endpoint, server.endpoint) == 0);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
        stop_server (&server);
    }
}

static void timed_out_in_the_handshake (void *context)
{
    for (int greeted = 0; greeted < 2; greeted++) {
        struct server server;
        start_server (&server, context, 100);
        if (greeted)
            RAW_SEND (server.fd, RAW_GREETING_31);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (server.fd);
        stop_server (&server);
    }
}

/* Sent after the connection; the protocol error they are. */
static void protocol_errors_are_named (void *context)
{
#define BYTES(literal) literal, sizeof (literal) - 1
    static const struct {
        const char *bytes;
        size_t size;
        unsigned error;
    } rows[] = {
        {BYTES (RAW_SIGNATURE "\x03\x01PLAIN" RAW_ZEROS_16 RAW_ZEROS_16 RAW_ZEROS_16),
         ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH},
        {BYTES (RAW_GREETING_31 "\x04\x06\x05HELLO"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {BYTES (RAW_GREETING_31 "\x04\x06\x05" "ERROR"),
         ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
        {BYTES (RAW_GREETING_31 "\x04\x08\x05" "ERROR\x09" "4"),
         ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server server;
        start_server (&server, context, 30000);
        raw_send (server.fd, rows[i].bytes, rows[i].size);
        struct event event = EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        if (event.value != rows[i].error)
            FAIL ("row %zu: protocol error %08x, expected %08x", i, event.value, rows[i].error);
        CHECK (strcmp (event.endpoint, server.endpoint) == 0);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (server.fd);
        stop_server (&server);
    }
}

/* A socket type that does not fit ends the connection without a failure event. */
static void a_wrong_type_is_only_disconnected (void *context)
{
    struct server server;
    start_server (&server, context, 30000);
    RAW_SEND (server.fd, RAW_GREETING_31);
    raw_send_ready (server.fd, "PULL", NULL);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
    RAW_EXPECT_CLOSE (server.fd);
    stop_server (&server);
}

/* A connecting socket gives up for good after a protocol error. */
static void a_client_does_not_retry_a_protocol_error (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_RECONNECT_IVL, 1);
    void *monitor = watch (context, push, ALL_BUT_STOPPED);
    connect_to (push, endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    int fd = raw_accept (listener);
    RAW_SEND (fd, RAW_SIGNATURE "\x03\x01" "CURVE" RAW_ZEROS_48);
    CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL).value,
               ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    RAW_EXPECT_CLOSE (fd);
    CHECK_QUIET (monitor);
    CHECK (!raw_ready_within (listener, QUIET_MS));
    close (fd);
    unwatch (push, monitor);
    close_now (push);
    close (listener);
}

/* Lost before the handshake is done: it is retried. */
static void a_client_retries_a_lost_handshake (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_RECONNECT_IVL, 1);
    void *monitor = watch (context, push, ALL_BUT_STOPPED);
    connect_to (push, endpoint);
    for (int i = 0; i < 2; i++) {
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
        int fd = raw_accept (listener);
        RAW_EXPECT (fd, RAW_SIGNATURE);
        CHECK_OK (shutdown (fd, SHUT_WR));
        EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
        close (fd);
    }
    unwatch (push, monitor);
    close_now (push);
    close (listener);
}

/* Two sockets with different mechanisms: both end the connection. */
static void mechanisms_must_match (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    set_int (pull, ZMQ_PLAIN_SERVER, 1);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    void *server = watch (context, pull, ALL_BUT_STOPPED);
    void *client = watch (context, push, ALL_BUT_STOPPED);
    connect_to (push, endpoint);
    AWAIT_EVENT (server, ZMQ_EVENT_DISCONNECTED);
    AWAIT_EVENT (client, ZMQ_EVENT_DISCONNECTED);
    unwatch (push, client);
    unwatch (pull, server);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (a_refused_connection);
    in_context (a_connection_that_cannot_begin);
    in_context (a_failed_bind);
    in_context (lost_in_the_handshake);
    in_context (timed_out_in_the_handshake);
    in_context (protocol_errors_are_named);
    in_context (a_wrong_type_is_only_disconnected);
    in_context (a_client_does_not_retry_a_protocol_error);
    in_context (a_client_retries_a_lost_handshake);
    in_context (mechanisms_must_match);
    return 0;
}
