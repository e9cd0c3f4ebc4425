//! Pollers, all of them drafts. None can be made yet, so that no handle is one: the other functions
//! give EFAULT.
#![allow(unused_variables, reason = "the names are those in the header")]

use crate::arguments::object;
use crate::entry::{entry, status};
use crate::poll::zmq_fd_t;
use ferrozmq::error::{Error, Result};
use std::ffi::{c_int, c_long, c_short, c_void};
use std::ptr;

/// What a poller reports: a socket, or a descriptor if that is NULL, and its events.
#[allow(non_camel_case_types, reason = "the name in the header")]
#[repr(C)]
pub struct zmq_poller_event_t {
    pub socket: *mut c_void,
    pub fd: zmq_fd_t,
    pub user_data: *mut c_void,
    pub events: c_short,
}

const _: () = assert!(size_of::<zmq_poller_event_t>() == 32);

const NO_EVENT: zmq_poller_event_t =
    zmq_poller_event_t { socket: ptr::null_mut(), fd: -1, user_data: ptr::null_mut(), events: 0 };

/// Creates a poller. NULL: ENOTSUP in this library.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_new() -> *mut c_void {
    entry(|| Err(Error::NotSupported))
}

/// Destroys a poller and makes *poller_p NULL. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_destroy(poller_p: *mut *mut c_void) -> c_int {
    no_poller()
}

/// How many sockets and descriptors are registered. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_size(poller: *mut c_void) -> c_int {
    no_poller()
}

/// Registers a socket. EFAULT, ENOTSOCK, EINVAL, ENOMEM, EMFILE.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_add(
    poller: *mut c_void,
    socket: *mut c_void,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    no_poller()
}

/// Changes the events of a socket. EFAULT, ENOTSOCK, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_modify(poller: *mut c_void, socket: *mut c_void, events: c_short) -> c_int {
    no_poller()
}

/// Removes a socket, which must be done before it is closed. EFAULT, ENOTSOCK, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_remove(poller: *mut c_void, socket: *mut c_void) -> c_int {
    no_poller()
}

/// Registers a descriptor. EFAULT, EBADF, EINVAL, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_add_fd(
    poller: *mut c_void,
    fd: zmq_fd_t,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    no_poller()
}

/// Changes the events of a descriptor. EFAULT, EBADF, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_modify_fd(poller: *mut c_void, fd: zmq_fd_t, events: c_short) -> c_int {
    no_poller()
}

/// Removes a descriptor. EFAULT, EBADF, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_remove_fd(poller: *mut c_void, fd: zmq_fd_t) -> c_int {
    no_poller()
}

/// Waits for one event. EAGAIN after timeout milliseconds, EFAULT, ETERM, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_wait(
    poller: *mut c_void,
    event: *mut zmq_poller_event_t,
    timeout: c_long,
) -> c_int {
    status(|| {
        // SAFETY: the caller's word; numbers and raw pointers may have any bytes.
        *unsafe { object(event) }? = NO_EVENT;
        Err(Error::Fault)
    })
}

/// Waits for events and returns how many there are. EAGAIN after timeout milliseconds, EFAULT, EINVAL, ETERM,
/// EINTR.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_wait_all(
    poller: *mut c_void,
    events: *mut zmq_poller_event_t,
    n_events: c_int,
    timeout: c_long,
) -> c_int {
    no_poller()
}

/// A descriptor that is readable when a thread-safe socket in the poller may be ready. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_fd(poller: *mut c_void, fd: *mut zmq_fd_t) -> c_int {
    no_poller()
}

fn no_poller() -> c_int {
    status(|| -> Result<()> { Err(Error::Fault) })
}
