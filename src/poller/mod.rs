//! Waiting for several sockets and descriptors at once: zmq_poll, and pollers by handle.
//!
//! Sockets alone need no descriptor: the thread sleeps on its event, which the mailboxes set. With
//! descriptors in the set it sleeps in poll(2) on them and one wake-up descriptor of its own. A few sockets
//! are all looked at, and their I/O domains led; many are registered once and looked at when something
//! happens to them (`registry`).

mod distinct;
mod handles;
mod recurring;
mod registry;
mod sleeper;

pub use handles::{
    Ready, activity_descriptor, add, add_descriptor, destroy, modify, modify_descriptor, new, remove,
    remove_descriptor, size, wait,
};

use crate::error::{Error, Result};
use crate::socket;
use crate::sync::{Deadline, Handle, Notify};
pub use crate::sys::poll::SignalMask;
use crate::sys::poll::{self, RawPoll};
use sleeper::{MOST_LEADS, Sleeper};
use smallvec::SmallVec;
use std::sync::Arc;

/// `ZMQ_POLLIN`, `ZMQ_POLLOUT`, `ZMQ_POLLERR` and `ZMQ_POLLPRI`.
const ALL_EVENTS: i16 = 1 | 2 | 4 | 8;

/// Something to wait for: a socket or, without one, a descriptor.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollItem {
    /// A socket.
    pub socket: Option<Handle>,
    /// A descriptor, if there is no socket; -1 is never ready.
    pub fd: i32,
    /// What to wait for: `ZMQ_POLLIN`, `ZMQ_POLLOUT`, `ZMQ_POLLPRI`.
    pub events: i16,
    /// What it is ready for, besides `ZMQ_POLLERR` for a descriptor.
    pub revents: i16,
}

impl PollItem {
    /// Whether it stands for a descriptor that can become ready.
    fn is_descriptor(&self) -> bool {
        self.socket.is_none() && self.fd >= 0
    }
}

/// Waits until an item is ready, at most `timeout_ms` (negative: without limit); returns how many
/// are. Errors: `ENOTSOCK`, `ETERM`, `EINTR`; with thread-safe sockets see `distinct`.
pub fn poll(items: &mut [PollItem], timeout_ms: i64) -> Result<usize> {
    let is_large = items.iter().filter(|item| item.socket.is_some()).nth(MOST_LEADS).is_some();
    if is_large && let Some(polled) = recurring::poll(items, timeout_ms) {
        return polled;
    }
    if distinct::concerns(items, timeout_ms)? {
        return distinct::poll(items, timeout_ms);
    }
    if is_large {
        recurring::remember(items);
    }
    poll_items(items, timeout_ms)
}

/// As [`poll`], each item for itself.
fn poll_items(items: &mut [PollItem], timeout_ms: i64) -> Result<usize> {
    if timeout_ms == 0 {
        return look(items, Terms::Poll, socket::events);
    }
    let ready = look(items, Terms::Poll, socket::known_events)?;
    if ready > 0 {
        return Ok(ready);
    }
    sleep(items, Deadline::after_ms(timeout_ms), Terms::Poll, None)
}

/// In whose terms a descriptor's events are asked for and told.
#[derive(Clone, Copy)]
enum Terms {
    /// Of poll(2), for zmq_poll.
    Poll,
    /// Of pselect(2), for zmq_ppoll: the end of a stream is readable, and nothing is told that was not asked.
    Sets,
}

impl Terms {
    fn ask(self, item: &PollItem) -> RawPoll {
        match self {
            Terms::Poll => poll::from_zmq(item.fd, item.events),
            Terms::Sets => poll::from_sets(item.fd, item.events),
        }
    }

    fn answer(self, item: &PollItem, polled: &RawPoll) -> i16 {
        match self {
            Terms::Poll => poll::to_zmq(polled),
            Terms::Sets => poll::to_sets(polled, item.events),
        }
    }
}

/// As [`poll()`], with another signal mask, if there is one, while the thread sleeps, and in the terms of
/// pselect(2). Besides: `EINVAL` for a thread-safe socket, which the reference has no descriptor of; `EBADF` for a
/// descriptor that is not open.
pub fn poll_masked(items: &mut [PollItem], timeout_ms: i64, mask: Option<SignalMask>) -> Result<usize> {
    for handle in items.iter().filter_map(|item| item.socket) {
        if socket::is_thread_safe(handle)? {
            return Err(Error::Invalid);
        }
    }
    poll::check_open(raw_items(items, Terms::Sets))?;
    for item in items.iter_mut() {
        // poll(2) would tell what is wrong with it.
        if item.socket.is_none() && item.events == 0 {
            item.fd = -1;
        }
    }
    let ready = look(items, Terms::Sets, socket::events)?;
    if ready > 0 {
        return Ok(ready);
    }
    sleep(items, Deadline::after_ms(timeout_ms), Terms::Sets, mask.as_ref())
}

/// Sleeps until an item is ready, and looks once more at the deadline.
fn sleep(
    items: &mut [PollItem],
    deadline: Deadline,
    terms: Terms,
    mask: Option<&SignalMask>,
) -> Result<usize> {
    let sockets: SmallVec<[Handle; 16]> = items.iter().filter_map(|item| item.socket).collect();
    let mut sleeper = Sleeper::new(&sockets, raw_items(items, terms), mask)?;
    let registered = Registered::new(sockets, sleeper.listener())?;
    // What came between the first look and this, another thread may have obeyed.
    let mut ready = look(items, terms, socket::events)?;
    while ready == 0 {
        let woken = sleeper.sleep(deadline)?;
        let in_time = sleeper.attend(woken);
        ready = look(items, terms, socket::events)?;
        // Wake-ups that make nothing ready may come faster than the thread falls asleep.
        if !in_time || deadline.has_passed() {
            break;
        }
    }
    drop(registered);
    Ok(ready)
}

/// One pass over the items, without waiting.
fn look(items: &mut [PollItem], terms: Terms, events: impl Fn(Handle) -> Result<i16>) -> Result<usize> {
    items.iter_mut().for_each(|item| item.revents = 0);
    // Before the sockets: one of the descriptors may be a socket's ZMQ_FD, which looking at that clears.
    if items.iter().any(PollItem::is_descriptor) {
        look_at_descriptors(items, terms)?;
    }
    for item in items.iter_mut() {
        if let Some(handle) = item.socket {
            item.revents = events(handle)? & item.events;
        }
    }
    Ok(items.iter().filter(|item| item.revents != 0).count())
}

fn look_at_descriptors(items: &mut [PollItem], terms: Terms) -> Result<()> {
    let mut polled: SmallVec<[RawPoll; 16]> = raw_items(items, terms).collect();
    poll::poll(&mut polled, Some(std::time::Duration::ZERO))?;
    let raw = items.iter_mut().filter(|item| item.is_descriptor());
    for (item, polled) in raw.zip(&polled) {
        item.revents = terms.answer(item, polled);
    }
    Ok(())
}

fn raw_items(items: &[PollItem], terms: Terms) -> impl Iterator<Item = RawPoll> {
    items.iter().filter(|item| item.is_descriptor()).map(move |item| terms.ask(item))
}

/// The listener's registrations with the mailboxes of a set, taken back in the end.
struct Registered {
    sockets: SmallVec<[Handle; 16]>,
    listener: Arc<dyn Notify>,
}

impl Registered {
    fn new(sockets: SmallVec<[Handle; 16]>, listener: Arc<dyn Notify>) -> Result<Registered> {
        let registered = Registered { sockets, listener };
        for handle in &registered.sockets {
            // Commands that are there already, of which it is not told, are obeyed by the look that follows.
            let _ = socket::listen(*handle, Arc::clone(&registered.listener))?;
        }
        Ok(registered)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        for handle in &self.sockets {
            socket::unlisten(*handle, &self.listener);
        }
    }
}
