/* An XSUB subscribes by sending byte 1 and the topic, unsubscribes by byte 0, and sends anything
   else up to its publishers as a message, which an XPUB reads and a PUB discards (zmq_socket(3),
   behaviour: Publish-subscribe). */

#include "testing.h"

static void subscriptions_are_sent (void *context, const char *address)
{
    void *xpub, *xsub;
    connected_pair (context, address, ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_text (xsub, "\1A", 0);
    CHECK_NOTICE (xpub, 1, "A");
    send_text (xpub, "AA", 0);
    send_text (xpub, "BB", 0);
    send_parts (xpub, "A", "more", NULL);
    RECV_PARTS (xsub, "AA", NULL);
    RECV_PARTS (xsub, "A", "more", NULL);
    CHECK_INT (zmq_send (xsub, "\0A", 2, 0), 2);
    CHECK_NOTICE (xpub, 0, "A");
    send_text (xpub, "AA", 0);
    send_text (xsub, "\1", 0);
    CHECK_NOTICE (xpub, 1, "");
    send_text (xpub, "all", 0);
    RECV_PARTS (xsub, "all", NULL);
    close_now (xsub);
    close_now (xpub);
}

static void other_messages_go_up (void *context, const char *address)
{
    void *xpub, *xsub;
    connected_pair (context, address, ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_text (xsub, "\1A", 0);
    send_text (xsub, "up", 0);
    send_parts (xsub, "two", "parts", NULL);
    send_text (xsub, "", 0);
    send_text (xsub, "\2\1", 0);
    CHECK_NOTICE (xpub, 1, "A");
    RECV_PARTS (xpub, "up", NULL);
    RECV_PARTS (xpub, "two", "parts", NULL);
    RECV_PARTS (xpub, "", NULL);
    RECV_PARTS (xpub, "\2\1", NULL);
    send_text (xpub, "A", 0);
    RECV_TEXT (xsub, "A");
    close_now (xsub);
    close_now (xpub);
}

/* Requests count wherever in a message they stand; an XPUB reads them in their place, where the message
   ends for its reader, and the rest as another. */
static void requests_stay_in_their_place (void *context, const char *address)
{
    void *xpub, *xsub;
    connected_pair (context, address, ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    send_parts (xsub, "one", "\1two", "three", NULL);
    send_parts (xsub, "\1one", "\1two", "three", "four", NULL);
    send_parts (xsub, "one", "two", "\1three", NULL);
    CHECK_INT (zmq_send (xsub, "one", 3, ZMQ_SNDMORE), 3);
    CHECK_INT (zmq_send (xsub, "\0nothing", 8, ZMQ_SNDMORE), 8);
    CHECK_INT (zmq_send (xsub, "\0three", 6, ZMQ_SNDMORE), 6);
    send_text (xsub, "two", 0);
    RECV_PARTS (xpub, "one", "\1two", NULL);
    RECV_PARTS (xpub, "three", NULL);
    RECV_PARTS (xpub, "\1one", NULL);
    RECV_PARTS (xpub, "three", "four", NULL);
    RECV_PARTS (xpub, "one", "two", "\1three", NULL);
    RECV_TEXT (xpub, "one");
    CHECK_INT (get_int (xpub, ZMQ_RCVMORE), 1);
    CHECK_NOTICE (xpub, 0, "three");
    RECV_PARTS (xpub, "two", NULL);
    send_text (xpub, "three", 0);
    send_text (xpub, "two", 0);
    RECV_PARTS (xsub, "two", NULL);
    close_now (xsub);
    close_now (xpub);
}

static void a_pub_discards_what_comes_up (void *context, const char *address)
{
    void *pub, *xsub;
    connected_pair (context, address, ZMQ_PUB, &pub, ZMQ_XSUB, &xsub);
    for (int i = 0; i < 10; i++)
        send_parts (xsub, "up", "and", "away", NULL);
    send_text (xsub, "\1t", 0);
    double end = now_ms () + PATIENCE_MS;
    do {
        CHECK (now_ms () < end);
        send_text (pub, "t", 0);
    } while (!ready_within (xsub, ZMQ_POLLIN, 5));
    CHECK_INT (get_int (pub, ZMQ_EVENTS), ZMQ_POLLOUT);
    CHECK_ERRNO (zmq_recv (pub, NULL, 0, ZMQ_DONTWAIT), ENOTSUP);
    close_now (xsub);
    close_now (pub);
}

/* Everything sent goes to all publishers, and their messages are read in turn. */
static void all_publishers_get_it (void *context, const char *address)
{
    enum { PUBS = 3 };
    char endpoint[256], text[8];
    void *xsub = new_socket (context, ZMQ_XSUB), *xpubs[PUBS];
    bind_to (xsub, address, endpoint);
    send_text (xsub, "\1T", 0);
    for (int i = 0; i < PUBS; i++) {
        xpubs[i] = new_socket (context, ZMQ_XPUB);
        connect_to (xpubs[i], endpoint);
        zmq_pollitem_t items[] = {{xpubs[i], 0, ZMQ_POLLIN, 0}, {xsub, 0, ZMQ_POLLIN, 0}};
        CHECK_INT (zmq_poll (items, 2, PATIENCE_MS), 1);
        CHECK_NOTICE (xpubs[i], 1, "T");
    }
    send_parts (xsub, "up", "to all", NULL);
    send_text (xsub, "\1S", 0);
    for (int i = 0; i < PUBS; i++) {
        RECV_PARTS (xpubs[i], "up", "to all", NULL);
        CHECK_NOTICE (xpubs[i], 1, "S");
        snprintf (text, sizeof text, "T%d", i);
        send_text (xpubs[i], text, 0);
        RECV_TEXT (xsub, text);
    }
    for (int i = 0; i < PUBS; i++)
        close_now (xpubs[i]);
    close_now (xsub);
}

/* A publisher that comes later is told all current subscriptions, each once. */
static void later_publishers_are_told_everything (void *context)
{
    void *xsub = new_socket (context, ZMQ_XSUB);
    void *one = new_socket (context, ZMQ_XPUB), *two = new_socket (context, ZMQ_XPUB);
    CHECK_OK (zmq_bind (one, "inproc://one"));
    CHECK_OK (zmq_bind (two, "inproc://two"));
    connect_to (xsub, "inproc://one");
    static const char *const sent[] = {"\1a", "\1b", "\1b", "\1c"};
    for (int i = 0; i < 4; i++)
        send_text (xsub, sent[i], 0);
    CHECK_INT (zmq_send (xsub, "\0c", 2, 0), 2);
    CHECK_NOTICE (one, 1, "a");
    CHECK_NOTICE (one, 1, "b");
    CHECK_NOTICE (one, 1, "c");
    CHECK_NOTICE (one, 0, "c");
    connect_to (xsub, "inproc://two");
    int seen = 0;
    for (int i = 0; i < 2; i++) {
        char notice[4];
        CHECK_INT (recv_part (two, notice, sizeof notice), 2);
        CHECK_INT (notice[0], 1);
        seen |= notice[1] == 'a' ? 1 : notice[1] == 'b' ? 2 : 4;
    }
    CHECK_INT (seen, 3);
    CHECK_ERRNO (zmq_recv (two, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (xsub);
    close_now (one);
    close_now (two);
}

/* The forwarder's way: what an XPUB reads can be sent by an XSUB as it is. */
static void notices_can_be_passed_on (void *context, const char *address)
{
    char notice[16];
    void *front, *sub, *back = new_socket (context, ZMQ_XSUB),
        *pub = new_socket (context, ZMQ_XPUB);
    connected_pair (context, address, ZMQ_XPUB, &front, ZMQ_SUB, &sub);
    CHECK_OK (zmq_bind (pub, "inproc://source"));
    connect_to (back, "inproc://source");
    subscribe (sub, "T");
    int size = recv_part (front, notice, sizeof notice);
    CHECK_INT (zmq_send (back, notice, (size_t) size, 0), size);
    CHECK_NOTICE (pub, 1, "T");
    send_parts (pub, "T", "news", NULL);
    RECV_PARTS (back, "T", "news", NULL);
    send_parts (front, "T", "news", NULL);
    RECV_PARTS (sub, "T", "news", NULL);
    unsubscribe (sub, "T");
    size = recv_part (front, notice, sizeof notice);
    CHECK_INT (zmq_send (back, notice, (size_t) size, 0), size);
    CHECK_NOTICE (pub, 0, "T");
    close_now (sub);
    close_now (front);
    close_now (back);
    close_now (pub);
}

/* Sending never waits: without publishers it just succeeds. */
static void sending_never_waits (void *context)
{
    void *xsub = new_socket (context, ZMQ_XSUB);
    CHECK_INT (get_int (xsub, ZMQ_EVENTS), ZMQ_POLLOUT);
    for (int i = 0; i < 3000; i++)
        send_text (xsub, "up", 0);
    CHECK_ERRNO (zmq_recv (xsub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (xsub);
}

int main (void)
{
    begin_test ();
    over_transports (subscriptions_are_sent);
    over_transports (other_messages_go_up);
    over_transports (requests_stay_in_their_place);
    over_transports (a_pub_discards_what_comes_up);
    over_transports (all_publishers_get_it);
    in_context (later_publishers_are_told_everything);
    over_transports (notices_can_be_passed_on);
    in_context (sending_never_waits);
    return 0;
}
