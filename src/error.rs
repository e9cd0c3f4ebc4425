//! The one error type: a closed list whose values are errno values.

use std::fmt;

/// First of the library's own error numbers (`ZMQ_HAUSNUMERO`).
pub const HAUSNUMERO: i32 = 156_384_712;

/// Why a call failed, as the errno that C sees.
///
/// System errors that the library itself decides on have a variant; those that only pass through
/// from the kernel (a `bind` that fails with `EACCES`, say) are [`Error::Os`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// `EAGAIN`: the call would block.
    Again,
    /// `EINTR`: a signal handler ran while the call was waiting.
    Interrupted,
    /// `EINVAL`: bad argument, option or syntax.
    Invalid,
    /// `EFAULT`: not a context, poller, timer set or message.
    Fault,
    /// `ENOTSOCK`: not an open socket.
    NotSocket,
    /// `ENOTSUP`: this socket type does not do that.
    NotSupported,
    /// `EPROTONOSUPPORT`: unknown transport.
    ProtocolNotSupported,
    /// `ENOCOMPATPROTO`: transport and socket type do not go together.
    IncompatibleProtocol,
    /// `EFSM`: the socket's state does not allow that now.
    State,
    /// `ETERM`: the context was terminated.
    Terminated,
    /// `EMTHREAD`: no I/O thread to choose from.
    NoThread,
    /// `EHOSTUNREACH`: no peer with that routing id.
    HostUnreachable,
    /// `ENOENT`: no such endpoint.
    NotFound,
    /// `EADDRINUSE`.
    AddressInUse,
    /// `EADDRNOTAVAIL`.
    AddressNotAvailable,
    /// `ENODEV`: no interface or host of that name.
    NoDevice,
    /// `ENAMETOOLONG`.
    NameTooLong,
    /// `EMFILE`: too many sockets or descriptors.
    TooManyOpen,
    /// `ENOMEM`.
    OutOfMemory,
    /// Any other errno the kernel gave.
    Os(i32),
}

impl Error {
    /// The value for `errno`.
    pub fn errno(self) -> i32 {
        match self {
            Error::Again => libc::EAGAIN,
            Error::Interrupted => libc::EINTR,
            Error::Invalid => libc::EINVAL,
            Error::Fault => libc::EFAULT,
            Error::NotSocket => libc::ENOTSOCK,
            Error::NotSupported => libc::ENOTSUP,
            Error::ProtocolNotSupported => libc::EPROTONOSUPPORT,
            Error::IncompatibleProtocol => HAUSNUMERO + 52,
            Error::State => HAUSNUMERO + 51,
            Error::Terminated => HAUSNUMERO + 53,
            Error::NoThread => HAUSNUMERO + 54,
            Error::HostUnreachable => libc::EHOSTUNREACH,
            Error::NotFound => libc::ENOENT,
            Error::AddressInUse => libc::EADDRINUSE,
            Error::AddressNotAvailable => libc::EADDRNOTAVAIL,
            Error::NoDevice => libc::ENODEV,
            Error::NameTooLong => libc::ENAMETOOLONG,
            Error::TooManyOpen => libc::EMFILE,
            Error::OutOfMemory => libc::ENOMEM,
            Error::Os(errno) => errno,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?} (errno {})", self.errno())
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::Os(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

impl From<rustix::io::Errno> for Error {
    fn from(errno: rustix::io::Errno) -> Error {
        Error::Os(errno.raw_os_error())
    }
}

/// What fallible functions of the core return.
pub type Result<T> = std::result::Result<T, Error>;
