//! Errors, version, capabilities, atomic counters, stopwatches, threads.

use crate::arguments::{handle, object, pointer, text};
use crate::constants::{
    EFSM, EMTHREAD, ENOCOMPATPROTO, ETERM, ZMQ_VERSION_MAJOR, ZMQ_VERSION_MINOR, ZMQ_VERSION_PATCH,
};
use crate::entry::{entry, entry_or, errno};
use ferrozmq::error::{Error, Result};
use ferrozmq::options;
use ferrozmq::sync::{Counters, Table};
use std::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;
use std::{mem, ptr};

/// C's pointer to a function that a new thread runs; may be NULL.
#[allow(non_camel_case_types, reason = "the name in the header")]
pub type zmq_thread_fn = Option<ThreadFn>;

type ThreadFn = unsafe extern "C-unwind" fn(arg: *mut c_void);

/// Texts for errors that the C library does not know, or words differently.
const ERRORS: [(c_int, &CStr); 5] = [
    (EFSM, c"Operation cannot be accomplished in current state"),
    (ENOCOMPATPROTO, c"The protocol is not compatible with the socket type"),
    (ETERM, c"Context was terminated"),
    (EMTHREAD, c"No thread available"),
    (libc::EHOSTUNREACH, c"Host unreachable"),
];

/// The calling thread's errno, for programs with another C library.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_errno() -> c_int {
    errno()
}

/// The text for an error number; not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_strerror(errnum: c_int) -> *const c_char {
    entry(|| match ERRORS.iter().find(|(number, _)| *number == errnum) {
        Some((_, text)) => Ok(text.as_ptr()),
        // SAFETY: takes any number; the text is the C library's, as documented for this function.
        None => Ok(unsafe { libc::strerror(errnum) }.cast_const()),
    })
}

/// The version of the library, which may differ from that of the header.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_version(major: *mut c_int, minor: *mut c_int, patch: *mut c_int) {
    entry(|| {
        let parts = [(major, ZMQ_VERSION_MAJOR), (minor, ZMQ_VERSION_MINOR), (patch, ZMQ_VERSION_PATCH)];
        for (place, part) in parts {
            // SAFETY: the caller's word; a number may have any bytes.
            *unsafe { object(place) }? = part;
        }
        Ok(())
    })
}

/// 1 if the library has a capability: ipc, pgm, tipc, norm, curve, gssapi, vmci, vsock, draft, WS, WSS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_has(capability: *const c_char) -> c_int {
    entry_or(0, || {
        // SAFETY: the caller's word; used within this call only.
        let name = unsafe { text(capability) }.ok_or(Error::Fault)?;
        Ok(options::has(name.to_bytes()).into())
    })
}

/// Creates a counter at 0. NULL: ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_new() -> *mut c_void {
    entry(|| COUNTERS.insert().map(pointer).ok_or(Error::OutOfMemory))
}

/// Sets a counter.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_set(counter: *mut c_void, value: c_int) {
    entry(|| {
        atomic(counter)?.store(value, Ordering::Release);
        Ok(())
    })
}

/// Adds 1 and returns the value before.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_inc(counter: *mut c_void) -> c_int {
    entry(|| Ok(atomic(counter)?.fetch_add(1, Ordering::AcqRel)))
}

/// Subtracts 1; returns 0 if the counter is 0 now, else 1.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_dec(counter: *mut c_void) -> c_int {
    entry(|| Ok((atomic(counter)?.fetch_sub(1, Ordering::AcqRel) != 1).into()))
}

/// The value of a counter.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_atomic_counter_value(counter: *mut c_void) -> c_int {
    entry(|| Ok(atomic(counter)?.load(Ordering::Acquire)))
}

/// Destroys a counter and makes *counter_p NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_atomic_counter_destroy(counter_p: *mut *mut c_void) {
    entry(|| {
        // SAFETY: the caller's word; a pointer may have any bytes.
        let counter = unsafe { object(counter_p) }?;
        COUNTERS.remove(handle(*counter))?;
        *counter = ptr::null_mut();
        Ok(())
    })
}

/// Starts a stopwatch. NULL: ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_stopwatch_start() -> *mut c_void {
    entry(|| WATCHES.insert(Instant::now()).map(pointer).ok_or(Error::OutOfMemory))
}

/// Microseconds since the start.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_stopwatch_intermediate(watch: *mut c_void) -> c_ulong {
    entry(|| WATCHES.lock(handle(watch)).map(|start| microseconds(*start)).ok_or(Error::Fault))
}

/// Microseconds since the start; ends the stopwatch.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_stopwatch_stop(watch: *mut c_void) -> c_ulong {
    entry(|| WATCHES.remove(handle(watch)).map(microseconds).ok_or(Error::Fault))
}

/// Sleeps, as sleep(3) does.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_sleep(seconds: c_int) {
    entry(|| {
        // SAFETY: takes any number.
        unsafe { libc::sleep(c_uint::try_from(seconds).unwrap_or(0)) };
        Ok(())
    })
}

/// Runs a function in a thread of its own, in which all signals are blocked. NULL: EFAULT, EAGAIN.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_threadstart(func: zmq_thread_fn, arg: *mut c_void) -> *mut c_void {
    entry(|| {
        let start = Start { func: func.ok_or(Error::Fault)?, arg };
        let thread = start_thread(Box::new(start))?;
        THREADS.insert(thread).map(pointer).ok_or(Error::OutOfMemory)
    })
}

/// Waits for the end of a thread and releases its handle.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_threadclose(thread: *mut c_void) {
    entry(|| {
        let thread = THREADS.remove(handle(thread)).ok_or(Error::Fault)?;
        // SAFETY: started joinable and, taken out of the table, joined by nobody else.
        match unsafe { libc::pthread_join(thread, ptr::null_mut()) } {
            0 => Ok(()),
            errno => Err(Error::Os(errno)),
        }
    })
}

static WATCHES: Table<Instant> = Table::surviving_forks(4);
static THREADS: Table<libc::pthread_t> = Table::new(5);
static COUNTERS: Counters = Counters::new(6);

fn atomic(counter: *mut c_void) -> Result<&'static AtomicI32> {
    COUNTERS.counter(handle(counter))
}

fn microseconds(start: Instant) -> c_ulong {
    // 2^64 microseconds do not pass; where unsigned long has 32 bits it wraps, as in the reference.
    start.elapsed().as_micros() as c_ulong
}

/// What a new thread runs.
struct Start {
    func: ThreadFn,
    arg: *mut c_void,
}

/// Starts a thread as C would. Not with std's threads: their stack is smaller than what C code expects,
/// and a function that ends with pthread_exit would unwind through std.
fn start_thread(start: Box<Start>) -> Result<libc::pthread_t> {
    let start = Box::into_raw(start);
    let run: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void = run;
    // SAFETY: the two types differ in whether the function may be unwound, which pthread_exit does and
    // the C library is made for.
    let run: extern "C" fn(*mut c_void) -> *mut c_void = unsafe { mem::transmute(run) };
    let mut thread = 0;
    let failure = with_signals_blocked(|| {
        // SAFETY: `run` gets what it expects, and takes possession of it.
        unsafe { libc::pthread_create(&mut thread, ptr::null(), run, start.cast()) }
    });
    if failure != 0 {
        // SAFETY: made by `into_raw` above, and no thread has got it.
        drop(unsafe { Box::from_raw(start) });
        return Err(Error::Os(failure));
    }
    Ok(thread)
}

/// Start routine. Holds nothing that would have to be dropped while C's function runs.
///
/// # Safety
/// `start` must be a `Start` from `Box::into_raw`, given away.
unsafe extern "C-unwind" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: contract; taken here, once.
    let Start { func, arg } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    // SAFETY: names the calling thread; the name is terminated and shorter than 16 bytes.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), c"ZMQapp".as_ptr()) };
    // SAFETY: the function and its argument by the word of the caller of `zmq_threadstart`.
    unsafe { func(arg) };
    ptr::null_mut()
}

/// Calls `call` with all signals blocked, which threads started meanwhile inherit.
fn with_signals_blocked<T>(call: impl FnOnce() -> T) -> T {
    // SAFETY: signal sets are plain memory, filled in before they are read: `sigfillset` and
    // `pthread_sigmask` cannot fail with these arguments.
    let before = unsafe {
        let (mut all, mut before) = (mem::zeroed(), mem::zeroed());
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &all, &mut before);
        before
    };
    let result = call();
    // SAFETY: the set was filled in above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
    result
}
