/* zmq_socket_monitor_versioned and zmq_socket_monitor_pipes_stats (drafts): layouts, socket types of
   the stream, and errors. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

#include <inttypes.h>

#define MOST_VALUES 4

/* An event of version 2. */
struct report
{
    uint64_t event, count, values[MOST_VALUES];
    char local[256], remote[256];
};

static uint64_t recv_number (void *monitor)
{
    uint64_t number;
    CHECK_INT (recv_part (monitor, &number, sizeof number), sizeof number);
    CHECK_INT (get_int (monitor, ZMQ_RCVMORE), 1);
    return number;
}

static void recv_endpoint (void *monitor, char *endpoint, int more)
{
    int size = recv_part (monitor, endpoint, 255);
    CHECK (size >= 0 && size < 256);
    endpoint[size] = 0;
    CHECK_INT (get_int (monitor, ZMQ_RCVMORE), more);
}

static struct report recv_report (void *monitor)
{
    struct report report;
    memset (&report, 0, sizeof report);
    report.event = recv_number (monitor);
    report.count = recv_number (monitor);
    CHECK (report.count <= MOST_VALUES);
    for (uint64_t i = 0; i < report.count; i++)
        report.values[i] = recv_number (monitor);
    recv_endpoint (monitor, report.local, 1);
    recv_endpoint (monitor, report.remote, 0);
    return report;
}

static struct report await_report (void *monitor, uint64_t event)
{
    struct report report;
    do
        report = recv_report (monitor);
    while (report.event != event);
    return report;
}

static void *watch (void *context, void *socket, uint64_t events, int version, int type, int consumer)
{
    static int count;
    char address[64];
    snprintf (address, sizeof address, "inproc://monitor-%d", ++count);
    CHECK_OK (zmq_socket_monitor_versioned (socket, address, events, version, type));
    void *monitor = new_socket (context, consumer);
    if (consumer == ZMQ_SUB)
        CHECK_OK (zmq_setsockopt (monitor, ZMQ_SUBSCRIBE, "", 0));
    connect_to (monitor, address);
    return monitor;
}

static int is_event (uint64_t event, const struct report *report)
{
    CHECK_INT (report->event, event);
    CHECK_INT (report->count, 1);
    return 1;
}

/* What a listening socket says of a peer that comes, sends and goes. */
static void a_listener_reports (void *context, int type, int consumer)
{
    char endpoint[256], peer[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, pull, ZMQ_EVENT_ALL_V2, 2, type, consumer);
    struct report report;
    if (type == ZMQ_PUB) {
        /* It knows the consumer's subscription when it has looked: with the second event at the latest. */
        bind_to (pull, "tcp://127.0.0.1:*", endpoint);
        CHECK_OK (zmq_unbind (pull, endpoint));
        while (ready_within (monitor, ZMQ_POLLIN, QUIET_MS))
            recv_report (monitor);
    }
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_LISTENING, &report) && report.values[0] > 2);
    CHECK (strcmp (report.local, endpoint) == 0 && !*report.remote);
    connect_to (push, endpoint);
    report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_ACCEPTED, &report) && report.values[0] > 2);
    CHECK (strcmp (report.local, endpoint) == 0 && strncmp (report.remote, "tcp://127.0.0.1:", 16) == 0);
    strcpy (peer, report.remote);
    report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_HANDSHAKE_SUCCEEDED, &report) && report.values[0] == 0);
    CHECK (strcmp (report.local, endpoint) == 0 && strcmp (report.remote, peer) == 0);
    close_now (push);
    report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_DISCONNECTED, &report) && report.values[0] > 2);
    CHECK (strcmp (report.local, endpoint) == 0 && strcmp (report.remote, peer) == 0);
    CHECK_OK (zmq_socket_monitor (pull, NULL, 0));
    report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_MONITOR_STOPPED, &report) && report.values[0] == 0);
    CHECK (!*report.local && !*report.remote);
    close_now (monitor);
    close_now (pull);
}

static void listeners_report (void *context)
{
    a_listener_reports (context, ZMQ_PAIR, ZMQ_PAIR);
    a_listener_reports (context, ZMQ_PUSH, ZMQ_PULL);
    a_listener_reports (context, ZMQ_PUB, ZMQ_SUB);
}

/* An unconnected connecter has no local end. */
static void a_connecter_reports (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, push, ZMQ_EVENT_ALL_V2, 2, ZMQ_PAIR, ZMQ_PAIR);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    connect_to (push, endpoint);
    struct report report = recv_report (monitor);
    CHECK (is_event (ZMQ_EVENT_CONNECT_DELAYED, &report) && report.values[0] == EINPROGRESS);
    CHECK (!*report.local && strcmp (report.remote, endpoint) == 0);
    report = await_report (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    CHECK (strncmp (report.local, "tcp://127.0.0.1:", 16) == 0 && strcmp (report.remote, endpoint) == 0);
    CHECK_OK (zmq_socket_monitor (push, NULL, 0));
    close_now (monitor);
    close_now (push);
    close_now (pull);
}

static void version_one_is_as_ever (void *context)
{
    char endpoint[256], buffer[256];
    void *pull = new_socket (context, ZMQ_PULL);
    void *monitor = watch (context, pull, ZMQ_EVENT_LISTENING, 1, ZMQ_PUSH, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    CHECK_INT (recv_part (monitor, buffer, sizeof buffer), 6);
    CHECK_INT (buffer[0], ZMQ_EVENT_LISTENING);
    RECV_TEXT (monitor, endpoint);
    close_now (monitor);
    close_now (pull);
}

/* A version that does not exist is accepted, and says nothing. */
static void version_three_is_silent (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    void *monitor = watch (context, pull, ZMQ_EVENT_ALL_V2, 3, ZMQ_PAIR, ZMQ_PAIR);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    CHECK_OK (zmq_socket_monitor (pull, NULL, 0));
    CHECK_QUIET (monitor);
    close_now (monitor);
    close_now (pull);
}

static void bad_arguments (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *monitor;
    struct report report;
    CHECK_ERRNO (zmq_socket_monitor_versioned (NULL, "inproc://m", 1, 2, ZMQ_PAIR), ENOTSOCK);
    CHECK_ERRNO (zmq_socket_monitor_versioned (pull, "inproc://m", 0x10000, 1, ZMQ_PAIR), EINVAL);
    CHECK_ERRNO (zmq_socket_monitor_versioned (pull, "inproc", 1, 2, ZMQ_PAIR), EINVAL);
    CHECK_ERRNO (zmq_socket_monitor_versioned (pull, "tcp://127.0.0.1:*", 1, 2, ZMQ_PAIR), EPROTONOSUPPORT);
    static const int wrong[] = {ZMQ_SUB, ZMQ_REQ, ZMQ_REP, ZMQ_DEALER, ZMQ_ROUTER, ZMQ_PULL,
                                ZMQ_XPUB, ZMQ_XSUB, ZMQ_STREAM, -1, 99};
    monitor = watch (context, pull, ZMQ_EVENT_ALL_V2, 2, ZMQ_PAIR, ZMQ_PAIR);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_ERRNO (zmq_socket_monitor_versioned (pull, "inproc://m", 1, 2, wrong[i]), EINVAL);
    /* The running one was stopped before that was found. */
    report = recv_report (monitor);
    CHECK_INT (report.event, ZMQ_EVENT_MONITOR_STOPPED);
    CHECK_OK (zmq_socket_monitor_versioned (pull, "inproc://m", 1, 2, ZMQ_PAIR));
    close_now (monitor);
    close_now (pull);
}

static void queues_are_reported (void *context, const char *address)
{
    void *pull, *push, *monitor;
    struct report report;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    CHECK_ERRNO (zmq_socket_monitor_pipes_stats (NULL), ENOTSOCK);
    CHECK_ERRNO (zmq_socket_monitor_pipes_stats (pull), EINVAL);
    monitor = watch (context, pull, ZMQ_EVENT_ALL, 2, ZMQ_PAIR, ZMQ_PAIR);
    CHECK_ERRNO (zmq_socket_monitor_pipes_stats (pull), EINVAL);
    CHECK_OK (zmq_socket_monitor (pull, NULL, 0));
    close_now (monitor);

    for (int i = 0; i < 3; i++)
        send_text (push, "x", 0);
    RECV_TEXT (pull, "x");
    monitor = watch (context, pull, ZMQ_EVENT_PIPES_STATS, 2, ZMQ_PAIR, ZMQ_PAIR);
    double end = now_ms () + PATIENCE_MS;
    do {
        CHECK (now_ms () < end);
        CHECK_OK (zmq_socket_monitor_pipes_stats (pull));
        report = recv_report (monitor);
        CHECK_INT (report.event, ZMQ_EVENT_PIPES_STATS);
        CHECK_INT (report.count, 2);
        CHECK_INT (report.values[0], 0);
    } while (report.values[1] != 2);
    if (strncmp (address, "tcp", 3) == 0)
        CHECK (strncmp (report.local, "tcp://", 6) == 0 && strncmp (report.remote, "tcp://", 6) == 0);
    CHECK_QUIET (monitor);
    close_now (monitor);
    close_now (push);
    close_now (pull);
}

static void without_pipes (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH);
    void *monitor = watch (context, push, ZMQ_EVENT_PIPES_STATS, 2, ZMQ_PAIR, ZMQ_PAIR);
    CHECK_ERRNO (zmq_socket_monitor_pipes_stats (push), EAGAIN);
    /* To a peer that is not there, messages queue. */
    connect_to (push, "ipc:///tmp/nobody-binds-this");
    send_text (push, "x", 0);
    CHECK_OK (zmq_socket_monitor_pipes_stats (push));
    struct report report = recv_report (monitor);
    CHECK (report.values[0] == 1 && report.values[1] == 0);
    CHECK (!*report.local && strcmp (report.remote, "ipc:///tmp/nobody-binds-this") == 0);
    close_now (monitor);
    close_now (push);
}

int main (void)
{
    begin_test ();
    in_context (listeners_report);
    in_context (a_connecter_reports);
    in_context (version_one_is_as_ever);
    in_context (version_three_is_silent);
    in_context (bad_arguments);
    over_transports (queues_are_reported);
    in_context (without_pipes);
    return 0;
}
