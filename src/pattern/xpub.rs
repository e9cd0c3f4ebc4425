//! XPUB: publishes to the peers that subscribed, and shows their subscriptions to the application.
//!
//! What peers send is read as soon as it is there: subscriptions take effect (unless the
//! application decides on them itself, in manual mode) and are queued for it as notices.

use super::distributor::Distributor;
use super::option::{self, store};
use super::subscription::{Examination, Subscription};
use super::subscriptions::{Removal, Subscriptions};
use super::{Attachment, MOST_IN_A_ROW, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::{Flags, Message};
use std::collections::VecDeque;

/// Notices whose memory is kept.
const FEW_NOTICES: usize = 256;

/// The pattern.
#[derive(Default)]
pub struct Xpub {
    distributor: Distributor,
    subscriptions: Subscriptions,
    /// In manual mode: what the peers asked for, whatever the application made of it.
    requested: Subscriptions,
    /// For the application to receive. Stays empty without a reader.
    notices: VecDeque<Notice>,
    without_reader: bool,
    /// The peer whose notice was received last, in manual mode.
    last: Option<PipeId>,
    /// The next message goes to `last` only.
    only_to_last: bool,
    welcome: Option<Message>,
    verbose_subscribe: bool,
    verbose_unsubscribe: bool,
    manual: bool,
    last_value: bool,
    lossless: bool,
    inverted: bool,
    only_first: bool,
}

struct Notice {
    message: Message,
    /// Whose request it is, if the application has to decide on it.
    from: Option<PipeId>,
}

impl Xpub {
    /// For PUB: nothing is kept to be received.
    pub fn without_reader() -> Xpub {
        Xpub { without_reader: true, ..Xpub::default() }
    }

    /// Reads what a peer sent.
    fn read_upstream(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        let mut examination = Examination::new(self.only_first);
        let mut read = 0;
        while let Some(part) = pipes.read(pipe) {
            let more = part.more();
            if let Some(subscription) = examination.examine(&part) {
                let wanted = self.apply(pipe, &subscription);
                self.notify(pipe, wanted, part);
            } else if !self.without_reader {
                self.notices.push_back(Notice { message: part, from: None });
            }
            if !more {
                examination = Examination::new(self.only_first);
                if let Some(last) = self.notices.back_mut() {
                    // The part that was to follow may have been a request of which nobody hears.
                    last.message.set_more(false);
                }
                read += 1;
                if read == MOST_IN_A_ROW {
                    return pipes.read_on_later(pipe);
                }
            }
        }
    }

    /// Notes a peer's request. Whether the application is to hear of it.
    fn apply(&mut self, pipe: PipeId, subscription: &Subscription) -> bool {
        match (self.manual, subscription) {
            (true, Subscription::Add(topic)) => {
                self.requested.add(pipe, topic);
                true
            }
            (true, Subscription::Remove(topic)) => {
                self.requested.remove(pipe, topic);
                true
            }
            (false, Subscription::Add(topic)) => {
                self.subscriptions.add(pipe, topic) || self.verbose_subscribe
            }
            (false, Subscription::Remove(topic)) => match self.subscriptions.remove(pipe, topic) {
                Removal::Last | Removal::Unknown => true,
                Removal::Shared | Removal::NotHeld => self.verbose_unsubscribe,
            },
        }
    }

    /// Queues a request as a notice, with which a message ends that it stands in.
    fn notify(&mut self, pipe: PipeId, wanted: bool, mut request: Message) {
        if wanted && !self.without_reader {
            request.set_flags(Flags::MORE | Flags::COMMAND | Flags::SUBSCRIPTION, false);
            self.notices.push_back(Notice { message: request, from: self.manual.then_some(pipe) });
        }
    }

    /// Gives memory back that a crowd of requests took: half of it, each time that an eighth is used.
    fn shrink_notices(&mut self) {
        let notices = &mut self.notices;
        if notices.capacity() > FEW_NOTICES && notices.len() < notices.capacity() / 8 {
            notices.shrink_to(notices.capacity() / 2);
        }
    }

    /// Chooses who gets a message that begins with `first`.
    fn choose(&mut self, first: &[u8]) {
        self.distributor.choose_nobody();
        for pipe in self.subscriptions.matching(first) {
            self.distributor.choose(pipe);
        }
        if self.inverted {
            self.distributor.invert_choice();
        }
        if let (true, Some(last)) = (self.only_to_last, self.last) {
            self.distributor.narrow_choice(last);
        }
    }

    /// `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE`: the application's decision on the last notice.
    fn decide(&mut self, pipes: &Pipes, subscribe: bool, topic: &[u8]) -> Result<()> {
        if !self.manual {
            return Err(Error::Invalid);
        }
        if let Some(last) = self.last.filter(|last| pipes.contains(*last)) {
            if subscribe {
                self.subscriptions.add(last, topic);
            } else {
                self.subscriptions.remove(last, topic);
            }
        }
        Ok(())
    }
}

impl Pattern for Xpub {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, attachment: Attachment) {
        self.distributor.attached(pipe);
        if let Some(welcome) = &mut self.welcome
            && pipes.check_write(pipe)
        {
            pipes.write(pipe, welcome.share());
        }
        if attachment.without_subscriptions {
            self.subscriptions.add(pipe, &[]);
        }
        self.read_upstream(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.activated(pipe);
        self.read_upstream(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.detached(pipe);
        if self.last == Some(pipe) {
            self.last = None;
            self.only_to_last = false;
        }
        let Xpub { notices, .. } = self;
        let (manual, heard, verbose) = (self.manual, !self.without_reader, self.verbose_unsubscribe);
        let mut notify = |topic: &[u8], wanted: bool| {
            if heard && wanted {
                let message = Message::from_two_slices(&[0], topic).ok();
                notices.extend(message.map(|message| Notice { message, from: None }));
            }
        };
        self.subscriptions.remove_pipe(pipe, |topic, last| notify(topic, !manual && (last || verbose)));
        self.requested.remove_pipe(pipe, |topic, _| notify(topic, manual));
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        if !self.distributor.in_message() {
            self.choose(message.data());
            if self.lossless && !self.distributor.all_have_room(pipes) {
                return Err(Error::Again);
            }
            if self.distributor.chose_nobody() {
                pipes.note_unroutable();
            }
            self.only_to_last = false;
        }
        self.distributor.send(pipes, message);
        Ok(())
    }

    fn recv(&mut self, _pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        let Notice { message: notice, from } = self.notices.pop_front().ok_or(Error::Again)?;
        self.shrink_notices();
        if from.is_some() {
            self.last = from;
            self.only_to_last = self.last_value;
        }
        *message = notice;
        Ok(())
    }

    fn is_readable(&mut self, _pipes: &mut Pipes) -> bool {
        !self.notices.is_empty()
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        true
    }

    fn set_option(&mut self, pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::SUBSCRIBE => Some(self.decide(pipes, true, value)),
            option::UNSUBSCRIBE => Some(self.decide(pipes, false, value)),
            option::XPUB_VERBOSE => Some(option::nonneg_switch(value).map(|on| {
                self.verbose_subscribe = on;
                self.verbose_unsubscribe = false;
            })),
            option::XPUB_VERBOSER => Some(option::nonneg_switch(value).map(|on| {
                self.verbose_subscribe = on;
                self.verbose_unsubscribe = on;
            })),
            option::XPUB_MANUAL => store(&mut self.manual, option::nonneg_switch(value)),
            option::XPUB_MANUAL_LAST_VALUE => Some(option::nonneg_switch(value).map(|on| {
                self.manual = on;
                self.last_value = on;
            })),
            option::XPUB_NODROP => store(&mut self.lossless, option::nonneg_switch(value)),
            option::XPUB_WELCOME_MSG => {
                let message = (!value.is_empty()).then(|| Message::from_slice(value)).transpose();
                store(&mut self.welcome, message)
            }
            option::ONLY_FIRST_SUBSCRIBE => store(&mut self.only_first, option::nonneg_switch(value)),
            option::INVERT_MATCHING => {
                // The generic table stores it as well, and reports a wrong size.
                self.inverted = option::relaxed_switch(value).unwrap_or(self.inverted);
                None
            }
            _ => None,
        }
    }

    fn option(&self, option: i32) -> Option<Result<Vec<u8>>> {
        match option {
            option::TOPICS_COUNT => Some(Ok(option::count(self.subscriptions.len()))),
            _ => None,
        }
    }
}
