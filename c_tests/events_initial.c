/* ZMQ_EVENTS by socket type: with no peer, with a connect under way, and with a peer (zmq_getsockopt
   (3), zmq_socket (3)). */

#include "testing.h"

static void without_a_peer (void *context)
{
    static const struct {
        int type, events;
    } rows[] = {
        {ZMQ_PAIR, 0},   {ZMQ_SUB, 0},  {ZMQ_REQ, 0},  {ZMQ_REP, 0},
        {ZMQ_DEALER, 0}, {ZMQ_PULL, 0}, {ZMQ_PUSH, 0}, {ZMQ_PUB, ZMQ_POLLOUT},
        {ZMQ_XPUB, ZMQ_POLLOUT}, {ZMQ_XSUB, ZMQ_POLLOUT}, {ZMQ_ROUTER, ZMQ_POLLOUT},
        {ZMQ_STREAM, ZMQ_POLLOUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *socket = new_socket (context, rows[i].type);
        if (get_int (socket, ZMQ_EVENTS) != rows[i].events)
            FAIL ("type %d starts with events %d", rows[i].type, get_int (socket, ZMQ_EVENTS));
        zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN | ZMQ_POLLOUT, 0};
        CHECK_INT (zmq_poll (&item, 1, 0), rows[i].events ? 1 : 0);
        CHECK_INT (item.revents, rows[i].events);
        close_now (socket);
    }
}

/* After connect to nobody yet there is a queue to send to. */
static void with_a_connect_under_way (void *context)
{
    static const struct {
        int type, events;
    } rows[] = {
        {ZMQ_PAIR, ZMQ_POLLOUT}, {ZMQ_SUB, 0},  {ZMQ_REQ, ZMQ_POLLOUT},  {ZMQ_REP, 0},
        {ZMQ_DEALER, ZMQ_POLLOUT}, {ZMQ_PULL, 0}, {ZMQ_PUSH, ZMQ_POLLOUT}, {ZMQ_PUB, ZMQ_POLLOUT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *socket = new_socket (context, rows[i].type);
        connect_to (socket, "inproc://nobody");
        if (get_int (socket, ZMQ_EVENTS) != rows[i].events)
            FAIL ("type %d, connecting, has events %d", rows[i].type,
                  get_int (socket, ZMQ_EVENTS));
        close_now (socket);
    }
}

static void a_mandatory_router_needs_a_peer (void *context)
{
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    CHECK_INT (get_int (router, ZMQ_EVENTS), 0);
    CHECK_OK (zmq_bind (router, "inproc://mandatory"));
    CHECK_INT (get_int (router, ZMQ_EVENTS), 0);
    connect_to (dealer, "inproc://mandatory");
    CHECK (ready_within (router, ZMQ_POLLOUT, PATIENCE_MS));
    close_now (dealer);
    close_now (router);
}

/* A conversation shows in the events: who may speak, and who may listen. */
static void requests_and_replies_take_turns (void *context)
{
    void *rep, *req;
    connected_pair (context, "inproc://turns", ZMQ_REP, &rep, ZMQ_REQ, &req);
    for (int i = 0; i < 2; i++) {
        CHECK_INT (get_int (req, ZMQ_EVENTS), ZMQ_POLLOUT);
        CHECK_INT (get_int (rep, ZMQ_EVENTS), 0);
        send_text (req, "question", 0);
        CHECK_INT (get_int (req, ZMQ_EVENTS), 0);
        CHECK_INT (get_int (rep, ZMQ_EVENTS), ZMQ_POLLIN);
        RECV_TEXT (rep, "question");
        CHECK_INT (get_int (rep, ZMQ_EVENTS), ZMQ_POLLOUT);
        send_text (rep, "answer", 0);
        CHECK_INT (get_int (rep, ZMQ_EVENTS), 0);
        CHECK_INT (get_int (req, ZMQ_EVENTS), ZMQ_POLLIN);
        RECV_TEXT (req, "answer");
    }
    close_now (req);
    close_now (rep);
}

/* The option accepts a wider buffer and cannot be set. */
static void its_size_is_checked (void *context)
{
    int value[2] = {-1, -1};
    size_t size = sizeof value;
    void *socket = new_socket (context, ZMQ_PUB);
    CHECK_OK (zmq_getsockopt (socket, ZMQ_EVENTS, value, &size));
    CHECK_INT (size, 4);
    CHECK_INT (value[0], ZMQ_POLLOUT);
    size = 3;
    CHECK_ERRNO (zmq_getsockopt (socket, ZMQ_EVENTS, value, &size), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_EVENTS, value, 4), EINVAL);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (without_a_peer);
    in_context (with_a_connect_under_way);
    in_context (a_mandatory_router_needs_a_peer);
    in_context (requests_and_replies_take_turns);
    in_context (its_size_is_checked);
    return 0;
}
