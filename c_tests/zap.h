/* Authenticators (ZAP handlers, RFC 27): a socket bound to the name that the library asks. Most tests ask
   and answer step by step in one thread; `start_zap` runs one in a thread of its own. */

#ifndef ZAP_H
#define ZAP_H

#include "testing.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

/* A handler that answers when the test says so. */
static inline void *new_zap (void *context, int type)
{
    void *handler = new_socket (context, type);
    CHECK_OK (zmq_bind (handler, ZAP_ENDPOINT));
    return handler;
}

/* Frees the name first, as closing takes its time in the reference. */
static inline void close_zap (void *handler)
{
    CHECK_OK (zmq_unbind (handler, ZAP_ENDPOINT));
    close_now (handler);
}

/* The parts of a question after version and request id, which are always the same. */
#define EXPECT_QUESTION(handler, ...) RECV_PARTS (handler, "1.0", "1", __VA_ARGS__, NULL)

/* An answer without user id and properties. */
static inline void answer (void *handler, const char *status)
{
    send_parts (handler, "1.0", "1", status, "text", "", "", NULL);
}

/* Lets the peer in under a user id, with properties as they are in a READY. */
static inline void welcome_as (void *handler, const char *user_id, const void *properties, size_t size)
{
    static const char *const parts[] = {"1.0", "1", "200", "OK"};
    for (int i = 0; i < 4; i++)
        send_text (handler, parts[i], ZMQ_SNDMORE);
    send_text (handler, user_id, ZMQ_SNDMORE);
    CHECK_INT (zmq_send (handler, properties, size, 0), size);
}

/* The connection by which a message came has that property. */
#define CHECK_PROPERTY(message, name, value) check_property_at (message, name, value, __FILE__, __LINE__)
static inline void check_property_at (zmq_msg_t *message, const char *name, const char *value,
                                      const char *file, int line)
{
    const char *got = zmq_msg_gets (message, name);
    if (got ? !value || strcmp (got, value) != 0 : value != NULL) {
        fprintf (stderr, "%s:%d: %s is '%s', expected '%s'\n", file, line, name, got ? got : "(none)",
                 value ? value : "(none)");
        exit (1);
    }
}

/* Waits for a part that is `text`; the caller closes it. */
static inline void recv_message (void *socket, zmq_msg_t *message, const char *text)
{
    CHECK (ready_within (socket, ZMQ_POLLIN, PATIENCE_MS));
    CHECK_OK (zmq_msg_init (message));
    CHECK_INT (zmq_msg_recv (message, socket, ZMQ_DONTWAIT), strlen (text));
    CHECK (memcmp (zmq_msg_data (message), text, strlen (text)) == 0);
}

/* ---- a handler in a thread ---- */

struct zap {
    void *handler, *control;
    pthread_t thread;
    /* Questions, readable after `end_zap`. */
    int asked;
};

/* Lets in everybody whose password is "secret", under the user name; refuses others with 400. */
static inline void *run_zap_ (void *argument)
{
    struct zap *zap = argument;
    zmq_pollitem_t items[2] = {{zap->handler, 0, ZMQ_POLLIN, 0}, {zap->control, 0, ZMQ_POLLIN, 0}};
    for (;;) {
        char parts[8][256];
        int count = 0;
        CHECK (zmq_poll (items, 2, -1) > 0);
        if (items[1].revents)
            break;
        do {
            CHECK (count < 8);
            int size = recv_part (zap->handler, parts[count], sizeof parts[count] - 1);
            parts[count++][size] = 0;
        } while (get_int (zap->handler, ZMQ_RCVMORE));
        zap->asked++;
        CHECK_INT (count, 8);
        int welcome = strcmp (parts[7], "secret") == 0;
        send_parts (zap->handler, "1.0", parts[1], welcome ? "200" : "400", "text", welcome ? parts[6] : "",
                    "", NULL);
    }
    close_zap (zap->handler);
    return NULL;
}

static inline void start_zap (struct zap *zap, void *context)
{
    void *peer = new_socket (context, ZMQ_PAIR);
    CHECK_OK (zmq_bind (peer, "inproc://zap-control"));
    zap->asked = 0;
    zap->handler = new_zap (context, ZMQ_REP);
    zap->control = peer;
    zap->thread = start_thread (run_zap_, zap);
}

static inline void end_zap (struct zap *zap, void *context)
{
    void *stop = new_socket (context, ZMQ_PAIR);
    connect_to (stop, "inproc://zap-control");
    send_text (stop, "stop", 0);
    join_thread (zap->thread);
    close_now (zap->control);
    close_now (stop);
}

/* After a DEALER named "cli", admitted as "alice" with X-Role "admin" and Role "x", has sent "hi" to a ROUTER
   named "rtr": what either side's messages tell of the other. */
static inline void check_admitted (void *client, void *server)
{
    zmq_msg_t message;
    RECV_TEXT (server, "cli");
    recv_message (server, &message, "hi");
    CHECK_PROPERTY (&message, "User-Id", "alice");
    CHECK_PROPERTY (&message, "X-Role", "admin");
    CHECK_PROPERTY (&message, "Role", "x");
    CHECK_PROPERTY (&message, "Socket-Type", "DEALER");
    CHECK_PROPERTY (&message, "Identity", "cli");
    CHECK_PROPERTY (&message, "Peer-Address", "127.0.0.1");
    CHECK_OK (zmq_msg_close (&message));

    /* The client is told nothing of what the handler has said. */
    send_parts (server, "cli", "ho", NULL);
    recv_message (client, &message, "ho");
    CHECK_PROPERTY (&message, "User-Id", NULL);
    CHECK_PROPERTY (&message, "X-Role", NULL);
    CHECK_PROPERTY (&message, "Identity", "rtr");
    CHECK_OK (zmq_msg_close (&message));
}

#endif
