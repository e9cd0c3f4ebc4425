/* Sending and receiving message objects: success empties the sent object, failure leaves it with
   the caller; receiving replaces the content; the deprecated zmq_sendmsg and zmq_recvmsg are the
   same with swapped arguments (zmq_msg_send(3), zmq_msg_recv(3)). */

#include "testing.h"

static int send_new (zmq_msg_t *message, void *socket, int flags)
{
    return zmq_msg_send (message, socket, flags);
}

static int send_old (zmq_msg_t *message, void *socket, int flags)
{
    return zmq_sendmsg (socket, message, flags);
}

static int recv_new (zmq_msg_t *message, void *socket, int flags)
{
    return zmq_msg_recv (message, socket, flags);
}

static int recv_old (zmq_msg_t *message, void *socket, int flags)
{
    return zmq_recvmsg (socket, message, flags);
}

struct calls { int (*send) (zmq_msg_t *, void *, int), (*recv) (zmq_msg_t *, void *, int); };
static const struct calls CALLS[] = {{send_new, recv_new}, {send_old, recv_old}};
static const struct calls *calls;

static void init_filled (zmq_msg_t *message, size_t size, int fill)
{
    CHECK_OK (zmq_msg_init_size (message, size));
    memset (zmq_msg_data (message), fill, size);
}

static void check_filled (zmq_msg_t *message, size_t size, int fill)
{
    CHECK_INT (zmq_msg_size (message), size);
    for (size_t i = 0; i < size; i++)
        CHECK (((unsigned char *) zmq_msg_data (message))[i] == fill);
}

static void sent_objects_are_empty_and_usable (void *context, const char *address)
{
    static const size_t sizes[] = {0, 1, 33, 34, 5000, 200000};
    void *push, *pull;
    zmq_msg_t message, received;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_OK (zmq_msg_init (&received));
    for (int i = 0; i < 6; i++) {
        init_filled (&message, sizes[i], i);
        CHECK_INT (calls->send (&message, push, 0), sizes[i]);
        CHECK_INT (zmq_msg_size (&message), 0);
        CHECK_INT (zmq_msg_more (&message), 0);
        CHECK (zmq_msg_data (&message));
        if (i % 2)
            CHECK_OK (zmq_msg_close (&message));
        CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_INT (calls->recv (&received, pull, 0), sizes[i]);
        check_filled (&received, sizes[i], i);
    }
    CHECK_OK (zmq_msg_close (&received));
    close_now (push);
    close_now (pull);
}

/* The emptied object is itself a message that can be sent. */
static void emptied_objects_can_be_sent (void *context, const char *address)
{
    void *push, *pull;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    init_filled (&message, 4, 'a');
    CHECK_INT (calls->send (&message, push, ZMQ_SNDMORE), 4);
    CHECK_INT (calls->send (&message, push, 0), 0);
    RECV_PARTS (pull, "aaaa", "", NULL);
    close_now (push);
    close_now (pull);
}

static void the_flags_alone_say_more (void *context, const char *address)
{
    void *push, *pull;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_parts (push, "one", "two", NULL);
    CHECK_OK (zmq_msg_init (&message));
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (calls->recv (&message, pull, 0), 3);
    CHECK_INT (zmq_msg_more (&message), 1);
    RECV_TEXT (pull, "two");
    CHECK_INT (calls->send (&message, push, 0), 3);
    RECV_PARTS (pull, "one", NULL);
    close_now (push);
    close_now (pull);
}

static void failed_sends_leave_the_object (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    void *rep = new_socket (context, ZMQ_REP);
    zmq_msg_t message;
    init_filled (&message, 1000, 'f');
    void *data = zmq_msg_data (&message);
    CHECK_ERRNO (calls->send (&message, push, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (calls->send (&message, push, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    CHECK_ERRNO (calls->send (&message, pull, 0), ENOTSUP);
    CHECK_ERRNO (calls->send (&message, rep, 0), EFSM);
    CHECK_ERRNO (calls->send (&message, NULL, 0), ENOTSOCK);
    CHECK (zmq_msg_data (&message) == data);
    check_filled (&message, 1000, 'f');
    CHECK_OK (zmq_bind (pull, "inproc://a"));
    connect_to (push, "inproc://a");
    CHECK_INT (calls->send (&message, push, 0), 1000);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (calls->recv (&message, pull, 0), 1000);
    check_filled (&message, 1000, 'f');
    CHECK_INT (zmq_msg_more (&message), 0);
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
    close_now (rep);
}

static void receiving_releases_the_old_content (void *context, const char *address)
{
    struct tally freed = EMPTY_TALLY;
    void *push, *pull;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < 3; i++) {
        init_tallied (&message, 100, 'o', &freed);
        send_text (push, "new", 0);
        CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_INT (calls->recv (&message, pull, ZMQ_DONTWAIT), 3);
        tally_reaches (&freed, i + 1);
        CHECK (memcmp (zmq_msg_data (&message), "new", 3) == 0);
        CHECK_OK (zmq_msg_close (&message));
    }
    close_now (push);
    close_now (pull);
}

/* With nothing to receive the object is empty and valid; where receiving was not even tried it is
   as it was. */
static void failed_receives_leave_a_valid_object (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    zmq_msg_t message;
    init_filled (&message, 100, 'v');
    CHECK_ERRNO (calls->recv (&message, NULL, 0), ENOTSOCK);
    check_filled (&message, 100, 'v');
    CHECK_ERRNO (calls->recv (&message, pull, ZMQ_DONTWAIT), EAGAIN);
    CHECK_OK (zmq_msg_close (&message));
    CHECK_OK (zmq_msg_init (&message));
    CHECK_ERRNO (calls->recv (&message, pull, ZMQ_DONTWAIT), EAGAIN);
    CHECK_INT (zmq_msg_size (&message), 0);
    CHECK_ERRNO (calls->recv (&message, push, 0), ENOTSUP);
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
}

/* A received object is sent on as it is, all the way round. */
static void objects_go_round (void *context, const char *address)
{
    void *one, *two;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    init_filled (&message, 3000, 'g');
    for (int i = 0; i < 20; i++) {
        CHECK_INT (calls->send (&message, i % 2 ? two : one, 0), 3000);
        CHECK (ready_within (i % 2 ? one : two, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_INT (calls->recv (&message, i % 2 ? one : two, 0), 3000);
    }
    check_filled (&message, 3000, 'g');
    CHECK_OK (zmq_msg_close (&message));
    close_now (one);
    close_now (two);
}

int main (void)
{
    begin_test ();
    for (int i = 0; i < 2; i++) {
        calls = &CALLS[i];
        over_transports (sent_objects_are_empty_and_usable);
        over_transports (emptied_objects_can_be_sent);
        over_transports (the_flags_alone_say_more);
        in_context (failed_sends_leave_the_object);
        over_transports (receiving_releases_the_old_content);
        in_context (failed_receives_leave_a_valid_object);
        over_transports (objects_go_round);
    }
    return 0;
}
