//! Statistics: a draft of this library's own, which the reference does not have.
//!
//! A snapshot is memory of the library's until the program gives it back. What was not given out is
//! recognised, not freed.

use crate::arguments::{handle, object};
use crate::constants::draft::ZMQ_STATS_VERSION;
use crate::entry::{entry, status};
use ferrozmq::error::Error;
use ferrozmq::pipe::Counts;
use ferrozmq::socket::{self, PeerStatistics, Statistics};
use ferrozmq::sync::ProcessLock;
use std::collections::BTreeMap;
use std::ffi::{c_char, c_int, c_void};
use std::{iter, ptr};

/// What went through a socket, or to and from one of its peers. Bytes are those of message contents.
#[allow(non_camel_case_types, reason = "the name in the header")]
#[repr(C)]
pub struct zmq_stats_counts_t {
    pub messages_out: u64,
    pub bytes_out: u64,
    pub messages_in: u64,
    pub bytes_in: u64,
    /// Waiting for the peer to take them.
    pub queued_out: u64,
    /// Waiting to be received.
    pub queued_in: u64,
    /// Times that the high-water mark for sending was reached.
    pub hwm_reached: u64,
    /// Not sent, as the high-water mark was reached.
    pub dropped_hwm: u64,
    /// Replaced by later ones before they were taken: ZMQ_CONFLATE.
    pub dropped_conflated: u64,
    /// Sent, and lost with a connection.
    pub dropped_lost: u64,
    /// Connections made in place of ones that were lost.
    pub reconnects: u64,
    /// Connections that ended before their handshake was done.
    pub handshake_failures: u64,
}

/// A peer: a connection, or an endpoint that is connecting. Texts are never NULL.
#[allow(non_camel_case_types, reason = "the name in the header")]
#[repr(C)]
pub struct zmq_peer_stats_t {
    pub counts: *const zmq_stats_counts_t,
    /// 1 if it is there, 0 if it is being waited for.
    pub connected: c_int,
    pub local_endpoint: *const c_char,
    pub remote_endpoint: *const c_char,
    /// As messages have it: ZMQ_MSG_PROPERTY_PEER_ADDRESS.
    pub address: *const c_char,
    pub mechanism: *const c_char,
    pub user_id: *const c_char,
    pub routing_id: *const c_void,
    pub routing_id_size: usize,
}

/// A snapshot of a socket. Later versions of the library add members at the ends of the three structures, which
/// are reached by pointers for that: the sizes are those of the library that made the snapshot.
#[allow(non_camel_case_types, reason = "the name in the header")]
#[repr(C)]
pub struct zmq_socket_stats_t {
    /// sizeof (zmq_socket_stats_t), sizeof (zmq_stats_counts_t), sizeof (zmq_peer_stats_t).
    pub size: usize,
    pub counts_size: usize,
    pub peer_size: usize,
    /// For zmq_socket_stats_peer.
    pub peer_count: usize,
    /// Of all peers, those that are gone included.
    pub counts: *const zmq_stats_counts_t,
    /// Sent, and there was nobody to send them to.
    pub dropped_unroutable: u64,
    /// Received, and passed by no filter.
    pub dropped_filtered: u64,
    /// Events that the monitor had no room for.
    pub monitor_dropped: u64,
}

/// What C holds pointers into. All of it lies in vectors, which may be moved while others point at their
/// elements; a box must not, as whoever moves it claims to be the only one that knows where its content is.
struct Snapshot {
    /// One.
    public: Vec<zmq_socket_stats_t>,
    peers: Vec<zmq_peer_stats_t>,
    #[expect(dead_code, reason = "pointed at from the other fields")]
    content: Content,
}

/// What structures of C's point at.
struct Content {
    /// The socket's, then the peers'.
    counts: Vec<zmq_stats_counts_t>,
    /// Texts with their terminating zeros, and ids.
    bytes: Vec<Vec<u8>>,
}

// SAFETY: its pointers are into what it owns itself, which nobody changes.
unsafe impl Send for Snapshot {}

/// By the address that C holds.
static SNAPSHOTS: ProcessLock<BTreeMap<usize, Snapshot>> = ProcessLock::new(BTreeMap::new());

/// What a socket has counted and knows of its peers, to be given back to zmq_socket_stats_destroy; version is
/// ZMQ_STATS_VERSION. Also after the context was terminated. NULL: ENOTSOCK, EINVAL (version).
#[unsafe(no_mangle)]
pub extern "C" fn zmq_socket_stats(socket: *mut c_void, version: c_int) -> *const zmq_socket_stats_t {
    entry(|| {
        let statistics = socket::statistics(handle(socket))?;
        if version != ZMQ_STATS_VERSION {
            return Err(Error::Invalid);
        }
        let snapshot = Snapshot::new(&statistics);
        let address = snapshot.public.as_ptr();
        SNAPSHOTS.lock().insert(address.addr(), snapshot);
        Ok(address)
    })
}

/// A peer of a snapshot, by a number below peer_count. NULL: EFAULT (not a snapshot), EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_socket_stats_peer(
    stats: *const zmq_socket_stats_t,
    index: usize,
) -> *const zmq_peer_stats_t {
    entry(|| {
        let snapshots = SNAPSHOTS.lock();
        let snapshot = snapshots.get(&stats.addr()).ok_or(Error::Fault)?;
        snapshot.peers.get(index).map(ptr::from_ref).ok_or(Error::Invalid)
    })
}

/// Gives a snapshot back and makes *stats_p NULL. EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_stats_destroy(stats_p: *mut *const zmq_socket_stats_t) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a pointer may have any bytes.
        let place = unsafe { object(stats_p) }?;
        let snapshot = SNAPSHOTS.lock().remove(&place.addr()).ok_or(Error::Fault)?;
        drop(snapshot);
        *place = ptr::null();
        Ok(())
    })
}

impl Snapshot {
    fn new(statistics: &Statistics) -> Snapshot {
        let Statistics { counts, reconnects, handshake_failures, .. } = statistics;
        let of_peers =
            statistics.peers.iter().map(|peer| (&peer.counts, peer.reconnects, peer.handshake_failures));
        let all = iter::once((counts, *reconnects, *handshake_failures)).chain(of_peers).map(convert);
        let mut content = Content { counts: all.collect(), bytes: Vec::new() };
        let pointers: Vec<_> = content.counts.iter().map(ptr::from_ref).collect();
        let peers: Vec<_> = statistics
            .peers
            .iter()
            .zip(pointers.iter().skip(1))
            .map(|(peer, counts)| content.peer(peer, *counts))
            .collect();
        let public = vec![zmq_socket_stats_t {
            size: size_of::<zmq_socket_stats_t>(),
            counts_size: size_of::<zmq_stats_counts_t>(),
            peer_size: size_of::<zmq_peer_stats_t>(),
            peer_count: peers.len(),
            counts: pointers.first().copied().unwrap_or(ptr::null()),
            dropped_unroutable: statistics.dropped.unroutable,
            dropped_filtered: statistics.dropped.filtered,
            monitor_dropped: statistics.monitor_dropped,
        }];
        Snapshot { public, peers, content }
    }
}

impl Content {
    fn peer(&mut self, peer: &PeerStatistics, counts: *const zmq_stats_counts_t) -> zmq_peer_stats_t {
        zmq_peer_stats_t {
            counts,
            connected: peer.is_connected.into(),
            local_endpoint: self.text(peer.local_endpoint.as_bytes()),
            remote_endpoint: self.text(peer.remote_endpoint.as_bytes()),
            address: self.text(&peer.address),
            mechanism: self.text(peer.mechanism.as_bytes()),
            user_id: self.text(&peer.user_id),
            routing_id: self.id(&peer.routing_id),
            routing_id_size: peer.routing_id.len(),
        }
    }

    fn text(&mut self, bytes: &[u8]) -> *const c_char {
        // A user id may have a zero byte in it; C sees what is before that.
        self.keep([bytes, &[0]].concat()).cast()
    }

    fn id(&mut self, bytes: &[u8]) -> *const c_void {
        self.keep(bytes.to_vec()).cast()
    }

    fn keep(&mut self, bytes: Vec<u8>) -> *const u8 {
        let address = bytes.as_ptr();
        self.bytes.push(bytes);
        address
    }
}

fn convert((counts, reconnects, handshake_failures): (&Counts, u64, u64)) -> zmq_stats_counts_t {
    zmq_stats_counts_t {
        messages_out: counts.messages_out,
        bytes_out: counts.bytes_out,
        messages_in: counts.messages_in,
        bytes_in: counts.bytes_in,
        queued_out: counts.queued_out,
        queued_in: counts.queued_in,
        hwm_reached: counts.hwm_reached,
        dropped_hwm: counts.dropped_full,
        dropped_conflated: counts.dropped_replaced,
        dropped_lost: counts.dropped_lost,
        reconnects,
        handshake_failures,
    }
}
