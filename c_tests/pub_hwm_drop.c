/* A publisher drops messages for a subscriber whose pipe is full: whole ones, the newest, and for
   that subscriber alone; it never waits (zmq_socket(3), behaviour: fan-out). */

#include "testing.h"

static void *sub_with_room (void *context, int room, const char *endpoint, void *pub)
{
    void *sub = new_socket (context, ZMQ_SUB);
    set_int (sub, ZMQ_RCVHWM, room);
    subscribe (sub, "");
    connect_to (sub, endpoint);
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    return sub;
}

static void send_numbers (void *pub, int from, int to)
{
    char text[16];
    for (int i = from; i < to; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_parts (pub, text, "body", NULL);
    }
}

static void recv_numbers (void *sub, int from, int to)
{
    char text[16];
    for (int i = from; i < to; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_PARTS (sub, text, "body", NULL);
    }
}

static void a_full_subscriber_misses_the_newest (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB);
    set_int (pub, ZMQ_SNDHWM, 2);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    void *sub = sub_with_room (context, 2, "inproc://pub", pub);
    send_numbers (pub, 0, 10);
    recv_numbers (sub, 0, 4);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_numbers (pub, 10, 14);
    recv_numbers (sub, 10, 14);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    close_now (pub);
}

static void others_are_not_affected (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB);
    set_int (pub, ZMQ_SNDHWM, 1);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    void *tight = sub_with_room (context, 1, "inproc://pub", pub);
    void *wide = sub_with_room (context, 1000, "inproc://pub", pub);
    void *unlimited = sub_with_room (context, 0, "inproc://pub", pub);
    send_numbers (pub, 0, 1500);
    recv_numbers (tight, 0, 2);
    recv_numbers (wide, 0, 1001);
    recv_numbers (unlimited, 0, 1500);
    void *subs[] = {tight, wide, unlimited};
    for (int i = 0; i < 3; i++) {
        CHECK_ERRNO (zmq_recv (subs[i], NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        close_now (subs[i]);
    }
    close_now (pub);
}

/* A subscriber that is full at the first part gets none of a message, one with room all of it. */
static void messages_are_dropped_whole (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB);
    set_int (pub, ZMQ_SNDHWM, 1);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    void *sub = sub_with_room (context, 1, "inproc://pub", pub);
    send_parts (pub, "1", "a", "b", "c", "d", NULL);
    send_parts (pub, "2", "a", "b", "c", "d", NULL);
    send_text (pub, "3", ZMQ_SNDMORE);
    RECV_PARTS (sub, "1", "a", "b", "c", "d", NULL);
    RECV_PARTS (sub, "2", "a", "b", "c", "d", NULL);
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_parts (pub, "not", "seen", NULL);
    send_parts (pub, "4", "e", NULL);
    RECV_PARTS (sub, "4", "e", NULL);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    close_now (pub);
}

/* Over a connection, with what the system buffers: some of many large messages are missing, the
   first is not, and their order is kept. */
static void connections_drop_as_well (void *context, const char *address)
{
    enum { COUNT = 600, SIZE = 100000 };
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_XPUB), *sub = new_socket (context, ZMQ_SUB);
    char *body = calloc (1, SIZE);
    CHECK (body);
    set_int (pub, ZMQ_SNDHWM, 1);
    set_int (sub, ZMQ_RCVHWM, 1);
    bind_to (pub, address, endpoint);
    subscribe (sub, "");
    connect_to (sub, endpoint);
    CHECK_NOTICE (pub, 1, "");
    int number;
    for (number = 0; number < COUNT; number++) {
        memcpy (body, &number, sizeof number);
        CHECK_INT (zmq_send (pub, body, SIZE, 0), SIZE);
    }
    int last = -1, got = 0;
    while (ready_within (sub, ZMQ_POLLIN, QUIET_MS)) {
        CHECK_INT (recv_part (sub, &number, sizeof number), SIZE);
        CHECK (got > 0 || number == 0);
        CHECK (number > last);
        last = number;
        got++;
    }
    CHECK (got > 0 && got < COUNT);
    double end = now_ms () + PATIENCE_MS;
    do {
        CHECK (now_ms () < end);
        send_text (pub, "again", 0);
    } while (!ready_within (sub, ZMQ_POLLIN, 5));
    RECV_TEXT (sub, "again");
    free (body);
    close_now (sub);
    close_now (pub);
}

int main (void)
{
    begin_test ();
    in_context (a_full_subscriber_misses_the_newest);
    in_context (others_are_not_affected);
    in_context (messages_are_dropped_whole);
    for (int i = 1; i < TRANSPORT_COUNT; i++) {
        void *context = zmq_ctx_new ();
        connections_drop_as_well (context, TRANSPORTS[i]);
        CHECK_OK (zmq_ctx_term (context));
    }
    return 0;
}
