//! Asking the authenticator of the context (a ZAP handler): a socket of the application, bound to an inproc
//! name, that sees each question as a request and answers it in its own time.
//!
//! One question and its answer travel through a pipe of their own, whose other end the session holds. It
//! never waits: the pipe wakes the session, and the handshake's timer ends a connection about which nobody
//! answers.

use super::endpoint::SessionConfig;
use crate::mechanism::zap::{self, Asker};
use crate::mechanism::{Question, Verdict};
use crate::msg::Message;
use crate::options::SocketType;
use crate::pipe::{self, Address, HighWaterMarks, Pipe};
use crate::wire::Violation;

/// The inproc names of a context, for sessions.
pub trait Names: Send + Sync {
    /// Gives the socket that has bound a name its end of a pipe; false if none has. Called within turns;
    /// must not wait.
    fn connect(&self, name: &str, pipe: Pipe) -> bool;
}

/// A question that the authenticator has not answered. Apart from the session, which seldom has one.
pub(super) struct Zap(Box<Pipe>);

impl Zap {
    /// Asks about the peer at `address`; None if there is no authenticator. `own`: where the answer is to
    /// be announced.
    pub(super) fn ask(
        config: &SessionConfig,
        own: Address,
        address: &str,
        question: &Question,
    ) -> Option<Zap> {
        let (mut mine, theirs) = pipe::pair(HighWaterMarks { forth: 0, back: 0 });
        mine.settle(own);
        let asker = Asker {
            domain: &config.engine.security.zap_domain,
            address: address.as_bytes(),
            routing_id: &config.engine.routing_id,
        };
        let parts = zap::question(&asker, question);
        let Ok(parts) = parts.into_iter().map(Message::from_slice).collect::<Result<Vec<_>, _>>() else {
            // No memory to ask with is like an authenticator that does not answer.
            return Some(Zap(Box::new(mine)));
        };
        let last = parts.len() - 1;
        for (index, mut part) in parts.into_iter().enumerate() {
            part.set_more(index < last);
            mine.write(part);
        }
        mine.flush();
        // Falls asleep, so that an answer wakes it; the authenticator has not looked yet.
        mine.check_read();
        config.names.connect(zap::NAME, theirs).then(|| Zap(Box::new(mine)))
    }

    /// The answer, if it has come, checked. An authenticator that is gone will not answer.
    pub(super) fn answer(&mut self, local: SocketType) -> Option<Result<Verdict, Violation>> {
        let Zap(pipe) = self;
        if !pipe.check_read() {
            return None;
        }
        let mut parts = Vec::new();
        while let Some(part) = pipe.read() {
            let more = part.more();
            parts.push(part);
            if !more {
                break;
            }
        }
        let parts: Vec<&[u8]> = parts.iter().map(Message::data).collect();
        Some(zap::verdict(&parts, local))
    }
}
