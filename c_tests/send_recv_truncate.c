/* zmq_send copies what it is given and returns its size; zmq_recv returns the size the part has,
   copies no more than fits and discards the rest (zmq_send(3), zmq_recv(3)). */

#include "testing.h"

static const size_t SIZES[] = {0,    1,    8,    32,   33,    34,    64,     65,      254,    255,
                               256,  257,  4095, 8191, 8192,  8193,  16384,  65535,   65536,  65537,
                               1 << 20, (5 << 20) + 3};
#define SIZE_COUNT ((int) (sizeof SIZES / sizeof *SIZES))
enum { LARGEST = (5 << 20) + 3 };

static unsigned char byte_at (size_t i, int round)
{
    return (unsigned char) (i * 31 + i / 251 + (size_t) round);
}

static void every_size_arrives (void *context, const char *address)
{
    void *push, *pull;
    unsigned char *sent = malloc (LARGEST), *received = malloc (LARGEST);
    CHECK (sent && received);
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int round = 0; round < SIZE_COUNT; round++) {
        for (size_t i = 0; i < SIZES[round]; i++)
            sent[i] = byte_at (i, round);
        CHECK_INT (zmq_send (push, sent, SIZES[round], 0), SIZES[round]);
        memset (sent, 0, SIZES[round]);
        CHECK_INT (recv_part (pull, received, LARGEST), SIZES[round]);
        for (size_t i = 0; i < SIZES[round]; i++)
            if (received[i] != byte_at (i, round))
                FAIL ("byte %zu of %zu is wrong", i, SIZES[round]);
    }
    free (sent);
    free (received);
    close_now (push);
    close_now (pull);
}

/* All sizes queued before the first is read, both ways, with several parts to a message. */
static void mixed_sizes_keep_their_order (void *context, const char *address)
{
    void *one, *two;
    unsigned char *buffer = calloc (1, LARGEST);
    CHECK (buffer);
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &two);
    for (int i = 0; i < SIZE_COUNT; i++) {
        memset (buffer, i, SIZES[i]);
        int flags = i + 1 < SIZE_COUNT && i % 3 ? ZMQ_SNDMORE : 0;
        CHECK_INT (zmq_send (one, buffer, SIZES[i], flags), SIZES[i]);
        CHECK_INT (zmq_send (two, buffer, SIZES[i], flags), SIZES[i]);
    }
    for (int i = 0; i < SIZE_COUNT; i++)
        for (int side = 0; side < 2; side++) {
            CHECK_INT (recv_part (side ? one : two, buffer, LARGEST), SIZES[i]);
            CHECK_INT (get_int (side ? one : two, ZMQ_RCVMORE), i + 1 < SIZE_COUNT && i % 3 != 0);
            if (SIZES[i]) {
                CHECK_INT (buffer[0], i);
                CHECK_INT (buffer[SIZES[i] - 1], i);
            }
        }
    free (buffer);
    close_now (one);
    close_now (two);
}

static void long_parts_are_cut_to_the_buffer (void *context, const char *address)
{
    static const size_t sizes[] = {10, 33, 100, 9000, 100000};
    void *push, *pull;
    char *text = malloc (100000), buffer[16];
    CHECK (text);
    memset (text, 't', 100000);
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    for (int i = 0; i < 5; i++)
        for (size_t room = 0; room < 10; room += 3) {
            memset (buffer, '.', sizeof buffer);
            CHECK_INT (zmq_send (push, text, sizes[i], 0), sizes[i]);
            CHECK_INT (recv_part (pull, buffer, room), sizes[i]);
            for (size_t k = 0; k < sizeof buffer; k++)
                CHECK_INT (buffer[k], k < room ? 't' : '.');
        }
    CHECK_INT (zmq_recv (pull, buffer, sizeof buffer, ZMQ_DONTWAIT), -1);
    free (text);
    close_now (push);
    close_now (pull);
}

/* What was cut off is gone: the next part is what follows. */
static void the_rest_is_discarded (void *context, const char *address)
{
    void *push, *pull;
    char buffer[4];
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_parts (push, "a long first part", "a long second part", NULL);
    send_text (push, "next", 0);
    CHECK_INT (recv_part (pull, buffer, sizeof buffer), 17);
    CHECK (memcmp (buffer, "a lo", 4) == 0);
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 1);
    CHECK_INT (recv_part (pull, buffer, sizeof buffer), 18);
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 0);
    RECV_TEXT (pull, "next");
    close_now (push);
    close_now (pull);
}

static void null_buffers_have_no_bytes (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_send (push, NULL, 0, 0), 0);
    CHECK_INT (recv_part (pull, NULL, 0), 0);
    CHECK_INT (zmq_send (push, NULL, 0, ZMQ_SNDMORE), 0);
    send_text (push, "skipped", 0);
    CHECK_INT (recv_part (pull, NULL, 0), 0);
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 1);
    CHECK_INT (recv_part (pull, NULL, 0), 7);
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 0);
    close_now (push);
    close_now (pull);
}

/* Bits other than DONTWAIT and SNDMORE do not matter. */
static void unknown_flags_are_ignored (void *context, const char *address)
{
    void *push, *pull;
    char buffer[8];
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_INT (zmq_send (push, "abc", 3, 0x7c), 3);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_recv (pull, buffer, sizeof buffer, 0x7c | ZMQ_DONTWAIT), 3);
    CHECK_INT (get_int (pull, ZMQ_RCVMORE), 0);
    CHECK_ERRNO (zmq_recv (pull, buffer, sizeof buffer, 0x7c | ZMQ_DONTWAIT), EAGAIN);
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    over_transports (every_size_arrives);
    over_transports (mixed_sizes_keep_their_order);
    over_transports (long_parts_are_cut_to_the_buffer);
    over_transports (the_rest_is_discarded);
    over_transports (null_buffers_have_no_bytes);
    over_transports (unknown_flags_are_ignored);
    return 0;
}
