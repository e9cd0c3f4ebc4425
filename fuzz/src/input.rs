//! Decisions taken from a fuzzer's bytes.

use ferrozmq::options::SocketType::{self, *};

/// All types.
#[rustfmt::skip]
pub const TYPES: [SocketType; 21] = [
    Pair, Pub, Sub, Req, Rep, Dealer, Router, Pull, Push, Xpub, Xsub, Stream,
    Server, Client, Radio, Dish, Gather, Scatter, Dgram, Peer, Channel,
];

/// Bytes not used yet; when they run out, all decisions are 0.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Input<'a> {
        Input(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    /// A number below `bound`, which is at most 256.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound
    }

    pub fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Up to 255 bytes behind their length.
    pub fn short(&mut self) -> &'a [u8] {
        let len = self.byte().into();
        self.bytes(len)
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub fn socket_type(&mut self) -> SocketType {
        TYPES[self.below(TYPES.len())]
    }
}
