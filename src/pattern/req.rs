//! REQ: a request, then its reply.

use super::fair_queue::FairQueue;
use super::load_balancer::LoadBalancer;
use super::option::{self, store};
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
pub struct Req {
    balancer: LoadBalancer,
    fair: FairQueue,
    state: State,
    /// The pipe that took the request, as long as it is there.
    asked: Option<PipeId>,
    /// What the reply must carry to belong to the last request.
    expected: Option<[u8; 4]>,
    /// Number of the next request.
    number: u32,
    correlate: bool,
    relaxed: bool,
    probe: bool,
}

enum State {
    /// A request may be sent.
    Ready,
    /// The reply has not come.
    Awaiting,
    /// The first part of the reply was found.
    Fetched(Message),
    /// The rest of the reply is to be received.
    Receiving,
}

impl Default for Req {
    fn default() -> Req {
        Req {
            balancer: LoadBalancer::default(),
            fair: FairQueue::default(),
            state: State::Ready,
            asked: None,
            expected: None,
            number: fastrand::u32(..),
            correlate: false,
            relaxed: false,
            probe: false,
        }
    }
}

impl Req {
    /// Finds the reply, unless that was done. What is no reply to the last request is dropped.
    fn fetch(&mut self, pipes: &mut Pipes) -> bool {
        match self.state {
            State::Fetched(_) | State::Receiving => return true,
            State::Ready => return false,
            State::Awaiting => {}
        }
        while let Some((pipe, part)) = self.fair.recv(pipes) {
            let from_asked = self.asked.is_none_or(|asked| asked == pipe);
            match if from_asked { self.open(pipes, part) } else { Err(part) } {
                Ok(first) => {
                    self.state = State::Fetched(first);
                    return true;
                }
                Err(part) => self.fair.skip_rest(pipes, &part),
            }
        }
        false
    }

    /// Reads over the envelope that begins with `part` to the first part of the body. When the
    /// message is not the reply, gives back the part up to which it was read.
    fn open(&mut self, pipes: &mut Pipes, part: Message) -> std::result::Result<Message, Message> {
        let mut part = part;
        if let Some(number) = self.expected {
            if part.data() != number {
                return Err(part);
            }
            part = self.next_part(pipes, part)?;
        }
        if !part.is_empty() {
            return Err(part);
        }
        self.next_part(pipes, part)
    }

    fn next_part(&mut self, pipes: &mut Pipes, part: Message) -> std::result::Result<Message, Message> {
        if !part.more() {
            return Err(part);
        }
        self.fair.recv(pipes).map(|(_, part)| part).ok_or_else(Message::new)
    }

    /// Forgets a request that is not answered yet and throws away what came unasked.
    fn begin(&mut self, pipes: &mut Pipes) {
        self.state = State::Ready;
        self.asked = None;
        while self.fair.recv(pipes).is_some() {}
    }
}

impl Pattern for Req {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        if self.probe && pipes.check_write(pipe) {
            pipes.write(pipe, Message::new());
        }
        self.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.fair.activated(pipes, pipe);
        self.balancer.activated(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.fair.detached(pipe);
        self.balancer.detached(pipe);
        if self.asked == Some(pipe) {
            self.asked = None;
        }
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        if !matches!(self.state, State::Ready) && !self.relaxed {
            return Err(Error::State);
        }
        let begins = !self.balancer.in_message();
        if begins {
            if !self.balancer.is_writable(pipes) {
                return Err(Error::Again);
            }
            self.begin(pipes);
        }
        let number = self.correlate.then(|| self.number.to_ne_bytes());
        let mut envelope = number.map(|number| Message::from_slice(&number)).transpose()?;
        let more = message.more();
        let taker = self.balancer.send_enveloped(pipes, message, blocking, |pipes, pipe| {
            for mut part in envelope.take().into_iter().chain([Message::new()]) {
                part.set_more(true);
                pipes.write(pipe, part);
            }
        })?;
        if begins {
            self.expected = number;
            self.number = self.number.wrapping_add(u32::from(self.correlate));
        }
        self.asked = taker;
        if !more {
            self.state = State::Awaiting;
        }
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fetch(pipes);
        match std::mem::replace(&mut self.state, State::Ready) {
            State::Ready => return Err(Error::State),
            State::Awaiting => {
                self.state = State::Awaiting;
                return Err(Error::Again);
            }
            State::Fetched(first) => *message = first,
            State::Receiving => self.fair.recv_into(pipes, message).map(drop).ok_or(Error::Again)?,
        }
        if message.more() {
            self.state = State::Receiving;
        } else {
            self.asked = None;
        }
        Ok(())
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fetch(pipes)
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        (self.relaxed || matches!(self.state, State::Ready)) && self.balancer.is_writable(pipes)
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::REQ_CORRELATE => store(&mut self.correlate, option::nonneg_switch(value)),
            option::REQ_RELAXED => store(&mut self.relaxed, option::nonneg_switch(value)),
            option::PROBE_ROUTER => store(&mut self.probe, option::nonneg_switch(value)),
            _ => None,
        }
    }
}
