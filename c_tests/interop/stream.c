/* STREAM, which speaks no ZMTP: with another STREAM, and with a plain descriptor. Both are hidden
   behind sending and receiving bytes. */

#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BYTES 3000000
#define CHUNK 70001

struct stream {
    struct peer *peer;
    int fd, listener, knows_id;
    char id[8];
};

/* ---- the plain descriptor ---- */

static socklen_t parse (const char *endpoint, struct sockaddr_storage *address)
{
    memset (address, 0, sizeof *address);
    if (strncmp (endpoint, "ipc://", 6) == 0) {
        struct sockaddr_un *local = (struct sockaddr_un *) address;
        local->sun_family = AF_UNIX;
        snprintf (local->sun_path, sizeof local->sun_path, "%s", endpoint + 6);
        return sizeof *local;
    }
    struct sockaddr_in *host = (struct sockaddr_in *) address;
    host->sin_family = AF_INET;
    host->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    host->sin_port = htons ((uint16_t) atoi (strrchr (endpoint, ':') + 1)); /* 0 for `*` */
    return sizeof *host;
}

static void open_descriptor (struct stream *stream)
{
    struct sockaddr_storage address;
    struct peer *peer = stream->peer;
    if (!peer->binds)
        hear (peer->address, sizeof peer->address);
    socklen_t size = parse (peer->address, &address);
    int fd = socket (address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (fd >= 0);
    if (!peer->binds) {
        CHECK_OK (connect (fd, (struct sockaddr *) &address, size));
        stream->fd = fd;
        return;
    }
    if (address.ss_family == AF_UNIX)
        unlink (peer->address + strlen ("ipc://"));
    CHECK_OK (bind (fd, (struct sockaddr *) &address, size));
    CHECK_OK (listen (fd, 1));
    CHECK_OK (getsockname (fd, (struct sockaddr *) &address, &size));
    if (address.ss_family == AF_INET)
        snprintf (peer->address, sizeof peer->address, "tcp://127.0.0.1:%d",
                  ntohs (((struct sockaddr_in *) &address)->sin_port));
    tell ("%s", peer->address);
    stream->listener = fd;
    stream->fd = accept (fd, NULL, NULL);
    CHECK (stream->fd >= 0);
}

/* ---- either ---- */

static int is_plain (struct stream *stream)
{
    return stream->peer->type == NO_SOCKET;
}

/* The next bytes of the connection; none when it came or went. */
static int receive_chunk (struct stream *stream, char *bytes, size_t size)
{
    if (is_plain (stream))
        return (int) recv (stream->fd, bytes, size, 0);
    char id[8];
    CHECK_INT (recv_part (stream->peer->socket, id, sizeof id), 5);
    if (stream->knows_id++)
        CHECK (memcmp (id, stream->id, 5) == 0);
    memcpy (stream->id, id, 5);
    CHECK_INT (get_int (stream->peer->socket, ZMQ_RCVMORE), 1);
    int n = recv_part (stream->peer->socket, bytes, size);
    CHECK (n <= (int) size);
    CHECK_INT (get_int (stream->peer->socket, ZMQ_RCVMORE), 0);
    return n;
}

static void send_chunk (struct stream *stream, const char *bytes, size_t size)
{
    if (is_plain (stream))
        for (size_t sent = 0; sent < size;) {
            ssize_t n = send (stream->fd, bytes + sent, size - sent, 0);
            CHECK (n > 0);
            sent += (size_t) n;
        }
    else {
        CHECK_INT (zmq_send (stream->peer->socket, stream->id, 5, ZMQ_SNDMORE), 5);
        CHECK_INT (zmq_send (stream->peer->socket, bytes, size, 0), size);
    }
}

static void send_bytes (struct stream *stream, const char *bytes)
{
    /* All sizes of pieces, also single bytes. */
    for (size_t sent = 0, size = 1; sent < BYTES; sent += size) {
        size = size * 3 % CHUNK + 1;
        if (size > BYTES - sent)
            size = BYTES - sent;
        send_chunk (stream, bytes + sent, size);
    }
}

static void receive_bytes (struct stream *stream, const char *bytes)
{
    static char chunk[1 << 20];
    for (int received = 0, n; received < BYTES; received += n) {
        n = receive_chunk (stream, chunk, sizeof chunk);
        if (n <= 0 || n > BYTES - received || memcmp (chunk, bytes + received, (size_t) n) != 0)
            FAIL ("%d bytes after %d are wrong", n, received);
    }
}

void scenario_stream (struct peer *peer)
{
    struct stream stream = {.peer = peer, .fd = -1, .listener = -1};
    char none[8], *bytes = malloc (BYTES);
    CHECK (bytes);
    if (is_plain (&stream))
        open_descriptor (&stream);
    else {
        peer->context = zmq_ctx_new ();
        peer->socket = new_socket (peer->context, ZMQ_STREAM);
        set_int (peer->socket, ZMQ_SNDHWM, 0);
        set_int (peer->socket, ZMQ_RECONNECT_IVL, -1);
        peer->monitor = watch (peer->context, peer->socket, ZMQ_EVENT_DISCONNECTED);
        attach (peer);
        CHECK_INT (receive_chunk (&stream, none, sizeof none), 0);
    }
    for (const char *sender = "ab"; *sender; sender++) {
        fill (bytes, BYTES, (uint64_t) *sender);
        if (*sender == peer->side)
            send_bytes (&stream, bytes);
        else
            receive_bytes (&stream, bytes);
    }
    meet ();
    /* `a`, always a STREAM, closes the connection. */
    if (peer->side == 'a') {
        send_chunk (&stream, "", 0);
        /* The socket does its part in its calls. */
        for (int i = 0; i < PATIENCE_MS && !heard_within (1); i++)
            get_int (peer->socket, ZMQ_EVENTS);
        expect_to_hear ("closed");
    } else {
        if (is_plain (&stream) || peer->binds)
            CHECK_INT (receive_chunk (&stream, none, sizeof none), 0);
        else /* it may connect again, and tells its reader nothing */
            AWAIT_EVENT (peer->monitor, ZMQ_EVENT_DISCONNECTED);
        tell ("closed");
    }
    if (is_plain (&stream)) {
        close (stream.fd);
        close (stream.listener);
        if (peer->binds && strncmp (peer->address, "ipc", 3) == 0)
            unlink (peer->address + strlen ("ipc://"));
    } else
        finish (peer);
    free (bytes);
}
