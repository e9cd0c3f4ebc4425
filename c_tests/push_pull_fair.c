/* PULL takes whole messages from its peers in turn: one with a long queue does not hold the others
   up, and each one's own order is kept (zmq_socket(3), behaviour: fair queue). */

#include "testing.h"

enum { PUSHES = 4, EACH = 20 };

static void peers_are_read_in_turn (void *context, const char *address)
{
    char endpoint[256], text[32];
    void *pull = new_socket (context, ZMQ_PULL), *pushes[PUSHES];
    bind_to (pull, address, endpoint);
    for (int p = 0; p < PUSHES; p++) {
        pushes[p] = new_socket (context, ZMQ_PUSH);
        connect_to (pushes[p], endpoint);
    }
    for (int p = 0; p < PUSHES; p++)
        for (int i = 0; i < EACH; i++) {
            snprintf (text, sizeof text, "%d %d", p, i);
            send_parts (pushes[p], text, "tail", NULL);
        }
    int next[PUSHES] = {0};
    for (int i = 0; i < PUSHES * EACH; i++) {
        int p, number, size = recv_part (pull, text, sizeof text - 1);
        text[size] = 0;
        CHECK_INT (sscanf (text, "%d %d", &p, &number), 2);
        CHECK (p >= 0 && p < PUSHES);
        CHECK_INT (number, next[p]++);
        CHECK_INT (get_int (pull, ZMQ_RCVMORE), 1);
        RECV_TEXT (pull, "tail");
        CHECK_INT (get_int (pull, ZMQ_RCVMORE), 0);
    }
    for (int p = 0; p < PUSHES; p++) {
        CHECK_INT (next[p], EACH);
        close_now (pushes[p]);
    }
    close_now (pull);
}

/* With everything there beforehand the turns are strict. */
static void turns_are_strict (void *context)
{
    char text[32];
    void *pull = new_socket (context, ZMQ_PULL), *pushes[PUSHES];
    CHECK_OK (zmq_bind (pull, "inproc://pull"));
    for (int p = 0; p < PUSHES; p++) {
        pushes[p] = new_socket (context, ZMQ_PUSH);
        connect_to (pushes[p], "inproc://pull");
        for (int i = 0; i < EACH; i++) {
            snprintf (text, sizeof text, "%d %d", p, i);
            send_text (pushes[p], text, 0);
        }
    }
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    int order[PUSHES] = {0};
    for (int round = 0; round < EACH; round++) {
        int seen = 0;
        for (int i = 0; i < PUSHES; i++) {
            int p, number, size = recv_part (pull, text, sizeof text - 1);
            text[size] = 0;
            CHECK_INT (sscanf (text, "%d %d", &p, &number), 2);
            CHECK_INT (number, round);
            seen |= 1 << p;
            if (round == 0)
                order[i] = p;
            CHECK_INT (p, order[i]);
        }
        CHECK_INT (seen, (1 << PUSHES) - 1);
    }
    for (int p = 0; p < PUSHES; p++)
        close_now (pushes[p]);
    close_now (pull);
}

/* A busy peer of a hundred messages and a quiet one of one: that comes second at the latest. */
static void a_long_queue_does_not_hold_others_up (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *busy = new_socket (context, ZMQ_PUSH);
    void *quiet = new_socket (context, ZMQ_PUSH);
    char text[32];
    CHECK_OK (zmq_bind (pull, "inproc://pull"));
    connect_to (busy, "inproc://pull");
    connect_to (quiet, "inproc://pull");
    for (int i = 0; i < 100; i++)
        send_text (busy, "busy", 0);
    send_text (quiet, "quiet", 0);
    int position = 0;
    while (recv_part (pull, text, sizeof text) != 5)
        position++;
    CHECK (position <= 1);
    close_now (busy);
    close_now (quiet);
    close_now (pull);
}

/* A message in the middle of being read is finished before another peer's. */
static void parts_do_not_mix (void *context, const char *address)
{
    void *pull, *one, *two = new_socket (context, ZMQ_PUSH);
    char endpoint[256];
    size_t size = sizeof endpoint;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &one);
    CHECK_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    connect_to (two, endpoint);
    send_parts (one, "one", "1", "2", "3", NULL);
    RECV_TEXT (pull, "one");
    send_parts (two, "two", "4", NULL);
    RECV_TEXT (pull, "1");
    RECV_TEXT (pull, "2");
    RECV_PARTS (pull, "3", NULL);
    RECV_PARTS (pull, "two", "4", NULL);
    close_now (one);
    close_now (two);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (peers_are_read_in_turn);
    in_context (turns_are_strict);
    in_context (a_long_queue_does_not_hold_others_up);
    over_transports (parts_do_not_mix);
    return 0;
}
