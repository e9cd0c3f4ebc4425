//! What the library asks of the operating system, as safe functions: sockets, names, threads, epoll.
//!
//! One file per mechanism. It knows nothing of sockets in ZeroMQ's sense, of options or of endpoints:
//! settings come in as plain values. Errors carry the errno of the call that failed.

pub mod epoll;
pub mod fork;
pub mod net;
pub mod poll;
pub mod random;
pub mod resolve;
pub mod thread;

use crate::error::Error;
use std::fmt::Arguments;
use std::io::Write;

/// Tells whoever reads the process's stderr, if anybody does: a stderr that is closed is no reason to
/// panic, as `eprintln!` would.
pub(crate) fn report(what: Arguments) {
    let _ = writeln!(std::io::stderr(), "ferrozmq: {what}");
}

/// The error for what the kernel said: the variant of that name where there is one, so that callers
/// can compare.
pub(crate) fn os_error(errno: rustix::io::Errno) -> Error {
    const NAMED: [Error; 10] = [
        Error::Again,
        Error::Interrupted,
        Error::Invalid,
        Error::AddressInUse,
        Error::AddressNotAvailable,
        Error::HostUnreachable,
        Error::NotFound,
        Error::NameTooLong,
        Error::TooManyOpen,
        Error::OutOfMemory,
    ];
    let number = errno.raw_os_error();
    NAMED.into_iter().find(|error| error.errno() == number).unwrap_or(Error::Os(number))
}

/// As [`os_error`], for calls made through the standard library or socket2.
pub(crate) fn io_error(error: std::io::Error) -> Error {
    os_error(rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO))
}
