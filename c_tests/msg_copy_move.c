/* zmq_msg_copy shares large content by reference and copies small content; zmq_msg_move transfers
   everything and empties its source; both release what the target held (zmq_msg_copy(3),
   zmq_msg_move(3), zmq_msg_get(3)). */

#include "testing.h"

/* Sizes up to 33 are always copied; those of 64 and more cannot fit a message object. */
static const size_t SIZES[] = {0, 1, 32, 33, 64, 65, 1000, 100000};
#define SIZE_COUNT ((int) (sizeof SIZES / sizeof *SIZES))

static void fill (zmq_msg_t *message, size_t size)
{
    CHECK_OK (zmq_msg_init_size (message, size));
    for (size_t i = 0; i < size; i++)
        ((char *) zmq_msg_data (message))[i] = (char) (i % 101);
}

static void check_filled (zmq_msg_t *message, size_t size)
{
    CHECK_INT (zmq_msg_size (message), size);
    for (size_t i = 0; i < size; i++)
        CHECK (((char *) zmq_msg_data (message))[i] == (char) (i % 101));
}

static void copies_are_equal_and_large_ones_shared (size_t size)
{
    int shared = size > 33;
    zmq_msg_t one, two, three;
    fill (&one, size);
    CHECK_OK (zmq_msg_init (&two));
    CHECK_OK (zmq_msg_init_size (&three, 300));
    CHECK_OK (zmq_msg_copy (&two, &one));
    CHECK_OK (zmq_msg_copy (&three, &two));
    zmq_msg_t *all[] = {&one, &two, &three};
    for (int i = 0; i < 3; i++) {
        check_filled (all[i], size);
        CHECK_INT (zmq_msg_get (all[i], ZMQ_SHARED), shared);
        CHECK_INT (zmq_msg_data (all[i]) == zmq_msg_data (&one), shared || i == 0);
    }
    CHECK_OK (zmq_msg_close (&one));
    check_filled (&two, size);
    CHECK_OK (zmq_msg_close (&two));
    check_filled (&three, size);
    CHECK_INT (zmq_msg_get (&three, ZMQ_SHARED), shared);
    CHECK_OK (zmq_msg_close (&three));
}

static void small_copies_are_independent (void)
{
    zmq_msg_t one, two;
    fill (&one, 20);
    CHECK_OK (zmq_msg_init (&two));
    CHECK_OK (zmq_msg_copy (&two, &one));
    memset (zmq_msg_data (&one), 'x', 20);
    check_filled (&two, 20);
    CHECK_OK (zmq_msg_close (&one));
    CHECK_OK (zmq_msg_close (&two));
}

static void moves_transfer_and_empty_the_source (size_t size)
{
    zmq_msg_t one, two;
    fill (&one, size);
    void *data = zmq_msg_data (&one);
    CHECK_OK (zmq_msg_init_size (&two, 500));
    CHECK_OK (zmq_msg_move (&two, &one));
    check_filled (&two, size);
    if (size >= 64)
        CHECK (zmq_msg_data (&two) == data);
    CHECK_INT (zmq_msg_get (&two, ZMQ_SHARED), 0);
    CHECK_INT (zmq_msg_size (&one), 0);
    CHECK_OK (zmq_msg_close (&one));
    CHECK_OK (zmq_msg_close (&two));
}

static void moves_keep_the_shared_mark (void)
{
    zmq_msg_t one, two, three;
    fill (&one, 1000);
    CHECK_OK (zmq_msg_init (&two));
    CHECK_OK (zmq_msg_init (&three));
    CHECK_OK (zmq_msg_copy (&two, &one));
    CHECK_OK (zmq_msg_move (&three, &two));
    CHECK_INT (zmq_msg_get (&three, ZMQ_SHARED), 1);
    CHECK_INT (zmq_msg_get (&two, ZMQ_SHARED), 0);
    CHECK (zmq_msg_data (&three) == zmq_msg_data (&one));
    CHECK_OK (zmq_msg_close (&one));
    CHECK_OK (zmq_msg_close (&two));
    CHECK_OK (zmq_msg_close (&three));
}

static void moving_onto_itself_empties (void)
{
    struct tally freed = EMPTY_TALLY;
    for (int i = 0; i < SIZE_COUNT; i++) {
        zmq_msg_t message;
        fill (&message, SIZES[i]);
        CHECK_OK (zmq_msg_move (&message, &message));
        CHECK_INT (zmq_msg_size (&message), 0);
        CHECK_OK (zmq_msg_close (&message));
    }
    zmq_msg_t owner;
    init_tallied (&owner, 100, 'x', &freed);
    CHECK_OK (zmq_msg_move (&owner, &owner));
    tally_reaches (&freed, 1);
    CHECK_INT (zmq_msg_size (&owner), 0);
    CHECK_OK (zmq_msg_close (&owner));
    tally_reaches (&freed, 1);
}

static void copying_onto_itself_leaves_an_invalid_object (void)
{
    for (int i = 0; i < SIZE_COUNT; i++) {
        zmq_msg_t message;
        fill (&message, SIZES[i]);
        zmq_msg_copy (&message, &message);
        CHECK_ERRNO (zmq_msg_close (&message), EFAULT);
    }
}

/* What the target held is released at once, by copy and by move. */
static void targets_release_their_content (void)
{
    struct tally freed = EMPTY_TALLY;
    zmq_msg_t source, target;
    fill (&source, 64);
    init_tallied (&target, 10, 'x', &freed);
    CHECK_OK (zmq_msg_copy (&target, &source));
    tally_reaches (&freed, 1);
    CHECK_OK (zmq_msg_close (&target));
    init_tallied (&target, 10, 'x', &freed);
    CHECK_OK (zmq_msg_move (&target, &source));
    tally_reaches (&freed, 2);
    CHECK_OK (zmq_msg_close (&target));
    CHECK_OK (zmq_msg_close (&source));
    tally_reaches (&freed, 2);
}

static void caller_owned_content_is_shared_whatever_its_size (void)
{
    struct tally freed = EMPTY_TALLY;
    for (int i = 0; i < SIZE_COUNT; i++) {
        zmq_msg_t one, two;
        void *data = init_tallied (&one, SIZES[i], 'y', &freed);
        CHECK_OK (zmq_msg_init (&two));
        CHECK_OK (zmq_msg_copy (&two, &one));
        CHECK (zmq_msg_data (&one) == data);
        CHECK (zmq_msg_data (&two) == data);
        CHECK_INT (zmq_msg_get (&one, ZMQ_SHARED), 1);
        CHECK_INT (zmq_msg_get (&two, ZMQ_SHARED), 1);
        CHECK_OK (zmq_msg_close (&one));
        CHECK_INT (tally_count (&freed), i);
        CHECK_INT (zmq_msg_size (&two), SIZES[i]);
        CHECK_OK (zmq_msg_close (&two));
        tally_reaches (&freed, i + 1);
    }
}

/* MORE goes along with copy and move. */
static void more_is_copied_and_moved (void *context)
{
    void *bound, *connected;
    connected_pair (context, "inproc://a", ZMQ_PAIR, &bound, ZMQ_PAIR, &connected);
    send_parts (connected, "first", "second", NULL);
    zmq_msg_t one, two, three;
    CHECK_OK (zmq_msg_init (&one));
    CHECK_OK (zmq_msg_init (&two));
    CHECK_OK (zmq_msg_init (&three));
    CHECK_INT (zmq_msg_recv (&one, bound, 0), 5);
    CHECK_INT (zmq_msg_more (&one), 1);
    CHECK_OK (zmq_msg_copy (&two, &one));
    CHECK_INT (zmq_msg_more (&one), 1);
    CHECK_INT (zmq_msg_more (&two), 1);
    CHECK_OK (zmq_msg_move (&three, &one));
    CHECK_INT (zmq_msg_more (&three), 1);
    CHECK_INT (zmq_msg_more (&one), 0);
    CHECK_INT (zmq_msg_recv (&two, bound, 0), 6);
    CHECK_INT (zmq_msg_more (&two), 0);
    CHECK_OK (zmq_msg_close (&one));
    CHECK_OK (zmq_msg_close (&two));
    CHECK_OK (zmq_msg_close (&three));
    close_now (bound);
    close_now (connected);
}

enum { THREADS = 4, ROUNDS = 2000 };
static zmq_msg_t shared_messages[THREADS];

static void *copy_and_close (void *message)
{
    for (int i = 0; i < ROUNDS; i++) {
        zmq_msg_t copy;
        CHECK_OK (zmq_msg_init (&copy));
        CHECK_OK (zmq_msg_copy (&copy, message));
        CHECK_INT (zmq_msg_size (&copy), 1000);
        CHECK (memchr (zmq_msg_data (&copy), 'z', 1000) == zmq_msg_data (&copy));
        CHECK_OK (zmq_msg_close (&copy));
    }
    CHECK_OK (zmq_msg_close (message));
    return NULL;
}

static void references_are_counted_across_threads (void)
{
    struct tally freed = EMPTY_TALLY;
    pthread_t threads[THREADS];
    init_tallied (&shared_messages[0], 1000, 'z', &freed);
    for (int i = 1; i < THREADS; i++) {
        CHECK_OK (zmq_msg_init (&shared_messages[i]));
        CHECK_OK (zmq_msg_copy (&shared_messages[i], &shared_messages[0]));
    }
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread (copy_and_close, &shared_messages[i]);
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
    tally_reaches (&freed, 1);
}

int main (void)
{
    begin_test ();
    for (int i = 0; i < SIZE_COUNT; i++) {
        copies_are_equal_and_large_ones_shared (SIZES[i]);
        moves_transfer_and_empty_the_source (SIZES[i]);
    }
    small_copies_are_independent ();
    moves_keep_the_shared_mark ();
    moving_onto_itself_empties ();
    copying_onto_itself_leaves_an_invalid_object ();
    targets_release_their_content ();
    caller_owned_content_is_shared_whatever_its_size ();
    in_context (more_is_copied_and_moved);
    references_are_counted_across_threads ();
    return 0;
}
