//! The deadlines of a domain's actors. Pure: times are arguments.
//!
//! An actor has one timer of each kind: setting it again moves it, and it goes with the actor. So what peers
//! have actors set timers for takes up no more than that.

use super::domain::ActorId;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Deadlines, the earliest first.
#[derive(Default)]
pub(super) struct Timers {
    queue: BTreeSet<(Instant, ActorId, u8)>,
    set: BTreeMap<(ActorId, u8), Instant>,
}

impl Timers {
    /// Sets the timer that the actor calls `kind`.
    pub(super) fn set(&mut self, when: Instant, actor: ActorId, kind: u8) {
        if let Some(before) = self.set.insert((actor, kind), when) {
            self.queue.remove(&(before, actor, kind));
        }
        self.queue.insert((when, actor, kind));
    }

    /// Removes all timers of an actor.
    pub(super) fn forget(&mut self, actor: ActorId) {
        while let Some((&(_, kind), &when)) = self.set.range((actor, u8::MIN)..=(actor, u8::MAX)).next() {
            self.set.remove(&(actor, kind));
            self.queue.remove(&(when, actor, kind));
        }
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(when, ..)| *when)
    }

    /// Takes the earliest deadline if `now` has reached it.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(ActorId, u8)> {
        let due = self.queue.first().copied().filter(|(when, ..)| *when <= now)?;
        let (_, actor, kind) = due;
        self.queue.remove(&due);
        self.set.remove(&(actor, kind));
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
            timers.set(at(ms), ActorId::default(), kind);
        }
        assert_eq!(timers.next(), Some(at(10)));
        assert_eq!(timers.take_due(at(9)), None);
        assert_eq!(timers.take_due(at(20)).map(|due| due.1), Some(1));
        assert_eq!(timers.take_due(at(20)).map(|due| due.1), Some(2));
        assert_eq!(timers.take_due(at(20)), None);
        assert_eq!(timers.next(), Some(at(30)));
    }

    #[test]
    fn an_actor_has_one_timer_of_a_kind() {
        let (mut timers, start) = (Timers::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        let mut names = slotmap::SlotMap::<ActorId, ()>::with_key();
        let (one, other) = (names.insert(()), names.insert(()));
        for ms in [30, 10, 20] {
            timers.set(at(ms), one, 1);
        }
        timers.set(at(40), one, 2);
        timers.set(at(50), other, 1);
        assert_eq!(timers.next(), Some(at(20)));
        assert_eq!(timers.take_due(at(20)), Some((one, 1)));
        assert_eq!(timers.take_due(at(30)), None);
        timers.forget(one);
        assert_eq!(timers.take_due(at(60)), Some((other, 1)));
        assert_eq!((timers.next(), timers.set.len()), (None, 0));
    }
}
