//! Atomics and cells: those of std, or of loom when a model is checked.

#[cfg(not(loom))]
mod chosen {
    pub use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

    /// `UnsafeCell` with loom's closures.
    #[derive(Debug)]
    pub struct Cell<T>(std::cell::UnsafeCell<T>);

    impl<T> Cell<T> {
        pub fn new(value: T) -> Cell<T> {
            Cell(std::cell::UnsafeCell::new(value))
        }
        pub fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
            access(self.0.get())
        }
    }
}

#[cfg(loom)]
mod chosen {
    pub use loom::cell::UnsafeCell as Cell;
    pub use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
}

pub use chosen::*;
