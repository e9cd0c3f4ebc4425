//! A session: one connection of a socket, accepted or connecting, through all its reconnections.

mod inbound;
mod restarts;

pub use restarts::Restarted;

use super::SocketCommand;
use super::backoff::Backoff;
use super::endpoint::SessionConfig;
use super::events::Event;
use super::record::{Endpoints, Record};
use super::traffic::{BUDGET, Connection, End};
use super::zap::Zap;
use crate::engine::FaultEvent;
use crate::error::{Error, Result};
use crate::mechanism::Choice;
use crate::msg::Message;
use crate::pipe::{Address, Pipe};
use crate::reactor::{Actor, Fate, Notice, Turn};
use crate::sys::epoll::Readiness;
use crate::sys::net::{ConnectOutcome, Connecting, Stream};
use crate::transport::dial::{Dialed, Target};
use inbound::{Buffers, Inbound};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Timers of a session.
mod timer {
    pub const RETRY: u8 = 1;
    pub const CONNECT_TIMEOUT: u8 = 2;
    pub const ENGINE: u8 = 3;
    pub const LINGER: u8 = 4;
}

/// One connection of a socket and the socket's pipe for it.
pub struct Session {
    config: Arc<SessionConfig>,
    /// Where to connect to; None for an accepted connection.
    target: Option<Target>,
    link: Link,
    /// The session's end; None until the handshake of an accepted connection (and of a connecting
    /// one with `ZMQ_IMMEDIATE`) is done.
    pipe: Option<Pipe>,
    /// The authenticator is being asked about the peer.
    zap: Option<Zap>,
    record: Arc<Record>,
    /// Of the present or last connection.
    endpoints: Arc<Endpoints>,
    backoff: Backoff,
    /// The socket has dismissed the session, which delivers what is left and ends.
    dismissed: bool,
    /// Connections lost of which the socket has yet to hear: until then, what it writes are changes of what it
    /// will say all of.
    restarts_due: u32,
    /// When a dismissed session ends whatever is left.
    linger_until: Option<Instant>,
}

enum Link {
    /// Nothing is under way: not started yet, or given up for now.
    Idle,
    /// The target's name is being looked up.
    Resolving,
    /// A connection is on its way, until the time given at the most.
    Dialing(Connecting, Option<Instant>),
    /// Waiting to try again.
    Waiting(Instant),
    /// Connected, whether or not the handshake is done.
    Up(Box<Connection>),
}

/// What a lookup that was asked for came to.
struct Resolved(Result<Dialed>);

impl Session {
    /// A session for a connection that a listener has accepted.
    pub fn accepted(config: Arc<SessionConfig>, stream: Stream) -> Session {
        let endpoints = Endpoints { local: stream.local_endpoint(), remote: stream.remote_endpoint() };
        let connection = Connection::new(stream, &config);
        let session = Session::new(config, None, Link::Up(Box::new(connection)), None);
        Session { endpoints: Arc::new(endpoints), ..session }
    }

    /// A session that connects. `pipe` is its end of the pipe that the socket has already attached.
    pub fn connecting(config: Arc<SessionConfig>, target: Target, pipe: Option<Pipe>) -> Session {
        Session::new(config, Some(target), Link::Idle, pipe)
    }

    fn new(config: Arc<SessionConfig>, target: Option<Target>, link: Link, pipe: Option<Pipe>) -> Session {
        let backoff =
            Backoff::new(config.options.reconnect_interval(), config.options.reconnect_interval_max());
        let record = Record::new(Arc::clone(&config.totals));
        Session {
            config,
            target,
            link,
            pipe,
            zap: None,
            record,
            endpoints: Arc::default(),
            backoff,
            dismissed: false,
            restarts_due: 0,
            linger_until: None,
        }
    }

    /// What it will note about its connections.
    pub fn record(&self) -> Arc<Record> {
        Arc::clone(&self.record)
    }

    // ---- connecting ----

    fn dial(&mut self, turn: &mut Turn) -> Fate {
        let Some(target) = &self.target else { return Fate::Ends };
        let (domain, id) = (Arc::clone(turn.domain()), turn.id());
        let later = Box::new(move |dialed| domain.notice(id, Box::new(Resolved(dialed))));
        match target.dial(&self.config.options, &self.config.resolver, later) {
            Some(dialed) => self.dialed(turn, dialed),
            None => {
                self.link = Link::Resolving;
                Fate::Lives
            }
        }
    }

    fn dialed(&mut self, turn: &mut Turn, dialed: Result<Dialed>) -> Fate {
        match dialed.and_then(|dialed| dialed.connect(&self.config.options)) {
            Ok(ConnectOutcome::Connected(stream)) => self.connected(turn, stream, false),
            Ok(ConnectOutcome::InProgress(connecting)) => {
                if let Err(error) = turn.watch(&connecting) {
                    return self.dial_failed(turn, error, Some(connecting.number()));
                }
                self.raise(Event::ConnectDelayed, libc::EINPROGRESS as u64);
                let limit = self.config.options.connect_timeout().map(|limit| Instant::now() + limit);
                if let Some(limit) = limit {
                    turn.set_timer(limit, timer::CONNECT_TIMEOUT);
                }
                self.link = Link::Dialing(connecting, limit);
                Fate::Lives
            }
            Ok(ConnectOutcome::Failed(error, fd)) => self.dial_failed(turn, error, Some(fd)),
            Err(error) => self.dial_failed(turn, error, None),
        }
    }

    fn finish_dialing(&mut self, turn: &mut Turn) -> Fate {
        let Link::Dialing(connecting, limit) = std::mem::replace(&mut self.link, Link::Idle) else {
            return Fate::Lives;
        };
        match connecting.finish() {
            ConnectOutcome::Connected(stream) => self.connected(turn, stream, true),
            ConnectOutcome::InProgress(connecting) => {
                self.link = Link::Dialing(connecting, limit);
                Fate::Lives
            }
            ConnectOutcome::Failed(error, fd) => self.dial_failed(turn, error, Some(fd)),
        }
    }

    fn dial_failed(&mut self, turn: &mut Turn, error: Error, fd: Option<i32>) -> Fate {
        if let Some(fd) = fd {
            self.raise(Event::Closed, fd as u64);
        }
        if error == Error::Os(libc::ECONNREFUSED) && self.stops_when_refused() {
            return self.give_up();
        }
        self.retry(turn)
    }

    fn stops_when_refused(&self) -> bool {
        let options = &self.config.options;
        match &self.target {
            Some(Target::Tcp(_)) => options.stops_when_refused(),
            Some(Target::Ipc(_)) => {
                options.stops_after_disconnect() && self.config.removed_any.load(Ordering::Relaxed)
            }
            None => false,
        }
    }

    /// Schedules the next attempt; without an interval the endpoint stays, idle.
    fn retry(&mut self, turn: &mut Turn) -> Fate {
        let Some(wait) = self.backoff.next(fastrand::u32) else {
            self.link = Link::Idle;
            return Fate::Lives;
        };
        self.raise(Event::ConnectRetried, wait.as_millis() as u64);
        let when = Instant::now() + wait;
        turn.set_timer(when, timer::RETRY);
        self.link = Link::Waiting(when);
        Fate::Lives
    }

    /// The endpoint is of no use any more.
    fn give_up(&mut self) -> Fate {
        self.config.mailbox.post(SocketCommand::EndpointEnded(self.config.endpoint));
        Fate::Ends
    }

    fn connected(&mut self, turn: &mut Turn, stream: Stream, watched: bool) -> Fate {
        self.backoff.reset();
        self.config.tune(&stream, self.is_tcp());
        self.raise(Event::Connected, stream.number() as u64);
        let (local, remote) = (stream.local_endpoint(), self.config.text.clone());
        self.endpoints = Arc::new(Endpoints { local, remote });
        let connection = Connection::new(stream, &self.config);
        self.link = Link::Up(Box::new(connection));
        self.begin(turn, watched)
    }

    fn is_tcp(&self) -> bool {
        matches!(self.target, Some(Target::Tcp(_)))
    }

    // ---- connected ----

    /// Starts the connection's life in the domain.
    fn begin(&mut self, turn: &mut Turn, watched: bool) -> Fate {
        let Link::Up(connection) = &mut self.link else { return Fate::Lives };
        if !watched && let Err(error) = turn.watch(connection.stream()) {
            return self.ended(turn, End::Lost(error));
        }
        self.run(turn)
    }

    /// Moves what can be moved in both directions.
    fn run(&mut self, turn: &mut Turn) -> Fate {
        if self.restarts_due > 0 {
            self.expect_restart();
        }
        let Link::Up(connection) = &mut self.link else { return self.run_unconnected() };
        let domain = Arc::clone(turn.domain());
        let mut inbound = Inbound {
            config: &self.config,
            pipe: &mut self.pipe,
            zap: &mut self.zap,
            record: &self.record,
            endpoints: &self.endpoints,
            domain: &domain,
            id: turn.id(),
            accepted: self.target.is_none(),
            dismissed: self.dismissed,
            outdated: self.restarts_due > 0,
        };
        let reads = if turn.is_awaited() { 1 } else { BUDGET };
        let mut buffers = Buffers { turn, least: self.config.engine.in_batch_size };
        let moved = connection.run(&mut inbound, &mut buffers, reads);
        self.after(turn, moved)
    }

    fn run_unconnected(&mut self) -> Fate {
        let ended = match &mut self.pipe {
            // The check leaves the pipe asleep, so that its end is noticed; what is there waits for a
            // connection.
            Some(pipe) => !pipe.check_read() && pipe.is_ended(),
            None => self.dismissed,
        };
        if ended { Fate::Ends } else { Fate::Lives }
    }

    fn after(&mut self, turn: &mut Turn, moved: std::result::Result<bool, End>) -> Fate {
        if let Some(pipe) = &mut self.pipe {
            deliver_wake(pipe);
        }
        let more = match moved {
            Ok(more) => more,
            Err(end) => return self.ended(turn, end),
        };
        if self.is_done() {
            return self.close();
        }
        if more {
            turn.again();
        }
        if let Link::Up(connection) = &mut self.link
            && let Some(when) = connection.timer_to_set()
        {
            turn.set_timer(when, timer::ENGINE);
        }
        Fate::Lives
    }

    /// Whether the socket has closed the pipe and everything it sent is on its way.
    fn is_done(&mut self) -> bool {
        let Link::Up(connection) = &mut self.link else { return false };
        match &mut self.pipe {
            Some(pipe) => pipe.is_ended() && !connection.wants_to_write(),
            None => self.dismissed,
        }
    }

    /// Ends a connection that nobody needs any more; without an event, as it is this side's will.
    fn close(&mut self) -> Fate {
        self.link = Link::Idle;
        Fate::Ends
    }

    /// The connection is lost or useless.
    fn ended(&mut self, turn: &mut Turn, end: End) -> Fate {
        let Link::Up(mut connection) = std::mem::replace(&mut self.link, Link::Idle) else {
            return Fate::Lives;
        };
        self.zap = None;
        let was_ready = self.record.note_end();
        let succeeded = connection.handshake_succeeded();
        if let End::Fault(_) = end {
            // The peer may come to the same verdict by what this side has said, if it hears it.
            connection.flush();
        }
        // With NULL, one who was refused is still expected to say READY.
        let expected = self.config.engine.security.mechanism == Choice::Null && !connection.has_heard_out();
        let refused = connection.is_refused() && !expected;
        let decided = succeeded || refused;
        let event = match end {
            End::Fault(fault) => fault.event(decided),
            End::Lost(error) if !decided => Some(FaultEvent::NoDetail(error.errno())),
            End::Lost(_) => None,
        };
        match event {
            Some(FaultEvent::Protocol(code)) => self.raise_at(Event::HandshakeFailedProtocol, code.into()),
            Some(FaultEvent::Auth(status)) => self.raise_at(Event::HandshakeFailedAuth, status.into()),
            Some(FaultEvent::NoDetail(errno)) => {
                self.raise_at(Event::HandshakeFailedNoDetail, errno as u64);
            }
            None => {}
        }
        self.raise_at(Event::Disconnected, connection.stream().number() as u64);
        if self.target.is_none() {
            if was_ready {
                self.tell(self.config.disconnect_message());
            }
            return Fate::Ends;
        }
        let final_end = match end {
            End::Fault(fault) => fault.is_final(),
            End::Lost(_) => false,
        };
        let stops = !succeeded && self.config.options.stops_when_handshake_fails();
        if final_end || stops || !self.backoff.retries() {
            return self.give_up();
        }
        self.forget_half_messages(&mut connection);
        drop(connection);
        if was_ready && !self.config.options.immediate() {
            self.tell(self.config.hiccup_message());
        }
        if self.run_unconnected() == Fate::Ends {
            return Fate::Ends;
        }
        if self.config.options.immediate() {
            self.pipe = None;
            self.restarts_due = 0;
            if self.dismissed {
                return Fate::Ends;
            }
        }
        self.retry(turn)
    }

    /// Delivers a message that did not come from the peer, in place of one of which only a part did.
    fn tell(&mut self, message: Option<Message>) {
        if let (Some(pipe), Some(message), false) = (&mut self.pipe, message, self.dismissed) {
            pipe.rollback();
            pipe.write(message);
            pipe.flush();
            deliver_wake(pipe);
        }
    }

    // ---- events ----

    fn raise(&self, event: Event, value: u64) {
        self.config.events.raise(event, value, "", &self.config.text, false);
    }

    fn raise_at(&self, event: Event, value: u64) {
        raise_at(&self.config, self.target.is_none(), &self.endpoints, event, value);
    }
}

/// Raises an event of a connection under the endpoint that its side is known by.
fn raise_at(config: &SessionConfig, accepted: bool, endpoints: &Endpoints, event: Event, value: u64) {
    config.events.raise(event, value, &endpoints.local, &endpoints.remote, accepted);
}

impl Actor for Session {
    fn is_stranger(&self) -> bool {
        self.target.is_none() && matches!(&self.link, Link::Up(connection) if !connection.is_ready())
    }

    fn started(&mut self, turn: &mut Turn) -> Fate {
        if let Some(pipe) = &self.pipe {
            pipe.settle(Address { home: turn.domain().clone(), key: turn.id().to_bits() });
        }
        match &self.link {
            Link::Up(connection) => {
                let fd = connection.stream().number() as u64;
                self.raise_at(Event::Accepted, fd);
                self.begin(turn, false)
            }
            _ => {
                self.run_unconnected();
                self.dial(turn)
            }
        }
    }

    fn ready(&mut self, turn: &mut Turn, readiness: Readiness) -> Fate {
        match &mut self.link {
            Link::Up(connection) => {
                connection.note(readiness);
                self.run(turn)
            }
            Link::Dialing(..) if readiness.writable => self.finish_dialing(turn),
            _ => Fate::Lives,
        }
    }

    fn activated(&mut self, turn: &mut Turn) -> Fate {
        if let Some(pipe) = &mut self.pipe {
            pipe.stay_awake(turn.delivers());
        }
        self.run(turn)
    }

    fn timer(&mut self, turn: &mut Turn, kind: u8) -> Fate {
        let now = Instant::now();
        match (kind, &mut self.link) {
            (timer::RETRY, Link::Waiting(when)) if *when <= now => self.dial(turn),
            (timer::CONNECT_TIMEOUT, Link::Dialing(connecting, Some(limit))) if *limit <= now => {
                let fd = connecting.number();
                self.link = Link::Idle;
                self.dial_failed(turn, Error::Os(libc::ETIMEDOUT), Some(fd))
            }
            (timer::ENGINE, Link::Up(connection)) => match connection.handle_timer(now) {
                Ok(()) => self.run(turn),
                Err(end) => self.ended(turn, end),
            },
            (timer::LINGER, _) if self.linger_until.is_some_and(|until| until <= now) => Fate::Ends,
            _ => Fate::Lives,
        }
    }

    fn noticed(&mut self, turn: &mut Turn, notice: Notice) -> Fate {
        let notice = match notice.downcast::<Restarted>() {
            Ok(restarted) => return self.restarted(turn, restarted.written),
            Err(notice) => notice,
        };
        match (notice.downcast::<Resolved>(), &self.link) {
            (Ok(resolved), Link::Resolving) => self.dialed(turn, resolved.0),
            _ => Fate::Lives,
        }
    }

    fn dismissed(&mut self, turn: &mut Turn, linger: Option<Duration>) -> Fate {
        self.dismissed = true;
        if self.pipe.is_none() || linger == Some(Duration::ZERO) {
            return Fate::Ends;
        }
        if let Some(linger) = linger {
            let until = Instant::now() + linger;
            self.linger_until = Some(until);
            turn.set_timer(until, timer::LINGER);
        }
        self.forget_subscriptions();
        self.run(turn)
    }
}

/// Wakes the socket if an operation on the pipe found it asleep.
fn deliver_wake(pipe: &mut Pipe) {
    if pipe.take_wake()
        && let Some(peer) = pipe.peer()
    {
        peer.home.wake(peer.key);
    }
}
