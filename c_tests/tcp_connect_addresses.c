/* Addresses zmq_connect takes for tcp: only a rough check is made at once, resolution happens later;
   names, source addresses and interfaces work (zmq_tcp (7)). */

#include "raw_peer.h"

static void roughly_wrong_addresses_are_refused (void *context)
{
    static const char *const addresses[] = {
        "tcp://127.0.0.1",     "tcp://127.0.0.1:",  "tcp://127.0.0.1:*", "tcp://127.0.0.1:abc",
        "tcp://127.0.0.1:-5",  "tcp://*:5555",      "tcp://a b:5555",    "tcp://a@b:5555",
        "tcp://-a:5555",       "tcp://_a:5555",     "tcp://.a:5555",     "tcp://a/b:5555",
        "tcp://a,b:5555",      "tcp://%lo:5555",    "tcp://;127.0.0.1:5", "tcp://a!:5555",
    };
    void *socket = new_socket (context, ZMQ_PUSH);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        if (zmq_connect (socket, addresses[i]) != -1 || zmq_errno () != EINVAL)
            FAIL ("connecting %s: %s", addresses[i], zmq_strerror (zmq_errno ()));
    close_now (socket);
}

/* Taken, shown as given, and found again under the same text. */
static void plausible_addresses_are_taken (void *context)
{
    static const char *const addresses[] = {
        "tcp://127.0.0.1:0",  "tcp://host.invalid:5555", "tcp://a_b:5",  "tcp://[::1]:5555",
        "tcp://a-b.invalid:5", "tcp://127.0.0.1:0;127.0.0.1:1",
        "tcp://127.0.0.1:*;127.0.0.1:1",
    };
    void *socket = new_socket (context, ZMQ_PUSH);
    set_int (socket, ZMQ_LINGER, 0);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        char endpoint[256];
        size_t size = sizeof endpoint;
        connect_to (socket, addresses[i]);
        CHECK_OK (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
        CHECK (strcmp (endpoint, addresses[i]) == 0);
        CHECK_OK (zmq_disconnect (socket, addresses[i]));
        CHECK_ERRNO (zmq_disconnect (socket, addresses[i]), ENOENT);
    }
    close_now (socket);
}

/* Each form reaches the listener; with a source address that is where the connection comes from. */
static void connections_come_from_the_source (void *context)
{
    static const struct {
        const char *format, *source;
    } rows[] = {
        {"tcp://127.0.0.1:%s", "127.0.0.1"},
        {"tcp://localhost:%s", "127.0.0.1"},
        {"tcp://[127.0.0.1]:%s", "127.0.0.1"},
        {"tcp://127.0.0.1:0;127.0.0.1:%s", "127.0.0.1"},
        {"tcp://127.0.0.2:0;127.0.0.1:%s", "127.0.0.2"},
        {"tcp://127.0.0.3:*;localhost:%s", "127.0.0.3"},
        {"tcp://lo:0;127.0.0.1:%s", "127.0.0.1"},
    };
    char listening[256], endpoint[300], source[64];
    int listener = raw_listen (listening);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *socket = new_socket (context, ZMQ_PUSH);
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        snprintf (endpoint, sizeof endpoint, rows[i].format, strrchr (listening, ':') + 1);
        connect_to (socket, endpoint);
        int fd = raw_accept (listener);
        CHECK_OK (getpeername (fd, (struct sockaddr *) &address, &size));
        CHECK (inet_ntop (AF_INET, &address.sin_addr, source, sizeof source));
        if (strcmp (source, rows[i].source) != 0)
            FAIL ("connected by %s the source is %s", endpoint, source);
        RAW_EXPECT (fd, RAW_SIGNATURE);
        close_now (socket);
        RAW_EXPECT_CLOSE (fd);
        close (fd);
    }
    close (listener);
}

/* The source port can be chosen too. */
static void the_source_port_is_used (void *context)
{
    char listening[256], reserved[256], endpoint[600];
    int listener = raw_listen (listening), reserve = raw_reserve (reserved);
    void *socket = new_socket (context, ZMQ_PUSH);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    snprintf (endpoint, sizeof endpoint, "%s;%s", reserved, listening + strlen ("tcp://"));
    connect_to (socket, endpoint);
    int fd = raw_accept (listener);
    CHECK_OK (getpeername (fd, (struct sockaddr *) &address, &size));
    CHECK_INT (ntohs (address.sin_port), atoi (strrchr (reserved, ':') + 1));
    close_now (socket);
    RAW_EXPECT_CLOSE (fd);
    close (fd);
    close (reserve);
    close (listener);
}

/* A host that cannot be resolved is no error and holds nothing up. */
static void unresolvable_hosts_are_retried (void)
{
    void *context = zmq_ctx_new ();
    void *socket = new_socket (context, ZMQ_PUSH);
    connect_to (socket, "tcp://no-such-host.invalid:5555");
    send_text (socket, "queued", ZMQ_DONTWAIT);
    close_now (socket);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    in_context (roughly_wrong_addresses_are_refused);
    in_context (plausible_addresses_are_taken);
    in_context (connections_come_from_the_source);
    in_context (the_source_port_is_used);
    unresolvable_hosts_are_retried ();
    return 0;
}
