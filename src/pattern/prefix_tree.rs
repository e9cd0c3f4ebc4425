//! Values by byte string, found by all prefixes of a text at once.
//!
//! A tree whose edges carry up to [`STRIDE`] bytes: a string is cut into steps of that many, and what
//! is left is the last one. All edges are found in one index, by the node that they leave and their bytes.
//! A node knows which lengths the edges that leave it have, so that a text takes one look at the index
//! for each of those, and none for what is not there. However many strings there are, that is at most
//! one look a byte, and with strings of few lengths, one or two in all.
//!
//! Nodes lie in one array and name each other by position; a node that holds a value keeps its
//! position as long as it holds one. Nothing here recurses: peers decide how deep the tree is.

use super::arena::Arena;
use super::edge_index::EdgeIndex;
use foldhash::fast::RandomState;
use smallvec::SmallVec;
use std::hash::BuildHasher;

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
    /// All nodes that are in use, but the root, by the edges that lead to them.
    edges: EdgeIndex,
    hasher: RandomState,
}

#[derive(Default)]
struct Node<V> {
    /// The edge that leads to it: its bytes, and how many.
    bytes: u128,
    len: u8,
    parent: NodeId,
    /// How many edges leave it.
    children: u32,
    /// The lengths that they have or had, one bit each.
    lengths: Lengths,
    value: V,
}

/// The bytes of an edge: 1 to [`STRIDE`], none for the root. Behind them are zeros.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Step {
    bytes: u128,
    len: u8,
}

/// Set of lengths from 1 to [`STRIDE`].
#[derive(Clone, Copy, Default)]
struct Lengths(u16);

/// The most bytes of an edge. Only from nodes at the end of such an edge, and the root, do others go on.
const STRIDE: usize = 16;

const ROOT: NodeId = NodeId(0);

impl Default for NodeId {
    fn default() -> NodeId {
        ROOT
    }
}

impl<V: Value> Default for PrefixTree<V> {
    fn default() -> PrefixTree<V> {
        PrefixTree::with_root(V::default())
    }
}

impl<V: Value> PrefixTree<V> {
    fn with_root(value: V) -> PrefixTree<V> {
        let mut nodes = Arena::default();
        nodes.push(Node { value, ..Node::default() });
        PrefixTree { nodes, unused: Vec::new(), edges: EdgeIndex::default(), hasher: RandomState::default() }
    }

    /// The node of exactly this string, made if need be. If its value stays vacant, it must be
    /// given to [`PrefixTree::prune`].
    pub fn entry(&mut self, key: &[u8]) -> NodeId {
        key.chunks(STRIDE).fold(ROOT, |parent, bytes| self.child_or_new(parent, Step::new(bytes)))
    }

    /// The node of exactly this string, if there is one; its value may be vacant.
    pub fn find(&self, key: &[u8]) -> Option<NodeId> {
        key.chunks(STRIDE).try_fold(ROOT, |parent, bytes| self.child(parent, Step::new(bytes)))
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
        let root = self.node(ROOT);
        let (mut at, mut lengths) = (ROOT, root.lengths);
        let (mut rest, mut ahead) = (text, Step::new(text));
        let below = std::iter::from_fn(move || {
            loop {
                let step = ahead.front(lengths.pop()?)?;
                let Some(id) = self.child(at, step) else { continue };
                let node = self.node(id);
                if usize::from(step.len) == STRIDE {
                    // The longest comes last, so nothing is left to be looked for at the node before.
                    rest = rest.get(STRIDE..).unwrap_or_default();
                    (at, lengths, ahead) = (id, node.lengths, Step::new(rest));
                }
                return Some(&node.value);
            }
        });
        std::iter::once(&root.value).chain(below).filter(|value| !value.is_vacant())
    }

    /// The string of a node.
    pub fn key(&self, id: NodeId) -> Vec<u8> {
        let path: SmallVec<[NodeId; 32]> = std::iter::successors(Some(id), |id| {
            let parent = self.node(*id).parent;
            (*id != ROOT).then_some(parent)
        })
        .collect();
        let mut key = Vec::with_capacity(path.len() * STRIDE);
        path.iter().rev().for_each(|id| self.node(*id).step().append_to(&mut key));
        key
    }

    /// All nodes whose values are not vacant.
    pub fn occupied(&self) -> impl Iterator<Item = NodeId> {
        (0..).map(NodeId).zip(self.nodes.iter()).filter(|(_, node)| !node.value.is_vacant()).map(|(id, _)| id)
    }

    /// Removes a node that is there for nothing: its value is vacant and no edge leaves it. The same
    /// for those above that were there for it.
    pub fn prune(&mut self, id: NodeId) {
        let mut id = id;
        while id != ROOT && self.node(id).children == 0 && self.node(id).value.is_vacant() {
            let (parent, step) = (self.node(id).parent, self.node(id).step());
            let hash = hash(&self.hasher, parent, step);
            self.edges.remove(hash, id.0);
            *self.node_mut(id) = Node::default();
            self.unused.push(id);
            let above = self.node_mut(parent);
            above.children -= 1;
            if above.children == 0 {
                above.lengths = Lengths::default();
            }
            id = parent;
        }
        if self.edges.is_empty() && self.nodes.len() > 1 {
            *self = PrefixTree::with_root(std::mem::take(self.value_mut(ROOT)));
        }
    }

    #[inline]
    fn child(&self, parent: NodeId, step: Step) -> Option<NodeId> {
        let leads = |node| self.node(NodeId(node)).is_at(parent, step);
        self.edges.find(hash(&self.hasher, parent, step), leads).map(NodeId)
    }

    fn child_or_new(&mut self, parent: NodeId, step: Step) -> NodeId {
        let PrefixTree { nodes, unused, edges, hasher } = self;
        let hash = hash(hasher, parent, step);
        if let Some(node) = edges.find(hash, |node| nodes[node as usize].is_at(parent, step)) {
            return NodeId(node);
        }
        // 2^32 nodes would take more than 200 GB.
        let id = unused.pop().unwrap_or(NodeId(nodes.len() as u32));
        edges.insert(hash, id.0);
        let node = Node { bytes: step.bytes, len: step.len, parent, ..Node::default() };
        if id.0 as usize == nodes.len() {
            nodes.push(node);
        } else {
            nodes[id.0 as usize] = node;
        }
        let above = &mut nodes[parent.0 as usize];
        above.children += 1;
        above.lengths.add(step.len);
        id
    }

    /// Ids come from this tree only, and its array shrinks only when no id but the root's is left.
    #[inline]
    fn node(&self, id: NodeId) -> &Node<V> {
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node<V> {
        &mut self.nodes[id.0 as usize]
    }
}

/// Seeded, as peers choose the strings.
#[inline]
fn hash(hasher: &RandomState, parent: NodeId, step: Step) -> u32 {
    hasher.hash_one((step.bytes, u64::from(parent.0) << 8 | u64::from(step.len))) as u32
}

impl<V> Node<V> {
    fn step(&self) -> Step {
        Step { bytes: self.bytes, len: self.len }
    }

    #[inline]
    fn is_at(&self, parent: NodeId, step: Step) -> bool {
        self.step() == step && self.parent == parent
    }
}

impl Step {
    /// The first bytes of `text`, as many as one step takes.
    #[inline]
    fn new(text: &[u8]) -> Step {
        let len = text.len().min(STRIDE);
        let mut bytes = [0; STRIDE];
        if let (Some(place), Some(front)) = (bytes.get_mut(..len), text.get(..len)) {
            place.copy_from_slice(front);
        }
        Step { bytes: u128::from_le_bytes(bytes), len: len as u8 }
    }

    /// Its first `len` bytes; None if it has fewer.
    #[inline]
    fn front(self, len: u8) -> Option<Step> {
        let bytes = self.bytes & (u128::MAX >> (u128::BITS - 8 * u32::from(len)));
        (len <= self.len).then_some(Step { bytes, len })
    }

    fn append_to(self, out: &mut Vec<u8>) {
        out.extend(self.bytes.to_le_bytes().iter().take(self.len.into()));
    }
}

impl Lengths {
    fn add(&mut self, len: u8) {
        self.0 |= 1 << (len - 1);
    }

    /// Takes the shortest out.
    #[inline]
    fn pop(&mut self) -> Option<u8> {
        let shortest = self.0.checked_ilog2().map(|_| self.0.trailing_zeros() as u8 + 1);
        self.0 &= self.0.wrapping_sub(1);
        shortest
    }
}

const _: () = assert!(STRIDE == u16::BITS as usize && STRIDE == size_of::<u128>());

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

    /// Around the lengths of no, one and two steps.
    fn topic() -> impl Strategy<Value = Vec<u8>> {
        let tail = prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(0), any::<u8>()], 0..8);
        let front = prop_oneof![Just(0), Just(STRIDE - 4), Just(STRIDE), Just(2 * STRIDE - 2)];
        (front, tail).prop_map(|(front, tail)| [vec![b'a'; front], tail].concat())
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
                prop_assert!(live <= 3 * model.len() + 1, "{live} nodes for {} strings", model.len());
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
    fn what_a_long_string_needed_goes_with_it() {
        let mut tree = PrefixTree::<Number>::default();
        let long: Vec<u8> = (0..5000u32).map(|i| (i % 251) as u8).collect();
        for len in [long.len(), 3] {
            let id = tree.entry(&long[..len]);
            *tree.value_mut(id) = Number(len as u32);
        }
        let found: Vec<_> = tree.prefixes(&long).map(|number| number.0).collect();
        assert_eq!(found, [3, 5000]);
        let id = tree.entry(&long);
        *tree.value_mut(id) = Number(0);
        tree.prune(id);
        assert_eq!(tree.prefixes(&long).map(|number| number.0).collect::<Vec<_>>(), [3]);
        assert_eq!(tree.nodes.len() - tree.unused.len(), 2);
    }
}
