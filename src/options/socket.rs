//! The options of one socket, except those that its pattern keeps.

use super::context::ContextOptions;
use super::filters::AddressFilter;
use super::numbers;
use super::socket_type::SocketType;
use super::table::OPTIONS;
use crate::curve::{PublicKey, SecretKey};
use crate::error::{Error, Result};
use crate::sys::net::{KeepAlive, TcpSettings};
use std::fmt;
use std::net::IpAddr;
use std::os::fd::RawFd;
use std::time::Duration;
use zeroize::Zeroizing;

/// Everything that zmq_setsockopt can set and that is not a pattern's own, as typed values. A
/// listener or session gets a copy when its endpoint is bound or connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    pub(super) affinity: u64,
    pub(super) routing_id: Vec<u8>,
    pub(super) rate: i32,
    pub(super) recovery_interval: i32,
    pub(super) send_buffer: i32,
    pub(super) receive_buffer: i32,
    pub(super) linger: i32,
    pub(super) reconnect_interval: i32,
    pub(super) reconnect_interval_max: i32,
    pub(super) reconnect_stop: i32,
    pub(super) backlog: i32,
    pub(super) max_message_size: i64,
    pub(super) send_hwm: i32,
    pub(super) receive_hwm: i32,
    pub(super) multicast_hops: i32,
    pub(super) multicast_max_tpdu: i32,
    pub(super) multicast_loop: i32,
    pub(super) receive_timeout: i32,
    pub(super) send_timeout: i32,
    pub(super) keepalive: i32,
    pub(super) keepalive_count: i32,
    pub(super) keepalive_idle: i32,
    pub(super) keepalive_interval: i32,
    pub(super) max_retransmit: i32,
    pub(super) immediate: i32,
    pub(super) ipv6: i32,
    pub(super) conflate: i32,
    pub(super) invert_matching: i32,
    pub(super) type_of_service: i32,
    pub(super) priority: i32,
    pub(super) busy_poll: i32,
    pub(super) device: Vec<u8>,
    pub(super) use_fd: i32,
    pub(super) loopback_fastpath: i32,
    pub(super) handshake_interval: i32,
    pub(super) heartbeat_interval: i32,
    /// Tenths of a second.
    pub(super) heartbeat_ttl: i32,
    pub(super) heartbeat_timeout: i32,
    pub(super) connect_timeout: i32,
    pub(super) in_batch_size: i32,
    /// If it was set.
    pub(super) out_batch_size: Option<i32>,
    pub(super) metadata: Vec<(String, Vec<u8>)>,
    pub(super) hello_message: Vec<u8>,
    pub(super) disconnect_message: Vec<u8>,
    pub(super) hiccup_message: Vec<u8>,
    pub(super) tcp_filters: Vec<AddressFilter>,
    pub(super) ipc_pids: Vec<i32>,
    pub(super) ipc_uids: Vec<u32>,
    pub(super) ipc_gids: Vec<u32>,
    pub(super) security: SecurityOptions,
    pub(super) socks_proxy: Vec<u8>,
    pub(super) socks_username: Vec<u8>,
    pub(super) socks_password: Vec<u8>,
}

/// What the security mechanisms and the authenticator are told.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SecurityOptions {
    /// The mechanism that the last of the mechanisms' own options selected.
    pub mechanism: Mechanism,
    /// Whether this side is the server.
    pub as_server: bool,
    /// Domain that the authenticator is asked about; empty for none.
    pub zap_domain: Vec<u8>,
    /// Whether a domain without an authenticator refuses everybody.
    pub zap_enforced: bool,
    /// PLAIN: name of the client.
    pub plain_username: Vec<u8>,
    /// PLAIN: password of the client.
    pub plain_password: Zeroizing<Vec<u8>>,
    /// CURVE: own long-term public key.
    pub curve_public_key: PublicKey,
    /// CURVE: own long-term secret key.
    pub curve_secret_key: SecretKey,
    /// CURVE: the server's long-term public key.
    pub curve_server_key: PublicKey,
}

/// Without secrets.
impl fmt::Debug for SecurityOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityOptions")
            .field("mechanism", &self.mechanism)
            .field("as_server", &self.as_server)
            .field("zap_domain", &self.zap_domain)
            .field("zap_enforced", &self.zap_enforced)
            .finish_non_exhaustive()
    }
}

/// The security mechanisms, by their numbers in the C interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Mechanism {
    /// None.
    #[default]
    Null = numbers::NULL,
    /// User name and password, in the clear.
    Plain = numbers::PLAIN,
    /// Public keys and encryption.
    Curve = numbers::CURVE,
    /// Kerberos.
    Gssapi = numbers::GSSAPI,
}

impl Mechanism {
    /// The name in the greeting.
    pub fn name(self) -> &'static str {
        match self {
            Mechanism::Null => "NULL",
            Mechanism::Plain => "PLAIN",
            Mechanism::Curve => "CURVE",
            Mechanism::Gssapi => "GSSAPI",
        }
    }
}

impl SocketOptions {
    /// The defaults for a type in a context.
    pub fn new(socket_type: SocketType, context: &ContextOptions) -> SocketOptions {
        let lingers = context.blocky() && !socket_type.never_lingers();
        SocketOptions {
            affinity: 0,
            routing_id: Vec::new(),
            rate: 100,
            recovery_interval: 10_000,
            send_buffer: -1,
            receive_buffer: -1,
            linger: if lingers { -1 } else { 0 },
            reconnect_interval: 100,
            reconnect_interval_max: 0,
            reconnect_stop: 0,
            backlog: 100,
            max_message_size: -1,
            send_hwm: 1000,
            receive_hwm: 1000,
            multicast_hops: 1,
            multicast_max_tpdu: 1500,
            multicast_loop: 1,
            receive_timeout: -1,
            send_timeout: -1,
            keepalive: -1,
            keepalive_count: -1,
            keepalive_idle: -1,
            keepalive_interval: -1,
            max_retransmit: 0,
            immediate: 0,
            ipv6: i32::from(context.ipv6()),
            conflate: 0,
            invert_matching: 0,
            type_of_service: 0,
            priority: 0,
            busy_poll: 0,
            device: Vec::new(),
            use_fd: -1,
            loopback_fastpath: 0,
            handshake_interval: 30_000,
            heartbeat_interval: 0,
            heartbeat_ttl: 0,
            heartbeat_timeout: -1,
            connect_timeout: 0,
            in_batch_size: 8192,
            out_batch_size: None,
            metadata: Vec::new(),
            hello_message: Vec::new(),
            disconnect_message: Vec::new(),
            hiccup_message: Vec::new(),
            tcp_filters: Vec::new(),
            ipc_pids: Vec::new(),
            ipc_uids: Vec::new(),
            ipc_gids: Vec::new(),
            security: SecurityOptions::default(),
            socks_proxy: Vec::new(),
            socks_username: Vec::new(),
            socks_password: Vec::new(),
        }
    }

    /// Sets an option from its bytes; None stands for a NULL pointer, which some options take for
    /// something else than an empty value. The socket has asked its pattern before.
    ///
    /// Errors: `Invalid` for an unknown or read-only option, one of other types or of a pattern, a
    /// wrong size or value, and one whose feature this build lacks.
    pub fn set<'a>(
        &mut self,
        socket_type: SocketType,
        option: i32,
        value: impl Into<Option<&'a [u8]>>,
    ) -> Result<()> {
        let row = available(option)?;
        if !row.types.is_empty() && !row.types.contains(&socket_type) {
            return Err(Error::Invalid);
        }
        row.set(self, value.into())
    }

    /// Reads an option into a buffer; returns how much of it is used. The socket has asked its pattern
    /// before, and answers for itself what only it knows: `RCVMORE`, `FD`, `EVENTS`, `LAST_ENDPOINT`.
    ///
    /// Errors: `Invalid` for an unknown or write-only option, a buffer of the wrong size, and an
    /// option whose feature this build lacks.
    pub fn get(&self, socket_type: SocketType, option: i32, buffer: &mut [u8]) -> Result<usize> {
        available(option)?.get(self, socket_type, buffer)
    }

    // ---- the socket ----

    /// I/O threads that may be used: a bit each; 0 for any.
    pub fn affinity(&self) -> u64 {
        self.affinity
    }

    /// What the socket announces itself as; empty for nothing. At most 255 bytes.
    pub fn routing_id(&self) -> &[u8] {
        &self.routing_id
    }

    /// How long a closed socket or removed endpoint goes on delivering; None: until it is done.
    pub fn linger(&self) -> Option<Duration> {
        (self.linger >= 0).then(|| milliseconds(self.linger))
    }

    /// Messages that wait to be sent to one peer, at most; 0 for no limit.
    pub fn send_hwm(&self) -> usize {
        usize::try_from(self.send_hwm).unwrap_or(0)
    }

    /// Messages of one peer that wait to be received, at most; 0 for no limit.
    pub fn receive_hwm(&self) -> usize {
        usize::try_from(self.receive_hwm).unwrap_or(0)
    }

    /// Milliseconds that a send waits for room, at most; -1 for ever.
    pub fn send_timeout(&self) -> i32 {
        self.send_timeout
    }

    /// Milliseconds that a receive waits for a message, at most; -1 for ever.
    pub fn receive_timeout(&self) -> i32 {
        self.receive_timeout
    }

    /// Whether messages are queued only to connections that are there.
    pub fn immediate(&self) -> bool {
        self.immediate != 0
    }

    /// Whether pipes keep the latest message alone, with the types that do that.
    pub fn conflate(&self) -> bool {
        self.conflate != 0
    }

    /// Whether subscriptions select what is not delivered.
    pub fn invert_matching(&self) -> bool {
        self.invert_matching != 0
    }

    /// Sent first on every connection, with the types that do that; empty for none.
    pub fn hello_message(&self, of: SocketType, local: bool) -> &[u8] {
        if of.says_hello(local) { &self.hello_message } else { &[] }
    }

    /// Delivered to the application when an accepted connection ends, with the types that do that; empty for
    /// none.
    pub fn disconnect_message(&self, of: SocketType) -> &[u8] {
        if of.hears_of_disconnects() { &self.disconnect_message } else { &[] }
    }

    /// Delivered to the application when a connection that is made anew was lost, with the types that do
    /// that; empty for none.
    pub fn hiccup_message(&self, of: SocketType) -> &[u8] {
        if of.hears_of_hiccups() { &self.hiccup_message } else { &[] }
    }

    // ---- its connections ----

    /// Milliseconds to wait before connecting again; 0 and less: a connection is not made again.
    pub fn reconnect_interval(&self) -> i32 {
        self.reconnect_interval
    }

    /// Milliseconds up to which these waits double; 0: they do not grow.
    pub fn reconnect_interval_max(&self) -> i32 {
        self.reconnect_interval_max
    }

    /// Whether a refused tcp connection ends its endpoint.
    pub fn stops_when_refused(&self) -> bool {
        self.reconnect_stop & numbers::RECONNECT_STOP_CONN_REFUSED != 0
    }

    /// Whether a connection lost in its handshake ends its endpoint.
    pub fn stops_when_handshake_fails(&self) -> bool {
        self.reconnect_stop & numbers::RECONNECT_STOP_HANDSHAKE_FAILED != 0
    }

    /// Whether a refused ipc connection ends its endpoint, once an endpoint of the socket was removed.
    pub fn stops_after_disconnect(&self) -> bool {
        self.reconnect_stop & numbers::RECONNECT_STOP_AFTER_DISCONNECT != 0
    }

    /// Longest time that one attempt to connect over tcp may take; None: the system's limit.
    pub fn connect_timeout(&self) -> Option<Duration> {
        (self.connect_timeout > 0).then(|| milliseconds(self.connect_timeout))
    }

    /// Longest time from a connection to the end of its handshake; None: no limit.
    pub fn handshake_interval(&self) -> Option<Duration> {
        (self.handshake_interval > 0).then(|| milliseconds(self.handshake_interval))
    }

    /// Time from one PING to the next; None: none are sent.
    pub fn heartbeat_interval(&self) -> Option<Duration> {
        (self.heartbeat_interval > 0).then(|| milliseconds(self.heartbeat_interval))
    }

    /// Longest silence after a PING, where one is sent every `interval`: as a rule just that; None:
    /// no limit.
    pub fn heartbeat_timeout(&self, interval: Duration) -> Option<Duration> {
        match self.heartbeat_timeout {
            -1 => Some(interval),
            timeout => (timeout > 0).then(|| milliseconds(timeout)),
        }
    }

    /// Silence that a PING asks the peer to allow, in tenths of a second; 0: no limit.
    pub fn heartbeat_ttl(&self) -> u16 {
        u16::try_from(self.heartbeat_ttl).unwrap_or(0)
    }

    /// Bytes of the largest part that is received; None: no limit.
    pub fn max_message_size(&self) -> Option<u64> {
        u64::try_from(self.max_message_size).ok()
    }

    /// Bytes read at once, at least.
    pub fn in_batch_size(&self) -> usize {
        usize::try_from(self.in_batch_size).unwrap_or(0)
    }

    /// Bytes written at once, at least, if somebody said so.
    pub fn out_batch_size(&self) -> Option<usize> {
        self.out_batch_size.and_then(|size| usize::try_from(size).ok())
    }

    /// The application's properties for the handshake, each name once, in the order they were set.
    pub fn application_metadata(&self) -> &[(String, Vec<u8>)] {
        &self.metadata
    }

    // ---- what the kernel is told ----

    /// Whether sockets are IPv6 ones that speak IPv4 too.
    pub fn ipv6(&self) -> bool {
        self.ipv6 != 0
    }

    /// Connections that may wait to be accepted.
    pub fn backlog(&self) -> i32 {
        self.backlog
    }

    /// A listening descriptor to take over instead of making one.
    pub fn use_fd(&self) -> Option<RawFd> {
        (self.use_fd >= 0).then_some(self.use_fd)
    }

    /// What the kernel is told about tcp sockets.
    pub fn tcp_settings(&self) -> TcpSettings {
        let keep_alive = KeepAlive {
            on: self.keepalive != 0,
            count: u32::try_from(self.keepalive_count).ok(),
            idle: u32::try_from(self.keepalive_idle).ok(),
            interval: u32::try_from(self.keepalive_interval).ok(),
        };
        TcpSettings {
            send_buffer: usize::try_from(self.send_buffer).ok(),
            receive_buffer: usize::try_from(self.receive_buffer).ok(),
            keep_alive: (self.keepalive >= 0).then_some(keep_alive),
            max_retransmit: u32::try_from(self.max_retransmit).unwrap_or(0),
            // The kernel takes 8 bits.
            type_of_service: (self.type_of_service & 0xFF) as u8,
            priority: u32::try_from(self.priority).unwrap_or(0),
            busy_poll: u32::try_from(self.busy_poll).unwrap_or(0),
            device: self.device.clone(),
        }
    }

    /// Routers, and one, that pass on what is sent to a group (udp).
    pub fn multicast_hops(&self) -> u32 {
        u32::try_from(self.multicast_hops).unwrap_or(1)
    }

    /// Whether members of a group on this machine get what is sent to it (udp).
    pub fn multicast_loop(&self) -> bool {
        self.multicast_loop != 0
    }

    // ---- who may connect ----

    /// Whether a tcp peer with that address may connect.
    pub fn admits_ip(&self, address: IpAddr) -> bool {
        !self.filters_ip() || self.tcp_filters.iter().any(|filter| filter.admits(address))
    }

    /// Whether an ipc peer may connect. `is_member` tells whether its user is listed in a group; it
    /// is asked only when nothing else admits the peer.
    pub fn admits_process(&self, uid: u32, gid: u32, pid: i32, is_member: impl Fn(u32) -> bool) -> bool {
        !self.filters_processes()
            || self.ipc_uids.contains(&uid)
            || self.ipc_gids.contains(&gid)
            || self.ipc_pids.contains(&pid)
            || self.ipc_gids.iter().any(|listed| is_member(*listed))
    }

    /// Whether tcp peers are filtered at all.
    pub fn filters_ip(&self) -> bool {
        !self.tcp_filters.is_empty()
    }

    /// Whether ipc peers are filtered at all.
    pub fn filters_processes(&self) -> bool {
        !(self.ipc_pids.is_empty() && self.ipc_uids.is_empty() && self.ipc_gids.is_empty())
    }

    // ---- security ----

    /// The mechanism to use; see [`SocketOptions::check_security`].
    pub fn mechanism(&self) -> Mechanism {
        self.security.mechanism
    }

    /// All that concerns mechanisms and authentication.
    pub fn security(&self) -> &SecurityOptions {
        &self.security
    }

    /// `ProtocolNotSupported` when the options ask for a mechanism that this build does not have: it
    /// must then make no connections over tcp or ipc, rather than unprotected ones.
    pub fn check_security(&self) -> Result<()> {
        match self.security.mechanism {
            Mechanism::Null | Mechanism::Plain | Mechanism::Curve => Ok(()),
            Mechanism::Gssapi => Err(Error::ProtocolNotSupported),
        }
    }

    /// `ProtocolNotSupported` when tcp connections are to go through a proxy: this build can only go
    /// around it, which it must not.
    pub fn check_proxy(&self) -> Result<()> {
        if self.socks_proxy.is_empty() { Ok(()) } else { Err(Error::ProtocolNotSupported) }
    }
}

/// The row of an option that this build has.
fn available(option: i32) -> Result<&'static super::row::Row> {
    let row = OPTIONS.binary_search_by_key(&option, |row| row.number).map(|index| &OPTIONS[index]);
    match row {
        Ok(row) if !row.state.is_refused() => Ok(row),
        _ => Err(Error::Invalid),
    }
}

/// A number that is not negative, as a duration.
fn milliseconds(number: i32) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or(0))
}
