/* After fork the child makes a context of its own while the parent's goes on; ending the inherited
   context in the child returns instead of hanging (zmq_ctx_new (3), behaviour of forked processes). */

#include "children.h"

struct family {
    void *context, *rep;
    char endpoint[256];
};

static void ask_with_an_own_context (void *argument)
{
    struct family *family = argument;
    void *context = zmq_ctx_new (), *req = new_socket (context, ZMQ_REQ);
    connect_to (req, family->endpoint);
    for (int i = 0; i < 3; i++) {
        send_text (req, "from the child", 0);
        RECV_TEXT (req, "from the parent");
    }
    CHECK_OK (zmq_close (req));
    CHECK_OK (zmq_ctx_term (context));
}

static void answer (void *argument)
{
    struct family *family = argument;
    for (int i = 0; i < 3; i++) {
        RECV_TEXT (family->rep, "from the child");
        send_text (family->rep, "from the parent", 0);
    }
}

/* The parent's socket serves children before and after one another. */
static void a_child_talks_to_its_parent (void)
{
    struct family family = {zmq_ctx_new (), NULL, ""};
    family.rep = new_socket (family.context, ZMQ_REP);
    bind_to (family.rep, "tcp://127.0.0.1:*", family.endpoint);
    for (int i = 0; i < 3; i++)
        in_child (ask_with_an_own_context, answer, &family);
    close_now (family.rep);
    CHECK_OK (zmq_ctx_term (family.context));
}

static void end_the_inherited (void *argument)
{
    struct family *family = argument;
    CHECK_ERRNO (zmq_ctx_term (family->context), EINTR);
}

/* Each with an own context inside, afterwards. */
static void end_the_inherited_and_use_another (void *argument)
{
    end_the_inherited (argument);
    void *context = zmq_ctx_new (), *rep, *req;
    connected_pair (context, "tcp://127.0.0.1:*", ZMQ_REP, &rep, ZMQ_REQ, &req);
    send_text (req, "still", 0);
    RECV_TEXT (rep, "still");
    close_now (req);
    close_now (rep);
    CHECK_OK (zmq_ctx_term (context));
}

static void the_parents_goes_on (void)
{
    struct family family = {zmq_ctx_new (), NULL, ""};
    void *req;
    connected_pair (family.context, "tcp://127.0.0.1:*", ZMQ_REP, &family.rep, ZMQ_REQ, &req);
    for (int i = 0; i < 4; i++) {
        in_child (i % 2 ? end_the_inherited_and_use_another : end_the_inherited, NULL, &family);
        send_text (req, "after the child", 0);
        RECV_TEXT (family.rep, "after the child");
        send_text (family.rep, "well", 0);
        RECV_TEXT (req, "well");
    }
    close_now (req);
    close_now (family.rep);
    CHECK_OK (zmq_ctx_term (family.context));
}

#define FLOOD 5234

struct stream {
    void *push, *pull;
    int next;
};

static void push_many (struct stream *stream)
{
    for (int i = 0; i < FLOOD; i++, stream->next++)
        CHECK_INT (zmq_send (stream->push, &stream->next, sizeof stream->next, 0), sizeof stream->next);
}

static void *pull_all (void *argument)
{
    struct stream *stream = argument;
    for (int i = 0, number; i < 2 * FLOOD; i++) {
        CHECK_INT (zmq_recv (stream->pull, &number, sizeof number, 0), sizeof number);
        CHECK_INT (number, i);
    }
    return NULL;
}

static void wait_with_an_own_context (void *argument)
{
    (void) argument;
    void *context = zmq_ctx_new (), *rep, *req;
    connected_pair (context, "tcp://127.0.0.1:*", ZMQ_REP, &rep, ZMQ_REQ, &req);
    CHECK (!ready_within (rep, ZMQ_POLLIN, 1));
    send_text (req, "from the child", 0);
    RECV_TEXT (rep, "from the child");
    close_now (req);
    close_now (rep);
    CHECK_OK (zmq_ctx_term (context));
}

/* What the parent has sent, and is still sending, when the child is born, is sent once and in order. */
static void the_parents_flood_goes_on (void)
{
    struct stream stream = {NULL, NULL, 0};
    void *context = zmq_ctx_new ();
    connected_pair (context, "tcp://127.0.0.1:*", ZMQ_PULL, &stream.pull, ZMQ_PUSH, &stream.push);
    pthread_t puller = start_thread (pull_all, &stream);
    push_many (&stream);
    in_child (wait_with_an_own_context, NULL, NULL);
    push_many (&stream);
    join_thread (puller);
    close_now (stream.push);
    close_now (stream.pull);
    CHECK_OK (zmq_ctx_term (context));
}

int main (void)
{
    begin_test ();
    a_child_talks_to_its_parent ();
    the_parents_goes_on ();
    for (int i = 0; i < 10; i++)
        the_parents_flood_goes_on ();
    return 0;
}
