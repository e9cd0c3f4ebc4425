//! What a proper peer says in a handshake and after it, as its own engine says it; then disturbed as the
//! input has it. Secrets and random numbers are always the same, so that what was said can be said again.

use super::engine::{Connection, Outcome};
use super::input::{Input, TYPES};
use ferrozmq::curve::SecretKey;
use ferrozmq::engine::{EngineConfig, Fault, Source};
use ferrozmq::mechanism::{Choice, CurveKeys, Security, Verdict};
use ferrozmq::msg::Message;
use ferrozmq::options::SocketType;
use ferrozmq::sync::InPlace;
use std::io::IoSlice;
use std::sync::Arc;

const CLIENT: [u8; 32] = [0x11; 32];
const SERVER: [u8; 32] = [0x22; 32];

/// Bytes of a greeting, which nothing seals.
const GREETING: usize = 64;

/// What the authenticator says, and whether it takes its time.
#[derive(Clone)]
pub struct Judge {
    pub verdict: Verdict,
    pub is_late: bool,
}

impl Default for Judge {
    fn default() -> Judge {
        Judge { verdict: Verdict::Absent, is_late: false }
    }
}

impl Judge {
    pub fn new(input: &mut Input) -> Judge {
        let byte = input.byte();
        let verdict = match byte % 8 {
            4 => Verdict::Refused(300),
            5 => Verdict::Refused(400),
            6 => Verdict::Absent,
            _ => welcome(),
        };
        Judge { verdict, is_late: byte & 128 != 0 }
    }
}

fn welcome() -> Verdict {
    Verdict::Accepted {
        user_id: b"somebody".to_vec(),
        properties: vec![("X-Key".to_owned(), b"value".to_vec())],
    }
}

/// One side's security, by number.
pub fn security(number: u8) -> Security {
    let mechanism = match number {
        2 => Choice::PlainClient { username: b"name".to_vec(), password: b"password".to_vec().into() },
        3 => Choice::PlainServer,
        4 => Choice::CurveClient(CurveKeys {
            public: SecretKey::new(&CLIENT).public(),
            secret: SecretKey::new(&CLIENT),
            server: SecretKey::new(&SERVER).public(),
        }),
        5 | 6 => Choice::CurveServer(SecretKey::new(&SERVER)),
        _ => Choice::Null,
    };
    let zap_domain = if matches!(number, 6 | 7) { b"domain".to_vec() } else { Vec::new() };
    Security { mechanism, zap_domain, zap_enforced: number == 6 }
}

/// The other side's.
fn opposite(security: &Security) -> Security {
    let mechanism = match &security.mechanism {
        Choice::Null => self::security(1).mechanism,
        Choice::PlainClient { .. } => self::security(3).mechanism,
        Choice::PlainServer => self::security(2).mechanism,
        Choice::CurveClient(_) => self::security(5).mechanism,
        Choice::CurveServer(_) => self::security(4).mechanism,
    };
    Security { mechanism, ..Security::default() }
}

/// A peer's part in a conversation.
pub struct Conversation {
    /// The bytes, as the input left them.
    pub stream: Vec<u8>,
    /// What came of them before that.
    undisturbed: Outcome,
    /// Where they were changed first.
    disturbed_at: Option<usize>,
    /// Nothing stood in the way.
    is_welcome: bool,
    /// The peer did not wait for the authenticator, as what it said is said at once.
    is_hasty: bool,
    is_sealed: bool,
}

impl Conversation {
    pub fn new(config: &Arc<EngineConfig>, judge: &Judge, input: &mut Input) -> Conversation {
        let peer_type = peer_type(config.socket_type, input);
        let mut peer = EngineConfig::new(peer_type);
        peer.raw = false;
        peer.security = opposite(&config.security);
        peer.random = |bytes| {
            bytes.fill(0xAA);
            Ok(())
        };
        let words = Words::new(input);
        let largest = words.0.iter().map(Message::len).max().unwrap_or(0);
        // With what a command and a box put around it.
        let fits = config.max_message_size.is_none_or(|limit| largest as u64 + 100 < limit && limit >= 500);
        let is_welcome = fits
            && matches!(judge.verdict, Verdict::Accepted { .. })
            && config.socket_type.accepts(peer_type.name().as_bytes());
        let (stream, undisturbed) = converse(config, judge, &Arc::new(peer), words);
        let is_sealed = matches!(config.security.mechanism, Choice::CurveClient(_) | Choice::CurveServer(_));
        let mut conversation = Conversation {
            stream,
            undisturbed,
            disturbed_at: None,
            is_welcome,
            is_hasty: judge.is_late,
            is_sealed,
        };
        for _ in 0..8 {
            if !input.is_empty() {
                conversation.disturb(input);
            }
        }
        conversation
    }

    fn disturb(&mut self, input: &mut Input) {
        let kind = input.byte();
        let len = self.stream.len();
        let at = (usize::from(input.byte()) << 8 | usize::from(input.byte())) % (len + 1);
        let to = len.min(at + usize::from(input.byte()));
        let changed_at = match kind % 6 {
            0 if at < len => {
                self.stream[at] ^= input.byte() | 1;
                at
            }
            // Says something again.
            1 => {
                self.stream.extend_from_within(at..to);
                len
            }
            2 => {
                self.stream.drain(at..to);
                at
            }
            3 => {
                let bytes = input.short().to_vec();
                self.stream.splice(at..at, bytes);
                at
            }
            4 => {
                self.stream.splice(at..to, input.short().to_vec());
                at
            }
            _ => {
                self.stream.truncate(at);
                at
            }
        };
        self.disturbed_at = Some(self.disturbed_at.unwrap_or(len).min(changed_at));
    }

    pub fn check(&self, outcome: &Outcome) {
        match self.disturbed_at {
            None if self.is_hasty => {}
            None => {
                assert_eq!(outcome.messages, self.undisturbed.messages);
                assert!(outcome.is_ready || !self.is_welcome, "kept out: {:?}", outcome.fault);
            }
            Some(at) if self.is_sealed && at >= GREETING => {
                let expected = self.undisturbed.messages.iter();
                let all_true = outcome.messages.iter().zip(expected).all(|(got, said)| got == said);
                let count = (outcome.messages.len(), self.undisturbed.messages.len());
                assert!(all_true && count.0 <= count.1, "what nobody has sealed was believed");
            }
            Some(_) => {}
        }
    }
}

/// One that fits, mostly.
fn peer_type(own: SocketType, input: &mut Input) -> SocketType {
    let choice = usize::from(input.byte());
    let fitting: Vec<SocketType> =
        TYPES.into_iter().filter(|peer| own.accepts(peer.name().as_bytes())).collect();
    if choice >= 240 || fitting.is_empty() {
        return TYPES[choice % TYPES.len()];
    }
    fitting[choice % fitting.len()]
}

/// What the peer wants to say when it may.
struct Words(Vec<Message>);

impl Words {
    fn new(input: &mut Input) -> Words {
        let mut words = Vec::new();
        for number in (0..input.below(5)).rev() {
            let len = usize::from(input.byte());
            // A few are large.
            let len = if len >= 250 { (len - 249) << 12 } else { len };
            let mut word = Message::from_slice(&vec![len as u8; len]).expect("memory");
            word.set_more(number > 0 && input.byte() & 1 != 0);
            words.push(word);
        }
        words.reverse();
        Words(words)
    }
}

impl Source for Words {
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        self.0.pop().map(InPlace::from)
    }
}

/// Has both sides talk, and gives what the peer said and what came of it.
fn converse(
    config: &Arc<EngineConfig>,
    judge: &Judge,
    peer: &Arc<EngineConfig>,
    mut words: Words,
) -> (Vec<u8>, Outcome) {
    let welcoming = Judge { verdict: welcome(), is_late: false };
    let (mut near, mut far) = (Connection::new(config, judge, &[]), Connection::new(peer, &welcoming, &[]));
    let (mut stream, mut fault) = (Vec::new(), None);
    loop {
        let _ = far.engine.encode(&mut words);
        let (said, answered) = (output(&mut far), output(&mut near));
        if said.is_empty() && answered.is_empty() {
            return (stream, near.outcome(fault));
        }
        stream.extend_from_slice(&said);
        fault = fault.or(hear(&mut near, &said).err());
        let _ = hear(&mut far, &answered);
    }
}

fn hear(connection: &mut Connection, mut bytes: &[u8]) -> Result<(), Fault> {
    while !bytes.is_empty() {
        connection.piece(&mut bytes, 12_000)?;
    }
    Ok(())
}

/// All that is to be written, as if it was.
fn output(connection: &mut Connection) -> Vec<u8> {
    let mut written = Vec::new();
    while connection.engine.wants_to_write() {
        let mut slices: Vec<IoSlice> = Vec::new();
        connection.engine.output(&mut slices);
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
        connection.engine.wrote(bytes.len());
        written.extend(bytes);
    }
    written
}
