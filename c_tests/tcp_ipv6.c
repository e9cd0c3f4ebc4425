/* tcp over IPv6: bracketed addresses, dual-stack listeners, IPv4 shown as mapped, and no IPv6
   without ZMQ_IPV6 (zmq_tcp (7), ZMQ_IPV6 in zmq_setsockopt (3)). */

#include "testing.h"

#include <netinet/in.h>
#include <sys/socket.h>

static int has_ipv6_loopback (void)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket (AF_INET6, SOCK_STREAM, 0);
    int usable = fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0;
    if (fd >= 0)
        close (fd);
    return usable;
}

/* Binds with IPv6, connects to `format` filled with the port; a message arrives from `source`. */
static void delivers (void *context, const char *bound, const char *shown, const char *format,
                      int connecting_ipv6, const char *source)
{
    char endpoint[256], target[300], body[8];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    set_int (pull, ZMQ_IPV6, 1);
    set_int (push, ZMQ_IPV6, connecting_ipv6);
    bind_to (pull, bound, endpoint);
    if (strncmp (endpoint, shown, strlen (shown)) != 0)
        FAIL ("%s shows as %s", bound, endpoint);
    snprintf (target, sizeof target, format, strrchr (endpoint, ':') + 1);
    connect_to (push, target);
    send_text (push, "six", 0);
    CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
    zmq_msg_t message;
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_recv (&message, pull, 0), 3);
    memcpy (body, zmq_msg_data (&message), 3);
    CHECK (memcmp (body, "six", 3) == 0);
    const char *peer = zmq_msg_gets (&message, "Peer-Address");
    CHECK (peer);
    if (strcmp (peer, source) != 0)
        FAIL ("from %s to %s: Peer-Address %s", target, endpoint, peer);
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
}

static void ipv6_endpoints_work (void *context)
{
    delivers (context, "tcp://[::1]:*", "tcp://[::1]:", "tcp://[::1]:%s", 1, "::1");
    delivers (context, "tcp://[::]:*", "tcp://[::]:", "tcp://[::1]:%s", 1, "::1");
    delivers (context, "tcp://*:*", "tcp://[::]:", "tcp://[::1]:%s", 1, "::1");
}

static void a_wildcard_takes_ipv4_peers_too (void *context)
{
    delivers (context, "tcp://*:*", "tcp://[::]:", "tcp://127.0.0.1:%s", 0, "::ffff:127.0.0.1");
    delivers (context, "tcp://*:*", "tcp://[::]:", "tcp://127.0.0.1:%s", 1, "::ffff:127.0.0.1");
}

static void ipv4_is_shown_as_mapped (void *context)
{
    delivers (context, "tcp://127.0.0.1:*", "tcp://[::ffff:127.0.0.1]:", "tcp://127.0.0.1:%s", 0,
              "::ffff:127.0.0.1");
}

static void a_source_address_works (void *context)
{
    delivers (context, "tcp://[::1]:*", "tcp://[::1]:", "tcp://[::1]:0;[::1]:%s", 1, "::1");
}

static void ipv6_must_be_switched_on (void *context)
{
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_INT (get_int (socket, ZMQ_IPV6), 0);
    CHECK_ERRNO (zmq_bind (socket, "tcp://[::1]:*"), ENODEV);
    CHECK_ERRNO (zmq_bind (socket, "tcp://[::]:*"), ENODEV);
    set_int (socket, ZMQ_IPV6, 1);
    CHECK_OK (zmq_bind (socket, "tcp://[::1]:*"));
    close_now (socket);
}

/* The deprecated option is the inverse. */
static void ipv4only_is_the_inverse (void *context)
{
    char endpoint[256];
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_INT (get_int (socket, ZMQ_IPV4ONLY), 1);
    set_int (socket, ZMQ_IPV4ONLY, 0);
    CHECK_INT (get_int (socket, ZMQ_IPV6), 1);
    bind_to (socket, "tcp://[::1]:*", endpoint);
    CHECK (strncmp (endpoint, "tcp://[::1]:", 12) == 0);
    close_now (socket);
}

static void a_context_sets_the_default (void)
{
    void *context = zmq_ctx_new ();
    void *before = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IPV6, 1));
    void *after = new_socket (context, ZMQ_PULL);
    CHECK_INT (get_int (before, ZMQ_IPV6), 0);
    CHECK_INT (get_int (after, ZMQ_IPV6), 1);
    CHECK_OK (zmq_bind (after, "tcp://[::1]:*"));
    close_now (before);
    close_now (after);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    if (!has_ipv6_loopback ())
        SKIP ("there is no ::1 here");
    in_context (ipv6_endpoints_work);
    in_context (a_wildcard_takes_ipv4_peers_too);
    in_context (ipv4_is_shown_as_mapped);
    in_context (a_source_address_works);
    in_context (ipv6_must_be_switched_on);
    in_context (ipv4only_is_the_inverse);
    a_context_sets_the_default ();
    return 0;
}
