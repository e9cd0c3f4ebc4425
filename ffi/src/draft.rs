//! Draft functions, which the header shows to programs that ask for them, except for the pollers.

use crate::arguments::{blame, bytes, bytes_mut, endpoint, handle, message, message_mut, object, text};
use crate::entry::{entry, status};
use crate::message::init_copy;
use crate::poll::{poll_converted, poll_items, zmq_pollitem_t};
use crate::socket::monitor;
use ferrozmq::context;
use ferrozmq::error::{Error, Result};
use ferrozmq::msg::Message;
use ferrozmq::poller::{self, SignalMask};
use ferrozmq::socket;
use ferrozmq::sync::Handle;
use libc::sigset_t;
use std::ffi::{c_char, c_int, c_long, c_void};

/// Sets a context option of any type. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_set_ext(
    context: *mut c_void,
    option: c_int,
    optval: *const c_void,
    optvallen: usize,
) -> c_int {
    status(|| {
        // SAFETY: the caller's word; used within this call only.
        let value = unsafe { bytes(optval, optvallen) };
        context::set_option(handle(context), option, value.ok_or(Error::Fault)?)
    })
}

/// Reads a context option of any type; *optvallen is the size of the buffer. EFAULT, EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ctx_get_ext(
    context: *mut c_void,
    option: c_int,
    optval: *mut c_void,
    optvallen: *mut usize,
) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a number may have any bytes.
        let len = *unsafe { object(optvallen) }?;
        // SAFETY: the caller's word; used within this call only.
        let value = unsafe { bytes_mut(optval, len) };
        context::option_ext(handle(context), option, value.ok_or(Error::Fault)?)
    })
}

/// Connects a PEER and returns the routing id of the connection. 0: ENOTSOCK, ENOTSUP, EFAULT and what
/// zmq_connect gives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_connect_peer(socket: *mut c_void, addr: *const c_char) -> u32 {
    // SAFETY: the caller's word; used within this call only.
    entry(|| socket::connect_peer(handle(socket), unsafe { endpoint(addr) }))
}

/// Drops the connection with a routing id. ENOTSOCK, ENOTSUP, EHOSTUNREACH.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_disconnect_peer(socket: *mut c_void, routing_id: u32) -> c_int {
    status(|| socket::disconnect_peer(handle(socket), routing_id))
}

/// Joins a DISH to a group. ENOTSOCK, ENOTSUP, EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_join(socket: *mut c_void, group: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::set_membership(handle(socket), unsafe { group_name(handle(socket), group) }?, true))
}

/// Takes a DISH out of a group. ENOTSOCK, ENOTSUP, EINVAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_leave(socket: *mut c_void, group: *const c_char) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| socket::set_membership(handle(socket), unsafe { group_name(handle(socket), group) }?, false))
}

/// ZMQ_POLLOUT if there is room for messages to the peer of that routing id. ENOTSOCK, ENOTSUP, EHOSTUNREACH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_get_peer_state(
    socket: *mut c_void,
    routing_id: *const c_void,
    routing_id_size: usize,
) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; used within this call only.
        let id = unsafe { bytes(routing_id, routing_id_size) };
        socket::peer_state(socket, id.ok_or_else(|| blame(socket, Error::Fault))?)
    })
}

/// As zmq_socket_monitor, for event streams of version 1 or 2 on a PAIR, PUB or PUSH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_socket_monitor_versioned(
    socket: *mut c_void,
    addr: *const c_char,
    events: u64,
    event_version: c_int,
    r#type: c_int,
) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    status(|| unsafe { monitor(socket, addr, events, event_version, r#type) })
}

/// Asks for a ZMQ_EVENT_PIPES_STATS of each connection. ENOTSOCK, EINVAL, EAGAIN.
#[unsafe(no_mangle)]
pub extern "C" fn zmq_socket_monitor_pipes_stats(socket: *mut c_void) -> c_int {
    status(|| socket::monitor_pipes_stats(handle(socket)))
}

/// Makes memory a message that is a copy of a buffer. ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_buffer(msg: *mut Message, buf: *const c_void, size: usize) -> c_int {
    // SAFETY: the caller's word.
    status(|| unsafe { init_copy(msg, buf, size) })
}

/// Addresses a message to a peer of a SERVER or PEER. EINVAL if the id is 0, EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set_routing_id(msg: *mut Message, routing_id: u32) -> c_int {
    status(|| {
        // SAFETY: the caller's word; used within this call only.
        let message = unsafe { message_mut(msg) }?;
        if routing_id == 0 {
            return Err(Error::Invalid);
        }
        message.set_routing_id(routing_id);
        Ok(())
    })
}

/// The peer that a SERVER or PEER got the message from, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_routing_id(msg: *mut Message) -> u32 {
    // SAFETY: the caller's word; used within this call only.
    entry(|| Ok(unsafe { message(msg) }?.routing_id()))
}

/// Sets the group that RADIO publishes a message to, cut to ZMQ_GROUP_MAX_LENGTH. EINVAL, EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_set_group(msg: *mut Message, group: *const c_char) -> c_int {
    status(|| {
        // SAFETY: the caller's word; used within this call only.
        let message = unsafe { message_mut(msg) }?;
        // SAFETY: as above.
        message.set_group(unsafe { text(group) }.ok_or(Error::Invalid)?);
        Ok(())
    })
}

/// The group of a message, empty if it has none; belongs to the message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_group(msg: *mut Message) -> *const c_char {
    // SAFETY: the caller's word; the pointer returned is into what the message keeps alive.
    entry(|| Ok(unsafe { message(msg) }?.group().as_ptr()))
}

/// As zmq_poll, with another signal mask while it waits, unless that is NULL. Also EINVAL for a thread-safe
/// socket, EBADF for a descriptor that is not open.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_ppoll(
    items: *mut zmq_pollitem_t,
    nitems: c_int,
    timeout: c_long,
    sigmask: *const sigset_t,
) -> c_int {
    entry(|| {
        // SAFETY: the caller's word; used within this call only.
        let items = unsafe { poll_items(items, nitems) }?;
        // SAFETY: a set of signals, or NULL, by the caller's word, wherever it lies; copied here.
        let mask = (!sigmask.is_null()).then(|| SignalMask::new(unsafe { sigmask.read_unaligned() }));
        poll_converted(items, |items| poller::poll_masked(items, timeout, mask))
    })
}

/// The name of a group.
///
/// # Safety
/// `group` by the caller's word, for as long as the name is used.
unsafe fn group_name<'a>(socket: Handle, group: *const c_char) -> Result<&'a [u8]> {
    // SAFETY: passed on to our caller.
    let group = unsafe { text(group) }.ok_or_else(|| blame(socket, Error::Invalid))?;
    Ok(group.to_bytes())
}
