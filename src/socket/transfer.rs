//! Sending and receiving, and waiting for it to be possible.

use super::core::Socket;
use super::delivery::{note_room, note_wait};
use super::{DONTWAIT, Entered, SNDMORE, enter, enter_to_act};
use crate::error::{Error, Result};
use crate::msg::{Copied, Message};
use crate::reactor::{Events, Lead};
use crate::sync::{Deadline, Event, Handle, Notify};
use std::sync::Arc;

/// Sends a part, taking it out of `message`; on error the message is left to the caller, but for its
/// MORE flag and metadata. Errors: zmq_msg_send.
pub fn send(handle: Handle, message: &mut Message, flags: i32) -> Result<()> {
    let socket = enter_to_act(handle)?;
    send_from(handle, socket, message, flags)
}

/// As [`send`], of a copy of `bytes`. Also `ENOMEM`.
pub fn send_copy(handle: Handle, bytes: &[u8], flags: i32) -> Result<()> {
    let mut socket = enter_to_act(handle)?;
    if bytes.len() <= Copied::MAX_LEN && flags & SNDMORE == 0 && socket.send_copied(bytes) {
        return Ok(());
    }
    let mut message = Message::new();
    message.copy_from(bytes)?;
    send_from(handle, socket, &mut message, flags)
}

#[inline]
fn send_from(handle: Handle, mut socket: Entered, message: &mut Message, flags: i32) -> Result<()> {
    message.set_more(flags & SNDMORE != 0);
    message.clear_metadata();
    let mut patience = Patience::new(flags & DONTWAIT == 0);
    loop {
        let sent = socket.send_once(message, patience.willing);
        match sent {
            Err(Error::Again) if patience.is_left(|| socket.options.send_timeout()) => {
                socket.note_wait_for_room();
                socket = wait(handle, socket, patience.deadline, None)?;
                note_room();
            }
            _ => return sent,
        }
    }
}

/// Receives the next part into `message`, releasing what that held. When there is none, `message` is left
/// valid and empty; after another error it may be. Errors: zmq_msg_recv.
pub fn recv(handle: Handle, message: &mut Message, flags: i32) -> Result<()> {
    let mut socket = enter_to_act(handle)?;
    // Who does not wait has to look what has arrived.
    let mut patience = Patience::new(flags & DONTWAIT == 0 && socket.options.receive_timeout() != 0);
    loop {
        let mut lead = None;
        let mut received = socket.recv_once(message);
        if matches!(received, Err(Error::Again)) {
            // Before a wait that finds out by itself what has arrived, looking for it would be a waste.
            lead = if patience.willing { socket.lead() } else { None };
            if lead.is_none() {
                socket.attend_domains();
                received = socket.recv_once(message);
            }
        }
        if !matches!(received, Err(Error::Again)) {
            drop(socket);
            return received;
        }
        // A filter may have left something that is not for the application.
        drop(message.take());
        if !patience.is_left(|| socket.options.receive_timeout()) {
            // The lead ends when the socket was left.
            drop(socket);
            return received;
        }
        note_wait();
        socket = wait(handle, socket, patience.deadline, lead)?;
    }
}

impl Socket {
    fn send_once(&mut self, message: &mut Message, blocking: bool) -> Result<()> {
        let len = message.len();
        let sent = self.pattern.send(&mut self.pipes, message, blocking);
        self.settle_sent();
        match sent {
            Ok(()) => self.count_sent(len),
            Err(Error::Again) if self.make_room() => return self.send_again(message, blocking),
            Err(_) => {}
        }
        sent
    }

    /// Whether a copy of so many bytes at the most could be sent without being a message.
    #[inline]
    fn send_copied(&mut self, bytes: &[u8]) -> bool {
        let sent = self.pattern.send_copied(&mut self.pipes, Copied::new(bytes, None)).is_ok();
        if sent {
            self.settle_sent();
            self.count_sent(bytes.len());
        }
        sent
    }

    /// As `send_once`, when that may have made room.
    #[cold]
    fn send_again(&mut self, message: &mut Message, blocking: bool) -> Result<()> {
        let len = message.len();
        self.obey_commands();
        let sent = self.pattern.send(&mut self.pipes, message, blocking);
        self.settle_sent();
        if sent.is_ok() {
            self.count_sent(len);
        }
        sent
    }

    fn recv_once(&mut self, message: &mut Message) -> Result<()> {
        let received = self.pattern.recv(&mut self.pipes, message);
        self.settle();
        if received.is_ok() {
            self.receive_more = message.more();
        }
        received
    }
}

/// How long a call may wait; the clock is read only if it has to.
struct Patience {
    willing: bool,
    deadline: Deadline,
    begun: bool,
}

impl Patience {
    fn new(willing: bool) -> Patience {
        Patience { willing, deadline: Deadline::NEVER, begun: false }
    }

    /// Whether to wait (again); `timeout` in milliseconds, negative for ever.
    fn is_left(&mut self, timeout: impl FnOnce() -> i32) -> bool {
        if !self.willing {
            return false;
        }
        if !self.begun {
            self.begun = true;
            let timeout = timeout();
            if timeout == 0 {
                return false;
            }
            self.deadline = Deadline::after_ms(timeout.into());
            return true;
        }
        !self.deadline.has_passed()
    }
}

thread_local! {
    /// What this thread sleeps on.
    static EVENT: Arc<Event> = Arc::new(Event::new());
}

/// This thread's event, clear.
pub fn thread_event() -> Arc<Event> {
    // A thread that is ending, in the destructors of its own variables, has no event any more.
    let event = EVENT.try_with(Arc::clone).unwrap_or_default();
    event.take();
    event
}

/// Leaves the socket until a command comes for it or the deadline passes, and enters it again. With the
/// lead of its domain, the thread does the domain's I/O meanwhile. Errors: `EINTR`, but not for types that the
/// reference calls thread-safe, `ETERM`, and `ENOTSOCK` when another thread closed it.
fn wait(handle: Handle, socket: Entered, deadline: Deadline, lead: Option<Lead>) -> Result<Entered> {
    let look = socket.look();
    let mailbox = socket.mailbox();
    let heeds_signals = !socket.socket_type.is_thread_safe();
    let waited = match lead {
        Some(lead) => {
            let listener = lead.listener();
            let pending = mailbox.listen(Arc::clone(&listener));
            drop(socket);
            let events = if pending { Ok(Events::default()) } else { lead.wait(deadline) };
            mailbox.unlisten(&listener);
            // After that: what the dispatch says to this socket need not wake this thread.
            let waited = events.map(|events| lead.dispatch(&events));
            drop(lead);
            // Another thread may be waiting for this socket, and now lead.
            mailbox.notify();
            waited
        }
        None => {
            let event = thread_event();
            let listener: Arc<dyn Notify> = event.clone();
            let pending = mailbox.listen(Arc::clone(&listener));
            drop(socket);
            let woken = pending || look.around(|| event.is_set());
            let waited = if woken { Ok(true) } else { event.wait(deadline) };
            mailbox.unlisten(&listener);
            waited.map(drop)
        }
    };
    if let Err(error) = waited
        && (heeds_signals || error != Error::Interrupted)
    {
        // What has come meanwhile is obeyed by the next call; a socket that is gone says so now.
        drop(enter(handle)?);
        return Err(error);
    }
    enter_to_act(handle)
}
