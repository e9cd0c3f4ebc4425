//! From an address to a listening descriptor.

use super::address::{BindAddress, ConnectAddress, Endpoint};
use super::ipc::{IpcBind, IpcName};
use super::tcp::{Host, TcpBind};
use crate::error::{Error, Result};
use crate::options::SocketOptions;
use crate::sys::net::{self, Listener, Listening, UnixName};
use crate::sys::resolve;
use std::net::SocketAddr;

/// Listens on a tcp or ipc address, or takes over the descriptor of `ZMQ_USE_FD`. May wait for a name
/// server. Errors: zmq_bind(3).
pub fn listen(address: &BindAddress, options: &SocketOptions) -> Listening {
    options.check_security()?;
    if let Some(fd) = options.use_fd() {
        return Ok(Listener::adopt(fd)?);
    }
    match address {
        BindAddress::Tcp(address) => {
            let ipv6 = options.ipv6();
            match listen_tcp(address, ipv6, options) {
                // A machine without IPv6 is served all the same.
                Err(_) if ipv6 && !net::has_ipv6() => listen_tcp(address, false, options),
                listening => listening,
            }
        }
        BindAddress::Ipc(IpcBind::Wildcard) => net::listen_unix_wildcard(options.backlog()),
        BindAddress::Ipc(IpcBind::Name(name)) => net::listen_unix(unix_name(name), options.backlog()),
        BindAddress::Inproc(_) | BindAddress::Udp(_) => Err(Error::ProtocolNotSupported.into()),
    }
}

/// The text under which a tcp listener on this endpoint would be recorded; None if it cannot be told.
/// May wait for a name server.
pub fn resolved_text(endpoint: &Endpoint, ipv6: bool) -> Option<String> {
    let Ok(ConnectAddress::Tcp(address)) = endpoint.connect_address() else { return None };
    let route = address.route().ok()?;
    let address = resolve::local_address(&route.host, route.port, ipv6).ok()?;
    Some(net::endpoint_text(address))
}

/// A name as the operating system takes it.
pub(super) fn unix_name(name: &IpcName) -> UnixName<'_> {
    match name {
        IpcName::Path(path) => UnixName::Path(path),
        IpcName::Abstract(name) => UnixName::Abstract(name),
    }
}

fn listen_tcp(address: &TcpBind, ipv6: bool, options: &SocketOptions) -> Listening {
    net::listen_tcp(bound_address(address, ipv6)?, options.backlog(), &options.tcp_settings())
}

fn bound_address(address: &TcpBind, ipv6: bool) -> Result<SocketAddr> {
    match &address.host {
        Host::Any => Ok(resolve::any_address(address.port, ipv6)),
        Host::Named(host) => resolve::local_address(host, address.port, ipv6),
    }
}
