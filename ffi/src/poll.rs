//! `zmq_poll`.

use crate::arguments::{check_place, optional_handle};
use crate::constants::ZMQ_POLLITEMS_DFLT;
use crate::entry::entry;
use ferrozmq::error::{Error, Result};
use ferrozmq::poller::{self, PollItem};
use smallvec::SmallVec;
use std::ffi::{c_int, c_long, c_short, c_void};
use std::slice;

/// A file descriptor.
#[allow(non_camel_case_types, reason = "the name in the header")]
pub type zmq_fd_t = c_int;

/// A socket, or a descriptor if there is no socket, and the events to wait for.
#[allow(non_camel_case_types, reason = "the name in the header")]
#[repr(C)]
pub struct zmq_pollitem_t {
    pub socket: *mut c_void,
    pub fd: zmq_fd_t,
    pub events: c_short,
    pub revents: c_short,
}

const _: () = assert!(size_of::<zmq_pollitem_t>() == 16);

/// Waits until an item is ready or timeout milliseconds have passed (-1: for ever); returns how many are.
/// EINVAL, EFAULT, ENOTSOCK, ETERM, EINTR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn zmq_poll(items: *mut zmq_pollitem_t, nitems: c_int, timeout: c_long) -> c_int {
    entry(|| {
        // SAFETY: the caller's word; used within this call only.
        let items = unsafe { poll_items(items, nitems) }?;
        poll_converted(items, |items| poller::poll(items, timeout))
    })
}

/// Polls C's items as ours and writes back what was found.
pub(crate) fn poll_converted(
    items: &mut [zmq_pollitem_t],
    poll: impl FnOnce(&mut [PollItem]) -> Result<usize>,
) -> Result<c_int> {
    let mut converted: SmallVec<[PollItem; ZMQ_POLLITEMS_DFLT as usize]> =
        items.iter().map(convert).collect();
    let ready = poll(&mut converted)?;
    for (item, converted) in items.iter_mut().zip(&converted) {
        item.revents = converted.revents;
    }
    // There are at most as many as items, whose number is an int.
    Ok(ready as c_int)
}

/// The array of poll items. [`Error::Invalid`] if the number is negative, [`Error::Fault`] if there is
/// no array.
///
/// # Safety
/// By the caller's word, for as long as the array is used; and nothing else refers to it.
pub(crate) unsafe fn poll_items<'a>(
    items: *mut zmq_pollitem_t,
    nitems: c_int,
) -> Result<&'a mut [zmq_pollitem_t]> {
    let len = usize::try_from(nitems).map_err(|_| Error::Invalid)?;
    if len == 0 {
        return Ok(&mut []);
    }
    check_place(items)?;
    // SAFETY: `nitems` elements by the caller's word, of numbers and a raw pointer, which may have any
    // bytes; neither NULL nor misaligned; 16 bytes times an int are not too many for a slice.
    Ok(unsafe { slice::from_raw_parts_mut(items, len) })
}

fn convert(item: &zmq_pollitem_t) -> PollItem {
    PollItem { socket: optional_handle(item.socket), fd: item.fd, events: item.events, revents: 0 }
}
