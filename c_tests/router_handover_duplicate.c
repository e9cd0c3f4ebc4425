/* Two live peers announcing the same id: without ZMQ_ROUTER_HANDOVER the second is ignored, with it
   the second takes over and the first is cut off (zmq_setsockopt(3), options: 3.6). */

#include "testing.h"

struct trio { void *router, *first, *second; char endpoint[256]; };

static void *dealer_named_same (void *context, const char *endpoint)
{
    void *dealer = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, "same", 4));
    set_int (dealer, ZMQ_RECONNECT_IVL, -1);
    connect_to (dealer, endpoint);
    return dealer;
}

static struct trio open_trio (void *context, const char *address, int handover)
{
    struct trio trio = {.router = new_socket (context, ZMQ_ROUTER)};
    set_int (trio.router, ZMQ_ROUTER_HANDOVER, handover);
    set_int (trio.router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (trio.router, address, trio.endpoint);
    trio.first = dealer_named_same (context, trio.endpoint);
    send_text (trio.first, "first", 0);
    RECV_PARTS (trio.router, "same", "first", NULL);
    trio.second = dealer_named_same (context, trio.endpoint);
    return trio;
}

static void close_trio (struct trio *trio)
{
    close_now (trio->first);
    close_now (trio->second);
    close_now (trio->router);
}

static void without_handover_the_newcomer_is_ignored (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, 0);
    send_text (trio.second, "ignored", 0);
    CHECK_QUIET (trio.router);
    send_parts (trio.router, "same", "to the first", NULL);
    RECV_PARTS (trio.first, "to the first", NULL);
    send_text (trio.first, "still here", 0);
    RECV_PARTS (trio.router, "same", "still here", NULL);
    CHECK_ERRNO (zmq_recv (trio.second, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_trio (&trio);
}

static void with_handover_the_newcomer_takes_over (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, 1);
    send_text (trio.second, "second", 0);
    RECV_PARTS (trio.router, "same", "second", NULL);
    send_parts (trio.router, "same", "to the second", NULL);
    RECV_PARTS (trio.second, "to the second", NULL);
    send_text (trio.second, "again", 0);
    RECV_PARTS (trio.router, "same", "again", NULL);
    CHECK_ERRNO (zmq_recv (trio.first, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_trio (&trio);
}

/* Whatever the old peer still sends is not read; over inproc it notices and cannot send either. */
static void the_old_peer_is_cut_off (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, 1);
    send_text (trio.second, "second", 0);
    RECV_PARTS (trio.router, "same", "second", NULL);
    for (int i = 0; i < 5; i++)
        zmq_send (trio.first, "lost", 4, ZMQ_DONTWAIT);
    CHECK_QUIET (trio.router);
    send_text (trio.second, "works", 0);
    RECV_PARTS (trio.router, "same", "works", NULL);
    if (strncmp (address, "inproc", 6) == 0) {
        CHECK (!(get_int (trio.first, ZMQ_EVENTS) & ZMQ_POLLOUT));
        CHECK_ERRNO (zmq_send (trio.first, "lost", 4, ZMQ_DONTWAIT), EAGAIN);
    }
    close_trio (&trio);
}

/* A message of the old peer that is being read is read to its end first. */
static void a_message_being_read_is_finished (void *context, const char *address)
{
    struct trio trio = {.router = new_socket (context, ZMQ_ROUTER)};
    set_int (trio.router, ZMQ_ROUTER_HANDOVER, 1);
    bind_to (trio.router, address, trio.endpoint);
    trio.first = dealer_named_same (context, trio.endpoint);
    send_parts (trio.first, "1", "2", "3", NULL);
    RECV_TEXT (trio.router, "same");
    RECV_TEXT (trio.router, "1");
    trio.second = dealer_named_same (context, trio.endpoint);
    send_parts (trio.second, "4", "5", NULL);
    RECV_TEXT (trio.router, "2");
    RECV_PARTS (trio.router, "3", NULL);
    RECV_PARTS (trio.router, "same", "4", "5", NULL);
    send_parts (trio.router, "same", "reply", NULL);
    RECV_PARTS (trio.second, "reply", NULL);
    close_trio (&trio);
}

/* Handing over many times in a row always leaves the last in charge. */
static void the_last_one_wins (void *context, const char *address)
{
    enum { COUNT = 10 };
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealers[COUNT];
    set_int (router, ZMQ_ROUTER_HANDOVER, 1);
    bind_to (router, address, endpoint);
    for (int i = 0; i < COUNT; i++) {
        dealers[i] = dealer_named_same (context, endpoint);
        send_text (dealers[i], "mine", 0);
        RECV_PARTS (router, "same", "mine", NULL);
        send_parts (router, "same", "yours", NULL);
        RECV_PARTS (dealers[i], "yours", NULL);
    }
    for (int i = 0; i < COUNT; i++)
        close_now (dealers[i]);
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (without_handover_the_newcomer_is_ignored);
    over_transports (with_handover_the_newcomer_takes_over);
    over_transports (the_old_peer_is_cut_off);
    over_transports (a_message_being_read_is_finished);
    over_transports (the_last_one_wins);
    return 0;
}
