/* Peers that do not keep to the protocol lose their own connection; the listener, the other peers and
   later ones are not affected (RFC 37). Some oddities are put up with. */

#include "raw_peer.h"

#include <sys/resource.h>

#define BYTES(literal) literal, sizeof (literal) - 1
#define READY_PUSH "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH"

struct input {
    const char *bytes;
    size_t size;
};

/* A PULL with a good peer, both of which must be as before after each bad one. */
struct server {
    void *pull;
    char endpoint[256];
    int good;
};

static void start_server (struct server *server, void *context)
{
    server->pull = new_socket (context, ZMQ_PULL);
    bind_to (server->pull, "tcp://127.0.0.1:*", server->endpoint);
    server->good = raw_join (server->endpoint, "PUSH", NULL);
}

static void check_unharmed (struct server *server)
{
    raw_send_text (server->good, "unharmed");
    RECV_TEXT (server->pull, "unharmed");
    int later = raw_join (server->endpoint, "PUSH", NULL);
    raw_send_text (later, "let in");
    RECV_TEXT (server->pull, "let in");
    CHECK (!ready_within (server->pull, ZMQ_POLLIN, 0));
    close (later);
}

static void stop_server (struct server *server)
{
    close (server->good);
    close_now (server->pull);
}

/* Said instead of a handshake: the connection ends. */
static void bad_handshakes_are_closed (void *context)
{
    static const struct input rows[] = {
        /* greetings */
        {BYTES ("\0")},
        {BYTES (RAW_SIGNATURE "\x03\x01PLAIN" RAW_ZEROS_48)},
        {BYTES (RAW_SIGNATURE "\x03\x01null" RAW_ZEROS_48)},
        {BYTES (RAW_SIGNATURE "\x03\x01NULLx" RAW_ZEROS_48)},
        {BYTES (RAW_SIGNATURE "\x03\x01" RAW_ZEROS_48 "\0\0\0\0")},
        /* commands */
        {BYTES (RAW_GREETING_31 "\x04\x00")},
        {BYTES (RAW_GREETING_31 "\x00\x05hello")},
        {BYTES (RAW_GREETING_31 "\x04\x06\x05HELLO")},
        {BYTES (RAW_GREETING_31 "\x04\x06\x05ready")},
        /* properties */
        {BYTES (RAW_GREETING_31 "\x04\x1b\x05READY\x0bSocket-Type\0\0\0\x04PUSH\x01")},
        {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x05PUSH")},
        {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\xff\xff\xff\xffPUSH")},
        {BYTES (RAW_GREETING_31 "\x04\x07\x05READY\xff")},
        /* socket types */
        {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PULL")},
        {BYTES (RAW_GREETING_31 "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04push")},
        {BYTES (RAW_GREETING_31 "\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUS")},
        {BYTES (RAW_GREETING_31 "\x04\x1b\x05READY\x0bSocket-Type\0\0\0\x05PUSHx")},
        {BYTES (RAW_GREETING_31 "\x04\x16\x05READY\x0bSocket-Type\0\0\0\0")},
    };
    struct server server;
    start_server (&server, context);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = raw_connect (server.endpoint);
        raw_send (fd, rows[i].bytes, rows[i].size);
        raw_expect_close_at (fd, "bad handshake, row", (int) i);
        close (fd);
        check_unharmed (&server);
    }
    stop_server (&server);
}

/* An ERROR in answer to READY ends the connection, whatever its reason. */
static void an_error_is_taken_for_an_end (void *context)
{
    static const struct input rows[] = {
        {BYTES ("\x04\x0a\x05" "ERROR\x03" "400")},
        {BYTES ("\x04\x0b\x05" "ERROR\x04" "oops")},
        {BYTES ("\x04\x07\x05" "ERROR\x00")},
    };
    struct server server;
    start_server (&server, context);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned char greeting[64 + 28];
        int fd = raw_connect (server.endpoint);
        RAW_SEND (fd, RAW_GREETING_31);
        RAW_READ (fd, greeting, sizeof greeting);
        raw_send (fd, rows[i].bytes, rows[i].size);
        raw_expect_close_at (fd, "error, row", (int) i);
        close (fd);
        check_unharmed (&server);
    }
    stop_server (&server);
}

/* Said after a good handshake: a length nothing can hold. */
static void bad_frames_are_closed (void *context)
{
    static const struct input rows[] = {
        {BYTES ("\x02\x7f\xff\xff\xff\xff\xff\xff\xff")},
        {BYTES ("\x03\xff\xff\xff\xff\xff\xff\xff\xff")},
    };
    struct server server;
    start_server (&server, context);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = raw_join (server.endpoint, "PUSH", NULL);
        raw_send (fd, rows[i].bytes, rows[i].size);
        raw_expect_close_at (fd, "bad frame, row", (int) i);
        close (fd);
        check_unharmed (&server);
    }
    stop_server (&server);
}

/* Frames of 1.5 GiB that are announced and do not come: not the time, nor the memory that they would take. */
static void announced_sizes_cost_nothing (void *context)
{
    struct server server;
    struct rusage before, after;
    start_server (&server, context);
    CHECK_OK (getrusage (RUSAGE_SELF, &before));
    for (int i = 0; i < 4; i++) {
        int fd = raw_join (server.endpoint, "PUSH", NULL);
        RAW_SEND (fd, "\0\4" "then" "\2\0\0\0\0\x60\0\0\0" "nothing");
        RECV_TEXT (server.pull, "then");
        check_unharmed (&server);
        close (fd);
        check_unharmed (&server);
    }
    CHECK_OK (getrusage (RUSAGE_SELF, &after));
    /* In KiB; memory checkers touch some of it. */
    CHECK (after.ru_maxrss - before.ru_maxrss < 1024 * 1024);
    stop_server (&server);
}

/* A peer that leaves in the middle of anything takes nothing along. */
static void half_a_connection_does_no_harm (void *context)
{
    static const char bytes[] =
        RAW_GREETING_31 READY_PUSH "\x01\x05" "first" "\x02\0\0\0\0\0\0\x01\0" "part of it";
    static const size_t sizes[] = {1, 9, 10, 11, 12, 32, 63, 64, 65, 70, 91, 95, 99, 108, 110};
    struct server server;
    start_server (&server, context);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char greeting[64 + 28];
        int fd = raw_connect (server.endpoint);
        CHECK (sizes[i] < sizeof bytes);
        raw_send (fd, bytes, sizes[i] < 92 ? sizes[i] : 92);
        if (sizes[i] > 92) {
            RAW_READ (fd, greeting, sizeof greeting);
            raw_send (fd, bytes + 92, sizes[i] - 92);
        }
        close (fd);
        check_unharmed (&server);
    }
    stop_server (&server);
}

/* A reply without its envelope. */
static void a_req_closes_on_malformed_replies (void *context)
{
    static const struct input rows[] = {
        {BYTES ("\x00\x0cno delimiter")},
        {BYTES ("\x00\x00")},
        {BYTES ("\x01\x03" "abc" "\x00\x00")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        int listener = raw_listen (endpoint);
        void *req = new_socket (context, ZMQ_REQ);
        connect_to (req, endpoint);
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "REP", NULL);
        send_text (req, "q", 0);
        RAW_EXPECT (fd, "\x01\x00\x00\x01q");
        raw_send (fd, rows[i].bytes, rows[i].size);
        raw_expect_close_at (fd, "bad reply, row", (int) i);
        CHECK (!raw_ready_within (listener, 400));
        CHECK_QUIET (req);
        close (fd);
        close_now (req);
        close (listener);
    }
}

/* A request without its envelope is no request; the connection stays. */
static void a_rep_passes_over_malformed_requests (void *context)
{
    char endpoint[256], text[16];
    void *rep = new_socket (context, ZMQ_REP);
    set_int (rep, ZMQ_RCVTIMEO, PATIENCE_MS);
    bind_to (rep, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "REQ", "");
    RAW_SEND (fd, "\x00\x0cno delimiter");
    RAW_SEND (fd, "\x01\x02no\x00\x09" "delimiter");
    RAW_SEND (fd, "\x01\x00\x00\x02ok");
    CHECK_INT (zmq_recv (rep, text, sizeof text, 0), 2);
    CHECK (memcmp (text, "ok", 2) == 0);
    CHECK_INT (get_int (rep, ZMQ_RCVMORE), 0);
    send_text (rep, "fine", 0);
    RAW_EXPECT (fd, "\x01\x00\x00\x04" "fine");
    close (fd);
    close_now (rep);
}

/* Strange, yet accepted: bits nobody minds, READY as a message, no properties, names in other case,
   long headers for short frames. */
static void oddities_are_put_up_with (void *context)
{
    static const struct {
        struct input ready, traffic;
    } rows[] = {
        {{BYTES ("\x00\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH")}, {BYTES ("\x00\x02ok")}},
        {{BYTES ("\x04\x06\x05READY")}, {BYTES ("\x00\x02ok")}},
        {{BYTES ("\x04\x1a\x05READY\x0bsocket-type\0\0\0\x04REQ!")}, {BYTES ("\x00\x02ok")}},
        {{BYTES ("\x06\0\0\0\0\0\0\0\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH")},
         {BYTES ("\x02\0\0\0\0\0\0\0\x02ok")}},
        {{BYTES (READY_PUSH)}, {BYTES ("\xf8\x02ok")}},
        {{BYTES (READY_PUSH)}, {BYTES ("\x05\x03\x02xx\x04\x00\x00\x02ok")}},
        {{BYTES (READY_PUSH)}, {BYTES ("\x04\x06\x05HELLO\x00\x02ok")}},
    };
    char endpoint[256];
    unsigned char greeting[64 + 28];
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int fd = raw_connect (endpoint);
        RAW_SEND (fd, RAW_GREETING_31);
        raw_send (fd, rows[i].ready.bytes, rows[i].ready.size);
        RAW_READ (fd, greeting, sizeof greeting);
        raw_send (fd, rows[i].traffic.bytes, rows[i].traffic.size);
        recv_text_at (pull, "ok", "oddity, row", (int) i);
        RAW_EXPECT_QUIET (fd);
        close (fd);
    }
    CHECK_QUIET (pull);
    close_now (pull);
}

/* A second peer of the same identity is not heard, and the first is not disturbed. */
static void a_taken_identity_is_ignored (void *context)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    int first = raw_join (endpoint, "DEALER", "dup");
    raw_send_text (first, "first");
    RECV_PARTS (router, "dup", "first", NULL);
    int second = raw_join (endpoint, "DEALER", "dup");
    raw_send_text (second, "second");
    CHECK_QUIET (router);
    RAW_EXPECT_QUIET (second);
    send_parts (router, "dup", "reply", NULL);
    RAW_EXPECT (first, "\x00\x05reply");
    raw_send_text (first, "again");
    RECV_PARTS (router, "dup", "again", NULL);
    close (first);
    close (second);
    close_now (router);
}

/* Many at once, then a good one. */
static void a_crowd_does_no_harm (void *context)
{
    enum { CROWD = 50 };
    int crowd[CROWD];
    struct server server;
    start_server (&server, context);
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = raw_connect (server.endpoint);
        if (i % 2)
            RAW_SEND (crowd[i], "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        else
            RAW_SEND (crowd[i], RAW_GREETING_31 "\x04\x06\x05HELLO");
    }
    check_unharmed (&server);
    for (int i = 0; i < CROWD; i++) {
        if (i % 2 == 0)
            RAW_EXPECT_CLOSE (crowd[i]);
        close (crowd[i]);
    }
    check_unharmed (&server);
    stop_server (&server);
}

int main (void)
{
    begin_test ();
    in_context (bad_handshakes_are_closed);
    in_context (an_error_is_taken_for_an_end);
    in_context (bad_frames_are_closed);
    in_context (announced_sizes_cost_nothing);
    in_context (half_a_connection_does_no_harm);
    in_context (a_req_closes_on_malformed_replies);
    in_context (a_rep_passes_over_malformed_requests);
    in_context (oddities_are_put_up_with);
    in_context (a_taken_identity_is_ignored);
    in_context (a_crowd_does_no_harm);
    return 0;
}
