//! MESSAGE: the frames of traffic, each in a box of its own.

use super::super::{Cipher, Failure};
use super::{SHORT, command, counted};
use crate::curve::{BoxKey, StreamKey, TAG};
use crate::msg::Flags;
use crate::wire::Violation;
use crate::wire::command::{Command, name};

/// The name, before anything else.
const NAME: &[u8; 8] = b"\x07MESSAGE";

/// Where the box begins, and in it the byte of flags and the body.
const BOX: usize = NAME.len() + SHORT;
const TEXT: usize = BOX + TAG;
const BODY: usize = TEXT + 1;

/// What the two sides of a connection have agreed on, and the numbers of the nonces that have been used.
pub(super) struct CurveCipher {
    sends: StreamKey,
    receives: StreamKey,
    /// The last number that this side has sealed with.
    sent: u64,
    /// The last number that the peer has sealed with.
    received: u64,
}

impl CurveCipher {
    /// For the client's side; INITIATE was its number 2.
    pub(super) fn of_client(key: BoxKey, received: u64) -> CurveCipher {
        CurveCipher::new(key, [counted::OF_CLIENT, counted::OF_SERVER], 2, received)
    }

    /// For the server's side; READY was its number 1.
    pub(super) fn of_server(key: BoxKey, received: u64) -> CurveCipher {
        CurveCipher::new(key, [counted::OF_SERVER, counted::OF_CLIENT], 1, received)
    }

    fn new(key: BoxKey, [ours, theirs]: [&counted::Prefix; 2], sent: u64, received: u64) -> CurveCipher {
        let sends = StreamKey::new(key.clone(), ours);
        CurveCipher { sends, receives: StreamKey::new(key, theirs), sent, received }
    }
}

impl Cipher for CurveCipher {
    fn overhead(&self) -> usize {
        BODY
    }

    fn seal(&mut self, flags: Flags, body: &[u8], out: &mut Vec<u8>) {
        // Does not come round: 2^64 frames are more than anybody sends.
        self.sent += 1;
        let number = self.sent.to_be_bytes();
        let at = out.len();
        out.reserve(BODY + body.len());
        out.extend_from_slice(NAME);
        out.extend_from_slice(&number);
        out.extend_from_slice(&[0; TAG]);
        out.push((flags & (Flags::MORE | Flags::COMMAND)).bits());
        out.extend_from_slice(body);
        if let Some((tag, text)) = out[at + BOX..].split_first_chunk_mut() {
            *tag = self.sends.seal(number, text);
        }
    }

    fn open(&mut self, sealed: &mut [u8]) -> Result<Flags, Failure> {
        let Command { name: name::MESSAGE, .. } = command(sealed)? else {
            return Err(Violation::UnexpectedCommand.into());
        };
        if sealed.len() < BODY {
            return Err(Violation::MalformedMessage.into());
        }
        let (head, text) = sealed.split_at_mut(TEXT);
        let (head, tag) = head.split_last_chunk::<TAG>().ok_or(Violation::MalformedMessage)?;
        let (_, number) = head.split_last_chunk::<SHORT>().ok_or(Violation::MalformedMessage)?;
        let count = u64::from_be_bytes(*number);
        if count <= self.received {
            return Err(Violation::Sequence.into());
        }
        if !self.receives.open(*number, tag, text) {
            return Err(Violation::Unopenable.into());
        }
        // Not before it has opened: anybody can send a number.
        self.received = count;
        let flags = text.first().copied().unwrap_or_default();
        Ok(Flags::from_bits_truncate(flags) & (Flags::MORE | Flags::COMMAND))
    }
}
