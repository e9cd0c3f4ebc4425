//! The I/O side: threads, domains, timers.
//!
//! A [`Reactor`] is a thread that waits for its domains. A [`Domain`] holds the connections of one
//! socket on one reactor: their descriptors in an epoll of its own, and their actors behind one
//! lock, the *turn*, which is held for a dispatch round and never while waiting. Whoever has the turn
//! does the work: the reactor's thread as a rule, but also an application thread that binds,
//! connects or closes, or that would otherwise have to wake the reactor's thread to do its socket's
//! I/O. A holder of the turn may hold its socket's lock too, but never takes a socket's lock itself:
//! what it has to say to a socket goes into the socket's mailbox.

mod domain;
mod timers;

pub use domain::{Actor, ActorId, Domain, Fate, Notice, Turn};

use crate::error::{Error, Result};
use crate::sys::epoll::{Epoll, WakeFd, Watch};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Token of the reactor's own wake-up descriptor; domains have tokens from 1.
const WAKE: u64 = 0;

/// An I/O thread's shared part.
pub struct Reactor {
    epoll: Epoll,
    wake: WakeFd,
    stopping: AtomicBool,
    domains: Mutex<HashMap<u64, Arc<Domain>>>,
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
            next_token: AtomicU64::new(WAKE + 1),
            load: AtomicUsize::new(0),
        }))
    }

    /// What the thread does until [`Reactor::stop`].
    pub fn run(&self) {
        let mut ready = Vec::new();
        while !self.stopping.load(Ordering::Acquire) {
            ready.clear();
            match self.epoll.wait(None, |event| ready.push(event.token)) {
                Ok(_) | Err(Error::Interrupted) => {}
                Err(error) => {
                    // Nothing a program does makes waiting on our own epoll fail; report and yield.
                    eprintln!("ferrozmq: an I/O thread cannot wait: {error}");
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
            }
            for token in &ready {
                let domain = self.domains.lock().get(token).cloned();
                if let Some(domain) = domain {
                    domain.round();
                }
            }
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
