//! What surrounds the body of every exported function: the panic boundary and errno.

use ferrozmq::error::{Error, Result};
use ferrozmq::sync::boundary;
use std::ffi::{c_int, c_long, c_ulong};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the body of a function that answers with a value. A failure is the value that the C interface
/// has for it, with errno set.
#[inline]
pub(crate) fn entry<T: Answer>(body: impl FnOnce() -> Result<T>) -> T {
    entry_or(T::FAILURE, body)
}

/// As [`entry`], for functions that answer 0 or -1.
#[inline]
pub(crate) fn status(body: impl FnOnce() -> Result<()>) -> c_int {
    entry(|| body().map(|()| 0))
}

/// As [`entry`], for functions with a failure value of their own.
#[inline]
pub(crate) fn entry_or<T>(failure: T, body: impl FnOnce() -> Result<T>) -> T {
    // A body that panicked leaves its objects as they are; the core's locks do not poison, and its
    // objects are checked at every call, so that the cost is this call or this object.
    match boundary(body) {
        Some(Ok(answer)) => answer,
        Some(Err(error)) => {
            set_errno(error.errno());
            failure
        }
        None => {
            report_panic();
            set_errno(Error::Fault.errno());
            failure
        }
    }
}

/// What a function returns when it fails, by type.
pub(crate) trait Answer {
    const FAILURE: Self;
}

impl Answer for () {
    const FAILURE: () = ();
}

impl Answer for c_int {
    const FAILURE: c_int = -1;
}

impl Answer for c_long {
    const FAILURE: c_long = -1;
}

impl Answer for u32 {
    const FAILURE: u32 = 0;
}

impl Answer for usize {
    const FAILURE: usize = 0;
}

impl Answer for c_ulong {
    const FAILURE: c_ulong = 0;
}

impl<T> Answer for *mut T {
    const FAILURE: *mut T = std::ptr::null_mut();
}

impl<T> Answer for *const T {
    const FAILURE: *const T = std::ptr::null();
}

/// The calling thread's errno.
pub(crate) fn errno() -> c_int {
    // SAFETY: the C library gives each thread an errno that lives as long as the thread.
    unsafe { *libc::__errno_location() }
}

/// Sets the calling thread's errno.
pub(crate) fn set_errno(value: c_int) {
    // SAFETY: as in `errno`.
    unsafe { *libc::__errno_location() = value }
}

/// The panic hook has told where it was; this tells, once, what it means.
#[cold]
fn report_panic() {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    if !REPORTED.swap(true, Ordering::Relaxed) {
        let note = "libzmq: the panic above is a bug in the library; the call failed with EFAULT\n";
        // Not eprintln, which panics when there is no stderr.
        let _ = std::io::stderr().write_all(note.as_bytes());
    }
}
