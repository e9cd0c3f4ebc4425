//! The nodes of a tree by the hashes of the edges that lead to them.
//!
//! One array, probed from where the hash belongs to the next vacant place, so that a look at an index too large
//! for the cache waits for memory once. Places are in the order of the hashes, so that growing reads and writes
//! from one end to the other; and as the hashes are there, it does not look at the nodes.

/// The index. Which of several nodes with one hash is meant, the caller knows.
#[derive(Default)]
pub struct EdgeIndex {
    places: Box<[Place]>,
    len: usize,
}

/// Hash and node, which is not 0; 0 when vacant.
type Place = u64;

/// Places of an index that has become too small, at least.
const FEWEST: usize = 4;

impl EdgeIndex {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The node with that hash which `is_meant`.
    #[inline]
    pub fn find(&self, hash: u32, is_meant: impl Fn(u32) -> bool) -> Option<u32> {
        self.position(hash, is_meant).map(|at| node_of(self.places[at]))
    }

    /// Adds a node, which must not be 0, and not be there.
    pub fn insert(&mut self, hash: u32, node: u32) {
        // Four fifths are full at the most: probes get long beyond that.
        if (self.len + 1) * 5 > self.places.len() * 4 {
            self.grow();
        }
        self.put(u64::from(hash) << 32 | u64::from(node));
        self.len += 1;
    }

    /// Removes a node, if it is there.
    pub fn remove(&mut self, hash: u32, node: u32) {
        let Some(mut vacated) = self.position(hash, |found| found == node) else { return };
        self.len -= 1;
        // Those behind move up, as far as they then are not before where they belong.
        let mut at = vacated;
        loop {
            at = self.after(at);
            let place = self.places[at];
            if place == 0 {
                break;
            }
            if self.distance(self.home(hash_of(place)), at) >= self.distance(vacated, at) {
                self.places[vacated] = place;
                vacated = at;
            }
        }
        self.places[vacated] = 0;
    }

    /// Where the node with that hash is which `is_meant`.
    #[inline]
    fn position(&self, hash: u32, is_meant: impl Fn(u32) -> bool) -> Option<usize> {
        if self.places.is_empty() {
            return None;
        }
        let mut at = self.home(hash);
        loop {
            let place = self.places[at];
            if place == 0 {
                return None;
            }
            if hash_of(place) == hash && is_meant(node_of(place)) {
                return Some(at);
            }
            at = self.after(at);
        }
    }

    fn grow(&mut self) {
        let len = FEWEST.max(self.places.len() * 2);
        let old = std::mem::replace(&mut self.places, vec![0; len].into_boxed_slice());
        old.into_iter().filter(|place| *place != 0).for_each(|place| self.put(place));
    }

    fn put(&mut self, place: Place) {
        let mut at = self.home(hash_of(place));
        while self.places[at] != 0 {
            at = self.after(at);
        }
        self.places[at] = place;
    }

    /// Where a hash belongs.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.places.len() as u64) >> 32) as usize
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.places.len() { 0 } else { at + 1 }
    }

    /// Steps from one place to another.
    fn distance(&self, from: usize, to: usize) -> usize {
        if to >= from { to - from } else { to + self.places.len() - from }
    }
}

#[inline]
fn hash_of(place: Place) -> u32 {
    (place >> 32) as u32
}

#[inline]
fn node_of(place: Place) -> u32 {
    place as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// The hash of a node is one of few, at both ends: many belong to one place, and runs go past the end.
        #[test]
        fn behaves_like_a_map(
            steps in prop::collection::vec((1..60u32, prop_oneof![0..4u32, u32::MAX - 3..=u32::MAX, any::<u32>()]), 1..300)
        ) {
            let mut index = EdgeIndex::default();
            let mut model = BTreeMap::new();
            for (node, hash) in steps {
                match model.remove(&node) {
                    Some(hash) => index.remove(hash, node),
                    None => {
                        index.insert(hash, node);
                        model.insert(node, hash);
                    }
                }
                index.remove(hash, 100);
                prop_assert_eq!(index.is_empty(), model.is_empty());
                for node in 1..60 {
                    let hash = model.get(&node).copied();
                    prop_assert_eq!(index.find(hash.unwrap_or(0), |found| found == node).is_some(), hash.is_some());
                }
            }
        }
    }
}
