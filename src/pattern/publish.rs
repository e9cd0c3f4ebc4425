//! PUB: an XPUB without a reader.

use super::xpub::Xpub;
use super::{Attachment, Pattern, PipeId, Pipes, cannot_receive};
use crate::error::Result;
use crate::msg::Message;

/// The pattern.
pub struct Publish {
    xpub: Xpub,
}

impl Default for Publish {
    fn default() -> Publish {
        Publish { xpub: Xpub::without_reader() }
    }
}

impl Pattern for Publish {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.xpub.attached(pipes, pipe, attachment);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.xpub.activated(pipes, pipe);
    }

    fn detached(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.xpub.detached(pipes, pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        self.xpub.send(pipes, message, blocking)
    }

    fn recv(&mut self, _pipes: &mut Pipes, _message: &mut Message) -> Result<()> {
        cannot_receive()
    }

    fn is_readable(&mut self, _pipes: &mut Pipes) -> bool {
        false
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.xpub.is_writable(pipes)
    }

    fn set_option(&mut self, pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        self.xpub.set_option(pipes, option, value)
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        self.xpub.option(option)
    }
}
