//! NULL: both sides send READY at once; the authenticator is asked only if a domain is set.

use super::{Failure, Finished, Known, Local, Mechanism, Question, Security, Verdict, parse_error};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self, Command};
use crate::wire::properties::PeerProperties;

/// The NULL handshake.
pub(super) struct Null {
    socket_type: SocketType,
    ours: Ours,
    /// The peer's READY has come.
    peer_ready: bool,
    known: Known,
    zap_enforced: bool,
}

/// How far this side's own command is.
enum Ours {
    /// The authenticator has not been asked.
    AskFirst { ready: Vec<u8> },
    /// The authenticator has not answered.
    AwaitVerdict { ready: Vec<u8> },
    /// READY can be sent.
    Ready(Vec<u8>),
    /// ERROR can be sent.
    Error(u16),
    /// READY was sent.
    Sent,
    /// ERROR was sent: the peer's READY, its leaving or the timer ends the connection.
    Refused,
    /// Nothing will be sent: the timer ends the connection.
    Silent,
}

impl Null {
    pub(super) fn new(security: &Security, local: &Local<'_>) -> Null {
        let ready = command::body(command::name::READY, &local.properties());
        Null {
            socket_type: local.socket_type,
            ours: if security.zap_domain.is_empty() { Ours::Ready(ready) } else { Ours::AskFirst { ready } },
            peer_ready: false,
            known: Known::default(),
            zap_enforced: security.zap_enforced,
        }
    }
}

impl Mechanism for Null {
    fn next_command(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(&mut self.ours, Ours::Sent) {
            Ours::Ready(ready) => Some(ready),
            Ours::Error(status) => {
                self.ours = Ours::Refused;
                let data = [&[3], status.to_string().as_bytes()].concat();
                Some(command::body(command::name::ERROR, &data))
            }
            waiting => {
                self.ours = waiting;
                None
            }
        }
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure> {
        let Some(Command { name, data }) = Command::parse(body) else {
            return Err(Violation::UnexpectedCommand.into());
        };
        if self.peer_ready {
            return Err(Violation::UnexpectedCommand.into());
        }
        match name {
            command::name::READY => {
                self.known.told(PeerProperties::parse(data, self.socket_type)?);
                self.peer_ready = true;
                if matches!(self.ours, Ours::Refused) { Err(Failure::Refused(None)) } else { Ok(()) }
            }
            command::name::ERROR => Err(Failure::Refused(parse_error(data)?)),
            _ => Err(Violation::UnexpectedCommand.into()),
        }
    }

    fn question(&mut self) -> Option<Question> {
        match std::mem::replace(&mut self.ours, Ours::Sent) {
            Ours::AskFirst { ready } => {
                self.ours = Ours::AwaitVerdict { ready };
                Some(Question { mechanism: "NULL", credentials: Vec::new() })
            }
            other => {
                self.ours = other;
                None
            }
        }
    }

    fn handle_verdict(&mut self, verdict: Verdict) -> Result<(), Failure> {
        let ready = match std::mem::replace(&mut self.ours, Ours::Silent) {
            Ours::AwaitVerdict { ready } => ready,
            unasked => {
                self.ours = unasked;
                return Ok(());
            }
        };
        match verdict {
            Verdict::Accepted { user_id, properties } => {
                self.known.accepted(user_id, properties);
                self.ours = Ours::Ready(ready);
            }
            Verdict::Absent if self.zap_enforced => return Err(Failure::NoAuthenticator),
            Verdict::Absent => self.ours = Ours::Ready(ready),
            Verdict::Refused(300) => {}
            Verdict::Refused(status) => self.ours = Ours::Error(status),
        }
        Ok(())
    }

    /// A peer that was refused after its READY has nothing more to say.
    fn failure(&self) -> Option<Failure> {
        (self.peer_ready && matches!(self.ours, Ours::Refused)).then_some(Failure::Refused(None))
    }

    fn has_heard_out(&self) -> bool {
        self.peer_ready
    }

    fn finish(&mut self) -> Option<Finished> {
        (self.peer_ready && matches!(self.ours, Ours::Sent)).then(|| self.known.finish(None))
    }
}
