//! The client's side of the handshake.

use super::super::parse_error;
use super::super::{Cipher, CurveKeys, Failure, Finished, Known, Local, Mechanism, Question, Verdict};
use super::cipher::CurveCipher;
use super::{COOKIE, LONG, PADDING, SHORT, SIGNATURE, VERSION, counted, random};
use super::{counted_nonce, field, random_nonce};
use crate::curve::{BoxKey, PublicKey, Random, SecretKey};
use crate::options::SocketType;
use crate::wire::Violation;
use crate::wire::command::{self as wire, Command, name};
use crate::wire::properties::PeerProperties;

/// The numbers of HELLO and INITIATE.
const FIRST: [u8; SHORT] = 1_u64.to_be_bytes();
const SECOND: [u8; SHORT] = 2_u64.to_be_bytes();

/// The client's handshake.
pub(in super::super) struct CurveClient {
    socket_type: SocketType,
    properties: Vec<u8>,
    keys: CurveKeys,
    /// c' and C'.
    own: SecretKey,
    own_public: PublicKey,
    vouch_nonce: [u8; LONG],
    /// Of c' and S.
    opening: BoxKey,
    state: State,
    known: Known,
}

/// What the client does next.
enum State {
    SendHello(Vec<u8>),
    ExpectWelcome,
    SendInitiate(Vec<u8>, BoxKey),
    ExpectReady(BoxKey),
    Done(Option<CurveCipher>),
}

impl CurveClient {
    pub(in super::super) fn new(
        keys: &CurveKeys,
        local: &Local<'_>,
        random: Random,
    ) -> Result<CurveClient, Failure> {
        let own = SecretKey::random(random).map_err(|_| Failure::NoRandomness)?;
        let mut vouch_nonce = [0; LONG];
        random(&mut vouch_nonce).map_err(|_| Failure::NoRandomness)?;
        let own_public = own.public();
        let opening = own.agree(&keys.server).ok_or(Violation::Unopenable)?;
        let mut fields = [&VERSION[..], &[0; PADDING], &own_public, &FIRST].concat();
        opening.push_box(&counted_nonce(counted::HELLO, FIRST), &[&SIGNATURE], &mut fields);
        Ok(CurveClient {
            socket_type: local.socket_type,
            properties: local.properties(),
            keys: keys.clone(),
            own,
            own_public,
            vouch_nonce,
            opening,
            state: State::SendHello(wire::body(name::HELLO, &fields)),
            known: Known::default(),
        })
    }

    /// WELCOME brings S' and the cookie.
    fn welcomed(&self, fields: &[u8]) -> Result<State, Failure> {
        let (nonce, sealed) = field(fields, Violation::Unopenable)?;
        let opened = self.opening.open_box(&random_nonce(random::WELCOME, nonce), sealed);
        let opened = opened.ok_or(Violation::Unopenable)?;
        let (theirs, cookie) = field(&opened, Violation::Unopenable)?;
        if cookie.len() != COOKIE {
            return Err(Violation::Unopenable.into());
        }
        let vouching = self.keys.secret.agree(theirs).ok_or(Violation::Unopenable)?;
        let key = self.own.agree(theirs).ok_or(Violation::Unopenable)?;
        let mut voucher = Vec::new();
        let vouch_nonce = random_nonce(random::VOUCH, &self.vouch_nonce);
        vouching.push_box(&vouch_nonce, &[&self.own_public, &self.keys.server], &mut voucher);
        let mut fields = [cookie, &SECOND].concat();
        let text: [&[u8]; 4] = [&self.keys.public, &self.vouch_nonce, &voucher, &self.properties];
        key.push_box(&counted_nonce(counted::INITIATE, SECOND), &text, &mut fields);
        Ok(State::SendInitiate(wire::body(name::INITIATE, &fields), key))
    }

    /// READY brings the server's properties.
    fn ready(&mut self, fields: &[u8], key: &BoxKey) -> Result<State, Failure> {
        let (number, sealed) = field(fields, Violation::MalformedReady)?;
        if sealed.len() < crate::curve::TAG {
            return Err(Violation::MalformedReady.into());
        }
        let opened = key.open_box(&counted_nonce(counted::READY, *number), sealed);
        let opened = opened.ok_or(Violation::Unopenable)?;
        let peer = PeerProperties::parse(&opened, self.socket_type);
        self.known.told(peer.map_err(|_| Violation::UnacceptableProperties)?);
        let cipher = CurveCipher::of_client(key.clone(), u64::from_be_bytes(*number));
        Ok(State::Done(Some(cipher)))
    }
}

impl Mechanism for CurveClient {
    fn next_command(&mut self) -> Option<Vec<u8>> {
        match std::mem::replace(&mut self.state, State::ExpectWelcome) {
            State::SendHello(hello) => Some(hello),
            State::SendInitiate(initiate, key) => {
                self.state = State::ExpectReady(key);
                Some(initiate)
            }
            expecting => {
                self.state = expecting;
                None
            }
        }
    }

    fn handle_command(&mut self, body: &[u8]) -> Result<(), Failure> {
        let Command { name, data } = Command::parse(body).ok_or(Violation::UnexpectedCommand)?;
        self.state = match (name, &self.state) {
            (name::WELCOME, State::ExpectWelcome) => self.welcomed(data)?,
            (name::READY, State::ExpectReady(key)) => {
                let key = key.clone();
                self.ready(data, &key)?
            }
            (name::ERROR, State::ExpectWelcome | State::ExpectReady(_)) => {
                return Err(Failure::Refused(parse_error(data)?));
            }
            _ => return Err(Violation::UnexpectedCommand.into()),
        };
        Ok(())
    }

    fn question(&mut self) -> Option<Question> {
        None
    }

    fn handle_verdict(&mut self, _verdict: Verdict) -> Result<(), Failure> {
        Ok(())
    }

    fn finish(&mut self) -> Option<Finished> {
        let State::Done(cipher) = &mut self.state else { return None };
        let cipher = cipher.take().map(|cipher| Box::new(cipher) as Box<dyn Cipher>);
        // Without one, traffic would be in the clear.
        cipher.map(|cipher| self.known.finish(Some(cipher)))
    }
}
