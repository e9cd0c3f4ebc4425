//! How a thread that polls falls asleep: on its event, on the domain it leads, or in poll(2).

use crate::error::Result;
use crate::reactor::{Events, Lead};
use crate::socket::{self, thread_event};
use crate::sync::{self, Deadline, Event, Handle, Look, Notify};
use crate::sys::epoll::WakeFd;
use crate::sys::poll::{self, RawPoll, SignalMask};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::sync::Arc;

/// Sockets whose domains a thread leads at the most; with more than that, it leaves them to the I/O
/// threads.
pub(super) const MOST_LEADS: usize = 16;

/// How the thread sleeps. Made anew for each call that waits.
pub(super) enum Sleeper {
    /// On its event, after a look around: no descriptors, and domains that others wait for.
    Event(Arc<Event>, Look),
    /// In the one domain of the set.
    Domain(Lead),
    /// In poll(2).
    Descriptors(Box<Descriptors>),
}

/// Descriptors of the application, those of domains that the thread leads, and its own for being woken.
pub(super) struct Descriptors {
    wake: Arc<WakeFd>,
    leads: SmallVec<[Lead; 2]>,
    /// The domains', then the wake-up, then the application's.
    polled: SmallVec<[RawPoll; 16]>,
    mask: Option<SignalMask>,
}

/// What ended a sleep, still to be attended to.
pub(super) enum Woken {
    /// The deadline passed.
    Nothing,
    /// Somebody woke the thread, or one of the application's descriptors is ready.
    Called,
    /// The domain that it leads has these.
    Events(Events),
    /// poll(2) has found something.
    Polled,
}

thread_local! {
    /// This thread's wake-up descriptor, made when it first polls descriptors together with sockets.
    static WAKE: RefCell<Option<(u32, Arc<WakeFd>)>> = const { RefCell::new(None) };
}

impl Sleeper {
    /// For a set of these sockets, of which the thread leads the domains if they are few, and these
    /// descriptors. With a signal mask, which holds during the sleep, it takes poll(2).
    pub(super) fn new(
        sockets: &[Handle],
        descriptors: impl Iterator<Item = RawPoll>,
        mask: Option<&SignalMask>,
    ) -> Result<Sleeper> {
        let mut leads = SmallVec::<[Lead; 2]>::new();
        let few = (1..=MOST_LEADS).contains(&sockets.len());
        // Who does the I/O of any of them may need this processor.
        let mut look = if few { Look::Long } else { Look::Short };
        for handle in sockets.iter().filter(|_| few) {
            let (lead, of_socket) = socket::lead(*handle)?;
            leads.extend(lead);
            look = look.min(of_socket);
        }
        let mut descriptors = descriptors.peekable();
        if mask.is_some() || descriptors.peek().is_some() || leads.len() > 1 {
            let descriptors = Descriptors::new(leads, descriptors, mask.copied())?;
            return Ok(Sleeper::Descriptors(Box::new(descriptors)));
        }
        Ok(leads.pop().map_or_else(|| Sleeper::Event(thread_event(), look), Sleeper::Domain))
    }

    /// What ends the sleep.
    pub(super) fn listener(&self) -> Arc<dyn Notify> {
        match self {
            Sleeper::Event(event, _) => event.clone(),
            Sleeper::Domain(lead) => lead.listener(),
            Sleeper::Descriptors(descriptors) => descriptors.wake.clone(),
        }
    }

    /// Sleeps until the listener is told, a descriptor is ready or the deadline passes.
    pub(super) fn sleep(&mut self, deadline: Deadline) -> Result<Woken> {
        socket::note_wait();
        match self {
            Sleeper::Event(event, look) => {
                look.around(|| event.is_set());
                Ok(if event.wait(deadline)? { Woken::Called } else { Woken::Nothing })
            }
            Sleeper::Domain(lead) => {
                let events = lead.wait(deadline)?;
                Ok(if events.is_empty() { Woken::Nothing } else { Woken::Events(events) })
            }
            Sleeper::Descriptors(descriptors) => descriptors.sleep(deadline),
        }
    }

    /// Does the I/O that a sleep was ended for. Apart from it, so that what this tells the thread's own
    /// sockets need not wake the thread. False at the deadline.
    pub(super) fn attend(&self, woken: Woken) -> bool {
        match (self, woken) {
            (_, Woken::Nothing) => false,
            (Sleeper::Domain(lead), Woken::Events(events)) => {
                lead.dispatch(&events);
                true
            }
            (Sleeper::Descriptors(descriptors), Woken::Polled) => {
                descriptors.attend();
                true
            }
            _ => true,
        }
    }
}

impl Descriptors {
    fn new(
        leads: SmallVec<[Lead; 2]>,
        descriptors: impl Iterator<Item = RawPoll>,
        mask: Option<SignalMask>,
    ) -> Result<Descriptors> {
        let wake = thread_wake()?;
        wake.clear();
        let mut polled: SmallVec<[RawPoll; 16]> = leads.iter().map(poll::readable).collect();
        polled.push(poll::readable(&*wake));
        polled.extend(descriptors);
        Ok(Descriptors { wake, leads, polled, mask })
    }

    fn sleep(&mut self, deadline: Deadline) -> Result<Woken> {
        let count = poll::poll_masked(&mut self.polled, deadline.remaining(), self.mask.as_ref())?;
        Ok(if count > 0 { Woken::Polled } else { Woken::Nothing })
    }

    fn attend(&self) {
        for (lead, polled) in self.leads.iter().zip(&self.polled) {
            if polled.is_ready() {
                lead.look_and_dispatch();
            }
        }
        if self.polled.get(self.leads.len()).is_some_and(RawPoll::is_ready) {
            self.wake.clear();
        }
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
