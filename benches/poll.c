/* Microseconds per turn of a loop around zmq_poll over --peers DEALER sockets (2,000 by default),
   of which one, another one each time, has a message.

   inproc: the loop's thread itself sends the message, from a ROUTER it also holds: nothing but the
   library's work is timed. tcp, ipc: the DEALER asks a ROUTER of another process, which echoes.

   --pattern poller: by zmq_poller_wait, on a library that has it. */

#define ZMQ_BUILD_DRAFT_API
#include "bench.h"

#include <dlfcn.h>

/* The poller's functions, which a library without drafts does not have. */
static __typeof__ (zmq_poller_new) *poller_new;
static __typeof__ (zmq_poller_add) *poller_add;
static __typeof__ (zmq_poller_wait) *poller_wait;
static __typeof__ (zmq_poller_destroy) *poller_destroy;

static void *make_poller (zmq_pollitem_t *items, int n)
{
    if (!is (options.pattern, "poller") || !(poller_new = dlsym (RTLD_DEFAULT, "zmq_poller_new")))
        return NULL;
    poller_add = dlsym (RTLD_DEFAULT, "zmq_poller_add");
    poller_wait = dlsym (RTLD_DEFAULT, "zmq_poller_wait");
    poller_destroy = dlsym (RTLD_DEFAULT, "zmq_poller_destroy");
    void *poller = poller_new ();
    MUST (poller && poller_add && poller_wait && poller_destroy);
    for (int i = 0; i < n; i++)
        MUST (poller_add (poller, items[i].socket, &items[i], items[i].events) == 0);
    return poller;
}

/* Waits until just that one is ready. */
static void wait_for (zmq_pollitem_t *active, zmq_pollitem_t *items, int n, void *poller)
{
    if (poller) {
        zmq_poller_event_t event;
        MUST (poller_wait (poller, &event, -1) == 0 && event.user_data == active);
    } else
        MUST (zmq_poll (items, n, -1) == 1 && (active->revents & ZMQ_POLLIN));
}

static void serve (struct side *side)
{
    if (is (options.transport, "inproc"))
        return;
    void *router = new_socket (side, ZMQ_ROUTER);
    zmq_msg_t id, message;
    size_t size;
    set_int (router, ZMQ_BACKLOG, options.peers + 16);
    zmq_msg_init (&id);
    zmq_msg_init (&message);
    bind_and_tell (side, router);
    do {
        receive (router, &id);
        size = receive (router, &message);
        MUST (zmq_msg_send (&id, router, ZMQ_SNDMORE) >= 0);
        MUST (zmq_msg_send (&message, router, 0) >= 0);
    } while (size > 0);
    hear_go (side);
    close_socket (router);
    zmq_msg_close (&message);
}

static void loop (struct side *side)
{
    int n = options.peers;
    zmq_pollitem_t *items = calloc ((size_t) n, sizeof *items);
    void *router = NULL;
    char endpoint[ENDPOINT_SIZE];
    char *content = calloc (1, options.size);
    zmq_msg_t message;
    MUST (items && content);
    zmq_msg_init (&message);
    if (is (options.transport, "inproc")) {
        router = new_socket (side, ZMQ_ROUTER);
        set_int (router, ZMQ_ROUTER_MANDATORY, 1);
        bind_here (router, endpoint);
    } else
        hear (side, endpoint, sizeof endpoint);

    for (int i = 0; i < n; i++) {
        char id[5];
        uint32_t number = (uint32_t) i;
        id[0] = 'd';
        memcpy (id + 1, &number, sizeof number);
        items[i].socket = new_socket (side, ZMQ_DEALER);
        items[i].events = ZMQ_POLLIN;
        MUST (zmq_setsockopt (items[i].socket, ZMQ_ROUTING_ID, id, sizeof id) == 0);
        MUST (zmq_connect (items[i].socket, endpoint) == 0);
        send_bytes (items[i].socket, "x", 1, 0);
        if (router) {
            receive (router, &message);
            receive (router, &message);
        }
    }
    for (int i = 0; i < n && !router; i++)
        receive (items[i].socket, &message);

    void *poller = make_poller (items, n);
    double start = seconds_now (), end = start + options.seconds;
    long done = 0;
    while (options.count ? done < options.count : seconds_now () < end) {
        int active = (int) ((done * 7919L) % n);
        if (router) {
            char id[5];
            uint32_t number = (uint32_t) active;
            id[0] = 'd';
            memcpy (id + 1, &number, sizeof number);
            send_bytes (router, id, sizeof id, ZMQ_SNDMORE);
            send_bytes (router, content, options.size, 0);
        } else
            send_bytes (items[active].socket, content, options.size, 0);
        wait_for (&items[active], items, n, poller);
        MUST (receive (items[active].socket, &message) == options.size);
        done++;
    }
    print_result ((seconds_now () - start) * 1e6 / (double) done, "us");

    if (poller)
        poller_destroy (&poller);
    if (router)
        close_socket (router);
    else {
        send_bytes (items[0].socket, "", 0, 0);
        receive (items[0].socket, &message);
        tell_go (side);
    }
    for (int i = 0; i < n; i++)
        close_socket (items[i].socket);
    zmq_msg_close (&message);
    free (items);
    free (content);
}

int main (int argc, char **argv)
{
    options.peers = 2000;
    options.size = 64;
    options.transport = "inproc";
    options.pattern = "poll";
    read_options (argc, argv);
    if (options.peers < 1 || options.size == 0)
        usage (argv[0]);
    run_sides (loop, serve);
    return 0;
}
