//! What zmq_has tells of this build.

/// Every capability that the reference library can have, and whether this build does. Other names,
/// among them those of transports that are always there, are unknown and so absent.
pub const CAPABILITIES: [(&str, bool); 11] = [
    ("ipc", true),
    ("pgm", false),
    ("tipc", false),
    ("norm", false),
    ("curve", true),
    ("gssapi", false),
    ("vmci", false),
    ("vsock", false),
    ("draft", true),
    ("WS", false),
    ("WSS", false),
];

/// Whether the build has a capability; names are case-sensitive.
pub fn has(capability: &[u8]) -> bool {
    CAPABILITIES.iter().any(|(name, there)| *there && name.as_bytes() == capability)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        assert!(has(b"ipc"));
        for absent in ["IPC", "ipc ", "tcp", "inproc", "Curve", "plain", ""] {
            assert!(!has(absent.as_bytes()), "{absent}");
        }
    }
}
