/* zmq_send_const sends memory that stays, without copying or freeing it: it arrives intact over
   every transport and is the same memory over inproc (zmq_send_const(3)). */

#include "testing.h"

static char letters[200000];
static const size_t SIZES[] = {0, 1, 33, 34, 100, 8192, sizeof letters};
#define SIZE_COUNT ((int) (sizeof SIZES / sizeof *SIZES))

static void arrives_intact (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < SIZE_COUNT; i++) {
        zmq_msg_t message;
        CHECK_INT (zmq_send_const (push, letters, SIZES[i], 0), SIZES[i]);
        CHECK_OK (zmq_msg_init (&message));
        CHECK_INT (zmq_msg_recv (&message, pull, 0), SIZES[i]);
        CHECK (memcmp (zmq_msg_data (&message), letters, SIZES[i]) == 0);
        CHECK_OK (zmq_msg_close (&message));
    }
    close_now (push);
    close_now (pull);
}

static void flags_are_those_of_send (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_send_const (push, "one", 3, ZMQ_SNDMORE), 3);
    CHECK_INT (zmq_send_const (push, "two", 3, ZMQ_SNDMORE | ZMQ_DONTWAIT), 3);
    CHECK_INT (zmq_send_const (push, "three", 5, ZMQ_DONTWAIT), 5);
    RECV_PARTS (pull, "one", "two", "three", NULL);
    close_now (push);
    close_now (pull);
}

static void the_same_memory_arrives_over_inproc (void *context)
{
    void *push, *pull;
    connected_pair (context, "inproc://a", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 1; i < SIZE_COUNT; i++) {
        zmq_msg_t message, copy;
        CHECK_INT (zmq_send_const (push, letters, SIZES[i], 0), SIZES[i]);
        CHECK_OK (zmq_msg_init (&message));
        CHECK_INT (zmq_msg_recv (&message, pull, 0), SIZES[i]);
        CHECK (zmq_msg_data (&message) == letters);
        CHECK_INT (zmq_msg_get (&message, ZMQ_SHARED), 1);
        CHECK_OK (zmq_msg_init (&copy));
        CHECK_OK (zmq_msg_copy (&copy, &message));
        CHECK (zmq_msg_data (&copy) == letters);
        CHECK_OK (zmq_msg_close (&message));
        CHECK_OK (zmq_msg_close (&copy));
        CHECK_INT (letters[SIZES[i] - 1], 'a' + (int) ((SIZES[i] - 1) % 26));
    }
    close_now (push);
    close_now (pull);
}

static void failures_are_those_of_send (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    void *req = new_socket (context, ZMQ_REQ), *rep = new_socket (context, ZMQ_REP);
    CHECK_ERRNO (zmq_send_const (NULL, letters, 3, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_send_const (push, letters, 3, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_send_const (req, letters, 3, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_send_const (pull, letters, 3, 0), ENOTSUP);
    CHECK_ERRNO (zmq_send_const (rep, letters, 3, 0), EFSM);
    close_now (push);
    close_now (pull);
    close_now (req);
    close_now (rep);
}

int main (void)
{
    begin_test ();
    for (size_t i = 0; i < sizeof letters; i++)
        letters[i] = (char) ('a' + i % 26);
    over_transports (arrives_intact);
    over_transports (flags_are_those_of_send);
    in_context (the_same_memory_arrives_over_inproc);
    in_context (failures_are_those_of_send);
    return 0;
}
