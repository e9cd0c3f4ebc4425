/* With ZMQ_XPUB_MANUAL subscriptions are only told to the reader of an XPUB; it decides, after
   reading one, what its sender is subscribed to (zmq_setsockopt(3), options: 3.7). */

#include "testing.h"

static void *open_manual (void *context, const char *address, char *endpoint)
{
    void *xpub = new_socket (context, ZMQ_XPUB);
    set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    bind_to (xpub, address, endpoint);
    return xpub;
}

static void *open_xsub (void *context, const char *endpoint)
{
    void *xsub = new_socket (context, ZMQ_XSUB);
    connect_to (xsub, endpoint);
    return xsub;
}

static void request (void *xsub, const char *request)
{
    send_text (xsub, request, 0);
}

static void unanswered_requests_have_no_effect (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = open_manual (context, address, endpoint), *xsub = open_xsub (context, endpoint);
    request (xsub, "\1A");
    CHECK_NOTICE (xpub, 1, "A");
    send_text (xpub, "A", 0);
    subscribe (xpub, "end");
    send_text (xpub, "end", 0);
    RECV_TEXT (xsub, "end");
    CHECK (!ready_within (xsub, ZMQ_POLLIN, 5));
    close_now (xsub);
    close_now (xpub);
}

static void topics_can_be_rewritten (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = open_manual (context, address, endpoint), *xsub = open_xsub (context, endpoint);
    request (xsub, "\1A");
    CHECK_NOTICE (xpub, 1, "A");
    subscribe (xpub, "B");
    subscribe (xpub, "C");
    send_text (xpub, "A", 0);
    send_text (xpub, "B1", 0);
    send_text (xpub, "C1", 0);
    RECV_TEXT (xsub, "B1");
    RECV_TEXT (xsub, "C1");
    unsubscribe (xpub, "B");
    send_text (xpub, "B2", 0);
    send_text (xpub, "C2", 0);
    RECV_TEXT (xsub, "C2");
    request (xsub, "\1X");
    CHECK_NOTICE (xpub, 1, "X");
    CHECK_INT (zmq_send (xsub, "\0X", 2, 0), 2);
    CHECK_NOTICE (xpub, 0, "X");
    unsubscribe (xpub, "C");
    subscribe (xpub, "end");
    send_text (xpub, "C3", 0);
    send_text (xpub, "end", 0);
    RECV_TEXT (xsub, "end");
    close_now (xsub);
    close_now (xpub);
}

/* Each request, repeated ones too, is told, and the answer is for the one that was read last. */
static void answers_are_for_the_last_request (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = open_manual (context, address, endpoint);
    void *one = open_xsub (context, endpoint), *two = open_xsub (context, endpoint);
    request (one, "\1T");
    CHECK_NOTICE (xpub, 1, "T");
    subscribe (xpub, "one");
    request (two, "\1T");
    CHECK_NOTICE (xpub, 1, "T");
    subscribe (xpub, "two");
    request (one, "\1T");
    CHECK_NOTICE (xpub, 1, "T");
    subscribe (xpub, "more");
    send_text (xpub, "one", 0);
    send_text (xpub, "two", 0);
    send_text (xpub, "more", 0);
    RECV_TEXT (one, "one");
    RECV_TEXT (one, "more");
    RECV_TEXT (two, "two");
    CHECK (!ready_within (two, ZMQ_POLLIN, 5));
    close_now (one);
    close_now (two);
    close_now (xpub);
}

/* When a peer goes the reader is told the topics it asked for, not the ones it was given. */
static void lost_peers_give_back_what_they_asked_for (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = open_manual (context, address, endpoint), *xsub = open_xsub (context, endpoint);
    request (xsub, "\1asked");
    CHECK_NOTICE (xpub, 1, "asked");
    subscribe (xpub, "given");
    send_text (xpub, "given", 0);
    RECV_TEXT (xsub, "given");
    close_now (xsub);
    CHECK_NOTICE (xpub, 0, "asked");
    CHECK (!ready_within (xpub, ZMQ_POLLIN, 20));
    close_now (xpub);
}

static void filters_need_the_manual_mode (void *context)
{
    void *xpub = new_socket (context, ZMQ_XPUB);
    CHECK_ERRNO (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "A", 1), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (xpub, ZMQ_UNSUBSCRIBE, "A", 1), EINVAL);
    set_int (xpub, ZMQ_XPUB_MANUAL, 1);
    subscribe (xpub, "nobody asked");
    unsubscribe (xpub, "nobody asked");
    set_int (xpub, ZMQ_XPUB_MANUAL, 0);
    CHECK_ERRNO (zmq_setsockopt (xpub, ZMQ_SUBSCRIBE, "A", 1), EINVAL);
    close_now (xpub);
}

/* A SUB filters again what it gets, so it sees only what it asked for. */
static void a_sub_filters_by_its_own_topics (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = open_manual (context, address, endpoint), *sub = new_socket (context, ZMQ_SUB);
    connect_to (sub, endpoint);
    subscribe (sub, "AB");
    CHECK_NOTICE (xpub, 1, "AB");
    subscribe (xpub, "A");
    send_text (xpub, "A", 0);
    send_text (xpub, "AB", 0);
    RECV_TEXT (sub, "AB");
    close_now (sub);
    close_now (xpub);
}

int main (void)
{
    begin_test ();
    over_transports (unanswered_requests_have_no_effect);
    over_transports (topics_can_be_rewritten);
    over_transports (answers_are_for_the_last_request);
    over_transports (lost_peers_give_back_what_they_asked_for);
    in_context (filters_need_the_manual_mode);
    over_transports (a_sub_filters_by_its_own_topics);
    return 0;
}
