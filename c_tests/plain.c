/* PLAIN: a client shows a name and a password, a server asks the authenticator about them (RFC 24). */

#include "monitor.h"
#include "raw_peer.h"
#include "zap.h"

#define ZEROS_15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GREETING RAW_SIGNATURE "\x03\x01" "PLAIN" ZEROS_15 RAW_ZEROS_16 RAW_ZEROS_16
#define HELLO "\x04\x0a\x05HELLO\x01u\x01p"
#define WELCOME "\x04\x08\x07WELCOME"
#define PULL "\x0bSocket-Type\0\0\0\x04PULL"
#define PUSH "\x0bSocket-Type\0\0\0\x04PUSH"

#define BYTES(literal) literal, sizeof (literal) - 1

static void set_text (void *socket, int option, const char *text)
{
    CHECK_OK (zmq_setsockopt (socket, option, text, strlen (text)));
}

static void *new_client (void *context, int type, const char *username, const char *password)
{
    void *client = new_socket (context, type);
    set_text (client, ZMQ_PLAIN_USERNAME, username);
    set_text (client, ZMQ_PLAIN_PASSWORD, password);
    return client;
}

static void *new_server (void *context, int type)
{
    void *server = new_socket (context, type);
    set_int (server, ZMQ_PLAIN_SERVER, 1);
    return server;
}

/* Who is the server has nothing to do with who binds. */
static void both_learn_about_each_other (void *context)
{
    for (int server_binds = 0; server_binds < 2; server_binds++) {
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_server (context, ZMQ_ROUTER);
        void *client = new_client (context, ZMQ_DEALER, "admin", "secret");
        set_text (server, ZMQ_ZAP_DOMAIN, "dom");
        set_text (server, ZMQ_ROUTING_ID, "rtr");
        set_text (client, ZMQ_ROUTING_ID, "cli");
        bind_to (server_binds ? server : client, "tcp://127.0.0.1:*", endpoint);
        connect_to (server_binds ? client : server, endpoint);
        EXPECT_QUESTION (handler, "dom", "127.0.0.1", "rtr", "PLAIN", "admin", "secret");
        CHECK_QUIET (server);
        welcome_as (handler, "alice", BYTES ("\x06X-Role\0\0\0\x05" "admin\x04Role\0\0\0\x01x"));
        send_text (client, "hi", 0);
        check_admitted (client, server);
        CHECK_QUIET (handler);
        close_now (client);
        close_now (server);
        close_zap (handler);
    }
}

/* A refusal is final: the client does not try again. */
static void the_refused_are_told (void *context)
{
    static const char *const statuses[] = {"400", "500"};
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_server (context, ZMQ_PULL);
        void *client = new_client (context, ZMQ_PUSH, "admin", "wrong");
        set_int (client, ZMQ_RECONNECT_IVL, 1);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *server_monitor = watch (context, server, ALL_BUT_STOPPED);
        void *client_monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        EXPECT_QUESTION (handler, "", "127.0.0.1", "", "PLAIN", "admin", "wrong");
        answer (handler, statuses[i]);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_ACCEPTED);
        struct event event = EXPECT_EVENT (server_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        CHECK_INT (event.value, atoi (statuses[i]));
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_DISCONNECTED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECTED);
        event = EXPECT_EVENT (client_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        CHECK_INT (event.value, atoi (statuses[i]));
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_DISCONNECTED);
        CHECK_QUIET (client_monitor);
        CHECK_QUIET (server_monitor);
        unwatch (client, client_monitor);
        unwatch (server, server_monitor);
        close_now (client);
        close_now (server);
        close_zap (handler);
    }
}

/* Those to come back later hear nothing, and those who are refused are left to go, until the handshake's
   time is over. */
static void the_refused_do_not_stay (void *context)
{
    static const char *const statuses[] = {"300", "400"};
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        unsigned char greeting[64];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_server (context, ZMQ_PULL);
        set_int (server, ZMQ_HANDSHAKE_IVL, 1000);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, server, ALL_BUT_STOPPED);
        int fd = raw_connect (endpoint);
        RAW_SEND (fd, GREETING HELLO);
        RAW_READ (fd, greeting, sizeof greeting);
        EXPECT_QUESTION (handler, "", "127.0.0.1", "", "PLAIN", "u", "p");
        answer (handler, statuses[i]);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH).value, atoi (statuses[i]));
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        unwatch (server, monitor);
        close_now (server);
        close_zap (handler);
    }
}

/* Nobody to ask: nobody is let in. Each side is watched alone, as the reference may forget to close a
   connection of a socket that is watched. */
static void without_a_handler_nobody_is_let_in (void *context)
{
    char endpoint[256];
    for (int watch_client = 0; watch_client < 2; watch_client++) {
        void *server = new_server (context, ZMQ_PULL);
        void *client = new_client (context, ZMQ_PUSH, "u", "p");
        set_int (client, ZMQ_RECONNECT_IVL, 1);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *watched = watch_client ? client : server;
        void *monitor = watch (context, watched, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        if (watch_client) {
            for (int i = 0; i < 2; i++) {
                EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
                EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
                EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
                EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
                EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_RETRIED);
            }
        } else {
            EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
            CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL).value, EFAULT);
        }
        unwatch (watched, monitor);
        close_now (client);
        close_now (server);
    }
}

/* The bytes of a server. */
static void a_server_sends_two_commands (void *context)
{
    char endpoint[256];
    unsigned char greeting[64];
    void *handler = new_zap (context, ZMQ_REP);
    void *server = new_server (context, ZMQ_PULL);
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, GREETING HELLO);
    RAW_READ (fd, greeting, sizeof greeting);
    CHECK (memcmp (greeting + 10, "\x03\x01PLAIN\0", 8) == 0);
    EXPECT_QUESTION (handler, "", "127.0.0.1", "", "PLAIN", "u", "p");
    RAW_EXPECT_QUIET (fd);
    answer (handler, "200");
    RAW_EXPECT (fd, WELCOME);
    RAW_SEND (fd, "\x04\x1d\x08INITIATE" PUSH "\x00\x02hi");
    RAW_EXPECT (fd, "\x04\x1a\x05READY" PULL);
    RECV_TEXT (server, "hi");
    close (fd);

    /* ERROR is spelt in an odd way, and leaves it to the peer to close. */
    fd = raw_connect (endpoint);
    RAW_SEND (fd, GREETING HELLO);
    RAW_READ (fd, greeting, sizeof greeting);
    EXPECT_QUESTION (handler, "", "127.0.0.1", "", "PLAIN", "u", "p");
    answer (handler, "400");
    RAW_EXPECT (fd, "\x04\x09^RROR\x03" "400");
    RAW_EXPECT_QUIET (fd);
    close (fd);
    close_now (server);
    close_zap (handler);
}

/* The bytes of a client. */
static void a_client_sends_two_commands (void *context)
{
    char endpoint[256];
    unsigned char greeting[64];
    int listener = raw_listen (endpoint);
    void *client = new_client (context, ZMQ_PUSH, "admin", "secret");
    connect_to (client, endpoint);
    send_text (client, "hi", 0);
    int fd = raw_accept (listener);
    RAW_SEND (fd, GREETING);
    RAW_READ (fd, greeting, sizeof greeting);
    RAW_EXPECT (fd, "\x04\x13\x05HELLO\x05" "admin\x06secret");
    RAW_EXPECT_QUIET (fd);
    RAW_SEND (fd, WELCOME);
    RAW_EXPECT (fd, "\x04\x1d\x08INITIATE" PUSH);
    RAW_EXPECT_QUIET (fd);
    RAW_SEND (fd, "\x04\x1a\x05READY" PULL);
    RAW_EXPECT (fd, "\x00\x02hi");
    close (fd);
    close_now (client);
    close (listener);
}

/* Names and passwords are bytes, up to 255 of them, and the one that was not set is empty. */
static void names_may_be_empty_or_long (void *context)
{
    static char text[255];
    memset (text, 'n', sizeof text);
    for (int row = 0; row < 3; row++) {
        char endpoint[256];
        unsigned char greeting[64], expected[1024] = "\x05HELLO";
        int sizes[2] = {row == 0 ? 255 : 0, row == 1 ? 255 : 1};
        size_t size = 6;
        int listener = raw_listen (endpoint);
        void *client = new_socket (context, ZMQ_PUSH);
        text[1] = 0;
        for (int i = 0; i < 2; i++) {
            if (sizes[i])
                CHECK_OK (zmq_setsockopt (client, i ? ZMQ_PLAIN_PASSWORD : ZMQ_PLAIN_USERNAME, text,
                                          (size_t) sizes[i]));
            expected[size++] = (unsigned char) sizes[i];
            memcpy (expected + size, text, (size_t) sizes[i]);
            size += (size_t) sizes[i];
        }
        connect_to (client, endpoint);
        int fd = raw_accept (listener);
        RAW_SEND (fd, GREETING);
        RAW_READ (fd, greeting, sizeof greeting);
        if (size > 255) {
            unsigned char head[9];
            RAW_READ (fd, head, 9);
            CHECK (head[0] == (RAW_COMMAND | RAW_LARGE) && head[7] * 256 + head[8] == (int) size);
        } else {
            unsigned char head[2];
            RAW_READ (fd, head, 2);
            CHECK (head[0] == RAW_COMMAND && head[1] == size);
        }
        raw_expect_at (fd, expected, size, __FILE__, __LINE__);
        close (fd);
        close_now (client);
        close (listener);
    }
}

/* What a client can do wrong, before it is welcome or after; the protocol error it is, or 0 for none. */
static void faults_of_clients_are_named (void *context)
{
    static const struct {
        int welcome;
        const char *bytes;
        size_t size;
        unsigned error;
    } rows[] = {
        {0, BYTES ("\x04\x01\x05"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED},
        {0, BYTES ("\x04\x05\x05HELL"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED},
        {0, BYTES ("\x04\x09\x08INITIATE"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {0, BYTES ("\x04\x06\x05READY"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {0, BYTES ("\x04\x06\x05HELLO"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        {0, BYTES ("\x04\x09\x05HELLO\x05" "ab"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        {0, BYTES ("\x04\x08\x05HELLO\x01u"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        {0, BYTES ("\x04\x0a\x05HELLO\x01u\x02p"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        {0, BYTES ("\x04\x0b\x05HELLO\x01u\x01pX"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO},
        {0, BYTES (HELLO "\x04\x09\x08INITIATE"), ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED},
        {1, BYTES (HELLO), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {1, BYTES ("\x04\x0a\x08INITIATE\x01"), 0},
        {1, BYTES ("\x04\x1d\x08INITIATE" PULL), 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        unsigned char greeting[64];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_server (context, ZMQ_PULL);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, server, ALL_BUT_STOPPED);
        int fd = raw_connect (endpoint);
        RAW_SEND (fd, GREETING);
        RAW_READ (fd, greeting, sizeof greeting);
        if (rows[i].welcome) {
            RAW_SEND (fd, HELLO);
            EXPECT_QUESTION (handler, "", "127.0.0.1", "", "PLAIN", "u", "p");
            answer (handler, "200");
            RAW_EXPECT (fd, WELCOME);
        }
        raw_send (fd, rows[i].bytes, rows[i].size);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        if (rows[i].error) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
            if (event.value != rows[i].error)
                FAIL ("row %zu: protocol error %08x, expected %08x", i, event.value, rows[i].error);
        }
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        unwatch (server, monitor);
        close_now (server);
        close_zap (handler);
    }
}

/* What a server can do wrong, or a client that is taken for one; negative: the status that it gave. */
static void faults_of_servers_are_named (void *context)
{
    static const struct {
        int welcome;
        const char *bytes;
        size_t size;
        long error;
    } rows[] = {
        {0, BYTES ("\x04\x09\x07WELCOMEx"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME},
        {0, BYTES ("\x04\x06\x05READY"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {0, BYTES (HELLO), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {0, BYTES ("\x04\x09^RROR\x03" "400"), -400},
        {0, BYTES ("\x04\x09^RROR\x03" "300"), -300},
        {0, BYTES ("\x04\x05^RROR"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
        {0, BYTES ("\x04\x09^RROR\x04" "400"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
        {1, BYTES (WELCOME), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {1, BYTES ("\x04\x09^RROR\x03" "500"), -500},
        {1, BYTES ("\x04\x07\x05READY\x01"), ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA},
        {1, BYTES ("\x04\x1a\x05READY" PUSH), ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA},
        /* The reference does not know the right spelling. */
        {0, BYTES ("\x04\x0a\x05" "ERROR\x03" "400"), -400},
    };
    const size_t count = sizeof rows / sizeof *rows - (library_version () < ZMQ_MAKE_VERSION (4, 3, 6));
    for (size_t i = 0; i < count; i++) {
        char endpoint[256];
        unsigned char greeting[64];
        int listener = raw_listen (endpoint);
        void *client = new_client (context, ZMQ_PUSH, "u", "p");
        set_int (client, ZMQ_RECONNECT_IVL, 1);
        void *monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        int fd = raw_accept (listener);
        RAW_SEND (fd, GREETING);
        RAW_READ (fd, greeting, sizeof greeting);
        RAW_EXPECT (fd, HELLO);
        if (rows[i].welcome) {
            RAW_SEND (fd, WELCOME);
            RAW_EXPECT (fd, "\x04\x1d\x08INITIATE" PUSH);
        }
        raw_send (fd, rows[i].bytes, rows[i].size);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
        struct event event =
            EXPECT_EVENT (monitor, rows[i].error < 0 ? ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                                                     : ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        if (event.value != (rows[i].error < 0 ? -rows[i].error : rows[i].error))
            FAIL ("row %zu: value %08x, expected %08lx", i, event.value, rows[i].error);
        /* The genuine library was seen to leave this one out. */
        if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
            EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        /* It does not come again. */
        CHECK (!raw_ready_within (listener, QUIET_MS));
        close (fd);
        unwatch (client, monitor);
        close_now (client);
        close (listener);
    }
}

/* ZMTP 1.0 and 2.0 have no security. */
static void old_peers_are_turned_away (void *context)
{
    char endpoint[256];
    void *server = new_server (context, ZMQ_PULL);
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    for (int version = 0; version < 2; version++) {
        int fd = raw_connect (endpoint);
        if (version)
            RAW_SEND (fd, RAW_GREETING_20 "\x08");
        else
            RAW_SEND (fd, "\x01\x00");
        RAW_EXPECT_CLOSE (fd);
        close (fd);
    }
    close_now (server);
}

/* Many at once, over both transports, with a handler in a thread of its own. */
static void many_clients_of_one_server (void *context)
{
    enum { CLIENTS = 12, WRONG = 3 };
    struct zap zap;
    char endpoints[2][256], seen[CLIENTS] = "";
    void *clients[CLIENTS];
    void *server = new_server (context, ZMQ_PULL);
    start_zap (&zap, context);
    bind_to (server, "tcp://127.0.0.1:*", endpoints[0]);
    bind_to (server, "ipc://*", endpoints[1]);
    void *monitor = watch (context, server, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
    for (int i = 0; i < CLIENTS; i++) {
        char name[] = "user-A";
        name[5] = (char) ('A' + i);
        clients[i] = new_client (context, ZMQ_PUSH, name, i < WRONG ? "guessed" : "secret");
        connect_to (clients[i], endpoints[i % 2]);
        send_text (clients[i], name, 0);
    }
    for (int i = WRONG; i < CLIENTS; i++) {
        zmq_msg_t message;
        char text[8] = "";
        CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_OK (zmq_msg_init (&message));
        CHECK_INT (zmq_msg_recv (&message, server, 0), 6);
        memcpy (text, zmq_msg_data (&message), 6);
        CHECK_PROPERTY (&message, "User-Id", text);
        CHECK (text[5] >= 'A' + WRONG && text[5] < 'A' + CLIENTS);
        CHECK_INT (seen[text[5] - 'A']++, 0);
        CHECK_OK (zmq_msg_close (&message));
    }
    for (int i = 0; i < WRONG; i++)
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH).value, 400);
    CHECK_QUIET (server);
    unwatch (server, monitor);
    for (int i = 0; i < CLIENTS; i++)
        close_now (clients[i]);
    close_now (server);
    end_zap (&zap, context);
    CHECK_INT (zap.asked, CLIENTS);
}

int main (void)
{
    begin_test ();
    in_context (both_learn_about_each_other);
    in_context (the_refused_are_told);
    in_context (the_refused_do_not_stay);
    in_context (without_a_handler_nobody_is_let_in);
    in_context (a_server_sends_two_commands);
    in_context (a_client_sends_two_commands);
    in_context (names_may_be_empty_or_long);
    in_context (faults_of_clients_are_named);
    in_context (faults_of_servers_are_named);
    in_context (old_peers_are_turned_away);
    in_context (many_clients_of_one_server);
    return 0;
}
