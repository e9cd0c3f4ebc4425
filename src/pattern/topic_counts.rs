//! The topics a subscriber asked for, and how often.

use super::prefix_tree::{PrefixTree, Value};

/// Counted topics.
#[derive(Default)]
pub struct TopicCounts {
    tree: PrefixTree<Count>,
    total: usize,
}

#[derive(Default)]
struct Count(u32);

impl Value for Count {
    fn is_vacant(&self) -> bool {
        self.0 == 0
    }
}

impl TopicCounts {
    /// Counts a topic once more.
    pub fn add(&mut self, topic: &[u8]) {
        let node = self.tree.entry(topic);
        let count = self.tree.value_mut(node);
        // So often that it is not going to be removed as often.
        count.0 = count.0.saturating_add(1);
        self.total += 1;
    }

    /// Counts a topic once less. Whether that was the last time.
    pub fn remove(&mut self, topic: &[u8]) -> bool {
        let Some(node) = self.tree.find(topic) else { return false };
        let count = self.tree.value_mut(node);
        if count.is_vacant() {
            return false;
        }
        count.0 -= 1;
        let last = count.is_vacant();
        self.total -= 1;
        self.tree.prune(node);
        last
    }

    /// Whether a topic is a prefix of `message`.
    pub fn matches(&self, message: &[u8]) -> bool {
        self.tree.prefixes(message).next().is_some()
    }

    /// All topics, each once.
    pub fn topics(&self) -> impl Iterator<Item = Vec<u8>> {
        self.tree.occupied().map(|node| self.tree.key(node))
    }

    /// Number of topics, each as often as it was counted.
    pub fn total(&self) -> usize {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_gone_when_it_was_removed_as_often_as_added() {
        let mut counts = TopicCounts::default();
        for topic in [&b"ab"[..], b"ab", b"abc", b"x"] {
            counts.add(topic);
        }
        assert_eq!(counts.total(), 4);
        assert!(!counts.remove(b"a"), "there is a node for it at most");
        assert!(!counts.remove(b"ab"));
        assert!(counts.matches(b"abx") && !counts.matches(b"a") && !counts.matches(b""));
        assert!(counts.remove(b"ab"));
        assert!(!counts.remove(b"ab"));
        assert!(counts.matches(b"abc") && !counts.matches(b"abx"));
        assert_eq!(counts.topics().collect::<Vec<_>>().len(), 2);
        counts.add(b"");
        assert!(counts.matches(b"") && counts.matches(b"anything"));
        assert_eq!(counts.total(), 3);
    }
}
