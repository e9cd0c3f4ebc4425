//! Pollers, all of them drafts.

use crate::arguments::{check_place, count, handle, object, pointer};
use crate::entry::{entry, status};
use crate::poll::zmq_fd_t;
use ferrozmq::error::{Error, Result};
use ferrozmq::poller::{self, Ready};
use ferrozmq::sync::Handle;
use std::ffi::{c_int, c_long, c_short, c_void};
use std::{ptr, slice};

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

/// Creates a poller. NULL: ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_new() -> *mut c_void {
    entry(|| poller::new().map(pointer).ok_or(Error::OutOfMemory))
}

/// Destroys a poller and makes *poller_p NULL. EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_destroy(poller_p: *mut *mut c_void) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a pointer may have any bytes.
        let place = unsafe { object(poller_p) }?;
        poller::destroy(handle(*place))?;
        *place = ptr::null_mut();
        Ok(())
    })
}

/// How many sockets and descriptors are registered. EFAULT.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_size(poller: *mut c_void) -> c_int {
    entry(|| poller::size(handle(poller)).map(count))
}

/// Registers a socket. EFAULT, ENOTSOCK, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_add(
    poller: *mut c_void,
    socket: *mut c_void,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    status(|| poller::add(handle(poller), handle(socket), user_data.expose_provenance(), events))
}

/// Changes the events of a socket. EFAULT, ENOTSOCK, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_modify(poller: *mut c_void, socket: *mut c_void, events: c_short) -> c_int {
    status(|| poller::modify(handle(poller), handle(socket), events))
}

/// Removes a socket, which must be done before it is closed. EFAULT, ENOTSOCK, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_remove(poller: *mut c_void, socket: *mut c_void) -> c_int {
    status(|| poller::remove(handle(poller), handle(socket)))
}

/// Registers a descriptor. EFAULT, EBADF, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_add_fd(
    poller: *mut c_void,
    fd: zmq_fd_t,
    user_data: *mut c_void,
    events: c_short,
) -> c_int {
    status(|| poller::add_descriptor(handle(poller), fd, user_data.expose_provenance(), events))
}

/// Changes the events of a descriptor. EFAULT, EBADF, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_modify_fd(poller: *mut c_void, fd: zmq_fd_t, events: c_short) -> c_int {
    status(|| poller::modify_descriptor(handle(poller), fd, events))
}

/// Removes a descriptor. EFAULT, EBADF, EINVAL.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_poller_remove_fd(poller: *mut c_void, fd: zmq_fd_t) -> c_int {
    status(|| poller::remove_descriptor(handle(poller), fd))
}

/// Waits for one event. EAGAIN after timeout milliseconds, EFAULT, ENOTSOCK, ETERM, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_wait(
    poller: *mut c_void,
    event: *mut zmq_poller_event_t,
    timeout: c_long,
) -> c_int {
    status(|| {
        // SAFETY: the caller's word.
        unsafe { wait(poller, event, 1, timeout) }.map(drop)
    })
}

/// Waits for events and returns how many there are. EAGAIN after timeout milliseconds, EFAULT, EINVAL,
/// ENOTSOCK, ETERM, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_wait_all(
    poller: *mut c_void,
    events: *mut zmq_poller_event_t,
    n_events: c_int,
    timeout: c_long,
) -> c_int {
    entry(|| {
        // SAFETY: the caller's word.
        unsafe { wait(poller, events, n_events, timeout) }.map(count)
    })
}

/// A descriptor that is readable when a thread-safe socket in the poller may be ready. EFAULT, EINVAL, EMFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poller_fd(poller: *mut c_void, fd: *mut zmq_fd_t) -> c_int {
    status(|| {
        poller::size(handle(poller))?;
        // SAFETY: the caller's word; a number may have any bytes.
        let place = unsafe { object(fd) }?;
        *place = poller::activity_descriptor(handle(poller))?;
        Ok(())
    })
}

/// Waits, and writes what is ready to the array; the rest of it is reset, all of it on failure.
///
/// # Safety
/// `n_events` elements at `events` by the caller's word, to be written to; nothing else refers to them.
unsafe fn wait(
    poller: *mut c_void,
    events: *mut zmq_poller_event_t,
    n_events: c_int,
    timeout: c_long,
) -> Result<usize> {
    let poller: Handle = handle(poller);
    let len = usize::try_from(n_events);
    // SAFETY: not NULL or misaligned; that many elements by contract, of numbers and raw pointers, which
    // may have any bytes; 32 bytes times an int are not too many for a slice.
    let mut events =
        check_place(events).map(|()| unsafe { slice::from_raw_parts_mut(events, len.unwrap_or(0)) });
    if let Ok(events) = &mut events {
        events.iter_mut().for_each(|event| *event = NO_EVENT);
    }
    poller::size(poller)?;
    let events = events?;
    let room = len.map_err(|_| Error::Invalid)?;
    let ready = poller::wait(poller, room, timeout)?;
    for (event, ready) in events.iter_mut().zip(&ready) {
        *event = convert(ready);
    }
    Ok(ready.len())
}

fn convert(ready: &Ready) -> zmq_poller_event_t {
    zmq_poller_event_t {
        socket: ready.socket.map_or(ptr::null_mut(), pointer),
        fd: ready.fd,
        user_data: ptr::with_exposed_provenance_mut(ready.data),
        events: ready.events,
    }
}
