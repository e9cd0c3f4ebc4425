//! DGRAM: datagrams with the addresses that they go to and come from.
//!
//! A message has two parts: an address as text, and what the datagram holds.

use super::fair_queue::FairQueue;
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
#[derive(Default)]
pub struct Dgram {
    fair: FairQueue,
    /// The one descriptor, once there is one.
    pipe: Option<PipeId>,
    outbound: Outbound,
}

/// How far the application has sent the present message.
#[derive(Default)]
enum Outbound {
    #[default]
    Address,
    Body,
}

impl Pattern for Dgram {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        if self.pipe.is_some() {
            pipes.terminate(pipe);
        } else {
            self.pipe = Some(pipe);
            self.fair.activated(pipes, pipe);
        }
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        if self.pipe == Some(pipe) {
            self.fair.activated(pipes, pipe);
        }
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        if self.pipe == Some(pipe) {
            self.pipe = None;
            self.outbound = Outbound::Address;
            self.fair.detached(pipe);
        }
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        let pipe = self.pipe.ok_or(Error::Again)?;
        self.outbound = match (&self.outbound, message.more()) {
            (Outbound::Address, true) if pipes.check_write(pipe) => Outbound::Body,
            (Outbound::Address, true) => return Err(Error::Again),
            (Outbound::Body, false) => Outbound::Address,
            _ => return Err(Error::Invalid),
        };
        pipes.write_from(pipe, message);
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fair.recv_into(pipes, message).map(drop).ok_or(Error::Again)
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fair.is_readable(pipes)
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.pipe.is_some_and(|pipe| pipes.check_write(pipe))
    }
}
