//! Noticing a fork (pthread_atfork(3)).

use crate::sync::{GATE, note_fork, thread_mark};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

/// Whether the handlers are known to be registered.
static REGISTERED: AtomicBool = AtomicBool::new(false);

/// The thread that is forking, 0 for none.
static FORKER: AtomicUsize = AtomicUsize::new(0);

/// How many of the handlers that come now have nothing to do. Belongs to the thread that is forking.
static AGAIN: AtomicU32 = AtomicU32::new(0);

/// From now on the child of a fork finds the handles it inherited dead: what they stand for, threads
/// and descriptors, belongs to the parent; and it finds the tables behind them whole.
pub fn watch() {
    // Nobody waits for another thread that is at it: a child may be forked off meanwhile, and would not
    // have that thread. Instead the handlers may be registered, and called, more than once.
    if !REGISTERED.load(Ordering::Acquire) {
        // SAFETY: the handlers only use atomics and yield, which is allowed in the child of a process with
        // threads. Should registering fail for want of memory, forks go unnoticed, no more.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
        REGISTERED.store(true, Ordering::Release);
    }
}

extern "C" fn before() {
    if FORKER.load(Ordering::Relaxed) == thread_mark() {
        AGAIN.fetch_add(1, Ordering::Relaxed);
        return;
    }
    GATE.close();
    FORKER.store(thread_mark(), Ordering::Relaxed);
}

extern "C" fn in_parent() {
    if is_last() {
        GATE.open();
    }
}

extern "C" fn in_child() {
    if is_last() {
        GATE.open_in_child();
        note_fork();
    }
}

/// Whether no more handlers follow that were registered for the same.
fn is_last() -> bool {
    let again = AGAIN.load(Ordering::Relaxed);
    AGAIN.store(again.saturating_sub(1), Ordering::Relaxed);
    if again == 0 {
        FORKER.store(0, Ordering::Relaxed);
    }
    again == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handlers_that_were_registered_twice_act_once() {
        let before_all = crate::sync::forks();
        for _ in 0..2 {
            for handler in [before, before, in_parent] {
                handler();
            }
            assert_eq!(FORKER.load(Ordering::Relaxed), thread_mark(), "the second is still to come");
            in_parent();
            assert_eq!(FORKER.load(Ordering::Relaxed), 0);
            // Open again: it could not begin otherwise.
            drop(GATE.begin());
        }
        assert_eq!(crate::sync::forks(), before_all);
    }
}
