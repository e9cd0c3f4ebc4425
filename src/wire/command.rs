//! Commands: a name with its length, then data.

/// Names of the commands.
pub mod name {
    /// Properties; ends the handshake.
    pub const READY: &[u8] = b"READY";
    /// The handshake was refused.
    pub const ERROR: &[u8] = b"ERROR";
    /// PLAIN: the client's name and password; CURVE: its short-term key.
    pub const HELLO: &[u8] = b"HELLO";
    /// PLAIN: the client may go on; CURVE: the server's short-term key.
    pub const WELCOME: &[u8] = b"WELCOME";
    /// PLAIN and CURVE: the client's properties, and who it is.
    pub const INITIATE: &[u8] = b"INITIATE";
    /// CURVE: a frame of traffic.
    pub const MESSAGE: &[u8] = b"MESSAGE";
    /// Asks for a sign of life.
    pub const PING: &[u8] = b"PING";
    /// Answers a PING.
    pub const PONG: &[u8] = b"PONG";
    /// Asks a publisher for messages with a prefix.
    pub const SUBSCRIBE: &[u8] = b"SUBSCRIBE";
    /// Takes a subscription back.
    pub const CANCEL: &[u8] = b"CANCEL";
    /// Asks a RADIO for the messages of a group.
    pub const JOIN: &[u8] = b"JOIN";
    /// Takes that back.
    pub const LEAVE: &[u8] = b"LEAVE";
}

/// Most bytes of a PING's context that a PONG brings back.
pub const MAX_CONTEXT: usize = 16;

/// A command's name and data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// The name, without its length.
    pub name: &'a [u8],
    /// All that follows the name.
    pub data: &'a [u8],
}

impl<'a> Command<'a> {
    /// Takes a frame body apart; None if it is empty or shorter than its name.
    pub fn parse(body: &'a [u8]) -> Option<Command<'a>> {
        let (&len, rest) = body.split_first()?;
        let (name, data) = rest.split_at_checked(usize::from(len))?;
        Some(Command { name, data })
    }
}

/// A PING's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping<'a> {
    /// Tenths of a second after which a silent peer is lost; 0 for never.
    pub ttl: u16,
    /// What the answer brings back.
    pub context: &'a [u8],
}

impl<'a> Ping<'a> {
    /// Takes a PING's data apart; None if there is no room for the TTL.
    pub fn parse(data: &'a [u8]) -> Option<Ping<'a>> {
        let (ttl, context) = data.split_first_chunk()?;
        Some(Ping { ttl: u16::from_be_bytes(*ttl), context: &context[..context.len().min(MAX_CONTEXT)] })
    }
}

/// Size of the body that [`push`] writes.
pub fn body_len(name: &[u8], data_len: usize) -> usize {
    1 + name.len() + data_len
}

/// Appends the body of a command with a name of at most 255 bytes.
pub fn push(out: &mut Vec<u8>, name: &[u8], data: &[u8]) {
    debug_assert!(name.len() <= 255);
    out.push(name.len() as u8);
    out.extend_from_slice(name);
    out.extend_from_slice(data);
}

/// The body of a command.
pub fn body(name: &[u8], data: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(body_len(name, data.len()));
    push(&mut body, name, data);
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_apart_as_they_were_put_together() {
        for (name, data) in [(name::SUBSCRIBE, &b"topic"[..]), (name::PONG, b""), (b"", b"x")] {
            assert_eq!(Command::parse(&body(name, data)), Some(Command { name, data }));
        }
        assert_eq!(body(name::PING, &[0, 25]), b"\x04PING\x00\x19");
    }

    #[test]
    fn bodies_shorter_than_their_name_are_no_commands() {
        assert_eq!(Command::parse(b""), None);
        assert_eq!(Command::parse(b"\x20BOGUS"), None);
        assert_eq!(Command::parse(b"\x05PING"), None);
    }

    #[test]
    fn pings_are_cut_and_need_a_ttl() {
        assert_eq!(Ping::parse(b"\x00"), None);
        assert_eq!(Ping::parse(b"\x02\x90"), Some(Ping { ttl: 656, context: b"" }));
        let long = Ping::parse(b"\x00\x010123456789abcdefGH").expect("whole");
        assert_eq!((long.ttl, long.context), (1, &b"0123456789abcdef"[..]));
    }
}
