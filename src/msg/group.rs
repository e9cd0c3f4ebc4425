//! The group a message is published to (RADIO) or came by (DISH).

use super::{Annex, Message};
use std::ffi::CStr;

/// Longest group in bytes; longer texts are cut.
pub const GROUP_MAX_LEN: usize = 255;

/// A group as peers write it ends before its first zero.
pub fn group_of(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A group, without a zero in it, as an [`Annex`] holds it.
pub fn stored_group(group: &[u8]) -> Box<[u8]> {
    if group.is_empty() { Box::default() } else { [group, &[0]].concat().into() }
}

impl Message {
    /// The group; empty when there is none.
    pub fn group(&self) -> &CStr {
        let stored = self.annex().and_then(|annex| CStr::from_bytes_until_nul(&annex.group).ok());
        stored.unwrap_or_default()
    }

    /// Sets the group to the first [`GROUP_MAX_LEN`] bytes of `group`; the metadata stays.
    pub fn set_group(&mut self, group: &CStr) {
        self.set_group_bytes(group.to_bytes());
    }

    /// As [`Message::set_group`], of a group without a zero in it.
    pub fn set_group_bytes(&mut self, group: &[u8]) {
        let group = &group[..group.len().min(GROUP_MAX_LEN)];
        let metadata = self.annex().and_then(|annex| annex.metadata.clone());
        if group.is_empty() && metadata.is_none() {
            return self.set_annex(None);
        }
        self.set_annex(Some(Annex { metadata, group: stored_group(group) }.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msg::Metadata;
    use std::sync::Arc;

    #[test]
    fn groups_are_replaced_cut_and_cleared_beside_the_metadata() {
        let mut message = Message::new();
        assert_eq!(message.group(), c"");
        message.set_group(c"weather");
        message.set_group(c"news");
        assert_eq!(message.group(), c"news");
        assert_eq!(message.share().group(), c"news");
        message.set_group(c"");
        assert!(message.group() == c"" && message.annex().is_none());
        let metadata = Some(Arc::new(Metadata::default()));
        message.set_annex(Some(Annex { metadata, group: Box::default() }.into()));
        let long = std::ffi::CString::new(vec![b'x'; 300]).expect("no zero in it");
        message.set_group(&long);
        assert_eq!(message.group().count_bytes(), GROUP_MAX_LEN);
        message.set_group(c"");
        assert!(message.group() == c"" && message.metadata().is_some());
    }
}
