/* PUB and PUSH cannot receive, SUB and PULL cannot send: every function for it says ENOTSUP, with
   and without peers, and they are never ready for it (zmq_send(3), zmq_recv(3), behaviour: Socket
   types at a glance). */

#include "testing.h"
#include <sys/uio.h>

static void cannot_receive (void *socket)
{
    zmq_msg_t message;
    struct iovec parts[1];
    size_t count = 1;
    char byte;
    for (int flags = 0; flags <= ZMQ_DONTWAIT; flags += ZMQ_DONTWAIT) {
        CHECK_ERRNO (zmq_recv (socket, &byte, 1, flags), ENOTSUP);
        CHECK_OK (zmq_msg_init_size (&message, 50));
        CHECK_ERRNO (zmq_msg_recv (&message, socket, flags), ENOTSUP);
        CHECK_ERRNO (zmq_recvmsg (socket, &message, flags), ENOTSUP);
        CHECK_OK (zmq_msg_close (&message));
        CHECK_ERRNO (zmq_recviov (socket, parts, &count, flags), ENOTSUP);
        count = 1;
    }
    CHECK (!(get_int (socket, ZMQ_EVENTS) & ZMQ_POLLIN));
    CHECK (!ready_within (socket, ZMQ_POLLIN, 0));
}

static void cannot_send (void *socket)
{
    static const int flags[] = {0, ZMQ_DONTWAIT, ZMQ_SNDMORE, ZMQ_DONTWAIT | ZMQ_SNDMORE};
    struct iovec parts[] = {{"x", 1}};
    zmq_msg_t message;
    for (int i = 0; i < 4; i++) {
        CHECK_ERRNO (zmq_send (socket, "x", 1, flags[i]), ENOTSUP);
        CHECK_ERRNO (zmq_send_const (socket, "x", 1, flags[i]), ENOTSUP);
        CHECK_OK (zmq_msg_init_size (&message, 50));
        CHECK_ERRNO (zmq_msg_send (&message, socket, flags[i]), ENOTSUP);
        CHECK_ERRNO (zmq_sendmsg (socket, &message, flags[i]), ENOTSUP);
        CHECK_INT (zmq_msg_size (&message), 50);
        CHECK_OK (zmq_msg_close (&message));
        CHECK_ERRNO (zmq_sendiov (socket, parts, 1, flags[i]), ENOTSUP);
    }
    CHECK (!(get_int (socket, ZMQ_EVENTS) & ZMQ_POLLOUT));
    CHECK (!ready_within (socket, ZMQ_POLLOUT, 0));
}

struct way { int sender, receiver; };
static const struct way WAYS[] = {{ZMQ_PUB, ZMQ_SUB}, {ZMQ_PUSH, ZMQ_PULL}};

static void without_peers (void *context)
{
    for (int i = 0; i < 2; i++) {
        void *sender = new_socket (context, WAYS[i].sender);
        void *receiver = new_socket (context, WAYS[i].receiver);
        cannot_receive (sender);
        cannot_send (receiver);
        close_now (sender);
        close_now (receiver);
    }
}

/* With a peer, and messages on the way, nothing changes, and the allowed direction works on. */
static void with_peers (void *context, const char *address)
{
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        void *sender = new_socket (context, WAYS[i].sender);
        void *receiver = new_socket (context, WAYS[i].receiver);
        const char *at = strncmp (address, "inproc", 6) ? address : i ? "inproc://1" : "inproc://0";
        bind_to (sender, at, endpoint);
        connect_to (receiver, endpoint);
        if (WAYS[i].receiver == ZMQ_SUB) {
            subscribe (receiver, "x");
            await_subscriptions (sender, receiver);
        }
        CHECK (ready_within (sender, ZMQ_POLLOUT, PATIENCE_MS));
        cannot_receive (sender);
        send_parts (sender, "x", "y", NULL);
        CHECK (ready_within (receiver, ZMQ_POLLIN, PATIENCE_MS));
        cannot_send (receiver);
        RECV_TEXT (receiver, "x");
        cannot_send (receiver);
        RECV_PARTS (receiver, "y", NULL);
        cannot_receive (sender);
        close_now (sender);
        close_now (receiver);
    }
}

int main (void)
{
    begin_test ();
    in_context (without_peers);
    over_transports (with_peers);
    return 0;
}
