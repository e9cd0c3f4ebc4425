//! Sockets reduced to a pattern and its pipes, two or three of them connected to each other, with any
//! order of operations. Nothing panics; a message arrives whole, and a pipe that was dropped on one side
//! ends on the other.

use super::input::Input;
use ferrozmq::error::Error;
use ferrozmq::msg::Message;
use ferrozmq::options::SocketType;
use ferrozmq::pattern::{self, Attachment, Pattern, PipeId, Pipes};
use ferrozmq::pipe::{Address, Conflation, HighWaterMarks, Pipe, Wake, conflating_pair, pair};
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct Inbox(Mutex<Vec<u64>>);

impl Wake for Inbox {
    fn wake(&self, key: u64) {
        self.0.lock().expect("no panics").push(key);
    }
}

struct Socket {
    pattern: Box<dyn Pattern>,
    pipes: Pipes,
    inbox: Arc<Inbox>,
    /// Parts of the message being received: its number, and the next part's.
    expected: Option<(u8, u8)>,
    /// Whether received messages can be told by their parts: no envelopes are added or taken away.
    is_plain: bool,
}

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let types = [input.socket_type(), input.socket_type(), input.socket_type()];
    let mut sockets = types.map(Socket::new);
    for _ in 0..300 {
        if input.is_empty() {
            break;
        }
        let which = input.below(sockets.len());
        match input.below(10) {
            0 => {
                let other = (which + 1 + input.below(2)) % sockets.len();
                let (near, far) = pipe(&mut input);
                let [a, b] = [attachment(&mut input), attachment(&mut input)];
                sockets[which].attach(near, a);
                sockets[other].attach(far, b);
            }
            1 => sockets[which].drop_pipe(input.below(4)),
            2 => sockets[which].terminate(input.below(4)),
            3 => {
                let option = i32::from(input.byte());
                let value = input.short();
                let Socket { pattern, pipes, .. } = &mut sockets[which];
                let _ = pattern.set_option(pipes, option, value);
                let _ = pattern.option(option);
                let _ = pattern.set_membership(pipes, value, option % 3 != 0);
                sockets[which].settle();
            }
            4 => {
                let Socket { pattern, pipes, .. } = &mut sockets[which];
                if let Some(id) = pipes.ids().get(input.below(4)) {
                    pattern.hiccuped(pipes, *id);
                }
                sockets[which].settle();
            }
            5 => sockets[which].ask(),
            6 => {
                let text = input.short().to_vec();
                sockets[which].send(&text, input.byte() & 1 != 0);
            }
            7 => sockets[which].send_numbered(input.byte(), input.below(4)),
            _ => sockets[which].receive(),
        }
    }
    // Without its peers, everything that was underway comes to an end.
    let [first, others @ ..] = &mut sockets;
    for other in others {
        other.pipes = Pipes::default();
    }
    first.process();
    for _ in 0..10_000 {
        if first.pattern.recv(&mut first.pipes, &mut Message::new()).is_err() {
            break;
        }
        first.settle();
    }
    first.settle();
    for id in first.pipes.ids() {
        assert!(!first.pipes.check_write(id), "a pipe that has no other end takes messages");
    }
}

fn pipe(input: &mut Input) -> (Pipe, Pipe) {
    let marks = HighWaterMarks { forth: input.below(4), back: input.below(4) };
    match input.byte() {
        flags @ 0..32 => conflating_pair(marks, Conflation { forth: flags & 1 != 0, back: flags & 2 != 0 }),
        _ => pair(marks),
    }
}

fn attachment(input: &mut Input) -> Attachment {
    let flags = input.byte();
    let name = || input_name(flags);
    Attachment {
        announced: (flags & 1 == 0).then(name),
        assigned: (flags & 2 != 0).then(name),
        connected: flags & 4 != 0,
        local: flags & 8 != 0,
        without_subscriptions: flags & 16 != 0,
    }
}

/// Few different ones, so that they meet again.
fn input_name(flags: u8) -> Vec<u8> {
    vec![b'A'; usize::from(flags >> 5) % 4]
}

impl Socket {
    fn new(socket_type: SocketType) -> Socket {
        let pattern = pattern::new(socket_type);
        Socket {
            pattern,
            pipes: Pipes::default(),
            inbox: Arc::default(),
            expected: None,
            is_plain: matches!(socket_type, SocketType::Pair | SocketType::Pull),
        }
    }

    fn attach(&mut self, pipe: Pipe, attachment: Attachment) {
        let id = self.pipes.insert(pipe);
        if let Some(pipe) = self.pipes.get_mut(id) {
            pipe.settle(Address { home: self.inbox.clone(), key: id.to_bits() });
        }
        let later = attachment.announced.is_none();
        self.pattern.attached(&mut self.pipes, id, attachment);
        if later && self.pipes.contains(id) {
            self.pattern.identified(&mut self.pipes, id, Vec::new());
        }
        self.settle();
    }

    fn drop_pipe(&mut self, index: usize) {
        if let Some(id) = self.pipes.ids().get(index) {
            self.pattern.detached(&mut self.pipes, *id);
            self.pipes.remove(*id);
        }
        self.settle();
    }

    fn terminate(&mut self, index: usize) {
        if let Some(id) = self.pipes.ids().get(index) {
            self.pipes.terminate(*id);
        }
        self.settle();
    }

    fn ask(&mut self) {
        self.process();
        let readable = self.pattern.is_readable(&mut self.pipes);
        let writable = self.pattern.is_writable(&mut self.pipes);
        let again = (self.pattern.is_readable(&mut self.pipes), self.pattern.is_writable(&mut self.pipes));
        assert_eq!(again, (readable, writable), "asking changes nothing");
        self.settle();
    }

    fn send(&mut self, text: &[u8], more: bool) {
        self.process();
        let mut message = Message::from_slice(text).expect("memory");
        message.set_more(more);
        // To the first who has a number, and in a group of few.
        let number = self.pipes.ids().first().and_then(|id| self.pattern.number(*id));
        message.set_routing_id(number.unwrap_or_default());
        message.set_group(if text.len().is_multiple_of(2) { c"" } else { c"A" });
        let sent = self.pattern.send(&mut self.pipes, &mut message, false);
        let left: &[u8] = if sent.is_ok() { b"" } else { text };
        assert_eq!(message.data(), left, "{sent:?}");
        self.settle();
    }

    /// A message of `more + 1` parts that say which they are.
    fn send_numbered(&mut self, number: u8, more: usize) {
        for part in 0..=more {
            self.send(&[number, part as u8, more as u8], part < more);
        }
    }

    fn receive(&mut self) {
        self.process();
        let readable = self.pattern.is_readable(&mut self.pipes);
        let mut message = Message::new();
        match self.pattern.recv(&mut self.pipes, &mut message) {
            Ok(()) => {
                assert!(readable, "said that there is nothing");
                self.check(&message);
            }
            Err(error) => assert!(!readable || error != Error::Again, "said that there is something"),
        }
        self.settle();
    }

    /// Numbered parts come in order, and none is left out.
    fn check(&mut self, message: &Message) {
        if let (true, &[number, part, more]) = (self.is_plain, message.data()) {
            if let Some(expected) = self.expected {
                assert_eq!((number, part), expected);
            }
            self.expected = (message.more() && part < more).then_some((number, part + 1));
        } else {
            self.expected = None;
        }
    }

    fn process(&mut self) {
        let woken = std::mem::take(&mut *self.inbox.0.lock().expect("no panics"));
        for key in woken {
            let id = PipeId::from_bits(key);
            if self.pipes.contains(id) {
                self.pattern.activated(&mut self.pipes, id);
                if self.pipes.get_mut(id).is_some_and(Pipe::is_ended) {
                    self.pattern.detached(&mut self.pipes, id);
                    self.pipes.remove(id);
                }
            }
            self.settle();
        }
    }

    fn settle(&mut self) {
        loop {
            while let Some((_, address)) = self.pipes.next_wake() {
                address.home.wake(address.key);
            }
            let Some(id) = self.pipes.next_ended() else { return };
            self.pattern.detached(&mut self.pipes, id);
            self.pipes.remove(id);
        }
    }
}
