//! Traffic: frames to messages and back, with the commands in between.

use super::body::{self, LargeBody};
use super::groups::Groups;
use super::handshake::Established;
use super::{Fault, Heartbeat, Link, PeerFacts, Progress, Sink, Source};
use crate::mechanism::Cipher;
use crate::msg::{
    AnnexStock, Copied, Flags, GROUP_MAX_LEN, Message, ReceiveBuffer, SharedAnnex, group_of, name,
};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self, Command, MAX_CONTEXT, Ping};
use crate::wire::frame::Framing;
use crate::wire::greeting::Version;
use smallvec::SmallVec;

/// A connection in traffic.
pub(super) struct Traffic {
    framing: Framing,
    version: Version,
    annex: AnnexStock,
    cipher: Option<Box<dyn Cipher>>,
    /// What is expected of the messages received.
    shape: Shape,
    /// Each message is sent as two frames, its group and its body (RADIO).
    tells_groups: bool,
    /// The last part received announced another.
    receives_parts: bool,
    /// Subscriptions that came as commands between the parts of a message, which they must not split.
    deferred: Vec<Message>,
    /// Context of a PING that could not be answered because the output was full.
    unanswered: Option<SmallVec<[u8; MAX_CONTEXT]>>,
}

/// What the parts of a message are.
enum Shape {
    /// Whatever the application makes of them.
    Free,
    /// A REQ's reply, and where it is in that.
    Reply(Envelope),
    /// A DISH's.
    Grouped(Box<Groups>),
}

/// What a REQ awaits next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Envelope {
    /// The request id or the empty part.
    Start,
    /// The empty part.
    Delimiter,
    /// Parts of the body.
    Body,
}

impl Traffic {
    /// Begins, with what the sink is to be told.
    pub(super) fn begin(established: Established, link: &mut Link) -> (Traffic, PeerFacts) {
        let Established { version, unversioned, mechanism, finished } = established;
        let authenticated = finished.authenticated.iter().map(|(name, value)| (&**name, &**value));
        let annex = link.annex(authenticated.chain(finished.peer.iter()));
        link.timers.end_handshake();
        link.succeeded = version.has_mechanism();
        if let Some(heartbeat) = &link.config.heartbeat
            && version.has_mechanism()
        {
            link.timers.schedule_ping(heartbeat, link.now);
        }
        if unversioned && link.config.publishes() {
            // Subscribers of ZMTP 1.0 filter by themselves and do not subscribe.
            link.held.extend(subscription(true, b"", &annex));
        }
        let socket_type = finished.peer.value(name::SOCKET_TYPE);
        let peer = PeerFacts {
            routing_id: finished.routing_id,
            socket_type: socket_type.map(|name| String::from_utf8_lossy(name).into_owned()),
            version: Some(version),
            unversioned,
            mechanism,
            annex: annex.clone(),
        };
        let shape = match link.config.socket_type {
            SocketType::Req => Shape::Reply(Envelope::Start),
            SocketType::Dish => Shape::Grouped(Box::new(Groups::new(&annex))),
            _ => Shape::Free,
        };
        let traffic = Traffic {
            framing: version.framing(),
            version,
            annex: AnnexStock::new(annex),
            cipher: finished.cipher,
            shape,
            tells_groups: link.config.socket_type == SocketType::Radio,
            receives_parts: false,
            deferred: Vec::new(),
            unanswered: None,
        };
        (traffic, peer)
    }

    // ---- receiving ----

    /// Takes all whole frames.
    pub(super) fn receive<S: Sink + ?Sized>(
        &mut self,
        input: &mut ReceiveBuffer,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let mut bytes = input.unread();
        let mut at = 0;
        let outcome = loop {
            let rest = &bytes[at..];
            let header = match self.framing.header(rest) {
                Ok(Some(header)) => header,
                Ok(None) => break Ok(Progress::MoreNeeded),
                Err(violation) => break Err(violation.into()),
            };
            let body_len = match body::check_len(header.body_len, link.config.max_message_size) {
                Ok(body_len) => body_len,
                Err(violation) => break Err(violation.into()),
            };
            let received = &rest[header.len..];
            let Some(body) = received.get(..body_len) else {
                if body_len >= body::LARGE {
                    let lead = self.cipher.as_ref().map_or(0, |cipher| body::lead(cipher.overhead()));
                    match LargeBody::begin(header.flags, body_len, lead, &link.config, received) {
                        Ok(body) => link.body = Some(body),
                        Err(violation) => break Err(violation.into()),
                    }
                    at = bytes.len();
                }
                break Ok(Progress::MoreNeeded);
            };
            at += header.len + body_len;
            link.timers.sign_of_life();
            let outcome = if self.cipher.is_some() {
                let opened = self.open(&mut input.unread_mut()[at - body_len..at], link, sink);
                bytes = input.unread();
                opened
            } else if header.flags.contains(Flags::COMMAND) {
                self.command(body, link, sink)
            } else {
                self.copy(header.flags.contains(Flags::MORE), body, link, sink)
            };
            match outcome {
                Ok(Progress::MoreNeeded) => {}
                stopped => break stopped,
            }
        };
        input.consume(at);
        outcome
    }

    /// Takes a frame whose body was received into memory of its own.
    pub(super) fn receive_frame<S: Sink + ?Sized>(
        &mut self,
        mut flags: Flags,
        mut body: Message,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        if let Some(cipher) = &mut self.cipher {
            flags = cipher.open(body.body_mut().unwrap_or_default())?;
            body.skip(cipher.overhead());
        }
        if flags.contains(Flags::COMMAND) {
            self.command(body.data(), link, sink)
        } else {
            self.deliver(flags.contains(Flags::MORE), &mut body, link, sink)
        }
    }

    /// Takes a sealed frame. The flags that count are inside.
    #[inline(never)]
    fn open<S: Sink + ?Sized>(
        &mut self,
        sealed: &mut [u8],
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let Some(cipher) = &mut self.cipher else { return Ok(Progress::MoreNeeded) };
        let flags = cipher.open(sealed)?;
        let body = sealed.get(cipher.overhead()..).unwrap_or_default();
        if flags.contains(Flags::COMMAND) {
            return self.command(body, link, sink);
        }
        let mut message = Message::new();
        match message.copy_from(body) {
            Ok(()) => self.deliver(flags.contains(Flags::MORE), &mut message, link, sink),
            Err(_) => Err(Violation::FrameTooLarge.into()),
        }
    }

    /// Passes a part on that lies in the buffer. Copied, not sliced out of it: with sender and receiver of the
    /// messages in different threads that takes as long (64 to 8000 bytes measured), and pins nothing.
    #[inline(always)]
    fn copy<S: Sink + ?Sized>(
        &mut self,
        more: bool,
        body: &[u8],
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let is_whole = !more && !self.receives_parts && body.len() <= Copied::MAX_LEN;
        if is_whole && matches!(self.shape, Shape::Free) {
            return match sink.copied(Copied::new(body, Some(self.annex.take()))) {
                Ok(()) => Ok(Progress::MoreNeeded),
                Err(copied) => self.offer(copied, link, sink),
            };
        }
        let mut message = Message::new();
        match message.copy_from(body) {
            Ok(()) => self.deliver(more, &mut message, link, sink),
            Err(_) => Err(Violation::FrameTooLarge.into()),
        }
    }

    /// As `copy`, of a whole message that cannot go there without being one.
    #[inline(never)]
    fn offer<S: Sink + ?Sized>(
        &mut self,
        copied: Copied<'_>,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let mut message = copied.into_message().map_err(|_| Violation::FrameTooLarge)?;
        Ok(if sink.message(&mut message) { Progress::MoreNeeded } else { self.hold(message, link) })
    }

    /// Passes a part on, taking it out of `message`. Nothing is held when this is called. Inlined by force:
    /// each move of a message that has just been written costs as much as the rest.
    #[inline(always)]
    fn deliver<S: Sink + ?Sized>(
        &mut self,
        more: bool,
        message: &mut Message,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let annex = match &mut self.shape {
            Shape::Free => self.annex.take(),
            Shape::Reply(envelope) => {
                *envelope = envelope.next(more, message.len())?;
                self.annex.take()
            }
            Shape::Grouped(groups) => match groups.receive(more, message)? {
                Some(annex) => annex,
                None => return Ok(Progress::MoreNeeded),
            },
        };
        message.set_annex(Some(annex));
        self.receives_parts = more;
        message.set_more(more);
        if !sink.message(message) {
            return Ok(self.hold(message.take(), link));
        }
        Ok(if more || self.deferred.is_empty() { Progress::MoreNeeded } else { self.release(link, sink) })
    }

    /// Keeps a part that the sink had no room for, and what was to follow it.
    #[cold]
    fn hold(&mut self, message: Message, link: &mut Link) -> Progress {
        let more = message.more();
        link.held.push_back(message);
        if !more {
            link.held.extend(self.deferred.drain(..));
        }
        Progress::Blocked
    }

    /// Passes on what had to wait for the end of a message.
    #[cold]
    fn release<S: Sink + ?Sized>(&mut self, link: &mut Link, sink: &mut S) -> Progress {
        link.held.extend(self.deferred.drain(..));
        link.offer_held(sink)
    }

    /// Takes a command; those that mean nothing here are ignored.
    fn command<S: Sink + ?Sized>(
        &mut self,
        body: &[u8],
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        if !self.version.has_mechanism() {
            return Ok(Progress::MoreNeeded);
        }
        let Some(Command { name, data }) = Command::parse(body) else { return Ok(Progress::MoreNeeded) };
        match name {
            command::name::PING => {
                if let Some(Ping { ttl, context }) = Ping::parse(data) {
                    link.timers.promised_life(ttl, link.now);
                    self.unanswered = Some(SmallVec::from_slice(context));
                    self.answer_ping(link);
                }
            }
            _ => return self.request(name, data, link, sink),
        }
        Ok(Progress::MoreNeeded)
    }

    /// Takes what the peer wants, if that is what the command says.
    fn request<S: Sink + ?Sized>(
        &mut self,
        name: &[u8],
        data: &[u8],
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let names = link.config.heard_requests();
        let Some([add, _]) = names.filter(|names| names.contains(&name)) else {
            return Ok(Progress::MoreNeeded);
        };
        let mut wanted = data;
        if self.tells_groups {
            if data.len() > GROUP_MAX_LEN {
                return Err(Violation::MalformedGroup.into());
            }
            wanted = group_of(data);
        }
        let message =
            subscription(name == add, wanted, self.annex.annex()).ok_or(Violation::FrameTooLarge)?;
        if !self.receives_parts {
            return Ok(link.offer(message, sink));
        }
        self.deferred.push(message);
        Ok(Progress::MoreNeeded)
    }

    // ---- sending ----

    /// Takes parts from the source until the batch is full. Fails if there is no memory to seal one in.
    pub(super) fn send<S: Source + ?Sized>(&mut self, source: &mut S, link: &mut Link) -> Result<(), Fault> {
        self.answer_ping(link);
        while link.output.has_room(&link.config)
            && let Some(message) = source.next()
        {
            let flags = message.flags();
            link.sends_parts = flags.contains(Flags::MORE);
            if self.tells_groups {
                self.push_frame(Flags::MORE, message.group().to_bytes(), link);
            }
            if self.cipher.is_none() && !flags.intersects(Flags::COMMAND | Flags::SUBSCRIPTION) {
                self.framing.push_header(link.output.copied(), flags, message.len());
                link.output.push_body(message);
            } else {
                link.output.reserve(message.len()).ok_or(Violation::FrameTooLarge)?;
                self.send_special(&message, link);
            }
        }
        Ok(())
    }

    /// Sends a part that is not simply a header and a body.
    #[inline(never)]
    fn send_special(&mut self, message: &Message, link: &mut Link) {
        let (flags, data) = (message.flags(), message.data());
        let (names, since) = link.config.own_requests();
        if let Some((&first, wanted)) = data.split_first()
            && flags.contains(Flags::SUBSCRIPTION)
            && self.version >= since
        {
            self.push_command(names[usize::from(first != 1)], wanted, link);
        } else if !flags.contains(Flags::COMMAND) || self.version.has_mechanism() {
            self.push_frame(flags & (Flags::MORE | Flags::COMMAND), data, link);
        }
    }

    fn push_command(&mut self, name: &[u8], data: &[u8], link: &mut Link) {
        if self.cipher.is_some() {
            self.push_frame(Flags::COMMAND, &command::body(name, data), link);
        } else {
            let out = link.output.copied();
            self.framing.push_header(out, Flags::COMMAND, command::body_len(name, data.len()));
            command::push(out, name, data);
        }
    }

    fn push_frame(&mut self, flags: Flags, body: &[u8], link: &mut Link) {
        let out = link.output.copied();
        match &mut self.cipher {
            None => {
                self.framing.push_header(out, flags, body.len());
                out.extend_from_slice(body);
            }
            Some(cipher) => {
                self.framing.push_header(out, Flags::empty(), cipher.overhead() + body.len());
                cipher.seal(flags, body, out);
            }
        }
    }

    /// Answers the last PING, as soon as the batch has room: a peer that only asks and does not read gets
    /// no more than that.
    pub(super) fn answer_ping(&mut self, link: &mut Link) {
        if self.unanswered.is_some() && link.output.has_room(&link.config) {
            let context = self.unanswered.take().unwrap_or_default();
            self.push_command(command::name::PONG, &context, link);
        }
    }

    /// Sends a PING and arranges for the next. One that finds the batch full is left out.
    pub(super) fn send_ping(&mut self, link: &mut Link) {
        let Some(heartbeat @ Heartbeat { ttl, .. }) = link.config.heartbeat else { return };
        if link.output.has_room(&link.config) {
            self.push_command(command::name::PING, &ttl.to_be_bytes(), link);
        }
        link.timers.await_life(&heartbeat, link.now);
        link.timers.schedule_ping(&heartbeat, link.now);
    }
}

impl Envelope {
    /// What follows a part: a request id or not, the empty part, then parts of the body.
    fn next(self, more: bool, len: usize) -> Result<Envelope, Violation> {
        match (self, more, len) {
            (Envelope::Start, true, 4) => Ok(Envelope::Delimiter),
            (Envelope::Start | Envelope::Delimiter, true, 0) | (Envelope::Body, true, _) => {
                Ok(Envelope::Body)
            }
            (Envelope::Body, false, _) => Ok(Envelope::Start),
            _ => Err(Violation::ReplyWithoutEnvelope),
        }
    }
}

/// A peer's subscription; None if there is no memory for it.
fn subscription(subscribe: bool, topic: &[u8], annex: &SharedAnnex) -> Option<Message> {
    let mut message = Message::subscription(subscribe, topic).ok()?;
    message.set_annex(Some(annex.clone()));
    Some(message)
}
