/* The ids of a STREAM's connections: ZMQ_ROUTING_ID tells that of the latest, and
   ZMQ_CONNECT_ROUTING_ID chooses that of the next; with ZMQ_STREAM_NOTIFY 0 no empty messages tell
   of connections (zmq_setsockopt(3), zmq_getsockopt(3)). */

#include "raw_peer.h"

/* Reads [id, body], both as text. */
#define CHECK_MESSAGE(stream, id, id_size, body)                                                   \
    check_message_at (stream, id, id_size, body, __LINE__)
static void check_message_at (void *stream, const void *id, size_t id_size, const char *body,
                              int line)
{
    char got[256];
    int size = recv_part (stream, got, sizeof got);
    if (size != (int) id_size || memcmp (got, id, id_size) != 0)
        FAIL ("called from line %d: other id, of %d bytes", line, size);
    RECV_PARTS (stream, body, NULL);
}

static size_t latest_id (void *stream, char *id)
{
    size_t size = 255;
    CHECK_OK (zmq_getsockopt (stream, ZMQ_ROUTING_ID, id, &size));
    return size;
}

static void the_latest_id_can_be_asked_for (void *context)
{
    char endpoint[256], ids[3][255];
    int listener = raw_listen (endpoint), peers[3];
    void *stream = new_socket (context, ZMQ_STREAM);
    for (int i = 0; i < 3; i++) {
        connect_to (stream, endpoint);
        CHECK_INT (latest_id (stream, ids[i]), 5);
        CHECK_INT (ids[i][0], 0);
        for (int k = 0; k < i; k++)
            CHECK (memcmp (ids[i], ids[k], 5) != 0);
        peers[i] = raw_accept (listener);
        CHECK_MESSAGE (stream, ids[i], 5, "");
    }
    for (int i = 0; i < 3; i++) {
        CHECK_INT (zmq_send (stream, ids[i], 5, ZMQ_SNDMORE), 5);
        CHECK_INT (zmq_send (stream, ids[i], 5, 0), 5);
    }
    for (int i = 0; i < 3; i++) {
        char got[5];
        RAW_READ (peers[i], got, 5);
        CHECK (memcmp (got, ids[i], 5) == 0);
        RAW_SEND (peers[i], "reply");
        CHECK_MESSAGE (stream, ids[i], 5, "reply");
        close (peers[i]);
        CHECK_MESSAGE (stream, ids[i], 5, "");
    }
    close (listener);
    close_now (stream);
}

static void an_id_can_be_chosen (void *context)
{
    char endpoint[256];
    int listener = raw_listen (endpoint);
    void *stream = new_socket (context, ZMQ_STREAM);
    static const struct { const char *id; size_t size; } names[] = {
        {"first", 5}, {"a longer name than five", 23}, {"\1\0\2", 3}};
    for (int i = 0; i < 3; i++) {
        CHECK_OK (zmq_setsockopt (stream, ZMQ_CONNECT_ROUTING_ID, names[i].id, names[i].size));
        connect_to (stream, endpoint);
        CHECK_INT (zmq_send (stream, names[i].id, names[i].size, ZMQ_SNDMORE), names[i].size);
        send_text (stream, "hello", 0);
        int peer = raw_accept (listener);
        CHECK_MESSAGE (stream, names[i].id, names[i].size, "");
        RAW_EXPECT (peer, "hello");
        RAW_SEND (peer, "reply");
        CHECK_MESSAGE (stream, names[i].id, names[i].size, "reply");
        close (peer);
        CHECK_MESSAGE (stream, names[i].id, names[i].size, "");
        CHECK_OK (zmq_disconnect (stream, endpoint));
    }
    close (listener);
    close_now (stream);
}

/* The chosen id is for one connect; the next has a generated one. */
static void a_chosen_id_is_used_once (void *context)
{
    char endpoint[256], id[255];
    int listener = raw_listen (endpoint);
    void *stream = new_socket (context, ZMQ_STREAM);
    CHECK_OK (zmq_setsockopt (stream, ZMQ_CONNECT_ROUTING_ID, "mine", 4));
    connect_to (stream, endpoint);
    int first = raw_accept (listener);
    CHECK_MESSAGE (stream, "mine", 4, "");
    connect_to (stream, endpoint);
    int second = raw_accept (listener);
    CHECK_INT (latest_id (stream, id), 5);
    CHECK_MESSAGE (stream, id, 5, "");
    RAW_SEND (second, "two");
    CHECK_MESSAGE (stream, id, 5, "two");
    RAW_SEND (first, "one");
    CHECK_MESSAGE (stream, "mine", 4, "one");
    close (first);
    close (second);
    close (listener);
    close_now (stream);
}

static void without_notify_only_bytes_are_read (void *context)
{
    char endpoint[256], id[255], id2[255];
    void *stream = new_socket (context, ZMQ_STREAM);
    set_int (stream, ZMQ_STREAM_NOTIFY, 0);
    bind_to (stream, "tcp://127.0.0.1:*", endpoint);
    int peer = raw_connect (endpoint);
    RAW_SEND (peer, "bytes");
    CHECK_INT (recv_part (stream, id, sizeof id), 5);
    RECV_PARTS (stream, "bytes", NULL);
    CHECK_INT (zmq_send (stream, id, 5, ZMQ_SNDMORE), 5);
    send_text (stream, "reply", 0);
    RAW_EXPECT (peer, "reply");
    close (peer);
    CHECK (!ready_within (stream, ZMQ_POLLIN, 30));
    peer = raw_connect (endpoint);
    RAW_SEND (peer, "next");
    CHECK_INT (recv_part (stream, id2, sizeof id2), 5);
    CHECK (memcmp (id, id2, 5) != 0);
    RECV_PARTS (stream, "next", NULL);
    close (peer);
    close_now (stream);
}

static void wrong_values_are_refused (void *context)
{
    static const int bad[] = {-1, 2, 100};
    void *stream = new_socket (context, ZMQ_STREAM);
    for (int i = 0; i < 3; i++)
        CHECK_ERRNO (zmq_setsockopt (stream, ZMQ_STREAM_NOTIFY, &bad[i], sizeof (int)), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (stream, ZMQ_CONNECT_ROUTING_ID, NULL, 0), EINVAL);
    CHECK_ERRNO (zmq_setsockopt (stream, ZMQ_CONNECT_ROUTING_ID, "x", 0), EINVAL);
    set_int (stream, ZMQ_STREAM_NOTIFY, 1);
    set_int (stream, ZMQ_STREAM_NOTIFY, 0);
    close_now (stream);
}

int main (void)
{
    begin_test ();
    in_context (the_latest_id_can_be_asked_for);
    in_context (an_id_can_be_chosen);
    in_context (a_chosen_id_is_used_once);
    in_context (without_notify_only_bytes_are_read);
    in_context (wrong_values_are_refused);
    return 0;
}
