//! A socket of a registered set, and a thread that waits for the set, as `poller::registry` does it: a command
//! for the socket marks its entry, and the marks wake the thread.

use super::bounded;
use super::signal::Mailbox;
use ferrozmq::sync::{Deadline, Event, Signal};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// A socket that is registered in a set.
struct Socket {
    commands: Mutex<usize>,
    signal: Signal,
    mark: Signal,
    set: Arc<Mailbox>,
}

impl Socket {
    fn new(set: &Arc<Mailbox>) -> Arc<Socket> {
        let (commands, set) = (Mutex::new(0), Arc::clone(set));
        Arc::new(Socket { commands, signal: Signal::always_heard(), mark: Signal::always_heard(), set })
    }

    fn post(&self) {
        *self.commands.lock().expect("no panics") += 1;
        if self.signal.raise() && self.mark.raise() {
            self.set.post(0);
        }
    }

    /// A call on the socket: obeys its commands.
    fn obey(&self) -> usize {
        if !self.signal.lower() {
            return 0;
        }
        std::mem::take(&mut *self.commands.lock().expect("no panics"))
    }
}

/// One look at the set; how many commands its sockets obeyed by that.
fn look(set: &Mailbox, socket: &Socket) -> usize {
    set.signal.lower();
    let mut obeyed = 0;
    while set.take() {
        socket.mark.lower();
        obeyed += socket.obey();
    }
    obeyed
}

fn wait_for(wanted: usize, set: &Mailbox, socket: &Socket, others: impl Fn() -> usize) {
    let event = Arc::new(Event::new());
    let mut obeyed = look(set, socket);
    while obeyed + others() < wanted {
        if !set.listen(&event) {
            assert_eq!(event.wait(Deadline::NEVER), Ok(true));
        }
        set.unlisten(&event);
        event.take();
        obeyed += look(set, socket);
    }
}

#[test]
fn no_command_for_a_registered_socket_is_slept_through() {
    bounded(3, || {
        let set = Arc::new(Mailbox::default());
        let socket = Socket::new(&set);
        let poster = thread::spawn({
            let socket = Arc::clone(&socket);
            move || (0..2).for_each(|_| socket.post())
        });
        wait_for(2, &set, &socket, || 0);
        poster.join().expect("poster");
    });
}

#[test]
fn nor_by_two_posters() {
    bounded(2, || {
        let set = Arc::new(Mailbox::default());
        let socket = Socket::new(&set);
        let posters = [(); 2].map(|()| {
            let socket = Arc::clone(&socket);
            thread::spawn(move || socket.post())
        });
        wait_for(2, &set, &socket, || 0);
        for poster in posters {
            poster.join().expect("poster");
        }
    });
}
