//! The bytes on the edge to a node of a prefix tree.

/// A label is not joined with its parent's from this length on.
const LONG: usize = 1024;

/// What lies in the node itself.
const SHORT: usize = 14;

/// Bytes, few of them as a rule.
///
/// Cutting off the front of a long label does not move the rest each time, so that a peer cannot make
/// every small subscription cost as much as its longest one.
pub enum Label {
    /// So many of the bytes.
    Short(u8, [u8; SHORT]),
    /// More than that, with some at the front that were cut off.
    Long(Box<(Vec<u8>, usize)>),
}

impl Default for Label {
    fn default() -> Label {
        Label::Short(0, [0; SHORT])
    }
}

impl Label {
    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Label {
        let mut short = [0; SHORT];
        match short.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Label::Short(bytes.len() as u8, short)
            }
            None => Label::Long(Box::new((bytes.to_vec(), 0))),
        }
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Label::Short(len, bytes) => bytes.get(..usize::from(*len)),
            Label::Long(long) => long.0.get(long.1..),
        }
        .unwrap_or_default()
    }

    /// Takes the first `len` bytes off.
    pub fn cut_front(&mut self, len: usize) -> Label {
        let front = Label::new(self.bytes().get(..len).unwrap_or_default());
        match self {
            Label::Long(long) if long.0.len() - long.1 - len > SHORT.max(long.0.len() / 2) => long.1 += len,
            _ => *self = Label::new(self.bytes().get(len..).unwrap_or_default()),
        }
        front
    }

    /// Whether it may be joined with its parent's.
    pub fn accepts_more(&self) -> bool {
        self.bytes().len() < LONG
    }

    /// Puts bytes before it.
    pub fn prepend(&mut self, front: &[u8]) {
        *self = Label::new(&[front, self.bytes()].concat());
    }
}

const _: () = assert!(size_of::<Label>() == 16);
