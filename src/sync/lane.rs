//! A queue with one writer and one reader that may sleep.
//!
//! Items lie in a linked list of chunks that start small and grow, so that an idle lane costs little
//! and a busy one allocates seldom; the chunk the reader has emptied goes back to the writer. The
//! writer pushes items privately and publishes them in batches by one atomic exchange on `tail`; the
//! reader looks at `tail` only when it has read all it knows of. A reader that keeps catching up with a
//! busy writer lets it get ahead a little, as each look takes the line of `tail` away from the writer.
//!
//! `tail` holds the number of items ever published, shifted left, and two bits:
//! * `ASLEEP`: the reader found nothing and will not look again until woken. Set by the reader with
//!   a compare-and-exchange on the tail it has just seen, so that it cannot miss an item; cleared by
//!   the writer's next exchange, which thereby learns that it has to wake the reader.
//! * `CLOSED`: the writer is gone and nothing more will come.

use super::atomics::{Arc, AtomicPtr, AtomicUsize, Cell, Ordering, Tracked};
use super::prefetch::{prefetch, prefetch_for_writing};
use crossbeam_utils::CachePadded;
use std::mem::MaybeUninit;
use std::ptr;

const ASLEEP: usize = 1;
const CLOSED: usize = 2;
const SHIFT: u32 = 2;

/// Slots of the first chunk; every further chunk has four times as many, up to [`LARGEST_CHUNK`].
const FIRST_CHUNK: usize = if cfg!(loom) { 2 } else { 8 };
const LARGEST_CHUNK: usize = if cfg!(loom) { 2 } else { 256 };

/// Something that knows a better way of being moved than as a block of bytes.
///
/// # Safety
/// [`Relocate::move_to`] initialises `place`. After [`Relocate::release`] nothing is lost if the value is
/// overwritten without being dropped.
pub unsafe trait Relocate: Sized {
    /// Moves the value to `place`, leaving another one that is of no use.
    fn move_to(&mut self, place: &mut MaybeUninit<Self>);

    /// Releases what the value holds, leaving another one that is of no use.
    fn release(&mut self);
}

/// A lane's two ends.
pub fn lane<T: Send>() -> (Writer<T>, Reader<T>) {
    let first = Chunk::allocate(FIRST_CHUNK);
    let shared = Arc::new(Shared {
        tail: CachePadded::new(AtomicUsize::new(0)),
        reader_gone: AtomicUsize::new(0),
        spare: AtomicPtr::new(ptr::null_mut()),
        head: Cell::new(Head { chunk: first, index: 0, read: 0 }),
        written: Cell::new(0),
    });
    let writer = Writer { shared: Arc::clone(&shared), chunk: first, index: 0, written: 0, published: 0 };
    let pace = Pace::default();
    (writer, Reader { shared, chunk: first, index: 0, read: 0, known: 0, closed: false, pace })
}

struct Shared<T> {
    tail: CachePadded<AtomicUsize>,
    /// 1 once the reader has been dropped: what is published from then on is of no use.
    reader_gone: AtomicUsize,
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
}

// SAFETY: the chunks are reached according to the protocol described above: a slot by the writer
// until it is published and by the reader afterwards; `head` by the reader, `written` by the writer,
// and both by whoever drops the last of the two ends.
unsafe impl<T: Send> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Shared<T> {}

/// A run of slots and the link to the next run.
struct Chunk<T> {
    next: AtomicPtr<Chunk<T>>,
    slots: Box<[Slot<T>]>,
    _tracked: Tracked,
}

/// Aligned, so that a message lies in one cache line and the ends do not touch the same one.
#[repr(align(64))]
struct Slot<T>(Cell<MaybeUninit<T>>);

impl<T> Chunk<T> {
    fn allocate(len: usize) -> *mut Chunk<T> {
        let slots = (0..len).map(|_| Slot(Cell::new(MaybeUninit::uninit()))).collect();
        Box::into_raw(Box::new(Chunk {
            next: AtomicPtr::new(ptr::null_mut()),
            slots,
            _tracked: Tracked::new(),
        }))
    }
}

/// The writing end.
pub struct Writer<T: Send> {
    shared: Arc<Shared<T>>,
    chunk: *mut Chunk<T>,
    index: usize,
    written: usize,
    published: usize,
}

// SAFETY: the raw pointer is to a chunk that only this end writes to; items may move between threads.
unsafe impl<T: Send> Send for Writer<T> {}

impl<T: Send> Writer<T> {
    /// Appends an item, visible to the reader after the next [`Writer::publish`].
    #[inline]
    pub fn push(&mut self, item: T) {
        let slot = self.next_slot();
        slot.with_mut(|slot| {
            // SAFETY: the slot is the writer's, and holds nothing.
            unsafe { (*slot).write(item) };
        });
    }

    /// As [`Writer::push`], taking the item out of `item`.
    #[inline]
    pub fn push_from(&mut self, item: &mut T)
    where
        T: Relocate,
    {
        let slot = self.next_slot();
        // SAFETY: the slot is the writer's, and holds nothing; it is filled by contract of `Relocate`.
        slot.with_mut(|slot| item.move_to(unsafe { &mut *slot }));
    }

    /// The slot for the next item, for the caller to fill: only the writer touches it before it is
    /// published, and it holds nothing.
    #[inline]
    fn next_slot(&mut self) -> &Cell<MaybeUninit<T>> {
        // SAFETY: the writer's chunk is not freed before the reader has passed it, which it cannot
        // before the link to the next chunk is published.
        let mut chunk = unsafe { &*self.chunk };
        if self.index == chunk.slots.len() {
            self.chunk = self.next_chunk(chunk.slots.len());
            chunk.next.store(self.chunk, Ordering::Release);
            self.index = 0;
            // SAFETY: as above, for the chunk just linked.
            chunk = unsafe { &*self.chunk };
        }
        let slot = &chunk.slots[self.index].0;
        self.index += 1;
        self.written += 1;
        slot
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

    /// Makes everything pushed so far visible. True when the reader was asleep and must be woken.
    #[must_use = "a sleeping reader has to be woken"]
    #[inline]
    pub fn publish(&mut self) -> bool {
        if self.published == self.written {
            return false;
        }
        self.published = self.written;
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

impl<T: Send> Drop for Writer<T> {
    fn drop(&mut self) {
        // SAFETY: only the writer touches this before both ends are dropped.
        self.shared.written.with_mut(|written| unsafe { *written = self.written });
        self.end();
    }
}

/// The reading end.
pub struct Reader<T: Send> {
    shared: Arc<Shared<T>>,
    chunk: *mut Chunk<T>,
    index: usize,
    read: usize,
    known: usize,
    closed: bool,
    pace: Pace,
}

// SAFETY: the raw pointer is to the chunk this end reads; items may move between threads.
unsafe impl<T: Send> Send for Reader<T> {}

impl<T: Send> Reader<T> {
    /// The next published item.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.next_slot().map(|slot| {
            // SAFETY: the slot holds an item, which is taken out here once.
            slot.with_mut(|slot| unsafe { (*slot).assume_init_read() })
        })
    }

    /// As [`Reader::pop`], in place of what is at `place`. False if there is no item. (It counts as read when
    /// what is in its place is released: a panic in that loses it.)
    #[inline]
    pub fn pop_into(&mut self, place: &mut T) -> bool
    where
        T: Relocate,
    {
        let Some(slot) = self.next_slot() else { return false };
        place.release();
        // SAFETY: as in `pop`; what is overwritten holds nothing.
        slot.with_mut(|slot| unsafe { ptr::write(place, (*slot).assume_init_read()) });
        true
    }

    /// The slot of the next item, for the caller to take that out.
    #[inline]
    fn next_slot(&mut self) -> Option<&Cell<MaybeUninit<T>>> {
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
        // The slot was published, so it holds an item.
        let slot = &chunk.slots[self.index].0;
        self.index += 1;
        self.read += 1;
        Some(slot)
    }

    /// The item that will be popped next, if it is known to be there; for a look at it, as its place is
    /// fetched into the cache, together with that of the one behind.
    #[inline]
    pub fn upcoming(&self) -> Option<&T> {
        if self.read == self.known {
            return None;
        }
        // SAFETY: there is a published item at or after this position, so the chunk is alive.
        let chunk = unsafe { &*self.chunk };
        if let Some(behind) = chunk.slots.get(self.index + 1) {
            prefetch(&raw const *behind);
        }
        let slot = chunk.slots.get(self.index)?;
        // SAFETY: the slot was published, so it holds an item, which nobody takes out while this end is
        // borrowed.
        slot.0.with(|slot| Some(unsafe { (*slot).assume_init_ref() }))
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

    /// Whether an item can be popped.
    pub fn is_ready(&mut self) -> bool {
        self.read != self.known || self.refresh()
    }

    /// Falls asleep if there is nothing to pop: the writer's next publication will tell it to wake
    /// this end. False when there is something, or when the lane is finished.
    pub fn sleep(&mut self) -> bool {
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
    #[inline]
    fn catch_up(&mut self) -> bool {
        self.pace.pause();
        let known = self.known;
        let any = self.refresh();
        self.pace.note(self.known.wrapping_sub(known));
        any
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

/// How long a reader that has caught up waits before it looks again.
#[derive(Default)]
struct Pace {
    /// Looks in a row that found something, but little.
    hurried: u32,
}

impl Pace {
    /// Items found by a look that was worth it.
    const PLENTY: usize = 16;
    /// Looks in a row before it is taken for a flood rather than a conversation.
    const FLOOD: u32 = 8;
    /// The longest wait, in pauses of the processor: a fraction of a microsecond.
    const LONGEST: u32 = if cfg!(loom) { 0 } else { 32 };

    #[inline]
    fn pause(&self) {
        for _ in 0..self.hurried.saturating_sub(Self::FLOOD) {
            std::hint::spin_loop();
        }
    }

    #[inline]
    fn note(&mut self, found: usize) {
        self.hurried = match found {
            0 => 0,
            Self::PLENTY.. => self.hurried.saturating_sub(1),
            _ => (self.hurried + 1).min(Self::FLOOD + Self::LONGEST),
        };
    }
}

impl<T: Send> Drop for Reader<T> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
        let stopped = Head { chunk: self.chunk, index: self.index, read: self.read };
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
            // SAFETY: the last chunk of the list; a chunk is linked only to take a pushed item.
            drop(unsafe { Box::from_raw(head.chunk) });
        });
        let spare = self.spare.load(Ordering::Acquire);
        if !spare.is_null() {
            // SAFETY: an emptied chunk that nobody took back.
            drop(unsafe { Box::from_raw(spare) });
        }
    }
}
