//! Z85 (ZeroMQ RFC 32): four bytes as five printable characters.
//!
//! Written here rather than taken from a crate: it is one page, and what has to be refused (empty
//! text, groups above 2^32 - 1) is laid down by the C interface.

use crate::error::{Error, Result};

/// The characters in the order of their values.
const ALPHABET: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// In [`VALUES`]: not a character of the alphabet.
const NONE: u8 = 255;

/// The value of each character.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// The text of `data`, without a terminating zero. [`Error::Invalid`] if the length is not a multiple
/// of 4.
pub fn encode(data: &[u8]) -> Result<Vec<u8>> {
    let mut text = reserve(data.len() / 4, 5)?;
    let mut rest = data;
    while let Some((group, tail)) = rest.split_first_chunk() {
        text.extend(encode_group(*group));
        rest = tail;
    }
    if rest.is_empty() { Ok(text) } else { Err(Error::Invalid) }
}

/// The bytes that `text` stands for. [`Error::Invalid`] if the length is 0 or not a multiple of 5, if
/// a character is not of the alphabet, or if a group stands for more than 32 bits.
pub fn decode(text: &[u8]) -> Result<Vec<u8>> {
    let mut data = reserve(text.len() / 5, 4)?;
    let mut rest = text;
    while let Some((group, tail)) = rest.split_first_chunk() {
        data.extend(decode_group(*group)?);
        rest = tail;
    }
    if rest.is_empty() && !data.is_empty() { Ok(data) } else { Err(Error::Invalid) }
}

fn reserve(groups: usize, group_len: usize) -> Result<Vec<u8>> {
    let len = groups.checked_mul(group_len).ok_or(Error::OutOfMemory)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| Error::OutOfMemory)?;
    Ok(bytes)
}

fn encode_group(group: [u8; 4]) -> [u8; 5] {
    let value = u32::from_be_bytes(group);
    // The remainder is below 85, the number of characters.
    [52_200_625, 614_125, 7_225, 85, 1].map(|weight| ALPHABET[(value / weight % 85) as usize])
}

fn decode_group(group: [u8; 5]) -> Result<[u8; 4]> {
    let mut value = 0u64; // five digits need 33 bits
    for character in group {
        match VALUES[usize::from(character)] {
            NONE => return Err(Error::Invalid),
            digit => value = value * 85 + u64::from(digit),
        }
    }
    u32::try_from(value).map(u32::to_be_bytes).map_err(|_| Error::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_texts() {
        let pairs: [(&[u8], &[u8]); 4] = [
            (&[0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B], b"HelloWorld"),
            (&[0xFF; 4], b"%nSc0"),
            (&[0; 4], b"00000"),
            (&[0, 0, 0, 84, 0, 0, 0, 85], b"0000#00010"),
        ];
        for (data, text) in pairs {
            assert_eq!((encode(data).as_deref(), decode(text).as_deref()), (Ok(text), Ok(data)));
        }
        assert_eq!(encode(&[]), Ok(vec![]));
    }

    #[test]
    fn what_is_refused() {
        for len in [1, 2, 3, 5, 33] {
            assert_eq!(encode(&vec![0; len]), Err(Error::Invalid));
        }
        let texts: [&[u8]; 9] =
            [b"", b"0", b"0000", b"000000", b"0000 ", b"0000\"", b"0000\xff", b"%nSc1", b"#####"];
        for text in texts {
            assert_eq!(decode(text), Err(Error::Invalid), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(groups in prop::collection::vec(any::<[u8; 4]>(), 1..40)) {
            let data = groups.concat();
            let text = encode(&data).expect("a multiple of 4");
            prop_assert_eq!(text.len(), data.len() / 4 * 5);
            prop_assert!(text.iter().all(u8::is_ascii_graphic));
            prop_assert_eq!(decode(&text), Ok(data));
        }

        #[test]
        fn any_text_is_refused_or_comes_back(text in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(data) = decode(&text) {
                prop_assert_eq!(encode(&data), Ok(text));
            }
        }
    }
}
