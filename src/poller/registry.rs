//! Sockets that stay registered from one wait to the next.
//!
//! A registered socket *marks* its entry when it may have become ready: a command has come for it, or a
//! call was made on it. A wait looks at the entries that are marked and at those it found ready the last
//! time, as readiness lasts until somebody has used it up. So a wait costs as much as there is going on,
//! however many sockets are registered.
//!
//! The marks are collected in a mailbox, on which the thread listens while it sleeps. An entry is
//! unmarked first and looked at then: what changes after the look marks it again.

use super::sleeper::{MOST_LEADS, Sleeper};
use crate::actor::Mailbox;
use crate::error::Result;
use crate::socket;
use crate::sync::{Deadline, Handle, Notify, Signal};
use crate::sys::epoll::WakeFd;
use slotmap::SlotMap;
use smallvec::SmallVec;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::sync::{Arc, OnceLock};

slotmap::new_key_type! {
    /// Names an entry.
    pub(super) struct EntryKey;
}

/// Sockets to look at, and what was found. Its owner uses it from one thread at a time.
#[derive(Default)]
pub(super) struct Registry {
    shared: Arc<Shared>,
    entries: SlotMap<EntryKey, Entry>,
    /// Entries that the last look found ready, and those that it found not to be.
    found: Vec<EntryKey>,
    idle: Vec<EntryKey>,
    /// Entries whose I/O domains the last sleep has led.
    led: Vec<EntryKey>,
    /// Number of the present look: an entry that carries it has been looked at.
    look: u64,
}

/// A registered socket.
pub(super) struct Entry {
    pub(super) socket: Handle,
    /// What to look for.
    pub(super) events: i16,
    /// What the last look found of that.
    pub(super) revents: i16,
    /// The owner's own numbers for the entry: its place in the set, and anything else.
    pub(super) number: usize,
    pub(super) data: usize,
    pub(super) thread_safe: bool,
    mark: Arc<Mark>,
    listener: Arc<dyn Notify>,
    look: u64,
}

/// Where entries are marked, by any thread.
#[derive(Default)]
pub(super) struct Shared {
    marked: Mailbox<EntryKey>,
    /// Readable when commands have come for thread-safe sockets, once somebody has asked for it.
    activity: OnceLock<WakeFd>,
}

/// Whether an entry is marked.
struct Mark {
    signal: Signal,
    key: EntryKey,
    shared: Arc<Shared>,
}

impl Notify for Mark {
    fn notify(&self) {
        if self.signal.raise() {
            self.shared.marked.post(self.key);
        }
    }
}

/// The listener of a thread-safe socket. Calls made on it are no activity: an event loop that makes some
/// whenever it is told would never come to rest.
struct Activity(Arc<Mark>);

impl Notify for Activity {
    fn notify(&self) {
        self.0.notify();
        if let Some(activity) = self.0.shared.activity.get() {
            activity.signal();
        }
    }
}

impl Registry {
    /// Where its entries are marked; a thread that sleeps listens there.
    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// Registers a socket. `ENOTSOCK`.
    pub(super) fn add(
        &mut self,
        socket: Handle,
        events: i16,
        number: usize,
        data: usize,
    ) -> Result<EntryKey> {
        let thread_safe = socket::is_thread_safe(socket)?;
        let shared = self.shared();
        let key = self.entries.insert_with_key(|key| {
            let mark = Arc::new(Mark { signal: Signal::always_heard(), key, shared });
            let listener: Arc<dyn Notify> =
                if thread_safe { Arc::new(Activity(Arc::clone(&mark))) } else { mark.clone() };
            Entry { socket, events, revents: 0, number, data, thread_safe, mark, listener, look: 0 }
        });
        if let Err(error) = self.entries.get(key).map_or(Ok(()), Entry::watch) {
            self.entries.remove(key);
            return Err(error);
        }
        self.mark(key);
        Ok(key)
    }

    /// Unregisters a socket.
    pub(super) fn remove(&mut self, key: EntryKey) {
        if let Some(entry) = self.entries.remove(key) {
            entry.unwatch();
        }
    }

    /// Looks for other events on a socket.
    pub(super) fn modify(&mut self, key: EntryKey, events: i16) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.events = events;
            self.mark(key);
        }
    }

    /// Has an entry looked at the next time.
    fn mark(&self, key: EntryKey) {
        if let Some(entry) = self.entries.get(key) {
            entry.mark.notify();
        }
    }

    /// How many sockets are registered.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Sockets whose I/O domains the thread should lead: something has happened to them and they are not
    /// ready, so that they may be next. None if those are many. The next look looks at them again.
    pub(super) fn next_leads(&mut self) -> SmallVec<[Handle; MOST_LEADS]> {
        self.led = std::mem::take(&mut self.idle);
        if self.led.len() > MOST_LEADS {
            self.led.clear();
        }
        self.led.iter().filter_map(|key| self.entries.get(*key)).map(|entry| entry.socket).collect()
    }

    /// All entries.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Entries that the last look found ready.
    pub(super) fn found(&self) -> impl Iterator<Item = &Entry> {
        self.found.iter().filter_map(|key| self.entries.get(*key))
    }

    /// Looks at the entries that may be ready, or at all of them, without waiting. The first error of a
    /// socket, which stays marked: `ENOTSOCK`, `ETERM`.
    pub(super) fn look(&mut self, all: bool, events: impl Fn(Handle) -> Result<i16>) -> Result<()> {
        self.look += 1;
        // In this order: what is marked from now on wakes the thread and is found the next time.
        self.shared.marked.begin();
        if let Some(activity) = self.shared.activity.get() {
            activity.clear();
        }
        let mut candidates = std::mem::take(&mut self.found);
        // Their domains are nobody's after the sleep: this look gives them back.
        candidates.extend_from_slice(&self.led);
        self.idle.clear();
        while let Some(key) = self.shared.marked.take() {
            candidates.push(key);
        }
        if all {
            candidates = self.entries.keys().collect();
        }
        let mut result = Ok(());
        for key in candidates {
            let Some(entry) = self.entries.get_mut(key) else { continue };
            if std::mem::replace(&mut entry.look, self.look) == self.look {
                continue;
            }
            entry.mark.signal.lower();
            match events(entry.socket) {
                Ok(events) => {
                    entry.revents = events & entry.events;
                    let list = if entry.revents != 0 { &mut self.found } else { &mut self.idle };
                    list.push(key);
                }
                Err(error) => {
                    entry.revents = 0;
                    entry.mark.notify();
                    result = result.and(Err(error));
                }
            }
        }
        result
    }

    /// A descriptor that is readable when commands have come for thread-safe sockets. `EMFILE`.
    pub(super) fn activity(&self) -> Result<RawFd> {
        if let Some(activity) = self.shared.activity.get() {
            return Ok(activity.as_fd().as_raw_fd());
        }
        let activity = WakeFd::new()?;
        // What has come before did not signal it.
        activity.signal();
        Ok(self.shared.activity.get_or_init(|| activity).as_fd().as_raw_fd())
    }
}

impl Shared {
    /// Sleeps until an entry is marked, unless one is already, or a descriptor is ready. False at the
    /// deadline.
    pub(super) fn sleep(&self, sleeper: &mut Sleeper, deadline: Deadline) -> Result<bool> {
        let listener = sleeper.listener();
        let slept =
            if self.marked.listen(Arc::clone(&listener)) { None } else { Some(sleeper.sleep(deadline)) };
        // Before the I/O that the thread was woken for: that will mark entries, and wake nobody.
        self.marked.unlisten(&listener);
        slept.map_or(Ok(true), |woken| Ok(sleeper.attend(woken?)))
    }

    /// Ends the sleep of whoever sleeps.
    pub(super) fn wake(&self) {
        self.marked.notify();
    }
}

impl Entry {
    fn watch(&self) -> Result<()> {
        socket::watch(self.socket, Arc::clone(&self.listener), self.mark.clone())
    }

    fn unwatch(&self) {
        let calls: Arc<dyn Notify> = self.mark.clone();
        socket::unwatch(self.socket, &self.listener, &calls);
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.entries.values().for_each(Entry::unwatch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::poll::{self, RawPoll};
    use std::time::Duration;

    fn is_readable(fd: RawFd) -> bool {
        let mut polled = [poll::from_zmq(fd, 1)];
        poll::poll(&mut polled, Some(Duration::ZERO)).expect("a poll");
        polled.iter().any(RawPoll::is_ready)
    }

    #[test]
    fn commands_for_thread_safe_sockets_are_activity_and_calls_are_not() {
        let mut registry = Registry::default();
        let signal = Signal::always_heard();
        let mark = Arc::new(Mark { signal, key: EntryKey::default(), shared: registry.shared() });
        let activity = Activity(Arc::clone(&mark));
        activity.notify();
        let fd = registry.activity().expect("a descriptor");
        assert_eq!(registry.activity(), Ok(fd));
        assert!(is_readable(fd), "a command came before");
        registry.look(true, |_| Ok(0)).expect("no socket");
        assert!(!is_readable(fd));
        mark.signal.lower();
        mark.notify();
        assert!(!is_readable(fd), "a call");
        activity.notify();
        assert!(is_readable(fd), "a command, of which the entry was marked already");
    }
}
