//! The I/O side: threads, domains, timers.
//!
//! A [`Reactor`] is a thread that waits for its domains. A [`Domain`] holds the connections of one
//! socket on one reactor: their descriptors in an epoll of its own, and their actors behind one
//! lock, the *turn*, which is held for a dispatch round and never while waiting. Whoever has the turn
//! does the work: the reactor's thread as a rule, but also an application thread that binds,
//! connects or closes, or that would otherwise have to wake the reactor's thread to do its socket's
//! I/O. A holder of the turn may hold its socket's lock too, but does not take it: what it has to say to
//! the socket goes into the socket's mailbox. (Events go through the monitor's own socket, whose lock is
//! taken for that; nobody who has it takes a turn.)

mod domain;
mod lead;
mod strangers;
mod timers;

pub use domain::{Actor, ActorId, Delivered, Domain, Fate, Notice, Turn};
pub use lead::{Events, Lead};

use crate::error::{Error, Result};
use crate::msg::Loan;
use crate::sync::{Signal, Tick, boundary};
use crate::sys::epoll::{Epoll, WakeFd, Watch};
use crate::sys::report;
use crossbeam_queue::SegQueue;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// Token of the reactor's own wake-up descriptor; domains have tokens from 1.
const WAKE: u64 = 0;

/// How often the reactor looks at domains that are led, and so for how long one is unattended at the
/// most.
const TICK: Duration = Duration::from_millis(1);

/// Ticks that a leader must have waited through before the reactor stops looking.
const QUIET_TICKS: u32 = 10;

/// A domain that an application thread leads.
struct Led {
    domain: Arc<Domain>,
    visits: u32,
    quiet: u32,
}

impl Led {
    /// Looks at the domain; whether to look again.
    fn stays(&mut self) -> bool {
        match self.domain.leadership.tick(self.visits, self.quiet >= QUIET_TICKS) {
            Tick::Watch(visits) => {
                self.quiet = if visits == self.visits { self.quiet + 1 } else { 0 };
                self.visits = visits;
                true
            }
            Tick::Reclaimed => {
                self.domain.take_back();
                false
            }
            Tick::Rest | Tick::Free => false,
        }
    }
}

fn until(tick: Option<Instant>) -> Option<Duration> {
    tick.map(|tick| tick.saturating_duration_since(Instant::now()))
}

/// An I/O thread's shared part.
pub struct Reactor {
    epoll: Epoll,
    wake: WakeFd,
    stopping: AtomicBool,
    domains: Mutex<HashMap<u64, Arc<Domain>>>,
    /// Domains that have commands, for the thread; and whether it has been told.
    called: SegQueue<u64>,
    signal: Signal,
    /// What was lent by the application, was sent or dropped in a turn, and is to be given back.
    loans: SegQueue<Loan>,
    /// The thread, once it runs.
    thread: OnceLock<ThreadId>,
    /// Domains that are led, to be looked at once a tick.
    led: Mutex<Vec<Led>>,
    /// Domains that the kernel had no memory for watching: worked on once a tick, until it has.
    unwatched: Mutex<Vec<u64>>,
    next_token: AtomicU64,
    /// Actors on this reactor, for choosing the least loaded one.
    load: AtomicUsize,
}

impl Reactor {
    /// A reactor whose thread is not running yet. Errors: `EMFILE`, `ENFILE`.
    pub fn new() -> Result<Arc<Reactor>> {
        let (epoll, wake) = (Epoll::new()?, WakeFd::new()?);
        epoll.add(&wake, WAKE, Watch::Edge)?;
        Ok(Arc::new(Reactor {
            epoll,
            wake,
            stopping: AtomicBool::new(false),
            domains: Mutex::default(),
            called: SegQueue::new(),
            signal: Signal::always_heard(),
            loans: SegQueue::new(),
            thread: OnceLock::new(),
            led: Mutex::default(),
            unwatched: Mutex::default(),
            next_token: AtomicU64::new(WAKE + 1),
            load: AtomicUsize::new(0),
        }))
    }

    /// What the thread does until [`Reactor::stop`].
    pub fn run(&self) {
        let _ = self.thread.set(std::thread::current().id());
        let mut ready = Vec::new();
        let mut next_tick = None;
        while !self.stopping.load(Ordering::Acquire) {
            ready.clear();
            match self.epoll.wait(until(next_tick), |event| ready.push(event.token)) {
                Ok(_) | Err(Error::Interrupted) => {}
                Err(error) => {
                    // Nothing a program does makes waiting on our own epoll fail; report and yield.
                    report(format_args!("an I/O thread cannot wait: {error}"));
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            }
            self.obey_calls();
            for token in &ready {
                self.serve(*token, Domain::round);
            }
            next_tick = self.tick(next_tick);
            self.settle_loans();
        }
        self.settle_loans();
        // What is still looked after holds on to this reactor.
        let led = std::mem::take(&mut *self.led.lock());
        drop(led);
    }

    /// Has the thread give back what the application has lent. Whoever took the turn may hold locks of the
    /// application's, and it does not expect its function to be called by a send.
    fn give_back(&self, loans: Vec<Loan>) {
        if !loans.is_empty() {
            loans.into_iter().for_each(|loan| self.loans.push(loan));
            // The thread itself looks after each round.
            if self.thread.get() != Some(&std::thread::current().id()) {
                self.wake.signal();
            }
        }
    }

    fn settle_loans(&self) {
        while let Some(loan) = self.loans.pop() {
            drop(loan);
        }
    }

    /// Does what domains have commands for. Those that come meanwhile are left to the next time.
    fn obey_calls(&self) {
        if self.signal.lower() {
            for _ in 0..self.called.len() {
                if let Some(token) = self.called.pop() {
                    self.serve(token, Domain::obey);
                }
            }
        }
    }

    /// Has the thread obey a domain's commands. One system call, and only if the thread is not about to
    /// look anyway.
    fn call(&self, token: u64) {
        self.called.push(token);
        if self.signal.raise() {
            self.wake.signal();
        }
    }

    /// A dispatch round; a panic that no actor is to blame for costs the round.
    fn serve(&self, token: u64, round: impl FnOnce(&Arc<Domain>)) {
        if let Some(domain) = self.domain(token)
            && boundary(|| round(&domain)).is_none()
        {
            report(format_args!("a round was cut short because of a bug (panic above)"));
        }
    }

    /// Looks at the led domains when it is time to; returns when to look again, if there are any.
    fn tick(&self, due: Option<Instant>) -> Option<Instant> {
        let now = Instant::now();
        let mut led = self.led.lock();
        let nothing_unwatched = self.unwatched.lock().is_empty();
        if led.is_empty() && nothing_unwatched {
            return None;
        }
        if due.is_some_and(|due| now < due) {
            return due;
        }
        led.retain_mut(Led::stays);
        let none_led = led.is_empty();
        drop(led);
        let all_watched = self.serve_unwatched();
        (!none_led || !all_watched).then_some(now + TICK)
    }

    /// Does the work of domains that could not be watched; true if there are none any more.
    fn serve_unwatched(&self) -> bool {
        let tokens = std::mem::take(&mut *self.unwatched.lock());
        for token in tokens {
            let Some(domain) = self.domain(token) else { continue };
            if !domain.is_watched_again() {
                self.serve(token, Domain::round);
                self.unwatched.lock().push(token);
            }
        }
        self.unwatched.lock().is_empty()
    }

    fn domain(&self, token: u64) -> Option<Arc<Domain>> {
        self.domains.lock().get(&token).cloned()
    }

    /// Waits for a domain from now on. Not needed twice, and harmless.
    fn try_watch(&self, domain: impl AsFd, token: u64) -> Result<()> {
        match self.epoll.add(domain, token, Watch::Level) {
            Err(Error::Os(libc::EEXIST)) => Ok(()),
            added => added,
        }
    }

    /// As `try_watch`; if that cannot be, the domain is served all the same.
    fn watch(&self, domain: impl AsFd, token: u64) {
        if self.try_watch(domain, token).is_err() {
            self.unwatched.lock().push(token);
            self.wake.signal();
        }
    }

    /// Does not wait for a domain any more. Taken out rather than switched off: an epoll in another one's
    /// set passes every event on to it, wanted or not.
    fn unwatch(&self, domain: impl AsFd) {
        let _ = self.epoll.remove(domain);
    }

    /// Looks at a led domain once a tick from now on.
    fn look_after(&self, domain: &Arc<Domain>) {
        let mut led = self.led.lock();
        // A leader may come back from its wait after the reactor's end.
        let is_known = led.iter().any(|known| Arc::ptr_eq(&known.domain, domain));
        if is_known || self.stopping.load(Ordering::Acquire) {
            return;
        }
        led.push(Led { domain: Arc::clone(domain), visits: 0, quiet: 0 });
        if led.len() == 1 {
            self.wake.signal();
        }
    }

    /// Makes `run` return.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.wake.signal();
    }

    /// Actors on this reactor.
    pub fn load(&self) -> usize {
        self.load.load(Ordering::Relaxed)
    }
}
