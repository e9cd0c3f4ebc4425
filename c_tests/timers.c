/* zmq_timers_*: repeating timers run by zmq_timers_execute in due order, their timeout, cancelling,
   resetting, changing the interval, and errors (zmq_timers (3)). */

#include "testing.h"

/* What the handlers did, in order. */
struct record {
    int ids[64], count;
};

static void note (int id, void *argument)
{
    struct record *record = argument;
    CHECK (record->count < 64);
    record->ids[record->count++] = id;
}

static int add (void *timers, size_t interval, struct record *record)
{
    int id = zmq_timers_add (timers, interval, note, record);
    CHECK (id > 0);
    return id;
}

/* Waits until the next timer is due. */
static void await_due (void *timers)
{
    long timeout;
    while ((timeout = zmq_timers_timeout (timers)) != 0) {
        CHECK (timeout > 0 && timeout < PATIENCE_MS);
        CHECK_INT (zmq_poll (NULL, 0, timeout), 0);
    }
}

static void *new_timers (void)
{
    void *timers = zmq_timers_new ();
    CHECK (timers);
    return timers;
}

static void destroy (void *timers)
{
    CHECK_OK (zmq_timers_destroy (&timers));
    CHECK (!timers);
}

static void no_timer_means_no_timeout (void)
{
    void *timers = new_timers ();
    CHECK_INT (zmq_timers_timeout (timers), -1);
    CHECK_OK (zmq_timers_execute (timers));
    destroy (timers);
}

static void ids_count_up (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    for (int i = 1; i <= 5; i++)
        CHECK_INT (zmq_timers_add (timers, 1000000, note, &record), i);
    CHECK_OK (zmq_timers_cancel (timers, 5));
    CHECK_INT (zmq_timers_add (timers, 1000000, note, &record), 6);
    destroy (timers);
    CHECK_INT (record.count, 0);
}

/* Not before its time, then every interval. */
static void a_timer_repeats (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    double start = now_ms ();
    int id = add (timers, 60, &record);
    for (int i = 1; i <= 4; i++) {
        while (record.count < i) {
            long timeout = zmq_timers_timeout (timers);
            CHECK (timeout >= 0 && timeout <= 60);
            CHECK_INT (zmq_poll (NULL, 0, timeout), 0);
            CHECK_OK (zmq_timers_execute (timers));
        }
        CHECK (now_ms () - start > 60 * i - 3);
        CHECK_INT (record.count, i);
        CHECK_INT (record.ids[i - 1], id);
    }
    destroy (timers);
}

/* Late execution fires once, and the next time is counted from there. */
static void lateness_does_not_accumulate (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    add (timers, 100, &record);
    CHECK_INT (zmq_poll (NULL, 0, 450), 0);
    CHECK_INT (zmq_timers_timeout (timers), 0);
    CHECK_OK (zmq_timers_execute (timers));
    CHECK_INT (record.count, 1);
    long timeout = zmq_timers_timeout (timers);
    CHECK (timeout >= 0 && timeout <= 100);
    destroy (timers);
}

static void due_timers_run_in_due_order (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    int last = add (timers, 90, &record), first = add (timers, 30, &record);
    int middle = add (timers, 60, &record), later = add (timers, 1000000, &record);
    CHECK (zmq_timers_timeout (timers) <= 30);
    CHECK_INT (zmq_poll (NULL, 0, 100), 0);
    CHECK_OK (zmq_timers_execute (timers));
    CHECK_INT (record.count, 3);
    CHECK_INT (record.ids[0], first);
    CHECK_INT (record.ids[1], middle);
    CHECK_INT (record.ids[2], last);
    CHECK (later != last);
    destroy (timers);
}

static void a_cancelled_timer_is_silent (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    int id = add (timers, 10, &record);
    CHECK_OK (zmq_timers_cancel (timers, id));
    CHECK_ERRNO (zmq_timers_cancel (timers, id), EINVAL);
    CHECK_INT (zmq_timers_timeout (timers), -1);
    CHECK_INT (zmq_poll (NULL, 0, 20), 0);
    CHECK_OK (zmq_timers_execute (timers));
    CHECK_INT (record.count, 0);
    CHECK_ERRNO (zmq_timers_reset (timers, id), EINVAL);
    CHECK_ERRNO (zmq_timers_set_interval (timers, id, 5), EINVAL);
    destroy (timers);
}

/* It can be reset until it would be the next one, to no effect. */
static void a_cancelled_timer_is_forgotten_when_its_turn_comes (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    int late = add (timers, 200000, &record);
    add (timers, 100000, &record);
    CHECK_OK (zmq_timers_cancel (timers, late));
    CHECK (zmq_timers_timeout (timers) > 50000);
    CHECK_OK (zmq_timers_execute (timers));
    CHECK_OK (zmq_timers_reset (timers, late));
    CHECK_ERRNO (zmq_timers_cancel (timers, late), EINVAL);
    CHECK_OK (zmq_timers_set_interval (timers, late, 1));
    CHECK (zmq_timers_timeout (timers) > 50000);
    CHECK_ERRNO (zmq_timers_reset (timers, late), EINVAL);
    CHECK_INT (record.count, 0);
    destroy (timers);
}

static void resetting_starts_the_interval_again (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    int id = add (timers, 200, &record);
    CHECK_INT (zmq_poll (NULL, 0, 120), 0);
    double reset = now_ms ();
    CHECK_OK (zmq_timers_reset (timers, id));
    await_due (timers);
    CHECK (now_ms () - reset > 197);
    CHECK_OK (zmq_timers_execute (timers));
    CHECK_INT (record.count, 1);
    destroy (timers);
}

static void the_interval_can_be_changed (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers ();
    int id = add (timers, 1000000, &record);
    CHECK (zmq_timers_timeout (timers) > 900000);
    double start = now_ms ();
    CHECK_OK (zmq_timers_set_interval (timers, id, 50));
    for (int i = 1; i <= 2; i++) {
        CHECK (zmq_timers_timeout (timers) <= 50);
        await_due (timers);
        CHECK (now_ms () - start > 50 * i - 3);
        CHECK_OK (zmq_timers_execute (timers));
        CHECK_INT (record.count, i);
    }
    destroy (timers);
}

/* Handlers may use the set they are called from. */
struct nested {
    void *timers;
    int runs, other;
    struct record record;
};

static void cancel_oneself_and_add (int id, void *argument)
{
    struct nested *nested = argument;
    nested->runs++;
    CHECK_OK (zmq_timers_cancel (nested->timers, id));
    nested->other = add (nested->timers, 20, &nested->record);
}

static void handlers_may_change_the_set (void)
{
    struct nested nested = {new_timers (), 0, 0, {{0}, 0}};
    CHECK_INT (zmq_timers_add (nested.timers, 10, cancel_oneself_and_add, &nested), 1);
    await_due (nested.timers);
    CHECK_OK (zmq_timers_execute (nested.timers));
    CHECK_INT (nested.runs, 1);
    CHECK_INT (nested.other, 2);
    await_due (nested.timers);
    CHECK_OK (zmq_timers_execute (nested.timers));
    CHECK_INT (nested.runs, 1);
    CHECK_INT (nested.record.count, 1);
    CHECK_INT (nested.record.ids[0], 2);
    destroy (nested.timers);
}

static void sets_are_independent (void)
{
    struct record one = {{0}, 0}, other = {{0}, 0};
    void *first = new_timers (), *second = new_timers ();
    add (first, 10, &one);
    CHECK_INT (add (second, 1000000, &other), 1);
    await_due (first);
    CHECK_OK (zmq_timers_execute (second));
    CHECK_OK (zmq_timers_execute (first));
    CHECK_INT (one.count, 1);
    CHECK_INT (other.count, 0);
    destroy (first);
    destroy (second);
}

static void bad_arguments_are_refused (void)
{
    struct record record = {{0}, 0};
    void *timers = new_timers (), *nothing = NULL;
    unsigned char zeros[256] = {0};
    CHECK_ERRNO (zmq_timers_add (timers, 10, NULL, NULL), EFAULT);
    CHECK_ERRNO (zmq_timers_cancel (timers, 1), EINVAL);
    CHECK_ERRNO (zmq_timers_reset (timers, 1), EINVAL);
    CHECK_ERRNO (zmq_timers_set_interval (timers, 1, 10), EINVAL);
    CHECK_ERRNO (zmq_timers_destroy (&nothing), EFAULT);
    for (int i = 0; i < 2; i++) {
        void *wrong = i ? (void *) zeros : NULL;
        CHECK_ERRNO (zmq_timers_add (wrong, 10, note, &record), EFAULT);
        CHECK_ERRNO (zmq_timers_cancel (wrong, 1), EFAULT);
        CHECK_ERRNO (zmq_timers_reset (wrong, 1), EFAULT);
        CHECK_ERRNO (zmq_timers_set_interval (wrong, 1, 10), EFAULT);
        CHECK_ERRNO (zmq_timers_timeout (wrong), EFAULT);
        CHECK_ERRNO (zmq_timers_execute (wrong), EFAULT);
    }
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
        CHECK_ERRNO (zmq_timers_destroy (NULL), EFAULT);
    destroy (timers);
}

int main (void)
{
    begin_test ();
    no_timer_means_no_timeout ();
    ids_count_up ();
    a_timer_repeats ();
    lateness_does_not_accumulate ();
    due_timers_run_in_due_order ();
    a_cancelled_timer_is_silent ();
    a_cancelled_timer_is_forgotten_when_its_turn_comes ();
    resetting_starts_the_interval_again ();
    the_interval_can_be_changed ();
    handlers_may_change_the_set ();
    sets_are_independent ();
    bad_arguments_are_refused ();
    return 0;
}
