//! PULL: fair-queues what it receives and sends nothing.

use super::fair_queue::FairQueue;
use super::{Attachment, Pattern, PipeId, Pipes, cannot_send};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
#[derive(Default)]
pub struct Pull {
    fair: FairQueue,
}

impl Pattern for Pull {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        self.fair.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.fair.activated(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.fair.detached(pipe);
    }

    fn send(&mut self, _pipes: &mut Pipes, _message: &mut Message, _blocking: bool) -> Result<()> {
        cannot_send()
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fair.recv_into(pipes, message).map(drop).ok_or(Error::Again)
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fair.is_readable(pipes)
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        false
    }
}
