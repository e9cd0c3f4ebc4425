//! ipc addresses: a path, an abstract name or a wildcard (zmq_ipc(7)).

use crate::error::{Error, Result};

/// Bytes of the longest address: what a unix-domain address holds, less its terminating zero.
pub const LONGEST_PATH: usize = 107;

/// Something to connect to. Neither variant is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IpcName {
    /// A file.
    Path(String),
    /// `@name`: Linux's abstract namespace, here without the `@`.
    Abstract(String),
}

/// Something to bind to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IpcBind {
    /// A file of that path replaces what was there; an abstract name must be free.
    Name(IpcName),
    /// `*`: a fresh file in a private directory, both removed in the end.
    Wildcard,
}

impl IpcName {
    /// Errors: `NameTooLong`, `Invalid` for `@` alone.
    pub fn parse(address: &str) -> Result<IpcName> {
        if address.len() > LONGEST_PATH {
            return Err(Error::NameTooLong);
        }
        match address.strip_prefix('@') {
            Some("") => Err(Error::Invalid),
            Some(name) => Ok(IpcName::Abstract(name.to_owned())),
            None if address.is_empty() => Err(Error::Invalid),
            None => Ok(IpcName::Path(address.to_owned())),
        }
    }
}

impl IpcBind {
    /// As [`IpcName::parse`]; whatever starts with `*` is a wildcard.
    pub fn parse(address: &str) -> Result<IpcBind> {
        if address.starts_with('*') {
            return Ok(IpcBind::Wildcard);
        }
        IpcName::parse(address).map(IpcBind::Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let longest = "p".repeat(LONGEST_PATH);
        let longer = "p".repeat(LONGEST_PATH + 1);
        for (text, expected) in [
            ("/tmp/a", Ok(IpcName::Path("/tmp/a".into()))),
            ("@a", Ok(IpcName::Abstract("a".into()))),
            ("@", Err(Error::Invalid)),
            (&longest, Ok(IpcName::Path(longest.clone()))),
            (&longer, Err(Error::NameTooLong)),
        ] {
            assert_eq!(IpcName::parse(text), expected, "{text}");
            assert_eq!(IpcBind::parse(text), expected.map(IpcBind::Name), "{text}");
        }
        assert_eq!(IpcBind::parse("*"), Ok(IpcBind::Wildcard));
        assert_eq!(IpcBind::parse("*x"), Ok(IpcBind::Wildcard));
        assert_eq!(IpcName::parse("*"), Ok(IpcName::Path("*".into())));
    }
}
