//! A frame body that is too large to wait for in the receive buffer.

use super::EngineConfig;
use crate::msg::{Flags, Incoming, Message};
use crate::wire::Violation;

/// Bodies from this size on that have not arrived whole are read into memory of their own.
pub(super) const LARGE: usize = 8 * 1024;

/// What is allocated for a body before any of it has arrived, unless the size limit allows more.
const UNJUSTIFIED: usize = 256 * 1024;

/// By which factor the memory grows as it fills up.
const GROWTH: usize = 4;

/// How the contents of large messages are aligned.
const ALIGNMENT: usize = 16;

/// Beyond this size, whether there is memory is tried out before the peer may send on.
const DOUBTFUL: usize = 1 << 30;

/// A body on its way into the message that it will be.
pub(super) struct LargeBody {
    flags: Flags,
    /// What is allocated of it.
    incoming: Incoming,
    /// Bytes at the front that are not of the body, which is so placed that what is left of it when it has been
    /// opened lies well.
    lead: usize,
    len: usize,
}

/// The lead of a body of which the first `overhead` bytes will be taken away.
pub(super) fn lead(overhead: usize) -> usize {
    overhead.next_multiple_of(ALIGNMENT) - overhead
}

/// A body's length from its header, if the limit and the address space allow it.
#[inline]
pub(super) fn check_len(len: u64, limit: Option<u64>) -> Result<usize, Violation> {
    match limit {
        Some(limit) if len > limit => Err(Violation::FrameTooLarge),
        _ => usize::try_from(len).map_err(|_| Violation::FrameTooLarge),
    }
}

impl LargeBody {
    /// Begins with the bytes that have arrived, fewer than `len`.
    pub(super) fn begin(
        flags: Flags,
        len: usize,
        lead: usize,
        config: &EngineConfig,
        received: &[u8],
    ) -> Result<LargeBody, Violation> {
        let room = if config.max_message_size.is_some() {
            len
        } else {
            if len > DOUBTFUL {
                Message::try_room(len).map_err(|_| Violation::FrameTooLarge)?;
            }
            len.min(UNJUSTIFIED.max(received.len().saturating_mul(GROWTH)))
        };
        let (room, len) = (room.saturating_add(lead), len.saturating_add(lead));
        let mut incoming = allocate(room)?;
        incoming.append(&[0; ALIGNMENT][..lead]);
        incoming.append(received);
        Ok(LargeBody { flags, incoming, lead, len })
    }

    /// Where more bytes belong; there is always room.
    pub(super) fn incoming(&mut self) -> &mut Incoming {
        &mut self.incoming
    }

    /// Makes room if there is none; whether the body is whole.
    pub(super) fn advance(&mut self) -> Result<bool, Violation> {
        let filled = self.incoming.filled();
        if self.incoming.missing() > 0 {
            return Ok(false);
        }
        if filled.len() < self.len {
            let mut larger = allocate(self.len.min(filled.len().saturating_mul(GROWTH)))?;
            larger.append(filled);
            self.incoming = larger;
            return Ok(false);
        }
        Ok(true)
    }

    /// The frame's flags and the body, if it is whole.
    pub(super) fn finish(self) -> Option<(Flags, Message)> {
        let mut message = self.incoming.finish()?;
        message.skip(self.lead);
        Some((self.flags, message))
    }
}

fn allocate(len: usize) -> Result<Incoming, Violation> {
    Incoming::new(len).map_err(|_| Violation::FrameTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::SocketType;

    fn config(max_message_size: Option<u64>) -> EngineConfig {
        EngineConfig { max_message_size, ..EngineConfig::new(SocketType::Pull) }
    }

    #[test]
    fn memory_follows_the_bytes_received_and_all_of_them_arrive() {
        let (len, lead) = (3_000_000, lead(33));
        assert_eq!((lead, super::lead(0), super::lead(16)), (15, 0, 0));
        let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        let mut body = LargeBody::begin(Flags::MORE, len, lead, &config(None), &bytes[..10]).expect("memory");
        let mut at = 10;
        while at < len {
            let missing = body.incoming().missing();
            assert!(missing > 0 && at + missing <= UNJUSTIFIED.max(at * GROWTH) + lead * GROWTH);
            at += body.incoming().append(&bytes[at..len.min(at + 100_000)]);
            assert_eq!(body.advance(), Ok(at == len));
        }
        let (flags, message) = body.finish().expect("whole");
        assert_eq!((flags, message.data()), (Flags::MORE, &bytes[..]));
    }

    #[test]
    fn a_limit_justifies_the_whole_size() {
        let mut body =
            LargeBody::begin(Flags::empty(), 1 << 20, 0, &config(Some(1 << 20)), b"").expect("memory");
        assert_eq!(body.incoming().missing(), 1 << 20);
    }

    #[test]
    fn sizes_beyond_limit_or_memory_are_refused() {
        assert_eq!(check_len(51, Some(50)), Err(Violation::FrameTooLarge));
        assert_eq!(check_len(50, Some(50)), Ok(50));
        assert_eq!(check_len(51, None), Ok(51));
        let huge = LargeBody::begin(Flags::empty(), isize::MAX as usize, 0, &config(None), b"");
        assert_eq!(huge.err(), Some(Violation::FrameTooLarge));
    }
}
