//! Sends a message to all of a set of pipes that is chosen for it.
//!
//! The content is shared, not copied. A pipe that is full when the message begins gets none of it;
//! one that is chosen gets all parts.

use super::{PipeId, Pipes};
use crate::msg::Message;
use slotmap::SecondaryMap;

/// Fan-out.
#[derive(Default)]
pub struct Distributor {
    peers: SecondaryMap<PipeId, Peer>,
    /// Who gets the message that is being chosen for or sent.
    chosen: Vec<PipeId>,
    /// Number of the present choice: a peer that carries it is among the chosen.
    choice: u64,
    in_message: bool,
    /// All that are chosen are known to have room.
    checked: bool,
}

struct Peer {
    /// False from when the pipe was found full until it is activated.
    writable: bool,
    choice: u64,
}

impl Distributor {
    /// A new pipe.
    pub fn attached(&mut self, pipe: PipeId) {
        self.peers.insert(pipe, Peer { writable: true, choice: 0 });
    }

    /// The pipe may have room again.
    pub fn activated(&mut self, pipe: PipeId) {
        if let Some(peer) = self.peers.get_mut(pipe) {
            peer.writable = true;
        }
    }

    /// The pipe goes away.
    pub fn detached(&mut self, pipe: PipeId) {
        self.peers.remove(pipe);
        self.abandon(pipe);
    }

    /// The pipe gets no more parts of the present message.
    pub fn abandon(&mut self, pipe: PipeId) {
        self.chosen.retain(|chosen| *chosen != pipe);
    }

    /// Whether a message was begun and its last part is still to come.
    pub fn in_message(&self) -> bool {
        self.in_message
    }

    /// Starts choosing anew, with nobody chosen.
    pub fn choose_nobody(&mut self) {
        self.checked = false;
        self.choice += 1;
        self.chosen.clear();
    }

    /// Chooses every pipe.
    pub fn choose_all(&mut self) {
        self.choose_nobody();
        self.chosen.extend(self.peers.keys());
    }

    /// Chooses a pipe, if it is not chosen yet.
    pub fn choose(&mut self, pipe: PipeId) {
        if let Some(peer) = self.peers.get_mut(pipe)
            && peer.choice != self.choice
        {
            peer.choice = self.choice;
            self.chosen.push(pipe);
        }
    }

    /// Chooses those that were not, instead of those that were.
    pub fn invert_choice(&mut self) {
        self.chosen.clear();
        let choice = self.choice;
        self.chosen.extend(self.peers.iter().filter(|(_, peer)| peer.choice != choice).map(|(pipe, _)| pipe));
    }

    /// Leaves only `pipe` chosen, if it was.
    pub fn narrow_choice(&mut self, pipe: PipeId) {
        self.chosen.retain(|chosen| *chosen == pipe);
    }

    /// Whether there is nobody to send to.
    pub fn chose_nobody(&self) -> bool {
        self.chosen.is_empty()
    }

    /// Whether all chosen pipes have room.
    pub fn all_have_room(&mut self, pipes: &mut Pipes) -> bool {
        let before = self.chosen.len();
        self.keep_writable(pipes, |_, _| {});
        self.checked = true;
        self.chosen.len() == before
    }

    /// Sends a part to the chosen pipes.
    pub fn send(&mut self, pipes: &mut Pipes, message: &mut Message) {
        let begins = !self.in_message;
        self.in_message = message.more();
        if begins && !std::mem::take(&mut self.checked) {
            self.keep_writable(pipes, Pipes::note_full);
        }
        match self.chosen.split_last() {
            Some((last, others)) => {
                let mut others = others.iter();
                message.share_with(others.len(), |share| {
                    if let Some(pipe) = others.next() {
                        pipes.write_from(*pipe, share);
                    }
                });
                pipes.write_from(*last, message);
            }
            None => drop(message.take()),
        }
        if !self.in_message {
            self.chosen.clear();
        }
    }

    /// Leaves only those with room chosen; says which have none.
    fn keep_writable(&mut self, pipes: &mut Pipes, full: impl Fn(&mut Pipes, PipeId)) {
        let peers = &mut self.peers;
        self.chosen.retain(|pipe| {
            let Some(peer) = peers.get_mut(*pipe) else { return false };
            peer.writable = peer.writable && pipes.prepare_write(*pipe);
            if !peer.writable {
                full(pipes, *pipe);
            }
            peer.writable
        });
    }
}
