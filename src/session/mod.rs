//! The I/O side's actors: sessions, which run one connection each, and listeners.
//!
//! A session owns the descriptor, the engine and its end of the pipe to the socket. It is touched
//! only within a turn of its domain. What it has to tell the socket goes into the socket's mailbox
//! as a [`SocketCommand`]; what the application may want to watch goes to [`Events`].

use crate::actor::Mailbox;
use crate::pattern::Attachment;
use crate::pipe::{Pipe, Wake};
use crate::reactor::{ActorId, Domain};
use std::sync::Arc;

mod backoff;
mod connection;
mod datagrams;
mod endpoint;
mod events;
mod listener;
mod record;
mod traffic;
mod zap;

pub use crate::transport::dial::Target;
pub use connection::{Restarted, Session};
pub use datagrams::{Datagrams, Use};
pub use endpoint::{EndpointId, SessionConfig, message_of, pipe_of};
pub use events::{Event, Events};
pub use listener::Listener;
pub use record::{Endpoints, Peer, Record, Totals};
pub use zap::Names;

/// A socket's mailbox.
pub type SocketMailbox = Mailbox<SocketCommand>;

/// What other homes tell a socket. Pipes are named by the socket's own key.
pub enum SocketCommand {
    /// A pipe may have become readable, writable or ended.
    Activate(u64),
    /// A new pipe.
    Attach(Box<NewPipe>),
    /// The peer of an attached pipe has announced its routing id (empty: none).
    Identified(u64, Attachment),
    /// The connection behind a pipe was lost; what subscribers had queued to it was thrown away.
    Hiccup(u64),
    /// An inproc peer has bound the name that a pipe was connected to, and so joined it.
    Joined {
        /// The pipe.
        pipe: u64,
        /// The binder's limits, in messages.
        send_hwm: usize,
        /// The binder's limits, in messages.
        receive_hwm: usize,
        /// The binder's routing id.
        announced: Vec<u8>,
        /// What the binder wants to be sent in the end.
        farewell: Vec<u8>,
    },
    /// A connecting endpoint has given up for good.
    EndpointEnded(EndpointId),
    /// The context is terminating.
    Stop,
}

/// A pipe that a socket is given.
pub struct NewPipe {
    /// The socket's end.
    pub pipe: Pipe,
    /// What is known of the peer.
    pub attachment: Attachment,
    /// The session at the other end, unless it is a socket of this process.
    pub session: Option<(Arc<Domain>, ActorId)>,
    /// What the session notes about its connections.
    pub record: Option<Arc<Record>>,
    /// The endpoint it belongs to.
    pub endpoint: Option<EndpointId>,
    /// An inproc peer's limits for sending and receiving, in messages.
    pub peer_hwm: Option<(usize, usize)>,
    /// What an inproc peer wants to be sent in the end (`ZMQ_DISCONNECT_MSG`); empty for nothing.
    pub farewell: Vec<u8>,
}

impl Wake for SocketMailbox {
    fn wake(&self, key: u64) {
        self.post(SocketCommand::Activate(key));
    }
}
