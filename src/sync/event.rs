//! A thread's sleep and what ends it.

use super::atomics::{Futex, Ordering};
use crate::error::{Error, Result};
use std::time::{Duration, Instant};

/// When a wait ends: at a point in time, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No end.
    pub const NEVER: Deadline = Deadline(None);

    /// `milliseconds` from now; negative is never, as everywhere in the API.
    pub fn after_ms(milliseconds: i64) -> Deadline {
        match u64::try_from(milliseconds) {
            Ok(ms) => Deadline(Instant::now().checked_add(Duration::from_millis(ms))),
            Err(_) => Deadline::NEVER,
        }
    }

    /// At `time`.
    pub fn at(time: Instant) -> Deadline {
        Deadline(Some(time))
    }

    /// The earlier of two.
    pub fn or_earlier(self, other: Option<Instant>) -> Deadline {
        match (self.0, other) {
            (Some(a), Some(b)) => Deadline(Some(a.min(b))),
            (a, b) => Deadline(a.or(b)),
        }
    }

    /// What is left; None when there is no end.
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Whether the time has come.
    pub fn has_passed(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}

/// Something that can be told that there is work.
pub trait Notify: Send + Sync {
    /// Called from any thread; must not block.
    fn notify(&self);
}

impl Notify for Event {
    fn notify(&self) {
        self.set();
    }
}

/// A flag that one thread waits for and any thread sets.
///
/// `set` before `wait` is not lost: the wait returns at once. The word is 0 (clear), 1 (set) or 2
/// (clear, and a thread sleeps).
#[derive(Debug, Default)]
pub struct Event(Futex);

const CLEAR: u32 = 0;
const SET: u32 = 1;
const SLEEPING: u32 = 2;

impl Event {
    /// A clear event.
    pub fn new() -> Event {
        Event::default()
    }

    /// Sets the flag and wakes the thread that waits for it.
    pub fn set(&self) {
        if self.0.word().swap(SET, Ordering::AcqRel) == SLEEPING {
            self.0.wake();
        }
    }

    /// Whether the flag is set.
    pub fn is_set(&self) -> bool {
        self.0.word().load(Ordering::Acquire) == SET
    }

    /// Clears the flag; true if it was set.
    pub fn take(&self) -> bool {
        self.0.word().swap(CLEAR, Ordering::AcqRel) == SET
    }

    /// Waits until the flag is set and clears it. False at the deadline; `Interrupted` when a signal
    /// handler ran meanwhile, however it was installed.
    pub fn wait(&self, deadline: Deadline) -> Result<bool> {
        loop {
            if self.take() {
                return Ok(true);
            }
            if deadline.has_passed() {
                return Ok(false);
            }
            let word = self.0.word();
            if word.compare_exchange(CLEAR, SLEEPING, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                // A futex wait without a time limit is taken up again after a handler installed with
                // SA_RESTART; one with a limit never is (futex(2), signal(7)). So there is always a limit.
                let limit = deadline.remaining().unwrap_or(Duration::from_secs(3600));
                if self.0.sleep(SLEEPING, limit) && !self.is_set() {
                    return Err(Error::Interrupted);
                }
            }
        }
    }
}
