/* Every function tells a handle that is none: sockets that are NULL, closed or other memory give
   ENOTSOCK, contexts EFAULT (functions: section 3; manual page of each function). */

#include "testing.h"
#include <sys/uio.h>

/* What each function says of a socket handle. */
static int call_close (void *s) { return zmq_close (s); }
static int call_bind (void *s) { return zmq_bind (s, "inproc://x"); }
static int call_connect (void *s) { return zmq_connect (s, "inproc://x"); }
static int call_unbind (void *s) { return zmq_unbind (s, "inproc://x"); }
static int call_disconnect (void *s) { return zmq_disconnect (s, "inproc://x"); }
static int call_send (void *s) { return zmq_send (s, "x", 1, 0); }
static int call_send_const (void *s) { return zmq_send_const (s, "x", 1, 0); }
static int call_recv (void *s) { return zmq_recv (s, NULL, 0, 0); }
static int call_monitor (void *s) { return zmq_socket_monitor (s, "inproc://m", ZMQ_EVENT_ALL); }
static int call_monitor_stop (void *s) { return zmq_socket_monitor (s, NULL, 0); }

static int call_setsockopt (void *s)
{
    int zero = 0;
    return zmq_setsockopt (s, ZMQ_LINGER, &zero, sizeof zero);
}

static int call_setsockopt_unknown (void *s)
{
    return zmq_setsockopt (s, 9999, NULL, 0);
}

static int call_getsockopt (void *s)
{
    int value;
    size_t size = sizeof value;
    return zmq_getsockopt (s, ZMQ_TYPE, &value, &size);
}

static int with_message (int (*call) (zmq_msg_t *, void *), void *s)
{
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init_size (&message, 100));
    int result = call (&message, s), error = errno;
    CHECK_INT (zmq_msg_size (&message), 100);
    CHECK_OK (zmq_msg_close (&message));
    errno = error;
    return result;
}

static int msg_send (zmq_msg_t *m, void *s) { return zmq_msg_send (m, s, 0); }
static int sendmsg_old (zmq_msg_t *m, void *s) { return zmq_sendmsg (s, m, 0); }
static int msg_recv (zmq_msg_t *m, void *s) { return zmq_msg_recv (m, s, 0); }
static int recvmsg_old (zmq_msg_t *m, void *s) { return zmq_recvmsg (s, m, 0); }
static int call_msg_send (void *s) { return with_message (msg_send, s); }
static int call_sendmsg (void *s) { return with_message (sendmsg_old, s); }
static int call_msg_recv (void *s) { return with_message (msg_recv, s); }
static int call_recvmsg (void *s) { return with_message (recvmsg_old, s); }

static int call_sendiov (void *s)
{
    struct iovec parts[] = {{"x", 1}};
    return zmq_sendiov (s, parts, 1, 0);
}

static int call_recviov (void *s)
{
    struct iovec parts[1];
    size_t count = 1;
    return zmq_recviov (s, parts, &count, 0);
}

/* A poll item without a socket is a descriptor, so NULL is left out here. */
static int call_poll (void *s)
{
    zmq_pollitem_t items[] = {{NULL, -1, ZMQ_POLLIN, 0}, {s, 0, ZMQ_POLLIN, 0}};
    if (!s) {
        errno = ENOTSOCK;
        return -1;
    }
    return zmq_poll (items, 2, 0);
}

struct function { const char *name; int (*call) (void *socket); };
#define FUNCTION(name) {"zmq_" #name, call_##name}
static const struct function FUNCTIONS[] = {
    FUNCTION (bind), FUNCTION (connect), FUNCTION (unbind), FUNCTION (disconnect), FUNCTION (send),
    FUNCTION (send_const), FUNCTION (recv), FUNCTION (monitor), FUNCTION (monitor_stop),
    FUNCTION (setsockopt), FUNCTION (setsockopt_unknown), FUNCTION (getsockopt),
    FUNCTION (msg_send), FUNCTION (sendmsg), FUNCTION (msg_recv), FUNCTION (recvmsg),
    FUNCTION (sendiov), FUNCTION (recviov), FUNCTION (poll), FUNCTION (close)};
#define FUNCTION_COUNT (sizeof FUNCTIONS / sizeof *FUNCTIONS)

static void every_function_says_enotsock (void *socket, const char *what)
{
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        errno = 0;
        int result = FUNCTIONS[i].call (socket);
        if (result != -1 || zmq_errno () != ENOTSOCK)
            FAIL ("%s of %s returned %d with errno %d", FUNCTIONS[i].name, what, result,
                  zmq_errno ());
    }
}

static void other_memory_is_no_socket (void)
{
    enum { SIZE = 65536 };
    char *zeros = calloc (1, SIZE), *letters = malloc (SIZE);
    CHECK (zeros && letters);
    memset (letters, 'x', SIZE);
    every_function_says_enotsock (NULL, "NULL");
    every_function_says_enotsock (zeros, "zeros");
    every_function_says_enotsock (letters, "letters");
    free (zeros);
    free (letters);
}

/* The handle of a closed socket is dead at once, even while its last message is on its way. */
static void closed_sockets_are_no_sockets (void *context)
{
    char endpoint[256];
    ipc_endpoint (endpoint, sizeof endpoint);
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_int (push, ZMQ_RECONNECT_IVL, 5);
    connect_to (push, endpoint);
    send_text (push, "lingers", 0);
    CHECK_OK (zmq_close (push));
    every_function_says_enotsock (push, "a closed socket");
    CHECK_OK (zmq_bind (pull, endpoint));
    RECV_TEXT (pull, "lingers");
    CHECK_OK (zmq_close (pull));
    ipc_done (endpoint);
}

static void check_no_context (void *handle)
{
    errno = 0;
    CHECK (zmq_socket (handle, ZMQ_PAIR) == NULL);
    CHECK_INT (errno, EFAULT);
    CHECK_ERRNO (zmq_ctx_get (handle, ZMQ_IO_THREADS), EFAULT);
    CHECK_ERRNO (zmq_ctx_set (handle, ZMQ_IO_THREADS, 1), EFAULT);
    CHECK_ERRNO (zmq_ctx_set (handle, 9999, 1), EFAULT);
    CHECK_ERRNO (zmq_ctx_shutdown (handle), EFAULT);
    CHECK_ERRNO (zmq_ctx_term (handle), EFAULT);
    CHECK_ERRNO (zmq_term (handle), EFAULT);
    CHECK_ERRNO (zmq_ctx_destroy (handle), EFAULT);
}

static void other_memory_is_no_context (void)
{
    enum { SIZE = 65536 };
    char *zeros = calloc (1, SIZE);
    CHECK (zeros);
    check_no_context (NULL);
    check_no_context (zeros);
    free (zeros);
}

/* The wrong socket types are told before anything else but the context. */
static void unknown_socket_types_are_refused (void *context)
{
    static const int types[] = {-1, 21, 100, 0x7fffffff};
    for (int i = 0; i < 4; i++) {
        errno = 0;
        CHECK (zmq_socket (context, types[i]) == NULL);
        CHECK_INT (errno, EINVAL);
    }
}

static void poll_checks_its_arguments (void *context)
{
    void *socket = new_socket (context, ZMQ_PAIR);
    char zeros[8192] = {0};
    zmq_pollitem_t items[] = {{socket, 0, ZMQ_POLLIN, 0}, {zeros, 0, ZMQ_POLLIN, 0}};
    CHECK_ERRNO (zmq_poll (items, 2, 0), ENOTSOCK);
    CHECK_ERRNO (zmq_poll (items, 2, -1), ENOTSOCK);
    CHECK_INT (zmq_poll (items, 1, 0), 0);
    CHECK_INT (zmq_poll (NULL, 0, 0), 0);
    CHECK_ERRNO (zmq_poll (items, -1, 0), EINVAL);
    CHECK_ERRNO (zmq_poll (NULL, 1, 0), EFAULT);
    close_now (socket);
}

static void proxies_need_both_sides (void *context)
{
    void *socket = new_socket (context, ZMQ_PAIR);
    CHECK_ERRNO (zmq_proxy (NULL, socket, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy (socket, NULL, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy_steerable (NULL, socket, NULL, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy_steerable (socket, NULL, NULL, NULL), EFAULT);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    other_memory_is_no_socket ();
    in_context (closed_sockets_are_no_sockets);
    other_memory_is_no_context ();
    in_context (unknown_socket_types_are_refused);
    in_context (poll_checks_its_arguments);
    in_context (proxies_need_both_sides);
    return 0;
}
