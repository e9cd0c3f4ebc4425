//! zmq_poll with thread-safe sockets among the items, which the reference hands to a poller: it looks at
//! each object once, for all that its items ask, and is stricter about what may be asked.

use super::sleeper::MOST_LEADS;
use super::{ALL_EVENTS, PollItem, poll_items};
use crate::error::{Error, Result};
use crate::socket;
use crate::sync::Handle;
use std::collections::HashMap;
use std::os::fd::RawFd;

/// What an item is about.
type Object = (Option<Handle>, RawFd);

fn object(item: &PollItem) -> Object {
    (item.socket, if item.socket.is_some() { -1 } else { item.fd })
}

/// Whether this is the way to poll the items. `ENOTSOCK`.
pub(super) fn concerns(items: &[PollItem], timeout_ms: i64) -> Result<bool> {
    Ok(differs(items, timeout_ms) && has_thread_safe(items)?)
}

/// Whether there is a difference to be seen at all, which costs less to find out than what sockets are.
fn differs(items: &[PollItem], timeout_ms: i64) -> bool {
    items.len() > MOST_LEADS
        || asks_unknown(items)
        || items.iter().any(|item| item.socket.is_none())
        || timeout_ms < 0 && items.iter().all(|item| item.events == 0)
        || has_duplicates(items)
}

fn has_thread_safe(items: &[PollItem]) -> Result<bool> {
    for handle in items.iter().filter_map(|item| item.socket) {
        if socket::is_thread_safe(handle)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn asks_unknown(items: &[PollItem]) -> bool {
    items.iter().any(|item| item.events & !ALL_EVENTS != 0)
}

/// Of few items.
fn has_duplicates(items: &[PollItem]) -> bool {
    let mut seen = items;
    while let Some((last, before)) = seen.split_last() {
        if before.iter().any(|item| object(item) == object(last)) {
            return true;
        }
        seen = before;
    }
    false
}

/// As [`super::poll`]; returns how many objects are ready. A descriptor on which there is nothing but an error
/// counts, too, although its items tell of that only if they ask. Besides: `EINVAL` for unknown events,
/// `EFAULT` if there is nothing to wait for without limit.
pub(super) fn poll(items: &mut [PollItem], timeout_ms: i64) -> Result<usize> {
    if asks_unknown(items) {
        return Err(Error::Invalid);
    }
    let mut objects: Vec<PollItem> = Vec::new();
    let mut places: HashMap<Object, usize> = HashMap::new();
    for item in items.iter() {
        let place = *places.entry(object(item)).or_insert(objects.len());
        match objects.get_mut(place) {
            Some(known) => known.events |= item.events,
            None => objects.push(*item),
        }
    }
    if timeout_ms < 0 && objects.iter().all(|object| object.events == 0) {
        return Err(Error::Fault);
    }
    for object in &mut objects {
        // Not even for errors.
        if object.socket.is_none() && object.events == 0 {
            object.fd = -1;
        }
    }
    let ready = poll_items(&mut objects, timeout_ms)?;
    for item in items {
        let found = places.get(&object(item)).and_then(|place| objects.get(*place));
        item.revents = found.map_or(0, |found| found.revents & item.events);
    }
    Ok(ready)
}
