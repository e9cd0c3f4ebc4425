/* The header: every macro has its value, every type its size and layout, every function its
   prototype, and the drafts are there only for programs that ask for them.

   Runs with our library only, as it compares versions. Compiled without running it also checks the
   header without the drafts (-DSTABLE_ONLY) and, as a check of itself, the genuine 4.3.4 header
   (-DGENUINE_HEADER: no drafts, another version). */

#ifdef GENUINE_HEADER
#define STABLE_ONLY
#endif
#ifndef STABLE_ONLY
#define ZMQ_BUILD_DRAFT_API
#endif

#include <zmq.h>

/* What the header brings along, used before anything else is included. */
typedef uint8_t has_stdint_8;
typedef uint64_t has_stdint_64;
typedef size_t has_stddef;
#ifndef GENUINE_HEADER /* 4.3.4 leaves this one to the program */
typedef sigset_t has_signal;
#endif
typedef FILE has_stdio;
static int *has_errno (void)
{
    return &errno;
}

#include <stddef.h>
#include <string.h>
#include <zmq_utils.h>

/* V (name, value): a macro with a number for its value. */
#define STABLE_VALUES(V) \
    V (ZMQ_DEFINED_STDINT, 1)                                             \
    V (ZMQ_HAUSNUMERO, 156384712)                                         \
    V (ENOTSUP, 95)                                                       \
    V (EPROTONOSUPPORT, 93)                                               \
    V (ENOBUFS, 105)                                                      \
    V (ENETDOWN, 100)                                                     \
    V (EADDRINUSE, 98)                                                    \
    V (EADDRNOTAVAIL, 99)                                                 \
    V (ECONNREFUSED, 111)                                                 \
    V (EINPROGRESS, 115)                                                  \
    V (ENOTSOCK, 88)                                                      \
    V (EMSGSIZE, 90)                                                      \
    V (EAFNOSUPPORT, 97)                                                  \
    V (ENETUNREACH, 101)                                                  \
    V (ECONNABORTED, 103)                                                 \
    V (ECONNRESET, 104)                                                   \
    V (ENOTCONN, 107)                                                     \
    V (ETIMEDOUT, 110)                                                    \
    V (EHOSTUNREACH, 113)                                                 \
    V (ENETRESET, 102)                                                    \
    V (EFSM, 156384763)                                                   \
    V (ENOCOMPATPROTO, 156384764)                                         \
    V (ETERM, 156384765)                                                  \
    V (EMTHREAD, 156384766)                                               \
    V (ZMQ_IO_THREADS, 1)                                                 \
    V (ZMQ_MAX_SOCKETS, 2)                                                \
    V (ZMQ_SOCKET_LIMIT, 3)                                               \
    V (ZMQ_THREAD_PRIORITY, 3)                                            \
    V (ZMQ_THREAD_SCHED_POLICY, 4)                                        \
    V (ZMQ_MAX_MSGSZ, 5)                                                  \
    V (ZMQ_MSG_T_SIZE, 6)                                                 \
    V (ZMQ_THREAD_AFFINITY_CPU_ADD, 7)                                    \
    V (ZMQ_THREAD_AFFINITY_CPU_REMOVE, 8)                                 \
    V (ZMQ_THREAD_NAME_PREFIX, 9)                                         \
    V (ZMQ_IO_THREADS_DFLT, 1)                                            \
    V (ZMQ_MAX_SOCKETS_DFLT, 1023)                                        \
    V (ZMQ_THREAD_PRIORITY_DFLT, -1)                                      \
    V (ZMQ_THREAD_SCHED_POLICY_DFLT, -1)                                  \
    V (ZMQ_PAIR, 0)                                                       \
    V (ZMQ_PUB, 1)                                                        \
    V (ZMQ_SUB, 2)                                                        \
    V (ZMQ_REQ, 3)                                                        \
    V (ZMQ_REP, 4)                                                        \
    V (ZMQ_DEALER, 5)                                                     \
    V (ZMQ_ROUTER, 6)                                                     \
    V (ZMQ_PULL, 7)                                                       \
    V (ZMQ_PUSH, 8)                                                       \
    V (ZMQ_XPUB, 9)                                                       \
    V (ZMQ_XSUB, 10)                                                      \
    V (ZMQ_STREAM, 11)                                                    \
    V (ZMQ_XREQ, 5)                                                       \
    V (ZMQ_XREP, 6)                                                       \
    V (ZMQ_AFFINITY, 4)                                                   \
    V (ZMQ_ROUTING_ID, 5)                                                 \
    V (ZMQ_SUBSCRIBE, 6)                                                  \
    V (ZMQ_UNSUBSCRIBE, 7)                                                \
    V (ZMQ_RATE, 8)                                                       \
    V (ZMQ_RECOVERY_IVL, 9)                                               \
    V (ZMQ_SNDBUF, 11)                                                    \
    V (ZMQ_RCVBUF, 12)                                                    \
    V (ZMQ_RCVMORE, 13)                                                   \
    V (ZMQ_FD, 14)                                                        \
    V (ZMQ_EVENTS, 15)                                                    \
    V (ZMQ_TYPE, 16)                                                      \
    V (ZMQ_LINGER, 17)                                                    \
    V (ZMQ_RECONNECT_IVL, 18)                                             \
    V (ZMQ_BACKLOG, 19)                                                   \
    V (ZMQ_RECONNECT_IVL_MAX, 21)                                         \
    V (ZMQ_MAXMSGSIZE, 22)                                                \
    V (ZMQ_SNDHWM, 23)                                                    \
    V (ZMQ_RCVHWM, 24)                                                    \
    V (ZMQ_MULTICAST_HOPS, 25)                                            \
    V (ZMQ_RCVTIMEO, 27)                                                  \
    V (ZMQ_SNDTIMEO, 28)                                                  \
    V (ZMQ_LAST_ENDPOINT, 32)                                             \
    V (ZMQ_ROUTER_MANDATORY, 33)                                          \
    V (ZMQ_TCP_KEEPALIVE, 34)                                             \
    V (ZMQ_TCP_KEEPALIVE_CNT, 35)                                         \
    V (ZMQ_TCP_KEEPALIVE_IDLE, 36)                                        \
    V (ZMQ_TCP_KEEPALIVE_INTVL, 37)                                       \
    V (ZMQ_IMMEDIATE, 39)                                                 \
    V (ZMQ_XPUB_VERBOSE, 40)                                              \
    V (ZMQ_ROUTER_RAW, 41)                                                \
    V (ZMQ_IPV6, 42)                                                      \
    V (ZMQ_MECHANISM, 43)                                                 \
    V (ZMQ_PLAIN_SERVER, 44)                                              \
    V (ZMQ_PLAIN_USERNAME, 45)                                            \
    V (ZMQ_PLAIN_PASSWORD, 46)                                            \
    V (ZMQ_CURVE_SERVER, 47)                                              \
    V (ZMQ_CURVE_PUBLICKEY, 48)                                           \
    V (ZMQ_CURVE_SECRETKEY, 49)                                           \
    V (ZMQ_CURVE_SERVERKEY, 50)                                           \
    V (ZMQ_PROBE_ROUTER, 51)                                              \
    V (ZMQ_REQ_CORRELATE, 52)                                             \
    V (ZMQ_REQ_RELAXED, 53)                                               \
    V (ZMQ_CONFLATE, 54)                                                  \
    V (ZMQ_ZAP_DOMAIN, 55)                                                \
    V (ZMQ_ROUTER_HANDOVER, 56)                                           \
    V (ZMQ_TOS, 57)                                                       \
    V (ZMQ_CONNECT_ROUTING_ID, 61)                                        \
    V (ZMQ_GSSAPI_SERVER, 62)                                             \
    V (ZMQ_GSSAPI_PRINCIPAL, 63)                                          \
    V (ZMQ_GSSAPI_SERVICE_PRINCIPAL, 64)                                  \
    V (ZMQ_GSSAPI_PLAINTEXT, 65)                                          \
    V (ZMQ_HANDSHAKE_IVL, 66)                                             \
    V (ZMQ_SOCKS_PROXY, 68)                                               \
    V (ZMQ_XPUB_NODROP, 69)                                               \
    V (ZMQ_BLOCKY, 70)                                                    \
    V (ZMQ_XPUB_MANUAL, 71)                                               \
    V (ZMQ_XPUB_WELCOME_MSG, 72)                                          \
    V (ZMQ_STREAM_NOTIFY, 73)                                             \
    V (ZMQ_INVERT_MATCHING, 74)                                           \
    V (ZMQ_HEARTBEAT_IVL, 75)                                             \
    V (ZMQ_HEARTBEAT_TTL, 76)                                             \
    V (ZMQ_HEARTBEAT_TIMEOUT, 77)                                         \
    V (ZMQ_XPUB_VERBOSER, 78)                                             \
    V (ZMQ_CONNECT_TIMEOUT, 79)                                           \
    V (ZMQ_TCP_MAXRT, 80)                                                 \
    V (ZMQ_THREAD_SAFE, 81)                                               \
    V (ZMQ_MULTICAST_MAXTPDU, 84)                                         \
    V (ZMQ_VMCI_BUFFER_SIZE, 85)                                          \
    V (ZMQ_VMCI_BUFFER_MIN_SIZE, 86)                                      \
    V (ZMQ_VMCI_BUFFER_MAX_SIZE, 87)                                      \
    V (ZMQ_VMCI_CONNECT_TIMEOUT, 88)                                      \
    V (ZMQ_USE_FD, 89)                                                    \
    V (ZMQ_GSSAPI_PRINCIPAL_NAMETYPE, 90)                                 \
    V (ZMQ_GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, 91)                         \
    V (ZMQ_BINDTODEVICE, 92)                                              \
    V (ZMQ_MORE, 1)                                                       \
    V (ZMQ_SHARED, 3)                                                     \
    V (ZMQ_DONTWAIT, 1)                                                   \
    V (ZMQ_SNDMORE, 2)                                                    \
    V (ZMQ_NULL, 0)                                                       \
    V (ZMQ_PLAIN, 1)                                                      \
    V (ZMQ_CURVE, 2)                                                      \
    V (ZMQ_GSSAPI, 3)                                                     \
    V (ZMQ_GROUP_MAX_LENGTH, 255)                                         \
    V (ZMQ_IDENTITY, 5)                                                   \
    V (ZMQ_CONNECT_RID, 61)                                               \
    V (ZMQ_TCP_ACCEPT_FILTER, 38)                                         \
    V (ZMQ_IPC_FILTER_PID, 58)                                            \
    V (ZMQ_IPC_FILTER_UID, 59)                                            \
    V (ZMQ_IPC_FILTER_GID, 60)                                            \
    V (ZMQ_IPV4ONLY, 31)                                                  \
    V (ZMQ_DELAY_ATTACH_ON_CONNECT, 39)                                   \
    V (ZMQ_NOBLOCK, 1)                                                    \
    V (ZMQ_FAIL_UNROUTABLE, 33)                                           \
    V (ZMQ_ROUTER_BEHAVIOR, 33)                                           \
    V (ZMQ_SRCFD, 2)                                                      \
    V (ZMQ_GSSAPI_NT_HOSTBASED, 0)                                        \
    V (ZMQ_GSSAPI_NT_USER_NAME, 1)                                        \
    V (ZMQ_GSSAPI_NT_KRB5_PRINCIPAL, 2)                                   \
    V (ZMQ_EVENT_CONNECTED, 0x0001)                                       \
    V (ZMQ_EVENT_CONNECT_DELAYED, 0x0002)                                 \
    V (ZMQ_EVENT_CONNECT_RETRIED, 0x0004)                                 \
    V (ZMQ_EVENT_LISTENING, 0x0008)                                       \
    V (ZMQ_EVENT_BIND_FAILED, 0x0010)                                     \
    V (ZMQ_EVENT_ACCEPTED, 0x0020)                                        \
    V (ZMQ_EVENT_ACCEPT_FAILED, 0x0040)                                   \
    V (ZMQ_EVENT_CLOSED, 0x0080)                                          \
    V (ZMQ_EVENT_CLOSE_FAILED, 0x0100)                                    \
    V (ZMQ_EVENT_DISCONNECTED, 0x0200)                                    \
    V (ZMQ_EVENT_MONITOR_STOPPED, 0x0400)                                 \
    V (ZMQ_EVENT_ALL, 0xFFFF)                                             \
    V (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, 0x0800)                      \
    V (ZMQ_EVENT_HANDSHAKE_SUCCEEDED, 0x1000)                             \
    V (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, 0x2000)                       \
    V (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, 0x4000)                           \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_UNSPECIFIED, 0x10000000)                   \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND, 0x10000001)            \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE, 0x10000002)              \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE, 0x10000003)                  \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED, 0x10000011) \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE, 0x10000012)     \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO, 0x10000013)       \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE, 0x10000014)    \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR, 0x10000015)       \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY, 0x10000016)       \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME, 0x10000017)     \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_INVALID_METADATA, 0x10000018)              \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, 0x11000001)                 \
    V (ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH, 0x11000002)            \
    V (ZMQ_PROTOCOL_ERROR_ZAP_UNSPECIFIED, 0x20000000)                    \
    V (ZMQ_PROTOCOL_ERROR_ZAP_MALFORMED_REPLY, 0x20000001)                \
    V (ZMQ_PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID, 0x20000002)                 \
    V (ZMQ_PROTOCOL_ERROR_ZAP_BAD_VERSION, 0x20000003)                    \
    V (ZMQ_PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE, 0x20000004)            \
    V (ZMQ_PROTOCOL_ERROR_ZAP_INVALID_METADATA, 0x20000005)               \
    V (ZMQ_PROTOCOL_ERROR_WS_UNSPECIFIED, 0x30000000)                     \
    V (ZMQ_POLLIN, 1)                                                     \
    V (ZMQ_POLLOUT, 2)                                                    \
    V (ZMQ_POLLERR, 4)                                                    \
    V (ZMQ_POLLPRI, 8)                                                    \
    V (ZMQ_POLLITEMS_DFLT, 16)                                            \
    V (ZMQ_HAS_CAPABILITIES, 1)                                           \
    V (ZMQ_STREAMER, 1)                                                   \
    V (ZMQ_FORWARDER, 2)                                                  \
    V (ZMQ_QUEUE, 3)

#define DRAFT_VALUES(V) \
    V (ZMQ_SERVER, 12)                              \
    V (ZMQ_CLIENT, 13)                              \
    V (ZMQ_RADIO, 14)                               \
    V (ZMQ_DISH, 15)                                \
    V (ZMQ_GATHER, 16)                              \
    V (ZMQ_SCATTER, 17)                             \
    V (ZMQ_DGRAM, 18)                               \
    V (ZMQ_PEER, 19)                                \
    V (ZMQ_CHANNEL, 20)                             \
    V (ZMQ_ZAP_ENFORCE_DOMAIN, 93)                  \
    V (ZMQ_LOOPBACK_FASTPATH, 94)                   \
    V (ZMQ_METADATA, 95)                            \
    V (ZMQ_MULTICAST_LOOP, 96)                      \
    V (ZMQ_ROUTER_NOTIFY, 97)                       \
    V (ZMQ_XPUB_MANUAL_LAST_VALUE, 98)              \
    V (ZMQ_SOCKS_USERNAME, 99)                      \
    V (ZMQ_SOCKS_PASSWORD, 100)                     \
    V (ZMQ_IN_BATCH_SIZE, 101)                      \
    V (ZMQ_OUT_BATCH_SIZE, 102)                     \
    V (ZMQ_WSS_KEY_PEM, 103)                        \
    V (ZMQ_WSS_CERT_PEM, 104)                       \
    V (ZMQ_WSS_TRUST_PEM, 105)                      \
    V (ZMQ_WSS_HOSTNAME, 106)                       \
    V (ZMQ_WSS_TRUST_SYSTEM, 107)                   \
    V (ZMQ_ONLY_FIRST_SUBSCRIBE, 108)               \
    V (ZMQ_RECONNECT_STOP, 109)                     \
    V (ZMQ_HELLO_MSG, 110)                          \
    V (ZMQ_DISCONNECT_MSG, 111)                     \
    V (ZMQ_PRIORITY, 112)                           \
    V (ZMQ_BUSY_POLL, 113)                          \
    V (ZMQ_HICCUP_MSG, 114)                         \
    V (ZMQ_XSUB_VERBOSE_UNSUBSCRIBE, 115)           \
    V (ZMQ_TOPICS_COUNT, 116)                       \
    V (ZMQ_NORM_MODE, 117)                          \
    V (ZMQ_NORM_UNICAST_NACK, 118)                  \
    V (ZMQ_NORM_BUFFER_SIZE, 119)                   \
    V (ZMQ_NORM_SEGMENT_SIZE, 120)                  \
    V (ZMQ_NORM_BLOCK_SIZE, 121)                    \
    V (ZMQ_NORM_NUM_PARITY, 122)                    \
    V (ZMQ_NORM_NUM_AUTOPARITY, 123)                \
    V (ZMQ_NORM_PUSH, 124)                          \
    V (ZMQ_NORM_FIXED, 0)                           \
    V (ZMQ_NORM_CC, 1)                              \
    V (ZMQ_NORM_CCL, 2)                             \
    V (ZMQ_NORM_CCE, 3)                             \
    V (ZMQ_NORM_CCE_ECNONLY, 4)                     \
    V (ZMQ_RECONNECT_STOP_CONN_REFUSED, 0x0001)     \
    V (ZMQ_RECONNECT_STOP_HANDSHAKE_FAILED, 0x0002) \
    V (ZMQ_RECONNECT_STOP_AFTER_DISCONNECT, 0x0004) \
    V (ZMQ_ZERO_COPY_RECV, 10)                      \
    V (ZMQ_NOTIFY_CONNECT, 1)                       \
    V (ZMQ_NOTIFY_DISCONNECT, 2)                    \
    V (ZMQ_EVENT_PIPES_STATS, 0x10000)              \
    V (ZMQ_CURRENT_EVENT_VERSION, 1)                \
    V (ZMQ_CURRENT_EVENT_VERSION_DRAFT, 2)          \
    V (ZMQ_EVENT_ALL_V1, 0xFFFF)                    \
    V (ZMQ_EVENT_ALL_V2, 0x1FFFF)

/* V (name, value): a macro with a text for its value. */
#define DRAFT_TEXTS(V) \
    V (ZMQ_MSG_PROPERTY_ROUTING_ID, "Routing-Id")     \
    V (ZMQ_MSG_PROPERTY_SOCKET_TYPE, "Socket-Type")   \
    V (ZMQ_MSG_PROPERTY_USER_ID, "User-Id")           \
    V (ZMQ_MSG_PROPERTY_PEER_ADDRESS, "Peer-Address")

/* F (name, result, (parameters)) */
#define STABLE_FUNCTIONS(F) \
    F (zmq_errno, int, (void))                                                       \
    F (zmq_strerror, const char *, (int))                                            \
    F (zmq_version, void, (int *, int *, int *))                                     \
    F (zmq_has, int, (const char *))                                                 \
    F (zmq_ctx_new, void *, (void))                                                  \
    F (zmq_ctx_term, int, (void *))                                                  \
    F (zmq_ctx_shutdown, int, (void *))                                              \
    F (zmq_ctx_set, int, (void *, int, int))                                         \
    F (zmq_ctx_get, int, (void *, int))                                              \
    F (zmq_init, void *, (int))                                                      \
    F (zmq_term, int, (void *))                                                      \
    F (zmq_ctx_destroy, int, (void *))                                               \
    F (zmq_socket, void *, (void *, int))                                            \
    F (zmq_close, int, (void *))                                                     \
    F (zmq_setsockopt, int, (void *, int, const void *, size_t))                     \
    F (zmq_getsockopt, int, (void *, int, void *, size_t *))                         \
    F (zmq_bind, int, (void *, const char *))                                        \
    F (zmq_connect, int, (void *, const char *))                                     \
    F (zmq_unbind, int, (void *, const char *))                                      \
    F (zmq_disconnect, int, (void *, const char *))                                  \
    F (zmq_socket_monitor, int, (void *, const char *, int))                         \
    F (zmq_send, int, (void *, const void *, size_t, int))                           \
    F (zmq_send_const, int, (void *, const void *, size_t, int))                     \
    F (zmq_msg_send, int, (zmq_msg_t *, void *, int))                                \
    F (zmq_sendmsg, int, (void *, zmq_msg_t *, int))                                 \
    F (zmq_recv, int, (void *, void *, size_t, int))                                 \
    F (zmq_msg_recv, int, (zmq_msg_t *, void *, int))                                \
    F (zmq_recvmsg, int, (void *, zmq_msg_t *, int))                                 \
    F (zmq_sendiov, int, (void *, struct iovec *, size_t, int))                      \
    F (zmq_recviov, int, (void *, struct iovec *, size_t *, int))                    \
    F (zmq_msg_init, int, (zmq_msg_t *))                                             \
    F (zmq_msg_init_size, int, (zmq_msg_t *, size_t))                                \
    F (zmq_msg_init_data, int, (zmq_msg_t *, void *, size_t, zmq_free_fn *, void *)) \
    F (zmq_msg_close, int, (zmq_msg_t *))                                            \
    F (zmq_msg_move, int, (zmq_msg_t *, zmq_msg_t *))                                \
    F (zmq_msg_copy, int, (zmq_msg_t *, zmq_msg_t *))                                \
    F (zmq_msg_data, void *, (zmq_msg_t *))                                          \
    F (zmq_msg_size, size_t, (const zmq_msg_t *))                                    \
    F (zmq_msg_more, int, (const zmq_msg_t *))                                       \
    F (zmq_msg_get, int, (const zmq_msg_t *, int))                                   \
    F (zmq_msg_set, int, (zmq_msg_t *, int, int))                                    \
    F (zmq_msg_gets, const char *, (const zmq_msg_t *, const char *))                \
    F (zmq_poll, int, (zmq_pollitem_t *, int, long))                                 \
    F (zmq_proxy, int, (void *, void *, void *))                                     \
    F (zmq_proxy_steerable, int, (void *, void *, void *, void *))                   \
    F (zmq_device, int, (int, void *, void *))                                       \
    F (zmq_z85_encode, char *, (char *, const uint8_t *, size_t))                    \
    F (zmq_z85_decode, uint8_t *, (uint8_t *, const char *))                         \
    F (zmq_curve_keypair, int, (char *, char *))                                     \
    F (zmq_curve_public, int, (char *, const char *))                                \
    F (zmq_atomic_counter_new, void *, (void))                                       \
    F (zmq_atomic_counter_set, void, (void *, int))                                  \
    F (zmq_atomic_counter_inc, int, (void *))                                        \
    F (zmq_atomic_counter_dec, int, (void *))                                        \
    F (zmq_atomic_counter_value, int, (void *))                                      \
    F (zmq_atomic_counter_destroy, void, (void **))                                  \
    F (zmq_timers_new, void *, (void))                                               \
    F (zmq_timers_destroy, int, (void **))                                           \
    F (zmq_timers_add, int, (void *, size_t, zmq_timer_fn *, void *))                \
    F (zmq_timers_cancel, int, (void *, int))                                        \
    F (zmq_timers_set_interval, int, (void *, int, size_t))                          \
    F (zmq_timers_reset, int, (void *, int))                                         \
    F (zmq_timers_timeout, long, (void *))                                           \
    F (zmq_timers_execute, int, (void *))                                            \
    F (zmq_stopwatch_start, void *, (void))                                          \
    F (zmq_stopwatch_intermediate, unsigned long, (void *))                          \
    F (zmq_stopwatch_stop, unsigned long, (void *))                                  \
    F (zmq_sleep, void, (int))                                                       \
    F (zmq_threadstart, void *, (zmq_thread_fn *, void *))                           \
    F (zmq_threadclose, void, (void *))

#define DRAFT_FUNCTIONS(F) \
    F (zmq_ctx_set_ext, int, (void *, int, const void *, size_t))                     \
    F (zmq_ctx_get_ext, int, (void *, int, void *, size_t *))                         \
    F (zmq_connect_peer, uint32_t, (void *, const char *))                            \
    F (zmq_disconnect_peer, int, (void *, uint32_t))                                  \
    F (zmq_join, int, (void *, const char *))                                         \
    F (zmq_leave, int, (void *, const char *))                                        \
    F (zmq_socket_get_peer_state, int, (void *, const void *, size_t))                \
    F (zmq_socket_monitor_versioned, int, (void *, const char *, uint64_t, int, int)) \
    F (zmq_socket_monitor_pipes_stats, int, (void *))                                 \
    F (zmq_msg_init_buffer, int, (zmq_msg_t *, const void *, size_t))                 \
    F (zmq_msg_set_routing_id, int, (zmq_msg_t *, uint32_t))                          \
    F (zmq_msg_routing_id, uint32_t, (zmq_msg_t *))                                   \
    F (zmq_msg_set_group, int, (zmq_msg_t *, const char *))                           \
    F (zmq_msg_group, const char *, (zmq_msg_t *))                                    \
    F (zmq_ppoll, int, (zmq_pollitem_t *, int, long, const sigset_t *))               \
    F (zmq_poller_new, void *, (void))                                                \
    F (zmq_poller_destroy, int, (void **))                                            \
    F (zmq_poller_size, int, (void *))                                                \
    F (zmq_poller_add, int, (void *, void *, void *, short))                          \
    F (zmq_poller_modify, int, (void *, void *, short))                               \
    F (zmq_poller_remove, int, (void *, void *))                                      \
    F (zmq_poller_add_fd, int, (void *, zmq_fd_t, void *, short))                     \
    F (zmq_poller_modify_fd, int, (void *, zmq_fd_t, short))                          \
    F (zmq_poller_remove_fd, int, (void *, zmq_fd_t))                                 \
    F (zmq_poller_wait, int, (void *, zmq_poller_event_t *, long))                    \
    F (zmq_poller_wait_all, int, (void *, zmq_poller_event_t *, int, long))           \
    F (zmq_poller_fd, int, (void *, zmq_fd_t *))

#ifdef STABLE_ONLY
#define FUNCTIONS(F) STABLE_FUNCTIONS (F)
#else
#define FUNCTIONS(F) STABLE_FUNCTIONS (F) DRAFT_FUNCTIONS (F)
#endif

/* ---- macros without a value of their own ---- */

#ifndef __ZMQ_H_INCLUDED__
#error "the include guard has another name"
#endif
#ifndef ZMQ_HAVE_TIMERS
#error "ZMQ_HAVE_TIMERS is missing"
#endif
#if defined(STABLE_ONLY) && defined(ZMQ_HAVE_POLLER)
#error "ZMQ_HAVE_POLLER is for programs that use drafts"
#elif !defined(STABLE_ONLY) && !defined(ZMQ_HAVE_POLLER)
#error "ZMQ_HAVE_POLLER is missing"
#endif
#ifdef ZMQ_EXPORT
#error "ZMQ_EXPORT is left defined"
#endif
#if ZMQ_MAKE_VERSION(1, 2, 3) != 10203
#error "ZMQ_MAKE_VERSION computes something else"
#endif
#ifndef GENUINE_HEADER
#if ZMQ_VERSION_MAJOR != 4 || ZMQ_VERSION_MINOR != 3 || ZMQ_VERSION_PATCH != 6
#error "the version's parts are not 4, 3, 6"
#endif
#if ZMQ_VERSION != 40306
#error "ZMQ_VERSION is not 40306"
#endif
#endif

/* ---- functions: exactly these types ---- */

#define HAS_PROTOTYPE(name, result, parameters)                                                    \
    _Static_assert (_Generic (&name, result (*) parameters : 1, default : 0),                      \
                    #name " has another prototype");
FUNCTIONS (HAS_PROTOTYPE)

#ifdef STABLE_ONLY
/* These would not compile if the header declared functions of these names. */
#define IS_UNDECLARED(name, result, parameters) extern char name;
DRAFT_FUNCTIONS (IS_UNDECLARED)
#endif

/* ---- types ---- */

#define SAME_TYPE(expression, type) _Generic ((expression), type : 1, default : 0)
#define MEMBER(type, member) (((type *) 0)->member)

_Static_assert (sizeof (zmq_msg_t) == 64, "zmq_msg_t has another size");
_Static_assert (_Alignof (zmq_msg_t) == sizeof (void *), "zmq_msg_t is aligned otherwise");
_Static_assert (sizeof (struct zmq_msg_t) == sizeof (zmq_msg_t), "struct zmq_msg_t is another type");
_Static_assert (sizeof MEMBER (zmq_msg_t, _) == 64, "zmq_msg_t is not all in its member _");
_Static_assert (SAME_TYPE (&MEMBER (zmq_msg_t, _)[0], unsigned char *), "zmq_msg_t is not of bytes");
_Static_assert (SAME_TYPE ((zmq_msg_t *) 0, struct zmq_msg_t *), "two types named zmq_msg_t");

_Static_assert (SAME_TYPE ((zmq_free_fn *) 0, void (*) (void *, void *)), "zmq_free_fn");
_Static_assert (SAME_TYPE ((zmq_timer_fn *) 0, void (*) (int, void *)), "zmq_timer_fn");
_Static_assert (SAME_TYPE ((zmq_thread_fn *) 0, void (*) (void *)), "zmq_thread_fn");
_Static_assert (SAME_TYPE ((zmq_fd_t) 0, int), "zmq_fd_t");

_Static_assert (sizeof (zmq_pollitem_t) == 16, "zmq_pollitem_t has another size");
_Static_assert (offsetof (zmq_pollitem_t, socket) == 0, "zmq_pollitem_t.socket");
_Static_assert (offsetof (zmq_pollitem_t, fd) == 8, "zmq_pollitem_t.fd");
_Static_assert (offsetof (zmq_pollitem_t, events) == 12, "zmq_pollitem_t.events");
_Static_assert (offsetof (zmq_pollitem_t, revents) == 14, "zmq_pollitem_t.revents");
_Static_assert (SAME_TYPE (MEMBER (zmq_pollitem_t, socket), void *), "zmq_pollitem_t.socket");
_Static_assert (SAME_TYPE (MEMBER (zmq_pollitem_t, fd), int), "zmq_pollitem_t.fd");
_Static_assert (SAME_TYPE (MEMBER (zmq_pollitem_t, events), short), "zmq_pollitem_t.events");
_Static_assert (SAME_TYPE (MEMBER (zmq_pollitem_t, revents), short), "zmq_pollitem_t.revents");

#ifndef STABLE_ONLY
_Static_assert (sizeof (zmq_poller_event_t) == 32, "zmq_poller_event_t has another size");
_Static_assert (offsetof (zmq_poller_event_t, socket) == 0, "zmq_poller_event_t.socket");
_Static_assert (offsetof (zmq_poller_event_t, fd) == 8, "zmq_poller_event_t.fd");
_Static_assert (offsetof (zmq_poller_event_t, user_data) == 16, "zmq_poller_event_t.user_data");
_Static_assert (offsetof (zmq_poller_event_t, events) == 24, "zmq_poller_event_t.events");
_Static_assert (SAME_TYPE (MEMBER (zmq_poller_event_t, socket), void *), "zmq_poller_event_t");
_Static_assert (SAME_TYPE (MEMBER (zmq_poller_event_t, fd), int), "zmq_poller_event_t");
_Static_assert (SAME_TYPE (MEMBER (zmq_poller_event_t, user_data), void *), "zmq_poller_event_t");
_Static_assert (SAME_TYPE (MEMBER (zmq_poller_event_t, events), short), "zmq_poller_event_t");
#endif

/* ---- at run time ---- */

/* What a name expands to: the name itself if it is no macro. */
#define TEXT_OF(...) #__VA_ARGS__
#define EXPANSION(...) TEXT_OF (__VA_ARGS__)

static int failures;

static void check (int condition, const char *name, const char *complaint)
{
    if (condition)
        return;
    fprintf (stderr, "%s %s\n", name, complaint);
    failures++;
}

#define CHECK_VALUE(name, value)                                                                   \
    check (strcmp (#name, EXPANSION (name)) != 0, #name, "is no macro");                           \
    check ((name) == (value), #name, "is not " #value);

#define CHECK_TEXT(name, value)                                                                    \
    check (strcmp (#name, EXPANSION (name)) != 0, #name, "is no macro");                           \
    check (strcmp (name, value) == 0, #name, "is not " #value);

#define CHECK_ABSENT(name, value)                                                                  \
    check (strcmp (#name, EXPANSION (name)) == 0, #name, "is a draft and visible without asking");

#define ADDRESS(name, result, parameters) {#name, (void (*) (void)) &name},
static const struct
{
    const char *name;
    void (*address) (void);
} functions[] = {FUNCTIONS (ADDRESS)};

int main (void)
{
    int major, minor, patch;

    STABLE_VALUES (CHECK_VALUE)
#ifdef STABLE_ONLY
    DRAFT_VALUES (CHECK_ABSENT)
    DRAFT_TEXTS (CHECK_ABSENT)
#else
    DRAFT_VALUES (CHECK_VALUE)
    DRAFT_TEXTS (CHECK_TEXT)
#endif

    /* Volatile: the compiler takes it for granted that a function has an address. */
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void (*volatile address) (void) = functions[i].address;
        check (address != NULL, functions[i].name, "has no address");
    }

    zmq_version (&major, &minor, &patch);
    check (ZMQ_MAKE_VERSION (major, minor, patch) == ZMQ_VERSION, "zmq_version",
           "differs from the header's version");
    check (has_errno () == &errno, "errno", "is not the thread's");
    return failures != 0;
}
