//! zmq_poll: waiting for several sockets and descriptors at once.
//!
//! Sockets alone need no descriptor: the thread sleeps on its event, which the mailboxes set. With
//! descriptors in the set it sleeps in poll(2) on them and one wake-up descriptor of its own.

use crate::error::Result;
use crate::reactor::Lead;
use crate::socket::{self, thread_event};
use crate::sync::{self, Deadline, Event, Handle, Notify};
use crate::sys::epoll::WakeFd;
use crate::sys::poll::{self, RawPoll};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::Arc;

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

/// Waits until an item is ready, at most `timeout_ms` (negative: without limit); returns how many
/// are. Errors: `ENOTSOCK`, `ETERM`, `EINTR`.
pub fn poll(items: &mut [PollItem], timeout_ms: i64) -> Result<usize> {
    if timeout_ms == 0 {
        return look(items, socket::events);
    }
    let ready = look(items, socket::known_events)?;
    if ready > 0 {
        return Ok(ready);
    }
    let deadline = Deadline::after_ms(timeout_ms);
    let sleeper = Sleeper::new(items)?;
    let mut registered = Registered::new(items, sleeper.listener())?;
    loop {
        if !std::mem::take(&mut registered.pending) && !sleeper.sleep(deadline)? {
            return look(items, socket::events);
        }
        let ready = look(items, socket::events)?;
        // Wake-ups that make nothing ready may come faster than the thread falls asleep.
        if ready > 0 || deadline.has_passed() {
            return Ok(ready);
        }
    }
}

/// One pass over the items, without waiting.
fn look(items: &mut [PollItem], events: impl Fn(Handle) -> Result<i16>) -> Result<usize> {
    items.iter_mut().for_each(|item| item.revents = 0);
    // Before the sockets: one of the descriptors may be a socket's ZMQ_FD, which looking at that clears.
    if items.iter().any(|item| item.socket.is_none() && item.fd >= 0) {
        look_at_descriptors(items)?;
    }
    for item in items.iter_mut() {
        if let Some(handle) = item.socket {
            item.revents = events(handle)? & item.events;
        }
    }
    Ok(items.iter().filter(|item| item.revents != 0).count())
}

fn look_at_descriptors(items: &mut [PollItem]) -> Result<()> {
    let mut polled: SmallVec<[RawPoll; 16]> = raw_items(items).collect();
    poll::poll(&mut polled, Some(std::time::Duration::ZERO))?;
    let raw = items.iter_mut().filter(|item| item.socket.is_none() && item.fd >= 0);
    for (item, polled) in raw.zip(&polled) {
        item.revents = poll::to_zmq(polled);
    }
    Ok(())
}

fn raw_items(items: &[PollItem]) -> impl Iterator<Item = RawPoll> {
    items
        .iter()
        .filter(|item| item.socket.is_none() && item.fd >= 0)
        .map(|item| poll::from_zmq(item.fd, item.events))
}

/// Domains that a thread leads at the most; with more sockets than that, it leaves them to the I/O
/// threads.
const MOST_LEADS: usize = 16;

/// How the thread sleeps.
enum Sleeper {
    /// On its event: no descriptors, and domains that others wait for.
    Event(Arc<Event>),
    /// In the one domain of the set.
    Domain(Lead),
    /// In poll(2).
    Descriptors(Descriptors),
}

/// Descriptors of the application, those of domains that the thread leads, and its own for being woken.
struct Descriptors {
    wake: Arc<WakeFd>,
    leads: SmallVec<[Lead; 2]>,
    /// The domains', then the wake-up, then the application's.
    polled: SmallVec<[RawPoll; 16]>,
}

thread_local! {
    /// This thread's wake-up descriptor, made when it first polls descriptors together with sockets.
    static WAKE: RefCell<Option<(u32, Arc<WakeFd>)>> = const { RefCell::new(None) };
}

impl Sleeper {
    fn new(items: &[PollItem]) -> Result<Sleeper> {
        let descriptors = items.iter().any(|item| item.socket.is_none() && item.fd >= 0);
        let mut leads = lead_domains(items)?;
        if descriptors || leads.len() > 1 {
            return Descriptors::new(items, leads).map(Sleeper::Descriptors);
        }
        Ok(leads.pop().map_or_else(|| Sleeper::Event(thread_event()), Sleeper::Domain))
    }

    fn listener(&self) -> Arc<dyn Notify> {
        match self {
            Sleeper::Event(event) => event.clone(),
            Sleeper::Domain(lead) => lead.listener(),
            Sleeper::Descriptors(descriptors) => descriptors.wake.clone(),
        }
    }

    /// False at the deadline.
    fn sleep(&self, deadline: Deadline) -> Result<bool> {
        socket::note_wait();
        match self {
            Sleeper::Event(event) => event.wait(deadline),
            Sleeper::Domain(lead) => {
                let events = lead.wait(deadline)?;
                lead.dispatch(&events);
                Ok(!events.is_empty())
            }
            Sleeper::Descriptors(descriptors) => descriptors.sleep(deadline),
        }
    }
}

fn lead_domains(items: &[PollItem]) -> Result<SmallVec<[Lead; 2]>> {
    let mut leads = SmallVec::new();
    if items.len() <= MOST_LEADS {
        for handle in items.iter().filter_map(|item| item.socket) {
            leads.extend(socket::lead(handle)?);
        }
    }
    Ok(leads)
}

impl Descriptors {
    fn new(items: &[PollItem], leads: SmallVec<[Lead; 2]>) -> Result<Descriptors> {
        let wake = thread_wake()?;
        wake.clear();
        let mut polled: SmallVec<[RawPoll; 16]> = leads.iter().map(poll::readable).collect();
        polled.push(poll::readable(&*wake));
        polled.extend(raw_items(items));
        Ok(Descriptors { wake, leads, polled })
    }

    fn sleep(&self, deadline: Deadline) -> Result<bool> {
        let mut polled = self.polled.clone();
        let woken = poll::poll(&mut polled, deadline.remaining())? > 0;
        for (lead, polled) in self.leads.iter().zip(&polled) {
            if polled.is_ready() {
                lead.look_and_dispatch();
            }
        }
        if polled.get(self.leads.len()).is_some_and(RawPoll::is_ready) {
            self.wake.clear();
        }
        Ok(woken)
    }
}

fn thread_wake() -> Result<Arc<WakeFd>> {
    // A forked child would share it with its parent, and take its wake-ups.
    let process = sync::forks();
    let known = WAKE.try_with(|wake| wake.borrow().clone()).ok().flatten();
    if let Some((_, wake)) = known.filter(|(of, _)| *of == process) {
        return Ok(wake);
    }
    let wake = Arc::new(WakeFd::new()?);
    let _ = WAKE.try_with(|place| place.replace(Some((process, Arc::clone(&wake)))));
    Ok(wake)
}

/// The listener's registrations with the mailboxes of a set, taken back in the end.
struct Registered {
    sockets: SmallVec<[Handle; 16]>,
    listener: Arc<dyn Notify>,
    /// A mailbox has commands of which the listener will not be told.
    pending: bool,
}

impl Registered {
    fn new(items: &[PollItem], listener: Arc<dyn Notify>) -> Result<Registered> {
        let mut registered = Registered { sockets: SmallVec::new(), listener, pending: false };
        for handle in items.iter().filter_map(|item| item.socket) {
            registered.pending |= socket::listen(handle, Arc::clone(&registered.listener))?;
            registered.sockets.push(handle);
        }
        // What came between the first look and this, another thread may have obeyed.
        registered.pending = true;
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
