//! Where the elements of an array are that grows without moving: in segments, each twice as large as the
//! one before.

/// Segment of an element and its position in it, where segment n holds `first << n` elements.
#[inline]
pub fn segment_of(index: usize, first: usize) -> (usize, usize) {
    let segment = (index / first + 1).ilog2() as usize;
    (segment, index - first * ((1 << segment) - 1))
}
