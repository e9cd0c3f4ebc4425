//! Keys and boxes of CurveZMQ (RFC 26): X25519 and XSalsa20-Poly1305, NaCl's `crypto_box`.
//!
//! The only place that knows the crate behind them. Secrets lie in memory of their own that is wiped when
//! the last user drops it, and are compared in constant time. Randomness comes in as a function.

use crate::error::Result;
use dryoc::classic::crypto_box;
use dryoc::classic::crypto_core::{crypto_core_hsalsa20, crypto_scalarmult_base};
use dryoc::classic::crypto_onetimeauth::{crypto_onetimeauth, crypto_onetimeauth_verify};
use salsa20::Salsa20;
use salsa20::cipher::{KeyIvInit, StreamCipher};
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a key.
pub const KEY: usize = 32;

/// Bytes that a box has more than what is in it.
pub const TAG: usize = 16;

/// Up to that many bytes a box is small: with the key of its tag, two blocks of Salsa20.
const SMALL: usize = 96;

/// A public key.
pub type PublicKey = [u8; KEY];

/// What a key may seal one box with, and no other.
pub type Nonce = [u8; 24];

/// Fills bytes with random ones that nobody can guess.
pub type Random = fn(&mut [u8]) -> Result<()>;

/// A secret in memory of its own: clones share it.
#[derive(Clone, Default)]
struct Secret(Arc<Zeroizing<[u8; KEY]>>);

/// A secret key of X25519.
#[derive(Clone, Default)]
pub struct SecretKey(Secret);

/// The key of boxes: agreed on by two sides, or of one that seals for itself.
#[derive(Clone)]
pub struct BoxKey(Secret);

/// The key of many boxes, whose nonces begin alike: what follows from that beginning is computed once, and small
/// boxes are made without the effort that pays with large ones.
pub struct StreamKey {
    key: BoxKey,
    prefix: [u8; 16],
    /// Of key and prefix.
    derived: Secret,
}

impl Secret {
    fn new(fill: impl FnOnce(&mut [u8; KEY])) -> Secret {
        let mut secret = Arc::new(Zeroizing::new([0; KEY]));
        // Nobody else has it yet.
        if let Some(room) = Arc::get_mut(&mut secret) {
            fill(room);
        }
        Secret(secret)
    }

    fn random(random: Random) -> Result<Secret> {
        let mut outcome = Ok(());
        let secret = Secret::new(|room| outcome = random(room));
        outcome.map(|()| secret)
    }
}

impl SecretKey {
    /// A fresh key.
    pub fn random(random: Random) -> Result<SecretKey> {
        Secret::random(random).map(SecretKey)
    }

    /// The key that the bytes are.
    pub fn new(bytes: &[u8; KEY]) -> SecretKey {
        SecretKey(Secret::new(|room| *room = *bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; KEY] {
        let SecretKey(Secret(bytes)) = self;
        bytes
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> PublicKey {
        let mut public = [0; KEY];
        crypto_scalarmult_base(&mut public, self.bytes());
        public
    }

    /// What this key and the other side's public one agree on; None if that is one of the few with which
    /// everybody would agree on the same.
    pub fn agree(&self, with: &PublicKey) -> Option<BoxKey> {
        let key = Zeroizing::new(crypto_box::crypto_box_beforenm(with, self.bytes()).ok()?);
        Some(BoxKey::new(&key))
    }
}

impl PartialEq for SecretKey {
    fn eq(&self, other: &SecretKey) -> bool {
        same(self.bytes(), other.bytes())
    }
}

impl Eq for SecretKey {}

/// Without the secret.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

impl BoxKey {
    /// A fresh key.
    pub fn random(random: Random) -> Result<BoxKey> {
        Secret::random(random).map(BoxKey)
    }

    fn new(bytes: &[u8; KEY]) -> BoxKey {
        BoxKey(Secret::new(|room| *room = *bytes))
    }

    fn bytes(&self) -> &[u8; KEY] {
        let BoxKey(Secret(bytes)) = self;
        bytes
    }

    /// Seals `text` in place; gives the tag that goes in front of it.
    pub fn seal(&self, nonce: &Nonce, text: &mut [u8]) -> [u8; TAG] {
        let mut tag = [0; TAG];
        crypto_box::crypto_box_detached_afternm_inplace(text, &mut tag, nonce, self.bytes());
        tag
    }

    /// Opens what [`BoxKey::seal`] has made, in place. False, and nothing is changed, if it was not made with
    /// this key and nonce.
    #[must_use]
    pub fn open(&self, nonce: &Nonce, tag: &[u8; TAG], text: &mut [u8]) -> bool {
        crypto_box::crypto_box_open_detached_afternm_inplace(text, tag, nonce, self.bytes()).is_ok()
    }

    /// Appends the box of some text.
    pub fn push_box(&self, nonce: &Nonce, text: &[&[u8]], out: &mut Vec<u8>) {
        let at = out.len();
        // Once, as what is left behind by growing would not be wiped.
        out.reserve(TAG + text.iter().map(|part| part.len()).sum::<usize>());
        out.extend([0; TAG]);
        text.iter().for_each(|part| out.extend_from_slice(part));
        if let Some((tag, text)) = out[at..].split_first_chunk_mut() {
            *tag = self.seal(nonce, text);
        }
    }

    /// What is in a box; None if it does not open.
    pub fn open_box(&self, nonce: &Nonce, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (tag, text) = sealed.split_first_chunk()?;
        let mut text = Zeroizing::new(text.to_vec());
        self.open(nonce, tag, &mut text).then_some(text)
    }
}

impl StreamKey {
    /// From the key and the beginning of the nonces.
    pub fn new(key: BoxKey, prefix: &[u8; 16]) -> StreamKey {
        let derived = Secret::new(|room| crypto_core_hsalsa20(room, prefix, key.bytes(), None));
        StreamKey { key, prefix: *prefix, derived }
    }

    /// As [`BoxKey::seal`]; `number` is the end of the nonce.
    pub fn seal(&self, number: [u8; 8], text: &mut [u8]) -> [u8; TAG] {
        if text.len() > SMALL {
            return self.key.seal(&self.nonce(number), text);
        }
        let stream = self.stream(number, text.len());
        let mut tag = [0; TAG];
        if let Some((tag_key, stream)) = stream.split_first_chunk() {
            mix(text, stream);
            crypto_onetimeauth(&mut tag, text, tag_key);
        }
        tag
    }

    /// As [`BoxKey::open`].
    #[must_use]
    pub fn open(&self, number: [u8; 8], tag: &[u8; TAG], text: &mut [u8]) -> bool {
        if text.len() > SMALL {
            return self.key.open(&self.nonce(number), tag, text);
        }
        let stream = self.stream(number, text.len());
        let Some((tag_key, stream)) = stream.split_first_chunk() else { return false };
        let opens = crypto_onetimeauth_verify(tag, text, tag_key).is_ok();
        if opens {
            mix(text, stream);
        }
        opens
    }

    fn nonce(&self, number: [u8; 8]) -> Nonce {
        let mut nonce = [0; 24];
        nonce[..16].copy_from_slice(&self.prefix);
        nonce[16..].copy_from_slice(&number);
        nonce
    }

    /// The key of the tag, and what a small text of that length is mixed with.
    fn stream(&self, number: [u8; 8], len: usize) -> Zeroizing<[u8; KEY + SMALL]> {
        let Secret(derived) = &self.derived;
        let mut stream = Zeroizing::new([0; KEY + SMALL]);
        let mut cipher = Salsa20::new((&***derived).into(), (&number).into());
        cipher.apply_keystream(&mut stream[..KEY + len.min(SMALL)]);
        stream
    }
}

fn mix(text: &mut [u8], stream: &[u8]) {
    text.iter_mut().zip(stream).for_each(|(byte, with)| *byte ^= with);
}

/// Whether bytes are equal, in a time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: Nonce = *b"a nonce of twenty-four b";

    fn counted(room: &mut [u8]) -> Result<()> {
        room.iter_mut().zip(1..).for_each(|(byte, number)| *byte = number);
        Ok(())
    }

    /// The keys of RFC 26 and the manual pages.
    #[test]
    fn a_known_secret_key_has_its_public_key() {
        let key = |text| {
            let key = crate::z85::decode(text).expect("text of a key");
            <[u8; KEY]>::try_from(key).expect("32 bytes")
        };
        let secret = SecretKey::new(&key(b"JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"));
        assert_eq!(secret.public(), key(b"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"));
    }

    #[test]
    fn both_sides_agree_and_nobody_else() {
        let (a, b) = (SecretKey::random(counted).expect("random"), SecretKey::new(&[7; KEY]));
        let (there, back) = (a.agree(&b.public()).expect("a key"), b.agree(&a.public()).expect("a key"));
        let mut sealed = b"before".to_vec();
        there.push_box(&NONCE, &[b"te", b"xt"], &mut sealed);
        assert_eq!(sealed.len(), 6 + TAG + 4);
        assert_eq!(back.open_box(&NONCE, &sealed[6..]).expect("opens")[..], *b"text");

        let other = SecretKey::new(&[8; KEY]).agree(&b.public()).expect("a key");
        assert!(other.open_box(&NONCE, &sealed[6..]).is_none(), "another key");
        let mut nonce = NONCE;
        nonce[23] ^= 1;
        assert!(back.open_box(&nonce, &sealed[6..]).is_none(), "another nonce");
        for len in 0..sealed.len() - 6 {
            assert!(back.open_box(&NONCE, &sealed[6..6 + len]).is_none(), "cut at {len}");
        }
        for at in 6..sealed.len() {
            let mut changed = sealed[6..].to_vec();
            changed[at - 6] ^= 0x80;
            assert!(back.open_box(&NONCE, &changed).is_none(), "changed at {at}");
        }
    }

    #[test]
    fn boxes_of_a_stream_are_those_of_its_nonces() {
        let key = BoxKey::random(counted).expect("random");
        let (number, prefix) = ([0, 1, 2, 3, 4, 5, 6, 7], b"sixteen bytes...");
        let stream = StreamKey::new(key.clone(), prefix);
        let nonce = stream.nonce(number);
        assert_eq!((&nonce[..16], &nonce[16..]), (&prefix[..], &number[..]));
        for len in (0..2 * SMALL).chain([1000, 70_000]) {
            let text: Vec<u8> = (0..len).map(|at| (at * 3) as u8).collect();
            let (mut plainly, mut streamed) = (text.clone(), text.clone());
            let tag = key.seal(&nonce, &mut plainly);
            assert_eq!((stream.seal(number, &mut streamed), &streamed), (tag, &plainly), "{len}");
            for bit in [0, 127] {
                let mut forged = tag;
                forged[bit / 8] ^= 1 << (bit % 8);
                assert!(!stream.open(number, &forged, &mut streamed) && streamed == plainly, "{len}");
            }
            assert!(stream.open(number, &tag, &mut streamed) && streamed == text, "{len}");
            assert!(key.open(&nonce, &tag, &mut plainly) && plainly == text, "{len}");
        }
    }

    #[test]
    fn keys_with_which_everybody_agrees_are_refused() {
        let mut one = [0; KEY];
        one[0] = 1;
        for low in [[0; KEY], one] {
            assert!(SecretKey::new(&[7; KEY]).agree(&low).is_none());
        }
    }

    #[test]
    fn no_secret_is_printed_and_none_is_made_without_randomness() {
        assert_eq!(format!("{:?}", SecretKey::new(&[7; KEY])), "SecretKey");
        let silent: Random = |_| Err(crate::error::Error::Again);
        assert!(SecretKey::random(silent).is_err() && BoxKey::random(silent).is_err());
    }

    #[test]
    fn secrets_are_compared_by_their_bytes() {
        let keys = [[1; KEY], [1; KEY], [2; KEY]].map(|bytes| SecretKey::new(&bytes));
        assert!(keys[0] == keys[1] && keys[0] != keys[2]);
        assert!(same(b"a", b"a") && !same(b"a", b"b") && !same(b"a", b"ab"));
    }
}
