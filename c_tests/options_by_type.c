/* Which socket types take which option, what each starts with, and which numbers the values of
   type-specific options may be (zmq_setsockopt(3), options: Acceptance by socket type). */

#include "testing.h"

#define BIT(type) (1 << (type))
enum { TYPES = 12, EVERY = (1 << TYPES) - 1, PUBLISHERS = BIT (ZMQ_PUB) | BIT (ZMQ_XPUB),
       ROUTERS = BIT (ZMQ_ROUTER) | BIT (ZMQ_REP) };

struct rule { const char *name; int number, types; };
#define RULE(name, types) {#name, name, types}

/* Options of an int. */
static const struct rule INTS[] = {
    RULE (ZMQ_ROUTER_MANDATORY, ROUTERS),
    RULE (ZMQ_ROUTER_HANDOVER, ROUTERS),
    RULE (ZMQ_ROUTER_RAW, ROUTERS),
    RULE (ZMQ_PROBE_ROUTER, ROUTERS | BIT (ZMQ_REQ) | BIT (ZMQ_DEALER)),
    RULE (ZMQ_REQ_CORRELATE, BIT (ZMQ_REQ)),
    RULE (ZMQ_REQ_RELAXED, BIT (ZMQ_REQ)),
    RULE (ZMQ_STREAM_NOTIFY, BIT (ZMQ_STREAM)),
    RULE (ZMQ_XPUB_VERBOSE, PUBLISHERS),
    RULE (ZMQ_XPUB_VERBOSER, PUBLISHERS),
    RULE (ZMQ_XPUB_MANUAL, PUBLISHERS),
    RULE (ZMQ_XPUB_NODROP, PUBLISHERS),
    RULE (ZMQ_LINGER, EVERY),
    RULE (ZMQ_SNDHWM, EVERY),
    RULE (ZMQ_RCVHWM, EVERY),
    RULE (ZMQ_RATE, EVERY),
    RULE (ZMQ_IMMEDIATE, EVERY),
    RULE (ZMQ_CONFLATE, EVERY),
    RULE (ZMQ_INVERT_MATCHING, EVERY),
    RULE (ZMQ_HEARTBEAT_IVL, EVERY),
    RULE (ZMQ_IPV6, EVERY),
    RULE (ZMQ_PLAIN_SERVER, EVERY),
    RULE (ZMQ_TOS, EVERY),
};

/* Options of bytes, tried with three of them. */
static const struct rule BYTES[] = {
    RULE (ZMQ_SUBSCRIBE, BIT (ZMQ_SUB)),
    RULE (ZMQ_UNSUBSCRIBE, BIT (ZMQ_SUB)),
    RULE (ZMQ_CONNECT_ROUTING_ID, ROUTERS | BIT (ZMQ_STREAM)),
    RULE (ZMQ_XPUB_WELCOME_MSG, PUBLISHERS),
    RULE (ZMQ_ROUTING_ID, EVERY),
    RULE (ZMQ_PLAIN_USERNAME, EVERY),
    RULE (ZMQ_ZAP_DOMAIN, EVERY),
    RULE (ZMQ_SOCKS_PROXY, EVERY),
};

static void check_acceptance (void *context, const struct rule *rule, const void *value,
                              size_t size)
{
    for (int type = 0; type < TYPES; type++) {
        void *socket = new_socket (context, type);
        errno = 0;
        int result = zmq_setsockopt (socket, rule->number, value, size);
        if (result != (rule->types & BIT (type) ? 0 : -1) || (result && zmq_errno () != EINVAL))
            FAIL ("%s on type %d returned %d with errno %d", rule->name, type, result,
                  zmq_errno ());
        close_now (socket);
    }
}

static void each_option_has_its_types (void *context)
{
    int one = 1;
    for (size_t i = 0; i < sizeof INTS / sizeof *INTS; i++)
        check_acceptance (context, &INTS[i], &one, sizeof one);
    for (size_t i = 0; i < sizeof BYTES / sizeof *BYTES; i++)
        check_acceptance (context, &BYTES[i], "a:1", 3);
}

/* Type-specific switches take every number from 0; wrong sizes are refused. */
static void switches_take_no_negative_numbers (void *context)
{
    static const struct { int type, option; } switches[] = {
        {ZMQ_ROUTER, ZMQ_ROUTER_MANDATORY}, {ZMQ_ROUTER, ZMQ_ROUTER_HANDOVER},
        {ZMQ_ROUTER, ZMQ_PROBE_ROUTER}, {ZMQ_DEALER, ZMQ_PROBE_ROUTER}, {ZMQ_REQ, ZMQ_PROBE_ROUTER},
        {ZMQ_REQ, ZMQ_REQ_CORRELATE}, {ZMQ_REQ, ZMQ_REQ_RELAXED}, {ZMQ_XPUB, ZMQ_XPUB_VERBOSE},
        {ZMQ_XPUB, ZMQ_XPUB_VERBOSER}, {ZMQ_XPUB, ZMQ_XPUB_MANUAL}, {ZMQ_XPUB, ZMQ_XPUB_NODROP},
        {ZMQ_PUB, ZMQ_XPUB_NODROP}};
    static const int good[] = {0, 1, 2, 1000}, bad[] = {-1, -1000};
    char buffer[16] = {0};
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
        void *socket = new_socket (context, switches[i].type);
        for (int k = 0; k < 4; k++)
            set_int (socket, switches[i].option, good[k]);
        for (int k = 0; k < 2; k++)
            CHECK_ERRNO (zmq_setsockopt (socket, switches[i].option, &bad[k], sizeof (int)),
                         EINVAL);
        for (size_t size = 0; size < sizeof buffer; size++)
            if (size != sizeof (int))
                CHECK_ERRNO (zmq_setsockopt (socket, switches[i].option, buffer, size), EINVAL);
        close_now (socket);
    }
}

/* What a new socket of each type is, waits for and is ready to do. */
static void fresh_sockets_differ_by_type (void *context)
{
    static const int writable =
        PUBLISHERS | BIT (ZMQ_XSUB) | BIT (ZMQ_ROUTER) | BIT (ZMQ_STREAM);
    static const int no_linger = BIT (ZMQ_SUB) | BIT (ZMQ_XSUB);
    for (int type = 0; type < TYPES; type++) {
        void *socket = new_socket (context, type);
        CHECK_INT (get_int (socket, ZMQ_TYPE), type);
        CHECK_INT (get_int (socket, ZMQ_EVENTS), writable & BIT (type) ? ZMQ_POLLOUT : 0);
        CHECK_INT (get_int (socket, ZMQ_LINGER), no_linger & BIT (type) ? 0 : -1);
        CHECK_INT (get_int (socket, ZMQ_SNDHWM), 1000);
        CHECK_INT (get_int (socket, ZMQ_RCVHWM), 1000);
        CHECK_INT (get_int (socket, ZMQ_THREAD_SAFE), 0);
        CHECK_INT (get_int (socket, ZMQ_RCVMORE), 0);
        CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
        close_now (socket);
    }
}

/* Filters of any size; NULL will do for the empty one. */
static void subscriptions_take_any_bytes (void *context)
{
    static const int types[] = {ZMQ_SUB, ZMQ_XPUB, ZMQ_PUB};
    char filter[1000];
    memset (filter, 'f', sizeof filter);
    for (int i = 0; i < 3; i++) {
        void *socket = new_socket (context, types[i]);
        if (types[i] != ZMQ_SUB)
            set_int (socket, ZMQ_XPUB_MANUAL, 1);
        for (size_t size = 0; size <= sizeof filter; size += 250) {
            CHECK_OK (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, filter, size));
            CHECK_OK (zmq_setsockopt (socket, ZMQ_UNSUBSCRIBE, filter, size));
        }
        CHECK_OK (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, NULL, 0));
        CHECK_OK (zmq_setsockopt (socket, ZMQ_UNSUBSCRIBE, NULL, 0));
        CHECK_OK (zmq_setsockopt (socket, ZMQ_UNSUBSCRIBE, "never there", 11));
        close_now (socket);
    }
}

int main (void)
{
    begin_test ();
    in_context (each_option_has_its_types);
    in_context (switches_take_no_negative_numbers);
    in_context (fresh_sockets_differ_by_type);
    in_context (subscriptions_take_any_bytes);
    return 0;
}
