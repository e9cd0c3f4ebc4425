//! A connection that is up: descriptor and engine, and moving bytes between them and the pipe.

use super::endpoint::SessionConfig;
use crate::engine::{ConnectionFacts, Engine, Fault, PeerFacts, Progress, Sink, Source};
use crate::error::Error;
use crate::mechanism::{Question, Verdict};
use crate::msg::{Copied, Message, ReceiveBuffer};
use crate::pipe::Pipe;
use crate::sync::InPlace;
use crate::sys::epoll::Readiness;
use crate::sys::net::Stream;
use crate::wire::Violation;
use smallvec::SmallVec;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

/// Reads and writes in a row before other connections have their turn.
pub(super) const BUDGET: usize = 32;

/// Room that a read wants at least.
const READ_ROOM: usize = 16 * 1024;

/// What is read behind a large body, as another may follow: what is read of that here has to be copied.
const BEHIND_LARGE: usize = 4 * 1024;

/// Unread bytes above which the whole buffer is kept for them, rather than a copy.
const SMALL_LEFTOVER: usize = 4096;

/// Why a connection is over.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The transport failed or the peer closed.
    Lost(Error),
    /// The protocol says so.
    Fault(Fault),
}

impl From<Fault> for End {
    fn from(fault: Fault) -> End {
        End::Fault(fault)
    }
}

/// The session's side of a connection.
pub(super) trait Ends: Sink {
    /// The pipe to take messages from, once there is one.
    fn pipe(&mut self) -> Option<&mut Pipe>;
    /// Makes delivered messages visible to the socket.
    fn deliver(&mut self);
    /// The handshake is done.
    fn established(&mut self, peer: &PeerFacts);
    /// Asks the authenticator, as [`Sink::authenticate`].
    fn ask(&mut self, stream: &Stream, question: &Question) -> Option<Verdict>;
    /// The authenticator's answer, once, when it has come.
    fn answer(&mut self) -> Option<Result<Verdict, Violation>>;
}

/// The read buffer that connections share.
pub(super) trait Scratch {
    fn take(&mut self) -> ReceiveBuffer;
    fn give_back(&mut self, buffer: ReceiveBuffer);
}

/// A connected descriptor and its engine.
pub(super) struct Connection {
    stream: Stream,
    engine: Engine,
    /// What is to be sent before anything else.
    hello: Option<Message>,
    /// Bytes read that could not be decoded yet.
    leftover: Option<ReceiveBuffer>,
    /// There may be bytes to read.
    readable: bool,
    /// There may be room to write.
    writable: bool,
    /// The peer has closed at least its sending side.
    hung_up: bool,
    /// Why nothing can be written any more. What the peer had sent before is read all the same.
    unheard: Option<Error>,
    /// What was received last was a large body.
    behind_large: bool,
    /// The pipe has no room for what the engine holds.
    blocked: bool,
    /// The engine has been run once.
    begun: bool,
    /// The authenticator has refused the peer.
    refused: bool,
    /// The earliest engine timer that is set.
    timer: Option<Instant>,
}

impl Connection {
    /// A connection that has just been made.
    pub(super) fn new(stream: Stream, config: &SessionConfig) -> Connection {
        let facts = ConnectionFacts { peer_address: stream.peer_address(), fd: stream.number().to_string() };
        let engine = Engine::new(Arc::clone(&config.engine), facts, Instant::now());
        Connection {
            stream,
            engine,
            hello: config.hello(),
            leftover: None,
            readable: true,
            writable: true,
            hung_up: false,
            unheard: None,
            behind_large: false,
            blocked: false,
            begun: false,
            refused: false,
            timer: None,
        }
    }

    /// The descriptor.
    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Whether a security handshake was completed.
    pub(super) fn handshake_succeeded(&self) -> bool {
        self.engine.handshake_succeeded()
    }

    /// Whether traffic has begun.
    pub(super) fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Whether a handshake whose time was over lacked nothing from the peer.
    pub(super) fn has_heard_out(&self) -> bool {
        self.engine.has_heard_out()
    }

    /// Whether the authenticator has refused the peer.
    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    /// Whether only some parts of a message were taken from the pipe.
    pub(super) fn is_mid_message(&self) -> bool {
        self.engine.is_mid_message()
    }

    /// Whether bytes wait to be written.
    pub(super) fn wants_to_write(&self) -> bool {
        self.engine.wants_to_write()
    }

    /// Notes what the descriptor has become ready for.
    pub(super) fn note(&mut self, readiness: Readiness) {
        self.readable |= readiness.readable;
        self.writable |= readiness.writable;
        self.hung_up |= readiness.hung_up;
    }

    /// Moves what can be moved in both directions. True when it stopped only because others should
    /// have their turn.
    pub(super) fn run(
        &mut self,
        ends: &mut impl Ends,
        scratch: &mut impl Scratch,
        reads: usize,
    ) -> Result<bool, End> {
        let received = self.hear(ends).and_then(|()| self.receive(ends, scratch, reads));
        ends.deliver();
        let more_in = received?;
        let more_out = self.send(ends)?;
        Ok(more_in || more_out)
    }

    /// Lets the engine do what is due.
    pub(super) fn handle_timer(&mut self, now: Instant) -> Result<(), End> {
        if self.timer.is_some_and(|timer| timer <= now) {
            self.timer = None;
        }
        Ok(self.engine.handle_timer(now)?)
    }

    /// The engine's next timer, if an earlier one is not set already.
    pub(super) fn timer_to_set(&mut self) -> Option<Instant> {
        let next = self.engine.next_timer()?;
        if self.timer.is_some_and(|timer| timer <= next) {
            return None;
        }
        self.timer = Some(next);
        self.timer
    }

    // ---- inbound ----

    /// Tells the engine what the authenticator has answered.
    fn hear(&mut self, ends: &mut impl Ends) -> Result<(), End> {
        let Some(answer) = ends.answer() else { return Ok(()) };
        let verdict = answer.map_err(Fault::from)?;
        self.refused |= matches!(verdict, Verdict::Refused(_));
        let mut sink = Watched { ends, stream: &self.stream };
        let heard = self.engine.handle_verdict(verdict, &mut sink, Instant::now());
        self.blocked = heard? == Progress::Blocked;
        Ok(())
    }

    fn receive(
        &mut self,
        ends: &mut impl Ends,
        scratch: &mut impl Scratch,
        reads: usize,
    ) -> Result<bool, End> {
        if !self.begun || self.blocked {
            self.begun = true;
            self.decode(None, ends, scratch)?;
        }
        for _ in 0..reads {
            if !self.readable || self.blocked {
                return Ok(false);
            }
            if self.engine.large_body().is_some() {
                self.read_body(ends)?;
            } else {
                self.read(ends, scratch)?;
            }
        }
        Ok(self.readable && !self.blocked)
    }

    /// Reads into the memory of a large body.
    fn read_body(&mut self, ends: &mut impl Ends) -> Result<(), End> {
        let Some(body) = self.engine.large_body() else { return Ok(()) };
        let wanted = body.missing();
        let read = body.fill(|space| self.stream.read_into(space));
        let count = self.count_read(read, wanted)?;
        if count > 0 {
            let mut sink = Watched { ends, stream: &self.stream };
            self.blocked = self.engine.large_body_filled(&mut sink)? == Progress::Blocked;
            self.behind_large = true;
        }
        Ok(())
    }

    /// Reads into the shared buffer and decodes.
    fn read(&mut self, ends: &mut impl Ends, scratch: &mut impl Scratch) -> Result<(), End> {
        let mut buffer = self.buffer(scratch)?;
        let mut space = buffer.spare(READ_ROOM).map_err(End::Lost)?;
        if std::mem::take(&mut self.behind_large) && space.len() > BEHIND_LARGE {
            space = &mut space[..BEHIND_LARGE];
        }
        let wanted = space.len();
        let read = self.stream.read(space);
        let counted = self.count_read(read, wanted);
        if let Ok(count) = counted {
            buffer.advance(count);
        }
        if counted.is_ok_and(|count| count > 0) {
            self.decode(Some(buffer), ends, scratch)
        } else {
            self.keep(buffer, scratch);
            counted.map(drop)
        }
    }

    /// What a read means: bytes, nothing for now, or the end.
    fn count_read(&mut self, read: crate::error::Result<usize>, wanted: usize) -> Result<usize, End> {
        match read {
            // Orderly close by the peer; EPIPE is what monitors are told of it.
            Ok(0) => Err(End::Lost(Error::Os(libc::EPIPE))),
            Ok(count) => {
                // A short read has emptied the socket (epoll(7)), unless the end is behind it.
                self.readable = count == wanted || self.hung_up;
                Ok(count)
            }
            Err(Error::Again) => {
                self.readable = false;
                self.unheard.map_or(Ok(0), |error| Err(End::Lost(error)))
            }
            Err(error) => Err(End::Lost(error)),
        }
    }

    fn decode(
        &mut self,
        buffer: Option<ReceiveBuffer>,
        ends: &mut impl Ends,
        scratch: &mut impl Scratch,
    ) -> Result<(), End> {
        let mut buffer = match buffer {
            Some(buffer) => buffer,
            None => self.buffer(scratch)?,
        };
        let mut sink = Watched { ends, stream: &self.stream };
        let decoded = self.engine.decode(&mut buffer, &mut sink, Instant::now());
        self.keep(buffer, scratch);
        self.blocked = decoded? == Progress::Blocked;
        Ok(())
    }

    /// A buffer that begins with what was left over.
    fn buffer(&mut self, scratch: &mut impl Scratch) -> Result<ReceiveBuffer, End> {
        match self.leftover.take() {
            Some(kept) if kept.capacity() > SMALL_LEFTOVER => Ok(kept),
            Some(copy) => {
                let mut buffer = scratch.take();
                buffer.append(copy.unread()).map_err(End::Lost)?;
                Ok(buffer)
            }
            None => Ok(scratch.take()),
        }
    }

    /// Puts what is left in the buffer aside and gives the buffer back if it can be spared.
    fn keep(&mut self, mut buffer: ReceiveBuffer, scratch: &mut impl Scratch) {
        let left = buffer.unread().len();
        if left > SMALL_LEFTOVER {
            self.leftover = Some(buffer);
            return;
        }
        if left > 0 {
            let mut copy = ReceiveBuffer::new(left);
            if copy.append(buffer.unread()).is_err() {
                self.leftover = Some(buffer);
                return;
            }
            buffer.consume(left);
            self.leftover = Some(copy);
        }
        scratch.give_back(buffer);
    }

    // ---- outbound ----

    fn send(&mut self, ends: &mut impl Ends) -> Result<bool, End> {
        if self.unheard.is_some() {
            return Ok(false);
        }
        for _ in 0..BUDGET {
            if !self.engine.wants_to_write() {
                self.encode(ends)?;
                if !self.engine.wants_to_write() {
                    return Ok(false);
                }
            }
            if !self.writable {
                return Ok(false);
            }
            let mut slices = SmallVec::<[IoSlice; 64]>::new();
            self.engine.output(&mut slices);
            match self.stream.write_vectored(&slices) {
                Ok(count) => {
                    drop(slices);
                    self.engine.wrote(count);
                }
                Err(Error::Again) => {
                    self.writable = false;
                    return Ok(false);
                }
                Err(error) => {
                    self.unheard = Some(error);
                    (self.readable, self.hung_up) = (true, true);
                    return Ok(true);
                }
            }
        }
        Ok(true)
    }

    /// Writes what has been encoded, as far as there is room for it.
    pub(super) fn flush(&mut self) {
        while self.engine.wants_to_write() {
            let mut slices = SmallVec::<[IoSlice; 64]>::new();
            self.engine.output(&mut slices);
            let Ok(count) = self.stream.write_vectored(&slices) else { return };
            drop(slices);
            self.engine.wrote(count);
        }
    }

    /// Takes messages from the pipe; leaves the pipe asleep if that emptied it.
    fn encode(&mut self, ends: &mut impl Ends) -> Result<(), Fault> {
        if self.hello.is_some() && self.engine.is_ready() {
            self.engine.encode(&mut Once(&mut self.hello))?;
        }
        let Some(pipe) = ends.pipe() else { return self.engine.encode(&mut Nothing) };
        loop {
            self.engine.encode(&mut Outbound(pipe))?;
            if self.engine.wants_to_write() || !self.engine.is_ready() || !pipe.check_read() {
                return Ok(());
            }
        }
    }
}

/// A sink that also sees the descriptor when the handshake asks or ends.
struct Watched<'a, E: Ends> {
    ends: &'a mut E,
    stream: &'a Stream,
}

impl<E: Ends> Sink for Watched<'_, E> {
    fn ready(&mut self, peer: PeerFacts) {
        self.ends.established(&peer);
        self.ends.ready(peer);
    }

    #[inline]
    fn message(&mut self, message: &mut Message) -> bool {
        self.ends.message(message)
    }

    #[inline]
    fn copied<'a>(&mut self, message: Copied<'a>) -> std::result::Result<(), Copied<'a>> {
        self.ends.copied(message)
    }

    fn authenticate(&mut self, question: Question) -> Option<Verdict> {
        self.ends.ask(self.stream, &question)
    }
}

/// The pipe as a source of messages.
struct Outbound<'a>(&'a mut Pipe);

impl Source for Outbound<'_> {
    #[inline]
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        self.0.read_in_place()
    }
}

/// One message.
struct Once<'a>(&'a mut Option<Message>);

impl Source for Once<'_> {
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        self.0.take().map(InPlace::from)
    }
}

/// No pipe yet: no messages.
struct Nothing;

impl Source for Nothing {
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        None
    }
}
