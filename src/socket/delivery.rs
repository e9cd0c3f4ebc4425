//! Who does the I/O of what a thread sends.
//!
//! A single message is written by the thread that sends it, at once, rather than wake another one to do it. When
//! sends come in a row, they are left to the I/O thread, which batches what comes while it is writing. In a *flood*,
//! once that has gone on for long enough, the sending thread takes it over again: it tells the session late, by the
//! time there is enough for a batch, and does the I/O itself, so that nothing has to go from one processor to another
//! and no third thread needs one. Before it waits for anything it delivers what is left; if it stops sending and does
//! something else, the domain's timer ends that soon (`reactor/domain.rs`).

use super::core::Socket;
use crate::pattern::PipeId;
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

/// ... and so does one that has sent a part in this time, on the average, between two such wake-ups.
const QUICK: Duration = Duration::from_micros(1);

/// Parts in a row by which a flood is known, if there was one in this time, on the average: so many at first.
const FLOOD: u64 = 1000;
const PACE: Duration = Duration::from_micros(4);

/// A flood of fewer parts, after which the thread stopped and did not say so, was none: the last ones came late for
/// nothing. It takes so many times as many parts until the next one is believed.
const WORTH_LATENESS: u64 = 20_000;
const DOUBT: u64 = 4;
const MOST_DOUBT: u64 = 1 << 30;

/// What is worth delivering: this many bytes, each part counted with so many more for what it costs itself.
const WORTHWHILE: u64 = 64 * 1024;
const PART: u64 = 64;

/// A flood of parts that are larger, on the average, keeps two processors busy with copying.
const LARGE: u64 = 2 * 1024;

/// A limit of a pipe, in messages, under which nothing is put off.
const LEAST_LIMIT: u64 = 128;

/// More connections than this are left to the I/O thread: a batch would be divided among them.
const MOST_CONNECTIONS: usize = 8;

/// How a socket's sends follow each other.
enum Rhythm {
    Single,
    Row,
    Flood,
}

/// What a socket has sent and not delivered.
#[derive(Default)]
pub(super) struct Delivery {
    /// Parts sent in all, and their bytes, each part with `PART` more.
    parts: u64,
    bytes: u64,
    /// Parts when a connection was last woken.
    woken_at: u64,
    /// When the present row of sends began, and what had been sent then.
    row_began: Option<Instant>,
    row_from: (u64, u64),
    /// How many parts more than `FLOOD` it takes, and parts sent when the present flood began.
    doubt: u64,
    flood_from: u64,
    /// A send is being settled; otherwise nothing may follow for which what is woken would wait.
    sends: bool,
    /// Domains with connections that have yet to be told.
    owing: SmallVec<[Arc<Domain>; 1]>,
    /// The least limit of their pipes, in messages.
    limit: u64,
    /// When to tell them.
    due_parts: u64,
    due_bytes: u64,
}

impl Delivery {
    fn rhythm(&mut self) -> Rhythm {
        let now = Instant::now();
        let last = LAST_SEND.try_with(|last| last.replace(Some(now))).ok().flatten();
        let between = self.parts - std::mem::replace(&mut self.woken_at, self.parts);
        let quick = at_pace(QUICK, between).max(CLOSE_TOGETHER);
        let Some(began) =
            self.row_began.filter(|_| last.is_some_and(|last| now.duration_since(last) < quick))
        else {
            (self.row_began, self.row_from) = (Some(now), (self.parts, self.bytes));
            return Rhythm::Single;
        };
        let (parts, bytes) = (self.parts - self.row_from.0, self.bytes - self.row_from.1);
        let is_flood = parts >= FLOOD + self.doubt
            && bytes / parts < LARGE
            && now.duration_since(began) < at_pace(PACE, parts);
        if is_flood { Rhythm::Flood } else { Rhythm::Row }
    }

    /// What was put off in this domain has been done, and nothing is put off there any more.
    fn note_end(&mut self, domain: &Arc<Domain>) {
        self.owing.retain(|owing| !Arc::ptr_eq(owing, domain));
        if self.parts - self.flood_from >= WORTH_LATENESS {
            self.doubt /= DOUBT;
        } else if domain.was_left_alone() {
            self.doubt = MOST_DOUBT.min((FLOOD + self.doubt) * DOUBT);
        }
        if domain.was_left_alone() {
            self.row_began = None;
        }
    }

    fn begin_batch(&mut self) {
        self.due_parts = self.parts.saturating_add(self.limit / 2);
        self.due_bytes = self.bytes + WORTHWHILE;
    }
}

fn at_pace(each: Duration, parts: u64) -> Duration {
    each.saturating_mul(u32::try_from(parts).unwrap_or(u32::MAX))
}

impl Socket {
    /// Has the session behind a pipe take what was sent to it; whether that is seen to.
    pub(super) fn hand_over(&mut self, pipe: PipeId, domain: &Arc<Domain>, session: ActorId) -> bool {
        if !domain.defers() && self.delivery.owing.iter().any(|owing| Arc::ptr_eq(owing, domain)) {
            self.delivery.note_end(domain);
        }
        match self.delivery.rhythm() {
            Rhythm::Single => domain.try_turn(|turn| turn.activate(session)).is_some(),
            Rhythm::Flood if self.delivery.sends => self.put_off(pipe, domain, session),
            Rhythm::Row | Rhythm::Flood => false,
        }
    }

    fn put_off(&mut self, pipe: PipeId, domain: &Arc<Domain>, session: ActorId) -> bool {
        let limit = match self.pipes.get_mut(pipe).map(|pipe| pipe.limit()) {
            None | Some(1..LEAST_LIMIT) => return false,
            Some(0) => u64::MAX,
            Some(limit) => limit,
        };
        if self.pipes.len() > MOST_CONNECTIONS || !domain.defer(session) {
            return false;
        }
        let delivery = &mut self.delivery;
        if delivery.owing.is_empty() {
            delivery.limit = limit;
            delivery.flood_from = delivery.parts;
            delivery.begin_batch();
        } else if limit < delivery.limit {
            delivery.limit = limit;
            delivery.due_parts = delivery.due_parts.min(delivery.parts + limit / 2);
        }
        if !delivery.owing.iter().any(|owing| Arc::ptr_eq(owing, domain)) {
            delivery.owing.push(Arc::clone(domain));
        }
        let _ = OWING.try_with(|owing| owing.borrow_mut().add(domain));
        true
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

    /// Delivers what was put off.
    #[cold]
    fn deliver(&mut self) {
        let delivery = &mut self.delivery;
        // A pipe that is full loses messages, with some types of sockets.
        let urgent = delivery.parts >= delivery.due_parts;
        let mut busy = false;
        delivery.owing.retain(|domain| match domain.deliver() {
            Delivered::Done => true,
            Delivered::Paid => false,
            Delivered::Busy if urgent => {
                domain.pay_off();
                false
            }
            Delivered::Busy => {
                busy = true;
                true
            }
        });
        if busy {
            // With the next parts, then.
            delivery.due_bytes = delivery.bytes + WORTHWHILE / 16;
        } else {
            delivery.begin_batch();
        }
    }

    /// Has what was put off delivered now, as there is no room for more; whether there was anything.
    #[inline]
    pub(super) fn make_room(&mut self) -> bool {
        if self.delivery.owing.is_empty() {
            return false;
        }
        self.delivery.due_parts = self.delivery.parts;
        self.deliver();
        true
    }

    /// Has what was put off delivered, and puts nothing off any more.
    #[inline]
    pub(super) fn pay_off(&mut self) {
        if !self.delivery.owing.is_empty() {
            std::mem::take(&mut self.delivery.owing).iter().for_each(Domain::pay_off);
        }
    }

    /// As `note_wait`, for a thread that waits for room in this socket, which does not interrupt a row of sends.
    pub(super) fn note_wait_for_room(&self) {
        pay_off(|domain| self.delivery.owing.iter().any(|owing| Arc::ptr_eq(owing, domain)));
    }
}

/// Notes that this thread has found room after a wait, which does not count.
pub(super) fn note_room() {
    let _ = LAST_SEND.try_with(|last| last.set(last.get().map(|_| Instant::now())));
}

/// Notes that this thread has to wait: its sends are not in a row, and what is left of a flood is delivered.
pub fn note_wait() {
    let _ = LAST_SEND.try_with(|last| last.set(None));
    pay_off(|_| false);
}

/// Has what this thread owes delivered, but for some domains.
fn pay_off(but: impl Fn(&Arc<Domain>) -> bool) {
    let owing = OWING.try_with(|owing| owing.borrow_mut().take()).unwrap_or_default();
    for domain in owing.iter().filter_map(Weak::upgrade) {
        if but(&domain) {
            let _ = OWING.try_with(|owing| owing.borrow_mut().add(&domain));
        } else {
            domain.pay_off();
        }
    }
}
