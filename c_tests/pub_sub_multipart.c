/* Multipart messages are filtered by their first part alone and come whole to every subscriber
   (behaviour: Publish-subscribe). */

#include "testing.h"

static void *sub_to (void *context, const char *endpoint, const char *prefix, void *pub)
{
    void *sub = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, prefix, strlen (prefix)));
    connect_to (sub, endpoint);
    await_subscriptions (pub, sub);
    return sub;
}

static void only_the_first_part_is_matched (void *context, const char *address)
{
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_PUB);
    bind_to (pub, address, endpoint);
    void *sub = sub_to (context, endpoint, "topic", pub);
    send_parts (pub, "other", "topic", "topic", NULL);
    send_parts (pub, "topic", "other", "more", NULL);
    send_parts (pub, "", "topic", NULL);
    send_parts (pub, "topics", "", "", NULL);
    RECV_PARTS (sub, "topic", "other", "more", NULL);
    RECV_PARTS (sub, "topics", "", "", NULL);
    CHECK (!ready_within (sub, ZMQ_POLLIN, 20));
    close_now (sub);
    close_now (pub);
}

static void every_subscriber_gets_the_whole (void *context, const char *address)
{
    enum { SUBS = 3, PARTS = 100 };
    char endpoint[256], text[16];
    void *pub = new_socket (context, ZMQ_PUB), *subs[SUBS];
    bind_to (pub, address, endpoint);
    for (int i = 0; i < SUBS; i++)
        subs[i] = sub_to (context, endpoint, "p", pub);
    for (int i = 0; i < PARTS; i++) {
        snprintf (text, sizeof text, "p%d", i);
        send_text (pub, text, i + 1 < PARTS ? ZMQ_SNDMORE : 0);
    }
    for (int s = 0; s < SUBS; s++) {
        for (int i = 0; i < PARTS; i++) {
            snprintf (text, sizeof text, "p%d", i);
            RECV_TEXT (subs[s], text);
            CHECK_INT (get_int (subs[s], ZMQ_RCVMORE), i + 1 < PARTS);
        }
        close_now (subs[s]);
    }
    close_now (pub);
}

/* Unsubscribing while a message is read lets that be read to its end. */
static void a_message_being_read_stays_whole (void *context, const char *address)
{
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_PUB);
    bind_to (pub, address, endpoint);
    void *sub = sub_to (context, endpoint, "t", pub);
    send_parts (pub, "t1", "a", "b", NULL);
    send_parts (pub, "t2", "c", NULL);
    RECV_TEXT (sub, "t1");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "t", 1));
    RECV_TEXT (sub, "a");
    RECV_PARTS (sub, "b", NULL);
    CHECK (!ready_within (sub, ZMQ_POLLIN, 20));
    close_now (sub);
    close_now (pub);
}

/* A subscription that comes in the middle of a message holds from the next one on. */
static void a_message_being_sent_keeps_its_receivers (void *context)
{
    void *pub = new_socket (context, ZMQ_XPUB), *one = new_socket (context, ZMQ_SUB);
    void *two = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    connect_to (one, "inproc://pub");
    connect_to (two, "inproc://pub");
    CHECK_OK (zmq_setsockopt (one, ZMQ_SUBSCRIBE, "t", 1));
    RECV_TEXT (pub, "\1t");
    send_text (pub, "t1", ZMQ_SNDMORE);
    CHECK_OK (zmq_setsockopt (two, ZMQ_SUBSCRIBE, "", 0));
    RECV_TEXT (pub, "\1");
    send_text (pub, "rest", 0);
    send_parts (pub, "t2", "rest", NULL);
    RECV_PARTS (one, "t1", "rest", NULL);
    RECV_PARTS (one, "t2", "rest", NULL);
    RECV_PARTS (two, "t2", "rest", NULL);
    CHECK_ERRNO (zmq_recv (two, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (one);
    close_now (two);
    close_now (pub);
}

static void parts_show_only_with_the_last (void *context, const char *address)
{
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_PUB);
    bind_to (pub, address, endpoint);
    void *sub = sub_to (context, endpoint, "t", pub);
    send_text (pub, "t", ZMQ_SNDMORE);
    send_text (pub, "second", ZMQ_SNDMORE);
    CHECK (!ready_within (sub, ZMQ_POLLIN, 20));
    send_text (pub, "last", 0);
    RECV_PARTS (sub, "t", "second", "last", NULL);
    close_now (sub);
    close_now (pub);
}

int main (void)
{
    begin_test ();
    over_transports (only_the_first_part_is_matched);
    over_transports (every_subscriber_gets_the_whole);
    over_transports (a_message_being_read_stays_whole);
    in_context (a_message_being_sent_keeps_its_receivers);
    over_transports (parts_show_only_with_the_last);
    return 0;
}
