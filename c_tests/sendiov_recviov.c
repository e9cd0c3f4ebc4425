/* zmq_sendiov sends an array of parts, as one message or as several; zmq_recviov reads up to so
   many parts of one message into memory it allocates (functions: Sending and receiving). */

#include "testing.h"
#include <sys/uio.h>

enum { ROOM = 8 };

static struct iovec part (const char *text)
{
    return (struct iovec) {(void *) text, strlen (text)};
}

static void sent_with_sndmore_it_is_one_message (void *context, const char *address)
{
    void *push, *pull;
    struct iovec parts[] = {part ("one"), part (""), part ("three!")};
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_sendiov (push, parts, 3, ZMQ_SNDMORE), 6);
    RECV_PARTS (pull, "one", "", "three!", NULL);
    CHECK_INT (zmq_sendiov (push, parts, 1, ZMQ_SNDMORE), 3);
    RECV_PARTS (pull, "one", NULL);
    close_now (push);
    close_now (pull);
}

static void sent_without_sndmore_it_is_many (void *context, const char *address)
{
    void *push, *pull;
    struct iovec parts[] = {part ("one"), part ("second"), part ("3rd")};
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_sendiov (push, parts, 3, 0), 3);
    RECV_PARTS (pull, "one", NULL);
    RECV_PARTS (pull, "second", NULL);
    RECV_PARTS (pull, "3rd", NULL);
    close_now (push);
    close_now (pull);
}

static void the_content_is_copied (void *context, const char *address)
{
    char first[100], second[50000];
    void *push, *pull;
    char *received = malloc (sizeof second);
    CHECK (received);
    memset (first, '1', sizeof first);
    memset (second, '2', sizeof second);
    struct iovec parts[] = {{first, sizeof first}, {second, sizeof second}};
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_sendiov (push, parts, 2, ZMQ_SNDMORE), sizeof second);
    memset (first, 'x', sizeof first);
    memset (second, 'x', sizeof second);
    CHECK_INT (recv_part (pull, received, sizeof second), sizeof first);
    CHECK (received[0] == '1' && received[sizeof first - 1] == '1');
    CHECK_INT (recv_part (pull, received, sizeof second), sizeof second);
    CHECK (received[0] == '2' && received[sizeof second - 1] == '2');
    free (received);
    close_now (push);
    close_now (pull);
}

static void check_entry (struct iovec *entry, const char *text)
{
    CHECK_INT (entry->iov_len, strlen (text));
    CHECK (memcmp (entry->iov_base, text, entry->iov_len) == 0);
    free (entry->iov_base);
}

static void a_message_is_read_into_the_array (void *context, const char *address)
{
    void *push, *pull;
    struct iovec parts[ROOM];
    size_t count = ROOM;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_parts (push, "one", "two", "three", NULL);
    send_text (push, "next", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recviov (pull, parts, &count, ZMQ_DONTWAIT), 3);
    CHECK_INT (count, 3);
    check_entry (&parts[0], "one");
    check_entry (&parts[1], "two");
    check_entry (&parts[2], "three");
    count = ROOM;
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recviov (pull, parts, &count, 0), 1);
    CHECK_INT (count, 1);
    check_entry (&parts[0], "next");
    close_now (push);
    close_now (pull);
}

static void the_rest_of_a_longer_message_stays (void *context, const char *address)
{
    void *push, *pull;
    struct iovec parts[ROOM];
    size_t count = 2;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_parts (push, "1", "2", "3", "4", "5", NULL);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recviov (pull, parts, &count, 0), 2);
    CHECK_INT (count, 2);
    check_entry (&parts[0], "1");
    check_entry (&parts[1], "2");
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 1);
    RECV_TEXT (pull, "3");
    count = ROOM;
    CHECK_INT (zmq_recviov (pull, parts, &count, 0), 2);
    CHECK_INT (count, 2);
    check_entry (&parts[0], "4");
    check_entry (&parts[1], "5");
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 0);
    close_now (push);
    close_now (pull);
}

static void what_was_sent_can_be_read (void *context, const char *address)
{
    enum { COUNT = 50 };
    void *push, *pull;
    char texts[COUNT][16];
    struct iovec sent[COUNT], received[COUNT];
    size_t count = COUNT;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < COUNT; i++) {
        snprintf (texts[i], sizeof texts[i], "part %d", i);
        sent[i] = part (texts[i]);
    }
    CHECK_INT (zmq_sendiov (push, sent, COUNT, ZMQ_SNDMORE), strlen (texts[COUNT - 1]));
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recviov (pull, received, &count, 0), COUNT);
    for (int i = 0; i < COUNT; i++)
        check_entry (&received[i], texts[i]);
    close_now (push);
    close_now (pull);
}

static void bad_arguments_are_refused (void *context)
{
    struct iovec parts[] = {part ("one"), part ("two")};
    size_t count = 2, none = 0;
    void *pair = new_socket (context, ZMQ_PAIR);
    CHECK_ERRNO (zmq_sendiov (NULL, parts, 2, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_sendiov (pair, NULL, 2, 0), EINVAL);
    CHECK_ERRNO (zmq_sendiov (pair, parts, 0, 0), EINVAL);
    CHECK_ERRNO (zmq_sendiov (pair, parts, 2, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_recviov (NULL, parts, &count, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_recviov (pair, NULL, &count, 0), EINVAL);
    CHECK_ERRNO (zmq_recviov (pair, parts, NULL, 0), EINVAL);
    CHECK_ERRNO (zmq_recviov (pair, parts, &none, 0), EINVAL);
    CHECK_ERRNO (zmq_recviov (pair, parts, &count, ZMQ_DONTWAIT), EAGAIN);
    CHECK_INT (count, 0);
    close_now (pair);
}

int main (void)
{
    begin_test ();
    over_transports (sent_with_sndmore_it_is_one_message);
    over_transports (sent_without_sndmore_it_is_many);
    over_transports (the_content_is_copied);
    over_transports (a_message_is_read_into_the_array);
    over_transports (the_rest_of_a_longer_message_stays);
    over_transports (what_was_sent_can_be_read);
    in_context (bad_arguments_are_refused);
    return 0;
}
