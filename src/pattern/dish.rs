//! DISH: receives the messages of the groups that it has joined.

use super::fair_queue::FairQueue;
use super::single::Inbound;
use super::{Attachment, Pattern, PipeId, Pipes, cannot_send};
use crate::error::{Error, Result};
use crate::msg::{GROUP_MAX_LEN, Message};
use std::collections::{BTreeSet, HashSet};

/// The pattern.
#[derive(Default)]
pub struct Dish {
    fair: FairQueue,
    inbound: Inbound,
    /// Those that are told which groups are wanted; over udp nobody is.
    told: HashSet<PipeId>,
    groups: BTreeSet<Vec<u8>>,
}

/// Tells a RADIO that this side has joined or left a group; beyond the mark if need be, as it must know.
fn tell(pipes: &mut Pipes, pipe: PipeId, group: &[u8], member: bool) -> Result<()> {
    let message = Message::subscription(member, group)?;
    // Whatever the answer: when there is no room, the peer will tell when there is.
    let _ = pipes.check_write(pipe);
    pipes.write(pipe, message);
    Ok(())
}

impl Dish {
    /// Tells all that was joined.
    fn tell_groups(&self, pipes: &mut Pipes, pipe: PipeId) {
        for group in &self.groups {
            if tell(pipes, pipe, group, true).is_err() {
                // Without memory for that, the peer had better not stay uninformed.
                return pipes.terminate(pipe);
            }
        }
    }
}

/// Receives a part, if it is of one of the groups; over udp, and after a group was left, others come too.
fn part<'a>(
    fair: &'a mut FairQueue,
    groups: &'a BTreeSet<Vec<u8>>,
) -> impl FnMut(&mut Pipes, &mut Message) -> Result<()> + 'a {
    |pipes, message| loop {
        fair.recv_into(pipes, message).ok_or(Error::Again)?;
        if groups.contains(message.group().to_bytes()) {
            return Ok(());
        }
        pipes.note_filtered();
        fair.skip_rest(pipes, &message.take());
    }
}

impl Pattern for Dish {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        if !attachment.without_subscriptions {
            self.told.insert(pipe);
            self.tell_groups(pipes, pipe);
        }
        self.fair.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.fair.activated(pipes, pipe);
    }

    fn hiccuped(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.tell_groups(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.told.remove(&pipe);
        self.fair.detached(pipe);
    }

    fn send(&mut self, _pipes: &mut Pipes, _message: &mut Message, _blocking: bool) -> Result<()> {
        cannot_send()
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        self.inbound.recv(pipes, message, part(&mut self.fair, &self.groups))
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        self.inbound.is_readable(pipes, part(&mut self.fair, &self.groups))
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        // Nothing can be sent; but this is what the reference says.
        true
    }

    fn set_membership(&mut self, pipes: &mut Pipes, group: &[u8], member: bool) -> Result<()> {
        if group.len() > GROUP_MAX_LEN {
            return Err(Error::Invalid);
        }
        let changed = if member { self.groups.insert(group.to_vec()) } else { self.groups.remove(group) };
        if !changed {
            return Err(Error::Invalid);
        }
        self.told.iter().try_for_each(|pipe| tell(pipes, *pipe, group, member))
    }
}
