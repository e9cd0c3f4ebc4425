//! A listener: accepts connections and makes a session for each.

use super::connection::Session;
use super::endpoint::SessionConfig;
use super::events::Event;
use crate::reactor::{Actor, Domain, Fate, Notice, Turn};
use crate::sys::epoll::Readiness;
use crate::sys::net::{self, AcceptError, Stream};
use crate::sys::report;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pause after accepting failed for want of descriptors or memory.
const PAUSE: Duration = Duration::from_millis(100);

/// Connections accepted in a row before others have their turn, and when an application thread waits for
/// them.
const BUDGET: usize = 16;
const BUDGET_AWAITED: usize = 4;

/// A bound endpoint.
pub struct Listener {
    config: Arc<SessionConfig>,
    listener: Option<net::Listener>,
    /// Where sessions can live: one domain per I/O thread that the socket may use.
    homes: Vec<Arc<Domain>>,
    /// Want of descriptors has been reported and is not over.
    exhausted: bool,
    /// Until when those who come have to wait for that to be over.
    paused_until: Option<Instant>,
}

impl Listener {
    /// An actor for a descriptor that listens.
    pub fn new(config: Arc<SessionConfig>, listener: net::Listener, homes: Vec<Arc<Domain>>) -> Listener {
        Listener { config, listener: Some(listener), homes, exhausted: false, paused_until: None }
    }

    fn accept(&mut self, turn: &mut Turn) -> Fate {
        if self.paused_until.is_some_and(|until| Instant::now() < until) {
            return Fate::Lives;
        }
        self.paused_until = None;
        let budget = if turn.is_awaited() { BUDGET_AWAITED } else { BUDGET };
        for _ in 0..budget {
            let Some(listener) = &self.listener else { return Fate::Ends };
            match listener.accept() {
                Ok(stream) => {
                    self.exhausted = false;
                    self.admit(turn, stream);
                }
                Err(AcceptError::WouldBlock) => return Fate::Lives,
                Err(AcceptError::Lost(error)) => self.raise(Event::AcceptFailed, error.errno() as u64),
                Err(AcceptError::Exhausted(error) | AcceptError::Broken(error)) => {
                    self.raise(Event::AcceptFailed, error.errno() as u64);
                    if !self.exhausted {
                        self.exhausted = true;
                        report(format_args!("cannot accept on {}: {error}; trying again", self.config.text));
                    }
                    let until = Instant::now() + PAUSE;
                    self.paused_until = Some(until);
                    turn.set_timer(until, 0);
                    return Fate::Lives;
                }
            }
        }
        turn.again();
        Fate::Lives
    }

    fn admit(&mut self, turn: &mut Turn, stream: Stream) {
        if !self.config.admits(&stream) {
            self.raise(Event::AcceptFailed, libc::EACCES as u64);
            return;
        }
        self.config.tune(&stream, self.config.text.starts_with("tcp://"));
        let session = Box::new(Session::accepted(Arc::clone(&self.config), stream));
        match self.homes.iter().min_by_key(|home| home.reactor().load()) {
            Some(home) if !Arc::ptr_eq(home, turn.domain()) => home.spawn(session),
            _ => {
                turn.add(session);
            }
        }
    }

    fn close(&mut self) -> Fate {
        if let Some(listener) = self.listener.take() {
            let fd = listener.number();
            if let Err(error) = listener.close() {
                self.raise(Event::CloseFailed, error.errno() as u64);
            }
            self.raise(Event::Closed, fd as u64);
        }
        Fate::Ends
    }

    fn raise(&self, event: Event, value: u64) {
        self.config.events.raise(event, value, &self.config.text, "", true);
    }
}

impl Actor for Listener {
    fn started(&mut self, turn: &mut Turn) -> Fate {
        let Some(listener) = &self.listener else { return Fate::Ends };
        let fd = listener.number();
        if turn.watch(listener).is_err() {
            return self.close();
        }
        self.raise(Event::Listening, fd as u64);
        self.accept(turn)
    }

    fn ready(&mut self, turn: &mut Turn, _readiness: Readiness) -> Fate {
        self.accept(turn)
    }

    fn activated(&mut self, turn: &mut Turn) -> Fate {
        self.accept(turn)
    }

    fn timer(&mut self, turn: &mut Turn, _kind: u8) -> Fate {
        self.accept(turn)
    }

    fn noticed(&mut self, _turn: &mut Turn, _notice: Notice) -> Fate {
        Fate::Lives
    }

    fn dismissed(&mut self, _turn: &mut Turn, _linger: Option<Duration>) -> Fate {
        self.close()
    }
}
