/* ZMQ_HELLO_MSG, ZMQ_DISCONNECT_MSG and ZMQ_HICCUP_MSG: messages that the library sends or delivers
   when a connection begins or ends (drafts). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"
#include "raw_peer.h"

static void set_text (void *socket, int option, const char *text)
{
    CHECK_OK (zmq_setsockopt (socket, option, text, strlen (text)));
}

static int is_inproc (const char *address)
{
    return strncmp (address, "inproc", 6) == 0;
}

/* Both sides say theirs before anything else, whichever is bound. */
static void both_sides_say_hello (void *context, const char *address)
{
    for (int router_binds = 0; router_binds < 2; router_binds++) {
        char endpoint[256];
        void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
        set_text (dealer, ZMQ_ROUTING_ID, "d");
        set_text (router, ZMQ_HELLO_MSG, "I route");
        set_text (dealer, ZMQ_HELLO_MSG, "I deal");
        bind_to (router_binds ? router : dealer, address, endpoint);
        connect_to (router_binds ? dealer : router, endpoint);
        send_text (dealer, "first", 0);
        RECV_TEXT (dealer, "I route");
        RECV_PARTS (router, "d", "I deal", NULL);
        RECV_PARTS (router, "d", "first", NULL);
        CHECK_QUIET (dealer);
        close_now (dealer);
        close_now (router);
    }
}

/* A connection made before the name is bound is greeted as well. */
static void a_parked_connection_is_greeted (void *context)
{
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_text (dealer, ZMQ_ROUTING_ID, "d");
    set_text (router, ZMQ_HELLO_MSG, "I route");
    set_text (router, ZMQ_DISCONNECT_MSG, "gone");
    set_text (dealer, ZMQ_HELLO_MSG, "I deal");
    connect_to (dealer, "inproc://x");
    send_text (dealer, "first", 0);
    CHECK_OK (zmq_bind (router, "inproc://x"));
    RECV_TEXT (dealer, "I route");
    RECV_PARTS (router, "d", "I deal", NULL);
    RECV_PARTS (router, "d", "first", NULL);
    close_now (dealer);
    RECV_PARTS (router, "d", "gone", NULL);
    close_now (router);
}

/* Over tcp and ipc a REQ says nothing; over inproc it does. Others never do. */
static void some_types_say_nothing (void *context, const char *address)
{
    static const struct {
        int bound, connected;
    } rows[] = {
        {ZMQ_PULL, ZMQ_PUSH}, {ZMQ_PAIR, ZMQ_PAIR}, {ZMQ_XSUB, ZMQ_XPUB}, {ZMQ_XPUB, ZMQ_XSUB},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        void *bound = new_socket (context, rows[i].bound);
        void *connected = new_socket (context, rows[i].connected);
        set_text (bound, ZMQ_HELLO_MSG, "hello");
        set_text (connected, ZMQ_HELLO_MSG, "hello");
        bind_to (bound, address, endpoint);
        connect_to (connected, endpoint);
        CHECK_QUIET (bound);
        if (rows[i].connected != ZMQ_PUSH)
            CHECK_QUIET (connected);
        close_now (bound);
        close_now (connected);
    }
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *req = new_socket (context, ZMQ_REQ);
    set_text (req, ZMQ_ROUTING_ID, "r");
    set_text (req, ZMQ_HELLO_MSG, "I ask");
    bind_to (router, address, endpoint);
    connect_to (req, endpoint);
    if (is_inproc (address))
        RECV_PARTS (router, "r", "I ask", NULL);
    send_text (req, "question", 0);
    RECV_PARTS (router, "r", "", "question", NULL);
    close_now (req);
    close_now (router);
}

/* The hello is the first frame of each connection, the ones made again included; what was queued
   meanwhile comes behind it, and the application hears of the loss. */
static void each_connection_is_greeted (void *context)
{
    char endpoint[256];
    unsigned char body[255];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RECONNECT_IVL, 1);
    set_text (dealer, ZMQ_HELLO_MSG, "HI!");
    set_text (dealer, ZMQ_HICCUP_MSG, "hiccup");
    connect_to (dealer, endpoint);
    for (int i = 0; i < 3; i++) {
        send_text (dealer, "queued", 0);
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "ROUTER", "");
        CHECK_INT (raw_read_frame_at (fd, 0, body, __FILE__, __LINE__), 3);
        CHECK (memcmp (body, "HI!", 3) == 0);
        CHECK_INT (raw_read_frame_at (fd, 0, body, __FILE__, __LINE__), 6);
        CHECK (memcmp (body, "queued", 6) == 0);
        /* Half a message is forgotten, whole ones are not. */
        raw_send_frame (fd, 0, "whole", 5);
        raw_send_frame (fd, 1, "half", 4);
        RECV_TEXT (dealer, "whole");
        close (fd);
        RECV_TEXT (dealer, "hiccup");
        CHECK_INT (get_int (dealer, ZMQ_RCVMORE), 0);
    }
    close_now (dealer);
    close (listener);
}

/* A connection that is lost in its handshake never was, and one that is not made again is no hiccup. */
static void no_hiccup_without_a_connection (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RECONNECT_IVL, 1);
    set_text (dealer, ZMQ_HICCUP_MSG, "hiccup");
    connect_to (dealer, endpoint);
    close (raw_accept (listener));
    int fd = raw_accept (listener);
    raw_handshake (fd, 1, "ROUTER", "");
    raw_send_frame (fd, 0, "only", 4);
    RECV_TEXT (dealer, "only");
    CHECK_OK (zmq_disconnect (dealer, endpoint));
    CHECK_QUIET (dealer);
    close (fd);
    close (listener);
    close_now (dealer);
}

static void a_router_hears_of_the_end (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_text (router, ZMQ_DISCONNECT_MSG, "gone");
    bind_to (router, address, endpoint);
    for (int by_close = 0; by_close < 2; by_close++) {
        void *dealer = new_socket (context, ZMQ_DEALER);
        set_text (dealer, ZMQ_ROUTING_ID, "d");
        connect_to (dealer, endpoint);
        send_text (dealer, "last", 0);
        send_text (dealer, "half", ZMQ_SNDMORE);
        RECV_PARTS (router, "d", "last", NULL);
        if (!by_close)
            CHECK_OK (zmq_disconnect (dealer, endpoint));
        else
            close_now (dealer);
        RECV_PARTS (router, "d", "gone", NULL);
        if (!by_close)
            close_now (dealer);
        CHECK_QUIET (router);
    }
    close_now (router);
}

/* Not of one that did not get through its handshake. */
static void a_router_hears_nothing_of_strangers (void *context)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_text (router, ZMQ_DISCONNECT_MSG, "gone");
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    close (raw_connect (endpoint));
    int fd = raw_join (endpoint, "DEALER", "d");
    raw_send_frame (fd, 0, "x", 1);
    RECV_PARTS (router, "d", "x", NULL);
    close (fd);
    RECV_PARTS (router, "d", "gone", NULL);
    CHECK_QUIET (router);
    close_now (router);
}

/* A connecting ROUTER hears of an inproc peer, which it might as well have accepted, and of no other. */
static void a_connecting_router (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_text (router, ZMQ_DISCONNECT_MSG, "gone");
    set_text (dealer, ZMQ_ROUTING_ID, "d");
    bind_to (dealer, address, endpoint);
    connect_to (router, endpoint);
    send_text (dealer, "x", 0);
    RECV_PARTS (router, "d", "x", NULL);
    close_now (dealer);
    if (is_inproc (address))
        RECV_PARTS (router, "d", "gone", NULL);
    else
        CHECK_QUIET (router);
    close_now (router);
}

/* Types that have no use for them accept all three, and so does everybody an empty one, which clears. */
static void what_is_accepted (void *context)
{
    static const int options[] = {ZMQ_HELLO_MSG, ZMQ_DISCONNECT_MSG, ZMQ_HICCUP_MSG};
    char buffer[8];
    for (int type = ZMQ_PAIR; type <= ZMQ_STREAM; type++) {
        void *socket = new_socket (context, type);
        for (size_t i = 0; i < 3; i++) {
            size_t size = sizeof buffer;
            set_text (socket, options[i], "x");
            CHECK_OK (zmq_setsockopt (socket, options[i], NULL, 0));
            CHECK_ERRNO (zmq_getsockopt (socket, options[i], buffer, &size), EINVAL);
        }
        close_now (socket);
    }
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_text (router, ZMQ_HELLO_MSG, "x");
    set_text (router, ZMQ_HELLO_MSG, "");
    CHECK_OK (zmq_bind (router, "inproc://x"));
    connect_to (dealer, "inproc://x");
    CHECK_QUIET (dealer);
    close_now (dealer);
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (both_sides_say_hello);
    in_context (a_parked_connection_is_greeted);
    over_transports (some_types_say_nothing);
    in_context (each_connection_is_greeted);
    in_context (no_hiccup_without_a_connection);
    over_transports (a_router_hears_of_the_end);
    in_context (a_router_hears_nothing_of_strangers);
    over_transports (a_connecting_router);
    in_context (what_is_accepted);
    return 0;
}
