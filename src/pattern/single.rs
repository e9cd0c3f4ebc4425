//! What makes a pattern one of messages of a single part: CLIENT, GATHER, SCATTER and CHANNEL.
//!
//! Messages of several parts are not sent, and dropped whole when another implementation sends them.

use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// A pattern whose messages have one part.
pub struct Single<P> {
    pattern: P,
    /// What is wrong with a part that announces another.
    refusal: Error,
    inbound: Inbound,
}

/// What is known of the messages to be received, of a pattern or of a queue.
#[derive(Default)]
pub struct Inbound {
    /// A message that was received to see whether there is one.
    fetched: Option<Message>,
    /// The rest of a message of several parts is to be dropped.
    skipping: bool,
}

impl<P> Single<P> {
    /// Of a pattern that sends.
    pub fn sending(pattern: P) -> Single<P> {
        Single { pattern, refusal: Error::Invalid, inbound: Inbound::default() }
    }

    /// Of a pattern that does not.
    pub fn receiving(pattern: P) -> Single<P> {
        Single { pattern, refusal: Error::NotSupported, inbound: Inbound::default() }
    }
}

impl Inbound {
    /// Receives the next message of those that `part` gives, part by part, in place of `message`.
    pub fn recv(
        &mut self,
        pipes: &mut Pipes,
        message: &mut Message,
        part: impl FnMut(&mut Pipes, &mut Message) -> Result<()>,
    ) -> Result<()> {
        match self.fetched.take() {
            Some(fetched) => *message = fetched,
            None => self.next(pipes, message, part)?,
        }
        Ok(())
    }

    /// Whether there is one.
    pub fn is_readable(
        &mut self,
        pipes: &mut Pipes,
        part: impl FnMut(&mut Pipes, &mut Message) -> Result<()>,
    ) -> bool {
        if self.fetched.is_none() {
            let mut message = Message::new();
            self.fetched = self.next(pipes, &mut message, part).is_ok().then_some(message);
        }
        self.fetched.is_some()
    }

    fn next(
        &mut self,
        pipes: &mut Pipes,
        message: &mut Message,
        mut part: impl FnMut(&mut Pipes, &mut Message) -> Result<()>,
    ) -> Result<()> {
        loop {
            part(pipes, message)?;
            let more = message.more();
            let within = std::mem::replace(&mut self.skipping, more);
            if !more && !within {
                return Ok(());
            }
            if !within {
                pipes.note_filtered();
            }
            drop(message.take());
        }
    }
}

impl<P: Pattern> Pattern for Single<P> {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.pattern.attached(pipes, pipe, attachment);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.pattern.activated(pipes, pipe);
    }

    fn detached(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.pattern.detached(pipes, pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        if message.more() {
            return Err(self.refusal);
        }
        self.pattern.send(pipes, message, blocking)
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.inbound.recv(pipes, message, |pipes, message| self.pattern.recv(pipes, message))
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.inbound.is_readable(pipes, |pipes, message| self.pattern.recv(pipes, message))
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.pattern.is_writable(pipes)
    }
}
