/* zmq_socket_stats: what a socket has counted, and what it knows of its peers (a draft of this library's
   own; docs/statistics.md). */

#define ZMQ_BUILD_DRAFT_API
#include "groups.h"
#include "monitor.h"
#include "raw_peer.h"
#include "zap.h"

static const zmq_socket_stats_t *stats_of (void *socket)
{
    const zmq_socket_stats_t *stats = zmq_socket_stats (socket, ZMQ_STATS_VERSION);
    if (!stats)
        FAIL ("zmq_socket_stats: %s", zmq_strerror (zmq_errno ()));
    CHECK_INT (stats->size, sizeof *stats);
    CHECK_INT (stats->counts_size, sizeof *stats->counts);
    CHECK_INT (stats->peer_size, sizeof (zmq_peer_stats_t));
    return stats;
}

static void done_with (const zmq_socket_stats_t *stats)
{
    CHECK_OK (zmq_socket_stats_destroy (&stats));
    CHECK (!stats);
}

/* Of a socket's numbers, one: counted in `member`. */
#define COUNT_OF(socket, member) count_at (socket, offsetof (zmq_stats_counts_t, member))
static uint64_t count_at (void *socket, size_t offset)
{
    uint64_t number;
    const zmq_socket_stats_t *stats = stats_of (socket);
    memcpy (&number, (const char *) stats->counts + offset, sizeof number);
    done_with (stats);
    return number;
}

/* Waits until the numbers are what they must become; nothing tells of them. */
#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        double end_ = now_ms () + PATIENCE_MS;                                                     \
        while (!(condition)) {                                                                     \
            CHECK (now_ms () < end_);                                                              \
            usleep (1000);                                                                         \
        }                                                                                          \
    } while (0)

#define AWAIT_COUNT(socket, member, expected)                                                      \
    AWAIT (COUNT_OF (socket, member) == (uint64_t) (expected))

static void bad_arguments (void *context)
{
    void *socket = new_socket (context, ZMQ_PAIR);
    const zmq_socket_stats_t *stats = stats_of (socket), *none = NULL, *again = stats;
    const zmq_socket_stats_t *foreign = (const zmq_socket_stats_t *) socket;
    CHECK_INT (stats->peer_count, 0);
    errno = 0;
    CHECK (!zmq_socket_stats (NULL, ZMQ_STATS_VERSION) && zmq_errno () == ENOTSOCK);
    CHECK (!zmq_socket_stats (socket, ZMQ_STATS_VERSION + 1) && zmq_errno () == EINVAL);
    CHECK (!zmq_socket_stats (socket, 0) && zmq_errno () == EINVAL);
    CHECK (!zmq_socket_stats_peer (stats, 0) && zmq_errno () == EINVAL);
    CHECK (!zmq_socket_stats_peer (NULL, 0) && zmq_errno () == EFAULT);
    CHECK (!zmq_socket_stats_peer (foreign, 0) && zmq_errno () == EFAULT);
    CHECK_ERRNO (zmq_socket_stats_destroy (NULL), EFAULT);
    CHECK_ERRNO (zmq_socket_stats_destroy (&none), EFAULT);
    CHECK_ERRNO (zmq_socket_stats_destroy (&foreign), EFAULT);
    CHECK_OK (zmq_socket_stats_destroy (&stats));
    CHECK_ERRNO (zmq_socket_stats_destroy (&stats), EFAULT);
    CHECK_ERRNO (zmq_socket_stats_destroy (&again), EFAULT);
    close_now (socket);
}

static void messages_are_counted (void *context, const char *address)
{
    void *pull, *push;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "12345", 0);
    send_parts (push, "1", "", "22", NULL);
    RECV_TEXT (pull, "12345");
    CHECK_INT (COUNT_OF (push, messages_out), 2);
    CHECK_INT (COUNT_OF (push, bytes_out), 8);
    CHECK_INT (COUNT_OF (push, messages_in), 0);
    AWAIT_COUNT (pull, queued_in, 1);
    RECV_PARTS (pull, "1", "", "22", NULL);
    const zmq_socket_stats_t *stats = stats_of (pull);
    CHECK_INT (stats->counts->messages_in, 2);
    CHECK_INT (stats->counts->bytes_in, 8);
    CHECK_INT (stats->counts->messages_out, 0);
    CHECK_INT (stats->counts->queued_in, 0);
    CHECK_INT (stats->peer_count, 1);
    const zmq_peer_stats_t *peer = zmq_socket_stats_peer (stats, 0);
    CHECK (peer && peer->connected);
    CHECK (memcmp (peer->counts, stats->counts, sizeof *stats->counts) == 0);
    CHECK (!zmq_socket_stats_peer (stats, 1));
    done_with (stats);
    CHECK_INT (COUNT_OF (push, queued_out), 0);
    /* What was counted stays when the peer is gone. */
    close_now (push);
    double end = now_ms () + PATIENCE_MS;
    size_t peers = 1;
    while (peers) {
        CHECK (now_ms () < end);
        CHECK (!ready_within (pull, ZMQ_POLLIN, 1));
        stats = stats_of (pull);
        peers = stats->peer_count;
        CHECK_INT (stats->counts->messages_in, 2);
        done_with (stats);
    }
    close_now (pull);
}

static void peers_are_named (void *context)
{
    char endpoint[256];
    struct zap zap;
    start_zap (&zap, context);
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    set_int (router, ZMQ_PLAIN_SERVER, 1);
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_PLAIN_USERNAME, "joe", 3));
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_PLAIN_PASSWORD, "secret", 6));
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, "d\0d", 3));
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    connect_to (dealer, endpoint);
    send_text (dealer, "x", 0);
    CHECK (ready_within (router, ZMQ_POLLIN, PATIENCE_MS));
    const zmq_socket_stats_t *stats = stats_of (router);
    CHECK_INT (stats->peer_count, 1);
    const zmq_peer_stats_t *peer = zmq_socket_stats_peer (stats, 0);
    CHECK (strcmp (peer->local_endpoint, endpoint) == 0);
    CHECK (strncmp (peer->remote_endpoint, "tcp://127.0.0.1:", 16) == 0);
    CHECK (strcmp (peer->address, "127.0.0.1") == 0);
    CHECK (strcmp (peer->mechanism, "PLAIN") == 0);
    CHECK (strcmp (peer->user_id, "joe") == 0);
    CHECK (peer->routing_id_size == 3 && memcmp (peer->routing_id, "d\0d", 3) == 0);
    done_with (stats);
    stats = stats_of (dealer);
    peer = zmq_socket_stats_peer (stats, 0);
    CHECK (strncmp (peer->local_endpoint, "tcp://127.0.0.1:", 16) == 0);
    CHECK (strcmp (peer->remote_endpoint, endpoint) == 0);
    CHECK (strcmp (peer->mechanism, "PLAIN") == 0 && !*peer->user_id && peer->routing_id_size == 0);
    done_with (stats);
    close_now (dealer);
    close_now (router);
    end_zap (&zap, context);
}

/* SERVERs know their peers by number. */
static void numbers_are_routing_ids (void *context, const char *address)
{
    void *server, *client;
    zmq_msg_t message;
    connected_pair (context, address, ZMQ_SERVER, &server, ZMQ_CLIENT, &client);
    send_text (client, "x", 0);
    CHECK (ready_within (server, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (&message));
    CHECK_INT (zmq_msg_recv (&message, server, 0), 1);
    uint32_t number = zmq_msg_routing_id (&message);
    const zmq_socket_stats_t *stats = stats_of (server);
    CHECK_INT (stats->peer_count, 1);
    const zmq_peer_stats_t *peer = zmq_socket_stats_peer (stats, 0);
    CHECK (peer->routing_id_size == sizeof number && memcmp (peer->routing_id, &number, sizeof number) == 0);
    done_with (stats);
    CHECK_OK (zmq_msg_close (&message));
    close_now (client);
    close_now (server);
}

static void queues_and_marks (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_SNDHWM, 2);
    connect_to (push, "ipc:///tmp/nobody-binds-this");
    send_text (push, "1", 0);
    send_text (push, "2", 0);
    for (int i = 0; i < 3; i++)
        CHECK_ERRNO (zmq_send (push, "3", 1, ZMQ_DONTWAIT), EAGAIN);
    const zmq_socket_stats_t *stats = stats_of (push);
    CHECK_INT (stats->counts->messages_out, 2);
    CHECK_INT (stats->counts->queued_out, 2);
    CHECK_INT (stats->counts->hwm_reached, 1);
    CHECK_INT (stats->counts->dropped_hwm, 0);
    CHECK (!zmq_socket_stats_peer (stats, 0)->connected);
    CHECK (strcmp (zmq_socket_stats_peer (stats, 0)->remote_endpoint, "ipc:///tmp/nobody-binds-this") == 0);
    done_with (stats);
    close_now (push);
}

static void why_messages_are_dropped (void *context)
{
    void *one, *other;
    /* A subscriber that is behind. */
    one = new_socket (context, ZMQ_XPUB);
    other = new_socket (context, ZMQ_SUB);
    set_int (one, ZMQ_SNDHWM, 1);
    set_int (other, ZMQ_RCVHWM, 1);
    CHECK_OK (zmq_bind (one, "inproc://x"));
    connect_to (other, "inproc://x");
    send_text (one, "nobody wants it yet", 0);
    CHECK_OK (zmq_setsockopt (other, ZMQ_SUBSCRIBE, "a", 1));
    CHECK (ready_within (one, ZMQ_POLLIN, PATIENCE_MS));
    for (int i = 0; i < 5; i++)
        send_text (one, "a", 0);
    const zmq_socket_stats_t *stats = stats_of (one);
    CHECK_INT (stats->counts->messages_out, 2);
    CHECK_INT (stats->counts->queued_out, 2);
    CHECK_INT (stats->counts->dropped_hwm, 3);
    CHECK_INT (stats->counts->hwm_reached, 1);
    CHECK_INT (stats->dropped_unroutable, 1);
    done_with (stats);
    close_now (other);
    close_now (one);

    /* A peer that nobody knows. */
    one = new_socket (context, ZMQ_ROUTER);
    send_parts (one, "nobody", "x", "y", NULL);
    stats = stats_of (one);
    CHECK_INT (stats->dropped_unroutable, 1);
    done_with (stats);
    close_now (one);

    /* One message replaces another. */
    one = new_socket (context, ZMQ_PUSH);
    set_int (one, ZMQ_CONFLATE, 1);
    connect_to (one, "ipc:///tmp/nobody-binds-this");
    for (int i = 0; i < 4; i++)
        send_text (one, "x", 0);
    CHECK_INT (COUNT_OF (one, dropped_conflated), 3);
    CHECK_INT (COUNT_OF (one, queued_out), 1);
    close_now (one);

    /* A publisher that does not filter. */
    char endpoint[256];
    one = new_socket (context, ZMQ_SUB);
    CHECK_OK (zmq_setsockopt (one, ZMQ_SUBSCRIBE, "a", 1));
    bind_to (one, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PUB", NULL);
    raw_send_text (fd, "b");
    raw_send_text (fd, "a");
    RECV_TEXT (one, "a");
    stats = stats_of (one);
    CHECK_INT (stats->dropped_filtered, 1);
    CHECK_INT (stats->counts->messages_in, 2);
    done_with (stats);
    close (fd);
    close_now (one);
}

static void what_is_lost_with_a_connection (void *context)
{
    enum { COUNT = 2000 };
    char endpoint[256];
    static char large[65536];
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_SNDHWM, 0);
    bind_to (push, "tcp://127.0.0.1:*", endpoint);
    int fd = raw_join (endpoint, "PULL", NULL);
    for (int i = 0; i < COUNT; i++)
        CHECK_INT (zmq_send (push, large, sizeof large, 0), sizeof large);
    /* More than the kernel takes. */
    AWAIT (COUNT_OF (push, queued_out) != COUNT);
    CHECK (COUNT_OF (push, queued_out) > 0);
    close (fd);
    AWAIT_COUNT (push, queued_out, 0);
    uint64_t lost = COUNT_OF (push, dropped_lost);
    CHECK (lost > 0 && lost < COUNT);
    CHECK_INT (COUNT_OF (push, messages_out), COUNT);
    close_now (push);
}

static void connections_come_and_go (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    set_int (dealer, ZMQ_RECONNECT_IVL, 1);
    connect_to (dealer, endpoint);
    close (raw_accept (listener));
    AWAIT_COUNT (dealer, handshake_failures, 1);
    CHECK_INT (COUNT_OF (dealer, reconnects), 0);
    for (int i = 0; i < 3; i++) {
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "ROUTER", "");
        raw_send_text (fd, "x");
        RECV_TEXT (dealer, "x");
        CHECK_INT (COUNT_OF (dealer, reconnects), i);
        close (fd);
    }
    CHECK_INT (COUNT_OF (dealer, handshake_failures), 1);
    close_now (dealer);
    close (listener);

    /* Those that never came to anything belong to no peer. */
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, "tcp://127.0.0.1:*", endpoint);
    for (int i = 0; i < 2; i++)
        close (raw_connect (endpoint));
    AWAIT_COUNT (router, handshake_failures, 2);
    close_now (router);
}

/* Datagrams are counted as what was sent: a DISH sends nothing, and what is too large for one is lost. */
static void datagrams_are_counted (void *context)
{
    static char large[8192];
    char at[256], endpoint[300];
    void *radio = new_socket (context, ZMQ_RADIO), *dish = new_socket (context, ZMQ_DISH);
    CHECK_OK (zmq_join (dish, "before"));
    bind_to (dish, "udp://127.0.0.1:*", at);
    CHECK_OK (zmq_join (dish, "g"));
    snprintf (endpoint, sizeof endpoint, "udp://%s", at);
    connect_to (radio, endpoint);
    send_in (radio, "g", large, sizeof large);
    send_in (radio, "g", "fits", 4);
    expect_in (dish, "g", "fits");
    CHECK_INT (COUNT_OF (dish, messages_in), 1);
    CHECK_INT (COUNT_OF (dish, bytes_in), 4);
    CHECK_INT (COUNT_OF (dish, messages_out), 0);
    CHECK_INT (COUNT_OF (dish, bytes_out), 0);
    CHECK_INT (COUNT_OF (radio, messages_out), 2);
    CHECK_INT (COUNT_OF (radio, dropped_lost), 1);
    CHECK_INT (COUNT_OF (radio, messages_in), 0);
    close_now (radio);
    close_now (dish);
}

/* A monitor whose reader has left loses events, and the socket knows how many. */
static void events_are_dropped (void *context)
{
    char endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    close_now (watch (context, pull, ALL_BUT_STOPPED));
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    const zmq_socket_stats_t *stats = stats_of (pull);
    CHECK_INT (stats->monitor_dropped, 1);
    done_with (stats);
    close_now (pull);
}

static void after_the_end (void)
{
    void *context = zmq_ctx_new (), *socket = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_ctx_shutdown (context));
    done_with (stats_of (socket));
    CHECK_OK (zmq_close (socket));
    CHECK_OK (zmq_ctx_term (context));
}

#define EXCHANGES 5000

static void *exchange (void *pair)
{
    char buffer[8];
    for (int i = 0; i < EXCHANGES; i++) {
        CHECK_INT (zmq_send (pair, "x", 1, 0), 1);
        CHECK_INT (zmq_recv (pair, buffer, sizeof buffer, 0), 1);
    }
    return NULL;
}

/* Another thread may look while messages pass. */
static void looking_while_messages_pass (void *context, const char *address)
{
    void *sockets[2];
    pthread_t threads[2];
    uint64_t last = 0;
    connected_pair (context, address, ZMQ_PAIR, &sockets[0], ZMQ_PAIR, &sockets[1]);
    for (int i = 0; i < 2; i++)
        CHECK_OK (pthread_create (&threads[i], NULL, exchange, sockets[i]));
    while (last < EXCHANGES) {
        uint64_t now = COUNT_OF (sockets[0], messages_in);
        CHECK (now >= last && now <= EXCHANGES);
        last = now;
        usleep (100);
    }
    for (int i = 0; i < 2; i++)
        CHECK_OK (pthread_join (threads[i], NULL));
    for (int i = 0; i < 2; i++) {
        CHECK_INT (COUNT_OF (sockets[i], messages_out), EXCHANGES);
        CHECK_INT (COUNT_OF (sockets[i], bytes_in), EXCHANGES);
        close_now (sockets[i]);
    }
}

int main (void)
{
    begin_test ();
    in_context (bad_arguments);
    over_transports (messages_are_counted);
    in_context (peers_are_named);
    over_transports (numbers_are_routing_ids);
    in_context (queues_and_marks);
    in_context (why_messages_are_dropped);
    in_context (what_is_lost_with_a_connection);
    in_context (connections_come_and_go);
    in_context (datagrams_are_counted);
    in_context (events_are_dropped);
    after_the_end ();
    over_transports (looking_while_messages_pass);
    return 0;
}
