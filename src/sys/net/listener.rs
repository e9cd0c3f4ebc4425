//! A socket that others connect to.

use super::adopted;
use super::stream::Stream;
use super::text::local_text;
use super::unix::Cleanup;
use crate::error::{Error, Result};
use crate::sys::os_error;
use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{SocketFlags, accept_with};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// A listening socket; dropping it closes it and removes what a wildcard address created.
#[derive(Debug)]
pub struct Listener {
    /// None only while it is being closed.
    fd: Option<OwnedFd>,
    cleanup: Option<Cleanup>,
}

/// A listener, or why there is none.
pub type Listening = std::result::Result<Listener, ListenError>;

/// Why there is no listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenError {
    /// What the kernel said.
    pub error: Error,
    /// The number that the descriptor had, if there was one; it is closed.
    pub number: Option<RawFd>,
}

/// Why there is no new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptError {
    /// Nobody is waiting.
    WouldBlock,
    /// The one who was waiting has gone, or the network is unwell; others may be waiting.
    Lost(Error),
    /// No descriptors or memory left (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`): the peer keeps
    /// waiting, so the descriptor stays readable; try again after a while rather than at once.
    Exhausted(Error),
    /// The listener itself is of no use any more.
    Broken(Error),
}

impl Listener {
    pub(super) fn new(fd: OwnedFd, cleanup: Option<Cleanup>) -> Listener {
        Listener { fd: Some(fd), cleanup }
    }

    /// Binds and listens.
    pub(super) fn begin(
        fd: OwnedFd,
        address: &impl SocketAddrArg,
        backlog: i32,
        cleanup: Option<Cleanup>,
    ) -> Listening {
        let begun = rustix::net::bind(&fd, address).and_then(|()| rustix::net::listen(&fd, backlog));
        match begun {
            Ok(()) => Ok(Listener::new(fd, cleanup)),
            Err(errno) => Err(ListenError { error: os_error(errno), number: Some(fd.as_raw_fd()) }),
        }
    }

    /// Takes over a descriptor that listens already (`ZMQ_USE_FD`), tcp or unix-domain; it is closed
    /// with the listener, and no file is removed.
    ///
    /// Errors: `EBADF`, `ENOTSOCK`, `Invalid` when it does not listen; it is then left alone.
    pub fn adopt(fd: RawFd) -> Result<Listener> {
        Ok(Listener::new(adopted::adopt(fd)?, None))
    }

    /// Takes the next connection.
    pub fn accept(&self) -> std::result::Result<Stream, AcceptError> {
        loop {
            match accept_with(self, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
                Ok(fd) => return Ok(Stream::new(fd)),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(classify(errno)),
            }
        }
    }

    /// Where it listens: `tcp://address:port` or `ipc://path`.
    pub fn local_endpoint(&self) -> String {
        local_text(self.as_fd())
    }

    /// The number of the descriptor, for monitor events.
    pub fn number(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }

    /// Closes it; the error is that of removing the file and directory of a wildcard address.
    pub fn close(mut self) -> Result<()> {
        self.release()
    }

    fn release(&mut self) -> Result<()> {
        if let Some(fd) = self.fd.take() {
            adopted::close(fd);
        }
        self.cleanup.take().map_or(Ok(()), Cleanup::run)
    }
}

impl From<Error> for ListenError {
    /// One that occurred before there was a descriptor.
    fn from(error: Error) -> ListenError {
        ListenError { error, number: None }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.release();
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // Only `close` and `drop` take the descriptor, and nothing comes after them.
        self.fd.as_ref().expect("a listener is open until it is closed").as_fd()
    }
}

/// accept(2): errors of the waiting connection are passed on by Linux.
fn classify(errno: Errno) -> AcceptError {
    let error = os_error(errno);
    match errno {
        Errno::AGAIN => AcceptError::WouldBlock,
        Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM => AcceptError::Exhausted(error),
        Errno::BADF | Errno::INVAL | Errno::NOTSOCK | Errno::FAULT => AcceptError::Broken(error),
        _ => AcceptError::Lost(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_accept() {
        for (errno, expected) in [
            (Errno::AGAIN, AcceptError::WouldBlock),
            (Errno::CONNABORTED, AcceptError::Lost(Error::Os(libc::ECONNABORTED))),
            (Errno::PROTO, AcceptError::Lost(Error::Os(libc::EPROTO))),
            (Errno::NETDOWN, AcceptError::Lost(Error::Os(libc::ENETDOWN))),
            (Errno::MFILE, AcceptError::Exhausted(Error::TooManyOpen)),
            (Errno::NFILE, AcceptError::Exhausted(Error::Os(libc::ENFILE))),
            (Errno::NOMEM, AcceptError::Exhausted(Error::OutOfMemory)),
            (Errno::NOTSOCK, AcceptError::Broken(Error::Os(libc::ENOTSOCK))),
        ] {
            assert_eq!(classify(errno), expected);
        }
    }
}
