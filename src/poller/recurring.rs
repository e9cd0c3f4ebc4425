//! zmq_poll with the same set again and again, as programs do in a loop.
//!
//! A thread remembers the set of its last call. When the same one comes again, its sockets are registered
//! and stay so until another set comes or the thread ends: from then on a call looks at what happened and
//! at nothing else. An error undoes that, so that the next call finds it again.

use super::registry::Registry;
use super::sleeper::Sleeper;
use super::{PollItem, Terms, look_at_descriptors, raw_items};
use crate::error::Result;
use crate::socket;
use crate::sync::{self, Deadline};
use std::cell::RefCell;

/// A set that a thread has polled.
struct Known {
    /// Value of [`sync::forks`]: a child does not touch what its parent has registered.
    process: u32,
    items: Vec<PollItem>,
    has_descriptors: bool,
    /// Since the set came a second time.
    registry: Option<Registry>,
}

thread_local! {
    static LAST: RefCell<Option<Known>> = const { RefCell::new(None) };
}

/// Polls a set that this thread has polled before. None if it has not, and then what it polled is
/// forgotten.
pub(super) fn poll(items: &mut [PollItem], timeout_ms: i64) -> Option<Result<usize>> {
    let last = LAST.try_with(|last| last.borrow_mut().take()).ok()?;
    let mut known = last.filter(|known| known.is(items))?;
    let polled = known.poll(items, timeout_ms);
    if polled.is_ok() {
        keep(known);
    }
    Some(polled)
}

/// Remembers a set that is polled for the first time.
pub(super) fn remember(items: &[PollItem]) {
    keep(Known::new(items));
}

fn keep(known: Known) {
    let _ = LAST.try_with(|last| last.replace(Some(known)));
}

impl Known {
    fn new(items: &[PollItem]) -> Known {
        let has_descriptors = raw_items(items, Terms::Poll).next().is_some();
        Known { process: sync::forks(), items: items.to_vec(), has_descriptors, registry: None }
    }

    fn is(&self, items: &[PollItem]) -> bool {
        let key = |item: &PollItem| (item.socket, item.fd, item.events);
        self.process == sync::forks()
            && self.items.len() == items.len()
            && self.items.iter().zip(items).all(|(known, item)| key(known) == key(item))
    }

    fn poll(&mut self, items: &mut [PollItem], timeout_ms: i64) -> Result<usize> {
        if self.registry.is_none() {
            self.registry = Some(register(items)?);
        }
        let Some(registry) = &mut self.registry else { return Ok(0) };
        let ready = look(registry, items, self.has_descriptors)?;
        if ready > 0 || timeout_ms == 0 {
            return Ok(ready);
        }
        let deadline = Deadline::after_ms(timeout_ms);
        let mut sleeper = Sleeper::new(&registry.next_leads(), raw_items(items, Terms::Poll), None)?;
        let shared = registry.shared();
        loop {
            let in_time = shared.sleep(&mut sleeper, deadline)?;
            let ready = look(registry, items, self.has_descriptors)?;
            if ready > 0 || !in_time || deadline.has_passed() {
                return Ok(ready);
            }
        }
    }
}

fn register(items: &[PollItem]) -> Result<Registry> {
    let mut registry = Registry::default();
    for (index, item) in items.iter().enumerate() {
        if let Some(socket) = item.socket {
            registry.add(socket, item.events, index, 0)?;
        }
    }
    Ok(registry)
}

/// One pass, without waiting.
fn look(registry: &mut Registry, items: &mut [PollItem], has_descriptors: bool) -> Result<usize> {
    items.iter_mut().for_each(|item| item.revents = 0);
    if has_descriptors {
        look_at_descriptors(items, Terms::Poll)?;
    }
    registry.look(false, socket::watched_events)?;
    for entry in registry.found() {
        if let Some(item) = items.get_mut(entry.number) {
            item.revents = entry.revents;
        }
    }
    let descriptors =
        if has_descriptors { items.iter().filter(|item| is_ready_descriptor(item)).count() } else { 0 };
    Ok(registry.found().count() + descriptors)
}

fn is_ready_descriptor(item: &PollItem) -> bool {
    item.socket.is_none() && item.revents != 0
}
