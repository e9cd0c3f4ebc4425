//! Frames: a header with flags and a length, then the body.

use super::Violation;
use crate::msg::Flags;

/// Which of the two frame formats a connection uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// ZMTP 1.0: length (of flags and body), flags, body; lengths from 255 in 8 bytes behind `FF`.
    Zmtp1,
    /// ZMTP 2.0 and 3.x: flags, length (of the body), body; a flag says that the length has 8 bytes.
    Zmtp2,
}

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// `MORE` and, in ZMTP 2.0 framing, `COMMAND`.
    pub flags: Flags,
    /// Bytes of the header itself.
    pub len: usize,
    /// Bytes of the body.
    pub body_len: u64,
}

/// The longest header: `FF` or flags, 8 bytes of length, and in ZMTP 1.0 flags.
pub const MAX_HEADER: usize = 10;

const MORE: u8 = 1;
const LARGE: u8 = 2;
const COMMAND: u8 = 4;

impl Framing {
    /// The header at the front of `bytes`; None while it is incomplete.
    #[inline]
    pub fn header(self, bytes: &[u8]) -> Result<Option<Header>, Violation> {
        match self {
            Framing::Zmtp2 => Ok(header2(bytes)),
            Framing::Zmtp1 => header1(bytes),
        }
    }

    /// Appends the header of a body of `body_len` bytes. ZMTP 1.0 has no commands.
    #[inline]
    pub fn push_header(self, out: &mut Vec<u8>, flags: Flags, body_len: usize) {
        match self {
            Framing::Zmtp2 => push_header2(out, flags, body_len),
            Framing::Zmtp1 => push_header1(out, flags, body_len),
        }
    }
}

#[inline]
fn header2(bytes: &[u8]) -> Option<Header> {
    let &[first, short, ..] = bytes else { return None };
    let mut flags = Flags::empty();
    flags.set(Flags::MORE, first & MORE != 0);
    flags.set(Flags::COMMAND, first & COMMAND != 0);
    if first & LARGE == 0 {
        return Some(Header { flags, len: 2, body_len: u64::from(short) });
    }
    let long = bytes.get(1..)?.first_chunk()?;
    Some(Header { flags, len: 9, body_len: u64::from_be_bytes(*long) })
}

fn header1(bytes: &[u8]) -> Result<Option<Header>, Violation> {
    let (length, header_len) = match bytes {
        [] => return Ok(None),
        [0xFF, long @ ..] => match long.first_chunk() {
            None => return Ok(None),
            Some(long) => (u64::from_be_bytes(*long), 10),
        },
        [short, ..] => (u64::from(*short), 2),
    };
    // The length counts the flags.
    let body_len = length.checked_sub(1).ok_or(Violation::EmptyFrame)?;
    let Some(last) = bytes.get(header_len - 1) else { return Ok(None) };
    let flags = if last & MORE != 0 { Flags::MORE } else { Flags::empty() };
    Ok(Some(Header { flags, len: header_len, body_len }))
}

#[inline]
fn push_header2(out: &mut Vec<u8>, flags: Flags, body_len: usize) {
    let mut first = 0;
    if flags.contains(Flags::MORE) {
        first |= MORE;
    }
    if flags.contains(Flags::COMMAND) {
        first |= COMMAND;
    }
    if let Ok(short) = u8::try_from(body_len) {
        out.extend_from_slice(&[first, short]);
    } else {
        out.push(first | LARGE);
        out.extend_from_slice(&(body_len as u64).to_be_bytes());
    }
}

fn push_header1(out: &mut Vec<u8>, flags: Flags, body_len: usize) {
    let more = u8::from(flags.contains(Flags::MORE));
    if body_len < 254 {
        out.extend_from_slice(&[body_len as u8 + 1, more]);
    } else {
        out.push(0xFF);
        out.extend_from_slice(&(body_len as u64 + 1).to_be_bytes());
        out.push(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Framing, header bytes, flags, body length.
    const HEADERS: [(Framing, &[u8], Flags, u64); 12] = [
        (Framing::Zmtp2, &[0, 0], Flags::empty(), 0),
        (Framing::Zmtp2, &[1, 255], Flags::MORE, 255),
        (Framing::Zmtp2, &[2, 0, 0, 0, 0, 0, 0, 1, 0], Flags::empty(), 256),
        (Framing::Zmtp2, &[3, 0, 0, 0, 0, 0, 1, 0, 0], Flags::MORE, 65_536),
        (Framing::Zmtp2, &[4, 41], Flags::COMMAND, 41),
        (Framing::Zmtp2, &[6, 0, 0, 0, 0, 0, 0, 1, 0], Flags::COMMAND, 256),
        (Framing::Zmtp1, &[1, 0], Flags::empty(), 0),
        (Framing::Zmtp1, &[3, 1], Flags::MORE, 2),
        (Framing::Zmtp1, &[254, 0], Flags::empty(), 253),
        (Framing::Zmtp1, &[0xFF, 0, 0, 0, 0, 0, 0, 0, 255, 0], Flags::empty(), 254),
        (Framing::Zmtp1, &[0xFF, 0, 0, 0, 0, 0, 0, 1, 0, 1], Flags::MORE, 255),
        (Framing::Zmtp1, &[0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 1], Flags::MORE, 65_536),
    ];

    #[test]
    fn headers_read_and_write_the_same_and_are_incomplete_before_their_last_byte() {
        for (framing, bytes, flags, body_len) in HEADERS {
            let expected = Header { flags, len: bytes.len(), body_len };
            assert_eq!(framing.header(bytes), Ok(Some(expected)), "{bytes:?}");
            for cut in 0..bytes.len() {
                assert_eq!(framing.header(&bytes[..cut]), Ok(None), "{bytes:?} cut at {cut}");
            }
            let mut written = Vec::new();
            framing.push_header(&mut written, flags, body_len as usize);
            assert_eq!(written, bytes);
        }
    }

    #[test]
    fn odd_headers_of_peers_are_understood() {
        let header = |flags, len, body_len| Ok(Some(Header { flags, len, body_len }));
        let long_two = [2, 0, 0, 0, 0, 0, 0, 0, 2];
        assert_eq!(Framing::Zmtp2.header(&[0xF8, 2]), header(Flags::empty(), 2, 2), "reserved bits");
        assert_eq!(
            Framing::Zmtp2.header(&long_two),
            header(Flags::empty(), 9, 2),
            "long form of a small length"
        );
        assert_eq!(Framing::Zmtp2.header(&[5, 3]), header(Flags::MORE | Flags::COMMAND, 2, 3));
        assert_eq!(Framing::Zmtp1.header(&[2, 0xFE]), header(Flags::empty(), 2, 1), "reserved bits");
        let long_five = [0xFF, 0, 0, 0, 0, 0, 0, 0, 5, 0];
        assert_eq!(Framing::Zmtp1.header(&long_five), header(Flags::empty(), 10, 4));
        let huge = [2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(Framing::Zmtp2.header(&huge), header(Flags::empty(), 9, u64::MAX));
    }

    #[test]
    fn a_length_of_zero_in_zmtp_1_is_refused_at_once() {
        assert_eq!(Framing::Zmtp1.header(&[0]), Err(Violation::EmptyFrame));
        assert_eq!(Framing::Zmtp1.header(&[0xFF, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Violation::EmptyFrame));
    }
}
