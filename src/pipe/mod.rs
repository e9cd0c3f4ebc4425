//! A pipe: two lanes of messages between two owners, a socket and a session or two sockets.
//!
//! Each owner holds one end ([`Pipe`]) and touches no other. An end writes whole messages (parts are
//! kept back until the last one is there) up to a high-water mark of messages that its peer has not
//! acknowledged; the peer acknowledges every (HWM + 1) / 2 messages, so room comes in batches.
//!
//! Pipes do not know threads or mailboxes. An operation that finds the peer asleep notes it, and the
//! owner asks [`Pipe::take_wake`] afterwards and delivers the wake-up by the address the peer's owner
//! left with [`Pipe::settle`]. An end that is dropped closes its lanes: the peer reads what is left,
//! then finds the pipe ended.

mod counts;

pub use counts::Counts;

use crate::msg::{AnnexPool, Copied, Message};
use crate::sync::{Credit, InPlace, Reader, Writer, lane, prefetch};
use counts::Progress;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// How an end reaches the owner of the other: implemented by mailboxes.
pub trait Wake: Send + Sync {
    /// The pipe known to its owner as `key` may have become readable, writable or ended.
    fn wake(&self, key: u64);
}

/// Where the owner of an end is woken and by which key it knows the pipe.
#[derive(Clone)]
pub struct Address {
    /// The owner's mailbox.
    pub home: Arc<dyn Wake>,
    /// The owner's key for the pipe.
    pub key: u64,
}

/// Which of the two lanes of a pipe, seen from one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What this end writes.
    Out,
    /// What it reads.
    In,
}

/// High-water marks of the two directions, in messages; 0 is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HighWaterMarks {
    /// For messages from the first end to the second.
    pub forth: usize,
    /// For messages from the second end to the first.
    pub back: usize,
}

/// One end of a pipe.
pub struct Pipe {
    out: Outlet,
    inlet: Inlet,
    shared: Arc<Shared>,
    /// Which of `Shared`'s pairs is this end's own: 0 or 1.
    side: usize,
    /// Parts of a message whose last part has not been written.
    partial: Vec<Message>,
    /// Whole messages written, and how many of them are known to be acknowledged.
    written: u64,
    acknowledged: u64,
    taken: Taken,
    bytes_written: u64,
    hwm_reached: u64,
    dropped_full: u64,
    dropped_replaced: u64,
    /// The mark was reached, and there was no room since.
    full: bool,
    wake: bool,
    out_closed: bool,
    /// This end looks for more by itself.
    stays_awake: bool,
    /// References to what the messages have in common that are read.
    annexes: AnnexPool,
}

/// What an end has read.
#[derive(Default)]
struct Taken {
    /// Whole messages, and the number that was last told to the peer.
    messages: u64,
    told: u64,
    bytes: u64,
}

struct Shared {
    addresses: [OnceLock<Address>; 2],
    /// `credits[i]`: messages read by the end of side i.
    credits: [Credit; 2],
    /// `limits[i]`: high-water mark of messages written by side i. Either end may change it, and the
    /// other follows with its next message.
    limits: [AtomicU64; 2],
    /// `progress[i]`: what the end of side i does.
    progress: [Progress; 2],
}

enum Outlet {
    Lane(Writer<Message>),
    Latest(Arc<Latest>),
    Closed,
}

enum Inlet {
    Lane(Reader<Message>),
    Latest(Arc<Latest>),
    Closed,
}

/// The single place of a conflating pipe: a new message replaces an unread one.
#[derive(Default)]
struct Latest(Mutex<LatestState>);

#[derive(Default)]
struct LatestState {
    message: Option<Message>,
    asleep: bool,
    closed: bool,
    abandoned: bool,
}

/// Two ends.
pub fn pair(hwm: HighWaterMarks) -> (Pipe, Pipe) {
    conflating_pair(hwm, Conflation { forth: false, back: false })
}

/// Directions of a pipe that keep only the latest message (`ZMQ_CONFLATE`); their limit has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflation {
    /// From the first end to the second.
    pub forth: bool,
    /// From the second end to the first.
    pub back: bool,
}

/// Two ends, of which some directions conflate.
pub fn conflating_pair(hwm: HighWaterMarks, conflation: Conflation) -> (Pipe, Pipe) {
    let (out_a, in_b) = direction(conflation.forth);
    let (out_b, in_a) = direction(conflation.back);
    join((out_a, in_a), (out_b, in_b), hwm)
}

fn direction(conflates: bool) -> (Outlet, Inlet) {
    if conflates {
        let latest = Arc::new(Latest::default());
        (Outlet::Latest(Arc::clone(&latest)), Inlet::Latest(latest))
    } else {
        let (writer, reader) = lane();
        (Outlet::Lane(writer), Inlet::Lane(reader))
    }
}

fn join(a: (Outlet, Inlet), b: (Outlet, Inlet), hwm: HighWaterMarks) -> (Pipe, Pipe) {
    let shared = Arc::new(Shared {
        addresses: [OnceLock::new(), OnceLock::new()],
        credits: [Credit::new(), Credit::new()],
        limits: [AtomicU64::new(hwm.forth as u64), AtomicU64::new(hwm.back as u64)],
        progress: Default::default(),
    });
    let end = |(out, inlet), side| Pipe {
        out,
        inlet,
        shared: Arc::clone(&shared),
        side,
        partial: Vec::new(),
        written: 0,
        acknowledged: 0,
        taken: Taken::default(),
        bytes_written: 0,
        hwm_reached: 0,
        dropped_full: 0,
        dropped_replaced: 0,
        full: false,
        wake: false,
        out_closed: false,
        stays_awake: false,
        annexes: AnnexPool::default(),
    };
    (end(a, 0), end(b, 1))
}

impl Pipe {
    /// Leaves this end's address for the peer. Only the first call counts.
    pub fn settle(&self, address: Address) {
        let _ = self.shared.addresses[self.side].set(address);
    }

    /// Where the peer's owner is woken, once it has settled.
    pub fn peer(&self) -> Option<&Address> {
        self.shared.addresses[1 - self.side].get()
    }

    /// Whether an operation since the last call found the peer asleep, so that it must be woken.
    #[must_use = "a sleeping peer has to be woken"]
    #[inline]
    pub fn take_wake(&mut self) -> bool {
        std::mem::take(&mut self.wake)
    }

    // ---- outbound ----

    /// Whether a message can be started. When not, the peer will wake this end when there is room.
    #[inline]
    pub fn check_write(&mut self) -> bool {
        if self.out_closed || self.peer_left() {
            return false;
        }
        !self.partial.is_empty() || self.has_room() || self.wait_for_room()
    }

    /// As [`Pipe::check_write`], for one of several pipes that are checked before the first is written to:
    /// has the processor fetch what that will touch.
    #[inline]
    pub fn prepare_write(&mut self) -> bool {
        if let Outlet::Lane(lane) = &self.out {
            lane.prefetch();
        }
        self.check_write()
    }

    /// Fetches what writing or reading touches besides the pipe itself. That should be in the cache.
    #[inline]
    pub fn prefetch_shared(&self, direction: Direction) {
        match (direction, &self.out, &self.inlet) {
            (Direction::Out, Outlet::Lane(lane), _) => lane.prefetch_shared(),
            (Direction::In, _, Inlet::Lane(lane)) => lane.prefetch_shared(),
            _ => {}
        }
        prefetch(&raw const self.shared.limits);
        prefetch(&raw const *self.own_progress());
    }

    /// Fetches the place where the next message will be. What [`Pipe::prefetch_shared`] fetches should be in
    /// the cache.
    #[inline]
    pub fn prefetch_slot(&self, direction: Direction) {
        match (direction, &self.out, &self.inlet) {
            (Direction::Out, Outlet::Lane(lane), _) => lane.prefetch(),
            (Direction::In, _, Inlet::Lane(lane)) => lane.prefetch(),
            _ => {}
        }
    }

    /// Looks how far the peer has come; when that is not far enough, asks to be woken.
    fn wait_for_room(&mut self) -> bool {
        loop {
            self.acknowledged = self.credit_of_peer().acknowledged();
            if self.has_room() {
                self.full = false;
                return true;
            }
            if self.credit_of_peer().wait(self.acknowledged) {
                self.hwm_reached += u64::from(!std::mem::replace(&mut self.full, true));
                return false;
            }
        }
    }

    /// Writes a part; the last one of a message makes it ready to be flushed. The first part must
    /// follow a `check_write` that returned true, else the mark is overrun.
    pub fn write(&mut self, mut message: Message) {
        self.write_from(&mut message);
    }

    /// As [`Pipe::write`], taking the part out of `message`.
    #[inline]
    pub fn write_from(&mut self, message: &mut Message) {
        self.bytes_written += message.len() as u64;
        if let Outlet::Lane(lane) = &mut self.out
            && self.partial.is_empty()
            && !message.more()
        {
            self.written += 1;
            return lane.push_from(message);
        }
        self.write_part_from(message);
    }

    /// As [`Pipe::write_from`], of a message of one part that lies elsewhere. Gives it back if it has to be a message
    /// first.
    #[inline]
    pub fn write_copied<'a>(&mut self, message: Copied<'a>) -> Result<(), Copied<'a>> {
        let len = message.bytes().len() as u64;
        match &mut self.out {
            Outlet::Lane(lane) if self.partial.is_empty() => lane.push_draft(message)?,
            _ => return Err(message),
        }
        self.bytes_written += len;
        self.written += 1;
        Ok(())
    }

    /// As [`Pipe::write_from`], whatever the part and the pipe are.
    #[inline(never)]
    fn write_part_from(&mut self, message: &mut Message) {
        if message.more() {
            self.partial.push(message.take());
            return;
        }
        self.written += 1;
        match &mut self.out {
            Outlet::Lane(lane) => {
                self.partial.iter_mut().for_each(|part| lane.push_from(part));
                self.partial.clear();
                lane.push_from(message);
            }
            Outlet::Latest(latest) => {
                self.partial.clear();
                let (wake, replaced) = latest.put(message.take());
                self.wake |= wake;
                self.dropped_replaced += u64::from(replaced);
            }
            Outlet::Closed => {
                self.partial.clear();
                drop(message.take());
            }
        }
    }

    /// Makes whole messages visible to the peer.
    #[inline]
    pub fn flush(&mut self) {
        self.own_progress().publish_written(self.written);
        if let Outlet::Lane(lane) = &mut self.out
            && lane.has_unpublished()
        {
            self.wake |= lane.publish();
            if let Inlet::Lane(lane) = &mut self.inlet {
                lane.converse();
            }
        }
    }

    /// Drops the parts of an unfinished message.
    pub fn rollback(&mut self) {
        self.partial.clear();
    }

    /// Whether parts of an unfinished message are kept back.
    pub fn in_message(&self) -> bool {
        !self.partial.is_empty()
    }

    /// Flushes whole messages and ends this direction: the peer reads what is there and then finds
    /// the pipe ended.
    pub fn close_out(&mut self) {
        self.out_closed = true;
        self.partial.clear();
        let was_asleep = match std::mem::replace(&mut self.out, Outlet::Closed) {
            Outlet::Lane(lane) => Some(lane.close()),
            Outlet::Latest(latest) => Some(latest.close()),
            Outlet::Closed => None,
        };
        // The peer is woken even when it is not asleep: it may have read all there was and not look
        // again for long, and what it does about the end should not wait for that.
        self.wake |= was_asleep.is_some();
    }

    /// Changes the limits of both directions, in messages.
    pub fn set_limits(&self, out_hwm: usize, in_hwm: usize) {
        self.shared.limits[self.side].store(out_hwm as u64, Ordering::Relaxed);
        self.shared.limits[1 - self.side].store(in_hwm as u64, Ordering::Relaxed);
    }

    /// Counts a message that was not written because the mark is reached.
    pub fn note_full(&mut self) {
        self.dropped_full += 1;
    }

    // ---- inbound ----

    /// Whether this end looks for more by itself from now on, so that the peer need not wake it.
    pub fn stay_awake(&mut self, stays: bool) {
        self.stays_awake = stays;
    }

    /// Whether a part can be read. When not, the peer will wake this end when there is one.
    pub fn check_read(&mut self) -> bool {
        match &mut self.inlet {
            Inlet::Lane(lane) => lane.is_ready() || !self.stays_awake && !lane.sleep() && lane.is_ready(),
            Inlet::Latest(latest) => latest.is_ready_or_sleep(),
            Inlet::Closed => false,
        }
    }

    /// Takes the next part; the parts of one message are all there once the first one is.
    #[inline]
    pub fn read(&mut self) -> Option<Message> {
        let mut message = Message::new();
        self.read_into(&mut message).then_some(message)
    }

    /// As [`Pipe::read`], in place of `message`. False if there is no part; what lies beside `message` may be gone.
    #[inline]
    pub fn read_into(&mut self, message: &mut Message) -> bool {
        let read = match &mut self.inlet {
            Inlet::Lane(lane) => {
                message.leave_annex(&mut self.annexes);
                let read = lane.pop_into(message);
                if read {
                    message.announce_annex(&mut self.annexes);
                }
                read
            }
            _ => self.read_latest_into(message),
        };
        if read {
            self.wake |= self.taken.count(&self.shared, self.side, message);
        }
        read
    }

    /// Takes the annex away from a message that will be replaced by one that was read here. It may stay.
    #[inline]
    pub fn leave_annex(&mut self, message: &mut Message) {
        message.leave_annex(&mut self.annexes);
    }

    /// Gives `message` the annex of one that was read here.
    #[inline]
    pub fn share_annex(&mut self, message: &mut Message, read: &Message) {
        message.share_annex(read, &mut self.annexes);
    }

    /// As [`Pipe::read`], leaving the part where it is for as long as it is looked at.
    #[inline]
    pub fn read_in_place(&mut self) -> Option<InPlace<'_, Message>> {
        let part = match &mut self.inlet {
            Inlet::Lane(lane) => lane.pop_in_place()?,
            Inlet::Latest(latest) => latest.take()?.into(),
            Inlet::Closed => return None,
        };
        self.wake |= self.taken.count(&self.shared, self.side, &part);
        Some(part)
    }

    #[inline(never)]
    fn read_latest_into(&mut self, message: &mut Message) -> bool {
        let Inlet::Latest(latest) = &self.inlet else { return false };
        latest.take().map(|latest| *message = latest).is_some()
    }

    /// Whether the peer is gone and nothing is left to read.
    pub fn is_ended(&mut self) -> bool {
        match &mut self.inlet {
            Inlet::Lane(lane) => lane.is_finished(),
            Inlet::Latest(latest) => latest.is_finished(),
            Inlet::Closed => true,
        }
    }

    /// Whether the peer has closed its side; parts may be left to read.
    pub fn peer_closed(&mut self) -> bool {
        match &mut self.inlet {
            Inlet::Lane(lane) => lane.is_closed(),
            Inlet::Latest(latest) => latest.0.lock().closed,
            Inlet::Closed => true,
        }
    }

    /// Whether either side has ended the pipe, so that writing is of no use.
    pub fn is_closing(&mut self) -> bool {
        self.out_closed || self.peer_left() || self.peer_closed()
    }

    /// Throws away everything that can be read now.
    pub fn discard_inbound(&mut self) {
        self.discard_until(u64::MAX);
    }

    /// Throws away what can be read now, until so many messages have been read of all there ever were.
    pub fn discard_until(&mut self, read: u64) {
        let before = self.taken.messages;
        while self.taken.messages < read && self.read_in_place().is_some() {}
        self.own_progress().add_lost(self.taken.messages - before);
    }

    /// Counts a message that was read and is lost with the connection that it was for.
    pub fn note_lost(&mut self) {
        self.own_progress().add_lost(1);
    }

    // ---- statistics ----

    /// What this end has done, and how far the other has come.
    pub fn counts(&self) -> Counts {
        let peer = &self.shared.progress[1 - self.side];
        let queued_out = match &self.out {
            Outlet::Latest(latest) => u64::from(latest.is_unread()),
            Outlet::Lane(_) | Outlet::Closed => self.written.saturating_sub(peer.read()),
        };
        let queued_in = match &self.inlet {
            Inlet::Latest(latest) => u64::from(latest.is_unread()),
            Inlet::Lane(_) | Inlet::Closed => peer.written().saturating_sub(self.taken.messages),
        };
        Counts {
            messages_out: self.written,
            bytes_out: self.bytes_written,
            messages_in: self.taken.messages,
            bytes_in: self.taken.bytes,
            queued_out,
            queued_in,
            hwm_reached: self.hwm_reached,
            dropped_full: self.dropped_full,
            dropped_replaced: self.dropped_replaced,
            dropped_lost: peer.lost(),
        }
    }

    #[inline]
    fn own_progress(&self) -> &Progress {
        &self.shared.progress[self.side]
    }

    #[inline]
    fn has_room(&self) -> bool {
        if let Outlet::Latest(_) = self.out {
            return true;
        }
        let limit = self.shared.limits[self.side].load(Ordering::Relaxed);
        limit == 0 || self.written - self.acknowledged < limit
    }

    /// The limit of what this end writes, in messages; 0 is none.
    pub fn limit(&self) -> u64 {
        self.shared.limits[self.side].load(Ordering::Relaxed)
    }

    fn credit_of_peer(&self) -> &Credit {
        &self.shared.credits[1 - self.side]
    }

    #[inline]
    fn peer_left(&self) -> bool {
        match &self.out {
            Outlet::Lane(lane) => lane.is_abandoned(),
            Outlet::Latest(latest) => latest.0.lock().abandoned,
            Outlet::Closed => true,
        }
    }
}

impl Taken {
    /// Counts a part, and tells the writer now and then how far this end, of `side`, has come. True if the writer
    /// has to be woken.
    #[inline]
    fn count(&mut self, shared: &Shared, side: usize, part: &Message) -> bool {
        self.bytes += part.len() as u64;
        if part.more() {
            return false;
        }
        self.messages += 1;
        shared.progress[side].publish_read(self.messages);
        // Half of the limit, rounded up: room comes in batches.
        let limit = shared.limits[1 - side].load(Ordering::Relaxed);
        if limit == 0 || self.messages - self.told < limit / 2 + limit % 2 {
            return false;
        }
        self.told = self.messages;
        shared.credits[side].acknowledge(self.messages)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.close_out();
        if let Inlet::Latest(latest) = std::mem::replace(&mut self.inlet, Inlet::Closed) {
            latest.abandon();
        }
        // The inlet is abandoned by now: a writer that waits for room is woken and finds that out.
        self.wake |= self.shared.credits[self.side].acknowledge(self.taken.messages);
        if self.take_wake()
            && let Some(peer) = self.peer()
        {
            peer.home.wake(peer.key);
        }
    }
}

impl Latest {
    /// Whether the reader has to be woken, and whether an unread message was replaced.
    fn put(&self, message: Message) -> (bool, bool) {
        let mut state = self.0.lock();
        let replaced = state.message.replace(message);
        let wake = std::mem::take(&mut state.asleep);
        drop(state);
        (wake, replaced.is_some())
    }

    fn is_unread(&self) -> bool {
        self.0.lock().message.is_some()
    }

    fn take(&self) -> Option<Message> {
        self.0.lock().message.take()
    }

    fn close(&self) -> bool {
        let mut state = self.0.lock();
        state.closed = true;
        std::mem::take(&mut state.asleep)
    }

    fn abandon(&self) {
        let mut state = self.0.lock();
        state.abandoned = true;
        let unread = state.message.take();
        drop(state);
        drop(unread);
    }

    fn is_ready_or_sleep(&self) -> bool {
        let mut state = self.0.lock();
        state.asleep = state.message.is_none() && !state.closed;
        state.message.is_some()
    }

    fn is_finished(&self) -> bool {
        let state = self.0.lock();
        state.message.is_none() && state.closed
    }
}

#[cfg(test)]
mod tests;
