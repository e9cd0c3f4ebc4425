/* What every benchmark program shares: arguments, the two sides of a workload (two processes, or
   two threads of one), a control channel between them, clocks, and the line that is printed.

   Only the stable public API is used, so one executable runs on any libzmq.so.5. */

#ifndef BENCH_H
#define BENCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

/* A run that takes longer than this is stuck and dies of SIGALRM. */
#define WATCHDOG_SECONDS 60

#define ENDPOINT_SIZE 256

/* ---- failing ---- */

static inline void die (const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    vfprintf (stderr, format, arguments);
    va_end (arguments);
    fputc ('\n', stderr);
    fflush (NULL);
    _exit (1);
}

#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            die ("%s:%d: failed: %s (%s)", __FILE__, __LINE__, #condition, zmq_strerror (errno));  \
    } while (0)

/* ---- arguments ---- */

struct options
{
    const char *transport; /* tcp, ipc, inproc */
    const char *pattern;   /* meaning is the program's */
    const char *measure;   /* meaning is the program's */
    const char *name;      /* first word of the printed line */
    size_t size;           /* bytes in a message */
    long count;            /* messages, connections or topics; 0 = as many as fit in `seconds` */
    double seconds;        /* time to measure for, where count does not bound the run */
    int peers;             /* subscribers, clients, sockets */
    int connections;       /* of all peers together, if more than one each */
    long rate;             /* messages per second of a paced run */
    double percentile;     /* which one a paced run prints */
    int pinned;            /* everything on one CPU */
    int threads;           /* both sides in one process */
    int pointer;           /* pass content by pointer instead of copying it */
    int proxied;           /* a proxy between the two sides */
    int curve;             /* connections are encrypted */
};

static struct options options;

static inline void usage (const char *program)
{
    fprintf (stderr,
             "usage: %s [--transport tcp|ipc|inproc] [--pattern P] [--measure M] [--size BYTES]\n"
             "       [--count N] [--seconds S] [--peers N] [--connections N] [--rate N] [--percentile P]\n"
             "       [--pinned] [--threads] [--pointer] [--proxy] [--curve] [--name NAME]\n"
             "Prints one line: name value unit. See the head of the program's source.\n",
             program);
    exit (2);
}

static inline void check_library (void);

/* Fills `options`; the program sets its defaults in `options` before. */
static inline void read_options (int argc, char **argv)
{
    static const struct option known[] = {
        {"transport", required_argument, NULL, 't'}, {"pattern", required_argument, NULL, 'p'},
        {"measure", required_argument, NULL, 'm'},   {"name", required_argument, NULL, 'N'},
        {"size", required_argument, NULL, 's'},      {"count", required_argument, NULL, 'c'},
        {"seconds", required_argument, NULL, 'S'},   {"peers", required_argument, NULL, 'n'},
        {"connections", required_argument, NULL, 'l'},
        {"rate", required_argument, NULL, 'r'},      {"percentile", required_argument, NULL, 'q'},
        {"pinned", no_argument, NULL, 'P'},          {"threads", no_argument, NULL, 'T'},
        {"pointer", no_argument, NULL, 'Z'},         {"proxy", no_argument, NULL, 'X'},
        {"curve", no_argument, NULL, 'C'},           {NULL, 0, NULL, 0}};
    int letter;
    if (!options.transport)
        options.transport = "tcp";
    if (!options.seconds)
        options.seconds = 0.4;
    if (!options.name) {
        options.name = strrchr (argv[0], '/');
        options.name = options.name ? options.name + 1 : argv[0];
    }
    while ((letter = getopt_long (argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
            case 't': options.transport = optarg; break;
            case 'p': options.pattern = optarg; break;
            case 'm': options.measure = optarg; break;
            case 'N': options.name = optarg; break;
            case 's': options.size = (size_t) strtoul (optarg, NULL, 0); break;
            case 'c': options.count = strtol (optarg, NULL, 0); break;
            case 'S': options.seconds = strtod (optarg, NULL); break;
            case 'n': options.peers = (int) strtol (optarg, NULL, 0); break;
            case 'l': options.connections = (int) strtol (optarg, NULL, 0); break;
            case 'r': options.rate = strtol (optarg, NULL, 0); break;
            case 'q': options.percentile = strtod (optarg, NULL); break;
            case 'P': options.pinned = 1; break;
            case 'T': options.threads = 1; break;
            case 'Z': options.pointer = 1; break;
            case 'X': options.proxied = 1; break;
            case 'C': options.curve = 1; break;
            default: usage (argv[0]);
        }
    }
    if (optind != argc)
        usage (argv[0]);
    if (strcmp (options.transport, "tcp") && strcmp (options.transport, "ipc")
        && strcmp (options.transport, "inproc"))
        usage (argv[0]);
    if (!strcmp (options.transport, "inproc"))
        options.threads = 1;

    alarm (WATCHDOG_SECONDS);
    check_library ();

    struct rlimit files;
    if (getrlimit (RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit (RLIMIT_NOFILE, &files);
    }
    if (options.pinned) {
        cpu_set_t allowed, one;
        MUST (sched_getaffinity (0, sizeof allowed, &allowed) == 0);
        CPU_ZERO (&one);
        for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
            if (CPU_ISSET (cpu, &allowed)) {
                CPU_SET (cpu, &one);
                break;
            }
        MUST (sched_setaffinity (0, sizeof one, &one) == 0);
    }
}

static inline int is (const char *value, const char *word)
{
    return value && strcmp (value, word) == 0;
}

/* If BENCH_LIBRARY names a file, that file and no other libzmq must be mapped. */
static inline void check_library (void)
{
    const char *wanted = getenv ("BENCH_LIBRARY");
    char line[4096];
    int found = 0;
    if (!wanted)
        return;
    FILE *maps = fopen ("/proc/self/maps", "r");
    if (!maps)
        die ("cannot read /proc/self/maps");
    while (fgets (line, sizeof line, maps)) {
        char *path = strchr (line, '/');
        if (!path)
            continue;
        path[strcspn (path, "\n")] = 0;
        if (strcmp (path, wanted) == 0)
            found = 1;
        else if (strstr (strrchr (path, '/'), "libzmq"))
            die ("wrong library: %s is loaded, wanted %s", path, wanted);
    }
    fclose (maps);
    if (!found)
        die ("wrong library: %s is not loaded", wanted);
}

/* ---- clocks and counters ---- */

static inline double seconds_now (void)
{
    struct timespec t;
    clock_gettime (CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

struct usage_counts
{
    double cpu;      /* seconds, user and system, all threads of this process */
    double switches; /* context switches, voluntary and not */
};

static inline struct usage_counts usage_now (void)
{
    struct rusage u;
    struct usage_counts c;
    getrusage (RUSAGE_SELF, &u);
    c.cpu = (double) (u.ru_utime.tv_sec + u.ru_stime.tv_sec)
            + (double) (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    c.switches = (double) (u.ru_nvcsw + u.ru_nivcsw);
    return c;
}

static inline struct usage_counts usage_since (struct usage_counts start)
{
    struct usage_counts c = usage_now ();
    c.cpu -= start.cpu;
    c.switches -= start.switches;
    return c;
}

/* Resident bytes of this process. */
static inline double resident (void)
{
    long total = 0, pages = 0;
    FILE *f = fopen ("/proc/self/statm", "r");
    MUST (f && fscanf (f, "%ld %ld", &total, &pages) == 2);
    fclose (f);
    return (double) pages * (double) sysconf (_SC_PAGESIZE);
}

static inline void print_result (double value, const char *unit)
{
    printf ("%s %.6g %s\n", options.name, value, unit);
    fflush (stdout);
}

/* ---- the two sides ---- */

/* One side of a workload. In two processes each side has a context of its own. */
struct side
{
    void *context;
    int from, to; /* the control channel: pipes from and to the other side */
};

typedef void side_body (struct side *side);

struct started
{
    struct side side;
    side_body *body;
};

static inline void tell (struct side *side, const void *data, size_t size)
{
    if (write (side->to, data, size) != (ssize_t) size)
        die ("the other side is gone");
}

static inline void hear (struct side *side, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read (side->from, (char *) data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            die ("the other side is gone");
        done += (size_t) n;
    }
}

/* Tells the other side to go on; waits for the other side to say so. */
static inline void tell_go (struct side *side)
{
    tell (side, "g", 1);
}

static inline void hear_go (struct side *side)
{
    char go;
    hear (side, &go, 1);
}

static inline void *new_context (void)
{
    void *context = zmq_ctx_new ();
    MUST (context);
    MUST (zmq_ctx_set (context, ZMQ_MAX_SOCKETS, 60000) == 0);
    return context;
}

static inline void *run_side (void *argument)
{
    struct started *started = argument;
    started->body (&started->side);
    return NULL;
}

/* Runs both sides to their end: `measuring` in this thread, `other` in a process of its own, made
   before there is any context, or in a thread that shares the context. */
static inline void run_sides (side_body *measuring, side_body *other)
{
    int there[2], back[2];
    struct side here;
    static struct started beyond;
    MUST (pipe2 (there, O_CLOEXEC) == 0 && pipe2 (back, O_CLOEXEC) == 0);
    here.from = back[0];
    here.to = there[1];
    beyond.side.from = there[0];
    beyond.side.to = back[1];
    beyond.body = other;
    signal (SIGPIPE, SIG_IGN);

    if (options.threads) {
        pthread_t thread;
        here.context = beyond.side.context = new_context ();
        MUST (pthread_create (&thread, NULL, run_side, &beyond) == 0);
        measuring (&here);
        MUST (pthread_join (thread, NULL) == 0);
        MUST (zmq_ctx_term (here.context) == 0);
        return;
    }

    pid_t parent = getpid ();
    pid_t child = fork ();
    int status;
    MUST (child >= 0);
    if (child == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        if (getppid () != parent)
            _exit (1);
        alarm (WATCHDOG_SECONDS);
        close (there[1]);
        close (back[0]);
        beyond.side.context = new_context ();
        other (&beyond.side);
        MUST (zmq_ctx_term (beyond.side.context) == 0);
        fflush (NULL);
        _exit (0);
    }
    close (there[0]);
    close (back[1]);
    here.context = new_context ();
    measuring (&here);
    MUST (zmq_ctx_term (here.context) == 0);
    MUST (waitpid (child, &status, 0) == child);
    if (status != 0)
        die ("the other process failed");
}

/* ---- sockets ---- */

static inline void set_int (void *socket, int option, int value)
{
    MUST (zmq_setsockopt (socket, option, &value, sizeof value) == 0);
}

/* A new socket that drops what is unsent when it is closed. With --curve, whoever binds is the server;
   there is one key pair for all. */
static inline void *new_socket (struct side *side, int type)
{
    static const char secret[] = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
    static const char public[] = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    void *socket = zmq_socket (side->context, type);
    MUST (socket);
    set_int (socket, ZMQ_LINGER, 0);
    if (options.curve) {
        MUST (zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, public, 41) == 0);
        MUST (zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret, 41) == 0);
        MUST (zmq_setsockopt (socket, ZMQ_CURVE_SERVERKEY, public, 41) == 0);
    }
    return socket;
}

/* Binds to an address of the transport asked for; the real one is stored in `endpoint`. */
static inline void bind_here (void *socket, char endpoint[ENDPOINT_SIZE])
{
    static int number;
    char address[64];
    size_t size = ENDPOINT_SIZE;
    memset (endpoint, 0, ENDPOINT_SIZE);
    if (is (options.transport, "inproc"))
        snprintf (address, sizeof address, "inproc://bench-%d", __sync_fetch_and_add (&number, 1));
    else
        snprintf (address, sizeof address, "%s",
                  is (options.transport, "ipc") ? "ipc://*" : "tcp://127.0.0.1:*");
    if (options.curve)
        set_int (socket, ZMQ_CURVE_SERVER, 1);
    MUST (zmq_bind (socket, address) == 0);
    MUST (zmq_getsockopt (socket, ZMQ_LAST_ENDPOINT, endpoint, &size) == 0);
}

/* Binds and tells the other side where. */
static inline void bind_and_tell (struct side *side, void *socket)
{
    char endpoint[ENDPOINT_SIZE];
    bind_here (socket, endpoint);
    tell (side, endpoint, sizeof endpoint);
}

/* A further tcp connection of a socket to an endpoint: one that is asked for in the same words counts
   as the first, so each of these comes from an address of its own. */
static inline void connect_from (void *socket, int number, const char *endpoint)
{
    char text[ENDPOINT_SIZE + 32];
    MUST (!strncmp (endpoint, "tcp://", 6));
    snprintf (text, sizeof text, "tcp://127.1.%d.%d:0;%s", number / 250, number % 250 + 1, endpoint + 6);
    MUST (zmq_connect (socket, text) == 0);
}

static inline void hear_and_connect (struct side *side, void *socket)
{
    char endpoint[ENDPOINT_SIZE];
    hear (side, endpoint, sizeof endpoint);
    MUST (zmq_connect (socket, endpoint) == 0);
}

static inline void send_bytes (void *socket, const void *data, size_t size, int flags)
{
    MUST (zmq_send (socket, data, size, flags) == (int) size);
}

/* Receives one part into `message` and returns its size. */
static inline size_t receive (void *socket, zmq_msg_t *message)
{
    int n = zmq_msg_recv (message, socket, 0);
    MUST (n >= 0);
    return (size_t) n;
}

static inline void close_socket (void *socket)
{
    MUST (zmq_close (socket) == 0);
}

/* Sleeps until the monotonic time `when`, in seconds. */
static inline void sleep_until (double when)
{
    struct timespec t;
    t.tv_sec = (time_t) when;
    t.tv_nsec = (long) ((when - (double) t.tv_sec) * 1e9);
    while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        ;
}

#endif
