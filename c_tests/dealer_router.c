/* ROUTER puts the id of the peer before each message and sends by it: the id the peer announced, or
   a generated one of five bytes. DEALER adds nothing and deals among its peers (zmq_socket(3),
   ZMQ_ROUTING_ID in zmq_setsockopt(3), behaviour: ROUTER). */

#include "testing.h"

enum { PEERS = 4 };

static void *dealer_named (void *context, const void *id, size_t size, const char *endpoint)
{
    void *dealer = new_socket (context, ZMQ_DEALER);
    if (size > 0)
        CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, id, size));
    connect_to (dealer, endpoint);
    return dealer;
}

static void generated_ids_have_five_bytes (void *context, const char *address)
{
    char endpoint[256];
    unsigned char id[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealers[PEERS];
    uint32_t numbers[PEERS] = {0}, lowest = 0;
    bind_to (router, address, endpoint);
    for (int i = 0; i < PEERS; i++) {
        dealers[i] = dealer_named (context, NULL, 0, endpoint);
        send_text (dealers[i], "hello", 0);
        CHECK_INT (recv_part (router, id, sizeof id), 5);
        CHECK_INT (id[0], 0);
        for (int k = 1; k < 5; k++)
            numbers[i] = numbers[i] << 8 | id[k];
        RECV_PARTS (router, "hello", NULL);
        if (i == 0)
            lowest = numbers[0];
        CHECK_INT (numbers[i], (uint32_t) (lowest + (uint32_t) i));
    }
    for (int i = 0; i < PEERS; i++) {
        char text[8];
        unsigned char to[5] = {0, (unsigned char) (numbers[i] >> 24),
                               (unsigned char) (numbers[i] >> 16),
                               (unsigned char) (numbers[i] >> 8), (unsigned char) numbers[i]};
        snprintf (text, sizeof text, "to %d", i);
        CHECK_INT (zmq_send (router, to, 5, ZMQ_SNDMORE), 5);
        send_text (router, text, 0);
    }
    for (int i = 0; i < PEERS; i++) {
        char text[8];
        snprintf (text, sizeof text, "to %d", i);
        RECV_PARTS (dealers[i], text, NULL);
        CHECK_ERRNO (zmq_recv (dealers[i], NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        close_now (dealers[i]);
    }
    close_now (router);
}

static void announced_ids_are_used (void *context, const char *address)
{
    static const size_t sizes[] = {1, 4, 5, 255};
    char endpoint[256], id[300], got[300];
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, address, endpoint);
    for (int i = 0; i < 4; i++) {
        memset (id, 'A' + i, sizes[i]);
        void *dealer = dealer_named (context, id, sizes[i], endpoint);
        send_parts (dealer, "two", "parts", NULL);
        CHECK_INT (recv_part (router, got, sizeof got), sizes[i]);
        CHECK (memcmp (got, id, sizes[i]) == 0);
        RECV_PARTS (router, "two", "parts", NULL);
        CHECK_INT (zmq_send (router, id, sizes[i], ZMQ_SNDMORE), sizes[i]);
        send_parts (router, "a", "reply", NULL);
        RECV_PARTS (dealer, "a", "reply", NULL);
        close_now (dealer);
    }
    close_now (router);
}

/* The bytes are compared as bytes: zeros in the middle and at the end count. */
static void ids_are_binary (void *context, const char *address)
{
    static const char ids[][4] = {
        {'a', 0, 0, 0}, {'a', 0, 'b', 0}, {'a', 0, 0, 'b'}, {(char) 0xff, 0, 1, 2}};
    char endpoint[256], got[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealers[4];
    bind_to (router, address, endpoint);
    for (int i = 0; i < 4; i++) {
        dealers[i] = dealer_named (context, ids[i], 4, endpoint);
        send_text (dealers[i], "hello", 0);
        CHECK_INT (recv_part (router, got, sizeof got), 4);
        CHECK (memcmp (got, ids[i], 4) == 0);
        RECV_PARTS (router, "hello", NULL);
    }
    for (int i = 0; i < 4; i++) {
        CHECK_INT (zmq_send (router, ids[i], 4, ZMQ_SNDMORE), 4);
        CHECK_INT (zmq_send (router, &i, sizeof i, 0), sizeof i);
    }
    for (int i = 0; i < 4; i++) {
        int number = -1;
        CHECK_INT (recv_part (dealers[i], &number, sizeof number), sizeof number);
        CHECK_INT (number, i);
        close_now (dealers[i]);
    }
    close_now (router);
}

static void unknown_and_lonely_ids_are_swallowed (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    bind_to (router, address, endpoint);
    CHECK (get_int (router, ZMQ_EVENTS) == ZMQ_POLLOUT);
    void *dealer = dealer_named (context, "peer", 4, endpoint);
    send_text (dealer, "hello", 0);
    RECV_PARTS (router, "peer", "hello", NULL);
    send_parts (router, "stranger", "lost", NULL);
    send_parts (router, "stranger", "lost", "altogether", NULL);
    send_parts (router, "stranger", NULL);
    send_parts (router, "peer", NULL);
    send_parts (router, "peer", "", NULL);
    send_parts (router, "peer", "arrives", NULL);
    RECV_PARTS (dealer, "", NULL);
    RECV_PARTS (dealer, "arrives", NULL);
    close_now (dealer);
    close_now (router);
}

static void messages_of_peers_are_read_in_turn (void *context)
{
    char id[8];
    void *router = new_socket (context, ZMQ_ROUTER), *dealers[PEERS];
    CHECK_OK (zmq_bind (router, "inproc://router"));
    for (int i = 0; i < PEERS; i++) {
        snprintf (id, sizeof id, "%d", i);
        dealers[i] = dealer_named (context, id, 1, "inproc://router");
        for (int k = 0; k < 10; k++)
            send_parts (dealers[i], "x", "y", NULL);
    }
    for (int round = 0; round < 10; round++) {
        int seen = 0;
        for (int i = 0; i < PEERS; i++) {
            CHECK_INT (recv_part (router, id, sizeof id), 1);
            seen |= 1 << (id[0] - '0');
            RECV_PARTS (router, "x", "y", NULL);
        }
        CHECK_INT (seen, (1 << PEERS) - 1);
    }
    for (int i = 0; i < PEERS; i++)
        close_now (dealers[i]);
    close_now (router);
}

static void dealer_deals_and_collects_in_turn (void *context)
{
    char endpoint[32];
    void *dealer = new_socket (context, ZMQ_DEALER), *peers[PEERS];
    CHECK_INT (get_int (dealer, ZMQ_EVENTS), 0);
    CHECK_ERRNO (zmq_send (dealer, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < PEERS; i++) {
        snprintf (endpoint, sizeof endpoint, "inproc://peer-%d", i);
        peers[i] = new_socket (context, i % 2 ? ZMQ_DEALER : ZMQ_REP);
        CHECK_OK (zmq_bind (peers[i], endpoint));
        connect_to (dealer, endpoint);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < PEERS; i++)
            send_parts (dealer, "", "work", NULL);
        for (int i = 0; i < PEERS; i++) {
            if (i % 2)
                RECV_TEXT (peers[i], "");
            RECV_PARTS (peers[i], "work", NULL);
            send_parts (peers[i], "done", NULL);
        }
        int replies = 0;
        for (int i = 0; i < PEERS; i++) {
            char text[8];
            int size = recv_part (dealer, text, sizeof text);
            replies += size == 0;
            if (size == 0)
                RECV_PARTS (dealer, "done", NULL);
        }
        CHECK_INT (replies, PEERS / 2);
    }
    for (int i = 0; i < PEERS; i++)
        close_now (peers[i]);
    close_now (dealer);
}

/* Two ROUTERs, each announcing an id the other knows. */
static void routers_talk_by_id (void *context, const char *address)
{
    char endpoint[256];
    void *one = new_socket (context, ZMQ_ROUTER), *two = new_socket (context, ZMQ_ROUTER);
    CHECK_OK (zmq_setsockopt (one, ZMQ_ROUTING_ID, "one", 3));
    CHECK_OK (zmq_setsockopt (two, ZMQ_ROUTING_ID, "two", 3));
    set_int (one, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (one, address, endpoint);
    connect_to (two, endpoint);
    double end = now_ms () + PATIENCE_MS;
    while (zmq_send (one, "two", 3, ZMQ_SNDMORE) < 0) {
        CHECK_INT (zmq_errno (), EHOSTUNREACH);
        CHECK (now_ms () < end);
        ready_within (one, ZMQ_POLLIN, 2);
    }
    send_parts (one, "hello", "two", NULL);
    RECV_PARTS (two, "one", "hello", "two", NULL);
    send_parts (two, "one", "hello", "one", NULL);
    RECV_PARTS (one, "two", "hello", "one", NULL);
    close_now (one);
    close_now (two);
}

/* A DEALER "same" whose first message the ROUTER got. One that comes before the last of that name
   is quite gone is ignored, and another tried. */
static void *next_of_same_name (void *context, void *router, const char *endpoint)
{
    double end = now_ms () + PATIENCE_MS;
    for (;;) {
        void *dealer = dealer_named (context, "same", 4, endpoint);
        send_text (dealer, "hello", 0);
        if (ready_within (router, ZMQ_POLLIN, PATIENCE_MS / 10))
            return dealer;
        CHECK (now_ms () < end);
        close_now (dealer);
    }
}

/* The id of a peer that went can be used by the next one. */
static void ids_are_free_after_their_peer_went (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER);
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    bind_to (router, address, endpoint);
    for (int i = 0; i < 3; i++) {
        void *dealer = next_of_same_name (context, router, endpoint);
        RECV_PARTS (router, "same", "hello", NULL);
        send_parts (router, "same", "welcome", NULL);
        RECV_PARTS (dealer, "welcome", NULL);
        close_now (dealer);
        double end = now_ms () + PATIENCE_MS;
        while (zmq_send (router, "same", 4, ZMQ_SNDMORE) >= 0) {
            send_text (router, "lost", 0);
            CHECK (now_ms () < end);
            ready_within (router, ZMQ_POLLIN, 2);
        }
        CHECK_INT (zmq_errno (), EHOSTUNREACH);
    }
    close_now (router);
}

int main (void)
{
    begin_test ();
    over_transports (generated_ids_have_five_bytes);
    over_transports (announced_ids_are_used);
    over_transports (ids_are_binary);
    over_transports (unknown_and_lonely_ids_are_swallowed);
    in_context (messages_of_peers_are_read_in_turn);
    in_context (dealer_deals_and_collects_in_turn);
    over_transports (routers_talk_by_id);
    over_transports (ids_are_free_after_their_peer_went);
    return 0;
}
