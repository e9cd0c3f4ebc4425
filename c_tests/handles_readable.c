/* A socket is an address that can be read. Programs do that to tell sockets from objects of their own by
   the tag at their beginning: CZMQ does with every argument that may be either. */

#include "testing.h"

#define MANY 200

int main (void)
{
    void *context = zmq_ctx_new (), *sockets[MANY];
    CHECK (context);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < MANY; i++) {
            sockets[i] = new_socket (context, ZMQ_DEALER);
            uint32_t tag;
            memcpy (&tag, sockets[i], sizeof tag);
            CHECK (tag != 0xcafe0004 && tag != 0xcafe0005); /* CZMQ's zsock and zactor */
            CHECK_INT ((uintptr_t) sockets[i] % sizeof tag, 0);
            for (int k = 0; k < i; k++)
                CHECK (sockets[k] != sockets[i]);
        }
        for (int i = 0; i < MANY; i++)
            close_now (sockets[i]);
    }
    CHECK_OK (zmq_ctx_term (context));
    return 0;
}
