/* With ZMQ_XPUB_NODROP a publisher waits, or says EAGAIN, when a subscriber that wants the message
   has no room, instead of dropping it for that one (zmq_setsockopt(3), options: 69). */

#include "testing.h"

/* A publisher of either type and a subscriber to "t", with room for two messages. */
static void open_pair (void *context, int type, void **pub, void **sub)
{
    *pub = new_socket (context, type);
    *sub = new_socket (context, ZMQ_SUB);
    set_int (*pub, ZMQ_XPUB_NODROP, 1);
    set_int (*pub, ZMQ_SNDHWM, 1);
    set_int (*sub, ZMQ_RCVHWM, 1);
    subscribe (*sub, "t");
    CHECK_OK (zmq_bind (*pub, "inproc://pub"));
    connect_to (*sub, "inproc://pub");
    CHECK (get_int (*pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    if (type == ZMQ_XPUB)
        CHECK_NOTICE (*pub, 1, "t");
}

static void fill (void *pub)
{
    send_text (pub, "t1", ZMQ_DONTWAIT);
    send_text (pub, "t2", ZMQ_DONTWAIT);
}

static const int TYPES[] = {ZMQ_XPUB, ZMQ_PUB};

static void full_subscribers_refuse (void *context, int type)
{
    void *pub, *sub;
    open_pair (context, type, &pub, &sub);
    fill (pub);
    CHECK_ERRNO (zmq_send (pub, "t3", 2, ZMQ_DONTWAIT), EAGAIN);
    set_int (pub, ZMQ_SNDTIMEO, 1);
    CHECK_ERRNO (zmq_send (pub, "t3", 2, 0), EAGAIN);
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    send_text (pub, "other", ZMQ_DONTWAIT);
    RECV_TEXT (sub, "t1");
    RECV_TEXT (sub, "t2");
    set_int (pub, ZMQ_SNDTIMEO, PATIENCE_MS);
    send_text (pub, "t3", 0);
    RECV_TEXT (sub, "t3");
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (pub);
    close_now (sub);
}

/* What one cannot take none gets: the message stays with the sender and comes once to each. */
static void nobody_gets_what_one_refuses (void *context, int type)
{
    void *pub, *sub, *other = new_socket (context, ZMQ_SUB);
    open_pair (context, type, &pub, &sub);
    subscribe (other, "t");
    connect_to (other, "inproc://pub");
    CHECK (get_int (pub, ZMQ_EVENTS) & ZMQ_POLLOUT);
    fill (pub);
    RECV_TEXT (other, "t1");
    RECV_TEXT (other, "t2");
    for (int i = 0; i < 3; i++)
        CHECK_ERRNO (zmq_send (pub, "t3", 2, ZMQ_DONTWAIT), EAGAIN);
    CHECK_ERRNO (zmq_recv (other, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    RECV_TEXT (sub, "t1");
    RECV_TEXT (sub, "t2");
    send_text (pub, "t3", 0);
    RECV_TEXT (sub, "t3");
    RECV_TEXT (other, "t3");
    CHECK_ERRNO (zmq_recv (other, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (pub);
    close_now (sub);
    close_now (other);
}

static void *send_three (void *pub)
{
    send_text (pub, "t3", 0);
    return NULL;
}

static void a_waiting_send_goes_on_when_there_is_room (void *context, int type)
{
    void *pub, *sub;
    open_pair (context, type, &pub, &sub);
    fill (pub);
    pthread_t thread = start_thread (send_three, pub);
    RECV_TEXT (sub, "t1");
    RECV_TEXT (sub, "t2");
    RECV_TEXT (sub, "t3");
    join_thread (thread);
    close_now (pub);
    close_now (sub);
}

/* A subscriber that goes leaves nobody to wait for. */
static void gone_subscribers_refuse_nothing (void *context, int type)
{
    void *pub, *sub;
    open_pair (context, type, &pub, &sub);
    fill (pub);
    CHECK_ERRNO (zmq_send (pub, "t3", 2, ZMQ_DONTWAIT), EAGAIN);
    close_now (sub);
    set_int (pub, ZMQ_SNDTIMEO, PATIENCE_MS);
    send_text (pub, "t3", 0);
    close_now (pub);
}

static void back_to_dropping (void *context, int type)
{
    void *pub, *sub;
    open_pair (context, type, &pub, &sub);
    fill (pub);
    CHECK_ERRNO (zmq_send (pub, "t3", 2, ZMQ_DONTWAIT), EAGAIN);
    set_int (pub, ZMQ_XPUB_NODROP, 0);
    for (int i = 0; i < 5; i++)
        send_text (pub, "t dropped", ZMQ_DONTWAIT);
    RECV_TEXT (sub, "t1");
    RECV_TEXT (sub, "t2");
    CHECK_ERRNO (zmq_recv (sub, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (pub);
    close_now (sub);
}

int main (void)
{
    begin_test ();
    static void (*const bodies[]) (void *, int) = {
        full_subscribers_refuse, nobody_gets_what_one_refuses,
        a_waiting_send_goes_on_when_there_is_room, gone_subscribers_refuse_nothing,
        back_to_dropping};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (int type = 0; type < 2; type++) {
            void *context = zmq_ctx_new ();
            bodies[i](context, TYPES[type]);
            CHECK_OK (zmq_ctx_term (context));
        }
    return 0;
}
