//! The counters behind `zmq_atomic_counter_*`.
//!
//! As in [`Table`](super::Table), a handle is an index and a generation, and slots are used again but
//! never freed, so that a stale handle is recognised. The objects are plain atomics: counting takes
//! no lock.

use super::gate::GATE;
use super::segments::segment_of;
use super::table::{FIRST_SEGMENT, Handle, SEGMENTS};
use crate::error::{Error, Result};
use parking_lot::Mutex;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

/// Counters of one kind of handle.
pub struct Counters {
    kind: u8,
    segments: [OnceLock<Box<[Slot]>>; SEGMENTS],
    vacant: Mutex<Vacant>,
}

/// A counter, on a cache line of its own as threads contend for it.
#[derive(Default)]
#[repr(align(64))]
struct Slot {
    /// Odd while the counter exists.
    generation: AtomicU32,
    value: AtomicI32,
}

struct Vacant {
    list: Vec<usize>,
    /// Slots handed out so far.
    used: usize,
}

impl Counters {
    /// No counters; `kind` (below 16) tells their handles from others.
    pub const fn new(kind: u8) -> Counters {
        Counters {
            kind,
            segments: [const { OnceLock::new() }; SEGMENTS],
            vacant: Mutex::new(Vacant { list: Vec::new(), used: 0 }),
        }
    }

    /// A counter at 0. None when all slots are taken.
    pub fn insert(&self) -> Option<Handle> {
        let _change = GATE.begin();
        let mut vacant = self.vacant.lock();
        let index = match vacant.list.pop() {
            Some(index) => index,
            None => {
                self.ensure(vacant.used)?;
                vacant.used += 1;
                vacant.used - 1
            }
        };
        let slot = self.slot(index)?;
        slot.value.store(0, Ordering::Relaxed);
        let generation = slot.generation.load(Ordering::Relaxed).wrapping_add(1);
        slot.generation.store(generation, Ordering::Release);
        Some(Handle::new(self.kind, index, generation))
    }

    /// The counter itself. [`Error::Fault`] for a stale, foreign or invented handle.
    pub fn counter(&self, handle: Handle) -> Result<&AtomicI32> {
        let (_, slot) = self.find(handle).ok_or(Error::Fault)?;
        Ok(&slot.value)
    }

    /// Ends a counter; its handle is stale from then on. [`Error::Fault`] if it is already.
    pub fn remove(&self, handle: Handle) -> Result<()> {
        let _change = GATE.begin();
        let mut vacant = self.vacant.lock();
        let (index, slot) = self.find(handle).ok_or(Error::Fault)?;
        slot.generation.fetch_add(1, Ordering::Release);
        vacant.list.push(index);
        Ok(())
    }

    fn find(&self, handle: Handle) -> Option<(usize, &Slot)> {
        let (index, generation) = handle.parse(self.kind)?;
        let slot = self.slot(index)?;
        // An even generation is that of a vacant slot, which no handle was ever given for.
        let exists = generation % 2 == 1 && slot.generation.load(Ordering::Acquire) == generation;
        exists.then_some((index, slot))
    }

    fn slot(&self, index: usize) -> Option<&Slot> {
        let (segment, position) = segment_of(index, FIRST_SEGMENT);
        self.segments.get(segment)?.get()?.get(position)
    }

    fn ensure(&self, index: usize) -> Option<()> {
        let (segment, _) = segment_of(index, FIRST_SEGMENT);
        let slots = || (0..FIRST_SEGMENT << segment).map(|_| Slot::default()).collect();
        self.segments.get(segment)?.get_or_init(slots);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_count_and_stale_handles_are_refused() {
        let counters = Counters::new(6);
        let one = counters.insert().expect("room");
        let two = counters.insert().expect("room");
        counters.counter(one).expect("there").fetch_add(5, Ordering::Relaxed);
        assert_eq!(counters.counter(two).expect("there").load(Ordering::Relaxed), 0);
        assert_eq!((counters.remove(one), counters.remove(one)), (Ok(()), Err(Error::Fault)));
        let again = counters.insert().expect("room");
        assert!(counters.counter(one).is_err() && again != one);
        assert_eq!(counters.counter(again).expect("there").load(Ordering::Relaxed), 0);
        for bits in [0, 1, 2, usize::MAX, &raw const counters as usize, Handle::new(6, 9, 0).to_bits()] {
            assert!(counters.counter(Handle::from_bits(bits)).is_err());
        }
    }

    #[test]
    fn many_counters_are_all_different() {
        let counters = Counters::new(6);
        let handles: Vec<_> = (0..300).map(|_| counters.insert().expect("room")).collect();
        for (n, handle) in handles.iter().enumerate() {
            counters.counter(*handle).expect("there").store(n as i32, Ordering::Relaxed);
        }
        for (n, handle) in handles.iter().enumerate() {
            assert_eq!(counters.counter(*handle).expect("there").load(Ordering::Relaxed), n as i32);
        }
    }
}
