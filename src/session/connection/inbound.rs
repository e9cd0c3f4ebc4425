//! What a connection has of its surroundings while it runs.

use super::{deliver_wake, raise_at};
use crate::engine::{PeerFacts, Sink};
use crate::mechanism::{Question, Verdict};
use crate::msg::{Copied, Message, ReceiveBuffer};
use crate::pattern::Attachment;
use crate::pipe::{Address, Pipe};
use crate::reactor::{ActorId, Domain, Turn};
use crate::session::endpoint::SessionConfig;
use crate::session::events::Event;
use crate::session::record::{Endpoints, Record};
use crate::session::traffic::{Ends, Scratch};
use crate::session::zap::Zap;
use crate::session::{NewPipe, SocketCommand};
use crate::sys::net::Stream;
use crate::wire::Violation;
use std::sync::Arc;

/// Where a connection's messages go: the pipe, made when the handshake is done if it is not there.
pub(super) struct Inbound<'a> {
    pub(super) config: &'a Arc<SessionConfig>,
    pub(super) pipe: &'a mut Option<Pipe>,
    pub(super) zap: &'a mut Option<Zap>,
    pub(super) record: &'a Arc<Record>,
    pub(super) endpoints: &'a Arc<Endpoints>,
    pub(super) domain: &'a Arc<Domain>,
    pub(super) id: ActorId,
    pub(super) accepted: bool,
    pub(super) dismissed: bool,
    /// What is in the pipe is not for this connection.
    pub(super) outdated: bool,
}

impl Ends for Inbound<'_> {
    fn pipe(&mut self) -> Option<&mut Pipe> {
        self.pipe.as_mut().filter(|_| !self.outdated)
    }

    fn deliver(&mut self) {
        if let Some(pipe) = self.pipe {
            pipe.flush();
            deliver_wake(pipe);
        }
    }

    fn established(&mut self, peer: &PeerFacts) {
        self.record.note_ready(self.endpoints, peer);
        if peer.mechanism.is_some() {
            raise_at(self.config, self.accepted, self.endpoints, Event::HandshakeSucceeded, 0);
        }
    }

    fn ask(&mut self, stream: &Stream, question: &Question) -> Option<Verdict> {
        let own = Address { home: self.domain.clone(), key: self.id.to_bits() };
        *self.zap = Zap::ask(self.config, own, &stream.peer_address(), question);
        // Nobody answers if nobody could be asked.
        self.zap.is_none().then_some(Verdict::Absent)
    }

    fn answer(&mut self) -> Option<std::result::Result<Verdict, Violation>> {
        let answer = self.zap.as_mut()?.answer(self.config.socket_type)?;
        *self.zap = None;
        if let Ok(Verdict::Refused(status)) = answer {
            raise_at(self.config, self.accepted, self.endpoints, Event::HandshakeFailedAuth, status.into());
        }
        Some(answer)
    }
}

impl Sink for Inbound<'_> {
    fn ready(&mut self, peer: PeerFacts) {
        let attachment = Attachment {
            announced: Some(peer.routing_id),
            assigned: self.config.assigned.clone(),
            connected: !self.accepted,
            local: false,
            without_subscriptions: false,
        };
        if let Some(pipe) = self.pipe {
            if let Some(address) = pipe.peer() {
                self.config.mailbox.post(SocketCommand::Identified(address.key, attachment));
            }
        } else if !self.dismissed {
            let (theirs, mine) = self.config.pipe();
            mine.settle(Address { home: self.domain.clone(), key: self.id.to_bits() });
            *self.pipe = Some(mine);
            self.config.mailbox.post(SocketCommand::Attach(Box::new(NewPipe {
                pipe: theirs,
                attachment,
                session: Some((Arc::clone(self.domain), self.id)),
                record: Some(Arc::clone(self.record)),
                endpoint: Some(self.config.endpoint),
                peer_hwm: None,
                farewell: Vec::new(),
            })));
        }
    }

    #[inline]
    fn message(&mut self, message: &mut Message) -> bool {
        if self.dismissed {
            // Read all the same, and thrown away: a connection that is closed with bytes unread is
            // reset, and what the peer has not received yet would be lost with it (tcp(7)).
            return true;
        }
        let Some(pipe) = self.pipe else { return true };
        if !pipe.in_message() && !pipe.check_write() {
            return false;
        }
        pipe.write_from(message);
        true
    }

    #[inline]
    fn copied<'a>(&mut self, message: Copied<'a>) -> std::result::Result<(), Copied<'a>> {
        let Some(pipe) = self.pipe.as_mut().filter(|_| !self.dismissed) else { return Err(message) };
        if pipe.check_write() { pipe.write_copied(message) } else { Err(message) }
    }
}

/// The domain's shared read buffer, of a least size.
pub(super) struct Buffers<'a, 'b> {
    pub(super) turn: &'a mut Turn<'b>,
    pub(super) least: usize,
}

impl Scratch for Buffers<'_, '_> {
    fn take(&mut self) -> ReceiveBuffer {
        self.turn.take_scratch(self.least)
    }

    fn give_back(&mut self, buffer: ReceiveBuffer) {
        self.turn.return_scratch(buffer);
    }
}
