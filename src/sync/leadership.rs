//! Who waits for an I/O domain: the reactor, or an application thread that leads it.
//!
//! A thread that leads waits for the domain itself, and when it returns to its caller stays the leader
//! for a while, so that a thread that comes back again and again costs no changes of who waits. The
//! reactor looks at a led domain once in a while (a *tick*): it takes the domain back if the leader has
//! not come since the last look, and it stops looking (*rests*) if the leader has been waiting all the
//! time. A leader that leaves a resting reactor wakes it.
//!
//! One word: the number of visits, shifted left, and three bits.

use super::atomics::{AtomicU32, Ordering};

/// An application thread has taken the waiting over.
const LED: u32 = 1;
/// ... and is there now. Implies LED.
const PRESENT: u32 = 2;
/// The reactor does not look until the leader leaves. Implies PRESENT.
const RESTING: u32 = 4;
const SHIFT: u32 = 3;

/// The state of a domain's leadership.
#[derive(Debug, Default)]
pub struct Leadership(AtomicU32);

/// What a thread that enters has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It leads as before.
    Again,
    /// It leads anew: the reactor is still waiting for the domain, and not looking after it.
    Anew,
    /// Another thread is leading.
    Refused,
}

/// What a tick found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Look again, with this number of visits in mind.
    Watch(u32),
    /// The leader is waiting; it will wake the reactor when it leaves.
    Rest,
    /// The leader has stayed away; the domain is the reactor's again.
    Reclaimed,
    /// Nobody leads.
    Free,
}

impl Leadership {
    /// Nobody leads.
    pub fn new() -> Leadership {
        Leadership(AtomicU32::new(0))
    }

    /// An application thread begins to wait.
    pub fn enter(&self) -> Entry {
        let mut word = self.0.load(Ordering::Relaxed);
        loop {
            if word & PRESENT != 0 {
                return Entry::Refused;
            }
            let visits = (word >> SHIFT).wrapping_add(1);
            let entered = visits << SHIFT | LED | PRESENT;
            match self.0.compare_exchange_weak(word, entered, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return if word & LED != 0 { Entry::Again } else { Entry::Anew },
                Err(now) => word = now,
            }
        }
    }

    /// The leader returns to its caller. True if the reactor rests and has to be woken.
    #[must_use = "a resting reactor has to be woken"]
    pub fn leave(&self) -> bool {
        self.0.fetch_and(!(PRESENT | RESTING), Ordering::AcqRel) & RESTING != 0
    }

    /// Whether an application thread leads and is away: nobody waits for the domain.
    pub fn is_unattended(&self) -> bool {
        self.0.load(Ordering::Acquire) & (LED | PRESENT) == LED
    }

    /// Whether a leader is there, perhaps waiting for the domain.
    pub fn is_attended(&self) -> bool {
        self.0.load(Ordering::Acquire) & PRESENT != 0
    }

    /// Takes the lead from a thread that is away; true if the domain is the reactor's again by that.
    #[must_use = "the reactor has to wait for the domain again"]
    pub fn revoke(&self) -> bool {
        let mut word = self.0.load(Ordering::Acquire);
        while word & (LED | PRESENT) == LED {
            match self.0.compare_exchange_weak(word, word & !LED, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// The reactor looks, with the number of visits of its last look in mind. `may_rest`: it has seen
    /// the leader waiting for long enough.
    pub fn tick(&self, seen: u32, may_rest: bool) -> Tick {
        let word = self.0.load(Ordering::Acquire);
        let visits = word >> SHIFT;
        if word & LED == 0 {
            return Tick::Free;
        }
        if visits != seen || word & PRESENT != 0 && !may_rest {
            return Tick::Watch(visits);
        }
        let (next, outcome) = match word & PRESENT {
            0 => (word & !LED, Tick::Reclaimed),
            _ => (word | RESTING, Tick::Rest),
        };
        match self.0.compare_exchange(word, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => outcome,
            Err(now) => Tick::Watch(now >> SHIFT),
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_reactor_takes_back_what_is_left_alone() {
        let leadership = Leadership::new();
        assert_eq!(leadership.tick(0, false), Tick::Free);
        assert_eq!(leadership.enter(), Entry::Anew);
        assert_eq!(leadership.enter(), Entry::Refused);
        assert_eq!(leadership.tick(0, false), Tick::Watch(1));
        assert!(!leadership.leave());
        assert!(leadership.is_unattended());
        assert_eq!(leadership.enter(), Entry::Again);
        assert!(!leadership.leave());
        assert_eq!(leadership.tick(1, false), Tick::Watch(2));
        assert_eq!(leadership.tick(2, false), Tick::Reclaimed);
        assert_eq!(leadership.tick(2, false), Tick::Free);
        assert!(!leadership.revoke());
    }

    #[test]
    fn a_leader_that_leaves_wakes_a_resting_reactor() {
        let leadership = Leadership::new();
        assert_eq!(leadership.enter(), Entry::Anew);
        assert_eq!(leadership.tick(1, false), Tick::Watch(1));
        assert_eq!(leadership.tick(1, true), Tick::Rest);
        assert!(!leadership.revoke(), "it is there");
        assert!(leadership.leave());
        assert!(leadership.revoke());
        assert_eq!(leadership.enter(), Entry::Anew);
    }
}
