//! PUSH: load-balances what it sends and receives nothing.

use super::load_balancer::LoadBalancer;
use super::{Attachment, Pattern, PipeId, Pipes, cannot_receive};
use crate::error::Result;
use crate::msg::{Copied, Message};

/// The pattern.
#[derive(Default)]
pub struct Push {
    balancer: LoadBalancer,
}

impl Pattern for Push {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        self.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        pipes.discard_inbound(pipe);
        self.balancer.activated(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.balancer.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        self.balancer.send(pipes, message, blocking)
    }

    fn send_copied<'a>(
        &mut self,
        pipes: &mut Pipes,
        message: Copied<'a>,
    ) -> std::result::Result<(), Copied<'a>> {
        self.balancer.send_copied(pipes, message)
    }

    fn recv(&mut self, _pipes: &mut Pipes, _message: &mut Message) -> Result<()> {
        cannot_receive()
    }

    fn is_readable(&mut self, _pipes: &mut Pipes) -> bool {
        false
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.balancer.is_writable(pipes)
    }
}
