//! ROUTER: addresses its peers by routing id.
//!
//! A received message is preceded by the id of the peer it came from; the first part of a sent one
//! names the peer and is taken off.

use super::option::{self, store};
use super::peers::{Notify, Peers};
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
#[derive(Default)]
pub struct Router {
    peers: Peers,
    /// A message that cannot be delivered is an error.
    mandatory: bool,
    inbound: Inbound,
    /// The id part of a message that was fetched, and the part after it, until they are received.
    id: Message,
    first: Message,
    outbound: Outbound,
}

/// How far the application has received the present message.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Inbound {
    #[default]
    Between,
    /// The id part and the one after it were fetched.
    Fetched,
    /// The id part was received, the one after it fetched.
    Body,
    /// Parts follow that are still in the pipe.
    Within,
}

impl Inbound {
    /// After a part that is not the id.
    fn after(part: &Message) -> Inbound {
        if part.more() { Inbound::Within } else { Inbound::Between }
    }
}

/// Where the rest of the message that is being sent goes.
#[derive(Clone, Copy, Default)]
enum Outbound {
    #[default]
    Between,
    To(PipeId),
    Nowhere,
}

impl Router {
    /// Finds the peer named by the first part of a message.
    fn route(&mut self, pipes: &mut Pipes, id: &[u8]) -> Result<Outbound> {
        match self.peers.pipe(id) {
            Some(pipe) if pipes.check_write(pipe) => Ok(Outbound::To(pipe)),
            Some(pipe) if !self.mandatory => {
                pipes.note_full(pipe);
                Ok(Outbound::Nowhere)
            }
            None if !self.mandatory => {
                pipes.note_unroutable();
                Ok(Outbound::Nowhere)
            }
            Some(pipe) if !pipes.is_closing(pipe) => Err(Error::Again),
            _ => Err(Error::HostUnreachable),
        }
    }
}

impl Pattern for Router {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.peers.attached(pipes, pipe, attachment);
    }

    fn identified(&mut self, pipes: &mut Pipes, pipe: PipeId, announced: Vec<u8>) {
        self.peers.identified(pipes, pipe, &announced);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.peers.activated(pipes, pipe);
    }

    fn hiccuped(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.peers.hiccuped(pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.peers.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        let more = message.more();
        match self.outbound {
            // A message that is nothing but an id goes nowhere, whoever is named.
            Outbound::Between if !more => drop(message.take()),
            Outbound::Between => {
                self.outbound = self.route(pipes, message.data())?;
                drop(message.take());
            }
            Outbound::To(pipe) => {
                let done = self.peers.raw || !more;
                if self.peers.raw {
                    self.peers.send_raw(pipes, pipe, message.take());
                } else {
                    pipes.write_from(pipe, message);
                }
                if done {
                    self.outbound = Outbound::Between;
                }
            }
            Outbound::Nowhere => {
                drop(message.take());
                if self.peers.raw || !more {
                    self.outbound = Outbound::Between;
                }
            }
        }
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.inbound = match self.inbound {
            Inbound::Between => {
                if !self.peers.next_message(pipes, message, &mut self.first) {
                    return Err(Error::Again);
                }
                Inbound::Body
            }
            Inbound::Fetched => {
                *message = self.id.take();
                Inbound::Body
            }
            Inbound::Body => {
                self.peers.put_first(pipes, &mut self.first, message);
                Inbound::after(message)
            }
            Inbound::Within => {
                self.peers.recv_into(pipes, message).ok_or(Error::Again)?;
                Inbound::after(message)
            }
        };
        Ok(())
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        if self.inbound == Inbound::Between && self.peers.next_message(pipes, &mut self.id, &mut self.first) {
            self.inbound = Inbound::Fetched;
        }
        self.inbound != Inbound::Between
    }

    fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        !self.mandatory || !matches!(self.outbound, Outbound::Between) || self.peers.any_has_room(pipes)
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::ROUTER_MANDATORY => store(&mut self.mandatory, option::nonneg_switch(value)),
            option::ROUTER_NOTIFY => store(&mut self.peers.notify, Notify::parse(value)),
            _ => self.peers.set_option(option, value),
        }
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        match option {
            option::ROUTER_NOTIFY => Some(Ok(self.peers.notify.to_bytes())),
            _ => None,
        }
    }

    fn routing_id(&self, pipe: PipeId) -> Option<&[u8]> {
        self.peers.id(pipe)
    }

    /// Of an id that was generated.
    fn number(&self, pipe: PipeId) -> Option<u32> {
        match self.peers.id(pipe)? {
            [0, number @ ..] => number.try_into().ok().map(u32::from_be_bytes),
            _ => None,
        }
    }

    fn pipe_of_number(&self, number: u32) -> Option<PipeId> {
        let [a, b, c, d] = number.to_be_bytes();
        self.peers.pipe(&[0, a, b, c, d])
    }

    fn takes_connect_routing_id(&self) -> bool {
        true
    }

    fn is_raw(&self) -> bool {
        self.peers.raw
    }

    fn notifies_connections(&self) -> bool {
        self.peers.raw
    }

    fn is_peer_writable(&mut self, pipes: &mut Pipes, id: &[u8]) -> Result<bool> {
        self.peers.has_room(pipes, id)
    }
}
