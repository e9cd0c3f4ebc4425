/* ZMQ_USE_FD: bind takes over a descriptor that already listens, shows where that listens, and closes
   it in the end (zmq_setsockopt (3)). */

#include "raw_peer.h"

#include <sys/un.h>

/* The number may stand for something else by now: what a sanitizer opens, for one. */
static int is_listening (int fd)
{
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

static void a_tcp_listener_is_taken_over (void)
{
    void *context = zmq_ctx_new ();
    char listening[256], endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    int fd = raw_listen (listening);
    CHECK_INT (get_int (pull, ZMQ_USE_FD), -1);
    set_int (pull, ZMQ_USE_FD, fd);
    CHECK_INT (get_int (pull, ZMQ_USE_FD), fd);
    bind_to (pull, listening, endpoint);
    CHECK (strcmp (endpoint, listening) == 0);
    connect_to (push, endpoint);
    send_text (push, "by the given socket", 0);
    RECV_TEXT (pull, "by the given socket");
    CHECK (is_listening (fd));
    close_now (push);
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
    CHECK (!is_listening (fd));
}

/* A peer that came before the bind waits in the backlog. */
static void waiting_peers_are_accepted (void *context)
{
    char listening[256];
    void *pull = new_socket (context, ZMQ_PULL);
    int listener = raw_listen (listening), fd = raw_connect (listening);
    set_int (pull, ZMQ_USE_FD, listener);
    CHECK_OK (zmq_bind (pull, listening));
    raw_handshake (fd, 1, "PUSH", NULL);
    raw_send_text (fd, "early");
    RECV_TEXT (pull, "early");
    close (fd);
    close_now (pull);
}

/* -1 goes back to sockets made by bind. */
static void it_can_be_unset (void *context)
{
    char listening[256], endpoint[256];
    void *pull = new_socket (context, ZMQ_PULL);
    int fd = raw_listen (listening);
    set_int (pull, ZMQ_USE_FD, fd);
    set_int (pull, ZMQ_USE_FD, -1);
    bind_to (pull, "tcp://127.0.0.1:*", endpoint);
    CHECK (strcmp (endpoint, listening) != 0);
    CHECK (is_listening (fd));
    close (fd);
    close_now (pull);
}

static void bad_values_are_refused (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    int value = -2;
    CHECK_ERRNO (zmq_setsockopt (pull, ZMQ_USE_FD, &value, sizeof value), EINVAL);
    value = 1;
    CHECK_ERRNO (zmq_setsockopt (pull, ZMQ_USE_FD, &value, 1), EINVAL);
    CHECK_INT (get_int (pull, ZMQ_USE_FD), -1);
    close_now (pull);
}

/* For ipc the file is neither made anew nor removed. */
static void an_ipc_listener_is_taken_over (void)
{
    char endpoint[128], shown[256];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat before, after;
    void *context = zmq_ctx_new ();
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    ipc_endpoint (endpoint, sizeof endpoint);
    const char *path = endpoint + strlen ("ipc://");
    memcpy (address.sun_path, path, strlen (path) + 1);
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_OK (bind (fd, (struct sockaddr *) &address, sizeof address));
    CHECK_OK (listen (fd, 5));
    CHECK_OK (stat (path, &before));
    set_int (pull, ZMQ_USE_FD, fd);
    bind_to (pull, endpoint, shown);
    CHECK (strcmp (shown, endpoint) == 0);
    connect_to (push, endpoint);
    send_text (push, "local", 0);
    RECV_TEXT (pull, "local");
    close_now (push);
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
    CHECK (!is_listening (fd));
    CHECK_OK (stat (path, &after));
    CHECK (before.st_ino == after.st_ino);
    ipc_done (endpoint);
}

int main (void)
{
    begin_test ();
    a_tcp_listener_is_taken_over ();
    in_context (waiting_peers_are_accepted);
    in_context (it_can_be_unset);
    in_context (bad_values_are_refused);
    an_ipc_listener_is_taken_over ();
    return 0;
}
