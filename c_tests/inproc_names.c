/* inproc names: one binder per name and context, names match exactly, connect may come before bind,
   a connect nobody ever binds does not hold up termination, and a name is free again after unbind
   or close (zmq_inproc (7)). */

#include "testing.h"

static void second_bind_is_refused (void *context)
{
    void *first = new_socket (context, ZMQ_PULL);
    void *second = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_bind (first, "inproc://name"));
    CHECK_ERRNO (zmq_bind (second, "inproc://name"), EADDRINUSE);
    CHECK_ERRNO (zmq_bind (first, "inproc://name"), EADDRINUSE);
    CHECK_OK (zmq_bind (first, "inproc://another name"));
    close_now (first);
    close_now (second);
}

/* Sends on a PUSH connected to `to` and tells whether a PULL bound to `bound` gets it. */
static int reaches (void *context, const char *bound, const char *to)
{
    void *pull = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    CHECK_OK (zmq_bind (pull, bound));
    connect_to (push, to);
    send_text (push, "x", 0);
    int came = ready_within (pull, ZMQ_POLLIN, 0);
    close_now (push);
    close_now (pull);
    return came;
}

static void names_match_exactly (void *context)
{
    static const struct {
        const char *bound, *to;
        int same;
    } rows[] = {
        {"inproc://exact", "inproc://exact", 1},   {"inproc://case", "inproc://CASE", 0},
        {"inproc://tail", "inproc://tail/", 0},    {"inproc://long", "inproc://lon", 0},
        {"inproc://a b:*/@", "inproc://a b:*/@", 1}, {"inproc://1;2", "inproc://2", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_INT (reaches (context, rows[i].bound, rows[i].to), rows[i].same);
}

static void a_long_name_works (void *context)
{
    char name[201] = "inproc://", endpoint[256];
    memset (name + 9, 'n', sizeof name - 10);
    CHECK_INT (reaches (context, name, name), 1);
    name[199] = 'm';
    void *socket = new_socket (context, ZMQ_PULL);
    bind_to (socket, name, endpoint);
    CHECK (strcmp (endpoint, name) == 0);
    close_now (socket);
}

static void one_socket_has_several_names (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL);
    const char *names[] = {"inproc://one", "inproc://two"};
    for (int i = 0; i < 2; i++)
        CHECK_OK (zmq_bind (pull, names[i]));
    for (int i = 0; i < 2; i++) {
        void *push = new_socket (context, ZMQ_PUSH);
        connect_to (push, names[i]);
        send_text (push, names[i], 0);
        RECV_TEXT (pull, names[i]);
        close_now (push);
    }
    close_now (pull);
}

static void names_belong_to_a_context (void *context)
{
    void *other = zmq_ctx_new ();
    void *here = new_socket (context, ZMQ_PULL), *there = new_socket (other, ZMQ_PULL);
    void *push = new_socket (other, ZMQ_PUSH);
    CHECK_OK (zmq_bind (here, "inproc://shared"));
    CHECK_OK (zmq_bind (there, "inproc://shared"));
    connect_to (push, "inproc://shared");
    send_text (push, "there", 0);
    RECV_TEXT (there, "there");
    CHECK (!ready_within (here, ZMQ_POLLIN, 0));
    close_now (push);
    close_now (there);
    CHECK_OK (zmq_ctx_term (other));
    close_now (here);
}

static void connecting_first_works (void *context)
{
    void *early[3], *pull = new_socket (context, ZMQ_PULL);
    const char *texts[] = {"a", "b", "c"};
    char seen[3] = {0};
    for (int i = 0; i < 3; i++) {
        early[i] = new_socket (context, ZMQ_PUSH);
        connect_to (early[i], "inproc://later");
        send_text (early[i], texts[i], 0);
    }
    CHECK_OK (zmq_bind (pull, "inproc://later"));
    for (int i = 0; i < 3; i++) {
        char text[2];
        CHECK (ready_within (pull, ZMQ_POLLIN, PATIENCE_MS));
        CHECK_INT (zmq_recv (pull, text, sizeof text, 0), 1);
        CHECK (text[0] >= 'a' && text[0] <= 'c' && !seen[text[0] - 'a']++);
    }
    send_text (early[1], "after", 0);
    RECV_TEXT (pull, "after");
    for (int i = 0; i < 3; i++)
        close_now (early[i]);
    close_now (pull);
}

/* Also with an unlimited linger and a message in the queue. */
static void never_bound_does_not_hold_up_termination (void)
{
    void *context = zmq_ctx_new ();
    void *push = new_socket (context, ZMQ_PUSH);
    set_int (push, ZMQ_LINGER, -1);
    connect_to (push, "inproc://nobody");
    send_text (push, "lost", 0);
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_ctx_term (context));
}

/* The connecter is closed before anybody binds: what it had queued is still delivered. */
static void closed_before_bind_delivers (void *context)
{
    void *push = new_socket (context, ZMQ_PUSH), *pull = new_socket (context, ZMQ_PULL);
    connect_to (push, "inproc://too-late");
    send_text (push, "kept", 0);
    CHECK_OK (zmq_close (push));
    CHECK_OK (zmq_bind (pull, "inproc://too-late"));
    RECV_TEXT (pull, "kept");
    close_now (pull);
}

static void a_name_is_free_after_unbind (void *context)
{
    void *first = new_socket (context, ZMQ_PULL), *second = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    CHECK_OK (zmq_bind (first, "inproc://freed"));
    CHECK_OK (zmq_unbind (first, "inproc://freed"));
    CHECK_OK (zmq_bind (second, "inproc://freed"));
    connect_to (push, "inproc://freed");
    send_text (push, "second", 0);
    RECV_TEXT (second, "second");
    close_now (push);
    close_now (first);
    close_now (second);
}

/* The name is given up by the reaper some time after zmq_close. */
static void a_name_is_free_after_close (void *context)
{
    void *first = new_socket (context, ZMQ_PULL), *second = new_socket (context, ZMQ_PULL);
    double end = now_ms () + PATIENCE_MS;
    CHECK_OK (zmq_bind (first, "inproc://closed"));
    CHECK_OK (zmq_close (first));
    while (zmq_bind (second, "inproc://closed") != 0) {
        CHECK_INT (zmq_errno (), EADDRINUSE);
        CHECK (now_ms () < end);
    }
    close_now (second);
}

int main (void)
{
    begin_test ();
    in_context (second_bind_is_refused);
    in_context (names_match_exactly);
    in_context (a_long_name_works);
    in_context (one_socket_has_several_names);
    in_context (names_belong_to_a_context);
    in_context (connecting_first_works);
    never_bound_does_not_hold_up_termination ();
    in_context (closed_before_bind_delivers);
    in_context (a_name_is_free_after_unbind);
    in_context (a_name_is_free_after_close);
    return 0;
}
