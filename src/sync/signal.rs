//! The word beside a queue of commands: whether some have come, and whether anybody is to be told.
//!
//! A poster queues its command first and raises the signal then; the home lowers the signal first and
//! takes commands then. So a command is either taken in this pass or raises the signal again, and the
//! home is told once for all the commands that come between two passes.
//!
//! Who waits for the signal looks at it last: one that waits on a list of listeners calls
//! [`Signal::listen`] after it has put itself on the list; one that waits for a descriptor takes
//! what the descriptor says before it lowers the signal, never after.

use super::atomics::{AtomicU32, Ordering};

/// Commands have come since the home last looked.
const PENDING: u32 = 1;
/// There are listeners to be told.
const HEARD: u32 = 2;

/// The state of a queue of commands.
#[derive(Debug, Default)]
pub struct Signal(AtomicU32);

impl Signal {
    /// Nothing has come, and nobody listens.
    pub fn new() -> Signal {
        Signal::default()
    }

    /// For a queue whose home is always told.
    pub fn always_heard() -> Signal {
        Signal(AtomicU32::new(HEARD))
    }

    /// For a poster, after it has queued a command. True when the listeners have to be told.
    #[must_use = "listeners have to be told"]
    pub fn raise(&self) -> bool {
        // Release: whoever sees PENDING sees the command. Acquire: see `listen`.
        self.0.fetch_or(PENDING, Ordering::AcqRel) & (PENDING | HEARD) == HEARD
    }

    /// For the home, before it takes commands: from now on a new command tells the listeners again.
    /// Whether any have come.
    pub fn lower(&self) -> bool {
        self.0.fetch_and(!PENDING, Ordering::AcqRel) & PENDING != 0
    }

    /// Whether commands have come since the signal was last lowered.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire) & PENDING != 0
    }

    /// Whether there are listeners.
    pub fn is_heard(&self) -> bool {
        self.0.load(Ordering::Acquire) & HEARD != 0
    }

    /// There is a listener from now on. True when commands are pending already, of which it will not be
    /// told: the fetch-and-or here and in `raise` are ordered, so either the poster sees the listener
    /// or this call sees the command.
    #[must_use = "pending commands are not notified"]
    pub fn listen(&self) -> bool {
        self.0.fetch_or(HEARD, Ordering::AcqRel) & PENDING != 0
    }

    /// The last listener is gone. To be called in the same critical section as `listen`.
    pub fn unlisten(&self) {
        self.0.fetch_and(!HEARD, Ordering::AcqRel);
    }
}
