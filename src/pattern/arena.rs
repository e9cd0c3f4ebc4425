//! An array that grows without moving what is in it.
//!
//! Its parts are allocated one by one, each twice as large as the one before: growing copies nothing and
//! leaves no holes behind, and a small array is small.

use crate::sync::segment_of;
use std::ops::{Index, IndexMut};

/// Elements of the first part.
const FIRST: usize = 4;

/// The array.
pub struct Arena<T> {
    parts: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Arena<T> {
    fn default() -> Arena<T> {
        Arena { parts: Vec::new(), len: 0 }
    }
}

impl<T> Arena<T> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Adds an element at the end.
    pub fn push(&mut self, element: T) {
        let (part, _) = segment_of(self.len, FIRST);
        if part == self.parts.len() {
            self.parts.push(Vec::with_capacity(FIRST << part));
        }
        if let Some(part) = self.parts.get_mut(part) {
            part.push(element);
            self.len += 1;
        }
    }

    /// All elements, in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.parts.iter().flatten()
    }
}

impl<T> Index<usize> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        let (part, place) = segment_of(index, FIRST);
        &self.parts[part][place]
    }
}

impl<T> IndexMut<usize> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        let (part, place) = segment_of(index, FIRST);
        &mut self.parts[part][place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_stay_where_they_are() {
        let mut arena = Arena::default();
        for number in 0..1000 {
            arena.push(number);
        }
        let address = &raw const arena[17];
        arena.push(1000);
        assert_eq!((&raw const arena[17], arena.len()), (address, 1001));
        assert!((0..=1000).all(|number| arena[number] == number));
        assert!(arena.iter().copied().eq(0..=1000));
        arena[5] = 0;
        assert_eq!(arena[5], 0);
    }
}
