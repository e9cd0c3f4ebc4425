//! What an engine is given to begin with, and what it has learnt when traffic begins.

use crate::curve::Random;
use crate::error::Error;
use crate::mechanism::{Local, Security};
use crate::msg::SharedAnnex;
use crate::options::SocketType;
use crate::wire::command::name;
use crate::wire::greeting::Version;
use std::time::Duration;

/// What all connections of an endpoint have in common.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Type of the socket.
    pub socket_type: SocketType,
    /// The socket's routing id, possibly empty.
    pub routing_id: Vec<u8>,
    /// Largest frame body accepted, in bytes, handshake included; None for no limit.
    pub max_message_size: Option<u64>,
    /// Longest time from connection to the end of the handshake; None for no limit.
    pub handshake_interval: Option<Duration>,
    /// Heartbeats to send; None for none. Those of peers are answered anyway.
    pub heartbeat: Option<Heartbeat>,
    /// No protocol at all: bytes are messages (STREAM, ROUTER_RAW).
    pub raw: bool,
    /// Whether a raw connection begins with an empty message.
    pub raw_notify: bool,
    /// The security mechanism.
    pub security: Security,
    /// Where mechanisms have their secrets from; there is none to begin with.
    pub random: Random,
    /// Properties told to the peer, in this order.
    pub application_metadata: Vec<(String, Vec<u8>)>,
    /// Largest piece of a raw connection's bytes that becomes one message.
    pub in_batch_size: usize,
    /// Bytes to be written at once, at least.
    pub out_batch_size: usize,
}

/// Bytes that are written at once, at least, unless `ZMQ_OUT_BATCH_SIZE` says something else: fewer would cost more
/// in system calls.
pub const BATCH: usize = 64 * 1024;

/// `ZMQ_HEARTBEAT_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Time from one PING to the next.
    pub interval: Duration,
    /// Longest silence after a PING; None for no limit.
    pub timeout: Option<Duration>,
    /// Tenths of a second that the peer is told to allow for silence; 0 for no limit.
    pub ttl: u16,
}

/// What the transport knows about one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectionFacts {
    /// The peer's numeric address without port; empty if it has none.
    pub peer_address: String,
    /// The descriptor, in decimal.
    pub fd: String,
}

/// What is known of a peer when traffic begins.
#[derive(Clone, Debug)]
pub struct PeerFacts {
    /// The routing id it announced; empty if none.
    pub routing_id: Vec<u8>,
    /// Its socket type's name, if it told; raw and older peers do not.
    pub socket_type: Option<String>,
    /// Its protocol version; None on raw connections.
    pub version: Option<Version>,
    /// It sent no greeting at all (a ZMTP 1.0 peer; not all of those).
    pub unversioned: bool,
    /// Name of the mechanism whose handshake has succeeded; None without one, and then monitors see no
    /// `HANDSHAKE_SUCCEEDED`.
    pub mechanism: Option<&'static str>,
    /// What every message of the connection carries.
    pub annex: SharedAnnex,
}

impl EngineConfig {
    /// The defaults of socket options.
    pub fn new(socket_type: SocketType) -> EngineConfig {
        EngineConfig {
            socket_type,
            routing_id: Vec::new(),
            max_message_size: None,
            handshake_interval: Some(Duration::from_secs(30)),
            heartbeat: None,
            raw: socket_type == SocketType::Stream,
            raw_notify: socket_type == SocketType::Stream,
            security: Security::default(),
            random: |_| Err(Error::NotSupported),
            application_metadata: Vec::new(),
            in_batch_size: 8192,
            out_batch_size: BATCH,
        }
    }

    pub(super) fn local(&self) -> Local<'_> {
        Local {
            socket_type: self.socket_type,
            routing_id: &self.routing_id,
            application: &self.application_metadata,
        }
    }

    /// The commands by which peers say what they want and do not want any more, as far as they mean
    /// something here.
    pub(super) fn heard_requests(&self) -> Option<[&'static [u8]; 2]> {
        match self.socket_type {
            SocketType::Pub | SocketType::Xpub => Some([name::SUBSCRIBE, name::CANCEL]),
            SocketType::Radio => Some([name::JOIN, name::LEAVE]),
            _ => None,
        }
    }

    /// The same for what this side says, and the first version of the protocol that has them.
    pub(super) fn own_requests(&self) -> ([&'static [u8]; 2], Version) {
        match self.socket_type {
            SocketType::Dish => ([name::JOIN, name::LEAVE], Version::V3_0),
            _ => ([name::SUBSCRIBE, name::CANCEL], Version::V3_1),
        }
    }

    /// Whether subscriptions of peers mean something here.
    pub(super) fn publishes(&self) -> bool {
        matches!(self.socket_type, SocketType::Pub | SocketType::Xpub)
    }
}
