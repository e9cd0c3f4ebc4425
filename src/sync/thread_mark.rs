//! Which thread this is.

/// Tells this thread from others that are alive. Never 0. A thread that gets the mark of one that has ended knows
/// what that one did, as it does of all memory that the system gives out again.
#[inline]
pub fn thread_mark() -> usize {
    #[cfg(all(target_arch = "x86_64", target_os = "linux", not(loom)))]
    {
        let pointer;
        // SAFETY: reads the thread pointer, which the ABI has at this place (ELF TLS, variant II).
        unsafe {
            std::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, preserves_flags, readonly))
        };
        pointer
    }
    #[cfg(not(any(loom, all(target_arch = "x86_64", target_os = "linux"))))]
    {
        // Something with an address of its own.
        std::thread_local!(static MARK: u8 = const { 0 });
        MARK.with(|mark| std::ptr::from_ref(mark).addr())
    }
    #[cfg(loom)]
    {
        use std::sync::atomic::{AtomicUsize, Ordering};
        // A model's threads take turns on one of the system's; and what one has freed, another may get
        // without knowing what the first did, so that addresses would not do.
        static MARKS: AtomicUsize = AtomicUsize::new(0);
        loom::thread_local!(static MARK: usize = MARKS.fetch_add(1, Ordering::Relaxed) + 1);
        MARK.with(|mark| *mark)
    }
}

#[cfg(test)]
mod tests {
    use super::thread_mark;

    #[test]
    fn threads_differ() {
        let here = thread_mark();
        let there = std::thread::spawn(thread_mark).join().expect("a thread");
        assert!(here == thread_mark() && here != there && here != 0);
    }
}
