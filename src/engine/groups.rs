//! What a DISH receives: each message comes as two frames, its group and its body.

use crate::msg::{Annex, GROUP_MAX_LEN, Message, group_of, stored_group};
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
        let group = stored_group(group_of(frame.data()));
        if self.annex.group != group {
            let metadata = self.annex.metadata.clone();
            self.annex = Arc::new(Annex { metadata, group });
        }
        Ok(None)
    }
}
