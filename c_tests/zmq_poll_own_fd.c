/* A socket and its own ZMQ_FD in one set: what woke the socket is also seen on the descriptor, although
   looking at the socket makes that unreadable again. CZMQ's zpoller does this. */

#include "testing.h"

#include <poll.h>

static void the_descriptor_is_reported (void *context, const char *address, int socket_first)
{
    void *pull, *push;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    struct pollfd raw = {get_int (pull, ZMQ_FD), POLLIN, 0};
    CHECK_INT (get_int (pull, ZMQ_EVENTS), 0);
    CHECK_INT (poll (&raw, 1, 0), 0);
    send_text (push, "news", 0);
    CHECK_INT (poll (&raw, 1, PATIENCE_MS), 1);

    zmq_pollitem_t items[2] = {{NULL, raw.fd, ZMQ_POLLIN, 0}, {NULL, raw.fd, ZMQ_POLLIN, 0}};
    items[!socket_first] = (zmq_pollitem_t){pull, 0, ZMQ_POLLIN, 0};
    CHECK (zmq_poll (items, 2, PATIENCE_MS) >= 1);
    CHECK_INT (items[socket_first].revents, ZMQ_POLLIN);
    /* Over tcp it may have been something else that woke it first, before the message. */
    if (!strncmp (address, "inproc", 6)) {
        CHECK_INT (items[!socket_first].revents, ZMQ_POLLIN);
        /* The socket has been looked at: the descriptor is silent, the message is still there. */
        CHECK_INT (zmq_poll (items, 2, 0), 1);
        CHECK_INT (items[socket_first].revents, 0);
    }
    RECV_TEXT (pull, "news");
    close_now (push);
    close_now (pull);
}

int main (void)
{
    void *context = zmq_ctx_new ();
    CHECK (context);
    the_descriptor_is_reported (context, "inproc://first", 1);
    the_descriptor_is_reported (context, "inproc://second", 0);
    the_descriptor_is_reported (context, "tcp://127.0.0.1:*", 1);
    the_descriptor_is_reported (context, "tcp://127.0.0.1:*", 0);
    CHECK_OK (zmq_ctx_term (context));
    return 0;
}
