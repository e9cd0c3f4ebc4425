//! Who does the I/O of what a thread sends.
//!
//! A single message is written by the thread that sends it, at once, rather than wake another one to do it. When
//! sends come in a row, they are left to the I/O thread, which batches what comes while it is writing. In a *flood*,
//! once that has gone on for long enough, the sending thread takes it over again: it tells the session late, by the
//! time there is enough for a batch, and does the I/O itself, so that nothing has to go from one processor to another
//! and no third thread needs one. Before it waits for anything it delivers what is left; if it stops sending and does
//! something else, the I/O thread finds out soon (`reactor/deferred.rs`).

use super::core::Socket;
use crate::reactor::{ActorId, Delivered, Domain};
use crate::sync;
use smallvec::SmallVec;
use std::cell::{Cell, RefCell};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

thread_local! {
    /// When this thread last woke a connection by a send, unless it has waited for something since.
    static LAST_SEND: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Domains in which it has yet to deliver something.
    static OWING: RefCell<Owing> = const { RefCell::new(Owing { process: 0, domains: SmallVec::new_const() }) };
}

/// What a thread has yet to deliver.
struct Owing {
    /// The process that it is the thread of: a forked child has its parent's domains, and must not touch them.
    process: u32,
    domains: SmallVec<[Weak<Domain>; 2]>,
}

impl Owing {
    fn add(&mut self, domain: &Arc<Domain>) {
        self.domains = self.take();
        self.domains.retain(|known| known.strong_count() > 0);
        if !self.domains.iter().any(|known| known.as_ptr() == Arc::as_ptr(domain)) {
            self.domains.push(Arc::downgrade(domain));
        }
    }

    fn take(&mut self) -> SmallVec<[Weak<Domain>; 2]> {
        let owing = std::mem::take(&mut self.domains);
        let process = sync::forks();
        if std::mem::replace(&mut self.process, process) == process { owing } else { SmallVec::new() }
    }
}

/// A thread whose sends wake connections within this time of each other, without having to wait for
/// anything in between, sends in a row.
const CLOSE_TOGETHER: Duration = Duration::from_micros(20);

/// ... and so does one whose sends between two such wake-ups took no longer than this each.
const QUICK: Duration = Duration::from_micros(1);

/// Parts in a row by which a flood is known.
const FLOOD: u64 = 1000;

/// What is worth delivering: this many bytes, each part counted with so many more for what it costs itself.
const WORTHWHILE: u64 = 64 * 1024;
const PART: u64 = 64;

/// A flood of parts that are larger, on the average, keeps two processors busy with copying.
const LARGE: u64 = 2 * 1024;

/// A high-water mark under which nothing is put off.
const LEAST_HWM: usize = 128;

/// How a socket's sends follow each other.
enum Rhythm {
    Single,
    Row,
    Flood,
}

/// What a socket has sent and not delivered.
#[derive(Default)]
pub(super) struct Delivery {
    /// Parts sent in all, and their bytes.
    parts: u64,
    bytes: u64,
    /// As it was when a connection was last woken.
    woken_at: u64,
    /// As they were when the present row of sends began.
    row_from: (u64, u64),
    /// What is woken is woken by a send; otherwise nothing may follow for which it would wait.
    sends: bool,
    /// Domains with connections that have yet to be told.
    owing: SmallVec<[Arc<Domain>; 1]>,
    /// When to tell them: at so many parts, or bytes with `PART` for each part.
    due_parts: u64,
    due_bytes: u64,
}

impl Delivery {
    fn rhythm(&mut self) -> Rhythm {
        let now = Instant::now();
        let last = LAST_SEND.try_with(|last| last.replace(Some(now))).ok().flatten();
        let between = self.parts - std::mem::replace(&mut self.woken_at, self.parts);
        let quick = QUICK.saturating_mul(between.min(FLOOD) as u32).max(CLOSE_TOGETHER);
        if last.is_none_or(|last| now.duration_since(last) >= quick) {
            self.row_from = (self.parts, self.bytes);
            return Rhythm::Single;
        }
        let (parts, bytes) = (self.parts - self.row_from.0, self.bytes - self.row_from.1);
        if parts >= FLOOD && bytes / parts < LARGE { Rhythm::Flood } else { Rhythm::Row }
    }
}

impl Socket {
    /// Has a session of this socket take what was sent to it; whether that is seen to.
    pub(super) fn hand_over(&mut self, domain: &Arc<Domain>, session: ActorId) -> bool {
        match self.delivery.rhythm() {
            Rhythm::Single => domain.try_turn(|turn| turn.activate(session)).is_some(),
            Rhythm::Row => false,
            Rhythm::Flood => self.delivery.sends && self.may_put_off() && self.put_off(domain, session),
        }
    }

    fn may_put_off(&self) -> bool {
        self.options.send_hwm() == 0 || self.options.send_hwm() >= LEAST_HWM
    }

    fn put_off(&mut self, domain: &Arc<Domain>, session: ActorId) -> bool {
        if !domain.defer(session) {
            return false;
        }
        if self.delivery.owing.is_empty() {
            self.begin_batch();
        }
        if !self.delivery.owing.iter().any(|owing| Arc::ptr_eq(owing, domain)) {
            self.delivery.owing.push(Arc::clone(domain));
        }
        let _ = OWING.try_with(|owing| owing.borrow_mut().add(domain));
        true
    }

    fn begin_batch(&mut self) {
        let hwm = self.options.send_hwm() as u64;
        let delivery = &mut self.delivery;
        delivery.due_parts = if hwm == 0 { u64::MAX } else { delivery.parts + hwm / 2 };
        delivery.due_bytes = delivery.bytes + WORTHWHILE;
    }

    /// As `settle`, after a send.
    #[inline]
    pub(super) fn settle_sent(&mut self) {
        if self.pipes.is_unsettled() {
            self.delivery.sends = true;
            self.settle();
            self.delivery.sends = false;
        }
    }

    /// Counts a part that was sent, and delivers what was put off once it is worth it.
    #[inline]
    pub(super) fn count_sent(&mut self, len: usize) {
        let delivery = &mut self.delivery;
        delivery.parts += 1;
        delivery.bytes += PART + len as u64;
        if !delivery.owing.is_empty() {
            delivery.owing.iter().for_each(|domain| domain.defer_more());
            if delivery.parts >= delivery.due_parts || delivery.bytes >= delivery.due_bytes {
                self.deliver();
            }
        }
    }

    /// Has what was put off delivered, and puts nothing off any more.
    #[inline]
    pub(super) fn settle_deliveries(&mut self) {
        if !self.delivery.owing.is_empty() {
            std::mem::take(&mut self.delivery.owing).iter().for_each(Domain::settle);
        }
    }

    /// Has what was put off delivered now, as there is no room for more; whether there was anything.
    #[cold]
    pub(super) fn make_room(&mut self) -> bool {
        self.begin_batch();
        self.delivery.owing.retain(|domain| match domain.deliver() {
            Delivered::Done => true,
            // Whoever has the turn may not come to it.
            Delivered::Busy => {
                domain.settle();
                false
            }
            Delivered::Settled => false,
        });
        !self.delivery.owing.is_empty()
    }

    /// Delivers what was put off.
    #[cold]
    fn deliver(&mut self) {
        self.begin_batch();
        let mut busy = false;
        self.delivery.owing.retain(|domain| {
            let delivered = domain.deliver();
            busy |= delivered == Delivered::Busy;
            delivered != Delivered::Settled
        });
        if busy {
            // With the next parts, then.
            self.delivery.due_bytes = self.delivery.bytes + WORTHWHILE / 16;
        }
    }
}

/// Notes that this thread has waited for room, which does not interrupt a row of sends.
pub(super) fn note_room() {
    let _ = LAST_SEND.try_with(|last| last.set(last.get().map(|_| Instant::now())));
}

/// Notes that this thread has to wait: its sends are not in a row, and what is left of a flood is delivered.
pub fn note_wait() {
    let _ = LAST_SEND.try_with(|last| last.set(None));
    let owing = OWING.try_with(|owing| owing.borrow_mut().take()).unwrap_or_default();
    for domain in owing {
        if let Some(domain) = domain.upgrade() {
            domain.settle();
        }
    }
}
