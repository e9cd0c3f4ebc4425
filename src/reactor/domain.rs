//! An I/O domain: the connections of one socket on one reactor.

use super::Reactor;
use super::lead::Lead;
use super::strangers::Strangers;
use super::timers::Timers;
use crate::error::Result;
use crate::msg::{ReceiveBuffer, Section};
use crate::pipe::Wake;
use crate::sync::{Entry, Leadership, Notify, Signal, boundary};
use crate::sys::epoll::{Epoll, Readiness, TimerFd, WakeFd, Watch};
use crate::sys::report;
use crossbeam_queue::SegQueue;
use parking_lot::Mutex;
use slotmap::{Key, KeyData, SlotMap};
use smallvec::SmallVec;
use std::any::Any;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

slotmap::new_key_type! {
    /// Names an actor of a domain; never reused for another.
    pub struct ActorId;
}

impl ActorId {
    /// As the number in wake-ups and event tokens.
    pub fn to_bits(self) -> u64 {
        self.data().as_ffi()
    }

    pub(super) fn from_bits(bits: u64) -> ActorId {
        KeyData::from_ffi(bits).into()
    }
}

/// Whether an actor goes on after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Lives,
    /// It has ended and is to be dropped.
    Ends,
}

/// Something an actor is told from outside the domain; it knows the type.
pub type Notice = Box<dyn Any + Send>;

/// A listener, a session: owns descriptors and pipes, and is touched only within a turn.
pub trait Actor: Send {
    /// The first call, right after the actor was added.
    fn started(&mut self, turn: &mut Turn) -> Fate;

    /// A descriptor that the actor added became ready (edge-triggered).
    fn ready(&mut self, turn: &mut Turn, readiness: Readiness) -> Fate;

    /// The pipe's peer woke this side.
    fn activated(&mut self, turn: &mut Turn) -> Fate;

    /// Whether what its descriptor is ready for can wait for what others are ready for: nobody whom the
    /// application knows is at the other end.
    fn is_stranger(&self) -> bool {
        false
    }

    /// A timer set by the actor is due.
    fn timer(&mut self, turn: &mut Turn, kind: u8) -> Fate;

    /// A notice has come.
    fn noticed(&mut self, turn: &mut Turn, notice: Notice) -> Fate;

    /// The socket has no use for the actor any more (its endpoint was removed or the socket closed):
    /// it delivers what is queued for at most `linger` (None: without limit) and ends.
    fn dismissed(&mut self, turn: &mut Turn, linger: Option<Duration>) -> Fate;
}

enum Command {
    Activate(ActorId),
    Notice(ActorId, Notice),
    Spawn(Box<dyn Actor>),
}

/// Events of one wait.
pub(super) type Ready = SmallVec<[Readiness; 8]>;

/// Tokens that are no actor's: slot keys have their version in the upper half, never zero.
const WAKE: u64 = 0;
const TIMER: u64 = 1;

/// Rounds in a row before the reactor looks at its other domains.
const ROUNDS: usize = 4;

/// Time that a turn gives to strangers, and one that an application thread waits for.
const FOR_STRANGERS: Duration = Duration::from_micros(200);
const FOR_STRANGERS_AWAITED: Duration = Duration::from_micros(50);

/// Size of the buffer that all connections of a domain read into, unless one asks for more.
const SCRATCH: usize = 128 * 1024;

/// The most that it is worth while to read at a time: no kernel keeps more for a connection.
const LARGEST_SCRATCH: usize = 16 * 1024 * 1024;

/// When work that is put off is done whatever comes.
#[derive(Clone, Copy)]
struct Debt {
    due: Instant,
    /// `more` as it was when that was decided.
    seen: u32,
    /// How often it was put off again since the last delivery.
    graces: u32,
}

/// For how long a thread may leave alone what it has put off. (Setting the timer costs as much as many messages.)
const PATIENCE: Duration = Duration::from_micros(800);

/// Then it is seen whether it becomes more in this time, so often at the most.
const GRACE: Duration = Duration::from_micros(50);
const MOST_GRACES: u32 = 6;

/// What came of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It is done.
    Done,
    /// Somebody else has the turn.
    Busy,
    /// Nothing is put off any more.
    Paid,
}

/// The connections of one socket on one reactor.
pub struct Domain {
    token: u64,
    epoll: Epoll,
    wake: Arc<WakeFd>,
    reactor: Arc<Reactor>,
    /// Whether the reactor waits for this domain or an application thread does.
    pub(super) leadership: Leadership,
    commands: SegQueue<Command>,
    signal: Signal,
    /// Goes on while there is more for actors whose work is put off. Written by the thread that puts off.
    more: AtomicU32,
    /// Whether work is put off, as far as one can tell without the turn.
    defers: AtomicBool,
    /// Whether it was the timer that ended that the last time.
    was_left_alone: AtomicBool,
    state: Mutex<State>,
    /// Called once when the domain is orphaned and its last actor has ended.
    retired: Box<dyn Fn() + Send + Sync>,
}

struct State {
    actors: SlotMap<ActorId, Option<Box<dyn Actor>>>,
    timers: Timers,
    timer_fd: TimerFd,
    /// What the timer descriptor is set to.
    armed: Option<Instant>,
    scratch: Option<ReceiveBuffer>,
    strangers: Strangers,
    /// Actors whose work is put off. Those that count on being activated again, and do not sleep, are among them.
    deferred: Vec<ActorId>,
    debt: Option<Debt>,
    /// The socket is gone.
    orphaned: bool,
    retired: bool,
}

impl Domain {
    /// A domain without actors. `retired` is called when the socket has left it and all its actors
    /// have ended. Errors: `EMFILE`, `ENFILE`, `ENOMEM`.
    pub fn new(reactor: &Arc<Reactor>, retired: Box<dyn Fn() + Send + Sync>) -> Result<Arc<Domain>> {
        let (epoll, wake) = (Epoll::new()?, Arc::new(WakeFd::new()?));
        epoll.add(&*wake, WAKE, Watch::Edge)?;
        let timer_fd = TimerFd::new()?;
        epoll.add(&timer_fd, TIMER, Watch::Edge)?;
        let token = reactor.next_token.fetch_add(1, Ordering::Relaxed);
        let state = State {
            actors: SlotMap::with_key(),
            timers: Timers::default(),
            timer_fd,
            armed: None,
            scratch: None,
            strangers: Strangers::default(),
            deferred: Vec::new(),
            debt: None,
            orphaned: false,
            retired: false,
        };
        let domain = Arc::new(Domain {
            token,
            epoll,
            wake,
            reactor: Arc::clone(reactor),
            leadership: Leadership::new(),
            commands: SegQueue::new(),
            signal: Signal::always_heard(),
            more: AtomicU32::new(0),
            defers: AtomicBool::new(false),
            was_left_alone: AtomicBool::new(false),
            state: Mutex::new(state),
            retired,
        });
        reactor.domains.lock().insert(token, Arc::clone(&domain));
        if let Err(error) = reactor.try_watch(&domain.epoll, token) {
            reactor.domains.lock().remove(&token);
            return Err(error);
        }
        Ok(domain)
    }

    /// The reactor it belongs to.
    pub fn reactor(&self) -> &Arc<Reactor> {
        &self.reactor
    }

    /// Takes the turn, waiting for a round in progress to end.
    pub fn turn<R>(self: &Arc<Self>, work: impl FnOnce(&mut Turn) -> R) -> R {
        let section = Section::begin();
        let result = {
            let mut state = self.state.lock();
            self.use_turn(&mut state, work)
        };
        self.reactor.give_back(section.end());
        result
    }

    /// Takes the turn if nobody has it.
    pub fn try_turn<R>(self: &Arc<Self>, work: impl FnOnce(&mut Turn) -> R) -> Option<R> {
        let section = Section::begin();
        let result = {
            let mut state = self.state.try_lock()?;
            self.use_turn(&mut state, work)
        };
        self.reactor.give_back(section.end());
        Some(result)
    }

    /// Tells an actor something, from any thread.
    pub fn notice(&self, actor: ActorId, notice: Notice) {
        self.post(Command::Notice(actor, notice));
    }

    /// Adds an actor, from any thread.
    pub fn spawn(&self, actor: Box<dyn Actor>) {
        self.post(Command::Spawn(actor));
    }

    /// Puts an actor's work off: it is not activated now, but by [`Domain::deliver`] from time to time, which the
    /// caller sees to until [`Domain::pay_off`], and if it does not, soon. False if somebody else has the turn.
    pub fn defer(self: &Arc<Self>, actor: ActorId) -> bool {
        let deferred = self.try_turn(|turn| turn.defer(actor)).is_some();
        if deferred {
            // Who looks after it otherwise may come too late.
            self.hand_back();
        }
        deferred
    }

    /// Whether something is put off. By the time the caller knows, it may have been done.
    pub fn defers(&self) -> bool {
        self.defers.load(Ordering::Relaxed)
    }

    /// Whether what was put off the last time was left alone for so long that it had to be done.
    pub fn was_left_alone(&self) -> bool {
        self.was_left_alone.load(Ordering::Relaxed)
    }

    /// There is more for the actors whose work is put off.
    #[inline]
    pub fn defer_more(&self) {
        self.more.store(self.more.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    }

    /// Does what was put off, and goes on putting off.
    pub fn deliver(self: &Arc<Self>) -> Delivered {
        match self.try_turn(|turn| turn.deliver()) {
            Some(true) => Delivered::Done,
            Some(false) => Delivered::Paid,
            None => Delivered::Busy,
        }
    }

    /// Does what was put off, and puts nothing off any more; if somebody else has the turn, it is done by whoever
    /// looks after the domain.
    pub fn pay_off(self: &Arc<Self>) {
        if self.try_turn(|turn| turn.pay_off()).is_none() && self.signal.raise() {
            self.call();
        }
    }

    /// Says that the socket has left, and dismisses all actors; the domain retires with the last. In one
    /// turn: a connection that another I/O thread has accepted meanwhile comes before or not at all.
    pub fn orphan(self: &Arc<Self>, linger: Option<Duration>) {
        self.turn(|turn| {
            turn.state.orphaned = true;
            turn.dismiss_all(linger);
        });
    }

    /// Takes the lead, for a thread that is going to wait; None if another thread has it.
    pub fn lead(self: &Arc<Self>) -> Option<Lead> {
        Lead::take(self)
    }

    /// Does what there is to do if nobody waits for the domain at the moment: its leader is away.
    pub fn attend(self: &Arc<Self>) {
        if self.leadership.is_unattended() {
            self.try_turn(|turn| turn.look_and_dispatch());
        }
    }

    /// The reactor waits for the domain again, if its leader is away.
    pub fn hand_back(&self) {
        if self.leadership.revoke() {
            self.take_back();
        }
    }

    // ---- for the leader ----

    pub(super) fn enter(self: &Arc<Self>) -> bool {
        match self.leadership.enter() {
            Entry::Refused => return false,
            Entry::Again => {}
            Entry::Anew => {
                self.reactor.unwatch(&self.epoll);
                self.reactor.look_after(self);
            }
        }
        true
    }

    pub(super) fn leave(self: &Arc<Self>) {
        if self.leadership.leave() {
            self.reactor.look_after(self);
        }
    }

    pub(super) fn listener(&self) -> Arc<dyn Notify> {
        self.wake.clone()
    }

    pub(super) fn epoll_fd(&self) -> BorrowedFd<'_> {
        self.epoll.as_fd()
    }

    pub(super) fn wait(&self, timeout: Option<Duration>, events: &mut Ready) -> Result<usize> {
        self.epoll.wait(timeout, |event| events.push(event))
    }

    pub(super) fn dispatch(self: &Arc<Self>, events: &Ready) {
        self.turn(|turn| {
            turn.is_awaited = true;
            turn.dispatch(events)
        });
    }

    pub(super) fn look_and_dispatch(self: &Arc<Self>) {
        // The leader's own wake-ups are not to be given back, as those that others take are.
        let mut events = Ready::new();
        let _ = self.wait(Some(Duration::ZERO), &mut events);
        self.dispatch(&events);
    }

    // ---- for the reactor ----

    /// Handles the commands that the reactor was called for.
    pub(super) fn obey(self: &Arc<Self>) {
        self.turn(|turn| turn.dispatch(&Ready::new()));
    }

    /// The reactor waits for the domain again, unless it has retired: nobody would look at it then.
    pub(super) fn take_back(&self) {
        let domains = self.reactor.domains.lock();
        if domains.contains_key(&self.token) {
            self.reactor.watch(&self.epoll, self.token);
        }
    }

    /// Lets the reactor wait for the domain; whether it does.
    pub(super) fn is_watched_again(&self) -> bool {
        self.reactor.try_watch(&self.epoll, self.token).is_ok()
    }

    /// One dispatch round of the reactor's thread.
    pub(super) fn round(self: &Arc<Self>) {
        self.turn(|turn| {
            for _ in 0..ROUNDS {
                let any = turn.look_and_dispatch();
                if self.leadership.is_attended() {
                    // What this round took from the leader was given back; it is to find it first.
                    std::thread::yield_now();
                    break;
                }
                if !any {
                    break;
                }
            }
        });
    }

    fn post(&self, command: Command) {
        self.commands.push(command);
        if self.signal.raise() {
            self.call();
        }
    }

    /// Has somebody look at the commands: the leader, if one is there and so may be waiting; otherwise the
    /// reactor, which takes the domain back from a leader that is away.
    fn call(&self) {
        if self.leadership.is_attended() {
            self.wake.signal();
            return;
        }
        self.hand_back();
        self.reactor.call(self.token);
    }

    fn use_turn<R>(self: &Arc<Self>, state: &mut State, work: impl FnOnce(&mut Turn) -> R) -> R {
        let mut turn =
            Turn { domain: self, state, actor: ActorId::default(), is_awaited: false, delivers: false };
        let result = work(&mut turn);
        turn.finish();
        result
    }

    fn retire(&self) {
        {
            let mut domains = self.reactor.domains.lock();
            domains.remove(&self.token);
            self.reactor.unwatch(&self.epoll);
        }
        (self.retired)();
    }
}

impl Wake for Domain {
    fn wake(&self, key: u64) {
        self.post(Command::Activate(ActorId::from_bits(key)));
    }
}

/// The right to touch a domain's actors, and what they can do in it.
pub struct Turn<'a> {
    domain: &'a Arc<Domain>,
    state: &'a mut State,
    /// The actor being called.
    actor: ActorId,
    /// An application thread waits for what this turn brings.
    is_awaited: bool,
    /// Work that was put off is being done, and goes on to be.
    delivers: bool,
}

impl Turn<'_> {
    // ---- for whoever takes the turn ----

    /// Adds an actor and starts it. None if it ended at once.
    pub fn add(&mut self, actor: Box<dyn Actor>) -> Option<ActorId> {
        let id = self.state.actors.insert(Some(actor));
        self.domain.reactor.load.fetch_add(1, Ordering::Relaxed);
        self.call(id, |actor, turn| actor.started(turn));
        self.state.actors.contains_key(id).then_some(id)
    }

    /// Calls an actor's `activated` now.
    pub fn activate(&mut self, id: ActorId) {
        self.call(id, |actor, turn| actor.activated(turn));
    }

    /// Calls an actor's `dismissed`; one that is gone is ignored.
    pub fn dismiss(&mut self, id: ActorId, linger: Option<Duration>) {
        // What the socket has told it before.
        self.handle_commands();
        self.dismiss_now(id, linger);
    }

    fn dismiss_now(&mut self, id: ActorId, linger: Option<Duration>) {
        self.call(id, |actor, turn| actor.dismissed(turn, linger));
    }

    /// Dismisses all actors.
    pub fn dismiss_all(&mut self, linger: Option<Duration>) {
        self.handle_commands();
        let ids: Vec<ActorId> = self.state.actors.keys().collect();
        for id in ids {
            self.dismiss_now(id, linger);
        }
    }

    // ---- for actors ----

    /// The actor being called.
    pub fn id(&self) -> ActorId {
        self.actor
    }

    /// Whether an application thread waits for what this turn brings: it wants something soon, rather than
    /// as much as possible.
    pub fn is_awaited(&self) -> bool {
        self.is_awaited
    }

    /// Whether the actor is activated again without being woken.
    pub fn delivers(&self) -> bool {
        self.delivers
    }

    /// The domain.
    pub fn domain(&self) -> &Arc<Domain> {
        self.domain
    }

    /// Watches a descriptor for the actor being called (edge-triggered, both directions).
    pub fn watch(&mut self, fd: impl AsFd) -> Result<()> {
        self.domain.epoll.add(fd, self.actor.to_bits(), Watch::Edge)
    }

    /// Stops watching a descriptor; closing it has the same effect unless it was duplicated.
    pub fn unwatch(&mut self, fd: impl AsFd) {
        let _ = self.domain.epoll.remove(fd);
    }

    /// Calls the actor's `timer` at `when` or a little later, and not when it was to be called before.
    pub fn set_timer(&mut self, when: Instant, kind: u8) {
        self.state.timers.set(when, self.actor, kind);
    }

    /// Calls the actor again soon, after others had their turn: for one that has more to do than it
    /// should in one go.
    pub fn again(&mut self) {
        self.domain.post(Command::Activate(self.actor));
    }

    /// The buffer to read into, shared by all connections of the domain; empty, and of `least` bytes at least.
    pub fn take_scratch(&mut self, least: usize) -> ReceiveBuffer {
        let least = least.min(LARGEST_SCRATCH);
        let present = self.state.scratch.take().filter(|buffer| buffer.capacity() >= least);
        present.unwrap_or_else(|| ReceiveBuffer::new(SCRATCH.max(least)))
    }

    /// Gives the buffer back, with nothing unread in it.
    pub fn return_scratch(&mut self, buffer: ReceiveBuffer) {
        if buffer.unread().is_empty() {
            self.state.scratch = Some(buffer);
        }
    }

    // ---- dispatch ----

    fn handle_commands(&mut self) -> bool {
        if !self.domain.signal.lower() {
            return false;
        }
        self.pay_off();
        // Only those that are here now: an actor may post more while it is called.
        for _ in 0..self.domain.commands.len() {
            match self.domain.commands.pop() {
                Some(Command::Activate(id)) => self.activate(id),
                Some(Command::Notice(id, notice)) => self.call(id, |actor, turn| actor.noticed(turn, notice)),
                // The socket has left, and dismissed everything that was there.
                Some(Command::Spawn(_)) if self.state.orphaned => {}
                Some(Command::Spawn(actor)) => {
                    self.add(actor);
                }
                None => break,
            }
        }
        if !self.domain.commands.is_empty() && self.domain.signal.raise() {
            self.domain.call();
        }
        true
    }

    fn defer(&mut self, id: ActorId) {
        self.domain.defers.store(true, Ordering::Relaxed);
        self.domain.was_left_alone.store(false, Ordering::Relaxed);
        if !self.state.deferred.contains(&id) {
            self.state.deferred.push(id);
        }
        self.postpone();
    }

    /// Activates those whose work is put off, who count on being activated again. False if nothing is put off.
    fn deliver(&mut self) -> bool {
        if self.state.deferred.is_empty() {
            return false;
        }
        self.delivers = true;
        let deferred = std::mem::take(&mut self.state.deferred);
        deferred.iter().for_each(|id| self.activate(*id));
        self.delivers = false;
        // Whoever floods may go on for long, and peers come and go meanwhile.
        self.state.deferred = deferred;
        self.state.deferred.retain(|id| self.state.actors.contains_key(*id));
        self.postpone();
        true
    }

    /// Sets the time at which what is put off will be done, unless that is far enough away: it costs a system call.
    fn postpone(&mut self) {
        let (now, seen) = (Instant::now(), self.domain.more.load(Ordering::Relaxed));
        let due = self.state.debt.map(|debt| debt.due).filter(|due| *due > now + PATIENCE / 2);
        self.state.debt = Some(Debt { due: due.unwrap_or(now + PATIENCE), seen, graces: 0 });
    }

    /// As `deliver`, for the last time.
    fn pay_off(&mut self) {
        self.domain.defers.store(false, Ordering::Relaxed);
        self.state.debt = None;
        for id in std::mem::take(&mut self.state.deferred) {
            self.activate(id);
        }
    }

    /// Pays off what the thread that puts off has left alone.
    fn pay_if_due(&mut self) -> bool {
        let Some(debt) = self.state.debt else { return false };
        let now = Instant::now();
        if now < debt.due {
            return false;
        }
        let seen = self.domain.more.load(Ordering::Relaxed);
        if seen != debt.seen && debt.graces < MOST_GRACES {
            self.state.debt = Some(Debt { due: now + GRACE, seen, graces: debt.graces + 1 });
            return false;
        }
        self.domain.was_left_alone.store(true, Ordering::Relaxed);
        self.pay_off();
        true
    }

    /// Sees what is ready, without waiting, and does it; whether there was anything. A leader may have
    /// come meanwhile and be waiting: a wake-up that was meant for it, by its socket's mailbox, is given
    /// back.
    fn look_and_dispatch(&mut self) -> bool {
        let mut events = Ready::new();
        let _ = self.domain.wait(Some(Duration::ZERO), &mut events);
        let any = self.dispatch(&events);
        if events.iter().any(|event| event.token == WAKE) && self.domain.leadership.is_attended() {
            self.domain.wake.signal();
        }
        any
    }

    /// Does what these events, found by a wait, say, and what else there is. After the wait, never
    /// before it: the wake-up that it may have taken is for commands that are handled here.
    fn dispatch(&mut self, events: &Ready) -> bool {
        let commands = self.handle_commands();
        for event in events {
            if event.token == WAKE || event.token == TIMER {
                continue;
            }
            let actor = self.state.actors.get(ActorId::from_bits(event.token));
            if actor.is_some_and(|actor| actor.as_ref().is_some_and(|actor| actor.is_stranger())) {
                self.state.strangers.add(*event);
            } else {
                self.ready(*event);
            }
        }
        if !self.state.strangers.is_empty() {
            self.attend_to_strangers();
        }
        self.handle_timers() || commands || !events.is_empty()
    }

    fn ready(&mut self, event: Readiness) {
        self.call(ActorId::from_bits(event.token), |actor, turn| actor.ready(turn, event));
    }

    /// Does what strangers are ready for, for a while; the rest is for the next turn. Those who only keep the
    /// domain busy so do not keep it from others.
    #[cold]
    fn attend_to_strangers(&mut self) {
        let time = if self.is_awaited { FOR_STRANGERS_AWAITED } else { FOR_STRANGERS };
        let end = Instant::now() + time;
        while let Some(event) = self.state.strangers.take() {
            self.ready(event);
            if Instant::now() >= end {
                break;
            }
        }
        if !self.state.strangers.is_empty() && self.domain.signal.raise() {
            self.domain.call();
        }
    }

    fn handle_timers(&mut self) -> bool {
        let mut any = self.pay_if_due();
        if self.state.timers.next().is_none() {
            return any;
        }
        let now = Instant::now();
        while let Some((id, kind)) = self.state.timers.take_due(now) {
            self.call(id, |actor, turn| actor.timer(turn, kind));
            any = true;
        }
        any
    }

    /// Calls an actor, taken out of its slot so that it can use the turn. A panic in it, or in dropping it, is a
    /// bug of ours that costs this actor: it is dropped, which closes its descriptor and pipe.
    fn call(&mut self, id: ActorId, work: impl FnOnce(&mut dyn Actor, &mut Turn) -> Fate) {
        let Some(mut actor) = self.state.actors.get_mut(id).and_then(Option::take) else { return };
        let caller = std::mem::replace(&mut self.actor, id);
        let fate = boundary(|| work(&mut *actor, self));
        self.actor = caller;
        if fate == Some(Fate::Lives)
            && let Some(slot) = self.state.actors.get_mut(id)
        {
            *slot = Some(actor);
            return;
        }
        let dropped = boundary(|| drop(actor));
        if fate.is_none() || dropped.is_none() {
            report(format_args!("a connection was dropped because of a bug (panic above)"));
        }
        if self.state.actors.remove(id).is_some() {
            self.state.timers.forget(id);
            self.domain.reactor.load.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Leaves the domain as whoever waits for it must find it: the timer set to the next deadline;
    /// retired if nothing is left to do.
    fn finish(&mut self) {
        let debt = self.state.debt.map(|debt| debt.due);
        let next = self.state.timers.next().into_iter().chain(debt).min();
        if next != self.state.armed {
            self.arm(next);
        }
        if self.state.orphaned && self.state.actors.is_empty() && !self.state.retired {
            self.state.retired = true;
            self.domain.retire();
        }
    }

    fn arm(&mut self, next: Option<Instant>) {
        if self.state.timer_fd.set(next).is_ok() {
            self.state.armed = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics where it is told to. Notes each activation, and whether it will be activated again anyhow, and ends with
    /// the last one.
    struct Puppet {
        fate: Option<Fate>,
        dropped: bool,
        activations: Arc<Mutex<Vec<bool>>>,
        most: usize,
    }

    impl Actor for Puppet {
        fn started(&mut self, _turn: &mut Turn) -> Fate {
            self.fate.expect("meant")
        }
        fn ready(&mut self, _turn: &mut Turn, _readiness: Readiness) -> Fate {
            Fate::Lives
        }
        fn activated(&mut self, turn: &mut Turn) -> Fate {
            let mut activations = self.activations.lock();
            activations.push(turn.delivers());
            if activations.len() < self.most { Fate::Lives } else { Fate::Ends }
        }
        fn timer(&mut self, _turn: &mut Turn, _kind: u8) -> Fate {
            Fate::Lives
        }
        fn noticed(&mut self, _turn: &mut Turn, _notice: Notice) -> Fate {
            Fate::Lives
        }
        fn dismissed(&mut self, _turn: &mut Turn, _linger: Option<Duration>) -> Fate {
            Fate::Ends
        }
    }

    impl Drop for Puppet {
        fn drop(&mut self) {
            assert!(!self.dropped, "meant");
        }
    }

    #[test]
    fn a_panic_costs_the_actor_alone() {
        let reactor = Reactor::new().expect("descriptors");
        let domain = Domain::new(&reactor, Box::new(|| ())).expect("descriptors");
        let add = |fate, dropped| {
            domain.turn(|turn| {
                turn.add(Box::new(Puppet { fate, dropped, activations: Arc::default(), most: 1 }))
            })
        };
        let sound = add(Some(Fate::Lives), false).expect("lives");
        for (fate, dropped) in [(None, false), (None, true), (Some(Fate::Ends), true)] {
            assert_eq!(add(fate, dropped), None);
        }
        let late = add(Some(Fate::Lives), true).expect("lives");
        assert_eq!(reactor.load(), 2);
        domain.turn(|turn| [sound, late].into_iter().for_each(|actor| turn.activate(actor)));
        assert_eq!(reactor.load(), 0);
        domain.orphan(None);
    }

    fn diligent(activations: &Arc<Mutex<Vec<bool>>>) -> Box<Puppet> {
        let activations = Arc::clone(activations);
        Box::new(Puppet { fate: Some(Fate::Lives), dropped: true, activations, most: 3 })
    }

    #[test]
    fn what_is_put_off_is_done_when_it_is_asked_for_and_in_the_end() {
        let reactor = Reactor::new().expect("descriptors");
        let domain = Domain::new(&reactor, Box::new(|| ())).expect("descriptors");
        let noted = [(); 2].map(|()| Arc::default());
        let add = |noted| domain.turn(|turn| turn.add(diligent(noted)));
        let actors = noted.each_ref().map(|noted| add(noted).expect("lives"));
        assert_eq!(domain.deliver(), Delivered::Paid, "nothing is put off");
        assert!(domain.defer(actors[0]) && domain.defer(actors[0]) && domain.defers());
        domain.turn(|_| assert_eq!(domain.deliver(), Delivered::Busy));
        assert_eq!(domain.deliver(), Delivered::Done);
        assert!(domain.defer(actors[1]));
        assert_eq!(domain.deliver(), Delivered::Done);
        domain.pay_off();
        assert_eq!(*noted[0].lock(), [true, true, false]);
        assert_eq!(*noted[1].lock(), [true, false]);
        assert!(!domain.defers() && !domain.was_left_alone());
        assert_eq!((domain.deliver(), reactor.load()), (Delivered::Paid, 1));

        // Whoever has the turn does it with the next commands.
        assert!(domain.defer(actors[1]));
        domain.turn(|_| domain.pay_off());
        domain.obey();
        assert_eq!((noted[1].lock().len(), reactor.load()), (3, 0));
        domain.orphan(None);
    }

    #[test]
    fn what_is_put_off_and_left_alone_is_due_before_long() {
        let reactor = Reactor::new().expect("descriptors");
        let domain = Domain::new(&reactor, Box::new(|| ())).expect("descriptors");
        let noted = Arc::default();
        let actor = domain.turn(|turn| turn.add(diligent(&noted))).expect("lives");
        assert!(domain.defer(actor));
        domain.defer_more();
        while noted.lock().is_empty() {
            let mut events = Ready::new();
            domain.wait(None, &mut events).expect("the timer");
            domain.dispatch(&events);
        }
        assert_eq!(*noted.lock(), [false]);
        assert!(domain.was_left_alone() && !domain.defers());
        domain.orphan(None);
    }
}
