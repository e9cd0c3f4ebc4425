//! What the sessions and listeners of one endpoint share.

use super::{Events, Names, SocketMailbox, Totals};
use crate::engine::EngineConfig;
use crate::msg::Message;
use crate::options::{SocketOptions, SocketType};
use crate::pipe::{self, Conflation, HighWaterMarks, Pipe};
use crate::sys::net::{Stream, is_group_member};
use crate::sys::resolve::Resolver;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

slotmap::new_key_type! {
    /// A socket's name for one of its endpoints.
    pub struct EndpointId;
}

/// Settings of an endpoint: the socket's options as they were when it was bound or connected, and
/// whom to tell what.
pub struct SessionConfig {
    /// The socket's name for the endpoint.
    pub endpoint: EndpointId,
    /// The endpoint as the socket recorded it.
    pub text: String,
    /// The socket's type.
    pub socket_type: SocketType,
    /// The socket's options at that time.
    pub options: SocketOptions,
    /// For the connections' engines.
    pub engine: Arc<EngineConfig>,
    /// Looks up the hosts of connecting endpoints.
    pub resolver: Arc<Resolver>,
    /// The socket.
    pub mailbox: Arc<SocketMailbox>,
    /// Who watches.
    pub events: Arc<dyn Events>,
    /// Whether an endpoint was taken off the socket again.
    pub removed_any: Arc<AtomicBool>,
    /// Where numbers of all its connections are kept.
    pub totals: Arc<Totals>,
    /// Where the authenticator is found.
    pub names: Arc<dyn Names>,
    /// The connecting endpoint's local name of the peer (`ZMQ_CONNECT_ROUTING_ID`).
    pub assigned: Option<Vec<u8>>,
}

impl SessionConfig {
    /// A pipe between the socket (first) and a session, with the socket's limits.
    pub fn pipe(&self) -> (Pipe, Pipe) {
        pipe_of(self.socket_type, &self.options)
    }

    /// What each connection begins with, if anything.
    pub fn hello(&self) -> Option<Message> {
        // A raw peer would take it for bytes of its protocol.
        if self.engine.raw { None } else { message_of(self.options.hello_message(self.socket_type, false)) }
    }

    /// What the application is told in the end of a connection that was accepted, if anything.
    pub fn disconnect_message(&self) -> Option<Message> {
        message_of(self.options.disconnect_message(self.socket_type))
    }

    /// What the application is told when a connection was lost that is made again, if anything.
    pub fn hiccup_message(&self) -> Option<Message> {
        message_of(self.options.hiccup_message(self.socket_type))
    }

    /// Applies the socket's kernel options to a connection that did not inherit them.
    pub fn tune(&self, stream: &Stream, tcp: bool) {
        if tcp {
            self.options.tcp_settings().apply(stream);
        }
    }

    /// Whether the accept filters let a peer in.
    pub fn admits(&self, stream: &Stream) -> bool {
        if self.text.starts_with("tcp://") {
            // A peer that has gone already has no address; a filter, if there is one, refuses it.
            return stream.peer_ip().map_or(!self.options.filters_ip(), |ip| self.options.admits_ip(ip));
        }
        match stream.credentials() {
            Some(peer) => {
                let is_member = |gid| is_group_member(peer.uid, gid);
                self.options.admits_process(peer.uid, peer.gid, peer.pid, is_member)
            }
            None => !self.options.filters_processes(),
        }
    }
}

/// A message of these bytes; None if there are none, or no memory for them.
pub fn message_of(content: &[u8]) -> Option<Message> {
    if content.is_empty() { None } else { Message::from_slice(content).ok() }
}

/// A pipe whose first end is a socket's with these options: with its limits, and conflating what it
/// says should be.
pub fn pipe_of(socket_type: SocketType, options: &SocketOptions) -> (Pipe, Pipe) {
    let hwm = HighWaterMarks { forth: options.send_hwm(), back: options.receive_hwm() };
    let (forth, back) = if options.conflate() { socket_type.conflates() } else { (false, false) };
    pipe::conflating_pair(hwm, Conflation { forth, back })
}
