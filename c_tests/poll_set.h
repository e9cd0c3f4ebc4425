/* Many sockets to poll: DEALERs of one ROUTER, as items for zmq_poll and in a poller. */

#ifndef POLL_SET_H
#define POLL_SET_H

#include "testing.h"

#define COUNT 60

struct set
{
    void *context;
    void *router;
    void *dealers[COUNT];
    zmq_pollitem_t items[COUNT];
    void *poller;
};

static inline void make_set (struct set *set, void *context, const char *address)
{
    char endpoint[256];
    set->context = context;
    set->router = new_socket (context, ZMQ_ROUTER);
    set->poller = zmq_poller_new ();
    set_int (set->router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (set->router, address, endpoint);
    for (int i = 0; i < COUNT; i++) {
        char id[2] = {'d', (char) i}, buffer[8];
        void *dealer = new_socket (context, ZMQ_DEALER);
        CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, id, sizeof id));
        connect_to (dealer, endpoint);
        send_text (dealer, "hello", 0);
        recv_part (set->router, buffer, sizeof buffer);
        RECV_TEXT (set->router, "hello");
        set->dealers[i] = dealer;
        set->items[i] = (zmq_pollitem_t) {dealer, 0, ZMQ_POLLIN, 77};
        CHECK_OK (zmq_poller_add (set->poller, dealer, &set->dealers[i], ZMQ_POLLIN));
    }
}

static inline void drop_set (struct set *set)
{
    CHECK_OK (zmq_poller_destroy (&set->poller));
    for (int i = 0; i < COUNT; i++)
        if (set->dealers[i])
            close_now (set->dealers[i]);
    close_now (set->router);
}

static inline void say (struct set *set, int to, const char *text)
{
    char id[2] = {'d', (char) to};
    CHECK_INT (zmq_send (set->router, id, sizeof id, ZMQ_SNDMORE), sizeof id);
    send_text (set->router, text, 0);
}

/* Both ways of waiting report exactly these sockets, in order. */
static inline void check_ready (struct set *set, const int *expected, int count, long timeout)
{
    zmq_poller_event_t events[COUNT];
    CHECK_INT (zmq_poll (set->items, COUNT, timeout), count);
    for (int i = 0, next = 0; i < COUNT; i++) {
        int is_expected = next < count && expected[next] == i;
        CHECK_INT (set->items[i].revents, is_expected ? ZMQ_POLLIN : 0);
        next += is_expected;
    }
    if (count == 0) {
        CHECK_ERRNO (zmq_poller_wait_all (set->poller, events, COUNT, timeout), EAGAIN);
        return;
    }
    CHECK_INT (zmq_poller_wait_all (set->poller, events, COUNT, timeout), count);
    for (int i = 0; i < count; i++) {
        CHECK (events[i].socket == set->dealers[expected[i]]);
        CHECK (events[i].user_data == &set->dealers[expected[i]]);
        CHECK_INT (events[i].events, ZMQ_POLLIN);
    }
}

#endif
