//! Sending and receiving.
//!
//! Failures common to all: ENOTSOCK, EAGAIN, ENOTSUP, EFSM, ETERM, EINTR; to all that send: EINVAL,
//! EHOSTUNREACH; to all that copy: ENOMEM.

use crate::arguments::{blame, bytes, bytes_mut, count, handle, message_mut, object};
use crate::constants::ZMQ_SNDMORE;
use crate::entry::entry;
use ferrozmq::error::{Error, Result};
use ferrozmq::msg::Message;
use ferrozmq::socket;
use ferrozmq::sync::Handle;
use libc::iovec;
use std::ffi::{c_int, c_void};
use std::ptr;

/// Sends a copy of a buffer as one part; returns its size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_send(
    socket: *mut c_void,
    buf: *const c_void,
    len: usize,
    flags: c_int,
) -> c_int {
    // SAFETY: the caller's word; copied within this call.
    entry(|| unsafe { send_copy(handle(socket), buf, len, flags) })
}

/// Sends a buffer that stays valid and unchanged for ever, without copying; returns its size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_send_const(
    socket: *mut c_void,
    buf: *const c_void,
    len: usize,
    flags: c_int,
) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word, which for this function is for ever.
        let data = unsafe { bytes(buf, len) }.ok_or_else(|| blame(socket, Error::Fault))?;
        send(socket, &mut Message::from_static(data), flags)
    })
}

/// Sends a message, which is empty afterwards, and returns its size. EFAULT if it is invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_send(msg: *mut Message, socket: *mut c_void, flags: c_int) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; used within this call only.
        let message = unsafe { message_mut(msg) }.map_err(|error| blame(socket, error))?;
        send(socket, message, flags)
    })
}

/// Deprecated: zmq_msg_send.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_sendmsg(socket: *mut c_void, msg: *mut Message, flags: c_int) -> c_int {
    // SAFETY: passed on to our caller.
    unsafe { zmq_msg_send(msg, socket, flags) }
}

/// Receives one part, cut to the buffer; returns its true size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recv(socket: *mut c_void, buf: *mut c_void, len: usize, flags: c_int) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; used within this call only.
        let buffer = unsafe { bytes_mut(buf, len) }.ok_or_else(|| blame(socket, Error::Fault))?;
        let mut message = Message::new();
        socket::recv(socket, &mut message, flags)?;
        let data = message.data();
        let copied = data.len().min(buffer.len());
        buffer[..copied].copy_from_slice(&data[..copied]);
        Ok(count(data.len()))
    })
}

/// Receives one part in place of what the message held; returns its size. EFAULT if it is invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_recv(msg: *mut Message, socket: *mut c_void, flags: c_int) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; used within this call only.
        let message = unsafe { message_mut(msg) }.map_err(|error| blame(socket, error))?;
        socket::recv(socket, message, flags)?;
        Ok(count(message.len()))
    })
}

/// Deprecated: zmq_msg_recv.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recvmsg(socket: *mut c_void, msg: *mut Message, flags: c_int) -> c_int {
    // SAFETY: passed on to our caller.
    unsafe { zmq_msg_recv(msg, socket, flags) }
}

/// Sends copies of count buffers, with ZMQ_SNDMORE as one message; returns the size of the last. EINVAL if
/// there are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_sendiov(
    socket: *mut c_void,
    iov: *mut iovec,
    count: usize,
    flags: c_int,
) -> c_int {
    entry(|| {
        let socket = handle(socket);
        if iov.is_null() || count == 0 {
            return Err(blame(socket, Error::Invalid));
        }
        let mut sent = 0;
        for index in 0..count {
            // SAFETY: `count` elements by the caller's word; read as if not aligned.
            let part = unsafe { iov.add(index).read_unaligned() };
            let flags = if index + 1 == count { flags & !ZMQ_SNDMORE } else { flags };
            // SAFETY: the caller's word about each element; copied within this call.
            sent = unsafe { send_copy(socket, part.iov_base, part.iov_len, flags) }?;
        }
        Ok(sent)
    })
}

/// Receives the parts of one message into up to *count buffers that the caller frees; returns their
/// number, as does *count. EINVAL if there is no room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_recviov(
    socket: *mut c_void,
    iov: *mut iovec,
    count: *mut usize,
    flags: c_int,
) -> c_int {
    entry(|| {
        let socket = handle(socket);
        // SAFETY: the caller's word; a number may have any bytes.
        let count = unsafe { object(count) }.map_err(|_| blame(socket, Error::Invalid))?;
        if iov.is_null() || *count == 0 {
            return Err(blame(socket, Error::Invalid));
        }
        let mut stored = 0;
        // SAFETY: `*count` elements by the caller's word.
        let received = unsafe { receive_parts(socket, iov, *count, flags, &mut stored) };
        // As in the reference, a bad argument leaves the count as it was.
        if received != Err(Error::NotSocket) {
            *count = stored;
        }
        received.map(|()| crate::arguments::count(stored))
    })
}

/// Sends a copy of `len` bytes at `data`.
///
/// # Safety
/// By the caller's word.
unsafe fn send_copy(socket: Handle, data: *const c_void, len: usize, flags: c_int) -> Result<c_int> {
    // SAFETY: passed on to our caller; copied here.
    let data = unsafe { bytes(data, len) }.ok_or_else(|| blame(socket, Error::Fault))?;
    socket::send_copy(socket, data, flags)?;
    Ok(count(data.len()))
}

fn send(socket: Handle, message: &mut Message, flags: c_int) -> Result<c_int> {
    let size = count(message.len());
    socket::send(socket, message, flags)?;
    Ok(size)
}

/// Receives parts up to the end of a message into up to `room` buffers that C frees. `stored` counts them,
/// also when one fails.
///
/// # Safety
/// `iov` must point to `room` elements by the caller's word.
unsafe fn receive_parts(
    socket: Handle,
    iov: *mut iovec,
    room: usize,
    flags: c_int,
    stored: &mut usize,
) -> Result<()> {
    let mut message = Message::new();
    while *stored < room {
        socket::recv(socket, &mut message, flags)?;
        let part = allocated_copy(message.data())?;
        // SAFETY: by contract, as `stored` is below `room`; written as if not aligned.
        unsafe { iov.add(*stored).write_unaligned(part) };
        *stored += 1;
        if !message.more() {
            break;
        }
    }
    Ok(())
}

/// A copy that C frees.
fn allocated_copy(data: &[u8]) -> Result<iovec> {
    // SAFETY: any size may be asked for; not 0, for which NULL could be the answer.
    let copy = unsafe { libc::malloc(data.len().max(1)) };
    if copy.is_null() {
        return Err(Error::OutOfMemory);
    }
    // SAFETY: the fresh block has room for these bytes.
    unsafe { ptr::copy_nonoverlapping(data.as_ptr(), copy.cast(), data.len()) };
    Ok(iovec { iov_base: copy, iov_len: data.len() })
}
