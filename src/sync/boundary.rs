//! Where a panic ends: it is a bug in the library, and no reason to take the host down.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does `work`; None if it panicked, of which the panic hook has told. What it was about to change is left as it
/// is: the caller gives that up, or can live with it.
pub fn boundary<R>(work: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(payload) => {
            // Dropping it could panic again.
            std::mem::forget(payload);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("meant");
        }
    }

    #[test]
    fn neither_panics_nor_what_they_carry_get_out() {
        assert_eq!(boundary(|| 1), Some(1));
        assert_eq!(boundary(|| drop(Bomb)), None);
        assert_eq!(boundary(|| std::panic::panic_any(Bomb)), None);
    }
}
