/* The options of CURVE: keys in three shapes, the role, and which mechanism they leave selected
   (zmq_setsockopt (3), zmq_getsockopt (3)). */

#include "curve.h"

static const int KEYS[] = {ZMQ_CURVE_PUBLICKEY, ZMQ_CURVE_SECRETKEY, ZMQ_CURVE_SERVERKEY};

static void check_state (void *socket, int mechanism, int curve_server, int plain_server)
{
    CHECK_INT (get_int (socket, ZMQ_MECHANISM), mechanism);
    CHECK_INT (get_int (socket, ZMQ_CURVE_SERVER), curve_server);
    CHECK_INT (get_int (socket, ZMQ_PLAIN_SERVER), plain_server);
}

static void refuses (void *socket, int option, const void *value, size_t size)
{
    CHECK_ERRNO (zmq_setsockopt (socket, option, value, size), EINVAL);
}

static void keys_are_read_in_two_shapes (void *context)
{
    for (int i = 0; i < 3; i++) {
        char text[128];
        uint8_t raw[32], zeros[32] = {0};
        size_t size = 32;
        void *socket = new_socket (context, ZMQ_DEALER);
        CHECK_OK (zmq_getsockopt (socket, KEYS[i], text, &size));
        CHECK (memcmp (text, zeros, 32) == 0);
        CHECK (zmq_z85_decode (raw, OTHER_PUBLIC));
        for (int shape = 0; shape < 3; shape++) {
            CHECK_OK (zmq_setsockopt (socket, KEYS[i], zeros, 32));
            if (shape == 2)
                CHECK_OK (zmq_setsockopt (socket, KEYS[i], raw, 32));
            else
                CHECK_OK (zmq_setsockopt (socket, KEYS[i], OTHER_PUBLIC, 40 + (size_t) shape));
            memset (text, 'x', sizeof text);
            size = 41;
            CHECK_OK (zmq_getsockopt (socket, KEYS[i], text, &size));
            CHECK_INT (size, 41);
            CHECK (strcmp (text, OTHER_PUBLIC) == 0 && text[41] == 'x');
            size = 32;
            CHECK_OK (zmq_getsockopt (socket, KEYS[i], text, &size));
            CHECK_INT (size, 32);
            CHECK (memcmp (text, raw, 32) == 0);
        }
        for (size_t wrong = 0; wrong < 100; wrong++) {
            size = wrong;
            if (wrong != 32 && wrong != 41)
                CHECK_ERRNO (zmq_getsockopt (socket, KEYS[i], text, &size), EINVAL);
        }
        close_now (socket);
    }
}

static void what_is_no_key_changes_nothing (void *context)
{
    for (int i = 0; i < 3; i++) {
        char text[41];
        void *socket = new_socket (context, ZMQ_DEALER);
        refuses (socket, KEYS[i], NULL, 0);
        refuses (socket, KEYS[i], "", 0);
        refuses (socket, KEYS[i], OTHER_PUBLIC, 39);
        refuses (socket, KEYS[i], OTHER_PUBLIC, 31);
        memcpy (text, OTHER_PUBLIC, 40);
        text[40] = '0';
        refuses (socket, KEYS[i], text, 41);
        text[40] = 0;
        text[7] = ' ';
        refuses (socket, KEYS[i], text, 40);
        refuses (socket, KEYS[i], text, 41);
        memset (text, '#', 40);
        refuses (socket, KEYS[i], text, 40);
        check_state (socket, ZMQ_NULL, 0, 0);
        close_now (socket);
    }
}

/* There is one mechanism and one role: the last call says. */
static void the_last_call_selects (void *context)
{
    void *socket = new_socket (context, ZMQ_DEALER);
    int two = 2, one = 1;
    check_state (socket, ZMQ_NULL, 0, 0);
    set_int (socket, ZMQ_CURVE_SERVER, 1);
    check_state (socket, ZMQ_CURVE, 1, 0);
    set_int (socket, ZMQ_CURVE_SERVER, 0);
    check_state (socket, ZMQ_NULL, 0, 0);
    refuses (socket, ZMQ_CURVE_SERVER, &two, sizeof two);
    refuses (socket, ZMQ_CURVE_SERVER, &one, 3);
    set_key (socket, ZMQ_CURVE_SERVERKEY, OTHER_PUBLIC);
    check_state (socket, ZMQ_CURVE, 0, 0);
    set_int (socket, ZMQ_CURVE_SERVER, 1);
    set_key (socket, ZMQ_CURVE_PUBLICKEY, OTHER_PUBLIC);
    check_state (socket, ZMQ_CURVE, 1, 0);
    set_key (socket, ZMQ_CURVE_SECRETKEY, OTHER_SECRET);
    check_state (socket, ZMQ_CURVE, 1, 0);
    set_key (socket, ZMQ_CURVE_SERVERKEY, OTHER_PUBLIC);
    check_state (socket, ZMQ_CURVE, 0, 0);
    set_int (socket, ZMQ_PLAIN_SERVER, 1);
    check_state (socket, ZMQ_PLAIN, 0, 1);
    set_key (socket, ZMQ_CURVE_PUBLICKEY, OTHER_PUBLIC);
    check_state (socket, ZMQ_CURVE, 1, 0);
    CHECK_OK (zmq_setsockopt (socket, ZMQ_PLAIN_USERNAME, "u", 1));
    check_state (socket, ZMQ_PLAIN, 0, 0);
    set_key (socket, ZMQ_CURVE_PUBLICKEY, OTHER_PUBLIC);
    CHECK_OK (zmq_setsockopt (socket, ZMQ_PLAIN_USERNAME, NULL, 0));
    check_state (socket, ZMQ_NULL, 0, 0);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    needs_curve ();
    in_context (keys_are_read_in_two_shapes);
    in_context (what_is_no_key_changes_nothing);
    in_context (the_last_call_selects);
    return 0;
}
