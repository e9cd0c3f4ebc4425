//! How objects with different homes reach each other: mailboxes of commands.
//!
//! A mailbox belongs to one home, an application's socket here (those of I/O domains are in
//! `reactor`). Any thread posts; only the home takes commands out. Posting tells the listeners, the
//! threads that wait for this socket and its `ZMQ_FD`, but only when the mailbox had been looked
//! through since the last time, so that a busy home is not woken for each command.

use crate::sync::{Notify, Signal};
use crossbeam_queue::SegQueue;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::sync::Arc;

/// A queue of commands for one home.
pub struct Mailbox<C> {
    commands: SegQueue<C>,
    signal: Signal,
    listeners: Mutex<SmallVec<[Arc<dyn Notify>; 2]>>,
}

impl<C> Default for Mailbox<C> {
    fn default() -> Mailbox<C> {
        Mailbox { commands: SegQueue::new(), signal: Signal::new(), listeners: Mutex::default() }
    }
}

impl<C> Mailbox<C> {
    /// Adds a command and wakes the home if it waits.
    pub fn post(&self, command: C) {
        self.commands.push(command);
        self.remind();
    }

    /// Tells all listeners to look, whether or not there are commands.
    pub fn notify(&self) {
        if !self.signal.is_heard() {
            return;
        }
        // Told outside the lock: a thread that is woken takes it first thing.
        let listeners = self.listeners.lock().clone();
        for listener in listeners {
            listener.notify();
        }
    }

    /// Whether commands have come since `begin` was last called.
    pub fn is_pending(&self) -> bool {
        self.signal.is_raised()
    }

    /// For the home, before it takes commands: from now on a new command tells the listeners again.
    pub fn begin(&self) {
        self.signal.lower();
    }

    /// For the home, when it leaves commands to the next time.
    pub fn remind(&self) {
        if self.signal.raise() {
            self.notify();
        }
    }

    /// For the home: the next command.
    pub fn take(&self) -> Option<C> {
        self.commands.pop()
    }

    /// Adds a listener. True when commands are pending already, of which it will not be told.
    #[must_use = "pending commands are not notified"]
    pub fn listen(&self, listener: Arc<dyn Notify>) -> bool {
        self.listeners.lock().push(listener);
        self.signal.listen()
    }

    /// Removes a listener.
    pub fn unlisten(&self, listener: &Arc<dyn Notify>) {
        let mut listeners = self.listeners.lock();
        if let Some(index) = listeners.iter().position(|known| Arc::ptr_eq(known, listener)) {
            listeners.swap_remove(index);
        }
        if listeners.is_empty() {
            // Under the lock, so that a `listen` meanwhile sets the bit after this.
            self.signal.unlisten();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{Deadline, Event};

    #[test]
    fn a_listener_hears_of_the_first_command_only() {
        let (mailbox, event) = (Mailbox::default(), Arc::new(Event::new()));
        let listener: Arc<dyn Notify> = event.clone();
        assert!(!mailbox.listen(Arc::clone(&listener)));
        mailbox.post(1);
        assert!(event.take());
        mailbox.post(2);
        assert!(!event.take(), "the home has not looked yet");
        mailbox.begin();
        assert_eq!((mailbox.take(), mailbox.take(), mailbox.take()), (Some(1), Some(2), None));
        mailbox.post(3);
        assert!(event.take());
        mailbox.unlisten(&listener);
        mailbox.begin();
        mailbox.post(4);
        assert!(!event.take() && mailbox.is_pending());
        assert!(mailbox.listen(listener), "4 is pending");
    }

    #[test]
    fn no_command_is_slept_through() {
        let (mailbox, event) = (Arc::new(Mailbox::default()), Arc::new(Event::new()));
        let poster = std::thread::spawn({
            let mailbox = Arc::clone(&mailbox);
            move || (0..10_000).for_each(|i| mailbox.post(i))
        });
        let listener: Arc<dyn Notify> = event.clone();
        let mut received = 0;
        while received < 10_000 {
            mailbox.begin();
            while let Some(i) = mailbox.take() {
                assert_eq!(i, received);
                received += 1;
            }
            if received < 10_000 && !mailbox.listen(Arc::clone(&listener)) {
                assert_eq!(event.wait(Deadline::after_ms(20_000)), Ok(true));
            }
            mailbox.unlisten(&listener);
            event.take();
        }
        poster.join().expect("poster");
    }
}
