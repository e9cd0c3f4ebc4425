/* With ZMQ_INVERT_MATCHING on publisher and subscriber a message goes to those that have no
   matching subscription (zmq_setsockopt(3), options: 3.7). */

#include "testing.h"

static void *inverted (void *context, int type)
{
    void *socket = new_socket (context, type);
    set_int (socket, ZMQ_INVERT_MATCHING, 1);
    return socket;
}

static void send_all (void *pub)
{
    static const char *const topics[] = {"", "a", "ab", "abc", "b", "ba"};
    for (int i = 0; i < 6; i++)
        send_parts (pub, topics[i], "body", NULL);
}

static void messages_without_match_are_delivered (void *context, const char *address)
{
    char endpoint[256];
    void *xpub = inverted (context, ZMQ_XPUB), *sub = inverted (context, ZMQ_SUB);
    bind_to (xpub, address, endpoint);
    connect_to (sub, endpoint);
    subscribe (sub, "ab");
    CHECK_NOTICE (xpub, 1, "ab");
    send_all (xpub);
    RECV_PARTS (sub, "", "body", NULL);
    RECV_PARTS (sub, "a", "body", NULL);
    RECV_PARTS (sub, "b", "body", NULL);
    RECV_PARTS (sub, "ba", "body", NULL);
    subscribe (sub, "b");
    CHECK_NOTICE (xpub, 1, "b");
    send_all (xpub);
    RECV_PARTS (sub, "", "body", NULL);
    RECV_PARTS (sub, "a", "body", NULL);
    unsubscribe (sub, "ab");
    CHECK_NOTICE (xpub, 0, "ab");
    unsubscribe (sub, "b");
    CHECK_NOTICE (xpub, 0, "b");
    send_all (xpub);
    RECV_PARTS (sub, "", "body", NULL);
    RECV_PARTS (sub, "a", "body", NULL);
    RECV_PARTS (sub, "ab", "body", NULL);
    RECV_PARTS (sub, "abc", "body", NULL);
    RECV_PARTS (sub, "b", "body", NULL);
    RECV_PARTS (sub, "ba", "body", NULL);
    subscribe (sub, "");
    CHECK_NOTICE (xpub, 1, "");
    send_all (xpub);
    CHECK (!ready_within (sub, ZMQ_POLLIN, 20));
    close_now (sub);
    close_now (xpub);
}

/* Three subscribers, each with a topic of its own: two get each message. */
static void everybody_else_gets_it (void *context, const char *address)
{
    static const char *const topics[] = {"0", "1", "2"};
    char endpoint[256];
    void *xpub = inverted (context, ZMQ_XPUB), *subs[3];
    bind_to (xpub, address, endpoint);
    for (int i = 0; i < 3; i++) {
        subs[i] = inverted (context, ZMQ_SUB);
        connect_to (subs[i], endpoint);
        subscribe (subs[i], topics[i]);
        CHECK_NOTICE (xpub, 1, topics[i]);
    }
    for (int i = 0; i < 3; i++)
        send_text (xpub, topics[i], 0);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++)
            if (k != i)
                RECV_TEXT (subs[i], topics[k]);
        CHECK (!ready_within (subs[i], ZMQ_POLLIN, 5));
        close_now (subs[i]);
    }
    close_now (xpub);
}

static void a_pub_inverts_as_well (void *context)
{
    void *pub = inverted (context, ZMQ_PUB), *sub = inverted (context, ZMQ_SUB);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    connect_to (sub, "inproc://pub");
    subscribe (sub, "a");
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_all (pub);
    RECV_PARTS (sub, "", "body", NULL);
    RECV_PARTS (sub, "b", "body", NULL);
    RECV_PARTS (sub, "ba", "body", NULL);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    close_now (pub);
}

/* Taken back on both ends, matching is as ever. */
static void the_option_can_be_taken_back (void *context)
{
    void *xpub = inverted (context, ZMQ_XPUB), *sub = inverted (context, ZMQ_SUB);
    CHECK_OK (zmq_bind (xpub, "inproc://pub"));
    connect_to (sub, "inproc://pub");
    subscribe (sub, "b");
    CHECK_NOTICE (xpub, 1, "b");
    set_int (xpub, ZMQ_INVERT_MATCHING, 0);
    set_int (sub, ZMQ_INVERT_MATCHING, 0);
    send_all (xpub);
    RECV_PARTS (sub, "b", "body", NULL);
    RECV_PARTS (sub, "ba", "body", NULL);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    close_now (xpub);
}

int main (void)
{
    begin_test ();
    over_transports (messages_without_match_are_delivered);
    over_transports (everybody_else_gets_it);
    in_context (a_pub_inverts_as_well);
    in_context (the_option_can_be_taken_back);
    return 0;
}
