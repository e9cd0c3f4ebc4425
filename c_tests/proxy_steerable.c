/* zmq_proxy_steerable obeys PAUSE, RESUME, TERMINATE and STATISTICS on its control socket; a REP
   control answers every command (zmq_proxy_steerable (3)). */

#include "testing.h"

struct steered {
    struct relay relay;
    void *front, *back, *control;
};

/* A proxy between two DEALERs with a peer on each side and one end of the control connection. */
static void start_steered (struct steered *steered, void *context, int control, int controller)
{
    memset (steered, 0, sizeof *steered);
    connected_pair (context, "inproc://control", control, &steered->relay.control, controller,
                    &steered->control);
    steered->front = new_socket (context, ZMQ_DEALER);
    steered->back = new_socket (context, ZMQ_DEALER);
    connect_to (steered->front, "inproc://frontend");
    connect_to (steered->back, "inproc://backend");
    start_relay (&steered->relay, context, ZMQ_DEALER, ZMQ_DEALER);
}

static void close_steered (struct steered *steered)
{
    end_relay (&steered->relay, 0, 0);
    close_now (steered->front);
    close_now (steered->back);
    close_now (steered->control);
}

/* Whether this control socket's type answers commands other than STATISTICS; none does in 4.3.4. */
static int answers (int control)
{
    return control == ZMQ_REP && library_version () >= ZMQ_MAKE_VERSION (4, 3, 6);
}

static void command (struct steered *steered, const char *text, int answered)
{
    send_text (steered->control, text, 0);
    if (answered)
        RECV_PARTS (steered->control, "", NULL);
}

static void both_ways_work (struct steered *steered)
{
    send_parts (steered->front, "there", "part", NULL);
    RECV_PARTS (steered->back, "there", "part", NULL);
    send_text (steered->back, "back", 0);
    RECV_TEXT (steered->front, "back");
}

/* Pausing stops both directions; what was sent meanwhile passes afterwards. */
static void pausing_and_resuming_work (void *context, int control, int controller)
{
    struct steered steered;
    int answered = answers (control);
    start_steered (&steered, context, control, controller);
    both_ways_work (&steered);
    for (int i = 0; i < 3; i++) {
        command (&steered, "PAUSE", answered);
        /* Without an answer, STATISTICS tells that the command before it was taken. */
        if (!answered) {
            send_text (steered.control, "STATISTICS", 0);
            for (int part = 0; part < 8; part++)
                recv_part (steered.control, NULL, 0);
        }
        send_text (steered.front, "held", 0);
        send_text (steered.back, "held too", 0);
        CHECK_QUIET (steered.back);
        CHECK_QUIET (steered.front);
        command (&steered, "RESUME", answered);
        RECV_TEXT (steered.back, "held");
        RECV_TEXT (steered.front, "held too");
        both_ways_work (&steered);
    }
    command (&steered, "TERMINATE", answered);
    close_steered (&steered);
}

static void a_rep_pauses (void *context)
{
    if (!answers (ZMQ_REP))
        return;
    pausing_and_resuming_work (context, ZMQ_REP, ZMQ_REQ);
}

static void a_pair_pauses (void *context)
{
    pausing_and_resuming_work (context, ZMQ_PAIR, ZMQ_PAIR);
}

/* Eight counters: messages and bytes, in and out of each side. */
static void expect_statistics (struct steered *steered, const uint64_t *expected)
{
    send_text (steered->control, "STATISTICS", 0);
    for (int i = 0; i < 8; i++) {
        uint64_t value = 0;
        CHECK_INT (recv_part (steered->control, &value, sizeof value), 8);
        CHECK_INT (get_int (steered->control, ZMQ_RCVMORE), i < 7);
        if (value != expected[i])
            FAIL ("statistic %d is %llu, expected %llu", i, (unsigned long long) value,
                  (unsigned long long) expected[i]);
    }
}

static void statistics_count (void *context, int control, int controller)
{
    struct steered steered;
    start_steered (&steered, context, control, controller);
    expect_statistics (&steered, (uint64_t[]){0, 0, 0, 0, 0, 0, 0, 0});
    send_text (steered.front, "question", 0);
    RECV_TEXT (steered.back, "question");
    expect_statistics (&steered, (uint64_t[]){1, 8, 0, 0, 0, 0, 1, 8});
    for (int i = 0; i < 2; i++) {
        send_text (steered.back, "answer", 0);
        RECV_TEXT (steered.front, "answer");
    }
    expect_statistics (&steered, (uint64_t[]){1, 8, 2, 12, 2, 12, 1, 8});
    /* Every part counts; 4.3.4 counts whole messages. */
    const uint64_t parts = library_version () >= ZMQ_MAKE_VERSION (4, 3, 6) ? 3 : 1;
    send_parts (steered.front, "four", "", "six bytes", NULL);
    RECV_PARTS (steered.back, "four", "", "six bytes", NULL);
    expect_statistics (&steered, (uint64_t[]){1 + parts, 21, 2, 12, 2, 12, 1 + parts, 21});
    command (&steered, "TERMINATE", answers (control));
    close_steered (&steered);
}

static void a_pair_gets_statistics (void *context)
{
    statistics_count (context, ZMQ_PAIR, ZMQ_PAIR);
}

static void a_rep_gives_statistics (void *context)
{
    statistics_count (context, ZMQ_REP, ZMQ_REQ);
}

/* Commands are compared exactly, and those not known are answered as well. 4.3.4 calls assert on
   them. */
static void unknown_commands_are_answered (void *context)
{
    static const char *const texts[] = {"pause", "PAUSE ", "PAUS", "", "STATISTICSX"};
    struct steered steered;
    if (!answers (ZMQ_REP))
        return;
    start_steered (&steered, context, ZMQ_REP, ZMQ_REQ);
    for (int i = 0; i < 5; i++) {
        command (&steered, texts[i], 1);
        both_ways_work (&steered);
    }
    command (&steered, "TERMINATE", 1);
    close_steered (&steered);
}

/* Any type that receives will do. */
static void a_puller_can_be_told_to_stop (void *context)
{
    struct steered steered;
    start_steered (&steered, context, ZMQ_PULL, ZMQ_PUSH);
    both_ways_work (&steered);
    command (&steered, "TERMINATE", 0);
    close_steered (&steered);
}

/* Without control it is zmq_proxy; shutting the context down ends it with ETERM. */
static void shutdown_ends_it (void *context)
{
    struct steered steered;
    start_steered (&steered, context, ZMQ_PAIR, ZMQ_PAIR);
    both_ways_work (&steered);
    CHECK_OK (zmq_ctx_shutdown (context));
    end_relay (&steered.relay, -1, ETERM);
    CHECK_OK (zmq_close (steered.front));
    CHECK_OK (zmq_close (steered.back));
    CHECK_OK (zmq_close (steered.control));
}

int main (void)
{
    begin_test ();
    in_context (a_rep_pauses);
    in_context (a_pair_pauses);
    in_context (a_pair_gets_statistics);
    in_context (a_rep_gives_statistics);
    in_context (unknown_commands_are_answered);
    in_context (a_puller_can_be_told_to_stop);
    in_context (shutdown_ends_it);
    return 0;
}
