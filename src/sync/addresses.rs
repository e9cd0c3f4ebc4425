//! Addresses that stand for something and can be read, but hold nothing.
//!
//! Some programs look at the memory behind a socket's handle: CZMQ takes handles of its own as well as
//! plain sockets, and tells them apart by the first four bytes. So a socket's handle is an address in
//! memory that is reserved for that: it can be read, is all zeros, and is never written. Pages that are
//! only read cost nothing but their addresses.

use super::gate::GATE;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Addresses of one thing: that many bytes.
const SPAN: usize = 16 * 1024;

/// Distance of the addresses that stand for the same thing at different times.
const STEP: usize = 8;

/// What is reserved: enough for a quarter of a million things, or with a limit on the address space
/// (`RLIMIT_AS`) less, but not fewer than a thousand.
const MOST: usize = 4 << 30;
const LEAST: usize = 16 << 20;

/// Times that one thing can be told from.
pub(super) const TIMES: u32 = (SPAN / STEP) as u32;

/// A range of addresses, reserved when the first is asked for; empty before that.
pub(super) struct Addresses {
    reserved: Once,
    base: AtomicUsize,
    len: AtomicUsize,
}

impl Addresses {
    pub(super) const fn new() -> Addresses {
        Addresses { reserved: Once::new(), base: AtomicUsize::new(0), len: AtomicUsize::new(0) }
    }

    /// The address of the `index`-th thing at a time. None if there are no more addresses.
    pub(super) fn encode(&self, index: usize, time: u32) -> Option<usize> {
        if !self.reserved.is_completed() {
            // A child forked meanwhile would wait for ever for it to be completed.
            let _change = GATE.begin();
            self.reserved.call_once(|| self.reserve());
        }
        let offset = index.checked_mul(SPAN)?;
        let place = offset + (time % TIMES) as usize * STEP;
        (offset < self.len.load(Ordering::Relaxed)).then(|| self.base.load(Ordering::Relaxed) + place)
    }

    /// What an address stands for, if it is one of these.
    #[inline]
    pub(super) fn decode(&self, address: usize) -> Option<(usize, u32)> {
        let len = self.len.load(Ordering::Acquire);
        let offset = address.wrapping_sub(self.base.load(Ordering::Relaxed));
        let valid = offset < len && offset.is_multiple_of(STEP);
        valid.then_some((offset / SPAN, (offset % SPAN / STEP) as u32))
    }

    fn reserve(&self) {
        let mut len = MOST;
        while len >= LEAST {
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
            // SAFETY: a new mapping at an address that the kernel chooses touches no memory in use.
            if let Ok(base) = unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::READ, flags) } {
                self.base.store(base as usize, Ordering::Relaxed);
                self.len.store(len, Ordering::Release);
                return;
            }
            len /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_can_be_read_and_understood() {
        let addresses = Addresses::new();
        assert_eq!(addresses.decode(&raw const addresses as usize), None);
        for (index, time) in [(0, 0), (0, 1), (7, TIMES - 1), (1000, TIMES)] {
            let address = addresses.encode(index, time).expect("address space");
            assert_eq!(addresses.decode(address), Some((index, time % TIMES)));
            assert_eq!(addresses.decode(address + 1), None);
            // SAFETY: reserved for reading.
            assert_eq!(unsafe { (address as *const u64).read() }, 0);
        }
        assert_eq!(addresses.encode(MOST / SPAN, 0), None);
        assert_eq!(addresses.decode(0), None);
    }
}
