/* What every C test here uses: checks that say where they failed, a watchdog instead of hanging,
   endpoints nobody else has, and waits that end on an event.

   A test is one program about one subject: `int main` calls functions that CHECK; it exits 0 when
   all hold and 77 when what it needs is missing on this machine (`SKIP`). Programs run in parallel,
   on either library, so nothing here assumes a port, a working directory or an implementation. */

#ifndef TESTING_H
#define TESTING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* How long an event that must come may take before the test gives up: generous, as machines that
   run many tests at once can be slow. Never a time that a passing test spends. */
#define PATIENCE_MS 20000

/* How long something that must *not* happen is looked for. */
#define QUIET_MS 150

#define FAIL(...)                                                                                  \
    do {                                                                                           \
        fprintf (stderr, "%s:%d: ", __FILE__, __LINE__);                                           \
        fprintf (stderr, __VA_ARGS__);                                                             \
        fputc ('\n', stderr);                                                                      \
        exit (1);                                                                                  \
    } while (0)

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            FAIL ("failed: %s (errno %d, %s)", #condition, zmq_errno (), zmq_strerror (zmq_errno ())); \
    } while (0)

/* Both sides as long, printed when they differ. */
#define CHECK_INT(expression, expected)                                                            \
    do {                                                                                           \
        long got_ = (long) (expression), want_ = (long) (expected);                                \
        if (got_ != want_)                                                                         \
            FAIL ("%s is %ld, expected %ld (errno %d, %s)", #expression, got_, want_,              \
                  zmq_errno (), zmq_strerror (zmq_errno ()));                                      \
    } while (0)

/* The call succeeds, returning 0. */
#define CHECK_OK(call) CHECK_INT (call, 0)

/* The call returns -1 and sets errno to `error`. */
#define CHECK_ERRNO(call, error)                                                                   \
    do {                                                                                           \
        errno = 0;                                                                                 \
        long got_ = (long) (call);                                                                 \
        int errno_ = zmq_errno ();                                                                 \
        if (got_ != -1 || errno_ != (error))                                                       \
            FAIL ("%s is %ld with errno %d (%s), expected -1 with %d (%s)", #call, got_, errno_,   \
                  zmq_strerror (errno_), (error), zmq_strerror (error));                           \
    } while (0)

#define SKIP(...)                                                                                  \
    do {                                                                                           \
        fprintf (stderr, "skipped: " __VA_ARGS__);                                                 \
        fputc ('\n', stderr);                                                                      \
        exit (77);                                                                                 \
    } while (0)

/* Every test starts with this: a test that hangs dies of SIGALRM and so fails. */
static inline void begin_test (void)
{
    alarm (90);
    setvbuf (stderr, NULL, _IOLBF, 0);
}

static inline double now_ms (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

/* The library under test counts as 40306 or more when it is ours, 40304 on Debian's reference. */
static inline int library_version (void)
{
    int major, minor, patch;
    zmq_version (&major, &minor, &patch);
    return ZMQ_MAKE_VERSION (major, minor, patch);
}

/* ---- sockets ---- */

static inline void *new_socket (void *context, int type)
{
    void *socket = zmq_socket (context, type);
    if (!socket)
        FAIL ("zmq_socket (%d): %s", type, zmq_strerror (zmq_errno ()));
    return socket;
}

static inline void set_int (void *socket, int option, int value)
{
    if (zmq_setsockopt (socket, option, &value, sizeof value) != 0)
        FAIL ("setsockopt (%d, %d): %s", option, value, zmq_strerror (zmq_errno ()));
}

static inline int get_int (void *socket, int option)
{
    int value = 0;
    size_t size = sizeof value;
    if (zmq_getsockopt (socket, option, &value, &size) != 0)
        FAIL ("getsockopt (%d): %s", option, zmq_strerror (zmq_errno ()));
    return value;
}

/* Binds and returns the real endpoint (wildcards resolved) in `endpoint`, of at least 256 bytes. */
static inline void bind_to (void *socket, const char *address, char *endpoint)
{
    size_t size = 256;
    if (zmq_bind (socket, address) != 0)
        FAIL ("zmq_bind (%s): %s", address, zmq_strerror (zmq_errno ()));
    CHECK_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
}

static inline void connect_to (void *socket, const char *endpoint)
{
    if (zmq_connect (socket, endpoint) != 0)
        FAIL ("zmq_connect (%s): %s", endpoint, zmq_strerror (zmq_errno ()));
}

/* The transports of one test body: a wildcard bind address for each, and `inproc` by a fixed name,
   since every test has a context of its own. */
static const char *const TRANSPORTS[] = {"inproc://the-endpoint", "tcp://127.0.0.1:*", "ipc://*"};
#define TRANSPORT_COUNT ((int) (sizeof TRANSPORTS / sizeof *TRANSPORTS))

/* A socket of `bound` type bound to `address` and one of `connected` type connected to it. */
static inline void connected_pair (void *context, const char *address, int bound_type, void **bound,
                                   int connected_type, void **connected)
{
    char endpoint[256];
    *bound = new_socket (context, bound_type);
    *connected = new_socket (context, connected_type);
    bind_to (*bound, address, endpoint);
    connect_to (*connected, endpoint);
}

/* Closes without waiting for undelivered messages. */
static inline void close_now (void *socket)
{
    set_int (socket, ZMQ_LINGER, 0);
    CHECK_OK (zmq_close (socket));
}

/* ---- messages ---- */

static inline void send_text (void *socket, const char *text, int flags)
{
    int sent = zmq_send (socket, text, strlen (text), flags);
    if (sent != (int) strlen (text))
        FAIL ("sending '%s' returned %d: %s", text, sent, zmq_strerror (zmq_errno ()));
}

/* Sends a multipart message: texts up to a NULL. */
static inline void send_parts (void *socket, const char *first, ...)
{
    va_list rest;
    va_start (rest, first);
    for (const char *part = first; part;) {
        const char *next = va_arg (rest, const char *);
        send_text (socket, part, next ? ZMQ_SNDMORE : 0);
        part = next;
    }
    va_end (rest);
}

/* 1 when one of `events` (ZMQ_POLLIN, ZMQ_POLLOUT) is there within `ms`. */
static inline int ready_within (void *socket, short events, long ms)
{
    zmq_pollitem_t item = {socket, 0, events, 0};
    int n = zmq_poll (&item, 1, ms);
    if (n < 0)
        FAIL ("zmq_poll: %s", zmq_strerror (zmq_errno ()));
    return n > 0;
}

/* Waits for the next part and checks that it is `text`. */
#define RECV_TEXT(socket, text) recv_text_at (socket, text, __FILE__, __LINE__)
static inline void recv_text_at (void *socket, const char *text, const char *file, int line)
{
    char buffer[4096];
    if (!ready_within (socket, ZMQ_POLLIN, PATIENCE_MS)) {
        fprintf (stderr, "%s:%d: nothing came, expected '%s'\n", file, line, text);
        exit (1);
    }
    int n = zmq_recv (socket, buffer, sizeof buffer, ZMQ_DONTWAIT);
    if (n != (int) strlen (text) || memcmp (buffer, text, (size_t) n) != 0) {
        fprintf (stderr, "%s:%d: received %d bytes '%.*s', expected '%s'\n", file, line, n,
                 n < 0 ? 0 : n, buffer, text);
        exit (1);
    }
}

/* Waits for a whole multipart message: texts up to a NULL, in order, and no part more. */
#define RECV_PARTS(socket, ...) recv_parts_at (socket, __FILE__, __LINE__, __VA_ARGS__)
static inline void recv_parts_at (void *socket, const char *file, int line, const char *first, ...)
{
    va_list rest;
    va_start (rest, first);
    for (const char *part = first; part;) {
        const char *next = va_arg (rest, const char *);
        recv_text_at (socket, part, file, line);
        if (get_int (socket, ZMQ_RCVMORE) != (next != NULL)) {
            fprintf (stderr, "%s:%d: RCVMORE is wrong after '%s'\n", file, line, part);
            exit (1);
        }
        part = next;
    }
    va_end (rest);
}

/* Nothing to receive for a moment. */
#define CHECK_QUIET(socket) CHECK (!ready_within (socket, ZMQ_POLLIN, QUIET_MS))

/* ---- files ---- */

/* A fresh ipc endpoint, `ipc://` and a path in a private directory, for `ipc_done` to remove. */
static inline void ipc_endpoint (char *endpoint, size_t size)
{
    char directory[] = "/tmp/zmq-test-XXXXXX";
    CHECK (mkdtemp (directory));
    snprintf (endpoint, size, "ipc://%s/socket", directory);
}

static inline void ipc_done (const char *endpoint)
{
    char path[256];
    snprintf (path, sizeof path, "%s", endpoint + strlen ("ipc://"));
    unlink (path);
    *strrchr (path, '/') = 0;
    rmdir (path);
}

/* ---- shapes of whole tests ---- */

/* Named by a failing exit, so that the body run for every transport says where it was. */
static const char *current_address_ = NULL;

static inline void name_current_address_ (void)
{
    if (current_address_)
        fprintf (stderr, "  (over %s)\n", current_address_);
}

/* Runs `body` once in a context of its own, then terminates that. */
static inline void in_context (void (*body) (void *context))
{
    void *context = zmq_ctx_new ();
    CHECK (context);
    body (context);
    CHECK_OK (zmq_ctx_term (context));
}

/* Runs `body` for every transport, each time in a context of its own. */
static inline void over_transports (void (*body) (void *context, const char *address))
{
    static int registered;
    if (!registered++)
        atexit (name_current_address_);
    for (int i = 0; i < TRANSPORT_COUNT; i++) {
        void *context = zmq_ctx_new ();
        CHECK (context);
        current_address_ = TRANSPORTS[i];
        body (context, TRANSPORTS[i]);
        CHECK_OK (zmq_ctx_term (context));
    }
    current_address_ = NULL;
}

/* Waits for the next part, whatever its bytes, and returns its size. */
static inline int recv_part (void *socket, void *buffer, size_t size)
{
    if (!ready_within (socket, ZMQ_POLLIN, PATIENCE_MS))
        FAIL ("nothing came");
    int n = zmq_recv (socket, buffer, size, ZMQ_DONTWAIT);
    if (n < 0)
        FAIL ("zmq_recv: %s", zmq_strerror (zmq_errno ()));
    return n;
}

/* Returns once `publisher` has every subscription `subscriber` (SUB) made so far: whatever is sent
   next is filtered by them. Leaves nothing to receive. Topics must not begin with '~'. An XPUB is
   sure to have taken back the old ones, too; its notices are read. */
static inline void await_subscriptions (void *publisher, void *subscriber)
{
    static int calls;
    char topic[32], text[64], last[64];
    snprintf (topic, sizeof topic, "~await %d:", calls++);
    CHECK_OK (zmq_setsockopt (subscriber, ZMQ_SUBSCRIBE, topic, strlen (topic)));
    while (get_int (publisher, ZMQ_TYPE) == ZMQ_XPUB) {
        int size = recv_part (publisher, text, sizeof text);
        if (size == 1 + (int) strlen (topic) && memcmp (text + 1, topic, strlen (topic)) == 0)
            break;
    }
    double end = now_ms () + PATIENCE_MS;
    int round = 0;
    do {
        CHECK (now_ms () < end);
        snprintf (last, sizeof last, "%s%d", topic, round++);
        send_text (publisher, last, 0);
    } while (!ready_within (subscriber, ZMQ_POLLIN, 5));
    int n;
    do {
        n = recv_part (subscriber, text, sizeof text);
    } while (n != (int) strlen (last) || memcmp (text, last, (size_t) n) != 0);
    CHECK_OK (zmq_setsockopt (subscriber, ZMQ_UNSUBSCRIBE, topic, strlen (topic)));
}

/* Things counted in any thread, and waited for. */
struct tally
{
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int count;
};
#define EMPTY_TALLY {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

static inline void tally_add (struct tally *tally)
{
    pthread_mutex_lock (&tally->lock);
    tally->count++;
    pthread_cond_broadcast (&tally->changed);
    pthread_mutex_unlock (&tally->lock);
}

static inline int tally_count (struct tally *tally)
{
    pthread_mutex_lock (&tally->lock);
    int count = tally->count;
    pthread_mutex_unlock (&tally->lock);
    return count;
}

/* Waits for the count to get to `count`, and checks that it is not past it. */
static inline void tally_reaches (struct tally *tally, int count)
{
    struct timespec end;
    clock_gettime (CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock (&tally->lock);
    while (tally->count < count && pthread_cond_timedwait (&tally->changed, &tally->lock, &end) == 0)
        ;
    int reached = tally->count;
    pthread_mutex_unlock (&tally->lock);
    CHECK_INT (reached, count);
}

/* A zmq_free_fn whose hint is a tally: counts, and frees the data. */
static inline void tally_free (void *data, void *hint)
{
    free (data);
    tally_add (hint);
}

/* Makes `message` own `size` bytes of `fill` that are freed into `tally`; returns the bytes. */
static inline void *init_tallied (zmq_msg_t *message, size_t size, char fill, struct tally *tally)
{
    char *data = malloc (size ? size : 1);
    CHECK (data);
    memset (data, fill, size);
    CHECK_OK (zmq_msg_init_data (message, data, size, tally_free, tally));
    return data;
}

/* ---- threads ---- */

static inline pthread_t start_thread (void *(*body) (void *), void *argument)
{
    pthread_t thread;
    CHECK_OK (pthread_create (&thread, NULL, body, argument));
    return thread;
}

/* Waits for the end of a thread and returns what it returned. */
static inline void *join_thread (pthread_t thread)
{
    void *result;
    CHECK_OK (pthread_join (thread, &result));
    return result;
}

/* Waits until a thread of this process, known by its gettid (), sleeps in the kernel: a call it was
   about to make has blocked. */
static inline void await_asleep (pid_t thread)
{
    char path[64], line[512];
    double end = now_ms () + PATIENCE_MS;
    snprintf (path, sizeof path, "/proc/self/task/%d/stat", (int) thread);
    for (char state = 0; state != 'S';) {
        CHECK (now_ms () < end);
        FILE *file = fopen (path, "r");
        CHECK (file && fgets (line, sizeof line, file));
        fclose (file);
        state = strrchr (line, ')')[2];
    }
}

/* ---- publish-subscribe ---- */

static inline void subscribe (void *sub, const char *topic)
{
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, topic, strlen (topic)));
}

static inline void unsubscribe (void *sub, const char *topic)
{
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, topic, strlen (topic)));
}

/* Waits for the next notice an XPUB reads: byte `sign`, 1 or 0, and the topic. */
#define CHECK_NOTICE(xpub, sign, topic) check_notice_at (xpub, sign, topic, __FILE__, __LINE__)
static inline void check_notice_at (void *xpub, char sign, const char *topic, const char *file,
                                    int line)
{
    char notice[256];
    int size = recv_part (xpub, notice, sizeof notice);
    if (size != 1 + (int) strlen (topic) || notice[0] != sign
        || memcmp (notice + 1, topic, strlen (topic)) != 0) {
        fprintf (stderr, "%s:%d: notice %d '%.*s' of %d bytes, expected %d '%s'\n", file, line,
                 notice[0], size > 0 ? size - 1 : 0, notice + 1, size, sign, topic);
        exit (1);
    }
    CHECK_INT (get_int (xpub, ZMQ_RCVMORE), 0);
}

/* ---- proxies ---- */

/* One proxy in a thread of its own; the sockets bind to inproc names and are closed when it ends. */
struct relay
{
    void *frontend, *backend, *capture, *control;
    int device, result, error;
    pthread_t thread;
};

static inline void *run_relay_ (void *argument)
{
    struct relay *relay = argument;
    if (relay->device)
        relay->result = zmq_device (relay->device, relay->frontend, relay->backend);
    else if (relay->control)
        relay->result = zmq_proxy_steerable (relay->frontend, relay->backend, relay->capture,
                                             relay->control);
    else
        relay->result = zmq_proxy (relay->frontend, relay->backend, relay->capture);
    relay->error = zmq_errno ();
    return NULL;
}

/* Makes the two sockets, bound to inproc://frontend and inproc://backend, and starts the proxy;
   `capture`, `control` and `device` are as the caller has set them. */
static inline void start_relay (struct relay *relay, void *context, int frontend, int backend)
{
    relay->frontend = new_socket (context, frontend);
    relay->backend = new_socket (context, backend);
    CHECK_OK (zmq_bind (relay->frontend, "inproc://frontend"));
    CHECK_OK (zmq_bind (relay->backend, "inproc://backend"));
    relay->thread = start_thread (run_relay_, relay);
}

/* Waits for the end of the proxy, which must give `result` and, if that is -1, `error`. */
static inline void end_relay (struct relay *relay, int result, int error)
{
    void *sockets[] = {relay->frontend, relay->backend, relay->capture, relay->control};
    join_thread (relay->thread);
    CHECK_INT (relay->result, result);
    if (result == -1)
        CHECK_INT (relay->error, error);
    for (int i = 0; i < 4; i++)
        if (sockets[i])
            CHECK_OK (zmq_close (sockets[i]));
}

#endif
