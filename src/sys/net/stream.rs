//! A connection, tcp or unix-domain, and one that is being made.

use super::text::{host_text, local_text, plain_ip, remote_address, remote_text};
use crate::error::{Error, Result};
use crate::sys::os_error;
use rustix::io::Errno;
use rustix::net::sockopt::socket_error;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags};
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// Slices that one write takes at most (`UIO_MAXIOV`).
const MOST_SLICES: usize = 1024;

/// A connected, non-blocking socket.
#[derive(Debug)]
pub struct Stream {
    fd: OwnedFd,
}

/// Who is at the other end of a unix-domain socket, as of when it connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Process; 0 when it cannot be seen from here.
    pub pid: i32,
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
}

/// How an attempt to connect stands.
#[derive(Debug)]
pub enum ConnectOutcome {
    /// It is there.
    Connected(Stream),
    /// The descriptor becomes writable when it is decided.
    InProgress(Connecting),
    /// It failed, for this reason; the number is that of the descriptor, which is closed.
    Failed(Error, RawFd),
}

/// A socket whose connection is on its way.
#[derive(Debug)]
pub struct Connecting {
    fd: OwnedFd,
}

impl Stream {
    pub(super) fn new(fd: OwnedFd) -> Stream {
        Stream { fd }
    }

    /// Reads what is there; 0 means that the peer has closed. Errors: `Again`, or why the connection
    /// is lost (`ECONNRESET`, `ETIMEDOUT`, ...).
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        self.receive(|| rustix::net::recv(&self.fd, &mut *buffer, RecvFlags::empty()).map(|(count, _)| count))
    }

    /// As [`Stream::read`], into memory that may not be initialised; returns what was read.
    pub fn read_into<'a>(&self, space: &'a mut [MaybeUninit<u8>]) -> Result<&'a mut [u8]> {
        let count = self.receive(|| {
            let received = rustix::net::recv(&self.fd, &mut *space, RecvFlags::empty());
            received.map(|((read, _), _)| read.len())
        })?;
        // SAFETY: so many bytes have just been read into it.
        Ok(unsafe { std::slice::from_raw_parts_mut(space.as_mut_ptr().cast(), count) })
    }

    fn receive(&self, mut receive: impl FnMut() -> rustix::io::Result<usize>) -> Result<usize> {
        loop {
            match receive() {
                Err(Errno::INTR) => {}
                received => return received.map_err(os_error),
            }
        }
    }

    /// Writes what fits of the slices, in their order; the count may end inside one. Errors: `Again`,
    /// or why the connection is lost (`EPIPE`, `ECONNRESET`, ...).
    pub fn write_vectored(&self, slices: &[IoSlice<'_>]) -> Result<usize> {
        let slices = &slices[..slices.len().min(MOST_SLICES)];
        loop {
            let sent = match slices {
                [] => return Ok(0),
                [slice] => rustix::net::send(&self.fd, slice, SendFlags::NOSIGNAL),
                _ => {
                    let mut control = SendAncillaryBuffer::default();
                    rustix::net::sendmsg(&self.fd, slices, &mut control, SendFlags::NOSIGNAL)
                }
            };
            match sent {
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(os_error(errno)),
            }
        }
    }

    /// The number of the descriptor, for monitor events and `ZMQ_SRCFD`.
    pub fn number(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// This end as an endpoint: `tcp://address:port`, `ipc://path`, or `ipc://` for the unnamed side.
    pub fn local_endpoint(&self) -> String {
        local_text(self.as_fd())
    }

    /// The other end as an endpoint.
    pub fn remote_endpoint(&self) -> String {
        remote_text(self.as_fd())
    }

    /// Who the peer is, for the `Peer-Address` property and for authentication: the numeric host
    /// without port, or `localhost:uid:gid:pid`. Empty when it has gone already.
    pub fn peer_address(&self) -> String {
        if let Some(address) = remote_address(self.as_fd()) {
            return host_text(address);
        }
        match self.credentials() {
            Some(Credentials { pid, uid, gid }) => format!("localhost:{uid}:{gid}:{pid}"),
            None => String::new(),
        }
    }

    /// The peer's host, for accept filters: IPv4 as such even on an IPv6 socket. None for a
    /// unix-domain socket or a peer that has gone.
    pub fn peer_ip(&self) -> Option<IpAddr> {
        remote_address(self.as_fd()).map(plain_ip)
    }

    /// The peer's process, user and group; None for an internet socket.
    pub fn credentials(&self) -> Option<Credentials> {
        let mut value = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut len = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: the value is a ucred of that length, which is what SO_PEERCRED writes (unix(7)).
        let result = unsafe {
            libc::getsockopt(
                self.fd.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                (&raw mut value).cast(),
                &raw mut len,
            )
        };
        // Internet sockets answer too, with -1 for user and group.
        (result == 0 && value.uid != u32::MAX).then_some(Credentials {
            pid: value.pid,
            uid: value.uid,
            gid: value.gid,
        })
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl ConnectOutcome {
    /// Of what connect(2), or what came before it, has said about a descriptor.
    pub(super) fn of(begun: std::result::Result<(), Errno>, fd: OwnedFd) -> ConnectOutcome {
        match begun {
            Ok(()) => ConnectOutcome::Connected(Stream::new(fd)),
            Err(Errno::INPROGRESS | Errno::INTR) => ConnectOutcome::InProgress(Connecting { fd }),
            Err(errno) => ConnectOutcome::Failed(os_error(errno), fd.as_raw_fd()),
        }
    }
}

impl Connecting {
    /// Asks, once the descriptor is writable, what came of it. `InProgress` again when nothing did
    /// yet. Failures: `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`, ...
    pub fn finish(self) -> ConnectOutcome {
        let decided = socket_error(&self.fd).and_then(|error| error);
        let named = decided.and_then(|()| rustix::net::getpeername(&self.fd)).map(drop);
        ConnectOutcome::of(
            named.map_err(|errno| match errno {
                Errno::NOTCONN => Errno::INPROGRESS,
                // A peer that came and went at once.
                Errno::INVAL => Errno::CONNRESET,
                errno => errno,
            }),
            self.fd,
        )
    }

    /// The number of the descriptor, for monitor events.
    pub fn number(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// This end as an endpoint.
    pub fn local_endpoint(&self) -> String {
        local_text(self.as_fd())
    }
}

impl AsFd for Connecting {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
