/* zmq_device, deprecated: a proxy without capture whose type argument does not matter
   (zmq_proxy (3)). */

#include "testing.h"

static void devices_relay (void)
{
    static const int devices[] = {ZMQ_STREAMER, ZMQ_FORWARDER, ZMQ_QUEUE, 99};
    for (int i = 0; i < 4; i++) {
        struct relay relay = {.device = devices[i]};
        void *own = zmq_ctx_new ();
        void *front = new_socket (own, ZMQ_REQ), *back = new_socket (own, ZMQ_REP);
        start_relay (&relay, own, ZMQ_ROUTER, ZMQ_DEALER);
        connect_to (front, "inproc://frontend");
        connect_to (back, "inproc://backend");
        for (int j = 0; j < 3; j++) {
            send_parts (front, "question", "part", NULL);
            RECV_PARTS (back, "question", "part", NULL);
            send_text (back, "answer", 0);
            RECV_TEXT (front, "answer");
        }
        CHECK_OK (zmq_ctx_shutdown (own));
        end_relay (&relay, -1, ETERM);
        CHECK_OK (zmq_close (front));
        CHECK_OK (zmq_close (back));
        CHECK_OK (zmq_ctx_term (own));
    }
}

static void the_types_have_their_numbers (void)
{
    CHECK_INT (ZMQ_STREAMER, 1);
    CHECK_INT (ZMQ_FORWARDER, 2);
    CHECK_INT (ZMQ_QUEUE, 3);
}

int main (void)
{
    begin_test ();
    the_types_have_their_numbers ();
    devices_relay ();
    return 0;
}
