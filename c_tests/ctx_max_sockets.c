/* ZMQ_MAX_SOCKETS: the limit counts open sockets and monitors' inner ones, EMFILE beyond it, a closed
   socket makes room again, and it is fixed when the first socket is made (zmq_ctx_set (3)). */

#include "testing.h"

static void options_have_defaults_and_limits (void *context)
{
    CHECK_INT (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), ZMQ_MAX_SOCKETS_DFLT);
    CHECK_INT (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), 1023);
    CHECK_INT (zmq_ctx_get (context, ZMQ_SOCKET_LIMIT), 65535);
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 0), EINVAL);
    CHECK_ERRNO (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, -1), EINVAL);
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 10));
    CHECK_INT (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), 10);
}

static void *try_socket (void *context)
{
    errno = 0;
    void *socket = zmq_socket (context, ZMQ_PULL);
    if (!socket)
        CHECK_INT (zmq_errno (), EMFILE);
    return socket;
}

static void the_limit_holds (int limit)
{
    void *context = zmq_ctx_new (), *sockets[16];
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, limit));
    for (int i = 0; i < limit; i++)
        CHECK ((sockets[i] = try_socket (context)));
    CHECK (!try_socket (context));
    CHECK (!try_socket (context));
    for (int i = 0; i < limit; i++)
        close_now (sockets[i]);
    CHECK_OK (zmq_ctx_term (context));
}

/* Its place comes free some time after zmq_close. */
static void a_closed_socket_makes_room (void)
{
    void *context = zmq_ctx_new (), *sockets[2], *next;
    double end = now_ms () + PATIENCE_MS;
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 2));
    for (int i = 0; i < 2; i++)
        CHECK ((sockets[i] = try_socket (context)));
    for (int round = 0; round < 20; round++) {
        close_now (sockets[0]);
        while (!(next = try_socket (context)))
            CHECK (now_ms () < end);
        sockets[0] = sockets[1];
        sockets[1] = next;
    }
    close_now (sockets[0]);
    close_now (sockets[1]);
    CHECK_OK (zmq_ctx_term (context));
}

/* A change after the first socket is stored, without effect. */
static void the_first_socket_fixes_it (void)
{
    void *context = zmq_ctx_new (), *sockets[2];
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 2));
    CHECK ((sockets[0] = try_socket (context)));
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 20));
    CHECK_INT (zmq_ctx_get (context, ZMQ_MAX_SOCKETS), 20);
    CHECK ((sockets[1] = try_socket (context)));
    CHECK (!try_socket (context));
    close_now (sockets[0]);
    close_now (sockets[1]);
    CHECK_OK (zmq_ctx_term (context));
}

static void a_monitor_takes_a_place (void)
{
    void *context = zmq_ctx_new (), *socket, *consumer;
    CHECK_OK (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 3));
    CHECK ((socket = try_socket (context)));
    CHECK_OK (zmq_socket_monitor (socket, "inproc://monitor", ZMQ_EVENT_ALL));
    CHECK ((consumer = try_socket (context)));
    CHECK (!try_socket (context));
    close_now (consumer);
    close_now (socket);
    CHECK_OK (zmq_ctx_term (context));
}

static void the_default_allows_1023 (void)
{
    static void *sockets[1023];
    void *context = zmq_ctx_new ();
    int count = 0;
    while (count < 1023 && (sockets[count] = try_socket (context)))
        count++;
    /* Fewer are possible where the process may not have as many descriptors. */
    if (count == 1023)
        CHECK (!try_socket (context));
    CHECK (count > 100);
    while (count > 0)
        close_now (sockets[--count]);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    in_context (options_have_defaults_and_limits);
    the_limit_holds (1);
    the_limit_holds (2);
    the_limit_holds (16);
    a_closed_socket_makes_room ();
    the_first_socket_fixes_it ();
    a_monitor_takes_a_place ();
    the_default_allows_1023 ();
    return 0;
}
