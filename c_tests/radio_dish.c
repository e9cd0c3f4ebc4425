/* RADIO and DISH: messages of a group go to those that have joined exactly that. */

#define ZMQ_BUILD_DRAFT_API
#include "groups.h"

static void send_text_in (void *radio, const char *group, const char *text)
{
    send_in (radio, group, text, strlen (text));
}

/* Until `radio` knows that `dish` has joined `group`; leaves nothing to receive. */
static void await_join (void *radio, void *dish, const char *group)
{
    char text[32];
    int round = 0, n;
    double end = now_ms () + PATIENCE_MS;
    do {
        CHECK (now_ms () < end);
        snprintf (text, sizeof text, "~%d", round++);
        send_text_in (radio, group, text);
    } while (!ready_within (dish, ZMQ_POLLIN, 5));
    do {
        char got[32];
        n = recv_part (dish, got, sizeof got - 1);
        got[n] = 0;
        if (strcmp (got, text) == 0)
            return;
    } while (1);
}

static void groups_are_exact (void *context, const char *address)
{
    void *radio, *dish, *other;
    char endpoint[256];
    radio = new_socket (context, ZMQ_RADIO);
    dish = new_socket (context, ZMQ_DISH);
    other = new_socket (context, ZMQ_DISH);
    bind_to (radio, address, endpoint);
    CHECK_OK (zmq_join (dish, "news"));
    CHECK_OK (zmq_join (other, "sports"));
    connect_to (dish, endpoint);
    connect_to (other, endpoint);
    await_join (radio, dish, "news");
    await_join (radio, other, "sports");

    send_text_in (radio, "new", "too short");
    send_text_in (radio, "newsx", "too long");
    send_text_in (radio, "", "none");
    send_text_in (radio, "sports", "a goal");
    send_text_in (radio, "news", "an event");
    send_text_in (radio, "news", "and another, which is longer than what a message holds in itself");
    expect_in (dish, "news", "an event");
    expect_in (dish, "news", "and another, which is longer than what a message holds in itself");
    expect_in (other, "sports", "a goal");

    /* Joined while connected, and left. */
    CHECK_OK (zmq_join (dish, ""));
    await_join (radio, dish, "");
    CHECK_OK (zmq_leave (dish, "news"));
    CHECK_OK (zmq_join (dish, "end"));
    await_join (radio, dish, "end");
    send_text_in (radio, "news", "missed");
    CHECK_INT (zmq_send (radio, "of no group", 11, 0), 11);
    expect_in (dish, "", "of no group");
    CHECK_QUIET (dish);
    close_now (dish);
    close_now (other);
    close_now (radio);
}

static void misuse_is_told (void *context)
{
    char group[258];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    void *pull = new_socket (context, ZMQ_PULL);
    memset (group, 'g', sizeof group);
    group[256] = 0;
    CHECK_ERRNO (zmq_join (dish, group), EINVAL);
    group[255] = 0;
    CHECK_OK (zmq_join (dish, group));
    CHECK_ERRNO (zmq_join (dish, group), EINVAL);
    CHECK_OK (zmq_leave (dish, group));
    CHECK_ERRNO (zmq_leave (dish, group), EINVAL);
    CHECK_ERRNO (zmq_join (radio, "g"), ENOTSUP);
    CHECK_ERRNO (zmq_leave (pull, "g"), ENOTSUP);
    CHECK_ERRNO (zmq_join (NULL, "g"), ENOTSOCK);
    CHECK_ERRNO (zmq_send (dish, "x", 1, 0), ENOTSUP);
    CHECK_ERRNO (zmq_recv (radio, group, 1, 0), ENOTSUP);
    CHECK_ERRNO (zmq_send (radio, "x", 1, ZMQ_SNDMORE), EINVAL);
    CHECK (ready_within (radio, ZMQ_POLLOUT, 0));
    CHECK (ready_within (dish, ZMQ_POLLOUT, 0));
    close_now (pull);
    close_now (dish);
    close_now (radio);
}

/* What was joined is told again after a reconnection. */
static void groups_survive_a_reconnection (void *context)
{
    char endpoint[256];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    set_int (dish, ZMQ_RECONNECT_IVL, 5);
    bind_to (radio, "tcp://127.0.0.1:*", endpoint);
    CHECK_OK (zmq_join (dish, "g"));
    connect_to (dish, endpoint);
    await_join (radio, dish, "g");
    close_now (radio);
    radio = new_socket (context, ZMQ_RADIO);
    double end = now_ms () + PATIENCE_MS;
    while (zmq_bind (radio, endpoint) != 0)
        CHECK (errno == EADDRINUSE && now_ms () < end);
    await_join (radio, dish, "g");
    close_now (dish);
    close_now (radio);
}

/* With ZMQ_XPUB_NODROP a full DISH makes the send fail; without, it gets nothing of it. */
static void a_full_dish_is_left_out (void *context)
{
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    int sent = 0;
    set_int (radio, ZMQ_SNDHWM, 3);
    set_int (dish, ZMQ_RCVHWM, 3);
    CHECK_OK (zmq_bind (radio, "inproc://full"));
    CHECK_OK (zmq_join (dish, ""));
    connect_to (dish, "inproc://full");
    await_join (radio, dish, "");
    for (int i = 0; i < 20; i++)
        send_text (radio, "x", 0);
    set_int (radio, ZMQ_XPUB_NODROP, 1);
    CHECK_ERRNO (zmq_send (radio, "y", 1, ZMQ_DONTWAIT), EAGAIN);
    while (ready_within (dish, ZMQ_POLLIN, 0)) {
        RECV_TEXT (dish, "x");
        sent++;
    }
    /* Room comes in batches. */
    CHECK (sent >= 4 && sent <= 6);
    send_text (radio, "y", 0);
    RECV_TEXT (dish, "y");
    close_now (dish);
    close_now (radio);
}

int main (void)
{
    begin_test ();
    over_transports (groups_are_exact);
    in_context (misuse_is_told);
    in_context (groups_survive_a_reconnection);
    in_context (a_full_dish_is_left_out);
    return 0;
}
