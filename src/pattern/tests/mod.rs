//! Sockets reduced to a pattern and its pipes, and peers played by hand.

mod datagrams;
mod groups;
mod one_way;
mod publish_subscribe;
mod request_reply;
mod routing;
mod single_part;
mod streams;

use super::{Attachment, Pattern, PipeId, Pipes, new};
use crate::error::Result;
use crate::msg::{Flags, Message};
use crate::options::SocketType;
use crate::pipe::{Address, HighWaterMarks, Pipe, Wake, pair};
use parking_lot::Mutex;
use std::sync::Arc;

/// What a socket does around its pattern, without waiting.
struct Socket {
    pattern: Box<dyn Pattern>,
    pipes: Pipes,
    inbox: Arc<Inbox>,
}

/// Keys of pipes that were woken.
#[derive(Default)]
struct Inbox(Mutex<Vec<u64>>);

impl Wake for Inbox {
    fn wake(&self, key: u64) {
        self.0.lock().push(key);
    }
}

/// The other end of a socket's pipe.
struct Peer {
    pipe: Pipe,
    id: PipeId,
}

const UNLIMITED: HighWaterMarks = HighWaterMarks { forth: 0, back: 0 };

/// At most `mark` messages from the socket to the peer.
fn limited(mark: usize) -> HighWaterMarks {
    HighWaterMarks { forth: mark, back: 0 }
}

fn announcing(id: &str) -> Attachment {
    Attachment { announced: Some(id.as_bytes().to_vec()), ..Attachment::default() }
}

fn nameless() -> Attachment {
    announcing("")
}

fn text(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| part.to_string()).collect()
}

impl Socket {
    fn new(socket_type: SocketType) -> Socket {
        let pattern = new(socket_type);
        Socket { pattern, pipes: Pipes::default(), inbox: Arc::default() }
    }

    fn attach(&mut self, attachment: Attachment, marks: HighWaterMarks) -> Peer {
        let (near, far) = pair(marks);
        far.settle(Address { home: Arc::new(Inbox::default()), key: 0 });
        Peer { id: self.attach_pipe(near, attachment), pipe: far }
    }

    fn attach_pipe(&mut self, pipe: Pipe, attachment: Attachment) -> PipeId {
        let id = self.pipes.insert(pipe);
        if let Some(pipe) = self.pipes.get_mut(id) {
            pipe.settle(Address { home: Arc::clone(&self.inbox) as Arc<dyn Wake>, key: id.to_bits() });
        }
        self.pattern.attached(&mut self.pipes, id, attachment);
        self.settle();
        id
    }

    fn peer(&mut self) -> Peer {
        self.attach(nameless(), UNLIMITED)
    }

    fn peers(&mut self, count: usize) -> Vec<Peer> {
        (0..count).map(|_| self.peer()).collect()
    }

    /// Handles the wake-ups so far.
    fn process(&mut self) {
        let woken = std::mem::take(&mut *self.inbox.0.lock());
        for key in woken {
            let id = PipeId::from_bits(key);
            if self.pipes.contains(id) {
                self.pattern.activated(&mut self.pipes, id);
            }
            self.settle();
        }
    }

    fn settle(&mut self) {
        while let Some((_, address)) = self.pipes.next_wake() {
            address.home.wake(address.key);
        }
        while let Some(id) = self.pipes.next_ended() {
            self.pattern.detached(&mut self.pipes, id);
            self.pipes.remove(id);
        }
        while let Some(id) = self.pipes.next_unread() {
            self.inbox.wake(id.to_bits());
        }
    }

    fn send_part(&mut self, part: &str, more: bool, blocking: bool) -> Result<()> {
        self.process();
        let mut message = Message::from_slice(part.as_bytes()).expect("memory");
        message.set_more(more);
        let sent = self.pattern.send(&mut self.pipes, &mut message, blocking);
        assert_eq!(message.data(), if sent.is_ok() { b"" } else { part.as_bytes() });
        self.settle();
        sent
    }

    fn send(&mut self, parts: &[&str]) -> Result<()> {
        let last = parts.len() - 1;
        parts.iter().enumerate().try_for_each(|(i, part)| self.send_part(part, i < last, false))
    }

    fn recv_part(&mut self) -> Result<Message> {
        self.process();
        let mut part = Message::new();
        let received = self.pattern.recv(&mut self.pipes, &mut part);
        self.settle();
        received.map(|()| part)
    }

    /// A whole message as texts.
    fn recv(&mut self) -> Result<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            let part = self.recv_part()?;
            parts.push(String::from_utf8_lossy(part.data()).into_owned());
            if !part.more() {
                return Ok(parts);
            }
        }
    }

    fn is_readable(&mut self) -> bool {
        self.process();
        let readable = self.pattern.is_readable(&mut self.pipes);
        self.settle();
        readable
    }

    fn is_writable(&mut self) -> bool {
        self.process();
        let writable = self.pattern.is_writable(&mut self.pipes);
        self.settle();
        writable
    }

    fn set(&mut self, option: i32, value: &[u8]) -> Option<Result<()>> {
        let set = self.pattern.set_option(&mut self.pipes, option, value);
        self.settle();
        set
    }

    fn set_int(&mut self, option: i32, value: i32) {
        assert_eq!(self.set(option, &value.to_ne_bytes()), Some(Ok(())));
    }

    fn get_int(&self, option: i32) -> Option<i32> {
        let value = self.pattern.option(option)?.expect("readable");
        Some(i32::from_ne_bytes(value.try_into().expect("an int")))
    }

    fn hiccup(&mut self, pipe: PipeId) {
        self.pattern.hiccuped(&mut self.pipes, pipe);
        self.settle();
    }

    fn identify(&mut self, pipe: PipeId, id: &str) {
        self.pattern.identified(&mut self.pipes, pipe, id.as_bytes().to_vec());
        self.settle();
    }
}

impl Peer {
    fn send(&mut self, parts: &[&str]) {
        self.send_bytes(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>());
    }

    fn send_bytes(&mut self, parts: &[&[u8]]) {
        for (i, part) in parts.iter().enumerate() {
            let mut message = Message::from_slice(part).expect("memory");
            message.set_more(i + 1 < parts.len());
            self.write(message);
        }
    }

    fn write(&mut self, message: Message) {
        self.pipe.write(message);
        self.pipe.flush();
        self.wake();
    }

    fn recv_part(&mut self) -> Option<Message> {
        let part = self.pipe.check_read().then(|| self.pipe.read()).flatten();
        self.wake();
        part
    }

    /// A whole message as texts.
    fn recv(&mut self) -> Option<Vec<String>> {
        let mut parts = Vec::new();
        loop {
            let part = self.recv_part()?;
            parts.push(String::from_utf8_lossy(part.data()).into_owned());
            if !part.more() {
                return Some(parts);
            }
        }
    }

    /// All messages that are there.
    fn drain(&mut self) -> Vec<Vec<String>> {
        std::iter::from_fn(|| self.recv()).collect()
    }

    fn wake(&mut self) {
        if self.pipe.take_wake() {
            let address = self.pipe.peer().expect("settled");
            address.home.wake(address.key);
        }
    }
}

/// Joins two sockets; returns the pipe at the first.
fn link(a: &mut Socket, b: &mut Socket) -> PipeId {
    let (near, far) = pair(UNLIMITED);
    let local = Attachment { local: true, ..nameless() };
    let id = a.attach_pipe(near, local.clone());
    b.attach_pipe(far, local);
    id
}

/// Lets two joined sockets hear what the other did.
fn exchange(a: &mut Socket, b: &mut Socket) {
    a.process();
    b.process();
    a.process();
}

fn is_subscription(message: &Message) -> bool {
    message.flags().contains(Flags::SUBSCRIPTION)
}
