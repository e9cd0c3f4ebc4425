//! STREAM: raw connections, each known by a routing id.
//!
//! What is received is an id and some bytes; none are news of a connection that came or went. What
//! is sent is an id and some bytes; none close the connection.

use super::option;
use super::peers::{Notify, Peers};
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
pub struct Stream {
    peers: Peers,
    /// The id of the connection that came last.
    latest: Option<Vec<u8>>,
    /// The next message: its id part and its bytes, the former until it is received.
    fetched: Option<(Option<Message>, Message)>,
    outbound: Outbound,
}

/// What the next part to be sent is.
#[derive(Clone, Copy)]
enum Outbound {
    Id,
    BytesTo(PipeId),
    BytesToNobody,
}

impl Default for Stream {
    fn default() -> Stream {
        let mut peers = Peers::raw();
        peers.notify = Notify::DISCONNECT;
        Stream { peers, latest: None, fetched: None, outbound: Outbound::Id }
    }
}

impl Stream {
    /// Fetches a message, unless that was done.
    fn fetch(&mut self, pipes: &mut Pipes) -> bool {
        if self.fetched.is_none() {
            let (mut id, mut bytes) = (Message::new(), Message::new());
            if self.peers.next_message(pipes, &mut id, &mut bytes) {
                bytes.set_more(false);
                self.fetched = Some((Some(id), bytes));
            }
        }
        self.fetched.is_some()
    }
}

impl Pattern for Stream {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.peers.attached(pipes, pipe, attachment);
        if let Some(id) = self.peers.id(pipe) {
            self.latest = Some(id.to_vec());
        }
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.peers.activated(pipes, pipe);
    }

    fn identified(&mut self, pipes: &mut Pipes, pipe: PipeId, announced: Vec<u8>) {
        self.peers.identified(pipes, pipe, &announced);
    }

    fn hiccuped(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.peers.hiccuped(pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.peers.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        match std::mem::replace(&mut self.outbound, Outbound::Id) {
            Outbound::Id => {
                self.outbound = if message.more() {
                    let pipe = self.peers.pipe(message.data()).ok_or(Error::HostUnreachable)?;
                    if !pipes.check_write(pipe) {
                        let closing = pipes.is_closing(pipe);
                        return Err(if closing { Error::HostUnreachable } else { Error::Again });
                    }
                    Outbound::BytesTo(pipe)
                } else {
                    Outbound::BytesToNobody
                };
                drop(message.take());
            }
            Outbound::BytesTo(pipe) => self.peers.send_raw(pipes, pipe, message.take()),
            Outbound::BytesToNobody => drop(message.take()),
        }
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.fetch(pipes);
        let (id, bytes) = self.fetched.take().ok_or(Error::Again)?;
        match id {
            None => *message = bytes,
            Some(id) => {
                self.fetched = Some((None, bytes));
                *message = id;
            }
        }
        Ok(())
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.fetch(pipes)
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        true
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::STREAM_NOTIFY => {
                Some(option::strict_switch(value).map(|on| self.peers.notify.set(Notify::DISCONNECT, on)))
            }
            _ => None,
        }
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        match option {
            option::ROUTING_ID => self.latest.clone().map(Ok),
            _ => None,
        }
    }

    fn routing_id(&self, pipe: PipeId) -> Option<&[u8]> {
        self.peers.id(pipe)
    }

    fn takes_connect_routing_id(&self) -> bool {
        true
    }

    fn notifies_connections(&self) -> bool {
        self.peers.notify.contains(Notify::DISCONNECT)
    }

    fn is_raw(&self) -> bool {
        true
    }
}
