//! Values by byte string, found by all prefixes of a text at once.
//!
//! A path-compressed tree: an edge carries as many bytes as no other string branches off between.
//! Nodes lie in one array and name each other by position; a node that holds a value keeps its
//! position as long as it holds one. Nothing here recurses: peers decide how deep the tree is.

use super::arena::Arena;
use super::edge::Label;
use smallvec::SmallVec;

/// What a node may hold; a vacant value is as good as none.
pub trait Value: Default {
    /// Whether the node is only there for others.
    fn is_vacant(&self) -> bool;
}

/// Position of a node, valid while its value is not vacant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(u32);

/// The tree.
pub struct PrefixTree<V> {
    /// The first is the root, which stands for the empty string and is always there.
    nodes: Arena<Node<V>>,
    /// Positions that are not in use.
    unused: Vec<NodeId>,
}

#[derive(Default)]
struct Node<V> {
    label: Label,
    parent: NodeId,
    /// By the first byte of their labels, in order. As few bytes as possible: most nodes have none.
    children: Box<[(u8, NodeId)]>,
    value: V,
}

const ROOT: NodeId = NodeId(0);

impl Default for NodeId {
    fn default() -> NodeId {
        ROOT
    }
}

impl<V: Value> Default for PrefixTree<V> {
    fn default() -> PrefixTree<V> {
        let mut nodes = Arena::default();
        nodes.push(Node::default());
        PrefixTree { nodes, unused: Vec::new() }
    }
}

impl<V: Value> PrefixTree<V> {
    /// The node of exactly this string, made if need be. If its value stays vacant, it must be
    /// given to [`PrefixTree::prune`].
    pub fn entry(&mut self, key: &[u8]) -> NodeId {
        let mut id = ROOT;
        let mut rest = key;
        while let Some(first) = rest.first() {
            let Some(child) = self.node(id).child(*first) else {
                return self.add_child(id, rest);
            };
            let label = self.node(child).label.bytes();
            let common = label.iter().zip(rest).take_while(|(a, b)| a == b).count();
            id = if common < label.len() { self.split(child, common) } else { child };
            rest = rest.get(common..).unwrap_or_default();
        }
        id
    }

    /// The node of exactly this string, if there is one; its value may be vacant.
    pub fn find(&self, key: &[u8]) -> Option<NodeId> {
        let mut id = ROOT;
        let mut rest = key;
        while let Some(first) = rest.first() {
            id = self.node(id).child(*first)?;
            rest = rest.strip_prefix(self.node(id).label.bytes())?;
        }
        Some(id)
    }

    /// Whether the array has a node of that number; it may be out of use.
    pub fn contains(&self, id: NodeId) -> bool {
        (id.0 as usize) < self.nodes.len()
    }

    /// The value of a node.
    pub fn value(&self, id: NodeId) -> &V {
        &self.node(id).value
    }

    /// The value of a node. One that becomes vacant must be given to [`PrefixTree::prune`].
    pub fn value_mut(&mut self, id: NodeId) -> &mut V {
        &mut self.node_mut(id).value
    }

    /// The values of all strings that `text` begins with, the shortest first.
    pub fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = &'a V> {
        let mut next = Some((ROOT, text));
        std::iter::from_fn(move || {
            let (id, rest) = next?;
            let node = self.node(id);
            next = rest.first().and_then(|first| {
                let child = node.child(*first)?;
                Some((child, rest.strip_prefix(self.node(child).label.bytes())?))
            });
            Some(&node.value)
        })
        .filter(|value| !value.is_vacant())
    }

    /// The string of a node.
    pub fn key(&self, id: NodeId) -> Vec<u8> {
        let path: SmallVec<[NodeId; 32]> = std::iter::successors(Some(id), |id| {
            let parent = self.node(*id).parent;
            (*id != ROOT).then_some(parent)
        })
        .collect();
        path.iter().rev().flat_map(|id| self.node(*id).label.bytes()).copied().collect()
    }

    /// All nodes whose values are not vacant.
    pub fn occupied(&self) -> impl Iterator<Item = NodeId> {
        (0..).map(NodeId).zip(self.nodes.iter()).filter(|(_, node)| !node.value.is_vacant()).map(|(id, _)| id)
    }

    /// Removes a node that is there for nothing: its value is vacant and fewer than two branches go
    /// on from it.
    pub fn prune(&mut self, id: NodeId) {
        let mut id = id;
        while id != ROOT && self.node(id).value.is_vacant() {
            let Node { parent, children, .. } = self.node(id);
            let (parent, first) = (*parent, self.node(id).label.bytes().first().copied());
            match **children {
                [] => {
                    if let Some(first) = first {
                        self.node_mut(parent).remove_child(first);
                    }
                    self.release(id);
                    id = parent;
                }
                [(_, child)] if self.node(child).label.accepts_more() => {
                    let Node { label, .. } = std::mem::take(self.node_mut(id));
                    let node = self.node_mut(child);
                    node.label.prepend(label.bytes());
                    node.parent = parent;
                    if let Some(first) = first {
                        self.node_mut(parent).set_child(first, child);
                    }
                    self.release(id);
                    return;
                }
                _ => return,
            }
        }
        if self.nodes.len() == self.unused.len() + 1 && self.nodes.len() > 1 {
            let root = std::mem::take(self.value_mut(ROOT));
            *self = PrefixTree { nodes: Arena::default(), unused: Vec::new() };
            self.nodes.push(Node { value: root, ..Node::default() });
        }
    }

    /// Cuts the edge to a node after `len` bytes; the new node is the upper one.
    fn split(&mut self, lower: NodeId, len: usize) -> NodeId {
        let node = self.node_mut(lower);
        let parent = node.parent;
        let top = node.label.cut_front(len);
        let (first, below) = (top.bytes().first().copied(), node.label.bytes().first().copied());
        let upper = self.acquire(Node { label: top, parent, ..Node::default() });
        self.node_mut(lower).parent = upper;
        if let (Some(first), Some(below)) = (first, below) {
            self.node_mut(upper).set_child(below, lower);
            self.node_mut(parent).set_child(first, upper);
        }
        upper
    }

    fn add_child(&mut self, parent: NodeId, label: &[u8]) -> NodeId {
        let id = self.acquire(Node { label: Label::new(label), parent, ..Node::default() });
        if let Some(first) = label.first() {
            self.node_mut(parent).set_child(*first, id);
        }
        id
    }

    fn acquire(&mut self, node: Node<V>) -> NodeId {
        if let Some(id) = self.unused.pop() {
            *self.node_mut(id) = node;
            return id;
        }
        // 2^32 nodes would take more than 300 GB.
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        id
    }

    fn release(&mut self, id: NodeId) {
        *self.node_mut(id) = Node::default();
        self.unused.push(id);
    }

    /// Ids come from this tree only, and its array shrinks only when no id but the root's is left.
    fn node(&self, id: NodeId) -> &Node<V> {
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node<V> {
        &mut self.nodes[id.0 as usize]
    }
}

impl<V> Node<V> {
    fn child(&self, first: u8) -> Option<NodeId> {
        let place = self.place(first).ok()?;
        self.children.get(place).map(|(_, id)| *id)
    }

    fn set_child(&mut self, first: u8, id: NodeId) {
        match self.place(first) {
            Ok(place) => {
                if let Some(child) = self.children.get_mut(place) {
                    child.1 = id;
                }
            }
            Err(place) => {
                let mut children = std::mem::take(&mut self.children).into_vec();
                children.reserve_exact(1);
                children.insert(place, (first, id));
                self.children = children.into_boxed_slice();
            }
        }
    }

    fn remove_child(&mut self, first: u8) {
        if let Ok(place) = self.place(first) {
            let mut children = std::mem::take(&mut self.children).into_vec();
            children.remove(place);
            self.children = children.into_boxed_slice();
        }
    }

    fn place(&self, first: u8) -> Result<usize, usize> {
        self.children.binary_search_by_key(&first, |(byte, _)| *byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[derive(Default, Debug, PartialEq)]
    struct Number(u32);

    impl Value for Number {
        fn is_vacant(&self) -> bool {
            self.0 == 0
        }
    }

    fn topic() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(0), any::<u8>()], 0..8)
    }

    proptest! {
        #[test]
        fn behaves_like_a_list_of_strings(
            steps in prop::collection::vec((topic(), 0..3u32), 1..120),
            texts in prop::collection::vec(topic(), 20),
        ) {
            let mut tree = PrefixTree::<Number>::default();
            let mut model = BTreeMap::new();
            for (key, number) in steps {
                let id = tree.entry(&key);
                *tree.value_mut(id) = Number(number);
                tree.prune(id);
                if number == 0 { model.remove(&key); } else { model.insert(key, number); }
                let live = tree.nodes.len() - tree.unused.len();
                prop_assert!(live <= 2 * model.len() + 1, "{live} nodes for {} strings", model.len());
            }
            let mut keys: Vec<_> = tree.occupied().map(|id| (tree.key(id), tree.value(id).0)).collect();
            keys.sort();
            prop_assert_eq!(keys, model.clone().into_iter().collect::<Vec<_>>());
            for (key, number) in &model {
                prop_assert_eq!(tree.find(key).map(|id| tree.value(id).0), Some(*number));
            }
            for text in texts {
                let found: Vec<_> = tree.prefixes(&text).map(|number| number.0).collect();
                let expected: Vec<_> =
                    (0..=text.len()).filter_map(|len| model.get(&text[..len]).copied()).collect();
                prop_assert_eq!(found, expected);
            }
            for key in model.keys() {
                let id = tree.entry(key);
                *tree.value_mut(id) = Number(0);
                tree.prune(id);
            }
            prop_assert_eq!((tree.nodes.len(), tree.unused.len()), (1, 0), "an empty tree holds nothing");
        }
    }

    #[test]
    fn a_topic_per_byte_is_no_problem() {
        let mut tree = PrefixTree::<Number>::default();
        let deep = vec![b'x'; 2000];
        for len in (0..=deep.len()).rev() {
            let id = tree.entry(&deep[..len]);
            *tree.value_mut(id) = Number(1);
        }
        assert_eq!(tree.prefixes(&deep).count(), deep.len() + 1);
        assert_eq!(tree.find(&deep).map(|id| tree.key(id).len()), Some(deep.len()));
        for len in 0..=deep.len() {
            let id = tree.entry(&deep[..len]);
            *tree.value_mut(id) = Number(0);
            tree.prune(id);
        }
        assert_eq!(tree.prefixes(&deep).count(), 0);
    }

    #[test]
    fn cutting_a_long_label_bit_by_bit_keeps_its_bytes() {
        let mut tree = PrefixTree::<Number>::default();
        let long: Vec<u8> = (0..5000u32).map(|i| (i % 251) as u8).collect();
        for len in std::iter::once(long.len()).chain(1..200) {
            let id = tree.entry(&long[..len]);
            *tree.value_mut(id) = Number(len as u32);
        }
        let found: Vec<_> = tree.prefixes(&long).map(|number| number.0).collect();
        assert_eq!(found, (1..200).chain([5000]).collect::<Vec<_>>());
        for len in 1..200 {
            let id = tree.entry(&long[..len]);
            *tree.value_mut(id) = Number(0);
            tree.prune(id);
        }
        assert_eq!(tree.prefixes(&long).map(|number| number.0).collect::<Vec<_>>(), [5000]);
        assert!(tree.nodes.len() - tree.unused.len() <= 4, "at most one node is kept before a long label");
    }
}
