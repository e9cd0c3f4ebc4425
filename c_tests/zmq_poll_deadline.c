/* zmq_poll comes back at its time-out whatever else goes on: work of the library itself, or commands
   for the sockets that make them ready for nothing. */

#include "testing.h"

/* What was sent in a hurry is still on its way when the poll begins. */
static void while_much_is_sent (void *context, const char *address)
{
    void *senders[2], *receivers[2];
    zmq_pollitem_t items[2];
    for (int i = 0; i < 2; i++) {
        char endpoint[256];
        receivers[i] = new_socket (context, ZMQ_DEALER);
        senders[i] = new_socket (context, ZMQ_DEALER);
        snprintf (endpoint, sizeof endpoint, "inproc://endpoint %d", i);
        bind_to (receivers[i], strncmp (address, "inproc", 6) == 0 ? endpoint : address, endpoint);
        connect_to (senders[i], endpoint);
        items[i] = (zmq_pollitem_t){senders[i], 0, ZMQ_POLLIN, 0};
    }
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 400; i++)
            send_text (senders[i % 2], "a message", 0);
        CHECK_INT (zmq_poll (items, 2, 2), 0);
        for (int i = 0; i < 400; i++)
            RECV_TEXT (receivers[i % 2], "a message");
    }
    for (int i = 0; i < 2; i++) {
        close_now (senders[i]);
        close_now (receivers[i]);
    }
}

struct flood {
    void *context;
    const char *endpoint;
    struct tally *stop;
};

static void *come_and_go (void *argument)
{
    struct flood *flood = argument;
    while (!tally_count (flood->stop)) {
        void *socket = new_socket (flood->context, ZMQ_PUSH);
        connect_to (socket, flood->endpoint);
        close_now (socket);
    }
    return NULL;
}

/* Peers that come and go without a word. */
static void while_peers_come_and_go (void *context, const char *address)
{
    char endpoint[256];
    struct tally stop = EMPTY_TALLY;
    void *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, address, endpoint);
    struct flood flood = {context, endpoint, &stop};
    pthread_t threads[2] = {start_thread (come_and_go, &flood), start_thread (come_and_go, &flood)};
    for (int round = 0; round < 20; round++) {
        zmq_pollitem_t item = {pull, 0, ZMQ_POLLIN, 0};
        CHECK_INT (zmq_poll (&item, 1, 2), 0);
    }
    tally_add (&stop);
    join_thread (threads[0]);
    join_thread (threads[1]);
    close_now (pull);
}

int main (void)
{
    begin_test ();
    alarm (60);
    over_transports (while_much_is_sent);
    over_transports (while_peers_come_and_go);
    return 0;
}
