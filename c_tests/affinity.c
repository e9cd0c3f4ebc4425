/* ZMQ_AFFINITY: a 64-bit mask of I/O threads; a mask without any of them makes bind and connect fail
   with EMTHREAD, inproc aside (zmq_setsockopt (3)). */

#include "testing.h"

static void set_mask (void *socket, uint64_t mask)
{
    uint64_t got = ~mask;
    size_t size = sizeof got;
    CHECK_OK (zmq_setsockopt (socket, ZMQ_AFFINITY, &mask, sizeof mask));
    CHECK_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &got, &size));
    CHECK_INT (size, 8);
    CHECK (got == mask);
}

static void the_mask_has_eight_bytes (void *context)
{
    void *socket = new_socket (context, ZMQ_PULL);
    uint64_t mask = 1;
    size_t size = sizeof mask;
    CHECK_OK (zmq_getsockopt (socket, ZMQ_AFFINITY, &mask, &size));
    CHECK (mask == 0);
    CHECK_ERRNO (zmq_setsockopt (socket, ZMQ_AFFINITY, &mask, 4), EINVAL);
    size = 4;
    CHECK_ERRNO (zmq_getsockopt (socket, ZMQ_AFFINITY, &mask, &size), EINVAL);
    set_mask (socket, UINT64_MAX);
    set_mask (socket, UINT64_C (1) << 63);
    set_mask (socket, 0);
    close_now (socket);
}

static void masks_select_threads (void)
{
    static const struct {
        uint64_t mask;
        int usable;
    } rows[] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {4, 0}, {6, 1}, {UINT64_C (1) << 63, 0},
                {UINT64_MAX, 1}, {UINT64_MAX - 3, 0}};
    void *context = zmq_ctx_new ();
    CHECK_OK (zmq_ctx_set (context, ZMQ_IO_THREADS, 2));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char endpoint[256];
        void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
        set_mask (push, rows[i].mask);
        if (rows[i].usable) {
            set_mask (pull, rows[i].mask);
            bind_to (pull, "tcp://127.0.0.1:*", endpoint);
            connect_to (push, endpoint);
            send_text (push, "carried", 0);
            RECV_TEXT (pull, "carried");
        } else {
            bind_to (pull, "tcp://127.0.0.1:*", endpoint);
            CHECK_ERRNO (zmq_connect (push, endpoint), EMTHREAD);
            CHECK_ERRNO (zmq_bind (push, "tcp://127.0.0.1:*"), EMTHREAD);
            CHECK_ERRNO (zmq_bind (push, "ipc://@zmq-test-affinity"), EMTHREAD);
            CHECK_OK (zmq_bind (push, "inproc://threads-do-not-matter"));
            CHECK_OK (zmq_unbind (push, "inproc://threads-do-not-matter"));
        }
        close_now (push);
        close_now (pull);
    }
    CHECK_OK (zmq_ctx_term (context));
}

/* A mask can be repaired after a failure. */
static void a_failure_is_not_final (void *context)
{
    void *socket = new_socket (context, ZMQ_PULL);
    set_mask (socket, 2);
    CHECK_ERRNO (zmq_bind (socket, "tcp://127.0.0.1:*"), EMTHREAD);
    set_mask (socket, 1);
    CHECK_OK (zmq_bind (socket, "tcp://127.0.0.1:*"));
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (the_mask_has_eight_bytes);
    masks_select_threads ();
    in_context (a_failure_is_not_final);
    return 0;
}
