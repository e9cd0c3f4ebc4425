//! Sends each message to the next pipe that has room.
//!
//! A pipe is chosen with the first part of a message and kept to the last. When it dies in between,
//! the rest of the message is lost: a caller who does not want to wait is told so once, and the
//! remaining parts are then taken and dropped, so that the next message starts cleanly.

use super::rotation::Rotation;
use super::{PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::{Copied, Message};
use crate::pipe::Direction;

/// Round robin over the pipes that have room.
#[derive(Default)]
pub struct LoadBalancer {
    ready: Rotation,
    progress: Progress,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Progress {
    /// The next part is the first one of a message.
    #[default]
    Between,
    /// The pipe that has the turn holds parts of an unfinished message.
    Within,
    /// The pipe with the unfinished message died and the caller does not know yet.
    Broken,
    /// The rest of a lost message is taken and dropped.
    Dropping,
}

impl LoadBalancer {
    /// A new pipe, or one that may have room again.
    pub fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        if !self.ready.contains(pipe) && pipes.check_write(pipe) {
            self.ready.join(pipe);
        }
    }

    /// The pipe goes away.
    pub fn detached(&mut self, pipe: PipeId) {
        if self.progress == Progress::Within && self.ready.current() == Some(pipe) {
            self.progress = Progress::Broken;
        }
        self.ready.leave(pipe);
    }

    /// Whether a message was begun and its last part is still to come.
    pub fn in_message(&self) -> bool {
        self.progress != Progress::Between
    }

    /// Whether a part can be sent now.
    pub fn is_writable(&mut self, pipes: &mut Pipes) -> bool {
        self.in_message() || self.find_room(pipes).is_some()
    }

    /// Sends a part.
    pub fn send(&mut self, pipes: &mut Pipes, message: &mut Message, blocking: bool) -> Result<()> {
        if self.progress == Progress::Between && !message.more() {
            return self.send_whole(pipes, message);
        }
        self.send_enveloped(pipes, message, blocking, |_, _| {}).map(|_| ())
    }

    /// Sends a message of one part.
    #[inline]
    fn send_whole(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        while let Some(pipe) = self.ready.current() {
            if let Some(upcoming) = self.ready.upcoming() {
                pipes.approach(Direction::Out, upcoming);
            }
            if pipes.send(pipe, message) {
                self.ready.advance();
                return Ok(());
            }
            self.ready.leave(pipe);
        }
        Err(Error::Again)
    }

    /// As `send`, of a message of one part that lies elsewhere.
    #[inline]
    pub fn send_copied<'a>(
        &mut self,
        pipes: &mut Pipes,
        message: Copied<'a>,
    ) -> std::result::Result<(), Copied<'a>> {
        match self.ready.current() {
            Some(pipe) if self.progress == Progress::Between => {
                if let Some(upcoming) = self.ready.upcoming() {
                    pipes.approach(Direction::Out, upcoming);
                }
                pipes.send_copied(pipe, message)?;
                self.ready.advance();
                Ok(())
            }
            _ => Err(message),
        }
    }

    /// Sends a part; before the first one of a message, `envelope` writes the parts that precede it.
    /// Says which pipe took the part, none if it was dropped.
    pub fn send_enveloped(
        &mut self,
        pipes: &mut Pipes,
        message: &mut Message,
        blocking: bool,
        envelope: impl FnOnce(&mut Pipes, PipeId),
    ) -> Result<Option<PipeId>> {
        let pipe = match self.progress {
            Progress::Between => {
                let pipe = self.find_room(pipes).ok_or(Error::Again)?;
                envelope(pipes, pipe);
                pipe
            }
            Progress::Within => match self.ready.current() {
                Some(pipe) if pipes.check_write(pipe) => pipe,
                Some(pipe) => {
                    pipes.rollback(pipe);
                    self.ready.leave(pipe);
                    return self.drop_part(message, blocking);
                }
                None => return self.drop_part(message, blocking),
            },
            Progress::Broken => return self.drop_part(message, blocking),
            Progress::Dropping => return self.drop_part(message, true),
        };
        let more = message.more();
        pipes.write_from(pipe, message);
        if more {
            self.progress = Progress::Within;
        } else {
            self.progress = Progress::Between;
            self.ready.advance();
        }
        Ok(Some(pipe))
    }

    fn drop_part(&mut self, message: &mut Message, quietly: bool) -> Result<Option<PipeId>> {
        self.progress = if message.more() { Progress::Dropping } else { Progress::Between };
        if !quietly {
            return Err(Error::Again);
        }
        drop(message.take());
        Ok(None)
    }

    /// The next pipe that has room; those found full sit out until they are activated.
    fn find_room(&mut self, pipes: &mut Pipes) -> Option<PipeId> {
        while let Some(pipe) = self.ready.current() {
            if pipes.check_write(pipe) {
                return Some(pipe);
            }
            self.ready.leave(pipe);
        }
        None
    }
}
