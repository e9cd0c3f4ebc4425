/* One of two processes that talk to each other, each on a library of its own choice. */

#ifndef PEER_H
#define PEER_H

#include "../monitor.h"
#include "scenarios.h"

#include <poll.h>
#include <signal.h>

/* A type that is none: a plain descriptor. */
#define NO_SOCKET (-1)

struct peer {
    int side;            /* 'a' or 'b' */
    int type, other;     /* this side's socket type and the other's */
    int ours;            /* which library this runs on */
    int binds, chosen;   /* chosen: has the special part in the scenario */
    int narrow;          /* subscribes to ~ only, not to everything */
    int life;            /* 2 when started once more after being killed */
    char address[256];   /* what to bind, or where to connect once that is known */
    void *context, *socket, *monitor;
    char name[256];      /* of the other, when this is a ROUTER */
    int name_size;
};

/* ---- link.c: the two processes, and the connection between them ---- */

/* The other process hears what this one tells. */
void tell (const char *format, ...);
void hear (char *text, size_t size);
int heard_within (int ms);
void expect_to_hear (const char *text);
/* Returns when both are here. */
void meet (void);
/* Waits for the other's SIGKILL to have done its work: the connection is gone. Tells so. */
void await_end_of_connection (struct peer *peer);
/* The same when the event has been seen. */
void settle_end (struct peer *peer);
_Noreturn void die (void);

int can_send (int type, int other);

/* Makes the socket with the options this kind of conversation needs; `attach` binds or connects it. */
void make_socket (struct peer *peer);
void attach (struct peer *peer);
/* The same where both know the endpoint: does not wait for the other. */
void attach_early (struct peer *peer);
/* Waits until the handshake is done and messages would arrive, in both directions. */
void greet (struct peer *peer);
void finish (struct peer *peer);

/* ---- script.c: the messages ---- */

/* Messages are numbered; number, sender and round determine every byte. The first SHAPES numbers
   are all sizes and shapes, the rest are small. */
extern const int SHAPES;

/* 0, or -1 with errno EAGAIN and nothing sent, if `flags` are ZMQ_DONTWAIT. */
int send_message (struct peer *peer, int round, int number, int flags);
void receive_message (struct peer *peer, int round, int number);
/* Sends and receives so many messages at once. */
void exchange (struct peer *peer, int round, int sends, int receives);
/* Everything that the two types can say to each other, in each direction and in both at once. */
void converse (struct peer *peer, int round, int messages);

/* Messages that only have a number: for a sender in a hurry. -1 if that would block. */
int send_numbered (struct peer *peer, uint64_t number, size_t size, int flags);
uint64_t receive_numbered (struct peer *peer, size_t size);

/* `size` bytes that follow from the seed; the first is a letter. */
void fill (char *bytes, size_t size, uint64_t seed);
int is_filled (const char *bytes, size_t size, uint64_t seed);

/* ---- scenarios ---- */

#define SCENARIO(name, set, variations) void scenario_##name (struct peer *peer);
SCENARIO_LIST (SCENARIO)
#undef SCENARIO

#endif
