//! A lock that costs the thread which always takes it no locked instruction.
//!
//! Several threads may use a socket, but nearly always one does. So a lock has an *owner*: that thread takes
//! it by writing down, in a record of its own, that it holds it, and looking whether it is the owner still.
//! Another thread that comes makes the lock nobody's, and waits until the former owner's record does not tell
//! of it any more; then it is the owner itself. Of the two orders, write and look there, take away and look
//! here, one at least sees the other ([`asymmetric`](super::asymmetric)). A thread writes to no record but its
//! own, so that one which was late to see that it had lost the lock has done nothing.
//!
//! All who are not the owner queue up at the *gate*, an ordinary lock. Threads that take a lock from each other
//! time after time get no owner in the end: whoever has the gate has the lock.

use super::asymmetric::{has_heavy_fence, heavy_fence, light_fence};
use super::atomics::{AtomicPtr, AtomicU32, AtomicUsize, Futex, Ordering, RawLock};
use super::thread_mark::thread_mark;
use crossbeam_utils::CachePadded;
use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr;
use std::time::Duration;

/// Owners that a lock may lose before it has none.
const MOST_OWNERS: u32 = if cfg!(loom) { 2 } else { 8 };

/// Locks that a thread holds at a time as their owner: a socket's, and that of its monitor's.
const AT_A_TIME: usize = 2;

/// The lock.
pub struct BiasedLock<T> {
    /// Null: nobody's. Written with the gate only: whoever finds null there waits for nobody.
    owner: AtomicPtr<Holder>,
    /// Who holds the lock, as its owner; null: who has the gate does. Belongs to who holds the lock.
    held_by: AtomicPtr<Holder>,
    gate: RawLock,
    /// Slept on, while it is [`WAITED_FOR`], by the one who takes the lock from its owner.
    left: Futex,
    /// Owners lost. Belongs to who holds the lock.
    lost: AtomicU32,
    value: UnsafeCell<T>,
}

const WAITED_FOR: u32 = 1;

// SAFETY: the value is reached by one thread at a time, as with any lock.
unsafe impl<T: Send> Sync for BiasedLock<T> {}

/// What a thread says of itself: which locks it holds as their owner. Lives forever, as others may look at it
/// at any time; when the thread ends, another one gets it.
struct Holder {
    /// Whose it is; 0: no thread's.
    thread: AtomicUsize,
    /// Addresses of locks, 0 for none. All are written with `Release`, so that whoever sees a later one has what was
    /// done with the lock before. (The models do not show that this is needed of notes, see `asymmetric`.)
    held: [AtomicUsize; AT_A_TIME],
}

/// The lock, held. One word, as calls hand it on. It stays with the thread, whose record tells of it:
///
/// ```compile_fail
/// fn is_send<T: Send>() {}
/// is_send::<ferrozmq::sync::BiasedGuard<'static, u32>>();
/// ```
pub struct BiasedGuard<'a, T>(&'a BiasedLock<T>, PhantomData<*mut ()>);

// SAFETY: shared, it gives references to the value and nothing else.
unsafe impl<T: Sync> Sync for BiasedGuard<'_, T> {}

impl<T> BiasedLock<T> {
    /// Nobody's.
    pub fn new(value: T) -> BiasedLock<T> {
        BiasedLock {
            owner: AtomicPtr::new(ptr::null_mut()),
            held_by: AtomicPtr::new(ptr::null_mut()),
            gate: RawLock::new(),
            left: Futex::default(),
            lost: AtomicU32::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits for the lock. Who holds it already waits forever.
    #[inline(always)]
    pub fn lock(&self) -> BiasedGuard<'_, T> {
        // Acquire: the record as it was made.
        let mine = record(&self.owner, Ordering::Acquire).filter(|holder| holder.is_mine());
        if !mine.is_some_and(|holder| self.hold(holder)) {
            self.lock_at_gate();
        }
        BiasedGuard(self, PhantomData)
    }

    /// Takes the lock as the owner that the thread was a moment ago. Whether it still is.
    #[inline(always)]
    fn hold(&self, holder: &Holder) -> bool {
        if !holder.note(self.address()) {
            return false;
        }
        light_fence();
        if !ptr::eq(self.owner.load(Ordering::Relaxed), holder) {
            self.leave(holder);
            return false;
        }
        self.held_by.store(ptr::from_ref(holder).cast_mut(), Ordering::Relaxed);
        true
    }

    /// Ends what [`BiasedLock::hold`] began.
    #[inline(always)]
    fn leave(&self, holder: &Holder) {
        holder.forget(self.address());
        light_fence();
        if !ptr::eq(self.owner.load(Ordering::Relaxed), holder) {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        if self.left.word().swap(0, Ordering::AcqRel) == WAITED_FOR {
            self.left.wake();
        }
    }

    /// Takes the lock from whoever owns it, and owns it from now on if that is worth it.
    #[cold]
    #[inline(never)]
    fn lock_at_gate(&self) {
        self.gate.lock();
        if let Some(owner) = record(&self.owner, Ordering::Relaxed) {
            self.owner.store(ptr::null_mut(), Ordering::Relaxed);
            heavy_fence();
            self.wait_for(owner);
            // A thread whose record is full comes here as well.
            let lost = self.lost.load(Ordering::Relaxed) + u32::from(!owner.is_mine());
            self.lost.store(lost, Ordering::Relaxed);
        }
        self.held_by.store(ptr::null_mut(), Ordering::Relaxed);
        let may_own = self.lost.load(Ordering::Relaxed) < MOST_OWNERS && has_heavy_fence();
        let mine = if may_own { Holder::mine() } else { None };
        if let Some(holder) = mine.filter(|holder| holder.note(self.address())) {
            let holder = ptr::from_ref(holder).cast_mut();
            self.held_by.store(holder, Ordering::Relaxed);
            self.owner.store(holder, Ordering::Release);
            // SAFETY: it was locked above. Who has it next sees the owner and what its record says.
            unsafe { self.gate.unlock() };
        }
    }

    /// Waits until the former owner does not hold the lock. What it did with it is seen then.
    fn wait_for(&self, owner: &Holder) {
        while owner.holds(self.address()) {
            self.left.word().swap(WAITED_FOR, Ordering::AcqRel);
            if owner.holds(self.address()) {
                // Not to be missed: who leaves the lock looks, after that, whether it is the owner still.
                self.left.sleep(WAITED_FOR, Duration::from_secs(3600));
            }
        }
    }

    #[inline(always)]
    fn unlock(&self) {
        match record(&self.held_by, Ordering::Relaxed) {
            Some(holder) => self.leave(holder),
            // SAFETY: who holds the lock and is not its owner, this thread, has locked the gate.
            None => unsafe { self.gate.unlock() },
        }
    }

    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

impl<T> BiasedGuard<'_, T> {
    /// Forgets how often the lock has lost an owner: what it guards is something new.
    pub fn renew(&mut self) {
        self.0.lost.store(0, Ordering::Relaxed);
    }

    /// Ends this, and the ownership: the next to take the lock need not take it from somebody. (If another thread is
    /// waiting to do just that, it does.)
    pub fn disown(self) {
        let lock = self.0;
        if lock.gate.try_lock() {
            // Nobody can find null and come in before the gate is open, when this thread has left.
            lock.owner.store(ptr::null_mut(), Ordering::Relaxed);
            drop(self);
            // SAFETY: it was locked above.
            unsafe { lock.gate.unlock() };
        }
    }
}

impl<T> Drop for BiasedGuard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.unlock();
    }
}

impl<T> Deref for BiasedGuard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for BiasedGuard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, through this guard.
        unsafe { &mut *self.0.value.get() }
    }
}

/// The record that a lock tells of.
#[inline(always)]
fn record(word: &AtomicPtr<Holder>, ordering: Ordering) -> Option<&'static Holder> {
    // SAFETY: such words are null or point to a record, which lives forever.
    unsafe { word.load(ordering).as_ref() }
}

impl Holder {
    #[inline(always)]
    fn is_mine(&self) -> bool {
        self.thread.load(Ordering::Relaxed) == thread_mark()
    }

    /// Notes that the thread, whose record this is, holds a lock. Whether there is room, and it does not
    /// already.
    #[inline(always)]
    fn note(&self, lock: usize) -> bool {
        let [first, second] = &self.held;
        let place = match (first.load(Ordering::Relaxed), second.load(Ordering::Relaxed)) {
            (0, other) if other != lock => first,
            (other, 0) if other != lock => second,
            _ => return false,
        };
        place.store(lock, Ordering::Release);
        true
    }

    #[inline(always)]
    fn forget(&self, lock: usize) {
        let [first, second] = &self.held;
        let place = if first.load(Ordering::Relaxed) == lock { first } else { second };
        place.store(0, Ordering::Release);
    }

    /// Whether its thread holds a lock, as others see it.
    fn holds(&self, lock: usize) -> bool {
        self.held.iter().any(|held| held.load(Ordering::Acquire) == lock)
    }

    fn new() -> &'static Holder {
        // In a line of its own: its thread writes to it all the time.
        let holder = Holder { thread: AtomicUsize::new(0), held: [AtomicUsize::new(0), AtomicUsize::new(0)] };
        Box::leak(Box::new(CachePadded::new(holder)))
    }
}

#[cfg(not(loom))]
mod records {
    use super::Holder;
    use crate::sync::GATE;
    use crate::sync::atomics::Ordering;
    use crate::sync::thread_mark::thread_mark;
    use parking_lot::Mutex;

    /// Of threads that have ended.
    static LEFT: Mutex<Vec<&Holder>> = Mutex::new(Vec::new());

    /// A thread's record, for as long as the thread lives.
    struct Mine(&'static Holder);

    thread_local! {
        static MINE: Mine = Mine::new();
    }

    impl Mine {
        fn new() -> Mine {
            let left = {
                let _change = GATE.begin();
                LEFT.lock().pop()
            };
            let holder = left.unwrap_or_else(Holder::new);
            holder.thread.store(thread_mark(), Ordering::Relaxed);
            Mine(holder)
        }
    }

    impl Drop for Mine {
        fn drop(&mut self) {
            let Mine(holder) = self;
            holder.thread.store(0, Ordering::Relaxed);
            let _change = GATE.begin();
            LEFT.lock().push(holder);
        }
    }

    impl Holder {
        /// This thread's. None when the thread is about to end.
        pub(super) fn mine() -> Option<&'static Holder> {
            MINE.try_with(|Mine(holder)| *holder).ok()
        }
    }
}

#[cfg(loom)]
mod records {
    use super::Holder;
    use crate::sync::atomics::Ordering;
    use crate::sync::thread_mark::thread_mark;

    loom::thread_local! {
        static MINE: &'static Holder = {
            let holder = Holder::new();
            holder.thread.store(thread_mark(), Ordering::Relaxed);
            holder
        };
    }

    impl Holder {
        pub(super) fn mine() -> Option<&'static Holder> {
            MINE.try_with(|holder| *holder).ok()
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn it_belongs_to_who_took_it_last_until_that_changes_too_often() {
        let lock = BiasedLock::new(0);
        let count = || *lock.lock() += 1;
        for round in 0..2 {
            for _ in 0..MOST_OWNERS / 2 {
                count();
                assert!(record(&lock.owner, Ordering::Relaxed).is_none_or(Holder::is_mine));
                thread::scope(|scope| scope.spawn(count).join().expect("another"));
            }
            count();
            assert!(record(&lock.owner, Ordering::Relaxed).is_none(), "round {round}");
            lock.lock().renew();
        }
        assert_eq!(*lock.lock(), 2 * (MOST_OWNERS + 1));
    }

    #[test]
    fn nothing_is_lost_between_many_threads() {
        const TIMES: u32 = 10_000;
        let locks = [const { 0 }; 3].map(BiasedLock::new);
        let count = || {
            for time in 0..TIMES {
                for lock in &locks {
                    let mut guard = lock.lock();
                    *guard += 1;
                    if time % 64 == 0 {
                        // It finds owners all the time.
                        guard.renew();
                    }
                }
            }
        };
        thread::scope(|scope| {
            for thread in [(); 3].map(|()| scope.spawn(count)) {
                thread.join().expect("each");
            }
        });
        assert_eq!(locks.map(|lock| *lock.lock()), [3 * TIMES; 3]);
    }

    #[test]
    fn a_thread_owns_no_more_locks_at_a_time_than_its_record_has_room_for() {
        let locks = [const { 0 }; AT_A_TIME + 2].map(BiasedLock::new);
        for _ in 0..2 {
            let guards = locks.each_ref().map(BiasedLock::lock);
            thread::scope(|scope| {
                let others = locks.each_ref().map(|lock| scope.spawn(|| *lock.lock() += 1));
                drop(guards);
                for other in others {
                    other.join().expect("another");
                }
            });
        }
        assert_eq!(locks.map(|lock| *lock.lock()), [2; AT_A_TIME + 2]);
    }
}
