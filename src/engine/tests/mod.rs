//! Two engines, or one and a script, in virtual time.

mod handshake;
mod random;
mod sealed;
mod traffic;

use super::*;
use crate::mechanism::Security;
use crate::msg::Flags;
use crate::options::SocketType::{self, *};
use crate::wire::greeting::Version;
use std::time::Duration;

#[derive(Default)]
struct Queue {
    peer: Option<PeerFacts>,
    received: Vec<Message>,
    room: Option<usize>,
    to_send: VecDeque<Message>,
    verdict: Option<Verdict>,
    questions: usize,
}

impl Sink for Queue {
    fn ready(&mut self, peer: PeerFacts) {
        assert!(self.peer.is_none() && self.received.is_empty(), "ready once, and first");
        self.peer = Some(peer);
    }
    fn message(&mut self, message: &mut Message) -> bool {
        if self.room == Some(0) {
            return false;
        }
        self.room = self.room.map(|room| room - 1);
        self.received.push(message.take());
        true
    }
    fn authenticate(&mut self, _: Question) -> Option<Verdict> {
        self.questions += 1;
        self.verdict.clone()
    }
}

impl Source for Queue {
    fn next(&mut self) -> Option<InPlace<'_, Message>> {
        self.to_send.pop_front().map(InPlace::from)
    }
}

/// An engine with its surroundings.
struct End {
    engine: Engine,
    queue: Queue,
    input: ReceiveBuffer,
    now: Instant,
}

impl End {
    fn new(config: EngineConfig) -> End {
        let now = Instant::now();
        let facts = ConnectionFacts { peer_address: "192.0.2.1".to_owned(), fd: "9".to_owned() };
        let engine = Engine::new(Arc::new(config), facts, now);
        let mut end = End { engine, queue: Queue::default(), input: ReceiveBuffer::new(16 * 1024), now };
        end.feed(b"").expect("nothing read yet");
        end
    }

    fn of(socket_type: SocketType) -> End {
        End::new(EngineConfig::new(socket_type))
    }

    /// In traffic with a 3.1 peer of the type.
    fn ready(config: EngineConfig, peer: &str) -> End {
        let mut end = End::new(config);
        end.feed(&greeting(3, 1)).expect("greeting");
        end.feed(&ready(&[("Socket-Type", peer.as_bytes())])).expect("READY");
        assert!(end.engine.is_ready());
        end.written();
        end
    }

    fn feed(&mut self, mut bytes: &[u8]) -> Result<Progress, Fault> {
        loop {
            let progress = if let Some(room) = self.engine.large_body() {
                bytes = &bytes[room.append(bytes)..];
                self.engine.large_body_filled(&mut self.queue)?
            } else {
                bytes = &bytes[self.input.append(bytes).expect("memory")..];
                self.engine.decode(&mut self.input, &mut self.queue, self.now)?
            };
            if bytes.is_empty() {
                return Ok(progress);
            }
            assert_eq!(progress, Progress::MoreNeeded, "blocked, and more to come");
        }
    }

    /// Writes at most `limit` bytes at a time.
    fn written_by(&mut self, limit: usize) -> Vec<u8> {
        let mut written = Vec::new();
        loop {
            self.engine.encode(&mut self.queue).expect("memory");
            if !self.engine.wants_to_write() {
                return written;
            }
            let mut slices = Vec::new();
            self.engine.output(&mut slices);
            assert!(slices.iter().all(|slice| !slice.is_empty()));
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).take(limit).collect();
            assert!(!bytes.is_empty(), "it wants to write and has nothing");
            self.engine.wrote(bytes.len());
            written.extend(bytes);
        }
    }

    fn written(&mut self) -> Vec<u8> {
        self.written_by(usize::MAX)
    }

    fn pass(&mut self, time: Duration) -> Result<(), Fault> {
        self.now += time;
        self.engine.handle_timer(self.now)
    }

    fn bodies(&self) -> Vec<&[u8]> {
        self.queue.received.iter().map(Message::data).collect()
    }
}

/// Lets two ends talk until both have nothing to say.
fn talk(a: &mut End, b: &mut End) {
    loop {
        let (from_a, from_b) = (a.written(), b.written());
        if from_a.is_empty() && from_b.is_empty() {
            return;
        }
        b.feed(&from_a).expect("no fault");
        a.feed(&from_b).expect("no fault");
    }
}

fn greeting(major: u8, minor: u8) -> Vec<u8> {
    let mut bytes = b"\xFF\0\0\0\0\0\0\0\x01\x7F".to_vec();
    bytes.extend([major, minor]);
    bytes.extend(b"NULL");
    bytes.resize(64, 0);
    bytes
}

fn command(name: &str, data: &[u8]) -> Vec<u8> {
    let len = 1 + name.len() + data.len();
    let header = match u8::try_from(len) {
        Ok(len) => vec![4, len],
        Err(_) => [&[6][..], &(len as u64).to_be_bytes()].concat(),
    };
    [&header[..], &[name.len() as u8], name.as_bytes(), data].concat()
}

fn ready(properties: &[(&str, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    for (name, value) in properties {
        data.push(name.len() as u8);
        data.extend(name.as_bytes());
        data.extend((value.len() as u32).to_be_bytes());
        data.extend(*value);
    }
    command("READY", &data)
}

fn part(bytes: &[u8], more: bool) -> Message {
    let mut message = Message::from_slice(bytes).expect("memory");
    message.set_more(more);
    message
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
