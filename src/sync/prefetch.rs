//! Asking for memory before it is needed.

/// Fetches the cache line at `place`, to be read soon. A hint: it neither reads nor writes.
#[inline]
pub fn prefetch<T>(place: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: without effect but on the cache, wherever the pointer leads.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// As [`prefetch`], all lines of an object.
#[inline]
pub fn prefetch_all<T>(place: *const T) {
    const LINE: usize = 64;
    for offset in (0..size_of::<T>()).step_by(LINE) {
        prefetch(place.wrapping_byte_add(offset));
    }
}

/// Fetches the cache line at `place`, to be written soon: other processors lose it.
#[inline]
pub fn prefetch_for_writing<T>(place: *const T) {
    // By its name, as the compiler would give a plain prefetch to processors of which it does not know that
    // they have this one. Those that do not have it take it for no operation.
    #[cfg(all(target_arch = "x86_64", not(loom)))]
    // SAFETY: without effect but on the cache, wherever the pointer leads.
    unsafe {
        std::arch::asm!("prefetchw [{}]", in(reg) place, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(all(target_arch = "x86_64", not(loom))))]
    let _ = place;
}
