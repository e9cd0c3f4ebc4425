/* ZMQ_IMMEDIATE 1: messages are queued to completed connections only, so sending waits without one,
   and what was queued on a lost connection is gone (zmq_setsockopt (3)). */

#include "monitor.h"
#include "raw_peer.h"

static void the_option_is_strict (void *context)
{
    void *socket = new_socket (context, ZMQ_PUSH);
    int bad[] = {-1, 2};
    CHECK_INT (get_int (socket, ZMQ_IMMEDIATE), 0);
    for (int i = 0; i < 2; i++)
        CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_IMMEDIATE, &bad[i], sizeof (int)), EINVAL);
    set_int (socket, ZMQ_IMMEDIATE, 1);
    CHECK_INT (get_int (socket, ZMQ_IMMEDIATE), 1);
    CHECK_INT (get_int (socket, ZMQ_DELAY_ATTACH_ON_CONNECT), 1);
    close_now (socket);
}

static void without_a_peer_sending_waits (void *context)
{
    static const int types[] = {ZMQ_PUSH, ZMQ_DEALER, ZMQ_REQ, ZMQ_PAIR};
    for (int i = 0; i < 4; i++) {
        char endpoint[256];
        int reserve = raw_reserve (endpoint);
        void *socket = new_socket (context, types[i]);
        set_int (socket, ZMQ_IMMEDIATE, 1);
        connect_to (socket, endpoint);
        CHECK_ERRNO (zmq_send (socket, "x", 1, ZMQ_DONTWAIT), EAGAIN);
        CHECK (!ready_within (socket, ZMQ_POLLOUT, 0));
        close_now (socket);
        close (reserve);
    }
}

/* Of two endpoints only the live one gets messages; without the option the dead one has its share. */
static void only_live_peers_get_messages (void *context)
{
    for (int immediate = 0; immediate < 2; immediate++) {
        char dead[256], live[256];
        int reserve = raw_reserve (dead);
        void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
        bind_to (pull, "tcp://127.0.0.1:*", live);
        set_int (push, ZMQ_IMMEDIATE, immediate);
        void *monitor = watch (context, push, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        connect_to (push, dead);
        connect_to (push, live);
        EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
        CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
        for (int i = 0; i < 10; i++)
            send_text (push, "x", ZMQ_DONTWAIT);
        for (int i = 0; i < (immediate ? 10 : 5); i++)
            RECV_TEXT (pull, "x");
        CHECK_QUIET (pull);
        unwatch (push, monitor);
        close_now (push);
        close_now (pull);
        close (reserve);
    }
}

/* When the peer goes, so does the pipe; a new one comes with the next connection. */
static void a_lost_connection_takes_its_pipe (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_IMMEDIATE, 1);
    set_int (push, ZMQ_RECONNECT_IVL, 10);
    connect_to (push, endpoint);
    double end = now_ms () + PATIENCE_MS;
    for (int round = 0; round < 3; round++) {
        int fd = raw_accept (listener);
        raw_handshake (fd, 1, "PULL", NULL);
        CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
        send_text (push, "here", ZMQ_DONTWAIT);
        RAW_EXPECT (fd, "\x00\x04here");
        close (fd);
        while (ready_within (push, ZMQ_POLLOUT, 0))
            CHECK (now_ms () < end);
        CHECK_ERRNO (zmq_send (push, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    }
    close_now (push);
    close (listener);
}

/* A greeting alone is not enough: the handshake must be done. */
static void the_handshake_must_be_complete (void *context)
{
    char endpoint[256];
    unsigned char greeting[64];
    int listener = raw_listen (endpoint);
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_IMMEDIATE, 1);
    connect_to (push, endpoint);
    int fd = raw_accept (listener);
    RAW_SEND (fd, RAW_GREETING_31);
    RAW_READ (fd, greeting, sizeof greeting);
    CHECK (!ready_within (push, ZMQ_POLLOUT, QUIET_MS));
    raw_send_ready (fd, "PULL", NULL);
    CHECK (ready_within (push, ZMQ_POLLOUT, PATIENCE_MS));
    close (fd);
    close_now (push);
    close (listener);
}

static void inproc_does_not_mind (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    set_int (push, ZMQ_IMMEDIATE, 1);
    connect_to (push, "inproc://later");
    send_text (push, "queued", ZMQ_DONTWAIT);
    CHECK_OK (zmq_bind (pull, "inproc://later"));
    RECV_TEXT (pull, "queued");
    close_now (push);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    in_context (the_option_is_strict);
    in_context (without_a_peer_sending_waits);
    in_context (only_live_peers_get_messages);
    in_context (a_lost_connection_takes_its_pipe);
    in_context (the_handshake_must_be_complete);
    in_context (inproc_does_not_mind);
    return 0;
}
