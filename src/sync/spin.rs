//! A short look around before going to sleep.
//!
//! When messages follow each other closely, the next one is there before a thread has fallen asleep,
//! and nobody pays for putting it to sleep and waking it. When they do not, looking is a waste. So
//! each thread remembers whether it has been worth it: a success doubles the next look, a failure
//! halves it, down to none at all but for a try now and then.

use std::cell::Cell;

/// The longest look, in pauses of the processor: a microsecond or two.
const LONGEST: u32 = 64;
/// The length of a try.
const TRY: u32 = 8;
/// Waits without a look between two tries.
const TRY_EVERY: u32 = 64;

thread_local! {
    /// Length of the next look; when zero, the second counts the waits since the last try.
    static LOOK: Cell<(u32, u32)> = const { Cell::new((TRY, 0)) };
}

/// Looks for a moment whether `done` comes true; whether it has.
pub fn look_around(done: impl Fn() -> bool) -> bool {
    let (length, waits) = LOOK.try_with(Cell::get).unwrap_or_default();
    let length = match length {
        0 if waits >= TRY_EVERY => TRY,
        0 => {
            let _ = LOOK.try_with(|look| look.set((0, waits + 1)));
            return false;
        }
        length => length,
    };
    for _ in 0..length {
        if done() {
            let _ = LOOK.try_with(|look| look.set((LONGEST.min(length * 2), 0)));
            return true;
        }
        std::hint::spin_loop();
    }
    let _ = LOOK.try_with(|look| look.set((length / 2, 0)));
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_noticed_and_failure_remembered() {
        assert!(look_around(|| true));
        for _ in 0..16 {
            assert!(!look_around(|| false));
        }
        let looked = Cell::new(0);
        for _ in 0..TRY_EVERY {
            look_around(|| {
                looked.set(looked.get() + 1);
                false
            });
        }
        assert!(looked.get() <= 2 * TRY, "a thread for which it is of no use hardly looks");
    }
}
