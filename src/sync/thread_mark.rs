//! Which thread this is.

/// Tells this thread from others that are alive. Never 0.
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
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux", not(loom))))]
    {
        // Something with an address of its own. A model's threads take turns on one of the system's.
        #[cfg(not(loom))]
        std::thread_local!(static MARK: u8 = const { 0 });
        #[cfg(loom)]
        loom::thread_local!(static MARK: u8 = 0);
        MARK.with(|mark| std::ptr::from_ref(mark).addr())
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
