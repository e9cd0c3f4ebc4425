//! A lock of the whole process, which no fork finds locked: see [`gate`](super::gate).

use super::gate::{Change, GATE};
use parking_lot::{Mutex, MutexGuard};
use std::ops::{Deref, DerefMut};

/// What there is once in a process, for a short look or change at a time.
pub struct ProcessLock<T>(Mutex<T>);

/// What is locked. Nothing else of the process may be locked meanwhile.
pub struct Locked<'a, T> {
    // In this order: the lock first.
    guard: MutexGuard<'a, T>,
    _change: Change<'static>,
}

impl<T> ProcessLock<T> {
    /// Unlocked.
    pub const fn new(value: T) -> ProcessLock<T> {
        ProcessLock(Mutex::new(value))
    }

    /// Locks.
    pub fn lock(&self) -> Locked<'_, T> {
        let change = GATE.begin();
        Locked { guard: self.0.lock(), _change: change }
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for Locked<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}
