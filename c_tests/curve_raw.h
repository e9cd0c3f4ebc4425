/* What a peer without a CURVE implementation can say in CURVE: a greeting, and two HELLOs. */

#ifndef CURVE_RAW_H
#define CURVE_RAW_H

#include "curve.h"
#include "raw_peer.h"

#define ZEROS_15 "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZEROS_72 RAW_ZEROS_48 RAW_ZEROS_16 "\0\0\0\0\0\0\0\0"
#define ZEROS_80 RAW_ZEROS_48 RAW_ZEROS_16 RAW_ZEROS_16

#define CURVE_GREETING RAW_SIGNATURE "\x03\x01" "CURVE" ZEROS_15 RAW_ZEROS_16 RAW_ZEROS_16

/* Frames. The first HELLO has a key and a box that nobody has made; the second was once made for
   SERVER_PUBLIC, and a server has to answer it, but nobody here has the key to go on. */
#define FORGED_HELLO                                                                               \
    "\x04\xc8\x05HELLO\x01\0" ZEROS_72 "it was not made by any algorithm" "\0\0\0\0\0\0\0\1" ZEROS_80
#define STALE_HELLO                                                                                \
    "\x04\xc8\x05HELLO\x01\0" ZEROS_72                                                             \
    "\xb5\xec\x82\x12\xa6\x74\x86\x51\xbc\x02\xba\x19\xfd\x03\x18\x43"                             \
    "\x15\x68\x2e\xa1\xa0\x56\x48\xeb\x6f\xcf\xb8\xa6\xa8\xd5\xfb\x63"                             \
    "\0\0\0\0\0\0\0\1"                                                                             \
    "\x85\x05\x18\x1a\xb1\xf1\x78\xbf\xf9\x90\x72\xe0\x7b\xb5\xae\xc3"                             \
    "\x99\x60\xc6\x0d\x92\xa7\xc7\x6c\xfd\x83\x71\x84\x94\x14\x9e\x03"                             \
    "\xaf\x22\xa7\x95\x3a\x36\xf1\x63\x58\x3b\xb6\x8b\x5d\x73\x61\x71"                             \
    "\xca\x59\xd3\x95\x51\xf6\xc5\x20\xf9\xbe\x99\xa1\xce\xef\x6a\x54"                             \
    "\x4e\xc3\x73\xb1\x01\xa1\x2b\xef\x5d\x90\x2f\x7c\x45\xb6\xf7\x2d"

/* The size of a WELCOME frame. */
#define WELCOME_SIZE 170

/* The head of an INITIATE of 257 bytes, the least there is. */
#define INITIATE_HEAD "\x06\0\0\0\0\0\0\x01\x01\x08INITIATE"

#endif
