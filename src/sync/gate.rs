//! What a fork waits for.
//!
//! The child of a fork has a copy of all memory and none of the other threads: a lock that one of them held
//! stays locked in it, and what the lock guards may be half done. So the tables, in which a child makes
//! contexts and sockets of its own, are changed only while no fork happens. Nothing but an atomic word, as
//! the child may use nothing else; both sides are short, and whoever has to wait lets others run.

use std::sync::atomic::{AtomicU32, Ordering};

/// Set while a fork happens; below it, the number of changes that are going on.
const FORKING: u32 = 1 << 31;

static GATE: AtomicU32 = AtomicU32::new(0);

/// A change that no fork may come into the middle of. Not to be begun within another.
pub(super) struct Change(());

impl Change {
    pub(super) fn begin() -> Change {
        // Acquire: what the last fork's thread did, if it did something, is over.
        while GATE.fetch_add(1, Ordering::Acquire) & FORKING != 0 {
            GATE.fetch_sub(1, Ordering::Relaxed);
            std::thread::yield_now();
        }
        Change(())
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        // Release: whoever forks sees the change whole.
        GATE.fetch_sub(1, Ordering::Release);
    }
}

/// Before a fork: waits for changes and other forks, and keeps them from beginning.
pub fn close() {
    while GATE.fetch_or(FORKING, Ordering::Acquire) & FORKING != 0 {
        std::thread::yield_now();
    }
    while GATE.load(Ordering::Acquire) & !FORKING != 0 {
        std::thread::yield_now();
    }
}

/// After it, in the parent.
pub fn open() {
    GATE.fetch_and(!FORKING, Ordering::Release);
}

/// After it, in the child, where nobody waits.
pub fn open_in_child() {
    GATE.store(0, Ordering::Release);
}
