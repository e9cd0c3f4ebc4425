//! Giving back bytes that the application has lent.
//!
//! Its function may do anything: wait for a lock that its thread holds around a call of this library, or
//! call the library itself. So it runs where the library holds no lock. Code that holds one does so within a
//! [`Section`]: what is to be given back there is put aside until the section ends.

use super::content::FreeFn;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;

/// Bytes to be given back, which happens when this is dropped.
pub struct Loan {
    data: *mut c_void,
    hint: *mut c_void,
    free: FreeFn,
}

// SAFETY: the function may be called from any thread, by contract of `Loan::new`.
unsafe impl Send for Loan {}

thread_local! {
    /// Sections that this thread is in, one within the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static ASIDE: RefCell<Vec<Loan>> = const { RefCell::new(Vec::new()) };
}

/// The time during which this thread holds a lock of the library.
pub struct Section {
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
        if DEPTH.get() == 0 {
            return drop(self);
        }
        // A thread that is ending has no list any more; the closure is dropped with what it holds.
        let _ = ASIDE.try_with(move |aside| aside.borrow_mut().push(self));
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        // SAFETY: contract of `new`; this is the only call.
        unsafe { (self.free)(self.data, self.hint) }
    }
}

impl Section {
    /// Begins, before the lock is taken.
    #[inline]
    pub fn begin() -> Section {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        // Where none is left the list is empty, which the usual case need not look up.
        let before = if depth == 0 { 0 } else { ASIDE.try_with(|aside| aside.borrow().len()).unwrap_or(0) };
        Section { before }
    }

    /// Ends, after the lock was left; what was put aside since the beginning is the caller's to give back.
    #[inline]
    pub fn end(self) -> Vec<Loan> {
        let before = self.before;
        std::mem::forget(self);
        DEPTH.set(DEPTH.get() - 1);
        taken_from(before)
    }
}

/// Gives back what was put aside, unless another section goes on.
impl Drop for Section {
    #[inline]
    fn drop(&mut self) {
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        if depth == 0 {
            drop(taken_from(0));
        }
    }
}

#[inline]
fn taken_from(before: usize) -> Vec<Loan> {
    let taken = ASIDE.try_with(|aside| {
        let mut aside = aside.borrow_mut();
        if aside.len() > before { aside.split_off(before) } else { Vec::new() }
    });
    taken.unwrap_or_default()
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
