/* Messages of groups, as RADIO sends them and DISH receives them. Needs ZMQ_BUILD_DRAFT_API. */

#ifndef GROUPS_H
#define GROUPS_H

#include "testing.h"

static inline void send_in (void *radio, const char *group, const void *content, size_t size)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_buffer (&message, content, size));
    CHECK_OK (zmq_msg_set_group (&message, group));
    CHECK_INT (zmq_msg_send (&message, radio, 0), (int) size);
}

/* Waits for the next message, which is this text in this group, and has one part. */
static inline void expect_in (void *dish, const char *group, const char *text)
{
    zmq_msg_t message;
    if (!ready_within (dish, ZMQ_POLLIN, PATIENCE_MS))
        FAIL ("nothing came, expected '%s'", text);
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_recv (&message, dish, ZMQ_DONTWAIT), (int) strlen (text));
    CHECK (memcmp (zmq_msg_data (&message), text, strlen (text)) == 0);
    if (strcmp (zmq_msg_group (&message), group) != 0)
        FAIL ("group '%s', expected '%s'", zmq_msg_group (&message), group);
    CHECK (!zmq_msg_more (&message));
    CHECK_OK (zmq_msg_close (&message));
}

#endif
