//! What a peer can do wrong.

use std::fmt;

/// A peer's breach of the protocol; it costs the peer its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Its greeting names another security mechanism, or pads the name with something else than zeros.
    MechanismMismatch,
    /// It speaks ZMTP 1.0 or 2.0, which have no security, to a socket that demands some.
    OldVersion,
    /// A handshake command that is not the one awaited.
    UnexpectedCommand,
    /// An ERROR command without a whole reason.
    MalformedError,
    /// Properties that end early or leave bytes over.
    MalformedProperties,
    /// Its socket type does not talk to the local one.
    IncompatibleSocket,
    /// A ZMTP 1.0 frame of length zero, which has no room for its own flags.
    EmptyFrame,
    /// A frame beyond the limit on message sizes, or beyond memory.
    FrameTooLarge,
    /// A reply to a REQ that does not begin with its envelope.
    ReplyWithoutEnvelope,
}

/// Every breach with the code that a socket monitor is told (`ZMQ_PROTOCOL_ERROR_*`), if it is told one,
/// and its description.
const VIOLATIONS: [(Violation, Option<u32>, &str); 9] = [
    (Violation::MechanismMismatch, Some(0x1100_0002), "other security mechanism"),
    (Violation::OldVersion, None, "protocol version without security"),
    (Violation::UnexpectedCommand, Some(0x1000_0001), "unexpected command"),
    (Violation::MalformedError, Some(0x1000_0015), "malformed ERROR"),
    (Violation::MalformedProperties, None, "malformed properties"),
    (Violation::IncompatibleSocket, None, "incompatible socket type"),
    (Violation::EmptyFrame, None, "frame of length zero"),
    (Violation::FrameTooLarge, None, "frame too large"),
    (Violation::ReplyWithoutEnvelope, None, "reply without envelope"),
];

impl Violation {
    /// Code of the event `ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL`, for those that raise it.
    pub fn event(self) -> Option<u32> {
        VIOLATIONS[self as usize].1
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VIOLATIONS[*self as usize].2)
    }
}

impl std::error::Error for Violation {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_variants() {
        for (index, (violation, ..)) in VIOLATIONS.iter().enumerate() {
            assert_eq!(*violation as usize, index);
        }
    }
}
