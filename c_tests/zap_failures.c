/* Authenticators (RFC 27) that answer badly, late, twice or never, or go away. */

#include "monitor.h"
#include "raw_peer.h"
#include "zap.h"

#define GREETING                                                                                   \
    RAW_SIGNATURE "\x03\x01" "PLAIN\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" RAW_ZEROS_16 RAW_ZEROS_16
#define HELLO "\x04\x0a\x05HELLO\x01u\x01p"

/* A PULL that is a PLAIN server, and a raw client about which it has asked. */
struct server {
    void *handler, *pull, *monitor;
    char endpoint[256];
    int fd;
};

static void ask (struct server *server)
{
    unsigned char greeting[64];
    server->fd = raw_connect (server->endpoint);
    RAW_SEND (server->fd, GREETING HELLO);
    RAW_READ (server->fd, greeting, sizeof greeting);
    EXPECT_EVENT (server->monitor, ZMQ_EVENT_ACCEPTED);
    EXPECT_QUESTION (server->handler, "", "127.0.0.1", "", "PLAIN", "u", "p");
}

static void start_server (struct server *server, void *context, int handler, int handshake_ms)
{
    server->handler = new_zap (context, handler);
    server->pull = new_socket (context, ZMQ_PULL);
    set_int (server->pull, ZMQ_PLAIN_SERVER, 1);
    set_int (server->pull, ZMQ_HANDSHAKE_IVL, handshake_ms);
    bind_to (server->pull, "tcp://127.0.0.1:*", server->endpoint);
    server->monitor = watch (context, server->pull, ALL_BUT_STOPPED);
}

static void stop_server (struct server *server)
{
    close (server->fd);
    unwatch (server->pull, server->monitor);
    close_now (server->pull);
    if (server->handler)
        close_zap (server->handler);
}

static void malformed_answers_are_named (void *context)
{
    static const struct {
        const char *parts[9];
        unsigned error;
    } rows[] = {
        {{"1.0", "1", "200", "OK", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY},
        {{"1.0", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY},
        {{"", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY},
        {{"1.0", "1", "200", "OK", "", "", "x", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY},
        {{"1.1", "1", "200", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION},
        {{"", "1", "200", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION},
        {{"1.0", "2", "200", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID},
        {{"1.0", "", "200", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID},
        {{"1.0", "1", "201", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE},
        {{"1.0", "1", "600", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE},
        {{"1.0", "1", "100", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE},
        {{"1.0", "1", "20", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE},
        {{"1.0", "1", "2000", "OK", "", "", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE},
        {{"1.0", "1", "200", "OK", "", "?", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA},
        {{"1.0", "1", "400", "OK", "", "?", NULL}, ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct server server;
        start_server (&server, context, ZMQ_REP, 30000);
        ask (&server);
        for (int part = 0; rows[i].parts[part]; part++)
            send_text (server.handler, rows[i].parts[part], rows[i].parts[part + 1] ? ZMQ_SNDMORE : 0);
        struct event event = EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        if (event.value != rows[i].error)
            FAIL ("row %zu: protocol error %08x, expected %08x", i, event.value, rows[i].error);
        CHECK (strcmp (event.endpoint, server.endpoint) == 0);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (server.fd);
        close (server.fd);
        /* It costs that connection alone. */
        ask (&server);
        answer (server.handler, "200");
        RAW_EXPECT (server.fd, "\x04\x08\x07WELCOME");
        stop_server (&server);
    }
}

/* A ROUTER sends its own delimiter, and can leave it out. */
static void the_delimiter_is_checked (void *context)
{
    struct server server;
    char id[256];
    unsigned char greeting[64];
    start_server (&server, context, ZMQ_ROUTER, 30000);
    server.fd = raw_connect (server.endpoint);
    RAW_SEND (server.fd, GREETING HELLO);
    RAW_READ (server.fd, greeting, sizeof greeting);
    int size = recv_part (server.handler, id, sizeof id);
    RECV_PARTS (server.handler, "", "1.0", "1", "", "127.0.0.1", "", "PLAIN", "u", "p", NULL);
    CHECK_INT (zmq_send (server.handler, id, (size_t) size, ZMQ_SNDMORE), size);
    send_parts (server.handler, "not empty", "1.0", "1", "200", "OK", "", "", NULL);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_ACCEPTED);
    CHECK_INT (EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL).value,
               ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
    stop_server (&server);
}

/* The client only sees a connection that was lost, and tries again. */
static void the_client_of_a_bad_handler_tries_again (void *context)
{
    struct server server;
    start_server (&server, context, ZMQ_REP, 30000);
    server.fd = -1;
    void *push = new_socket (context, ZMQ_PUSH);
    CHECK_OK (zmq_setsockopt (push, ZMQ_PLAIN_USERNAME, "u", 1));
    set_int (push, ZMQ_RECONNECT_IVL, 1);
    void *monitor = watch (context, push, ALL_BUT_STOPPED);
    connect_to (push, server.endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    EXPECT_QUESTION (server.handler, "", "127.0.0.1", "", "PLAIN", "u", "");
    answer (server.handler, "999");
    EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
    EXPECT_QUESTION (server.handler, "", "127.0.0.1", "", "PLAIN", "u", "");
    answer (server.handler, "200");
    AWAIT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    send_text (push, "at last", 0);
    RECV_TEXT (server.pull, "at last");
    unwatch (push, monitor);
    close_now (push);
    unwatch (server.pull, server.monitor);
    close_now (server.pull);
    close_zap (server.handler);
}

/* Whether the handler keeps silent or goes: nobody is let in, and the handshake has its time. */
static void without_an_answer_nobody_is_let_in (void *context)
{
    for (int goes = 0; goes < 2; goes++) {
        struct server server;
        start_server (&server, context, ZMQ_REP, 1000);
        ask (&server);
        if (goes) {
            close_zap (server.handler);
            server.handler = NULL;
        }
        RAW_EXPECT_QUIET (server.fd);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (server.fd);
        stop_server (&server);
    }
}

/* A question that the handler has taken with it is not asked again; later ones go to the next handler. */
static void a_new_handler_may_take_over (void *context)
{
    struct server server;
    start_server (&server, context, ZMQ_REP, 30000);
    ask (&server);
    int first = server.fd;
    close_zap (server.handler);
    server.handler = new_zap (context, ZMQ_REP);
    ask (&server);
    answer (server.handler, "200");
    RAW_EXPECT (server.fd, "\x04\x08\x07WELCOME");
    RAW_EXPECT_QUIET (first);
    CHECK_QUIET (server.handler);
    close (first);
    stop_server (&server);
}

/* The answer about a peer that has gone is nobody's, and the handler hears no more of it. */
static void a_peer_may_go_meanwhile (void *context)
{
    struct server server;
    start_server (&server, context, ZMQ_REP, 30000);
    ask (&server);
    close (server.fd);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_DISCONNECTED);
    answer (server.handler, "200");
    CHECK_QUIET (server.monitor);
    ask (&server);
    answer (server.handler, "200");
    RAW_EXPECT (server.fd, "\x04\x08\x07WELCOME");
    stop_server (&server);
}

/* Only the first answer counts. */
static void a_handler_may_answer_twice (void *context)
{
    struct server server;
    char id[256];
    unsigned char greeting[64];
    start_server (&server, context, ZMQ_ROUTER, 30000);
    server.fd = raw_connect (server.endpoint);
    RAW_SEND (server.fd, GREETING HELLO);
    RAW_READ (server.fd, greeting, sizeof greeting);
    int size = recv_part (server.handler, id, sizeof id);
    RECV_PARTS (server.handler, "", "1.0", "1", "", "127.0.0.1", "", "PLAIN", "u", "p", NULL);
    for (int i = 0; i < 2; i++) {
        CHECK_INT (zmq_send (server.handler, id, (size_t) size, ZMQ_SNDMORE), size);
        send_parts (server.handler, "", "1.0", "1", i ? "400" : "200", "", "", "", NULL);
    }
    RAW_EXPECT (server.fd, "\x04\x08\x07WELCOME");
    RAW_SEND (server.fd, "\x04\x1d\x08INITIATE\x0bSocket-Type\0\0\0\x04PUSH\x00\x02hi");
    RECV_TEXT (server.pull, "hi");
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_ACCEPTED);
    EXPECT_EVENT (server.monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK_QUIET (server.monitor);
    stop_server (&server);
}

/* Sockets close, and contexts end, while questions wait: in either order. */
static void closing_waits_for_no_answer (void *context)
{
    for (int handler_first = 0; handler_first < 2; handler_first++) {
        struct server server;
        start_server (&server, context, ZMQ_REP, 0);
        ask (&server);
        if (handler_first) {
            close_zap (server.handler);
            server.handler = NULL;
        }
        stop_server (&server);
    }
}

/* A name, and not an endpoint: somebody else's socket there does not let anybody in. */
static void connecting_to_the_name_is_no_handler (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *req = new_socket (context, ZMQ_REQ);
    connect_to (req, ZAP_ENDPOINT);
    set_int (pull, ZMQ_PLAIN_SERVER, 1);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, GREETING HELLO);
    RAW_EXPECT_CLOSE (fd);
    close (fd);
    close_now (req);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (malformed_answers_are_named);
    in_context (the_delimiter_is_checked);
    in_context (the_client_of_a_bad_handler_tries_again);
    in_context (without_an_answer_nobody_is_let_in);
    in_context (a_new_handler_may_take_over);
    in_context (a_peer_may_go_meanwhile);
    in_context (a_handler_may_answer_twice);
    in_context (closing_waits_for_no_answer);
    in_context (connecting_to_the_name_is_no_handler);
    return 0;
}
