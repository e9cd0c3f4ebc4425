//! poll(2) on descriptors that belong to the application.

use super::os_error;
use crate::error::Result;
use rustix::event::{PollFd, PollFlags, Timespec};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

/// A descriptor by number, what to look for and what was found.
#[derive(Clone, Copy, Debug)]
pub struct RawPoll {
    fd: RawFd,
    wanted: PollFlags,
    found: PollFlags,
}

impl RawPoll {
    /// Whether anything was found.
    pub fn is_ready(&self) -> bool {
        !self.found.is_empty()
    }
}

/// The bits of zmq_poll and those of poll(2).
const BITS: [(i16, PollFlags); 3] = [(1, PollFlags::IN), (2, PollFlags::OUT), (8, PollFlags::PRI)];
/// `ZMQ_POLLERR`: anything else that poll(2) tells.
const POLLERR: i16 = 4;

/// An item of zmq_poll; `fd` must not be negative.
pub fn from_zmq(fd: RawFd, events: i16) -> RawPoll {
    let wanted = BITS.iter().filter(|(bit, _)| events & bit != 0).map(|(_, flag)| *flag).collect();
    RawPoll { fd, wanted, found: PollFlags::empty() }
}

/// What was found, in bits of zmq_poll.
pub fn to_zmq(polled: &RawPoll) -> i16 {
    let known = BITS.iter().filter(|(_, flag)| polled.found.contains(*flag)).map(|(bit, _)| bit).sum::<i16>();
    let others = polled.found - (PollFlags::IN | PollFlags::OUT | PollFlags::PRI);
    if others.is_empty() { known } else { known | POLLERR }
}

/// A descriptor of our own, to be readable.
pub fn readable(fd: impl AsFd) -> RawPoll {
    RawPoll { fd: fd.as_fd().as_raw_fd(), wanted: PollFlags::IN, found: PollFlags::empty() }
}

/// Waits until one of them has something, at most `timeout`; returns how many have. `EINTR` when a
/// signal handler ran.
pub fn poll(items: &mut [RawPoll], timeout: Option<Duration>) -> Result<usize> {
    let mut fds: Vec<PollFd<'_>> = items
        .iter()
        // SAFETY: the numbers are only given to poll(2), which reports a closed one (POLLNVAL); the
        // borrow ends with this function.
        .map(|item| PollFd::from_borrowed_fd(unsafe { BorrowedFd::borrow_raw(item.fd) }, item.wanted))
        .collect();
    let timeout = timeout.map(|timeout| Timespec {
        tv_sec: timeout.as_secs().min(i64::MAX as u64) as i64,
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let count = rustix::event::poll(&mut fds, timeout.as_ref()).map_err(os_error)?;
    let found: Vec<PollFlags> = fds.iter().map(PollFd::revents).collect();
    for (item, found) in items.iter_mut().zip(found) {
        item.found = found;
    }
    Ok(count)
}
