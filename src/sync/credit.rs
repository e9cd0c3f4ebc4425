//! How far the reader of a lane has come, for a writer that may not run too far ahead.
//!
//! One word: the number of messages the reader has acknowledged, shifted left, and a bit that the
//! writer sets when it waits for more. The reader stores a new number now and then, not for each
//! message, and learns by the same exchange whether it has to wake the writer.

use super::atomics::{AtomicU64, Ordering};
use crossbeam_utils::CachePadded;

const WAITING: u64 = 1;

/// Messages acknowledged by the reader.
pub struct Credit(CachePadded<AtomicU64>);

impl Credit {
    /// Nothing acknowledged yet.
    pub fn new() -> Credit {
        Credit(CachePadded::new(AtomicU64::new(0)))
    }

    /// For the reader: `count` messages were read in all. True when the writer waits and must be
    /// woken.
    #[must_use = "a waiting writer has to be woken"]
    pub fn acknowledge(&self, count: u64) -> bool {
        self.0.swap(count << 1, Ordering::AcqRel) & WAITING != 0
    }

    /// For the writer: what was acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.0.load(Ordering::Acquire) >> 1
    }

    /// For the writer: asks to be woken by the next acknowledgement, unless more than `seen` has
    /// been acknowledged meanwhile. True when it now waits.
    pub fn wait(&self, seen: u64) -> bool {
        let word = seen << 1;
        match self.0.compare_exchange(word, word | WAITING, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(now) => now == word | WAITING,
        }
    }
}

impl Default for Credit {
    fn default() -> Credit {
        Credit::new()
    }
}
