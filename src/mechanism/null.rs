//! NULL: both sides send READY at once; the authenticator is asked only if a domain is set.

use super::{Failure, Finished, Local, Mechanism, Question, Security, Verdict, parse_error};
use crate::msg::name;
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self, Command};
use crate::wire::properties::PeerProperties;

/// The NULL handshake.
pub(super) struct Null {
    socket_type: SocketType,
    ours: Ours,
    peer: Option<PeerProperties>,
    authenticated: Vec<(String, Vec<u8>)>,
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
            peer: None,
            authenticated: Vec::new(),
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
        if self.peer.is_some() {
            return Err(Violation::UnexpectedCommand.into());
        }
        match name {
            command::name::READY => {
                self.peer = Some(PeerProperties::parse(data, self.socket_type)?);
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
                self.authenticated.push((name::USER_ID.to_owned(), user_id));
                self.authenticated.extend(properties);
                self.ours = Ours::Ready(ready);
            }
            Verdict::Absent if self.zap_enforced => return Err(Failure::NoAuthenticator),
            Verdict::Absent => self.ours = Ours::Ready(ready),
            Verdict::Refused(300) => {}
            Verdict::Refused(status) => self.ours = Ours::Error(status),
        }
        Ok(())
    }

    fn finish(&mut self) -> Option<Finished> {
        if !matches!(self.ours, Ours::Sent) {
            return None;
        }
        let peer = self.peer.take()?;
        Some(Finished { peer, authenticated: std::mem::take(&mut self.authenticated), cipher: None })
    }
}
