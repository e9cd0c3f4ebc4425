/* Peers that do not keep to CURVE, on either side: they lose their own connection, the monitor is told why,
   and nothing is ever said to them in the clear (RFC 26). What takes secrets to get further is tested beside
   the mechanism. */

#include "curve_raw.h"
#include "monitor.h"

#define BYTES(literal) literal, sizeof (literal) - 1
#define MORE_THAN_HELLO FORGED_HELLO "\x04\x02\x01x"

/* What a client can do wrong; the protocol error it is, or 0 for none. */
static void faults_of_clients_are_named (void *context)
{
    static const struct {
        const char *bytes;
        size_t size;
        unsigned error;
        int stale; /* after a HELLO that has been answered */
    } rows[] = {
        {BYTES (RAW_GREETING_31), ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, 0},
        {BYTES (RAW_SIGNATURE "\x03\x01" "PLAIN" ZEROS_15 RAW_ZEROS_16 RAW_ZEROS_16),
         ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, 0},
        {BYTES (RAW_SIGNATURE "\x03\x01" "CURVEx" ZEROS_15 RAW_ZEROS_16 ZEROS_15),
         ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, 0},
        {BYTES (RAW_GREETING_20 "\x08"), 0, 0},
        {BYTES ("\x01\0"), 0, 0},
        {BYTES (CURVE_GREETING "\x04\x01\x05"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED, 0},
        {BYTES (CURVE_GREETING "\x04\x05\x05HELL"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED, 0},
        {BYTES (CURVE_GREETING "\x04\x06\x05READY"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, 0},
        {BYTES (CURVE_GREETING "\x00\x09\x07MESSAGEx"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, 0},
        {BYTES (CURVE_GREETING "\x04\x0a\x05HELLO\x01u\x01p"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO, 0},
        {BYTES (CURVE_GREETING FORGED_HELLO), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, 0},
        {BYTES ("\x04\x0a\x08INITIATEx"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE, 1},
        {BYTES (INITIATE_HEAD ZEROS_80 ZEROS_80 ZEROS_80 "\0\0\0\0\0\0\0\0"), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, 1},
        {BYTES (STALE_HELLO), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, 1},
        {BYTES ("\x00\x03" "msg"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        void *server = new_curve_server (context, ZMQ_PULL);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, server, ALL_BUT_STOPPED);
        int fd = raw_connect (endpoint);
        if (rows[i].stale) {
            unsigned char bytes[64 + WELCOME_SIZE];
            RAW_SEND (fd, CURVE_GREETING STALE_HELLO);
            RAW_READ (fd, bytes, sizeof bytes);
            CHECK (memcmp (bytes + 64, "\x04\xa8\x07WELCOME", 10) == 0);
        }
        raw_send (fd, rows[i].bytes, rows[i].size);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        if (rows[i].error) {
            struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
            if (event.value != rows[i].error)
                FAIL ("row %zu: protocol error %08x, expected %08x", i, event.value, rows[i].error);
        }
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        raw_expect_close_at (fd, "fault of a client, row", (int) i);
        CHECK (!ready_within (server, ZMQ_POLLIN, 0));
        close (fd);
        unwatch (server, monitor);
        close_now (server);
    }
}

/* What a server can do wrong, or who is taken for one; negative: the status that it gave. */
static void faults_of_servers_are_named (void *context)
{
    static const struct {
        const char *bytes;
        size_t size;
        long error;
    } rows[] = {
        {BYTES ("\x04\xa8\x07WELCOME" ZEROS_80 ZEROS_80), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC},
        {BYTES ("\x04\x08\x07WELCOME"), ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC},
        {BYTES (STALE_HELLO), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {BYTES ("\x00\x03" "msg"), ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND},
        {BYTES ("\x04\x0a\x05" "ERROR\x03" "400"), -400},
        {BYTES ("\x04\x0a\x05" "ERROR\x04" "400"), ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        unsigned char bytes[64 + 202];
        int listener = raw_listen (endpoint);
        void *client = new_curve_client (context, ZMQ_PUSH);
        set_int (client, ZMQ_RECONNECT_IVL, 1);
        void *monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        send_text (client, "never in the clear", 0);
        int fd = raw_accept (listener);
        RAW_SEND (fd, CURVE_GREETING);
        RAW_READ (fd, bytes, sizeof bytes);
        CHECK (memcmp (bytes + 64, "\x04\xc8\x05HELLO\x01", 9) == 0);
        RAW_EXPECT_QUIET (fd);
        raw_send (fd, rows[i].bytes, rows[i].size);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
        struct event event =
            EXPECT_EVENT (monitor, rows[i].error < 0 ? ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                                                     : ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        if (event.value != (rows[i].error < 0 ? -rows[i].error : rows[i].error))
            FAIL ("row %zu: value %08x, expected %08lx", i, event.value, rows[i].error);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        CHECK (raw_ready_within (fd, PATIENCE_MS));
        CHECK (recv (fd, bytes, sizeof bytes, 0) <= 0);
        /* It does not come again. */
        CHECK (!raw_ready_within (listener, QUIET_MS));
        close (fd);
        unwatch (client, monitor);
        close_now (client);
        close (listener);
    }
}

/* A server that knows no security gets nothing from a client that asks for it. */
static void clients_say_nothing_to_servers_without_security (void *context)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PULL")},
        {BYTES (RAW_GREETING_20 "\x07\0\0")},
        {BYTES ("\x01\0")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        unsigned char bytes[512];
        size_t got = 0;
        int listener = raw_listen (endpoint);
        void *client = new_curve_client (context, ZMQ_PUSH);
        set_int (client, ZMQ_RECONNECT_IVL, PATIENCE_MS);
        connect_to (client, endpoint);
        send_text (client, "never in the clear", 0);
        int fd = raw_accept (listener);
        raw_send (fd, rows[i].bytes, rows[i].size);
        for (ssize_t n = 1; n > 0; got += n > 0 ? (size_t) n : 0) {
            CHECK (got < sizeof bytes && raw_ready_within (fd, PATIENCE_MS));
            n = recv (fd, bytes + got, sizeof bytes - got, 0);
        }
        CHECK (!memmem (bytes, got, "never", 5));
        close (fd);
        close_now (client);
        close (listener);
    }
}

/* What is announced takes up no memory, and what is much too long for a command is not waited for. */
static void commands_are_no_longer_than_they_may_be (void *context)
{
    static const char *const heads[] = {"\x06\0\0\0\0\x40\0\0\0", "\x06\x7f\xff\xff\xff\xff\xff\xff\xff",
                                        "\x02\0\0\0\0\0\x01\x00\x01"};
    if (library_version () < ZMQ_MAKE_VERSION (4, 3, 6))
        return;
    for (int i = 0; i < 3; i++) {
        char endpoint[256];
        void *server = new_curve_server (context, ZMQ_PULL);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        int fd = raw_connect (endpoint);
        RAW_SEND (fd, CURVE_GREETING);
        raw_send (fd, heads[i], 9);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        close_now (server);
    }
}

int main (void)
{
    begin_test ();
    needs_curve ();
    in_context (faults_of_clients_are_named);
    in_context (faults_of_servers_are_named);
    in_context (clients_say_nothing_to_servers_without_security);
    in_context (commands_are_no_longer_than_they_may_be);
    return 0;
}
