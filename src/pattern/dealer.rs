//! DEALER: load-balances what it sends, fair-queues what it receives.

use super::fair_queue::FairQueue;
use super::load_balancer::LoadBalancer;
use super::option::{self, store};
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::{Copied, Message};

/// The pattern.
#[derive(Default)]
pub struct Dealer {
    balancer: LoadBalancer,
    fair: FairQueue,
    probe: bool,
}

impl Pattern for Dealer {
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

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fair.recv_into(pipes, message).map(drop).ok_or(Error::Again)
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fair.is_readable(pipes)
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.balancer.is_writable(pipes)
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::PROBE_ROUTER => store(&mut self.probe, option::nonneg_switch(value)),
            _ => None,
        }
    }
}
