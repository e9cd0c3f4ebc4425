//! Small blocks that a thread keeps for its next message.
//!
//! A lane takes the bytes of a small message along, so its sender frees a block as soon as it is filled, and its
//! receiver allocates one each time and frees the one before. Both find it here: one block of each size, a
//! few instructions away.

use super::content::Content;
use super::heap;
use std::cell::Cell;
use std::ptr::{self, NonNull};

/// Small contents are given room for a multiple of this.
const STEP: usize = 64;

/// The number of sizes.
pub(super) const SIZES: usize = 4;

/// The size, by number, of what says that bytes are lent.
pub(super) const LENT: usize = SIZES;

/// The most bytes of a small content.
pub(super) const SMALL_MAX: usize = STEP * SIZES;

/// At most one block of each size.
struct Spare([Cell<*mut Content>; SIZES + 1]);

thread_local! {
    static SPARE: Spare = const { Spare([const { Cell::new(ptr::null_mut()) }; SIZES + 1]) };
}

impl Drop for Spare {
    fn drop(&mut self) {
        for block in &mut self.0 {
            if let Some(block) = NonNull::new(std::mem::replace(block.get_mut(), ptr::null_mut())) {
                // SAFETY: a block in here is nobody's.
                unsafe { heap::release(block.cast()) };
            }
        }
    }
}

/// The size, by number, for a content of `len` bytes (1 to [`SMALL_MAX`]).
#[inline]
pub(super) const fn size_for(len: usize) -> usize {
    (len - 1) / STEP
}

/// Bytes that there is room for.
#[inline]
pub(super) const fn capacity_of(size: usize) -> usize {
    (size + 1) * STEP
}

/// The block of a size that was put aside, with what it contained.
#[inline]
pub(super) fn take(size: usize) -> Option<NonNull<Content>> {
    // A thread that is ending has no spare blocks any more.
    SPARE.try_with(|spare| NonNull::new(spare.0[size].replace(ptr::null_mut()))).ok().flatten()
}

/// Puts a block of a size aside, or gives it back if there is one already.
///
/// # Safety
/// The block is from the heap, of that size, and nobody's.
#[inline]
pub(super) unsafe fn put(size: usize, block: NonNull<Content>) {
    let kept = SPARE.try_with(|spare| {
        let place = &spare.0[size];
        let vacant = place.get().is_null();
        if vacant {
            place.set(block.as_ptr());
        }
        vacant
    });
    if kept != Ok(true) {
        // SAFETY: by contract.
        unsafe { heap::release(block.cast()) };
    }
}
