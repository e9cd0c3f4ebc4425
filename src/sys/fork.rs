//! Noticing a fork (pthread_atfork(3)).

use crate::sync::note_fork;
use std::sync::Once;

/// From now on the child of a fork finds the handles it inherited dead: what they stand for, threads
/// and descriptors, belongs to the parent.
pub fn watch() {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(|| {
        // SAFETY: the handler only adds to an atomic, which is allowed in the child of a process with
        // threads. Should registering fail for want of memory, forks go unnoticed, no more.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

extern "C" fn in_child() {
    note_fork();
}
