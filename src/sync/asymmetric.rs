//! A pair of fences of which one costs nothing.
//!
//! Where one thread does something all the time and another one wants to know of it once in a while, both
//! need a fence between what they write and what they then read, or each may miss the other. The system can
//! put that fence into all running threads of the process on behalf of the second one (membarrier(2)), so that
//! the first has to keep nothing but its own compiler from changing the order.
//!
//! A model has a fence of the processor on both sides. That is more than the light one is: here it
//! orders nothing else, and what is to be seen by others is written with `Release`, which models do not miss.

#[cfg(not(loom))]
mod chosen {
    use rustix::io::Errno;
    use rustix::thread::{MembarrierCommand, MembarrierQuery, membarrier, membarrier_query};
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::sync::atomic::{AtomicU8, Ordering, compiler_fence};
    use std::time::Duration;

    const UNKNOWN: u8 = 0;
    const THERE: u8 = 1;
    const MISSING: u8 = 2;

    /// Nothing that is waited for: a child may be forked off while it is found out.
    static HEAVY: AtomicU8 = AtomicU8::new(UNKNOWN);

    /// For who does it all the time.
    #[inline(always)]
    pub fn light_fence() {
        compiler_fence(Ordering::SeqCst);
    }

    /// Whether there is a [`heavy_fence`]. Without one, the other does not do either.
    pub fn has_heavy_fence() -> bool {
        match HEAVY.load(Ordering::Relaxed) {
            UNKNOWN => look_for_it(),
            known => known == THERE,
        }
    }

    /// Neither an old kernel nor a sandbox need have it.
    #[cold]
    fn look_for_it() -> bool {
        let there = membarrier_query().contains(MembarrierQuery::PRIVATE_EXPEDITED);
        HEAVY.store(if there { THERE } else { MISSING }, Ordering::Relaxed);
        // To be registered takes no time as long as there is but one thread (a directory has two links more than
        // directories in it), and some milliseconds later: then not before it is needed.
        if there && fs::metadata("/proc/self/task").is_ok_and(|tasks| tasks.nlink() == 3) {
            let _ = membarrier(MembarrierCommand::RegisterPrivateExpedited);
        }
        there
    }

    /// For who does it once in a while: a few microseconds.
    pub fn heavy_fence() {
        let mut fenced = membarrier(MembarrierCommand::PrivateExpedited);
        if fenced == Err(Errno::PERM) {
            // Not registered.
            fenced = membarrier(MembarrierCommand::RegisterPrivateExpedited)
                .and_then(|()| membarrier(MembarrierCommand::PrivateExpedited));
        }
        if fenced.is_err() {
            // The process has been forbidden the call meanwhile. What is begun has to be ended.
            HEAVY.store(MISSING, Ordering::Relaxed);
            if membarrier(MembarrierCommand::Global).is_err() {
                // What is missing is that other processors finish what they have begun to write, and none holds
                // that back for a thousandth as long.
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

#[cfg(loom)]
mod chosen {
    use loom::sync::atomic::{Ordering, fence};

    pub fn light_fence() {
        fence(Ordering::SeqCst);
    }

    pub fn has_heavy_fence() -> bool {
        true
    }

    pub fn heavy_fence() {
        fence(Ordering::SeqCst);
    }
}

pub(super) use chosen::*;
