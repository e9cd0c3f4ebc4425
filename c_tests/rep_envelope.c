/* REP keeps everything up to the first empty part as the way back and puts it before the reply; REQ
   wants an empty part first. What has no empty part is skipped (zmq_socket(3), behaviour: REQ,
   REP). The peers are a DEALER and a ROUTER that make envelopes by hand. */

#include "testing.h"

static void the_envelope_comes_back (void *context, const char *address)
{
    void *rep, *dealer;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_parts (dealer, "", "body", NULL);
    RECV_PARTS (rep, "body", NULL);
    send_parts (rep, "reply", NULL);
    RECV_PARTS (dealer, "", "reply", NULL);

    send_parts (dealer, "far", "near", "", "body", "more", NULL);
    RECV_PARTS (rep, "body", "more", NULL);
    send_parts (rep, "reply", "and", "more", NULL);
    RECV_PARTS (dealer, "far", "near", "", "reply", "and", "more", NULL);
    close_now (dealer);
    close_now (rep);
}

/* Only the first empty part counts; later ones are body. */
static void later_empty_parts_are_body (void *context, const char *address)
{
    void *rep, *dealer;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_parts (dealer, "", "", "", NULL);
    RECV_PARTS (rep, "", "", NULL);
    send_parts (rep, "", NULL);
    RECV_PARTS (dealer, "", "", NULL);
    send_parts (dealer, "way", "", "body", "", "tail", NULL);
    RECV_PARTS (rep, "body", "", "tail", NULL);
    send_parts (rep, "reply", NULL);
    RECV_PARTS (dealer, "way", "", "reply", NULL);
    close_now (dealer);
    close_now (rep);
}

static void a_request_without_empty_part_is_skipped (void *context, const char *address)
{
    void *rep, *dealer;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    send_parts (dealer, "one part", NULL);
    send_parts (dealer, "", NULL);
    send_parts (dealer, "three", "parts", "long", NULL);
    send_parts (dealer, "ends", "", NULL);
    send_parts (dealer, "good", "", "body", NULL);
    RECV_PARTS (rep, "body", NULL);
    send_parts (rep, "reply", NULL);
    RECV_PARTS (dealer, "good", "", "reply", NULL);
    CHECK_ERRNO (zmq_recv (rep, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_recv (dealer, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (dealer);
    close_now (rep);
}

/* Requests queue up and are answered one after the other, each with its own envelope. */
static void requests_may_queue (void *context, const char *address)
{
    void *rep, *dealer;
    char way[16], body[16];
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_DEALER, &dealer);
    for (int i = 0; i < 50; i++) {
        snprintf (way, sizeof way, "way %d", i);
        snprintf (body, sizeof body, "body %d", i);
        send_parts (dealer, way, "", body, NULL);
    }
    for (int i = 0; i < 50; i++) {
        snprintf (body, sizeof body, "body %d", i);
        RECV_PARTS (rep, body, NULL);
        send_parts (rep, body, NULL);
    }
    for (int i = 0; i < 50; i++) {
        snprintf (way, sizeof way, "way %d", i);
        snprintf (body, sizeof body, "body %d", i);
        RECV_PARTS (dealer, way, "", body, NULL);
    }
    close_now (dealer);
    close_now (rep);
}

/* REQ, a ROUTER and DEALER in between, and REP: the way back is two ids long. */
static void envelopes_pass_a_broker (void *context, const char *address)
{
    char front[256], id[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    void *req = new_socket (context, ZMQ_REQ), *rep = new_socket (context, ZMQ_REP);
    bind_to (router, address, front);
    CHECK_OK (zmq_bind (rep, "inproc://back"));
    connect_to (req, front);
    connect_to (dealer, "inproc://back");
    send_text (req, "question", 0);
    int size = recv_part (router, id, sizeof id);
    RECV_PARTS (router, "", "question", NULL);
    CHECK_INT (zmq_send (dealer, id, (size_t) size, ZMQ_SNDMORE), size);
    send_parts (dealer, "", "question", NULL);
    RECV_PARTS (rep, "question", NULL);
    send_text (rep, "answer", 0);
    CHECK_INT (recv_part (dealer, id, sizeof id), size);
    RECV_PARTS (dealer, "", "answer", NULL);
    CHECK_INT (zmq_send (router, id, (size_t) size, ZMQ_SNDMORE), size);
    send_parts (router, "", "answer", NULL);
    RECV_PARTS (req, "answer", NULL);
    close_now (req);
    close_now (router);
    close_now (dealer);
    close_now (rep);
}

static void req_skips_replies_without_empty_part (void *context)
{
    void *router, *req;
    connected_pair (context, "inproc://a", ZMQ_ROUTER, &router, ZMQ_REQ, &req);
    send_text (req, "question", 0);
    char id[256];
    int size = recv_part (router, id, sizeof id);
    RECV_PARTS (router, "", "question", NULL);
    const char *bad[][3] = {{"alone", NULL, NULL}, {"two", "parts", NULL}, {"late", "", NULL}};
    for (int i = 0; i < 3; i++) {
        CHECK_INT (zmq_send (router, id, (size_t) size, ZMQ_SNDMORE), size);
        send_parts (router, bad[i][0], bad[i][1], bad[i][2]);
    }
    CHECK_INT (zmq_send (router, id, (size_t) size, ZMQ_SNDMORE), size);
    send_parts (router, "", "answer", NULL);
    RECV_PARTS (req, "answer", NULL);
    close_now (req);
    close_now (router);
}

/* Over a connection a reply without the empty part ends that. */
static void malformed_replies_end_the_connection (void *context, const char *address)
{
    void *router, *req;
    char id[256];
    if (strncmp (address, "inproc", 6) == 0)
        return;
    connected_pair (context, address, ZMQ_ROUTER, &router, ZMQ_REQ, &req);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    send_text (req, "question", 0);
    size_t size = (size_t) recv_part (router, id, sizeof id);
    RECV_PARTS (router, "", "question", NULL);
    CHECK_INT (zmq_send (router, id, size, ZMQ_SNDMORE), size);
    send_parts (router, "no", "delimiter", NULL);
    double end = now_ms () + PATIENCE_MS;
    while (zmq_send (router, id, size, ZMQ_SNDMORE) >= 0) {
        send_parts (router, "", "too late", NULL);
        CHECK (now_ms () < end);
        ready_within (req, ZMQ_POLLIN, 2);
    }
    CHECK_INT (zmq_errno (), EHOSTUNREACH);
    CHECK (!ready_within (req, ZMQ_POLLIN, 0));
    CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (req);
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (the_envelope_comes_back);
    over_transports (later_empty_parts_are_body);
    over_transports (a_request_without_empty_part_is_skipped);
    over_transports (requests_may_queue);
    over_transports (envelopes_pass_a_broker);
    in_context (req_skips_replies_without_empty_part);
    over_transports (malformed_replies_end_the_connection);
    return 0;
}
