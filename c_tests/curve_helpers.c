/* zmq_curve_keypair and zmq_curve_public: fresh pairs, the public key of a secret one, and ENOTSUP
   without CURVE (zmq_curve_keypair (3), zmq_curve_public (3)). */

#include "testing.h"

/* The example of the man pages and RFC 26. */
#define SECRET "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"
#define PUBLIC "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

static void without_curve_nothing_works (void)
{
    char public_key[41], secret_key[41] = SECRET;
    CHECK_ERRNO (zmq_curve_keypair (public_key, secret_key), ENOTSUP);
    CHECK_ERRNO (zmq_curve_public (public_key, SECRET), ENOTSUP);
}

static void pairs_fit_and_differ (void)
{
    enum { COUNT = 20 };
    char public_keys[COUNT][42], secret_keys[COUNT][42], derived[42];
    uint8_t bytes[32];
    memset (public_keys, 'x', sizeof public_keys);
    memset (secret_keys, 'x', sizeof secret_keys);
    for (int i = 0; i < COUNT; i++) {
        CHECK_OK (zmq_curve_keypair (public_keys[i], secret_keys[i]));
        CHECK_INT (strlen (public_keys[i]), 40);
        CHECK_INT (strlen (secret_keys[i]), 40);
        CHECK_INT (public_keys[i][41], 'x');
        CHECK_INT (secret_keys[i][41], 'x');
        CHECK (zmq_z85_decode (bytes, public_keys[i]));
        CHECK (zmq_z85_decode (bytes, secret_keys[i]));
        CHECK_OK (zmq_curve_public (derived, secret_keys[i]));
        CHECK (strcmp (derived, public_keys[i]) == 0);
        CHECK (strcmp (public_keys[i], secret_keys[i]) != 0);
        for (int j = 0; j < i; j++) {
            CHECK (strcmp (public_keys[i], public_keys[j]) != 0);
            CHECK (strcmp (secret_keys[i], secret_keys[j]) != 0);
        }
    }
}

static void a_known_secret_has_its_public_key (void)
{
    char public_key[41];
    CHECK_OK (zmq_curve_public (public_key, SECRET));
    CHECK (strcmp (public_key, PUBLIC) == 0);
}

static void texts_that_are_no_keys_are_refused (void)
{
    static const char *const texts[] = {"", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh",
                                        "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh\""};
    char public_key[41];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_ERRNO (zmq_curve_public (public_key, texts[i]), EINVAL);
}

/* The pairs are good as socket options. */
static void sockets_take_them (void *context)
{
    char public_key[41], secret_key[41], text[41];
    size_t size = sizeof text;
    void *socket = new_socket (context, ZMQ_PULL);
    CHECK_OK (zmq_curve_keypair (public_key, secret_key));
    CHECK_OK (zmq_setsockopt (socket, ZMQ_CURVE_PUBLICKEY, public_key, 40));
    CHECK_OK (zmq_setsockopt (socket, ZMQ_CURVE_SECRETKEY, secret_key, 41));
    CHECK_OK (zmq_getsockopt (socket, ZMQ_CURVE_PUBLICKEY, text, &size));
    CHECK (strcmp (text, public_key) == 0);
    CHECK_OK (zmq_getsockopt (socket, ZMQ_CURVE_SECRETKEY, text, &size));
    CHECK (strcmp (text, secret_key) == 0);
    close_now (socket);
}

int main (void)
{
    begin_test ();
    if (!zmq_has ("curve")) {
        without_curve_nothing_works ();
        return 0;
    }
    pairs_fit_and_differ ();
    a_known_secret_has_its_public_key ();
    texts_that_are_no_keys_are_refused ();
    in_context (sockets_take_them);
    return 0;
}
