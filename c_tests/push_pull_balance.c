/* PUSH deals whole messages to its peers in turn; a peer whose pipe is full is left out until it
   has read; without peers, or with all of them full, sending waits (zmq_socket(3), behaviour:
   load balance). */

#include "testing.h"

enum { PULLS = 4, ROUNDS = 25 };

struct fan { void *push, *pulls[PULLS]; };

/* A PUSH with all its PULLs known to it. */
static struct fan open_fan (void *context, const char *address)
{
    struct fan fan = {.push = new_socket (context, ZMQ_PUSH)};
    char endpoint[256];
    bind_to (fan.push, address, endpoint);
    for (int i = 0; i < PULLS; i++) {
        fan.pulls[i] = new_socket (context, ZMQ_PULL);
        connect_to (fan.pulls[i], endpoint);
        /* The first message to a pull shows that it has joined the turns. */
        double end = now_ms () + PATIENCE_MS;
        while (!ready_within (fan.pulls[i], ZMQ_POLLIN, 2)) {
            CHECK (now_ms () < end);
            zmq_send (fan.push, "join", 4, ZMQ_DONTWAIT);
        }
    }
    return fan;
}

static void close_fan (struct fan *fan)
{
    for (int i = 0; i < PULLS; i++)
        close_now (fan->pulls[i]);
    close_now (fan->push);
}

/* Reads until the message `text`, past the ones that made the fan. */
static void read_up_to (void *pull, const char *text)
{
    char buffer[64];
    int size;
    do {
        size = recv_part (pull, buffer, sizeof buffer);
    } while (size != (int) strlen (text) || memcmp (buffer, text, (size_t) size) != 0);
}

static void messages_are_dealt_in_turn (void *context, const char *address)
{
    struct fan fan = open_fan (context, address);
    int turn[PULLS], first = -1;
    char text[32];
    for (int i = 0; i < PULLS; i++)
        send_text (fan.push, "begin", 0);
    for (int i = 0; i < PULLS; i++)
        read_up_to (fan.pulls[i], "begin");
    for (int i = 0; i < PULLS * ROUNDS; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (fan.push, text, ZMQ_SNDMORE);
        send_text (fan.push, "tail", 0);
    }
    /* The first round tells whose turn is when; every further one repeats it. */
    for (int i = 0; i < PULLS; i++) {
        CHECK_INT (recv_part (fan.pulls[i], text, sizeof text), 1);
        turn[i] = text[0] - '0';
        CHECK (turn[i] >= 0 && turn[i] < PULLS);
        for (int k = 0; k < i; k++)
            CHECK (turn[k] != turn[i]);
        RECV_TEXT (fan.pulls[i], "tail");
        first = turn[i] == 0 ? i : first;
    }
    CHECK (first >= 0);
    for (int round = 1; round < ROUNDS; round++)
        for (int i = 0; i < PULLS; i++) {
            snprintf (text, sizeof text, "%d", round * PULLS + turn[i]);
            RECV_PARTS (fan.pulls[i], text, "tail", NULL);
        }
    for (int i = 0; i < PULLS; i++)
        CHECK_ERRNO (zmq_recv (fan.pulls[i], NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_fan (&fan);
}

/* One PUSH that connects to several PULLs deals just the same, from its first message on. */
static void connected_peers_take_turns_from_the_start (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pulls[PULLS];
    char text[32];
    for (int i = 0; i < PULLS; i++) {
        snprintf (text, sizeof text, "inproc://pull-%d", i);
        pulls[i] = new_socket (context, ZMQ_PULL);
        CHECK_OK (zmq_bind (pulls[i], text));
        connect_to (push, text);
    }
    for (int i = 0; i < PULLS * ROUNDS; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (push, text, 0);
    }
    for (int i = 0; i < PULLS * ROUNDS; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (pulls[i % PULLS], text);
    }
    for (int i = 0; i < PULLS; i++)
        close_now (pulls[i]);
    close_now (push);
}

/* Two pulls with room for two messages each; only one of them reads. */
static void full_peers_are_skipped (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *reader = new_socket (context, ZMQ_PULL);
    void *sleeper = new_socket (context, ZMQ_PULL);
    void *sockets[] = {push, reader, sleeper};
    for (int i = 0; i < 3; i++) {
        set_int (sockets[i], ZMQ_SNDHWM, 1);
        set_int (sockets[i], ZMQ_RCVHWM, 1);
    }
    CHECK_OK (zmq_bind (reader, "inproc://reader"));
    CHECK_OK (zmq_bind (sleeper, "inproc://sleeper"));
    connect_to (push, "inproc://reader");
    connect_to (push, "inproc://sleeper");
    int sent = 0;
    while (ready_within (push, ZMQ_POLLOUT, 0)) {
        CHECK_INT (zmq_send (push, "x", 1, ZMQ_DONTWAIT), 1);
        CHECK (++sent <= 4);
    }
    CHECK_INT (sent, 4);
    CHECK_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < 50; i++) {
        RECV_TEXT (reader, "x");
        CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
        CHECK_INT (zmq_send (push, "x", 1, ZMQ_DONTWAIT), 1);
    }
    RECV_TEXT (sleeper, "x");
    RECV_TEXT (sleeper, "x");
    CHECK_ERRNO (zmq_recv (sleeper, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < 3; i++)
        close_now (sockets[i]);
}

static void without_peers_sending_waits (void *context, const char *address)
{
    char endpoint[256];
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    bind_to (push, address, endpoint);
    CHECK (!(get_int (push, ZMQ_EVENTS) & ZMQ_POLLOUT));
    CHECK_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    set_int (push, ZMQ_SNDTIMEO, 1);
    CHECK_ERRNO (zmq_send (push, "x", 1, 0), EAGAIN);
    set_int (push, ZMQ_SNDTIMEO, PATIENCE_MS);
    connect_to (pull, endpoint);
    CHECK_INT (zmq_send (push, "waited", 6, 0), 6);
    RECV_TEXT (pull, "waited");
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (messages_are_dealt_in_turn);
    in_context (connected_peers_take_turns_from_the_start);
    in_context (full_peers_are_skipped);
    over_transports (without_peers_sending_waits);
    return 0;
}
