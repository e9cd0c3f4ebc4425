//! RADIO: publishes each message to the peers that have joined exactly its group.

use super::distributor::Distributor;
use super::option::{self, store};
use super::subscription::Subscription;
use super::{Attachment, MOST_IN_A_ROW, Pattern, PipeId, Pipes, cannot_receive};
use crate::error::{Error, Result};
use crate::msg::{Flags, Message};
use foldhash::fast::RandomState;
use slotmap::SecondaryMap;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

type Group = Arc<[u8]>;

/// The pattern.
#[derive(Default)]
pub struct Radio {
    distributor: Distributor,
    members: HashMap<Group, HashSet<PipeId>, RandomState>,
    /// The groups of each peer.
    joined: SecondaryMap<PipeId, HashSet<Group>>,
    /// Who gets everything, as it cannot tell what it wants (udp).
    promiscuous: HashSet<PipeId>,
    /// Rather wait than leave somebody out.
    lossless: bool,
}

impl Radio {
    fn read_upstream(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        for _ in 0..MOST_IN_A_ROW {
            let Some(message) = pipes.read(pipe) else { return };
            if !message.flags().contains(Flags::SUBSCRIPTION) {
                continue;
            }
            match Subscription::parse(&message) {
                Some(Subscription::Add(group)) => self.join(pipe, group),
                Some(Subscription::Remove(group)) => self.leave(pipe, group),
                None => {}
            }
        }
        pipes.read_on_later(pipe);
    }

    fn join(&mut self, pipe: PipeId, group: &[u8]) {
        let known = self.members.get_key_value(group).map(|(group, _)| Arc::clone(group));
        let group = known.unwrap_or_else(|| group.into());
        if let Some(joined) = self.joined.get_mut(pipe) {
            joined.insert(Arc::clone(&group));
            self.members.entry(group).or_default().insert(pipe);
        }
    }

    fn leave(&mut self, pipe: PipeId, group: &[u8]) {
        if self.joined.get_mut(pipe).is_some_and(|joined| joined.remove(group)) {
            self.leave_out(pipe, group);
        }
    }

    fn leave_out(&mut self, pipe: PipeId, group: &[u8]) {
        if let Some(members) = self.members.get_mut(group) {
            members.remove(&pipe);
            if members.is_empty() {
                self.members.remove(group);
            }
        }
    }
}

impl Pattern for Radio {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.distributor.attached(pipe);
        self.joined.insert(pipe, HashSet::new());
        if attachment.without_subscriptions {
            self.promiscuous.insert(pipe);
        }
        self.read_upstream(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.activated(pipe);
        self.read_upstream(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.detached(pipe);
        self.promiscuous.remove(&pipe);
        for group in self.joined.remove(pipe).unwrap_or_default() {
            self.leave_out(pipe, &group);
        }
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        if message.more() {
            return Err(Error::Invalid);
        }
        self.distributor.choose_nobody();
        let members = self.members.get(message.group().to_bytes());
        for pipe in members.into_iter().flatten().chain(&self.promiscuous) {
            self.distributor.choose(*pipe);
        }
        if self.lossless && !self.distributor.all_have_room(pipes) {
            return Err(Error::Again);
        }
        if self.distributor.chose_nobody() {
            pipes.note_unroutable();
        }
        self.distributor.send(pipes, message);
        Ok(())
    }

    fn recv(&mut self, _pipes: &mut Pipes, _message: &mut Message) -> Result<()> {
        cannot_receive()
    }

    fn is_readable(&mut self, _pipes: &mut Pipes) -> bool {
        false
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        true
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::XPUB_NODROP => store(&mut self.lossless, option::nonneg_switch(value)),
            _ => None,
        }
    }
}
