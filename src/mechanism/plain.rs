//! PLAIN: the client shows a name and a password, the server asks the authenticator about them.
//!
//! ```text
//!   client                     server
//!   HELLO name password  ───>          asks
//!                        <───  WELCOME         or ERROR, or nothing more
//!   INITIATE properties  ───>
//!                        <───  READY properties
//! ```
//!
//! Everything travels readably. Which side is the server has nothing to do with which one has bound.

use super::{Failure, Finished, Known, Local, Mechanism, Question, Security, Verdict, parse_error};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self, Command};
use crate::wire::properties::PeerProperties;
use zeroize::Zeroizing;

/// How the reference spells the name of ERROR here, its length included, and the only spelling that its
/// clients know.
const ERROR: &[u8] = b"\x5ERROR";

/// Bytes of a name or a password.
const MAX_FIELD: usize = 255;

/// The client's handshake.
pub(super) struct PlainClient {
    socket_type: SocketType,
    properties: Vec<u8>,
    state: Client,
    known: Known,
}

/// What the client does next.
enum Client {
    SendHello(Zeroizing<Vec<u8>>),
    ExpectWelcome,
    SendInitiate,
    ExpectReady,
    Done,
}

/// The server's handshake.
pub(super) struct PlainServer {
    socket_type: SocketType,
    properties: Vec<u8>,
    /// Nobody is let in, as a domain is demanded and none is set.
    closed: bool,
    state: Server,
    known: Known,
}

/// What the server does next.
enum Server {
    ExpectHello,
    Ask(Question),
    ExpectVerdict,
    SendWelcome,
    ExpectInitiate,
    SendReady,
    SendError(u16),
    /// The peer's leaving or the timer ends the connection.
    Refused,
    Done,
}

impl PlainClient {
    pub(super) fn new(username: &[u8], password: &[u8], local: &Local<'_>) -> PlainClient {
        // Once, as what is left behind by growing would not be wiped.
        let mut fields = Zeroizing::new(Vec::with_capacity(2 + username.len() + password.len()));
        for field in [username, password] {
            // Options allow no more.
            let field = &field[..field.len().min(MAX_FIELD)];
            fields.push(field.len() as u8);
            fields.extend_from_slice(field);
        }
        PlainClient {
            socket_type: local.socket_type,
            properties: local.properties(),
            state: Client::SendHello(command::body(command::name::HELLO, &fields).into()),
            known: Known::default(),
        }
    }
}

impl Mechanism for PlainClient {
    fn next_command(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(&mut self.state, Client::ExpectWelcome) {
            Client::SendHello(mut hello) => Some(std::mem::take(&mut *hello)),
            Client::SendInitiate => {
                self.state = Client::ExpectReady;
                Some(command::body(command::name::INITIATE, &self.properties))
            }
            expecting => {
                self.state = expecting;
                None
            }
        }
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure> {
        let awaited = matches!(self.state, Client::ExpectWelcome | Client::ExpectReady);
        let command = match body.strip_prefix(ERROR) {
            Some(data) => Some(Command { name: command::name::ERROR, data }),
            None => Command::parse(body),
        };
        match (command, &self.state) {
            (Some(Command { name: command::name::WELCOME, data }), Client::ExpectWelcome) => {
                if !data.is_empty() {
                    return Err(Violation::MalformedWelcome.into());
                }
                self.state = Client::SendInitiate;
                Ok(())
            }
            (Some(Command { name: command::name::READY, data }), Client::ExpectReady) => {
                let peer = PeerProperties::parse(data, self.socket_type);
                self.known.told(peer.map_err(|_| Violation::UnacceptableProperties)?);
                self.state = Client::Done;
                Ok(())
            }
            (Some(Command { name: command::name::ERROR, data }), _) if awaited => {
                Err(Failure::Refused(parse_error(data)?))
            }
            _ => Err(Violation::UnexpectedCommand.into()),
        }
    }

    fn question(&mut self) -> Option<Question> {
        None
    }

    fn handle_verdict(&mut self, _verdict: Verdict) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self) -> Option<Finished> {
        matches!(self.state, Client::Done).then(|| self.known.finish(None))
    }
}

impl PlainServer {
    pub(super) fn new(security: &Security, local: &Local<'_>) -> PlainServer {
        PlainServer {
            socket_type: local.socket_type,
            properties: local.properties(),
            closed: security.zap_enforced && security.zap_domain.is_empty(),
            state: Server::ExpectHello,
            known: Known::default(),
        }
    }
}

impl Mechanism for PlainServer {
    fn next_command(&mut self) -> Option<Vec<u8>> {
        match self.state {
            Server::SendWelcome => {
                self.state = Server::ExpectInitiate;
                Some(command::body(command::name::WELCOME, &[]))
            }
            Server::SendReady => {
                self.state = Server::Done;
                Some(command::body(command::name::READY, &self.properties))
            }
            Server::SendError(status) => {
                self.state = Server::Refused;
                Some([ERROR, &[3], status.to_string().as_bytes()].concat())
            }
            _ => None,
        }
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure> {
        match self.state {
            Server::ExpectHello => {
                if body.len() <= 1 || body.len() <= usize::from(body[0]) {
                    return Err(Violation::MalformedCommand.into());
                }
                let fields = data_of(body, command::name::HELLO)?;
                let (username, rest) = split_field(fields)?;
                let (password, rest) = split_field(rest)?;
                if !rest.is_empty() {
                    return Err(Violation::MalformedHello.into());
                }
                if self.closed {
                    return Err(Failure::NoAuthenticator);
                }
                let credentials = vec![username.to_vec(), password.to_vec()];
                self.state = Server::Ask(Question { mechanism: "PLAIN", credentials });
                Ok(())
            }
            Server::ExpectInitiate => {
                let properties = data_of(body, command::name::INITIATE)?;
                self.known.told(PeerProperties::parse(properties, self.socket_type)?);
                self.state = Server::SendReady;
                Ok(())
            }
            _ => Err(Violation::CommandOutOfTurn.into()),
        }
    }

    fn question(&mut self) -> Option<Question> {
        match std::mem::replace(&mut self.state, Server::ExpectVerdict) {
            Server::Ask(question) => Some(question),
            other => {
                self.state = other;
                None
            }
        }
    }

    fn handle_verdict(&mut self, verdict: Verdict) -> Result<(), Failure> {
        if !matches!(self.state, Server::ExpectVerdict) {
            return Ok(());
        }
        self.state = match verdict {
            Verdict::Accepted { user_id, properties } => {
                self.known.accepted(user_id, properties);
                Server::SendWelcome
            }
            Verdict::Refused(300) => Server::Refused,
            Verdict::Refused(status) => Server::SendError(status),
            Verdict::Absent => return Err(Failure::NoAuthenticator),
        };
        Ok(())
    }

    fn finish(&mut self) -> Option<Finished> {
        matches!(self.state, Server::Done).then(|| self.known.finish(None))
    }
}

/// The data of the one command that is awaited.
fn data_of<'a>(body: &'a [u8], awaited: &[u8]) -> Result<&'a [u8], Violation> {
    match Command::parse(body) {
        Some(Command { name, data }) if name == awaited => Ok(data),
        _ => Err(Violation::UnexpectedCommand),
    }
}

/// A field of HELLO, and what follows it.
fn split_field(fields: &[u8]) -> Result<(&[u8], &[u8]), Violation> {
    let (&len, rest) = fields.split_first().ok_or(Violation::MalformedHello)?;
    rest.split_at_checked(usize::from(len)).ok_or(Violation::MalformedHello)
}
