/* Options that are handed to the kernel are found on the connection's descriptor, which a received
   message names (ZMQ_SRCFD), on the side that set them (zmq_setsockopt (3)). */

#include "testing.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* A kernel option that ought to have a value, or at least it. */
struct kernel_option {
    int level, name, value, at_least;
};

/* The descriptor a message on its way to `socket` comes in by. */
static int source_fd (void *socket)
{
    zmq_msg_t message;
    CHECK (ready_within (socket, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_recv (&message, socket, 0), 1);
    int fd = zmq_msg_get (&message, ZMQ_SRCFD);
    CHECK (fd >= 0);
    CHECK_OK (zmq_msg_close (&message));
    return fd;
}

static void check_kernel (int fd, const struct kernel_option *option)
{
    int value = 0;
    socklen_t size = sizeof value;
    CHECK_OK (getsockopt (fd, option->level, option->name, &value, &size));
    if (option->at_least ? value < option->value : value != option->value)
        FAIL ("kernel option %d/%d is %d, expected %d", option->level, option->name, value,
              option->value);
}

/* Sets up to four options (number, value pairs up to a zero) on one end of a connection; the kernel
   options must be seen there. */
static void check_option (void *context, int binding_side, const int *settings,
                          struct kernel_option expected)
{
    char endpoint[256];
    void *bound = new_socket (context, ZMQ_PAIR), *connected = new_socket (context, ZMQ_PAIR);
    void *configured = binding_side ? bound : connected;
    for (; *settings; settings += 2) {
        set_int (configured, settings[0], settings[1]);
        CHECK_INT (get_int (configured, settings[0]), settings[1]);
    }
    bind_to (bound, "tcp://127.0.0.1:*", endpoint);
    connect_to (connected, endpoint);
    send_text (binding_side ? connected : bound, "x", 0);
    check_kernel (source_fd (configured), &expected);
    close_now (connected);
    close_now (bound);
}

static void options_reach_the_connection (void *context)
{
    static const struct {
        int settings[9];
        struct kernel_option expected;
    } rows[] = {
        {{0}, {IPPROTO_TCP, TCP_NODELAY, 1, 1}},
        {{0}, {SOL_SOCKET, SO_KEEPALIVE, 0, 0}},
        {{0}, {IPPROTO_IP, IP_TOS, 0, 0}},
        {{0}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 0}},
        {{ZMQ_TCP_KEEPALIVE, 0}, {SOL_SOCKET, SO_KEEPALIVE, 0, 0}},
        {{ZMQ_TCP_KEEPALIVE, 1}, {SOL_SOCKET, SO_KEEPALIVE, 1, 0}},
        {{ZMQ_TCP_KEEPALIVE, 1, ZMQ_TCP_KEEPALIVE_CNT, 7}, {IPPROTO_TCP, TCP_KEEPCNT, 7, 0}},
        {{ZMQ_TCP_KEEPALIVE, 1, ZMQ_TCP_KEEPALIVE_IDLE, 321}, {IPPROTO_TCP, TCP_KEEPIDLE, 321, 0}},
        {{ZMQ_TCP_KEEPALIVE, 1, ZMQ_TCP_KEEPALIVE_INTVL, 43}, {IPPROTO_TCP, TCP_KEEPINTVL, 43, 0}},
        {{ZMQ_TCP_KEEPALIVE, 1, ZMQ_TCP_KEEPALIVE_CNT, 3, ZMQ_TCP_KEEPALIVE_IDLE, 55,
          ZMQ_TCP_KEEPALIVE_INTVL, 11},
         {IPPROTO_TCP, TCP_KEEPINTVL, 11, 0}},
        {{ZMQ_TOS, 0x28}, {IPPROTO_IP, IP_TOS, 0x28, 0}},
        {{ZMQ_TCP_MAXRT, 12345}, {IPPROTO_TCP, TCP_USER_TIMEOUT, 12345, 0}},
        {{ZMQ_SNDBUF, 20000}, {SOL_SOCKET, SO_SNDBUF, 40000, 0}},
        {{ZMQ_RCVBUF, 30000}, {SOL_SOCKET, SO_RCVBUF, 60000, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int binding_side = 0; binding_side < 2; binding_side++)
            check_option (context, binding_side, rows[i].settings, rows[i].expected);
}

/* The other three keep-alive options do nothing by themselves. */
static void keepalive_details_need_keepalive (void *context)
{
    static const int settings[] = {ZMQ_TCP_KEEPALIVE_CNT, 5, 0};
    int fd = socket (AF_INET, SOCK_STREAM, 0), value = 0;
    socklen_t size = sizeof value;
    CHECK_OK (getsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &value, &size));
    close (fd);
    check_option (context, 0, settings, (struct kernel_option){IPPROTO_TCP, TCP_KEEPCNT, value, 0});
}

/* Options are taken over by bind and connect; what is set later is for later ones. */
static void later_settings_are_for_later_calls (void *context)
{
    char endpoint[256];
    void *bound = new_socket (context, ZMQ_PAIR), *connected = new_socket (context, ZMQ_PAIR);
    bind_to (bound, "tcp://127.0.0.1:*", endpoint);
    set_int (bound, ZMQ_TCP_KEEPALIVE, 1);
    connect_to (connected, endpoint);
    set_int (connected, ZMQ_TCP_KEEPALIVE, 1);
    send_text (connected, "x", 0);
    send_text (bound, "x", 0);
    const struct kernel_option off = {SOL_SOCKET, SO_KEEPALIVE, 0, 0};
    check_kernel (source_fd (bound), &off);
    check_kernel (source_fd (connected), &off);
    close_now (connected);
    close_now (bound);
}

int main (void)
{
    begin_test ();
    in_context (options_reach_the_connection);
    in_context (keepalive_details_need_keepalive);
    in_context (later_settings_are_for_later_calls);
    return 0;
}
