//! Security mechanisms: who may talk, and whether traffic is readable on the way.
//!
//! A mechanism is a state machine of handshake commands. The engine passes it the peer's commands,
//! sends those it has ready, and carries its question about the peer to the authenticator (ZAP) and the
//! verdict back. A mechanism knows neither frames nor sockets nor time. One that also transforms traffic
//! leaves a [`Cipher`] behind when it is ready.

mod curve;
mod null;
mod plain;
#[cfg(test)]
mod tests;
pub mod zap;

use crate::curve::{PublicKey, Random, SecretKey};
use crate::msg::{Flags, name};
use crate::options::{self, SecurityOptions, SocketType};
use crate::wire::Violation;
use crate::wire::properties::{self, PeerProperties};
use curve::{CurveClient, CurveServer};
use null::Null;
use plain::{PlainClient, PlainServer};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Which mechanism an endpoint uses, and with what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// The mechanism.
    pub mechanism: Choice,
    /// Domain that the authenticator is asked about; empty for none.
    pub zap_domain: Vec<u8>,
    /// Whether a domain without an authenticator refuses everybody.
    pub zap_enforced: bool,
}

/// The mechanisms and, where they have any, this side's role.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Choice {
    /// No security.
    #[default]
    Null,
    /// PLAIN: shows a name and a password, each of at most 255 bytes.
    PlainClient {
        /// The name.
        username: Vec<u8>,
        /// The password.
        password: Zeroizing<Vec<u8>>,
    },
    /// PLAIN: has the authenticator look at them.
    PlainServer,
    /// CURVE: knows the server by its key.
    CurveClient(CurveKeys),
    /// CURVE: has the authenticator look at the client's public key, if there is one.
    CurveServer(SecretKey),
}

/// Long-term keys that a CURVE client needs.
#[derive(Clone, PartialEq, Eq)]
pub struct CurveKeys {
    /// Its own public key.
    pub public: PublicKey,
    /// Its own secret key.
    pub secret: SecretKey,
    /// The server's public key.
    pub server: PublicKey,
}

/// Bytes of what a peer may say at once before it is known, at most: strangers take up no more memory. The
/// fields of CURVE's INITIATE are 257; the rest is for properties.
pub const MAX_COMMAND: usize = 64 * 1024;

/// What the local side tells the peer.
#[derive(Clone, Debug)]
pub struct Local<'a> {
    /// Its socket type.
    pub socket_type: SocketType,
    /// Its routing id.
    pub routing_id: &'a [u8],
    /// Properties of the application (`X-...`).
    pub application: &'a [(String, Vec<u8>)],
}

/// A mechanism in its handshake.
pub trait Mechanism: Send {
    /// The body of the next command to send, if it is this side's turn. It may show a password.
    fn next_command(&mut self) -> Option<Vec<u8>>;

    /// Takes the body of a command of the peer.
    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure>;

    /// What to ask the authenticator, once. The handshake goes on meanwhile as far as it can.
    fn question(&mut self) -> Option<Question>;

    /// Takes the answer.
    fn handle_verdict(&mut self, verdict: Verdict) -> Result<(), Failure>;

    /// Whether the handshake has failed by what this side decided, when all commands were sent.
    fn failure(&self) -> Option<Failure> {
        None
    }

    /// Whether the peer has said all that it has to say.
    fn has_heard_out(&self) -> bool {
        false
    }

    /// The end of the handshake, once both sides are through and all commands were sent. Called until
    /// it returns something, and not after.
    fn finish(&mut self) -> Option<Finished>;
}

/// What a handshake leaves behind.
pub struct Finished {
    /// The peer's properties.
    pub peer: PeerProperties,
    /// The peer's routing id: what was said about it last, by the peer or the authenticator.
    pub routing_id: Vec<u8>,
    /// What the authenticator added: the user id and its own properties.
    pub authenticated: Vec<(String, Vec<u8>)>,
    /// How traffic is transformed; None for traffic in the clear.
    pub cipher: Option<Box<dyn Cipher>>,
}

/// Transformation of traffic frames.
pub trait Cipher: Send {
    /// By how many bytes the sealed form of a frame body is longer; they are in front.
    fn overhead(&self) -> usize;

    /// Appends the sealed form of a frame to `out`. It travels as a frame without flags.
    fn seal(&mut self, flags: Flags, body: &[u8], out: &mut Vec<u8>);

    /// Opens the body of a received frame in place: behind the overhead, it is as it was before. Returns
    /// its flags, `MORE` and `COMMAND`.
    fn open(&mut self, sealed: &mut [u8]) -> Result<Flags, Failure>;
}

/// What the authenticator is asked.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// Name of the mechanism.
    pub mechanism: &'static str,
    /// What the peer showed.
    pub credentials: Vec<Vec<u8>>,
}

/// What the authenticator said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// 200: come in, under this user id and with these properties.
    Accepted {
        /// User id, possibly empty.
        user_id: Vec<u8>,
        /// Properties for the messages of the connection.
        properties: Vec<(String, Vec<u8>)>,
    },
    /// 300, 400 or 500.
    Refused(u16),
    /// There is no authenticator.
    Absent,
}

/// Why a handshake cannot succeed, or traffic not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The peer's fault.
    Violation(Violation),
    /// The peer refused this side; with the authenticator's status if it gave one.
    Refused(Option<u16>),
    /// An authenticator is demanded, and there is none.
    NoAuthenticator,
    /// The system gives no random numbers.
    NoRandomness,
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Failure {
        Failure::Violation(violation)
    }
}

impl Security {
    /// What the options of a socket demand. None for a mechanism that is not there.
    pub fn new(options: &SecurityOptions) -> Option<Security> {
        let mechanism = match options.mechanism {
            options::Mechanism::Null => Choice::Null,
            options::Mechanism::Plain if options.as_server => Choice::PlainServer,
            options::Mechanism::Plain => Choice::PlainClient {
                username: options.plain_username.clone(),
                password: options.plain_password.clone(),
            },
            options::Mechanism::Curve if options.as_server => {
                Choice::CurveServer(options.curve_secret_key.clone())
            }
            options::Mechanism::Curve => Choice::CurveClient(CurveKeys {
                public: options.curve_public_key,
                secret: options.curve_secret_key.clone(),
                server: options.curve_server_key,
            }),
            options::Mechanism::Gssapi => return None,
        };
        let (zap_domain, zap_enforced) = (options.zap_domain.clone(), options.zap_enforced);
        Some(Security { mechanism, zap_domain, zap_enforced })
    }

    /// The mechanism's name in the greeting.
    pub fn name(&self) -> &'static str {
        self.mechanism.name()
    }

    /// Whether peers that know no security are turned away.
    pub fn refuses_old_versions(&self) -> bool {
        self.mechanism != Choice::Null || !self.zap_domain.is_empty()
    }

    /// A mechanism for a new connection.
    pub fn start(&self, local: &Local<'_>, random: Random) -> Result<Box<dyn Mechanism>, Failure> {
        Ok(match &self.mechanism {
            Choice::Null => Box::new(Null::new(self, local)),
            Choice::PlainClient { username, password } => {
                Box::new(PlainClient::new(username, password, local))
            }
            Choice::PlainServer => Box::new(PlainServer::new(self, local)),
            Choice::CurveClient(keys) => Box::new(CurveClient::new(keys, local, random)?),
            Choice::CurveServer(secret) => Box::new(CurveServer::new(secret, self, local, random)),
        })
    }
}

impl Choice {
    fn name(&self) -> &'static str {
        match self {
            Choice::Null => "NULL",
            Choice::PlainClient { .. } | Choice::PlainServer => "PLAIN",
            Choice::CurveClient(_) | Choice::CurveServer(_) => "CURVE",
        }
    }
}

/// Without secrets.
impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the peer showed may be a password.
impl Drop for Question {
    fn drop(&mut self) {
        self.credentials.zeroize();
    }
}

/// Without secrets.
impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} credentials", self.mechanism, self.credentials.len())
    }
}

impl Local<'_> {
    /// The properties told to the peer.
    pub fn properties(&self) -> Vec<u8> {
        let mut out = Vec::new();
        properties::push(&mut out, name::SOCKET_TYPE, self.socket_type.name().as_bytes());
        if self.socket_type.announces_identity() {
            properties::push(&mut out, name::IDENTITY, self.routing_id);
        }
        for (name, value) in self.application {
            properties::push(&mut out, name, value);
        }
        out
    }
}

/// What is known of the peer while a handshake goes on.
#[derive(Default)]
struct Known {
    peer: PeerProperties,
    routing_id: Vec<u8>,
    authenticated: Vec<(String, Vec<u8>)>,
}

impl Known {
    /// The peer's own properties.
    fn told(&mut self, peer: PeerProperties) {
        if let Some(id) = peer.value(name::IDENTITY) {
            self.routing_id = id.to_vec();
        }
        self.peer = peer;
    }

    /// What the authenticator adds.
    fn accepted(&mut self, user_id: Vec<u8>, properties: Vec<(String, Vec<u8>)>) {
        if let Some((_, id)) = properties.iter().find(|(known, _)| known == name::IDENTITY) {
            self.routing_id = id.clone();
        }
        self.authenticated.push((name::USER_ID.to_owned(), user_id));
        self.authenticated.extend(properties);
    }

    /// Leaves it all to traffic.
    fn finish(&mut self, cipher: Option<Box<dyn Cipher>>) -> Finished {
        let Known { peer, routing_id, authenticated } = std::mem::take(self);
        Finished { peer, routing_id, authenticated, cipher }
    }
}

/// What an ERROR command's data says: the authenticator's status, if it is one.
fn parse_error(data: &[u8]) -> Result<Option<u16>, Violation> {
    let (&len, rest) = data.split_first().ok_or(Violation::MalformedError)?;
    let reason = rest.get(..usize::from(len)).ok_or(Violation::MalformedError)?;
    Ok(match reason {
        b"300" => Some(300),
        b"400" => Some(400),
        b"500" => Some(500),
        _ => None,
    })
}
