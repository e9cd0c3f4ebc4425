/* A socket without security but with a ZAP domain: the authenticator is asked about each peer, by its
   address alone (RFC 27). */

#include "monitor.h"
#include "raw_peer.h"
#include "zap.h"

#define PULL_READY "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PULL"
#define BYTES(literal) literal, sizeof (literal) - 1

static void *new_guarded (void *context, int type)
{
    void *socket = new_socket (context, type);
    CHECK_OK (zmq_setsockopt (socket, ZMQ_ZAP_DOMAIN, "global", 6));
    return socket;
}

static int greet (const char *endpoint)
{
    unsigned char greeting[64];
    int fd = raw_connect (endpoint);
    RAW_SEND (fd, RAW_GREETING_31);
    RAW_READ (fd, greeting, sizeof greeting);
    return fd;
}

/* READY is held back until the answer is there; what the answer says goes with every message. */
static void the_welcome_are_let_in (void *context)
{
    for (int user = 0; user < 2; user++) {
        char endpoint[256];
        zmq_msg_t message;
        void *handler = new_zap (context, ZMQ_REP);
        void *pull = new_guarded (context, ZMQ_PULL);
        CHECK_OK (zmq_setsockopt (pull, ZMQ_ROUTING_ID, "own", 3));
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        int fd = raw_connect (endpoint);
        unsigned char greeting[64];
        RAW_SEND (fd, RAW_GREETING_31);
        raw_send_ready (fd, "PUSH", NULL);
        RAW_READ (fd, greeting, sizeof greeting);
        EXPECT_QUESTION (handler, "global", "127.0.0.1", "own", "NULL");
        RAW_EXPECT_QUIET (fd);
        if (user)
            welcome_as (handler, "alice", BYTES ("\x04Role\0\0\0\x01x\x0cPeer-Address\0\0\0\x01!"));
        else
            answer (handler, "200");
        RAW_EXPECT (fd, PULL_READY);
        raw_send_text (fd, "one");
        raw_send_text (fd, "two");
        recv_message (pull, &message, "one");
        CHECK_OK (zmq_msg_close (&message));
        recv_message (pull, &message, "two");
        CHECK_PROPERTY (&message, "User-Id", user ? "alice" : "");
        CHECK_PROPERTY (&message, "Role", user ? "x" : NULL);
        CHECK_PROPERTY (&message, "Peer-Address", "127.0.0.1");
        CHECK_PROPERTY (&message, "Socket-Type", "PUSH");
        CHECK_OK (zmq_msg_close (&message));
        close (fd);
        close_now (pull);
        close_zap (handler);
    }
}

/* A peer cannot be somebody by saying so, if there is a handler. */
static void a_user_id_cannot_be_planted (void *context)
{
    char endpoint[256];
    zmq_msg_t message;
    void *handler = new_zap (context, ZMQ_REP);
    void *pull = new_guarded (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = greet (endpoint);
    RAW_SEND (fd, "\x04\x16\x05READY\x07User-Id\0\0\0\x04root");
    EXPECT_QUESTION (handler, "global", "127.0.0.1", "", "NULL");
    welcome_as (handler, "joe", "", 0);
    RAW_EXPECT (fd, PULL_READY);
    raw_send_text (fd, "hi");
    recv_message (pull, &message, "hi");
    CHECK_PROPERTY (&message, "User-Id", "joe");
    CHECK_OK (zmq_msg_close (&message));
    close (fd);
    close_now (pull);
    close_zap (handler);
}

/* Each side asks if it has a domain, whether it binds or connects, over any transport but inproc. */
static void both_sides_may_ask (void *context)
{
    for (int ipc = 0; ipc < 2; ipc++) {
        char endpoint[256], address[128];
        void *handler = new_zap (context, ZMQ_REP);
        void *pull = new_guarded (context, ZMQ_PULL), *push = new_guarded (context, ZMQ_PUSH);
        bind_to (pull, ipc ? "ipc://*" : "tcp://127.0.0.1:*", endpoint);
        connect_to (push, endpoint);
        send_text (push, "hi", 0);
        snprintf (address, sizeof address, "localhost:%d:%d:%d", (int) geteuid (), (int) getegid (),
                  (int) getpid ());
        for (int i = 0; i < 2; i++) {
            EXPECT_QUESTION (handler, "global", ipc ? address : "127.0.0.1", "", "NULL");
            CHECK_QUIET (pull);
            answer (handler, "200");
        }
        RECV_TEXT (pull, "hi");
        close_now (push);
        close_now (pull);
        close_zap (handler);
    }
    void *handler = new_zap (context, ZMQ_REP);
    void *pull = new_guarded (context, ZMQ_PULL), *push = new_guarded (context, ZMQ_PUSH);
    CHECK_OK (zmq_bind (pull, "inproc://unguarded"));
    connect_to (push, "inproc://unguarded");
    send_text (push, "hi", 0);
    RECV_TEXT (pull, "hi");
    CHECK_QUIET (handler);
    close_now (push);
    close_now (pull);
    close_zap (handler);
}

static void without_a_domain_nobody_is_asked (void *context)
{
    char endpoint[256];
    void *handler = new_zap (context, ZMQ_REP);
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PUSH", NULL);
    raw_send_text (fd, "hi");
    RECV_TEXT (pull, "hi");
    CHECK_QUIET (handler);
    close (fd);
    close_now (pull);
    close_zap (handler);
}

/* Also when a handler was there, and when one comes later. */
static void without_a_handler_all_are_let_in (void *context)
{
    char endpoint[256];
    close_zap (new_zap (context, ZMQ_REP));
    void *pull = new_guarded (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PUSH", NULL);
    raw_send_text (fd, "hi");
    RECV_TEXT (pull, "hi");
    void *handler = new_zap (context, ZMQ_REP);
    int late = greet (endpoint);
    EXPECT_QUESTION (handler, "global", "127.0.0.1", "", "NULL");
    raw_send_text (fd, "still here");
    RECV_TEXT (pull, "still here");
    close (late);
    close (fd);
    close_now (pull);
    close_zap (handler);
}

/* Unless that is refused; a draft option, which the reference may not have. */
static void an_enforced_domain_needs_a_handler (void *context)
{
    enum { ZAP_ENFORCE_DOMAIN = 93 };
    char endpoint[256];
    int one = 1;
    void *pull = new_guarded (context, ZMQ_PULL);
    if (zmq_setsockopt (pull, ZAP_ENFORCE_DOMAIN, &one, sizeof one) == 0) {
        set_int (pull, ZMQ_HANDSHAKE_IVL, 1000);
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, pull, ALL_BUT_STOPPED);
        int fd = raw_connect (endpoint);
        RAW_SEND (fd, RAW_GREETING_31);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL).value, EFAULT);
        AWAIT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        unwatch (pull, monitor);
    }
    close_now (pull);
}

/* ERROR takes the place of READY; the peer's READY, which follows it, ends the connection. */
static void the_refused_are_told (void *context)
{
    static const struct {
        const char *status, *error;
    } rows[] = {{"400", "\x04\x0a\x05" "ERROR\x03" "400"}, {"500", "\x04\x0a\x05" "ERROR\x03" "500"}};
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *pull = new_guarded (context, ZMQ_PULL);
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, pull, ALL_BUT_STOPPED);
        int fd = greet (endpoint);
        EXPECT_QUESTION (handler, "global", "127.0.0.1", "", "NULL");
        answer (handler, rows[i].status);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        struct event event = EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        CHECK_INT (event.value, atoi (rows[i].status));
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        raw_expect_at (fd, rows[i].error, 12, __FILE__, __LINE__);
        RAW_EXPECT_QUIET (fd);
        raw_send_ready (fd, "PUSH", NULL);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        CHECK_QUIET (monitor);
        close (fd);

        /* A connecting socket of the library is told, too, and does not try again. */
        void *push = new_socket (context, ZMQ_PUSH);
        set_int (push, ZMQ_RECONNECT_IVL, 1);
        void *client = watch (context, push, ALL_BUT_STOPPED);
        connect_to (push, endpoint);
        EXPECT_QUESTION (handler, "global", "127.0.0.1", "", "NULL");
        answer (handler, rows[i].status);
        event = AWAIT_EVENT (client, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        CHECK_INT (event.value, atoi (rows[i].status));
        EXPECT_EVENT (client, ZMQ_EVENT_DISCONNECTED);
        CHECK_QUIET (client);
        unwatch (push, client);
        unwatch (pull, monitor);
        close_now (push);
        close_now (pull);
        close_zap (handler);
    }
}

/* Put off or told nothing that they understand, peers are cut off when the handshake's time is over. Of one who
   has said READY, nothing more is told then. */
static void the_refused_do_not_stay (void *context)
{
    static const struct
    {
        const char *status;
        int says_ready;
    } rows[] = {{"300", 0}, {"400", 0}, {"300", 1}};
    for (int i = 0; i < 3; i++) {
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *pull = new_guarded (context, ZMQ_PULL);
        set_int (pull, ZMQ_HANDSHAKE_IVL, 1000);
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, pull, ALL_BUT_STOPPED);
        int fd = greet (endpoint);
        if (rows[i].says_ready)
            RAW_SEND (fd, "\x04\x1a\x05READY\x0bSocket-Type\0\0\0\x04PUSH");
        EXPECT_QUESTION (handler, "global", "127.0.0.1", "", "NULL");
        answer (handler, rows[i].status);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH).value, atoi (rows[i].status));
        if (!rows[i].says_ready)
            EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        unwatch (pull, monitor);
        close_now (pull);
        close_zap (handler);
    }
}

/* A ROUTER may take its time and answer in another order. */
static void a_router_may_be_the_handler (void *context)
{
    char endpoint[256], ids[2][256];
    int sizes[2], fds[2];
    void *handler = new_zap (context, ZMQ_ROUTER);
    void *pull = new_guarded (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    for (int i = 0; i < 2; i++) {
        fds[i] = greet (endpoint);
        sizes[i] = recv_part (handler, ids[i], sizeof ids[i]);
        RECV_PARTS (handler, "", "1.0", "1", "global", "127.0.0.1", "", "NULL", NULL);
    }
    for (int i = 1; i >= 0; i--) {
        RAW_EXPECT_QUIET (fds[i]);
        CHECK_INT (zmq_send (handler, ids[i], (size_t) sizes[i], ZMQ_SNDMORE), sizes[i]);
        send_parts (handler, "", "1.0", "1", "200", "", i ? "second" : "first", "", NULL);
        RAW_EXPECT (fds[i], PULL_READY);
        raw_send_ready (fds[i], "PUSH", NULL);
        raw_send_text (fds[i], "hi");
        zmq_msg_t message;
        recv_message (pull, &message, "hi");
        CHECK_PROPERTY (&message, "User-Id", i ? "second" : "first");
        CHECK_OK (zmq_msg_close (&message));
        close (fds[i]);
    }
    close_now (pull);
    close_zap (handler);
}

static void old_peers_are_turned_away (void *context)
{
    char endpoint[256];
    void *pull = new_guarded (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    for (int version = 0; version < 2; version++) {
        int fd = raw_connect (endpoint);
        if (version)
            RAW_SEND (fd, RAW_GREETING_20 "\x08");
        else
            RAW_SEND (fd, "\x01\x00");
        RAW_EXPECT_CLOSE (fd);
        close (fd);
    }
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (the_welcome_are_let_in);
    in_context (a_user_id_cannot_be_planted);
    in_context (both_sides_may_ask);
    in_context (without_a_domain_nobody_is_asked);
    in_context (without_a_handler_all_are_let_in);
    in_context (an_enforced_domain_needs_a_handler);
    in_context (the_refused_are_told);
    in_context (the_refused_do_not_stay);
    in_context (a_router_may_be_the_handler);
    in_context (old_peers_are_turned_away);
    return 0;
}
