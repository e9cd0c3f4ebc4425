/* The messages that are sent: every byte of them follows from who sends which, so that the receiver
   can tell a wrong one, a missing one and one that comes twice. */

#include "peer.h"

#define END ((size_t) -1)
#define MOST_PARTS 8
#define KIB ((size_t) 1024)

/* Sizes of the parts. 33 and 48 are what the libraries keep inside a message, 255 is the longest
   frame with a short header, 8 KiB the reading buffer, and 64 KiB and 1 MiB are beyond it. */
static const size_t PARTS[][MOST_PARTS] = {
    {0, END},
    {1, END},
    {33, END},
    {48, END},
    {49, END},
    {255, END},
    {256, END},
    {8 * KIB, END},
    {64 * KIB, END},
    {1024 * KIB, END},
    {0, 0, END},
    {0, 1, END},
    {1, 0, END},
    {0, 0, 0, 0, END},
    {5, 0, 7, END},
    {33, 48, 49, 255, 256, END},
    {0, 64 * KIB, 0, END},
    {1024 * KIB, 1, 8 * KIB - 9, 8 * KIB, END},
};
const int SHAPES = sizeof PARTS / sizeof *PARTS;

static size_t part_size (int number, int part)
{
    if (number < SHAPES)
        return PARTS[number][part];
    return part == 0 ? 8 + (size_t) number % 64 : END;
}

static uint64_t part_seed (int side, int round, int number, int part)
{
    return (uint64_t) side << 56 | (uint64_t) round << 48 | (uint64_t) number << 8 | (uint64_t) part;
}

void fill (char *bytes, size_t size, uint64_t seed)
{
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 0x1234567;
    for (size_t i = 0; i < size; i += 8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy (bytes + i, &state, size - i < 8 ? size - i : 8);
    }
    if (size)
        bytes[0] = (char) ('a' + seed % 26); /* not a subscription */
}

int is_filled (const char *bytes, size_t size, uint64_t seed)
{
    char *expected = malloc (size + 1);
    CHECK (expected);
    fill (expected, size, seed);
    int same = memcmp (bytes, expected, size) == 0;
    free (expected);
    return same;
}

/* ---- envelopes ---- */

/* An empty part goes before what is said. */
static int has_delimiter (struct peer *peer)
{
    return (peer->type == ZMQ_ROUTER && peer->other == ZMQ_REQ)
           || (peer->type == ZMQ_DEALER && peer->other == ZMQ_REP);
}

static int send_envelope (struct peer *peer, int flags)
{
    if (peer->type == ZMQ_ROUTER
        && zmq_send (peer->socket, peer->name, (size_t) peer->name_size, flags | ZMQ_SNDMORE) < 0)
        return -1;
    if (has_delimiter (peer))
        return zmq_send (peer->socket, "", 0, flags | ZMQ_SNDMORE);
    return 0;
}

static void receive_envelope (struct peer *peer)
{
    char name[sizeof peer->name];
    if (peer->type == ZMQ_ROUTER) {
        int size = recv_part (peer->socket, name, sizeof name);
        if (!peer->name_size) {
            memcpy (peer->name, name, (size_t) size);
            peer->name_size = size;
        }
        CHECK_INT (size, peer->name_size);
        CHECK (memcmp (name, peer->name, (size_t) size) == 0);
    }
    if (has_delimiter (peer))
        RECV_TEXT (peer->socket, "");
}

/* ---- messages ---- */

int send_message (struct peer *peer, int round, int number, int flags)
{
    int begun = peer->type == ZMQ_ROUTER || has_delimiter (peer);
    if (send_envelope (peer, flags) < 0) {
        CHECK_INT (zmq_errno (), EAGAIN);
        return -1;
    }
    size_t size = part_size (number, 0);
    for (int part = 0; size != END; part++) {
        zmq_msg_t message;
        size_t next = part_size (number, part + 1);
        CHECK_OK (zmq_msg_init_size (&message, size));
        fill (zmq_msg_data (&message), size, part_seed (peer->side, round, number, part));
        int n = zmq_msg_send (&message, peer->socket, flags | (next != END ? ZMQ_SNDMORE : 0));
        if (n < 0 && part == 0 && !begun) {
            CHECK_INT (zmq_errno (), EAGAIN);
            CHECK_OK (zmq_msg_close (&message));
            return -1;
        }
        CHECK_INT (n, size);
        size = next;
    }
    return 0;
}

/* An XPUB also reads the subscriptions that the other made. */
static int is_notice (struct peer *peer, zmq_msg_t *message)
{
    const char *bytes = zmq_msg_data (message);
    return peer->type == ZMQ_XPUB && zmq_msg_size (message) > 0 && (bytes[0] == 0 || bytes[0] == 1);
}

void receive_message (struct peer *peer, int round, int number)
{
    receive_envelope (peer);
    size_t size = part_size (number, 0);
    for (int part = 0; size != END;) {
        zmq_msg_t message;
        CHECK_OK (zmq_msg_init (&message));
        CHECK (ready_within (peer->socket, ZMQ_POLLIN, PATIENCE_MS));
        int n = zmq_msg_recv (&message, peer->socket, ZMQ_DONTWAIT);
        if (part == 0 && n > 0 && is_notice (peer, &message)) {
            CHECK_OK (zmq_msg_close (&message));
            continue;
        }
        if (n != (int) size)
            FAIL ("round %d, message %d, part %d: %d bytes, expected %zu (errno %d)", round, number,
                  part, n, size, zmq_errno ());
        if (!is_filled (zmq_msg_data (&message), size,
                        part_seed (peer->side == 'a' ? 'b' : 'a', round, number, part)))
            FAIL ("round %d, message %d, part %d of %zu bytes: wrong content", round, number, part,
                  size);
        size = part_size (number, part + 1);
        if (zmq_msg_more (&message) != (size != END))
            FAIL ("round %d, message %d, part %d: wrong number of parts", round, number, part);
        CHECK_OK (zmq_msg_close (&message));
        part++;
    }
}

void exchange (struct peer *peer, int round, int sends, int receives)
{
    for (int sent = 0, received = 0; sent < sends || received < receives;) {
        zmq_pollitem_t item = {peer->socket, 0, 0, 0};
        item.events = (short) ((sent < sends ? ZMQ_POLLOUT : 0) | (received < receives ? ZMQ_POLLIN : 0));
        if (zmq_poll (&item, 1, PATIENCE_MS) != 1)
            FAIL ("round %d: stuck, %d of %d sent, %d of %d received", round, sent, sends, received,
                  receives);
        if ((item.revents & ZMQ_POLLOUT) && send_message (peer, round, sent, ZMQ_DONTWAIT) == 0)
            sent++;
        if (item.revents & ZMQ_POLLIN)
            receive_message (peer, round, received++);
    }
}

/* ---- conversations ---- */

/* Requests one after the other. */
static void alternate (struct peer *peer, int round, int messages, int asks)
{
    for (int number = 0; number < messages; number++) {
        if (!asks)
            receive_message (peer, round, number);
        CHECK_OK (send_message (peer, round, number, 0));
        if (asks)
            receive_message (peer, round, number);
    }
}

void converse (struct peer *peer, int round, int messages)
{
    int sends = can_send (peer->type, peer->other), receives = can_send (peer->other, peer->type);
    round *= 2;
    if (peer->type == ZMQ_REQ || peer->other == ZMQ_REQ)
        /* Fewer, as each waits for the one before. */
        alternate (peer, round, SHAPES + (messages - SHAPES) / 4, peer->type == ZMQ_REQ);
    else if (peer->type == ZMQ_REP)
        alternate (peer, round, messages, 0);
    else if (peer->other == ZMQ_REP)
        exchange (peer, round, messages, messages);
    else {
        for (const char *sender = "ab"; *sender; sender++) {
            if (*sender == peer->side && sends)
                exchange (peer, round, messages, 0);
            if (*sender != peer->side && receives)
                exchange (peer, round, 0, messages);
        }
        if (sends && receives)
            exchange (peer, round + 1, messages, messages);
    }
}

/* ---- numbered messages ---- */

#define NUMBER 16 /* digits of a number, before and after the content */

/* In three parts, so that a message can be cut between them. libzmq 4.3.4 aborts when a connection
   ends there: it sends the same in one part. */
int send_numbered (struct peer *peer, uint64_t number, size_t size, int flags)
{
    size_t total = NUMBER + size + NUMBER;
    char *bytes = malloc (total + 1);
    CHECK (bytes);
    snprintf (bytes, NUMBER + 1, "%016llu", (unsigned long long) number);
    fill (bytes + NUMBER, size, number);
    memcpy (bytes + NUMBER + size, bytes, NUMBER);
    size_t ends[] = {NUMBER, NUMBER + size, total}, sent = 0;
    int result = 0;
    for (int part = peer->ours ? 0 : 2; part < 3; part++) {
        int n = zmq_send (peer->socket, bytes + sent, ends[part] - sent, flags | (part < 2 ? ZMQ_SNDMORE : 0));
        if (n < 0) {
            /* Later than at the first part, the connection has gone and the message with it. */
            CHECK_INT (zmq_errno (), EAGAIN);
            result = sent == 0 ? -1 : 0;
            if (sent == 0)
                break;
        }
        sent = ends[part];
    }
    free (bytes);
    return result;
}

uint64_t receive_numbered (struct peer *peer, size_t size)
{
    size_t total = NUMBER + size + NUMBER, received = 0;
    char *bytes = malloc (total), first[NUMBER + 1] = "";
    CHECK (bytes);
    if (peer->type == ZMQ_ROUTER)
        CHECK (recv_part (peer->socket, peer->name, sizeof peer->name) > 0);
    do {
        CHECK (received < total);
        int n = recv_part (peer->socket, bytes + received, total - received);
        CHECK (n > 0 && received + (size_t) n <= total);
        received += (size_t) n;
    } while (get_int (peer->socket, ZMQ_RCVMORE));
    CHECK_INT (received, total);
    memcpy (first, bytes, NUMBER);
    uint64_t number = strtoull (first, NULL, 10);
    CHECK (is_filled (bytes + NUMBER, size, number));
    CHECK (memcmp (bytes + NUMBER + size, first, NUMBER) == 0);
    free (bytes);
    return number;
}
