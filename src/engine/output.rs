//! Bytes on their way out: small ones copied into one block, large bodies where they lie.

use super::{BATCH, EngineConfig};
use crate::msg::Message;
use crate::sync::InPlace;
use std::cell::Cell;
use std::collections::VecDeque;
use std::io::IoSlice;
use zeroize::Zeroize;

/// Bodies from this size on are not copied.
const BY_REFERENCE: usize = 4 * 1024;

/// The largest block that is kept for the next batch.
const KEPT: usize = 4 * BATCH;

/// The most bytes that a part has around it: the frame's header, a command's name, a seal.
const AROUND: usize = 128;

/// Bytes that were written are moved away when there are so many in front of others.
const COMPACTED: usize = BATCH / 2;

/// Most slices handed out at once.
const MAX_SLICES: usize = 64;

/// A queue of bytes.
pub(super) struct Output {
    copied: Vec<u8>,
    /// Bytes of `copied` that were written.
    start: usize,
    /// Bodies that are sent from where they lie.
    bodies: VecDeque<Body>,
    /// Bytes of the first body that were written.
    body_start: usize,
    /// Bytes of the bodies that were not written.
    bodies_len: usize,
    /// End of `copied` when the last of the bodies was added, if there are bodies.
    last_body_at: usize,
}

struct Body {
    /// Bytes of `copied` that come between the body before (or `start`) and this one.
    after: usize,
    message: Message,
}

impl Output {
    pub(super) fn new() -> Output {
        Output {
            copied: Vec::new(),
            start: 0,
            bodies: VecDeque::new(),
            body_start: 0,
            bodies_len: 0,
            last_body_at: 0,
        }
    }

    /// Bytes to write.
    #[inline]
    pub(super) fn pending(&self) -> usize {
        self.copied.len() - self.start + self.bodies_len
    }

    /// Whether the batch is not full.
    #[inline]
    pub(super) fn has_room(&self, config: &EngineConfig) -> bool {
        self.pending() < config.out_batch_size && self.bodies.len() < MAX_SLICES / 2
    }

    /// The block that bytes are appended to.
    #[inline]
    pub(super) fn copied(&mut self) -> &mut Vec<u8> {
        if self.copied.capacity() == 0 || self.start >= COMPACTED {
            self.prepare();
        }
        &mut self.copied
    }

    /// Makes sure that there is memory for `len` bytes to be appended, and as much for what is around them as
    /// any part needs. None if there is not.
    pub(super) fn reserve(&mut self, len: usize) -> Option<()> {
        self.copied().try_reserve(len.checked_add(AROUND)?).ok()
    }

    /// Appends a body, by copy or, taking it, by reference.
    #[inline(always)]
    pub(super) fn push_body(&mut self, message: InPlace<'_, Message>) {
        if message.len() < BY_REFERENCE {
            self.copied.extend_from_slice(message.data());
        } else {
            let message = message.into_inner();
            let since = if self.bodies.is_empty() { self.start } else { self.last_body_at };
            self.last_body_at = self.copied.len();
            self.bodies_len += message.len();
            self.bodies.push_back(Body { after: self.copied.len() - since, message });
        }
    }

    /// Hands out what is to be written, or the first part of it.
    pub(super) fn slices<'a>(&'a self, slices: &mut impl Extend<IoSlice<'a>>) {
        let mut at = self.start;
        let mut skip = self.body_start;
        let mut room = MAX_SLICES;
        for body in &self.bodies {
            if room < 2 {
                return;
            }
            let copied = &self.copied[at..at + body.after];
            at += body.after;
            let data = &body.message.data()[skip..];
            skip = 0;
            slices.extend([copied, data].into_iter().filter(|bytes| !bytes.is_empty()).map(IoSlice::new));
            room -= 2;
        }
        if room > 0 && at < self.copied.len() {
            slices.extend([IoSlice::new(&self.copied[at..])]);
        }
    }

    /// Forgets the first `n` bytes. True if these were all: then they are forgotten for good if they, or those
    /// before them, are confidential.
    pub(super) fn wrote(&mut self, mut n: usize, confidential: bool) -> bool {
        while n > 0 {
            let Some(body) = self.bodies.front_mut() else {
                self.start = self.copied.len().min(self.start + n);
                break;
            };
            let copied = body.after.min(n);
            body.after -= copied;
            self.start += copied;
            n -= copied;
            let written = n.min(body.message.len() - self.body_start);
            self.body_start += written;
            self.bodies_len -= written;
            n -= written;
            if body.after == 0 && self.body_start == body.message.len() {
                self.bodies.pop_front();
                self.body_start = 0;
            }
        }
        let all = self.start == self.copied.len() && self.bodies.is_empty();
        if all {
            if confidential {
                self.wipe();
            }
            self.drained();
        }
        all
    }

    /// Forgets for good what is in the block, and what was.
    pub(super) fn wipe(&mut self) {
        self.copied.zeroize();
    }

    /// Everything was written: a connection that has nothing to send holds no block.
    fn drained(&mut self) {
        self.start = 0;
        self.bodies = VecDeque::new();
        give_block(std::mem::take(&mut self.copied));
    }

    /// Makes room in the block: bytes that were written go.
    #[cold]
    fn prepare(&mut self) {
        if self.copied.capacity() == 0 {
            self.copied = take_block();
        }
        self.copied.drain(..self.start);
        self.last_body_at = self.last_body_at.saturating_sub(self.start);
        self.start = 0;
    }
}

thread_local! {
    /// The block of the batch before, for whichever connection this thread serves next: most batches are
    /// written whole, so one block serves all connections.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

fn take_block() -> Vec<u8> {
    SPARE.try_with(Cell::take).unwrap_or_default()
}

fn give_block(mut block: Vec<u8>) {
    block.clear();
    // A thread that is ending has no spare block any more.
    let _ = SPARE.try_with(|spare| {
        let present = spare.take();
        spare.set(if (present.capacity()..=KEPT).contains(&block.capacity()) { block } else { present });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::SocketType;

    fn bytes(output: &Output) -> Vec<u8> {
        let mut slices: Vec<IoSlice<'_>> = Vec::new();
        output.slices(&mut slices);
        slices.iter().flat_map(|slice| slice.iter().copied()).collect()
    }

    #[test]
    fn a_batch_is_as_large_as_is_asked_for() {
        let fill = |out_batch_size| {
            let config = EngineConfig { out_batch_size, ..EngineConfig::new(SocketType::Push) };
            let mut output = Output::new();
            while output.has_room(&config) {
                output.copied().extend_from_slice(&[0; 1000]);
            }
            output.pending()
        };
        assert_eq!((fill(1), fill(8192), fill(1_000_000)), (1000, 9000, 1_000_000));
    }

    #[test]
    fn a_block_is_wiped_when_all_is_written() {
        let mut output = Output::new();
        output.copied().extend_from_slice(b"secret");
        assert!(!output.wrote(4, true));
        assert_eq!(bytes(&output), b"et");
        assert!(output.wrote(2, true));
        output.copied().extend_from_slice(b"another");
        output.wipe();
        assert!(output.copied.is_empty());
    }

    #[test]
    fn a_peer_that_reads_slowly_does_not_make_the_block_grow() {
        let config = EngineConfig::new(SocketType::Push);
        let (mut output, mut number, mut seen) = (Output::new(), 0, 0);
        let len = |number: usize| if number % 900 == 450 { 2 * BY_REFERENCE } else { number % 900 };
        let mut expected = (0..).flat_map(|number: usize| vec![number as u8; len(number)]);
        while seen < 20_000_000 {
            while output.has_room(&config) {
                output.copied();
                let body = vec![number as u8; len(number)];
                output.push_body(Message::from_slice(&body).expect("memory").into());
                number += 1;
            }
            let ready = bytes(&output);
            let n = ready.len().min(20_011);
            assert!(ready[..n].iter().copied().eq(expected.by_ref().take(n)));
            output.wrote(n, false);
            seen += n;
        }
        assert!(output.copied.capacity() <= 4 * BATCH, "{}", output.copied.capacity());
        while output.pending() > 0 {
            output.wrote(bytes(&output).len(), false);
        }
        assert_eq!(
            (output.copied.capacity(), output.bodies.capacity()),
            (0, 0),
            "nothing to send, nothing held"
        );
    }
}
