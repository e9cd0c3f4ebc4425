/* Options of a context: defaults, which values are taken, which can be read, and what sockets
   inherit from them (zmq_ctx_set(3), zmq_ctx_get(3), options: section 4). */

#include "testing.h"
#include <limits.h>

struct option { const char *name; int number, initial, lowest; };
#define OPTION(name, initial, lowest) {#name, name, initial, lowest}

/* Options that can be set and read, with the lowest value they take. */
static const struct option OPTIONS[] = {
    OPTION (ZMQ_IO_THREADS, ZMQ_IO_THREADS_DFLT, 0),
    OPTION (ZMQ_MAX_SOCKETS, ZMQ_MAX_SOCKETS_DFLT, 1),
    OPTION (ZMQ_THREAD_SCHED_POLICY, ZMQ_THREAD_SCHED_POLICY_DFLT, 0),
    OPTION (ZMQ_MAX_MSGSZ, INT_MAX, 0),
    OPTION (ZMQ_IPV6, 0, 0),
    OPTION (ZMQ_BLOCKY, 1, 0),
};
#define OPTION_COUNT ((int) (sizeof OPTIONS / sizeof *OPTIONS))

static void macros_have_their_values (void)
{
    CHECK_INT (ZMQ_IO_THREADS_DFLT, 1);
    CHECK_INT (ZMQ_MAX_SOCKETS_DFLT, 1023);
    CHECK_INT (ZMQ_THREAD_PRIORITY_DFLT, -1);
    CHECK_INT (ZMQ_THREAD_SCHED_POLICY_DFLT, -1);
}

static void values_follow_their_rules (void *context)
{
    static const int values[] = {0, 1, -1, -2, 1, INT_MIN, 0, 1};
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        int current = option->initial;
        for (int k = 0; k < 8; k++) {
            if (zmq_ctx_get (context, option->number) != current)
                FAIL ("%s is %d, expected %d", option->name, zmq_ctx_get (context, option->number),
                      current);
            if (values[k] >= option->lowest) {
                CHECK_OK (zmq_ctx_set (context, option->number, values[k]));
                current = values[k];
            } else
                CHECK_ERRNO (zmq_ctx_set (context, option->number, values[k]), EINVAL);
        }
    }
}

static void larger_values_are_kept (void *context)
{
    static const int pairs[][2] = {{ZMQ_IO_THREADS, 7}, {ZMQ_MAX_SOCKETS, 100000},
                                   {ZMQ_MAX_MSGSZ, 12345}};
    for (int i = 0; i < 3; i++) {
        CHECK_OK (zmq_ctx_set (context, pairs[i][0], pairs[i][1]));
        CHECK_INT (zmq_ctx_get (context, pairs[i][0]), pairs[i][1]);
    }
}

static void some_can_only_be_read (void *context)
{
    CHECK_INT (zmq_ctx_get (context, ZMQ_SOCKET_LIMIT), 65535);
    CHECK_INT (zmq_ctx_get (context, ZMQ_MSG_T_SIZE), 64);
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_MSG_T_SIZE, 64), EINVAL);
}

/* Number 3 is read as the limit of sockets and set as the priority of threads. */
static void thread_priority_can_only_be_set (void *context)
{
    CHECK_OK (zmq_ctx_set (context, ZMQ_THREAD_PRIORITY, 0));
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_THREAD_PRIORITY, -1), EINVAL);
    CHECK_INT (zmq_ctx_get (context, ZMQ_THREAD_PRIORITY), 65535);
}

static void processors_can_be_added_and_removed (void *context)
{
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0), EINVAL);
    CHECK_OK (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_ADD, 0));
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_ADD, -1), EINVAL);
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 1), EINVAL);
    CHECK_OK (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0));
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_THREAD_AFFINITY_CPU_REMOVE, 0), EINVAL);
    CHECK_ERRNO (zmq_ctx_get (context, ZMQ_THREAD_AFFINITY_CPU_ADD), EINVAL);
    CHECK_ERRNO (zmq_ctx_get (context, ZMQ_THREAD_AFFINITY_CPU_REMOVE), EINVAL);
}

static void a_thread_name_may_be_a_number (void *context)
{
    CHECK_INT (zmq_ctx_get (context, ZMQ_THREAD_NAME_PREFIX), 0);
    CHECK_OK (zmq_ctx_set (context, ZMQ_THREAD_NAME_PREFIX, 1234));
    CHECK_INT (zmq_ctx_get (context, ZMQ_THREAD_NAME_PREFIX), 1234);
}

static void unknown_options_are_refused (void *context)
{
    static const int options[] = {-1, 0, 11, 41, 43, 69, 71, 9999, INT_MAX, INT_MIN};
    for (int i = 0; i < 10; i++) {
        CHECK_ERRNO (zmq_ctx_set (context, options[i], 1), EINVAL);
        CHECK_ERRNO (zmq_ctx_get (context, options[i]), EINVAL);
    }
}

/* Sockets made afterwards start with what the context says; the ones before keep what they had. */
static void sockets_inherit_ipv6_and_linger (void *context)
{
    void *before = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IPV6, 1));
    CHECK_OK (zmq_ctx_set (context, ZMQ_BLOCKY, 0));
    void *after = new_socket (context, ZMQ_DEALER);
    CHECK_INT (get_int (before, ZMQ_IPV6), 0);
    CHECK_INT (get_int (before, ZMQ_LINGER), -1);
    CHECK_INT (get_int (after, ZMQ_IPV6), 1);
    CHECK_INT (get_int (after, ZMQ_IPV4ONLY), 0);
    CHECK_INT (get_int (after, ZMQ_LINGER), 0);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IPV6, 0));
    CHECK_OK (zmq_ctx_set (context, ZMQ_BLOCKY, 1));
    void *last = new_socket (context, ZMQ_DEALER);
    CHECK_INT (get_int (last, ZMQ_IPV6), 0);
    CHECK_INT (get_int (last, ZMQ_LINGER), -1);
    CHECK_INT (get_int (after, ZMQ_IPV6), 1);
    CHECK_OK (zmq_close (before));
    CHECK_OK (zmq_close (after));
    CHECK_OK (zmq_close (last));
}

/* Without blocking termination an undelivered message does not hold it up. */
static void termination_need_not_block (void *context)
{
    CHECK_OK (zmq_ctx_set (context, ZMQ_BLOCKY, 0));
    void *push = new_socket (context, ZMQ_PUSH);
    connect_to (push, "ipc://@nobody-is-here");
    send_text (push, "never delivered", 0);
    CHECK_OK (zmq_close (push));
}

/* Options can be set at any time, also when the threads run already. */
static void late_changes_are_taken (void *context)
{
    void *socket = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 4));
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 4);
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 1));
    CHECK_INT (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), 1);
    void *second = new_socket (context, ZMQ_PAIR);
    close_now (socket);
    close_now (second);
}

static void the_old_names_work (void)
{
    void *context = zmq_init (3);
    CHECK (context);
    CHECK_INT (zmq_ctx_get (context, ZMQ_IO_THREADS), 3);
    CHECK_OK (zmq_term (context));
    context = zmq_init (0);
    CHECK (context);
    CHECK_OK (zmq_ctx_destroy (context));
    errno = 0;
    CHECK (zmq_init (-1) == NULL);
    CHECK_INT (errno, EINVAL);
}

int main (void)
{
    begin_test ();
    macros_have_their_values ();
    in_context (values_follow_their_rules);
    in_context (larger_values_are_kept);
    in_context (some_can_only_be_read);
    in_context (thread_priority_can_only_be_set);
    in_context (processors_can_be_added_and_removed);
    in_context (a_thread_name_may_be_a_number);
    in_context (unknown_options_are_refused);
    in_context (sockets_inherit_ipv6_and_linger);
    in_context (termination_need_not_block);
    in_context (late_changes_are_taken);
    the_old_names_work ();
    return 0;
}
