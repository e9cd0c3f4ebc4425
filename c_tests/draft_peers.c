/* Which of the draft types talk to each other over tcp, and what comes of a peer that sends what they do not
   take: messages of several parts, groups that are none, requests of more than a group. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"
#include "monitor.h"
#include "raw_peer.h"

/* By number, from ZMQ_SERVER on, the types of the peers. */
static const struct
{
    int type;
    const char *name, *peer;
} TYPES[] = {
    {ZMQ_SERVER, "SERVER", "CLIENT"},   {ZMQ_CLIENT, "CLIENT", "SERVER"}, {ZMQ_RADIO, "RADIO", "DISH"},
    {ZMQ_DISH, "DISH", "RADIO"},        {ZMQ_GATHER, "GATHER", "SCATTER"}, {ZMQ_SCATTER, "SCATTER", "GATHER"},
    {ZMQ_PEER, "PEER", "PEER"},         {ZMQ_CHANNEL, "CHANNEL", "CHANNEL"},
};
static const size_t TYPE_COUNT = sizeof TYPES / sizeof *TYPES;

static void types_talk_to_those_they_are_made_for (void *context)
{
    static const char *const others[] = {"DEALER", "ROUTER", "PAIR", "SUB", "DGRAM"};
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        char endpoint[256];
        void *socket = new_socket (context, TYPES[i].type);
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        void *monitor = watch (context, socket, ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
        for (size_t j = 0; j < TYPE_COUNT + sizeof others / sizeof *others; j++) {
            const char *name = j < TYPE_COUNT ? TYPES[j].name : others[j - TYPE_COUNT];
            int fd = raw_connect (endpoint);
            RAW_SEND (fd, RAW_GREETING_31);
            raw_send_ready (fd, name, NULL);
            if (strcmp (name, TYPES[i].peer) == 0) {
                EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
                close (fd);
                EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
            } else {
                EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
                close (fd);
            }
        }
        unwatch (socket, monitor);
        close_now (socket);
    }
}

static void messages_of_several_parts_are_dropped (void *context)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (TYPES[i].type == ZMQ_RADIO || TYPES[i].type == ZMQ_DISH || TYPES[i].type == ZMQ_SCATTER)
            continue;
        char endpoint[256];
        void *socket = new_socket (context, TYPES[i].type);
        bind_to (socket, "tcp://127.0.0.1:*", endpoint);
        int fd = raw_join (endpoint, TYPES[i].peer, NULL);
        raw_send_frame (fd, RAW_MORE, "1", 1);
        raw_send_frame (fd, RAW_MORE, "2", 1);
        raw_send_frame (fd, 0, "3", 1);
        raw_send_text (fd, "whole");
        RECV_TEXT (socket, "whole");
        CHECK_INT (get_int (socket, ZMQ_RCVMORE), 0);
        close (fd);
        CHECK_QUIET (socket);
        close_now (socket);
    }
}

/* Joined to `g`. */
static int raw_radio (void *context, void **dish)
{
    char endpoint[256];
    unsigned char body[255];
    *dish = new_socket (context, ZMQ_DISH);
    CHECK_OK (zmq_join (*dish, "g"));
    bind_to (*dish, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "RADIO", NULL);
    raw_await_bytes (fd, *dish);
    CHECK_INT (RAW_READ_FRAME (fd, RAW_COMMAND, body), 6);
    CHECK (memcmp (body, "\4JOINg", 6) == 0);
    return fd;
}

static void a_dish_takes_a_group_and_a_body (void *context)
{
    unsigned char group[256], body[255];
    void *dish;
    int fd = raw_radio (context, &dish);
    raw_send_frame (fd, RAW_MORE, "other", 5);
    raw_send_text (fd, "not joined");
    raw_send_frame (fd, RAW_MORE, "g\0h", 3);
    raw_send_text (fd, "a group ends before its first zero");
    RECV_TEXT (dish, "a group ends before its first zero");
    /* Between the two frames there may be a command, which is answered. */
    raw_send_frame (fd, RAW_MORE, "g", 1);
    raw_send_frame (fd, RAW_COMMAND, "\4PING\0\0", 7);
    raw_send_text (fd, "whole");
    RECV_TEXT (dish, "whole");
    CHECK_INT (RAW_READ_FRAME (fd, RAW_COMMAND, body), 5);
    CHECK (memcmp (body, "\4PONG", 5) == 0);
    /* What changes is told. */
    CHECK_OK (zmq_leave (dish, "g"));
    CHECK_INT (RAW_READ_FRAME (fd, RAW_COMMAND, body), 7);
    CHECK (memcmp (body, "\5LEAVEg", 7) == 0);
    raw_send_frame (fd, RAW_MORE, "g", 1);
    raw_send_text (fd, "left");
    CHECK_QUIET (dish);
    close (fd);
    close_now (dish);

    static const struct
    {
        int first, second;
        size_t size;
    } rows[] = {{0, -1, 1}, {RAW_MORE, RAW_MORE, 1}, {RAW_MORE, -1, 256}};
    memset (group, 'g', sizeof group);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fd = raw_radio (context, &dish);
        raw_send_frame (fd, rows[i].first, group, rows[i].size);
        if (rows[i].second != -1)
            raw_send_frame (fd, rows[i].second, "x", 1);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
        CHECK_QUIET (dish);
        close_now (dish);
    }
}

static void send_in (void *radio, const char *group, const char *text)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_buffer (&message, text, strlen (text)));
    CHECK_OK (zmq_msg_set_group (&message, group));
    CHECK_INT (zmq_msg_send (&message, radio, 0), (int) strlen (text));
}

/* A raw DISH knows that its request was obeyed by what the RADIO answers to the PING behind it, and the RADIO
   has seen it with its next call. */
static void request (int fd, void *radio, const char *command, size_t size)
{
    unsigned char body[255];
    raw_send_frame (fd, RAW_COMMAND, command, size);
    raw_send_frame (fd, RAW_COMMAND, "\4PING\0\0", 7);
    CHECK_INT (RAW_READ_FRAME (fd, RAW_COMMAND, body), 5);
    CHECK (memcmp (body, "\4PONG", 5) == 0);
    get_int (radio, ZMQ_EVENTS);
}

static void expect_grouped (int fd, const char *group, const char *text)
{
    unsigned char body[255];
    CHECK_INT (RAW_READ_FRAME (fd, RAW_MORE, body), strlen (group));
    CHECK (memcmp (body, group, strlen (group)) == 0);
    CHECK_INT (RAW_READ_FRAME (fd, 0, body), strlen (text));
    CHECK (memcmp (body, text, strlen (text)) == 0);
}

static void a_radio_hears_requests (void *context)
{
    char endpoint[256], join[5 + 256];
    void *radio = new_socket (context, ZMQ_RADIO);
    bind_to (radio, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "DISH", NULL);
    send_in (radio, "g", "too early");
    request (fd, radio, "\4JOINg", 6);
    request (fd, radio, "\4JOIN", 5);
    send_in (radio, "g", "1");
    send_in (radio, "gg", "2");
    send_in (radio, "", "3");
    expect_grouped (fd, "g", "1");
    expect_grouped (fd, "", "3");
    request (fd, radio, "\5LEAVEg", 7);
    send_in (radio, "g", "4");
    send_in (radio, "", "5");
    expect_grouped (fd, "", "5");
    close (fd);

    /* No group is that long. */
    fd = raw_join (endpoint, "DISH", NULL);
    memset (join, 'g', sizeof join);
    memcpy (join, "\4JOIN", 5);
    raw_send_frame (fd, RAW_COMMAND, join, sizeof join);
    RAW_EXPECT_CLOSE (fd);
    close (fd);
    close_now (radio);
}

/* zmq_disconnect_peer ends the connection, whoever made it, and it is not made again. */
static void dropped_peers_stay_away (void *context)
{
    char endpoint[256];
    void *server = new_socket (context, ZMQ_SERVER), *peer = new_socket (context, ZMQ_PEER);
    zmq_msg_t message;
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "CLIENT", NULL);
    raw_send_text (fd, "here");
    CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_recv (&message, server, 0), 4);
    CHECK_OK (zmq_disconnect_peer (server, zmq_msg_routing_id (&message)));
    RAW_EXPECT_CLOSE (fd);
    CHECK_ERRNO (zmq_disconnect_peer (server, zmq_msg_routing_id (&message)), EHOSTUNREACH);
    CHECK_ERRNO (zmq_msg_send (&message, server, 0), EHOSTUNREACH);
    CHECK_OK (zmq_msg_close (&message));
    close (fd);

    int listener = raw_listen (endpoint);
    set_int (peer, ZMQ_RECONNECT_IVL, 1);
    uint32_t number = zmq_connect_peer (peer, endpoint);
    CHECK (number != 0);
    fd = raw_accept (listener);
    raw_handshake (fd, 1, "PEER", NULL);
    CHECK_OK (zmq_disconnect_peer (peer, number));
    RAW_EXPECT_CLOSE (fd);
    CHECK (!raw_ready_within (listener, QUIET_MS));
    close (fd);
    close (listener);
    close_now (peer);
    close_now (server);
}

int main (void)
{
    begin_test ();
    in_context (types_talk_to_those_they_are_made_for);
    in_context (messages_of_several_parts_are_dropped);
    in_context (a_dish_takes_a_group_and_a_body);
    in_context (a_radio_hears_requests);
    in_context (dropped_peers_stay_away);
    return 0;
}
