//! udp addresses, `[interface;]host:port`, and sockets for them (zmq_udp(7)).

use super::tcp::{Host, TcpBind};
use crate::error::{Error, Result};
use crate::options::SocketOptions;
use crate::sys::net::{Datagrams, Interface, Multicast};
use crate::sys::resolve;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address that datagrams are received at or sent to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UdpAddress {
    /// A name or an address of its own; only with the address of a group. Not `*`.
    interface: Option<String>,
    host: Host,
    port: u16,
}

impl UdpAddress {
    /// Reads an address to bind to; the port may be `*` for any free one. Errors: `Invalid`, `NoDevice` for
    /// an empty host.
    pub fn parse(address: &str) -> Result<UdpAddress> {
        let (interface, address) = match address.split_once(';') {
            Some((interface, address)) => (Some(interface.trim_matches(['[', ']'])), address),
            None => (None, address),
        };
        if interface.is_some_and(str::is_empty) {
            return Err(Error::Invalid);
        }
        let TcpBind { host, port } = TcpBind::parse(address)?;
        let interface = interface.filter(|name| *name != "*").map(str::to_owned);
        Ok(UdpAddress { interface, host, port })
    }

    /// As [`UdpAddress::parse`], of one to send to.
    pub fn parse_remote(address: &str) -> Result<UdpAddress> {
        let parsed = UdpAddress::parse(address)?;
        if parsed.host == Host::Any || parsed.port == 0 {
            return Err(Error::Invalid);
        }
        Ok(parsed)
    }

    /// Whether the port is given, rather than any that is free.
    pub fn has_port(&self) -> bool {
        self.port != 0
    }

    /// A socket that receives what is sent to this address. May wait for a name server. Errors: `NoDevice`,
    /// `Invalid` for an interface without a group, those of bind(2).
    pub fn listen(&self, options: &SocketOptions) -> Result<Datagrams> {
        let ipv6 = options.ipv6();
        let address = canonical(match &self.host {
            Host::Any => resolve::any_address(self.port, ipv6),
            Host::Named(host) => resolve::local_address(host, self.port, ipv6)?,
        });
        let Some(interface) = self.interface(address.ip())? else {
            let socket = Datagrams::bound(address, false, &options.tcp_settings())?;
            socket.set_multicast(&multicast(any_interface(address.ip()), options))?;
            return Ok(socket);
        };
        let any = match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = Datagrams::bound((any, self.port).into(), true, &options.tcp_settings())?;
        socket.join(address.ip(), interface)?;
        socket.set_multicast(&multicast(interface, options))?;
        Ok(socket)
    }

    /// A socket that sends to this address, and the address. May wait for a name server. Errors: `Invalid`,
    /// `NoDevice`.
    pub fn dial(&self, options: &SocketOptions) -> Result<(Datagrams, SocketAddr)> {
        let Host::Named(host) = &self.host else { return Err(Error::Invalid) };
        let address = canonical(resolve::remote_address(host, self.port, options.ipv6())?);
        let interface = self.interface(address.ip())?;
        let socket = Datagrams::unbound(address, &options.tcp_settings())?;
        if let Some(interface) = interface {
            socket.set_multicast(&multicast(interface, options))?;
        }
        Ok((socket, address))
    }

    /// The interface by which a group is reached; None for an address that is no group.
    fn interface(&self, address: IpAddr) -> Result<Option<Interface>> {
        if !address.is_multicast() {
            return if self.interface.is_some() { Err(Error::Invalid) } else { Ok(None) };
        }
        let Some(name) = &self.interface else { return Ok(Some(any_interface(address))) };
        match address {
            IpAddr::V4(_) => match resolve::source_address(name, 0, false)?.ip() {
                IpAddr::V4(own) if own.is_multicast() => Err(Error::Invalid),
                IpAddr::V4(own) => Ok(Some(Interface::V4(own))),
                IpAddr::V6(_) => Err(Error::NoDevice),
            },
            IpAddr::V6(_) => {
                resolve::interface_index(name).map(Interface::V6).ok_or(Error::NoDevice).map(Some)
            }
        }
    }
}

/// The kernel's choice, for groups of the family of `address`.
fn any_interface(address: IpAddr) -> Interface {
    match address {
        IpAddr::V4(_) => Interface::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => Interface::V6(0),
    }
}

/// How a socket sends to groups, which a DGRAM may wherever it is bound.
fn multicast(interface: Interface, options: &SocketOptions) -> Multicast {
    Multicast { interface, hops: options.multicast_hops(), looped: options.multicast_loop() }
}

/// An IPv4 address as such, also where the socket's options have it written as an IPv6 one.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_belong_to_groups() {
        let options = SocketOptions::new(crate::options::SocketType::Dish, &Default::default());
        for (text, error) in [
            ("lo;127.0.0.1:0", Error::Invalid),
            ("239.0.0.1;239.0.0.2:*", Error::Invalid),
            ("nothing-such;239.0.0.2:*", Error::NoDevice),
        ] {
            let address = UdpAddress::parse(text).expect(text);
            assert_eq!(address.listen(&options).err(), Some(error), "{text}");
        }
        for text in ["", "127.0.0.1", ";127.0.0.1:1", "127.0.0.1:x"] {
            assert!(UdpAddress::parse(text).is_err(), "{text}");
        }
        for text in ["*:5", "127.0.0.1:*", "127.0.0.1:0"] {
            assert_eq!(UdpAddress::parse_remote(text), Err(Error::Invalid), "{text}");
        }
        assert_eq!(UdpAddress::parse("*;239.0.0.2:5"), UdpAddress::parse("239.0.0.2:5"));
    }
}
