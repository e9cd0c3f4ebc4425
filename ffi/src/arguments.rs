//! What C passes, as values that Rust can work with.

use crate::constants::ZMQ_TYPE;
use ferrozmq::error::{Error, Result};
use ferrozmq::msg::Message;
use ferrozmq::socket;
use ferrozmq::sync::Handle;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::{ptr, slice};

/// C's handle as ours. It is looked up by the core, which refuses NULL and anything else it did not
/// give.
pub(crate) fn handle(pointer: *mut c_void) -> Handle {
    Handle::from_bits(pointer as usize)
}

/// A handle that C may leave out.
pub(crate) fn optional_handle(pointer: *mut c_void) -> Option<Handle> {
    (!pointer.is_null()).then(|| handle(pointer))
}

/// Our handle as C's.
pub(crate) fn pointer(handle: Handle) -> *mut c_void {
    ptr::without_provenance_mut(handle.to_bits())
}

/// A byte count as C's int.
pub(crate) fn count(len: usize) -> c_int {
    c_int::try_from(len).unwrap_or(c_int::MAX)
}

/// What to answer a bad argument with: if something is wrong with the socket, that, else `error`.
#[cold]
pub(crate) fn blame(socket: Handle, error: Error) -> Error {
    let mut socket_type = [0; size_of::<c_int>()];
    socket::option(socket, ZMQ_TYPE, &mut socket_type).err().unwrap_or(error)
}

/// The bytes at `data`. None if it is NULL although `len` is not 0, or if no object is that large.
///
/// # Safety
/// By the caller's word, for as long as the slice is used.
pub(crate) unsafe fn bytes<'a>(data: *const c_void, len: usize) -> Option<&'a [u8]> {
    if len == 0 {
        return Some(&[]);
    }
    if data.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: `len` bytes by the caller's word; not NULL, and not more than a slice may have.
    Some(unsafe { slice::from_raw_parts(data.cast(), len) })
}

/// As [`bytes`], to be written to.
///
/// # Safety
/// By the caller's word, for as long as the slice is used; and nothing else refers to the bytes.
pub(crate) unsafe fn bytes_mut<'a>(data: *mut c_void, len: usize) -> Option<&'a mut [u8]> {
    if len == 0 {
        return Some(&mut []);
    }
    if data.is_null() || isize::try_from(len).is_err() {
        return None;
    }
    // SAFETY: as in `bytes`; exclusive by contract.
    Some(unsafe { slice::from_raw_parts_mut(data.cast(), len) })
}

/// The text at `text`. None if it is NULL.
///
/// # Safety
/// By the caller's word, up to a terminating zero, for as long as the text is used.
pub(crate) unsafe fn text<'a>(text: *const c_char) -> Option<&'a CStr> {
    // SAFETY: not NULL, and terminated by the caller's word.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) })
}

/// The endpoint at `endpoint`. NULL and what is not UTF-8 become an empty text, which the core refuses
/// with EINVAL after it has looked at the socket.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn endpoint<'a>(endpoint: *const c_char) -> &'a str {
    // SAFETY: passed on to our caller.
    unsafe { text(endpoint) }.and_then(|endpoint| endpoint.to_str().ok()).unwrap_or_default()
}

/// [`Error::Fault`] if a pointer is NULL or not aligned, so that no object can be there.
pub(crate) fn check_place<T>(place: *const T) -> Result<()> {
    if place.is_null() || !place.is_aligned() { Err(Error::Fault) } else { Ok(()) }
}

/// The object at `place`, whatever it holds. [`Error::Fault`] if it is NULL or not aligned.
///
/// # Safety
/// By the caller's word; nothing else refers to the object while it is used, and its type is one for
/// which all bytes make a value.
pub(crate) unsafe fn object<'a, T>(place: *mut T) -> Result<&'a mut T> {
    check_place(place)?;
    // SAFETY: neither NULL nor misaligned, alive and exclusive by contract, and valid as any bytes are.
    Ok(unsafe { &mut *place })
}

/// The message at `message`. [`Error::Fault`] if there is none.
///
/// # Safety
/// By the caller's word, for as long as the message is used.
pub(crate) unsafe fn message<'a>(message: *const Message) -> Result<&'a Message> {
    check_place(message)?;
    // SAFETY: 64 bytes by the caller's word, neither NULL nor misaligned. All bytes make a `Message`
    // as far as the type goes (integers, raw pointers and a union); that they are one in which
    // the pointers mean something is asked before they are followed.
    let message = unsafe { &*message };
    if message.is_valid() { Ok(message) } else { Err(Error::Fault) }
}

/// As [`message`], to be changed.
///
/// # Safety
/// By the caller's word, for as long as the message is used; and nothing else refers to it.
pub(crate) unsafe fn message_mut<'a>(place: *mut Message) -> Result<&'a mut Message> {
    // SAFETY: passed on to our caller.
    unsafe { message(place) }?;
    // SAFETY: as in `message`; exclusive by contract.
    Ok(unsafe { &mut *place })
}

/// Puts a message where C has memory for one. What the memory holds is not released.
/// [`Error::Fault`] if `place` is NULL or not aligned; the message is released then.
///
/// # Safety
/// By the caller's word.
pub(crate) unsafe fn put_message(place: *mut Message, message: Message) -> Result<()> {
    check_place(place)?;
    // SAFETY: 64 bytes by the caller's word, neither NULL nor misaligned.
    unsafe { place.write(message) };
    Ok(())
}
