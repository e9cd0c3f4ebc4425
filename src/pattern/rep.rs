//! REP: answers requests, one at a time.
//!
//! The envelope of a request, all up to the first empty part, is kept and put before the reply.

use super::option::{self, store};
use super::peers::{Notify, Peers};
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
#[derive(Default)]
pub struct Rep {
    peers: Peers,
    state: State,
    /// What goes before the reply, with the empty part at its end.
    envelope: Vec<Message>,
    /// Set and read, but news of a peer is no request.
    notify: Notify,
}

#[derive(Default)]
enum State {
    /// The next request may be received.
    #[default]
    Expecting,
    /// A request was found: who asks, and the first part behind the envelope.
    Fetched(PipeId, Message),
    /// The rest of a request is to be received.
    Receiving(PipeId),
    /// The reply has not been begun.
    Due(PipeId),
    /// The rest of the reply is to be sent.
    Replying(PipeId),
    /// The rest of a reply is dropped.
    Dropping,
}

impl Rep {
    /// Finds the next request, unless that was done. Those without an envelope are dropped.
    fn fetch(&mut self, pipes: &mut Pipes) -> bool {
        match self.state {
            State::Fetched(..) | State::Receiving(_) => return true,
            State::Due(_) | State::Replying(_) | State::Dropping => return false,
            State::Expecting => {}
        }
        self.envelope.clear();
        while let Some((asker, part)) = self.peers.recv(pipes) {
            if !part.more() {
                self.envelope.clear();
                continue;
            }
            let delimiter = part.is_empty();
            self.envelope.push(part);
            if delimiter {
                // The parts of a message are all there once the first one is.
                if let Some((_, first)) = self.peers.recv(pipes) {
                    self.state = State::Fetched(asker, first);
                    return true;
                }
                self.envelope.clear();
            }
        }
        false
    }

    fn received(&mut self, asker: PipeId, part: &Message) {
        self.state = if part.more() { State::Receiving(asker) } else { State::Due(asker) };
    }
}

impl Pattern for Rep {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.peers.attached(pipes, pipe, attachment);
    }

    fn identified(&mut self, pipes: &mut Pipes, pipe: PipeId, announced: Vec<u8>) {
        self.peers.identified(pipes, pipe, &announced);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.peers.activated(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.peers.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        let asker = match self.state {
            State::Due(asker) => {
                let deliverable = pipes.check_write(asker);
                match deliverable {
                    false if pipes.contains(asker) => pipes.note_full(asker),
                    false => pipes.note_unroutable(),
                    true => {}
                }
                for part in self.envelope.drain(..).filter(|_| deliverable) {
                    pipes.write(asker, part);
                }
                deliverable.then_some(asker)
            }
            State::Replying(asker) => Some(asker),
            State::Dropping => None,
            State::Expecting | State::Fetched(..) | State::Receiving(_) => return Err(Error::State),
        };
        let part = message.take();
        self.state = match asker {
            _ if !part.more() => State::Expecting,
            Some(asker) => State::Replying(asker),
            None => State::Dropping,
        };
        if let Some(asker) = asker {
            pipes.write(asker, part);
        }
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fetch(pipes);
        match std::mem::take(&mut self.state) {
            State::Expecting => return Err(Error::Again),
            State::Fetched(asker, first) => {
                *message = first;
                self.received(asker, message);
            }
            State::Receiving(asker) => {
                self.peers.recv_into(pipes, message).ok_or(Error::Again)?;
                self.received(asker, message);
            }
            replying => {
                self.state = replying;
                return Err(Error::State);
            }
        }
        Ok(())
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fetch(pipes)
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        matches!(self.state, State::Due(_) | State::Replying(_) | State::Dropping)
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            // Accepted, but a reply never fails.
            option::ROUTER_MANDATORY => Some(option::nonneg_switch(value).map(|_| ())),
            option::ROUTER_NOTIFY => store(&mut self.notify, Notify::parse(value)),
            _ => self.peers.set_option(option, value),
        }
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        match option {
            option::ROUTER_NOTIFY => Some(Ok(self.notify.to_bytes())),
            _ => None,
        }
    }

    fn routing_id(&self, pipe: PipeId) -> Option<&[u8]> {
        self.peers.id(pipe)
    }

    fn takes_connect_routing_id(&self) -> bool {
        true
    }

    fn is_raw(&self) -> bool {
        self.peers.raw
    }

    fn is_peer_writable(&mut self, pipes: &mut Pipes, id: &[u8]) -> Result<bool> {
        self.peers.has_room(pipes, id)
    }
}
