/* The channel between the two processes, and the connection between their sockets. */

#include "peer.h"

#include <sys/socket.h>

/* The runner's socket pair; keeps the boundaries of what is told. */
#define CONTROL 3

void tell (const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start (arguments, format);
    int size = vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    CHECK_INT (send (CONTROL, text, (size_t) size, 0), size);
}

int heard_within (int ms)
{
    struct pollfd item = {CONTROL, POLLIN, 0};
    return poll (&item, 1, ms) > 0;
}

void hear (char *text, size_t size)
{
    CHECK (heard_within (PATIENCE_MS));
    ssize_t n = recv (CONTROL, text, size - 1, 0);
    CHECK (n > 0);
    text[n] = 0;
}

void expect_to_hear (const char *text)
{
    char heard[512];
    hear (heard, sizeof heard);
    if (strcmp (heard, text) != 0)
        FAIL ("heard '%s', expected '%s'", heard, text);
}

void meet (void)
{
    tell ("here");
    expect_to_hear ("here");
}

void die (void)
{
    kill (getpid (), SIGKILL);
    for (;;)
        pause ();
}

void await_end_of_connection (struct peer *peer)
{
    AWAIT_EVENT (peer->monitor, ZMQ_EVENT_DISCONNECTED);
    settle_end (peer);
}

void settle_end (struct peer *peer)
{
    /* The socket takes note of it in its calls, and has to before the next one comes: a PAIR has one
       peer, and a ROUTER one of a name. Both can send to nobody then. They do not
       while there is something to read. */
    double end = now_ms () + PATIENCE_MS;
    while (peer->binds && (peer->type == ZMQ_PAIR || peer->type == ZMQ_ROUTER)
           && get_int (peer->socket, ZMQ_EVENTS) & ZMQ_POLLOUT)
        CHECK (now_ms () < end);
    tell ("gone");
}

static int is_publisher (int type)
{
    return type == ZMQ_PUB || type == ZMQ_XPUB;
}

static int is_subscriber (int type)
{
    return type == ZMQ_SUB || type == ZMQ_XSUB;
}

int can_send (int type, int other)
{
    return type != ZMQ_SUB && type != ZMQ_PULL && (type != ZMQ_XSUB || other == ZMQ_XPUB);
}

void make_socket (struct peer *peer)
{
    if (!peer->context)
        peer->context = zmq_ctx_new ();
    CHECK (peer->context);
    peer->socket = new_socket (peer->context, peer->type);
    peer->monitor = watch (peer->context, peer->socket,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    set_int (peer->socket, ZMQ_RECONNECT_IVL, 5);
    if (is_publisher (peer->type) || is_subscriber (peer->type) || peer->type == ZMQ_REP
        || peer->other == ZMQ_REP) {
        /* They drop what exceeds it. */
        set_int (peer->socket, ZMQ_SNDHWM, 0);
        set_int (peer->socket, ZMQ_RCVHWM, 0);
    }
    if (peer->type == ZMQ_SUB)
        subscribe (peer->socket, peer->narrow ? "~" : "");
    if (peer->type == ZMQ_XSUB)
        CHECK_INT (zmq_send (peer->socket, "\1~", peer->narrow ? 2 : 1, 0), peer->narrow ? 2 : 1);
    if (peer->type == ZMQ_ROUTER)
        set_int (peer->socket, ZMQ_ROUTER_MANDATORY, 1);
}

/* Two ROUTERs: the one that connects names the other, and is known to it by its own name. */
static void name_router (struct peer *peer)
{
    if (peer->binds) {
        CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_ROUTING_ID, "not used", 8));
        return;
    }
    CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_ROUTING_ID, "caller", 6));
    CHECK_OK (zmq_setsockopt (peer->socket, ZMQ_CONNECT_ROUTING_ID, "called", 6));
    peer->name_size = 6;
    memcpy (peer->name, "called", 6);
}

static void prepare_to_attach (struct peer *peer)
{
    if (peer->type == ZMQ_ROUTER && peer->other == ZMQ_ROUTER)
        name_router (peer);
}

void attach_early (struct peer *peer)
{
    prepare_to_attach (peer);
    if (peer->binds)
        bind_to (peer->socket, peer->address, peer->address);
    else
        connect_to (peer->socket, peer->address);
}

void attach (struct peer *peer)
{
    if (peer->life == 2) /* the endpoint is where it was */
        attach_early (peer);
    else if (peer->binds) {
        attach_early (peer);
        tell ("%s", peer->address);
    } else {
        hear (peer->address, sizeof peer->address);
        attach_early (peer);
    }
}

/* ---- greetings ---- */

/* Returns when the subscriber has got something, thus has everything from now on. */
static void greet_subscriber (struct peer *peer)
{
    do
        send_text (peer->socket, "~are you there?", 0);
    while (!heard_within (2));
    expect_to_hear ("subscribed");
    send_text (peer->socket, "~begin", 0);
}

static void greet_publisher (struct peer *peer)
{
    RECV_TEXT (peer->socket, "~are you there?");
    tell ("subscribed");
    for (char text[64] = ""; strcmp (text, "~begin") != 0;) {
        int n = recv_part (peer->socket, text, sizeof text - 1);
        text[n] = 0;
    }
}

/* The other knows the way; this one learns it from the first message. */
static void greet_as_router (struct peer *peer)
{
    char name[sizeof peer->name];
    int size = recv_part (peer->socket, name, sizeof name);
    CHECK (size > 0);
    if (peer->other == ZMQ_ROUTER) {
        CHECK_INT (size, 6);
        CHECK (memcmp (name, "caller", 6) == 0);
    }
    memcpy (peer->name, name, (size_t) size);
    peer->name_size = size;
    if (peer->other == ZMQ_REQ)
        RECV_TEXT (peer->socket, "");
    RECV_TEXT (peer->socket, "hello");

    CHECK_INT (zmq_send (peer->socket, peer->name, (size_t) size, ZMQ_SNDMORE), size);
    if (peer->other == ZMQ_REQ)
        send_text (peer->socket, "", ZMQ_SNDMORE);
    send_text (peer->socket, "hello", 0);
}

static void greet_router (struct peer *peer)
{
    if (peer->type == ZMQ_ROUTER)
        CHECK_INT (zmq_send (peer->socket, peer->name, (size_t) peer->name_size, ZMQ_SNDMORE),
                   peer->name_size);
    send_text (peer->socket, "hello", 0);
    if (peer->type == ZMQ_ROUTER)
        RECV_TEXT (peer->socket, "called");
    RECV_TEXT (peer->socket, "hello");
}

void greet (struct peer *peer)
{
    AWAIT_EVENT (peer->monitor, ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    get_int (peer->socket, ZMQ_EVENTS);
    if (is_publisher (peer->type))
        greet_subscriber (peer);
    else if (is_subscriber (peer->type))
        greet_publisher (peer);
    else if (peer->type == ZMQ_ROUTER && (peer->other != ZMQ_ROUTER || peer->binds))
        greet_as_router (peer);
    else if (peer->other == ZMQ_ROUTER)
        greet_router (peer);
}

void finish (struct peer *peer)
{
    /* All that matters has arrived. */
    set_int (peer->socket, ZMQ_LINGER, 0);
    unwatch (peer->socket, peer->monitor);
    CHECK_OK (zmq_close (peer->socket));
    CHECK_OK (zmq_ctx_term (peer->context));
}
