/* Over inproc nothing but small content is copied: the receiver gets the very memory the sender
   passed in (zmq_msg_init_data) or allocated (zmq_msg_init_size), for every pattern and for each
   of several receivers (behaviour: Messages). */

#include "testing.h"

struct way { const char *name; int sender, receiver; int envelope; };

/* The envelope is the number of parts the receiver reads before the content. */
static const struct way WAYS[] = {
    {"PAIR to PAIR", ZMQ_PAIR, ZMQ_PAIR, 0},       {"PUSH to PULL", ZMQ_PUSH, ZMQ_PULL, 0},
    {"DEALER to DEALER", ZMQ_DEALER, ZMQ_DEALER, 0},
        {"DEALER to ROUTER", ZMQ_DEALER, ZMQ_ROUTER, 1},
    {"REQ to REP", ZMQ_REQ, ZMQ_REP, 0},           {"REQ to ROUTER", ZMQ_REQ, ZMQ_ROUTER, 2},
};
#define WAY_COUNT ((int) (sizeof WAYS / sizeof *WAYS))

static void *receive_at (void *socket, zmq_msg_t *message, int envelope, size_t size)
{
    char buffer[256];
    for (int i = 0; i < envelope; i++) {
        recv_part (socket, buffer, sizeof buffer);
        CHECK_INT (get_int (socket, ZMQ_RCVMORE), 1);
    }
    CHECK (ready_within (socket, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_INT (zmq_msg_recv (message, socket, ZMQ_DONTWAIT), size);
    CHECK_INT (zmq_msg_more (message), 0);
    return zmq_msg_data (message);
}

static void check_way (const struct way *way, zmq_msg_t *sent, size_t size)
{
    void *sender, *receiver, *context = zmq_ctx_new ();
    zmq_msg_t received;
    void *data = zmq_msg_data (sent);
    connected_pair (context, "inproc://way", way->receiver, &receiver, way->sender, &sender);
    CHECK_INT (zmq_msg_send (sent, sender, 0), size);
    CHECK_OK (zmq_msg_init (&received));
    if (receive_at (receiver, &received, way->envelope, size) != data)
        FAIL ("%s copied %zu bytes", way->name, size);
    CHECK_INT (zmq_msg_get (&received, ZMQ_SHARED), 0);
    CHECK_OK (zmq_msg_close (&received));
    close_now (sender);
    close_now (receiver);
    CHECK_OK (zmq_ctx_term (context));
}

static void wrapped_memory_arrives_itself (void)
{
    static const size_t sizes[] = {1, 8, 33, 34, 1000, 1000000};
    struct tally freed = EMPTY_TALLY;
    int count = 0;
    for (int w = 0; w < WAY_COUNT; w++)
        for (int s = 0; s < 6; s++) {
            zmq_msg_t message;
            init_tallied (&message, sizes[s], 'r', &freed);
            check_way (&WAYS[w], &message, sizes[s]);
            tally_reaches (&freed, ++count);
        }
}

static void allocated_memory_arrives_itself (void)
{
    static const size_t sizes[] = {64, 1000, 1000000};
    for (int w = 0; w < WAY_COUNT; w++)
        for (int s = 0; s < 3; s++) {
            zmq_msg_t message;
            CHECK_OK (zmq_msg_init_size (&message, sizes[s]));
            memset (zmq_msg_data (&message), 'a', sizes[s]);
            check_way (&WAYS[w], &message, sizes[s]);
        }
}

/* The reply of a REP and of a ROUTER, back to a REQ. */
static void replies_arrive_themselves (void *context)
{
    static const int types[] = {ZMQ_REP, ZMQ_ROUTER};
    static const char *const names[] = {"inproc://rep", "inproc://router"};
    struct tally freed = EMPTY_TALLY;
    for (int i = 0; i < 2; i++) {
        char id[256];
        void *server, *client;
        zmq_msg_t reply, received;
        connected_pair (context, names[i], types[i], &server, ZMQ_REQ, &client);
        send_text (client, "question", 0);
        if (types[i] == ZMQ_ROUTER) {
            int size = recv_part (server, id, sizeof id);
            RECV_PARTS (server, "", "question", NULL);
            CHECK_INT (zmq_send (server, id, (size_t) size, ZMQ_SNDMORE), size);
            send_text (server, "", ZMQ_SNDMORE);
        } else
            RECV_TEXT (server, "question");
        void *data = init_tallied (&reply, 50, 'r', &freed);
        CHECK_INT (zmq_msg_send (&reply, server, 0), 50);
        CHECK_OK (zmq_msg_init (&received));
        CHECK (receive_at (client, &received, 0, 50) == data);
        CHECK_OK (zmq_msg_close (&received));
        tally_reaches (&freed, i + 1);
        close_now (server);
        close_now (client);
    }
}

static void subscribers_share_one_memory (void *context)
{
    enum { COUNT = 3 };
    struct tally freed = EMPTY_TALLY;
    void *pub = new_socket (context, ZMQ_PUB), *subs[COUNT];
    zmq_msg_t message, received[COUNT];
    CHECK_OK (zmq_bind (pub, "inproc://pub"));
    for (int i = 0; i < COUNT; i++) {
        subs[i] = new_socket (context, ZMQ_SUB);
        CHECK_OK (zmq_setsockopt (subs[i], ZMQ_SUBSCRIBE, "p", 1));
        connect_to (subs[i], "inproc://pub");
        await_subscriptions (pub, subs[i]);
    }
    void *data = init_tallied (&message, 100, 'p', &freed);
    CHECK_INT (zmq_msg_send (&message, pub, 0), 100);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK (zmq_msg_init (&received[i]));
        CHECK (receive_at (subs[i], &received[i], 0, 100) == data);
        CHECK_INT (zmq_msg_get (&received[i], ZMQ_SHARED), 1);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_INT (tally_count (&freed), 0);
        CHECK_OK (zmq_msg_close (&received[i]));
        close_now (subs[i]);
    }
    tally_reaches (&freed, 1);
    close_now (pub);
}

/* A copy kept by the sender, the one received and one made of that are all the same memory. */
static void a_kept_copy_is_the_received_memory (void *context)
{
    void *sender, *receiver;
    zmq_msg_t sent, kept, received, copied;
    connected_pair (context, "inproc://kept", ZMQ_PULL, &receiver, ZMQ_PUSH, &sender);
    CHECK_OK (zmq_msg_init_size (&sent, 500));
    memset (zmq_msg_data (&sent), 'k', 500);
    CHECK_OK (zmq_msg_init (&kept));
    CHECK_OK (zmq_msg_copy (&kept, &sent));
    CHECK_INT (zmq_msg_send (&sent, sender, 0), 500);
    CHECK_OK (zmq_msg_init (&received));
    CHECK (receive_at (receiver, &received, 0, 500) == zmq_msg_data (&kept));
    CHECK_INT (zmq_msg_get (&received, ZMQ_SHARED), 1);
    CHECK_OK (zmq_msg_init (&copied));
    CHECK_OK (zmq_msg_copy (&copied, &received));
    CHECK (zmq_msg_data (&copied) == zmq_msg_data (&kept));
    CHECK_OK (zmq_msg_close (&kept));
    CHECK_OK (zmq_msg_close (&received));
    CHECK_INT (((char *) zmq_msg_data (&copied))[499], 'k');
    CHECK_OK (zmq_msg_close (&copied));
    close_now (sender);
    close_now (receiver);
}

int main (void)
{
    begin_test ();
    wrapped_memory_arrives_itself ();
    allocated_memory_arrives_itself ();
    in_context (replies_arrive_themselves);
    in_context (subscribers_share_one_memory);
    in_context (a_kept_copy_is_the_received_memory);
    return 0;
}
