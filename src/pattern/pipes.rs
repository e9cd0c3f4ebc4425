//! The pipes of one socket, as its pattern sees them.

use crate::msg::{Copied, Message};
use crate::pipe::{Address, Counts, Direction, Pipe};
use crate::sync::prefetch_all;
use slotmap::{Key, KeyData, SlotMap};

slotmap::new_key_type! {
    /// Names a pipe of this socket; never reused for another.
    pub struct PipeId;
}

impl PipeId {
    /// As the number that peers put into wake-ups.
    pub fn to_bits(self) -> u64 {
        self.data().as_ffi()
    }

    /// From a wake-up.
    pub fn from_bits(bits: u64) -> PipeId {
        KeyData::from_ffi(bits).into()
    }
}

/// Messages that a peer may have read and obeyed, or thrown away, before the application's call goes on.
pub const MOST_IN_A_ROW: usize = 1000;

/// All pipes of a socket. Operations note which peers have to be woken and which pipes have ended;
/// the socket asks for both when the pattern is done.
#[derive(Default)]
pub struct Pipes {
    /// Boxed, so that where each one lies is known without a look at it: see [`Pipes::approach`].
    map: SlotMap<PipeId, Box<Pipe>>,
    wakes: Vec<PipeId>,
    ended: Vec<PipeId>,
    /// Pipes from which more is to be read, after others had their turn.
    unread: Vec<PipeId>,
    /// What the pipes that are gone counted.
    past: Counts,
    dropped: Dropped,
}

/// Messages that patterns dropped on behalf of no pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Sent, and there was nobody to send them to.
    pub unroutable: u64,
    /// Received, and passed by no filter.
    pub filtered: u64,
}

impl Pipes {
    /// Adds a pipe and makes sure that its peer's first message wakes this side.
    pub fn insert(&mut self, pipe: Pipe) -> PipeId {
        self.map.insert(Box::new(pipe))
    }

    /// Takes a pipe out; dropping it tells the peer.
    pub fn remove(&mut self, id: PipeId) -> Option<Pipe> {
        let pipe = self.map.remove(id).map(|pipe| *pipe);
        self.past += pipe.as_ref().map(Pipe::counts).unwrap_or_default().in_the_end();
        pipe
    }

    /// A pipe itself, for its owner.
    pub fn get_mut(&mut self, id: PipeId) -> Option<&mut Pipe> {
        self.map.get_mut(id).map(|pipe| &mut **pipe)
    }

    /// Whether the pipe is there.
    pub fn contains(&self, id: PipeId) -> bool {
        self.map.contains_key(id)
    }

    /// All pipes.
    pub fn ids(&self) -> Vec<PipeId> {
        self.map.keys().collect()
    }

    /// How many pipes there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there is no pipe.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    // ---- for patterns ----

    /// Whether a message can be started on this pipe (or an unfinished one continued). When not, the
    /// pattern hears `activated` once there is room.
    pub fn check_write(&mut self, id: PipeId) -> bool {
        self.map.get_mut(id).is_some_and(|pipe| pipe.check_write())
    }

    /// As `check_write`, for one of several pipes that are checked before the first is written to.
    #[inline]
    pub fn prepare_write(&mut self, id: PipeId) -> bool {
        self.map.get_mut(id).is_some_and(|pipe| pipe.prepare_write())
    }

    /// Has the processor fetch what will be touched when it is the turn of pipes of which there are too many
    /// for its caches: first the pipe that comes last here, then what that points at.
    #[inline]
    pub fn approach(&self, direction: Direction, [next, second, third]: [Option<PipeId>; 3]) {
        let find = |id: Option<PipeId>| id.and_then(|id| self.map.get(id));
        if let Some(pipe) = find(third) {
            prefetch_all(&raw const **pipe);
        }
        if let Some(pipe) = find(second) {
            pipe.prefetch_shared(direction);
        }
        if let Some(pipe) = find(next) {
            pipe.prefetch_slot(direction);
        }
    }

    /// The pipes that were found ended since the socket last asked.
    pub fn ended(&self) -> &[PipeId] {
        &self.ended
    }

    /// Whether either side has ended the pipe, so that writing is of no use.
    pub fn is_closing(&mut self, id: PipeId) -> bool {
        self.map.get_mut(id).is_none_or(|pipe| pipe.is_closing())
    }

    /// As `check_write` and `write` in one: takes the part out of `message` if the pipe has room.
    #[inline]
    pub fn send(&mut self, id: PipeId, message: &mut Message) -> bool {
        let Some(pipe) = self.map.get_mut(id) else { return false };
        let room = pipe.check_write();
        if room {
            write_to(pipe, id, message, &mut self.wakes);
        }
        room
    }

    /// As `send`, of a message of one part that lies elsewhere.
    #[inline]
    pub fn send_copied<'a>(&mut self, id: PipeId, message: Copied<'a>) -> Result<(), Copied<'a>> {
        let Some(pipe) = self.map.get_mut(id) else { return Err(message) };
        if !pipe.check_write() {
            return Err(message);
        }
        pipe.write_copied(message)?;
        flush(pipe, id, &mut self.wakes);
        Ok(())
    }

    /// Writes a part, after `check_write` for the first one of a message. The last part makes the
    /// whole message visible to the peer.
    pub fn write(&mut self, id: PipeId, mut message: Message) {
        self.write_from(id, &mut message);
    }

    /// As `write`, taking the part out of `message`. It is lost if the pipe is gone.
    #[inline]
    pub fn write_from(&mut self, id: PipeId, message: &mut Message) {
        match self.map.get_mut(id) {
            Some(pipe) => write_to(pipe, id, message, &mut self.wakes),
            None => drop(message.take()),
        }
    }

    /// Drops the parts of a message whose last part was not written.
    pub fn rollback(&mut self, id: PipeId) {
        if let Some(pipe) = self.map.get_mut(id) {
            pipe.rollback();
        }
    }

    /// Whether there is something to read. When not, the pattern hears `activated` once there is.
    pub fn check_read(&mut self, id: PipeId) -> bool {
        let Some(pipe) = self.map.get_mut(id) else { return false };
        let ready = pipe.check_read();
        if !ready && pipe.is_ended() {
            self.ended.push(id);
        }
        ready
    }

    /// Takes the next part. When there is none, the pattern hears `activated` once there is. The
    /// parts of one message are all there once its first one is.
    #[inline]
    pub fn read(&mut self, id: PipeId) -> Option<Message> {
        let mut message = Message::new();
        self.read_into(id, &mut message).then_some(message)
    }

    /// As `read`, in place of `message`. False if there is no part.
    #[inline]
    pub fn read_into(&mut self, id: PipeId, message: &mut Message) -> bool {
        let Some(pipe) = self.map.get_mut(id) else { return false };
        if !pipe.read_into(message) {
            return self.read_or_sleep(id, message);
        }
        if pipe.take_wake() {
            self.wakes.push(id);
        }
        true
    }

    /// Takes the annex away from a message that will be replaced by one that was read from this pipe: with those of
    /// others of the connection, rather than by itself. It may stay.
    #[inline]
    pub fn leave_annex(&mut self, id: PipeId, message: &mut Message) {
        if let Some(pipe) = self.map.get_mut(id) {
            pipe.leave_annex(message);
        }
    }

    /// Gives `message` the annex of one that was read from this pipe.
    #[inline]
    pub fn share_annex(&mut self, id: PipeId, message: &mut Message, read: &Message) {
        if let Some(pipe) = self.map.get_mut(id) {
            pipe.share_annex(message, read);
        }
    }

    #[cold]
    fn read_or_sleep(&mut self, id: PipeId, message: &mut Message) -> bool {
        self.check_read(id) && self.read_into(id, message)
    }

    /// Reads and throws away what is there.
    pub fn discard_inbound(&mut self, id: PipeId) {
        for _ in 0..MOST_IN_A_ROW {
            if self.read(id).is_none() {
                return;
            }
        }
        self.read_on_later(id);
    }

    /// The pattern hears `activated` again soon: it has read [`MOST_IN_A_ROW`] messages that are not for the
    /// application, and is to go on with what that wants.
    pub fn read_on_later(&mut self, id: PipeId) {
        self.unread.push(id);
    }

    /// Ends the pipe from this side, at once: what the peer sent is thrown away. The pattern hears
    /// `detached` later.
    pub fn terminate(&mut self, id: PipeId) {
        if let Some(pipe) = self.map.get_mut(id) {
            pipe.close_out();
            if pipe.take_wake() {
                self.wakes.push(id);
            }
            self.ended.push(id);
        }
    }

    /// Counts a message that a pipe does not get because it is full.
    pub fn note_full(&mut self, id: PipeId) {
        if let Some(pipe) = self.map.get_mut(id) {
            pipe.note_full();
        }
    }

    /// Counts a message that there is nobody to send to.
    pub fn note_unroutable(&mut self) {
        self.dropped.unroutable += 1;
    }

    /// Counts a message that no filter lets pass.
    pub fn note_filtered(&mut self) {
        self.dropped.filtered += 1;
    }

    // ---- for the socket ----

    /// What all pipes counted, those that are gone included.
    pub fn counts(&self) -> Counts {
        let mut counts = self.past;
        self.map.values().for_each(|pipe| counts += pipe.counts());
        counts
    }

    /// What a pipe counts.
    pub fn counts_of(&self, id: PipeId) -> Option<Counts> {
        self.map.get(id).map(|pipe| pipe.counts())
    }

    /// Whether the other end has an owner.
    pub fn is_joined(&self, id: PipeId) -> bool {
        self.map.get(id).is_some_and(|pipe| pipe.peer().is_some())
    }

    /// What the pattern dropped.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Whether there are wake-ups to deliver or ended pipes to remove.
    #[inline]
    pub fn is_unsettled(&self) -> bool {
        !self.wakes.is_empty() || !self.ended.is_empty() || !self.unread.is_empty()
    }

    /// The next pipe that is to be activated again.
    pub fn next_unread(&mut self) -> Option<PipeId> {
        self.unread.pop()
    }

    /// The next pipe whose peer has to be woken, and where.
    pub fn next_wake(&mut self) -> Option<(PipeId, Address)> {
        while let Some(id) = self.wakes.pop() {
            if let Some(address) = self.map.get(id).and_then(|pipe| pipe.peer().cloned()) {
                return Some((id, address));
            }
        }
        None
    }

    /// The next pipe that has ended, still in place.
    pub fn next_ended(&mut self) -> Option<PipeId> {
        while let Some(id) = self.ended.pop() {
            if self.map.contains_key(id) {
                return Some(id);
            }
        }
        None
    }
}

/// Takes a part out of `message`; the last one of a message makes it visible, and may wake the peer.
#[inline]
fn write_to(pipe: &mut Pipe, id: PipeId, message: &mut Message, wakes: &mut Vec<PipeId>) {
    let complete = !message.more();
    pipe.write_from(message);
    if complete {
        flush(pipe, id, wakes);
    }
}

/// Makes whole messages visible to the peer, which may have to be woken for it.
#[inline]
fn flush(pipe: &mut Pipe, id: PipeId, wakes: &mut Vec<PipeId>) {
    pipe.flush();
    if pipe.take_wake() {
        wakes.push(id);
    }
}
