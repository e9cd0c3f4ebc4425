//! A queue with one writer and one reader that may sleep.
//!
//! Items lie in a linked list of chunks that start small and grow, so that an idle lane costs little
//! and a busy one allocates seldom; the chunk the reader has emptied goes back to the writer. The
//! writer pushes items privately and publishes them in batches by one atomic exchange on `tail`; the
//! reader looks at `tail` only when it has read all it knows of, at a pace (`pace`).
//!
//! What an item refers to and nobody else uses, it may take along: a few bytes are copied to room beside
//! the slots (`chunk`). Otherwise memory would be allocated by one thread and freed by the other, which costs both
//! of them more than the copy; where they are the same thread, the copy is cheaper still. If there is no
//! memory for it when it leaves the lane, it keeps the room, which is used for nothing else then. Both ends ask
//! for slots and room some way ahead, as the other processor has them.
//!
//! `tail` holds the number of items ever published, shifted left, and two bits:
//! * `ASLEEP`: the reader found nothing and will not look again until woken. Set by the reader with
//!   a compare-and-exchange on the tail it has just seen, so that it cannot miss an item; cleared by
//!   the writer's next exchange, which thereby learns that it has to wake the reader.
//! * `CLOSED`: the writer is gone and nothing more will come.
//!
//! During a *flood* the writer need not ask: a reader that has read much since it slept last says that it does not
//! sleep, and the writer publishes with a store, for which it does not have to wait until the other processor has
//! given the line of `tail` away, and looks whether the flood has ended meanwhile. Before the reader falls asleep it
//! ends the flood, and then has a fence put into the writer (`asymmetric`): from there on, the writer exchanges
//! again. If a store was under way, the writer sees the end of the flood after it, and wakes the reader in any case,
//! as it may have overwritten the mark of one that sleeps.

mod chunk;
mod item;
mod pace;

pub use item::{Draft, InPlace, Relocate};

use super::asymmetric::{has_heavy_fence, heavy_fence, light_fence};
use super::atomics::{Arc, AtomicPtr, AtomicUsize, Cell, Ordering, overwrite};
use super::prefetch::{prefetch, prefetch_for_writing};
use chunk::Chunk;
use crossbeam_utils::CachePadded;
use pace::Pace;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

const ASLEEP: usize = 1;
const CLOSED: usize = 2;
const SHIFT: u32 = 2;

/// Slots of the first chunk; every further chunk has four times as many, up to [`LARGEST_CHUNK`].
const FIRST_CHUNK: usize = if cfg!(loom) { 2 } else { 8 };
const LARGEST_CHUNK: usize = if cfg!(loom) { 2 } else { 256 };

/// Items between two sleeps of a reader, by which a flood is known: it costs a heavy fence.
const FLOOD: usize = if cfg!(loom) { 2 } else { 4096 };

/// Slots ahead of the present one that are fetched, and what the one there refers to.
const SLOT_AHEAD: usize = 6;
const PAYLOAD_AHEAD: usize = 2;

/// A lane's two ends.
pub fn lane<T: Send + Relocate>() -> (Writer<T>, Reader<T>) {
    let first = Chunk::allocate(FIRST_CHUNK);
    let shared = Arc::new(Shared {
        tail: CachePadded::new(AtomicUsize::new(0)),
        reader_gone: AtomicUsize::new(0),
        flood: AtomicUsize::new(0),
        spare: AtomicPtr::new(ptr::null_mut()),
        head: Cell::new(Head { chunk: first, index: 0, read: 0, keeps_room: false }),
        written: Cell::new(0),
    });
    let writer = Writer {
        shared: Arc::clone(&shared),
        chunk: first,
        index: 0,
        room_used: 0,
        written: 0,
        published: 0,
    };
    let pace = Pace::default();
    let reader = Reader {
        shared,
        chunk: first,
        index: 0,
        read: 0,
        known: 0,
        closed: false,
        keeps_room: false,
        flooded: false,
        rested: 0,
        pace,
    };
    (writer, reader)
}

struct Shared<T> {
    tail: CachePadded<AtomicUsize>,
    /// 1 once the reader has been dropped: what is published from then on is of no use.
    reader_gone: AtomicUsize,
    /// 1 while the reader does not sleep. Written by the reader, who has not left its mark in `tail` then.
    flood: AtomicUsize,
    /// A chunk the reader has emptied, for the writer to use again.
    spare: AtomicPtr<Chunk<T>>,
    /// Where the reader stopped: written when it is dropped, read when both ends are gone.
    head: Cell<Head<T>>,
    /// What the writer pushed in all: written when it is dropped, read when both ends are gone.
    written: Cell<usize>,
}

/// The reader's position.
struct Head<T> {
    chunk: *mut Chunk<T>,
    index: usize,
    read: usize,
    keeps_room: bool,
}

// SAFETY: the chunks are reached according to the protocol described above: a slot by the writer
// until it is published and by the reader afterwards; `head` by the reader, `written` by the writer,
// and both by whoever drops the last of the two ends.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

/// The writing end.
pub struct Writer<T: Send + Relocate> {
    shared: Arc<Shared<T>>,
    chunk: *mut Chunk<T>,
    index: usize,
    /// Lines of the chunk's room that are in use.
    room_used: usize,
    written: usize,
    published: usize,
}

// SAFETY: the raw pointer is to a chunk that only this end writes to; items may move between threads.
unsafe impl<T: Send + Relocate> Send for Writer<T> {}

impl<T: Send + Relocate> Writer<T> {
    /// Appends an item, visible to the reader after the next [`Writer::publish`].
    #[inline]
    pub fn push(&mut self, mut item: T) {
        self.push_from(&mut item);
    }

    /// As [`Writer::push`], taking the item out of `item`.
    #[inline(always)]
    pub fn push_from(&mut self, item: &mut T) {
        let chunk = self.prepare();
        let room = self.room(chunk, item.payload_len());
        // SAFETY: the slot is the writer's until it is published, and holds nothing; the room is of the length that
        // was asked for, and is used again only with the chunk, when the item has left it.
        chunk.slots[self.index].0.with_mut(|slot| unsafe { item.enter(&mut *slot, room) });
        self.index += 1;
        self.written += 1;
    }

    /// Appends what a draft describes, as [`Writer::push`]. Gives it back if there is no room for what that takes
    /// along.
    #[inline(always)]
    pub fn push_draft<D: Draft<T>>(&mut self, draft: D) -> Result<(), D> {
        let chunk = self.prepare();
        let len = draft.payload_len();
        let room = self.room(chunk, len);
        if len > 0 && room.is_none() {
            return Err(draft);
        }
        // SAFETY: as above.
        chunk.slots[self.index].0.with_mut(|slot| unsafe { draft.enter(&mut *slot, room) });
        self.index += 1;
        self.written += 1;
        Ok(())
    }

    /// The chunk that has the next slot. It outlives what is done with it, as this end alone goes on to another one.
    #[inline(always)]
    fn prepare<'a>(&mut self) -> &'a Chunk<T> {
        // SAFETY: the writer's chunk is not freed before the reader has passed it, which it cannot
        // before the link to the next chunk is published.
        let mut chunk = unsafe { &*self.chunk };
        if self.index == chunk.slots.len() {
            self.chunk = self.next_chunk(chunk.slots.len());
            chunk.next.store(self.chunk, Ordering::Release);
            (self.index, self.room_used) = (0, 0);
            // SAFETY: as above, for the chunk just linked.
            chunk = unsafe { &*self.chunk };
        }
        if let Some(ahead) = chunk.slots.get(self.index + SLOT_AHEAD) {
            prefetch_for_writing(&raw const *ahead);
        }
        chunk
    }

    /// Room for what an item takes along, if it takes something along and there is room.
    #[inline(always)]
    fn room(&mut self, chunk: &Chunk<T>, len: usize) -> Option<NonNull<u8>> {
        match len {
            0 => None,
            // SAFETY: this is the writer, and the number belongs to its chunk.
            len => unsafe { chunk.room(&mut self.room_used, len) },
        }
    }

    /// Fetches what the next [`Writer::push`] and [`Writer::publish`] write, for one that has something
    /// else to do before.
    #[inline]
    pub fn prefetch(&self) {
        prefetch_for_writing(&raw const *self.shared.tail);
        // SAFETY: as in `push`.
        if let Some(slot) = unsafe { &*self.chunk }.slots.get(self.index) {
            prefetch_for_writing(&raw const *slot);
        }
    }

    /// Fetches what [`Writer::prefetch`] goes by, and what else a push and a publication touch.
    #[inline]
    pub fn prefetch_shared(&self) {
        prefetch_for_writing(&raw const *self.shared.tail);
        prefetch(&raw const self.shared.reader_gone);
        prefetch(self.chunk);
    }

    /// Whether something was pushed since the last [`Writer::publish`].
    #[inline]
    pub fn has_unpublished(&self) -> bool {
        self.published != self.written
    }

    /// Makes everything pushed so far visible. True when the reader was asleep and must be woken.
    #[must_use = "a sleeping reader has to be woken"]
    #[inline]
    pub fn publish(&mut self) -> bool {
        if !self.has_unpublished() {
            return false;
        }
        self.published = self.written;
        if self.shared.flood.load(Ordering::Relaxed) != 0 {
            // Release: as below.
            overwrite(&self.shared.tail, self.written << SHIFT);
            light_fence();
            return self.shared.flood.load(Ordering::Acquire) == 0;
        }
        // Release: the items (and chunk links) are seen by whoever sees the count. Acquire: what the
        // reader did before it fell asleep is seen here before it is woken.
        self.shared.tail.swap(self.written << SHIFT, Ordering::AcqRel) & ASLEEP != 0
    }

    /// Whether the reader is gone, so that pushing is of no use.
    pub fn is_abandoned(&self) -> bool {
        self.shared.reader_gone.load(Ordering::Relaxed) != 0
    }

    /// Publishes what is pushed and says that nothing more will come. True when the reader was
    /// asleep and must be woken.
    #[must_use = "a sleeping reader has to be woken"]
    pub fn close(self) -> bool {
        self.end()
    }

    fn end(&self) -> bool {
        self.shared.tail.swap(self.written << SHIFT | CLOSED, Ordering::AcqRel) & (ASLEEP | CLOSED) == ASLEEP
    }

    #[cold]
    fn next_chunk(&self, len: usize) -> *mut Chunk<T> {
        let spare = self.shared.spare.swap(ptr::null_mut(), Ordering::Acquire);
        if spare.is_null() { Chunk::allocate(LARGEST_CHUNK.min(len * 4)) } else { spare }
    }
}

impl<T: Send + Relocate> Drop for Writer<T> {
    fn drop(&mut self) {
        // SAFETY: only the writer touches this before both ends are dropped.
        self.shared.written.with_mut(|written| unsafe { *written = self.written });
        self.end();
    }
}

/// The reading end.
pub struct Reader<T: Send + Relocate> {
    shared: Arc<Shared<T>>,
    chunk: *mut Chunk<T>,
    index: usize,
    read: usize,
    known: usize,
    closed: bool,
    /// An item that has left goes on to refer to the chunk's room.
    keeps_room: bool,
    /// What `Shared::flood` says.
    flooded: bool,
    /// Items read when this end slept last.
    rested: usize,
    pace: Pace,
}

// SAFETY: the raw pointer is to the chunk this end reads; items may move between threads.
unsafe impl<T: Send + Relocate> Send for Reader<T> {}

impl<T: Send + Relocate> Reader<T> {
    /// The next published item.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        let mut item = MaybeUninit::uninit();
        // SAFETY: `advance` follows, and a slot that has been passed counts as empty.
        let left = unsafe { self.next()?.leave(&mut item) };
        self.keeps_room |= !left;
        self.advance();
        // SAFETY: the item has been moved there.
        Some(unsafe { item.assume_init() })
    }

    /// As [`Reader::pop`], in place of what is at `place`. False if there is no item. (A panic in releasing what is
    /// there leaves the item in the lane.)
    #[inline]
    pub fn pop_into(&mut self, place: &mut T) -> bool {
        let Some(next) = self.next() else { return false };
        // SAFETY: as in `pop`.
        let left = unsafe { next.leave_for(place) };
        self.keeps_room |= !left;
        self.advance();
        true
    }

    /// As [`Reader::pop`], leaving the item in its slot for as long as it is looked at.
    #[inline(always)]
    pub fn pop_in_place(&mut self) -> Option<InPlace<'_, T>> {
        let next = ptr::from_mut(self.next()?);
        self.advance();
        // SAFETY: the slot is this end's until its chunk is left, which takes another `next`.
        Some(InPlace::in_slot(unsafe { &mut *next }, &mut self.keeps_room))
    }

    /// The next item, in its slot: to be emptied if, and only if, `advance` follows.
    #[inline(always)]
    fn next(&mut self) -> Option<&mut T> {
        if self.read == self.known && !self.catch_up() {
            return None;
        }
        // SAFETY: there is a published item at or after this position, so the chunk is alive.
        let mut chunk = unsafe { &*self.chunk };
        if self.index == chunk.slots.len() {
            self.leave_chunk(chunk.next.load(Ordering::Acquire));
            // SAFETY: the item known to exist is in the next chunk, whose link was published with it.
            chunk = unsafe { &*self.chunk };
        }
        // SAFETY: the slot was published and not emptied since, so it holds an item; nobody else touches it.
        Some(chunk.slots[self.index].0.with_mut(|slot| unsafe { (*slot).assume_init_mut() }))
    }

    /// Goes on to the next slot, and asks for some of those behind.
    #[inline(always)]
    fn advance(&mut self) {
        self.index += 1;
        self.read += 1;
        let Some(behind) = (self.known - self.read).checked_sub(1) else { return };
        // SAFETY: there is a published item at or after this position, so the chunk is alive.
        let slots = unsafe { &(*self.chunk).slots };
        if let Some(slot) = slots.get(self.index + behind.min(SLOT_AHEAD)) {
            prefetch(&raw const *slot);
        }
        if let Some(slot) = slots.get(self.index + behind.min(PAYLOAD_AHEAD)) {
            // SAFETY: the slot was published, so it holds an item.
            slot.0.with(|slot| unsafe { (*slot).assume_init_ref() }.prefetch());
        }
    }

    /// Fetches what [`Reader::prefetch`] goes by, and what else a pop touches.
    #[inline]
    pub fn prefetch_shared(&self) {
        prefetch(&raw const *self.shared.tail);
        prefetch(self.chunk);
    }

    /// Fetches the place of the next item, which may not be there yet.
    #[inline]
    pub fn prefetch(&self) {
        // SAFETY: this end's chunk is freed by this end alone.
        if let Some(slot) = unsafe { &*self.chunk }.slots.get(self.index) {
            prefetch(&raw const *slot);
        }
    }

    /// Says that who has this end has answered to what came: the writer may be waiting for that rather than
    /// have more.
    #[inline]
    pub fn converse(&mut self) {
        self.pace.converse();
    }

    /// Whether an item can be popped.
    pub fn is_ready(&mut self) -> bool {
        self.read != self.known || self.refresh()
    }

    /// Falls asleep if there is nothing to pop: the writer's next publication will tell it to wake
    /// this end. False when there is something, or when the lane is finished.
    pub fn sleep(&mut self) -> bool {
        if self.flooded {
            self.flooded = false;
            self.shared.flood.store(0, Ordering::Release);
            heavy_fence();
        }
        self.rested = self.read;
        while !self.is_ready() {
            if self.closed {
                return false;
            }
            let seen = self.known << SHIFT;
            match self.shared.tail.compare_exchange(seen, seen | ASLEEP, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return true,
                Err(now) if now == seen | ASLEEP => return true,
                Err(_) => {}
            }
        }
        false
    }

    /// Whether the writer is gone and all it sent has been popped.
    pub fn is_finished(&mut self) -> bool {
        !self.is_ready() && self.closed
    }

    /// Whether the writer is gone; items may be left.
    pub fn is_closed(&mut self) -> bool {
        if !self.closed {
            self.refresh();
        }
        self.closed
    }

    /// As `refresh`, at the pace of a busy writer.
    #[inline(never)]
    fn catch_up(&mut self) -> bool {
        let mut pace = std::mem::take(&mut self.pace);
        pace.look(|| {
            self.refresh();
            self.known.wrapping_sub(self.read)
        });
        self.pace = pace;
        let found = self.read != self.known;
        if found && !self.flooded && self.known.wrapping_sub(self.rested) >= FLOOD && has_heavy_fence() {
            // What has come since the mark was left has cleared it.
            self.flooded = true;
            self.shared.flood.store(1, Ordering::Relaxed);
        }
        found
    }

    #[inline]
    fn refresh(&mut self) -> bool {
        let tail = self.shared.tail.load(Ordering::Acquire);
        self.known = tail >> SHIFT;
        self.closed = tail & CLOSED != 0;
        self.read != self.known
    }

    #[cold]
    fn leave_chunk(&mut self, next: *mut Chunk<T>) {
        let emptied = std::mem::replace(&mut self.chunk, next);
        self.index = 0;
        if std::mem::take(&mut self.keeps_room) {
            // SAFETY: as below.
            unsafe { (*emptied).give_up_room() };
        }
        // SAFETY: every slot has been read and the writer went on to the next chunk, so this end
        // alone can reach the chunk.
        unsafe { (*emptied).next.store(ptr::null_mut(), Ordering::Relaxed) };
        // Small chunks from the beginning are not worth keeping.
        // SAFETY: as above.
        let keep = unsafe { &*emptied }.slots.len() == LARGEST_CHUNK;
        let unused = if keep { self.shared.spare.swap(emptied, Ordering::AcqRel) } else { emptied };
        if !unused.is_null() {
            // SAFETY: a chunk in `spare` belongs to whoever swaps it out; all its slots are empty.
            drop(unsafe { Box::from_raw(unused) });
        }
    }
}

impl<T: Send + Relocate> Drop for Reader<T> {
    fn drop(&mut self) {
        while self.pop_in_place().is_some() {}
        let stopped =
            Head { chunk: self.chunk, index: self.index, read: self.read, keeps_room: self.keeps_room };
        // SAFETY: only the reader touches this before both ends are dropped.
        self.shared.head.with_mut(|head| unsafe { *head = stopped });
        self.shared.reader_gone.store(1, Ordering::Release);
    }
}

impl<T> Drop for Shared<T> {
    fn drop(&mut self) {
        // SAFETY: both ends are gone (the `Arc` ordered their drops before this), or were never made.
        let written = self.written.with_mut(|written| unsafe { *written });
        self.head.with_mut(|head| {
            // SAFETY: as above.
            let head = unsafe { &mut *head };
            if head.keeps_room {
                // SAFETY: the chunk is there, and nobody else is left.
                unsafe { (*head.chunk).give_up_room() };
            }
            while head.read < written {
                // SAFETY: the list leads from the reader's chunk to the writer's.
                let chunk = unsafe { &*head.chunk };
                if head.index == chunk.slots.len() {
                    let next = chunk.next.load(Ordering::Acquire);
                    // SAFETY: passed, and nobody else is left.
                    drop(unsafe { Box::from_raw(head.chunk) });
                    (head.chunk, head.index) = (next, 0);
                    continue;
                }
                // SAFETY: slots between the reader's position and the writer's are filled.
                chunk.slots[head.index].0.with_mut(|slot| unsafe { (*slot).assume_init_drop() });
                head.index += 1;
                head.read += 1;
            }
            // Behind the last item there may be a chunk for one that did not come.
            while !head.chunk.is_null() {
                // SAFETY: the rest of the list, and nobody else is left.
                let chunk = unsafe { Box::from_raw(head.chunk) };
                head.chunk = chunk.next.load(Ordering::Acquire);
            }
        });
        let spare = self.spare.load(Ordering::Acquire);
        if !spare.is_null() {
            // SAFETY: an emptied chunk that nobody took back.
            drop(unsafe { Box::from_raw(spare) });
        }
    }
}
