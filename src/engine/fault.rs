//! Why a connection has to be closed.

use crate::mechanism::Failure;
use crate::wire::Violation;
use std::fmt;

/// The end of a connection, as far as its protocol decides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The peer broke the protocol.
    Protocol(Violation),
    /// The peer refused this side, with the authenticator's status if it told one.
    Refused(Option<u16>),
    /// An authenticator is demanded and there is none: the local side's fault.
    NoAuthenticator,
    /// The system gives no random numbers, without which there are no secrets.
    NoRandomness,
    /// The handshake took too long, or the peer was silent too long.
    Timeout,
}

/// What monitors are told about a fault, before the disconnection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultEvent {
    /// `ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL` with this code.
    Protocol(u32),
    /// `ZMQ_EVENT_HANDSHAKE_FAILED_AUTH` with this status.
    Auth(u16),
    /// `ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL` with this errno.
    NoDetail(i32),
}

impl Fault {
    /// Whether reconnecting cannot help: the connecting side gives the endpoint up.
    pub fn is_final(self) -> bool {
        !matches!(self, Fault::Timeout | Fault::NoRandomness)
    }

    /// The event that monitors see; `handshake_succeeded` as [`super::Engine::handshake_succeeded`]
    /// says.
    pub fn event(self, handshake_succeeded: bool) -> Option<FaultEvent> {
        match self {
            Fault::Protocol(violation) => violation.event().map(FaultEvent::Protocol),
            Fault::Refused(status) => status.map(FaultEvent::Auth),
            Fault::NoAuthenticator => Some(FaultEvent::NoDetail(libc::EFAULT)),
            Fault::NoRandomness => Some(FaultEvent::NoDetail(libc::EAGAIN)),
            Fault::Timeout if handshake_succeeded => None,
            Fault::Timeout => Some(FaultEvent::NoDetail(libc::EAGAIN)),
        }
    }
}

impl From<Violation> for Fault {
    fn from(violation: Violation) -> Fault {
        Fault::Protocol(violation)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        match failure {
            Failure::Violation(violation) => Fault::Protocol(violation),
            Failure::Refused(status) => Fault::Refused(status),
            Failure::NoAuthenticator => Fault::NoAuthenticator,
            Failure::NoRandomness => Fault::NoRandomness,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Protocol(violation) => write!(f, "peer broke the protocol: {violation}"),
            Fault::Refused(Some(status)) => write!(f, "refused by the peer: {status}"),
            Fault::Refused(None) => f.write_str("refused by the peer"),
            Fault::NoAuthenticator => f.write_str("no authenticator"),
            Fault::NoRandomness => f.write_str("no random numbers"),
            Fault::Timeout => f.write_str("peer silent for too long"),
        }
    }
}

impl std::error::Error for Fault {}
