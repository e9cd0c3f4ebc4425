//! A connection without protocol: what is read becomes messages, and what is sent goes out as it is.

use super::{Fault, Link, PeerFacts, Progress, Sink, Source};
use crate::msg::{AnnexStock, Message, ReceiveBuffer, SharedAnnex};
use crate::wire::Violation;

/// A raw connection; ready from the first call on.
pub(super) struct Raw {
    annex: Option<AnnexStock>,
}

impl Raw {
    pub(super) fn new() -> Raw {
        Raw { annex: None }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.annex.is_some()
    }

    pub(super) fn receive<S: Sink + ?Sized>(
        &mut self,
        input: &mut ReceiveBuffer,
        link: &mut Link,
        sink: &mut S,
    ) -> Result<Progress, Fault> {
        let annex = match &mut self.annex {
            Some(annex) => annex,
            None => {
                let annex = link.annex(std::iter::empty());
                sink.ready(facts(annex.clone()));
                let annex = self.annex.insert(AnnexStock::new(annex));
                if link.config.raw_notify && offer(Message::new(), annex, link, sink) == Progress::Blocked {
                    return Ok(Progress::Blocked);
                }
                annex
            }
        };
        loop {
            let unread = input.unread();
            if unread.is_empty() {
                return Ok(Progress::MoreNeeded);
            }
            let len = unread.len().min(link.config.in_batch_size.max(1));
            let message = Message::from_slice(&unread[..len]).map_err(|_| Violation::FrameTooLarge)?;
            input.consume(len);
            if offer(message, annex, link, sink) == Progress::Blocked {
                return Ok(Progress::Blocked);
            }
        }
    }

    pub(super) fn send<S: Source + ?Sized>(&mut self, source: &mut S, link: &mut Link) {
        while link.output.has_room(&link.config)
            && let Some(message) = source.next()
        {
            link.output.push_body(message);
        }
    }
}

fn offer<S: Sink + ?Sized>(
    mut message: Message,
    annex: &mut AnnexStock,
    link: &mut Link,
    sink: &mut S,
) -> Progress {
    message.set_annex(Some(annex.take()));
    link.offer(message, sink)
}

fn facts(annex: SharedAnnex) -> PeerFacts {
    PeerFacts {
        routing_id: Vec::new(),
        socket_type: None,
        version: None,
        unversioned: false,
        mechanism: None,
        annex,
    }
}
