//! What a socket has counted, and what it knows of its peers: a snapshot.
//!
//! Always on, as it costs next to nothing: each number has one writer, and what is read here is at most a
//! moment old. See docs/statistics.md for what each number means.

use super::core::{Link, Socket};
use crate::msg::name;
use crate::pattern::{Dropped, PipeId};
use crate::pipe::Counts;

/// Of a socket.
#[derive(Clone, Debug)]
pub struct Statistics {
    /// Of all its peers, those that are gone included.
    pub counts: Counts,
    /// What belongs to no peer.
    pub dropped: Dropped,
    /// Connections made in place of ones that were lost.
    pub reconnects: u64,
    /// Connections that ended before their handshake was done.
    pub handshake_failures: u64,
    /// Events for which its monitor had no room.
    pub monitor_dropped: u64,
    /// Its peers, in no order.
    pub peers: Vec<PeerStatistics>,
}

/// Of one peer of a socket: a connection, or an endpoint that is connecting.
#[derive(Clone, Debug)]
pub struct PeerStatistics {
    /// What went to it and came from it.
    pub counts: Counts,
    /// Whether it is there, rather than being waited for.
    pub is_connected: bool,
    /// Connections made in place of ones that were lost.
    pub reconnects: u64,
    /// Connections that ended before their handshake was done.
    pub handshake_failures: u64,
    /// This end; empty if unknown.
    pub local_endpoint: String,
    /// The other end; empty if unknown.
    pub remote_endpoint: String,
    /// Its numeric address, as messages carry it; empty if unknown.
    pub address: Vec<u8>,
    /// The id by which the application addresses it (of SERVER and PEER the number's bytes), or else the one
    /// that it announced; empty for none.
    pub routing_id: Vec<u8>,
    /// The security mechanism of the handshake; empty if there was none.
    pub mechanism: &'static str,
    /// The user id that the authenticator gave; empty for none.
    pub user_id: Vec<u8>,
}

impl Socket {
    /// A snapshot.
    pub fn statistics(&self) -> Statistics {
        Statistics {
            counts: self.pipes.counts(),
            dropped: self.pipes.dropped(),
            reconnects: self.totals.reconnects(),
            handshake_failures: self.totals.handshake_failures(),
            monitor_dropped: self.monitor.dropped(),
            peers: self.links.iter().filter_map(|(pipe, link)| self.statistics_of(pipe, link)).collect(),
        }
    }

    fn statistics_of(&self, pipe: PipeId, link: &Link) -> Option<PeerStatistics> {
        let counts = self.pipes.counts_of(pipe)?;
        let record = link.record.as_deref();
        let peer = record.and_then(|record| record.peer());
        let property =
            |name| peer.as_deref().and_then(|peer| peer.property(name)).unwrap_or_default().to_vec();
        let announced = peer.as_deref().map(|peer| &*peer.routing_id);
        let (local_endpoint, remote_endpoint) = self.endpoints_of(link);
        Some(PeerStatistics {
            counts,
            is_connected: peer.is_some() || record.is_none() && self.pipes.is_joined(pipe),
            reconnects: record.map_or(0, |record| record.own().reconnects()),
            handshake_failures: record.map_or(0, |record| record.own().handshake_failures()),
            local_endpoint,
            remote_endpoint,
            address: property(name::PEER_ADDRESS),
            routing_id: self.known_as(pipe).or_else(|| announced.map(<[u8]>::to_vec)).unwrap_or_default(),
            mechanism: peer.as_deref().and_then(|peer| peer.mechanism).unwrap_or_default(),
            user_id: property(name::USER_ID),
        })
    }

    /// What the application calls the peer.
    fn known_as(&self, pipe: PipeId) -> Option<Vec<u8>> {
        let number = || self.pattern.number(pipe).map(|number| number.to_ne_bytes().to_vec());
        self.pattern.routing_id(pipe).map(<[u8]>::to_vec).or_else(number)
    }
}
