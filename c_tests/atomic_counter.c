/* zmq_atomic_counter_*: inc gives the old value, dec tells whether something is left, and threads do
   not lose each other's steps (zmq_atomic_counter_new (3)). */

#include "testing.h"

#include <limits.h>

static void one_thread_counts (void)
{
    void *counter = zmq_atomic_counter_new ();
    CHECK (counter);
    CHECK_INT (zmq_atomic_counter_value (counter), 0);
    CHECK_INT (zmq_atomic_counter_inc (counter), 0);
    CHECK_INT (zmq_atomic_counter_inc (counter), 1);
    CHECK_INT (zmq_atomic_counter_inc (counter), 2);
    CHECK_INT (zmq_atomic_counter_value (counter), 3);
    CHECK_INT (zmq_atomic_counter_dec (counter), 1);
    CHECK_INT (zmq_atomic_counter_dec (counter), 1);
    CHECK_INT (zmq_atomic_counter_dec (counter), 0);
    CHECK_INT (zmq_atomic_counter_value (counter), 0);
    zmq_atomic_counter_destroy (&counter);
    CHECK (!counter);
}

/* Zero is special, being below it is not. */
static void dec_tells_of_zero_alone (void)
{
    void *counter = zmq_atomic_counter_new ();
    CHECK_INT (zmq_atomic_counter_dec (counter), 1);
    CHECK_INT (zmq_atomic_counter_value (counter), -1);
    CHECK_INT (zmq_atomic_counter_dec (counter), 1);
    CHECK_INT (zmq_atomic_counter_inc (counter), -2);
    CHECK_INT (zmq_atomic_counter_inc (counter), -1);
    CHECK_INT (zmq_atomic_counter_value (counter), 0);
    zmq_atomic_counter_destroy (&counter);
}

static void values_are_set (void)
{
    static const int values[] = {5, -7, 0, INT_MAX, INT_MIN};
    void *counter = zmq_atomic_counter_new ();
    for (int i = 0; i < 5; i++) {
        zmq_atomic_counter_set (counter, values[i]);
        CHECK_INT (zmq_atomic_counter_value (counter), values[i]);
    }
    zmq_atomic_counter_set (counter, INT_MAX);
    CHECK_INT (zmq_atomic_counter_inc (counter), INT_MAX);
    CHECK_INT (zmq_atomic_counter_value (counter), INT_MIN);
    zmq_atomic_counter_destroy (&counter);
}

enum { THREADS = 4, STEPS = 50000 };

static void *count_up (void *counter)
{
    for (int i = 0; i < STEPS; i++)
        zmq_atomic_counter_inc (counter);
    return NULL;
}

/* Returns counter if one of its steps came to zero. */
static void *count_down (void *counter)
{
    void *zero = NULL;
    for (int i = 0; i < STEPS; i++)
        if (zmq_atomic_counter_dec (counter) == 0)
            zero = counter;
    return zero;
}

static void threads_count_together (void)
{
    pthread_t threads[THREADS];
    int zeros = 0;
    void *counter = zmq_atomic_counter_new ();
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread (count_up, counter);
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
    CHECK_INT (zmq_atomic_counter_value (counter), THREADS * STEPS);
    for (int i = 0; i < THREADS; i++)
        threads[i] = start_thread (count_down, counter);
    for (int i = 0; i < THREADS; i++)
        zeros += join_thread (threads[i]) != NULL;
    CHECK_INT (zeros, 1);
    CHECK_INT (zmq_atomic_counter_value (counter), 0);
    zmq_atomic_counter_destroy (&counter);
}

int main (void)
{
    begin_test ();
    one_thread_counts ();
    dec_tells_of_zero_alone ();
    values_are_set ();
    threads_count_together ();
    return 0;
}
