//! What a DISH receives: each message comes as two frames, its group and its body.

use crate::msg::{Annex, AnnexStock, GROUP_MAX_LEN, Message, SharedAnnex, group_of, stored_group};
use crate::wire::Violation;

/// Where a DISH is in the messages of a connection.
pub(super) struct Groups {
    /// What the next body carries: the connection's metadata and the group that came last. Messages of one
    /// group in a row share it.
    annex: AnnexStock,
    /// The group has come, and its body is awaited.
    within: bool,
}

impl Groups {
    /// On a connection whose messages carry the metadata of `annex`.
    pub(super) fn new(annex: &SharedAnnex) -> Groups {
        Groups { annex: AnnexStock::new(annex.clone()), within: false }
    }

    /// Takes the next frame. What it carries if it is a body, None if it was a group.
    pub(super) fn receive(&mut self, more: bool, frame: &Message) -> Result<Option<SharedAnnex>, Violation> {
        if more == self.within || (more && frame.len() > GROUP_MAX_LEN) {
            return Err(Violation::MalformedGroup);
        }
        self.within = more;
        if !more {
            return Ok(Some(self.annex.take()));
        }
        let group = stored_group(group_of(frame.data()));
        let last = self.annex.annex();
        if last.group != group {
            let metadata = last.metadata.clone();
            self.annex = AnnexStock::new(Annex { metadata, group }.into());
        }
        Ok(None)
    }
}
