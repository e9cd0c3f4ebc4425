//! Pollers by handle: sets of sockets and descriptors that a program changes one by one (zmq_poller_*).
//!
//! Several threads may use one poller: a wait leaves it while it sleeps. A socket that is closed while it is
//! registered makes waits fail with `ENOTSOCK` until the poller is destroyed.

use super::ALL_EVENTS;
use super::registry::{EntryKey, Registry, Shared};
use super::sleeper::{MOST_LEADS, Sleeper};
use crate::error::{Error, Result};
use crate::socket::{self, thread_event};
use crate::sync::{Deadline, Guard, Handle, Table};
use crate::sys::poll::{self, RawPoll};
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::Duration;

static POLLERS: Table<Poller> = Table::new(2);

/// What a wait found.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// The socket; None for a descriptor.
    pub socket: Option<Handle>,
    /// The descriptor; -1 for a socket.
    pub fd: RawFd,
    /// What the caller gave with the registration.
    pub data: usize,
    /// What it is ready for.
    pub events: i16,
}

#[derive(Default)]
struct Poller {
    registry: Registry,
    sockets: HashMap<Handle, EntryKey>,
    /// By order of registration, which sockets and descriptors share.
    descriptors: BTreeMap<usize, Descriptor>,
    next_number: usize,
}

struct Descriptor {
    fd: RawFd,
    events: i16,
    data: usize,
}

/// A new poller. None when there are too many.
pub fn new() -> Option<Handle> {
    POLLERS.insert(Poller::default())
}

/// Unregisters everything; threads that wait are woken and find no poller. `EFAULT`.
pub fn destroy(handle: Handle) -> Result<()> {
    let poller = POLLERS.remove(handle).ok_or(Error::Fault)?;
    let shared = poller.registry.shared();
    drop(poller);
    shared.wake();
    Ok(())
}

/// How many sockets and descriptors are registered. `EFAULT`.
pub fn size(handle: Handle) -> Result<usize> {
    let poller = enter(handle)?;
    Ok(poller.registry.len() + poller.descriptors.len())
}

/// Registers a socket. `EFAULT`, `ENOTSOCK`, `EINVAL` (unknown events, registered already).
pub fn add(handle: Handle, socket: Handle, data: usize, events: i16) -> Result<()> {
    let mut poller = enter_with(handle, socket)?;
    check(events)?;
    if poller.sockets.contains_key(&socket) {
        return Err(Error::Invalid);
    }
    let number = poller.number();
    let key = poller.registry.add(socket, events, number, data)?;
    poller.sockets.insert(socket, key);
    Ok(())
}

/// Looks for other events on a socket. `EFAULT`, `ENOTSOCK`, `EINVAL` (unknown events, not registered).
pub fn modify(handle: Handle, socket: Handle, events: i16) -> Result<()> {
    let mut poller = enter_with(handle, socket)?;
    check(events)?;
    let key = *poller.sockets.get(&socket).ok_or(Error::Invalid)?;
    poller.registry.modify(key, events);
    Ok(())
}

/// Unregisters a socket. `EFAULT`, `ENOTSOCK`, `EINVAL` (not registered).
pub fn remove(handle: Handle, socket: Handle) -> Result<()> {
    let mut poller = enter_with(handle, socket)?;
    let key = poller.sockets.remove(&socket).ok_or(Error::Invalid)?;
    poller.registry.remove(key);
    Ok(())
}

/// Registers a descriptor. `EFAULT`, `EBADF` (-1), `EINVAL` (unknown events, registered already).
pub fn add_descriptor(handle: Handle, fd: RawFd, data: usize, events: i16) -> Result<()> {
    let mut poller = enter(handle)?;
    check_descriptor(fd)?;
    check(events)?;
    if poller.find(fd).is_some() {
        return Err(Error::Invalid);
    }
    let number = poller.number();
    poller.descriptors.insert(number, Descriptor { fd, events, data });
    Ok(())
}

/// Looks for other events on a descriptor. `EFAULT`, `EBADF`, `EINVAL`.
pub fn modify_descriptor(handle: Handle, fd: RawFd, events: i16) -> Result<()> {
    let mut poller = enter(handle)?;
    check_descriptor(fd)?;
    check(events)?;
    let number = poller.find(fd).ok_or(Error::Invalid)?;
    if let Some(descriptor) = poller.descriptors.get_mut(&number) {
        descriptor.events = events;
    }
    Ok(())
}

/// Unregisters a descriptor. `EFAULT`, `EBADF`, `EINVAL`.
pub fn remove_descriptor(handle: Handle, fd: RawFd) -> Result<()> {
    let mut poller = enter(handle)?;
    check_descriptor(fd)?;
    let number = poller.find(fd).ok_or(Error::Invalid)?;
    poller.descriptors.remove(&number);
    Ok(())
}

/// A descriptor that is readable when commands have come for thread-safe sockets since the last wait.
/// `EFAULT`, `EINVAL` (no such socket is registered), `EMFILE`.
pub fn activity_descriptor(handle: Handle) -> Result<RawFd> {
    let poller = enter(handle)?;
    if !poller.registry.entries().any(|entry| entry.thread_safe) {
        return Err(Error::Invalid);
    }
    poller.registry.activity()
}

/// Waits until something is ready, at most `timeout_ms` (negative: without limit); gives at most `room`
/// of what is, in the order of registration, and at least one. Errors: `EAGAIN` (timeout), `EFAULT` (no
/// poller, or nothing to wait for without limit), `ENOTSOCK`, `ETERM`, `EINTR`.
pub fn wait(handle: Handle, room: usize, timeout_ms: i64) -> Result<SmallVec<[Ready; 4]>> {
    let mut poller = enter(handle)?;
    if timeout_ms < 0 && !poller.waits_for_any() {
        return Err(Error::Fault);
    }
    let deadline = Deadline::after_ms(timeout_ms);
    if room == 0 {
        drop(poller);
        let event = thread_event();
        while event.wait(deadline)? {}
        return Err(Error::Again);
    }
    let mut waits = timeout_ms != 0;
    let mut ready = poller.look(room, if waits { socket::known_events } else { socket::events })?;
    if ready.is_empty() && waits {
        let mut sleeper = Sleeper::new(&poller.registry.next_leads(), poller.polled(), None)?;
        while ready.is_empty() && waits {
            let shared: Arc<Shared> = poller.registry.shared();
            drop(poller);
            // Wake-ups that make nothing ready may come faster than the thread falls asleep.
            waits = shared.sleep(&mut sleeper, deadline)? && !deadline.has_passed();
            poller = enter(handle)?;
            ready = poller.look(room, socket::events)?;
        }
    }
    if ready.is_empty() { Err(Error::Again) } else { Ok(ready) }
}

impl Poller {
    fn number(&mut self) -> usize {
        self.next_number += 1;
        self.next_number
    }

    fn find(&self, fd: RawFd) -> Option<usize> {
        let found = self.descriptors.iter().find(|(_, descriptor)| descriptor.fd == fd);
        found.map(|(number, _)| *number)
    }

    /// Whether anything registered can become ready.
    fn waits_for_any(&self) -> bool {
        self.registry.entries().any(|entry| entry.events != 0) || self.polled().next().is_some()
    }

    /// Descriptors with events to look for.
    fn watched(&self) -> impl Iterator<Item = (usize, &Descriptor)> {
        let descriptors = self.descriptors.iter().map(|(number, descriptor)| (*number, descriptor));
        descriptors.filter(|(_, descriptor)| descriptor.events != 0)
    }

    fn polled(&self) -> impl Iterator<Item = RawPoll> {
        self.watched().map(|(_, descriptor)| poll::from_zmq(descriptor.fd, descriptor.events))
    }

    /// One pass, without waiting: at most `room` of what is ready. `events` is for few sockets, which are
    /// all looked at.
    fn look(&mut self, room: usize, events: fn(Handle) -> Result<i16>) -> Result<SmallVec<[Ready; 4]>> {
        let mut ready: SmallVec<[(usize, Ready); 4]> = SmallVec::new();
        self.look_at_descriptors(&mut ready)?;
        let few = self.registry.len() <= MOST_LEADS;
        self.registry.look(few, if few { events } else { socket::watched_events })?;
        ready.extend(self.registry.found().map(|entry| {
            let (socket, data, events) = (Some(entry.socket), entry.data, entry.revents);
            (entry.number, Ready { socket, fd: -1, data, events })
        }));
        ready.sort_unstable_by_key(|(number, _)| *number);
        Ok(ready.into_iter().map(|(_, ready)| ready).take(room).collect())
    }

    fn look_at_descriptors(&self, ready: &mut SmallVec<[(usize, Ready); 4]>) -> Result<()> {
        let mut polled: SmallVec<[RawPoll; 16]> = self.polled().collect();
        if polled.is_empty() {
            return Ok(());
        }
        poll::poll(&mut polled, Some(Duration::ZERO))?;
        for ((number, descriptor), polled) in self.watched().zip(&polled) {
            if polled.is_ready() {
                let (fd, data, events) = (descriptor.fd, descriptor.data, poll::to_zmq(polled));
                ready.push((number, Ready { socket: None, fd, data, events }));
            }
        }
        Ok(())
    }
}

fn enter(handle: Handle) -> Result<Guard<'static, Poller>> {
    POLLERS.lock(handle).ok_or(Error::Fault)
}

/// As [`enter`], for a call about a socket, which must be open.
fn enter_with(handle: Handle, socket: Handle) -> Result<Guard<'static, Poller>> {
    let poller = enter(handle)?;
    socket::is_thread_safe(socket)?;
    Ok(poller)
}

fn check(events: i16) -> Result<()> {
    if events & !ALL_EVENTS == 0 { Ok(()) } else { Err(Error::Invalid) }
}

fn check_descriptor(fd: RawFd) -> Result<()> {
    if fd == -1 { Err(Error::Os(libc::EBADF)) } else { Ok(()) }
}
