//! What a connection tells about itself with each message that it received.

use std::ffi::CStr;

/// Names that mean something to the library itself.
pub mod name {
    /// Type name of the peer's socket.
    pub const SOCKET_TYPE: &str = "Socket-Type";
    /// Routing id the peer announced.
    pub const IDENTITY: &str = "Identity";
    /// Older name of [`IDENTITY`], tried when that is asked for and absent.
    pub const ROUTING_ID: &str = "Routing-Id";
    /// User id that the authentication gave.
    pub const USER_ID: &str = "User-Id";
    /// Numeric address of the peer, without port.
    pub const PEER_ADDRESS: &str = "Peer-Address";
    /// Descriptor of the connection, in decimal.
    pub const FD: &str = "__fd";
}

/// Properties of a connection; the first of two with the same name counts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Values end with a zero byte, so that C can be given a pointer to them.
    properties: Vec<(Box<str>, Box<[u8]>)>,
}

impl Metadata {
    /// Adds a property unless one of that name is there.
    pub fn add(&mut self, name: &str, value: &[u8]) {
        if self.value(name).is_none() {
            let mut text = Vec::with_capacity(value.len() + 1);
            text.extend_from_slice(value);
            text.push(0);
            self.properties.push((name.into(), text.into()));
        }
    }

    /// The bytes of a property.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.stored(name).map(|text| &text[..text.len() - 1])
    }

    /// A property as C text, up to its first zero byte; `Identity` falls back to `Routing-Id`.
    pub fn text(&self, name: &str) -> Option<&CStr> {
        let stored = self.stored(name).or_else(|| match name {
            name::IDENTITY => self.stored(name::ROUTING_ID),
            _ => None,
        })?;
        CStr::from_bytes_until_nul(stored).ok()
    }

    fn stored(&self, name: &str) -> Option<&[u8]> {
        self.properties.iter().find(|(known, _)| &**known == name).map(|(_, value)| &**value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_value_counts_and_identity_falls_back() {
        let mut metadata = Metadata::default();
        metadata.add("X-a", b"1");
        metadata.add("X-a", b"2");
        metadata.add(name::ROUTING_ID, b"me");
        assert_eq!(metadata.value("X-a"), Some(&b"1"[..]));
        assert_eq!(metadata.text(name::IDENTITY), Some(c"me"));
        assert_eq!(metadata.text("x-a"), None);
    }
}
