//! How values are handed out: the size rules of zmq_getsockopt(3).
//!
//! Most options want a buffer of exactly their size. The others, here called buffer options, want
//! one that is large enough, fill the rest with zeros and say how much they used.

use crate::error::{Error, Result};

/// A value into a buffer of exactly its size; returns that size. `Invalid` for any other buffer.
pub fn put_exact(buffer: &mut [u8], value: &[u8]) -> Result<usize> {
    if buffer.len() != value.len() {
        return Err(Error::Invalid);
    }
    put_bytes(buffer, value)
}

/// Bytes into a buffer; returns how many. `Invalid` when it is too small.
pub fn put_bytes(buffer: &mut [u8], value: &[u8]) -> Result<usize> {
    put_parts(buffer, value, &[])
}

/// Text and a terminating zero into a buffer; returns the size, zero included. `Invalid` when the
/// buffer is too small.
pub fn put_text(buffer: &mut [u8], text: &[u8]) -> Result<usize> {
    put_parts(buffer, text, &[0])
}

/// An `int` into a buffer, which may be larger; returns 4. `Invalid` when it is too small.
pub fn put_int(buffer: &mut [u8], number: i32) -> Result<usize> {
    put_bytes(buffer, &number.to_ne_bytes())
}

fn put_parts(buffer: &mut [u8], first: &[u8], second: &[u8]) -> Result<usize> {
    let used = first.len() + second.len();
    let (value, rest) = buffer.split_at_mut_checked(used).ok_or(Error::Invalid)?;
    let (head, tail) = value.split_at_mut(first.len());
    head.copy_from_slice(first);
    tail.copy_from_slice(second);
    rest.fill(0);
    Ok(used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (length, exact, bytes, text) in [
            (2, Err(Error::Invalid), Err(Error::Invalid), Err(Error::Invalid)),
            (3, Ok(3), Ok(3), Err(Error::Invalid)),
            (4, Err(Error::Invalid), Ok(3), Ok(4)),
            (9, Err(Error::Invalid), Ok(3), Ok(4)),
        ] {
            let mut buffer = vec![0xFF; length];
            assert_eq!(put_exact(&mut buffer, b"abc"), exact);
            assert_eq!(put_bytes(&mut buffer, b"abc"), bytes);
            assert_eq!(put_text(&mut buffer, b"abc"), text);
            if text.is_ok() {
                assert!(buffer.starts_with(b"abc\0") && buffer[3..].iter().all(|byte| *byte == 0));
            }
        }
        assert_eq!(put_text(&mut [9], b""), Ok(1));
        assert_eq!(put_int(&mut [9; 3], 1), Err(Error::Invalid));
        let mut wide = [9; 8];
        assert_eq!(put_int(&mut wide, -2), Ok(4));
        assert_eq!(wide, [0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]);
    }
}
