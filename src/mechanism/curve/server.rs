//! The server's side of the handshake.

use super::super::{Cipher, Failure, Finished, Known, Local, Mechanism, Question, Security, Verdict};
use super::cipher::CurveCipher;
use super::{COOKIE, LONG, PADDING, SHORT, SIGNATURE, VERSION, VOUCHER, command, counted};
use super::{counted_nonce, field, random, random_nonce};
use crate::curve::{self, BoxKey, KEY, PublicKey, Random, SecretKey, TAG};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self as wire, Command, name};
use crate::wire::properties::PeerProperties;

/// Bytes of the fields of HELLO.
const HELLO: usize = VERSION.len() + PADDING + KEY + SHORT + TAG + SIGNATURE.len();

/// The least bytes of the fields of INITIATE: those without properties.
const INITIATE: usize = COOKIE + SHORT + TAG + KEY + LONG + VOUCHER;

/// The number of READY.
const FIRST: [u8; SHORT] = 1_u64.to_be_bytes();

/// The server's handshake.
pub(in super::super) struct CurveServer {
    socket_type: SocketType,
    properties: Vec<u8>,
    secret: SecretKey,
    random: Random,
    /// Whether the authenticator is asked, and must be there.
    asks: bool,
    must_ask: bool,
    state: State,
    known: Known,
}

/// What the server does next.
enum State {
    ExpectHello,
    SendWelcome {
        welcome: Vec<u8>,
        cookie_key: BoxKey,
    },
    ExpectInitiate {
        cookie_key: BoxKey,
    },
    Ask {
        question: Question,
        agreed: Agreed,
    },
    ExpectVerdict(Agreed),
    SendReady(Agreed),
    SendError(u16),
    /// The peer's leaving or the timer ends the connection.
    Refused,
    Done(Option<CurveCipher>),
}

/// What INITIATE leaves behind.
struct Agreed {
    /// Of s' and C'.
    key: BoxKey,
    /// The number of INITIATE.
    received: u64,
}

impl CurveServer {
    pub(in super::super) fn new(
        secret: &SecretKey,
        security: &Security,
        local: &Local<'_>,
        random: Random,
    ) -> CurveServer {
        let has_domain = !security.zap_domain.is_empty();
        CurveServer {
            socket_type: local.socket_type,
            properties: local.properties(),
            secret: secret.clone(),
            random,
            asks: has_domain || !security.zap_enforced,
            must_ask: has_domain && security.zap_enforced,
            state: State::ExpectHello,
            known: Known::default(),
        }
    }

    /// HELLO shows C'. S' goes back, and into the cookie together with C'; neither is kept.
    fn greeted(&self, fields: &[u8]) -> Result<State, Failure> {
        let malformed = Violation::MalformedHello;
        let (version, rest) = field(fields, malformed)?;
        if fields.len() != HELLO || *version != VERSION {
            return Err(malformed.into());
        }
        let (_, rest) = field::<PADDING>(rest, malformed)?;
        let (theirs, rest) = field(rest, malformed)?;
        let (number, sealed) = field(rest, malformed)?;
        let opening = self.secret.agree(theirs).ok_or(Violation::Unopenable)?;
        if opening.open_box(&counted_nonce(counted::HELLO, *number), sealed).is_none() {
            return Err(Violation::Unopenable.into());
        }

        let own = SecretKey::random(self.random).map_err(|_| Failure::NoRandomness)?;
        let cookie_key = BoxKey::random(self.random).map_err(|_| Failure::NoRandomness)?;
        let (mut cookie_nonce, mut welcome_nonce) = ([0; LONG], [0; LONG]);
        for nonce in [&mut cookie_nonce, &mut welcome_nonce] {
            (self.random)(nonce).map_err(|_| Failure::NoRandomness)?;
        }
        let mut text = [&own.public()[..], &cookie_nonce].concat();
        cookie_key.push_box(&random_nonce(random::COOKIE, &cookie_nonce), &[theirs, own.bytes()], &mut text);
        let mut fields = welcome_nonce.to_vec();
        opening.push_box(&random_nonce(random::WELCOME, &welcome_nonce), &[&text], &mut fields);
        Ok(State::SendWelcome { welcome: wire::body(name::WELCOME, &fields), cookie_key })
    }

    /// INITIATE brings the cookie back, shows C, which vouches for C', and tells the client's properties.
    ///
    /// That the voucher names S is not checked, as the reference does not: HELLO was sealed for S with c'
    /// already.
    fn initiated(&mut self, fields: &[u8], cookie_key: &BoxKey) -> Result<State, Failure> {
        let malformed = Violation::MalformedInitiate;
        if fields.len() < INITIATE {
            return Err(malformed.into());
        }
        let (cookie_nonce, rest) = field(fields, malformed)?;
        let (cookie, rest) = field::<{ COOKIE - LONG }>(rest, malformed)?;
        let (number, sealed) = field(rest, malformed)?;
        let cookie = cookie_key.open_box(&random_nonce(random::COOKIE, cookie_nonce), cookie);
        let cookie = cookie.ok_or(Violation::Unopenable)?;
        let (theirs, own) = field::<KEY>(&cookie, Violation::Unopenable)?;
        let (own, _) = field(own, Violation::Unopenable)?;
        let own = SecretKey::new(own);

        let key = own.agree(theirs).ok_or(Violation::Unopenable)?;
        let opened = key.open_box(&counted_nonce(counted::INITIATE, *number), sealed);
        let opened = opened.ok_or(Violation::Unopenable)?;
        let (client, rest) = field::<KEY>(&opened, malformed)?;
        let (vouch_nonce, rest) = field(rest, malformed)?;
        let (voucher, properties) = field::<VOUCHER>(rest, malformed)?;
        let vouched = own
            .agree(client)
            .and_then(|vouching| vouching.open_box(&random_nonce(random::VOUCH, vouch_nonce), voucher));
        let vouched = vouched.ok_or(Violation::Unopenable)?;
        if !vouched.get(..KEY).is_some_and(|vouched| curve::same(vouched, theirs)) {
            return Err(Violation::KeyExchange.into());
        }
        self.known.told(PeerProperties::parse(properties, self.socket_type)?);
        Ok(self.ask(client, Agreed { key, received: u64::from_be_bytes(*number) }))
    }

    fn ask(&self, client: &PublicKey, agreed: Agreed) -> State {
        if !self.asks {
            return State::SendReady(agreed);
        }
        let question = Question { mechanism: "CURVE", credentials: vec![client.to_vec()] };
        State::Ask { question, agreed }
    }

    fn ready(&self, key: &BoxKey) -> Vec<u8> {
        let mut fields = FIRST.to_vec();
        key.push_box(&counted_nonce(counted::READY, FIRST), &[&self.properties], &mut fields);
        wire::body(name::READY, &fields)
    }
}

impl Mechanism for CurveServer {
    fn next_command(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(&mut self.state, State::Refused) {
            State::SendWelcome { welcome, cookie_key } => {
                self.state = State::ExpectInitiate { cookie_key };
                Some(welcome)
            }
            State::SendReady(Agreed { key, received }) => {
                let ready = self.ready(&key);
                self.state = State::Done(Some(CurveCipher::of_server(key, received)));
                Some(ready)
            }
            State::SendError(status) => {
                let data = [&[3], status.to_string().as_bytes()].concat();
                Some(wire::body(name::ERROR, &data))
            }
            waiting => {
                self.state = waiting;
                None
            }
        }
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure> {
        let Command { name, data } = command(body)?;
        self.state = match (name, &self.state) {
            (name::HELLO, State::ExpectHello) => self.greeted(data)?,
            (name::INITIATE, State::ExpectInitiate { cookie_key }) => {
                let cookie_key = cookie_key.clone();
                self.initiated(data, &cookie_key)?
            }
            (_, State::ExpectHello | State::ExpectInitiate { .. }) => {
                return Err(Violation::UnexpectedCommand.into());
            }
            _ => return Err(Violation::CommandOutOfTurn.into()),
        };
        Ok(())
    }

    fn question(&mut self) -> Option<Question> {
        match std::mem::replace(&mut self.state, State::Refused) {
            State::Ask { question, agreed } => {
                self.state = State::ExpectVerdict(agreed);
                Some(question)
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    fn handle_verdict(&mut self, verdict: Verdict) -> Result<(), Failure> {
        let agreed = match std::mem::replace(&mut self.state, State::Refused) {
            State::ExpectVerdict(agreed) => agreed,
            unasked => {
                self.state = unasked;
                return Ok(());
            }
        };
        self.state = match verdict {
            Verdict::Accepted { user_id, properties } => {
                self.known.accepted(user_id, properties);
                State::SendReady(agreed)
            }
            Verdict::Absent if self.must_ask => return Err(Failure::NoAuthenticator),
            Verdict::Absent => State::SendReady(agreed),
            Verdict::Refused(300) => State::Refused,
            Verdict::Refused(status) => State::SendError(status),
        };
        Ok(())
    }

    fn finish(&mut self) -> Option<Finished> {
        let State::Done(cipher) = &mut self.state else { return None };
        let cipher = cipher.take().map(|cipher| Box::new(cipher) as Box<dyn Cipher>);
        // Without one, traffic would be in the clear.
        cipher.map(|cipher| self.known.finish(Some(cipher)))
    }
}
