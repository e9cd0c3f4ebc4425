//! Which pipes subscribed to which topics, seen from the publisher.
//!
//! A topic is a prefix of the messages it stands for. Each pipe holds a topic once or not at all.
//! Finding the pipes for a message costs as many steps as topics branch along its beginning,
//! whatever else is subscribed to; removing a pipe costs as much as that pipe has topics.

use super::PipeId;
use super::prefix_tree::{NodeId, PrefixTree, Value};
use slotmap::SecondaryMap;

/// Topics and their subscribers.
#[derive(Default)]
pub struct Subscriptions {
    tree: PrefixTree<Subscribers>,
    /// The topics of each pipe.
    held: SecondaryMap<PipeId, Held>,
    topics: usize,
}

/// The topics of a pipe, and some that it holds no more: those are sorted out when they are as many.
#[derive(Default)]
struct Held {
    nodes: Vec<NodeId>,
    dropped: usize,
}

/// Who holds a topic: one pipe as a rule.
#[derive(Default)]
enum Subscribers {
    #[default]
    None,
    One(PipeId),
    /// In order.
    #[expect(clippy::box_collection, reason = "it is rare, and the others are not to be larger for it")]
    Many(Box<Vec<PipeId>>),
}

impl Value for Subscribers {
    fn is_vacant(&self) -> bool {
        matches!(self, Subscribers::None)
    }
}

impl Subscribers {
    fn pipes(&self) -> &[PipeId] {
        match self {
            Subscribers::None => &[],
            Subscribers::One(pipe) => std::slice::from_ref(pipe),
            Subscribers::Many(pipes) => pipes,
        }
    }

    fn holds(&self, pipe: PipeId) -> bool {
        self.pipes().binary_search(&pipe).is_ok()
    }

    /// False if it was there already.
    fn add(&mut self, pipe: PipeId) -> bool {
        match self {
            Subscribers::None => *self = Subscribers::One(pipe),
            Subscribers::One(held) if *held == pipe => return false,
            Subscribers::One(held) => {
                let mut both = vec![*held, pipe];
                both.sort_unstable();
                *self = Subscribers::Many(Box::new(both));
            }
            Subscribers::Many(pipes) => match pipes.binary_search(&pipe) {
                Ok(_) => return false,
                Err(place) => pipes.insert(place, pipe),
            },
        }
        true
    }

    /// False if it was not there.
    fn remove(&mut self, pipe: PipeId) -> bool {
        match self {
            Subscribers::One(held) if *held == pipe => *self = Subscribers::None,
            Subscribers::Many(pipes) => {
                let Ok(place) = pipes.binary_search(&pipe) else { return false };
                pipes.remove(place);
                if let [last] = ***pipes {
                    *self = Subscribers::One(last);
                }
            }
            _ => return false,
        }
        true
    }
}

/// What the removal of a topic from a pipe came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The pipe was the last one to hold it.
    Last,
    /// Other pipes still hold it.
    Shared,
    /// The pipe did not hold it, others do.
    NotHeld,
    /// Nobody held it.
    Unknown,
}

impl Subscriptions {
    /// Adds a topic to a pipe. Whether no pipe held it before.
    pub fn add(&mut self, pipe: PipeId, topic: &[u8]) -> bool {
        let node = self.tree.entry(topic);
        let first = self.tree.value(node).is_vacant();
        let Some(held) = self.held.entry(pipe) else {
            self.tree.prune(node);
            return first;
        };
        if self.tree.value_mut(node).add(pipe) {
            held.or_default().nodes.push(node);
            self.topics += usize::from(first);
        }
        first
    }

    /// Removes a topic from a pipe.
    pub fn remove(&mut self, pipe: PipeId, topic: &[u8]) -> Removal {
        let Some(node) = self.tree.find(topic).filter(|node| !self.tree.value(*node).is_vacant()) else {
            return Removal::Unknown;
        };
        if !self.tree.value_mut(node).remove(pipe) {
            return Removal::NotHeld;
        }
        let last = self.after_removal(node);
        self.drop_held(pipe);
        if last { Removal::Last } else { Removal::Shared }
    }

    /// Removes a pipe with all its topics; `visit` gets each and whether nobody else holds it.
    pub fn remove_pipe(&mut self, pipe: PipeId, mut visit: impl FnMut(&[u8], bool)) {
        for node in self.held.remove(pipe).unwrap_or_default().nodes {
            // A node that was dropped may stand for another topic by now, or for nothing.
            if self.is_held(node, pipe) {
                let topic = self.tree.key(node);
                self.tree.value_mut(node).remove(pipe);
                let last = self.after_removal(node);
                visit(&topic, last);
            }
        }
    }

    /// The pipes that hold a prefix of `message`; one that holds several comes several times.
    pub fn matching<'a>(&'a self, message: &'a [u8]) -> impl Iterator<Item = PipeId> + 'a {
        self.tree.prefixes(message).flat_map(|subscribers| subscribers.pipes().iter().copied())
    }

    /// Number of topics that somebody holds.
    pub fn len(&self) -> usize {
        self.topics
    }

    /// Whether the pipe that was removed from a topic was the last one.
    fn after_removal(&mut self, node: NodeId) -> bool {
        let last = self.tree.value(node).is_vacant();
        if last {
            self.topics -= 1;
            self.tree.prune(node);
        }
        last
    }

    fn is_held(&self, node: NodeId, pipe: PipeId) -> bool {
        self.tree.contains(node) && self.tree.value(node).holds(pipe)
    }

    /// Notes that a pipe has dropped a topic.
    fn drop_held(&mut self, pipe: PipeId) {
        let Some(held) = self.held.get_mut(pipe) else { return };
        held.dropped += 1;
        if held.dropped > held.nodes.len() / 2 {
            let tree = &self.tree;
            held.nodes.retain(|node| tree.contains(*node) && tree.value(*node).holds(pipe));
            held.nodes.sort_unstable();
            held.nodes.dedup();
            held.dropped = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use slotmap::SlotMap;
    use std::collections::BTreeSet;

    #[derive(Debug, Clone)]
    enum Step {
        Add(usize, Vec<u8>),
        Remove(usize, Vec<u8>),
        RemovePipe(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let topic = || prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(0xFF)], 0..6);
        prop_oneof![
            4 => (0..4usize, topic()).prop_map(|(pipe, topic)| Step::Add(pipe, topic)),
            2 => (0..4usize, topic()).prop_map(|(pipe, topic)| Step::Remove(pipe, topic)),
            1 => (0..4usize).prop_map(Step::RemovePipe),
        ]
    }

    proptest! {
        #[test]
        fn behaves_like_a_set_of_pairs(
            steps in prop::collection::vec(step(), 1..100),
            message in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(0xFF)], 0..8),
        ) {
            let mut map: SlotMap<PipeId, ()> = SlotMap::with_key();
            let pipes: Vec<_> = (0..4).map(|_| map.insert(())).collect();
            let mut subscriptions = Subscriptions::default();
            let mut model: BTreeSet<(Vec<u8>, usize)> = BTreeSet::new();
            let held = |model: &BTreeSet<(Vec<u8>, usize)>, topic: &[u8]| model.iter().any(|(t, _)| t == topic);
            for step in steps {
                match step {
                    Step::Add(pipe, topic) => {
                        prop_assert_eq!(subscriptions.add(pipes[pipe], &topic), !held(&model, &topic));
                        model.insert((topic, pipe));
                    }
                    Step::Remove(pipe, topic) => {
                        let known = held(&model, &topic);
                        let expected = match (model.remove(&(topic.clone(), pipe)), held(&model, &topic)) {
                            (true, false) => Removal::Last,
                            (true, true) => Removal::Shared,
                            (false, _) if known => Removal::NotHeld,
                            (false, _) => Removal::Unknown,
                        };
                        prop_assert_eq!(subscriptions.remove(pipes[pipe], &topic), expected);
                    }
                    Step::RemovePipe(pipe) => {
                        let mut removed = BTreeSet::new();
                        subscriptions.remove_pipe(pipes[pipe], |topic, last| {
                            removed.insert((topic.to_vec(), last));
                        });
                        let of_pipe: Vec<_> = model.iter().filter(|(_, p)| *p == pipe).cloned().collect();
                        for entry in &of_pipe {
                            model.remove(entry);
                        }
                        let expected: BTreeSet<_> =
                            of_pipe.into_iter().map(|(topic, _)| (topic.clone(), !held(&model, &topic))).collect();
                        prop_assert_eq!(removed, expected);
                    }
                }
                let topics: BTreeSet<_> = model.iter().map(|(topic, _)| topic).collect();
                prop_assert_eq!(subscriptions.len(), topics.len());
            }
            let mut found: Vec<_> = subscriptions.matching(&message).collect();
            found.sort();
            let mut expected: Vec<_> =
                model.iter().filter(|(topic, _)| message.starts_with(topic)).map(|(_, p)| pipes[*p]).collect();
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
