//! The engine: one connection as a state machine, from the first byte to the last.
//!
//! An engine is told what was read, what was written and what time it is; it answers with messages for
//! the [`Sink`], bytes to write, and the next moment at which it wants to be called. It makes no system
//! call, reads no clock, and belongs to one thread at a time.
//!
//! ```text
//!   bytes read ──> large_body / decode ──> Sink: ready, message
//!   Source ──> encode ──> output ──> bytes to write ──> wrote
//!   next_timer ──> handle_timer
//! ```
//!
//! The handshake takes the states of `greeting` and `handshake` in turn; `traffic` is fast because nothing of
//! them is left by then. A raw connection (STREAM) is `raw` from the start.
//!
//! Whatever fails is a [`Fault`], after which the engine does nothing more and the connection has to be
//! closed. What a peer sends can cause no other harm: memory is taken in proportion to bytes received
//! unless `max_message_size` allows more.

mod body;
mod config;
mod fault;
mod greeting;
mod groups;
mod handshake;
mod output;
mod raw;
#[cfg(test)]
mod tests;
mod timers;
mod traffic;

pub use config::{BATCH, ConnectionFacts, EngineConfig, Heartbeat, PeerFacts};
pub use fault::{Fault, FaultEvent};

use crate::mechanism::{MAX_COMMAND, Question, Verdict};
use crate::msg::{Annex, Copied, Incoming, Message, Metadata, ReceiveBuffer, SharedAnnex, name};
use crate::sync::InPlace;
use crate::wire::Violation;
use body::LargeBody;
use greeting::Greeting;
use handshake::{Established, ExpectCommand, ExpectIdentity};
use output::Output;
use raw::Raw;
use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;
use timers::Timers;
use traffic::Traffic;

/// Takes what a connection brings.
pub trait Sink {
    /// The handshake is done: traffic begins. Called once, before the first message.
    fn ready(&mut self, peer: PeerFacts);

    /// Takes one part of a message. False if there is no room, and it was left: the engine keeps it, stops,
    /// and offers it again first when [`Engine::decode`] is called next.
    fn message(&mut self, message: &mut Message) -> bool;

    /// As [`Sink::message`], of a message of one part. Gives it back if it has to be a message first, or there is no
    /// room.
    fn copied<'a>(&mut self, message: Copied<'a>) -> Result<(), Copied<'a>> {
        Err(message)
    }

    /// Asks the authenticator about the peer. None if the answer will come later, by
    /// [`Engine::handle_verdict`].
    fn authenticate(&mut self, question: Question) -> Option<Verdict> {
        let _ = question;
        Some(Verdict::Absent)
    }
}

/// Gives what a connection is to send.
pub trait Source {
    /// The next part of a message, until it has been looked at.
    fn next(&mut self) -> Option<InPlace<'_, Message>>;
}

/// Why decoding stopped without a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All that can be understood was; read more.
    MoreNeeded,
    /// The sink is full: do not read, and call [`Engine::decode`] when it has room.
    Blocked,
}

/// One connection.
pub struct Engine {
    state: State,
    link: Link,
}

/// What all states of a connection use.
struct Link {
    config: Arc<EngineConfig>,
    connection: ConnectionFacts,
    output: Output,
    timers: Timers,
    /// A frame body that is being received into memory of its own.
    body: Option<LargeBody>,
    /// Parts that the sink had no room for, or that came behind such.
    held: VecDeque<Message>,
    /// The latest time that was told.
    now: Instant,
    /// A security handshake was completed.
    succeeded: bool,
    /// The last part taken from the source announced another.
    sends_parts: bool,
    /// The output shows a handshake, and that may show a password.
    confidential: bool,
    /// When its time was over, the peer had said its part of the handshake.
    heard_out: bool,
}

enum State {
    Raw(Raw),
    Greeting(Greeting),
    Identity(ExpectIdentity),
    Command(ExpectCommand),
    Traffic(Traffic),
    Failed(Fault),
}

impl Engine {
    /// An engine for a connection that has just been made. Call [`Engine::decode`] at once, without
    /// input: a raw connection is ready from the start.
    pub fn new(config: Arc<EngineConfig>, connection: ConnectionFacts, now: Instant) -> Engine {
        let mut output = Output::new();
        let mut timers = Timers::default();
        let state = if config.raw {
            State::Raw(Raw::new())
        } else {
            timers.start_handshake(config.handshake_interval, now);
            State::Greeting(Greeting::begin(&config, output.copied()))
        };
        let link = Link {
            config,
            connection,
            output,
            timers,
            body: None,
            held: VecDeque::new(),
            now,
            succeeded: false,
            sends_parts: false,
            confidential: false,
            heard_out: false,
        };
        Engine { state, link }
    }

    /// Whether traffic has begun.
    pub fn is_ready(&self) -> bool {
        match &self.state {
            State::Traffic(_) => true,
            State::Raw(raw) => raw.is_ready(),
            _ => false,
        }
    }

    /// Whether a security handshake was completed, also after the connection has failed; never for ZMTP
    /// 1.0, 2.0 and raw connections. A connection that is lost, or a [`Fault::Timeout`], without it is a
    /// failed handshake for monitors.
    pub fn handshake_succeeded(&self) -> bool {
        self.link.succeeded
    }

    /// Whether a part that the source gave announced another that it has not given: when the connection
    /// is lost or has failed, the rest of that message is still to be taken from the source and dropped.
    pub fn is_mid_message(&self) -> bool {
        self.link.sends_parts
    }

    // ---- input ----

    /// Where the next bytes belong if a large body is being received: the part of it still missing, or as
    /// much of it as may be allocated now.
    pub fn large_body(&mut self) -> Option<&mut Incoming> {
        self.link.body.as_mut().map(LargeBody::incoming)
    }

    /// Says that bytes were read into the large body.
    pub fn large_body_filled<S: Sink + ?Sized>(&mut self, sink: &mut S) -> Result<Progress, Fault> {
        self.link.timers.sign_of_life();
        let outcome = self.take_large_body(sink);
        self.note(outcome)
    }

    /// Takes as much of `input` as can be understood. What is left is to be presented again: an incomplete
    /// frame, of less than 8 KiB and a header, to be followed by more; or, when blocked, anything. The
    /// buffer's capacity must be at least 16 KiB.
    pub fn decode<S: Sink + ?Sized>(
        &mut self,
        input: &mut ReceiveBuffer,
        sink: &mut S,
        now: Instant,
    ) -> Result<Progress, Fault> {
        self.link.now = now;
        let outcome = self.advance(input, sink);
        self.note(outcome)
    }

    /// Takes the authenticator's answer.
    pub fn handle_verdict<S: Sink + ?Sized>(
        &mut self,
        verdict: Verdict,
        sink: &mut S,
        now: Instant,
    ) -> Result<Progress, Fault> {
        self.link.now = now;
        let outcome = match &mut self.state {
            State::Command(expect) => expect.handle_verdict(verdict, &mut self.link, sink),
            _ => Ok(None),
        };
        let outcome = outcome.and_then(|established| self.establish(established, sink));
        self.note(outcome)
    }

    fn advance<S: Sink + ?Sized>(
        &mut self,
        input: &mut ReceiveBuffer,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        loop {
            if self.link.offer_held(sink) == Progress::Blocked {
                return Ok(Progress::Blocked);
            }
            if self.link.body.is_some() {
                let n = self.link.move_into_body(input);
                if n == 0 {
                    return Ok(Progress::MoreNeeded);
                }
                self.take_large_body(sink)?;
                continue;
            }
            let established = match &mut self.state {
                State::Failed(fault) => return Err(*fault),
                State::Raw(raw) => return raw.receive(input, &mut self.link, sink),
                State::Traffic(traffic) => return traffic.receive(input, &mut self.link, sink),
                State::Greeting(greeting) => {
                    let used = greeting.read(input.unread(), &self.link.config, self.link.output.copied())?;
                    input.consume(used);
                    match greeting.detected() {
                        Some(version) => {
                            self.greeted(version, sink)?;
                            continue;
                        }
                        None if used == 0 => return Ok(Progress::MoreNeeded),
                        None => continue,
                    }
                }
                State::Identity(expect) => {
                    let framing = expect.framing();
                    let Some(body) = self.link.frame(framing, input)? else {
                        return Ok(Progress::MoreNeeded);
                    };
                    Some(expect.handle(body.data()))
                }
                State::Command(expect) => {
                    let framing = expect.framing();
                    let Some(body) = self.link.frame(framing, input)? else {
                        return Ok(Progress::MoreNeeded);
                    };
                    expect.handle(body.data(), &mut self.link, sink)?
                }
            };
            self.establish(established, sink)?;
        }
    }

    fn greeted<S: Sink + ?Sized>(&mut self, peer: greeting::Detected, sink: &mut S) -> Result<(), Fault> {
        if peer.version.has_mechanism() {
            let mut expect = ExpectCommand::new(peer.version, &self.link)?;
            let established = expect.proceed(&mut self.link, sink)?;
            self.state = State::Command(expect);
            self.establish(established, sink)?;
        } else {
            self.link.timers.end_handshake();
            self.state = State::Identity(ExpectIdentity::new(peer, &mut self.link)?);
        }
        Ok(())
    }

    /// Begins traffic, if the handshake has ended.
    fn establish<S: Sink + ?Sized>(
        &mut self,
        established: Option<Established>,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        if let Some(established) = established {
            let (traffic, peer) = Traffic::begin(established, &mut self.link);
            self.state = State::Traffic(traffic);
            sink.ready(peer);
        }
        Ok(self.link.offer_held(sink))
    }

    fn take_large_body<S: Sink + ?Sized>(&mut self, sink: &mut S) -> Result<Progress, Fault> {
        let Some(body) = &mut self.link.body else { return Ok(Progress::MoreNeeded) };
        if !body.advance()? {
            return Ok(Progress::MoreNeeded);
        }
        let Some((flags, message)) = self.link.body.take().and_then(LargeBody::finish) else {
            return Ok(Progress::MoreNeeded);
        };
        let established = match &mut self.state {
            State::Identity(expect) => Some(expect.handle(message.data())),
            State::Command(expect) => expect.handle(message.data(), &mut self.link, sink)?,
            State::Traffic(traffic) => return traffic.receive_frame(flags, message, &mut self.link, sink),
            State::Failed(fault) => return Err(*fault),
            // Neither has frames.
            State::Raw(_) | State::Greeting(_) => None,
        };
        self.establish(established, sink)
    }

    /// Remembers a fault.
    fn note<T>(&mut self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(fault) = &outcome {
            self.state = State::Failed(*fault);
            self.link.timers = Timers::default();
            self.link.body = None;
        }
        outcome
    }

    // ---- output ----

    /// Whether there are bytes to write.
    pub fn wants_to_write(&self) -> bool {
        self.link.output.pending() > 0
    }

    /// Takes parts of messages from the source until a batch is full or there are no more; nothing before
    /// traffic has begun. Fails if there is no memory to seal a part in.
    pub fn encode<S: Source + ?Sized>(&mut self, source: &mut S) -> Result<(), Fault> {
        let outcome = match &mut self.state {
            State::Traffic(traffic) => traffic.send(source, &mut self.link),
            State::Raw(raw) if raw.is_ready() => {
                raw.send(source, &mut self.link);
                Ok(())
            }
            _ => Ok(()),
        };
        self.note(outcome)
    }

    /// The bytes to write, in order; not necessarily all of them.
    pub fn output<'a>(&'a self, slices: &mut impl Extend<IoSlice<'a>>) {
        self.link.output.slices(slices);
    }

    /// Says that `n` of the bytes were written.
    pub fn wrote(&mut self, n: usize) {
        let drained = self.link.output.wrote(n, self.link.confidential);
        self.link.confidential &= !drained;
        if let State::Traffic(traffic) = &mut self.state {
            traffic.answer_ping(&mut self.link);
        }
    }

    /// Whether a handshake whose time was over lacked nothing from the peer.
    pub fn has_heard_out(&self) -> bool {
        self.link.heard_out
    }

    // ---- time ----

    /// When [`Engine::handle_timer`] wants to be called.
    pub fn next_timer(&self) -> Option<Instant> {
        self.link.timers.next()
    }

    /// Does what is due at `now`. Too early a call does nothing.
    pub fn handle_timer(&mut self, now: Instant) -> Result<(), Fault> {
        self.link.now = now;
        let blocked = !self.link.held.is_empty();
        self.link.heard_out = matches!(&self.state, State::Command(stage) if stage.has_heard_out());
        let outcome = self.link.timers.expire(now, blocked).map_err(|timers::Expired| Fault::Timeout);
        if outcome.is_ok()
            && let State::Traffic(traffic) = &mut self.state
            && self.link.timers.ping_due(now)
        {
            traffic.send_ping(&mut self.link);
        }
        self.note(outcome)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.link.confidential {
            self.link.output.wipe();
        }
    }
}

impl Link {
    /// Offers what the sink had no room for.
    fn offer_held<S: Sink + ?Sized>(&mut self, sink: &mut S) -> Progress {
        while let Some(message) = self.held.front_mut() {
            if !sink.message(message) {
                return Progress::Blocked;
            }
            self.held.pop_front();
        }
        Progress::MoreNeeded
    }

    /// Offers a part, keeping it if the sink is full.
    fn offer<S: Sink + ?Sized>(&mut self, message: Message, sink: &mut S) -> Progress {
        self.held.push_back(message);
        self.offer_held(sink)
    }

    /// Moves input that belongs to the large body there; the caller tells the body.
    fn move_into_body(&mut self, input: &mut ReceiveBuffer) -> usize {
        let Some(body) = &mut self.body else { return 0 };
        let n = body.incoming().append(input.unread());
        input.consume(n);
        n
    }

    /// The body of a frame of the handshake, once it is whole.
    fn frame(
        &mut self,
        framing: crate::wire::frame::Framing,
        input: &mut ReceiveBuffer,
    ) -> Result<Option<Message>, Violation> {
        let bytes = input.unread();
        let Some(header) = framing.header(bytes)? else { return Ok(None) };
        let body_len = body::check_len(header.body_len, self.config.max_message_size)?;
        if body_len > MAX_COMMAND {
            return Err(Violation::FrameTooLarge);
        }
        let received = &bytes[header.len..];
        if let Some(body) = received.get(..body_len) {
            let message = Message::from_slice(body).map_err(|_| Violation::FrameTooLarge)?;
            input.consume(header.len + body_len);
            return Ok(Some(message));
        }
        if body_len >= body::LARGE {
            self.body = Some(LargeBody::begin(header.flags, body_len, 0, &self.config, received)?);
            input.consume(bytes.len());
        }
        Ok(None)
    }

    /// What goes with every message of the connection; names that were added first count.
    fn annex<'a>(&self, properties: impl Iterator<Item = (&'a str, &'a [u8])>) -> SharedAnnex {
        let mut metadata = Metadata::default();
        if !self.connection.peer_address.is_empty() {
            metadata.add(name::PEER_ADDRESS, self.connection.peer_address.as_bytes());
        }
        metadata.add(name::FD, self.connection.fd.as_bytes());
        for (name, value) in properties {
            metadata.add(name, value);
        }
        Annex { metadata: Some(Arc::new(metadata)), ..Annex::default() }.into()
    }
}
