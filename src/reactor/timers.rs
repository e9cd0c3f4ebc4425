//! The deadlines of a domain's actors. Pure: times are arguments.
//!
//! Timers are not cancelled: an actor remembers what it waits for and ignores a timer that no longer
//! means anything.

use super::domain::ActorId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Instant;

/// Deadlines, the earliest first.
#[derive(Default)]
pub(super) struct Timers(BinaryHeap<Reverse<(Instant, ActorId, u8)>>);

impl Timers {
    /// Adds a deadline; `kind` is the actor's own name for it.
    pub(super) fn add(&mut self, when: Instant, actor: ActorId, kind: u8) {
        self.0.push(Reverse((when, actor, kind)));
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse((when, ..))| *when)
    }

    /// Takes the earliest deadline if `now` has reached it.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(ActorId, u8)> {
        let Reverse((when, actor, kind)) = *self.0.peek()?;
        if when > now {
            return None;
        }
        self.0.pop();
        Some((actor, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn due_timers_come_in_order() {
        let (mut timers, start) = (Timers::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        for (ms, kind) in [(30, 3), (10, 1), (20, 2)] {
            timers.add(at(ms), ActorId::default(), kind);
        }
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.take_due(at(9)), None);
        assert_eq!(timers.take_due(at(20)).map(|due| due.1), Some(1));
        assert_eq!(timers.take_due(at(20)).map(|due| due.1), Some(2));
        assert_eq!(timers.take_due(at(20)), None);
        assert_eq!(timers.next(), Some(at(30)));
    }
}
