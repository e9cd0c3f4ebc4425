//! Runs of slots, and the room beside them for what items take along.

use super::super::atomics::{AtomicPtr, Cell, Tracked};
use super::super::prefetch::prefetch_for_writing;
use std::alloc::{Layout, alloc, dealloc};
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// Lines of room for each slot.
const LINES_PER_SLOT: usize = 2;

/// How many lines ahead of those in use one is fetched.
const AHEAD: usize = 4;

/// A run of slots and the link to the next run.
pub(super) struct Chunk<T> {
    pub(super) next: AtomicPtr<Chunk<T>>,
    pub(super) slots: Box<[Slot<T>]>,
    /// Null, or allocated when the first item took something along. The writer's, as long as the chunk is.
    room: Cell<*mut Line>,
    _tracked: Tracked,
}

/// Aligned, so that a message lies in one cache line and the ends do not touch the same one.
#[repr(align(64))]
pub(super) struct Slot<T>(pub(super) Cell<MaybeUninit<T>>);

/// A cache line. Items do not share one, as one end writes and the other reads.
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "reached by pointers")] [MaybeUninit<u8>; 64]);

impl<T> Chunk<T> {
    pub(super) fn allocate(len: usize) -> *mut Chunk<T> {
        let slots = (0..len).map(|_| Slot(Cell::new(MaybeUninit::uninit()))).collect();
        Box::into_raw(Box::new(Chunk {
            next: AtomicPtr::new(ptr::null_mut()),
            slots,
            room: Cell::new(ptr::null_mut()),
            _tracked: Tracked::new(),
        }))
    }

    /// Room for `len` bytes behind the first `used` lines, to which it is added. None if there is no more, or no
    /// memory.
    ///
    /// # Safety
    /// The caller is the writer and the chunk its own; `used` is 0 in the beginning and otherwise left alone.
    #[inline]
    pub(super) unsafe fn room(&self, used: &mut usize, len: usize) -> Option<NonNull<u8>> {
        let lines = len.div_ceil(size_of::<Line>());
        if *used + lines > self.slots.len() * LINES_PER_SLOT {
            return None;
        }
        let room = self.room.with_mut(|room| {
            // SAFETY: nobody but the writer touches this.
            let room = unsafe { &mut *room };
            if room.is_null() {
                *room = self.allocate_room();
            }
            NonNull::new(*room)
        })?;
        prefetch_for_writing(room.as_ptr().wrapping_add(*used + AHEAD));
        // SAFETY: in bounds, as was checked.
        let place = unsafe { room.add(*used) };
        *used += lines;
        Some(place.cast())
    }

    /// Leaves the room to an item that has left the lane. It is never freed.
    ///
    /// # Safety
    /// The caller alone can reach the chunk.
    #[cold]
    pub(super) unsafe fn give_up_room(&self) {
        // SAFETY: by contract.
        let room = self.room.with_mut(|room| unsafe { ptr::replace(room, ptr::null_mut()) });
        // Tests are searched for leaks, and do this on purpose.
        #[cfg(test)]
        GIVEN_UP.lock().push(room.expose_provenance());
        let _ = room;
    }

    #[cold]
    fn allocate_room(&self) -> *mut Line {
        // SAFETY: not of size zero, as a chunk has slots.
        self.room_layout().map_or(ptr::null_mut(), |layout| unsafe { alloc(layout) }.cast())
    }

    fn room_layout(&self) -> Option<Layout> {
        Layout::array::<Line>(self.slots.len() * LINES_PER_SLOT).ok()
    }
}

#[cfg(test)]
static GIVEN_UP: parking_lot::Mutex<Vec<usize>> = parking_lot::Mutex::new(Vec::new());

impl<T> Drop for Chunk<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else is left.
        let room = self.room.with_mut(|room| unsafe { *room });
        if let Some(layout) = self.room_layout()
            && !room.is_null()
        {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(room.cast(), layout) };
        }
    }
}
