/* zmq_ctx_set_ext and zmq_ctx_get_ext: options of a context by place and size, and the one that has text
   (draft). */

#define ZMQ_BUILD_DRAFT_API
#include "testing.h"

#include <dirent.h>

static int set (void *context, int option, const void *value, size_t size)
{
    return zmq_ctx_set_ext (context, option, value, size);
}

static void numbers_have_their_size (void *context)
{
    static const int options[] = {ZMQ_IO_THREADS, ZMQ_MAX_SOCKETS, ZMQ_IPV6, ZMQ_BLOCKY, ZMQ_ZERO_COPY_RECV};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        int value = 1, got = -1;
        int64_t wide = 1;
        size_t size = sizeof got;
        CHECK_OK (set (context, options[i], &value, sizeof value));
        CHECK_ERRNO (set (context, options[i], &wide, sizeof wide), EINVAL);
        CHECK_ERRNO (set (context, options[i], &wide, 3), EINVAL);
        CHECK_OK (zmq_ctx_get_ext (context, options[i], &got, &size));
        CHECK_INT (got, 1);
        size = sizeof wide;
        CHECK_ERRNO (zmq_ctx_get_ext (context, options[i], &wide, &size), EINVAL);
        CHECK_INT (size, sizeof wide);
        value = -1;
        CHECK_ERRNO (set (context, options[i], &value, sizeof value), EINVAL);
        CHECK_INT (zmq_ctx_get (context, options[i]), 1);
    }
    CHECK_ERRNO (set (context, 9999, options, sizeof *options), EINVAL);
}

/* Whether a thread of this process has the name. */
static int is_running (const char *name)
{
    char path[300], comm[32];
    int found = 0;
    struct dirent *task;
    DIR *tasks = opendir ("/proc/self/task");
    CHECK (tasks);
    while (!found && (task = readdir (tasks))) {
        snprintf (path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        FILE *file = fopen (path, "r");
        if (!file)
            continue;
        found = fgets (comm, sizeof comm, file) && strncmp (comm, name, strlen (name)) == 0;
        fclose (file);
    }
    closedir (tasks);
    return found;
}

static void threads_are_named (void *context)
{
    char text[32] = "";
    size_t size = sizeof text;
    CHECK_ERRNO (set (context, ZMQ_THREAD_NAME_PREFIX, "seventeen letters", 17), EINVAL);
    CHECK_ERRNO (set (context, ZMQ_THREAD_NAME_PREFIX, "", 0), EINVAL);
    CHECK_OK (set (context, ZMQ_THREAD_NAME_PREFIX, "sixteen letters.", 16));
    CHECK_OK (zmq_ctx_get_ext (context, ZMQ_THREAD_NAME_PREFIX, text, &size));
    CHECK (memcmp (text, "sixteen letters.", 16) == 0);
    CHECK_INT (size, sizeof text);
    size = 15;
    CHECK_ERRNO (zmq_ctx_get_ext (context, ZMQ_THREAD_NAME_PREFIX, text, &size), EINVAL);
    CHECK_OK (set (context, ZMQ_THREAD_NAME_PREFIX, "cat", 3));
    CHECK_INT (zmq_ctx_get (context, ZMQ_THREAD_NAME_PREFIX), 0);
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_bind (socket, "tcp://127.0.0.1:*"));
    /* The thread may not have begun. */
    double end = now_ms () + PATIENCE_MS;
    while (!is_running ("cat/ZMQbg/IO/0")) {
        CHECK (now_ms () < end);
        usleep (1000);
    }
    close_now (socket);
}

int main (void)
{
    begin_test ();
    in_context (numbers_have_their_size);
    in_context (threads_are_named);
    return 0;
}
