//! From an address to a connection on its way.

use super::ipc::IpcName;
use super::listen::unix_name;
use super::tcp::{Host, TcpBind, TcpConnect};
use crate::error::{Error, Result};
use crate::options::SocketOptions;
use crate::sys::net::{self, ConnectOutcome};
use crate::sys::resolve::{self, Resolver};
use std::net::SocketAddr;

/// What a connecting endpoint connects to.
#[derive(Clone, Debug)]
pub enum Target {
    /// Host and port, looked up anew for each attempt.
    Tcp(TcpConnect),
    /// File or abstract name.
    Ipc(IpcName),
}

/// A target whose name has been looked up.
#[derive(Clone, Debug)]
pub enum Dialed {
    /// Where to and, if the application chose it, from where.
    Tcp(SocketAddr, Option<SocketAddr>),
    /// As it was.
    Ipc(IpcName),
}

/// Told the outcome of a lookup, from any thread.
pub type Later = Box<dyn FnOnce(Result<Dialed>) + Send>;

impl Target {
    /// Looks the target up: at once where there is nothing to ask, otherwise later, by `resolver`.
    pub fn dial(&self, options: &SocketOptions, resolver: &Resolver, later: Later) -> Option<Result<Dialed>> {
        if let Err(error) = options.check_security() {
            return Some(Err(error));
        }
        match self {
            Target::Ipc(name) => Some(Ok(Dialed::Ipc(name.clone()))),
            Target::Tcp(address) => dial_tcp(address, options, resolver, later).transpose(),
        }
    }
}

fn dial_tcp(
    address: &TcpConnect,
    options: &SocketOptions,
    resolver: &Resolver,
    later: Later,
) -> Result<Option<Dialed>> {
    let route = address.route()?;
    let ipv6 = options.ipv6() && net::has_ipv6();
    let source = route.source.as_ref().map(|source| source_address(source, ipv6)).transpose()?;
    if let Some(target) = resolve::numeric(&route.host, route.port, ipv6) {
        return Ok(Some(Dialed::Tcp(target, source)));
    }
    let done = move |found: Result<Vec<SocketAddr>>| {
        let first = found.and_then(|addresses| addresses.into_iter().next().ok_or(Error::NoDevice));
        later(first.map(|target| Dialed::Tcp(target, source)));
    };
    resolver.resolve(&route.host, route.port, ipv6, Box::new(done));
    Ok(None)
}

fn source_address(source: &TcpBind, ipv6: bool) -> Result<SocketAddr> {
    match &source.host {
        Host::Any => Ok(resolve::any_address(source.port, ipv6)),
        Host::Named(host) => resolve::source_address(host, source.port, ipv6),
    }
}

impl Dialed {
    /// Starts to connect. Errors: those of connect(2) that are known at once.
    pub fn connect(&self, options: &SocketOptions) -> Result<ConnectOutcome> {
        match self {
            Dialed::Tcp(target, source) => net::connect_tcp(*target, *source, &options.tcp_settings()),
            Dialed::Ipc(name) => net::connect_unix(unix_name(name)),
        }
    }
}
