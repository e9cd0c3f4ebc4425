//! Giving back bytes that the application has lent.
//!
//! Its function may do anything: wait for a lock that its thread holds around a call of this library, or
//! call the library itself. So it runs where the library holds no lock. Code that holds one does so within a
//! [`Section`]: what is to be given back there is put aside until the section ends.

use super::content::FreeFn;
use smallvec::SmallVec;
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// Bytes to be given back, which happens when this is dropped.
pub struct Loan {
    data: *mut c_void,
    hint: *mut c_void,
    free: FreeFn,
}

// SAFETY: the function may be called from any thread, by contract of `Loan::new`.
unsafe impl Send for Loan {}

/// Mostly there is one: what a receive replaces.
type Aside = SmallVec<[Loan; 1]>;

/// What a thread has to do with sections.
struct Thread {
    /// Sections that it is in, one within the other.
    depth: Cell<usize>,
    /// What was put aside in them, and how much that is.
    aside: Cell<ManuallyDrop<Aside>>,
    len: Cell<usize>,
}

/// Those of a model's threads, which take turns on one of the system's.
#[cfg(loom)]
macro_rules! thread_local {
    ($($(#[$attribute:meta])* static $name:ident: $type:ty = const $begin:block;)*) => {
        loom::thread_local! { $($(#[$attribute])* static $name: $type = $begin;)* }
    };
}

thread_local! {
    /// Without a destructor: it is there as long as the thread, and costs the usual call one look. A thread
    /// that ends is in no section, so that nothing is left aside.
    static THREAD: Thread = const { Thread::new() };
}

/// The time during which this thread holds a lock of the library.
pub struct Section {
    /// The thread that it was begun by, which is the only one to touch it.
    thread: NonNull<Thread>,
    /// How much had been put aside when it began.
    before: usize,
}

impl Loan {
    /// # Safety
    /// `free(data, hint)` may be called once, from any thread.
    pub(super) unsafe fn new(data: *mut c_void, hint: *mut c_void, free: FreeFn) -> Loan {
        Loan { data, hint, free }
    }

    /// Gives the bytes back, now or at the end of the section.
    pub(super) fn give_back(self) {
        THREAD.with(|thread| {
            if thread.depth.get() == 0 {
                drop(self);
            } else {
                thread.with_aside(|aside| aside.push(self));
            }
        });
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // SAFETY: contract of `new`; this is the only call.
        unsafe { (self.free)(self.data, self.hint) }
    }
}

impl Thread {
    const fn new() -> Thread {
        let aside = Cell::new(ManuallyDrop::new(Aside::new_const()));
        Thread { depth: Cell::new(0), aside, len: Cell::new(0) }
    }

    fn with_aside<R>(&self, change: impl FnOnce(&mut Aside) -> R) -> R {
        let mut aside = ManuallyDrop::into_inner(self.aside.replace(ManuallyDrop::new(Aside::new())));
        let result = change(&mut aside);
        self.len.set(aside.len());
        self.aside.set(ManuallyDrop::new(aside));
        result
    }

    /// Gives back all that was put aside. Functions of the application may begin sections of their own.
    #[inline(never)]
    fn settle(&self) {
        drop(self.with_aside(std::mem::take));
    }

    /// Takes what was put aside since there was that much. Of the outermost section the list is taken itself:
    /// its memory must not be left to a thread that may end.
    #[inline(never)]
    fn take_from(&self, before: usize) -> Vec<Loan> {
        self.with_aside(|aside| match before {
            0 => std::mem::take(aside).into_vec(),
            _ => aside.drain(before..).collect(),
        })
    }

    #[inline]
    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }
}

impl Section {
    /// Begins, before the lock is taken.
    #[inline]
    pub fn begin() -> Section {
        THREAD.with(|thread| {
            thread.depth.set(thread.depth.get() + 1);
            Section { thread: thread.into(), before: thread.len.get() }
        })
    }

    /// Ends, after the lock was left; what was put aside since the beginning is the caller's to give back.
    #[inline]
    pub fn end(self) -> Vec<Loan> {
        let section = ManuallyDrop::new(self);
        let (thread, before) = (section.thread(), section.before);
        thread.leave();
        if thread.len.get() == before { Vec::new() } else { thread.take_from(before) }
    }

    #[inline]
    fn thread(&self) -> &Thread {
        // SAFETY: a section stays with the thread that began it, as it is not `Send`, and the variable has
        // no destructor, so it is there as long as the thread.
        unsafe { self.thread.as_ref() }
    }
}

/// Gives back what was put aside, unless another section goes on.
impl Drop for Section {
    #[inline]
    fn drop(&mut self) {
        let thread = self.thread();
        thread.leave();
        if thread.len.get() != 0 && thread.depth.get() == 0 {
            thread.settle();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    unsafe extern "C" fn count(data: *mut c_void, _hint: *mut c_void) {
        // SAFETY: what `loan` gave.
        unsafe { &*data.cast::<AtomicUsize>() }.fetch_add(1, Ordering::Relaxed);
    }

    fn loan(given_back: &AtomicUsize) -> Loan {
        let data = (&raw const *given_back).cast_mut().cast();
        // SAFETY: it outlives the loan in these tests.
        unsafe { Loan::new(data, std::ptr::null_mut(), count) }
    }

    #[test]
    fn loans_wait_for_the_end_of_the_outermost_section() {
        let given_back = AtomicUsize::new(0);
        loan(&given_back).give_back();
        assert_eq!(given_back.load(Ordering::Relaxed), 1);
        let outer = Section::begin();
        loan(&given_back).give_back();
        let inner = Section::begin();
        loan(&given_back).give_back();
        drop(inner);
        let turn = Section::begin();
        loan(&given_back).give_back();
        let of_the_turn = turn.end();
        assert_eq!((of_the_turn.len(), given_back.load(Ordering::Relaxed)), (1, 1));
        drop(outer);
        assert_eq!(given_back.load(Ordering::Relaxed), 3);
        drop(of_the_turn);
        assert_eq!(given_back.load(Ordering::Relaxed), 4);
    }
}
