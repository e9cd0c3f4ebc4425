/* Sockets that speak CURVE, with keys that never change. */

#ifndef CURVE_H
#define CURVE_H

#include "testing.h"

#define SERVER_PUBLIC "h@{@V)?i[8.evY&60E5[eEQ!puKnQdExqC]c4$@i"
#define SERVER_SECRET "9}mm/sv4%f<VZuD=kb<7&x{H&x<5{-.65>5&EL14"
#define CLIENT_PUBLIC "&45p]D(k{!F{XG91L6(b5&F/T%mKGDN7tM4dd^Z^"
#define CLIENT_SECRET "/#q}j3bdSXHS^+o5vTQL.UJ7{}(+LVs*x<ZKrDF^"

/* The pair of the manual pages, of nobody here. */
#define OTHER_PUBLIC "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define OTHER_SECRET "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"

static inline void set_key (void *socket, int option, const char *key)
{
    CHECK_OK (zmq_setsockopt (socket, option, key, strlen (key)));
}

static inline void be_curve_server (void *socket)
{
    set_int (socket, ZMQ_CURVE_SERVER, 1);
    set_key (socket, ZMQ_CURVE_SECRETKEY, SERVER_SECRET);
}

static inline void be_curve_client (void *socket, const char *public_key, const char *secret_key)
{
    set_key (socket, ZMQ_CURVE_PUBLICKEY, public_key);
    set_key (socket, ZMQ_CURVE_SECRETKEY, secret_key);
    set_key (socket, ZMQ_CURVE_SERVERKEY, SERVER_PUBLIC);
}

static inline void *new_curve_server (void *context, int type)
{
    void *socket = new_socket (context, type);
    be_curve_server (socket);
    return socket;
}

static inline void *new_curve_client (void *context, int type)
{
    void *socket = new_socket (context, type);
    be_curve_client (socket, CLIENT_PUBLIC, CLIENT_SECRET);
    return socket;
}

/* Everywhere but where the library is built without. */
static inline void needs_curve (void)
{
    if (!zmq_has ("curve"))
        SKIP ("this library has no CURVE");
}

#endif
