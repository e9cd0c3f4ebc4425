/* Addresses zmq_bind takes for tcp: wildcards, interface names, ephemeral ports, how ports are read,
   what LAST_ENDPOINT says, and the errors (zmq_tcp (7)). */

#include "raw_peer.h"

/* The address is bound, LAST_ENDPOINT is `prefix` and a port, and one can connect to that port. */
static void bound_addresses_are_shown (void *context)
{
    static const struct {
        const char *address, *prefix;
    } rows[] = {
        {"tcp://127.0.0.1:*", "tcp://127.0.0.1:"}, {"tcp://127.0.0.1:0", "tcp://127.0.0.1:"},
        {"tcp://*:*", "tcp://0.0.0.0:"},           {"tcp://*:0", "tcp://0.0.0.0:"},
        {"tcp://0.0.0.0:*", "tcp://0.0.0.0:"},     {"tcp://lo:*", "tcp://127.0.0.1:"},
        {"tcp://127.0.0.2:*", "tcp://127.0.0.2:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256], target[64];
        void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
        bind_to (pull, rows[i].address, endpoint);
        if (strncmp (endpoint, rows[i].prefix, strlen (rows[i].prefix)) != 0)
            FAIL ("%s shows as %s", rows[i].address, endpoint);
        int port = atoi (endpoint + strlen (rows[i].prefix));
        CHECK (port > 0 && port < 65536);
        snprintf (target, sizeof target, "tcp://127.0.0.%d:%d",
                  strstr (endpoint, "127.0.0.2") ? 2 : 1, port);
        connect_to (push, target);
        send_text (push, target, 0);
        RECV_TEXT (pull, target);
        close_now (push);
        close_now (pull);
    }
}

/* The size given by LAST_ENDPOINT counts the terminating zero. */
static void last_endpoint_has_its_size (void *context)
{
    char endpoint[256];
    size_t size = sizeof endpoint;
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    CHECK_OK (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size));
    CHECK_INT (size, strlen (endpoint) + 1);
    size = strlen (endpoint);
    CHECK_ERRNO (zmq_getsockopt (pull, ZMQ_LAST_ENDPOINT, endpoint, &size), EINVAL);
    close_now (pull);
}

static void refused_addresses (void *context)
{
    static const struct {
        const char *address;
        int error;
    } rows[] = {
        {"tcp://127.0.0.1", EINVAL},       {"tcp://*", EINVAL},
        {"tcp://127.0.0.1:", EINVAL},      {"tcp://127.0.0.1:abc", EINVAL},
        {"tcp://127.0.0.1:*x", EINVAL},    {"tcp://127.0.0.1:0x50", EINVAL},
        {"tcp://no-such-interface:*", ENODEV}, {"tcp://300.1.1.1:*", ENODEV},
        {"tcp://[::1]:*", ENODEV},         {"tcp://192.0.2.77:*", EADDRNOTAVAIL},
    };
    void *socket = new_socket (context, ZMQ_PULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        errno = 0;
        int result = zmq_bind (socket, rows[i].address);
        if (result != -1 || zmq_errno () != rows[i].error)
            FAIL ("binding %s is %d with %s, expected %s", rows[i].address, result,
                  zmq_strerror (zmq_errno ()), zmq_strerror (rows[i].error));
    }
    close_now (socket);
}

/* The number at the beginning counts, modulo 65536. */
static void ports_are_read_leniently (void *context)
{
    char reserved[256], address[300], endpoint[256];
    int fd = raw_reserve (reserved);
    int port = atoi (strrchr (reserved, ':') + 1);
    struct {
        const char *head;
        long number;
        const char *tail;
    } rows[] = {{"", port, ""},           {"", port, "x"},           {"", port, "+1"},
                {"", port + 65536L, ""}, {"", port + 655360L, ""}, {"+", port, ""},
                {" ", port, " "},         {"\t0", port, ""},         {"", port - 65536L, ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *own = zmq_ctx_new (), *pull = new_socket (own, ZMQ_PULL);
        snprintf (address, sizeof address, "tcp://127.0.0.1:%s%ld%s", rows[i].head, rows[i].number,
                  rows[i].tail);
        bind_to (pull, address, endpoint);
        if (strcmp (endpoint, reserved) != 0)
            FAIL ("%s shows as %s", address, endpoint);
        close_now (pull);
        CHECK_OK (zmq_ctx_term (own));
    }
    close (fd);
    (void) context;
}

static void a_port_has_one_listener (void *context)
{
    char endpoint[256];
    void *first = new_socket (context, ZMQ_PULL), *second = new_socket (context, ZMQ_PULL);
    bind_to (first, "tcp://127.0.0.1:*", endpoint);
    CHECK_ERRNO (zmq_bind (first, endpoint), EADDRINUSE);
    CHECK_ERRNO (zmq_bind (second, endpoint), EADDRINUSE);
    close_now (first);
    close_now (second);
}

static void one_socket_binds_many_ports (void *context)
{
    enum { PORTS = 10 };
    char endpoints[PORTS][256];
    void *pull = new_socket (context, ZMQ_PULL);
    for (int i = 0; i < PORTS; i++) {
        bind_to (pull, "tcp://127.0.0.1:*", endpoints[i]);
        for (int j = 0; j < i; j++)
            CHECK (strcmp (endpoints[i], endpoints[j]) != 0);
    }
    for (int i = 0; i < PORTS; i++) {
        void *push = new_socket (context, ZMQ_PUSH);
        connect_to (push, endpoints[i]);
        send_text (push, endpoints[i], 0);
        RECV_TEXT (pull, endpoints[i]);
        close_now (push);
    }
    close_now (pull);
}

/* Names are resolved by newer versions; 4.3.4 takes interfaces and numeric addresses alone. */
static void a_host_name_can_be_bound (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6)) {
        bind_to (pull, "tcp://localhost:*", endpoint);
        CHECK (strncmp (endpoint, "tcp://127.0.0.1:", 16) == 0);
    }
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (bound_addresses_are_shown);
    in_context (last_endpoint_has_its_size);
    in_context (refused_addresses);
    in_context (ports_are_read_leniently);
    in_context (a_port_has_one_listener);
    in_context (one_socket_binds_many_ports);
    in_context (a_host_name_can_be_bound);
    return 0;
}
