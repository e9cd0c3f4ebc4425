//! tcp sockets and their kernel options (tcp(7), ip(7), ipv6(7), socket(7)).

use super::listener::{Listener, Listening};
use super::stream::{ConnectOutcome, Stream};
use super::stream_socket;
use crate::error::{Error, Result};
use crate::sys::{io_error, os_error};
use rustix::net::{AddressFamily, sockopt};
use socket2::SockRef;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// What the application wants the kernel to do differently from its defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpSettings {
    /// `SO_SNDBUF` in bytes.
    pub send_buffer: Option<usize>,
    /// `SO_RCVBUF` in bytes.
    pub receive_buffer: Option<usize>,
    /// Probing of idle connections.
    pub keep_alive: Option<KeepAlive>,
    /// `TCP_USER_TIMEOUT` in milliseconds; 0: the kernel's.
    pub max_retransmit: u32,
    /// `IP_TOS` and `IPV6_TCLASS`; 0: the kernel's.
    pub type_of_service: u8,
    /// `SO_PRIORITY`; 0: the kernel's. Above 6 needs a privilege.
    pub priority: u32,
    /// `SO_BUSY_POLL` in microseconds; 0: none.
    pub busy_poll: u32,
    /// `SO_BINDTODEVICE`; empty: any.
    pub device: Vec<u8>,
}

/// `SO_KEEPALIVE` and, when it is on, its details; None leaves one to the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// Whether there are probes at all.
    pub on: bool,
    /// Probes without an answer before the connection is given up.
    pub count: Option<u32>,
    /// Seconds without traffic before the first probe.
    pub idle: Option<u32>,
    /// Seconds between probes.
    pub interval: Option<u32>,
}

/// Binds and listens. An IPv6 address takes IPv4 peers too. Port 0 lets the kernel choose.
///
/// Errors: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, `EAFNOSUPPORT` (no IPv6 here), those of
/// binding to a device (`ENODEV`, `EPERM`).
pub fn listen_tcp(address: SocketAddr, backlog: i32, settings: &TcpSettings) -> Listening {
    let fd = open(address, settings)?;
    sockopt::set_socket_reuseaddr(&fd, true).map_err(os_error)?;
    Listener::begin(fd, &address, backlog, None)
}

/// Starts to connect, from `source` when given.
///
/// Failures: `ECONNREFUSED`, `ENETUNREACH`, ..., as far as they are known at once; those of binding to the
/// source. Errors, before there is a descriptor to connect: those of binding to the device, `EMFILE`, ...
pub fn connect_tcp(
    target: SocketAddr,
    source: Option<SocketAddr>,
    settings: &TcpSettings,
) -> Result<ConnectOutcome> {
    let fd = open(target, settings)?;
    settings.tune(fd.as_fd());
    let bound = source.map_or(Ok(()), |source| {
        // Several connections may share a source port as long as their targets differ.
        sockopt::set_socket_reuseaddr(&fd, true)?;
        rustix::net::bind(&fd, &source)
    });
    let begun = bound.and_then(|()| rustix::net::connect(&fd, &target));
    Ok(ConnectOutcome::of(begun, fd))
}

/// Whether this system knows IPv6.
pub fn has_ipv6() -> bool {
    !matches!(stream_socket(AddressFamily::INET6), Err(Error::Os(libc::EAFNOSUPPORT)))
}

impl TcpSettings {
    /// Applies to an accepted connection what it may not have inherited from its listener.
    pub fn apply(&self, stream: &Stream) {
        self.prepare(stream.as_fd());
        self.tune(stream.as_fd());
    }

    /// Restricts a socket to the device, if there is one. `ENODEV`, `EPERM`.
    pub(super) fn bind_device(&self, fd: BorrowedFd<'_>) -> Result<()> {
        if self.device.is_empty() {
            return Ok(());
        }
        SockRef::from(&fd).bind_device(Some(&self.device)).map_err(io_error)
    }

    /// What must precede bind and connect. A kernel that refuses one of these keeps its default:
    /// none of them is worth losing a connection for.
    pub(super) fn prepare(&self, fd: BorrowedFd<'_>) {
        if let Some(size) = self.send_buffer {
            let _ = sockopt::set_socket_send_buffer_size(fd, size);
        }
        if let Some(size) = self.receive_buffer {
            let _ = sockopt::set_socket_recv_buffer_size(fd, size);
        }
        if self.type_of_service != 0 {
            let _ = sockopt::set_ip_tos(fd, self.type_of_service);
            let _ = sockopt::set_ipv6_tclass(fd, self.type_of_service.into());
        }
        if self.priority != 0 {
            let _ = SockRef::from(&fd).set_priority(self.priority);
        }
        if self.busy_poll != 0 {
            let _ = SockRef::from(&fd).set_busy_poll(self.busy_poll);
        }
    }

    /// What concerns a connection alone.
    fn tune(&self, fd: BorrowedFd<'_>) {
        let _ = sockopt::set_tcp_nodelay(fd, true);
        if let Some(keep_alive) = self.keep_alive {
            keep_alive.apply(fd);
        }
        if self.max_retransmit != 0 {
            let _ = sockopt::set_tcp_user_timeout(fd, self.max_retransmit);
        }
    }
}

impl KeepAlive {
    fn apply(self, fd: BorrowedFd<'_>) {
        let seconds = |count: u32| Duration::from_secs(count.into());
        let _ = sockopt::set_socket_keepalive(fd, self.on);
        if let Some(count) = self.count {
            let _ = sockopt::set_tcp_keepcnt(fd, count);
        }
        if let Some(idle) = self.idle {
            let _ = sockopt::set_tcp_keepidle(fd, seconds(idle));
        }
        if let Some(interval) = self.interval {
            let _ = sockopt::set_tcp_keepintvl(fd, seconds(interval));
        }
    }
}

/// A socket of the address's family with everything set that must be set before anything else.
fn open(address: SocketAddr, settings: &TcpSettings) -> Result<OwnedFd> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let fd = stream_socket(family)?;
    if address.is_ipv6() {
        sockopt::set_ipv6_v6only(&fd, false).map_err(os_error)?;
    }
    settings.bind_device(fd.as_fd())?;
    settings.prepare(fd.as_fd());
    Ok(fd)
}
