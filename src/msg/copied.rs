//! A message of one part that is copied to where it goes, without being anywhere before.

use super::annex::SharedAnnex;
use super::label::{Label, kind};
use super::{Body, HOSTED_MAX, INLINE_CAPACITY, Message, View};
use crate::error::Result;
use crate::sync::Draft;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// Bytes that become a message in a lane.
pub struct Copied<'a> {
    bytes: &'a [u8],
    annex: Option<SharedAnnex>,
}

impl<'a> Copied<'a> {
    /// The largest message that can be made so.
    pub const MAX_LEN: usize = HOSTED_MAX;

    /// Of [`Copied::MAX_LEN`] bytes at the most.
    #[inline]
    pub fn new(bytes: &'a [u8], annex: Option<SharedAnnex>) -> Copied<'a> {
        debug_assert!(bytes.len() <= Copied::MAX_LEN);
        Copied { bytes, annex }
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// As a message of its own.
    pub fn into_message(self) -> Result<Message> {
        let mut message = Message::from_slice(self.bytes)?;
        message.set_annex(self.annex);
        Ok(message)
    }
}

// SAFETY: the place is written, whichever way.
unsafe impl Draft<Message> for Copied<'_> {
    #[inline(always)]
    fn payload_len(&self) -> usize {
        if self.bytes.len() <= INLINE_CAPACITY { 0 } else { self.bytes.len() }
    }

    #[inline(always)]
    unsafe fn enter(self, place: &mut MaybeUninit<Message>, room: Option<NonNull<u8>>) {
        let (len, annex) = (self.bytes.len(), self.annex.map_or(ptr::null(), SharedAnnex::into_raw));
        let Some(room) = room else {
            let body = Body { inline: [MaybeUninit::uninit(); INLINE_CAPACITY] };
            let message = place.write(Message { body, annex, label: Label::new(kind::INLINE, len as u8) });
            // SAFETY: without room, there are as many as an inline message has.
            unsafe { ptr::copy_nonoverlapping(self.bytes.as_ptr(), message.as_mut_ptr(), len) };
            return;
        };
        // SAFETY: there is room for so many, by contract.
        unsafe { ptr::copy_nonoverlapping(self.bytes.as_ptr(), room.as_ptr(), len) };
        let body = Body { view: View { content: ptr::null_mut(), data: room.as_ptr(), len } };
        place.write(Message { body, annex, label: Label::new(kind::HOSTED, 0) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msg::Annex;
    use crate::sync::lane;

    #[test]
    fn a_lane_has_what_was_copied_or_gives_it_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        let annex = SharedAnnex::from(Annex { group: b"g\0".as_slice().into(), ..Annex::default() });
        let (mut writer, mut reader) = lane::<Message>();
        let mut full = 0;
        for len in (0..=Copied::MAX_LEN).rev() {
            let copied = Copied::new(&bytes[..len], (len % 2 == 0).then(|| annex.clone()));
            if let Err(copied) = writer.push_draft(copied) {
                assert!(len > INLINE_CAPACITY);
                writer.push(copied.into_message().expect("memory"));
                full += 1;
            }
        }
        assert!((1..200).contains(&full), "{full}");
        let _ = writer.publish();
        for len in (0..=Copied::MAX_LEN).rev() {
            let message = reader.pop().expect("sent");
            assert!(message.is_valid());
            assert_eq!(message.data(), &bytes[..len]);
            assert_eq!(message.annex().is_some(), len % 2 == 0);
        }
    }
}
