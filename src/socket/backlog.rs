//! What a monitor has reported before anybody listened.
//!
//! The reference waits for the first listener, in the call or the I/O thread that has something to report.
//! Here it is kept, as far as it is not too much, and the first who connects finds it in the pipe.

use crate::error::Result;
use crate::msg::Message;
use parking_lot::{Mutex, MutexGuard};

/// Messages kept at the most.
const MOST: usize = 1000;

type Parts = Vec<Vec<u8>>;

/// The messages, until somebody has connected.
#[derive(Default)]
pub struct Backlog(Mutex<Kept>);

/// What is kept; nobody else looks at it or adds to it meanwhile.
pub struct Opened<'a>(MutexGuard<'a, Kept>);

#[derive(Default)]
struct Kept {
    messages: Vec<Parts>,
    /// Somebody has connected: whoever has no room from now on misses something.
    over: bool,
}

impl Backlog {
    /// Sends a message by `send`, or keeps it. False if it is lost.
    pub fn pass(&self, message: Parts, send: impl FnOnce(&[Vec<u8>]) -> Result<()>) -> bool {
        let mut kept = self.0.lock();
        if send(&message).is_ok() {
            kept.over = true;
            return true;
        }
        let room = !kept.over && kept.messages.len() < MOST;
        if room {
            kept.messages.push(message);
        }
        room
    }

    /// For the first who connects. Whoever has something to report waits until that is done.
    pub fn open(&self) -> Opened<'_> {
        Opened(self.0.lock())
    }
}

impl Opened<'_> {
    /// Gives all messages away, part by part.
    pub fn give(&mut self, mut write: impl FnMut(Message)) {
        self.0.over = true;
        for message in std::mem::take(&mut self.0.messages) {
            let last = message.len().saturating_sub(1);
            let parts: Result<Vec<Message>> = message.iter().map(|part| Message::from_slice(part)).collect();
            for (index, mut part) in parts.unwrap_or_default().into_iter().enumerate() {
                part.set_more(index < last);
                write(part);
            }
        }
    }
}
