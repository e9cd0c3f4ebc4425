//! epoll, eventfd and timerfd (epoll(7), eventfd(2), timerfd_create(2)).

use crate::error::{Error, Result};
use crate::sync::Notify;
use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::io::Errno;
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// The token given with the descriptor.
    pub token: u64,
    /// Bytes, a connection or the end can be read.
    pub readable: bool,
    /// There is room to write.
    pub writable: bool,
    /// The peer has closed, at least its sending half, or the descriptor failed.
    pub hung_up: bool,
}

/// How a descriptor is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Readable, for as long as it is (level-triggered).
    Level,
    /// Readable and writable, each time that begins anew (edge-triggered).
    Edge,
}

/// A set of descriptors to wait for; itself a descriptor that is readable while one of them is ready.
#[derive(Debug)]
pub struct Epoll(OwnedFd);

/// Events one `wait` can return.
const BATCH: usize = 64;

impl Epoll {
    /// An empty set. Errors: `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new() -> Result<Epoll> {
        Ok(Epoll(epoll::create(epoll::CreateFlags::CLOEXEC)?))
    }

    /// Adds a descriptor; its events carry `token`.
    pub fn add(&self, fd: impl AsFd, token: u64, watch: Watch) -> Result<()> {
        Ok(epoll::add(&self.0, fd, epoll::EventData::new_u64(token), flags(watch))?)
    }

    /// Removes a descriptor.
    pub fn remove(&self, fd: impl AsFd) -> Result<()> {
        Ok(epoll::delete(&self.0, fd)?)
    }

    /// Waits for events, at most `timeout` (None: without limit), and hands each to `handle`.
    /// Returns how many there were. `EINTR` when a signal handler ran.
    pub fn wait(&self, timeout: Option<Duration>, mut handle: impl FnMut(Readiness)) -> Result<usize> {
        let mut space = [std::mem::MaybeUninit::<epoll::Event>::uninit(); BATCH];
        let timeout = timeout.map(timespec);
        let (events, _) = match epoll::wait(&self.0, &mut space, timeout.as_ref()) {
            Err(Errno::INTR) => return Err(Error::Interrupted),
            result => result?,
        };
        for event in events.iter() {
            let flags = event.flags;
            let closed = epoll::EventFlags::HUP | epoll::EventFlags::ERR;
            handle(Readiness {
                token: event.data.u64(),
                readable: flags.intersects(epoll::EventFlags::IN | closed),
                writable: flags.intersects(epoll::EventFlags::OUT | closed),
                hung_up: flags.intersects(epoll::EventFlags::RDHUP | closed),
            });
        }
        Ok(events.len())
    }
}

impl AsFd for Epoll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn flags(watch: Watch) -> epoll::EventFlags {
    use epoll::EventFlags as E;
    match watch {
        Watch::Level => E::IN,
        Watch::Edge => E::IN | E::OUT | E::RDHUP | E::ET,
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: duration.as_secs().min(i64::MAX as u64) as i64,
        tv_nsec: duration.subsec_nanos().into(),
    }
}

/// A descriptor that any thread can make readable.
#[derive(Debug)]
pub struct WakeFd(OwnedFd);

impl WakeFd {
    /// Not readable at first. Errors: `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new() -> Result<WakeFd> {
        Ok(WakeFd(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?))
    }

    /// Makes it readable.
    pub fn signal(&self) {
        // Fails only when 2^64 - 2 signals are pending, and then it is readable all the same.
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }

    /// Makes it unreadable again.
    pub fn clear(&self) {
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }
}

impl Notify for WakeFd {
    fn notify(&self) {
        self.signal();
    }
}

impl AsFd for WakeFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// A descriptor that becomes readable at a point in time.
#[derive(Debug)]
pub struct TimerFd(OwnedFd);

impl TimerFd {
    /// Not set. Errors: `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new() -> Result<TimerFd> {
        let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
        Ok(TimerFd(rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?))
    }

    /// Readable at `when`, or never with None. Setting it makes it unreadable until then.
    pub fn set(&self, when: Option<Instant>) -> Result<()> {
        // Zero would switch the timer off, so a time that has passed is a nanosecond away.
        let after = when.map_or(Duration::ZERO, |when| {
            when.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1))
        });
        let value = Itimerspec { it_interval: timespec(Duration::ZERO), it_value: timespec(after) };
        rustix::time::timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &value)?;
        Ok(())
    }
}

impl AsFd for TimerFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
