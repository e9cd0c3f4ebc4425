/* soak SECONDS [SEED]

   Two hundred sockets of all kinds in one process, in groups of one that is bound and some that
   connect to it, over inproc, tcp and ipc, driven by a few threads at random. Every message says who
   sent it, in which of its lives, over which of its connections, and its number there. Checked are:

   - content and parts of every message;
   - the order of each sender's messages over one connection, and that none comes twice;
   - in the calm groups, where nobody leaves while messages are under way: that all come;
   - that no call hangs, and that in the end the context terminates in time.

   In the wild groups sockets disconnect, unbind, close and are opened again at any time, so messages
   may be lost. Prints counts; exits 1 when something was wrong. The seed determines the choices of
   each thread; what they meet depends on the machine as well. */

#include "../testing.h"

#include <inttypes.h>
#include <stdatomic.h>

#define THREADS 8
#define GROUPS 22
#define MEMBERS 10
#define SLOTS (GROUPS * MEMBERS)
#define TERM_BOUND_MS 10000
#define LINGER_MS 100

/* ---- what there is ---- */

enum traffic {
    FORWARD, /* senders to receivers */
    ECHO,    /* the bound one answers each with the same */
    BOTH     /* all send and receive */
};

static const struct pattern {
    const char *name;
    int bound, connected;
    enum traffic traffic;
    int members; /* of a calm group */
    int complete; /* nothing is lost in a calm group */
} PATTERNS[] = {
    {"PUSH to PULL bound", ZMQ_PULL, ZMQ_PUSH, FORWARD, MEMBERS, 1},
    {"PUSH bound to PULL", ZMQ_PUSH, ZMQ_PULL, FORWARD, MEMBERS, 1},
    {"PUB bound to SUB", ZMQ_PUB, ZMQ_SUB, FORWARD, MEMBERS, 0},
    {"PUB to SUB bound", ZMQ_SUB, ZMQ_PUB, FORWARD, MEMBERS, 0},
    {"XPUB bound to XSUB", ZMQ_XPUB, ZMQ_XSUB, FORWARD, MEMBERS, 0},
    {"DEALER and ROUTER bound", ZMQ_ROUTER, ZMQ_DEALER, ECHO, MEMBERS, 1},
    {"REQ and REP bound", ZMQ_REP, ZMQ_REQ, ECHO, MEMBERS, 1},
    {"DEALER and DEALER bound", ZMQ_DEALER, ZMQ_DEALER, BOTH, MEMBERS, 1},
    {"PAIR and PAIR bound", ZMQ_PAIR, ZMQ_PAIR, BOTH, 2, 1},
    {"PUSH to PULL bound", ZMQ_PULL, ZMQ_PUSH, FORWARD, MEMBERS, 1},
    {"DEALER and ROUTER bound", ZMQ_ROUTER, ZMQ_DEALER, ECHO, MEMBERS, 1},
};
#define PATTERN_COUNT ((int) (sizeof PATTERNS / sizeof *PATTERNS))

struct group {
    const struct pattern *pattern;
    int wild, transport;
    pthread_mutex_t lock; /* of the endpoint, which changes with the life of the bound one */
    char endpoint[256];
    _Atomic uint64_t sent, received;
};

/* The messages received of one sender over one of its connections. */
struct track {
    uint32_t life, connection;
    uint64_t last;
    int used;
};
#define TRACKS 8

struct slot {
    struct group *group;
    int number, type, bound;
    void *socket;
    uint32_t life, connection;
    uint64_t next;    /* number of the next message over this connection */
    uint64_t waiting; /* messages of an ECHO not yet back */
    double asked;     /* when a REQ sent its request */
    int loose;        /* one sender's messages may come from two pipes in turns: no order */
    struct track tracks[SLOTS][TRACKS];
    int oldest[SLOTS];
};

struct header {
    char magic[4];
    uint32_t sender, life, connection;
    uint64_t number;
    uint32_t size, parts; /* of all parts after this one */
};

static void *context;
static struct group groups[GROUPS];
static struct slot slots[SLOTS];
static char directory[] = "/tmp/zmq-soak-XXXXXX";

enum phase { RUN, DRAIN, END };
static _Atomic int phase = RUN;
static _Atomic uint64_t progress[THREADS];
static _Atomic uint64_t errors, messages, bytes, reopened, reconnected, rebound, dropped;

#define WRONG(slot, ...)                                                                           \
    do {                                                                                           \
        if (atomic_fetch_add (&errors, 1) < 20) {                                                  \
            char text_[1024];                                                                      \
            snprintf (text_, sizeof text_, __VA_ARGS__);                                           \
            fprintf (stderr, "WRONG in group %d (%s, %s, %s), socket %d%s: %s\n",                  \
                     (int) ((slot)->group - groups), (slot)->group->pattern->name,                 \
                     TRANSPORTS[(slot)->group->transport], (slot)->group->wild ? "wild" : "calm",  \
                     (slot)->number, (slot)->bound ? ", bound" : "", text_);                       \
        }                                                                                          \
    } while (0)

/* ---- chance ---- */

struct dice {
    uint64_t state;
};

static uint32_t roll (struct dice *dice, uint32_t sides)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return (uint32_t) (dice->state >> 32) % sides;
}

/* ---- opening and closing ---- */

static int drops (int type)
{
    return type == ZMQ_PUB || type == ZMQ_XPUB || type == ZMQ_SUB || type == ZMQ_XSUB || type == ZMQ_ROUTER;
}

static void bind_slot (struct slot *slot)
{
    struct group *group = slot->group;
    int index = (int) (group - groups);
    char address[256], endpoint[256] = "";
    size_t size = sizeof endpoint;
    switch (group->transport) {
    case 0: snprintf (address, sizeof address, "inproc://group %d.%u", index, slot->life); break;
    case 1: snprintf (address, sizeof address, "tcp://127.0.0.1:*"); break;
    default: snprintf (address, sizeof address, "ipc://%s/%d", directory, index);
    }
    pthread_mutex_lock (&group->lock);
    /* Where it was before, if that is still free. */
    if (!group->endpoint[0] || zmq_bind (slot->socket, group->endpoint) != 0) {
        if (zmq_bind (slot->socket, address) != 0)
            WRONG (slot, "bind to %s: %s", address, zmq_strerror (zmq_errno ()));
        CHECK_OK (zmq_getsockopt (slot->socket, ZMQ_LAST_ENDPOINT, endpoint, &size));
        memcpy (group->endpoint, endpoint, sizeof endpoint);
    }
    pthread_mutex_unlock (&group->lock);
}

static void connect_slot (struct slot *slot)
{
    pthread_mutex_lock (&slot->group->lock);
    if (zmq_connect (slot->socket, slot->group->endpoint) != 0)
        WRONG (slot, "connect to %s: %s", slot->group->endpoint, zmq_strerror (zmq_errno ()));
    pthread_mutex_unlock (&slot->group->lock);
    slot->connection++;
    slot->next = 0;
}

static void open_slot (struct slot *slot, struct dice *dice)
{
    slot->socket = new_socket (context, slot->type);
    slot->life++;
    slot->connection = 0;
    slot->next = slot->waiting = 0;
    slot->loose = 0;
    memset (slot->tracks, 0, sizeof slot->tracks);
    set_int (slot->socket, ZMQ_RECONNECT_IVL, 1 + (int) roll (dice, 20));
    set_int (slot->socket, ZMQ_RCVTIMEO, 1);
    int without_limit = !slot->group->wild
                        && (drops (slot->group->pattern->bound) || drops (slot->group->pattern->connected));
    int hwm = without_limit || slot->type == ZMQ_REP ? 0 : 1 + (int) roll (dice, 500);
    set_int (slot->socket, ZMQ_SNDHWM, hwm);
    set_int (slot->socket, ZMQ_RCVHWM, hwm);
    if (slot->type == ZMQ_SUB)
        subscribe (slot->socket, roll (dice, 2) ? "" : "soak");
    if (slot->type == ZMQ_XSUB)
        CHECK_INT (zmq_send (slot->socket, "\1soak", 5, 0), 5);
    if (slot->bound)
        bind_slot (slot);
    else
        connect_slot (slot);
}

static void close_slot (struct slot *slot, int linger)
{
    set_int (slot->socket, ZMQ_LINGER, linger);
    CHECK_OK (zmq_close (slot->socket));
    slot->socket = NULL;
}

/* ---- messages ---- */

static void fill_body (unsigned char *body, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++)
        body[i] = (unsigned char) (seed + i * 7);
}

static int has_body (const unsigned char *body, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++)
        if (body[i] != (unsigned char) (seed + i * 7))
            return 0;
    return 1;
}

/* 0 when it cannot be sent now. */
static int send_one (struct slot *slot, struct dice *dice)
{
    struct header header = {.magic = "soak", .sender = (uint32_t) slot->number, .life = slot->life,
                            .connection = slot->connection, .number = slot->next};
    header.parts = roll (dice, 5) == 0 ? roll (dice, 3) : 1;
    header.size = roll (dice, 100) == 0 ? roll (dice, 100000) : roll (dice, 200);
    for (uint32_t part = 0; part <= header.parts; part++) {
        zmq_msg_t message;
        size_t size = part ? header.size : sizeof header;
        CHECK_OK (zmq_msg_init_size (&message, size));
        if (part)
            fill_body (zmq_msg_data (&message), size, header.number + part);
        else
            memcpy (zmq_msg_data (&message), &header, sizeof header);
        int n = zmq_msg_send (&message, slot->socket,
                              ZMQ_DONTWAIT | (part < header.parts ? ZMQ_SNDMORE : 0));
        if (n < 0) {
            int error = zmq_errno ();
            CHECK_OK (zmq_msg_close (&message));
            if (error != EAGAIN)
                WRONG (slot, "send: %s", zmq_strerror (error));
            if (part == 0)
                return 0;
            /* Its pipe has ended; the rest goes nowhere. */
            if (!slot->group->wild)
                WRONG (slot, "a message was cut");
            break;
        }
    }
    slot->next++;
    slot->waiting++;
    atomic_fetch_add (&slot->group->sent, 1);
    return 1;
}

static void check_order (struct slot *slot, const struct header *header)
{
    struct track *tracks = slot->tracks[header->sender], *track = NULL;
    for (int i = 0; i < TRACKS; i++)
        if (tracks[i].used && tracks[i].life == header->life && tracks[i].connection == header->connection)
            track = &tracks[i];
    if (!track) {
        track = &tracks[slot->oldest[header->sender]++ % TRACKS];
        *track = (struct track){header->life, header->connection, header->number, 1};
        return;
    }
    if (!slot->loose && header->number <= track->last)
        WRONG (slot, "of sender %" PRIu32 ", life %" PRIu32 ", connection %" PRIu32 ", came %" PRIu64
               " after %" PRIu64, header->sender, header->life, header->connection, header->number, track->last);
    /* To all of them, or to the only one. */
    int alone = slot->group->pattern->traffic != BOTH && slot->group->pattern->bound != ZMQ_PUSH;
    if (!slot->group->wild && alone && header->number != track->last + 1)
        WRONG (slot, "of sender %" PRIu32 " came %" PRIu64 " after %" PRIu64 ": some are missing",
               header->sender, header->number, track->last);
    track->last = header->number;
}

static int receive_part (struct slot *slot, zmq_msg_t *message, int flags)
{
    CHECK_OK (zmq_msg_init (message));
    int n = zmq_msg_recv (message, slot->socket, flags);
    if (n < 0 && zmq_errno () != EAGAIN && zmq_errno () != EFSM)
        WRONG (slot, "recv: %s", zmq_strerror (zmq_errno ()));
    return n;
}

/* Sends a part that was received on, taking it. */
static void send_back (struct slot *slot, zmq_msg_t *part)
{
    int more = zmq_msg_more (part) ? ZMQ_SNDMORE : 0;
    if (zmq_msg_send (part, slot->socket, ZMQ_DONTWAIT | more) < 0) {
        if (zmq_errno () != EAGAIN || !slot->group->wild)
            WRONG (slot, "answer: %s", zmq_strerror (zmq_errno ()));
        atomic_fetch_add (&dropped, 1);
        CHECK_OK (zmq_msg_close (part));
    }
}

/* The parts of an answer: sent when all of the question was read. */
#define MOST_PARTS 8
struct answer {
    zmq_msg_t parts[MOST_PARTS];
    int count;
};

static void keep_or_close (struct answer *answer, int keep, zmq_msg_t *part)
{
    if (keep && answer->count < MOST_PARTS)
        answer->parts[answer->count++] = *part; /* the only one from now on */
    else
        CHECK_OK (zmq_msg_close (part));
}

/* 0 when there is none. */
static int receive_one (struct slot *slot, int flags)
{
    zmq_msg_t part;
    struct header header = {0};
    uint32_t count = 0;
    struct answer answer = {.count = 0};
    int answers = slot->bound && slot->group->pattern->traffic == ECHO, more;
    if (receive_part (slot, &part, flags) < 0) {
        CHECK_OK (zmq_msg_close (&part));
        return 0;
    }
    if (slot->type == ZMQ_XPUB) { /* a subscription */
        CHECK_OK (zmq_msg_close (&part));
        return 1;
    }
    if (slot->type == ZMQ_ROUTER) {
        if (!zmq_msg_more (&part))
            WRONG (slot, "a name and nothing else");
        keep_or_close (&answer, 1, &part);
        if (receive_part (slot, &part, ZMQ_DONTWAIT) < 0) {
            WRONG (slot, "the rest of a message is missing");
            return 0;
        }
    }
    size_t size = zmq_msg_size (&part);
    if (size != sizeof header || memcmp (zmq_msg_data (&part), "soak", 4) != 0) {
        WRONG (slot, "a first part of %zu bytes is none", size);
    } else
        memcpy (&header, zmq_msg_data (&part), sizeof header);
    for (;; count++) {
        if (count) {
            if (zmq_msg_size (&part) != header.size
                || !has_body (zmq_msg_data (&part), header.size, header.number + count))
                WRONG (slot, "part %" PRIu32 " of %zu bytes is wrong", count, zmq_msg_size (&part));
        }
        atomic_fetch_add (&bytes, zmq_msg_size (&part));
        more = zmq_msg_more (&part);
        keep_or_close (&answer, answers, &part);
        if (!more)
            break;
        if (receive_part (slot, &part, ZMQ_DONTWAIT) < 0) {
            WRONG (slot, "part %" PRIu32 " is missing", count + 1);
            return 0;
        }
    }
    for (int i = 0; i < answer.count; i++)
        send_back (slot, &answer.parts[i]);
    if (count != header.parts)
        WRONG (slot, "%" PRIu32 " parts and not %" PRIu32, count, header.parts);
    if (header.sender >= SLOTS || slots[header.sender].group != slot->group) {
        WRONG (slot, "sender %" PRIu32 " is of another group", header.sender);
        return 1;
    }
    if (!answers && slot->group->pattern->traffic == ECHO && header.sender != (uint32_t) slot->number)
        WRONG (slot, "the answer to %" PRIu32, header.sender);
    check_order (slot, &header);
    atomic_fetch_add (&messages, 1);
    if (!answers) {
        atomic_fetch_add (&slot->group->received, 1);
        if (slot->waiting)
            slot->waiting--;
    }
    return 1;
}

/* ---- what sockets do ---- */

static int sends (struct slot *slot)
{
    switch (slot->type) {
    case ZMQ_PUSH:
    case ZMQ_PUB:
    case ZMQ_XPUB:
    case ZMQ_PAIR:
    case ZMQ_DEALER:
    case ZMQ_REQ: return 1;
    default: return 0;
    }
}

static int receives (struct slot *slot)
{
    return slot->type != ZMQ_PUSH && slot->type != ZMQ_PUB;
}

static void some_sends (struct slot *slot, struct dice *dice)
{
    if (slot->type == ZMQ_REQ) {
        if (!slot->waiting && send_one (slot, dice))
            slot->asked = now_ms ();
        return;
    }
    /* No more than are read, where nothing limits them. */
    int count = drops (slot->type) || drops (slot->group->pattern->bound) ? 5 : 30;
    if (slot->group->pattern->traffic == ECHO && slot->waiting > 200 && !slot->group->wild)
        return;
    for (int i = 0; i < count && send_one (slot, dice); i++)
        ;
}

static void some_receives (struct slot *slot, struct dice *dice)
{
    int flags = roll (dice, 20) ? ZMQ_DONTWAIT : 0;
    for (int i = 0; i < 200 && receive_one (slot, flags); i++)
        flags = ZMQ_DONTWAIT;
}

static void act_wildly (struct slot *slot, struct dice *dice)
{
    char endpoint[256];
    switch (roll (dice, 3)) {
    case 0:
        close_slot (slot, roll (dice, 2) ? 0 : LINGER_MS);
        open_slot (slot, dice);
        atomic_fetch_add (&reopened, 1);
        return;
    case 1:
        if (slot->bound) {
            pthread_mutex_lock (&slot->group->lock);
            memcpy (endpoint, slot->group->endpoint, sizeof endpoint);
            pthread_mutex_unlock (&slot->group->lock);
            if (zmq_unbind (slot->socket, endpoint) != 0)
                WRONG (slot, "unbind: %s", zmq_strerror (zmq_errno ()));
            bind_slot (slot);
            atomic_fetch_add (&rebound, 1);
            slot->loose = 1;
            return;
        }
        /* fall through */
    default:
        if (slot->bound)
            return;
        /* Over inproc it may be gone, and elsewhere be another by now. */
        char *last = endpoint;
        size_t size = sizeof endpoint;
        CHECK_OK (zmq_getsockopt (slot->socket, ZMQ_LAST_ENDPOINT, last, &size));
        if (zmq_disconnect (slot->socket, last) != 0 && zmq_errno () != ENOENT)
            WRONG (slot, "disconnect: %s", zmq_strerror (zmq_errno ()));
        connect_slot (slot);
        atomic_fetch_add (&reconnected, 1);
        slot->loose = 1;
    }
}

/* Leaves with messages still to be delivered, and all of them are. */
static void act_calmly (struct slot *slot, struct dice *dice)
{
    if (slot->type != ZMQ_PUSH || slot->bound)
        return;
    close_slot (slot, -1);
    open_slot (slot, dice);
    atomic_fetch_add (&reopened, 1);
}

static void check_request (struct slot *slot, struct dice *dice)
{
    if (slot->type != ZMQ_REQ || !slot->waiting || now_ms () - slot->asked < (slot->group->wild ? 300 : PATIENCE_MS))
        return;
    if (!slot->group->wild)
        WRONG (slot, "no answer to request %" PRIu64, slot->next - 1);
    close_slot (slot, 0);
    open_slot (slot, dice);
}

/* ---- threads ---- */

/* Everything has come before it is closed, so that nothing holds the context up. Of what publishers send,
   some may still be on its way to peers that are closed first. */
static int is_lossless (const struct group *group)
{
    return !group->wild && group->pattern->complete;
}

struct worker {
    int number;
    struct dice dice;
    struct slot *owned[SLOTS];
    int count;
};

static void wait_for_some (struct worker *worker)
{
    zmq_pollitem_t items[SLOTS];
    int count = 0, start = (int) roll (&worker->dice, (uint32_t) worker->count);
    int most = roll (&worker->dice, 2) ? 1 + (int) roll (&worker->dice, 3) : worker->count;
    struct slot *polled[SLOTS];
    for (int i = 0; i < worker->count && count < most; i++) {
        struct slot *slot = worker->owned[(start + i) % worker->count];
        if (!receives (slot))
            continue;
        polled[count] = slot;
        items[count++] = (zmq_pollitem_t){slot->socket, 0, ZMQ_POLLIN, 0};
    }
    if (zmq_poll (items, count, 1 + (long) roll (&worker->dice, 3)) < 0)
        FAIL ("zmq_poll: %s", zmq_strerror (zmq_errno ()));
    for (int i = 0; i < count; i++)
        if (items[i].revents & ZMQ_POLLIN)
            some_receives (polled[i], &worker->dice);
}

static void *work (void *argument)
{
    struct worker *worker = argument;
    struct dice *dice = &worker->dice;
    while (atomic_load (&phase) == RUN) {
        struct slot *slot = worker->owned[roll (dice, (uint32_t) worker->count)];
        uint32_t chance = roll (dice, 1000);
        if (chance < 10)
            (slot->group->wild ? act_wildly : act_calmly) (slot, dice);
        else if (chance < 60)
            wait_for_some (worker);
        else if (chance < 400 && sends (slot))
            some_sends (slot, dice);
        else if (receives (slot))
            some_receives (slot, dice);
        check_request (slot, dice);
        atomic_fetch_add (&progress[worker->number], 1);
    }
    while (atomic_load (&phase) == DRAIN) {
        wait_for_some (worker);
        atomic_fetch_add (&progress[worker->number], 1);
    }
    for (int i = 0; i < worker->count; i++)
        close_slot (worker->owned[i], is_lossless (worker->owned[i]->group) ? -1 : (int) roll (dice, LINGER_MS));
    return NULL;
}

/* Dies, leaving a core where that is wanted, if a thread does not come out of a call. */
static void check_progress (void)
{
    static uint64_t seen[THREADS];
    static double since[THREADS];
    for (int i = 0; i < THREADS; i++) {
        uint64_t now = atomic_load (&progress[i]);
        if (now != seen[i] || since[i] == 0) {
            seen[i] = now;
            since[i] = now_ms ();
        } else if (now_ms () - since[i] > 3 * PATIENCE_MS) {
            fprintf (stderr, "WRONG: thread %d hangs\n", i);
            abort ();
        }
    }
}

static int all_have_come (void)
{
    for (int i = 0; i < GROUPS; i++)
        if (is_lossless (&groups[i])
            && atomic_load (&groups[i].sent) != atomic_load (&groups[i].received))
            return 0;
    return 1;
}

static void remove_directory (void)
{
    char path[64];
    for (int i = 0; i < GROUPS; i++) {
        snprintf (path, sizeof path, "%s/%d", directory, i);
        unlink (path);
    }
    rmdir (directory);
}

static void pause_ms (long ms)
{
    nanosleep (&(struct timespec){0, ms * 1000000}, NULL);
}

int main (int argc, char **argv)
{
    static struct worker workers[THREADS];
    pthread_t threads[THREADS];
    double seconds = argc > 1 ? atof (argv[1]) : 5;
    uint64_t seed = argc > 2 ? strtoull (argv[2], NULL, 10) : (uint64_t) time (NULL);
    setvbuf (stderr, NULL, _IOLBF, 0);
    printf ("soak: %g s, seed %" PRIu64 "\n", seconds, seed);
    fflush (stdout);

    CHECK (mkdtemp (directory));
    atexit (remove_directory);
    context = zmq_ctx_new ();
    CHECK (context);
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 2));

    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    int count = 0;
    for (int g = 0; g < GROUPS; g++) {
        struct group *group = &groups[g];
        group->pattern = &PATTERNS[g % PATTERN_COUNT];
        group->wild = g >= PATTERN_COUNT;
        group->transport = (g + (int) roll (&dice, 3)) % TRANSPORT_COUNT;
        pthread_mutex_init (&group->lock, NULL);
        int members = group->wild ? MEMBERS : group->pattern->members;
        for (int m = 0; m < members; m++) {
            struct slot *slot = &slots[count];
            slot->group = group;
            slot->number = count++;
            slot->bound = m == 0;
            slot->type = m == 0 ? group->pattern->bound : group->pattern->connected;
            open_slot (slot, &dice);
            struct worker *worker = &workers[roll (&dice, THREADS)];
            if (worker->count == 0 || roll (&dice, 4)) /* evenly, more or less */
                worker = &workers[slot->number % THREADS];
            worker->owned[worker->count++] = slot;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        workers[i].dice.state = seed * 31 + (uint64_t) i * 0x9E3779B97F4A7C15u + 1;
        threads[i] = start_thread (work, &workers[i]);
    }
    for (double end = now_ms () + seconds * 1e3; now_ms () < end && atomic_load (&errors) < 20;) {
        check_progress ();
        pause_ms (50);
    }
    atomic_store (&phase, DRAIN);
    double drain_from = now_ms ();
    while (!all_have_come () && now_ms () - drain_from < 2 * PATIENCE_MS && atomic_load (&errors) < 20) {
        check_progress ();
        pause_ms (5);
    }
    double drained = now_ms () - drain_from;
    atomic_store (&phase, END);
    for (int i = 0; i < THREADS; i++)
        join_thread (threads[i]);
    double term_from = now_ms ();
    alarm (TERM_BOUND_MS / 1000 * 6);
    CHECK_OK (zmq_ctx_term (context));
    double terminated = now_ms () - term_from;

    for (int i = 0; i < GROUPS; i++) {
        struct group *group = &groups[i];
        int lossless = is_lossless (group);
        printf ("  %-24s %-20s %s  sent %9" PRIu64 "  received %9" PRIu64 "%s\n", group->pattern->name,
                TRANSPORTS[group->transport], group->wild ? "wild" : "calm", atomic_load (&group->sent),
                atomic_load (&group->received), lossless && group->sent != group->received ? "  LOST" : "");
        if (lossless && group->sent != group->received)
            atomic_fetch_add (&errors, 1);
    }
    if (terminated > TERM_BOUND_MS) {
        fprintf (stderr, "WRONG: the context took %.0f ms to terminate\n", terminated);
        atomic_fetch_add (&errors, 1);
    }
    printf ("%d sockets; %" PRIu64 " messages, %" PRIu64 " MB; %" PRIu64 " reopened, %" PRIu64
            " reconnected, %" PRIu64 " bound again, %" PRIu64 " answers dropped; drained in %.0f ms, "
            "terminated in %.0f ms; %" PRIu64 " errors\n",
            count, atomic_load (&messages), atomic_load (&bytes) / 1000000, atomic_load (&reopened),
            atomic_load (&reconnected), atomic_load (&rebound), atomic_load (&dropped), drained, terminated,
            atomic_load (&errors));
    return atomic_load (&errors) != 0;
}
