/* The routing id and the group of a message: set, copied, moved, sent and cleared (drafts). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

static void check (zmq_msg_t *message, uint32_t number, const char *group)
{
    CHECK_INT (zmq_msg_routing_id (message), number);
    if (strcmp (zmq_msg_group (message), group) != 0)
        FAIL ("group '%s', expected '%s'", zmq_msg_group (message), group);
}

static void marked (zmq_msg_t *message, size_t size)
{
    CHECK_OK (zmq_msg_init_size (message, size));
    memset (zmq_msg_data (message), 'm', size);
    CHECK_OK (zmq_msg_set_routing_id (message, UINT32_MAX));
    CHECK_OK (zmq_msg_set_group (message, "weather"));
}

static void they_are_set (void)
{
    char group[301];
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init (&message));
    check (&message, 0, "");
    CHECK_ERRNO (zmq_msg_set_routing_id (&message, 0), EINVAL);
    CHECK_OK (zmq_msg_set_routing_id (&message, 1));
    CHECK_OK (zmq_msg_set_routing_id (&message, UINT32_MAX));
    CHECK_ERRNO (zmq_msg_set_routing_id (&message, 0), EINVAL);
    CHECK_OK (zmq_msg_set_group (&message, "weather"));
    CHECK_OK (zmq_msg_set_group (&message, "news"));
    check (&message, UINT32_MAX, "news");
    CHECK_OK (zmq_msg_set_group (&message, ""));
    check (&message, UINT32_MAX, "");
    /* What is too long is cut, whatever the manual says. */
    memset (group, 'g', sizeof group - 1);
    group[300] = 0;
    CHECK_OK (zmq_msg_set_group (&message, group));
    group[ZMQ_GROUP_MAX_LENGTH] = 0;
    check (&message, UINT32_MAX, group);
    CHECK_OK (zmq_msg_close (&message));
}

static void they_go_with_the_content (void)
{
    static const size_t sizes[] = {0, 10, 33, 60, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        zmq_msg_t message, copy, moved;
        marked (&message, sizes[i]);
        CHECK_OK (zmq_msg_init (&copy));
        CHECK_OK (zmq_msg_init (&moved));
        CHECK_OK (zmq_msg_copy (&copy, &message));
        check (&message, UINT32_MAX, "weather");
        check (&copy, UINT32_MAX, "weather");
        CHECK_OK (zmq_msg_set_group (&copy, "news"));
        check (&message, UINT32_MAX, "weather");
        CHECK_OK (zmq_msg_move (&moved, &message));
        check (&moved, UINT32_MAX, "weather");
        check (&message, 0, "");
        CHECK_INT ((long) zmq_msg_size (&moved), (long) sizes[i]);
        CHECK_OK (zmq_msg_close (&moved));
        check (&copy, UINT32_MAX, "news");
        CHECK_OK (zmq_msg_close (&copy));
        CHECK_OK (zmq_msg_close (&message));
    }
}

/* A message that was sent is as new, one that was refused as before; and types that know nothing of numbers
   and groups deliver none. */
static void they_do_not_outlive_a_send (void *context, const char *address)
{
    void *pull, *push;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    marked (&message, 10);
    CHECK_ERRNO (zmq_msg_send (&message, pull, 0), ENOTSUP);
    check (&message, UINT32_MAX, "weather");
    CHECK_INT (zmq_msg_send (&message, push, 0), 10);
    check (&message, 0, "");
    if (strncmp (address, "inproc", 6) != 0) {
        CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_INT (zmq_msg_recv (&message, pull, 0), 10);
        check (&message, 0, "");
    }
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    they_are_set ();
    they_go_with_the_content ();
    over_transports (they_do_not_outlive_a_send);
    return 0;
}
