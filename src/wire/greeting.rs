//! The greeting: a signature, versions and the name of the security mechanism.
//!
//! It is sent in three steps, each after the peer has shown that it understands the one before, so
//! that peers of ZMTP 1.0 and 2.0 see a greeting of their own version.

use super::frame::Framing;

/// Bytes of the signature.
pub const SIGNATURE_LEN: usize = 10;
/// Bytes after the major version: minor version, mechanism, as-server flag, filler.
pub const SETTINGS_LEN: usize = 53;
/// The major version sent.
pub const MAJOR: u8 = 3;
/// The minor version sent.
pub const MINOR: u8 = 1;
/// Bytes of a mechanism's name, padded with zeros.
pub const MECHANISM_LEN: usize = 20;

/// What a peer turned out to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// ZMTP 1.0.
    V1_0,
    /// ZMTP 2.0.
    V2_0,
    /// ZMTP 3.0: handshake commands and properties.
    V3_0,
    /// ZMTP 3.1: subscriptions as commands.
    V3_1,
}

impl Version {
    /// The frame format.
    pub fn framing(self) -> Framing {
        if self == Version::V1_0 { Framing::Zmtp1 } else { Framing::Zmtp2 }
    }

    /// Whether the connection begins with a security handshake, and knows commands.
    pub fn has_mechanism(self) -> bool {
        self >= Version::V3_0
    }
}

/// What the first bytes of a peer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Too few bytes to tell.
    Undecided,
    /// A ZMTP 1.0 frame: there is no greeting.
    Unversioned,
    /// A whole signature; versions follow.
    Signature,
}

/// Looks at the first bytes.
pub fn opening(bytes: &[u8]) -> Opening {
    match bytes {
        [] => Opening::Undecided,
        [0xFF, ..] => match bytes.get(SIGNATURE_LEN - 1) {
            None => Opening::Undecided,
            Some(last) if last & 1 == 0 => Opening::Unversioned,
            Some(_) => Opening::Signature,
        },
        _ => Opening::Unversioned,
    }
}

/// The version that the byte after the signature announces; None when it is 3.x or newer, of which
/// the minor version decides.
pub fn old_version(major: u8) -> Option<Version> {
    match major {
        0 => Some(Version::V1_0),
        1 => Some(Version::V2_0),
        _ => None,
    }
}

/// The version of a peer with a major version above 1.
pub fn version(major: u8, minor: u8) -> Version {
    if (major, minor) == (3, 0) { Version::V3_0 } else { Version::V3_1 }
}

/// The signature. It tells 1.0 peers the size of the routing id, whose frame header it is to them.
pub fn signature(routing_id_len: usize) -> [u8; SIGNATURE_LEN] {
    let mut bytes = [0; SIGNATURE_LEN];
    bytes[0] = 0xFF;
    bytes[1..9].copy_from_slice(&(routing_id_len as u64 + 1).to_be_bytes());
    bytes[9] = 0x7F;
    bytes
}

/// The part after the major version.
pub fn settings(mechanism: &str) -> [u8; SETTINGS_LEN] {
    let mut bytes = [0; SETTINGS_LEN];
    bytes[0] = MINOR;
    bytes[1..=MECHANISM_LEN].copy_from_slice(&padded(mechanism));
    bytes
}

/// A peer's minor version and mechanism name.
pub fn parse_settings(bytes: &[u8; SETTINGS_LEN]) -> (u8, &[u8]) {
    (bytes[0], &bytes[1..=MECHANISM_LEN])
}

/// A mechanism's name as it stands in the greeting.
pub fn padded(mechanism: &str) -> [u8; MECHANISM_LEN] {
    let mut bytes = [0; MECHANISM_LEN];
    for (byte, letter) in bytes.iter_mut().zip(mechanism.bytes()) {
        *byte = letter;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_tell_unversioned_peers_from_others() {
        let cases: [(&[u8], Opening); 6] = [
            (b"", Opening::Undecided),
            (b"GET /", Opening::Unversioned),
            (b"\x01\x00", Opening::Unversioned),
            (b"\xFF\0\0\0\0\0\0\0\x01", Opening::Undecided),
            (b"\xFF\0\0\0\0\0\0\0\x05\x00peer", Opening::Unversioned),
            (b"\xFF\0\0\0\0\0\0\0\x01\x7F", Opening::Signature),
        ];
        for (bytes, expected) in cases {
            assert_eq!(opening(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn versions_of_the_detection_table() {
        assert_eq!(
            [0, 1, 2, 3, 4].map(old_version),
            [Some(Version::V1_0), Some(Version::V2_0), None, None, None]
        );
        for (major, minor, expected) in [
            (3, 0, Version::V3_0),
            (3, 1, Version::V3_1),
            (3, 9, Version::V3_1),
            (2, 0, Version::V3_1),
            (4, 0, Version::V3_1),
            (4, 7, Version::V3_1),
        ] {
            assert_eq!(version(major, minor), expected, "{major}.{minor}");
        }
    }

    #[test]
    fn the_parts_make_the_greeting_of_the_specification() {
        assert_eq!(signature(0), *b"\xFF\0\0\0\0\0\0\0\x01\x7F");
        assert_eq!(signature(255)[1..9], 256u64.to_be_bytes());
        let settings = settings("NULL");
        assert_eq!(&settings[..6], b"\x01NULL\0");
        assert_eq!(settings[5..], [0; 48]);
        assert_eq!(parse_settings(&settings), (1, &padded("NULL")[..]));
    }
}
