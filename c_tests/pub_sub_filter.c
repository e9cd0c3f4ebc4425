/* Subscriptions are byte prefixes of the first part, none by default and the empty one for all;
   each subscribe needs its own unsubscribe (zmq_setsockopt(3), behaviour: Publish-subscribe). */

#include "testing.h"

static const char *const TOPICS[] = {"", "a", "ab", "abc", "abd", "b", "ba", "z"};
#define TOPIC_COUNT ((int) (sizeof TOPICS / sizeof *TOPICS))

/* Publishes all topics and checks that exactly the expected ones come: a word of 0 and 1. The last
   topic, always subscribed to, marks the end. */
#define CHECK_FILTER(pub, sub, expected) check_filter_at (pub, sub, expected, __LINE__)
static void check_filter_at (void *pub, void *sub, const char *expected, int line)
{
    char got[TOPIC_COUNT + 1] = {0}, text[16];
    await_subscriptions (pub, sub);
    memset (got, '0', TOPIC_COUNT - 1);
    for (int i = 0; i < TOPIC_COUNT; i++)
        send_text (pub, TOPICS[i], 0);
    for (;;) {
        int size = recv_part (sub, text, sizeof text), topic = 0;
        while (strlen (TOPICS[topic]) != (size_t) size || memcmp (TOPICS[topic], text,
                                                                  (size_t) size))
            topic++;
        if (topic == TOPIC_COUNT - 1)
            break;
        CHECK_INT (got[topic], '0');
        got[topic] = '1';
    }
    if (strcmp (got, expected) != 0)
        FAIL ("called from line %d: got %s, expected %s", line, got, expected);
}

struct step { char sign; const char *prefix, *expected; };

/* Topics "", a, ab, abc, abd, b, ba after each change of the subscriptions. */
static const struct step STEPS[] = {
    {'+', "z", "0000000"}, {'+', "ab", "0011100"}, {'+', "abc", "0011100"}, {'-', "ab", "0001000"},
    {'+', "abc", "0001000"}, {'-', "abc", "0001000"}, {'-', "abc", "0000000"},
    {'+', "abcd", "0000000"}, {'+', "b", "0000011"}, {'+', "", "1111111"}, {'-', "b", "1111111"},
    {'+', "", "1111111"}, {'-', "", "1111111"}, {'+', "a", "1111111"}, {'-', "", "0111100"},
    {'-', "ab", "0111100"}, {'-', "nothing", "0111100"}, {'-', "", "0111100"},
    {'-', "a", "0000000"}, {'-', "a", "0000000"}, {'+', "ba", "0000001"}};
#define STEP_COUNT ((int) (sizeof STEPS / sizeof *STEPS))

static void filters_are_counted_prefixes (void *context, const char *address)
{
    void *pub, *sub;
    connected_pair (context, address, ZMQ_XPUB, &pub, ZMQ_SUB, &sub);
    for (int i = 0; i < STEP_COUNT; i++) {
        (STEPS[i].sign == '+' ? subscribe : unsubscribe) (sub, STEPS[i].prefix);
        CHECK_FILTER (pub, sub, STEPS[i].expected);
    }
    close_now (sub);
    close_now (pub);
}

/* The same when subscribing before the connection exists: each counted once for the publisher. */
static void earlier_subscriptions_count (void *context, const char *address)
{
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_XPUB), *sub = new_socket (context, ZMQ_SUB);
    for (int i = 0; i < 10; i++)
        (STEPS[i].sign == '+' ? subscribe : unsubscribe) (sub, STEPS[i].prefix);
    bind_to (pub, address, endpoint);
    connect_to (sub, endpoint);
    CHECK_FILTER (pub, sub, STEPS[9].expected);
    close_now (sub);
    close_now (pub);
}

/* Bytes of any value, with zeros within and at the end. */
static void filters_are_binary (void *context, const char *address)
{
    void *pub, *sub;
    char got[8];
    connected_pair (context, address, ZMQ_PUB, &pub, ZMQ_SUB, &sub);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "\0\xff", 2));
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "a\0b", 3));
    await_subscriptions (pub, sub);
    const char bytes[][3] = {
        {0, 0, 0}, {0, (char) 0xff, 1}, {'a', 0, 0}, {'a', 0, 'b'}, {(char) 0xff, 0, 0}};
    for (int i = 0; i < 5; i++)
        CHECK_INT (zmq_send (pub, bytes[i], 3, 0), 3);
    for (int i = 1; i < 5; i += 2) {
        CHECK_INT (recv_part (sub, got, sizeof got), 3);
        CHECK (memcmp (got, bytes[i], 3) == 0);
    }
    CHECK (!ready_within (sub, ZMQ_POLLIN, 20));
    close_now (sub);
    close_now (pub);
}

static void many_topics_are_told_apart (void *context, const char *address)
{
    enum { TOPICS_EACH = 1000, SUBS = 3 };
    char endpoint[256], topic[32];
    void *pub = new_socket (context, ZMQ_PUB), *subs[SUBS];
    set_int (pub, ZMQ_SNDHWM, 0);
    bind_to (pub, address, endpoint);
    for (int s = 0; s < SUBS; s++) {
        subs[s] = new_socket (context, ZMQ_SUB);
        set_int (subs[s], ZMQ_RCVHWM, 0);
        set_int (subs[s], ZMQ_SNDHWM, 0);
        connect_to (subs[s], endpoint);
        for (int i = s; i < SUBS * TOPICS_EACH; i += SUBS) {
            snprintf (topic, sizeof topic, "topic-%d-", i);
            subscribe (subs[s], topic);
        }
        await_subscriptions (pub, subs[s]);
    }
    for (int i = 0; i < SUBS * TOPICS_EACH; i++) {
        snprintf (topic, sizeof topic, "topic-%d-", i);
        send_text (pub, topic, 0);
    }
    for (int s = 0; s < SUBS; s++) {
        for (int i = s; i < SUBS * TOPICS_EACH; i += SUBS) {
            snprintf (topic, sizeof topic, "topic-%d-", i);
            RECV_TEXT (subs[s], topic);
            unsubscribe (subs[s], topic);
        }
        await_subscriptions (pub, subs[s]);
    }
    send_text (pub, "topic-7-", 0);
    for (int s = 0; s < SUBS; s++) {
        CHECK (!ready_within (subs[s], ZMQ_POLLIN, 20));
        close_now (subs[s]);
    }
    close_now (pub);
}

static void long_topics_are_compared_to_the_end (void *context, const char *address)
{
    enum { SIZE = 5000 };
    void *pub, *sub;
    char *topic = malloc (SIZE + 1);
    CHECK (topic);
    memset (topic, 't', SIZE + 1);
    connected_pair (context, address, ZMQ_PUB, &pub, ZMQ_SUB, &sub);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, topic, SIZE));
    await_subscriptions (pub, sub);
    CHECK_INT (zmq_send (pub, topic, SIZE - 1, 0), SIZE - 1);
    topic[SIZE - 1] = 'x';
    CHECK_INT (zmq_send (pub, topic, SIZE, 0), SIZE);
    topic[SIZE - 1] = 't';
    CHECK_INT (zmq_send (pub, topic, SIZE, 0), SIZE);
    CHECK_INT (zmq_send (pub, topic, SIZE + 1, 0), SIZE + 1);
    CHECK_INT (recv_part (sub, NULL, 0), SIZE);
    CHECK_INT (recv_part (sub, NULL, 0), SIZE + 1);
    free (topic);
    close_now (sub);
    close_now (pub);
}

/* Each message comes once, however many of a subscriber's filters it matches, and to every
   subscriber that wants it. */
static void each_subscriber_gets_one_of_each (void *context, const char *address)
{
    char endpoint[256];
    void *pub = new_socket (context, ZMQ_PUB), *subs[3];
    const char *const filters[] = {"ab", "b", ""};
    bind_to (pub, address, endpoint);
    for (int i = 0; i < 3; i++) {
        subs[i] = new_socket (context, ZMQ_SUB);
        subscribe (subs[i], filters[i]);
        subscribe (subs[i], "abc");
        connect_to (subs[i], endpoint);
        await_subscriptions (pub, subs[i]);
    }
    send_text (pub, "abc", 0);
    send_text (pub, "b", 0);
    send_text (pub, "c", 0);
    send_text (pub, "abc!", 0);
    const char *const expected[][5] = {
        {"abc", "abc!"}, {"abc", "b", "abc!"}, {"abc", "b", "c", "abc!"}};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; expected[i][k]; k++)
            RECV_PARTS (subs[i], expected[i][k], NULL);
        CHECK (!ready_within (subs[i], ZMQ_POLLIN, 5));
        close_now (subs[i]);
    }
    close_now (pub);
}

/* One subscriber of several publishers, whichever side binds. */
static void a_subscriber_may_have_many_publishers (void *context, const char *address)
{
    char endpoint[256], text[8];
    void *sub = new_socket (context, ZMQ_SUB), *pubs[3];
    subscribe (sub, "n");
    bind_to (sub, address, endpoint);
    for (int i = 0; i < 3; i++) {
        pubs[i] = new_socket (context, ZMQ_PUB);
        connect_to (pubs[i], endpoint);
    }
    for (int i = 0; i < 3; i++)
        await_subscriptions (pubs[i], sub);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 3; i++) {
            snprintf (text, sizeof text, "n%d", 10 * round + i);
            send_text (pubs[i], "other", 0);
            send_text (pubs[i], text, 0);
            RECV_TEXT (sub, text);
        }
    for (int i = 0; i < 3; i++)
        close_now (pubs[i]);
    close_now (sub);
}

/* A publisher nobody listens to sends all the same. */
static void without_subscribers_messages_are_dropped (void *context)
{
    void *pub = new_socket (context, ZMQ_PUB), *sub = new_socket (context, ZMQ_SUB);
    CHECK_INT (get_int (pub, ZMQ_EVENTS), ZMQ_POLLOUT);
    CHECK_INT (get_int (sub, ZMQ_EVENTS), 0);
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    for (int i = 0; i < 5000; i++)
        send_text (pub, "nobody", 0);
    connect_to (sub, "inproc://pub");
    subscribe (sub, "");
    await_subscriptions (pub, sub);
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (pub);
    close_now (sub);
}

int main (void)
{
    begin_test ();
    over_transports (filters_are_counted_prefixes);
    over_transports (earlier_subscriptions_count);
    over_transports (filters_are_binary);
    over_transports (many_topics_are_told_apart);
    over_transports (long_topics_are_compared_to_the_end);
    over_transports (each_subscriber_gets_one_of_each);
    over_transports (a_subscriber_may_have_many_publishers);
    in_context (without_subscribers_messages_are_dropped);
    return 0;
}
