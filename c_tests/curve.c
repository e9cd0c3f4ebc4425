/* CURVE: a client that knows the server's key and shows its own, a server that asks the authenticator about
   it if there is one, and sealed traffic (RFC 26). */

#include "curve.h"
#include "monitor.h"
#include "zap.h"

#define BYTES(literal) literal, sizeof (literal) - 1

static void set_text (void *socket, int option, const char *text)
{
    CHECK_OK (zmq_setsockopt (socket, option, text, strlen (text)));
}

/* A question: the credential is the client's key, in bytes. */
static void expect_question (void *handler, const char *domain, const char *routing_id, const char *public_key)
{
    uint8_t key[32], shown[33];
    const char *parts[] = {"1.0", "1", domain, "127.0.0.1", routing_id, "CURVE"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        RECV_TEXT (handler, parts[i]);
    CHECK_INT (recv_part (handler, shown, sizeof shown), 32);
    CHECK_INT (get_int (handler, ZMQ_RCVMORE), 0);
    CHECK (zmq_z85_decode (key, public_key));
    CHECK (memcmp (key, shown, 32) == 0);
}

/* Who is the server has nothing to do with who binds. */
static void both_learn_about_each_other (void *context)
{
    for (int server_binds = 0; server_binds < 2; server_binds++) {
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_curve_server (context, ZMQ_ROUTER);
        void *client = new_curve_client (context, ZMQ_DEALER);
        set_text (server, ZMQ_ZAP_DOMAIN, "dom");
        set_text (server, ZMQ_ROUTING_ID, "rtr");
        set_text (client, ZMQ_ROUTING_ID, "cli");
        bind_to (server_binds ? server : client, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (server_binds ? client : server, endpoint);
        expect_question (handler, "dom", "rtr", CLIENT_PUBLIC);
        CHECK_QUIET (server);
        welcome_as (handler, "alice", BYTES ("\x06X-Role\0\0\0\x05" "admin\x04Role\0\0\0\x01x"));
        CHECK_INT (AWAIT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED).value, 0);
        send_text (client, "hi", 0);
        check_admitted (client, server);
        CHECK_QUIET (handler);
        unwatch (client, monitor);
        close_now (client);
        close_now (server);
        close_zap (handler);
    }
}

/* The handler may name a client that names itself otherwise. With the reference it depends on how soon the
   handler answers. */
static void the_handler_names_the_peer (void *context)
{
    if (library_version () < ZMQ_MAKE_VERSION (4, 3, 6))
        return;
    char endpoint[256];
    void *handler = new_zap (context, ZMQ_ROUTER);
    void *server = new_curve_server (context, ZMQ_ROUTER);
    void *client = new_curve_client (context, ZMQ_DEALER);
    char envelope[16];
    set_text (client, ZMQ_ROUTING_ID, "cli");
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    connect_to (client, endpoint);
    int size = recv_part (handler, envelope, sizeof envelope);
    RECV_TEXT (handler, "");
    expect_question (handler, "", "", CLIENT_PUBLIC);
    CHECK_INT (zmq_send (handler, envelope, (size_t) size, ZMQ_SNDMORE), size);
    send_text (handler, "", ZMQ_SNDMORE);
    welcome_as (handler, "", BYTES ("\x08Identity\0\0\0\x05" "named"));
    send_text (client, "hi", 0);
    RECV_PARTS (server, "named", "hi", NULL);
    close_now (client);
    close_now (server);
    close_zap (handler);
}

/* Without a handler, whoever knows the server's key comes in. */
static void without_a_handler_the_key_is_enough (void *context)
{
    for (int with_domain = 0; with_domain < 2; with_domain++) {
        char endpoint[256];
        zmq_msg_t message;
        void *server = new_curve_server (context, ZMQ_PULL);
        void *client = new_curve_client (context, ZMQ_PUSH);
        if (with_domain)
            set_text (server, ZMQ_ZAP_DOMAIN, "dom");
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, server, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        send_text (client, "hi", 0);
        EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
        CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED).value, 0);
        recv_message (server, &message, "hi");
        CHECK_PROPERTY (&message, "User-Id", NULL);
        CHECK_OK (zmq_msg_close (&message));
        unwatch (server, monitor);
        close_now (client);
        close_now (server);
    }
}

/* A refusal is final: the client does not try again. Those to come back later hear nothing, until the
   handshake's time is over. */
static void the_refused_are_told (void *context)
{
    static const char *const statuses[] = {"400", "500", "300"};
    for (int i = 0; i < 3; i++) {
        int told = i < 2;
        char endpoint[256];
        void *handler = new_zap (context, ZMQ_REP);
        void *server = new_curve_server (context, ZMQ_PULL);
        void *client = new_curve_client (context, ZMQ_PUSH);
        set_int (client, ZMQ_RECONNECT_IVL, told ? 1 : PATIENCE_MS);
        set_int (server, ZMQ_HANDSHAKE_IVL, told ? PATIENCE_MS : 500);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *server_monitor = watch (context, server, ALL_BUT_STOPPED);
        void *client_monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        send_text (client, "never", 0);
        expect_question (handler, "", "", CLIENT_PUBLIC);
        answer (handler, statuses[i]);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_ACCEPTED);
        struct event event = EXPECT_EVENT (server_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH);
        CHECK_INT (event.value, atoi (statuses[i]));
        CHECK (strcmp (event.endpoint, endpoint) == 0);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECTED);
        if (told)
            CHECK_INT (EXPECT_EVENT (client_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_AUTH).value,
                       atoi (statuses[i]));
        else
            EXPECT_EVENT (client_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_DISCONNECTED);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_DISCONNECTED);
        if (told)
            CHECK_QUIET (client_monitor);
        CHECK_QUIET (server);
        unwatch (client, client_monitor);
        unwatch (server, server_monitor);
        close_now (client);
        close_now (server);
        close_zap (handler);
    }
}

/* Keys that do not fit, on either side. */
static void wrong_keys_do_not_open (void *context)
{
    static const struct {
        int where; /* whose option */
        int option;
        const char *key;
    } rows[] = {
        {'c', ZMQ_CURVE_SERVERKEY, OTHER_PUBLIC},
        {'c', ZMQ_CURVE_PUBLICKEY, OTHER_PUBLIC},
        {'c', ZMQ_CURVE_SECRETKEY, OTHER_SECRET},
        {'s', ZMQ_CURVE_SECRETKEY, OTHER_SECRET},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        void *server = new_curve_server (context, ZMQ_PULL);
        void *client = new_curve_client (context, ZMQ_PUSH);
        set_int (client, ZMQ_RECONNECT_IVL, PATIENCE_MS);
        set_key (rows[i].where == 'c' ? client : server, rows[i].option, rows[i].key);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *server_monitor = watch (context, server, ALL_BUT_STOPPED);
        void *client_monitor = watch (context, client, ALL_BUT_STOPPED);
        connect_to (client, endpoint);
        send_text (client, "never", 0);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_ACCEPTED);
        struct event event = EXPECT_EVENT (server_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        CHECK_INT (event.value, ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
        EXPECT_EVENT (server_monitor, ZMQ_EVENT_DISCONNECTED);
        /* For the client, the connection was lost. */
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECT_DELAYED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECTED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_DISCONNECTED);
        EXPECT_EVENT (client_monitor, ZMQ_EVENT_CONNECT_RETRIED);
        CHECK_QUIET (server);
        unwatch (client, client_monitor);
        unwatch (server, server_monitor);
        close_now (client);
        close_now (server);
    }
}

/* A key with which everybody would agree on the same: nothing is sealed with it. */
static void a_server_key_of_zeros_is_not_used (void *context)
{
    static const char zeros[32];
    char endpoint[256];
    void *server = new_curve_server (context, ZMQ_PULL);
    void *client = new_curve_client (context, ZMQ_PUSH);
    CHECK_OK (zmq_setsockopt (client, ZMQ_CURVE_SERVERKEY, zeros, sizeof zeros));
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, client, ALL_BUT_STOPPED);
    connect_to (client, endpoint);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECT_DELAYED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_CONNECTED);
    CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL).value,
               ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC);
    unwatch (client, monitor);
    close_now (client);
    close_now (server);
}

/* Whoever does not ask for CURVE does not get through to one who does, whichever side that is, and not
   inside a process either, where there is a socket but no mechanism. */
static void there_is_no_way_around (void *context)
{
    for (int row = 0; row < 6; row++) {
        char endpoint[256];
        int server_is_curve = row < 3;
        void *server = new_socket (context, ZMQ_PULL);
        void *client = new_socket (context, ZMQ_PUSH);
        if (server_is_curve)
            be_curve_server (server);
        else
            be_curve_client (client, CLIENT_PUBLIC, CLIENT_SECRET);
        /* The other: without security, a PLAIN client or server; or CURVE in the same role. */
        void *other = server_is_curve ? client : server;
        if (row % 3 == 1 && server_is_curve)
            set_text (other, ZMQ_PLAIN_USERNAME, "user");
        else if (row % 3 == 1)
            set_int (other, ZMQ_PLAIN_SERVER, 1);
        else if (row % 3 == 2 && server_is_curve)
            be_curve_server (other);
        else if (row % 3 == 2)
            be_curve_client (other, CLIENT_PUBLIC, CLIENT_SECRET);
        set_int (server, ZMQ_HANDSHAKE_IVL, 300);
        set_int (client, ZMQ_HANDSHAKE_IVL, 300);
        bind_to (server, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, server, ZMQ_EVENT_HANDSHAKE_SUCCEEDED
                                                    | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
                                                    | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
        connect_to (client, endpoint);
        send_text (client, "never", 0);
        CHECK (ready_within (monitor, ZMQ_POLLIN, PATIENCE_MS));
        struct event event;
        while (take_event (monitor, &event))
            CHECK (event.number != ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        CHECK_QUIET (server);
        unwatch (server, monitor);
        close_now (client);
        close_now (server);
    }
}

/* Every size and shape arrives as it was, both ways; so do subscriptions, which travel sealed. */
static void traffic_arrives_as_it_was (void *context)
{
    static const size_t sizes[] = {0, 1, 31, 32, 33, 221, 222, 223, 255, 256, 4096, 8159, 8160, 65536, 3000000};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    for (int transport = 0; transport < 2; transport++) {
        char endpoint[256];
        void *server = new_curve_server (context, ZMQ_ROUTER);
        void *client = new_curve_client (context, ZMQ_DEALER);
        set_text (client, ZMQ_ROUTING_ID, "cli");
        bind_to (server, transport ? "ipc://*" : "tcp://127.0.0.1:*", endpoint);
        connect_to (client, endpoint);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < COUNT; i++) {
                char *bytes = malloc (sizes[i] + 1);
                CHECK (bytes);
                for (size_t at = 0; at < sizes[i]; at++)
                    bytes[at] = (char) (at * 7 + at / 251 + (size_t) i);
                CHECK_INT (zmq_send (client, bytes, sizes[i], i < COUNT - 1 ? ZMQ_SNDMORE : 0), sizes[i]);
                free (bytes);
            }
            RECV_TEXT (server, "cli");
            send_text (server, "cli", ZMQ_SNDMORE);
            for (int i = 0; i < COUNT; i++) {
                zmq_msg_t message;
                CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
                CHECK_OK (zmq_msg_init (&message));
                CHECK_INT (zmq_msg_recv (&message, server, 0), sizes[i]);
                CHECK_INT (zmq_msg_more (&message), i < COUNT - 1);
                CHECK_INT (zmq_msg_send (&message, server, i < COUNT - 1 ? ZMQ_SNDMORE : 0), sizes[i]);
            }
            for (int i = 0; i < COUNT; i++) {
                zmq_msg_t message;
                CHECK (ready_within (client, ZMQ_POLLIN, PATIENCE_MS));
                CHECK_OK (zmq_msg_init (&message));
                CHECK_INT (zmq_msg_recv (&message, client, 0), sizes[i]);
                const char *bytes = zmq_msg_data (&message);
                for (size_t at = 0; at < sizes[i]; at++)
                    if (bytes[at] != (char) (at * 7 + at / 251 + (size_t) i))
                        FAIL ("round %d, size %zu: byte %zu is wrong", round, sizes[i], at);
                CHECK_OK (zmq_msg_close (&message));
            }
        }
        close_now (client);
        close_now (server);
    }
}

static void subscriptions_and_heartbeats_are_sealed_too (void *context)
{
    char endpoint[256];
    void *server = new_curve_server (context, ZMQ_XPUB);
    void *client = new_curve_client (context, ZMQ_SUB);
    set_int (client, ZMQ_HEARTBEAT_IVL, 20);
    set_int (server, ZMQ_HEARTBEAT_IVL, 20);
    set_text (client, ZMQ_SUBSCRIBE, "a");
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, server, ALL_BUT_STOPPED);
    connect_to (client, endpoint);
    RECV_TEXT (server, "\1a");
    set_text (client, ZMQ_SUBSCRIBE, "b");
    RECV_TEXT (server, "\1b");
    set_text (client, ZMQ_UNSUBSCRIBE, "a");
    CHECK_INT (recv_part (server, endpoint, sizeof endpoint), 2);
    CHECK (memcmp (endpoint, "\0a", 2) == 0);
    send_text (server, "a1", 0);
    send_text (server, "b1", 0);
    RECV_TEXT (client, "b1");
    /* Time for some heartbeats: nobody is lost. */
    CHECK_QUIET (client);
    EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK (!ready_within (monitor, ZMQ_POLLIN, 0));
    send_text (server, "b2", 0);
    RECV_TEXT (client, "b2");
    unwatch (server, monitor);
    close_now (client);
    close_now (server);
}

/* What counts against the limit is what travels. */
static void the_size_limit_is_on_sealed_frames (void *context)
{
    char endpoint[256];
    void *server = new_curve_server (context, ZMQ_PULL);
    void *client = new_curve_client (context, ZMQ_PUSH);
    int64_t limit = 1000;
    static char bytes[1000];
    CHECK_OK (zmq_setsockopt (server, ZMQ_MAXMSGSIZE, &limit, sizeof limit));
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, server, ALL_BUT_STOPPED);
    connect_to (client, endpoint);
    CHECK_INT (zmq_send (client, bytes, 1000 - 33, 0), 1000 - 33);
    CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recv (server, bytes, sizeof bytes, 0), 1000 - 33);
    EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
    EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK_INT (zmq_send (client, bytes, 1000 - 32, 0), 1000 - 32);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    unwatch (server, monitor);
    close_now (client);
    close_now (server);
}

/* The keys that an endpoint was made with stay its own. */
static void keys_are_those_of_the_endpoint (void *context)
{
    char first[256], second[256];
    void *server = new_curve_server (context, ZMQ_PULL);
    bind_to (server, "tcp://127.0.0.1:*", first);
    set_key (server, ZMQ_CURVE_SECRETKEY, OTHER_SECRET);
    bind_to (server, "tcp://127.0.0.1:*", second);
    void *client = new_curve_client (context, ZMQ_PUSH);
    connect_to (client, first);
    send_text (client, "first", 0);
    RECV_TEXT (server, "first");
    close_now (client);
    client = new_curve_client (context, ZMQ_PUSH);
    set_key (client, ZMQ_CURVE_SERVERKEY, OTHER_PUBLIC);
    connect_to (client, second);
    send_text (client, "second", 0);
    RECV_TEXT (server, "second");
    close_now (client);
    close_now (server);
}

int main (void)
{
    begin_test ();
    needs_curve ();
    in_context (both_learn_about_each_other);
    in_context (the_handler_names_the_peer);
    in_context (without_a_handler_the_key_is_enough);
    in_context (the_refused_are_told);
    in_context (wrong_keys_do_not_open);
    in_context (a_server_key_of_zeros_is_not_used);
    in_context (there_is_no_way_around);
    in_context (traffic_arrives_as_it_was);
    in_context (subscriptions_and_heartbeats_are_sealed_too);
    in_context (the_size_limit_is_on_sealed_frames);
    in_context (keys_are_those_of_the_endpoint);
    return 0;
}
