/* A process that forks while it polls a set again and again, and has it in a poller. */

#define ZMQ_BUILD_DRAFT_API
#include "children.h"
#include "poll_set.h"

static void has_nothing_and_makes_its_own (void *inherited)
{
    struct set *set = inherited, own;
    int one = 2;
    zmq_poller_event_t event;
    CHECK_ERRNO (zmq_poll (set->items, COUNT, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_poller_wait (set->poller, &event, 0), EFAULT);
    make_set (&own, zmq_ctx_new (), "inproc://x");
    for (int round = 0; round < 3; round++) {
        say (&own, one, "x");
        check_ready (&own, &one, 1, -1);
        RECV_TEXT (own.dealers[one], "x");
    }
}

/* A child has nothing of what its parent registered, and does not disturb it. */
static void a_child_is_forked (void *context)
{
    struct set set;
    int one = 2;
    make_set (&set, context, "tcp://127.0.0.1:*");
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    in_child (has_nothing_and_makes_its_own, NULL, &set);
    say (&set, one, "x");
    check_ready (&set, &one, 1, -1);
    drop_set (&set);
}

int main (void)
{
    begin_test ();
    in_context (a_child_is_forked);
    return 0;
}
