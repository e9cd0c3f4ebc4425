//! zmq_poll: waiting for several sockets and descriptors at once.
//!
//! Sockets alone need no descriptor: the thread sleeps on its event, which the mailboxes set. With
//! descriptors in the set it sleeps in poll(2) on them and one wake-up descriptor of its own.

use crate::error::Result;
use crate::socket::{self, thread_event};
use crate::sync::{Deadline, Event, Handle, Notify};
use crate::sys::epoll::WakeFd;
use crate::sys::poll::{self, RawPoll};
use smallvec::SmallVec;
use std::cell::OnceCell;
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
    let ready = look(items)?;
    if ready > 0 || timeout_ms == 0 {
        return Ok(ready);
    }
    let deadline = Deadline::after_ms(timeout_ms);
    let descriptors = items.iter().any(|item| item.socket.is_none() && item.fd >= 0);
    let sleeper = if descriptors { Sleeper::on_descriptors(items)? } else { Sleeper::on_event() };
    let registered = Registered::new(items, sleeper.listener())?;
    let mut looked_at_once = registered.pending;
    loop {
        if !looked_at_once && !sleeper.sleep(deadline)? {
            return look(items);
        }
        looked_at_once = false;
        let ready = look(items)?;
        if ready > 0 {
            return Ok(ready);
        }
    }
}

/// One pass over the items, without waiting.
fn look(items: &mut [PollItem]) -> Result<usize> {
    let mut descriptors = false;
    let mut ready = 0;
    for item in items.iter_mut() {
        item.revents = 0;
        match item.socket {
            Some(handle) => item.revents = socket::events(handle)? & item.events,
            None => descriptors |= item.fd >= 0,
        }
    }
    if descriptors {
        look_at_descriptors(items)?;
    }
    for item in items.iter() {
        ready += usize::from(item.revents != 0);
    }
    Ok(ready)
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

/// How the thread sleeps.
enum Sleeper {
    Event(Arc<Event>),
    Descriptors(Arc<WakeFd>, SmallVec<[RawPoll; 16]>),
}

thread_local! {
    /// This thread's wake-up descriptor, made when it first polls descriptors together with sockets.
    static WAKE: OnceCell<Arc<WakeFd>> = const { OnceCell::new() };
}

impl Sleeper {
    fn on_event() -> Sleeper {
        Sleeper::Event(thread_event())
    }

    fn on_descriptors(items: &[PollItem]) -> Result<Sleeper> {
        let wake = thread_wake()?;
        wake.clear();
        let mut polled: SmallVec<[RawPoll; 16]> = raw_items(items).collect();
        polled.push(poll::readable(&*wake));
        Ok(Sleeper::Descriptors(wake, polled))
    }

    fn listener(&self) -> Arc<dyn Notify> {
        match self {
            Sleeper::Event(event) => event.clone(),
            Sleeper::Descriptors(wake, _) => wake.clone(),
        }
    }

    /// False at the deadline.
    fn sleep(&self, deadline: Deadline) -> Result<bool> {
        match self {
            Sleeper::Event(event) => event.wait(deadline),
            Sleeper::Descriptors(wake, polled) => {
                let woken = poll::poll(&mut polled.clone(), deadline.remaining())? > 0;
                wake.clear();
                Ok(woken)
            }
        }
    }
}

fn thread_wake() -> Result<Arc<WakeFd>> {
    let known = WAKE.try_with(|wake| wake.get().cloned()).ok().flatten();
    if let Some(wake) = known {
        return Ok(wake);
    }
    let wake = Arc::new(WakeFd::new()?);
    let _ = WAKE.try_with(|place| place.set(Arc::clone(&wake)));
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
