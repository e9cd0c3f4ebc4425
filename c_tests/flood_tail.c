/* Whatever was sent arrives, also the last of very many messages when the sending thread makes no
   call any more, waits for something else, goes on slowly, or closes the socket (zmq_send(3): a
   message is queued, and sent in the background). */

#include "testing.h"

#define MANY 10000

struct flood {
    void *sender, *receiver;
    int parts; /* that a message is received as */
    char content[80];
    size_t size;
};

static void send_many (struct flood *flood, int count)
{
    for (int i = 0; i < count; i++) {
        memcpy (flood->content, &i, sizeof i);
        CHECK_INT (zmq_send (flood->sender, flood->content, flood->size, 0), (int) flood->size);
    }
}

static void receive_many (struct flood *flood, int count)
{
    char content[256];
    for (int i = 0; i < count; i++) {
        for (int part = 1; part < flood->parts; part++)
            CHECK (zmq_recv (flood->receiver, content, sizeof content, 0) >= 0);
        CHECK_INT (zmq_recv (flood->receiver, content, sizeof content, 0), (int) flood->size);
        CHECK (memcmp (content, &i, sizeof i) == 0);
    }
}

static const struct kind {
    int receiver, sender, parts;
} kinds[] = {
  {ZMQ_PULL, ZMQ_PUSH, 1},
  {ZMQ_ROUTER, ZMQ_DEALER, 2},
  {ZMQ_PAIR, ZMQ_PAIR, 1},
  {ZMQ_SUB, ZMQ_XPUB, 1},
};

static const struct kind *kind;
static const char *address;
static int limit;
static size_t size;
static void (*scene) (struct flood *flood);

static void run_scene (void *context)
{
    struct flood flood = {NULL, NULL, kind->parts, {0}, size};
    flood.sender = new_socket (context, kind->sender);
    flood.receiver = new_socket (context, kind->receiver);
    set_int (flood.sender, ZMQ_SNDHWM, limit);
    set_int (flood.receiver, ZMQ_RCVHWM, limit);
    if (kind->sender == ZMQ_XPUB)
        set_int (flood.sender, ZMQ_XPUB_NODROP, 1);
    if (kind->receiver == ZMQ_SUB)
        subscribe (flood.receiver, "");
    char endpoint[256];
    /* A subscription is there when the subscriber connects to a socket that is bound. */
    int binds = kind->sender == ZMQ_XPUB;
    bind_to (binds ? flood.sender : flood.receiver, address, endpoint);
    connect_to (binds ? flood.receiver : flood.sender, endpoint);
    if (kind->sender == ZMQ_XPUB)
        CHECK_NOTICE (flood.sender, 1, "");
    scene (&flood);
    close_now (flood.receiver);
    if (flood.sender)
        close_now (flood.sender);
}

/* With sockets of each kind, over each transport, with messages of two sizes. */
static void play (void (*played) (struct flood *flood), int with_limit)
{
    scene = played;
    limit = with_limit;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int t = 0; t < TRANSPORT_COUNT; t++)
            for (size = 16; size <= 80; size += 64) {
                kind = &kinds[k];
                address = TRANSPORTS[t];
                in_context (run_scene);
            }
}

static void *receive_in_thread (void *flood)
{
    receive_many (flood, MANY);
    return NULL;
}

/* The sender waits for the receiver's thread to end, and no call of the library does anything for it. */
static void then_silence (struct flood *flood)
{
    pthread_t receiver = start_thread (receive_in_thread, flood);
    send_many (flood, MANY);
    join_thread (receiver);
}

/* The same thread receives: whoever does the receiver's work needs no help of the sender's. */
static void then_the_same_thread_receives (struct flood *flood)
{
    send_many (flood, MANY);
    receive_many (flood, MANY);
}

static void then_a_wait (struct flood *flood)
{
    for (int round = 0; round < 3; round++) {
        pthread_t receiver = start_thread (receive_in_thread, flood);
        send_many (flood, MANY);
        zmq_pollitem_t item = {NULL, -1, 0, 0};
        item.socket = flood->sender;
        item.events = ZMQ_POLLIN;
        CHECK_INT (zmq_poll (&item, 1, 1), 0);
        join_thread (receiver);
    }
}

static void then_close (struct flood *flood)
{
    pthread_t receiver = start_thread (receive_in_thread, flood);
    send_many (flood, MANY);
    set_int (flood->sender, ZMQ_LINGER, -1);
    CHECK_OK (zmq_close (flood->sender));
    flood->sender = NULL;
    join_thread (receiver);
}

/* A thread that sends without waiting and finds no room goes on trying; nothing is lost. */
static void *push_without_waiting (void *push)
{
    for (int i = 0; i < MANY;) {
        char content[16] = {0};
        memcpy (content, &i, sizeof i);
        if (zmq_send (push, content, sizeof content, ZMQ_DONTWAIT) >= 0)
            i++;
        else
            CHECK_INT (zmq_errno (), EAGAIN);
    }
    return NULL;
}

static void without_waiting (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    struct flood flood = {push, pull, 1, {0}, 16};
    pthread_t sender = start_thread (push_without_waiting, push);
    receive_many (&flood, MANY);
    join_thread (sender);
    close_now (push);
    close_now (pull);
}

/* Two flood each other, and read only when they have nothing to do. */
static void *answer_many (void *pair)
{
    char content[16];
    int sent = 0, received = 0;
    while (sent < MANY || received < MANY) {
        if (sent < MANY && zmq_send (pair, &sent, sizeof sent, ZMQ_DONTWAIT) >= 0)
            sent++;
        else if (zmq_recv (pair, content, sizeof content, ZMQ_DONTWAIT) >= 0) {
            CHECK (memcmp (content, &received, sizeof received) == 0);
            received++;
        }
    }
    return NULL;
}

static void both_ways (void *context, const char *address)
{
    void *one, *other;
    connected_pair (context, address, ZMQ_PAIR, &one, ZMQ_PAIR, &other);
    pthread_t thread = start_thread (answer_many, other);
    answer_many (one);
    join_thread (thread);
    close_now (one);
    close_now (other);
}

int main (void)
{
    begin_test ();
    play (then_silence, 0);
    play (then_silence, 1000);
    play (then_silence, 10);
    play (then_the_same_thread_receives, 0);
    play (then_a_wait, 1000);
    /* Without a limit: over ipc, a genuine receiver that is full loses what a socket has sent that closes. */
    play (then_close, 0);
    over_transports (without_waiting);
    over_transports (both_ways);
    return 0;
}
