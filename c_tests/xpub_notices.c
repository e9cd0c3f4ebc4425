/* An XPUB reads a message for each topic that becomes subscribed to first and for each that loses
   its last subscriber, by unsubscribing or by going away: byte 1 or 0 and the topic. Filtering is
   as for PUB (behaviour: Publish-subscribe). */

#include "raw_peer.h"

struct trio { void *xpub, *one, *two; };

static struct trio open_trio (void *context, const char *address)
{
    char endpoint[256];
    struct trio trio = {new_socket (context, ZMQ_XPUB), new_socket (context, ZMQ_SUB),
                        new_socket (context, ZMQ_SUB)};
    bind_to (trio.xpub, address, endpoint);
    connect_to (trio.one, endpoint);
    connect_to (trio.two, endpoint);
    return trio;
}

static void close_trio (struct trio *trio)
{
    close_now (trio->one);
    close_now (trio->two);
    close_now (trio->xpub);
}

static void first_and_last_are_told (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    subscribe (trio.one, "topic");
    CHECK_NOTICE (trio.xpub, 1, "topic");
    subscribe (trio.two, "topic");
    subscribe (trio.two, "other");
    CHECK_NOTICE (trio.xpub, 1, "other");
    unsubscribe (trio.one, "topic");
    subscribe (trio.one, "mark 1");
    CHECK_NOTICE (trio.xpub, 1, "mark 1");
    unsubscribe (trio.two, "topic");
    CHECK_NOTICE (trio.xpub, 0, "topic");
    unsubscribe (trio.two, "other");
    CHECK_NOTICE (trio.xpub, 0, "other");
    unsubscribe (trio.one, "mark 1");
    CHECK_NOTICE (trio.xpub, 0, "mark 1");
    CHECK_ERRNO (zmq_recv (trio.xpub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_trio (&trio);
}

/* Of one subscriber's repetitions only the first subscribe and the last unsubscribe count. */
static void repetitions_are_not_told (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    for (int i = 0; i < 3; i++)
        subscribe (trio.one, "topic");
    subscribe (trio.one, "mark");
    CHECK_NOTICE (trio.xpub, 1, "topic");
    CHECK_NOTICE (trio.xpub, 1, "mark");
    unsubscribe (trio.one, "topic");
    unsubscribe (trio.one, "topic");
    unsubscribe (trio.one, "mark");
    CHECK_NOTICE (trio.xpub, 0, "mark");
    unsubscribe (trio.one, "topic");
    CHECK_NOTICE (trio.xpub, 0, "topic");
    unsubscribe (trio.one, "topic");
    unsubscribe (trio.one, "never");
    subscribe (trio.one, "end");
    CHECK_NOTICE (trio.xpub, 1, "end");
    close_trio (&trio);
}

/* A prefix of a topic is a topic of its own. */
static void prefixes_are_topics_of_their_own (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    static const char *const topics[] = {"", "a", "ab", "abc", "abcd", "abd", "b"};
    for (int i = 0; i < 7; i++) {
        subscribe (trio.one, topics[i]);
        CHECK_NOTICE (trio.xpub, 1, topics[i]);
    }
    for (int i = 0; i < 7; i++) {
        unsubscribe (trio.one, topics[i]);
        CHECK_NOTICE (trio.xpub, 0, topics[i]);
    }
    close_trio (&trio);
}

/* A peer that goes away takes its topics along, except those others still have. */
static void a_lost_peer_takes_its_topics_along (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    static const char *const own[] = {"a", "ab", "b"};
    subscribe (trio.two, "shared");
    CHECK_NOTICE (trio.xpub, 1, "shared");
    subscribe (trio.one, "shared");
    for (int i = 0; i < 3; i++) {
        subscribe (trio.one, own[i]);
        CHECK_NOTICE (trio.xpub, 1, own[i]);
    }
    close_now (trio.one);
    int seen = 0;
    for (int i = 0; i < 3; i++) {
        char notice[16];
        int size = recv_part (trio.xpub, notice, sizeof notice);
        CHECK_INT (notice[0], 0);
        for (int k = 0; k < 3; k++)
            if (size == 1 + (int) strlen (own[k]) && !memcmp (notice + 1, own[k], strlen (own[k])))
                seen |= 1 << k;
    }
    CHECK_INT (seen, 7);
    CHECK_ERRNO (zmq_recv (trio.xpub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (trio.two);
    CHECK_NOTICE (trio.xpub, 0, "shared");
    close_now (trio.xpub);
}

/* The topic can be used as it was told, and messages go to those who have it. */
static void told_topics_are_delivered (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    subscribe (trio.one, "one");
    CHECK_NOTICE (trio.xpub, 1, "one");
    subscribe (trio.two, "two");
    CHECK_NOTICE (trio.xpub, 1, "two");
    send_parts (trio.xpub, "one", "for one", NULL);
    send_parts (trio.xpub, "two", "for two", NULL);
    send_parts (trio.xpub, "three", "for nobody", NULL);
    RECV_PARTS (trio.one, "one", "for one", NULL);
    RECV_PARTS (trio.two, "two", "for two", NULL);
    unsubscribe (trio.one, "one");
    CHECK_NOTICE (trio.xpub, 0, "one");
    send_text (trio.xpub, "one", 0);
    send_text (trio.xpub, "two", 0);
    RECV_PARTS (trio.two, "two", NULL);
    CHECK (!ready_within (trio.one, ZMQ_POLLIN, 5));
    close_trio (&trio);
}

/* A peer that unsubscribes from what nobody holds: the reader is told all the same. */
static void unknown_unsubscriptions_are_told (void *context)
{
    char endpoint[256];
    void *xpub = new_socket (context, ZMQ_XPUB);
    bind_to (xpub, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_join (endpoint, "SUB", NULL);
    raw_send_frame (peer, 0, "\0unknown", 8);
    CHECK_NOTICE (xpub, 0, "unknown");
    raw_send_frame (peer, 0, "\1known", 6);
    CHECK_NOTICE (xpub, 1, "known");
    raw_send_frame (peer, 0, "\1known", 6);
    raw_send_frame (peer, 0, "\0known", 6);
    CHECK_NOTICE (xpub, 0, "known");
    raw_send_frame (peer, 0, "\0known", 6);
    CHECK_NOTICE (xpub, 0, "known");
    close (peer);
    close_now (xpub);
}

/* An XSUB keeps count, too: it passes on no unsubscribe but the last. */
static void xsub_counts_as_well (void *context, const char *address)
{
    void *xpub, *xsub;
    connected_pair (context, address, ZMQ_XPUB, &xpub, ZMQ_XSUB, &xsub);
    CHECK_INT (zmq_send (xsub, "\0unknown", 8, 0), 8);
    for (int i = 0; i < 2; i++)
        CHECK_INT (zmq_send (xsub, "\1known", 6, 0), 6);
    CHECK_NOTICE (xpub, 1, "known");
    CHECK_INT (zmq_send (xsub, "\0known", 6, 0), 6);
    CHECK_INT (zmq_send (xsub, "\1mark", 5, 0), 5);
    CHECK_NOTICE (xpub, 1, "mark");
    CHECK_INT (zmq_send (xsub, "\0known", 6, 0), 6);
    CHECK_NOTICE (xpub, 0, "known");
    close_now (xsub);
    close_now (xpub);
}

static void binary_topics_are_told_exactly (void *context, const char *address)
{
    struct trio trio = open_trio (context, address);
    char notice[16];
    CHECK_OK (zmq_setsockopt (trio.one, ZMQ_SUBSCRIBE, "a\0b\xff", 4));
    CHECK_INT (recv_part (trio.xpub, notice, sizeof notice), 5);
    CHECK (memcmp (notice, "\1a\0b\xff", 5) == 0);
    CHECK_OK (zmq_setsockopt (trio.one, ZMQ_SUBSCRIBE, "a\0", 2));
    CHECK_INT (recv_part (trio.xpub, notice, sizeof notice), 3);
    CHECK (memcmp (notice, "\1a\0", 3) == 0);
    close_trio (&trio);
}

int main (void)
{
    begin_test ();
    over_transports (first_and_last_are_told);
    over_transports (repetitions_are_not_told);
    over_transports (prefixes_are_topics_of_their_own);
    over_transports (a_lost_peer_takes_its_topics_along);
    over_transports (told_topics_are_delivered);
    in_context (unknown_unsubscriptions_are_told);
    over_transports (xsub_counts_as_well);
    over_transports (binary_topics_are_told_exactly);
    return 0;
}
