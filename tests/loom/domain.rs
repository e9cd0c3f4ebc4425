//! How commands and wake-ups reach a domain that the reactor and a leader both may look at: `reactor`
//! around the signal and the leadership, with the domain's epoll as a value in a mutex. Its only
//! descriptor here is the wake-up, edge-triggered: whoever looks at it takes the event away.

use super::bounded;
use ferrozmq::sync::{Entry, Leadership, Signal};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

struct Domain {
    epoll: Epoll,
    signal: Signal,
    leadership: Leadership,
    commands: Mutex<Vec<Command>>,
    /// Held for a dispatch round.
    turn: Mutex<()>,
    handled: AtomicUsize,
}

enum Command {
    Plain,
    /// Has something to say to the socket.
    Tell(Arc<Mailbox>),
}

/// A socket's mailbox, of which only the signal matters; its listener is the domain's wake-up.
struct Mailbox {
    signal: Signal,
    domain: Arc<Domain>,
}

/// Why the reactor's wait ended.
enum Cause {
    Call,
    Ready,
    Stop,
}

#[derive(Default)]
struct Epoll {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    ready: bool,
    /// The reactor does not wait for it.
    off: bool,
    /// The reactor has been called for commands.
    called: bool,
    /// The reactor is to end.
    stopping: bool,
}

impl Epoll {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("no panics"));
        self.changed.notify_all();
    }

    /// epoll_wait without a time limit: takes the event.
    fn wait(&self) {
        let mut state = self.state.lock().expect("no panics");
        while !state.ready {
            state = self.changed.wait(state).expect("no panics");
        }
        state.ready = false;
    }

    /// epoll_wait that does not wait.
    fn look(&self) -> bool {
        std::mem::take(&mut self.state.lock().expect("no panics").ready)
    }

    /// The reactor's wait: for calls, and for the epoll itself, level-triggered.
    fn wait_from_outside(&self) -> Cause {
        let mut state = self.state.lock().expect("no panics");
        loop {
            if state.stopping {
                return Cause::Stop;
            }
            if std::mem::take(&mut state.called) {
                return Cause::Call;
            }
            if state.ready && !state.off {
                return Cause::Ready;
            }
            state = self.changed.wait(state).expect("no panics");
        }
    }
}

impl Domain {
    fn new() -> Arc<Domain> {
        Arc::new(Domain {
            epoll: Epoll::default(),
            signal: Signal::always_heard(),
            leadership: Leadership::new(),
            commands: Mutex::default(),
            turn: Mutex::default(),
            handled: AtomicUsize::new(0),
        })
    }

    fn wake(&self) {
        self.epoll.change(|state| state.ready = true);
    }

    fn post(&self, command: Command) {
        self.commands.lock().expect("no panics").push(command);
        if self.signal.raise() {
            self.call();
        }
    }

    fn call(&self) {
        if self.leadership.is_attended() {
            return self.wake();
        }
        if self.leadership.revoke() {
            self.epoll.change(|state| state.off = false);
        }
        self.epoll.change(|state| state.called = true);
    }

    /// Handles the commands that are here now; after the wait that found the events, never before.
    fn dispatch(&self) {
        if !self.signal.lower() {
            return;
        }
        let count = self.commands.lock().expect("no panics").len();
        for _ in 0..count {
            let command = self.commands.lock().expect("no panics").pop();
            if let Some(Command::Tell(mailbox)) = command {
                mailbox.post();
            }
            self.handled.fetch_add(1, Ordering::SeqCst);
        }
        if !self.commands.lock().expect("no panics").is_empty() && self.signal.raise() {
            self.call();
        }
    }

    /// As the reactor's thread, and application threads for a domain that is left alone, do it.
    fn look_and_dispatch(&self) -> bool {
        let woken = self.epoll.look();
        self.dispatch();
        if woken && self.leadership.is_attended() {
            self.wake();
        }
        woken
    }

    fn round(&self) {
        let _turn = self.turn.lock();
        for _ in 0..2 {
            let any = self.look_and_dispatch();
            if self.leadership.is_attended() {
                thread::yield_now();
                break;
            }
            if !any {
                break;
            }
        }
    }

    /// One wait of the reactor and what it does then. False when it is to end.
    fn react(&self) -> bool {
        match self.epoll.wait_from_outside() {
            Cause::Stop => return false,
            Cause::Ready => self.round(),
            Cause::Call => {
                let _turn = self.turn.lock();
                self.dispatch();
            }
        }
        true
    }

    fn run_reactor(domain: Arc<Domain>) -> thread::JoinHandle<()> {
        thread::spawn(move || while domain.react() {})
    }

    fn enter(&self) -> bool {
        let entry = self.leadership.enter();
        if entry == Entry::Anew {
            self.epoll.change(|state| state.off = true);
        }
        entry != Entry::Refused
    }

    /// A leader's call that waits for something in the mailbox.
    fn lead_until_told(&self, mailbox: &Mailbox) {
        while !mailbox.signal.is_raised() {
            assert!(self.enter());
            if !mailbox.signal.listen() {
                self.epoll.wait();
            }
            mailbox.signal.unlisten();
            let turn = self.turn.lock();
            self.dispatch();
            drop(turn);
            let _ = self.leadership.leave();
        }
    }
}

impl Mailbox {
    fn new(domain: &Arc<Domain>) -> Arc<Mailbox> {
        Arc::new(Mailbox { signal: Signal::new(), domain: Arc::clone(domain) })
    }

    fn post(&self) {
        if self.signal.raise() {
            self.domain.wake();
        }
    }
}

#[test]
fn the_reactor_handles_every_command() {
    bounded(3, || {
        let domain = Domain::new();
        let poster = thread::spawn({
            let domain = Arc::clone(&domain);
            move || {
                domain.post(Command::Plain);
                domain.post(Command::Plain);
            }
        });
        while domain.handled.load(Ordering::SeqCst) < 2 {
            assert!(domain.react());
        }
        poster.join().expect("poster");
    });
}

/// A round of another thread is under way, with nothing of its own to do, while the leader waits for
/// something that comes from elsewhere.
#[test]
fn a_leader_is_told_although_the_reactor_takes_the_wake_up() {
    bounded(3, || {
        let domain = Domain::new();
        let mailbox = Mailbox::new(&domain);
        let reactor = thread::spawn({
            let domain = Arc::clone(&domain);
            move || domain.round()
        });
        let poster = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || mailbox.post()
        });
        domain.lead_until_told(&mailbox);
        reactor.join().expect("reactor");
        poster.join().expect("poster");
    });
}

/// The round of the reactor itself has something to say to the leader's socket.
#[test]
fn a_leader_is_told_what_the_reactor_finds() {
    bounded(3, || {
        let domain = Domain::new();
        let mailbox = Mailbox::new(&domain);
        domain.post(Command::Tell(Arc::clone(&mailbox)));
        let reactor = Domain::run_reactor(Arc::clone(&domain));
        domain.lead_until_told(&mailbox);
        domain.epoll.change(|state| state.stopping = true);
        reactor.join().expect("reactor");
        // The command holds what holds the domain, if nobody came to handle it.
        assert_eq!(domain.handled.load(Ordering::SeqCst), 1);
    });
}
