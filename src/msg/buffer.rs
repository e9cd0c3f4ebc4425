//! The buffer that bytes from the network are read into.

use crate::error::{Error, Result};
use std::alloc::{Layout, alloc_zeroed};

/// Bytes read from a peer, `unread` between what was consumed and what was filled.
///
/// All bytes are initialised: the block is allocated zeroed, once, and then reused.
pub struct ReceiveBuffer {
    /// Empty, or of the capacity.
    block: Vec<u8>,
    capacity: usize,
    /// `start <= end <= block.len()`.
    start: usize,
    end: usize,
}

impl ReceiveBuffer {
    /// A buffer that will hold `capacity` bytes; nothing is allocated before it is needed.
    pub fn new(capacity: usize) -> ReceiveBuffer {
        ReceiveBuffer { block: Vec::new(), capacity, start: 0, end: 0 }
    }

    /// Bytes that were read and not consumed.
    pub fn unread(&self) -> &[u8] {
        &self.block[self.start..self.end]
    }

    /// The same for writing.
    pub fn unread_mut(&mut self) -> &mut [u8] {
        &mut self.block[self.start..self.end]
    }

    /// Takes `len` bytes off the front of the unread ones.
    pub fn consume(&mut self, len: usize) {
        self.start = self.end.min(self.start + len);
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Room to read into: all that is left of the block, of which at least `wanted` bytes (at most
    /// the capacity) unless unread bytes fill it.
    pub fn spare(&mut self, wanted: usize) -> Result<&mut [u8]> {
        if self.block.is_empty() {
            self.block = zeroed(self.capacity)?;
        } else if self.capacity - self.end < wanted.min(self.capacity) {
            self.block.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        Ok(&mut self.block[self.end..])
    }

    /// Says that `len` bytes of the spare room were filled.
    pub fn advance(&mut self, len: usize) {
        self.end = self.block.len().min(self.end + len);
    }

    /// Appends bytes that are already in memory, as far as the capacity allows.
    pub fn append(&mut self, bytes: &[u8]) -> Result<usize> {
        let spare = self.spare(bytes.len())?;
        let len = bytes.len().min(spare.len());
        spare[..len].copy_from_slice(&bytes[..len]);
        self.advance(len);
        Ok(len)
    }

    /// Size of the block.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

/// Memory that the kernel gives when it is first written to: what is never filled is not to take up any.
fn zeroed(len: usize) -> Result<Vec<u8>> {
    let layout = Layout::array::<u8>(len).map_err(|_| Error::OutOfMemory)?;
    if len == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the layout is not empty.
    let block = unsafe { alloc_zeroed(layout) };
    if block.is_null() {
        return Err(Error::OutOfMemory);
    }
    // SAFETY: allocated by the global allocator with the layout of a vector of this capacity, every byte
    // initialised.
    Ok(unsafe { Vec::from_raw_parts(block, len, len) })
}
