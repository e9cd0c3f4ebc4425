/* Each plain socket option: its default, which values it takes and refuses, and which sizes. A
   refused value changes nothing (zmq_setsockopt(3), zmq_getsockopt(3), options: sections 1, 2). */

#include "testing.h"
#include <limits.h>

/* Which ints an option takes. */
enum rule { ANY, AT_LEAST_MINUS_1, NOT_NEGATIVE, POSITIVE, STRICT, RELAXED, THREE, TENTHS };

struct int_option { const char *name; int number, initial; enum rule rule; };
#define OPTION(name, initial, rule) {#name, name, initial, rule}

/* Options of an int that can be set and read, on every socket. */
static const struct int_option INTS[] = {
    OPTION (ZMQ_RATE, 100, POSITIVE),
    OPTION (ZMQ_RECOVERY_IVL, 10000, NOT_NEGATIVE),
    OPTION (ZMQ_SNDBUF, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_RCVBUF, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_LINGER, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_RECONNECT_IVL, 100, AT_LEAST_MINUS_1),
    OPTION (ZMQ_RECONNECT_IVL_MAX, 0, NOT_NEGATIVE),
    OPTION (ZMQ_BACKLOG, 100, NOT_NEGATIVE),
    OPTION (ZMQ_SNDHWM, 1000, NOT_NEGATIVE),
    OPTION (ZMQ_RCVHWM, 1000, NOT_NEGATIVE),
    OPTION (ZMQ_MULTICAST_HOPS, 1, POSITIVE),
    OPTION (ZMQ_RCVTIMEO, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_SNDTIMEO, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_IPV6, 0, STRICT),
    OPTION (ZMQ_TCP_KEEPALIVE, -1, THREE),
    OPTION (ZMQ_TCP_KEEPALIVE_CNT, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_TCP_KEEPALIVE_IDLE, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_TCP_KEEPALIVE_INTVL, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_IMMEDIATE, 0, STRICT),
    OPTION (ZMQ_CONFLATE, 0, STRICT),
    OPTION (ZMQ_TOS, 0, NOT_NEGATIVE),
    OPTION (ZMQ_HANDSHAKE_IVL, 30000, NOT_NEGATIVE),
    OPTION (ZMQ_INVERT_MATCHING, 0, RELAXED),
    OPTION (ZMQ_HEARTBEAT_IVL, 0, NOT_NEGATIVE),
    OPTION (ZMQ_HEARTBEAT_TTL, 0, TENTHS),
    OPTION (ZMQ_HEARTBEAT_TIMEOUT, -1, NOT_NEGATIVE),
    OPTION (ZMQ_CONNECT_TIMEOUT, 0, NOT_NEGATIVE),
    OPTION (ZMQ_TCP_MAXRT, 0, NOT_NEGATIVE),
    OPTION (ZMQ_MULTICAST_MAXTPDU, 1500, POSITIVE),
    OPTION (ZMQ_USE_FD, -1, AT_LEAST_MINUS_1),
    OPTION (ZMQ_PLAIN_SERVER, 0, STRICT),
};
#define INT_COUNT ((int) (sizeof INTS / sizeof *INTS))

static const int VALUES[] = {
    0, 1, -1, 2, -2, 5, 100, 255, 1000, 65535, 1000000, INT_MAX, INT_MIN, -100};
#define VALUE_COUNT ((int) (sizeof VALUES / sizeof *VALUES))

static int takes (enum rule rule, int value)
{
    switch (rule) {
        case ANY:
        case RELAXED:
            return 1;
        case AT_LEAST_MINUS_1:
            return value >= -1;
        case NOT_NEGATIVE:
            return value >= 0;
        case POSITIVE:
            return value > 0;
        case STRICT:
            return value == 0 || value == 1;
        case THREE:
            return value >= -1 && value <= 1;
        default:
            return value > -100 && value < 6553600;
    }
}

static int kept (enum rule rule, int value)
{
    return rule == RELAXED ? value != 0 : rule == TENTHS ? value / 100 * 100 : value;
}

static void wrong_sizes_are_refused (void *socket, int option, size_t right)
{
    char buffer[300] = {0};
    for (size_t size = 0; size <= 16; size++) {
        size_t got = size;
        if (size == right)
            continue;
        CHECK_ERRNO (zmq_setsockopt (socket, option, buffer, size), EINVAL);
        CHECK_ERRNO (zmq_getsockopt (socket, option, buffer, &got), EINVAL);
        CHECK_INT (got, size);
    }
    CHECK_ERRNO (zmq_setsockopt (socket, option, NULL, 0), EINVAL);
}

static void check_int_option (void *context, const struct int_option *option)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    int current = option->initial;
    for (int i = 0; i < VALUE_COUNT; i++) {
        if (get_int (socket, option->number) != current)
            FAIL ("%s is %d, expected %d", option->name, get_int (socket, option->number), current);
        errno = 0;
        int set = zmq_setsockopt (socket, option->number, &VALUES[i], sizeof (int));
        if (set != (takes (option->rule, VALUES[i]) ? 0 : -1) || (set && zmq_errno () != EINVAL))
            FAIL ("setting %s to %d returned %d with errno %d", option->name, VALUES[i], set,
                  zmq_errno ());
        if (set == 0)
            current = kept (option->rule, VALUES[i]);
    }
    wrong_sizes_are_refused (socket, option->number, sizeof (int));
    CHECK_INT (get_int (socket, option->number), current);
    if (option->number == ZMQ_USE_FD)
        set_int (socket, ZMQ_USE_FD, -1);
    close_now (socket);
}

static void int_options_follow_their_rules (void *context)
{
    for (int i = 0; i < INT_COUNT; i++)
        check_int_option (context, &INTS[i]);
}

static void heartbeat_ttl_is_kept_in_tenths (void *context)
{
    static const int pairs[][2] = {
        {99, 0}, {100, 100}, {199, 100}, {12345, 12300}, {6553599, 6553500}, {-99, 0}};
    void *socket = new_socket (context, ZMQ_DEALER);
    for (int i = 0; i < 6; i++) {
        set_int (socket, ZMQ_HEARTBEAT_TTL, pairs[i][0]);
        CHECK_INT (get_int (socket, ZMQ_HEARTBEAT_TTL), pairs[i][1]);
    }
    int beyond = 6553600;
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_HEARTBEAT_TTL, &beyond, sizeof beyond), EINVAL);
    close_now (socket);
}

static void wide_options_have_eight_bytes (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    uint64_t mask = 1;
    int64_t limit = 0;
    static const int64_t limits[] = {0, 1, -1, -2, 100, INT64_MAX, INT64_MIN};
    static const uint64_t masks[] = {1, 2, 0, UINT64_MAX, 0x8000000000000000u};
    size_t size = 8;
    CHECK_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &mask, &size));
    CHECK (mask == 0);
    CHECK_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &limit, &size));
    CHECK (limit == -1);
    for (int i = 0; i < 7; i++) {
        CHECK_OK (zmq_setsockopt (socket, ZMQ_MAXMSGSIZE, &limits[i], 8));
        CHECK_OK (zmq_getsockopt (socket, ZMQ_MAXMSGSIZE, &limit, &size));
        CHECK (limit == limits[i]);
    }
    for (int i = 0; i < 5; i++) {
        CHECK_OK (zmq_setsockopt (socket, ZMQ_AFFINITY, &masks[i], 8));
        CHECK_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &mask, &size));
        CHECK (mask == masks[i]);
    }
    CHECK_INT (size, 8);
    wrong_sizes_are_refused (socket, ZMQ_MAXMSGSIZE, 8);
    wrong_sizes_are_refused (socket, ZMQ_AFFINITY, 8);
    close_now (socket);
}

static void ipv4only_is_the_inverse_of_ipv6 (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    static const int bad[] = {-1, 2};
    CHECK_INT (get_int (socket, ZMQ_IPV4ONLY), 1);
    set_int (socket, ZMQ_IPV4ONLY, 0);
    CHECK_INT (get_int (socket, ZMQ_IPV4ONLY), 0);
    CHECK_INT (get_int (socket, ZMQ_IPV6), 1);
    set_int (socket, ZMQ_IPV6, 0);
    CHECK_INT (get_int (socket, ZMQ_IPV4ONLY), 1);
    for (int i = 0; i < 2; i++)
        CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_IPV4ONLY, &bad[i], sizeof (int)), EINVAL);
    close_now (socket);
}

/* Sizes from what is needed up are taken, and the size used is told. */
static void check_buffer_option (void *socket, int option, size_t needed)
{
    unsigned char buffer[64];
    for (size_t size = 0; size < sizeof buffer; size++) {
        size_t got = size;
        memset (buffer, 0xee, sizeof buffer);
        if (size < needed) {
            CHECK_ERRNO (zmq_getsockopt (socket, option, buffer, &got), EINVAL);
            continue;
        }
        CHECK_OK (zmq_getsockopt (socket, option, buffer, &got));
        CHECK_INT (got, needed);
        for (size_t i = size; i < sizeof buffer; i++)
            CHECK_INT (buffer[i], 0xee);
    }
}

static void status_options_take_larger_buffers (void *context)
{
    static const int options[] = {ZMQ_RCVMORE, ZMQ_FD, ZMQ_EVENTS, ZMQ_THREAD_SAFE};
    void *socket = new_socket (context, ZMQ_DEALER);
    for (int i = 0; i < 4; i++)
        check_buffer_option (socket, options[i], sizeof (int));
    check_buffer_option (socket, ZMQ_LAST_ENDPOINT, 1);
    CHECK_OK (zmq_bind (socket, "inproc://here"));
    check_buffer_option (socket, ZMQ_LAST_ENDPOINT, strlen ("inproc://here") + 1);
    CHECK_INT (get_int (socket, ZMQ_RCVMORE), 0);
    CHECK_INT (get_int (socket, ZMQ_EVENTS), 0);
    CHECK_INT (get_int (socket, ZMQ_THREAD_SAFE), 0);
    CHECK_INT (get_int (socket, ZMQ_TYPE), ZMQ_DEALER);
    CHECK_INT (get_int (socket, ZMQ_MECHANISM), ZMQ_NULL);
    CHECK (get_int (socket, ZMQ_FD) >= 0);
    close_now (socket);
}

static void read_only_options_cannot_be_set (void *context)
{
    static const int options[] = {ZMQ_RCVMORE, ZMQ_FD, ZMQ_EVENTS, ZMQ_TYPE, ZMQ_LAST_ENDPOINT,
                                  ZMQ_MECHANISM, ZMQ_THREAD_SAFE};
    void *socket = new_socket (context, ZMQ_DEALER);
    int one = 1;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], &one, sizeof one), EINVAL);
    close_now (socket);
}

static void write_only_options_cannot_be_read (void *context)
{
    static const int options[] = {
        ZMQ_SUBSCRIBE, ZMQ_UNSUBSCRIBE, ZMQ_ROUTER_MANDATORY, ZMQ_TCP_ACCEPT_FILTER,
            ZMQ_XPUB_VERBOSE,
        ZMQ_ROUTER_RAW, ZMQ_PROBE_ROUTER, ZMQ_REQ_CORRELATE, ZMQ_REQ_RELAXED, ZMQ_ROUTER_HANDOVER,
        ZMQ_IPC_FILTER_PID, ZMQ_IPC_FILTER_UID, ZMQ_IPC_FILTER_GID, ZMQ_CONNECT_ROUTING_ID,
        ZMQ_XPUB_NODROP, ZMQ_BLOCKY, ZMQ_XPUB_MANUAL, ZMQ_XPUB_WELCOME_MSG, ZMQ_STREAM_NOTIFY,
        ZMQ_XPUB_VERBOSER};
    static const int types[] = {
        ZMQ_ROUTER, ZMQ_REQ, ZMQ_XPUB, ZMQ_SUB, ZMQ_STREAM};
    static const size_t sizes[] = {0, 1, 4, 8, 255};
    char buffer[256];
    for (int t = 0; t < 5; t++) {
        void *socket = new_socket (context, types[t]);
        for (size_t i = 0; i < sizeof options / sizeof *options; i++)
            for (int s = 0; s < 5; s++) {
                size_t size = sizes[s];
                CHECK_ERRNO (zmq_getsockopt (socket, options[i], buffer, &size), EINVAL);
            }
        close_now (socket);
    }
}

static void unknown_options_are_refused (void *context)
{
    static const int options[] = {-1, 0, 1, 2, 3, 10, 20, 26, 29, 30, 67, 82, 83, 1000, INT_MAX,
                                  INT_MIN};
    void *socket = new_socket (context, ZMQ_DEALER);
    char buffer[8] = {0};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        size_t four = 4, eight = 8;
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], buffer, 4), EINVAL);
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], buffer, 8), EINVAL);
        CHECK_ERRNO (zmq_setsockopt (socket, options[i], NULL, 0), EINVAL);
        CHECK_ERRNO (zmq_getsockopt (socket, options[i], buffer, &four), EINVAL);
        CHECK_ERRNO (zmq_getsockopt (socket, options[i], buffer, &eight), EINVAL);
    }
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_BLOCKY, buffer, 4), EINVAL);
    close_now (socket);
}

/* Options of another build: there when it was built with them, unknown otherwise. */
static void gssapi_options_depend_on_the_build (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    static const int ints[] = {ZMQ_GSSAPI_SERVER, ZMQ_GSSAPI_PLAINTEXT,
                               ZMQ_GSSAPI_PRINCIPAL_NAMETYPE,
                               ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE};
    for (int i = 0; i < 4; i++) {
        int value = 0;
        size_t size = sizeof value;
        if (zmq_has ("gssapi")) {
            CHECK_INT (get_int (socket, ints[i]), 0);
            continue;
        }
        CHECK_ERRNO (zmq_getsockopt (socket, ints[i], &value, &size), EINVAL);
        CHECK_ERRNO (zmq_setsockopt (socket, ints[i], &value, sizeof value), EINVAL);
    }
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (int_options_follow_their_rules);
    in_context (heartbeat_ttl_is_kept_in_tenths);
    in_context (wide_options_have_eight_bytes);
    in_context (ipv4only_is_the_inverse_of_ipv6);
    in_context (status_options_take_larger_buffers);
    in_context (read_only_options_cannot_be_set);
    in_context (write_only_options_cannot_be_read);
    in_context (unknown_options_are_refused);
    in_context (gssapi_options_depend_on_the_build);
    return 0;
}
