//! Which pipes subscribed to which topics, seen from the publisher.
//!
//! A topic is a prefix of the messages it stands for. Each pipe holds a topic once or not at all.
//! Finding the pipes for a message costs as many steps as topics branch along its beginning,
//! whatever else is subscribed to; removing a pipe costs as much as that pipe has topics.

use super::PipeId;
use super::prefix_tree::{NodeId, PrefixTree, Value};
use foldhash::fast::RandomState;
use slotmap::SecondaryMap;
use smallvec::SmallVec;
use std::collections::HashSet;

/// Topics and their subscribers.
#[derive(Default)]
pub struct Subscriptions {
    tree: PrefixTree<Subscribers>,
    /// The topics of each pipe.
    held: SecondaryMap<PipeId, HashSet<NodeId, RandomState>>,
    topics: usize,
}

#[derive(Default)]
struct Subscribers(SmallVec<[PipeId; 2]>);

impl Value for Subscribers {
    fn is_vacant(&self) -> bool {
        self.0.is_empty()
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
        if let Some(held) = self.held.entry(pipe)
            && held.or_default().insert(node)
        {
            self.tree.value_mut(node).0.push(pipe);
            self.topics += usize::from(first);
            return first;
        }
        self.tree.prune(node);
        first
    }

    /// Removes a topic from a pipe.
    pub fn remove(&mut self, pipe: PipeId, topic: &[u8]) -> Removal {
        let Some(node) = self.tree.find(topic).filter(|node| !self.tree.value(*node).is_vacant()) else {
            return Removal::Unknown;
        };
        if !self.held.get_mut(pipe).is_some_and(|held| held.remove(&node)) {
            return Removal::NotHeld;
        }
        if self.remove_from_node(node, pipe) { Removal::Last } else { Removal::Shared }
    }

    /// Removes a pipe with all its topics; `visit` gets each and whether nobody else holds it.
    pub fn remove_pipe(&mut self, pipe: PipeId, mut visit: impl FnMut(&[u8], bool)) {
        for node in self.held.remove(pipe).unwrap_or_default() {
            let topic = self.tree.key(node);
            let last = self.remove_from_node(node, pipe);
            visit(&topic, last);
        }
    }

    /// The pipes that hold a prefix of `message`; one that holds several comes several times.
    pub fn matching<'a>(&'a self, message: &'a [u8]) -> impl Iterator<Item = PipeId> + 'a {
        self.tree.prefixes(message).flat_map(|subscribers| subscribers.0.iter().copied())
    }

    /// Number of topics that somebody holds.
    pub fn len(&self) -> usize {
        self.topics
    }

    /// Whether the pipe was the last one.
    fn remove_from_node(&mut self, node: NodeId, pipe: PipeId) -> bool {
        let subscribers = self.tree.value_mut(node);
        if let Some(place) = subscribers.0.iter().position(|held| *held == pipe) {
            subscribers.0.swap_remove(place);
        }
        let last = subscribers.is_vacant();
        if last {
            self.topics -= 1;
            self.tree.prune(node);
        }
        last
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
