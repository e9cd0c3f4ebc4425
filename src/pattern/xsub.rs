//! XSUB: receives from all publishers; what it sends goes to all of them, subscriptions above all.

use super::distributor::Distributor;
use super::fair_queue::FairQueue;
use super::option;
use super::subscription::{Examination, Subscription};
use super::topic_counts::TopicCounts;
use super::{Attachment, Pattern, PipeId, Pipes};
use crate::error::{Error, Result};
use crate::msg::Message;

/// The pattern.
pub struct Xsub {
    fair: FairQueue,
    distributor: Distributor,
    topics: TopicCounts,
    /// Of the message that is being sent.
    examination: Examination,
    /// Only messages that match a topic are received.
    filtering: bool,
    /// The first part of a message that passed the filter.
    fetched: Option<Message>,
    /// The rest of a message that passed is to be received.
    within: bool,
    inverted: bool,
    only_first: bool,
    verbose_unsubscribe: bool,
}

impl Default for Xsub {
    fn default() -> Xsub {
        Xsub {
            fair: FairQueue::default(),
            distributor: Distributor::default(),
            topics: TopicCounts::default(),
            examination: Examination::new(false),
            filtering: false,
            fetched: None,
            within: false,
            inverted: false,
            only_first: false,
            verbose_unsubscribe: false,
        }
    }
}

impl Xsub {
    /// For SUB: messages that match no topic are not received.
    pub fn filtering() -> Xsub {
        Xsub { filtering: true, ..Xsub::default() }
    }

    /// Subscribes to a topic or cancels that, and tells the publishers what they need to know.
    pub fn subscribe(&mut self, pipes: &mut Pipes, subscribe: bool, topic: &[u8]) -> Result<()> {
        let mut message = Message::subscription(subscribe, topic)?;
        let subscription = if subscribe { Subscription::Add(topic) } else { Subscription::Remove(topic) };
        if self.count(subscription) {
            self.send_to_all(pipes, &mut message);
        }
        Ok(())
    }

    /// Counts a subscription. Whether it goes upstream.
    fn count(&mut self, subscription: Subscription) -> bool {
        match subscription {
            Subscription::Add(topic) => {
                self.topics.add(topic);
                true
            }
            Subscription::Remove(topic) => self.topics.remove(topic) || self.verbose_unsubscribe,
        }
    }

    fn send_to_all(&mut self, pipes: &mut Pipes, message: &mut Message) {
        if !self.distributor.in_message() {
            self.distributor.choose_all();
        }
        self.distributor.send(pipes, message);
    }

    /// Writes all subscriptions to a new connection, beyond the mark if need be: it must know them.
    fn send_topics(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        // Whatever the answer: when there is no room, the peer will tell when there is.
        let _ = pipes.check_write(pipe);
        for topic in self.topics.topics() {
            if let Ok(message) = Message::subscription(true, &topic) {
                pipes.write(pipe, message);
            }
        }
    }

    /// Receives the first part of the next message. Those that do not pass are dropped.
    fn next_message(&mut self, pipes: &mut Pipes, first: &mut Message) -> bool {
        while self.fair.recv_into(pipes, first).is_some() {
            if !self.filtering || self.topics.matches(first.data()) != self.inverted {
                return true;
            }
            pipes.note_filtered();
            self.fair.skip_rest(pipes, &first.take());
        }
        false
    }
}

impl Pattern for Xsub {
    fn attached(&mut self, pipes: &mut Pipes, pipe: PipeId, _attachment: Attachment) {
        self.distributor.attached(pipe);
        self.send_topics(pipes, pipe);
        self.fair.activated(pipes, pipe);
    }

    fn activated(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.activated(pipe);
        self.fair.activated(pipes, pipe);
    }

    fn hiccuped(&mut self, pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.abandon(pipe);
        pipes.rollback(pipe);
        self.send_topics(pipes, pipe);
    }

    fn detached(&mut self, _pipes: &mut Pipes, pipe: PipeId) {
        self.distributor.detached(pipe);
        self.fair.detached(pipe);
    }

    fn send(&mut self, pipes: &mut Pipes, message: &mut Message, _blocking: bool) -> Result<()> {
        let more = message.more();
        let within = self.distributor.in_message();
        let part = message.take();
        let upstream = match self.examination.examine(&part) {
            Some(subscription) => self.count(subscription),
            None => true,
        };
        if !more {
            self.examination = Examination::new(self.only_first);
        }
        // A message that was begun needs an end.
        if upstream || within && !more {
            let mut part = part;
            self.send_to_all(pipes, &mut part);
        }
        Ok(())
    }

    fn recv(&mut self, pipes: &mut Pipes, message: &mut Message) -> Result<()> {
        let received = if self.within {
            self.fair.recv_into(pipes, message).is_some()
        } else if let Some(fetched) = self.fetched.take() {
            *message = fetched;
            true
        } else {
            self.next_message(pipes, message)
        };
        self.within = received && message.more();
        if received { Ok(()) } else { Err(Error::Again) }
    }

    fn is_readable(&mut self, pipes: &mut Pipes) -> bool {
        if !self.within && self.fetched.is_none() {
            let mut first = Message::new();
            self.fetched = self.next_message(pipes, &mut first).then_some(first);
        }
        self.within || self.fetched.is_some()
    }

    fn is_writable(&mut self, _pipes: &mut Pipes) -> bool {
        true
    }

    fn set_option(&mut self, _pipes: &mut Pipes, option: i32, value: &[u8]) -> Option<Result<()>> {
        match option {
            option::ONLY_FIRST_SUBSCRIBE => Some(option::nonneg_switch(value).map(|on| {
                self.only_first = on;
                if !self.distributor.in_message() {
                    self.examination = Examination::new(on);
                }
            })),
            option::XSUB_VERBOSE_UNSUBSCRIBE => {
                self.verbose_unsubscribe = option::unsized_switch(value);
                Some(Ok(()))
            }
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
            option::TOPICS_COUNT => Some(Ok(option::count(self.topics.total()))),
            _ => None,
        }
    }
}
