//! Timers. A set is for one thread at a time; its handlers run inside `zmq_timers_execute` and may
//! change the set.

use crate::arguments::{handle, object, pointer};
use crate::entry::{entry, status};
use ferrozmq::error::{Error, Result};
use ferrozmq::sync::Table;
use ferrozmq::timers::Timers;
use std::ffi::{c_int, c_long, c_void};
use std::ops::DerefMut;
use std::sync::OnceLock;
use std::time::Instant;

/// C's pointer to a function that is called when a timer is due; may be NULL.
#[allow(non_camel_case_types, reason = "the name in the header")]
pub type zmq_timer_fn = Option<TimerFn>;

type TimerFn = unsafe extern "C" fn(timer_id: c_int, arg: *mut c_void);

/// Creates an empty set of timers. NULL: ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_new() -> *mut c_void {
    entry(|| SETS.insert(Timers::new()).map(pointer).ok_or(Error::OutOfMemory))
}

/// Destroys a set and makes *timers_p NULL. EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_timers_destroy(timers_p: *mut *mut c_void) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a pointer may have any bytes.
        let timers = unsafe { object(timers_p) }?;
        SETS.remove(handle(*timers)).ok_or(Error::Fault)?;
        *timers = std::ptr::null_mut();
        Ok(())
    })
}

/// Adds a timer that is due every interval milliseconds; returns its id: 1, 2, 3 ... EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_add(
    timers: *mut c_void,
    interval: usize,
    handler: zmq_timer_fn,
    arg: *mut c_void,
) -> c_int {
    entry(|| {
        let mut timers = set(timers)?;
        let action = Action { handler: handler.ok_or(Error::Fault)?, arg };
        timers.add(now(), interval as u64, action)
    })
}

/// Removes a timer. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_cancel(timers: *mut c_void, timer_id: c_int) -> c_int {
    status(|| set(timers)?.cancel(timer_id))
}

/// Gives a timer a new interval, which starts now. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_set_interval(timers: *mut c_void, timer_id: c_int, interval: usize) -> c_int {
    status(|| set(timers)?.set_interval(now(), timer_id, interval as u64))
}

/// Starts a timer's interval again. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_reset(timers: *mut c_void, timer_id: c_int) -> c_int {
    status(|| set(timers)?.reset(now(), timer_id))
}

/// Milliseconds until the next timer is due, -1 if there is none. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_timeout(timers: *mut c_void) -> c_long {
    entry(|| {
        let timeout = set(timers)?.timeout(now());
        Ok(timeout.map_or(-1, |ms| c_long::try_from(ms).unwrap_or(c_long::MAX)))
    })
}

/// Calls the handlers of the timers that are due. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_timers_execute(timers: *mut c_void) -> c_int {
    status(|| {
        let round = set(timers)?.begin(now());
        loop {
            // The set is unlocked again when this statement ends: the handler may use it.
            let due = set(timers)?.next_due(round);
            let Some((id, action)) = due else { return Ok(()) };
            // SAFETY: the handler and its argument by the word of the caller of `zmq_timers_add`.
            unsafe { (action.handler)(id, action.arg) };
        }
    })
}

static SETS: Table<Timers<Action>> = Table::surviving_forks(3);

/// What to call when a timer is due.
#[derive(Clone, Copy)]
struct Action {
    handler: TimerFn,
    arg: *mut c_void,
}

// SAFETY: `arg` is C's; here it is only kept and passed to the handler, by whichever thread C chooses
// to execute the set on.
unsafe impl Send for Action {}

fn set(timers: *mut c_void) -> Result<impl DerefMut<Target = Timers<Action>>> {
    SETS.lock(handle(timers)).ok_or(Error::Fault)
}

/// Milliseconds since the first use of a timer.
fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    // 2^64 milliseconds do not pass.
    START.get_or_init(Instant::now).elapsed().as_millis() as u64
}
