/* The free function of zmq_msg_init_data is called exactly once, with the data and the hint it was
   given with, when the last reference goes: whoever that is and however the message ended
   (zmq_msg_init_data(3)). */

#include "testing.h"

static struct tally freed = EMPTY_TALLY;
static int expected;

/* One more free function call is due, and no second. */
static void one_more_is_freed (void)
{
    tally_reaches (&freed, ++expected);
}

static void none_is_freed (void)
{
    CHECK_INT (tally_count (&freed), expected);
}

static void send_owned (void *socket, size_t size, int flags)
{
    zmq_msg_t message;
    init_tallied (&message, size, 'd', &freed);
    CHECK_INT (zmq_msg_send (&message, socket, flags), size);
    CHECK_INT (zmq_msg_size (&message), 0);
    CHECK_OK (zmq_msg_close (&message));
}

struct call { void *data, *hint; };
static struct call last_call;
static int hint_object;

static void note_call (void *data, void *hint)
{
    last_call = (struct call) {data, hint};
    tally_add (&freed);
}

static void gets_its_data_and_hint (void)
{
    static char data[100];
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_data (&message, data, sizeof data, note_call, &hint_object));
    CHECK (zmq_msg_data (&message) == data);
    CHECK_INT (zmq_msg_size (&message), 100);
    none_is_freed ();
    CHECK_OK (zmq_msg_close (&message));
    one_more_is_freed ();
    CHECK (last_call.data == data && last_call.hint == &hint_object);
    CHECK_ERRNO (zmq_msg_close (&message), EFAULT);
    none_is_freed ();
}

static void is_called_for_no_data_too (void)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_data (&message, NULL, 0, note_call, &hint_object));
    CHECK_INT (zmq_msg_size (&message), 0);
    CHECK_OK (zmq_msg_close (&message));
    one_more_is_freed ();
    CHECK (last_call.data == NULL && last_call.hint == &hint_object);
}

static void may_be_absent (void)
{
    static char data[] = "constant";
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_data (&message, data, sizeof data, NULL, NULL));
    CHECK (zmq_msg_data (&message) == data);
    CHECK_OK (zmq_msg_close (&message));
    CHECK (strcmp (data, "constant") == 0);
}

static void waits_for_the_last_copy (void)
{
    zmq_msg_t original, copies[3], moved;
    init_tallied (&original, 3, 'd', &freed);
    for (int i = 0; i < 3; i++) {
        CHECK_OK (zmq_msg_init (&copies[i]));
        CHECK_OK (zmq_msg_copy (&copies[i], &original));
    }
    CHECK_OK (zmq_msg_init (&moved));
    CHECK_OK (zmq_msg_move (&moved, &original));
    CHECK_OK (zmq_msg_close (&original));
    for (int i = 0; i < 3; i++)
        CHECK_OK (zmq_msg_close (&copies[i]));
    none_is_freed ();
    CHECK_OK (zmq_msg_close (&moved));
    one_more_is_freed ();
}

static void comes_after_delivery (void *context, const char *address)
{
    static const size_t sizes[] = {0, 1, 40, 10000, 1000000};
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < 5; i++) {
        zmq_msg_t message;
        send_owned (push, sizes[i], 0);
        CHECK_OK (zmq_msg_init (&message));
        CHECK_INT (zmq_msg_recv (&message, pull, 0), sizes[i]);
        if (strncmp (address, "inproc", 6) == 0)
            none_is_freed ();
        for (size_t k = 0; k < sizes[i]; k++)
            CHECK (((char *) zmq_msg_data (&message))[k] == 'd');
        CHECK_OK (zmq_msg_close (&message));
        one_more_is_freed ();
    }
    close_now (push);
    close_now (pull);
}

static void comes_when_zmq_recv_copied_the_content (void *context, const char *address)
{
    char buffer[4];
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_owned (push, 300, 0);
    CHECK_INT (recv_part (pull, buffer, sizeof buffer), 300);
    CHECK (memcmp (buffer, "dddd", 4) == 0);
    one_more_is_freed ();
    close_now (push);
    close_now (pull);
}

static void comes_when_another_message_is_received_into_it (void *context, const char *address)
{
    void *push, *pull;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "new", 0);
    init_tallied (&message, 50, 'd', &freed);
    CHECK_INT (zmq_msg_recv (&message, pull, 0), 3);
    one_more_is_freed ();
    CHECK (memcmp (zmq_msg_data (&message), "new", 3) == 0);
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
}

/* A copy kept by the sender keeps the memory, wherever the other one is. */
static void waits_for_a_copy_kept_by_the_sender (void *context, const char *address)
{
    void *push, *pull;
    char buffer[100];
    zmq_msg_t sent, kept;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    init_tallied (&sent, 100, 'k', &freed);
    CHECK_OK (zmq_msg_init (&kept));
    CHECK_OK (zmq_msg_copy (&kept, &sent));
    CHECK_INT (zmq_msg_send (&sent, push, 0), 100);
    CHECK_INT (recv_part (pull, buffer, sizeof buffer), 100);
    close_now (push);
    close_now (pull);
    none_is_freed ();
    CHECK_INT (((char *) zmq_msg_data (&kept))[99], 'k');
    CHECK_OK (zmq_msg_close (&kept));
    one_more_is_freed ();
}

static void comes_once_for_all_subscribers (void *context, const char *address)
{
    enum { COUNT = 3 };
    char endpoint[256], buffer[200];
    void *pub = new_socket (context, ZMQ_PUB), *subs[COUNT];
    bind_to (pub, address, endpoint);
    for (int i = 0; i < COUNT; i++) {
        subs[i] = new_socket (context, ZMQ_SUB);
        CHECK_OK (zmq_setsockopt (subs[i], ZMQ_SUBSCRIBE, "d", 1));
        connect_to (subs[i], endpoint);
        await_subscriptions (pub, subs[i]);
    }
    send_owned (pub, 200, 0);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT (recv_part (subs[i], buffer, sizeof buffer), 200);
    one_more_is_freed ();
    for (int i = 0; i < COUNT; i++)
        close_now (subs[i]);
    close_now (pub);
}

static void comes_at_once_for_dropped_messages (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB), *router = new_socket (context, ZMQ_ROUTER);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    CHECK_OK (zmq_bind (router, "inproc://router"));
    send_owned (pub, 100, 0);
    one_more_is_freed ();
    send_text (router, "nobody", ZMQ_SNDMORE);
    send_owned (router, 100, ZMQ_SNDMORE);
    one_more_is_freed ();
    send_owned (router, 100, 0);
    one_more_is_freed ();
    close_now (pub);
    close_now (router);
}

static void does_not_come_for_failed_sends (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *rep = new_socket (context, ZMQ_REP);
    zmq_msg_t message;
    char *data = init_tallied (&message, 100, 'd', &freed);
    CHECK_ERRNO (zmq_msg_send (&message, push, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_msg_send (&message, rep, 0), EFSM);
    CHECK_ERRNO (zmq_msg_send (&message, NULL, 0), ENOTSOCK);
    none_is_freed ();
    CHECK (zmq_msg_data (&message) == data);
    CHECK_INT (zmq_msg_size (&message), 100);
    CHECK_OK (zmq_msg_close (&message));
    one_more_is_freed ();
    close_now (push);
    close_now (rep);
}

/* Whole messages and the begun one in the queue of a socket that is closed. */
static void comes_for_what_a_closed_socket_left (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "through", 0);
    RECV_TEXT (pull, "through");
    for (int i = 0; i < 20; i++)
        send_owned (push, 1000, i % 2 ? ZMQ_SNDMORE : 0);
    close_now (push);
    close_now (pull);
    expected += 20;
    tally_reaches (&freed, expected);
}

static void comes_for_what_was_never_connected (void *context)
{
    void *ipc = new_socket (context, ZMQ_PUSH), *inproc = new_socket (context, ZMQ_PUSH);
    connect_to (ipc, "ipc://@nobody-is-here");
    connect_to (inproc, "inproc://nobody");
    for (int i = 0; i < 5; i++) {
        send_owned (ipc, 100, 0);
        send_owned (inproc, 100, 0);
    }
    none_is_freed ();
    close_now (ipc);
    close_now (inproc);
    expected += 10;
}

static void comes_for_unread_messages_at_termination (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < 10; i++)
        send_owned (push, 500, 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    close_now (push);
    close_now (pull);
    expected += 10;
}

int main (void)
{
    begin_test ();
    gets_its_data_and_hint ();
    is_called_for_no_data_too ();
    may_be_absent ();
    waits_for_the_last_copy ();
    over_transports (comes_after_delivery);
    over_transports (comes_when_zmq_recv_copied_the_content);
    over_transports (comes_when_another_message_is_received_into_it);
    over_transports (waits_for_a_copy_kept_by_the_sender);
    over_transports (comes_once_for_all_subscribers);
    in_context (comes_at_once_for_dropped_messages);
    in_context (does_not_come_for_failed_sends);
    over_transports (comes_for_what_a_closed_socket_left);
    in_context (comes_for_what_was_never_connected);
    none_is_freed ();
    over_transports (comes_for_unread_messages_at_termination);
    none_is_freed ();
    return 0;
}
