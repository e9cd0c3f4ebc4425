//! Messages: `zmq_msg_t` is a [`Message`] in memory that C owns.

use crate::arguments::{bytes, check_place, message, message_mut, put_message, text};
use crate::constants::{ZMQ_MORE, ZMQ_SHARED, ZMQ_SRCFD};
use crate::entry::{entry, entry_or, status};
use ferrozmq::error::{Error, Result};
use ferrozmq::msg::{FreeFn, Message, name};
use std::ffi::{c_char, c_int, c_void};

/// C's pointer to a function that frees what a message was made of; may be NULL.
#[allow(non_camel_case_types, reason = "the name in the header")]
pub type zmq_free_fn = Option<FreeFn>;

// What programs allocate for a message.
const _: () = assert!(size_of::<Message>() == 64 && align_of::<Message>() == align_of::<*mut c_void>());

/// Makes memory an empty message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init(msg: *mut Message) -> c_int {
    // SAFETY: the caller's word.
    status(|| unsafe { put_message(msg, Message::new()) })
}

/// Makes memory a message of size bytes, not initialised. ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_size(msg: *mut Message, size: usize) -> c_int {
    // SAFETY: the caller's word.
    status(|| unsafe { put_message(msg, Message::uninit(size)?) })
}

/// Makes memory a message of the caller's bytes, freed by ffn unless that is NULL. ENOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_init_data(
    msg: *mut Message,
    data: *mut c_void,
    size: usize,
    ffn: zmq_free_fn,
    hint: *mut c_void,
) -> c_int {
    status(|| {
        // Before there is a message, whose end would free the caller's bytes.
        check_place(msg)?;
        if isize::try_from(size).is_err() {
            return Err(Error::OutOfMemory);
        }
        // SAFETY: the caller's word; only looked at here.
        if unsafe { bytes(data, size) }.is_none() {
            return Err(Error::Fault);
        }
        let message = match ffn {
            // SAFETY: the caller's word, until `free` is called, from any thread.
            Some(free) => unsafe { Message::lent(data.cast(), size, free, hint) }?,
            // SAFETY: the caller's word, as long as any copy lives.
            None => unsafe { Message::constant(data.cast(), size) },
        };
        // SAFETY: the caller's word.
        unsafe { put_message(msg, message) }
    })
}

/// Releases a message and makes it invalid. EFAULT if it is already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_close(msg: *mut Message) -> c_int {
    status(|| {
        // SAFETY: the caller's word; used within this call only.
        close(unsafe { message_mut(msg) }?);
        Ok(())
    })
}

/// Releases dest and moves src into it; src is empty afterwards. EFAULT if either is invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_move(dest: *mut Message, src: *mut Message) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a borrow of its own, over at once.
        unsafe { message(dest) }?;
        // SAFETY: the caller's word; a borrow of its own, over at the end of the statement.
        let moved = unsafe { message_mut(src) }?.take();
        if dest != src {
            // SAFETY: checked above, and not the other message.
            let old = std::mem::replace(unsafe { message_mut(dest) }?, moved);
            // With `dest` whole again: releasing the content may call the application.
            drop(old);
        }
        Ok(())
    })
}

/// Releases dest and makes it share the content of src, or copy it if that is small. EFAULT if either is
/// invalid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_copy(dest: *mut Message, src: *mut Message) -> c_int {
    status(|| {
        // SAFETY: the caller's word; a borrow of its own, over at once.
        unsafe { message(dest) }?;
        // SAFETY: the caller's word.
        let src = unsafe { message_mut(src) }?;
        if std::ptr::eq(dest, src) {
            // As in the reference: released as the target, it is invalid as the source.
            close(src);
            return Ok(());
        }
        let copy = src.share();
        // SAFETY: checked above, and not the other message.
        let old = std::mem::replace(unsafe { message_mut(dest) }?, copy);
        // With `dest` whole again: releasing the content may call the application.
        drop(old);
        Ok(())
    })
}

/// The content; if it lies within the object, it moves with it. NULL, EFAULT for an invalid message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_data(msg: *mut Message) -> *mut c_void {
    // SAFETY: the caller's word; used within this call only.
    entry(|| Ok(unsafe { message_mut(msg) }?.as_mut_ptr().cast()))
}

/// The size of the content. 0, EFAULT for an invalid message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_size(msg: *const Message) -> usize {
    // SAFETY: the caller's word; used within this call only.
    entry(|| Ok(unsafe { message(msg) }?.len()))
}

/// 1 if another part of the same message follows. 0, EFAULT for an invalid message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_more(msg: *const Message) -> c_int {
    // SAFETY: the caller's word; used within this call only.
    entry_or(0, || Ok(unsafe { message(msg) }?.more().into()))
}

/// A property: ZMQ_MORE, ZMQ_SHARED or ZMQ_SRCFD. EINVAL if there is none such, EFAULT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_get(msg: *const Message, property: c_int) -> c_int {
    entry(|| {
        // SAFETY: the caller's word; used within this call only.
        let message = unsafe { message(msg) }?;
        match property {
            ZMQ_MORE => Ok(message.more().into()),
            ZMQ_SHARED => Ok(message.is_shared().into()),
            ZMQ_SRCFD => descriptor(message).ok_or(Error::Invalid),
            _ => Err(Error::Invalid),
        }
    })
}

/// There is no property that could be set: always EINVAL.
#[unsafe(no_mangle)]
#[allow(unused_variables, reason = "the names are those in the header")]
pub extern "C" fn zmq_msg_set(msg: *mut Message, property: c_int, optval: c_int) -> c_int {
    status(|| Err(Error::Invalid))
}

/// A text that describes the connection the message came by; belongs to the message. NULL, EINVAL if there
/// is none of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_msg_gets(msg: *const Message, property: *const c_char) -> *const c_char {
    entry(|| {
        // SAFETY: the caller's word; the pointer returned is into what the message keeps alive.
        let message = unsafe { message(msg) }?;
        // SAFETY: the caller's word; used within this call only.
        let property = unsafe { text(property) }.and_then(|property| property.to_str().ok());
        let value = property.and_then(|property| message.metadata()?.text(property));
        value.map(|value| value.as_ptr()).ok_or(Error::Invalid)
    })
}

/// Releases the content, leaving an object that is no message.
fn close(message: &mut Message) {
    let content = message.take();
    message.invalidate();
    drop(content);
}

/// The descriptor of the connection a message came by.
fn descriptor(message: &Message) -> Option<c_int> {
    message.metadata()?.text(name::FD)?.to_str().ok()?.parse().ok()
}

/// Makes memory a message that is a copy of the caller's bytes.
///
/// # Safety
/// `msg` and `data` by the caller's word.
pub(crate) unsafe fn init_copy(msg: *mut Message, data: *const c_void, size: usize) -> Result<()> {
    if isize::try_from(size).is_err() {
        return Err(Error::OutOfMemory);
    }
    // SAFETY: passed on to our caller; copied here.
    let data = unsafe { bytes(data, size) }.ok_or(Error::Fault)?;
    // SAFETY: passed on to our caller.
    unsafe { put_message(msg, Message::from_slice(data)?) }
}
