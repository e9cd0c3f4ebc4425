//! A message whose bytes are still coming.

use super::Message;
use crate::error::{Error, Result};
use std::mem::MaybeUninit;
use std::ptr;

/// A message of a known length that is filled from the front. Bytes are read straight into it: nothing is
/// written there before.
pub struct Incoming {
    /// Its bytes are initialised up to `filled`.
    message: Message,
    filled: usize,
}

impl Incoming {
    /// A message that will have `len` bytes, and has none of them. Errors: `ENOMEM`.
    pub fn new(len: usize) -> Result<Incoming> {
        // SAFETY: the message is given away, and its bytes are looked at, only as far as they were filled.
        let message = unsafe { Message::uninit(len)? };
        Ok(Incoming { message, filled: 0 })
    }

    /// Bytes that have come.
    pub fn filled(&self) -> &[u8] {
        // SAFETY: initialised so far, and within the message.
        unsafe { std::slice::from_raw_parts(self.message.as_ptr(), self.filled) }
    }

    /// How many are still to come.
    pub fn missing(&self) -> usize {
        self.message.len() - self.filled
    }

    /// Appends as many of `bytes` as are missing; returns how many that are.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.missing());
        let spare = self.spare();
        // SAFETY: there is room for so many, and nobody else reaches it.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), spare.as_mut_ptr().cast(), count) };
        self.filled += count;
        count
    }

    /// Has `read` fill what is missing, from its front; it returns what it filled. Says how many bytes that were.
    pub fn fill(
        &mut self,
        read: impl for<'a> FnOnce(&'a mut [MaybeUninit<u8>]) -> Result<&'a mut [u8]>,
    ) -> Result<usize> {
        let spare = self.spare();
        let (place, room) = (spare.as_ptr().cast::<u8>(), spare.len());
        let read = read(spare)?;
        let count = read.len();
        if !ptr::eq(read.as_ptr(), place) || count > room {
            return Err(Error::Fault);
        }
        // A slice of initialised bytes lies there now.
        self.filled += count;
        Ok(count)
    }

    /// The message, if nothing is missing.
    pub fn finish(self) -> Option<Message> {
        (self.missing() == 0).then_some(self.message)
    }

    fn spare(&mut self) -> &mut [MaybeUninit<u8>] {
        let (filled, missing) = (self.filled, self.missing());
        // SAFETY: within the message, which has a block of its own; whether bytes there are initialised does not
        // matter to this type.
        unsafe { std::slice::from_raw_parts_mut(self.message.as_mut_ptr().add(filled).cast(), missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `bytes` into a space.
    fn read<'a>(space: &'a mut [MaybeUninit<u8>], bytes: &[u8]) -> &'a mut [u8] {
        let space = &mut space[..bytes.len()];
        space.iter_mut().zip(bytes).for_each(|(place, byte)| *place = MaybeUninit::new(*byte));
        // SAFETY: written above.
        unsafe { &mut *(ptr::from_mut(space) as *mut [u8]) }
    }

    #[test]
    fn bytes_come_from_the_front_and_no_more_than_are_missing() {
        for len in [0, 10, 1000] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let mut incoming = Incoming::new(len).expect("memory");
            assert_eq!(incoming.append(&bytes[..len / 3]), len / 3);
            let read =
                incoming.fill(|space| Ok(space[..len / 3].write_copy_of_slice(&bytes[len / 3..][..len / 3])));
            assert_eq!((read, incoming.filled()), (Ok(len / 3), &bytes[..len / 3 * 2]));
            assert_eq!(incoming.fill(|_| Err(Error::Again)), Err(Error::Again));
            let rest = [&bytes[len / 3 * 2..], b"more"].concat();
            assert_eq!((incoming.append(&rest), incoming.missing()), (len - len / 3 * 2, 0));
            assert_eq!(incoming.finish().expect("whole").data(), &bytes[..]);
        }
        assert!(Incoming::new(1).expect("memory").finish().is_none());
    }

    #[test]
    fn what_was_read_elsewhere_does_not_count() {
        let mut incoming = Incoming::new(100).expect("memory");
        assert_eq!(incoming.fill(|_| Ok(&mut [])), Err(Error::Fault));
        assert_eq!(incoming.fill(|space| Ok(read(&mut space[1..], &[0; 99]))), Err(Error::Fault));
        assert_eq!(incoming.missing(), 100);
    }

    #[test]
    fn a_huge_size_is_out_of_memory() {
        for len in [usize::MAX, isize::MAX as usize] {
            assert_eq!(Incoming::new(len).err(), Some(Error::OutOfMemory));
        }
    }
}
