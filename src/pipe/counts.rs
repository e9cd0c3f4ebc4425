//! What an end of a pipe counts.
//!
//! Each number has one writer, the owner of the end. Those that the other end may ask for are published in
//! a cache line of their own, by plain stores, which cost next to nothing as long as nobody reads them.

use crossbeam_utils::CachePadded;
use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, Ordering};

/// The numbers of one end, as they are at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whole messages written, and the bytes of their parts.
    pub messages_out: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Whole messages read.
    pub messages_in: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Messages written that the other end has not read yet.
    pub queued_out: u64,
    /// Messages that the other end has written and this one has not read.
    pub queued_in: u64,
    /// Times that the high-water mark was reached.
    pub hwm_reached: u64,
    /// Messages that were not written because of that.
    pub dropped_full: u64,
    /// Messages that were replaced by later ones before they were read (`ZMQ_CONFLATE`).
    pub dropped_replaced: u64,
    /// Messages that the other end had read or was to read and has lost with its connection.
    pub dropped_lost: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.messages_out += other.messages_out;
        self.bytes_out += other.bytes_out;
        self.messages_in += other.messages_in;
        self.bytes_in += other.bytes_in;
        self.queued_out += other.queued_out;
        self.queued_in += other.queued_in;
        self.hwm_reached += other.hwm_reached;
        self.dropped_full += other.dropped_full;
        self.dropped_replaced += other.dropped_replaced;
        self.dropped_lost += other.dropped_lost;
    }
}

impl Counts {
    /// Of an end that goes away: what waits there is lost.
    pub fn in_the_end(self) -> Counts {
        let dropped_lost = self.dropped_lost + self.queued_out;
        Counts { queued_out: 0, queued_in: 0, dropped_lost, ..self }
    }
}

/// What one end does, for the other to look at.
#[derive(Debug, Default)]
pub(super) struct Progress(CachePadded<Words>);

#[derive(Debug, Default)]
struct Words {
    written: AtomicU64,
    read: AtomicU64,
    lost: AtomicU64,
}

impl Progress {
    /// For its owner: messages written in all.
    #[inline]
    pub(super) fn publish_written(&self, count: u64) {
        self.0.written.store(count, Ordering::Relaxed);
    }

    /// For its owner: messages read in all.
    #[inline]
    pub(super) fn publish_read(&self, count: u64) {
        self.0.read.store(count, Ordering::Relaxed);
    }

    /// For its owner: further messages lost.
    pub(super) fn add_lost(&self, count: u64) {
        self.0.lost.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    pub(super) fn read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    pub(super) fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }
}
