//! CURVE (RFC 26): the client knows the server's public key, shows its own, and everything is sealed.
//!
//! ```text
//!   client                       server
//!   HELLO C' box(C'→S)     ───>
//!                          <───  WELCOME box(S→C': S' cookie)
//!   INITIATE cookie        ───>          asks about C
//!     box(C'→S': C vouch(C→S': C' S) properties)
//!                          <───  READY box(S'→C': properties)      or ERROR, or nothing more
//!   MESSAGE box(C'→S')     <──>  MESSAGE box(S'→C')
//! ```
//!
//! C and S are the long-term keys of the two sides, C' and S' are made for one connection and forgotten with
//! it. `box(X→Y)` is sealed with what the secret key of X and the public key of Y agree on. The server keeps
//! neither C' nor S' between WELCOME and INITIATE: they are in the cookie, sealed with a key that it
//! keeps. See docs/security.md.

mod cipher;
mod client;
mod server;
#[cfg(test)]
mod tests;

pub(super) use client::CurveClient;
pub(super) use server::CurveServer;

use super::Failure;
use crate::curve::{Nonce, TAG};
use crate::wire::Violation;
use crate::wire::command::Command;

/// Bytes of a nonce that are sent: a number that only grows.
const SHORT: usize = 8;

/// Bytes of a nonce that are sent: random ones.
const LONG: usize = 16;

/// Version 1.0, and zeros that make HELLO longer than WELCOME: a server is of no use for sending strangers
/// more than was received.
const VERSION: [u8; 2] = [1, 0];
const PADDING: usize = 72;

/// Zeros that HELLO seals, to show that the client has the key that it shows.
const SIGNATURE: [u8; 64] = [0; 64];

/// A cookie: a long nonce, and the box of C' and s'.
const COOKIE: usize = LONG + TAG + 64;

/// A voucher: the box of C' and S.
const VOUCHER: usize = TAG + 64;

/// First bytes of nonces whose rest is a number.
mod counted {
    pub(super) type Prefix = [u8; 16];
    pub(super) const HELLO: &Prefix = b"CurveZMQHELLO---";
    pub(super) const INITIATE: &Prefix = b"CurveZMQINITIATE";
    pub(super) const READY: &Prefix = b"CurveZMQREADY---";
    pub(super) const OF_CLIENT: &Prefix = b"CurveZMQMESSAGEC";
    pub(super) const OF_SERVER: &Prefix = b"CurveZMQMESSAGES";
}

/// First bytes of nonces whose rest is random.
mod random {
    pub(super) type Prefix = [u8; 8];
    pub(super) const WELCOME: &Prefix = b"WELCOME-";
    pub(super) const COOKIE: &Prefix = b"COOKIE--";
    pub(super) const VOUCH: &Prefix = b"VOUCH---";
}

fn counted_nonce(prefix: &counted::Prefix, number: [u8; SHORT]) -> Nonce {
    let mut nonce = [0; 24];
    nonce[..16].copy_from_slice(prefix);
    nonce[16..].copy_from_slice(&number);
    nonce
}

fn random_nonce(prefix: &random::Prefix, random: &[u8; LONG]) -> Nonce {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(prefix);
    nonce[8..].copy_from_slice(random);
    nonce
}

/// A command, or what is wrong with a body that is none.
fn command(body: &[u8]) -> Result<Command<'_>, Failure> {
    match Command::parse(body) {
        Some(command) if body.len() > 1 => Ok(command),
        _ => Err(Violation::MalformedCommand.into()),
    }
}

/// The first `N` bytes of a command's fields, and what follows.
fn field<const N: usize>(fields: &[u8], otherwise: Violation) -> Result<(&[u8; N], &[u8]), Failure> {
    fields.split_first_chunk().ok_or(otherwise.into())
}
