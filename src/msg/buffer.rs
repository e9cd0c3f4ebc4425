//! The buffer that bytes from the network are read into and that messages may keep looking into.

use super::Message;
use super::content::Reference;
use crate::error::{Error, Result};
use std::ptr::NonNull;

/// Bytes read from a peer, `unread` between what was consumed and what was filled.
///
/// Messages made by [`ReceiveBuffer::slice`] share the block; as long as one of them lives, the
/// bytes before the unread ones stay as they are, and a new block is started when room runs out.
/// All bytes are initialised (the block is allocated zeroed, once, and then reused).
pub struct ReceiveBuffer {
    block: Option<(Reference, NonNull<u8>)>,
    capacity: usize,
    start: usize,
    end: usize,
}

// SAFETY: the block is reached only through this object and, for reading, through messages that
// hold a reference; bytes that messages look at are never written again.
unsafe impl Send for ReceiveBuffer {}

impl ReceiveBuffer {
    /// A buffer that will hold `capacity` bytes; nothing is allocated before it is needed.
    pub fn new(capacity: usize) -> ReceiveBuffer {
        ReceiveBuffer { block: None, capacity, start: 0, end: 0 }
    }

    /// Bytes that were read and not consumed.
    pub fn unread(&self) -> &[u8] {
        match &self.block {
            // SAFETY: start <= end <= capacity, all of it initialised, and the bytes from `start` on
            // are not written while this borrow lasts.
            Some((_, data)) => unsafe {
                std::slice::from_raw_parts(data.as_ptr().add(self.start), self.end - self.start)
            },
            None => &[],
        }
    }

    /// The same for writing; they move elsewhere first if messages look into the block.
    pub fn unread_mut(&mut self) -> Result<&mut [u8]> {
        if !self.is_unique() {
            self.make_room()?;
        }
        match &self.block {
            // SAFETY: start <= end <= capacity, all of it initialised, and nobody else has a reference.
            Some((_, data)) => Ok(unsafe {
                std::slice::from_raw_parts_mut(data.as_ptr().add(self.start), self.end - self.start)
            }),
            None => Ok(&mut []),
        }
    }

    /// Takes `len` bytes off the front of the unread ones.
    pub fn consume(&mut self, len: usize) {
        self.start = self.end.min(self.start + len);
        if self.start == self.end && self.is_unique() {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Room to read into: all that is left of the block, of which at least `wanted` bytes (at most
    /// the capacity) unless unread bytes fill it.
    pub fn spare(&mut self, wanted: usize) -> Result<&mut [u8]> {
        if self.block.is_none() || self.capacity - self.end < wanted.min(self.capacity) {
            self.make_room()?;
        }
        let Some((_, data)) = &self.block else { return Err(Error::OutOfMemory) };
        // SAFETY: end <= capacity, the bytes are initialised, and no message looks past `end`.
        Ok(unsafe { std::slice::from_raw_parts_mut(data.as_ptr().add(self.end), self.capacity - self.end) })
    }

    /// Says that `len` bytes of the spare room were filled.
    pub fn advance(&mut self, len: usize) {
        self.end = self.capacity.min(self.end + len);
    }

    /// Appends bytes that are already in memory, as far as the capacity allows.
    pub fn append(&mut self, bytes: &[u8]) -> Result<usize> {
        let spare = self.spare(bytes.len())?;
        let len = bytes.len().min(spare.len());
        spare[..len].copy_from_slice(&bytes[..len]);
        self.advance(len);
        Ok(len)
    }

    /// A message that looks at `len` unread bytes, `offset` after the first. None when they are not
    /// all there.
    pub fn slice(&self, offset: usize, len: usize) -> Option<Message> {
        let (reference, data) = self.block.as_ref()?;
        if offset.checked_add(len)? > self.end - self.start {
            return None;
        }
        let mut message = Message::new();
        // SAFETY: within the block, which the message's own reference keeps alive.
        let data = unsafe { data.as_ptr().add(self.start + offset) };
        message.look_at(Some(reference.clone()), data, len);
        Some(message)
    }

    /// Size of the block.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    fn is_unique(&self) -> bool {
        self.block.as_ref().is_none_or(|(reference, _)| reference.is_unique())
    }

    /// Moves the unread bytes to the front, of a new block if messages look into the present one.
    fn make_room(&mut self) -> Result<()> {
        if self.block.is_none() || !self.is_unique() {
            let (reference, data) = Reference::allocate_buffer(self.capacity).ok_or(Error::OutOfMemory)?;
            let unread = self.unread();
            // SAFETY: a fresh block of the same capacity cannot overlap with the old one.
            unsafe { std::ptr::copy_nonoverlapping(unread.as_ptr(), data.as_ptr(), unread.len()) };
            self.block = Some((reference, data));
        } else if let Some((_, data)) = &self.block {
            let len = self.end - self.start;
            // SAFETY: both ranges lie in the block, which nobody else looks into; `copy` allows overlap.
            unsafe { std::ptr::copy(data.as_ptr().add(self.start), data.as_ptr(), len) };
        }
        self.end -= self.start;
        self.start = 0;
        Ok(())
    }
}
