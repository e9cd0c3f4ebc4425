//! What a DISH receives: each message comes as two frames, its group and its body.

use crate::msg::{Annex, GROUP_MAX_LEN, Message};
use crate::wire::Violation;
use std::sync::Arc;

/// Where a DISH is in the messages of a connection.
pub(super) struct Groups {
    /// What the next body carries: the connection's metadata and the group that came last. Messages of one
    /// group in a row share it.
    annex: Arc<Annex>,
    /// The group has come, and its body is awaited.
    within: bool,
}

impl Groups {
    /// On a connection whose messages carry the metadata of `annex`.
    pub(super) fn new(annex: &Arc<Annex>) -> Groups {
        Groups { annex: Arc::clone(annex), within: false }
    }

    /// Takes the next frame. What it carries if it is a body, None if it was a group.
    pub(super) fn receive(&mut self, more: bool, frame: &Message) -> Result<Option<&Arc<Annex>>, Violation> {
        if more == self.within || (more && frame.len() > GROUP_MAX_LEN) {
            return Err(Violation::MalformedGroup);
        }
        self.within = more;
        if !more {
            return Ok(Some(&self.annex));
        }
        let group = as_text(frame.data());
        if *self.annex.group != *group {
            let metadata = self.annex.metadata.clone();
            self.annex = Arc::new(Annex { metadata, group: group.into() });
        }
        Ok(None)
    }
}

/// The group up to a zero in it, with one at the end; nothing at all for the empty group.
fn as_text(group: &[u8]) -> Vec<u8> {
    let mut text = cut(group).to_vec();
    if !text.is_empty() {
        text.push(0);
    }
    text
}

/// A group ends before its first zero.
pub(super) fn cut(group: &[u8]) -> &[u8] {
    group.split(|byte| *byte == 0).next().unwrap_or_default()
}
