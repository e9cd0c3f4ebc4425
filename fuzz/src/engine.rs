//! A connection that is given whatever bytes, in pieces of any size, by an owner that blocks now and
//! then. However the bytes are cut, the same messages come out and the same fault.

use super::conversation::{Conversation, Judge, security};
use super::input::{Input, TYPES};
use ferrozmq::engine::{ConnectionFacts, Engine, EngineConfig, Fault, Heartbeat, PeerFacts};
use ferrozmq::engine::{Progress, Sink, Source};
use ferrozmq::mechanism::{Question, Verdict};
use ferrozmq::msg::{Message, ReceiveBuffer};
use ferrozmq::sync::InPlace;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let (config, secured) = config(&mut input);
    let cuts: Vec<u8> = input.short().to_vec();
    let judge = if secured { Judge::new(&mut input) } else { Judge::default() };
    let conversation = secured.then(|| Conversation::new(&config, &judge, &mut input));
    let stream = match &conversation {
        Some(conversation) => conversation.stream.clone(),
        None => stream(&mut input),
    };

    let whole = Connection::new(&config, &judge, &[]).feed(&stream, &[]);
    let cut = Connection::new(&config, &judge, &cuts).feed(&stream, &cuts);
    if let Some(conversation) = conversation {
        conversation.check(&whole);
        conversation.check(&cut);
    }
    if judge.is_late {
        // When it comes is a matter of reads.
        return;
    }
    assert_eq!(whole.fault, cut.fault, "the fault depends on how the bytes were cut");
    if config.raw {
        // How bytes become messages is a matter of reads.
        assert_eq!(whole.messages.concat(), cut.messages.concat());
    } else {
        assert_eq!(whole.messages, cut.messages);
    }
}

/// And whether the bytes are those of a conversation.
fn config(input: &mut Input) -> (Arc<EngineConfig>, bool) {
    let mut config = EngineConfig::new(input.socket_type());
    let flags = input.byte();
    config.raw |= flags & 1 != 0;
    config.raw_notify = flags & 2 != 0;
    config.max_message_size = (flags & 4 != 0).then_some(1000);
    if flags & 8 != 0 {
        config.heartbeat =
            Some(Heartbeat { interval: Duration::from_millis(10), timeout: None, ttl: flags.into() });
    }
    if flags & 16 != 0 {
        config.routing_id = b"me".to_vec();
        config.application_metadata = vec![("X-Key".to_owned(), b"value".to_vec())];
    }
    config.random = |bytes| {
        bytes.fill(0x55);
        Ok(())
    };
    let secured = flags >> 5 != 0 && !config.raw;
    if secured {
        config.security = security(flags >> 5);
    }
    (Arc::new(config), secured)
}

/// The peer's bytes: a proper beginning, if that is chosen, as few random bytes get past a greeting;
/// then what the input has.
fn stream(input: &mut Input) -> Vec<u8> {
    let mut stream = Vec::new();
    let begin = input.byte();
    let signature = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F];
    match begin % 5 {
        1 => stream.extend([1, 0]), // ZMTP 1.0: an empty routing id
        2 => {
            stream.extend(signature);
            stream.extend([1, begin / 5 % 12, 0, 0]); // revision, socket type, empty routing id
        }
        version @ (3 | 4) => {
            stream.extend(signature);
            stream.extend([3, version - 3]);
            stream.extend(b"NULL");
            stream.extend([0; 48]);
            let name = TYPES[usize::from(begin / 5) % TYPES.len()].name().as_bytes();
            let mut ready = b"\x05READY\x0BSocket-Type\0\0\0".to_vec();
            ready.push(name.len() as u8);
            ready.extend(name);
            stream.extend([4, ready.len() as u8]);
            stream.extend(ready);
        }
        _ => {}
    }
    while !input.is_empty() {
        let control = input.byte();
        if control < 200 {
            stream.extend(input.bytes(control.into()));
        } else {
            // A large frame, more than an input would hold.
            let len = (u64::from(control) - 199) << 10;
            stream.push(2 | control & 1);
            stream.extend(len.to_be_bytes());
            stream.extend(std::iter::repeat_n(control, len as usize));
        }
    }
    stream
}

/// What came of the bytes.
pub(super) struct Outcome {
    pub messages: Vec<Vec<u8>>,
    pub fault: Option<Fault>,
    pub is_ready: bool,
}

pub(super) struct Connection {
    pub engine: Engine,
    buffer: ReceiveBuffer,
    sink: Receiver,
    now: Instant,
    written: usize,
}

struct Receiver {
    judge: Judge,
    asked: bool,
    /// The name of the mechanism, without which there is no traffic; NULL can do without.
    mechanism: &'static str,
    ready: bool,
    messages: Vec<Vec<u8>>,
    /// Which messages are refused the first time they are offered.
    refusals: Vec<u8>,
    refused: bool,
}

impl Sink for Receiver {
    fn ready(&mut self, peer: PeerFacts) {
        assert!(!self.ready, "ready twice");
        assert!(peer.mechanism == Some(self.mechanism) || self.mechanism == "NULL", "a way down");
        self.ready = true;
    }

    fn authenticate(&mut self, _question: Question) -> Option<Verdict> {
        assert!(!self.asked, "asked twice");
        self.asked = self.judge.is_late;
        (!self.judge.is_late).then(|| self.judge.verdict.clone())
    }

    fn message(&mut self, message: &mut Message) -> bool {
        assert!(self.ready, "a message before traffic");
        let refuses = self.refusals.get(self.messages.len() % 256).is_some_and(|byte| byte & 1 != 0);
        if refuses && !std::mem::replace(&mut self.refused, true) {
            return false;
        }
        self.refused = false;
        let mut kept = message.data().to_vec();
        // Flags are part of what came; where raw bytes are concatenated, nothing may be added.
        if !message.flags().is_empty() {
            kept.push(message.flags().bits());
        }
        self.messages.push(kept);
        true
    }
}

/// Says a word now and then.
struct Talker(usize);

impl Source for Talker {
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        let left = self.0.checked_sub(1)?;
        self.0 = left;
        Message::from_slice(&[b'x'; 300][..left % 300]).ok().map(InPlace::from)
    }
}

impl Connection {
    pub fn new(config: &Arc<EngineConfig>, judge: &Judge, refusals: &[u8]) -> Connection {
        let now = Instant::now();
        Connection {
            engine: Engine::new(Arc::clone(config), ConnectionFacts::default(), now),
            buffer: ReceiveBuffer::new(16 * 1024),
            sink: Receiver {
                judge: judge.clone(),
                asked: false,
                mechanism: config.security.name(),
                ready: false,
                messages: Vec::new(),
                refusals: refusals.to_vec(),
                refused: false,
            },
            now,
            written: 0,
        }
    }

    fn feed(mut self, mut stream: &[u8], cuts: &[u8]) -> Outcome {
        let mut fault = self.decode().err();
        let mut cuts = cuts.iter().copied();
        while fault.is_none() && !stream.is_empty() {
            let most = match cuts.next() {
                Some(cut) => usize::from(cut) + 1,
                None => 12_000,
            };
            let fed = self.piece(&mut stream, most);
            fault = fed.err();
            self.write(most);
        }
        if let Some(fault) = fault {
            assert_eq!(self.decode(), Err(fault), "a fault is final");
            assert!(self.engine.next_timer().is_none());
        } else {
            assert!(self.buffer.unread().len() < 8 * 1024 + 10, "too much is left");
            self.pass_time();
        }
        self.outcome(fault)
    }

    pub fn outcome(self, fault: Option<Fault>) -> Outcome {
        Outcome { messages: self.sink.messages, fault, is_ready: self.sink.ready }
    }

    /// One read of at most `most` bytes.
    pub fn piece(&mut self, stream: &mut &[u8], most: usize) -> Result<(), Fault> {
        if let Some(body) = self.engine.large_body() {
            assert!(body.missing() > 0);
            let len = body.append(&stream[..most.min(stream.len())]);
            *stream = &stream[len..];
            let progress = self.engine.large_body_filled(&mut self.sink)?;
            return if progress == Progress::Blocked || self.sink.asked { self.decode() } else { Ok(()) };
        }
        let len = self.buffer.append(&stream[..most.min(stream.len())]).expect("memory");
        assert!(len > 0, "no room to read into");
        *stream = &stream[len..];
        self.decode()
    }

    /// Decodes until more is needed; a sink that refuses does so once.
    pub fn decode(&mut self) -> Result<(), Fault> {
        loop {
            let progress = self.engine.decode(&mut self.buffer, &mut self.sink, self.now)?;
            if std::mem::take(&mut self.sink.asked) {
                let verdict = self.sink.judge.verdict.clone();
                self.engine.handle_verdict(verdict, &mut self.sink, self.now)?;
            } else if progress == Progress::MoreNeeded {
                return Ok(());
            }
        }
    }

    /// Takes some of the output.
    fn write(&mut self, most: usize) {
        let _ = self.engine.encode(&mut Talker(most % 4));
        let mut slices: Vec<IoSlice> = Vec::new();
        self.engine.output(&mut slices);
        let pending: usize = slices.iter().map(|slice| slice.len()).sum();
        assert_eq!(pending > 0, self.engine.wants_to_write());
        let n = pending.min(most);
        drop(slices);
        self.engine.wrote(n);
        self.written += n;
        self.now += Duration::from_micros(100);
    }

    fn pass_time(&mut self) {
        for _ in 0..3 {
            let Some(next) = self.engine.next_timer() else { return };
            self.now = next.max(self.now);
            if self.engine.handle_timer(self.now).is_err() {
                return;
            }
            self.write(usize::MAX);
        }
    }
}
