/* ZMQ_REQ_CORRELATE numbers the requests and drops replies with another number; ZMQ_REQ_RELAXED
   lets a new request go out before the reply to the last (zmq_setsockopt(3), options: 3.6). The
   peer is a ROUTER that sees and makes envelopes. */

#include "testing.h"

struct request { char id[256]; int id_size; uint32_t number; };

/* Reads [id, (number), "", body] at a ROUTER. */
static struct request read_request (void *router, int numbered, const char *body)
{
    struct request request = {.number = 0};
    request.id_size = recv_part (router, request.id, sizeof request.id);
    if (numbered)
        CHECK_INT (recv_part (router, &request.number, 4), 4);
    RECV_PARTS (router, "", body, NULL);
    return request;
}

static void reply (void *router, const struct request *to, const uint32_t *number, const char *body)
{
    CHECK_INT (zmq_send (router, to->id, (size_t) to->id_size, ZMQ_SNDMORE), to->id_size);
    if (number)
        CHECK_INT (zmq_send (router, number, 4, ZMQ_SNDMORE), 4);
    send_parts (router, "", body, NULL);
}

/* Waits in zmq_recv itself: a stale reply makes the socket look ready and is dropped only then. */
static void recv_reply (void *req, const char *text)
{
    char buffer[64];
    set_int (req, ZMQ_RCVTIMEO, PATIENCE_MS);
    CHECK_INT (zmq_recv (req, buffer, sizeof buffer, 0), strlen (text));
    CHECK (memcmp (buffer, text, strlen (text)) == 0);
    CHECK_INT (get_int (req, ZMQ_RCVMORE), 0);
}

static void open_pair (void *context, const char *address, void **router, void **req, int correlate,
                       int relaxed)
{
    char endpoint[256];
    *router = new_socket (context, ZMQ_ROUTER);
    *req = new_socket (context, ZMQ_REQ);
    set_int (*req, ZMQ_REQ_CORRELATE, correlate);
    set_int (*req, ZMQ_REQ_RELAXED, relaxed);
    bind_to (*router, address, endpoint);
    connect_to (*req, endpoint);
}

static void without_the_options_requests_are_plain (void *context, const char *address)
{
    void *router, *req;
    open_pair (context, address, &router, &req, 0, 0);
    for (int i = 0; i < 3; i++) {
        send_text (req, "body", 0);
        CHECK_ERRNO (zmq_send (req, "again", 5, 0), EFSM);
        struct request request = read_request (router, 0, "body");
        reply (router, &request, NULL, "reply");
        RECV_PARTS (req, "reply", NULL);
    }
    close_now (req);
    close_now (router);
}

static void requests_are_numbered (void *context, const char *address)
{
    void *router, *req;
    uint32_t last = 0;
    open_pair (context, address, &router, &req, 1, 0);
    for (int i = 0; i < 5; i++) {
        send_text (req, "body", 0);
        CHECK_ERRNO (zmq_send (req, "again", 5, 0), EFSM);
        struct request request = read_request (router, 1, "body");
        if (i > 0)
            CHECK_INT (request.number, (uint32_t) (last + 1));
        last = request.number;
        reply (router, &request, &request.number, "reply");
        RECV_PARTS (req, "reply", NULL);
    }
    close_now (req);
    close_now (router);
}

static void wrong_numbers_are_skipped (void *context, const char *address)
{
    void *router, *req;
    open_pair (context, address, &router, &req, 1, 0);
    for (int i = 0; i < 3; i++) {
        send_text (req, "body", 0);
        struct request request = read_request (router, 1, "body");
        uint32_t before = request.number - 1, after = request.number + 1;
        reply (router, &request, &before, "stale");
        reply (router, &request, &after, "early");
        reply (router, &request, &request.number, "right");
        reply (router, &request, &request.number, "twice");
        recv_reply (req, "right");
        CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EFSM);
    }
    close_now (req);
    close_now (router);
}

/* A REP gives the number back by itself. */
static void rep_echoes_the_number (void *context, const char *address)
{
    char endpoint[256];
    void *rep = new_socket (context, ZMQ_REP), *req = new_socket (context, ZMQ_REQ);
    set_int (req, ZMQ_REQ_CORRELATE, 1);
    bind_to (rep, address, endpoint);
    connect_to (req, endpoint);
    for (int i = 0; i < 3; i++) {
        send_parts (req, "some", "request", NULL);
        RECV_PARTS (rep, "some", "request", NULL);
        send_parts (rep, "some", "reply", NULL);
        RECV_PARTS (req, "some", "reply", NULL);
    }
    close_now (req);
    close_now (rep);
}

static void relaxed_requests_may_follow_each_other (void *context, const char *address)
{
    static const char *const bodies[] = {"first", "second", "third"};
    void *router, *req;
    struct request requests[3];
    open_pair (context, address, &router, &req, 1, 1);
    CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EFSM);
    for (int i = 0; i < 3; i++) {
        CHECK (ready_within (req, ZMQ_POLLOUT, PATIENCE_MS));
        send_text (req, bodies[i], 0);
    }
    for (int i = 0; i < 3; i++)
        requests[i] = read_request (router, 1, bodies[i]);
    for (int i = 0; i < 3; i++)
        reply (router, &requests[i], &requests[i].number, bodies[i]);
    recv_reply (req, "third");
    CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EFSM);
    close_now (req);
    close_now (router);
}

/* Replies that were there before the next request went out are dropped even without numbers. */
static void relaxed_requests_drop_what_had_come (void *context, const char *address)
{
    void *router, *req;
    open_pair (context, address, &router, &req, 0, 1);
    send_text (req, "first", 0);
    struct request request = read_request (router, 0, "first");
    reply (router, &request, NULL, "reply to first");
    CHECK (ready_within (req, ZMQ_POLLIN, PATIENCE_MS));
    send_text (req, "second", 0);
    request = read_request (router, 0, "second");
    reply (router, &request, NULL, "reply to second");
    recv_reply (req, "reply to second");
    close_now (req);
    close_now (router);
}

static void relaxed_may_leave_a_silent_server (void *context)
{
    void *silent = new_socket (context, ZMQ_REP), *rep = new_socket (context, ZMQ_REP);
    void *req = new_socket (context, ZMQ_REQ);
    set_int (req, ZMQ_REQ_RELAXED, 1);
    set_int (req, ZMQ_REQ_CORRELATE, 1);
    CHECK_OK (zmq_bind (silent, "inproc://silent"));
    CHECK_OK (zmq_bind (rep, "inproc://rep"));
    connect_to (req, "inproc://silent");
    connect_to (req, "inproc://rep");
    send_text (req, "one", 0);
    RECV_TEXT (silent, "one");
    send_text (req, "two", 0);
    RECV_TEXT (rep, "two");
    send_text (silent, "late", 0);
    send_text (rep, "reply", 0);
    RECV_PARTS (req, "reply", NULL);
    close_now (req);
    close_now (silent);
    close_now (rep);
}

int main (void)
{
    begin_test ();
    over_transports (without_the_options_requests_are_plain);
    over_transports (requests_are_numbered);
    over_transports (wrong_numbers_are_skipped);
    over_transports (rep_echoes_the_number);
    over_transports (relaxed_requests_may_follow_each_other);
    over_transports (relaxed_requests_drop_what_had_come);
    in_context (relaxed_may_leave_a_silent_server);
    return 0;
}
