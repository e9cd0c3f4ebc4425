/* ipc addresses: the length limit, a later bind takes the path over, the file stays after close,
   wildcards use a private directory that is removed, and abstract names (zmq_ipc (7)). */

#include "testing.h"

static int exists (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0;
}

static int is_socket (const char *path)
{
    struct stat status;
    return lstat (path, &status) == 0 && S_ISSOCK (status.st_mode);
}

/* A message from a fresh PUSH connected to `endpoint` comes to `pull`. */
static void reaches (void *context, void *pull, const char *endpoint)
{
    void *push = new_socket (context, ZMQ_PUSH);
    connect_to (push, endpoint);
    send_text (push, endpoint, 0);
    RECV_TEXT (pull, endpoint);
    close_now (push);
}

/* 107 bytes fit, 108 do not, in bind and connect alike. */
static void paths_have_a_length_limit (void *context)
{
    char endpoint[256], path[128], directory[] = "/tmp/zmq-test-XXXXXX";
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    CHECK (mkdtemp (directory));
    for (int length = 107; length <= 108; length++) {
        memset (path, 'p', sizeof path);
        memcpy (path, directory, strlen (directory));
        path[strlen (directory)] = '/';
        path[length] = 0;
        snprintf (endpoint, sizeof endpoint, "ipc://%s", path);
        if (length == 107) {
            CHECK_OK (zmq_bind (pull, endpoint));
            reaches (context, pull, endpoint);
            CHECK (is_socket (path));
            CHECK_OK (unlink (path));
        } else {
            CHECK_ERRNO (zmq_bind (pull, endpoint), ENAMETOOLONG);
            CHECK_ERRNO (zmq_connect (push, endpoint), ENAMETOOLONG);
        }
    }
    CHECK_OK (rmdir (directory));
    close_now (push);
    close_now (pull);
}

static void a_later_bind_takes_the_path (void *context)
{
    char endpoint[128];
    void *first = new_socket (context, ZMQ_PULL), *second = new_socket (context, ZMQ_PULL);
    void *push = new_socket (context, ZMQ_PUSH);
    ipc_endpoint (endpoint, sizeof endpoint);
    CHECK_OK (zmq_bind (first, endpoint));
    connect_to (push, endpoint);
    send_text (push, "one", 0);
    RECV_TEXT (first, "one");
    CHECK_OK (zmq_bind (second, endpoint));
    reaches (context, second, endpoint);
    send_text (push, "two", 0);
    RECV_TEXT (first, "two");
    CHECK (!ready_within (second, ZMQ_POLLIN, 0));
    close_now (push);
    close_now (first);
    close_now (second);
    ipc_done (endpoint);
}

static void a_plain_file_is_replaced (void *context)
{
    char endpoint[128];
    void *pull = new_socket (context, ZMQ_PULL);
    ipc_endpoint (endpoint, sizeof endpoint);
    FILE *file = fopen (endpoint + strlen ("ipc://"), "w");
    CHECK (file);
    fclose (file);
    CHECK_OK (zmq_bind (pull, endpoint));
    CHECK (is_socket (endpoint + strlen ("ipc://")));
    reaches (context, pull, endpoint);
    close_now (pull);
    ipc_done (endpoint);
}

static void the_file_stays (void)
{
    char endpoint[128];
    void *context = zmq_ctx_new (), *pull = new_socket (context, ZMQ_PULL);
    ipc_endpoint (endpoint, sizeof endpoint);
    CHECK_OK (zmq_bind (pull, endpoint));
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
    CHECK (is_socket (endpoint + strlen ("ipc://")));
    ipc_done (endpoint);
}

static void missing_directories_are_errors (void *context)
{
    void *pull = new_socket (context, ZMQ_PULL), *push = new_socket (context, ZMQ_PUSH);
    CHECK_ERRNO (zmq_bind (pull, "ipc:///tmp/zmq-no-such-directory/socket"), ENOENT);
    connect_to (push, "ipc:///tmp/zmq-no-such-directory/socket");
    close_now (push);
    close_now (pull);
}

/* `ipc://` plus a directory of this name pattern and `/socket`: splits into the two paths. */
static void wildcard_paths (const char *endpoint, const char *parent, char *path, char *directory)
{
    snprintf (path, 200, "%s", endpoint + strlen ("ipc://"));
    snprintf (directory, 200, "%s", path);
    char *slash = strrchr (directory, '/');
    CHECK (slash && strcmp (slash, "/socket") == 0);
    *slash = 0;
    slash = strrchr (directory, '/');
    CHECK (slash && strncmp (slash + 1, "tmp", 3) == 0 && strlen (slash + 1) == 9);
    CHECK (strncmp (directory, parent, strlen (parent)) == 0);
    CHECK_INT (slash - directory, strlen (parent));
}

/* Under the first of TMPDIR, TEMPDIR and TMP that is a directory. */
static void a_wildcard_is_private_and_removed (void)
{
    char parent[] = "/tmp/zmq-test-XXXXXX";
    char endpoint[256], path[200], directory[200];
    struct stat status;
    CHECK (mkdtemp (parent));
    for (int variable = 0; variable < 3; variable++) {
        static const char *const names[] = {"TMPDIR", "TEMPDIR", "TMP"};
        for (int i = 0; i < 3; i++)
            CHECK_OK (setenv (names[i], i == variable ? parent : "/no/such/directory", 1));
        void *context = zmq_ctx_new (), *pull = new_socket (context, ZMQ_PULL);
        bind_to (pull, "ipc://*", endpoint);
        wildcard_paths (endpoint, parent, path, directory);
        CHECK (is_socket (path));
        CHECK_OK (stat (directory, &status));
        CHECK_INT (status.st_mode & 07777, 0700);
        reaches (context, pull, endpoint);
        close_now (pull);
        CHECK_OK (zmq_ctx_term (context));
        CHECK (!exists (path));
        CHECK (!exists (directory));
        unsetenv (names[variable]);
    }
    CHECK_OK (rmdir (parent));
}

/* With none of the variables, under the current directory. */
static void a_wildcard_falls_back_to_the_current_directory (void)
{
    char parent[] = "/tmp/zmq-test-XXXXXX", endpoint[256], path[200];
    CHECK (mkdtemp (parent));
    CHECK_OK (chdir (parent));
    unsetenv ("TMPDIR");
    unsetenv ("TEMPDIR");
    unsetenv ("TMP");
    void *context = zmq_ctx_new (), *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "ipc://*", endpoint);
    snprintf (path, sizeof path, "%s", endpoint + strlen ("ipc://"));
    CHECK (is_socket (path));
    reaches (context, pull, endpoint);
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
    CHECK (!exists (path));
    CHECK_OK (chdir ("/"));
    CHECK_OK (rmdir (parent));
}

static void unbinding_a_wildcard_removes_it (void)
{
    char endpoint[256], path[200];
    CHECK_OK (setenv ("TMPDIR", "/tmp", 1));
    void *context = zmq_ctx_new (), *pull = new_socket (context, ZMQ_PULL);
    bind_to (pull, "ipc://*", endpoint);
    snprintf (path, sizeof path, "%s", endpoint + strlen ("ipc://"));
    CHECK (is_socket (path));
    CHECK_OK (zmq_unbind (pull, endpoint));
    close_now (pull);
    CHECK_OK (zmq_ctx_term (context));
    CHECK (!exists (path));
}

/* Abstract names have no file, cannot be taken over, and are shown as given. */
static void abstract_names_work (void *context)
{
    char name[64], endpoint[256];
    void *first = new_socket (context, ZMQ_PULL), *second = new_socket (context, ZMQ_PULL);
    snprintf (name, sizeof name, "ipc://@zmq-test-%d-%ld", (int) getpid (), (long) now_ms ());
    bind_to (first, name, endpoint);
    CHECK (strcmp (endpoint, name) == 0);
    CHECK (!exists (name + strlen ("ipc://")));
    CHECK (!exists (name + strlen ("ipc://@")));
    CHECK_ERRNO (zmq_bind (second, name), EADDRINUSE);
    reaches (context, first, name);
    CHECK_ERRNO (zmq_bind (second, "ipc://@"), EINVAL);
    CHECK_ERRNO (zmq_connect (second, "ipc://@"), EINVAL);
    close_now (first);
    close_now (second);
}

int main (void)
{
    begin_test ();
    in_context (paths_have_a_length_limit);
    in_context (a_later_bind_takes_the_path);
    in_context (a_plain_file_is_replaced);
    the_file_stays ();
    in_context (missing_directories_are_errors);
    a_wildcard_is_private_and_removed ();
    a_wildcard_falls_back_to_the_current_directory ();
    unbinding_a_wildcard_removes_it ();
    in_context (abstract_names_work);
    return 0;
}
