/* REQ and REP alternate strictly between sending and receiving; out of turn both say EFSM and stay
   as they were. Replies go to who asked (zmq_socket(3), behaviour: REQ, REP). */

#include "testing.h"

static void cannot_send (void *socket)
{
    CHECK (!(get_int (socket, ZMQ_EVENTS) & ZMQ_POLLOUT));
    CHECK_ERRNO (zmq_send (socket, "x", 1, 0), EFSM);
    CHECK_ERRNO (zmq_send (socket, "x", 1, ZMQ_DONTWAIT | ZMQ_SNDMORE), EFSM);
}

static void cannot_receive (void *socket)
{
    CHECK (!(get_int (socket, ZMQ_EVENTS) & ZMQ_POLLIN));
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, 0), EFSM);
    CHECK_ERRNO (zmq_recv (socket, NULL, 0, ZMQ_DONTWAIT), EFSM);
}

static void fresh_sockets_know_their_turn (void *context)
{
    void *req = new_socket (context, ZMQ_REQ), *rep = new_socket (context, ZMQ_REP);
    cannot_receive (req);
    CHECK_INT (get_int (req, ZMQ_EVENTS), 0);
    CHECK_ERRNO (zmq_send (req, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    cannot_receive (req);
    cannot_send (rep);
    CHECK_INT (get_int (rep, ZMQ_EVENTS), 0);
    CHECK_ERRNO (zmq_recv (rep, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    cannot_send (rep);
    close_now (req);
    close_now (rep);
}

/* Every state of both sides during two exchanges of two parts each way. */
static void turns_are_kept (void *context, const char *address)
{
    void *req, *rep;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_REQ, &req);
    for (int round = 0; round < 2; round++) {
        CHECK (ready_within (req, ZMQ_POLLOUT, PATIENCE_MS));
        cannot_receive (req);
        send_text (req, "request", ZMQ_SNDMORE);
        CHECK (get_int (req, ZMQ_EVENTS) & ZMQ_POLLOUT);
        cannot_receive (req);
        send_text (req, "tail", 0);
        cannot_send (req);
        CHECK_ERRNO (zmq_recv (req, NULL, 0, ZMQ_DONTWAIT), EAGAIN);

        cannot_send (rep);
        RECV_TEXT (rep, "request");
        cannot_send (rep);
        RECV_PARTS (rep, "tail", NULL);
        cannot_receive (rep);
        CHECK (get_int (rep, ZMQ_EVENTS) & ZMQ_POLLOUT);
        send_text (rep, "reply", ZMQ_SNDMORE);
        cannot_receive (rep);
        send_text (rep, "end", 0);
        cannot_send (rep);
        CHECK_ERRNO (zmq_recv (rep, NULL, 0, ZMQ_DONTWAIT), EAGAIN);

        cannot_send (req);
        RECV_TEXT (req, "reply");
        cannot_send (req);
        CHECK (get_int (req, ZMQ_EVENTS) & ZMQ_POLLIN);
        RECV_PARTS (req, "end", NULL);
    }
    close_now (req);
    close_now (rep);
}

static void empty_bodies_are_bodies (void *context, const char *address)
{
    void *req, *rep;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_parts (req, "", NULL);
    RECV_PARTS (rep, "", NULL);
    send_parts (rep, "", "", NULL);
    RECV_PARTS (req, "", "", NULL);
    send_parts (req, "", "x", "", NULL);
    RECV_PARTS (rep, "", "x", "", NULL);
    send_parts (rep, "y", NULL);
    RECV_PARTS (req, "y", NULL);
    close_now (req);
    close_now (rep);
}

static void replies_go_to_who_asked (void *context, const char *address)
{
    enum { CLIENTS = 5 };
    char endpoint[256], text[32];
    void *rep = new_socket (context, ZMQ_REP), *reqs[CLIENTS];
    bind_to (rep, address, endpoint);
    for (int i = 0; i < CLIENTS; i++) {
        reqs[i] = new_socket (context, ZMQ_REQ);
        connect_to (reqs[i], endpoint);
    }
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "client %d", i);
            send_text (reqs[i], text, 0);
        }
        for (int i = 0; i < CLIENTS; i++) {
            int size = recv_part (rep, text, sizeof text);
            CHECK_INT (zmq_send (rep, text, (size_t) size, ZMQ_SNDMORE), size);
            send_text (rep, "thanks", 0);
        }
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "client %d", i);
            RECV_PARTS (reqs[i], text, "thanks", NULL);
        }
    }
    for (int i = 0; i < CLIENTS; i++)
        close_now (reqs[i]);
    close_now (rep);
}

/* A REQ of several servers asks them in turn. */
static void requests_are_dealt_in_turn (void *context)
{
    enum { SERVERS = 3 };
    char endpoint[32];
    void *req = new_socket (context, ZMQ_REQ), *reps[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        snprintf (endpoint, sizeof endpoint, "inproc://rep-%d", i);
        reps[i] = new_socket (context, ZMQ_REP);
        CHECK_OK (zmq_bind (reps[i], endpoint));
        connect_to (req, endpoint);
    }
    for (int i = 0; i < 4 * SERVERS; i++) {
        send_text (req, "question", 0);
        RECV_TEXT (reps[i % SERVERS], "question");
        send_text (reps[i % SERVERS], "answer", 0);
        RECV_TEXT (req, "answer");
    }
    for (int i = 0; i < SERVERS; i++)
        close_now (reps[i]);
    close_now (req);
}

/* The asker went before the reply: that is dropped and the next one served. */
static void replies_to_the_gone_are_dropped (void *context, const char *address)
{
    char endpoint[256];
    void *rep = new_socket (context, ZMQ_REP), *gone = new_socket (context, ZMQ_REQ);
    void *stays = new_socket (context, ZMQ_REQ);
    bind_to (rep, address, endpoint);
    connect_to (gone, endpoint);
    send_text (gone, "question", 0);
    RECV_TEXT (rep, "question");
    close_now (gone);
    connect_to (stays, endpoint);
    send_text (stays, "another", 0);
    send_text (rep, "nobody", ZMQ_SNDMORE);
    send_text (rep, "hears", 0);
    RECV_TEXT (rep, "another");
    send_text (rep, "answer", 0);
    RECV_PARTS (stays, "answer", NULL);
    close_now (stays);
    close_now (rep);
}

/* A request given up with its socket in the middle never shows. */
static void begun_requests_do_not_arrive (void *context, const char *address)
{
    char endpoint[256];
    void *rep = new_socket (context, ZMQ_REP), *begun = new_socket (context, ZMQ_REQ);
    void *whole = new_socket (context, ZMQ_REQ);
    bind_to (rep, address, endpoint);
    connect_to (begun, endpoint);
    send_text (begun, "begun", ZMQ_SNDMORE);
    CHECK_OK (zmq_close (begun));
    connect_to (whole, endpoint);
    send_text (whole, "whole", 0);
    RECV_PARTS (rep, "whole", NULL);
    send_text (rep, "reply", 0);
    RECV_TEXT (whole, "reply");
    close_now (whole);
    close_now (rep);
}

int main (void)
{
    begin_test ();
    in_context (fresh_sockets_know_their_turn);
    over_transports (turns_are_kept);
    over_transports (empty_bodies_are_bodies);
    over_transports (replies_go_to_who_asked);
    in_context (requests_are_dealt_in_turn);
    over_transports (replies_to_the_gone_are_dropped);
    over_transports (begun_requests_do_not_arrive);
    return 0;
}
