//! The library's memory: mimalloc instead of the C library's allocator.
//!
//! Most contents of messages are allocated by the thread that sends and freed by the one that receives.
//! With the C library's allocator both then work on the same heap.

use libmimalloc_sys::mi_zalloc_aligned;
use libmimalloc_sys::{mi_free, mi_malloc, mi_malloc_aligned, mi_realloc, mi_realloc_aligned, mi_zalloc};
use std::alloc::{GlobalAlloc, Layout};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As the `mimalloc` crate has it, but for the shorter way where no special alignment is asked for.
struct MiMalloc;

/// Whether every block of that size is aligned well enough: on 16 bytes from that size on, and below as
/// the size is.
#[inline]
fn is_natural(layout: &Layout) -> bool {
    layout.align() <= 16 && layout.align() <= layout.size()
}

// SAFETY: mimalloc keeps malloc's contract, and gives null when there is no memory.
unsafe impl GlobalAlloc for MiMalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size is allowed, and the layout's alignment is a power of two.
        let block = unsafe {
            if is_natural(&layout) {
                mi_malloc(layout.size())
            } else {
                mi_malloc_aligned(layout.size(), layout.align())
            }
        };
        block.cast()
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let block = unsafe {
            if is_natural(&layout) {
                mi_zalloc(layout.size())
            } else {
                mi_zalloc_aligned(layout.size(), layout.align())
            }
        };
        block.cast()
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, _layout: Layout) {
        // SAFETY: by contract it was allocated here.
        unsafe { mi_free(block.cast()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: by contract it was allocated here, and the alignment is a power of two.
        let block = unsafe {
            if layout.align() <= 16 && layout.align() <= new_size {
                mi_realloc(block.cast(), new_size)
            } else {
                mi_realloc_aligned(block.cast(), new_size, layout.align())
            }
        };
        block.cast()
    }
}
