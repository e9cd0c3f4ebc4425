/* zmq_strerror, zmq_errno, zmq_version and zmq_has (their man pages). */

#include "testing.h"

static void own_errors_have_texts (void)
{
    static const struct {
        int error;
        const char *text;
    } rows[] = {
        {EFSM, "Operation cannot be accomplished in current state"},
        {ENOCOMPATPROTO, "The protocol is not compatible with the socket type"},
        {ETERM, "Context was terminated"},
        {EMTHREAD, "No thread available"},
        {EHOSTUNREACH, "Host unreachable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK (strcmp (zmq_strerror (rows[i].error), rows[i].text) == 0);
    CHECK_INT (EFSM, ZMQ_HAUSNUMERO + 51);
    CHECK_INT (ENOCOMPATPROTO, ZMQ_HAUSNUMERO + 52);
    CHECK_INT (ETERM, ZMQ_HAUSNUMERO + 53);
    CHECK_INT (EMTHREAD, ZMQ_HAUSNUMERO + 54);
}

static void the_others_are_the_systems (void)
{
    static const int errors[] = {0,          EAGAIN,    EINVAL,     EINTR,   ENOENT, EADDRINUSE,
                                 EPROTONOSUPPORT, ENOTSOCK, ENOTSUP, EFAULT, EMFILE, 9999, -1};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        char expected[128];
        snprintf (expected, sizeof expected, "%s", strerror (errors[i]));
        CHECK (strcmp (zmq_strerror (errors[i]), expected) == 0);
    }
}

static void *fail_elsewhere (void *unused)
{
    CHECK_INT (zmq_close (NULL), -1);
    CHECK_INT (zmq_errno (), ENOTSOCK);
    return unused;
}

/* It is errno itself, one for each thread. */
static void errno_is_the_threads (void)
{
    errno = EDOM;
    CHECK_INT (zmq_errno (), EDOM);
    CHECK_INT (zmq_ctx_term (NULL), -1);
    CHECK_INT (errno, EFAULT);
    CHECK_INT (zmq_errno (), EFAULT);
    pthread_t thread = start_thread (fail_elsewhere, NULL);
    join_thread (thread);
    CHECK_INT (zmq_errno (), EFAULT);
}

/* A 4.3 of at least the header's own patch level. */
static void the_version_fits_the_header (void)
{
    int major = -1, minor = -1, patch = -1;
    zmq_version (&major, &minor, &patch);
    CHECK_INT (major, 4);
    CHECK_INT (minor, 3);
    CHECK (patch >= 4);
    CHECK_INT (ZMQ_MAKE_VERSION (4, 3, 4), 40304);
    CHECK_INT (ZMQ_VERSION,
               ZMQ_MAKE_VERSION (ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH));
}

/* Names are matched exactly, and what every build has is no capability. */
static void capabilities_are_known (void)
{
    static const char *const optional[] = {"pgm",  "tipc",  "norm",  "gssapi", "vmci",
                                           "curve", "draft", "vsock", "WS",     "WSS"};
    static const char *const never[] = {"tcp", "udp", "inproc", "epgm", "plain", "socks", "ws",
                                        "wss", "IPC", "Curve",  "ipc ", "",      "nonsense"};
    CHECK_INT (zmq_has ("ipc"), 1);
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        int has = zmq_has (optional[i]);
        CHECK (has == 0 || has == 1);
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (zmq_has (never[i]) != 0)
            FAIL ("'%s' is a capability", never[i]);
}

int main (void)
{
    begin_test ();
    own_errors_have_texts ();
    the_others_are_the_systems ();
    errno_is_the_threads ();
    the_version_fits_the_header ();
    capabilities_are_known ();
    return 0;
}
