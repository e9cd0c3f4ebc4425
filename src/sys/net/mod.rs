//! Sockets: listeners, connections on their way, connections, and what sends and receives datagrams.
//!
//! Every descriptor made or taken over here is non-blocking and closed on exec; no write raises
//! SIGPIPE. tcp and unix-domain sockets have the same types once they are open: [`Listener`] and
//! [`Stream`]. Names are looked up elsewhere (`sys::resolve`).

mod adopted;
mod listener;
mod stream;
mod tcp;
mod text;
mod udp;
mod unix;

pub use listener::{AcceptError, ListenError, Listener, Listening};
pub use stream::{ConnectOutcome, Connecting, Credentials, Stream};
pub use tcp::{KeepAlive, TcpSettings, connect_tcp, has_ipv6, listen_tcp};
pub use text::endpoint_text;
pub use udp::{Datagrams, Interface, Multicast};
pub use unix::{UnixName, connect_unix, is_group_member, listen_unix, listen_unix_wildcard};

use super::os_error;
use crate::error::Result;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use std::os::fd::OwnedFd;

/// A fresh stream socket.
fn stream_socket(family: AddressFamily) -> Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(family, SocketType::STREAM, flags, None).map_err(os_error)
}

#[cfg(test)]
mod tests;
