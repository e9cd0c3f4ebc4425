//! The memory that contents lie in.
//!
//! Contents that a lane does not take along are mostly allocated by the thread that sends and freed by the one that
//! receives, or the other way round. mimalloc is made for that; the C library's allocator has both threads work
//! on one heap.
//! Only contents come from it: it keeps more memory in reserve than idle connections should cost.

#[cfg(not(feature = "mimalloc"))]
use libc::{free, malloc};
#[cfg(feature = "mimalloc")]
use libmimalloc_sys::{mi_free as free, mi_malloc as malloc};
use std::ptr::NonNull;

#[cfg(test)]
thread_local! {
    /// Whether this thread finds no memory.
    pub(crate) static EXHAUSTED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Memory of `size` bytes (not 0), aligned for any type. None when there is none.
#[inline]
pub(super) fn allocate(size: usize) -> Option<NonNull<u8>> {
    #[cfg(test)]
    if EXHAUSTED.get() {
        return None;
    }
    // SAFETY: any size is allowed.
    NonNull::new(unsafe { malloc(size) }.cast())
}

/// # Safety
/// The memory must come from the function above, and is not used any more.
#[inline]
pub(super) unsafe fn release(memory: NonNull<u8>) {
    // SAFETY: by contract.
    unsafe { free(memory.as_ptr().cast()) }
}
