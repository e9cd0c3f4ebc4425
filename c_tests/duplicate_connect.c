/* A second zmq_connect to the same address is ignored by DEALER, SUB, PUB and REQ and makes one more
   connection for the other types (zmq_connect (3)). */

#include "raw_peer.h"

static void second_connection_is_made_or_not (void *context)
{
    static const struct {
        int type, connections;
    } rows[] = {
        {ZMQ_DEALER, 1}, {ZMQ_SUB, 1},  {ZMQ_PUB, 1},  {ZMQ_REQ, 1},    {ZMQ_PUSH, 2},
        {ZMQ_PULL, 2},   {ZMQ_REP, 2},  {ZMQ_XPUB, 2}, {ZMQ_ROUTER, 2}, {ZMQ_XSUB, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        int listener = raw_listen (endpoint), accepted[2];
        void *socket = new_socket (context, rows[i].type);
        connect_to (socket, endpoint);
        connect_to (socket, endpoint);
        for (int j = 0; j < rows[i].connections; j++)
            accepted[j] = raw_accept (listener);
        if (raw_ready_within (listener, QUIET_MS))
            FAIL ("type %d made more than %d connections", rows[i].type, rows[i].connections);
        CHECK_OK (zmq_disconnect (socket, endpoint));
        CHECK_ERRNO (zmq_disconnect (socket, endpoint), ENOENT);
        for (int j = 0; j < rows[i].connections; j++)
            close (accepted[j]);
        close_now (socket);
        close (listener);
    }
}

/* Texts are compared, not places. */
static void other_texts_make_another_connection (void *context)
{
    char endpoint[256], named[256];
    int listener = raw_listen (endpoint);
    void *dealer = new_socket (context, ZMQ_DEALER);
    snprintf (named, sizeof named, "tcp://localhost:%d", atoi (strrchr (endpoint, ':') + 1));
    connect_to (dealer, endpoint);
    connect_to (dealer, named);
    int first = raw_accept (listener), second = raw_accept (listener);
    close (first);
    close (second);
    close_now (dealer);
    close (listener);
}

/* A publisher's message comes once to a SUB connected twice. */
static void a_subscriber_gets_messages_once (void *context)
{
    void *pub, *sub;
    char endpoint[256];
    size_t size = sizeof endpoint;
    connected_pair (context, "tcp://127.0.0.1:*", ZMQ_PUB, &pub, ZMQ_SUB, &sub);
    CHECK_OK (zmq_getsockopt (pub, ZMQ_LAST_ENDPOINT, endpoint, &size));
    connect_to (sub, endpoint);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "topic", 5));
    await_subscriptions (pub, sub);
    send_text (pub, "topic once", 0);
    send_text (pub, "topic end", 0);
    RECV_TEXT (sub, "topic once");
    RECV_TEXT (sub, "topic end");
    close_now (sub);
    close_now (pub);
}

int main (void)
{
    begin_test ();
    in_context (second_connection_is_made_or_not);
    in_context (other_texts_make_another_connection);
    in_context (a_subscriber_gets_messages_once);
    return 0;
}
