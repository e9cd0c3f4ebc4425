//! PAIR: one peer at a time, the first that comes.

use super::dealer::Dealer;
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::Result;
use crate::msg::Message;

/// The pattern: a DEALER that turns away all peers but one.
#[derive(Default)]
pub struct Pair {
    dealer: Dealer,
    peer: Option<PipeId>,
}

impl Pattern for Pair {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        if self.peer.is_some() {
            pipes.terminate(pipe);
        } else {
            self.peer = Some(pipe);
            self.dealer.attached(pipes, pipe, attachment);
        }
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        if self.peer == Some(pipe) {
            self.dealer.activated(pipes, pipe);
        }
    }

    fn detached(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        if self.peer == Some(pipe) {
            self.peer = None;
            self.dealer.detached(pipes, pipe);
        }
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        self.dealer.send(pipes, message, blocking)
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.dealer.recv(pipes, message)
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.dealer.is_readable(pipes)
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.dealer.is_writable(pipes)
    }
}
