//! The small properties of a message in one word.
//!
//! The word is read and written as a whole. Who moves a message soon after it was made reads words that
//! are on their way to the cache, which is fast if they were written as words, and takes as long as
//! twenty instructions if they were written in pieces.

use super::Flags;

/// Values of [`Label::kind`]. Neither zeroed nor typical uninitialised memory holds one of them
/// together with [`MARK`].
pub(super) mod kind {
    pub const INLINE: u8 = 0xA1;
    pub const COUNTED: u8 = 0xA2;
    pub const CONSTANT: u8 = 0xA3;
    /// Only of messages in a lane, which their bytes lie beside. C never sees one.
    pub const HOSTED: u8 = 0xA4;
    /// The same of messages whose bytes are lent; what lies in the lane is what that block said.
    pub const LODGED: u8 = 0xA5;
}

const MARK: u8 = 0x5A;

const KIND: u32 = 32;
const FLAGS: u32 = 40;
const INLINE_LEN: u32 = 48;
const MARKED: u32 = 56;

/// From the lowest byte: routing id (4 bytes), kind, flags, length of inline content, mark.
#[derive(Clone, Copy)]
pub(super) struct Label(u64);

impl Label {
    /// Of a message without flags and routing id.
    #[inline]
    pub(super) const fn new(kind: u8, inline_len: u8) -> Label {
        Label((kind as u64) << KIND | (inline_len as u64) << INLINE_LEN | (MARK as u64) << MARKED)
    }

    /// Of memory that holds no message.
    pub(super) const fn invalid() -> Label {
        Label(0)
    }

    pub(super) fn is_valid(self) -> bool {
        self.byte(MARKED) == MARK && matches!(self.kind(), kind::INLINE | kind::COUNTED | kind::CONSTANT)
    }

    #[inline]
    pub(super) const fn kind(self) -> u8 {
        self.byte(KIND)
    }

    #[inline]
    pub(super) const fn inline_len(self) -> u8 {
        self.byte(INLINE_LEN)
    }

    #[inline]
    pub(super) const fn flags(self) -> Flags {
        Flags::from_bits_retain(self.byte(FLAGS))
    }

    #[inline]
    pub(super) const fn routing_id(self) -> u32 {
        self.0 as u32
    }

    pub(super) fn set_inline_len(&mut self, len: u8) {
        self.set_byte(INLINE_LEN, len);
    }

    /// As this one, of another kind.
    #[inline]
    pub(super) const fn with_kind(self, kind: u8) -> Label {
        Label(self.0 & !(0xFF << KIND) | (kind as u64) << KIND)
    }

    #[inline]
    pub(super) fn set_kind(&mut self, kind: u8) {
        self.set_byte(KIND, kind);
    }

    #[inline]
    pub(super) fn set_flags(&mut self, flags: Flags) {
        self.set_byte(FLAGS, flags.bits());
    }

    pub(super) fn set_routing_id(&mut self, id: u32) {
        self.0 = self.0 & !u64::from(u32::MAX) | u64::from(id);
    }

    #[inline]
    const fn byte(self, at: u32) -> u8 {
        (self.0 >> at) as u8
    }

    #[inline]
    fn set_byte(&mut self, at: u32, value: u8) {
        self.0 = self.0 & !(0xFF << at) | u64::from(value) << at;
    }
}
