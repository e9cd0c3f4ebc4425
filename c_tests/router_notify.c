/* ZMQ_ROUTER_NOTIFY: a ROUTER receives its peers' ids with an empty part when they come and go (draft). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"
#include "raw_peer.h"

static void a_peer_comes_and_goes (void *context, const char *address)
{
    for (int notify = 0; notify <= (ZMQ_NOTIFY_CONNECT | ZMQ_NOTIFY_DISCONNECT); notify++) {
        char endpoint[256];
        void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
        int local = strncmp (address, "inproc", 6) == 0;
        CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, "d", 1));
        set_int (router, ZMQ_ROUTER_NOTIFY, notify);
        CHECK_INT (get_int (router, ZMQ_ROUTER_NOTIFY), notify);
        bind_to (router, address, endpoint);
        connect_to (dealer, endpoint);
        send_text (dealer, "x", 0);
        if (!local && notify & ZMQ_NOTIFY_CONNECT)
            RECV_PARTS (router, "d", "", NULL);
        RECV_PARTS (router, "d", "x", NULL);
        close_now (dealer);
        if (!local && notify & ZMQ_NOTIFY_DISCONNECT)
            RECV_PARTS (router, "d", "", NULL);
        CHECK_QUIET (router);
        close_now (router);
    }
}

/* Half a message goes before the news. */
static void half_a_message_is_dropped (void *context)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_int (router, ZMQ_ROUTER_NOTIFY, ZMQ_NOTIFY_DISCONNECT);
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "DEALER", "d");
    raw_send_frame (fd, 0, "whole", 5);
    raw_send_frame (fd, 1, "half", 4);
    RECV_PARTS (router, "d", "whole", NULL);
    close (fd);
    RECV_PARTS (router, "d", "", NULL);
    CHECK_QUIET (router);
    close_now (router);
}

static void values (void *context)
{
    static const int wrong[] = {-1, 4, 7, 255};
    void *router = new_socket (context, ZMQ_ROUTER), *rep = new_socket (context, ZMQ_REP);
    void *dealer = new_socket (context, ZMQ_DEALER);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_ERRNO (zmq_setsockopt (router, ZMQ_ROUTER_NOTIFY, &wrong[i], sizeof wrong[i]), EINVAL);
    set_int (rep, ZMQ_ROUTER_NOTIFY, 3);
    CHECK_INT (get_int (rep, ZMQ_ROUTER_NOTIFY), 3);
    CHECK_ERRNO (zmq_setsockopt (dealer, ZMQ_ROUTER_NOTIFY, &wrong[1], sizeof wrong[1]), EINVAL);
    CHECK_INT (get_int (dealer, ZMQ_ROUTER_NOTIFY), 0);
    close_now (dealer);
    close_now (rep);
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (a_peer_comes_and_goes);
    in_context (half_a_message_is_dropped);
    in_context (values);
    return 0;
}
