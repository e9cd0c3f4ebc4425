/* What the two processes do; which of them, in which roles: scenarios.h. */

#include "../curve.h"
#include "../zap.h"
#include "peer.h"

#include <inttypes.h>

/* ---- conversations ---- */

void scenario_traffic (struct peer *peer)
{
    make_socket (peer);
    attach (peer);
    greet (peer);
    converse (peer, 1, SHAPES + 2000);
    meet ();
    finish (peer);
}

/* Pings between all those messages, and when there are none. */
void scenario_heartbeat (struct peer *peer)
{
    make_socket (peer);
    set_int (peer->socket, ZMQ_HEARTBEAT_IVL, 1);
    set_int (peer->socket, ZMQ_HEARTBEAT_TIMEOUT, PATIENCE_MS);
    set_int (peer->socket, ZMQ_HEARTBEAT_TTL, PATIENCE_MS);
    attach (peer);
    greet (peer);
    for (int round = 1; round < 3; round++) {
        converse (peer, round, SHAPES + 1000);
        meet ();
    }
    CHECK_QUIET (peer->monitor);
    meet ();
    finish (peer);
}

/* The chosen side is the server. Everything is sealed, pings included. */
void scenario_curve (struct peer *peer)
{
    make_socket (peer);
    set_int (peer->socket, ZMQ_HEARTBEAT_IVL, 5);
    set_int (peer->socket, ZMQ_HEARTBEAT_TIMEOUT, PATIENCE_MS);
    if (peer->chosen)
        be_curve_server (peer->socket);
    else
        be_curve_client (peer->socket, CLIENT_PUBLIC, CLIENT_SECRET);
    attach (peer);
    greet (peer);
    converse (peer, 1, SHAPES + 1000);
    meet ();
    finish (peer);
}

/* The chosen side is the server, which lets nobody in without a handler. It is not a REQ: one of the
   reference's does not get its reply when a handler was asked. */
void scenario_plain (struct peer *peer)
{
    struct zap zap;
    make_socket (peer);
    if (peer->chosen) {
        start_zap (&zap, peer->context);
        set_int (peer->socket, ZMQ_PLAIN_SERVER, 1);
    } else {
        CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_PLAIN_USERNAME, "user", 4));
        CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_PLAIN_PASSWORD, "secret", 6));
    }
    attach (peer);
    greet (peer);
    converse (peer, 1, SHAPES + 100);
    meet ();
    if (peer->chosen)
        end_zap (&zap, peer->context);
    finish (peer);
}

/* ---- names ---- */

#define NAMES 6
/* A REQ asks once. */
#define NAME_ROUNDS(peer) ((peer)->type == ZMQ_REQ || (peer)->other == ZMQ_REQ ? 1 : 200)

/* The last is none. */
static size_t name_of (int i, char *name)
{
    static const size_t SIZES[NAMES] = {1, 5, 48, 49, 255, 0};
    fill (name, SIZES[i], (uint64_t) i + 1);
    return SIZES[i];
}

static void named_sockets (struct peer *peer)
{
    void *sockets[NAMES];
    char text[64], name[256];
    if (!peer->binds)
        hear (peer->address, sizeof peer->address);
    for (int i = 0; i < NAMES; i++) {
        sockets[i] = new_socket (peer->context, peer->type);
        size_t size = name_of (i, name);
        if (size)
            CHECK_OK (zmq_setsockopt (sockets[i], ZMQ_ROUTING_ID, name, size));
        if (peer->binds) {
            char endpoint[256];
            if (strncmp (peer->address, "ipc", 3) == 0)
                peer->address[strlen (peer->address) - 1] = (char) ('0' + i);
            bind_to (sockets[i], peer->address, endpoint);
            tell ("%s", endpoint);
        } else
            connect_to (sockets[i], peer->address);
        snprintf (text, sizeof text, "i am %d", i);
        send_text (sockets[i], text, 0);
    }
    for (int i = NAMES - 1; i >= 0; i--)
        for (int round = 0; round < NAME_ROUNDS (peer); round++) {
            snprintf (text, sizeof text, "you are %d, round %d", i, round);
            RECV_PARTS (sockets[i], text, "", "end", NULL);
        }
    meet ();
    CHECK_QUIET (sockets[0]);
    for (int i = 0; i < NAMES; i++) {
        CHECK (!ready_within (sockets[i], ZMQ_POLLIN, 0));
        close_now (sockets[i]);
    }
}

static void check_property (zmq_msg_t *message, const char *property, const char *value)
{
    const char *got = zmq_msg_gets (message, property);
    if (!got || strcmp (got, value) != 0)
        FAIL ("property %s is '%s', expected '%s'", property, got ? got : "(none)", value);
}

static void router_of_names (struct peer *peer)
{
    void *router = new_socket (peer->context, ZMQ_ROUTER);
    char text[64], name[256], names[NAMES][256];
    int sizes[NAMES] = {0}, asked = peer->other == ZMQ_REQ;
    set_int (router, ZMQ_ROUTER_MANDATORY, 1);
    if (peer->binds) {
        bind_to (router, peer->address, peer->address);
        tell ("%s", peer->address);
    } else
        for (int i = 0; i < NAMES; i++) {
            hear (peer->address, sizeof peer->address);
            connect_to (router, peer->address);
        }
    for (int count = 0; count < NAMES; count++) {
        zmq_msg_t body;
        int i, size = recv_part (router, name, sizeof name);
        if (asked)
            RECV_TEXT (router, "");
        CHECK_OK (zmq_msg_init (&body));
        CHECK_INT (zmq_msg_recv (&body, router, 0), 6);
        snprintf (text, sizeof text, "%.6s", (char *) zmq_msg_data (&body));
        CHECK (sscanf (text, "i am %d", &i) == 1 && i >= 0 && i < NAMES && !sizes[i]);
        sizes[i] = size;
        memcpy (names[i], name, (size_t) size);

        int announced = (int) name_of (i, name);
        CHECK_INT (size, announced ? announced : 5);
        CHECK (announced ? memcmp (names[i], name, (size_t) size) == 0 : names[i][0] == 0);
        check_property (&body, "Socket-Type", asked ? "REQ" : "DEALER");
        if (strncmp (peer->address, "tcp", 3) == 0)
            check_property (&body, "Peer-Address", "127.0.0.1");
        CHECK_OK (zmq_msg_close (&body));
    }
    for (int round = 0; round < NAME_ROUNDS (peer); round++)
        for (int i = 0; i < NAMES; i++) {
            CHECK_INT (zmq_send (router, names[i], (size_t) sizes[i], ZMQ_SNDMORE), sizes[i]);
            if (asked)
                send_text (router, "", ZMQ_SNDMORE);
            snprintf (text, sizeof text, "you are %d, round %d", i, round);
            send_parts (router, text, "", "end", NULL);
        }
    CHECK_ERRNO (zmq_send (router, "nobody", 6, ZMQ_SNDMORE), EHOSTUNREACH);
    meet ();
    close_now (router);
}

void scenario_identities (struct peer *peer)
{
    peer->context = zmq_ctx_new ();
    if (peer->side == 'a')
        named_sockets (peer);
    else
        router_of_names (peer);
    CHECK_OK (zmq_ctx_term (peer->context));
}

/* Each knows the name that the other announces. */
void scenario_router_names (struct peer *peer)
{
    static const char *const NAME[] = {"the left one", "the right one"};
    const char *own = NAME[peer->side == 'b'], *other = NAME[peer->side == 'a'];
    make_socket (peer);
    CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_ROUTING_ID, own, strlen (own)));
    if (peer->binds) {
        bind_to (peer->socket, peer->address, peer->address);
        tell ("%s", peer->address);
    } else {
        hear (peer->address, sizeof peer->address);
        connect_to (peer->socket, peer->address);
    }
    AWAIT_EVENT (peer->monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    /* The name follows the handshake. */
    double end = now_ms () + PATIENCE_MS;
    while (zmq_send (peer->socket, other, strlen (other), ZMQ_SNDMORE) < 0) {
        CHECK_INT (zmq_errno (), EHOSTUNREACH);
        CHECK (now_ms () < end);
    }
    send_text (peer->socket, "hello", 0);
    RECV_PARTS (peer->socket, other, "hello", NULL);
    peer->name_size = (int) strlen (other);
    memcpy (peer->name, other, strlen (other));
    converse (peer, 1, SHAPES + 1000);
    meet ();
    finish (peer);
}

/* ---- topics ---- */

struct topic {
    char sign; /* + or -; 0 ends a list */
    const char *text;
    int size;  /* longer than the text: repeats its last byte */
};

static size_t topic_bytes (const struct topic *topic, char *bytes)
{
    size_t length = strlen (topic->text), size = topic->size ? (size_t) topic->size : length;
    memcpy (bytes, topic->text, length);
    if (size > length)
        memset (bytes + length, topic->text[length - 1], size - length);
    return size;
}

/* What changes before each turn, and which of the messages match then. No topic of 246 to 255 bytes:
   libzmq 4.3.4 announces those with a frame that is too short for them. */
static const struct {
    struct topic changes[8];
    const char *matches;
} TURNS_OF_TOPICS[] = {
    {{{'+', "a", 0}, {'+', "bcd", 0}, {'+', "x", 245}}, "0127"},
    {{{'+', "ab", 0}, {'-', "a", 0}, {'+', "x", 256}, {'-', "x", 245}}, "127"},
    {{{'-', "bcd", 0}, {'-', "x", 256}, {'-', "nobody had this", 0}, {'+', "b", 0}}, "1234"},
    {{{'-', "b", 0}, {'-', "ab", 0}, {'+', "x", 8000}}, ""},
    {{{'+', "x", 49}, {'+', "x", 48}, {'-', "x", 49}, {'-', "x", 8000}}, "7"},
    {{{'+', "", 0}, {'-', "x", 48}}, "01234567"},
    /* Everything matches until this is seen: nothing is sent any more. */
    {{{'-', "", 0}}, NULL},
};
#define TOPIC_TURNS ((int) (sizeof TURNS_OF_TOPICS / sizeof *TURNS_OF_TOPICS))

static const struct topic TOPIC_MESSAGES[] = {
    {0, "a", 0}, {0, "abc", 0}, {0, "bcde", 0}, {0, "bc", 0}, {0, "b", 0}, {0, "", 0}, {0, "cab", 0}, {0, "x", 300},
};
#define TOPIC_MESSAGE_COUNT ((int) (sizeof TOPIC_MESSAGES / sizeof *TOPIC_MESSAGES))

static void change_subscription (struct peer *peer, const struct topic *topic)
{
    char bytes[10000] = {topic->sign == '+'};
    size_t size = topic_bytes (topic, bytes + 1);
    if (peer->type == ZMQ_XSUB)
        CHECK_INT (zmq_send (peer->socket, bytes, size + 1, 0), size + 1);
    else
        CHECK_OK (zmq_setsockopt (peer->socket,
                                  topic->sign == '+' ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, bytes + 1, size));
}

static void publish_topics (struct peer *peer)
{
    char bytes[10000], sync[32];
    for (int turn = 0; turn < TOPIC_TURNS - 1; turn++) {
        snprintf (sync, sizeof sync, "=sync %d", turn);
        do
            send_text (peer->socket, sync, 0);
        while (!heard_within (2));
        expect_to_hear (sync);
        for (int i = 0; i < TOPIC_MESSAGE_COUNT; i++) {
            size_t size = topic_bytes (&TOPIC_MESSAGES[i], bytes);
            CHECK_INT (zmq_send (peer->socket, bytes, size, ZMQ_SNDMORE), size);
            snprintf (bytes, sizeof bytes, "%d.%d", turn, i);
            send_text (peer->socket, bytes, 0);
        }
        send_text (peer->socket, "~end", 0);
    }
}

static void receive_topics (struct peer *peer)
{
    char bytes[10000], text[10000];
    int n;
    for (int turn = 0; turn < TOPIC_TURNS; turn++) {
        for (const struct topic *change = TURNS_OF_TOPICS[turn].changes; change->sign; change++)
            change_subscription (peer, change);
        if (!TURNS_OF_TOPICS[turn].matches)
            break;
        snprintf (bytes, sizeof bytes, "=sync %d", turn);
        change_subscription (peer, &(struct topic){'+', bytes, 0});
        do { /* what is there from before, or for the turn */
            n = recv_part (peer->socket, text, sizeof text);
            while (get_int (peer->socket, ZMQ_RCVMORE))
                recv_part (peer->socket, text, sizeof text);
        } while (n != (int) strlen (bytes) || memcmp (text, bytes, (size_t) n) != 0);
        tell ("%s", bytes);
        do
            n = recv_part (peer->socket, text, sizeof text);
        while (n == (int) strlen (bytes) && memcmp (text, bytes, (size_t) n) == 0);
        for (const char *match = TURNS_OF_TOPICS[turn].matches; *match; match++) {
            size_t size = topic_bytes (&TOPIC_MESSAGES[*match - '0'], bytes);
            if (n != (int) size || memcmp (text, bytes, size) != 0)
                FAIL ("turn %d: '%.*s', expected message %c", turn, n, text, *match);
            snprintf (bytes, sizeof bytes, "%d.%c", turn, *match);
            RECV_TEXT (peer->socket, bytes);
            CHECK_INT (get_int (peer->socket, ZMQ_RCVMORE), 0);
            n = recv_part (peer->socket, text, sizeof text);
        }
        if (n != 4 || memcmp (text, "~end", 4) != 0)
            FAIL ("turn %d: '%.*s', expected the end", turn, n, text);
    }
}

static void check_one_notice (struct peer *peer, const struct topic *topic)
{
    char bytes[10000], notice[10000];
    size_t size = topic_bytes (topic, bytes);
    int n = recv_part (peer->socket, notice, sizeof notice);
    if (n != (int) size + 1 || notice[0] != (topic->sign == '+') || memcmp (notice + 1, bytes, size) != 0)
        FAIL ("notice %d '%.*s' of %d bytes, expected %c '%.*s' of %zu", notice[0], n > 20 ? 20 : n - 1,
              notice + 1, n, topic->sign, (int) (size > 20 ? 20 : size), bytes, size + 1);
}

/* All that the subscriber changed. */
static void check_notices (struct peer *peer)
{
    char sync[32];
    check_one_notice (peer, &(struct topic){'+', "~", 0});
    for (int turn = 0; turn < TOPIC_TURNS; turn++) {
        for (const struct topic *change = TURNS_OF_TOPICS[turn].changes; change->sign; change++)
            /* A SUB keeps to itself that it gives up what it did not have. */
            if (strcmp (change->text, "nobody had this") != 0)
                check_one_notice (peer, change);
        if (!TURNS_OF_TOPICS[turn].matches)
            break;
        snprintf (sync, sizeof sync, "=sync %d", turn);
        check_one_notice (peer, &(struct topic){'+', sync, 0});
    }
}

void scenario_unsubscribe (struct peer *peer)
{
    peer->narrow = 1;
    make_socket (peer);
    attach (peer);
    greet (peer);
    if (peer->side == 'a')
        publish_topics (peer);
    else
        receive_topics (peer);
    if (peer->type == ZMQ_XPUB)
        check_notices (peer);
    meet ();
    finish (peer);
}

/* ---- death ---- */

/* Killed when all was said; the other goes on with the next to come. */
void scenario_restart (struct peer *peer)
{
    if (peer->life == 1) {
        make_socket (peer);
        attach (peer);
        greet (peer);
        converse (peer, 1, SHAPES + 100);
        meet ();
        if (peer->chosen)
            die ();
        await_end_of_connection (peer);
    } else {
        expect_to_hear ("gone");
        make_socket (peer);
        attach (peer);
    }
    greet (peer);
    converse (peer, 2, SHAPES + 100);
    meet ();
    finish (peer);
}

/* Of what is sent all the time, nothing comes twice or in another order, and after the restart all
   of it comes. */
/* The zmq_ctx_term of the genuine library sometimes does not come back when a peer has left while it was sent to, or
   in the middle of a large message, which is not what these scenarios are about. */
static void finish_after_death (struct peer *peer)
{
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
        finish (peer);
    fflush (NULL);
    _exit (0);
}

static void send_all_the_time (struct peer *peer)
{
    uint64_t number = 1, first = 0, last = 0;
    int gone = 0; /* once, though it may find and lose the dying one again */
    make_socket (peer);
    attach (peer);
    while (!first) {
        char text[128];
        struct event event;
        zmq_pollitem_t items[] = {{peer->socket, 0, ZMQ_POLLOUT, 0},
                                  {peer->monitor, 0, ZMQ_POLLIN, 0},
                                  {NULL, 3, ZMQ_POLLIN, 0}};
        CHECK (zmq_poll (items, 3, PATIENCE_MS) > 0);
        if (items[1].revents && take_event (peer->monitor, &event)
            && event.number == ZMQ_EVENT_DISCONNECTED && !gone++)
            settle_end (peer);
        if (items[2].revents) {
            hear (text, sizeof text);
            if (!last)
                CHECK (sscanf (text, "last %" SCNu64, &last) == 1);
            else
                CHECK (sscanf (text, "first %" SCNu64, &first) == 1);
        }
        if (items[0].revents && send_numbered (peer, number, 20, ZMQ_DONTWAIT) == 0)
            number++;
    }
    if (first <= last || first >= number)
        FAIL ("after %" PRIu64 " came %" PRIu64 "; %" PRIu64 " were sent", last, first, number - 1);
    tell ("end");
    finish_after_death (peer);
}

static void receive_and_die (struct peer *peer)
{
    if (peer->life == 2)
        expect_to_hear ("gone");
    make_socket (peer);
    attach (peer);
    uint64_t first = receive_numbered (peer, 20), last = first;
    if (peer->life == 1 && peer->other != ZMQ_PUB && peer->other != ZMQ_XPUB)
        CHECK_INT (first, 1);
    for (int i = 0; i < 2000; i++) {
        uint64_t number = receive_numbered (peer, 20);
        if (number != last + 1)
            FAIL ("life %d: after %" PRIu64 " came %" PRIu64 " (first %" PRIu64 ")", peer->life, last,
                  number, first);
        last = number;
    }
    if (peer->life == 1) {
        tell ("last %" PRIu64, last);
        die ();
    }
    tell ("first %" PRIu64, first);
    expect_to_hear ("end");
    finish (peer);
}

void scenario_receiver_dies (struct peer *peer)
{
    if (peer->chosen)
        receive_and_die (peer);
    else
        send_all_the_time (peer);
}

/* Large messages, so that it dies in the middle of one. */
#define TORN_SIZE 100000
#define SECOND_LIFE 1000000

static void send_and_die (struct peer *peer)
{
    uint64_t number = peer->life == 1 ? 1 : SECOND_LIFE;
    if (peer->life == 2)
        expect_to_hear ("gone");
    make_socket (peer);
    if (peer->type != ZMQ_PUB && peer->type != ZMQ_XPUB)
        set_int (peer->socket, ZMQ_SNDHWM, 30);
    attach (peer);
    while (!heard_within (0)) {
        zmq_pollitem_t items[] = {{peer->socket, 0, ZMQ_POLLOUT, 0}, {NULL, 3, ZMQ_POLLIN, 0}};
        CHECK (zmq_poll (items, 2, PATIENCE_MS) > 0);
        if (items[0].revents && send_numbered (peer, number, TORN_SIZE, ZMQ_DONTWAIT) == 0)
            number++;
    }
    expect_to_hear ("enough");
    if (peer->life == 1) {
        /* Without a gap: one for which there is no room keeps its number. */
        for (int i = 0; i < 20; i++)
            number += send_numbered (peer, number, TORN_SIZE, ZMQ_DONTWAIT) == 0;
        die ();
    }
    finish_after_death (peer);
}

static void receive_whole_messages (struct peer *peer)
{
    /* By life: what is left of the first may be read in turns with the second. */
    uint64_t last[2] = {0}, count[2] = {0};
    int lost = 0, gone = 0;
    make_socket (peer);
    attach (peer);
    while (count[1] < 50) {
        struct event event;
        zmq_pollitem_t items[] = {{peer->socket, 0, ZMQ_POLLIN, 0}, {peer->monitor, 0, ZMQ_POLLIN, 0}};
        CHECK (zmq_poll (items, 2, lost && !gone ? 0 : PATIENCE_MS) > 0 || lost);
        if (items[1].revents && take_event (peer->monitor, &event))
            lost |= event.number == ZMQ_EVENT_DISCONNECTED;
        else if (!items[0].revents && lost && !gone++)
            settle_end (peer); /* all of the first life is read */
        if (!items[0].revents)
            continue;
        uint64_t number = receive_numbered (peer, TORN_SIZE);
        int life = number >= SECOND_LIFE;
        CHECK (!life || gone);
        if (last[life] && number != last[life] + 1)
            FAIL ("after %" PRIu64 " came %" PRIu64, last[life], number);
        last[life] = number;
        if (++count[life] == 50 && !life)
            tell ("enough");
    }
    tell ("enough");
    finish (peer);
}

void scenario_sender_dies (struct peer *peer)
{
    if (peer->chosen)
        send_and_die (peer);
    else
        receive_whole_messages (peer);
}

/* Stopped, so that only heartbeats can tell. It is `a` who sends them: and notices if there is no
   answer; `b` does if they end, as they had promised to be followed by others. */
void scenario_frozen (struct peer *peer)
{
    make_socket (peer);
    if (peer->side == 'a') {
        set_int (peer->socket, ZMQ_HEARTBEAT_IVL, 20);
        if (peer->chosen)
            set_int (peer->socket, ZMQ_HEARTBEAT_TTL, 300);
        set_int (peer->socket, ZMQ_HEARTBEAT_TIMEOUT, peer->chosen ? PATIENCE_MS : 300);
    }
    attach (peer);
    greet (peer);
    if (peer->chosen) {
        CHECK_QUIET (peer->monitor); /* nothing but heartbeats */
        tell ("%d", (int) getpid ());
        raise (SIGSTOP);
    } else {
        char pid[32];
        hear (pid, sizeof pid);
        AWAIT_EVENT (peer->monitor, ZMQ_EVENT_DISCONNECTED);
        get_int (peer->socket, ZMQ_EVENTS);
        CHECK_OK (kill (atoi (pid), SIGCONT));
    }
    greet (peer);
    converse (peer, 1, SHAPES + 20);
    meet ();
    finish (peer);
}

/* ---- queues ---- */

static int is_early (struct peer *peer)
{
    int publishes = peer->type == ZMQ_PUB || peer->type == ZMQ_XPUB || peer->other == ZMQ_PUB
                    || peer->other == ZMQ_XPUB;
    return !publishes && peer->binds == (peer->side == 'b');
}

/* Many are sent before the other reads any, where that is possible before it exists. */
void scenario_backlog (struct peer *peer)
{
    const int count = 10000;
    if (is_early (peer) && peer->side == 'b')
        expect_to_hear ("sent");
    make_socket (peer);
    if (peer->side == 'a' && peer->type != ZMQ_PUB && peer->type != ZMQ_XPUB)
        set_int (peer->socket, ZMQ_SNDHWM, count + 1);
    if (is_early (peer))
        attach_early (peer);
    else {
        attach (peer);
        greet (peer);
    }
    if (peer->side == 'a') {
        CHECK (ready_within (peer->socket, ZMQ_POLLOUT, PATIENCE_MS));
        for (int i = 0; i < count; i++)
            CHECK_OK (send_message (peer, 1, SHAPES + i, ZMQ_DONTWAIT));
        tell ("sent");
    } else {
        if (!is_early (peer))
            expect_to_hear ("sent");
        for (int i = 0; i < count; i++)
            receive_message (peer, 1, SHAPES + i);
        CHECK (!ready_within (peer->socket, ZMQ_POLLIN, 0));
    }
    meet ();
    finish (peer);
}

#define FULL_SIZE 65536
/* Half of it, rounded up, is what a reader takes before it tells the publisher: of what came before, as much
   less one may still count. */
#define FULL_HWM 5

/* A publisher goes on, and what finds no room is lost as a whole. */
static void publish_too_much (struct peer *peer)
{
    uint64_t number;
    for (number = 1; number <= 400; number++)
        CHECK_OK (send_numbered (peer, number, FULL_SIZE, 0));
    tell ("sent");
    for (number = SECOND_LIFE; !heard_within (2); number++)
        CHECK_OK (send_numbered (peer, number, FULL_SIZE, 0));
    expect_to_hear ("enough");
}

static void miss_some (struct peer *peer)
{
    uint64_t last = 0, number, count = 0;
    expect_to_hear ("sent");
    do {
        number = receive_numbered (peer, FULL_SIZE);
        CHECK (number > last);
        last = number;
        count += number < SECOND_LIFE;
    } while (number < SECOND_LIFE);
    if (count < FULL_HWM - FULL_HWM / 2 || count >= 400)
        FAIL ("%" PRIu64 " of 400 came", count);
    tell ("enough");
}

/* Sends until it would block, and the other reads what it could send, and that only. */
static void send_what_fits (struct peer *peer)
{
    int count = 0;
    while (ready_within (peer->socket, ZMQ_POLLOUT, QUIET_MS))
        if (send_numbered (peer, (uint64_t) count + 1, FULL_SIZE, ZMQ_DONTWAIT) == 0)
            count++;
    set_int (peer->socket, ZMQ_SNDTIMEO, 1);
    CHECK_ERRNO (zmq_send (peer->socket, "", 0, 0), EAGAIN);
    set_int (peer->socket, ZMQ_SNDTIMEO, PATIENCE_MS);
    CHECK (count >= FULL_HWM);
    tell ("%d", count);
    CHECK_OK (send_numbered (peer, (uint64_t) count + 1, FULL_SIZE, 0));
}

static void receive_what_fitted (struct peer *peer)
{
    char text[32];
    hear (text, sizeof text);
    for (int i = 0, count = atoi (text); i <= count; i++)
        CHECK_INT (receive_numbered (peer, FULL_SIZE), i + 1);
    CHECK (!ready_within (peer->socket, ZMQ_POLLIN, 0));
}

void scenario_full (struct peer *peer)
{
    int publishes = peer->type == ZMQ_PUB || peer->type == ZMQ_XPUB || peer->other == ZMQ_PUB
                    || peer->other == ZMQ_XPUB;
    make_socket (peer);
    set_int (peer->socket, ZMQ_SNDHWM, FULL_HWM);
    set_int (peer->socket, ZMQ_RCVHWM, FULL_HWM);
    attach (peer);
    greet (peer);
    if (peer->side == 'a')
        (publishes ? publish_too_much : send_what_fits) (peer);
    else
        (publishes ? miss_some : receive_what_fitted) (peer);
    meet ();
    finish (peer);
}

/* ---- linger ---- */

/* Closes and ends its context with everything still to be delivered. The other side stays until that is
   done: the genuine library waits for ever for a peer that leaves in the middle of it. */
static void leave (struct peer *peer)
{
    set_int (peer->socket, ZMQ_LINGER, peer->binds ? PATIENCE_MS : -1);
    unwatch (peer->socket, peer->monitor);
    tell ("closing");
    CHECK_OK (zmq_close (peer->socket));
    CHECK_OK (zmq_ctx_term (peer->context));
    tell ("left");
}

/* Asking and answering is done one at a time. */
static int is_one (struct peer *peer)
{
    return peer->type == ZMQ_REQ || peer->type == ZMQ_REP || peer->other == ZMQ_REQ
           || peer->other == ZMQ_REP;
}

static void send_all (struct peer *peer, int messages)
{
    if (is_one (peer))
        CHECK_OK (send_message (peer, 1, SHAPES - 1, 0));
    else
        for (int i = 0; i < messages; i++)
            CHECK_OK (send_message (peer, 1, i, 0));
}

static void receive_all (struct peer *peer, int messages)
{
    if (is_one (peer))
        receive_message (peer, 1, SHAPES - 1);
    else
        for (int i = 0; i < messages; i++)
            receive_message (peer, 1, i);
}

void scenario_linger (struct peer *peer)
{
    int sender = peer->chosen ? peer->type : peer->other;
    int receiver = peer->chosen ? peer->other : peer->type;
    if (!can_send (sender, receiver))
        return;
    make_socket (peer);
    set_int (peer->socket, ZMQ_SNDHWM, 0);
    attach (peer);
    greet (peer);
    /* Who answers must have been asked. */
    if (sender == ZMQ_REP || receiver == ZMQ_REQ) {
        if (peer->chosen)
            receive_message (peer, 0, 0);
        else
            CHECK_OK (send_message (peer, 0, 0, 0));
    }
    if (peer->chosen) {
        send_all (peer, SHAPES + 500);
        leave (peer);
    } else {
        expect_to_hear ("closing");
        receive_all (peer, SHAPES + 500);
        expect_to_hear ("left");
        finish (peer);
    }
}

/* Also with nobody there yet. */
void scenario_linger_early (struct peer *peer)
{
    if (peer->side == 'a') {
        make_socket (peer);
        attach_early (peer);
        send_all (peer, SHAPES);
        leave (peer);
    } else {
        expect_to_hear ("closing");
        make_socket (peer);
        attach_early (peer);
        receive_all (peer, SHAPES);
        expect_to_hear ("left");
        finish (peer);
    }
}
