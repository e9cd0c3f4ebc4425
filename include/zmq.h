/* SPDX-License-Identifier: MIT OR Apache-2.0

   The C interface of libzmq. Macros with numbers, structures and functions are generated from the
   Rust sources; to change them or the rest see ffi/examples/generate_header.rs and ffi/zmq.h.in. */

#ifndef __ZMQ_H_INCLUDED__
#define __ZMQ_H_INCLUDED__

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#if !defined _WIN32
#include <signal.h>
#if defined ZMQ_BUILD_DRAFT_API
#include <sys/select.h> /* sigset_t, which <signal.h> does not define in strict C */
#endif
#endif

/* Versions as numbers that can be compared, by the preprocessor too. */
#define ZMQ_MAKE_VERSION(major, minor, patch) ((major) *10000 + (minor) *100 + (patch))
#define ZMQ_VERSION ZMQ_MAKE_VERSION (ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH)

/* zmq_timers_* are there. */
#define ZMQ_HAVE_TIMERS

/* Makes a function visible outside the library. Undefined at the end. */
#if defined ZMQ_NO_EXPORT
#define ZMQ_EXPORT
#elif defined _WIN32
#if defined ZMQ_STATIC
#define ZMQ_EXPORT
#elif defined DLL_EXPORT
#define ZMQ_EXPORT __declspec(dllexport)
#else
#define ZMQ_EXPORT __declspec(dllimport)
#endif
#elif defined __GNUC__
#define ZMQ_EXPORT __attribute__ ((visibility ("default")))
#else
#define ZMQ_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* System errors for platforms without them. */
#ifndef ENOTSUP
#define ENOTSUP (ZMQ_HAUSNUMERO + 1)
#endif
#ifndef EPROTONOSUPPORT
#define EPROTONOSUPPORT (ZMQ_HAUSNUMERO + 2)
#endif
#ifndef ENOBUFS
#define ENOBUFS (ZMQ_HAUSNUMERO + 3)
#endif
#ifndef ENETDOWN
#define ENETDOWN (ZMQ_HAUSNUMERO + 4)
#endif
#ifndef EADDRINUSE
#define EADDRINUSE (ZMQ_HAUSNUMERO + 5)
#endif
#ifndef EADDRNOTAVAIL
#define EADDRNOTAVAIL (ZMQ_HAUSNUMERO + 6)
#endif
#ifndef ECONNREFUSED
#define ECONNREFUSED (ZMQ_HAUSNUMERO + 7)
#endif
#ifndef EINPROGRESS
#define EINPROGRESS (ZMQ_HAUSNUMERO + 8)
#endif
#ifndef ENOTSOCK
#define ENOTSOCK (ZMQ_HAUSNUMERO + 9)
#endif
#ifndef EMSGSIZE
#define EMSGSIZE (ZMQ_HAUSNUMERO + 10)
#endif
#ifndef EAFNOSUPPORT
#define EAFNOSUPPORT (ZMQ_HAUSNUMERO + 11)
#endif
#ifndef ENETUNREACH
#define ENETUNREACH (ZMQ_HAUSNUMERO + 12)
#endif
#ifndef ECONNABORTED
#define ECONNABORTED (ZMQ_HAUSNUMERO + 13)
#endif
#ifndef ECONNRESET
#define ECONNRESET (ZMQ_HAUSNUMERO + 14)
#endif
#ifndef ENOTCONN
#define ENOTCONN (ZMQ_HAUSNUMERO + 15)
#endif
#ifndef ETIMEDOUT
#define ETIMEDOUT (ZMQ_HAUSNUMERO + 16)
#endif
#ifndef EHOSTUNREACH
#define EHOSTUNREACH (ZMQ_HAUSNUMERO + 17)
#endif
#ifndef ENETRESET
#define ENETRESET (ZMQ_HAUSNUMERO + 18)
#endif

/* A message. Opaque; to be copied and moved by zmq_msg_copy and zmq_msg_move only. */
typedef struct zmq_msg_t
{
#if defined _MSC_VER && defined _WIN64
    __declspec(align (8)) unsigned char _[64];
#elif defined _MSC_VER
    __declspec(align (4)) unsigned char _[64];
#elif defined __GNUC__
    unsigned char _[64] __attribute__ ((aligned (sizeof (void *))));
#elif defined __cplusplus && __cplusplus >= 201103L
    alignas (void *) unsigned char _[64];
#elif defined __STDC_VERSION__ && __STDC_VERSION__ >= 201112L
    _Alignas (void *) unsigned char _[64];
#else
    unsigned char _[64];
#endif
} zmq_msg_t;

/* Frees the data of a message made by zmq_msg_init_data; called from any thread. */
typedef void (zmq_free_fn) (void *data, void *hint);

/* Called by zmq_timers_execute when a timer is due. */
typedef void (zmq_timer_fn) (int timer_id, void *arg);

/* Run by zmq_threadstart in a thread of its own. */
typedef void (zmq_thread_fn) (void *arg);

/* A file descriptor. */
#if defined _WIN64
typedef unsigned __int64 zmq_fd_t;
#elif defined _WIN32
typedef unsigned int zmq_fd_t;
#else
typedef int zmq_fd_t;
#endif

/* As <sys/uio.h> defines it. */
struct iovec;

/* The version of the header. */
#define ZMQ_VERSION_MAJOR 4
#define ZMQ_VERSION_MINOR 3
#define ZMQ_VERSION_PATCH 6

/* What the header offers. */
#define ZMQ_DEFINED_STDINT 1
#define ZMQ_HAS_CAPABILITIES 1

/* The first of the library's own error numbers. */
#define ZMQ_HAUSNUMERO 156384712

/* Error numbers of the library itself. */
#define EFSM (ZMQ_HAUSNUMERO + 51)
#define ENOCOMPATPROTO (ZMQ_HAUSNUMERO + 52)
#define ETERM (ZMQ_HAUSNUMERO + 53)
#define EMTHREAD (ZMQ_HAUSNUMERO + 54)

/* Context options. */
#define ZMQ_IO_THREADS 1
#define ZMQ_MAX_SOCKETS 2
#define ZMQ_SOCKET_LIMIT 3
#define ZMQ_THREAD_PRIORITY 3
#define ZMQ_THREAD_SCHED_POLICY 4
#define ZMQ_MAX_MSGSZ 5
#define ZMQ_MSG_T_SIZE 6
#define ZMQ_THREAD_AFFINITY_CPU_ADD 7
#define ZMQ_THREAD_AFFINITY_CPU_REMOVE 8
#define ZMQ_THREAD_NAME_PREFIX 9

/* Values that context options have from the beginning. */
#define ZMQ_IO_THREADS_DFLT 1
#define ZMQ_MAX_SOCKETS_DFLT 1023
#define ZMQ_THREAD_PRIORITY_DFLT -1
#define ZMQ_THREAD_SCHED_POLICY_DFLT -1

/* Socket types. */
#define ZMQ_PAIR 0
#define ZMQ_PUB 1
#define ZMQ_SUB 2
#define ZMQ_REQ 3
#define ZMQ_REP 4
#define ZMQ_DEALER 5
#define ZMQ_ROUTER 6
#define ZMQ_PULL 7
#define ZMQ_PUSH 8
#define ZMQ_XPUB 9
#define ZMQ_XSUB 10
#define ZMQ_STREAM 11

/* Deprecated: socket types. */
#define ZMQ_XREQ ZMQ_DEALER
#define ZMQ_XREP ZMQ_ROUTER

/* Socket options. */
#define ZMQ_AFFINITY 4
#define ZMQ_ROUTING_ID 5
#define ZMQ_SUBSCRIBE 6
#define ZMQ_UNSUBSCRIBE 7
#define ZMQ_RATE 8
#define ZMQ_RECOVERY_IVL 9
#define ZMQ_SNDBUF 11
#define ZMQ_RCVBUF 12
#define ZMQ_RCVMORE 13
#define ZMQ_FD 14
#define ZMQ_EVENTS 15
#define ZMQ_TYPE 16
#define ZMQ_LINGER 17
#define ZMQ_RECONNECT_IVL 18
#define ZMQ_BACKLOG 19
#define ZMQ_RECONNECT_IVL_MAX 21
#define ZMQ_MAXMSGSIZE 22
#define ZMQ_SNDHWM 23
#define ZMQ_RCVHWM 24
#define ZMQ_MULTICAST_HOPS 25
#define ZMQ_RCVTIMEO 27
#define ZMQ_SNDTIMEO 28
#define ZMQ_LAST_ENDPOINT 32
#define ZMQ_ROUTER_MANDATORY 33
#define ZMQ_TCP_KEEPALIVE 34
#define ZMQ_TCP_KEEPALIVE_CNT 35
#define ZMQ_TCP_KEEPALIVE_IDLE 36
#define ZMQ_TCP_KEEPALIVE_INTVL 37
#define ZMQ_IMMEDIATE 39
#define ZMQ_XPUB_VERBOSE 40
#define ZMQ_ROUTER_RAW 41
#define ZMQ_IPV6 42
#define ZMQ_MECHANISM 43
#define ZMQ_PLAIN_SERVER 44
#define ZMQ_PLAIN_USERNAME 45
#define ZMQ_PLAIN_PASSWORD 46
#define ZMQ_CURVE_SERVER 47
#define ZMQ_CURVE_PUBLICKEY 48
#define ZMQ_CURVE_SECRETKEY 49
#define ZMQ_CURVE_SERVERKEY 50
#define ZMQ_PROBE_ROUTER 51
#define ZMQ_REQ_CORRELATE 52
#define ZMQ_REQ_RELAXED 53
#define ZMQ_CONFLATE 54
#define ZMQ_ZAP_DOMAIN 55
#define ZMQ_ROUTER_HANDOVER 56
#define ZMQ_TOS 57
#define ZMQ_CONNECT_ROUTING_ID 61
#define ZMQ_GSSAPI_SERVER 62
#define ZMQ_GSSAPI_PRINCIPAL 63
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL 64
#define ZMQ_GSSAPI_PLAINTEXT 65
#define ZMQ_HANDSHAKE_IVL 66
#define ZMQ_SOCKS_PROXY 68
#define ZMQ_XPUB_NODROP 69
#define ZMQ_BLOCKY 70
#define ZMQ_XPUB_MANUAL 71
#define ZMQ_XPUB_WELCOME_MSG 72
#define ZMQ_STREAM_NOTIFY 73
#define ZMQ_INVERT_MATCHING 74
#define ZMQ_HEARTBEAT_IVL 75
#define ZMQ_HEARTBEAT_TTL 76
#define ZMQ_HEARTBEAT_TIMEOUT 77
#define ZMQ_XPUB_VERBOSER 78
#define ZMQ_CONNECT_TIMEOUT 79
#define ZMQ_TCP_MAXRT 80
#define ZMQ_THREAD_SAFE 81
#define ZMQ_MULTICAST_MAXTPDU 84
#define ZMQ_VMCI_BUFFER_SIZE 85
#define ZMQ_VMCI_BUFFER_MIN_SIZE 86
#define ZMQ_VMCI_BUFFER_MAX_SIZE 87
#define ZMQ_VMCI_CONNECT_TIMEOUT 88
#define ZMQ_USE_FD 89
#define ZMQ_GSSAPI_PRINCIPAL_NAMETYPE 90
#define ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE 91
#define ZMQ_BINDTODEVICE 92

/* Message properties. */
#define ZMQ_MORE 1
#define ZMQ_SHARED 3

/* Flags for sending and receiving. */
#define ZMQ_DONTWAIT 1
#define ZMQ_SNDMORE 2

/* Values of ZMQ_MECHANISM. */
#define ZMQ_NULL 0
#define ZMQ_PLAIN 1
#define ZMQ_CURVE 2
#define ZMQ_GSSAPI 3

/* The longest group of RADIO and DISH, in bytes. */
#define ZMQ_GROUP_MAX_LENGTH 255

/* Deprecated: socket options. */
#define ZMQ_IDENTITY ZMQ_ROUTING_ID
#define ZMQ_CONNECT_RID ZMQ_CONNECT_ROUTING_ID
#define ZMQ_TCP_ACCEPT_FILTER 38
#define ZMQ_IPC_FILTER_PID 58
#define ZMQ_IPC_FILTER_UID 59
#define ZMQ_IPC_FILTER_GID 60
#define ZMQ_IPV4ONLY 31
#define ZMQ_DELAY_ATTACH_ON_CONNECT ZMQ_IMMEDIATE
#define ZMQ_FAIL_UNROUTABLE ZMQ_ROUTER_MANDATORY
#define ZMQ_ROUTER_BEHAVIOR ZMQ_ROUTER_MANDATORY

/* Deprecated: flags for sending and receiving. */
#define ZMQ_NOBLOCK ZMQ_DONTWAIT

/* Deprecated: message properties. */
#define ZMQ_SRCFD 2

/* Types of GSSAPI principal names. */
#define ZMQ_GSSAPI_NT_HOSTBASED 0
#define ZMQ_GSSAPI_NT_USER_NAME 1
#define ZMQ_GSSAPI_NT_KRB5_PRINCIPAL 2

/* Monitor events. */
#define ZMQ_EVENT_CONNECTED 1
#define ZMQ_EVENT_CONNECT_DELAYED 2
#define ZMQ_EVENT_CONNECT_RETRIED 4
#define ZMQ_EVENT_LISTENING 8
#define ZMQ_EVENT_BIND_FAILED 16
#define ZMQ_EVENT_ACCEPTED 32
#define ZMQ_EVENT_ACCEPT_FAILED 64
#define ZMQ_EVENT_CLOSED 128
#define ZMQ_EVENT_CLOSE_FAILED 256
#define ZMQ_EVENT_DISCONNECTED 512
#define ZMQ_EVENT_MONITOR_STOPPED 1024
#define ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL 2048
#define ZMQ_EVENT_HANDSHAKE_SUCCEEDED 4096
#define ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL 8192
#define ZMQ_EVENT_HANDSHAKE_FAILED_AUTH 16384

/* All monitor events that are no drafts. */
#define ZMQ_EVENT_ALL 65535

/* Values of ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL. */
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED 268435456
#define ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND 268435457
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE 268435458
#define ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE 268435459
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED 268435473
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE 268435474
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO 268435475
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE 268435476
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR 268435477
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY 268435478
#define ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME 268435479
#define ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA 268435480
#define ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC 285212673
#define ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH 285212674
#define ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED 536870912
#define ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY 536870913
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID 536870914
#define ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION 536870915
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE 536870916
#define ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA 536870917
#define ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED 805306368

/* Events of poll items. */
#define ZMQ_POLLIN 1
#define ZMQ_POLLOUT 2
#define ZMQ_POLLERR 4
#define ZMQ_POLLPRI 8

/* As many poll items are handled without allocating memory. */
#define ZMQ_POLLITEMS_DFLT 16

/* Deprecated: device types, which make no difference. */
#define ZMQ_STREAMER 1
#define ZMQ_FORWARDER 2
#define ZMQ_QUEUE 3

/* A socket, or a descriptor if there is no socket, and the events to wait for. */
typedef struct zmq_pollitem_t {
  void *socket;
  zmq_fd_t fd;
  short events;
  short revents;
} zmq_pollitem_t;

/* The calling thread's errno, for programs with another C library. */
ZMQ_EXPORT int zmq_errno(void);

/* The text for an error number; not to be freed. */
ZMQ_EXPORT const char *zmq_strerror(int errnum);

/* The version of the library, which may differ from that of the header. */
ZMQ_EXPORT void zmq_version(int *major, int *minor, int *patch);

/* 1 if the library has a capability: ipc, pgm, tipc, norm, curve, gssapi, vmci, vsock, draft, WS, WSS. */
ZMQ_EXPORT int zmq_has(const char *capability);

/* Creates a counter at 0. NULL: ENOMEM. */
ZMQ_EXPORT void *zmq_atomic_counter_new(void);

/* Sets a counter. */
ZMQ_EXPORT void zmq_atomic_counter_set(void *counter, int value);

/* Adds 1 and returns the value before. */
ZMQ_EXPORT int zmq_atomic_counter_inc(void *counter);

/* Subtracts 1; returns 0 if the counter is 0 now, else 1. */
ZMQ_EXPORT int zmq_atomic_counter_dec(void *counter);

/* The value of a counter. */
ZMQ_EXPORT int zmq_atomic_counter_value(void *counter);

/* Destroys a counter and makes *counter_p NULL. */
ZMQ_EXPORT void zmq_atomic_counter_destroy(void **counter_p);

/* Starts a stopwatch. NULL: ENOMEM. */
ZMQ_EXPORT void *zmq_stopwatch_start(void);

/* Microseconds since the start. */
ZMQ_EXPORT unsigned long zmq_stopwatch_intermediate(void *watch);

/* Microseconds since the start; ends the stopwatch. */
ZMQ_EXPORT unsigned long zmq_stopwatch_stop(void *watch);

/* Sleeps, as sleep(3) does. */
ZMQ_EXPORT void zmq_sleep(int seconds);

/* Runs a function in a thread of its own, in which all signals are blocked. NULL: EFAULT, EAGAIN. */
ZMQ_EXPORT void *zmq_threadstart(zmq_thread_fn *func, void *arg);

/* Waits for the end of a thread and releases its handle. */
ZMQ_EXPORT void zmq_threadclose(void *thread);

/* Creates a context. NULL: EMFILE, ENOMEM. */
ZMQ_EXPORT void *zmq_ctx_new(void);

/* Waits until all sockets are closed and lingering is over, then ends the context. EFAULT, EINTR. */
ZMQ_EXPORT int zmq_ctx_term(void *context);

/* Makes all calls on the context's sockets fail with ETERM, without waiting. EFAULT. */
ZMQ_EXPORT int zmq_ctx_shutdown(void *context);

/* Sets a context option. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_ctx_set(void *context, int option, int optval);

/* Reads a context option. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_ctx_get(void *context, int option);

/* Deprecated: zmq_ctx_new with a number of I/O threads. NULL: EINVAL if that is negative. */
ZMQ_EXPORT void *zmq_init(int io_threads);

/* Deprecated: zmq_ctx_term. */
ZMQ_EXPORT int zmq_term(void *context);

/* Deprecated: zmq_ctx_term. */
ZMQ_EXPORT int zmq_ctx_destroy(void *context);

/* Creates a socket. NULL: EFAULT, EINVAL, ETERM, EMFILE, ENOMEM. */
ZMQ_EXPORT void *zmq_socket(void *context, int type);

/* Closes a socket; what was sent lingers on in the background. ENOTSOCK. */
ZMQ_EXPORT int zmq_close(void *socket);

/* Sets a socket option. ENOTSOCK, ETERM, EINVAL. */
ZMQ_EXPORT int zmq_setsockopt(void *socket, int option, const void *optval, size_t optvallen);

/* Reads a socket option; *optvallen is the size of the buffer, then that of the value. ENOTSOCK, ETERM,
   EINVAL, EINTR. */
ZMQ_EXPORT int zmq_getsockopt(void *socket, int option, void *optval, size_t *optvallen);

/* Starts to accept connections at an endpoint. ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO,
   EMTHREAD, EADDRINUSE, EADDRNOTAVAIL, ENODEV, ENAMETOOLONG and what bind(2) gives. */
ZMQ_EXPORT int zmq_bind(void *socket, const char *addr);

/* Starts to connect to an endpoint in the background. ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
   ENOCOMPATPROTO, EMTHREAD, ENAMETOOLONG. */
ZMQ_EXPORT int zmq_connect(void *socket, const char *addr);

/* Removes an endpoint that was bound (or connected). ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
   ENOCOMPATPROTO, ENOENT. */
ZMQ_EXPORT int zmq_unbind(void *socket, const char *addr);

/* Removes an endpoint that was connected (or bound). ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
   ENOCOMPATPROTO, ENOENT. */
ZMQ_EXPORT int zmq_disconnect(void *socket, const char *addr);

/* Sends the socket's events to a PAIR bound to an inproc endpoint; addr NULL stops that. ENOTSOCK, ETERM,
   EINVAL, EPROTONOSUPPORT, EADDRINUSE, EMFILE. */
ZMQ_EXPORT int zmq_socket_monitor(void *socket, const char *addr, int events);

/* Sends a copy of a buffer as one part; returns its size. */
ZMQ_EXPORT int zmq_send(void *socket, const void *buf, size_t len, int flags);

/* Sends a buffer that stays valid and unchanged for ever, without copying; returns its size. */
ZMQ_EXPORT int zmq_send_const(void *socket, const void *buf, size_t len, int flags);

/* Sends a message, which is empty afterwards, and returns its size. EFAULT if it is invalid. */
ZMQ_EXPORT int zmq_msg_send(zmq_msg_t *msg, void *socket, int flags);

/* Deprecated: zmq_msg_send. */
ZMQ_EXPORT int zmq_sendmsg(void *socket, zmq_msg_t *msg, int flags);

/* Receives one part, cut to the buffer; returns its true size. */
ZMQ_EXPORT int zmq_recv(void *socket, void *buf, size_t len, int flags);

/* Receives one part in place of what the message held; returns its size. EFAULT if it is invalid. */
ZMQ_EXPORT int zmq_msg_recv(zmq_msg_t *msg, void *socket, int flags);

/* Deprecated: zmq_msg_recv. */
ZMQ_EXPORT int zmq_recvmsg(void *socket, zmq_msg_t *msg, int flags);

/* Sends copies of count buffers, with ZMQ_SNDMORE as one message; returns the size of the last. EINVAL if
   there are none. */
ZMQ_EXPORT int zmq_sendiov(void *socket, struct iovec *iov, size_t count, int flags);

/* Receives the parts of one message into up to *count buffers that the caller frees; returns their
   number, as does *count. EINVAL if there is no room. */
ZMQ_EXPORT int zmq_recviov(void *socket, struct iovec *iov, size_t *count, int flags);

/* Makes memory an empty message. */
ZMQ_EXPORT int zmq_msg_init(zmq_msg_t *msg);

/* Makes memory a message of size bytes, not initialised. ENOMEM. */
ZMQ_EXPORT int zmq_msg_init_size(zmq_msg_t *msg, size_t size);

/* Makes memory a message of the caller's bytes, freed by ffn unless that is NULL. ENOMEM. */
ZMQ_EXPORT int zmq_msg_init_data(zmq_msg_t *msg, void *data, size_t size, zmq_free_fn *ffn, void *hint);

/* Releases a message and makes it invalid. EFAULT if it is already. */
ZMQ_EXPORT int zmq_msg_close(zmq_msg_t *msg);

/* Releases dest and moves src into it; src is empty afterwards. EFAULT if either is invalid. */
ZMQ_EXPORT int zmq_msg_move(zmq_msg_t *dest, zmq_msg_t *src);

/* Releases dest and makes it share the content of src, or copy it if that is small. EFAULT if either is
   invalid. */
ZMQ_EXPORT int zmq_msg_copy(zmq_msg_t *dest, zmq_msg_t *src);

/* The content; if it lies within the object, it moves with it. NULL, EFAULT for an invalid message. */
ZMQ_EXPORT void *zmq_msg_data(zmq_msg_t *msg);

/* The size of the content. 0, EFAULT for an invalid message. */
ZMQ_EXPORT size_t zmq_msg_size(const zmq_msg_t *msg);

/* 1 if another part of the same message follows. 0, EFAULT for an invalid message. */
ZMQ_EXPORT int zmq_msg_more(const zmq_msg_t *msg);

/* A property: ZMQ_MORE, ZMQ_SHARED or ZMQ_SRCFD. EINVAL if there is none such, EFAULT. */
ZMQ_EXPORT int zmq_msg_get(const zmq_msg_t *msg, int property);

/* There is no property that could be set: always EINVAL. */
ZMQ_EXPORT int zmq_msg_set(zmq_msg_t *msg, int property, int optval);

/* A text that describes the connection the message came by; belongs to the message. NULL, EINVAL if there
   is none of that name. */
ZMQ_EXPORT const char *zmq_msg_gets(const zmq_msg_t *msg, const char *property);

/* Waits until an item is ready or timeout milliseconds have passed (-1: for ever); returns how many are.
   EINVAL, EFAULT, ENOTSOCK, ETERM, EINTR. */
ZMQ_EXPORT int zmq_poll(struct zmq_pollitem_t *items, int nitems, long timeout);

/* Passes messages between two sockets, with a copy to capture unless that is NULL, until one fails. */
ZMQ_EXPORT int zmq_proxy(void *frontend, void *backend, void *capture);

/* As zmq_proxy, steered by PAUSE, RESUME, TERMINATE and STATISTICS; 0 after TERMINATE. */
ZMQ_EXPORT int zmq_proxy_steerable(void *frontend, void *backend, void *capture, void *control);

/* Deprecated: zmq_proxy without capture. */
ZMQ_EXPORT int zmq_device(int type, void *frontend, void *backend);

/* Writes data as Z85 text with a terminating zero, size * 5 / 4 + 1 bytes; returns dest. NULL, EINVAL if
   size is not a multiple of 4. */
ZMQ_EXPORT char *zmq_z85_encode(char *dest, const uint8_t *data, size_t size);

/* Writes the bytes that a Z85 text stands for, 4 / 5 of its length; returns dest. NULL, EINVAL if it is not
   such a text. */
ZMQ_EXPORT uint8_t *zmq_z85_decode(uint8_t *dest, const char *string);

/* Makes a key pair, each 40 characters and a zero. EFAULT for NULL. */
ZMQ_EXPORT int zmq_curve_keypair(char *z85_public_key, char *z85_secret_key);

/* Derives the public key of a secret key. EINVAL if that is not one; EFAULT for NULL. */
ZMQ_EXPORT int zmq_curve_public(char *z85_public_key, const char *z85_secret_key);

/* Creates an empty set of timers. NULL: ENOMEM. */
ZMQ_EXPORT void *zmq_timers_new(void);

/* Destroys a set and makes *timers_p NULL. EFAULT. */
ZMQ_EXPORT int zmq_timers_destroy(void **timers_p);

/* Adds a timer that is due every interval milliseconds; returns its id: 1, 2, 3 ... EFAULT. */
ZMQ_EXPORT int zmq_timers_add(void *timers, size_t interval, zmq_timer_fn handler, void *arg);

/* Removes a timer. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_timers_cancel(void *timers, int timer_id);

/* Gives a timer a new interval, which starts now. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_timers_set_interval(void *timers, int timer_id, size_t interval);

/* Starts a timer's interval again. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_timers_reset(void *timers, int timer_id);

/* Milliseconds until the next timer is due, -1 if there is none. EFAULT. */
ZMQ_EXPORT long zmq_timers_timeout(void *timers);

/* Calls the handlers of the timers that are due. EFAULT. */
ZMQ_EXPORT int zmq_timers_execute(void *timers);

/* Drafts may change with any version. */
#ifdef ZMQ_BUILD_DRAFT_API

/* zmq_poller_* are there. */
#define ZMQ_HAVE_POLLER

/* All events of a stream of version 2. */
#define ZMQ_EVENT_ALL_V2 ZMQ_EVENT_ALL_V1 | ZMQ_EVENT_PIPES_STATS

/* Names for zmq_msg_gets. */
#define ZMQ_MSG_PROPERTY_ROUTING_ID "Routing-Id"
#define ZMQ_MSG_PROPERTY_SOCKET_TYPE "Socket-Type"
#define ZMQ_MSG_PROPERTY_USER_ID "User-Id"
#define ZMQ_MSG_PROPERTY_PEER_ADDRESS "Peer-Address"

/* Socket types. */
#define ZMQ_SERVER 12
#define ZMQ_CLIENT 13
#define ZMQ_RADIO 14
#define ZMQ_DISH 15
#define ZMQ_GATHER 16
#define ZMQ_SCATTER 17
#define ZMQ_DGRAM 18
#define ZMQ_PEER 19
#define ZMQ_CHANNEL 20

/* Socket options. */
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#define ZMQ_LOOPBACK_FASTPATH 94
#define ZMQ_METADATA 95
#define ZMQ_MULTICAST_LOOP 96
#define ZMQ_ROUTER_NOTIFY 97
#define ZMQ_XPUB_MANUAL_LAST_VALUE 98
#define ZMQ_SOCKS_USERNAME 99
#define ZMQ_SOCKS_PASSWORD 100
#define ZMQ_IN_BATCH_SIZE 101
#define ZMQ_OUT_BATCH_SIZE 102
#define ZMQ_WSS_KEY_PEM 103
#define ZMQ_WSS_CERT_PEM 104
#define ZMQ_WSS_TRUST_PEM 105
#define ZMQ_WSS_HOSTNAME 106
#define ZMQ_WSS_TRUST_SYSTEM 107
#define ZMQ_ONLY_FIRST_SUBSCRIBE 108
#define ZMQ_RECONNECT_STOP 109
#define ZMQ_HELLO_MSG 110
#define ZMQ_DISCONNECT_MSG 111
#define ZMQ_PRIORITY 112
#define ZMQ_BUSY_POLL 113
#define ZMQ_HICCUP_MSG 114
#define ZMQ_XSUB_VERBOSE_UNSUBSCRIBE 115
#define ZMQ_TOPICS_COUNT 116
#define ZMQ_NORM_MODE 117
#define ZMQ_NORM_UNICAST_NACK 118
#define ZMQ_NORM_BUFFER_SIZE 119
#define ZMQ_NORM_SEGMENT_SIZE 120
#define ZMQ_NORM_BLOCK_SIZE 121
#define ZMQ_NORM_NUM_PARITY 122
#define ZMQ_NORM_NUM_AUTOPARITY 123
#define ZMQ_NORM_PUSH 124

/* Values of ZMQ_NORM_MODE. */
#define ZMQ_NORM_FIXED 0
#define ZMQ_NORM_CC 1
#define ZMQ_NORM_CCL 2
#define ZMQ_NORM_CCE 3
#define ZMQ_NORM_CCE_ECNONLY 4

/* Bits of ZMQ_RECONNECT_STOP. */
#define ZMQ_RECONNECT_STOP_CONN_REFUSED 1
#define ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED 2
#define ZMQ_RECONNECT_STOP_AFTER_DISCONNECT 4

/* Context options. */
#define ZMQ_ZERO_COPY_RECV 10

/* Bits of ZMQ_ROUTER_NOTIFY. */
#define ZMQ_NOTIFY_CONNECT 1
#define ZMQ_NOTIFY_DISCONNECT 2

/* Monitor events. */
#define ZMQ_EVENT_PIPES_STATS 65536

/* Versions of the event stream. */
#define ZMQ_CURRENT_EVENT_VERSION 1
#define ZMQ_CURRENT_EVENT_VERSION_DRAFT 2

/* All events of a stream of version 1. */
#define ZMQ_EVENT_ALL_V1 65535

/* Version of what zmq_socket_stats gives. */
#define ZMQ_STATS_VERSION 1

/* What a poller reports: a socket, or a descriptor if that is NULL, and its events. */
typedef struct zmq_poller_event_t {
  void *socket;
  zmq_fd_t fd;
  void *user_data;
  short events;
} zmq_poller_event_t;

/* What went through a socket, or to and from one of its peers. Bytes are those of message contents. */
typedef struct zmq_stats_counts_t {
  uint64_t messages_out;
  uint64_t bytes_out;
  uint64_t messages_in;
  uint64_t bytes_in;
  /* Waiting for the peer to take them. */
  uint64_t queued_out;
  /* Waiting to be received. */
  uint64_t queued_in;
  /* Times that the high-water mark for sending was reached. */
  uint64_t hwm_reached;
  /* Not sent, as the high-water mark was reached. */
  uint64_t dropped_hwm;
  /* Replaced by later ones before they were taken: ZMQ_CONFLATE. */
  uint64_t dropped_conflated;
  /* Sent, and lost with a connection. */
  uint64_t dropped_lost;
  /* Connections made in place of ones that were lost. */
  uint64_t reconnects;
  /* Connections that ended before their handshake was done. */
  uint64_t handshake_failures;
} zmq_stats_counts_t;

/* A snapshot of a socket. Later versions of the library add members at the ends of the three structures, which
   are reached by pointers for that: the sizes are those of the library that made the snapshot. */
typedef struct zmq_socket_stats_t {
  /* sizeof (zmq_socket_stats_t), sizeof (zmq_stats_counts_t), sizeof (zmq_peer_stats_t). */
  size_t size;
  size_t counts_size;
  size_t peer_size;
  /* For zmq_socket_stats_peer. */
  size_t peer_count;
  /* Of all peers, those that are gone included. */
  const struct zmq_stats_counts_t *counts;
  /* Sent, and there was nobody to send them to. */
  uint64_t dropped_unroutable;
  /* Received, and passed by no filter. */
  uint64_t dropped_filtered;
  /* Events that the monitor had no room for. */
  uint64_t monitor_dropped;
} zmq_socket_stats_t;

/* A peer: a connection, or an endpoint that is connecting. Texts are never NULL. */
typedef struct zmq_peer_stats_t {
  const struct zmq_stats_counts_t *counts;
  /* 1 if it is there, 0 if it is being waited for. */
  int connected;
  const char *local_endpoint;
  const char *remote_endpoint;
  /* As messages have it: ZMQ_MSG_PROPERTY_PEER_ADDRESS. */
  const char *address;
  const char *mechanism;
  const char *user_id;
  const void *routing_id;
  size_t routing_id_size;
} zmq_peer_stats_t;

/* Sets a context option of any type. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_ctx_set_ext(void *context, int option, const void *optval, size_t optvallen);

/* Reads a context option of any type; *optvallen is the size of the buffer. EFAULT, EINVAL. */
ZMQ_EXPORT int zmq_ctx_get_ext(void *context, int option, void *optval, size_t *optvallen);

/* Connects a PEER and returns the routing id of the connection. 0: ENOTSOCK, ENOTSUP, EFAULT and what
   zmq_connect gives. */
ZMQ_EXPORT uint32_t zmq_connect_peer(void *socket, const char *addr);

/* Drops the connection with a routing id. ENOTSOCK, ENOTSUP, EHOSTUNREACH. */
ZMQ_EXPORT int zmq_disconnect_peer(void *socket, uint32_t routing_id);

/* Joins a DISH to a group. ENOTSOCK, ENOTSUP, EINVAL. */
ZMQ_EXPORT int zmq_join(void *socket, const char *group);

/* Takes a DISH out of a group. ENOTSOCK, ENOTSUP, EINVAL. */
ZMQ_EXPORT int zmq_leave(void *socket, const char *group);

/* ZMQ_POLLOUT if there is room for messages to the peer of that routing id. ENOTSOCK, ENOTSUP, EHOSTUNREACH. */
ZMQ_EXPORT int zmq_socket_get_peer_state(void *socket, const void *routing_id, size_t routing_id_size);

/* As zmq_socket_monitor, for event streams of version 1 or 2 on a PAIR, PUB or PUSH. */
ZMQ_EXPORT
int zmq_socket_monitor_versioned(void *socket,
                                 const char *addr,
                                 uint64_t events,
                                 int event_version,
                                 int type);

/* Asks for a ZMQ_EVENT_PIPES_STATS of each connection. ENOTSOCK, EINVAL, EAGAIN. */
ZMQ_EXPORT int zmq_socket_monitor_pipes_stats(void *socket);

/* Makes memory a message that is a copy of a buffer. ENOMEM. */
ZMQ_EXPORT int zmq_msg_init_buffer(zmq_msg_t *msg, const void *buf, size_t size);

/* Addresses a message to a peer of a SERVER or PEER. EINVAL if the id is 0, EFAULT. */
ZMQ_EXPORT int zmq_msg_set_routing_id(zmq_msg_t *msg, uint32_t routing_id);

/* The peer that a SERVER or PEER got the message from, else 0. */
ZMQ_EXPORT uint32_t zmq_msg_routing_id(zmq_msg_t *msg);

/* Sets the group that RADIO publishes a message to, cut to ZMQ_GROUP_MAX_LENGTH. EINVAL, EFAULT. */
ZMQ_EXPORT int zmq_msg_set_group(zmq_msg_t *msg, const char *group);

/* The group of a message, empty if it has none; belongs to the message. */
ZMQ_EXPORT const char *zmq_msg_group(zmq_msg_t *msg);

/* As zmq_poll, with another signal mask while it waits, unless that is NULL. Also EINVAL for a thread-safe
   socket, EBADF for a descriptor that is not open. */
ZMQ_EXPORT int zmq_ppoll(zmq_pollitem_t *items, int nitems, long timeout, const sigset_t *sigmask);

/* Creates a poller. NULL: ENOMEM. */
ZMQ_EXPORT void *zmq_poller_new(void);

/* Destroys a poller and makes *poller_p NULL. EFAULT. */
ZMQ_EXPORT int zmq_poller_destroy(void **poller_p);

/* How many sockets and descriptors are registered. EFAULT. */
ZMQ_EXPORT int zmq_poller_size(void *poller);

/* Registers a socket. EFAULT, ENOTSOCK, EINVAL. */
ZMQ_EXPORT int zmq_poller_add(void *poller, void *socket, void *user_data, short events);

/* Changes the events of a socket. EFAULT, ENOTSOCK, EINVAL. */
ZMQ_EXPORT int zmq_poller_modify(void *poller, void *socket, short events);

/* Removes a socket, which must be done before it is closed. EFAULT, ENOTSOCK, EINVAL. */
ZMQ_EXPORT int zmq_poller_remove(void *poller, void *socket);

/* Registers a descriptor. EFAULT, EBADF, EINVAL. */
ZMQ_EXPORT int zmq_poller_add_fd(void *poller, zmq_fd_t fd, void *user_data, short events);

/* Changes the events of a descriptor. EFAULT, EBADF, EINVAL. */
ZMQ_EXPORT int zmq_poller_modify_fd(void *poller, zmq_fd_t fd, short events);

/* Removes a descriptor. EFAULT, EBADF, EINVAL. */
ZMQ_EXPORT int zmq_poller_remove_fd(void *poller, zmq_fd_t fd);

/* Waits for one event. EAGAIN after timeout milliseconds, EFAULT, ENOTSOCK, ETERM, EINTR. */
ZMQ_EXPORT int zmq_poller_wait(void *poller, struct zmq_poller_event_t *event, long timeout);

/* Waits for events and returns how many there are. EAGAIN after timeout milliseconds, EFAULT, EINVAL,
   ENOTSOCK, ETERM, EINTR. */
ZMQ_EXPORT int zmq_poller_wait_all(void *poller, struct zmq_poller_event_t *events, int n_events, long timeout);

/* A descriptor that is readable when a thread-safe socket in the poller may be ready. EFAULT, EINVAL, EMFILE. */
ZMQ_EXPORT int zmq_poller_fd(void *poller, zmq_fd_t *fd);

/* What a socket has counted and knows of its peers, to be given back to zmq_socket_stats_destroy; version is
   ZMQ_STATS_VERSION. Also after the context was terminated. NULL: ENOTSOCK, EINVAL (version). */
ZMQ_EXPORT const struct zmq_socket_stats_t *zmq_socket_stats(void *socket, int version);

/* A peer of a snapshot, by a number below peer_count. NULL: EFAULT (not a snapshot), EINVAL. */
ZMQ_EXPORT
const struct zmq_peer_stats_t *zmq_socket_stats_peer(const struct zmq_socket_stats_t *stats,
                                                     size_t index);

/* Gives a snapshot back and makes *stats_p NULL. EFAULT. */
ZMQ_EXPORT int zmq_socket_stats_destroy(const struct zmq_socket_stats_t **stats_p);

#endif /* ZMQ_BUILD_DRAFT_API */

#undef ZMQ_EXPORT

#ifdef __cplusplus
}
#endif

#endif /* __ZMQ_H_INCLUDED__ */
