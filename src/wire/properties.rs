//! Properties: names and values that peers tell each other in the handshake.

use super::Violation;
use crate::msg::name;
use crate::options::SocketType;

/// Properties of a peer that are kept. More are checked and forgotten: looking a name up is linear.
const MAX_KEPT: usize = 256;

/// A peer's properties, checked against the local socket type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerProperties {
    properties: Vec<(String, Vec<u8>)>,
}

impl PeerProperties {
    /// Takes the data of a READY (or INITIATE) apart.
    pub fn parse(mut bytes: &[u8], local: SocketType) -> Result<PeerProperties, Violation> {
        let mut parsed = PeerProperties::default();
        while !bytes.is_empty() {
            let ((name, value), rest) = split_property(bytes).ok_or(Violation::MalformedProperties)?;
            if name == name::SOCKET_TYPE.as_bytes() && !local.accepts(value) {
                return Err(Violation::IncompatibleSocket);
            }
            parsed.keep(name, value);
            bytes = rest;
        }
        Ok(parsed)
    }

    /// Names and values, the first of two with equal names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.properties.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The value of a property.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Names that are no text cannot be asked for, so they are not kept.
    fn keep(&mut self, name: &[u8], value: &[u8]) {
        if let Ok(name) = std::str::from_utf8(name)
            && self.properties.len() < MAX_KEPT
            && self.value(name).is_none()
        {
            self.properties.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// Appends a property. A name of more than 255 bytes or a value of more than 2^31 - 1 cannot be told and
/// is left out; options refuse them.
pub fn push(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    let (Ok(name_len), Ok(value_len)) = (u8::try_from(name.len()), i32::try_from(value.len())) else {
        return;
    };
    out.push(name_len);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&value_len.to_be_bytes());
    out.extend_from_slice(value);
}

type Property<'a> = (&'a [u8], &'a [u8]);

fn split_property(bytes: &[u8]) -> Option<(Property<'_>, &[u8])> {
    let (&name_len, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(name_len))?;
    let (value_len, rest) = rest.split_first_chunk()?;
    let value_len = usize::try_from(u32::from_be_bytes(*value_len)).ok()?;
    let (value, rest) = rest.split_at_checked(value_len)?;
    Some(((name, value), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(properties: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, value) in properties {
            push(&mut out, name, value);
        }
        out
    }

    #[test]
    fn properties_come_apart_as_they_were_put_together() {
        let told: [(&str, &[u8]); 4] =
            [("Socket-Type", b"DEALER"), ("Identity", b""), ("X-Hello", b"World"), ("", b"nameless")];
        let parsed = PeerProperties::parse(&bytes(&told), SocketType::Router).expect("whole");
        assert_eq!(parsed.iter().collect::<Vec<_>>(), told);
        assert_eq!(bytes(&told[..1]), b"\x0bSocket-Type\x00\x00\x00\x06DEALER");
    }

    #[test]
    fn every_cut_and_every_stray_byte_is_malformed() {
        let whole = bytes(&[("Identity", b"abc")]);
        for cut in 1..whole.len() {
            let parsed = PeerProperties::parse(&whole[..cut], SocketType::Pair);
            assert_eq!(parsed, Err(Violation::MalformedProperties), "cut at {cut}");
        }
        let stray = [&whole[..], &[1]].concat();
        assert_eq!(PeerProperties::parse(&stray, SocketType::Pair), Err(Violation::MalformedProperties));
        let huge = b"\x01a\xFF\xFF\xFF\xFFxyz";
        assert_eq!(PeerProperties::parse(huge, SocketType::Pair), Err(Violation::MalformedProperties));
    }

    #[test]
    fn the_first_of_equal_names_is_kept_but_every_socket_type_is_checked() {
        let twice = bytes(&[("Identity", b"one"), ("Identity", b"two")]);
        let parsed = PeerProperties::parse(&twice, SocketType::Router).expect("whole");
        assert_eq!(parsed.value("Identity"), Some(&b"one"[..]));
        let types = bytes(&[("Socket-Type", b"DEALER"), ("Socket-Type", b"PUSH")]);
        assert_eq!(PeerProperties::parse(&types, SocketType::Router), Err(Violation::IncompatibleSocket));
        let case = bytes(&[("Socket-type", b"PUSH")]);
        assert!(PeerProperties::parse(&case, SocketType::Router).is_ok(), "names are compared exactly");
    }

    #[test]
    fn thousands_of_properties_cost_no_more_than_reading_them() {
        let mut many = Vec::new();
        for number in 0..100_000 {
            push(&mut many, &number.to_string(), b"");
        }
        let parsed = PeerProperties::parse(&many, SocketType::Router).expect("whole");
        assert_eq!(parsed.iter().count(), MAX_KEPT);
    }
}
