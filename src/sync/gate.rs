//! What a fork waits for.
//!
//! The child of a fork has a copy of all memory and none of the other threads: a lock that one of them held
//! stays locked in it, and what the lock guards may be half done. So the tables, in which a child makes
//! contexts and sockets of its own, are changed only while no fork happens. Nothing but an atomic word, as
//! the child may use nothing else; both sides are short, and whoever has to wait lets others run.

use super::atomics::{AtomicU32, Ordering, yield_now};

/// Set while a fork happens; below it, the number of changes that are going on.
const FORKING: u32 = 1 << 31;

/// The gate of this process.
#[cfg(not(loom))]
pub static GATE: Gate = Gate(AtomicU32::new(0));

/// Models have gates of their own; this is so that the tables are there.
#[cfg(loom)]
pub static GATE: std::sync::LazyLock<Gate> = std::sync::LazyLock::new(Gate::default);

/// Lets several changes through at a time, or one fork.
#[derive(Debug, Default)]
pub struct Gate(AtomicU32);

/// A change that no fork may come into the middle of. Not to be begun within another.
pub struct Change<'a>(&'a Gate);

impl Gate {
    /// Begins a change, which lasts until what is returned is dropped.
    pub fn begin(&self) -> Change<'_> {
        let Gate(word) = self;
        // Acquire: what the last fork's thread did, if it did something, is over.
        while word.fetch_add(1, Ordering::Acquire) & FORKING != 0 {
            word.fetch_sub(1, Ordering::Relaxed);
            // Without being counted, which the fork would wait for.
            while word.load(Ordering::Relaxed) & FORKING != 0 {
                yield_now();
            }
        }
        Change(self)
    }

    /// Before a fork: waits for changes and other forks, and keeps them from beginning.
    pub fn close(&self) {
        let Gate(word) = self;
        while word.fetch_or(FORKING, Ordering::Acquire) & FORKING != 0 {
            yield_now();
        }
        while word.load(Ordering::Acquire) & !FORKING != 0 {
            yield_now();
        }
    }

    /// After it, in the parent.
    pub fn open(&self) {
        let Gate(word) = self;
        word.fetch_and(!FORKING, Ordering::Release);
    }

    /// After it, in the child, where nobody waits.
    pub fn open_in_child(&self) {
        let Gate(word) = self;
        word.store(0, Ordering::Release);
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        let Change(Gate(word)) = self;
        // Release: whoever forks sees the change whole.
        word.fetch_sub(1, Ordering::Release);
    }
}
