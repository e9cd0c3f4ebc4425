/* What can be asked of a message: MORE, SHARED, SRCFD by number and the metadata of its connection
   by name. Only messages that came over a connection have the latter, inproc ones have none
   (zmq_msg_get(3), zmq_msg_gets(3), zmq_msg_set(3)). */

#include "testing.h"
#include <sys/socket.h>

/* Does not poll: the reference forgets the metadata of a ROUTER's id part when it was looked for
   before it was received. */
static void receive (void *socket, zmq_msg_t *message)
{
    CHECK_OK (zmq_msg_init (message));
    set_int (socket, ZMQ_RCVTIMEO, PATIENCE_MS);
    CHECK (zmq_msg_recv (message, socket, 0) >= 0);
}

static void no_text (zmq_msg_t *message, const char *name)
{
    errno = 0;
    CHECK (zmq_msg_gets (message, name) == NULL);
    CHECK_INT (errno, EINVAL);
}

static void check_text (zmq_msg_t *message, const char *name, const char *value)
{
    const char *got = zmq_msg_gets (message, name);
    if (!got || strcmp (got, value) != 0)
        FAIL ("%s is '%s', expected '%s'", name, got ? got : "(null)", value);
}

static int is_inproc (const char *address)
{
    return strncmp (address, "inproc", 6) == 0;
}

static int is_tcp (const char *address)
{
    return strncmp (address, "tcp", 3) == 0;
}

static void unconnected_messages_have_none (void)
{
    static const size_t sizes[] = {0, 10, 1000};
    for (int i = 0; i < 3; i++) {
        zmq_msg_t message;
        CHECK_OK (zmq_msg_init_size (&message, sizes[i]));
        CHECK_INT (zmq_msg_get (&message, ZMQ_MORE), 0);
        CHECK_INT (zmq_msg_get (&message, ZMQ_SHARED), 0);
        CHECK_ERRNO (zmq_msg_get (&message, ZMQ_SRCFD), EINVAL);
        CHECK_ERRNO (zmq_msg_get (&message, 0), EINVAL);
        CHECK_ERRNO (zmq_msg_get (&message, 4), EINVAL);
        CHECK_ERRNO (zmq_msg_get (&message, -1), EINVAL);
        for (int property = -1; property < 5; property++)
            CHECK_ERRNO (zmq_msg_set (&message, property, 1), EINVAL);
        no_text (&message, "Socket-Type");
        no_text (&message, "Identity");
        no_text (&message, "");
        CHECK_OK (zmq_msg_close (&message));
    }
}

static void more_tells_of_the_next_part (void *context, const char *address)
{
    void *push, *pull;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_parts (push, "a", "bb", "", "dddd", NULL);
    for (int i = 0; i < 4; i++) {
        zmq_msg_t message;
        receive (pull, &message);
        CHECK_INT (zmq_msg_more (&message), i < 3);
        CHECK_INT (zmq_msg_get (&message, ZMQ_MORE), i < 3);
        CHECK_INT (get_int (pull, ZMQ_RCVMORE), i < 3);
        CHECK_OK (zmq_msg_close (&message));
    }
    close_now (push);
    close_now (pull);
}

static void check_peer_address (zmq_msg_t *message, const char *address)
{
    if (is_tcp (address)) {
        check_text (message, "Peer-Address", "127.0.0.1");
        return;
    }
    char expected[100];
    snprintf (expected, sizeof expected, "localhost:%d:%d:%d", (int) getuid (), (int) getgid (),
              (int) getpid ());
    check_text (message, "Peer-Address", expected);
}

static void check_descriptor (zmq_msg_t *message, const char *address)
{
    int fd = zmq_msg_get (message, ZMQ_SRCFD);
    struct sockaddr_storage self;
    socklen_t size = sizeof self;
    CHECK (fd >= 0);
    CHECK_OK (getsockname (fd, (struct sockaddr *) &self, &size));
    CHECK_INT (self.ss_family, is_tcp (address) ? AF_INET : AF_UNIX);
}

/* Both parts of what a named DEALER sends, as a ROUTER reads it: id and body. */
static void connections_describe_the_peer (void *context, const char *address)
{
    char endpoint[256];
    void *router = new_socket (context, ZMQ_ROUTER), *dealer = new_socket (context, ZMQ_DEALER);
    CHECK_OK (zmq_setsockopt (dealer, ZMQ_ROUTING_ID, "client-7", 8));
    bind_to (router, address, endpoint);
    connect_to (dealer, endpoint);
    send_parts (dealer, "one", "two", NULL);
    for (int part = 0; part < 3; part++) {
        zmq_msg_t message;
        receive (router, &message);
        if (is_inproc (address)) {
            no_text (&message, "Socket-Type");
            no_text (&message, "Identity");
            no_text (&message, "Peer-Address");
            CHECK_ERRNO (zmq_msg_get (&message, ZMQ_SRCFD), EINVAL);
        } else {
            check_text (&message, "Socket-Type", "DEALER");
            check_text (&message, "Identity", "client-7");
            check_peer_address (&message, address);
            check_descriptor (&message, address);
        }
        no_text (&message, "socket-type");
        no_text (&message, "User-Id");
        no_text (&message, "X-Nothing");
        no_text (&message, "");
        CHECK_OK (zmq_msg_close (&message));
    }
    close_now (dealer);
    close_now (router);
}

struct pairing { int bound, connected; const char *name; int identity; };

/* Which types say who they are: only the request-reply ones send an identity, if empty. */
static const struct pairing PAIRINGS[] = {
    {ZMQ_PAIR, ZMQ_PAIR, "PAIR", 0},       {ZMQ_PULL, ZMQ_PUSH, "PUSH", 0},
    {ZMQ_REP, ZMQ_REQ, "REQ", 1},          {ZMQ_REP, ZMQ_DEALER, "DEALER", 1},
    {ZMQ_DEALER, ZMQ_DEALER, "DEALER", 1}, {ZMQ_XPUB, ZMQ_XSUB, "XSUB", 0},
};
#define PAIRING_COUNT ((int) (sizeof PAIRINGS / sizeof *PAIRINGS))

static void socket_types_are_named (void *context, const char *address)
{
    for (int i = 0; i < PAIRING_COUNT && !is_inproc (address); i++) {
        void *bound, *connected;
        zmq_msg_t message;
        connected_pair (context, address, PAIRINGS[i].bound, &bound, PAIRINGS[i].connected,
                        &connected);
        if (PAIRINGS[i].bound == ZMQ_REP && PAIRINGS[i].connected == ZMQ_DEALER)
            send_text (connected, "", ZMQ_SNDMORE);
        send_text (connected, "hello", 0);
        receive (bound, &message);
        check_text (&message, "Socket-Type", PAIRINGS[i].name);
        if (PAIRINGS[i].identity)
            check_text (&message, "Identity", "");
        else
            no_text (&message, "Identity");
        CHECK_OK (zmq_msg_close (&message));
        close_now (connected);
        close_now (bound);
    }
}

/* The connecting side is told of the bound one just the same. */
static void replies_describe_the_server (void *context, const char *address)
{
    void *rep, *req;
    zmq_msg_t message;
    if (is_inproc (address))
        return;
    connected_pair (context, address, ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_text (req, "question", 0);
    RECV_TEXT (rep, "question");
    send_text (rep, "answer", 0);
    receive (req, &message);
    check_text (&message, "Socket-Type", "REP");
    if (is_tcp (address))
        check_text (&message, "Peer-Address", "127.0.0.1");
    check_descriptor (&message, address);
    CHECK_OK (zmq_msg_close (&message));
    close_now (req);
    close_now (rep);
}

static void copies_and_moves_keep_the_metadata (void *context, const char *address)
{
    void *push, *pull;
    zmq_msg_t message, copy, moved;
    if (is_inproc (address))
        return;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    send_text (push, "text", 0);
    receive (pull, &message);
    CHECK_OK (zmq_msg_init (&copy));
    CHECK_OK (zmq_msg_init (&moved));
    CHECK_OK (zmq_msg_copy (&copy, &message));
    CHECK_OK (zmq_msg_move (&moved, &message));
    no_text (&message, "Socket-Type");
    CHECK_OK (zmq_msg_close (&message));
    check_text (&copy, "Socket-Type", "PUSH");
    CHECK_OK (zmq_msg_close (&copy));
    close_now (push);
    close_now (pull);
    check_text (&moved, "Socket-Type", "PUSH");
    CHECK_OK (zmq_msg_close (&moved));
}

/* A message passed on over inproc has lost what described where it came from. */
static void sending_on_drops_the_metadata (void *context, const char *address)
{
    void *push, *pull, *out, *in;
    zmq_msg_t message;
    if (is_inproc (address))
        return;
    connected_pair (context, address, ZMQ_PULL, &pull, ZMQ_PUSH, &push);
    connected_pair (context, "inproc://on", ZMQ_PULL, &in, ZMQ_PUSH, &out);
    send_text (push, "text", 0);
    receive (pull, &message);
    check_text (&message, "Socket-Type", "PUSH");
    CHECK_INT (zmq_msg_send (&message, out, 0), 4);
    CHECK_OK (zmq_msg_close (&message));
    receive (in, &message);
    no_text (&message, "Socket-Type");
    CHECK_ERRNO (zmq_msg_get (&message, ZMQ_SRCFD), EINVAL);
    CHECK_OK (zmq_msg_close (&message));
    close_now (push);
    close_now (pull);
    close_now (out);
    close_now (in);
}

int main (void)
{
    begin_test ();
    unconnected_messages_have_none ();
    over_transports (more_tells_of_the_next_part);
    over_transports (connections_describe_the_peer);
    over_transports (socket_types_are_named);
    over_transports (replies_describe_the_server);
    over_transports (copies_and_moves_keep_the_metadata);
    over_transports (sending_on_drops_the_metadata);
    return 0;
}
