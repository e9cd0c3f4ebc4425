//! Every socket option, a row each (zmq_setsockopt(3), zmq_getsockopt(3)).
//!
//! This is the one place that says what an option takes, gives and means to this build: setting and
//! reading are driven by it, and docs/compatibility.md is printed from it.

use super::filters::AddressFilter;
use super::numbers as n;
use super::row::{Effect, Get, Length, Row, Rule, Set, Stability, State};
use super::socket::{Mechanism, SocketOptions};
use super::socket_type::SocketType::{self, *};
use crate::curve::SecretKey;
use crate::error::{Error, Result};
use Rule::{Any, AtLeast, Range, Relaxed, Switch};

type Types = &'static [SocketType];

const ROUTERS: Types = &[Router, Rep];
/// Types that have a descriptor to be watched.
const ONE_THREAD: Types = &[Pair, Pub, Sub, Req, Rep, Dealer, Router, Pull, Push, Xpub, Xsub, Stream, Dgram];
const PUBLISHERS: Types = &[Xpub, Pub];

const NEVER: Effect = Effect::None;
const NOW: Effect = Effect::AtOnce;
const ENDPOINT: Effect = Effect::NextEndpoint;
const CONNECTION: Effect = Effect::NextConnection;

const TEXT: Length = Length::OrNull(255);
const BLOB: Length = Length::UpTo(usize::MAX);

const GSSAPI: &str = "GSSAPI";
const MULTICAST: &str = "multicast transports";
const NORM: &str = "norm";
const SOCKS: &str = "SOCKS5, until when tcp connects fail with EPROTONOSUPPORT";
const VMCI: &str = "vmci";
const WSS: &str = "wss";

/// In the order of their numbers. 10, 20, 26, 29, 30, 67, 82 and 83 are nobody's.
#[rustfmt::skip]
pub static OPTIONS: [Row; 112] = [
    row(n::AFFINITY, "AFFINITY", Set::Uint64(|o, v| o.affinity = v), Get::Uint64(|o| o.affinity), "0", ENDPOINT),
    row(n::ROUTING_ID, "ROUTING_ID", Set::Bytes(Length::Only(255), |o, v| o.routing_id = stored(v)), Get::Bytes(|o| &o.routing_id), "empty", ENDPOINT),
    row(n::SUBSCRIBE, "SUBSCRIBE", Set::Pattern("bytes"), Get::No, "none", NOW).only(&[Sub, Xpub, Pub]),
    row(n::UNSUBSCRIBE, "UNSUBSCRIBE", Set::Pattern("bytes"), Get::No, "-", NOW).only(&[Sub, Xpub, Pub]),
    int(n::RATE, "RATE", AtLeast(1), |o, v| o.rate = v, |o| o.rate, "100", ENDPOINT).stored(MULTICAST),
    int(n::RECOVERY_IVL, "RECOVERY_IVL", AtLeast(0), |o, v| o.recovery_interval = v, |o| o.recovery_interval, "10000", ENDPOINT).stored(MULTICAST),
    int(n::SNDBUF, "SNDBUF", AtLeast(-1), |o, v| o.send_buffer = v, |o| o.send_buffer, "-1", ENDPOINT),
    int(n::RCVBUF, "RCVBUF", AtLeast(-1), |o, v| o.receive_buffer = v, |o| o.receive_buffer, "-1", ENDPOINT),
    row(n::RCVMORE, "RCVMORE", Set::No, Get::Socket("int, buffer"), "0", NEVER),
    row(n::FD, "FD", Set::No, Get::Socket("int, buffer"), "-", NEVER).only(ONE_THREAD),
    row(n::EVENTS, "EVENTS", Set::No, Get::Socket("int, buffer"), "-", NEVER),
    row(n::TYPE, "TYPE", Set::No, Get::OfType(SocketType::number), "-", NEVER),
    int(n::LINGER, "LINGER", AtLeast(-1), |o, v| o.linger = v, |o| o.linger, "-1; 0 by type or ZMQ_BLOCKY", NOW),
    int(n::RECONNECT_IVL, "RECONNECT_IVL", AtLeast(-1), |o, v| o.reconnect_interval = v, |o| o.reconnect_interval, "100", ENDPOINT),
    int(n::BACKLOG, "BACKLOG", AtLeast(0), |o, v| o.backlog = v, |o| o.backlog, "100", ENDPOINT),
    int(n::RECONNECT_IVL_MAX, "RECONNECT_IVL_MAX", AtLeast(0), |o, v| o.reconnect_interval_max = v, |o| o.reconnect_interval_max, "0", ENDPOINT),
    row(n::MAXMSGSIZE, "MAXMSGSIZE", Set::Int64(|o, v| o.max_message_size = v), Get::Int64(|o| o.max_message_size), "-1", ENDPOINT),
    int(n::SNDHWM, "SNDHWM", AtLeast(0), |o, v| o.send_hwm = v, |o| o.send_hwm, "1000", NOW),
    int(n::RCVHWM, "RCVHWM", AtLeast(0), |o, v| o.receive_hwm = v, |o| o.receive_hwm, "1000", NOW),
    int(n::MULTICAST_HOPS, "MULTICAST_HOPS", AtLeast(1), |o, v| o.multicast_hops = v, |o| o.multicast_hops, "1", ENDPOINT),
    int(n::RCVTIMEO, "RCVTIMEO", AtLeast(-1), |o, v| o.receive_timeout = v, |o| o.receive_timeout, "-1", NOW),
    int(n::SNDTIMEO, "SNDTIMEO", AtLeast(-1), |o, v| o.send_timeout = v, |o| o.send_timeout, "-1", NOW),
    int(n::IPV4ONLY, "IPV4ONLY", Switch, |o, v| o.ipv6 = 1 - v, |o| 1 - o.ipv6, "1", ENDPOINT).deprecated(),
    row(n::LAST_ENDPOINT, "LAST_ENDPOINT", Set::No, Get::Socket("text, buffer"), "\"\"", NEVER),
    row(n::ROUTER_MANDATORY, "ROUTER_MANDATORY", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(ROUTERS),
    int(n::TCP_KEEPALIVE, "TCP_KEEPALIVE", Range(-1, 1), |o, v| o.keepalive = v, |o| o.keepalive, "-1", ENDPOINT),
    int(n::TCP_KEEPALIVE_CNT, "TCP_KEEPALIVE_CNT", AtLeast(-1), |o, v| o.keepalive_count = v, |o| o.keepalive_count, "-1", ENDPOINT),
    int(n::TCP_KEEPALIVE_IDLE, "TCP_KEEPALIVE_IDLE", AtLeast(-1), |o, v| o.keepalive_idle = v, |o| o.keepalive_idle, "-1", ENDPOINT),
    int(n::TCP_KEEPALIVE_INTVL, "TCP_KEEPALIVE_INTVL", AtLeast(-1), |o, v| o.keepalive_interval = v, |o| o.keepalive_interval, "-1", ENDPOINT),
    row(n::TCP_ACCEPT_FILTER, "TCP_ACCEPT_FILTER", Set::Parsed("address[/prefix], NULL clears", add_tcp_filter), Get::No, "none", ENDPOINT).deprecated(),
    int(n::IMMEDIATE, "IMMEDIATE", Switch, |o, v| o.immediate = v, |o| o.immediate, "0", ENDPOINT),
    row(n::XPUB_VERBOSE, "XPUB_VERBOSE", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(PUBLISHERS),
    row(n::ROUTER_RAW, "ROUTER_RAW", Set::Pattern("int >= 0"), Get::No, "0", ENDPOINT).only(ROUTERS).deprecated(),
    int(n::IPV6, "IPV6", Switch, |o, v| o.ipv6 = v, |o| o.ipv6, "that of the context", ENDPOINT),
    row(n::MECHANISM, "MECHANISM", Set::No, Get::Int(|o| o.security.mechanism as i32), "0", NEVER),
    int(n::PLAIN_SERVER, "PLAIN_SERVER", Switch, |o, v| o.serve(Mechanism::Plain, v), |o| o.serves(Mechanism::Plain), "0", ENDPOINT),
    row(n::PLAIN_USERNAME, "PLAIN_USERNAME", Set::Bytes(TEXT, |o, v| if o.be_plain_client(v) { o.security.plain_username = stored(v) }), Get::Text(|o| &o.security.plain_username), "\"\"", ENDPOINT),
    row(n::PLAIN_PASSWORD, "PLAIN_PASSWORD", Set::Bytes(TEXT, |o, v| if o.be_plain_client(v) { o.security.plain_password = stored(v).into() }), Get::Text(|o| &o.security.plain_password), "\"\"", ENDPOINT),
    int(n::CURVE_SERVER, "CURVE_SERVER", Switch, |o, v| o.serve(Mechanism::Curve, v), |o| o.serves(Mechanism::Curve), "0", ENDPOINT),
    row(n::CURVE_PUBLICKEY, "CURVE_PUBLICKEY", Set::Key(|o, v| { o.security.mechanism = Mechanism::Curve; o.security.curve_public_key = *v }), Get::Key(|o| &o.security.curve_public_key), "zeros", ENDPOINT),
    row(n::CURVE_SECRETKEY, "CURVE_SECRETKEY", Set::Key(|o, v| { o.security.mechanism = Mechanism::Curve; o.security.curve_secret_key = SecretKey::new(v) }), Get::Key(|o| o.security.curve_secret_key.bytes()), "zeros", ENDPOINT),
    row(n::CURVE_SERVERKEY, "CURVE_SERVERKEY", Set::Key(|o, v| { o.security.mechanism = Mechanism::Curve; o.security.as_server = false; o.security.curve_server_key = *v }), Get::Key(|o| &o.security.curve_server_key), "zeros", ENDPOINT),
    row(n::PROBE_ROUTER, "PROBE_ROUTER", Set::Pattern("int >= 0"), Get::No, "0", CONNECTION).only(&[Req, Dealer, Router, Rep]),
    row(n::REQ_CORRELATE, "REQ_CORRELATE", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(&[Req]),
    row(n::REQ_RELAXED, "REQ_RELAXED", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(&[Req]),
    int(n::CONFLATE, "CONFLATE", Switch, |o, v| o.conflate = v, |o| o.conflate, "0", ENDPOINT),
    row(n::ZAP_DOMAIN, "ZAP_DOMAIN", Set::Bytes(Length::Only(255), |o, v| o.security.zap_domain = stored(v)), Get::Text(|o| &o.security.zap_domain), "\"\"", ENDPOINT),
    row(n::ROUTER_HANDOVER, "ROUTER_HANDOVER", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(ROUTERS),
    int(n::TOS, "TOS", AtLeast(0), |o, v| o.type_of_service = v, |o| o.type_of_service, "0", ENDPOINT),
    row(n::IPC_FILTER_PID, "IPC_FILTER_PID", Set::Element(|o, v| add(&mut o.ipc_pids, v.map(i32::from_ne_bytes))), Get::No, "none", ENDPOINT).deprecated(),
    row(n::IPC_FILTER_UID, "IPC_FILTER_UID", Set::Element(|o, v| add(&mut o.ipc_uids, v.map(u32::from_ne_bytes))), Get::No, "none", ENDPOINT).deprecated(),
    row(n::IPC_FILTER_GID, "IPC_FILTER_GID", Set::Element(|o, v| add(&mut o.ipc_gids, v.map(u32::from_ne_bytes))), Get::No, "none", ENDPOINT).deprecated(),
    row(n::CONNECT_ROUTING_ID, "CONNECT_ROUTING_ID", Set::Pattern("1 or more bytes"), Get::No, "empty", CONNECTION).only(&[Router, Rep, Stream]),
    row(n::GSSAPI_SERVER, "GSSAPI_SERVER", Set::Pattern("int 0 or 1"), Get::Pattern("int"), "0", ENDPOINT).refused(GSSAPI),
    row(n::GSSAPI_PRINCIPAL, "GSSAPI_PRINCIPAL", Set::Pattern("1 to 255 bytes"), Get::Pattern("text, buffer"), "\"\"", ENDPOINT).refused(GSSAPI),
    row(n::GSSAPI_SERVICE_PRINCIPAL, "GSSAPI_SERVICE_PRINCIPAL", Set::Pattern("1 to 255 bytes"), Get::Pattern("text, buffer"), "\"\"", ENDPOINT).refused(GSSAPI),
    row(n::GSSAPI_PLAINTEXT, "GSSAPI_PLAINTEXT", Set::Pattern("int 0 or 1"), Get::Pattern("int"), "0", ENDPOINT).refused(GSSAPI),
    int(n::HANDSHAKE_IVL, "HANDSHAKE_IVL", AtLeast(0), |o, v| o.handshake_interval = v, |o| o.handshake_interval, "30000", ENDPOINT),
    row(n::SOCKS_PROXY, "SOCKS_PROXY", Set::Bytes(Length::OrNull(usize::MAX), |o, v| o.socks_proxy = stored(v)), Get::Text(|o| &o.socks_proxy), "\"\"", ENDPOINT).stored(SOCKS),
    row(n::XPUB_NODROP, "XPUB_NODROP", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(&[Xpub, Pub, Radio]),
    row(n::XPUB_MANUAL, "XPUB_MANUAL", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(PUBLISHERS),
    row(n::XPUB_WELCOME_MSG, "XPUB_WELCOME_MSG", Set::Pattern("0 or more bytes"), Get::No, "none", CONNECTION).only(PUBLISHERS),
    row(n::STREAM_NOTIFY, "STREAM_NOTIFY", Set::Pattern("int 0 or 1"), Get::No, "1", ENDPOINT).only(&[Stream]),
    int(n::INVERT_MATCHING, "INVERT_MATCHING", Relaxed, |o, v| o.invert_matching = v, |o| o.invert_matching, "0", NOW),
    int(n::HEARTBEAT_IVL, "HEARTBEAT_IVL", AtLeast(0), |o, v| o.heartbeat_interval = v, |o| o.heartbeat_interval, "0", ENDPOINT),
    int(n::HEARTBEAT_TTL, "HEARTBEAT_TTL", Range(-99, 6_553_599), |o, v| o.heartbeat_ttl = v / 100, |o| o.heartbeat_ttl * 100, "0", ENDPOINT),
    int(n::HEARTBEAT_TIMEOUT, "HEARTBEAT_TIMEOUT", AtLeast(0), |o, v| o.heartbeat_timeout = v, |o| o.heartbeat_timeout, "-1: the interval", ENDPOINT),
    row(n::XPUB_VERBOSER, "XPUB_VERBOSER", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(PUBLISHERS),
    int(n::CONNECT_TIMEOUT, "CONNECT_TIMEOUT", AtLeast(0), |o, v| o.connect_timeout = v, |o| o.connect_timeout, "0", ENDPOINT),
    int(n::TCP_MAXRT, "TCP_MAXRT", AtLeast(0), |o, v| o.max_retransmit = v, |o| o.max_retransmit, "0", ENDPOINT),
    row(n::THREAD_SAFE, "THREAD_SAFE", Set::No, Get::OfTypeBuffer(|t| t.is_thread_safe() as i32), "by type", NEVER),
    int(n::MULTICAST_MAXTPDU, "MULTICAST_MAXTPDU", AtLeast(1), |o, v| o.multicast_max_tpdu = v, |o| o.multicast_max_tpdu, "1500", ENDPOINT).stored(MULTICAST),
    row(n::VMCI_BUFFER_SIZE, "VMCI_BUFFER_SIZE", Set::Pattern("uint64"), Get::No, "0", ENDPOINT).left_out(VMCI),
    row(n::VMCI_BUFFER_MIN_SIZE, "VMCI_BUFFER_MIN_SIZE", Set::Pattern("uint64"), Get::No, "0", ENDPOINT).left_out(VMCI),
    row(n::VMCI_BUFFER_MAX_SIZE, "VMCI_BUFFER_MAX_SIZE", Set::Pattern("uint64"), Get::No, "0", ENDPOINT).left_out(VMCI),
    row(n::VMCI_CONNECT_TIMEOUT, "VMCI_CONNECT_TIMEOUT", Set::Pattern("int"), Get::No, "-1", ENDPOINT).left_out(VMCI),
    int(n::USE_FD, "USE_FD", AtLeast(-1), |o, v| o.use_fd = v, |o| o.use_fd, "-1", ENDPOINT),
    row(n::GSSAPI_PRINCIPAL_NAMETYPE, "GSSAPI_PRINCIPAL_NAMETYPE", Set::Pattern("int 0 to 2"), Get::Pattern("int"), "0", ENDPOINT).refused(GSSAPI),
    row(n::GSSAPI_SERVICE_PRINCIPAL_NAMETYPE, "GSSAPI_SERVICE_PRINCIPAL_NAMETYPE", Set::Pattern("int 0 to 2"), Get::Pattern("int"), "0", ENDPOINT).refused(GSSAPI),
    row(n::BINDTODEVICE, "BINDTODEVICE", Set::Bytes(Length::OrNull(16), |o, v| o.device = stored(v)), Get::Text(|o| &o.device), "\"\"", ENDPOINT),
    int(n::ZAP_ENFORCE_DOMAIN, "ZAP_ENFORCE_DOMAIN", Relaxed, |o, v| o.security.zap_enforced = v != 0, |o| o.security.zap_enforced as i32, "0", ENDPOINT).draft(),
    int(n::LOOPBACK_FASTPATH, "LOOPBACK_FASTPATH", Relaxed, |o, v| o.loopback_fastpath = v, |o| o.loopback_fastpath, "0", NEVER).draft(),
    row(n::METADATA, "METADATA", Set::Parsed("X-name:value, not 4 bytes", add_metadata), Get::No, "none", ENDPOINT).draft(),
    int(n::MULTICAST_LOOP, "MULTICAST_LOOP", Relaxed, |o, v| o.multicast_loop = v, |o| o.multicast_loop, "1", ENDPOINT).draft(),
    row(n::ROUTER_NOTIFY, "ROUTER_NOTIFY", Set::Pattern("int 0 to 3"), Get::Int(|_| 0), "0", CONNECTION).only(ROUTERS).draft(),
    row(n::XPUB_MANUAL_LAST_VALUE, "XPUB_MANUAL_LAST_VALUE", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(PUBLISHERS).draft(),
    row(n::SOCKS_USERNAME, "SOCKS_USERNAME", Set::Bytes(Length::UpTo(255), |o, v| o.socks_username = stored(v)), Get::Text(|o| &o.socks_username), "\"\"", ENDPOINT).draft().stored(SOCKS),
    row(n::SOCKS_PASSWORD, "SOCKS_PASSWORD", Set::Bytes(Length::UpTo(255), |o, v| o.socks_password = stored(v)), Get::Text(|o| &o.socks_password), "\"\"", ENDPOINT).draft().stored(SOCKS),
    int(n::IN_BATCH_SIZE, "IN_BATCH_SIZE", AtLeast(1), |o, v| o.in_batch_size = v, |o| o.in_batch_size, "8192", ENDPOINT).draft(),
    int(n::OUT_BATCH_SIZE, "OUT_BATCH_SIZE", AtLeast(1), |o, v| o.out_batch_size = Some(v), |o| o.out_batch_size.unwrap_or(8192), "8192", ENDPOINT).draft(),
    row(n::WSS_KEY_PEM, "WSS_KEY_PEM", Set::Pattern("bytes"), Get::No, "\"\"", ENDPOINT).draft().refused(WSS),
    row(n::WSS_CERT_PEM, "WSS_CERT_PEM", Set::Pattern("bytes"), Get::No, "\"\"", ENDPOINT).draft().refused(WSS),
    row(n::WSS_TRUST_PEM, "WSS_TRUST_PEM", Set::Pattern("bytes"), Get::No, "\"\"", ENDPOINT).draft().refused(WSS),
    row(n::WSS_HOSTNAME, "WSS_HOSTNAME", Set::Pattern("bytes"), Get::No, "\"\"", ENDPOINT).draft().refused(WSS),
    row(n::WSS_TRUST_SYSTEM, "WSS_TRUST_SYSTEM", Set::Pattern("int 0 or 1"), Get::No, "0", ENDPOINT).draft().refused(WSS),
    row(n::ONLY_FIRST_SUBSCRIBE, "ONLY_FIRST_SUBSCRIBE", Set::Pattern("int >= 0"), Get::No, "0", NOW).only(&[Xpub, Pub, Xsub]).draft(),
    int(n::RECONNECT_STOP, "RECONNECT_STOP", Any, |o, v| o.reconnect_stop = v, |o| o.reconnect_stop, "0", ENDPOINT).draft(),
    row(n::HELLO_MSG, "HELLO_MSG", Set::Bytes(BLOB, |o, v| o.hello_message = stored(v)), Get::No, "none", ENDPOINT).draft(),
    row(n::DISCONNECT_MSG, "DISCONNECT_MSG", Set::Bytes(BLOB, |o, v| o.disconnect_message = stored(v)), Get::No, "none", ENDPOINT).draft(),
    int(n::PRIORITY, "PRIORITY", AtLeast(0), |o, v| o.priority = v, |o| o.priority, "0", ENDPOINT).draft(),
    row(n::BUSY_POLL, "BUSY_POLL", Set::Int(Any, |o, v| o.busy_poll = v), Get::No, "0", ENDPOINT).draft(),
    row(n::HICCUP_MSG, "HICCUP_MSG", Set::Bytes(BLOB, |o, v| o.hiccup_message = stored(v)), Get::No, "none", ENDPOINT).draft(),
    row(n::XSUB_VERBOSE_UNSUBSCRIBE, "XSUB_VERBOSE_UNSUBSCRIBE", Set::Pattern("int"), Get::No, "0", NOW).only(&[Xsub]).draft(),
    row(n::TOPICS_COUNT, "TOPICS_COUNT", Set::No, Get::Pattern("int, buffer"), "0", NEVER).only(&[Pub, Xpub, Sub, Xsub]).draft(),
    row(n::NORM_MODE, "NORM_MODE", Set::Pattern("int 0 to 4"), Get::Pattern("int"), "1", ENDPOINT).draft().refused(NORM),
    row(n::NORM_UNICAST_NACK, "NORM_UNICAST_NACK", Set::Pattern("int 0 or 1"), Get::Pattern("int"), "0", ENDPOINT).draft().refused(NORM),
    row(n::NORM_BUFFER_SIZE, "NORM_BUFFER_SIZE", Set::Pattern("int >= 1"), Get::Pattern("int"), "2048", ENDPOINT).draft().refused(NORM),
    row(n::NORM_SEGMENT_SIZE, "NORM_SEGMENT_SIZE", Set::Pattern("int >= 1"), Get::Pattern("int"), "1400", ENDPOINT).draft().refused(NORM),
    row(n::NORM_BLOCK_SIZE, "NORM_BLOCK_SIZE", Set::Pattern("int 1 to 255"), Get::Pattern("int"), "16", ENDPOINT).draft().refused(NORM),
    row(n::NORM_NUM_PARITY, "NORM_NUM_PARITY", Set::Pattern("int 0 to 254"), Get::Pattern("int"), "4", ENDPOINT).draft().refused(NORM),
    row(n::NORM_NUM_AUTOPARITY, "NORM_NUM_AUTOPARITY", Set::Pattern("int 0 to 254"), Get::Pattern("int"), "0", ENDPOINT).draft().refused(NORM),
    row(n::NORM_PUSH, "NORM_PUSH", Set::Pattern("int 0 or 1"), Get::Pattern("int"), "0", ENDPOINT).draft().refused(NORM),
];

impl SocketOptions {
    /// `*_SERVER`: 1 selects mechanism and role, 0 goes back to NULL, whatever was selected.
    fn serve(&mut self, mechanism: Mechanism, on: i32) {
        self.security.as_server = on != 0;
        self.security.mechanism = if on != 0 { mechanism } else { Mechanism::Null };
    }

    fn serves(&self, mechanism: Mechanism) -> i32 {
        i32::from(self.security.as_server && self.security.mechanism == mechanism)
    }

    /// A credential selects PLAIN and the client's role; NULL goes back to no mechanism and leaves
    /// the credential as it was. Whether there is one to store.
    fn be_plain_client(&mut self, value: Option<&[u8]>) -> bool {
        match value {
            None => self.security.mechanism = Mechanism::Null,
            Some(_) => {
                self.security.as_server = false;
                self.security.mechanism = Mechanism::Plain;
            }
        }
        value.is_some()
    }
}

fn add_tcp_filter(options: &mut SocketOptions, value: Option<&[u8]>) -> Result<()> {
    match value {
        None => options.tcp_filters.clear(),
        Some(text) if (1..=255).contains(&text.len()) => {
            options.tcp_filters.push(AddressFilter::parse(text, options.ipv6 != 0)?);
        }
        Some(_) => return Err(Error::Invalid),
    }
    Ok(())
}

/// `X-name:value`; the first value of a name stays.
fn add_metadata(options: &mut SocketOptions, value: Option<&[u8]>) -> Result<()> {
    let text = value.filter(|text| text.len() != size_of::<i32>()).ok_or(Error::Invalid)?;
    let colon = text.iter().position(|byte| *byte == b':').ok_or(Error::Invalid)?;
    let (name, value) = (&text[..colon], &text[colon + 1..]);
    let name = std::str::from_utf8(name).map_err(|_| Error::Invalid)?;
    if !name.starts_with("X-") || name.len() > 255 || value.is_empty() {
        return Err(Error::Invalid);
    }
    if options.metadata.iter().all(|(known, _)| known != name) {
        options.metadata.push((name.to_owned(), value.to_vec()));
    }
    Ok(())
}

/// Adds to a list, or clears it.
fn add<T>(list: &mut Vec<T>, element: Option<T>) {
    match element {
        Some(element) => list.push(element),
        None => list.clear(),
    }
}

fn stored(value: Option<&[u8]>) -> Vec<u8> {
    value.unwrap_or_default().to_vec()
}

// ---- how rows are written down ----

/// A stable option that this build has, for all types.
const fn row(
    number: i32,
    name: &'static str,
    set: Set,
    get: Get,
    default: &'static str,
    effect: Effect,
) -> Row {
    Row {
        number,
        name,
        stability: Stability::Stable,
        set,
        get,
        default,
        types: &[],
        effect,
        state: State::Now,
    }
}

/// The same for an `int` that is read as it was set.
const fn int(
    number: i32,
    name: &'static str,
    rule: Rule,
    set: fn(&mut SocketOptions, i32),
    get: fn(&SocketOptions) -> i32,
    default: &'static str,
    effect: Effect,
) -> Row {
    row(number, name, Set::Int(rule, set), Get::Int(get), default, effect)
}

impl Row {
    const fn only(mut self, types: Types) -> Row {
        self.types = types;
        self
    }

    const fn deprecated(mut self) -> Row {
        self.stability = Stability::Deprecated;
        self
    }

    const fn draft(mut self) -> Row {
        self.stability = Stability::Draft;
        self
    }

    const fn stored(mut self, feature: &'static str) -> Row {
        self.state = State::Stored(feature);
        self
    }

    const fn refused(mut self, feature: &'static str) -> Row {
        self.state = State::Refused(feature);
        self
    }

    const fn left_out(mut self, feature: &'static str) -> Row {
        self.state = State::LeftOut(feature);
        self
    }
}
