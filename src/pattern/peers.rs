//! Peers that are told apart by routing ids: what ROUTER, REP and STREAM have in common.
//!
//! Messages are received from all peers that have an id, fairly, and sent to one that is named. A
//! peer that has not said its id yet is not heard; nor is ever one that announces an id in use,
//! unless it may take the id over.

use super::fair_queue::FairQueue;
use super::option::{self, store};
use super::routing_table::RoutingTable;
use super::{Attachment, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;
use slotmap::SecondaryMap;
use std::collections::VecDeque;

/// Peers by routing id.
#[derive(Default)]
pub struct Peers {
    /// Connections are raw: no ids are announced, and what is received is bytes.
    pub raw: bool,
    /// A newcomer takes over an announced id that is in use.
    pub handover: bool,
    /// New peers are sent an empty message.
    pub probe: bool,
    /// What is noted for [`Peers::next_message`].
    pub notify: Notify,
    fair: FairQueue,
    table: RoutingTable,
    peers: SecondaryMap<PipeId, Peer>,
    notices: VecDeque<Message>,
    /// The pipe that lost its id while a message from it was partly received.
    leaving: Option<PipeId>,
    /// Where the message came from that [`Peers::next_message`] has found.
    present: Option<PipeId>,
}

bitflags::bitflags! {
    /// Events of which the application is told.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Notify: u32 {
        /// A peer became known.
        const CONNECT = 1;
        /// A known peer went away.
        const DISCONNECT = 2;
    }
}

impl Notify {
    /// From the value of `ZMQ_ROUTER_NOTIFY`.
    pub fn parse(value: &[u8]) -> Result<Notify> {
        let bits = u32::try_from(option::int(value)?).map_err(|_| Error::Invalid)?;
        Notify::from_bits(bits).ok_or(Error::Invalid)
    }

    /// As the `int` that an application reads.
    pub fn to_bytes(self) -> Vec<u8> {
        self.bits().to_ne_bytes().to_vec()
    }
}

#[derive(Clone, Copy)]
struct Peer {
    standing: Standing,
    /// In this process.
    local: bool,
    /// Connected, as far as the application has been or would be told.
    up: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Its id is not known yet.
    Unidentified,
    /// It has an id.
    Known,
    /// It is not listened to, because its id belongs to another.
    Ignored,
    /// It lost its id and goes when the message it is sending is received.
    Leaving,
}

impl Peers {
    /// For STREAM: raw from the beginning.
    pub fn raw() -> Peers {
        Peers { raw: true, ..Peers::default() }
    }

    /// A new pipe.
    pub fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        let Attachment { announced, assigned, local, connected, .. } = attachment;
        self.peers.insert(pipe, Peer { standing: Standing::Unidentified, local, up: false });
        if self.probe && pipes.check_write(pipe) {
            pipes.write(pipe, Message::new());
        }
        let assigned = assigned.filter(|id| self.table.pipe(id).is_none());
        match assigned.or(if self.raw { Some(Vec::new()) } else { announced }) {
            Some(id) => self.identify(pipes, pipe, &id),
            // Its end must not go unnoticed.
            None => _ = pipes.check_read(pipe),
        }
        if !connected {
            self.arrive(pipe);
        }
    }

    /// The id of a peer became known, or is told again.
    pub fn identified(&mut self, pipes: &mut Pipes, pipe: PipeId, announced: &[u8]) {
        match self.standing(pipe) {
            Some(Standing::Unidentified) => self.identify(pipes, pipe, announced),
            Some(Standing::Known) => {}
            _ => return,
        }
        self.arrive(pipe);
    }

    /// The pipe may hold messages.
    pub fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        match self.standing(pipe) {
            Some(Standing::Known) => self.fair.activated(pipes, pipe),
            Some(Standing::Unidentified) => _ = pipes.check_read(pipe),
            Some(Standing::Ignored) => pipes.discard_inbound(pipe),
            Some(Standing::Leaving) | None => {}
        }
    }

    /// The connection behind the pipe was lost.
    pub fn hiccuped(&mut self, pipe: PipeId) {
        self.part(pipe);
    }

    /// The pipe goes away.
    pub fn detached(&mut self, pipe: PipeId) {
        self.depart(pipe);
        self.peers.remove(pipe);
        if self.leaving == Some(pipe) {
            self.leaving = None;
        }
    }

    /// Ends a peer's pipe, without a notice.
    pub fn dismiss(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.forget(pipe);
        self.set_standing(pipe, Standing::Ignored);
        pipes.terminate(pipe);
    }

    /// Receives the first part of the next message, and before it the part that goes before it: the id of
    /// the peer. An empty message may be the news that the peer came or went. False if there is none.
    pub fn next_message(&mut self, pipes: &mut Pipes, id: &mut Message, first: &mut Message) -> bool {
        loop {
            if let Some(notice) = self.notices.pop_front() {
                *id = notice;
                *first = Message::new();
                self.present = None;
                return true;
            }
            if let Some(pipe) = self.recv_into(pipes, first) {
                pipes.leave_annex(pipe, id);
                if self.table.write_part_before(pipe, id) {
                    pipes.share_annex(pipe, id, first);
                    self.present = Some(pipe);
                    return true;
                }
                self.skip_rest(pipes, first);
            } else if self.notices.is_empty() {
                return false;
            }
        }
    }

    /// Puts the first part of the present message, which was kept, in place of `message`.
    #[inline]
    pub fn put_first(&self, pipes: &mut Pipes, first: &mut Message, message: &mut Message) {
        if let Some(pipe) = self.present {
            pipes.leave_annex(pipe, message);
        }
        *message = first.take();
    }

    /// Receives the next part. The parts of a message come in a row. When there is none, there may
    /// be a notice: of a pipe that has just been found ended.
    pub fn recv(&mut self, pipes: &mut Pipes) -> Option<(PipeId, Message)> {
        let mut message = Message::new();
        self.recv_into(pipes, &mut message).map(|pipe| (pipe, message))
    }

    /// As [`Peers::recv`], in place of `message`.
    pub fn recv_into(&mut self, pipes: &mut Pipes, message: &mut Message) -> Option<PipeId> {
        let Some(pipe) = self.fair.recv_into(pipes, message) else {
            for ended in pipes.ended() {
                self.depart(*ended);
            }
            return None;
        };
        if !message.more()
            && let Some(leaving) = self.leaving.take()
        {
            self.dismiss(pipes, leaving);
        }
        Some(pipe)
    }

    /// The pipe of the peer with this id.
    pub fn pipe(&self, id: &[u8]) -> Option<PipeId> {
        self.table.pipe(id)
    }

    /// The id of a peer.
    pub fn id(&self, pipe: PipeId) -> Option<&[u8]> {
        self.table.id(pipe)
    }

    /// Whether any peer has room for a message.
    pub fn any_has_room(&self, pipes: &mut Pipes) -> bool {
        self.table.pipes().any(|pipe| pipes.check_write(pipe))
    }

    /// Sends bytes on a raw connection; none at all closes it.
    pub fn send_raw(&mut self, pipes: &mut Pipes, pipe: PipeId, mut bytes: Message) {
        if bytes.is_empty() {
            self.dismiss(pipes, pipe);
        } else {
            bytes.set_more(false);
            pipes.write(pipe, bytes);
        }
    }

    /// Whether the peer with this id has room for a message.
    pub fn has_room(&self, pipes: &mut Pipes, id: &[u8]) -> Result<bool> {
        let pipe = self.pipe(id).ok_or(Error::HostUnreachable)?;
        Ok(pipes.check_write(pipe))
    }

    /// Sets an option that concerns peers.
    pub fn set_option(&mut self, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            // Once raw, always raw.
            option::ROUTER_RAW => Some(option::nonneg_switch(value).map(|raw| self.raw |= raw)),
            option::ROUTER_HANDOVER => store(&mut self.handover, option::nonneg_switch(value)),
            option::PROBE_ROUTER => store(&mut self.probe, option::nonneg_switch(value)),
            _ => None,
        }
    }

    /// Gives the peer its id (an empty one: a generated one) and listens to it from now on.
    fn identify(&mut self, pipes: &mut Pipes, pipe: PipeId, id: &[u8]) {
        if let Some(holder) = self.table.pipe(id) {
            if !self.handover {
                self.set_standing(pipe, Standing::Ignored);
                pipes.discard_inbound(pipe);
                return;
            }
            self.expel(pipes, holder);
        }
        let inserted =
            if id.is_empty() { self.table.insert_generated(pipe) } else { self.table.insert(pipe, id) };
        if inserted.is_err() {
            pipes.terminate(pipe);
            return;
        }
        self.set_standing(pipe, Standing::Known);
        self.fair.activated(pipes, pipe);
    }

    /// Ends a peer's pipe, but not before a message that is partly received is complete.
    fn expel(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        if self.fair.partly_received() == Some(pipe) {
            self.table.remove(pipe);
            self.set_standing(pipe, Standing::Leaving);
            self.leaving = Some(pipe);
        } else {
            self.dismiss(pipes, pipe);
        }
    }

    /// Drops what is left of a message of which `part` has been received.
    fn skip_rest(&mut self, pipes: &mut Pipes, part: &Message) {
        let mut more = part.more();
        while more {
            more = self.recv(pipes).is_some_and(|(_, part)| part.more());
        }
    }

    fn depart(&mut self, pipe: PipeId) {
        self.part(pipe);
        self.forget(pipe);
    }

    fn forget(&mut self, pipe: PipeId) {
        self.table.remove(pipe);
        self.fair.detached(pipe);
    }

    /// Notes once that a peer has connected.
    fn arrive(&mut self, pipe: PipeId) {
        if self.peers.get_mut(pipe).is_some_and(|peer| !std::mem::replace(&mut peer.up, true)) {
            self.note(pipe, Notify::CONNECT);
        }
    }

    /// Notes once that a connected peer is connected no more.
    fn part(&mut self, pipe: PipeId) {
        if self.peers.get_mut(pipe).is_some_and(|peer| std::mem::replace(&mut peer.up, false)) {
            self.note(pipe, Notify::DISCONNECT);
        }
    }

    fn note(&mut self, pipe: PipeId, event: Notify) {
        let remote = self.peers.get(pipe).is_some_and(|peer| !peer.local);
        if remote && self.notify.contains(event) {
            let mut notice = Message::new();
            if self.table.write_part_before(pipe, &mut notice) {
                self.notices.push_back(notice);
            }
        }
    }

    fn standing(&self, pipe: PipeId) -> Option<Standing> {
        self.peers.get(pipe).map(|peer| peer.standing)
    }

    fn set_standing(&mut self, pipe: PipeId, standing: Standing) {
        if let Some(peer) = self.peers.get_mut(pipe) {
            peer.standing = standing;
        }
    }
}
