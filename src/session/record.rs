//! What sessions note about their connections, for the socket to tell the application.
//!
//! Written by the session within its turns, when something happens that does not happen often; read by the
//! socket at any time.

use crate::engine::PeerFacts;
use crate::msg::Metadata;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers of all connections of a socket, those that never came to anything included.
#[derive(Debug, Default)]
pub struct Totals {
    handshake_failures: AtomicU64,
    reconnects: AtomicU64,
}

impl Totals {
    /// Connections that ended before their handshake was done.
    pub fn handshake_failures(&self) -> u64 {
        self.handshake_failures.load(Ordering::Relaxed)
    }

    /// Connections made in place of ones that were lost.
    pub fn reconnects(&self) -> u64 {
        self.reconnects.load(Ordering::Relaxed)
    }
}

/// One session's notes: of its present connection, and of all it had.
#[derive(Debug)]
pub struct Record {
    totals: Arc<Totals>,
    /// The same for this session alone.
    own: Totals,
    connections: AtomicU64,
    peer: Mutex<Option<Arc<Peer>>>,
}

/// The two ends of a connection, as they were when it was made: of one that is broken the kernel tells no
/// more.
#[derive(Debug, Default)]
pub struct Endpoints {
    /// This end.
    pub local: String,
    /// The other end: for a connecting session as the application wrote it.
    pub remote: String,
}

/// Who is at the other end of a connection.
#[derive(Debug)]
pub struct Peer {
    /// Where the two ends are.
    pub endpoints: Arc<Endpoints>,
    /// The routing id it announced; empty if none.
    pub routing_id: Vec<u8>,
    /// Name of the mechanism of the handshake; None on raw connections and with old peers.
    pub mechanism: Option<&'static str>,
    metadata: Option<Arc<Metadata>>,
}

impl Peer {
    /// What the connection's messages say of it.
    pub fn property(&self, name: &str) -> Option<&[u8]> {
        self.metadata.as_ref()?.value(name)
    }
}

impl Record {
    /// Of a session without a connection.
    pub fn new(totals: Arc<Totals>) -> Arc<Record> {
        let (own, connections, peer) = (Totals::default(), AtomicU64::new(0), Mutex::new(None));
        Arc::new(Record { totals, own, connections, peer })
    }

    /// Who is at the other end, while there is a connection.
    pub fn peer(&self) -> Option<Arc<Peer>> {
        self.peer.lock().clone()
    }

    /// This session's part of the numbers.
    pub fn own(&self) -> &Totals {
        &self.own
    }

    // ---- for the session ----

    pub(super) fn note_ready(&self, endpoints: &Arc<Endpoints>, facts: &PeerFacts) {
        if self.connections.fetch_add(1, Ordering::Relaxed) > 0 {
            self.count(|totals| &totals.reconnects);
        }
        *self.peer.lock() = Some(Arc::new(Peer {
            endpoints: Arc::clone(endpoints),
            routing_id: facts.routing_id.clone(),
            mechanism: facts.mechanism,
            metadata: facts.annex.metadata.clone(),
        }));
    }

    /// Whether the handshake had been done.
    pub(super) fn note_end(&self) -> bool {
        let was_ready = self.peer.lock().take().is_some();
        if !was_ready {
            self.count(|totals| &totals.handshake_failures);
        }
        was_ready
    }

    fn count(&self, number: impl Fn(&Totals) -> &AtomicU64) {
        number(&self.own).fetch_add(1, Ordering::Relaxed);
        number(&self.totals).fetch_add(1, Ordering::Relaxed);
    }
}
