//! A socket's mailbox: the signal, a queue and a list of listeners, used as `actor::Mailbox` uses them.
//! The queue is a vector in a mutex, as crossbeam's is not made for loom.

use super::{bounded, model};
use ferrozmq::sync::{Deadline, Event, Signal};
use loom::sync::{Arc, Mutex};
use loom::thread;

#[derive(Default)]
pub(super) struct Mailbox {
    commands: Mutex<Vec<u32>>,
    pub(super) signal: Signal,
    listeners: Mutex<Vec<Arc<Event>>>,
}

impl Mailbox {
    pub(super) fn post(&self, command: u32) {
        self.commands.lock().expect("no panics").push(command);
        if self.signal.raise() {
            self.notify();
        }
    }

    fn notify(&self) {
        if !self.signal.is_heard() {
            return;
        }
        let listeners = self.listeners.lock().expect("no panics").clone();
        for listener in listeners {
            listener.set();
        }
    }

    /// One pass of the home; returns how many commands there were.
    fn obey(&self) -> usize {
        if !self.signal.is_raised() {
            return 0;
        }
        self.signal.lower();
        let mut taken = 0;
        while self.take() {
            taken += 1;
        }
        taken
    }

    pub(super) fn take(&self) -> bool {
        self.commands.lock().expect("no panics").pop().is_some()
    }

    pub(super) fn listen(&self, listener: &Arc<Event>) -> bool {
        self.listeners.lock().expect("no panics").push(Arc::clone(listener));
        self.signal.listen()
    }

    pub(super) fn unlisten(&self, listener: &Arc<Event>) {
        let mut listeners = self.listeners.lock().expect("no panics");
        if let Some(index) = listeners.iter().position(|known| Arc::ptr_eq(known, listener)) {
            listeners.swap_remove(index);
        }
        if listeners.is_empty() {
            self.signal.unlisten();
        }
    }

    /// What a call that waits does, until `wanted` commands were obeyed in all by this home.
    fn wait_for(&self, wanted: usize) {
        let event = Arc::new(Event::new());
        let mut obeyed = self.obey();
        while obeyed < wanted {
            if !self.listen(&event) {
                assert_eq!(event.wait(Deadline::NEVER), Ok(true));
            }
            self.unlisten(&event);
            event.take();
            obeyed += self.obey();
        }
    }
}

fn post_from_threads<const POSTERS: usize>(
    mailbox: &Arc<Mailbox>,
    each: u32,
) -> [thread::JoinHandle<()>; POSTERS] {
    [(); POSTERS].map(|()| {
        let mailbox = Arc::clone(mailbox);
        thread::spawn(move || (0..each).for_each(|command| mailbox.post(command)))
    })
}

#[test]
fn a_command_is_not_slept_through() {
    model(|| {
        let mailbox = Arc::new(Mailbox::default());
        let [poster] = post_from_threads(&mailbox, 1);
        mailbox.wait_for(1);
        poster.join().expect("poster");
    });
}

#[test]
fn commands_in_a_row_are_not_slept_through() {
    bounded(3, || {
        let mailbox = Arc::new(Mailbox::default());
        let [poster] = post_from_threads(&mailbox, 2);
        mailbox.wait_for(2);
        poster.join().expect("poster");
    });
}

#[test]
fn commands_of_two_posters_are_not_slept_through() {
    bounded(2, || {
        let mailbox = Arc::new(Mailbox::default());
        let posters: [_; 2] = post_from_threads(&mailbox, 1);
        mailbox.wait_for(2);
        for poster in posters {
            poster.join().expect("poster");
        }
    });
}

/// A listener that stays, as a descriptor does, hears of a command even while others come and go.
#[test]
fn a_listener_that_stays_is_told_while_another_goes() {
    bounded(3, || {
        let mailbox = Arc::new(Mailbox::default());
        let (stays, goes) = (Arc::new(Event::new()), Arc::new(Event::new()));
        assert!(!mailbox.listen(&goes));
        let other = thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || mailbox.unlisten(&goes)
        });
        let [poster] = post_from_threads(&mailbox, 1);
        if !mailbox.listen(&stays) {
            assert_eq!(stays.wait(Deadline::NEVER), Ok(true));
        }
        assert!(mailbox.signal.is_raised() && mailbox.obey() == 1);
        other.join().expect("other");
        poster.join().expect("poster");
    });
}
