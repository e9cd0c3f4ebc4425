//! The messaging patterns: what each socket type does with its pipes.
//!
//! A pattern decides which pipe a message goes to and which pipe the next one comes from. It is
//! pure: it sees messages and pipes, never a descriptor, a clock or a thread; its socket calls it,
//! one call at a time, and afterwards delivers the wake-ups that [`Pipes`] collected. Adding a type
//! touches its own file and the table in [`new`].

mod arena;
mod dealer;
mod dgram;
mod dish;
mod distributor;
mod edge_index;
mod fair_queue;
mod load_balancer;
mod option;
mod pair;
mod peers;
mod pipes;
mod prefix_tree;
mod publish;
mod pull;
mod push;
mod radio;
mod rep;
mod req;
mod rotation;
mod router;
mod routing_table;
mod server;
mod single;
mod stream;
mod sub;
mod subscription;
mod subscriptions;
#[cfg(test)]
mod tests;
mod topic_counts;
mod xpub;
mod xsub;

pub use pipes::{Dropped, MOST_IN_A_ROW, PipeId, Pipes};

use crate::error::{Error, Result};
use crate::msg::{Copied, Message};
use crate::options::SocketType;
use single::Single;

/// The pattern of a socket type.
pub fn new(socket_type: SocketType) -> Box<dyn Pattern> {
    match socket_type {
        SocketType::Pair => Box::new(pair::Pair::default()),
        SocketType::Pub => Box::new(publish::Publish::default()),
        SocketType::Sub => Box::new(sub::Sub::default()),
        SocketType::Req => Box::new(req::Req::default()),
        SocketType::Rep => Box::new(rep::Rep::default()),
        SocketType::Dealer => Box::new(dealer::Dealer::default()),
        SocketType::Router => Box::new(router::Router::default()),
        SocketType::Pull => Box::new(pull::Pull::default()),
        SocketType::Push => Box::new(push::Push::default()),
        SocketType::Xpub => Box::new(xpub::Xpub::default()),
        SocketType::Xsub => Box::new(xsub::Xsub::default()),
        SocketType::Stream => Box::new(stream::Stream::default()),
        SocketType::Server | SocketType::Peer => Box::new(server::Server::default()),
        SocketType::Client => Box::new(Single::sending(dealer::Dealer::default())),
        SocketType::Radio => Box::new(radio::Radio::default()),
        SocketType::Dish => Box::new(dish::Dish::default()),
        SocketType::Gather => Box::new(Single::receiving(pull::Pull::default())),
        SocketType::Scatter => Box::new(Single::sending(push::Push::default())),
        SocketType::Dgram => Box::new(dgram::Dgram::default()),
        SocketType::Channel => Box::new(Single::sending(pair::Pair::default())),
    }
}

/// What a socket knows of a peer when its pipe is attached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The routing id that the peer announced, empty when it announced none. `None`: not known yet,
    /// [`Pattern::identified`] follows.
    pub announced: Option<Vec<u8>>,
    /// The name that the application gave this connection (`ZMQ_CONNECT_ROUTING_ID`).
    pub assigned: Option<Vec<u8>>,
    /// This side connected, rather than bound.
    pub connected: bool,
    /// Both ends are in this process (inproc).
    pub local: bool,
    /// Nobody says what he wants: all is sent, and who receives filters (ZMTP 1.0, udp).
    pub without_subscriptions: bool,
}

/// A socket type's algorithm. Errors are those of zmq_msg_send and zmq_msg_recv; `Again` means that
/// the caller may wait for a wake-up and try again.
pub trait Pattern: Send {
    /// A pipe came into use.
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment);

    /// The routing id of an attached peer has become known (empty: none), or is told once more
    /// after a reconnection.
    fn identified(&mut self, _pipes: &mut Pipes, _pipe: PipeId, _announced: Vec<u8>) {}

    /// The pipe may have become readable or writable.
    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId);

    /// The connection behind the pipe was lost and what was queued to it may have been thrown away;
    /// the pipe itself stays.
    fn hiccuped(&mut self, _pipes: &mut Pipes, _pipe: PipeId) {}

    /// The pipe is about to be removed: nothing can be read from it or written to it any more.
    fn detached(&mut self, pipes: &mut Pipes, pipe: PipeId);

    /// Sends a part, taking it out of `message`; on error the message is left as it was. The MORE
    /// flag says whether further parts follow. `blocking`: the caller is willing to wait.
    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()>;

    /// As [`Pattern::send`], of a message of one part, if that can go to a pipe without being a message before;
    /// otherwise, and if there is no room, it is given back.
    fn send_copied<'a>(
        &mut self,
        _pipes: &mut Pipes,
        message: Copied<'a>,
    ) -> std::result::Result<(), Copied<'a>> {
        Err(message)
    }

    /// Receives the next part in place of `message`, which on error is as it was, or empty.
    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()>;

    /// `ZMQ_POLLIN`: a `recv` would not give `Again`. May fetch a message to find out.
    fn is_readable(&mut self, pipes: &mut Pipes) -> bool;

    /// `ZMQ_POLLOUT`: a `send` would not give `Again`.
    fn is_writable(&mut self, pipes: &mut Pipes) -> bool;

    /// Sets an option of this type. None when it has no such option, or also wants it stored with
    /// the options that all types have.
    fn set_option(&mut self, _pipes: &mut Pipes, _option: i32, _value: &[u8]) -> Option<Result<()>> {
        None
    }

    /// Reads an option that only this type has.
    fn option(&self, _option: i32) -> Option<Result<Vec<u8>>> {
        None
    }

    /// Whether connections can be given a name, which comes as [`Attachment::assigned`].
    fn takes_connect_routing_id(&self) -> bool {
        false
    }

    /// Whether connections carry bytes as they are, without ZMTP.
    fn is_raw(&self) -> bool {
        false
    }

    /// Whether raw connections begin with an empty message from the peer (`ZMQ_STREAM_NOTIFY`).
    fn notifies_connections(&self) -> bool {
        false
    }

    /// The id by which the application knows a peer. None if it knows it by none.
    fn routing_id(&self, _pipe: PipeId) -> Option<&[u8]> {
        None
    }

    /// The number by which the application knows a peer. None if it knows it by none.
    fn number(&self, _pipe: PipeId) -> Option<u32> {
        None
    }

    /// The peer with this number.
    fn pipe_of_number(&self, _number: u32) -> Option<PipeId> {
        None
    }

    /// Joins or leaves a group. `NotSupported` for all types but DISH.
    fn set_membership(&mut self, _pipes: &mut Pipes, _group: &[u8], _member: bool) -> Result<()> {
        Err(Error::NotSupported)
    }

    /// Whether the peer with this routing id has room for a message.
    fn is_peer_writable(&mut self, _pipes: &mut Pipes, _id: &[u8]) -> Result<bool> {
        Err(Error::NotSupported)
    }
}

/// For types that do not send.
fn cannot_send() -> Result<()> {
    Err(Error::NotSupported)
}

/// For types that do not receive.
fn cannot_receive() -> Result<()> {
    Err(Error::NotSupported)
}
