//! An application thread that waits for its socket's domain itself.
//!
//! While it leads, the domain is taken out of the reactor's epoll: bytes that arrive wake this
//! thread and no other. Whatever else is meant for the domain wakes it through the domain's wake-up
//! descriptor. See [`Leadership`](crate::sync::Leadership) for how the domain comes back.

use super::domain::{Domain, Ready};
use crate::error::Result;
use crate::sync::{Deadline, Notify};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// The lead of a domain; dropping it leaves.
pub struct Lead {
    domain: Arc<Domain>,
}

impl Lead {
    /// Takes the lead, unless another thread has it.
    pub(super) fn take(domain: &Arc<Domain>) -> Option<Lead> {
        domain.enter().then(|| Lead { domain: Arc::clone(domain) })
    }

    /// What a mailbox tells to end this thread's wait.
    pub fn listener(&self) -> Arc<dyn Notify> {
        self.domain.listener()
    }

    /// Waits for events of the domain; none at the deadline. `EINTR` when a signal handler ran.
    pub fn wait(&self, deadline: Deadline) -> Result<Events> {
        let mut events = Events::default();
        self.domain.wait(deadline.remaining(), &mut events.0)?;
        Ok(events)
    }

    /// Does the domain's work, whatever there is, without waiting.
    pub fn look_and_dispatch(&self) {
        self.domain.look_and_dispatch();
    }

    /// Does the domain's work: what the events say, commands, timers.
    pub fn dispatch(&self, events: &Events) {
        self.domain.dispatch(&events.0);
    }
}

/// What a wait found.
#[derive(Default)]
pub struct Events(Ready);

impl Events {
    /// Whether the wait ended by its deadline.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl AsFd for Lead {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.domain.epoll_fd()
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.domain.leave();
    }
}
