/* Over inproc a pipe holds the sender's ZMQ_SNDHWM and the receiver's ZMQ_RCVHWM together, without
   limit if either is 0; a full one has room again after (limit + 1) / 2 messages were read
   (zmq_setsockopt(3), options: 3.4). */

#include "testing.h"

static const int SENDERS[] = {ZMQ_PUSH, ZMQ_DEALER, ZMQ_PAIR},
    RECEIVERS[] = {ZMQ_PULL, ZMQ_DEALER, ZMQ_PAIR};
enum { PAIRINGS = 3, MANY = 3000 };

struct limits { int send, receive, together; };

static const struct limits LIMITS[] = {
    {1, 1, 2}, {2, 3, 5}, {3, 2, 5}, {1, 10, 11}, {7, 1, 8}, {50, 50, 100}, {1000, 1000, 2000},
    {0, 3, MANY}, {2, 0, MANY}, {0, 0, MANY}};
#define LIMIT_COUNT ((int) (sizeof LIMITS / sizeof *LIMITS))

/* Sends until there is no room, at most MANY messages. */
static int fill (void *sender)
{
    int sent = 0;
    while (sent < MANY && (get_int (sender, ZMQ_EVENTS) & ZMQ_POLLOUT)) {
        CHECK_INT (zmq_send (sender, &sent, sizeof sent, ZMQ_DONTWAIT), sizeof sent);
        sent++;
    }
    if (sent < MANY)
        CHECK_ERRNO (zmq_send (sender, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    return sent;
}

static void recv_some (void *receiver, int count)
{
    int number;
    for (int i = 0; i < count; i++)
        CHECK_INT (recv_part (receiver, &number, sizeof number), sizeof number);
}

static void *with_limit (void *context, int type, int option, int limit)
{
    void *socket = new_socket (context, type);
    set_int (socket, option, limit);
    return socket;
}

/* The sum, whichever side binds, and that everything which fitted arrives. */
static void the_limits_add_up (int pairing, const struct limits *limits, int sender_binds)
{
    void *context = zmq_ctx_new ();
    void *sender = with_limit (context, SENDERS[pairing], ZMQ_SNDHWM, limits->send);
    void *receiver = with_limit (context, RECEIVERS[pairing], ZMQ_RCVHWM, limits->receive);
    CHECK_OK (zmq_bind (sender_binds ? sender : receiver, "inproc://a"));
    connect_to (sender_binds ? receiver : sender, "inproc://a");
    int sent = fill (sender);
    if (sent != limits->together)
        FAIL ("limits %d and %d hold %d", limits->send, limits->receive, sent);
    int number;
    for (int i = 0; i < sent; i++) {
        CHECK_INT (recv_part (receiver, &number, sizeof number), sizeof number);
        CHECK_INT (number, i);
    }
    CHECK_ERRNO (zmq_recv (receiver, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (sender);
    close_now (receiver);
    CHECK_OK (zmq_ctx_term (context));
}

static void room_comes_in_batches (void *context)
{
    static const struct limits limits[] = {
        {1, 1, 2}, {2, 3, 5}, {1, 2, 3}, {4, 4, 8}, {50, 51, 101}};
    char endpoint[32];
    for (int i = 0; i < 5; i++) {
        int half = (limits[i].together + 1) / 2;
        void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, limits[i].send);
        void *pull = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, limits[i].receive);
        snprintf (endpoint, sizeof endpoint, "inproc://%d", i);
        CHECK_OK (zmq_bind (pull, endpoint));
        connect_to (push, endpoint);
        CHECK_INT (fill (push), limits[i].together);
        for (int round = 0; round < 3; round++) {
            recv_some (pull, half - 1);
            CHECK (!(get_int (push, ZMQ_EVENTS) & ZMQ_POLLOUT));
            recv_some (pull, 1);
            CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
            CHECK_INT (fill (push), half);
        }
        close_now (push);
        close_now (pull);
    }
}

/* Before the bind the connecter's own limit holds, from then on the sum. */
static void before_the_bind_the_own_limit_holds (void *context)
{
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 2);
    void *pull = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, 3);
    connect_to (push, "inproc://full");
    CHECK_INT (fill (push), 2);
    close_now (push);
    push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 2);
    connect_to (push, "inproc://later");
    send_text (push, "early", 0);
    CHECK_OK (zmq_bind (pull, "inproc://later"));
    CHECK_INT (fill (push), 4);
    RECV_TEXT (pull, "early");
    recv_some (pull, 4);
    close_now (push);
    close_now (pull);
}

/* Changing a limit acts on the pipes there are, the peer's share staying as it is. */
static void limits_can_change (void *context)
{
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 1);
    void *pull = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, 1);
    CHECK_OK (zmq_bind (pull, "inproc://a"));
    connect_to (push, "inproc://a");
    set_int (push, ZMQ_SNDHWM, 9);
    CHECK_INT (fill (push), 10);
    recv_some (pull, 10);
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    set_int (push, ZMQ_SNDHWM, 2);
    CHECK_INT (fill (push), 3);
    recv_some (pull, 3);
    close_now (push);
    close_now (pull);
}

/* A socket that binds keeps a limit for each peer. */
static void each_peer_has_its_own_limit (void *context)
{
    void *push = with_limit (context, ZMQ_PUSH, ZMQ_SNDHWM, 1), *pulls[3];
    CHECK_OK (zmq_bind (push, "inproc://a"));
    int together = 0;
    for (int i = 0; i < 3; i++) {
        pulls[i] = with_limit (context, ZMQ_PULL, ZMQ_RCVHWM, i + 1);
        connect_to (pulls[i], "inproc://a");
        together += 1 + i + 1;
    }
    CHECK_INT (fill (push), together);
    for (int i = 0; i < 3; i++) {
        recv_some (pulls[i], i + 2);
        CHECK_ERRNO (zmq_recv (pulls[i], NULL, 0, ZMQ_DONTWAIT), EAGAIN);
        close_now (pulls[i]);
    }
    close_now (push);
}

int main (void)
{
    begin_test ();
    for (int pairing = 0; pairing < PAIRINGS; pairing++)
        for (int i = 0; i < LIMIT_COUNT; i++)
            for (int sender_binds = 0; sender_binds < 2; sender_binds++)
                the_limits_add_up (pairing, &LIMITS[i], sender_binds);
    in_context (room_comes_in_batches);
    in_context (before_the_bind_the_own_limit_holds);
    in_context (limits_can_change);
    in_context (each_peer_has_its_own_limit);
    return 0;
}
