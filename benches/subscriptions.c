/* A SUB that holds --count topics (100,000 by default), and an XPUB.

   --measure subscribe (default): subscriptions per second, from the first zmq_setsockopt until the
   publisher's program has read the last; send: messages per second that arrive when each is about
   one topic of those held; memory: resident bytes per subscription, both processes. */

#include "bench.h"

/* The topic that ends a run. */
#define END "end"

static size_t topic (char *text, long number)
{
    return (size_t) snprintf (text, 32, "topic.%08ld.", number);
}

static void hold (struct side *side)
{
    void *socket = new_socket (side, ZMQ_SUB);
    zmq_msg_t message;
    char text[32];
    set_int (socket, ZMQ_SNDHWM, 0);
    zmq_msg_init (&message);
    hear_and_connect (side, socket);
    MUST (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, END, strlen (END)) == 0);
    hear_go (side);

    double before = resident ();
    for (long i = 0; i < options.count; i++)
        MUST (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, text, topic (text, i)) == 0);
    hear_go (side);
    double grown = resident () - before;
    tell (side, &grown, sizeof grown);

    long arrived = 0;
    double start = seconds_now (), rate;
    for (;;) {
        size_t size = receive (socket, &message);
        if (size == strlen (END))
            break;
        if (arrived++ == 0)
            start = seconds_now ();
    }
    rate = (double) arrived / (seconds_now () - start);
    tell (side, &rate, sizeof rate);
    hear_go (side);
    zmq_msg_close (&message);
    close_socket (socket);
}

static void publish (struct side *side)
{
    void *socket = new_socket (side, ZMQ_XPUB);
    size_t size = options.size > 32 ? options.size : 32;
    char *content = calloc (1, size);
    zmq_msg_t message;
    MUST (content);
    set_int (socket, ZMQ_RCVHWM, 0);
    set_int (socket, ZMQ_XPUB_NODROP, 1);
    set_int (socket, ZMQ_LINGER, -1);
    zmq_msg_init (&message);
    bind_and_tell (side, socket);
    receive (socket, &message);

    double before = resident (), theirs, rate;
    double start = seconds_now ();
    tell_go (side);
    for (long i = 0; i < options.count; i++)
        receive (socket, &message);
    double elapsed = seconds_now () - start;
    tell_go (side);
    hear (side, &theirs, sizeof theirs);
    double grown = resident () - before + (options.threads ? 0 : theirs);

    if (is (options.measure, "send")) {
        double end = seconds_now () + options.seconds;
        /* A step without a common factor with the usual counts: no help from neighbours. */
        unsigned long at = 0;
        while (seconds_now () < end)
            for (int i = 0; i < 64; i++) {
                at = (at + 7919) % (unsigned long) options.count;
                topic (content, (long) at);
                send_bytes (socket, content, size, 0);
            }
    }
    send_bytes (socket, END, strlen (END), 0);
    hear (side, &rate, sizeof rate);
    if (is (options.measure, "send"))
        print_result (rate, "msg/s");
    else if (is (options.measure, "memory"))
        print_result (grown / (double) options.count, "bytes");
    else
        print_result ((double) options.count / elapsed, "subscriptions/s");
    tell_go (side);
    zmq_msg_close (&message);
    close_socket (socket);
    free (content);
}

int main (int argc, char **argv)
{
    options.count = 100000;
    options.size = 64;
    read_options (argc, argv);
    if (options.count < 1)
        usage (argv[0]);
    run_sides (publish, hold);
    return 0;
}
