//! SUB: an XSUB that subscribes by option, filters what it receives and sends nothing.

use super::option;
use super::xsub::Xsub;
use super::{Attachment, Pattern, PipeId, Pipes, cannot_send};
use crate::error::Result;
use crate::msg::Message;

/// The pattern.
pub struct Sub {
    xsub: Xsub,
}

impl Default for Sub {
    fn default() -> Sub {
        Sub { xsub: Xsub::filtering() }
    }
}

impl Pattern for Sub {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.xsub.attached(pipes, pipe, attachment);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.xsub.activated(pipes, pipe);
    }

    fn hiccuped(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.xsub.hiccuped(pipes, pipe);
    }

    fn detached(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.xsub.detached(pipes, pipe);
    }

    fn send(&mut self, _pipes: &mut Pipes, _message: &mut Message, _blocking: bool) -> Result<()> {
        cannot_send()
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.xsub.recv(pipes, message)
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.xsub.is_readable(pipes)
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        false
    }

    fn set_option(&mut self, pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::SUBSCRIBE => Some(self.xsub.subscribe(pipes, true, value)),
            option::UNSUBSCRIBE => Some(self.xsub.subscribe(pipes, false, value)),
            option::INVERT_MATCHING => self.xsub.set_option(pipes, option, value),
            _ => None,
        }
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        self.xsub.option(option)
    }
}
