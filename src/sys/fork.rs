//! Noticing a fork (pthread_atfork(3)).

use crate::sync::{GATE, note_fork};
use std::sync::Once;

/// From now on the child of a fork finds the handles it inherited dead: what they stand for, threads
/// and descriptors, belongs to the parent; and it finds the tables behind them whole.
pub fn watch() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the handlers only write atomics and yield, which is allowed in the child of a process with
        // threads. Should registering fail for want of memory, forks go unnoticed, no more.
        unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
    });
}

extern "C" fn before() {
    GATE.close();
}

extern "C" fn in_parent() {
    GATE.open();
}

extern "C" fn in_child() {
    GATE.open_in_child();
    note_fork();
}
