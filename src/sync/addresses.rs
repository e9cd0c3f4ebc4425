//! Addresses that stand for something and can be read, but hold nothing.
//!
//! Some programs look at the memory behind a socket's handle: CZMQ takes handles of its own as well as
//! plain sockets, and tells them apart by the first four bytes. So a socket's handle is an address in
//! memory that is reserved for that: it can be read, is all zeros, and is never written. Pages that are
//! only read cost nothing but their addresses.

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
use std::ptr;
use std::sync::OnceLock;

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

/// A range of addresses, reserved when the first is asked for.
pub(super) struct Addresses(OnceLock<Option<Range>>);

struct Range {
    base: usize,
    len: usize,
}

impl Addresses {
    pub(super) const fn new() -> Addresses {
        Addresses(OnceLock::new())
    }

    /// The address of the `index`-th thing at a time. None if there are no more addresses.
    pub(super) fn encode(&self, index: usize, time: u32) -> Option<usize> {
        let range = self.0.get_or_init(Range::reserve).as_ref()?;
        let offset = index.checked_mul(SPAN)?;
        (offset < range.len).then(|| range.base + offset + (time % TIMES) as usize * STEP)
    }

    /// What an address stands for, if it is one of these.
    #[inline]
    pub(super) fn decode(&self, address: usize) -> Option<(usize, u32)> {
        let range = self.0.get()?.as_ref()?;
        let offset = address.wrapping_sub(range.base);
        let valid = offset < range.len && offset.is_multiple_of(STEP);
        valid.then_some((offset / SPAN, (offset % SPAN / STEP) as u32))
    }
}

impl Range {
    fn reserve() -> Option<Range> {
        let mut len = MOST;
        while len >= LEAST {
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
            // SAFETY: a new mapping at an address that the kernel chooses touches no memory in use.
            if let Ok(base) = unsafe { mmap_anonymous(ptr::null_mut(), len, ProtFlags::READ, flags) } {
                return Some(Range { base: base as usize, len });
            }
            len /= 2;
        }
        None
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
