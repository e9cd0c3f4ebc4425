/* A multipart message is sent and received as a whole or not at all: no part shows before the last
   was sent, all are there once the first was read, and a begun message disappears with its socket
   (zmq_send(3), zmq_msg_recv(3), functions: Partial multipart messages). */

#include "testing.h"

struct pairing { int bound, connected; };
static const struct pairing PAIRINGS[] = {
    {ZMQ_PAIR, ZMQ_PAIR}, {ZMQ_PULL, ZMQ_PUSH}, {ZMQ_DEALER, ZMQ_DEALER}, {ZMQ_XPUB, ZMQ_XSUB}};
#define PAIRING_COUNT ((int) (sizeof PAIRINGS / sizeof *PAIRINGS))
static const struct pairing *pairing;

static void open_pair (void *context, const char *address, void **receiver, void **sender)
{
    connected_pair (context, address, pairing->bound, receiver, pairing->connected, sender);
}

static void parts_show_only_with_the_last (void *context, const char *address)
{
    void *receiver, *sender;
    open_pair (context, address, &receiver, &sender);
    send_text (sender, "whole", 0);
    RECV_TEXT (receiver, "whole");
    send_text (sender, "one", ZMQ_SNDMORE);
    send_text (sender, "two", ZMQ_SNDMORE);
    CHECK (!ready_within (receiver, ZMQ_POLLIN, 30));
    CHECK_ERRNO (zmq_recv (receiver, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    send_text (sender, "three", 0);
    RECV_PARTS (receiver, "one", "two", "three", NULL);
    close_now (sender);
    close_now (receiver);
}

/* Large parts that take many reads and writes of a connection, all there with the first. */
static void all_parts_are_there_with_the_first (void *context, const char *address)
{
    enum { PARTS = 30, SIZE = 50000 };
    void *receiver, *sender;
    char *part = malloc (SIZE);
    CHECK (part);
    open_pair (context, address, &receiver, &sender);
    for (int i = 0; i < PARTS; i++) {
        memset (part, 'a' + i % 26, SIZE);
        CHECK_INT (zmq_send (sender, part, SIZE, i + 1 < PARTS ? ZMQ_SNDMORE : 0), SIZE);
    }
    CHECK (ready_within (receiver, ZMQ_POLLIN, PATIENCE_MS));
    for (int i = 0; i < PARTS; i++) {
        CHECK_INT (zmq_recv (receiver, part, SIZE, ZMQ_DONTWAIT), SIZE);
        CHECK_INT (part[SIZE - 1], 'a' + i % 26);
        CHECK_INT (get_int (receiver, ZMQ_RCVMORE), i + 1 < PARTS);
    }
    free (part);
    close_now (sender);
    close_now (receiver);
}

static void thousands_of_parts_are_one_message (void *context, const char *address)
{
    enum { PARTS = 3000 };
    void *receiver, *sender;
    char number[16];
    open_pair (context, address, &receiver, &sender);
    for (int i = 0; i < PARTS; i++) {
        snprintf (number, sizeof number, "%d", i);
        send_text (sender, number, i + 1 < PARTS ? ZMQ_SNDMORE : 0);
    }
    for (int i = 0; i < PARTS; i++) {
        snprintf (number, sizeof number, "%d", i);
        RECV_TEXT (receiver, number);
    }
    CHECK_INT (get_int (receiver, ZMQ_RCVMORE), 0);
    close_now (sender);
    close_now (receiver);
}

static void empty_parts_count (void *context, const char *address)
{
    void *receiver, *sender;
    open_pair (context, address, &receiver, &sender);
    send_parts (sender, "", "", "x", "", NULL);
    RECV_PARTS (receiver, "", "", "x", "", NULL);
    send_parts (sender, "", NULL);
    RECV_PARTS (receiver, "", NULL);
    close_now (sender);
    close_now (receiver);
}

/* Closing in mid-message: the whole messages before arrive, the begun one does not. */
static void a_begun_message_goes_with_its_socket (void *context, const char *address)
{
    void *receiver, *sender;
    open_pair (context, address, &receiver, &sender);
    send_parts (sender, "whole", "message", NULL);
    send_text (sender, "begun", ZMQ_SNDMORE);
    send_text (sender, "begun", ZMQ_SNDMORE);
    set_int (sender, ZMQ_LINGER, PATIENCE_MS);
    CHECK_OK (zmq_close (sender));
    RECV_PARTS (receiver, "whole", "message", NULL);
    CHECK (!ready_within (receiver, ZMQ_POLLIN, 30));
    close_now (receiver);
}

/* What a reader left of a message when it was closed disturbs nobody. */
static void a_partly_read_message_goes_with_its_reader (void *context, const char *address)
{
    void *receiver, *sender;
    open_pair (context, address, &receiver, &sender);
    send_parts (sender, "one", "two", "three", NULL);
    RECV_TEXT (receiver, "one");
    CHECK_INT (get_int (receiver, ZMQ_RCVMORE), 1);
    close_now (receiver);
    close_now (sender);
}

/* A multipart message counts as one towards the limit, and its parts never block once begun. */
static void the_limit_counts_whole_messages (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    set_int (pull, ZMQ_RCVHWM, 1);
    set_int (push, ZMQ_SNDHWM, 1);
    CHECK_OK (zmq_bind (pull, "inproc://pull"));
    connect_to (push, "inproc://pull");
    for (int message = 0; message < 2; message++)
        for (int i = 0; i < 100; i++)
            CHECK_INT (zmq_send (push, "part", 4, ZMQ_DONTWAIT | (i < 99 ? ZMQ_SNDMORE : 0)), 4);
    CHECK_ERRNO (zmq_send (push, "part", 4, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    for (int i = 0; i < 200; i++) {
        RECV_TEXT (pull, "part");
        CHECK_INT (get_int (pull, ZMQ_RCVMORE), i % 100 < 99);
    }
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    close_now (push);
    close_now (pull);
}

/* A part that fails can be tried again; the ones queued before stay. */
static void a_failed_first_part_can_be_retried (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    CHECK_ERRNO (zmq_send (push, "one", 3, ZMQ_DONTWAIT | ZMQ_SNDMORE), EAGAIN);
    CHECK_OK (zmq_bind (pull, "inproc://pull"));
    connect_to (push, "inproc://pull");
    CHECK_INT (zmq_send (push, "one", 3, ZMQ_DONTWAIT | ZMQ_SNDMORE), 3);
    CHECK_INT (zmq_send (push, "two", 3, ZMQ_DONTWAIT), 3);
    RECV_PARTS (pull, "one", "two", NULL);
    CHECK_ERRNO (zmq_recv (pull, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    for (int i = 0; i < PAIRING_COUNT; i++) {
        pairing = &PAIRINGS[i];
        over_transports (parts_show_only_with_the_last);
        over_transports (all_parts_are_there_with_the_first);
        over_transports (thousands_of_parts_are_one_message);
        over_transports (empty_parts_count);
        over_transports (a_begun_message_goes_with_its_socket);
        over_transports (a_partly_read_message_goes_with_its_reader);
    }
    in_context (the_limit_counts_whole_messages);
    in_context (a_failed_first_part_can_be_retried);
    return 0;
}
