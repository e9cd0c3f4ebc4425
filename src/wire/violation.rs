//! What a peer can do wrong, or the authenticator when it answers for one.

use std::fmt;

/// A breach of the protocol; it costs the peer its connection.
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
    /// Frames to a DISH that are not a group and a body, or a group longer than groups are.
    MalformedGroup,
    /// A handshake command while none is awaited.
    CommandOutOfTurn,
    /// A first command without a whole name.
    MalformedCommand,
    /// A HELLO whose fields do not add up.
    MalformedHello,
    /// A WELCOME with something in it.
    MalformedWelcome,
    /// READY properties that a client cannot accept.
    UnacceptableProperties,
    /// CURVE: an INITIATE that is too short.
    MalformedInitiate,
    /// CURVE: a READY that is too short.
    MalformedReady,
    /// CURVE: a MESSAGE that is too short.
    MalformedMessage,
    /// CURVE: a box that does not open.
    Unopenable,
    /// CURVE: an INITIATE that vouches for another key than that of its connection.
    KeyExchange,
    /// CURVE: a MESSAGE whose nonce was used before.
    Sequence,
    /// The authenticator's answer does not begin with the empty part.
    AnswerWithoutDelimiter,
    /// The authenticator's answer has too many or too few parts.
    MalformedAnswer,
    /// The authenticator answers another question.
    ForeignAnswer,
    /// The authenticator speaks another version of its protocol.
    AnswerVersion,
    /// The authenticator gives a status that there is not.
    AnswerStatus,
    /// The authenticator gives properties that are malformed or do not fit.
    AnswerProperties,
}

/// Every breach with the code that a socket monitor is told (`ZMQ_PROTOCOL_ERROR_*`), if it is told one,
/// and its description.
const VIOLATIONS: [(Violation, Option<u32>, &str); 27] = [
    (Violation::MechanismMismatch, Some(0x1100_0002), "other security mechanism"),
    (Violation::OldVersion, None, "protocol version without security"),
    (Violation::UnexpectedCommand, Some(0x1000_0001), "unexpected command"),
    (Violation::MalformedError, Some(0x1000_0015), "malformed ERROR"),
    (Violation::MalformedProperties, None, "malformed properties"),
    (Violation::IncompatibleSocket, None, "incompatible socket type"),
    (Violation::EmptyFrame, None, "frame of length zero"),
    (Violation::FrameTooLarge, None, "frame too large"),
    (Violation::ReplyWithoutEnvelope, None, "reply without envelope"),
    (Violation::MalformedGroup, None, "malformed group"),
    (Violation::CommandOutOfTurn, Some(0x1000_0000), "command out of turn"),
    (Violation::MalformedCommand, Some(0x1000_0011), "malformed command"),
    (Violation::MalformedHello, Some(0x1000_0013), "malformed HELLO"),
    (Violation::MalformedWelcome, Some(0x1000_0017), "malformed WELCOME"),
    (Violation::UnacceptableProperties, Some(0x1000_0018), "unacceptable properties"),
    (Violation::MalformedInitiate, Some(0x1000_0014), "malformed INITIATE"),
    (Violation::MalformedReady, Some(0x1000_0016), "malformed READY"),
    (Violation::MalformedMessage, Some(0x1000_0012), "malformed MESSAGE"),
    (Violation::Unopenable, Some(0x1100_0001), "a box that does not open"),
    (Violation::KeyExchange, Some(0x1000_0003), "a voucher for another key"),
    (Violation::Sequence, Some(0x1000_0002), "nonce that was used before"),
    (Violation::AnswerWithoutDelimiter, Some(0x2000_0000), "authenticator's answer without delimiter"),
    (Violation::MalformedAnswer, Some(0x2000_0001), "malformed answer of the authenticator"),
    (Violation::ForeignAnswer, Some(0x2000_0002), "authenticator's answer to another question"),
    (Violation::AnswerVersion, Some(0x2000_0003), "other version of the authenticator's protocol"),
    (Violation::AnswerStatus, Some(0x2000_0004), "invalid status from the authenticator"),
    (Violation::AnswerProperties, Some(0x2000_0005), "invalid properties from the authenticator"),
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
