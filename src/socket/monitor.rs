//! The stream of events about a socket (zmq_socket_monitor(3), version 1).
//!
//! Events leave through a PAIR socket of the library's own, bound to the inproc name that the
//! application gave. Raising one never waits: without a consumer, or with one that is far behind, it
//! is dropped, where the reference would freeze the I/O thread.

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

/// Events of the stable interface.
const ALL_EVENTS: u64 = 0xFFFF;

/// Events that a consumer may be behind.
const QUEUE: i32 = 100_000;

/// The monitor of a socket; idle until it is started.
#[derive(Default)]
pub struct Monitor(Mutex<Option<Running>>);

struct Running {
    socket: Handle,
    events: u64,
}

impl Monitor {
    /// Starts it on an inproc endpoint, in place of one that runs.
    pub fn start(&self, environment: &Arc<Environment>, endpoint: &str, events: u64) -> Result<()> {
        self.stop();
        let socket = open_in(environment, SocketType::Pair)?;
        let prepared = enter(socket).and_then(|mut pair| {
            pair.set_option(numbers::LINGER, Some(&0i32.to_ne_bytes()))?;
            pair.set_option(numbers::SNDHWM, Some(&QUEUE.to_ne_bytes()))
        });
        if let Err(error) = prepared.and_then(|()| bind(socket, endpoint)) {
            let _ = close(socket);
            return Err(error);
        }
        *self.0.lock() = Some(Running { socket, events });
        Ok(())
    }

    /// Ends it, saying so to the consumer.
    pub fn stop(&self) {
        if let Some(running) = self.0.lock().take() {
            running.send(Event::MonitorStopped, 0, "");
            let _ = close(running.socket);
        }
    }
}

impl Events for Monitor {
    fn is_watching(&self, event: Event) -> bool {
        self.0.lock().as_ref().is_some_and(|running| running.events & event.bit() != 0)
    }

    fn raise(&self, event: Event, value: u64, local: &str, remote: &str, bound: bool) {
        if let Some(running) = &*self.0.lock() {
            running.send(event, value, if bound { local } else { remote });
        }
    }
}

impl Running {
    /// Version 1: event (16 bits) and value (32 bits) in host byte order, unaligned; then the
    /// endpoint's text.
    fn send(&self, event: Event, value: u64, endpoint: &str) {
        if self.events & event.bit() == 0 {
            return;
        }
        let mut head = [0; 6];
        head[..2].copy_from_slice(&(event.bit() as u16).to_ne_bytes());
        head[2..].copy_from_slice(&(value as u32).to_ne_bytes());
        let parts =
            Message::from_slice(&head).and_then(|head| Ok((head, Message::from_slice(endpoint.as_bytes())?)));
        if let Ok((mut head, mut text)) = parts
            && send(self.socket, &mut head, DONTWAIT | SNDMORE).is_ok()
        {
            let _ = send(self.socket, &mut text, DONTWAIT);
        }
    }
}

impl Socket {
    /// Starts or, without an endpoint, stops monitoring. Errors: `EINVAL` (address, events, version,
    /// type), `EPROTONOSUPPORT` (not inproc), and those of the bind.
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
        if events & !ALL_EVENTS != 0 || version != 1 || socket_type != SocketType::Pair.number() {
            return Err(Error::Invalid);
        }
        if Endpoint::parse(endpoint)?.scheme() != Scheme::Inproc {
            return Err(Error::ProtocolNotSupported);
        }
        self.monitor.start(&self.environment, endpoint, events)
    }
}
