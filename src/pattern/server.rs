//! SERVER and PEER: address their peers by number.
//!
//! A received message carries the number of the peer it came from; the number that a sent one carries
//! names the peer that gets it. Numbers are this side's own, never on the wire and never used again.

use super::fair_queue::FairQueue;
use super::single::Inbound;
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;
use foldhash::fast::RandomState;
use slotmap::SecondaryMap;
use std::collections::HashMap;

/// The pattern.
pub struct Server {
    fair: FairQueue,
    inbound: Inbound,
    pipes: HashMap<u32, PipeId, RandomState>,
    numbers: SecondaryMap<PipeId, u32>,
    /// The number that the last peer got, or one at random.
    last: u32,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            fair: FairQueue::default(),
            inbound: Inbound::default(),
            pipes: HashMap::default(),
            numbers: SecondaryMap::new(),
            last: fastrand::u32(..),
        }
    }
}

impl Server {
    /// A number that no peer has: not 0, which stands for none.
    fn next_number(&mut self) -> u32 {
        loop {
            self.last = self.last.wrapping_add(1);
            if self.last != 0 && !self.pipes.contains_key(&self.last) {
                return self.last;
            }
        }
    }
}

/// Receives a part, marked with the number of its sender.
fn part<'a>(
    fair: &'a mut FairQueue,
    numbers: &'a SecondaryMap<PipeId, u32>,
) -> impl FnMut(&mut Pipes, &mut Message) -> Result<()> + 'a {
    |pipes, message| {
        let pipe = fair.recv_into(pipes, message).ok_or(Error::Again)?;
        message.set_routing_id(numbers.get(pipe).copied().unwrap_or_default());
        Ok(())
    }
}

impl Pattern for Server {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        let number = self.next_number();
        self.pipes.insert(number, pipe);
        self.numbers.insert(pipe, number);
        self.fair.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.fair.activated(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        if let Some(number) = self.numbers.remove(pipe) {
            self.pipes.remove(&number);
        }
        self.fair.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        if message.more() {
            return Err(Error::Invalid);
        }
        let number = message.routing_id();
        let pipe = self.pipe_of_number(number).ok_or(Error::HostUnreachable)?;
        if !pipes.check_write(pipe) {
            return Err(if pipes.is_closing(pipe) { Error::HostUnreachable } else { Error::Again });
        }
        message.set_routing_id(0);
        pipes.write_from(pipe, message);
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.inbound.recv(pipes, message, part(&mut self.fair, &self.numbers))
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.inbound.is_readable(pipes, part(&mut self.fair, &self.numbers))
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        true
    }

    fn number(&self, pipe: PipeId) -> Option<u32> {
        self.numbers.get(pipe).copied()
    }

    fn pipe_of_number(&self, number: u32) -> Option<PipeId> {
        self.pipes.get(&number).copied()
    }
}
