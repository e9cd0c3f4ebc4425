//! A pair of fences of which one costs nothing.
//!
//! Where one thread does something all the time and another one wants to know of it once in a while, both
//! need a fence between what they write and what they then read, or each may miss the other. The system can
//! put that fence into all running threads of the process on behalf of the second one (membarrier(2)), so that
//! the first has to keep nothing but its own compiler from changing the order. A model has the same fence on
//! both sides, which is what that comes to.

#[cfg(not(loom))]
mod chosen {
    use rustix::io::Errno;
    use rustix::thread::{MembarrierCommand, membarrier};
    use std::sync::OnceLock;
    use std::sync::atomic::{Ordering, compiler_fence};
    use std::time::Duration;

    /// For who does it all the time.
    #[inline(always)]
    pub fn light_fence() {
        compiler_fence(Ordering::SeqCst);
    }

    /// Whether there is a [`heavy_fence`]. Without one, the other does not do either.
    pub fn has_heavy_fence() -> bool {
        static REGISTERED: OnceLock<bool> = OnceLock::new();
        // Neither an old kernel nor a sandbox need have it.
        *REGISTERED.get_or_init(|| membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok())
    }

    /// For who does it once in a while: a few microseconds.
    pub fn heavy_fence() {
        let mut fenced = membarrier(MembarrierCommand::PrivateExpedited);
        if fenced == Err(Errno::PERM) {
            // A forked child may have to register itself.
            fenced = membarrier(MembarrierCommand::RegisterPrivateExpedited)
                .and_then(|()| membarrier(MembarrierCommand::PrivateExpedited));
        }
        if fenced.is_err() && membarrier(MembarrierCommand::Global).is_err() {
            // The process has been forbidden the call meanwhile. What is missing is that other processors
            // finish what they have begun to write, and none holds that back for a thousandth as long.
            std::thread::sleep(Duration::from_millis(1));
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
