//! poll(2) on descriptors that belong to the application.

use super::io_error;
use crate::error::{Error, Result};
use rustix::event::PollFlags;
use smallvec::SmallVec;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::ptr;
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

/// The sets of pselect(2), by the bits that stand for them: what poll(2) is asked, and the answers that count.
const SETS: [(i16, PollFlags, PollFlags); 3] = [
    (1, PollFlags::IN, PollFlags::IN.union(PollFlags::HUP).union(PollFlags::ERR)),
    (2, PollFlags::OUT, PollFlags::OUT.union(PollFlags::ERR)),
    (POLLERR, PollFlags::PRI, PollFlags::PRI),
];

/// An item of zmq_poll; `fd` must not be negative.
pub fn from_zmq(fd: RawFd, events: i16) -> RawPoll {
    let wanted = BITS.iter().filter(|(bit, _)| events & bit != 0).map(|(_, flag)| *flag).collect();
    RawPoll { fd, wanted, found: PollFlags::empty() }
}

/// An item of zmq_ppoll, which is explained by pselect(2).
pub fn from_sets(fd: RawFd, events: i16) -> RawPoll {
    let wanted = SETS.iter().filter(|(bit, ..)| events & bit != 0).map(|(_, flag, _)| *flag).collect();
    RawPoll { fd, wanted, found: PollFlags::empty() }
}

/// What pselect(2) would find of these events.
pub fn to_sets(polled: &RawPoll, events: i16) -> i16 {
    SETS.iter().filter(|(_, _, flags)| polled.found.intersects(*flags)).map(|(bit, ..)| bit & events).sum()
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

/// Signals that are blocked during a sleep, in place of those that the thread blocks.
#[derive(Clone, Copy)]
pub struct SignalMask(libc::sigset_t);

impl SignalMask {
    /// What sigprocmask(2) calls a set.
    pub fn new(set: libc::sigset_t) -> SignalMask {
        SignalMask(set)
    }
}

/// `EBADF` if one of them is not open.
pub fn check_open(items: impl Iterator<Item = RawPoll>) -> Result<()> {
    let mut items: Vec<RawPoll> = items.collect();
    if !items.is_empty() {
        poll(&mut items, Some(Duration::ZERO))?;
    }
    let closed = items.iter().any(|item| item.found.contains(PollFlags::NVAL));
    if closed { Err(Error::Os(libc::EBADF)) } else { Ok(()) }
}

/// Waits until one of them has something, at most `timeout`; returns how many have. `EINTR` when a
/// signal handler ran.
pub fn poll(items: &mut [RawPoll], timeout: Option<Duration>) -> Result<usize> {
    poll_masked(items, timeout, None)
}

/// As [`poll`], with another signal mask meanwhile.
pub fn poll_masked(
    items: &mut [RawPoll],
    timeout: Option<Duration>,
    mask: Option<&SignalMask>,
) -> Result<usize> {
    let mut fds: SmallVec<[libc::pollfd; 16]> = items
        .iter()
        .map(|item| libc::pollfd { fd: item.fd, events: item.wanted.bits() as i16, revents: 0 })
        .collect();
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: timeout.as_secs().min(i64::MAX as u64) as libc::time_t,
        tv_nsec: timeout.subsec_nanos().into(),
    });
    let time = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let signals = mask.map_or(ptr::null(), |SignalMask(set)| ptr::from_ref(set));
    // SAFETY: an array with its length, and a time and a set that are NULL or outlive the call. The
    // descriptors are only given to ppoll(2), which reports a closed one (POLLNVAL).
    let count = unsafe { libc::ppoll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, time, signals) };
    let count = usize::try_from(count).map_err(|_| io_error(std::io::Error::last_os_error()))?;
    for (item, fd) in items.iter_mut().zip(fds) {
        item.found = PollFlags::from_bits_retain(fd.revents as u16);
    }
    Ok(count)
}
