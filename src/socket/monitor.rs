//! The stream of events about a socket (zmq_socket_monitor(3), versions 1 and 2).
//!
//! Events leave through a socket of the library's own, bound to the inproc name that the application gave.
//! Raising one never waits, where the reference would freeze the I/O thread: before the first consumer has
//! come, some are kept for it; with one that is far behind, and without one, they are dropped and counted.

use super::backlog::Backlog;
use super::core::Socket;
use super::{DONTWAIT, Environment, SNDMORE, bind, close, enter, open_in, send};
use crate::error::{Error, Result};
use crate::msg::Message;
use crate::options::{SocketType, numbers};
use crate::session::{Event, Events};
use crate::sync::Handle;
use crate::transport::{Endpoint, Scheme};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Events that version 1, with its 16 bits, has.
const EVENTS_OF_VERSION_1: u64 = 0xFFFF;

/// Events that a consumer may be behind.
const QUEUE: i32 = 100_000;

/// The monitor of a socket; idle until it is started.
#[derive(Default)]
pub struct Monitor {
    running: Mutex<Option<Running>>,
    dropped: AtomicU64,
}

struct Running {
    socket: Handle,
    backlog: Arc<Backlog>,
    events: u64,
    version: i32,
}

/// Something to report.
struct Report<'a> {
    event: Event,
    values: &'a [u64],
    local: &'a str,
    remote: &'a str,
    /// The one of the two by which version 1 knows the object.
    known_by: &'a str,
}

impl Monitor {
    /// Starts it on an inproc endpoint.
    fn start(
        &self,
        environment: &Arc<Environment>,
        endpoint: &str,
        events: u64,
        version: i32,
        socket_type: SocketType,
    ) -> Result<()> {
        let socket = open_in(environment, socket_type)?;
        let backlog = Arc::new(Backlog::default());
        let prepared = enter(socket).and_then(|mut socket| {
            socket.backlog = Some(Arc::clone(&backlog));
            socket.set_option(numbers::LINGER, Some(&0i32.to_ne_bytes()))?;
            socket.set_option(numbers::SNDHWM, Some(&QUEUE.to_ne_bytes()))
        });
        if let Err(error) = prepared.and_then(|()| bind(socket, endpoint)) {
            let _ = close(socket);
            return Err(error);
        }
        *self.running.lock() = Some(Running { socket, backlog, events, version });
        Ok(())
    }

    /// Ends it, saying so to the consumer.
    pub fn stop(&self) {
        if let Some(running) = self.running.lock().take() {
            let report =
                Report { event: Event::MonitorStopped, values: &[0], local: "", remote: "", known_by: "" };
            self.send(&running, &report);
            let _ = close(running.socket);
        }
    }

    /// Events that were dropped because no consumer had room for them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Reports how many messages wait in a pipe.
    pub fn raise_queued(&self, queued_out: u64, queued_in: u64, local: &str, remote: &str) {
        let values = [queued_out, queued_in];
        self.report(&Report { event: Event::PipesStats, values: &values, local, remote, known_by: local });
    }

    fn report(&self, report: &Report) {
        if let Some(running) = &*self.running.lock() {
            self.send(running, report);
        }
    }

    /// Whether anybody wants to know.
    fn is_watching(&self, event: Event) -> bool {
        self.running.lock().as_ref().is_some_and(|running| running.events & event.bit() != 0)
    }

    fn send(&self, running: &Running, report: &Report) {
        if running.events & report.event.bit() == 0 {
            return;
        }
        let Some(parts) = report.parts(running.version) else { return };
        if !running.backlog.pass(parts, |parts| send_whole(running.socket, parts)) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Events for Monitor {
    fn raise(&self, event: Event, value: u64, local: &str, remote: &str, bound: bool) {
        let known_by = if bound { local } else { remote };
        self.report(&Report { event, values: &[value], local, remote, known_by });
    }
}

impl Report<'_> {
    /// The message, numbers in host byte order. None for versions that do not exist: a monitor of one is
    /// silent.
    fn parts(&self, version: i32) -> Option<Vec<Vec<u8>>> {
        match version {
            1 => {
                let mut head = (self.event.bit() as u16).to_ne_bytes().to_vec();
                let value = self.values.first().copied().unwrap_or(0);
                head.extend_from_slice(&(value as u32).to_ne_bytes());
                Some(vec![head, self.known_by.into()])
            }
            2 => {
                let numbers = [self.event.bit(), self.values.len() as u64];
                let numbers = numbers.iter().chain(self.values).map(|number| number.to_ne_bytes().to_vec());
                Some(numbers.chain([self.local.into(), self.remote.into()]).collect())
            }
            _ => None,
        }
    }
}

/// Sends a message, all of it or, if there is no room, nothing.
fn send_whole(socket: Handle, parts: &[Vec<u8>]) -> Result<()> {
    let messages = parts.iter().map(|part| Message::from_slice(part)).collect::<Result<Vec<_>>>()?;
    let last = messages.len().saturating_sub(1);
    for (index, mut message) in messages.into_iter().enumerate() {
        send(socket, &mut message, if index < last { DONTWAIT | SNDMORE } else { DONTWAIT })?;
    }
    Ok(())
}

impl Socket {
    /// Starts or, without an endpoint, stops monitoring. Errors: `EINVAL` (address, events, socket type),
    /// `EPROTONOSUPPORT` (not inproc), and those of the bind. One that runs is stopped before the socket type
    /// is looked at.
    pub fn monitor(
        &mut self,
        endpoint: Option<&str>,
        events: u64,
        version: i32,
        socket_type: i32,
    ) -> Result<()> {
        let Some(endpoint) = endpoint else {
            self.monitor.stop();
            return Ok(());
        };
        if version == 1 && events & !EVENTS_OF_VERSION_1 != 0 {
            return Err(Error::Invalid);
        }
        if Endpoint::parse(endpoint)?.scheme() != Scheme::Inproc {
            return Err(Error::ProtocolNotSupported);
        }
        self.monitor.stop();
        let socket_type = SocketType::from_number(socket_type).filter(|socket_type| {
            matches!(socket_type, SocketType::Pair | SocketType::Pub | SocketType::Push)
        });
        let socket_type = socket_type.ok_or(Error::Invalid)?;
        self.monitor.start(&self.environment, endpoint, events, version, socket_type)
    }

    /// Reports for each pipe how many messages wait in it. `EINVAL` if no monitor wants to know, `EAGAIN` if
    /// there is no pipe.
    pub fn monitor_pipes_stats(&mut self) -> Result<()> {
        if !self.monitor.is_watching(Event::PipesStats) {
            return Err(Error::Invalid);
        }
        if self.pipes.is_empty() {
            return Err(Error::Again);
        }
        for (id, link) in &self.links {
            let Some(counts) = self.pipes.get_mut(id).map(|pipe| pipe.counts()) else { continue };
            let (local, remote) = self.endpoints_of(link);
            self.monitor.raise_queued(counts.queued_out, counts.queued_in, &local, &remote);
        }
        Ok(())
    }
}
