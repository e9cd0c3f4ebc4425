//! What becomes of messages when a connection is lost, and how types that repeat themselves begin anew.

use super::{Connection, Link, Session, deliver_wake};
use crate::msg::Flags;
use crate::pipe::{self, HighWaterMarks};
use crate::reactor::{Fate, Turn};
use crate::session::SocketCommand;

/// Tells the session that the socket knows of a lost connection, and begins anew with what it repeats.
pub struct Restarted {
    /// How many messages it had written until then: they were for the connection that is lost.
    pub written: u64,
}

impl Session {
    /// What was on its way when the connection was lost is gone; whole messages stay queued.
    pub(super) fn forget_half_messages(&mut self, connection: &mut Connection) {
        let Some(pipe) = &mut self.pipe else { return };
        pipe.rollback();
        if connection.is_mid_message() {
            while pipe.read_in_place().is_some_and(|part| part.more()) {}
            pipe.note_lost();
        }
        if self.config.socket_type.repeats_itself() {
            pipe.discard_inbound();
        }
        if let Some(peer) = pipe.peer() {
            self.config.mailbox.post(SocketCommand::Hiccup(peer.key));
            self.restarts_due += u32::from(self.config.socket_type.repeats_itself());
        }
        pipe.check_read();
        deliver_wake(pipe);
    }

    /// A socket that has closed the pipe will not say anything again.
    pub(super) fn expect_restart(&mut self) {
        if let Some(pipe) = &mut self.pipe
            && pipe.peer_closed()
        {
            pipe.discard_inbound();
            self.restarts_due = 0;
        }
    }

    /// The socket has heard of a lost connection and says everything again, after so many messages.
    pub(super) fn restarted(&mut self, turn: &mut Turn, written: u64) -> Fate {
        if let (Some(pipe), 1..) = (&mut self.pipe, self.restarts_due) {
            pipe.discard_until(written);
            self.restarts_due -= 1;
        }
        self.run(turn)
    }

    /// Of what a socket that is gone has left for a connection yet to come, keeps what the application itself
    /// has sent: no publisher needs to hear of the rest.
    pub(super) fn forget_subscriptions(&mut self) {
        let is_ready = matches!(&self.link, Link::Up(connection) if connection.is_ready());
        let Some(pipe) = &mut self.pipe else { return };
        if is_ready || !self.config.socket_type.repeats_itself() {
            return;
        }
        let (mut kept, left) = pipe::pair(HighWaterMarks { forth: 0, back: 0 });
        while let Some(message) = pipe.read() {
            if !message.flags().contains(Flags::SUBSCRIPTION) {
                kept.write(message);
            }
        }
        *pipe = left;
    }
}
