/* A signal whose handler runs while send, recv or poll waits makes them return EINTR, with and without
   SA_RESTART; nothing is lost and the call can be made again. The library's own threads take no
   signals (zmq_send (3), zmq_recv (3), zmq_poll (3)). */

#include "testing.h"

#include <dirent.h>
#include <signal.h>

static volatile sig_atomic_t caught;

static void on_signal (int number)
{
    (void) number;
    caught++;
}

static void handle (int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    CHECK_OK (sigaction (SIGUSR1, &action, NULL));
}

static int wait_in_recv (void *socket)
{
    char text[16];
    return zmq_recv (socket, text, sizeof text, 0);
}

static int wait_in_msg_recv (void *socket)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init (&message));
    int result = zmq_msg_recv (&message, socket, 0), error = zmq_errno ();
    CHECK_OK (zmq_msg_close (&message));
    errno = error;
    return result;
}

static int wait_in_send (void *socket)
{
    return zmq_send (socket, "x", 1, 0);
}

static int wait_in_timed_poll (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    return zmq_poll (&item, 1, 10 * PATIENCE_MS);
}

static int wait_in_poll (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    return zmq_poll (&item, 1, -1);
}

static int wait_in_poll_of_a_descriptor (void *socket)
{
    int ends[2];
    (void) socket;
    CHECK_OK (pipe (ends));
    zmq_pollitem_t item = {NULL, ends[0], ZMQ_POLLIN, 0};
    int result = zmq_poll (&item, 1, -1), error = zmq_errno ();
    close (ends[0]);
    close (ends[1]);
    errno = error;
    return result;
}

struct waiting {
    int (*call) (void *socket);
    void *socket;
    struct tally ended;
};

static void *wait_for_a_signal (void *argument)
{
    struct waiting *waiting = argument;
    CHECK_ERRNO (waiting->call (waiting->socket), EINTR);
    tally_add (&waiting->ended);
    return NULL;
}

/* Signals the thread until its call has returned. */
static void signal_until_ended (pthread_t thread, struct tally *ended)
{
    double end = now_ms () + PATIENCE_MS;
    while (tally_count (ended) == 0) {
        const struct timespec pause = {0, 3000000};
        CHECK (now_ms () < end);
        CHECK_OK (pthread_kill (thread, SIGUSR1));
        nanosleep (&pause, NULL);
    }
    join_thread (thread);
}

static void waiting_calls_are_interrupted (void *context)
{
    static const struct {
        int (*call) (void *socket);
        int type;
    } rows[] = {{wait_in_recv, ZMQ_PULL},    {wait_in_msg_recv, ZMQ_DEALER},
                {wait_in_send, ZMQ_PUSH},    {wait_in_timed_poll, ZMQ_SUB},
                {wait_in_poll, ZMQ_ROUTER},  {wait_in_poll_of_a_descriptor, ZMQ_PULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct waiting waiting = {rows[i].call, new_socket (context, rows[i].type), EMPTY_TALLY};
        caught = 0;
        signal_until_ended (start_thread (wait_for_a_signal, &waiting), &waiting.ended);
        CHECK (caught > 0);
        close_now (waiting.socket);
    }
}

/* Counts interruptions until the message is there, and gives it. */
struct patient {
    void *socket;
    struct tally interrupted;
};

static void *receive_patiently (void *argument)
{
    struct patient *patient = argument;
    char text[16];
    int n;
    while ((n = zmq_recv (patient->socket, text, sizeof text, 0)) == -1) {
        CHECK_INT (zmq_errno (), EINTR);
        tally_add (&patient->interrupted);
    }
    CHECK_INT (n, 5);
    CHECK (memcmp (text, "after", 5) == 0);
    return NULL;
}

static void nothing_is_lost (void *context, const char *address)
{
    struct patient patient = {NULL, EMPTY_TALLY};
    void *push;
    double end = now_ms () + PATIENCE_MS;
    connected_pair (context, address, ZMQ_PULL, &patient.socket, ZMQ_PUSH, &push);
    pthread_t thread = start_thread (receive_patiently, &patient);
    while (tally_count (&patient.interrupted) < 3) {
        const struct timespec pause = {0, 3000000};
        CHECK (now_ms () < end);
        CHECK_OK (pthread_kill (thread, SIGUSR1));
        nanosleep (&pause, NULL);
    }
    send_text (push, "after", 0);
    join_thread (thread);
    close_now (push);
    close_now (patient.socket);
}

/* An interrupted send has sent nothing. */
static void an_interrupted_send_sends_nothing (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    struct waiting waiting = {wait_in_send, new_socket (context, ZMQ_PUSH), EMPTY_TALLY};
    signal_until_ended (start_thread (wait_for_a_signal, &waiting), &waiting.ended);
    CHECK_OK (zmq_bind (pull, "inproc://later"));
    connect_to (waiting.socket, "inproc://later");
    send_text (waiting.socket, "the only one", 0);
    RECV_TEXT (pull, "the only one");
    CHECK_QUIET (pull);
    close_now (waiting.socket);
    close_now (pull);
}

/* 1 when every thread but this one blocks the usual signals; counts those threads. */
static int others_block_signals (int *others)
{
    char path[320], line[256];
    int all = 1;
    DIR *tasks = opendir ("/proc/self/task");
    CHECK (tasks);
    *others = 0;
    for (struct dirent *task; (task = readdir (tasks));) {
        unsigned long long blocked = 0;
        const unsigned long long usual =
            1ull << (SIGUSR1 - 1) | 1ull << (SIGTERM - 1) | 1ull << (SIGINT - 1);
        if (task->d_name[0] == '.' || atoi (task->d_name) == gettid ())
            continue;
        snprintf (path, sizeof path, "/proc/self/task/%s/status", task->d_name);
        FILE *file = fopen (path, "r");
        if (!file)
            continue;
        while (fgets (line, sizeof line, file))
            if (sscanf (line, "SigBlk: %llx", &blocked) == 1)
                break;
        fclose (file);
        all &= (blocked & usual) == usual;
        ++*others;
    }
    closedir (tasks);
    return all;
}

/* A thread does so soon after its start. */
static void library_threads_block_signals (void *context)
{
    int others;
    double end = now_ms () + PATIENCE_MS;
    void *socket = new_socket (context, ZMQ_PULL);
    while (!others_block_signals (&others))
        CHECK (now_ms () < end);
    CHECK (others >= 1);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    for (int flags = 0; flags <= 1; flags++) {
        handle (flags ? SA_RESTART : 0);
        in_context (waiting_calls_are_interrupted);
        over_transports (nothing_is_lost);
        in_context (an_interrupted_send_sends_nothing);
    }
    in_context (library_threads_block_signals);
    return 0;
}
