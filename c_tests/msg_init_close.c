/* Message objects from zmq_msg_init and zmq_msg_init_size: their sizes and contents, that close
   makes them invalid, and that invalid objects are refused with EFAULT (zmq_msg_init(3),
   zmq_msg_init_size(3), zmq_msg_close(3)). */

#include "testing.h"

static const size_t SIZES[] = {
    0, 1, 29, 30, 31, 32, 33, 34, 35, 63, 64, 65, 66, 127, 128, 255, 256, 4096, 8191, 8192, 8193,
    65535, 65536, 100000, 1000000, 5000000};
#define SIZE_COUNT (sizeof SIZES / sizeof *SIZES)

static void check_sized (size_t size)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_size (&message, size));
    CHECK_INT (zmq_msg_size (&message), size);
    CHECK_INT (zmq_msg_more (&message), 0);
    CHECK_INT (zmq_msg_get (&message, ZMQ_SHARED), 0);
    unsigned char *data = zmq_msg_data (&message);
    CHECK (data);
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char) (i * 7 + size);
    CHECK (zmq_msg_data (&message) == data);
    CHECK_INT (zmq_msg_size (&message), size);
    for (size_t i = 0; i < size; i++)
        CHECK (data[i] == (unsigned char) (i * 7 + size));
    CHECK_OK (zmq_msg_close (&message));
    CHECK_ERRNO (zmq_msg_close (&message), EFAULT);
}

static void every_size_holds_its_bytes (void)
{
    for (size_t size = 0; size <= 70; size++)
        check_sized (size);
    for (size_t i = 0; i < SIZE_COUNT; i++)
        check_sized (SIZES[i]);
}

static void empty_message_has_no_bytes (void)
{
    zmq_msg_t message;
    memset (&message, 0xee, sizeof message);
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_size (&message), 0);
    CHECK_INT (zmq_msg_more (&message), 0);
    CHECK (zmq_msg_data (&message));
    CHECK_OK (zmq_msg_close (&message));
    CHECK_ERRNO (zmq_msg_close (&message), EFAULT);
}

static void objects_are_64_bytes_and_keep_within (void)
{
    CHECK_INT (sizeof (zmq_msg_t), 64);
    struct { unsigned char before[64]; zmq_msg_t message; unsigned char after[64]; } box;
    for (size_t size = 0; size <= 70; size++) {
        memset (&box, 0xa5, sizeof box);
        CHECK_OK (zmq_msg_init_size (&box.message, size));
        memset (zmq_msg_data (&box.message), 0x5a, size);
        CHECK_OK (zmq_msg_close (&box.message));
        for (size_t i = 0; i < 64; i++) {
            CHECK_INT (box.before[i], 0xa5);
            CHECK_INT (box.after[i], 0xa5);
        }
    }
}

static int is_inside (const void *pointer, const zmq_msg_t *message)
{
    const char *p = pointer, *m = (const char *) message;
    return p >= m && p < m + sizeof *message;
}

static void small_content_is_in_the_object_and_large_is_not (void)
{
    zmq_msg_t message;
    for (size_t size = 0; size <= 200; size++) {
        CHECK_OK (zmq_msg_init_size (&message, size));
        if (size <= 33)
            CHECK (is_inside (zmq_msg_data (&message), &message));
        if (size >= 64)
            CHECK (!is_inside (zmq_msg_data (&message), &message));
        CHECK_OK (zmq_msg_close (&message));
    }
}

static void objects_are_usable_again_after_close (void)
{
    zmq_msg_t message;
    for (int round = 0; round < 3; round++) {
        CHECK_OK (zmq_msg_init_size (&message, 20000));
        CHECK_OK (zmq_msg_close (&message));
        CHECK_OK (zmq_msg_init (&message));
        CHECK_OK (zmq_msg_close (&message));
        CHECK_OK (zmq_msg_init_size (&message, 12));
        CHECK_OK (zmq_msg_close (&message));
    }
}

static void arrays_of_messages_are_independent (void)
{
    enum { COUNT = 100 };
    zmq_msg_t *messages = malloc (COUNT * sizeof *messages);
    CHECK (messages);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK (zmq_msg_init_size (&messages[i], (size_t) i));
        memset (zmq_msg_data (&messages[i]), i, (size_t) i);
    }
    for (int i = 0; i < COUNT; i++) {
        unsigned char *data = zmq_msg_data (&messages[i]);
        CHECK_INT (zmq_msg_size (&messages[i]), i);
        for (int k = 0; k < i; k++)
            CHECK_INT (data[k], i);
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_OK (zmq_msg_close (&messages[i]));
    free (messages);
}

static void impossible_sizes_are_refused (void)
{
    zmq_msg_t message;
    CHECK_ERRNO (zmq_msg_init_size (&message, SIZE_MAX), ENOMEM);
    CHECK_ERRNO (zmq_msg_init_size (&message, SIZE_MAX - 8), ENOMEM);
    CHECK_ERRNO (zmq_msg_init_size (&message, SIZE_MAX / 4), ENOMEM);
}

/* Zeroed memory, a closed message: neither can be closed, copied, moved or received into. */
static void invalid_objects_are_refused (void *context)
{
    zmq_msg_t zeroed, closed, good;
    memset (&zeroed, 0, sizeof zeroed);
    CHECK_OK (zmq_msg_init_size (&closed, 100));
    CHECK_OK (zmq_msg_close (&closed));
    zmq_msg_t *invalid[] = {&zeroed, &closed};
    void *push, *pull;
    connected_pair (context, "inproc://a", ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "stays", 0);
    for (int i = 0; i < 2; i++) {
        CHECK_OK (zmq_msg_init_size (&good, 3));
        memcpy (zmq_msg_data (&good), "abc", 3);
        CHECK_ERRNO (zmq_msg_close (invalid[i]), EFAULT);
        CHECK_ERRNO (zmq_msg_copy (&good, invalid[i]), EFAULT);
        CHECK_ERRNO (zmq_msg_copy (invalid[i], &good), EFAULT);
        CHECK_ERRNO (zmq_msg_move (&good, invalid[i]), EFAULT);
        CHECK_ERRNO (zmq_msg_move (invalid[i], &good), EFAULT);
        CHECK_INT (zmq_msg_size (&good), 3);
        CHECK (memcmp (zmq_msg_data (&good), "abc", 3) == 0);
        CHECK_OK (zmq_msg_close (&good));
        if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6)) {
            CHECK_ERRNO (zmq_msg_send (invalid[i], push, 0), EFAULT);
            CHECK_ERRNO (zmq_sendmsg (push, invalid[i], 0), EFAULT);
        }
        CHECK_ERRNO (zmq_msg_recv (invalid[i], pull, 0), EFAULT);
        CHECK_ERRNO (zmq_recvmsg (pull, invalid[i], 0), EFAULT);
    }
    CHECK_ERRNO (zmq_msg_recv (NULL, pull, 0), EFAULT);
    CHECK_ERRNO (zmq_recvmsg (pull, NULL, 0), EFAULT);
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6)) {
        CHECK_ERRNO (zmq_msg_send (NULL, push, 0), EFAULT);
        CHECK_ERRNO (zmq_sendmsg (push, NULL, 0), EFAULT);
    }
    RECV_TEXT (pull, "stays");
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    every_size_holds_its_bytes ();
    empty_message_has_no_bytes ();
    objects_are_64_bytes_and_keep_within ();
    small_content_is_in_the_object_and_large_is_not ();
    objects_are_usable_again_after_close ();
    arrays_of_messages_are_independent ();
    impossible_sizes_are_refused ();
    in_context (invalid_objects_are_refused);
    return 0;
}
