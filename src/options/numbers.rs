//! The numbers of the C interface, by their names without `ZMQ_`.
//!
//! What each option means is in [`table`](super::table) and [`context`](super::context).

#![allow(missing_docs)]

// ---- Context options ----

pub const IO_THREADS: i32 = 1;
pub const MAX_SOCKETS: i32 = 2;
pub const SOCKET_LIMIT: i32 = 3;
pub const THREAD_PRIORITY: i32 = 3;
pub const THREAD_SCHED_POLICY: i32 = 4;
pub const MAX_MSGSZ: i32 = 5;
pub const MSG_T_SIZE: i32 = 6;
pub const THREAD_AFFINITY_CPU_ADD: i32 = 7;
pub const THREAD_AFFINITY_CPU_REMOVE: i32 = 8;
pub const THREAD_NAME_PREFIX: i32 = 9;
pub const ZERO_COPY_RECV: i32 = 10;

// ---- Defaults of context options ----

pub const IO_THREADS_DFLT: i32 = 1;
pub const MAX_SOCKETS_DFLT: i32 = 1023;
pub const THREAD_PRIORITY_DFLT: i32 = -1;
pub const THREAD_SCHED_POLICY_DFLT: i32 = -1;

// ---- Socket types ----

pub const PAIR: i32 = 0;
pub const PUB: i32 = 1;
pub const SUB: i32 = 2;
pub const REQ: i32 = 3;
pub const REP: i32 = 4;
pub const DEALER: i32 = 5;
pub const ROUTER: i32 = 6;
pub const PULL: i32 = 7;
pub const PUSH: i32 = 8;
pub const XPUB: i32 = 9;
pub const XSUB: i32 = 10;
pub const STREAM: i32 = 11;
pub const XREQ: i32 = 5; // older name of DEALER
pub const XREP: i32 = 6; // older name of ROUTER
pub const SERVER: i32 = 12;
pub const CLIENT: i32 = 13;
pub const RADIO: i32 = 14;
pub const DISH: i32 = 15;
pub const GATHER: i32 = 16;
pub const SCATTER: i32 = 17;
pub const DGRAM: i32 = 18;
pub const PEER: i32 = 19;
pub const CHANNEL: i32 = 20;

// ---- Socket options ----

pub const AFFINITY: i32 = 4;
pub const ROUTING_ID: i32 = 5;
pub const SUBSCRIBE: i32 = 6;
pub const UNSUBSCRIBE: i32 = 7;
pub const RATE: i32 = 8;
pub const RECOVERY_IVL: i32 = 9;
pub const SNDBUF: i32 = 11;
pub const RCVBUF: i32 = 12;
pub const RCVMORE: i32 = 13;
pub const FD: i32 = 14;
pub const EVENTS: i32 = 15;
pub const TYPE: i32 = 16;
pub const LINGER: i32 = 17;
pub const RECONNECT_IVL: i32 = 18;
pub const BACKLOG: i32 = 19;
pub const RECONNECT_IVL_MAX: i32 = 21;
pub const MAXMSGSIZE: i32 = 22;
pub const SNDHWM: i32 = 23;
pub const RCVHWM: i32 = 24;
pub const MULTICAST_HOPS: i32 = 25;
pub const RCVTIMEO: i32 = 27;
pub const SNDTIMEO: i32 = 28;
pub const LAST_ENDPOINT: i32 = 32;
pub const ROUTER_MANDATORY: i32 = 33;
pub const TCP_KEEPALIVE: i32 = 34;
pub const TCP_KEEPALIVE_CNT: i32 = 35;
pub const TCP_KEEPALIVE_IDLE: i32 = 36;
pub const TCP_KEEPALIVE_INTVL: i32 = 37;
pub const IMMEDIATE: i32 = 39;
pub const XPUB_VERBOSE: i32 = 40;
pub const ROUTER_RAW: i32 = 41;
pub const IPV6: i32 = 42;
pub const MECHANISM: i32 = 43;
pub const PLAIN_SERVER: i32 = 44;
pub const PLAIN_USERNAME: i32 = 45;
pub const PLAIN_PASSWORD: i32 = 46;
pub const CURVE_SERVER: i32 = 47;
pub const CURVE_PUBLICKEY: i32 = 48;
pub const CURVE_SECRETKEY: i32 = 49;
pub const CURVE_SERVERKEY: i32 = 50;
pub const PROBE_ROUTER: i32 = 51;
pub const REQ_CORRELATE: i32 = 52;
pub const REQ_RELAXED: i32 = 53;
pub const CONFLATE: i32 = 54;
pub const ZAP_DOMAIN: i32 = 55;
pub const ROUTER_HANDOVER: i32 = 56;
pub const TOS: i32 = 57;
pub const CONNECT_ROUTING_ID: i32 = 61;
pub const GSSAPI_SERVER: i32 = 62;
pub const GSSAPI_PRINCIPAL: i32 = 63;
pub const GSSAPI_SERVICE_PRINCIPAL: i32 = 64;
pub const GSSAPI_PLAINTEXT: i32 = 65;
pub const HANDSHAKE_IVL: i32 = 66;
pub const SOCKS_PROXY: i32 = 68;
pub const XPUB_NODROP: i32 = 69;
pub const BLOCKY: i32 = 70;
pub const XPUB_MANUAL: i32 = 71;
pub const XPUB_WELCOME_MSG: i32 = 72;
pub const STREAM_NOTIFY: i32 = 73;
pub const INVERT_MATCHING: i32 = 74;
pub const HEARTBEAT_IVL: i32 = 75;
pub const HEARTBEAT_TTL: i32 = 76;
pub const HEARTBEAT_TIMEOUT: i32 = 77;
pub const XPUB_VERBOSER: i32 = 78;
pub const CONNECT_TIMEOUT: i32 = 79;
pub const TCP_MAXRT: i32 = 80;
pub const THREAD_SAFE: i32 = 81;
pub const MULTICAST_MAXTPDU: i32 = 84;
pub const VMCI_BUFFER_SIZE: i32 = 85;
pub const VMCI_BUFFER_MIN_SIZE: i32 = 86;
pub const VMCI_BUFFER_MAX_SIZE: i32 = 87;
pub const VMCI_CONNECT_TIMEOUT: i32 = 88;
pub const USE_FD: i32 = 89;
pub const GSSAPI_PRINCIPAL_NAMETYPE: i32 = 90;
pub const GSSAPI_SERVICE_PRINCIPAL_NAMETYPE: i32 = 91;
pub const BINDTODEVICE: i32 = 92;
pub const IDENTITY: i32 = 5; // older name of ROUTING_ID
pub const CONNECT_RID: i32 = 61; // older name of CONNECT_ROUTING_ID
pub const TCP_ACCEPT_FILTER: i32 = 38;
pub const IPC_FILTER_PID: i32 = 58;
pub const IPC_FILTER_UID: i32 = 59;
pub const IPC_FILTER_GID: i32 = 60;
pub const IPV4ONLY: i32 = 31;
pub const DELAY_ATTACH_ON_CONNECT: i32 = 39; // older name of IMMEDIATE
pub const FAIL_UNROUTABLE: i32 = 33; // older name of ROUTER_MANDATORY
pub const ROUTER_BEHAVIOR: i32 = 33; // older name of ROUTER_MANDATORY
pub const ZAP_ENFORCE_DOMAIN: i32 = 93;
pub const LOOPBACK_FASTPATH: i32 = 94;
pub const METADATA: i32 = 95;
pub const MULTICAST_LOOP: i32 = 96;
pub const ROUTER_NOTIFY: i32 = 97;
pub const XPUB_MANUAL_LAST_VALUE: i32 = 98;
pub const SOCKS_USERNAME: i32 = 99;
pub const SOCKS_PASSWORD: i32 = 100;
pub const IN_BATCH_SIZE: i32 = 101;
pub const OUT_BATCH_SIZE: i32 = 102;
pub const WSS_KEY_PEM: i32 = 103;
pub const WSS_CERT_PEM: i32 = 104;
pub const WSS_TRUST_PEM: i32 = 105;
pub const WSS_HOSTNAME: i32 = 106;
pub const WSS_TRUST_SYSTEM: i32 = 107;
pub const ONLY_FIRST_SUBSCRIBE: i32 = 108;
pub const RECONNECT_STOP: i32 = 109;
pub const HELLO_MSG: i32 = 110;
pub const DISCONNECT_MSG: i32 = 111;
pub const PRIORITY: i32 = 112;
pub const BUSY_POLL: i32 = 113;
pub const HICCUP_MSG: i32 = 114;
pub const XSUB_VERBOSE_UNSUBSCRIBE: i32 = 115;
pub const TOPICS_COUNT: i32 = 116;
pub const NORM_MODE: i32 = 117;
pub const NORM_UNICAST_NACK: i32 = 118;
pub const NORM_BUFFER_SIZE: i32 = 119;
pub const NORM_SEGMENT_SIZE: i32 = 120;
pub const NORM_BLOCK_SIZE: i32 = 121;
pub const NORM_NUM_PARITY: i32 = 122;
pub const NORM_NUM_AUTOPARITY: i32 = 123;
pub const NORM_PUSH: i32 = 124;

// ---- Message properties (zmq_msg_get) ----

pub const MORE: i32 = 1;
pub const SHARED: i32 = 3;
pub const SRCFD: i32 = 2;

// ---- Flags of send and recv ----

pub const DONTWAIT: i32 = 1;
pub const SNDMORE: i32 = 2;
pub const NOBLOCK: i32 = 1; // older name of DONTWAIT

// ---- Security mechanisms (`MECHANISM`) ----

pub const NULL: i32 = 0;
pub const PLAIN: i32 = 1;
pub const CURVE: i32 = 2;
pub const GSSAPI: i32 = 3;

// ---- Limits ----

pub const GROUP_MAX_LENGTH: i32 = 255;

// ---- GSSAPI name types ----

pub const GSSAPI_NT_HOSTBASED: i32 = 0;
pub const GSSAPI_NT_USER_NAME: i32 = 1;
pub const GSSAPI_NT_KRB5_PRINCIPAL: i32 = 2;

// ---- Monitor events ----

pub const EVENT_CONNECTED: i32 = 0x0001;
pub const EVENT_CONNECT_DELAYED: i32 = 0x0002;
pub const EVENT_CONNECT_RETRIED: i32 = 0x0004;
pub const EVENT_LISTENING: i32 = 0x0008;
pub const EVENT_BIND_FAILED: i32 = 0x0010;
pub const EVENT_ACCEPTED: i32 = 0x0020;
pub const EVENT_ACCEPT_FAILED: i32 = 0x0040;
pub const EVENT_CLOSED: i32 = 0x0080;
pub const EVENT_CLOSE_FAILED: i32 = 0x0100;
pub const EVENT_DISCONNECTED: i32 = 0x0200;
pub const EVENT_MONITOR_STOPPED: i32 = 0x0400;
pub const EVENT_HANDSHAKE_FAILED_NO_DETAIL: i32 = 0x0800;
pub const EVENT_HANDSHAKE_SUCCEEDED: i32 = 0x1000;
pub const EVENT_HANDSHAKE_FAILED_PROTOCOL: i32 = 0x2000;
pub const EVENT_HANDSHAKE_FAILED_AUTH: i32 = 0x4000;
pub const EVENT_PIPES_STATS: i32 = 0x1_0000;

// ---- Masks of monitor events ----

pub const EVENT_ALL: i32 = 0xFFFF;
pub const EVENT_ALL_V1: i32 = 0xFFFF;
pub const EVENT_ALL_V2: i32 = 0x1_FFFF;

// ---- Protocol errors (values of monitor events) ----

pub const PROTOCOL_ERROR_ZMTP_UNSPECIFIED: i32 = 0x1000_0000;
pub const PROTOCOL_ERROR_ZMTP_UNEXPECTED_COMMAND: i32 = 0x1000_0001;
pub const PROTOCOL_ERROR_ZMTP_INVALID_SEQUENCE: i32 = 0x1000_0002;
pub const PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE: i32 = 0x1000_0003;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: i32 = 0x1000_0011;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_MESSAGE: i32 = 0x1000_0012;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO: i32 = 0x1000_0013;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_INITIATE: i32 = 0x1000_0014;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_ERROR: i32 = 0x1000_0015;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_READY: i32 = 0x1000_0016;
pub const PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_WELCOME: i32 = 0x1000_0017;
pub const PROTOCOL_ERROR_ZMTP_INVALID_METADATA: i32 = 0x1000_0018;
pub const PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC: i32 = 0x1100_0001;
pub const PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: i32 = 0x1100_0002;
pub const PROTOCOL_ERROR_ZAP_UNSPECIFIED: i32 = 0x2000_0000;
pub const PROTOCOL_ERROR_ZAP_MALFORMED_REPLY: i32 = 0x2000_0001;
pub const PROTOCOL_ERROR_ZAP_BAD_REQUEST_ID: i32 = 0x2000_0002;
pub const PROTOCOL_ERROR_ZAP_BAD_VERSION: i32 = 0x2000_0003;
pub const PROTOCOL_ERROR_ZAP_INVALID_STATUS_CODE: i32 = 0x2000_0004;
pub const PROTOCOL_ERROR_ZAP_INVALID_METADATA: i32 = 0x2000_0005;
pub const PROTOCOL_ERROR_WS_UNSPECIFIED: i32 = 0x3000_0000;

// ---- Poll events ----

pub const POLLIN: i32 = 1;
pub const POLLOUT: i32 = 2;
pub const POLLERR: i32 = 4;
pub const POLLPRI: i32 = 8;

// ---- Device types (zmq_device) ----

pub const STREAMER: i32 = 1;
pub const FORWARDER: i32 = 2;
pub const QUEUE: i32 = 3;

// ---- NORM modes (`NORM_MODE`) ----

pub const NORM_FIXED: i32 = 0;
pub const NORM_CC: i32 = 1;
pub const NORM_CCL: i32 = 2;
pub const NORM_CCE: i32 = 3;
pub const NORM_CCE_ECNONLY: i32 = 4;

// ---- Flags of `RECONNECT_STOP` ----

pub const RECONNECT_STOP_CONN_REFUSED: i32 = 0x0001;
pub const RECONNECT_STOP_HANDSHAKE_FAILED: i32 = 0x0002;
pub const RECONNECT_STOP_AFTER_DISCONNECT: i32 = 0x0004;

// ---- Metadata names (zmq_msg_gets) ----

pub const MSG_PROPERTY_ROUTING_ID: &str = "Routing-Id";
pub const MSG_PROPERTY_SOCKET_TYPE: &str = "Socket-Type";
pub const MSG_PROPERTY_USER_ID: &str = "User-Id";
pub const MSG_PROPERTY_PEER_ADDRESS: &str = "Peer-Address";

// ---- Flags of `ROUTER_NOTIFY` ----

pub const NOTIFY_CONNECT: i32 = 1;
pub const NOTIFY_DISCONNECT: i32 = 2;

// ---- Versions of monitor messages ----

pub const CURRENT_EVENT_VERSION: i32 = 1;
pub const CURRENT_EVENT_VERSION_DRAFT: i32 = 2;
