//! The group a message is published to (RADIO) or came by (DISH).

use super::{Annex, Message};
use std::ffi::CStr;
use std::sync::Arc;

/// Longest group in bytes; longer texts are cut.
pub const GROUP_MAX_LEN: usize = 255;

impl Message {
    /// The group; empty when there is none.
    pub fn group(&self) -> &CStr {
        let stored = self.annex().and_then(|annex| CStr::from_bytes_until_nul(&annex.group).ok());
        stored.unwrap_or_default()
    }

    /// Sets the group to the first [`GROUP_MAX_LEN`] bytes of `group`; the metadata stays.
    pub fn set_group(&mut self, group: &CStr) {
        let text = group.to_bytes();
        let text = &text[..text.len().min(GROUP_MAX_LEN)];
        let metadata = self.annex().and_then(|annex| annex.metadata.clone());
        if text.is_empty() && metadata.is_none() {
            return self.set_annex(None);
        }
        let group = if text.is_empty() { Box::default() } else { [text, &[0]].concat().into() };
        self.set_annex(Some(Arc::new(Annex { metadata, group })));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msg::Metadata;

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
        message.set_annex(Some(Arc::new(Annex { metadata, group: Box::default() })));
        let long = std::ffi::CString::new(vec![b'x'; 300]).expect("no zero in it");
        message.set_group(&long);
        assert_eq!(message.group().count_bytes(), GROUP_MAX_LEN);
        message.set_group(c"");
        assert!(message.group() == c"" && message.metadata().is_some());
    }
}
