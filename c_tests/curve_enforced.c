/* CURVE with ZMQ_ZAP_ENFORCE_DOMAIN: a domain whose authenticator is not there lets nobody in, and none at
   all is not asked about. */

#define ZMQ_BUILD_DRAFT_API
#include "curve.h"
#include "monitor.h"
#include "zap.h"

static void a_domain_without_a_handler_is_closed (void *context)
{
    char endpoint[256];
    void *server = new_curve_server (context, ZMQ_PULL);
    void *client = new_curve_client (context, ZMQ_PUSH);
    set_int (server, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    CHECK_OK (zmq_setsockopt (server, ZMQ_ZAP_DOMAIN, "dom", 3));
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    void *monitor = watch (context, server, ALL_BUT_STOPPED);
    connect_to (client, endpoint);
    send_text (client, "never", 0);
    EXPECT_EVENT (monitor, ZMQ_EVENT_ACCEPTED);
    CHECK_INT (EXPECT_EVENT (monitor, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL).value, EFAULT);
    EXPECT_EVENT (monitor, ZMQ_EVENT_DISCONNECTED);
    CHECK_QUIET (server);
    unwatch (server, monitor);
    close_now (client);
    close_now (server);
}

static void no_domain_is_not_asked_about (void *context)
{
    char endpoint[256];
    void *handler = new_zap (context, ZMQ_REP);
    void *server = new_curve_server (context, ZMQ_PULL);
    void *client = new_curve_client (context, ZMQ_PUSH);
    set_int (server, ZMQ_ZAP_ENFORCE_DOMAIN, 1);
    bind_to (server, "tcp://127.0.0.1:*", endpoint);
    connect_to (client, endpoint);
    send_text (client, "hi", 0);
    RECV_TEXT (server, "hi");
    CHECK_QUIET (handler);
    close_now (client);
    close_now (server);
    close_zap (handler);
}

int main (void)
{
    begin_test ();
    in_context (a_domain_without_a_handler_is_closed);
    in_context (no_domain_is_not_asked_about);
    return 0;
}
