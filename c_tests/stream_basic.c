/* STREAM speaks plain TCP: messages are the 5-byte id of a connection and bytes; an empty body
   tells of a connection made or lost, and sent it closes the connection (zmq_socket(3), behaviour:
   STREAM). The other side is a plain socket, or another STREAM. */

#include "raw_peer.h"

struct id { unsigned char bytes[5]; };

/* Reads [id, ""]. */
static struct id recv_notice (void *stream)
{
    struct id id;
    char byte;
    CHECK_INT (recv_part (stream, id.bytes, sizeof id.bytes), 5);
    CHECK_INT (id.bytes[0], 0);
    CHECK_INT (get_int (stream, ZMQ_RCVMORE), 1);
    CHECK_INT (recv_part (stream, &byte, 1), 0);
    CHECK_INT (get_int (stream, ZMQ_RCVMORE), 0);
    return id;
}

/* Reads messages of that id until they have `size` bytes together. */
static void recv_bytes (void *stream, const struct id *id, char *bytes, size_t size)
{
    struct id got_id;
    size_t got = 0;
    while (got < size) {
        CHECK_INT (recv_part (stream, got_id.bytes, sizeof got_id.bytes), 5);
        CHECK (memcmp (got_id.bytes, id->bytes, 5) == 0);
        CHECK_INT (get_int (stream, ZMQ_RCVMORE), 1);
        int n = recv_part (stream, bytes + got, size - got);
        CHECK (n > 0 && (size_t) n <= size - got);
        CHECK_INT (get_int (stream, ZMQ_RCVMORE), 0);
        got += (size_t) n;
    }
}

static void send_bytes (void *stream, const struct id *id, const void *bytes, size_t size)
{
    CHECK_INT (zmq_send (stream, id->bytes, 5, ZMQ_SNDMORE), 5);
    CHECK_INT (zmq_send (stream, bytes, size, 0), size);
}

static void check_equal_ids (const struct id *one, const struct id *two)
{
    CHECK (memcmp (one->bytes, two->bytes, 5) == 0);
}

static void a_bound_stream_serves_plain_sockets (void *context)
{
    char endpoint[256], buffer[16];
    void *stream = new_socket (context, ZMQ_STREAM);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_connect (endpoint);
    struct id id = recv_notice (stream);
    RAW_SEND (peer, "hello");
    recv_bytes (stream, &id, buffer, 5);
    CHECK (memcmp (buffer, "hello", 5) == 0);
    send_bytes (stream, &id, "good ", 5);
    send_bytes (stream, &id, "bye", 3);
    RAW_EXPECT (peer, "good bye");
    close (peer);
    struct id gone = recv_notice (stream);
    check_equal_ids (&gone, &id);
    CHECK_ERRNO (zmq_recv (stream, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (stream);
}

static void a_connected_stream_talks_to_plain_sockets (void *context)
{
    char endpoint[256], buffer[16];
    void *stream = new_socket (context, ZMQ_STREAM);
    int listener = raw_listen (endpoint);
    connect_to (stream, endpoint);
    int peer = raw_accept (listener);
    struct id id = recv_notice (stream);
    send_bytes (stream, &id, "GET /", 5);
    RAW_EXPECT (peer, "GET /");
    RAW_SEND (peer, "200\r\n");
    recv_bytes (stream, &id, buffer, 5);
    CHECK (memcmp (buffer, "200\r\n", 5) == 0);
    close (listener);
    close (peer);
    struct id gone = recv_notice (stream);
    check_equal_ids (&gone, &id);
    close_now (stream);
}

static void several_connections_are_told_apart (void *context)
{
    enum { PEERS = 5 };
    char endpoint[256], text[16], got[16];
    void *stream = new_socket (context, ZMQ_STREAM);
    int peers[PEERS];
    struct id ids[PEERS];
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    for (int i = 0; i < PEERS; i++) {
        peers[i] = raw_connect (endpoint);
        ids[i] = recv_notice (stream);
        for (int k = 0; k < i; k++)
            CHECK (memcmp (ids[i].bytes, ids[k].bytes, 5) != 0);
    }
    for (int i = PEERS; i-- > 0;) {
        snprintf (text, sizeof text, "to %d", i);
        send_bytes (stream, &ids[i], text, 4);
    }
    for (int i = 0; i < PEERS; i++) {
        snprintf (text, sizeof text, "to %d", i);
        RAW_READ (peers[i], got, 4);
        CHECK (memcmp (got, text, 4) == 0);
        raw_send (peers[i], "reply", 5);
        recv_bytes (stream, &ids[i], got, 5);
    }
    close (peers[2]);
    struct id gone = recv_notice (stream);
    check_equal_ids (&gone, &ids[2]);
    send_bytes (stream, &ids[3], "still", 5);
    RAW_EXPECT (peers[3], "still");
    for (int i = 0; i < PEERS; i++)
        if (i != 2)
            close (peers[i]);
    close_now (stream);
}

static void an_empty_body_closes_the_connection (void *context)
{
    char endpoint[256];
    void *stream = new_socket (context, ZMQ_STREAM);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_connect (endpoint), other = raw_connect (endpoint);
    struct id one = recv_notice (stream), two = recv_notice (stream), next;
    send_bytes (stream, &one, "last", 4);
    send_bytes (stream, &two, "last", 4);
    RAW_EXPECT (peer, "last");
    RAW_EXPECT (other, "last");
    RAW_SEND (peer, "?");
    CHECK_INT (recv_part (stream, next.bytes, 5), 5);
    struct id *asker = memcmp (next.bytes, one.bytes, 5) ? &two : &one;
    struct id *stays = asker == &one ? &two : &one;
    CHECK_INT (recv_part (stream, NULL, 0), 1);
    send_bytes (stream, asker, "", 0);
    CHECK_ERRNO (zmq_send (stream, asker->bytes, 5, ZMQ_SNDMORE), EHOSTUNREACH);
    /* The socket has its share in closing, so it is polled as well. */
    zmq_pollitem_t items[] = {{NULL, peer, ZMQ_POLLIN, 0}, {stream, 0, ZMQ_POLLIN, 0}};
    CHECK_INT (zmq_poll (items, 2, PATIENCE_MS), 1);
    RAW_EXPECT_CLOSE (peer);
    send_bytes (stream, stays, "still here", 10);
    RAW_EXPECT (other, "still here");
    close (peer);
    close (other);
    close_now (stream);
}

static void unknown_ids_are_unreachable (void *context)
{
    void *stream = new_socket (context, ZMQ_STREAM);
    CHECK_INT (get_int (stream, ZMQ_EVENTS), ZMQ_POLLOUT);
    CHECK_ERRNO (zmq_send (stream, "nobod", 5, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (stream, "", 0, ZMQ_SNDMORE), EHOSTUNREACH);
    CHECK_ERRNO (zmq_send (stream, "nobod", 5, ZMQ_SNDMORE | ZMQ_DONTWAIT), EHOSTUNREACH);
    CHECK_ERRNO (zmq_recv (stream, NULL, 0, ZMQ_DONTWAIT), EAGAIN);
    close_now (stream);
}

/* MORE on the body does not matter: each pair stands for itself. */
static void more_is_ignored_on_bodies (void *context)
{
    char endpoint[256];
    void *stream = new_socket (context, ZMQ_STREAM);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_connect (endpoint);
    struct id id = recv_notice (stream);
    for (int i = 0; i < 3; i++) {
        CHECK_INT (zmq_send (stream, id.bytes, 5, ZMQ_SNDMORE), 5);
        CHECK_INT (zmq_send (stream, "part", 4, ZMQ_SNDMORE), 4);
    }
    RAW_EXPECT (peer, "partpartpart");
    close (peer);
    close_now (stream);
}

static void many_bytes_go_both_ways (void *context)
{
    enum { SIZE = 2000000 };
    char endpoint[256], *sent = malloc (SIZE), *got = malloc (SIZE);
    void *stream = new_socket (context, ZMQ_STREAM);
    CHECK (sent && got);
    for (int i = 0; i < SIZE; i++)
        sent[i] = (char) (i * 7 + i / 1000);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_connect (endpoint);
    struct id id = recv_notice (stream);
    send_bytes (stream, &id, sent, SIZE);
    RAW_READ (peer, got, SIZE);
    CHECK (memcmp (sent, got, SIZE) == 0);
    memset (got, 0, SIZE);
    raw_send (peer, sent, SIZE);
    recv_bytes (stream, &id, got, SIZE);
    CHECK (memcmp (sent, got, SIZE) == 0);
    free (sent);
    free (got);
    close (peer);
    close_now (stream);
}

/* Two STREAMs, over tcp and ipc. */
static void streams_talk_to_each_other (void *context, const char *address)
{
    void *bound, *connected;
    char buffer[16];
    if (strncmp (address, "inproc", 6) == 0)
        return;
    connected_pair (context, address, ZMQ_STREAM, &bound, ZMQ_STREAM, &connected);
    struct id here = recv_notice (bound), there = recv_notice (connected);
    send_bytes (bound, &here, "ping", 4);
    recv_bytes (connected, &there, buffer, 4);
    CHECK (memcmp (buffer, "ping", 4) == 0);
    send_bytes (connected, &there, "pong!", 5);
    recv_bytes (bound, &here, buffer, 5);
    CHECK (memcmp (buffer, "pong!", 5) == 0);
    close_now (connected);
    struct id gone = recv_notice (bound);
    check_equal_ids (&gone, &here);
    close_now (bound);
}

int main (void)
{
    begin_test ();
    in_context (a_bound_stream_serves_plain_sockets);
    in_context (a_connected_stream_talks_to_plain_sockets);
    in_context (several_connections_are_told_apart);
    in_context (an_empty_body_closes_the_connection);
    in_context (unknown_ids_are_unreachable);
    in_context (more_is_ignored_on_bodies);
    in_context (many_bytes_go_both_ways);
    over_transports (streams_talk_to_each_other);
    return 0;
}
