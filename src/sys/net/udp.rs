//! udp sockets, and the multicast groups that they are members of (udp(7), ip(7), ipv6(7)).

use super::tcp::TcpSettings;
use crate::error::{Error, Result};
use crate::sys::io_error;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

/// A socket for datagrams.
#[derive(Debug)]
pub struct Datagrams(UdpSocket);

/// The interface that multicast uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    /// The one of this address, unspecified for the kernel's choice.
    V4(Ipv4Addr),
    /// The one of this number, 0 for the kernel's choice.
    V6(u32),
}

/// What becomes of datagrams that are sent to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Multicast {
    /// Where they leave.
    pub interface: Interface,
    /// How many routers pass them on, and one.
    pub hops: u32,
    /// Whether members on this machine get them, too.
    pub looped: bool,
}

impl Datagrams {
    /// Receives what is sent to `address`; several sockets may, if it is `shared`. Errors: those of
    /// bind(2).
    pub fn bound(address: SocketAddr, shared: bool, settings: &TcpSettings) -> Result<Datagrams> {
        let socket = open(address, settings)?;
        socket.set_reuse_address(true).map_err(io_error)?;
        if shared {
            socket.set_reuse_port(true).map_err(io_error)?;
        }
        socket.bind(&address.into()).map_err(io_error)?;
        Ok(Datagrams(socket.into()))
    }

    /// Sends to addresses of the family of `address`.
    pub fn unbound(address: SocketAddr, settings: &TcpSettings) -> Result<Datagrams> {
        open(address, settings).map(|socket| Datagrams(socket.into()))
    }

    /// Receives what is sent to a group, too. Errors: `ENODEV`.
    pub fn join(&self, group: IpAddr, interface: Interface) -> Result<()> {
        match (group, interface) {
            (IpAddr::V4(group), Interface::V4(address)) => self.0.join_multicast_v4(&group, &address),
            (IpAddr::V6(group), Interface::V6(index)) => self.0.join_multicast_v6(&group, index),
            _ => return Err(Error::NoDevice),
        }
        .map_err(io_error)
    }

    /// How what is sent to groups travels.
    pub fn set_multicast(&self, multicast: &Multicast) -> Result<()> {
        let socket = SockRef::from(&self.0);
        match multicast.interface {
            Interface::V4(address) => socket
                .set_multicast_if_v4(&address)
                .and_then(|()| socket.set_multicast_ttl_v4(multicast.hops))
                .and_then(|()| socket.set_multicast_loop_v4(multicast.looped)),
            Interface::V6(index) => socket
                .set_multicast_if_v6(index)
                .and_then(|()| socket.set_multicast_hops_v6(multicast.hops))
                .and_then(|()| socket.set_multicast_loop_v6(multicast.looped)),
        }
        .map_err(io_error)
    }

    /// The next datagram, cut to the size of `buffer`, and who sent it. `Again` when there is none.
    pub fn receive(&self, buffer: &mut [u8]) -> Result<(usize, SocketAddr)> {
        retry(|| self.0.recv_from(buffer))
    }

    /// Sends a datagram. `Again` when there is no room for it.
    pub fn send(&self, datagram: &[u8], to: SocketAddr) -> Result<()> {
        retry(|| self.0.send_to(datagram, to)).map(drop)
    }

    /// Where it is bound to.
    pub fn local_address(&self) -> Result<SocketAddr> {
        self.0.local_addr().map_err(io_error)
    }
}

impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open(address: SocketAddr, settings: &TcpSettings) -> Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM.nonblocking().cloexec(), Some(Protocol::UDP));
    let socket = socket.map_err(io_error)?;
    settings.prepare(socket.as_fd());
    settings.bind_device(socket.as_fd())?;
    if address.is_ipv4() {
        socket.set_broadcast(true).map_err(io_error)?;
    }
    Ok(socket)
}

/// Again after a signal.
fn retry<T>(mut call: impl FnMut() -> std::io::Result<T>) -> Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(Error::Again),
            done => return done.map_err(io_error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_sent_to_as_asked() {
        let settings = TcpSettings::default();
        let v4 = Datagrams::unbound((Ipv4Addr::LOCALHOST, 1).into(), &settings).expect("IPv4");
        let interface = Interface::V4(Ipv4Addr::LOCALHOST);
        v4.set_multicast(&Multicast { interface, hops: 7, looped: false }).expect("lo");
        let socket = SockRef::from(&v4.0);
        assert_eq!(socket.multicast_ttl_v4().ok(), Some(7));
        assert_eq!(socket.multicast_loop_v4().ok(), Some(false));
        assert_eq!(socket.multicast_if_v4().ok(), Some(Ipv4Addr::LOCALHOST));
        let group = std::net::Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x77);
        assert_eq!(v4.join(group.into(), interface), Err(Error::NoDevice), "of the other family");
    }
}
