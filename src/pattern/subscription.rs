//! Messages that subscribe or unsubscribe: 1 or 0 and the topic.

use crate::msg::{Flags, Message};

/// A request for a topic.
#[derive(Debug, PartialEq, Eq)]
pub enum Subscription<'a> {
    /// From now on.
    Add(&'a [u8]),
    /// No more.
    Remove(&'a [u8]),
}

/// Tells the requests among the parts of one message from data.
pub struct Examination {
    /// Whether the next part counts as a request if it looks like one.
    open: bool,
    /// Whether the first part decides about those that follow.
    first_decides: bool,
}

impl<'a> Subscription<'a> {
    /// What a message asks for, if it is a request.
    pub fn parse(part: &'a Message) -> Option<Subscription<'a>> {
        match part.data() {
            [1, topic @ ..] => Some(Subscription::Add(topic)),
            [0, topic @ ..] => Some(Subscription::Remove(topic)),
            _ => None,
        }
    }
}

impl Examination {
    /// Before the first part. `first_decides` (`ZMQ_ONLY_FIRST_SUBSCRIBE`): when the first part is
    /// data, all are.
    pub fn new(first_decides: bool) -> Examination {
        Examination { open: true, first_decides }
    }

    /// The request that the next part is, if it is one.
    pub fn examine<'a>(&mut self, part: &'a Message) -> Option<Subscription<'a>> {
        if !self.open && !part.flags().contains(Flags::SUBSCRIPTION) {
            return None;
        }
        let subscription = Subscription::parse(part);
        self.open = subscription.is_some() || !self.first_decides;
        subscription
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(first_decides: bool, parts: &[&[u8]]) -> Vec<bool> {
        let mut examination = Examination::new(first_decides);
        parts
            .iter()
            .map(|part| examination.examine(&Message::from_slice(part).expect("memory")).is_some())
            .collect()
    }

    #[test]
    fn every_part_counts_unless_the_first_decides() {
        let data_first: [&[u8]; 4] = [b"x", b"\x01a", b"\x00", b""];
        assert_eq!(outcome(false, &data_first), [false, true, true, false]);
        assert_eq!(outcome(true, &data_first), [false, false, false, false]);
        let request_first: [&[u8]; 3] = [b"\x01", b"\x00a", b"x"];
        assert_eq!(outcome(false, &request_first), [true, true, false]);
        assert_eq!(outcome(true, &request_first), [true, true, false]);
    }
}
