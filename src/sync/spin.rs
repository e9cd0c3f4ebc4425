//! A look around before going to sleep.
//!
//! When messages follow each other closely, the next one is there before a thread has fallen asleep,
//! and nobody pays for putting it to sleep and waking it. Between two threads that answer each other
//! this takes both: as long as one of them sleeps, the other waits for as long as waking takes. When
//! nothing comes soon, looking is a waste. So each thread remembers whether it has been worth it: after
//! a success it looks for as long as it may, a failure halves that, down to none at all but for a try
//! now and then.

use std::cell::Cell;

/// How long a thread may look around, in pauses of the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A microsecond: who is waited for may need this processor.
    Short,
    /// Somewhat longer than it takes to wake a thread: who is waited for has a processor of its own.
    Long,
}

/// Waits without a look between two tries.
const TRY_EVERY: u32 = 64;

thread_local! {
    /// Length of the next look; when zero, the second counts the waits since the last try.
    static LOOK: Cell<(u32, u32)> = const { Cell::new((0, TRY_EVERY)) };
}

impl Look {
    const fn pauses(self) -> u32 {
        match self {
            Look::Short => 64,
            Look::Long => 2048,
        }
    }

    /// Looks whether `done` comes true; whether it has.
    pub fn around(self, done: impl Fn() -> bool) -> bool {
        let (length, waits) = LOOK.try_with(Cell::get).unwrap_or_default();
        let length = match length {
            0 if waits < TRY_EVERY => {
                let _ = LOOK.try_with(|look| look.set((0, waits + 1)));
                return false;
            }
            0 if !has_company() => {
                let _ = LOOK.try_with(|look| look.set((0, 0)));
                return false;
            }
            0 => self.pauses(),
            length => length.min(self.pauses()),
        };
        for _ in 0..length {
            if done() {
                let _ = LOOK.try_with(|look| look.set((Look::Long.pauses(), 0)));
                return true;
            }
            std::hint::spin_loop();
        }
        let _ = LOOK.try_with(|look| look.set((length / 2, 0)));
        false
    }
}

/// Whether another processor than this one may run the thread that is waited for.
fn has_company() -> bool {
    rustix::thread::sched_getaffinity(None).is_ok_and(|allowed| allowed.count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_noticed_and_failure_remembered() {
        assert!(Look::Short.around(|| true));
        for _ in 0..16 {
            assert!(!Look::Long.around(|| false));
        }
        let looked = Cell::new(0);
        for _ in 0..TRY_EVERY + 1 {
            Look::Short.around(|| {
                looked.set(looked.get() + 1);
                false
            });
        }
        let tried = 1..=2 * Look::Short.pauses();
        assert!(tried.contains(&looked.get()), "a thread for which it is of no use hardly looks");
    }
}
