//! The memory that contents lie in.
//!
//! Most contents are allocated by the thread that sends and freed by the one that receives, or the other
//! way round. mimalloc is made for that; the C library's allocator has both threads work on one heap.
//! Only contents come from it: it keeps more memory in reserve than idle connections should cost.

#[cfg(not(feature = "mimalloc"))]
use libc::{calloc, free, malloc};
#[cfg(feature = "mimalloc")]
use libmimalloc_sys::{mi_free as free, mi_malloc as malloc, mi_zalloc};
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

/// As [`allocate`], of zeros.
pub(super) fn allocate_zeroed(size: usize) -> Option<NonNull<u8>> {
    #[cfg(feature = "mimalloc")]
    // SAFETY: any size is allowed.
    let memory = unsafe { mi_zalloc(size) };
    #[cfg(not(feature = "mimalloc"))]
    // SAFETY: as above.
    let memory = unsafe { calloc(1, size) };
    NonNull::new(memory.cast())
}

/// # Safety
/// The memory must come from one of the functions above, and is not used any more.
#[inline]
pub(super) unsafe fn release(memory: NonNull<u8>) {
    // SAFETY: by contract.
    unsafe { free(memory.as_ptr().cast()) }
}
