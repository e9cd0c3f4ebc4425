//! What the sockets of one context share: settings, I/O threads, inproc names, and the list of those
//! that are open, for the context's end to wait for.

use super::names::Names;
use crate::error::{Error, Result};
use crate::options::ContextOptions;
use crate::pattern::Attachment;
use crate::pipe::Pipe;
use crate::reactor::{Domain, Reactor};
use crate::session::{self, NewPipe, SocketCommand, SocketMailbox};
use crate::sync::{Deadline, Event, Handle};
use crate::sys::resolve::Resolver;
use crate::sys::thread;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use std::thread::JoinHandle;

/// A context, as its sockets see it.
pub struct Environment {
    /// What zmq_ctx_set has set.
    pub options: Mutex<ContextOptions>,
    /// The inproc name space.
    pub names: Names,
    io: Mutex<Io>,
    members: Mutex<Members>,
}

/// The I/O threads, started with the first socket.
#[derive(Default)]
struct Io {
    started: bool,
    max_sockets: usize,
    reactors: Vec<Arc<Reactor>>,
    threads: Vec<JoinHandle<()>>,
    resolver: Option<Arc<Resolver>>,
}

#[derive(Default)]
struct Members {
    terminating: bool,
    sockets: HashMap<usize, Arc<SocketMailbox>>,
    /// Sockets being opened, which are not in the list yet.
    reserved: usize,
    /// Domains that still deliver for closed sockets are among these.
    domains: usize,
    /// Threads that wait for the number of members to fall.
    waiting: Vec<Arc<Event>>,
}

impl Environment {
    /// A context without sockets and threads.
    pub fn new() -> Arc<Environment> {
        Arc::new(Environment {
            options: Mutex::default(),
            names: Names::default(),
            io: Mutex::default(),
            members: Mutex::default(),
        })
    }

    /// Makes room for a socket, starting the I/O threads for the first one. Errors: `ETERM`,
    /// `EMFILE` when there are as many sockets as the context allows.
    pub fn reserve(&self) -> Result<()> {
        let max_sockets = self.start()?;
        let mut members = self.members.lock();
        if members.terminating {
            return Err(Error::Terminated);
        }
        if members.sockets.len() + members.reserved >= max_sockets {
            return Err(Error::TooManyOpen);
        }
        members.reserved += 1;
        Ok(())
    }

    /// Gives back room that was reserved and not used.
    pub fn unreserve(&self) {
        let mut members = self.members.lock();
        members.reserved -= 1;
        members.notify();
    }

    /// Enters a socket for which room was reserved. One that comes too late is told to stop at once.
    pub fn enter(&self, handle: Handle, mailbox: &Arc<SocketMailbox>) {
        let mut members = self.members.lock();
        members.reserved -= 1;
        members.sockets.insert(handle.to_bits(), Arc::clone(mailbox));
        if members.terminating {
            mailbox.post(SocketCommand::Stop);
        }
    }

    /// Takes a closed socket off the list.
    pub fn leave(&self, handle: Handle) {
        let mut members = self.members.lock();
        members.sockets.remove(&handle.to_bits());
        members.notify();
    }

    /// An I/O domain for a socket, on the least loaded reactor that `affinity` (a bit per I/O
    /// thread, 0 for any) allows, or the one of `known` that is on it. Errors: `EMTHREAD` when there
    /// is none to choose from, `EMFILE`.
    pub fn domain(self: &Arc<Self>, affinity: u64, known: &[Arc<Domain>]) -> Result<Arc<Domain>> {
        let reactor = {
            let io = self.io.lock();
            let allowed = |index: usize| affinity == 0 || index < 64 && affinity >> index & 1 == 1;
            let candidates = io.reactors.iter().enumerate().filter(|(index, _)| allowed(*index));
            let (_, reactor) = candidates.min_by_key(|(_, reactor)| reactor.load()).ok_or(Error::NoThread)?;
            Arc::clone(reactor)
        };
        if let Some(domain) = known.iter().find(|domain| Arc::ptr_eq(domain.reactor(), &reactor)) {
            return Ok(Arc::clone(domain));
        }
        let environment = Arc::clone(self);
        let domain = Domain::new(&reactor, Box::new(move || environment.domain_retired()))?;
        self.members.lock().domains += 1;
        Ok(domain)
    }

    /// The I/O threads that `affinity` allows, each as an affinity of its own.
    pub fn threads(&self, affinity: u64) -> impl Iterator<Item = u64> + use<> {
        let count = self.io.lock().reactors.len().min(64);
        (0..count).map(|index| 1 << index).filter(move |bit| affinity == 0 || affinity & bit != 0)
    }

    /// Looks up host names for connecting endpoints.
    pub fn resolver(&self) -> Arc<Resolver> {
        let mut io = self.io.lock();
        let settings = || self.options.lock().thread_settings();
        Arc::clone(io.resolver.get_or_insert_with(|| Arc::new(Resolver::new(settings()))))
    }

    /// Tells every socket that the context is terminating.
    pub fn shut_down(&self) {
        let mut members = self.members.lock();
        if !members.terminating {
            members.terminating = true;
            for mailbox in members.sockets.values() {
                mailbox.post(SocketCommand::Stop);
            }
        }
    }

    /// Waits until every socket is closed and has delivered what it lingers for, then ends the I/O
    /// threads. `Interrupted` when a signal handler ran; the context then still exists.
    pub fn finish(&self) -> Result<()> {
        let event = Arc::new(Event::new());
        self.members.lock().waiting.push(Arc::clone(&event));
        let result = loop {
            if self.members.lock().are_gone() {
                break Ok(());
            }
            if let Err(error) = event.wait(Deadline::NEVER) {
                break Err(error);
            }
        };
        self.members.lock().waiting.retain(|waiting| !Arc::ptr_eq(waiting, &event));
        if result.is_ok() {
            self.stop_threads();
        }
        result
    }

    fn domain_retired(&self) {
        let mut members = self.members.lock();
        members.domains -= 1;
        members.notify();
    }

    /// Starts the threads once; returns the limit of sockets, which is fixed then.
    fn start(&self) -> Result<usize> {
        let mut io = self.io.lock();
        if !io.started {
            let options = self.options.lock();
            // A start that failed half-way goes on from there.
            for index in io.reactors.len()..options.io_threads() {
                let reactor = Reactor::new()?;
                let runner = Arc::clone(&reactor);
                let name = format!("ZMQbg/IO/{index}");
                let thread = thread::spawn(&name, &options.thread_settings(), move || runner.run())?;
                io.reactors.push(reactor);
                io.threads.push(thread);
            }
            io.max_sockets = options.max_sockets();
            io.started = true;
        }
        Ok(io.max_sockets)
    }

    fn stop_threads(&self) {
        let mut io = self.io.lock();
        io.resolver = None;
        for reactor in io.reactors.drain(..) {
            reactor.stop();
        }
        for thread in io.threads.drain(..) {
            // A free function of a message may end the context from an I/O thread.
            if thread.thread().id() != std::thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

impl session::Names for Environment {
    fn connect(&self, name: &str, pipe: Pipe) -> bool {
        let mut pipe = Some(pipe);
        self.names.connect(name, |binder| {
            if let Some(binder) = binder
                && let Some(pipe) = pipe.take()
            {
                let attachment =
                    Attachment { announced: Some(Vec::new()), local: true, ..Attachment::default() };
                // No limits on this side, and so none at all.
                let peer_hwm = Some((0, 0));
                let new = NewPipe {
                    pipe,
                    attachment,
                    session: None,
                    record: None,
                    endpoint: None,
                    peer_hwm,
                    farewell: Vec::new(),
                };
                binder.mailbox.post(SocketCommand::Attach(Box::new(new)));
            }
            None
        });
        pipe.is_none()
    }
}

impl Members {
    fn are_gone(&self) -> bool {
        self.sockets.is_empty() && self.reserved == 0 && self.domains == 0
    }

    fn notify(&self) {
        if self.are_gone() {
            for event in &self.waiting {
                event.set();
            }
        }
    }
}
