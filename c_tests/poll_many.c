/* zmq_poll and zmq_poller_wait_all over many sockets, again and again: whatever happens to a socket between
   two calls or during one is found, though nothing else is looked at. */

#define ZMQ_BUILD_DRAFT_API
#include "poll_set.h"

static void what_happened_is_found (void *context, const char *address)
{
    struct set set;
    make_set (&set, context, address);
    for (int round = 0; round < 4; round++)
        check_ready (&set, NULL, 0, round % 2);
    for (int round = 0; round < 200; round++) {
        int active = round * 7 % COUNT;
        say (&set, active, "x");
        check_ready (&set, &active, 1, -1);
        check_ready (&set, &active, 1, 0);
        RECV_TEXT (set.dealers[active], "x");
        check_ready (&set, NULL, 0, 0);
    }
    /* Several at once, and more than one message each. */
    const int some[] = {3, 17, 42};
    for (int i = 0; i < 3; i++)
        for (int n = 0; n < 2; n++)
            say (&set, some[i], "x");
    for (int i = 0; i < 3; i++)
        CHECK (ready_within (set.dealers[some[i]], ZMQ_POLLIN, PATIENCE_MS));
    check_ready (&set, some, 3, -1);
    for (int i = 0; i < 3; i++)
        RECV_TEXT (set.dealers[some[i]], "x");
    for (int i = 0; i < 3; i++)
        CHECK (ready_within (set.dealers[some[i]], ZMQ_POLLIN, PATIENCE_MS));
    check_ready (&set, some, 3, -1);
    drop_set (&set);
}

/* A receive that waits leads its socket's I/O; a poll afterwards must find what comes all the same. */
static void a_receive_between_polls (void *context, const char *address)
{
    struct set set;
    int one = 1;
    make_set (&set, context, address);
    check_ready (&set, NULL, 0, 0);
    check_ready (&set, NULL, 0, 0);
    for (int round = 0; round < 50; round++) {
        char buffer[4];
        set_int (set.dealers[one], ZMQ_RCVTIMEO, 1);
        CHECK_ERRNO (zmq_recv (set.dealers[one], buffer, sizeof buffer, 0), EAGAIN);
        say (&set, one, "x");
        check_ready (&set, &one, 1, PATIENCE_MS);
        RECV_TEXT (set.dealers[one], "x");
    }
    drop_set (&set);
}

struct speaker
{
    struct set *set;
    int rounds;
};

/* Sends to one socket after another, waiting for an answer each time. */
static void *speak (void *argument)
{
    struct speaker *speaker = argument;
    for (int round = 0; round < speaker->rounds; round++) {
        char id[4];
        say (speaker->set, round * 11 % COUNT, "ping");
        recv_part (speaker->set->router, id, sizeof id);
        RECV_TEXT (speaker->set->router, "pong");
    }
    return NULL;
}

/* No wake-up is missed, whether the thread sleeps already or not. */
static void another_thread_sends (void *context, const char *address)
{
    for (int by_poller = 0; by_poller < 2; by_poller++) {
        struct set set;
        struct speaker speaker = {&set, 300};
        pthread_t thread;
        make_set (&set, context, address);
        check_ready (&set, NULL, 0, 0);
        CHECK_OK (pthread_create (&thread, NULL, speak, &speaker));
        for (int round = 0; round < speaker.rounds; round++) {
            void *dealer = set.dealers[round * 11 % COUNT];
            zmq_poller_event_t event;
            if (by_poller) {
                CHECK_OK (zmq_poller_wait (set.poller, &event, PATIENCE_MS));
                CHECK (event.socket == dealer);
            } else
                CHECK_INT (zmq_poll (set.items, COUNT, PATIENCE_MS), 1);
            RECV_TEXT (dealer, "ping");
            send_text (dealer, "pong", 0);
        }
        CHECK_OK (pthread_join (thread, NULL));
        drop_set (&set);
    }
}

/* Another thread takes the message: the next poll says that nothing is there. */
static void *take_one (void *dealer)
{
    RECV_TEXT (dealer, "x");
    return NULL;
}

static void another_thread_receives (void *context, const char *address)
{
    struct set set;
    int one = 5;
    pthread_t thread;
    make_set (&set, context, address);
    for (int round = 0; round < 20; round++) {
        say (&set, one, "x");
        check_ready (&set, &one, 1, -1);
        CHECK_OK (pthread_create (&thread, NULL, take_one, set.dealers[one]));
        CHECK_OK (pthread_join (thread, NULL));
        check_ready (&set, NULL, 0, 0);
    }
    drop_set (&set);
}

/* Another mask, another order, a socket less, and a descriptor more: other sets. */
static void the_set_changes (void *context)
{
    struct set set;
    int ends[2];
    make_set (&set, context, "inproc://x");
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    set.items[9].events = ZMQ_POLLOUT;
    for (int round = 0; round < 3; round++) {
        CHECK_INT (zmq_poll (set.items, COUNT, -1), 1);
        CHECK_INT (set.items[9].revents, ZMQ_POLLOUT);
    }
    say (&set, COUNT - 1, "x");
    for (int round = 0; round < 3; round++) {
        CHECK_INT (zmq_poll (set.items, COUNT, -1), 2);
        CHECK_INT (zmq_poll (set.items, COUNT - 1, -1), 1);
    }
    CHECK_OK (pipe (ends));
    set.items[3] = (zmq_pollitem_t) {NULL, ends[0], ZMQ_POLLIN, 77};
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 2);
    CHECK_INT (write (ends[1], "x", 1), 1);
    for (int round = 0; round < 3; round++) {
        CHECK_INT (zmq_poll (set.items, COUNT, -1), 3);
        CHECK_INT (set.items[3].revents, ZMQ_POLLIN);
    }
    close (ends[0]);
    close (ends[1]);
    drop_set (&set);
}

/* The same socket twice. */
static void a_socket_may_be_there_twice (void *context)
{
    struct set set;
    make_set (&set, context, "inproc://x");
    set.items[1].socket = set.dealers[0];
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    say (&set, 0, "x");
    for (int round = 0; round < 3; round++) {
        CHECK_INT (zmq_poll (set.items, COUNT, -1), 2);
        CHECK (set.items[0].revents && set.items[1].revents);
    }
    drop_set (&set);
}

static void a_socket_is_closed (void *context)
{
    struct set set;
    make_set (&set, context, "inproc://x");
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    CHECK_OK (zmq_poller_remove (set.poller, set.dealers[7]));
    CHECK_OK (zmq_close (set.dealers[7]));
    set.dealers[7] = NULL;
    for (int round = 0; round < 3; round++) {
        CHECK_ERRNO (zmq_poll (set.items, COUNT, 0), ENOTSOCK);
        CHECK_ERRNO (zmq_poll (set.items, COUNT, -1), ENOTSOCK);
    }
    /* One opened in its place is another one. */
    set.dealers[7] = new_socket (context, ZMQ_DEALER);
    CHECK_ERRNO (zmq_poll (set.items, COUNT, 0), ENOTSOCK);
    set.items[7].socket = set.dealers[7];
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    drop_set (&set);
}

static void *close_soon (void *socket)
{
    close_now (socket);
    return NULL;
}

/* A thread that sleeps in zmq_poll hears of it, too. */
static void a_socket_is_closed_meanwhile (void *context)
{
    struct set set;
    pthread_t thread;
    make_set (&set, context, "inproc://x");
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    CHECK_OK (pthread_create (&thread, NULL, close_soon, set.dealers[7]));
    CHECK_ERRNO (zmq_poll (set.items, COUNT, -1), ENOTSOCK);
    CHECK_OK (pthread_join (thread, NULL));
    set.dealers[7] = NULL;
    drop_set (&set);
}

static void the_context_ends (void)
{
    struct set set;
    zmq_poller_event_t event;
    void *context = zmq_ctx_new ();
    make_set (&set, context, "tcp://127.0.0.1:*");
    for (int round = 0; round < 3; round++)
        CHECK_INT (zmq_poll (set.items, COUNT, 0), 0);
    CHECK_OK (zmq_ctx_shutdown (context));
    for (int round = 0; round < 3; round++) {
        CHECK_ERRNO (zmq_poll (set.items, COUNT, -1), ETERM);
        CHECK_ERRNO (zmq_poller_wait (set.poller, &event, -1), ETERM);
    }
    CHECK_OK (zmq_poller_destroy (&set.poller));
    for (int i = 0; i < COUNT; i++)
        CHECK_OK (zmq_close (set.dealers[i]));
    CHECK_OK (zmq_close (set.router));
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    over_transports (what_happened_is_found);
    over_transports (a_receive_between_polls);
    over_transports (another_thread_sends);
    over_transports (another_thread_receives);
    in_context (the_set_changes);
    in_context (a_socket_may_be_there_twice);
    in_context (a_socket_is_closed);
    in_context (a_socket_is_closed_meanwhile);
    the_context_ends ();
    return 0;
}
