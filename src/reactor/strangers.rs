//! What the peers of a domain that nobody knows yet are ready for, until it is their turn.

use super::domain::ActorId;
use crate::sys::epoll::Readiness;
use slotmap::SecondaryMap;
use std::collections::VecDeque;

/// A queue in which each actor is once.
#[derive(Default)]
pub(super) struct Strangers {
    order: VecDeque<ActorId>,
    ready: SecondaryMap<ActorId, Readiness>,
}

impl Strangers {
    /// Whether nobody waits.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Adds what an actor is ready for; its place is that of the first time.
    pub(super) fn add(&mut self, event: Readiness) {
        let id = ActorId::from_bits(event.token);
        match self.ready.get_mut(id) {
            Some(earlier) => {
                earlier.readable |= event.readable;
                earlier.writable |= event.writable;
                earlier.hung_up |= event.hung_up;
            }
            None => {
                self.ready.insert(id, event);
                self.order.push_back(id);
            }
        }
    }

    /// The first.
    pub(super) fn take(&mut self) -> Option<Readiness> {
        while let Some(id) = self.order.pop_front() {
            if let Some(event) = self.ready.remove(id) {
                return Some(event);
            }
        }
        // A domain without strangers is to take up no memory for them.
        *self = Strangers::default();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(token: u64, readable: bool, writable: bool) -> Readiness {
        Readiness { token, readable, writable, hung_up: false }
    }

    #[test]
    fn each_is_there_once_with_all_that_came() {
        const FIRST: u64 = 1 << 32 | 1;
        const SECOND: u64 = 1 << 32 | 2;
        let mut strangers = Strangers::default();
        assert!(strangers.is_empty() && strangers.take().is_none());
        for event in [event(FIRST, true, false), event(SECOND, true, false), event(FIRST, false, true)] {
            strangers.add(event);
        }
        let first = strangers.take().expect("the first");
        assert_eq!((first.token, first.readable, first.writable), (FIRST, true, true));
        strangers.add(event(FIRST, true, false));
        let tokens = [(); 3].map(|()| strangers.take().map(|event| event.token));
        assert_eq!(tokens, [Some(SECOND), Some(FIRST), None]);
        assert!(strangers.is_empty());
    }
}
