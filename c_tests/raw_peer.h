/* A plain-socket peer for wire tests: listens or connects over TCP on the loopback interface, sends
   bytes, reads exactly as many as asked for, and knows the greetings and frames of ZMTP 3.1, 3.0,
   2.0 and 1.0 (RFC 37, 23, 15, 13). */

#ifndef RAW_PEER_H
#define RAW_PEER_H

#include "testing.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

/* ---- connections ---- */

static inline void raw_endpoint_of (int fd, char *endpoint)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    CHECK_OK (getsockname (fd, (struct sockaddr *) &address, &size));
    snprintf (endpoint, 256, "tcp://127.0.0.1:%d", ntohs (address.sin_port));
}

/* Takes a port of the loopback interface and does not listen on it: connections are refused, no
   other program is given the port, and a listener that sets SO_REUSEADDR may still bind it. */
static inline int raw_reserve (char *endpoint)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    int one = 1;
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (fd >= 0);
    CHECK_OK (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    CHECK_OK (bind (fd, (struct sockaddr *) &address, sizeof address));
    raw_endpoint_of (fd, endpoint);
    return fd;
}

/* Listens on an ephemeral port and tells its endpoint, of at least 256 bytes. */
static inline int raw_listen (char *endpoint)
{
    int fd = raw_reserve (endpoint);
    CHECK_OK (listen (fd, 16));
    return fd;
}

/* 1 when `fd` becomes readable within `ms`. */
static inline int raw_ready_within (int fd, int ms)
{
    struct pollfd item = {fd, POLLIN, 0};
    return poll (&item, 1, ms) > 0;
}

static inline int raw_accept (int listener)
{
    if (!raw_ready_within (listener, PATIENCE_MS))
        FAIL ("nobody connected");
    int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
    CHECK (fd >= 0);
    return fd;
}

static inline int raw_connect (const char *endpoint)
{
    const char *port = strrchr (endpoint, ':');
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK (fd >= 0);
    CHECK (port);
    address.sin_port = htons ((uint16_t) atoi (port + 1));
    CHECK_OK (connect (fd, (struct sockaddr *) &address, sizeof address));
    return fd;
}

/* ---- bytes ---- */

static inline void raw_send (int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = send (fd, at, size, MSG_NOSIGNAL);
        if (n <= 0)
            FAIL ("sending to the peer: %s", strerror (errno));
        at += n;
        size -= (size_t) n;
    }
}

/* Sends a string literal, which may hold zero bytes. */
#define RAW_SEND(fd, literal) raw_send (fd, literal, sizeof (literal) - 1)

#define RAW_READ(fd, bytes, size) raw_read_at (fd, bytes, size, __FILE__, __LINE__)
static inline void raw_read_at (int fd, void *bytes, size_t size, const char *file, int line)
{
    char *at = bytes;
    size_t got = 0;
    while (got < size) {
        ssize_t n = raw_ready_within (fd, PATIENCE_MS) ? recv (fd, at + got, size - got, 0) : -1;
        if (n <= 0) {
            fprintf (stderr, "%s:%d: %s after %zu of %zu bytes\n", file, line,
                     n == 0 ? "closed" : "nothing more came", got, size);
            exit (1);
        }
        got += (size_t) n;
    }
}

static inline void raw_print (const char *what, const unsigned char *bytes, size_t size)
{
    fprintf (stderr, "  %s:", what);
    for (size_t i = 0; i < size; i++)
        fprintf (stderr, " %02x", bytes[i]);
    fputc ('\n', stderr);
}

/* Reads as many bytes as expected and compares. */
#define RAW_EXPECT(fd, literal) raw_expect_at (fd, literal, sizeof (literal) - 1, __FILE__, __LINE__)
static inline void raw_expect_at (int fd, const void *expected, size_t size, const char *file,
                                  int line)
{
    unsigned char *bytes = malloc (size + 1);
    CHECK (bytes);
    raw_read_at (fd, bytes, size, file, line);
    if (memcmp (bytes, expected, size) != 0) {
        fprintf (stderr, "%s:%d: wrong bytes on the wire\n", file, line);
        raw_print ("came", bytes, size);
        raw_print ("expected", expected, size);
        exit (1);
    }
    free (bytes);
}

/* The peer closes (or resets) the connection; whatever it still sent is passed over. */
#define RAW_EXPECT_CLOSE(fd) raw_expect_close_at (fd, __FILE__, __LINE__)
static inline void raw_expect_close_at (int fd, const char *file, int line)
{
    char bytes[512];
    double deadline = now_ms () + PATIENCE_MS;
    while (now_ms () < deadline) {
        if (!raw_ready_within (fd, PATIENCE_MS))
            break;
        ssize_t n = recv (fd, bytes, sizeof bytes, 0);
        if (n == 0 || (n < 0 && errno == ECONNRESET))
            return;
    }
    fprintf (stderr, "%s:%d: the connection stays open\n", file, line);
    exit (1);
}

/* Waits until bytes of `socket` come, making calls on it all the while: it hears of new and lost
   connections in calls only. */
static inline void raw_await_bytes (int fd, void *socket)
{
    double end = now_ms () + PATIENCE_MS;
    while (!raw_ready_within (fd, 5)) {
        CHECK (!ready_within (socket, ZMQ_POLLIN, 0));
        CHECK (now_ms () < end);
    }
}

/* Neither bytes nor an end of the connection for a moment. */
#define RAW_EXPECT_QUIET(fd) CHECK (!raw_ready_within (fd, QUIET_MS))

/* ---- greetings ---- */

#define RAW_ZEROS_16 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define RAW_ZEROS_48 RAW_ZEROS_16 RAW_ZEROS_16 RAW_ZEROS_16

/* The signature of a peer with no routing id. */
#define RAW_SIGNATURE "\xff\0\0\0\0\0\0\0\x01\x7f"

/* 64-byte greetings with the NULL mechanism. */
#define RAW_GREETING_31 RAW_SIGNATURE "\x03\x01" "NULL" RAW_ZEROS_48
#define RAW_GREETING_30 RAW_SIGNATURE "\x03\x00" "NULL" RAW_ZEROS_48

/* 12-byte greeting of revision 1 (ZMTP 2.0), to be followed by the socket type number. */
#define RAW_GREETING_20 RAW_SIGNATURE "\x01"

/* ---- frames of 2.0 and 3.x ---- */

enum { RAW_MORE = 1, RAW_LARGE = 2, RAW_COMMAND = 4 };

static inline void raw_send_frame (int fd, int flags, const void *body, size_t size)
{
    unsigned char head[9] = {(unsigned char) flags, (unsigned char) size};
    if (size > 255) {
        head[0] |= RAW_LARGE;
        for (int i = 0; i < 8; i++)
            head[1 + i] = (unsigned char) ((uint64_t) size >> (8 * (7 - i)));
    }
    raw_send (fd, head, size > 255 ? 9 : 2);
    raw_send (fd, body, size);
}

/* A message frame, the last of its message. */
static inline void raw_send_text (int fd, const char *text)
{
    raw_send_frame (fd, 0, text, strlen (text));
}

/* Reads a frame with the short header; returns its body's size, at most 255. */
#define RAW_READ_FRAME(fd, flags, body) raw_read_frame_at (fd, flags, body, __FILE__, __LINE__)
static inline size_t raw_read_frame_at (int fd, int flags, unsigned char *body, const char *file,
                                        int line)
{
    unsigned char head[2];
    raw_read_at (fd, head, 2, file, line);
    if (head[0] != flags) {
        fprintf (stderr, "%s:%d: frame flags %02x, expected %02x\n", file, line, head[0], flags);
        exit (1);
    }
    raw_read_at (fd, body, head[1], file, line);
    return head[1];
}

/* A READY command with the socket type and, unless it is NULL, an Identity. */
static inline void raw_send_ready (int fd, const char *type, const char *identity)
{
    char body[255];
    size_t size = 0;
    const char *properties[][2] = {{"Socket-Type", type}, {"Identity", identity}};
    memcpy (body, "\x05READY", 6);
    size = 6;
    for (int i = 0; i < 2; i++) {
        const char *name = properties[i][0], *value = properties[i][1];
        if (!value)
            continue;
        body[size++] = (char) strlen (name);
        memcpy (body + size, name, strlen (name));
        size += strlen (name);
        memcpy (body + size, "\0\0\0", 3);
        body[size + 3] = (char) strlen (value);
        size += 4;
        memcpy (body + size, value, strlen (value));
        size += strlen (value);
    }
    raw_send_frame (fd, RAW_COMMAND, body, size);
}

/* The whole NULL handshake of a 3.`minor` peer, from either end; the library's bytes are read, and
   its greeting is checked. */
static inline void raw_handshake (int fd, int minor, const char *type, const char *identity)
{
    unsigned char greeting[64], ready[255];
    if (minor == 0)
        RAW_SEND (fd, RAW_GREETING_30);
    else
        RAW_SEND (fd, RAW_GREETING_31);
    raw_send_ready (fd, type, identity);
    RAW_READ (fd, greeting, sizeof greeting);
    CHECK_INT (greeting[0], 0xff);
    CHECK (memcmp (greeting + 9, "\x7f\x03\x01NULL\0", 8) == 0);
    size_t size = RAW_READ_FRAME (fd, RAW_COMMAND, ready);
    CHECK (size >= 6 && memcmp (ready, "\x05READY", 6) == 0);
}

/* A listener's fresh connection to `endpoint` with the handshake done. */
static inline int raw_join (const char *endpoint, const char *type, const char *identity)
{
    int fd = raw_connect (endpoint);
    raw_handshake (fd, 1, type, identity);
    return fd;
}

#endif
