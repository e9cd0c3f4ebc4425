/* zmq_proxy: whole messages both ways between two sockets until one of them fails, for queues,
   forwarders and streamers (zmq_proxy (3)). */

#include "testing.h"

static void end_by_shutdown (struct relay *relay, void *context)
{
    CHECK_OK (zmq_ctx_shutdown (context));
    end_relay (relay, -1, ETERM);
}

static void *connected (void *context, int type, const char *endpoint)
{
    void *socket = new_socket (context, type);
    set_int (socket, ZMQ_LINGER, 0);
    connect_to (socket, endpoint);
    return socket;
}

static void missing_sockets_are_refused (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    CHECK_ERRNO (zmq_proxy (NULL, NULL, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy (socket, NULL, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy (NULL, socket, NULL), EFAULT);
    CHECK_ERRNO (zmq_proxy_steerable (NULL, socket, NULL, socket), EFAULT);
    CHECK_ERRNO (zmq_proxy_steerable (socket, NULL, NULL, socket), EFAULT);
    close_now (socket);
}

/* Several clients and workers; everybody gets the own answer. */
static void a_queue_brings_answers_back (void *context)
{
    enum { CLIENTS = 4, WORKERS = 2 };
    struct relay relay = {0};
    void *clients[CLIENTS], *workers[WORKERS];
    char text[16];
    start_relay (&relay, context, ZMQ_ROUTER, ZMQ_DEALER);
    for (int i = 0; i < CLIENTS; i++)
        clients[i] = connected (context, ZMQ_REQ, "inproc://frontend");
    for (int i = 0; i < WORKERS; i++)
        workers[i] = connected (context, ZMQ_REP, "inproc://backend");
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "%d of %d", round, i);
            send_parts (clients[i], text, "part", NULL);
        }
        for (int answered = 0; answered < CLIENTS;)
            for (int i = 0; i < WORKERS; i++) {
                if (!ready_within (workers[i], ZMQ_POLLIN, 5))
                    continue;
                int size = recv_part (workers[i], text, sizeof text);
                RECV_TEXT (workers[i], "part");
                CHECK_INT (zmq_send (workers[i], text, (size_t) size, ZMQ_SNDMORE), size);
                send_text (workers[i], "answer", 0);
                answered++;
            }
        for (int i = 0; i < CLIENTS; i++) {
            snprintf (text, sizeof text, "%d of %d", round, i);
            RECV_PARTS (clients[i], text, "answer", NULL);
        }
    }
    end_by_shutdown (&relay, context);
    for (int i = 0; i < CLIENTS; i++)
        CHECK_OK (zmq_close (clients[i]));
    for (int i = 0; i < WORKERS; i++)
        CHECK_OK (zmq_close (workers[i]));
}

/* Subscriptions go one way, publications the other. */
static void a_forwarder_passes_subscriptions (void *context)
{
    struct relay relay = {0};
    char text[16];
    start_relay (&relay, context, ZMQ_XSUB, ZMQ_XPUB);
    void *xpub = connected (context, ZMQ_XPUB, "inproc://frontend");
    void *sub = connected (context, ZMQ_SUB, "inproc://backend");
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "wanted", 6));
    RECV_TEXT (xpub, "\x01wanted");
    send_parts (xpub, "unwanted", "a", NULL);
    send_parts (xpub, "wanted", "b", NULL);
    RECV_PARTS (sub, "wanted", "b", NULL);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_UNSUBSCRIBE, "wanted", 6));
    CHECK_INT (recv_part (xpub, text, sizeof text), 7);
    CHECK (memcmp (text, "\0wanted", 7) == 0);
    end_by_shutdown (&relay, context);
    CHECK_OK (zmq_close (xpub));
    CHECK_OK (zmq_close (sub));
}

/* Order and structure are kept, for many messages of all shapes. */
static void a_streamer_keeps_order (void *context)
{
    struct relay relay = {0};
    char text[16];
    static char big[100000];
    start_relay (&relay, context, ZMQ_PULL, ZMQ_PUSH);
    void *push = connected (context, ZMQ_PUSH, "inproc://frontend");
    void *pull = connected (context, ZMQ_PULL, "inproc://backend");
    for (int i = 0; i < 300; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_parts (push, text, "", "last", NULL);
    }
    CHECK_INT (zmq_send (push, big, sizeof big, 0), sizeof big);
    for (int i = 0; i < 300; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_PARTS (pull, text, "", "last", NULL);
    }
    CHECK_INT (recv_part (pull, big, sizeof big), sizeof big);
    CHECK_QUIET (pull);
    end_by_shutdown (&relay, context);
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_close (pull));
}

/* A side nobody takes from does not hold up the other direction. The genuine proxy can miss, about once in 25
   runs, that there is something to move again. */
static void directions_are_independent (void *context)
{
    struct relay relay = {0};
    start_relay (&relay, context, ZMQ_DEALER, ZMQ_DEALER);
    void *front = connected (context, ZMQ_DEALER, "inproc://frontend");
    void *back = connected (context, ZMQ_DEALER, "inproc://backend");
    set_int (front, ZMQ_SNDTIMEO, QUIET_MS);
    int stuffed = 0;
    while (zmq_send (front, "stuffing", 8, 0) == 8)
        stuffed++;
    CHECK_INT (zmq_errno (), EAGAIN);
    CHECK (stuffed >= 1000);
    for (int i = 0; i < 50; i++) {
        send_text (back, "other way", 0);
        RECV_TEXT (front, "other way");
    }
    for (int i = 0; i < stuffed; i++)
        RECV_TEXT (back, "stuffing");
    end_by_shutdown (&relay, context);
    CHECK_OK (zmq_close (front));
    CHECK_OK (zmq_close (back));
}

static void *run_on_one_socket (void *socket)
{
    CHECK_ERRNO (zmq_proxy (socket, socket, NULL), ETERM);
    return NULL;
}

/* With one socket on both sides messages return where they came from. */
static void one_socket_echoes (void *context)
{
    void *dealer, *router;
    connected_pair (context, "inproc://echo", ZMQ_ROUTER, &router, ZMQ_DEALER, &dealer);
    pthread_t thread = start_thread (run_on_one_socket, router);
    for (int i = 0; i < 10; i++) {
        send_parts (dealer, "there", "and back", NULL);
        RECV_PARTS (dealer, "there", "and back", NULL);
    }
    CHECK_OK (zmq_ctx_shutdown (context));
    join_thread (thread);
    CHECK_OK (zmq_close (dealer));
    CHECK_OK (zmq_close (router));
}

int main (void)
{
    begin_test ();
    in_context (missing_sockets_are_refused);
    in_context (a_queue_brings_answers_back);
    in_context (a_forwarder_passes_subscriptions);
    in_context (a_streamer_keeps_order);
    if (library_version () >= ZMQ_MAKE_VERSION (4, 3, 6))
        in_context (directions_are_independent);
    in_context (one_socket_echoes);
    return 0;
}
