//! Sockets: life, options, endpoints, monitor.

use crate::arguments::{blame, bytes, bytes_mut, endpoint, handle, object, pointer};
use crate::constants::ZMQ_PAIR;
use crate::entry::{entry, status};
use ferrozmq::error::Error;
use ferrozmq::{context, socket};
use std::ffi::{c_char, c_int, c_void};

/// Creates a socket. NULL: EFAULT, EINVAL, ETERM, EMFILE, ENOMEM.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_socket(context: *mut c_void, r#type: c_int) -> *mut c_void {
    entry(|| context::open_socket(handle(context), r#type).map(pointer))
}

/// Closes a socket; what was sent lingers on in the background. ENOTSOCK.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_close(socket: *mut c_void) -> c_int {
    status(|| socket::close(handle(socket)))
}

/// Sets a socket option. ENOTSOCK, ETERM, EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_setsockopt(
    socket: *mut c_void,
    option: c_int,
    optval: *const c_void,
    optvallen: usize,
) -> c_int {
    status(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; used within this call only.
        let value = unsafe { bytes(optval, optvallen) };
        let value = value.ok_or_else(|| blame(socket, Error::Invalid))?;
        socket::set_option(socket, option, (!optval.is_null()).then_some(value))
    })
}

/// Reads a socket option; *optvallen is the size of the buffer, then that of the value. ENOTSOCK, ETERM,
/// EINVAL, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_getsockopt(
    socket: *mut c_void,
    option: c_int,
    optval: *mut c_void,
    optvallen: *mut usize,
) -> c_int {
    status(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; a number may have any bytes.
        let len = unsafe { object(optvallen) }.map_err(|error| blame(socket, error))?;
        // SAFETY: the caller's word; used within this call only.
        let value = unsafe { bytes_mut(optval, *len) };
        *len = socket::option(socket, option, value.ok_or_else(|| blame(socket, Error::Invalid))?)?;
        Ok(())
    })
}

/// Starts to accept connections at an endpoint. ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO,
/// EMTHREAD, EADDRINUSE, EADDRNOTAVAIL, ENODEV, ENAMETOOLONG and what bind(2) gives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_bind(socket: *mut c_void, addr: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::bind(handle(socket), unsafe { endpoint(addr) }))
}

/// Starts to connect to an endpoint in the background. ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
/// ENOCOMPATPROTO, EMTHREAD, ENAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_connect(socket: *mut c_void, addr: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::connect(handle(socket), unsafe { endpoint(addr) }))
}

/// Removes an endpoint that was bound (or connected). ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
/// ENOCOMPATPROTO, ENOENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_unbind(socket: *mut c_void, addr: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::unbind(handle(socket), unsafe { endpoint(addr) }))
}

/// Removes an endpoint that was connected (or bound). ENOTSOCK, ETERM, EINVAL, EPROTONOSUPPORT,
/// ENOCOMPATPROTO, ENOENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_disconnect(socket: *mut c_void, addr: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::disconnect(handle(socket), unsafe { endpoint(addr) }))
}

/// Sends the socket's events to a PAIR bound to an inproc endpoint; addr NULL stops that. ENOTSOCK, ETERM,
/// EINVAL, EPROTONOSUPPORT, EADDRINUSE, EMFILE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_monitor(
    socket: *mut c_void,
    addr: *const c_char,
    events: c_int,
) -> c_int {
    // Widened with its sign, so that a negative mask has bits that no event has.
    let events = i64::from(events) as u64;
    // SAFETY: the caller's word; used within this call only.
    status(|| unsafe { monitor(socket, addr, events, 1, ZMQ_PAIR) })
}

/// Both forms of starting and stopping a monitor.
///
/// # Safety
/// `addr` by the caller's word.
pub(crate) unsafe fn monitor(
    socket: *mut c_void,
    addr: *const c_char,
    events: u64,
    version: c_int,
    socket_type: c_int,
) -> ferrozmq::error::Result<()> {
    // SAFETY: passed on to our caller.
    let addr = (!addr.is_null()).then(|| unsafe { endpoint(addr) });
    socket::monitor(handle(socket), addr, events, version, socket_type)
}
