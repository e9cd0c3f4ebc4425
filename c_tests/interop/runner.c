/* Runs one scenario between two processes, side `a` on one library and side `b` on another (or the
   same), for every pair of socket types that it is about, with each side bound.

       runner PEER NAME=DIRECTORY NAME=DIRECTORY tcp|ipc SCENARIO [TYPE-TYPE]

   NAME is `ours` or `reference`, DIRECTORY where that libzmq.so.5 is; without a directory the test is
   skipped. The two processes talk over a socket pair (descriptor 3), whose ends the runner keeps, so
   that a process that was killed - which some scenarios are about - can be started once more and go
   on with it. Exits 1 when a run failed, having said which. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "scenarios.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL 3
#define FAILURES_ENOUGH 3

struct side {
    const char *library, *directory, *type, *other;
    int binds, chosen, life, control;
    pid_t process;
};

static const char *peer, *scenario, *scratch;
static struct side sides[2];

static volatile sig_atomic_t interrupted;

static const struct {
    const char *name;
    unsigned set, variations;
} SCENARIOS[] = {
#define SCENARIO(name, set, variations) {#name, set, variations},
    SCENARIO_LIST (SCENARIO)
#undef SCENARIO
};

static void interrupt (int signal)
{
    interrupted = signal;
}

static void give_up (const char *what)
{
    perror (what);
    exit (1);
}

/* ---- endpoints ---- */

/* A descriptor bound to a port that nobody is then given, and who names it can still bind. */
static int reserve_port (char *address, size_t size)
{
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
    socklen_t length = sizeof local;
    if (fd < 0 || setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind (fd, (struct sockaddr *) &local, sizeof local) != 0
        || getsockname (fd, (struct sockaddr *) &local, &length) != 0)
        give_up ("reserving a port");
    snprintf (address, size, "tcp://127.0.0.1:%d", ntohs (local.sin_port));
    return fd;
}

static void remove_scratch (void)
{
    char path[256];
    for (int i = 0; i < 10; i++) {
        snprintf (path, sizeof path, "%s/%d", scratch, i);
        unlink (path);
    }
    rmdir (scratch);
}

/* ---- processes ---- */

static void start (struct side *side, const char *address)
{
    int index = side == &sides[1];
    side->life++;
    side->process = fork ();
    if (side->process < 0)
        give_up ("fork");
    if (side->process > 0)
        return;

    const char *life = side->life == 1 ? "1" : "2";
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    if ((side->control == CONTROL ? fcntl (CONTROL, F_SETFD, 0) : dup2 (side->control, CONTROL)) < 0)
        give_up ("the control descriptor");
    setenv ("LD_LIBRARY_PATH", side->directory, 1);
    execl (peer, peer, scenario, index ? "b" : "a", side->type, side->other,
           side->binds ? "binds" : "connects", address, side->chosen ? "chosen" : "other", life,
           side->library, (char *) NULL);
    give_up (peer);
}

static void stop (struct side *side)
{
    if (side->process > 0) {
        kill (side->process, SIGKILL);
        waitpid (side->process, NULL, 0);
        side->process = 0;
    }
}

/* 0 when both sides ended well. */
static int run (const char *address, unsigned variations)
{
    int control[2];
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0)
        give_up ("socketpair");
    for (int i = 0; i < 2; i++) {
        sides[i].control = control[i];
        sides[i].life = 0;
        start (&sides[i], address);
    }
    int failed = 0;
    for (int running = 2; running && !failed;) {
        int status;
        pid_t ended = wait (&status);
        if (ended < 0) {
            failed = 1; /* interrupted */
            break;
        }
        struct side *side = ended == sides[0].process ? &sides[0] : &sides[1];
        side->process = 0;
        if (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL && (variations & DIES)
            && side->chosen && side->life == 1) {
            start (side, address);
            continue;
        }
        running--;
        if (!WIFEXITED (status) || WEXITSTATUS (status) != 0) {
            failed = 1;
            if (WIFSIGNALED (status))
                fprintf (stderr, "side %c died: %s\n", side == sides ? 'a' : 'b',
                         strsignal (WTERMSIG (status)));
        }
    }
    stop (&sides[0]);
    stop (&sides[1]);
    close (control[0]);
    close (control[1]);
    return failed;
}

static int run_pair (const struct pair *pair, const char *transport, unsigned variations)
{
    int failures = 0;
    sides[0].type = sides[1].other = pair->a;
    sides[1].type = sides[0].other = pair->b;
    for (int binder = 0; binder < 2; binder++)
        for (int chosen = 0; chosen < 2 && !interrupted; chosen++) {
            if (((variations & A_CONNECTS) && binder == 0)
                || !(variations & (chosen == 0 ? A_CHOSEN : B_CHOSEN)))
                continue;
            char address[256] = "tcp://127.0.0.1:*";
            int reserved = -1;
            if (strcmp (transport, "ipc") == 0)
                /* Scenarios with several endpoints put another digit at the end. */
                snprintf (address, sizeof address, "ipc://%s/0", scratch);
            else if (variations & FIXED)
                reserved = reserve_port (address, sizeof address);
            for (int i = 0; i < 2; i++) {
                sides[i].binds = i == binder;
                sides[i].chosen = i == chosen;
            }
            if (run (address, variations) != 0) {
                failures++;
                fprintf (stderr, "FAILED: %s over %s, %s on %s%s%s, %s on %s%s%s\n\n", scenario,
                         transport, sides[0].type, sides[0].library,
                         sides[0].binds ? ", bound" : "", sides[0].chosen ? ", chosen" : "",
                         sides[1].type, sides[1].library, sides[1].binds ? ", bound" : "",
                         sides[1].chosen ? ", chosen" : "");
            }
            if (reserved >= 0)
                close (reserved);
        }
    return failures;
}

int main (int argc, char **argv)
{
    if (argc < 6) {
        fprintf (stderr, "usage: %s PEER NAME=DIRECTORY NAME=DIRECTORY tcp|ipc SCENARIO [TYPE-TYPE]\n",
                 argv[0]);
        return 2;
    }
    peer = argv[1];
    scenario = argv[5];
    for (int i = 0; i < 2; i++) {
        char *equals = strchr (argv[2 + i], '=');
        if (!equals || !equals[1]) {
            fprintf (stderr, "skipped: '%s' is not installed\n", argv[2 + i]);
            return 77;
        }
        *equals = 0;
        sides[i].library = argv[2 + i];
        sides[i].directory = equals + 1;
    }
    /* Lives until the end of the process, as it is removed then. */
    static char directory[] = "/tmp/zmq-interop-XXXXXX";
    scratch = mkdtemp (directory);
    if (!scratch)
        give_up ("mkdtemp");
    atexit (remove_scratch);

    struct sigaction action = {.sa_handler = interrupt};
    sigaction (SIGTERM, &action, NULL);
    sigaction (SIGINT, &action, NULL);

    int runs = 0, failures = 0;
    for (size_t s = 0; s < sizeof SCENARIOS / sizeof *SCENARIOS; s++) {
        if (strcmp (SCENARIOS[s].name, scenario) != 0)
            continue;
        for (size_t p = 0; p < PAIR_COUNT && failures < FAILURES_ENOUGH && !interrupted; p++) {
            char name[64];
            snprintf (name, sizeof name, "%s-%s", PAIRS[p].a, PAIRS[p].b);
            if (!(PAIRS[p].sets & SCENARIOS[s].set) || (argc > 6 && strcmp (argv[6], name) != 0))
                continue;
            runs++;
            failures += run_pair (&PAIRS[p], argv[4], SCENARIOS[s].variations);
        }
    }
    if (!runs) {
        fprintf (stderr, "no scenario '%s' of these sockets\n", scenario);
        return 2;
    }
    return failures != 0 || interrupted;
}
