/* ZMQ_XPUB_VERBOSE hands repeated subscriptions to the reader of an XPUB as well, and
   ZMQ_XPUB_VERBOSER repeated unsubscriptions, too; neither changes what is delivered
   (zmq_setsockopt(3), options: 40, 78). */

#include "testing.h"

struct trio { void *xpub, *one, *two; };

static struct trio open_trio (void *context, const char *address, int option)
{
    char endpoint[256];
    struct trio trio = {new_socket (context, ZMQ_XPUB), new_socket (context, ZMQ_SUB),
                        new_socket (context, ZMQ_SUB)};
    if (option)
        set_int (trio.xpub, option, 1);
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

/* Both have "topic", and then no longer; the first has it twice. */
static void check_notices (struct trio *trio, int subscribes, int unsubscribes)
{
    subscribe (trio->one, "topic");
    CHECK_NOTICE (trio->xpub, 1, "topic");
    subscribe (trio->one, "topic");
    subscribe (trio->one, "mark");
    if (subscribes)
        CHECK_NOTICE (trio->xpub, 1, "topic");
    CHECK_NOTICE (trio->xpub, 1, "mark");
    subscribe (trio->two, "topic");
    subscribe (trio->two, "mark 2");
    if (subscribes)
        CHECK_NOTICE (trio->xpub, 1, "topic");
    CHECK_NOTICE (trio->xpub, 1, "mark 2");
    unsubscribe (trio->two, "topic");
    unsubscribe (trio->two, "mark 2");
    if (unsubscribes)
        CHECK_NOTICE (trio->xpub, 0, "topic");
    CHECK_NOTICE (trio->xpub, 0, "mark 2");
    unsubscribe (trio->one, "topic");
    unsubscribe (trio->one, "mark");
    CHECK_NOTICE (trio->xpub, 0, "mark");
    unsubscribe (trio->one, "topic");
    CHECK_NOTICE (trio->xpub, 0, "topic");
    CHECK_ERRNO (zmq_recv (trio->xpub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
}

static void by_default_repetitions_are_not_told (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, 0);
    check_notices (&trio, 0, 0);
    close_trio (&trio);
}

static void verbose_tells_subscriptions (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, ZMQ_XPUB_VERBOSE);
    check_notices (&trio, 1, 0);
    close_trio (&trio);
}

static void verboser_tells_both (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, ZMQ_XPUB_VERBOSER);
    check_notices (&trio, 1, 1);
    close_trio (&trio);
}

/* Each of the options, on any value, sets both sides of what is told. */
static void the_options_act_at_once (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, 0);
    static const struct { int option, value, subscribes, unsubscribes; } changes[] = {
        {ZMQ_XPUB_VERBOSER, 1, 1, 1}, {ZMQ_XPUB_VERBOSE, 1, 1, 0}, {ZMQ_XPUB_VERBOSE, 0, 0, 0},
        {ZMQ_XPUB_VERBOSER, 5, 1, 1}, {ZMQ_XPUB_VERBOSER, 0, 0, 0}, {ZMQ_XPUB_VERBOSE, 9, 1, 0},
        {ZMQ_XPUB_VERBOSER, 1, 1, 1}, {ZMQ_XPUB_VERBOSE, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        set_int (trio.xpub, changes[i].option, changes[i].value);
        check_notices (&trio, changes[i].subscribes, changes[i].unsubscribes);
    }
    close_trio (&trio);
}

static void delivery_stays_once_each (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, ZMQ_XPUB_VERBOSER);
    void *subs[] = {trio.one, trio.two};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++) {
            subscribe (subs[i], "topic");
            CHECK_NOTICE (trio.xpub, 1, "topic");
        }
    send_text (trio.xpub, "topic 1", 0);
    send_text (trio.xpub, "end", 0);
    send_text (trio.xpub, "topic 2", 0);
    for (int i = 0; i < 2; i++) {
        RECV_TEXT (subs[i], "topic 1");
        RECV_TEXT (subs[i], "topic 2");
        CHECK (!ready_within (subs[i], ZMQ_POLLIN, 5));
    }
    close_trio (&trio);
}

static void lost_peers_are_told_as_without (void *context, const char *address)
{
    struct trio trio = open_trio (context, address, ZMQ_XPUB_VERBOSE);
    subscribe (trio.one, "topic");
    CHECK_NOTICE (trio.xpub, 1, "topic");
    subscribe (trio.two, "topic");
    CHECK_NOTICE (trio.xpub, 1, "topic");
    close_now (trio.one);
    CHECK (!ready_within (trio.xpub, ZMQ_POLLIN, 30));
    close_now (trio.two);
    CHECK_NOTICE (trio.xpub, 0, "topic");
    close_now (trio.xpub);
}

int main (void)
{
    begin_test ();
    over_transports (by_default_repetitions_are_not_told);
    over_transports (verbose_tells_subscriptions);
    over_transports (verboser_tells_both);
    over_transports (the_options_act_at_once);
    over_transports (delivery_stays_once_each);
    over_transports (lost_peers_are_told_as_without);
    return 0;
}
