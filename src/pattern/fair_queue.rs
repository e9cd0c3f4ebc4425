//! Receives one message from each pipe in turn.

use super::rotation::Rotation;
use super::{PipeId, Pipes};
use crate::msg::Message;
use crate::pipe::Direction;

/// Round robin over the pipes that hold messages.
#[derive(Default)]
pub struct FairQueue {
    ready: Rotation,
    /// The pipe that has the turn gave a part and not the last one.
    in_message: bool,
}

impl FairQueue {
    /// A new pipe, or one that may hold messages again, or that may have ended.
    pub fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        match (pipes.check_read(pipe), self.ready.contains(pipe)) {
            (true, false) => self.ready.join(pipe),
            (false, true) => self.ready.leave(pipe),
            _ => {}
        }
    }

    /// The pipe goes away.
    pub fn detached(&mut self, pipe: PipeId) {
        if self.in_message && self.ready.current() == Some(pipe) {
            self.in_message = false;
        }
        self.ready.leave(pipe);
    }

    /// The pipe whose message is partly received.
    pub fn partly_received(&self) -> Option<PipeId> {
        if self.in_message { self.ready.current() } else { None }
    }

    /// Whether there is a part to receive.
    pub fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        if self.in_message {
            return true;
        }
        while let Some(pipe) = self.ready.current() {
            if pipes.check_read(pipe) {
                return true;
            }
            self.ready.leave(pipe);
        }
        false
    }

    /// Receives the next part and says where it comes from. The parts of a message come in a row.
    #[inline]
    pub fn recv(&mut self, pipes: &mut Pipes) -> Option<(PipeId, Message)> {
        let mut message = Message::new();
        self.recv_into(pipes, &mut message).map(|pipe| (pipe, message))
    }

    /// As [`FairQueue::recv`], in place of `message`.
    #[inline]
    pub fn recv_into(&mut self, pipes: &mut Pipes, message: &mut Message) -> Option<PipeId> {
        while let Some(pipe) = self.ready.current() {
            if let Some(upcoming) = self.ready.upcoming() {
                pipes.approach(Direction::In, upcoming);
            }
            if pipes.read_into(pipe, message) {
                self.in_message = message.more();
                if !self.in_message {
                    self.ready.advance();
                }
                return Some(pipe);
            }
            self.in_message = false;
            self.ready.leave(pipe);
        }
        None
    }

    /// Drops what is left of a message of which `part` has been received.
    pub fn skip_rest(&mut self, pipes: &mut Pipes, part: &Message) {
        let mut more = part.more();
        while more {
            more = self.recv(pipes).is_some_and(|(_, part)| part.more());
        }
    }
}
