/* ZMQ_HELLO_MSG, ZMQ_DISCONNECT_MSG and ZMQ_HICCUP_MSG with the types that address their peers by number, or
   are addressed so: SERVER, CLIENT and PEER (drafts). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"
#include "raw_peer.h"

static void set_text (void *socket, int option, const char *text)
{
    CHECK_OK (zmq_setsockopt (socket, option, text, strlen (text)));
}

/* Waits for `text` and returns the number of who has sent it. */
#define RECV_FROM(socket, text) recv_from_at (socket, text, __FILE__, __LINE__)
static uint32_t recv_from_at (void *socket, const char *text, const char *file, int line)
{
    zmq_msg_t message;
    if (!ready_within (socket, ZMQ_POLLIN, PATIENCE_MS)) {
        fprintf (stderr, "%s:%d: nothing came, expected '%s'\n", file, line, text);
        exit (1);
    }
    CHECK_OK (zmq_msg_init (&message));
    int size = zmq_msg_recv (&message, socket, ZMQ_DONTWAIT);
    if (size != (int) strlen (text) || memcmp (zmq_msg_data (&message), text, (size_t) size) != 0) {
        fprintf (stderr, "%s:%d: received '%.*s', expected '%s'\n", file, line, size < 0 ? 0 : size,
                 (char *) zmq_msg_data (&message), text);
        exit (1);
    }
    uint32_t number = zmq_msg_routing_id (&message);
    CHECK_OK (zmq_msg_close (&message));
    return number;
}

/* Both sides say theirs before anything else, whichever is bound; a SERVER says at the end whose it is. */
static void from_hello_to_the_end (void *context, const char *address)
{
    static const struct
    {
        int one, other;
    } rows[] = {{ZMQ_SERVER, ZMQ_CLIENT}, {ZMQ_PEER, ZMQ_PEER}};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        int one_binds = i % 2 == 0;
        void *one = new_socket (context, rows[i / 2].one), *other = new_socket (context, rows[i / 2].other);
        set_text (one, ZMQ_HELLO_MSG, "I serve");
        set_text (one, ZMQ_DISCONNECT_MSG, "gone");
        set_text (other, ZMQ_HELLO_MSG, "I ask");
        bind_to (one_binds ? one : other, address, endpoint);
        connect_to (one_binds ? other : one, endpoint);
        uint32_t number = RECV_FROM (one, "I ask");
        CHECK (number != 0);
        CHECK ((RECV_FROM (other, "I serve") != 0) == (rows[i / 2].other == ZMQ_PEER));
        CHECK_QUIET (one);
        close_now (other);
        /* Of a connection that it made itself it hears over inproc, where it might as well have bound. */
        if (one_binds || strncmp (address, "inproc", 6) == 0)
            CHECK_INT (RECV_FROM (one, "gone"), number);
        else
            CHECK_QUIET (one);
        close_now (one);
    }
}

/* What is made anew is greeted anew, and the application hears of the loss. */
static void each_connection_is_greeted (void *context)
{
    static const struct
    {
        int type;
        const char *peer;
    } rows[] = {{ZMQ_CLIENT, "SERVER"}, {ZMQ_PEER, "PEER"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        unsigned char body[255];
        int listener = raw_listen (endpoint);
        void *socket = new_socket (context, rows[i].type);
        set_int (socket, ZMQ_RECONNECT_IVL, 1);
        set_text (socket, ZMQ_HELLO_MSG, "HI!");
        set_text (socket, ZMQ_HICCUP_MSG, "hiccup");
        connect_to (socket, endpoint);
        for (int j = 0; j < 3; j++) {
            int fd = raw_accept (listener);
            raw_handshake (fd, 1, rows[i].peer, "");
            CHECK_INT (raw_read_frame_at (fd, 0, body, __FILE__, __LINE__), 3);
            CHECK (memcmp (body, "HI!", 3) == 0);
            raw_send_frame (fd, 0, "whole", 5);
            RECV_FROM (socket, "whole");
            close (fd);
            RECV_FROM (socket, "hiccup");
        }
        close_now (socket);
        close (listener);
    }
}

/* The others accept the three options, and do nothing. */
static void some_types_say_nothing (void *context)
{
    static const int types[] = {ZMQ_RADIO, ZMQ_DISH, ZMQ_GATHER, ZMQ_SCATTER, ZMQ_DGRAM, ZMQ_CHANNEL};
    static const int options[] = {ZMQ_HELLO_MSG, ZMQ_DISCONNECT_MSG, ZMQ_HICCUP_MSG};
    void *scatter, *gather;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        void *socket = new_socket (context, types[i]);
        for (size_t j = 0; j < sizeof options / sizeof *options; j++) {
            set_text (socket, options[j], "x");
            CHECK_OK (zmq_setsockopt (socket, options[j], NULL, 0));
        }
        close_now (socket);
    }
    gather = new_socket (context, ZMQ_GATHER);
    scatter = new_socket (context, ZMQ_SCATTER);
    set_text (scatter, ZMQ_HELLO_MSG, "hello");
    set_text (gather, ZMQ_DISCONNECT_MSG, "gone");
    CHECK_OK (zmq_bind (gather, "inproc://quiet"));
    connect_to (scatter, "inproc://quiet");
    send_text (scatter, "first", 0);
    RECV_TEXT (gather, "first");
    close_now (scatter);
    CHECK_QUIET (gather);
    close_now (gather);
}

int main (void)
{
    begin_test ();
    over_transports (from_hello_to_the_end);
    in_context (each_connection_is_greeted);
    in_context (some_types_say_nothing);
    return 0;
}
