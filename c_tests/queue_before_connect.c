/* Messages sent after zmq_connect and before the peer exists are queued, up to the high-water mark,
   and arrive in order once it is there (zmq_connect (3), ZMQ_IMMEDIATE 0). */

#include "raw_peer.h"

/* An endpoint nobody is bound to yet; `done` takes back what was made for it. */
struct place {
    char endpoint[256];
    int reserve;
};

static void choose_place (struct place *place, const char *scheme)
{
    place->reserve = -1;
    if (strncmp (scheme, "tcp", 3) == 0)
        place->reserve = raw_reserve (place->endpoint);
    else if (strncmp (scheme, "ipc", 3) == 0)
        ipc_endpoint (place->endpoint, sizeof place->endpoint);
    else
        snprintf (place->endpoint, sizeof place->endpoint, "%s", scheme);
}

static void leave_place (struct place *place)
{
    if (place->reserve >= 0)
        close (place->reserve);
    else if (strncmp (place->endpoint, "ipc", 3) == 0)
        ipc_done (place->endpoint);
}

static void many_types_queue (void *context, const char *address)
{
    static const int types[][2] = {{ZMQ_PUSH, ZMQ_PULL},
                                   {ZMQ_DEALER, ZMQ_DEALER},
                                   {ZMQ_PAIR, ZMQ_PAIR}};
    for (int t = 0; t < 3; t++) {
        struct place place;
        char text[16];
        choose_place (&place, address);
        void *sender = new_socket (context, types[t][0]);
        void *receiver = new_socket (context, types[t][1]);
        connect_to (sender, place.endpoint);
        for (int i = 0; i < 50; i++) {
            snprintf (text, sizeof text, "%d", i);
            send_parts (sender, text, "second part", NULL);
        }
        CHECK_OK (zmq_bind (receiver, place.endpoint));
        for (int i = 0; i < 50; i++) {
            snprintf (text, sizeof text, "%d", i);
            RECV_PARTS (receiver, text, "second part", NULL);
        }
        CHECK_OK (zmq_unbind (receiver, place.endpoint));
        close_now (sender);
        close_now (receiver);
        leave_place (&place);
    }
}

static void a_request_is_queued (void *context, const char *address)
{
    struct place place;
    choose_place (&place, address);
    void *req = new_socket (context, ZMQ_REQ), *rep = new_socket (context, ZMQ_REP);
    connect_to (req, place.endpoint);
    send_text (req, "question", 0);
    CHECK_OK (zmq_bind (rep, place.endpoint));
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    RECV_TEXT (req, "answer");
    close_now (req);
    close_now (rep);
    leave_place (&place);
}

/* SNDHWM messages fit; the next one waits. */
static void the_queue_is_limited (void *context, const char *address)
{
    struct place place;
    char text[16];
    choose_place (&place, address);
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_int (push, ZMQ_SNDHWM, 7);
    connect_to (push, place.endpoint);
    for (int i = 0; i < 7; i++) {
        snprintf (text, sizeof text, "%d", i);
        send_text (push, text, ZMQ_DONTWAIT);
    }
    CHECK_ERRNO (zmq_send (push, "7", 1, ZMQ_DONTWAIT), EAGAIN);
    CHECK (!ready_within (push, ZMQ_POLLOUT, 0));
    CHECK_OK (zmq_bind (pull, place.endpoint));
    for (int i = 0; i < 7; i++) {
        snprintf (text, sizeof text, "%d", i);
        RECV_TEXT (pull, text);
    }
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    send_text (push, "7", ZMQ_DONTWAIT);
    RECV_TEXT (pull, "7");
    close_now (push);
    close_now (pull);
    leave_place (&place);
}

/* Subscriptions made before the publisher exists count when it comes. */
static void subscriptions_are_queued (void *context, const char *address)
{
    struct place place;
    choose_place (&place, address);
    void *sub = new_socket (context, ZMQ_SUB), *xpub = new_socket (context, ZMQ_XPUB);
    connect_to (sub, place.endpoint);
    CHECK_OK (zmq_setsockopt (sub, ZMQ_SUBSCRIBE, "early", 5));
    CHECK_OK (zmq_bind (xpub, place.endpoint));
    RECV_TEXT (xpub, "\x01" "early");
    send_text (xpub, "other", 0);
    send_text (xpub, "early bird", 0);
    RECV_TEXT (sub, "early bird");
    close_now (sub);
    close_now (xpub);
    leave_place (&place);
}

int main (void)
{
    begin_test ();
    over_transports (many_types_queue);
    over_transports (a_request_is_queued);
    over_transports (the_queue_is_limited);
    over_transports (subscriptions_are_queued);
    return 0;
}
