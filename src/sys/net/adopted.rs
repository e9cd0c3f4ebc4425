//! Listening descriptors that the application made (`ZMQ_USE_FD`).

use crate::error::{Error, Result};
use crate::sync::ProcessLock;
use crate::sys::os_error;
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_getfd, fcntl_setfd, ioctl_fionbio};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Those taken over and not closed yet: a number named twice must not be closed twice.
static ADOPTED: ProcessLock<Vec<RawFd>> = ProcessLock::new(Vec::new());

/// Takes over a listening descriptor; it is closed with the returned value. One that is taken over
/// already is shared through a duplicate.
///
/// Errors: `EBADF`, `ENOTSOCK`, `Invalid` when it does not listen; it is then left alone.
pub(super) fn adopt(number: RawFd) -> Result<OwnedFd> {
    if number < 0 {
        return Err(Error::Os(libc::EBADF));
    }
    let mut adopted = ADOPTED.lock();
    // SAFETY: not -1; used only during this call. Should the number not be open, the calls below
    // say EBADF and nothing else happens.
    let given = unsafe { BorrowedFd::borrow_raw(number) };
    if !rustix::net::sockopt::socket_acceptconn(given).map_err(os_error)? {
        return Err(Error::Invalid);
    }
    ioctl_fionbio(given, true).map_err(os_error)?;
    if adopted.contains(&number) {
        return fcntl_dupfd_cloexec(given, 0).map_err(os_error);
    }
    let flags = fcntl_getfd(given).map_err(os_error)?;
    fcntl_setfd(given, flags | FdFlags::CLOEXEC).map_err(os_error)?;
    adopted.push(number);
    // SAFETY: open, as the calls above showed; the application gives it away by ZMQ_USE_FD, and
    // `ADOPTED` sees to it that it is owned once.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// Closes a listening descriptor, adopted or not. From now on its number means nothing.
pub(super) fn close(fd: OwnedFd) {
    let mut adopted = ADOPTED.lock();
    adopted.retain(|number| *number != fd.as_raw_fd());
    drop(fd);
}
