/* What bind, connect, unbind and disconnect refuse at once, and with which errno (zmq_bind (3),
   zmq_connect (3), zmq_unbind (3), zmq_disconnect (3)). */

#include "testing.h"

typedef int endpoint_call (void *socket, const char *address);

static endpoint_call *const CALLS[] = {zmq_bind, zmq_connect, zmq_unbind, zmq_disconnect};
#define CALL_COUNT (sizeof CALLS / sizeof *CALLS)

/* Refused alike by all four calls. */
static void unusable_schemes (void *context)
{
    static const struct {
        const char *address;
        int error;
    } rows[] = {
        {"", EINVAL},          {"abc", EINVAL},         {"tcp", EINVAL},
        {"tcp:", EINVAL},      {"tcp:/127.0.0.1:80", EINVAL}, {"://", EINVAL},
        {"://address", EINVAL}, {"tcp://", EINVAL},     {"ipc://", EINVAL},
        {"inproc://", EINVAL}, {"inproc", EINVAL},
        {"foo://address", EPROTONOSUPPORT}, {"TCP://127.0.0.1:80", EPROTONOSUPPORT},
        {"Inproc://name", EPROTONOSUPPORT}, {"http://127.0.0.1:80", EPROTONOSUPPORT},
        {" tcp://127.0.0.1:80", EPROTONOSUPPORT},
    };
    void *socket = new_socket (context, ZMQ_DEALER);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t call = 0; call < CALL_COUNT; call++) {
            errno = 0;
            int result = CALLS[call](socket, rows[i].address);
            if (result != -1 || zmq_errno () != rows[i].error)
                FAIL ("call %zu of '%s' is %d with %s", call, rows[i].address, result,
                      zmq_strerror (zmq_errno ()));
        }
    close_now (socket);
}

/* udp is for RADIO, DISH and DGRAM alone. */
static void udp_needs_other_types (void *context)
{
    static const int types[] = {ZMQ_PAIR,   ZMQ_PUB,  ZMQ_SUB,  ZMQ_REQ,  ZMQ_REP,  ZMQ_DEALER,
                                ZMQ_ROUTER, ZMQ_PULL, ZMQ_PUSH, ZMQ_XPUB, ZMQ_XSUB, ZMQ_STREAM};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        void *socket = new_socket (context, types[i]);
        for (size_t call = 0; call < CALL_COUNT; call++)
            CHECK_ERRNO (CALLS[call](socket, "udp://127.0.0.1:5556"), ENOCOMPATPROTO);
        close_now (socket);
    }
}

/* Multicast carries publications only; builds without it do not know the scheme. */
static void multicast_needs_publishers (void *context)
{
    static const struct {
        const char *scheme, *address;
    } rows[] = {{"pgm", "pgm://lo;224.0.0.1:5555"},
                {"pgm", "epgm://lo;224.0.0.1:5555"},
                {"norm", "norm://224.0.0.1:5555"}};
    void *socket = new_socket (context, ZMQ_DEALER);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int error = zmq_has (rows[i].scheme) ? ENOCOMPATPROTO : EPROTONOSUPPORT;
        for (size_t call = 0; call < CALL_COUNT; call++)
            CHECK_ERRNO (CALLS[call](socket, rows[i].address), error);
    }
    close_now (socket);
}

static void unbuilt_transports_are_unknown (void *context)
{
    static const struct {
        const char *capability, *address;
    } rows[] = {{"ipc", "ipc:///tmp/zmq-never"}, {"tipc", "tipc://{5560,0,0}"},
                {"vmci", "vmci://@:5555"},       {"vsock", "vsock://1:5555"},
                {"WS", "ws://127.0.0.1:80"},     {"WSS", "wss://127.0.0.1:80"},
                {"pgm", "pgm://lo;224.0.0.1:5"}, {"norm", "norm://224.0.0.1:5"}};
    void *socket = new_socket (context, ZMQ_PUB);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (zmq_has (rows[i].capability))
            continue;
        for (size_t call = 0; call < CALL_COUNT; call++)
            CHECK_ERRNO (CALLS[call](socket, rows[i].address), EPROTONOSUPPORT);
    }
    close_now (socket);
}

static void sockets_are_checked_first (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    int plain[64] = {0};
    for (size_t call = 0; call < CALL_COUNT; call++) {
        CHECK_ERRNO (CALLS[call](NULL, "inproc://name"), ENOTSOCK);
        CHECK_ERRNO (CALLS[call](plain, "nonsense"), ENOTSOCK);
    }
    close_now (socket);
}

static void a_null_address_is_invalid (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_ERRNO (zmq_unbind (socket, NULL), EINVAL);
    CHECK_ERRNO (zmq_disconnect (socket, NULL), EINVAL);
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6)) {
        CHECK_ERRNO (zmq_bind (socket, NULL), EINVAL);
        CHECK_ERRNO (zmq_connect (socket, NULL), EINVAL);
    }
    close_now (socket);
}

/* A refused call leaves no trace. */
static void last_endpoint_is_of_the_last_success (void *context)
{
    char endpoint[256];
    size_t size = sizeof endpoint;
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
    CHECK_INT (size, 1);
    CHECK_INT (endpoint[0], 0);
    CHECK_OK (zmq_bind (socket, "inproc://kept"));
    CHECK_ERRNO (zmq_bind (socket, "inproc://kept"), EADDRINUSE);
    CHECK_ERRNO (zmq_connect (socket, "foo://bar"), EPROTONOSUPPORT);
    CHECK_ERRNO (zmq_connect (socket, "tcp://127.0.0.1:none"), EINVAL);
    size = sizeof endpoint;
    CHECK_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
    CHECK_INT (size, strlen ("inproc://kept") + 1);
    CHECK (strcmp (endpoint, "inproc://kept") == 0);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (unusable_schemes);
    in_context (udp_needs_other_types);
    in_context (multicast_needs_publishers);
    in_context (unbuilt_transports_are_unknown);
    in_context (sockets_are_checked_first);
    in_context (a_null_address_is_invalid);
    in_context (last_endpoint_is_of_the_last_success);
    return 0;
}
