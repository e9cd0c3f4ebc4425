/* A reader of socket monitor events (zmq_socket_monitor (3), version 1 layout: a six-byte part with
   the event and its value, then the endpoint as text). */

#ifndef MONITOR_H
#define MONITOR_H

#include "testing.h"

#include <inttypes.h>

struct event {
    int number;
    uint32_t value;
    char endpoint[256];
};

/* Events of connections, that is all but MONITOR_STOPPED. */
#define ALL_BUT_STOPPED (ZMQ_EVENT_ALL & ~ZMQ_EVENT_MONITOR_STOPPED)

static inline const char *event_name (int number)
{
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {ZMQ_EVENT_CONNECTED, "CONNECTED"},
        {ZMQ_EVENT_CONNECT_DELAYED, "CONNECT_DELAYED"},
        {ZMQ_EVENT_CONNECT_RETRIED, "CONNECT_RETRIED"},
        {ZMQ_EVENT_LISTENING, "LISTENING"},
        {ZMQ_EVENT_BIND_FAILED, "BIND_FAILED"},
        {ZMQ_EVENT_ACCEPTED, "ACCEPTED"},
        {ZMQ_EVENT_ACCEPT_FAILED, "ACCEPT_FAILED"},
        {ZMQ_EVENT_CLOSED, "CLOSED"},
        {ZMQ_EVENT_CLOSE_FAILED, "CLOSE_FAILED"},
        {ZMQ_EVENT_DISCONNECTED, "DISCONNECTED"},
        {ZMQ_EVENT_MONITOR_STOPPED, "MONITOR_STOPPED"},
        {ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, "HANDSHAKE_FAILED_NO_DETAIL"},
        {ZMQ_EVENT_HANDSHAKE_SUCCEEDED, "HANDSHAKE_SUCCEEDED"},
        {ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, "HANDSHAKE_FAILED_PROTOCOL"},
        {ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, "HANDSHAKE_FAILED_AUTH"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].number == number)
            return names[i].name;
    return "an unknown event";
}

/* Starts monitoring `socket` and returns the consumer, already connected. */
static inline void *watch (void *context, void *socket, int events)
{
    static int count;
    char address[64];
    snprintf (address, sizeof address, "inproc://monitor-%d", ++count);
    CHECK_OK (zmq_socket_monitor (socket, address, events));
    void *monitor = new_socket (context, ZMQ_PAIR);
    connect_to (monitor, address);
    return monitor;
}

/* Stops monitoring `socket`, then closes the consumer: in that order, as events are sent with
   blocking sends. */
static inline void unwatch (void *socket, void *monitor)
{
    CHECK_OK (zmq_socket_monitor (socket, NULL, 0));
    close_now (monitor);
}

/* Receives one event that is there already, or 0. */
static inline int take_event (void *monitor, struct event *event)
{
    unsigned char head[16];
    uint16_t number;
    int n = zmq_recv (monitor, head, sizeof head, ZMQ_DONTWAIT);
    if (n < 0)
        return 0;
    CHECK_INT (n, 6);
    CHECK_INT (get_int (monitor, ZMQ_RCVMORE), 1);
    memcpy (&number, head, sizeof number);
    memcpy (&event->value, head + 2, sizeof event->value);
    event->number = number;
    n = zmq_recv (monitor, event->endpoint, sizeof event->endpoint - 1, 0);
    CHECK (n >= 0 && n < (int) sizeof event->endpoint);
    event->endpoint[n] = 0;
    CHECK_INT (get_int (monitor, ZMQ_RCVMORE), 0);
    return 1;
}

/* Waits for the next event, which must be `number`. */
#define EXPECT_EVENT(monitor, number) expect_event_at (monitor, number, __FILE__, __LINE__)
static inline struct event expect_event_at (void *monitor, int number, const char *file, int line)
{
    struct event event = {0, 0, ""};
    if (!ready_within (monitor, ZMQ_POLLIN, PATIENCE_MS) || !take_event (monitor, &event)) {
        fprintf (stderr, "%s:%d: no event, expected %s\n", file, line, event_name (number));
        exit (1);
    }
    if (event.number != number) {
        fprintf (stderr, "%s:%d: event %s (value %" PRIu32 ", '%s'), expected %s\n", file, line,
                 event_name (event.number), event.value, event.endpoint, event_name (number));
        exit (1);
    }
    return event;
}

/* Waits for event `number`, passing over others. */
#define AWAIT_EVENT(monitor, number) await_event_at (monitor, number, __FILE__, __LINE__)
static inline struct event await_event_at (void *monitor, int number, const char *file, int line)
{
    struct event event = {0, 0, ""};
    double deadline = now_ms () + PATIENCE_MS;
    while (event.number != number) {
        double left = deadline - now_ms ();
        if (left <= 0 || !ready_within (monitor, ZMQ_POLLIN, (long) left + 1)
            || !take_event (monitor, &event)) {
            fprintf (stderr, "%s:%d: %s never came\n", file, line, event_name (number));
            exit (1);
        }
    }
    return event;
}

#endif
