/* CURVE under the draft types: groups, requests and bodies are sealed like everything else, and messages carry
   what the handshake has told as well as their group or number. */

#define ZMQ_BUILD_DRAFT_API
#include "curve.h"

static const char LONG[] = "a body that is longer than what a message holds in itself, so that it lies elsewhere";

static void property (zmq_msg_t *message, const char *name, const char *value)
{
    const char *got = zmq_msg_gets (message, name);
    if (!got || strcmp (got, value) != 0)
        FAIL ("%s is %s, expected %s", name, got ? got : "not there", value);
}

static void receive (void *socket, zmq_msg_t *message, const char *text)
{
    CHECK (ready_within (socket, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (message));
    CHECK_INT (zmq_msg_recv (message, socket, ZMQ_DONTWAIT), (int) strlen (text));
    CHECK (memcmp (zmq_msg_data (message), text, strlen (text)) == 0);
}

static void send_in (void *radio, const char *group, const char *text)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_buffer (&message, text, strlen (text)));
    CHECK_OK (zmq_msg_set_group (&message, group));
    CHECK_INT (zmq_msg_send (&message, radio, 0), (int) strlen (text));
}

/* Sends in the group until the DISH, which has no other messages, has joined it. */
static void await_join (void *radio, void *dish, const char *group)
{
    double end = now_ms () + PATIENCE_MS;
    char text[16];
    do {
        CHECK (now_ms () < end);
        send_in (radio, group, "?");
    } while (!ready_within (dish, ZMQ_POLLIN, 5));
    send_in (radio, group, "!");
    do
        CHECK_INT (recv_part (dish, text, sizeof text), 1);
    while (text[0] != '!');
}

static void radio_and_dish (void *context)
{
    for (int radio_serves = 0; radio_serves < 2; radio_serves++) {
        char endpoint[256];
        zmq_msg_t message;
        void *radio = radio_serves ? new_curve_server (context, ZMQ_RADIO) : new_curve_client (context, ZMQ_RADIO);
        void *dish = radio_serves ? new_curve_client (context, ZMQ_DISH) : new_curve_server (context, ZMQ_DISH);
        CHECK_OK (zmq_join (dish, "news"));
        bind_to (radio, "tcp://127.0.0.1:*", endpoint);
        connect_to (dish, endpoint);
        await_join (radio, dish, "news");
        send_in (radio, "new", "not joined");
        send_in (radio, "news", LONG);
        send_in (radio, "news", "");
        receive (dish, &message, LONG);
        CHECK (strcmp (zmq_msg_group (&message), "news") == 0);
        property (&message, "Socket-Type", "RADIO");
        property (&message, "Peer-Address", "127.0.0.1");
        CHECK_OK (zmq_msg_close (&message));
        receive (dish, &message, "");
        CHECK (strcmp (zmq_msg_group (&message), "news") == 0);
        CHECK_OK (zmq_msg_close (&message));
        CHECK_OK (zmq_join (dish, "end"));
        CHECK_OK (zmq_leave (dish, "news"));
        await_join (radio, dish, "end");
        send_in (radio, "news", "left");
        send_in (radio, "end", "last");
        RECV_TEXT (dish, "last");
        close_now (dish);
        close_now (radio);
    }
}

static void server_and_client (void *context)
{
    char endpoint[256];
    zmq_msg_t message;
    void *server = new_curve_server (context, ZMQ_SERVER), *client = new_curve_client (context, ZMQ_CLIENT);
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    connect_to (client, endpoint);
    for (int i = 0; i < 100; i++) {
        send_text (client, LONG, 0);
        receive (server, &message, LONG);
        CHECK (zmq_msg_routing_id (&message) != 0);
        property (&message, "Socket-Type", "CLIENT");
        CHECK_INT (zmq_msg_send (&message, server, 0), sizeof LONG - 1);
        RECV_TEXT (client, LONG);
    }
    close_now (client);
    close_now (server);
}

/* One that does not know the key does not get in. */
static void strangers_hear_nothing (void *context)
{
    char endpoint[256];
    void *radio = new_curve_server (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    bind_to (radio, "tcp://127.0.0.1:*", endpoint);
    CHECK_OK (zmq_join (dish, "g"));
    connect_to (dish, endpoint);
    double end = now_ms () + QUIET_MS;
    while (now_ms () < end) {
        send_in (radio, "g", "secret");
        CHECK (!ready_within (dish, ZMQ_POLLIN, 5));
    }
    close_now (dish);
    close_now (radio);
}

int main (void)
{
    begin_test ();
    needs_curve ();
    in_context (radio_and_dish);
    in_context (server_and_client);
    in_context (strangers_hear_nothing);
    return 0;
}
