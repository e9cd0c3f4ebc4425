/* SCATTER and GATHER, and CHANNEL: single-part messages, one way and both ways. */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

static void scatters_in_turns (void *context, const char *address)
{
    char endpoint[2][256], buffer[8];
    void *gather[2], *scatter = new_socket (context, ZMQ_SCATTER);
    CHECK (!ready_within (scatter, ZMQ_POLLOUT, 0));
    CHECK_ERRNO (zmq_send (scatter, "x", 1, ZMQ_DONTWAIT), EAGAIN);
    for (int i = 0; i < 2; i++) {
        char name[64];
        gather[i] = new_socket (context, ZMQ_GATHER);
        snprintf (name, sizeof name, strncmp (address, "inproc", 6) == 0 ? "%s%d" : "%s", address, i);
        bind_to (gather[i], name, endpoint[i]);
        connect_to (scatter, endpoint[i]);
    }
    for (int i = 0; i < 10; i++) {
        char text[2] = {(char) ('0' + i), 0};
        send_text (scatter, text, 0);
    }
    for (int i = 0; i < 10; i++) {
        char text[2] = {(char) ('0' + i), 0};
        RECV_TEXT (gather[i % 2], text);
    }
    CHECK_ERRNO (zmq_send (scatter, "x", 1, ZMQ_SNDMORE), EINVAL);
    CHECK_ERRNO (zmq_recv (scatter, buffer, sizeof buffer, 0), ENOTSUP);
    CHECK_ERRNO (zmq_send (gather[0], "x", 1, 0), ENOTSUP);
    CHECK_ERRNO (zmq_recv (gather[0], buffer, sizeof buffer, ZMQ_DONTWAIT), EAGAIN);
    close_now (gather[0]);
    close_now (gather[1]);
    close_now (scatter);
}

static void a_channel_has_one_peer (void *context, const char *address)
{
    void *one, *two;
    connected_pair (context, address, ZMQ_CHANNEL, &one, ZMQ_CHANNEL, &two);
    send_text (two, "there", 0);
    RECV_TEXT (one, "there");
    send_text (one, "back", 0);
    RECV_TEXT (two, "back");
    CHECK_ERRNO (zmq_send (one, "x", 1, ZMQ_SNDMORE), EINVAL);
    close_now (two);
    close_now (one);
}

static void some_options_tell_of_them (void *context)
{
    static const int types[] = {ZMQ_SERVER, ZMQ_CLIENT,  ZMQ_RADIO, ZMQ_DISH,
                                ZMQ_GATHER, ZMQ_SCATTER, ZMQ_PEER,  ZMQ_CHANNEL};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        void *socket = new_socket (context, types[i]);
        int fd;
        size_t size = sizeof fd;
        CHECK_ERRNO (zmq_getsockopt (socket, ZMQ_FD, &fd, &size), EINVAL);
        CHECK_INT (get_int (socket, ZMQ_TYPE), types[i]);
        CHECK_INT (get_int (socket, ZMQ_THREAD_SAFE), 1);
        close_now (socket);
    }
}

struct sender
{
    void *socket;
    int count;
};

static void *send_many (void *argument)
{
    struct sender *sender = argument;
    for (int i = 0; i < sender->count; i++)
        send_text (sender->socket, "x", 0);
    return NULL;
}

/* Several threads send on one CLIENT, and nothing is lost. */
static void threads_share_a_socket (void *context)
{
    void *server, *client;
    pthread_t threads[4];
    connected_pair (context, "tcp://127.0.0.1:*", ZMQ_SERVER, &server, ZMQ_CLIENT, &client);
    struct sender sender = {client, 2000};
    for (int i = 0; i < 4; i++)
        CHECK_INT (pthread_create (&threads[i], NULL, send_many, &sender), 0);
    for (int i = 0; i < 4 * sender.count; i++)
        RECV_TEXT (server, "x");
    for (int i = 0; i < 4; i++)
        CHECK_INT (pthread_join (threads[i], NULL), 0);
    close_now (client);
    close_now (server);
}

int main (void)
{
    begin_test ();
    over_transports (scatters_in_turns);
    over_transports (a_channel_has_one_peer);
    in_context (some_options_tell_of_them);
    in_context (threads_share_a_socket);
    return 0;
}
