//! What threads share: the lane between two ends of a pipe, the credit that limits it, the event a
//! thread sleeps on, and the table behind C's handles.
//!
//! This is the only place besides `msg`, `sys` and the C interface with unsafe code. The lane, the
//! credit, the event, the leadership, the biased lock, the mailbox's signal and the gate are modelled with loom
//! (`tests/loom`, which says what the models do not show).

mod addresses;
mod asymmetric;
mod atomics;
mod biased_lock;
mod boundary;
mod counters;
mod credit;
mod event;
mod gate;
mod lane;
mod leadership;
mod prefetch;
mod process_lock;
mod segments;
mod signal;
mod spin;
mod table;
mod thread_mark;

pub use biased_lock::{BiasedGuard, BiasedLock};
pub use boundary::boundary;
pub use counters::Counters;
pub use credit::Credit;
pub use event::{Deadline, Event, Notify};
pub use gate::{Change, GATE, Gate};
pub use lane::{Draft, InPlace, Reader, Relocate, Writer, lane};
pub use leadership::{Entry, Leadership, Tick};
pub use prefetch::{prefetch, prefetch_all};
pub use process_lock::{Locked, ProcessLock};
pub use segments::segment_of;
pub use signal::Signal;
pub use spin::Look;
pub use table::{Guard, Handle, Table, forks, note_fork};
pub use thread_mark::thread_mark;
