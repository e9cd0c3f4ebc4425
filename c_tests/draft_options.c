/* Draft options whose effect can be seen from outside: properties of the handshake, sizes of batches,
   options of the kernel's socket, and those of publishers and subscribers. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"
#include "raw_peer.h"

static void set_text (void *socket, int option, const char *text)
{
    CHECK_OK (zmq_setsockopt (socket, option, text, strlen (text)));
}

static void recv_bytes (void *socket, const char *bytes, int size)
{
    char buffer[64];
    CHECK_INT (recv_part (socket, buffer, sizeof buffer), size);
    CHECK (memcmp (buffer, bytes, (size_t) size) == 0);
}

/* The first value of a name is what the peer's messages carry. */
static void metadata_travels (void *context, const char *address)
{
    char endpoint[256];
    static const char *const wrong[] = {"X-name", "name:value", "X-name:", "X-a:", "", "x-a:value", ":value"};
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    zmq_msg_t message;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_ERRNO (zmq_setsockopt (push, ZMQ_METADATA, wrong[i], strlen (wrong[i])), EINVAL);
    set_text (push, ZMQ_METADATA, "X-color:green");
    set_text (push, ZMQ_METADATA, "X-color:red");
    set_text (push, ZMQ_METADATA, "X-shape:a:b");
    bind_to (pull, address, endpoint);
    connect_to (push, endpoint);
    send_text (push, "x", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    zmq_msg_init (&message);
    CHECK_INT (zmq_msg_recv (&message, pull, 0), 1);
    if (strncmp (address, "inproc", 6) == 0)
        CHECK (!zmq_msg_gets (&message, "X-color"));
    else {
        CHECK (strcmp (zmq_msg_gets (&message, "X-color"), "green") == 0);
        CHECK (strcmp (zmq_msg_gets (&message, "X-shape"), "a:b") == 0);
        CHECK (!zmq_msg_gets (&message, "x-color"));
    }
    zmq_msg_close (&message);
    close_now (push);
    close_now (pull);
}

/* A STREAM receives at most a batch at a time. */
static void batches_have_a_size (void *context)
{
    char endpoint[256], buffer[1024];
    void *stream = new_socket (context, ZMQ_STREAM);
    CHECK_INT (get_int (stream, ZMQ_IN_BATCH_SIZE), 8192);
    CHECK_INT (get_int (stream, ZMQ_OUT_BATCH_SIZE), 8192);
    set_int (stream, ZMQ_IN_BATCH_SIZE, 100);
    set_int (stream, ZMQ_OUT_BATCH_SIZE, 100);
    set_int (stream, ZMQ_STREAM_NOTIFY, 0);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint), received = 0;
    memset (buffer, 'x', sizeof buffer);
    raw_send (fd, buffer, sizeof buffer);
    while (received < (int) sizeof buffer) {
        char id[8];
        CHECK_INT (recv_part (stream, id, sizeof id), 5);
        int size = recv_part (stream, buffer, sizeof buffer);
        CHECK (size > 0 && size <= 100);
        received += size;
    }
    close (fd);
    close_now (stream);
}

/* What has come while there was no room is received in batches as large as is asked for. */
static void batches_may_be_large (void *context)
{
    enum { SENT = 300 * 1000, BEYOND = 160 * 1000 };
    static char bytes[2 * SENT];
    char endpoint[256], id[8];
    int received, largest = 0;
    void *stream = new_socket (context, ZMQ_STREAM);
    set_int (stream, ZMQ_IN_BATCH_SIZE, SENT);
    set_int (stream, ZMQ_STREAM_NOTIFY, 0);
    set_int (stream, ZMQ_RCVHWM, 1);
    set_int (stream, ZMQ_RCVBUF, SENT);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_connect (endpoint);
    /* The kernel may be slow to move them from the sender's buffer to the receiver's. */
    for (int round = 0; round < 100 && largest <= BEYOND; round++) {
        raw_send (fd, bytes, SENT);
        for (received = 0; received < SENT;) {
            CHECK_INT (recv_part (stream, id, sizeof id), 5);
            int size = recv_part (stream, bytes, sizeof bytes);
            received += size;
            largest = size > largest ? size : largest;
        }
        CHECK_INT (received, SENT);
    }
    if (largest <= BEYOND)
        FAIL ("%d bytes at most", largest);
    close (fd);
    close_now (stream);
}

/* SO_PRIORITY, SO_BUSY_POLL and SO_BINDTODEVICE, seen on the descriptor that a message came by. */
static void kernel_options_are_set (void *context)
{
    char endpoint[256], device[32] = "";
    int priority = 0, busy = 0, value;
    socklen_t size = sizeof (int);
    size_t buffer_size = sizeof device;
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    zmq_msg_t message;
    set_int (push, ZMQ_PRIORITY, 3);
    CHECK_INT (get_int (push, ZMQ_PRIORITY), 3);
    set_int (push, ZMQ_BUSY_POLL, 7);
    buffer_size = sizeof value;
    CHECK_ERRNO (zmq_getsockopt (push, ZMQ_BUSY_POLL, &value, &buffer_size), EINVAL);
    set_int (push, ZMQ_LOOPBACK_FASTPATH, -5);
    CHECK_INT (get_int (push, ZMQ_LOOPBACK_FASTPATH), 1);
    bind_to (push, "tcp://127.0.0.1:*", endpoint);
    set_int (pull, ZMQ_PRIORITY, 3);
    set_int (pull, ZMQ_BUSY_POLL, 7);
    set_text (pull, ZMQ_BINDTODEVICE, "lo");
    buffer_size = sizeof device;
    CHECK_OK (zmq_getsockopt (pull, ZMQ_BINDTODEVICE, device, &buffer_size));
    CHECK (strcmp (device, "lo") == 0);
    connect_to (pull, endpoint);
    send_text (push, "x", 0);
    if (!ready_within (pull, ZMQ_POLLIN, PATIENCE_MS))
        FAIL ("nothing came: may this user bind to a device?");
    zmq_msg_init (&message);
    CHECK_INT (zmq_msg_recv (&message, pull, 0), 1);
    int fd = zmq_msg_get (&message, ZMQ_SRCFD);
    CHECK_OK (getsockopt (fd, SOL_SOCKET, SO_PRIORITY, &priority, &size));
    CHECK_INT (priority, 3);
    size = sizeof (int);
    CHECK_OK (getsockopt (fd, SOL_SOCKET, SO_BUSY_POLL, &busy, &size));
    CHECK (busy == 7 || geteuid () != 0); /* raising it takes a privilege */
    size = sizeof device;
    memset (device, 0, sizeof device);
    CHECK_OK (getsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, device, &size));
    CHECK (strcmp (device, "lo") == 0);
    zmq_msg_close (&message);
    close_now (push);
    close_now (pull);
}

static void no_such_device (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    set_text (pull, ZMQ_BINDTODEVICE, "no-such-device");
    CHECK_ERRNO (zmq_bind (pull, "tcp://127.0.0.1:*"), ENODEV);
    CHECK_OK (zmq_setsockopt (pull, ZMQ_BINDTODEVICE, NULL, 0));
    CHECK_OK (zmq_bind (pull, "tcp://127.0.0.1:*"));
    close_now (pull);
}

/* The first message after a notice goes to nobody but the subscriber that it was about. */
static void last_value_goes_to_the_last (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = new_socket (context, ZMQ_XPUB), *one = new_socket (context, ZMQ_SUB);
    void *other = new_socket (context, ZMQ_SUB);
    set_int (xpub, ZMQ_XPUB_MANUAL_LAST_VALUE, 1);
    bind_to (xpub, address, endpoint);
    connect_to (one, endpoint);
    connect_to (other, endpoint);
    set_text (one, ZMQ_SUBSCRIBE, "A");
    RECV_TEXT (xpub, "\1A");
    set_text (xpub, ZMQ_SUBSCRIBE, "A");
    send_text (xpub, "A, the last value", 0);
    RECV_TEXT (one, "A, the last value");
    set_text (other, ZMQ_SUBSCRIBE, "A");
    RECV_TEXT (xpub, "\1A");
    set_text (xpub, ZMQ_SUBSCRIBE, "A");
    send_text (xpub, "A, the last value again", 0);
    send_text (xpub, "A, a new value", 0);
    RECV_TEXT (other, "A, the last value again");
    RECV_TEXT (other, "A, a new value");
    RECV_TEXT (one, "A, a new value");
    CHECK_QUIET (one);
    close_now (one);
    close_now (other);
    close_now (xpub);
}

static void topics_are_counted (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = new_socket (context, ZMQ_XPUB), *sub = new_socket (context, ZMQ_SUB);
    size_t size = sizeof (int);
    int count;
    void *push = new_socket (context, ZMQ_PUSH);
    CHECK_ERRNO (zmq_getsockopt (push, ZMQ_TOPICS_COUNT, &count, &size), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (xpub, ZMQ_TOPICS_COUNT, &count, sizeof count), EINVAL);
    bind_to (xpub, address, endpoint);
    connect_to (sub, endpoint);
    CHECK_INT (get_int (xpub, ZMQ_TOPICS_COUNT), 0);
    set_text (sub, ZMQ_SUBSCRIBE, "A");
    set_text (sub, ZMQ_SUBSCRIBE, "B");
    set_text (sub, ZMQ_SUBSCRIBE, "B");
    CHECK_INT (get_int (sub, ZMQ_TOPICS_COUNT), 3);
    RECV_TEXT (xpub, "\1A");
    RECV_TEXT (xpub, "\1B");
    CHECK_INT (get_int (xpub, ZMQ_TOPICS_COUNT), 2);
    set_text (sub, ZMQ_UNSUBSCRIBE, "A");
    recv_bytes (xpub, "\0A", 2);
    CHECK_INT (get_int (xpub, ZMQ_TOPICS_COUNT), 1);
    close_now (push);
    close_now (sub);
    close_now (xpub);
}

/* With the option, a message whose first part is no request has none in its further parts. */
static void only_the_first_part_decides (void *context)
{
    for (int only_first = 0; only_first < 2; only_first++) {
        void *xpub = new_socket (context, ZMQ_XPUB), *xsub = new_socket (context, ZMQ_XSUB);
        set_int (xpub, ZMQ_ONLY_FIRST_SUBSCRIBE, only_first);
        set_int (xsub, ZMQ_ONLY_FIRST_SUBSCRIBE, only_first);
        CHECK_OK (zmq_bind (xpub, "inproc://x"));
        connect_to (xsub, "inproc://x");
        send_parts (xsub, "data", "\1topic", NULL);
        if (only_first) {
            RECV_PARTS (xpub, "data", "\1topic", NULL);
            CHECK_INT (get_int (xpub, ZMQ_TOPICS_COUNT), 0);
        } else {
            CHECK (ready_within (xpub, ZMQ_POLLIN, PATIENCE_MS));
            CHECK_INT (get_int (xpub, ZMQ_TOPICS_COUNT), 1);
        }
        close_now (xsub);
        close_now (xpub);
    }
}

/* Cancellations that take nothing back go upstream, too. */
static void verbose_unsubscriptions (void *context)
{
    for (int verbose = 0; verbose < 2; verbose++) {
        void *xpub = new_socket (context, ZMQ_XPUB), *xsub = new_socket (context, ZMQ_XSUB);
        set_int (xpub, ZMQ_XPUB_VERBOSER, 1);
        set_int (xsub, ZMQ_XSUB_VERBOSE_UNSUBSCRIBE, verbose);
        CHECK_OK (zmq_bind (xpub, "inproc://x"));
        connect_to (xsub, "inproc://x");
        CHECK_INT (zmq_send (xsub, "\0B", 2, 0), 2);
        CHECK_INT (zmq_send (xsub, "\1A", 2, 0), 2);
        if (verbose)
            recv_bytes (xpub, "\0B", 2);
        recv_bytes (xpub, "\1A", 2);
        CHECK_QUIET (xpub);
        close_now (xsub);
        close_now (xpub);
    }
}

int main (void)
{
    begin_test ();
    over_transports (metadata_travels);
    in_context (batches_have_a_size);
    in_context (batches_may_be_large);
    in_context (kernel_options_are_set);
    in_context (no_such_device);
    over_transports (last_value_goes_to_the_last);
    over_transports (topics_are_counted);
    in_context (only_the_first_part_decides);
    in_context (verbose_unsubscriptions);
    return 0;
}
