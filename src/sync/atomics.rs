//! Atomics, cells and what else the rest is made of: those of std, or of loom when a model is checked.

#[cfg(not(loom))]
mod chosen {
    use parking_lot::lock_api::RawMutex as _;
    use rustix::thread::futex;
    pub use std::sync::Arc;
    pub use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
    pub use std::thread::yield_now;
    use std::time::Duration;

    /// `UnsafeCell` with loom's closures.
    #[derive(Debug)]
    pub struct Cell<T>(std::cell::UnsafeCell<T>);

    impl<T> Cell<T> {
        pub fn new(value: T) -> Cell<T> {
            Cell(std::cell::UnsafeCell::new(value))
        }
        pub fn with<R>(&self, access: impl FnOnce(*const T) -> R) -> R {
            access(self.0.get())
        }
        pub fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
            access(self.0.get())
        }
    }

    /// Stores in a word that others exchange.
    #[inline(always)]
    pub fn overwrite(word: &AtomicUsize, value: usize) {
        word.store(value, Ordering::Release);
    }

    /// Something whose loss a model notices; nothing otherwise.
    pub struct Tracked;

    impl Tracked {
        pub fn new() -> Tracked {
            Tracked
        }
    }

    /// A lock without a guard.
    pub struct RawLock(parking_lot::RawMutex);

    impl RawLock {
        pub fn new() -> RawLock {
            RawLock(parking_lot::RawMutex::INIT)
        }
        pub fn lock(&self) {
            self.0.lock();
        }
        pub fn try_lock(&self) -> bool {
            self.0.try_lock()
        }
        /// # Safety
        /// It must be locked, by the caller.
        pub unsafe fn unlock(&self) {
            // SAFETY: by contract.
            unsafe { self.0.unlock() }
        }
    }

    /// A word that threads sleep on (futex(2)).
    #[derive(Debug, Default)]
    pub struct Futex(AtomicU32);

    impl Futex {
        /// The word.
        pub fn word(&self) -> &AtomicU32 {
            &self.0
        }

        /// Sleeps while the word is `expected`, at most for `limit`. True when a signal handler ran.
        pub fn sleep(&self, expected: u32, limit: Duration) -> bool {
            let limit = rustix::time::Timespec {
                tv_sec: limit.as_secs().min(i64::MAX as u64) as i64,
                tv_nsec: limit.subsec_nanos().into(),
            };
            let slept = futex::wait(&self.0, futex::Flags::PRIVATE, expected, Some(&limit));
            slept == Err(rustix::io::Errno::INTR)
        }

        /// Wakes one thread that sleeps.
        pub fn wake(&self) {
            let _ = futex::wake(&self.0, futex::Flags::PRIVATE, 1);
        }
    }
}

#[cfg(loom)]
mod chosen {
    pub use loom::cell::UnsafeCell as Cell;
    pub use loom::sync::Arc;
    pub use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
    use loom::sync::{Condvar, Mutex};
    pub use loom::thread::yield_now;
    use std::time::Duration;

    /// Stores in a word that others exchange. As an exchange, since loom does not see that a store which an
    /// exchange did not find comes after it.
    pub fn overwrite(word: &AtomicUsize, value: usize) {
        word.swap(value, Ordering::Release);
    }

    /// Reported by loom when it is forgotten.
    pub struct Tracked(#[expect(dead_code, reason = "its drop counts")] loom::alloc::Track<()>);

    impl Tracked {
        pub fn new() -> Tracked {
            Tracked(loom::alloc::Track::new(()))
        }
    }

    /// A lock without a guard.
    pub struct RawLock(AtomicU32);

    impl RawLock {
        pub fn new() -> RawLock {
            RawLock(AtomicU32::new(0))
        }
        pub fn lock(&self) {
            while !self.try_lock() {
                yield_now();
            }
        }
        pub fn try_lock(&self) -> bool {
            self.0.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
        }
        /// # Safety
        /// It must be locked, by the caller.
        pub unsafe fn unlock(&self) {
            self.0.store(0, Ordering::Release);
        }
    }

    /// A futex: the comparison and the falling asleep are one step as seen by a waker. Time does not
    /// pass, so that a wake-up that is missed is a deadlock.
    #[derive(Debug, Default)]
    pub struct Futex {
        word: AtomicU32,
        queue: Mutex<()>,
        woken: Condvar,
    }

    impl Futex {
        pub fn word(&self) -> &AtomicU32 {
            &self.word
        }

        pub fn sleep(&self, expected: u32, _limit: Duration) -> bool {
            let queue = self.queue.lock().expect("no panics");
            if self.word.load(Ordering::Relaxed) == expected {
                drop(self.woken.wait(queue));
            }
            false
        }

        pub fn wake(&self) {
            let _queue = self.queue.lock();
            self.woken.notify_one();
        }
    }
}

pub use chosen::*;
