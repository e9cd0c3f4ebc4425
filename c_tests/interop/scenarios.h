/* What the runner and the peer both know: which scenarios there are and between which sockets. */

#ifndef SCENARIOS_H
#define SCENARIOS_H

#include <stddef.h>

/* Sets of pairs of socket types, as bits: the pairs' lines in PAIRS name the sets they are in. */
enum pair_set {
    ZMTP = 1 << 0,      /* speak ZMTP with each other: all but STREAM */
    RAW = 1 << 1,       /* do not */
    NUMBERS = 1 << 2,   /* `a` can send at any time, and `b` reads */
    EARLY = 1 << 3,     /* `a` can connect and send before anybody listens */
    TOPICS = 1 << 4,    /* publisher, subscriber */
    NAMED = 1 << 5,     /* many with names, and a ROUTER */
    ROUTERS = 1 << 6,   /* two of these */
    SAMPLE = 1 << 7,    /* one of each kind of conversation */
    TWO = 1 << 8        /* fewer, where each takes time */
};

static const struct pair {
    const char *a, *b;
    unsigned sets;
} PAIRS[] = {
    {"PAIR", "PAIR", ZMTP | NUMBERS | EARLY},
    {"PUB", "SUB", ZMTP | NUMBERS | TOPICS | SAMPLE | TWO},
    {"PUB", "XSUB", ZMTP | TOPICS},
    {"XPUB", "SUB", ZMTP | TOPICS},
    {"XPUB", "XSUB", ZMTP | NUMBERS | TOPICS},
    {"REQ", "REP", ZMTP | EARLY | SAMPLE},
    {"REQ", "ROUTER", ZMTP | EARLY | NAMED},
    {"DEALER", "REP", ZMTP | EARLY},
    {"DEALER", "DEALER", ZMTP | NUMBERS | EARLY | SAMPLE},
    {"DEALER", "ROUTER", ZMTP | NUMBERS | EARLY | NAMED | SAMPLE | TWO},
    {"ROUTER", "ROUTER", ZMTP | EARLY | ROUTERS},
    {"PUSH", "PULL", ZMTP | NUMBERS | EARLY | SAMPLE},
    {"STREAM", "STREAM", RAW},
    {"STREAM", "NONE", RAW}, /* the other is a descriptor, without any libzmq */
};
#define PAIR_COUNT (sizeof PAIRS / sizeof *PAIRS)

/* Ways to run a scenario. */
enum variation {
    A_CONNECTS = 1 << 0, /* only so; otherwise once with each side bound */
    A_CHOSEN = 1 << 1,   /* who has the special part: one of them, or each once */
    B_CHOSEN = 1 << 2,
    TURNS = A_CHOSEN | B_CHOSEN,
    FIXED = 1 << 3,      /* the endpoint must be known before, or for longer than a process lives */
    DIES = 1 << 4        /* the chosen side is killed, and started once more */
};

/* name, set of pairs, variations */
#define SCENARIO_LIST(SCENARIO)                                                                    \
    SCENARIO (traffic, ZMTP, A_CHOSEN)                                                             \
    SCENARIO (stream, RAW, A_CHOSEN)                                                               \
    SCENARIO (identities, NAMED, A_CHOSEN)                                                         \
    SCENARIO (router_names, ROUTERS, A_CHOSEN)                                                     \
    SCENARIO (unsubscribe, TOPICS, A_CHOSEN)                                                       \
    SCENARIO (restart, ZMTP, TURNS | FIXED | DIES)                                                 \
    SCENARIO (receiver_dies, NUMBERS, B_CHOSEN | FIXED | DIES)                                     \
    SCENARIO (sender_dies, NUMBERS, A_CHOSEN | FIXED | DIES)                                       \
    SCENARIO (heartbeat, SAMPLE, A_CHOSEN)                                                         \
    SCENARIO (curve, ZMTP, TURNS)                                                                  \
    SCENARIO (plain, SAMPLE, B_CHOSEN)                                                             \
    SCENARIO (frozen, TWO, TURNS)                                                                  \
    SCENARIO (backlog, NUMBERS, A_CHOSEN | FIXED)                                                  \
    SCENARIO (full, NUMBERS, A_CHOSEN)                                                             \
    SCENARIO (linger, ZMTP, TURNS)                                                                 \
    SCENARIO (linger_early, EARLY, A_CHOSEN | A_CONNECTS | FIXED)

#endif
