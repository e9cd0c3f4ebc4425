//! The table behind C's handles.
//!
//! A handle is not the address of an object but an index, a generation and a kind, so that a stale,
//! foreign or invented one is recognised. Slots are never freed, only used again with the next
//! generation: looking one up takes no lock and no count besides the lock of the object itself.
//! Handles of a *readable* table are addresses all the same, of memory that holds nothing.

use super::addresses::{Addresses, TIMES};
use super::biased_lock::{BiasedGuard, BiasedLock};
use super::gate::GATE;
use super::segments::segment_of;
use crossbeam_utils::CachePadded;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// What C holds as `void *`: never null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle(usize);

/// Slots of the first segment; each further one has twice as many.
pub(super) const FIRST_SEGMENT: usize = 64;
pub(super) const SEGMENTS: usize = 20;

/// Slots that stay vacant rather than be used again.
const FEW_VACANT: usize = 64;

const INDEX_BITS: u32 = 26;
const KIND_BITS: u32 = 4;
const GENERATION_BITS: u32 = 32;
/// Set in every handle: neither null nor a small number nor an aligned pointer looks like one.
const TAG: u64 = 1;

impl Handle {
    /// The bits, as a pointer-sized number.
    pub fn to_bits(self) -> usize {
        self.0
    }

    /// Anything C gives; checked when it is looked up.
    pub fn from_bits(bits: usize) -> Handle {
        Handle(bits)
    }

    pub(super) fn new(kind: u8, index: usize, generation: u32) -> Handle {
        let bits = u64::from(generation) << (INDEX_BITS + KIND_BITS + 1)
            | (index as u64) << (KIND_BITS + 1)
            | u64::from(kind) << 1
            | TAG;
        Handle(bits as usize)
    }

    /// Index and generation, if the handle is of that kind. Only occupied slots have handles, so the
    /// generation is odd.
    pub(super) fn parse(self, kind: u8) -> Option<(usize, u32)> {
        let bits = self.0 as u64;
        let known = (bits & TAG != 0) && (bits >> 1 & ((1 << KIND_BITS) - 1)) as u8 == kind;
        let index = (bits >> (KIND_BITS + 1) & ((1 << INDEX_BITS) - 1)) as usize;
        let generation = (bits >> (INDEX_BITS + KIND_BITS + 1)) as u32;
        (known && generation % 2 == 1).then_some((index, generation))
    }
}

const _: () = assert!(INDEX_BITS + KIND_BITS + 1 + GENERATION_BITS <= 64);

/// How often this process has been forked off: handles made before the last time are inherited, and
/// what they stand for belongs to the parent (its threads and descriptors, perhaps a held lock).
static FORKS: AtomicU32 = AtomicU32::new(0);

/// To be called in the child of a fork, before anything else of this library.
pub fn note_fork() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// How often this process has been forked off, as far as was noted.
pub fn forks() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Objects of one kind.
pub struct Table<T> {
    kind: u8,
    /// Whether the objects are good in a forked child as well.
    survives_forks: bool,
    /// Where the handles are taken from, if C is to be able to read what they point at.
    readable: Option<Addresses>,
    segments: [OnceLock<Segment<T>>; SEGMENTS],
    vacant: Mutex<Vacant>,
}

/// Slots that are allocated together; padded, as threads that use different objects lock them all the
/// time.
type Segment<T> = Box<[CachePadded<Slot<T>>]>;

struct Slot<T> {
    /// Odd while the slot is occupied. Grows with each use and each vacation.
    generation: AtomicU32,
    /// Value of `FORKS` when the object was stored.
    process: AtomicU32,
    object: BiasedLock<Option<T>>,
}

struct Vacant {
    /// The one that has been vacant for longest first: a handle that somebody still uses is to be taken for
    /// another one's as late as possible.
    list: VecDeque<usize>,
    /// Slots handed out so far.
    used: usize,
}

/// A looked-up object, locked. One word: calls hand it on.
pub struct Guard<'a, T>(
    /// Of a slot that is occupied.
    BiasedGuard<'a, Option<T>>,
);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the slot was occupied when the guard was made, and nobody else empties it meanwhile.
        unsafe { self.0.as_ref().unwrap_unchecked() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`.
        unsafe { self.0.as_mut().unwrap_unchecked() }
    }
}

impl<T> Table<T> {
    /// An empty table; `kind` (below 16) tells its handles from those of other tables.
    pub const fn new(kind: u8) -> Table<T> {
        Table::of(kind, false, None)
    }

    /// As [`Table::new`], for objects that are nothing but memory: a forked child has its own.
    pub const fn surviving_forks(kind: u8) -> Table<T> {
        Table::of(kind, true, None)
    }

    /// As [`Table::new`], with handles that can be read through, as zeros.
    pub const fn readable() -> Table<T> {
        Table::of(0, false, Some(Addresses::new()))
    }

    const fn of(kind: u8, survives_forks: bool, readable: Option<Addresses>) -> Table<T> {
        Table {
            kind,
            survives_forks,
            readable,
            segments: [const { OnceLock::new() }; SEGMENTS],
            vacant: Mutex::new(Vacant { list: VecDeque::new(), used: 0 }),
        }
    }

    /// Stores an object. None when all slots are taken.
    pub fn insert(&self, object: T) -> Option<Handle> {
        self.insert_with(|_| object)
    }

    /// Stores an object that is made knowing its handle.
    pub fn insert_with(&self, make: impl FnOnce(Handle) -> T) -> Option<Handle> {
        let index = {
            let _change = GATE.begin();
            let mut vacant = self.vacant.lock();
            let fresh = vacant.used;
            if vacant.list.len() < FEW_VACANT && self.ensure(fresh).is_some() {
                vacant.used += 1;
                fresh
            } else {
                vacant.list.pop_front()?
            }
        };
        let slot = self.slot(index)?;
        let mut object = slot.object.lock();
        let generation = slot.generation.load(Ordering::Relaxed).wrapping_add(1);
        let Some(handle) = self.handle(index, generation) else {
            drop(object);
            self.vacate(index);
            return None;
        };
        *object = Some(make(handle));
        object.renew();
        slot.process.store(FORKS.load(Ordering::Relaxed), Ordering::Relaxed);
        slot.generation.store(generation, Ordering::Release);
        Some(handle)
    }

    /// Locks the object behind a handle. None for a stale, foreign or invented handle.
    #[inline(always)]
    pub fn lock(&self, handle: Handle) -> Option<Guard<'_, T>> {
        let (slot, _, generation) = self.find(handle)?;
        if self.has_inherited(slot) {
            return None;
        }
        let guard = slot.object.lock();
        if slot.generation.load(Ordering::Relaxed) != generation {
            return None;
        }
        guard.is_some().then_some(Guard(guard))
    }

    /// Takes the object out; its handle is stale from then on.
    pub fn remove(&self, handle: Handle) -> Option<T> {
        let (slot, index, generation) = self.find(handle)?;
        if self.has_inherited(slot) {
            return None;
        }
        let object = {
            let mut guard = slot.object.lock();
            if slot.generation.load(Ordering::Relaxed) != generation {
                return None;
            }
            slot.generation.store(generation.wrapping_add(1), Ordering::Release);
            let object = guard.take();
            guard.disown();
            object
        };
        self.vacate(index);
        object
    }

    fn vacate(&self, index: usize) {
        let _change = GATE.begin();
        self.vacant.lock().list.push_back(index);
    }

    /// Whether the handle was good in the process that this one was forked off.
    pub fn is_inherited(&self, handle: Handle) -> bool {
        self.find(handle).is_some_and(|(slot, ..)| self.has_inherited(slot))
    }

    fn handle(&self, index: usize, generation: u32) -> Option<Handle> {
        match &self.readable {
            Some(addresses) => addresses.encode(index, generation / 2).map(Handle),
            None => Some(Handle::new(self.kind, index, generation)),
        }
    }

    #[inline(always)]
    fn find(&self, handle: Handle) -> Option<(&Slot<T>, usize, u32)> {
        let Some(addresses) = &self.readable else {
            let (index, generation) = handle.parse(self.kind)?;
            let slot = self.slot(index)?;
            return (slot.generation.load(Ordering::Acquire) == generation)
                .then_some((slot, index, generation));
        };
        let (index, time) = addresses.decode(handle.0)?;
        let slot = self.slot(index)?;
        let generation = slot.generation.load(Ordering::Acquire);
        (generation % 2 == 1 && generation / 2 % TIMES == time).then_some((slot, index, generation))
    }

    fn has_inherited(&self, slot: &Slot<T>) -> bool {
        !self.survives_forks && slot.process.load(Ordering::Relaxed) != FORKS.load(Ordering::Relaxed)
    }

    #[inline]
    fn slot(&self, index: usize) -> Option<&Slot<T>> {
        let (segment, position) = segment_of(index, FIRST_SEGMENT);
        self.segments.get(segment)?.get()?.get(position).map(|slot| &**slot)
    }

    fn ensure(&self, index: usize) -> Option<()> {
        let (segment, _) = segment_of(index, FIRST_SEGMENT);
        self.segments.get(segment)?.get_or_init(|| {
            (0..FIRST_SEGMENT << segment)
                .map(|_| {
                    CachePadded::new(Slot {
                        generation: AtomicU32::new(0),
                        process: AtomicU32::new(0),
                        object: BiasedLock::new(None),
                    })
                })
                .collect()
        });
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_foreign_and_invented_handles_find_nothing() {
        let (table, other) = (Table::new(3), Table::new(4));
        let handle = table.insert(7).expect("room");
        assert_eq!(table.lock(handle).as_deref(), Some(&7));
        assert!(other.lock(handle).is_none());
        assert_eq!(other.insert(9).map(|h| table.lock(h).is_none()), Some(true));
        assert_eq!(table.remove(handle), Some(7));
        assert_eq!(table.remove(handle), None);
        let again = table.insert(8).expect("room");
        assert!(table.lock(handle).is_none() && again != handle);
        for bits in [0, 1, 2, usize::MAX, usize::MAX / 2, &raw const table as usize] {
            assert!(table.lock(Handle::from_bits(bits)).is_none());
        }
    }

    #[test]
    fn a_readable_table_knows_its_handles() {
        let table = Table::readable();
        let handle = table.insert(7).expect("room");
        // SAFETY: readable, whatever it is.
        assert_eq!(unsafe { (handle.to_bits() as *const u32).read() }, 0);
        assert_eq!(table.lock(handle).as_deref(), Some(&7));
        for bits in [0, 1, 8, usize::MAX, handle.to_bits() + 1, handle.to_bits() + 8] {
            assert!(table.lock(Handle::from_bits(bits)).is_none());
        }
        assert_eq!(table.remove(handle), Some(7));
        let again = table.insert(8).expect("room");
        assert!(table.lock(handle).is_none() && table.remove(handle).is_none() && again != handle);
        assert_eq!(table.remove(again), Some(8));
    }

    #[test]
    fn an_invented_handle_does_not_vacate_a_vacant_slot() {
        let table = Table::new(3);
        for bits in 0..1 << 12 {
            assert_eq!(table.remove(Handle::from_bits(bits)), None::<i32>);
        }
        let handles = [1, 2].map(|n| table.insert(n).expect("room"));
        assert_eq!(handles.map(|handle| table.remove(handle)), [Some(1), Some(2)]);
    }

    #[test]
    fn every_index_has_a_place() {
        let table = Table::new(1);
        let handles: Vec<_> = (0..1000).map(|i| table.insert(i).expect("room")).collect();
        for (i, handle) in handles.into_iter().enumerate() {
            assert_eq!(table.remove(handle), Some(i));
        }
    }
}
