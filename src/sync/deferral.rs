//! Work that a thread puts off until there is more of it, and that somebody else does if the thread has
//! stopped.
//!
//! The thread queues its work and calls [`Deferral::put_off`]; with what it adds to the work it calls
//! [`Deferral::beat`]; and when there is enough, it settles the debt: it calls [`Deferral::settle`] and takes the
//! work from the queue. Anybody may do that. A watcher looks once in a while: a debt to which nothing was added since
//! it looked last, or that has become old, is *overdue*, and the watcher settles it. When there was no debt for many
//! looks, it stops looking, and the next debt has to call it.
//!
//! One word: the number of debts that were settled, shifted left, and two bits. The beats lie beside it, as only
//! the thread that has the debt writes them.

use super::atomics::{AtomicU32, Ordering};

/// There is work.
const OWED: u32 = 1;
/// Somebody looks once in a while.
const WATCHED: u32 = 2;
const SHIFT: u32 = 2;

/// The state of a debt of work.
#[derive(Debug, Default)]
pub struct Deferral {
    word: AtomicU32,
    beats: AtomicU32,
}

/// What a watcher remembers from one look to the next.
#[derive(Debug, Default)]
pub struct Watch {
    /// The debt and its beats, as they were.
    debt: Option<(u32, u32)>,
    /// Looks that have seen this debt, or none at all.
    looks: u32,
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nothing to do at present.
    InOrder,
    /// The watcher has to settle the debt.
    Overdue,
    /// There was nothing for so long that the watcher is called again.
    Rest,
}

impl Deferral {
    /// Looks after which a debt is old.
    const OLD: u32 = 4;
    /// Looks without a debt, after which the watcher stops.
    const QUIET: u32 = if cfg!(loom) { 1 } else { 16 };

    /// There is work from now on, which was queued before. True if nobody watches, so that a watcher has to be
    /// called.
    #[must_use = "somebody has to watch"]
    pub fn put_off(&self) -> bool {
        // Release: whoever settles the debt sees the work.
        self.word.fetch_or(OWED, Ordering::AcqRel) & WATCHED == 0
    }

    /// More has been added to the work.
    #[inline]
    pub fn beat(&self) {
        self.beats.store(self.beats.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// For the thread that puts off, before it does what is there: the debt is as good as new. False if there is none
    /// any more, so that it has to be put off anew.
    pub fn renew(&self) -> bool {
        self.advance(OWED)
    }

    /// Ends the debt, for whoever is going to do all there is, before. False if there is none.
    pub fn settle(&self) -> bool {
        self.advance(0)
    }

    fn advance(&self, owed: u32) -> bool {
        let mut word = self.word.load(Ordering::Relaxed);
        while word & OWED != 0 {
            let next = (word & !OWED | owed).wrapping_add(1 << SHIFT);
            match self.word.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// The caller watches from now on. False if somebody does already.
    pub fn watch(&self) -> bool {
        self.word.fetch_or(WATCHED, Ordering::AcqRel) & WATCHED == 0
    }

    /// For the watcher, once in a while.
    pub fn look(&self, watch: &mut Watch) -> Finding {
        let word = self.word.load(Ordering::Acquire);
        let debt = (word & OWED != 0).then(|| (word >> SHIFT, self.beats.load(Ordering::Relaxed)));
        let known = std::mem::replace(&mut watch.debt, debt);
        let same = known.map(|(number, _)| number) == debt.map(|(number, _)| number);
        watch.looks = if same { watch.looks + 1 } else { 1 };
        match debt {
            None if watch.looks < Self::QUIET => Finding::InOrder,
            None => {
                let rest = word & !WATCHED;
                let rests = self.word.compare_exchange(word, rest, Ordering::AcqRel, Ordering::Relaxed);
                if rests.is_ok() { Finding::Rest } else { Finding::InOrder }
            }
            Some(_) if known == debt || watch.looks > Self::OLD => Finding::Overdue,
            Some(_) => Finding::InOrder,
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_debt_to_which_nothing_is_added_is_overdue() {
        let (deferral, mut watch) = (Deferral::default(), Watch::default());
        assert!(!deferral.settle());
        assert!(deferral.put_off() && deferral.watch());
        assert_eq!(deferral.look(&mut watch), Finding::InOrder);
        assert_eq!(deferral.look(&mut watch), Finding::Overdue);
        assert!(deferral.settle() && !deferral.settle());
        assert!(!deferral.put_off(), "it is watched");
        assert_eq!(deferral.look(&mut watch), Finding::InOrder, "it is another debt");
        assert_eq!(deferral.look(&mut watch), Finding::Overdue);
    }

    #[test]
    fn a_debt_that_grows_slowly_becomes_old() {
        let (deferral, mut watch) = (Deferral::default(), Watch::default());
        assert!(deferral.put_off() && deferral.watch());
        for _ in 0..Deferral::OLD {
            assert_eq!(deferral.look(&mut watch), Finding::InOrder);
            deferral.beat();
        }
        assert_eq!(deferral.look(&mut watch), Finding::Overdue);
    }

    #[test]
    fn a_watcher_rests_when_there_was_nothing_for_long() {
        let (deferral, mut watch) = (Deferral::default(), Watch::default());
        assert!(deferral.put_off() && deferral.watch() && !deferral.watch());
        assert_eq!(deferral.look(&mut watch), Finding::InOrder);
        assert!(deferral.settle());
        for _ in 1..Deferral::QUIET {
            assert_eq!(deferral.look(&mut watch), Finding::InOrder);
        }
        assert_eq!(deferral.look(&mut watch), Finding::Rest);
        assert!(deferral.put_off(), "it is to be called");
    }
}
