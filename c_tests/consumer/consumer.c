/* What a program that uses the installed package does: one message through two sockets. Called with
   `shared` or `static`, it also checks that the library came that way. */

#include <stdio.h>
#include <string.h>
#include <zmq.h>
#include <zmq_utils.h>

static int library_is_mapped (void)
{
    char line[4096];
    int found = 0;
    FILE *maps = fopen ("/proc/self/maps", "r");
    while (maps && fgets (line, sizeof line, maps))
        found |= strstr (line, "/libzmq.so") != NULL;
    if (maps)
        fclose (maps);
    return found;
}

int main (int argc, char **argv)
{
    int major, minor, patch;
    char buffer[16];
    int shared = argc == 2 && strcmp (argv[1], "shared") == 0;

    zmq_version (&major, &minor, &patch);
    if (ZMQ_MAKE_VERSION (major, minor, patch) != ZMQ_VERSION) {
        fprintf (stderr, "the library is %d.%d.%d, the header another\n", major, minor, patch);
        return 1;
    }
    if (library_is_mapped () != shared) {
        fprintf (stderr, "the library is %slinked dynamically\n", shared ? "not " : "");
        return 1;
    }

    void *context = zmq_ctx_new ();
    void *a = zmq_socket (context, ZMQ_PAIR);
    void *b = zmq_socket (context, ZMQ_PAIR);
    if (zmq_bind (a, "inproc://consumer") || zmq_connect (b, "inproc://consumer")
        || zmq_send (b, "hello", 5, 0) != 5 || zmq_recv (a, buffer, sizeof buffer, 0) != 5
        || memcmp (buffer, "hello", 5) != 0) {
        fprintf (stderr, "the message did not arrive: %s\n", zmq_strerror (zmq_errno ()));
        return 1;
    }
    zmq_close (a);
    zmq_close (b);
    return zmq_ctx_term (context);
}
