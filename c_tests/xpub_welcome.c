/* ZMQ_XPUB_WELCOME_MSG is sent to each subscriber as it joins, before anything else; a SUB sees it
   if it asked for it (zmq_setsockopt(3), options: 72). */

#include "testing.h"

static void set_welcome (void *pub, const char *text)
{
    CHECK_OK (zmq_setsockopt (pub, ZMQ_XPUB_WELCOME_MSG, text, strlen (text)));
}

static void each_subscriber_is_welcomed (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = new_socket (context, ZMQ_XPUB), *subs[3];
    set_welcome (xpub, "welcome!");
    bind_to (xpub, address, endpoint);
    for (int i = 0; i < 3; i++) {
        subs[i] = new_socket (context, ZMQ_SUB);
        subscribe (subs[i], "w");
        connect_to (subs[i], endpoint);
        if (i == 0)
            CHECK_NOTICE (xpub, 1, "w");
        else {
            subscribe (subs[i], i == 1 ? "1" : "2");
            CHECK_NOTICE (xpub, 1, i == 1 ? "1" : "2");
        }
        RECV_PARTS (subs[i], "welcome!", NULL);
    }
    send_text (xpub, "w ordinary", 0);
    for (int i = 0; i < 3; i++) {
        RECV_PARTS (subs[i], "w ordinary", NULL);
        close_now (subs[i]);
    }
    close_now (xpub);
}

static void a_sub_that_did_not_ask_does_not_see_it (void *context, const char *address)
{
    void *xpub = new_socket (context, ZMQ_XPUB), *sub = new_socket (context, ZMQ_SUB);
    char endpoint[256];
    set_welcome (xpub, "welcome!");
    bind_to (xpub, address, endpoint);
    subscribe (sub, "topic");
    connect_to (sub, endpoint);
    CHECK_NOTICE (xpub, 1, "topic");
    send_text (xpub, "topic", 0);
    RECV_TEXT (sub, "topic");
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    close_now (xpub);
}

/* An XSUB does not filter and so sees it without having subscribed to anything. */
static void an_xsub_always_sees_it (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = new_socket (context, ZMQ_XPUB), *xsub = new_socket (context, ZMQ_XSUB);
    set_welcome (xpub, "welcome!");
    bind_to (xpub, address, endpoint);
    connect_to (xsub, endpoint);
    send_text (xsub, "up", 0);
    RECV_TEXT (xpub, "up");
    RECV_PARTS (xsub, "welcome!", NULL);
    close_now (xsub);
    close_now (xpub);
}

static void a_pub_welcomes_as_well (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB), *sub = new_socket (context, ZMQ_SUB);
    set_welcome (pub, "welcome!");
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    subscribe (sub, "");
    connect_to (sub, "inproc://pub");
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    RECV_TEXT (sub, "welcome!");
    close_now (sub);
    close_now (pub);
}

/* The text can change, is binary, and an empty one takes it away. */
static void the_last_text_set_counts (void *context)
{
    static const struct { const char *text; size_t size; } texts[] = {{"one", 3}, {"t\0wo\xff", 5},
                                                                      {"", 0}};
    char got[16];
    void *xpub = new_socket (context, ZMQ_XPUB);
    CHECK_OK (zmq_bind (xpub, "inproc://xpub"));
    set_welcome (xpub, "never seen");
    for (int i = 0; i < 3; i++) {
        void *sub = new_socket (context, ZMQ_SUB);
        CHECK_OK (zmq_setsockopt (xpub, ZMQ_XPUB_WELCOME_MSG, texts[i].text, texts[i].size));
        subscribe (sub, "");
        connect_to (sub, "inproc://xpub");
        CHECK_NOTICE (xpub, 1, "");
        if (texts[i].size > 0) {
            CHECK_INT (recv_part (sub, got, sizeof got), texts[i].size);
            CHECK (memcmp (got, texts[i].text, texts[i].size) == 0);
        }
        CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        close_now (sub);
        CHECK_NOTICE (xpub, 0, "");
    }
    close_now (xpub);
}

int main (void)
{
    begin_test ();
    over_transports (each_subscriber_is_welcomed);
    over_transports (a_sub_that_did_not_ask_does_not_see_it);
    over_transports (an_xsub_always_sees_it);
    in_context (a_pub_welcomes_as_well);
    in_context (the_last_text_set_counts);
    return 0;
}
