//! Captures of CURVE. The secrets of the genuine side are not known, so an engine in its role has others, and
//! nothing that is sealed can be the same. What the raw side sealed is opened here with its secrets, which the
//! file tells, and sealed again for the engine; what the genuine side sealed is opened and compared with what the
//! engine has sealed.

use super::{Frame, frames, hex};
use ferrozmq::curve::{BoxKey, Nonce, PublicKey, SecretKey};

/// What the raw side knows, and has learnt in the capture and in the replay.
pub struct Sealed {
    raw: char,
    long: SecretKey,
    short: SecretKey,
    /// The genuine side's long-term public key.
    genuine: PublicKey,
    captured: Learnt,
    replayed: Learnt,
}

#[derive(Default)]
struct Learnt {
    /// The genuine side's short-term public key.
    short: Option<PublicKey>,
    cookie: Vec<u8>,
}

/// Where a command's box is.
struct Place {
    prefix: &'static [u8],
    /// Of the rest of the nonce.
    nonce: usize,
    sealed: usize,
}

const HELLO: &[u8] = b"\x05HELLO";
const WELCOME: &[u8] = b"\x07WELCOME";
const INITIATE: &[u8] = b"\x08INITIATE";

impl Sealed {
    /// None if the file is of another mechanism, or nobody's secrets are known.
    pub fn new(text: &str, genuine: char) -> Option<Sealed> {
        let key = |what: &str| {
            let (_, rest) = text.split_once(what)?;
            PublicKey::try_from(hex(rest.get(..64)?)).ok()
        };
        let (raw, others) = if genuine == 'S' { ("client", "server") } else { ("server", "client") };
        let letter = |side: &str| if side == "client" { 'c' } else { 's' };
        let (ours, theirs) = (letter(raw), letter(others));
        let short = key(&format!("{raw} ephemeral secret {ours}' = "));
        let theirs = key(&format!("{others} long-term public {} = ", theirs.to_ascii_uppercase()))?;
        Some(Sealed {
            raw: if genuine == 'S' { 'C' } else { 'S' },
            long: SecretKey::new(&key(&format!("{raw} long-term secret {ours} = "))?),
            // Where it is not told, nothing was sealed with it.
            short: SecretKey::new(&short.unwrap_or([1; 32])),
            genuine: theirs,
            captured: Learnt::default(),
            replayed: Learnt::default(),
        })
    }

    /// Bytes of the raw side, as it would have sent them to the engine.
    pub fn translated(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let Some(head) = head(&bytes) else { return bytes };
        let body = &mut bytes[head..];
        let (Some(old), Some(new)) = (self.key(body, &self.captured), self.key(body, &self.replayed)) else {
            return bytes;
        };
        let opened = self.open(body, self.raw, &old);
        if body.starts_with(INITIATE) {
            let cookies = self.captured.cookie.iter().zip(&self.replayed.cookie);
            body.iter_mut().skip(9).zip(cookies).for_each(|(byte, (old, new))| *byte ^= old ^ new);
        }
        if let Some(mut text) = opened {
            if body.starts_with(INITIATE) {
                let nonce = nonce(b"VOUCH---", &text[32..48]);
                if let Some(vouched) = self.vouching(&self.captured).open_box(&nonce, &text[48..128]) {
                    let mut voucher = Vec::new();
                    self.vouching(&self.replayed).push_box(&nonce, &[&vouched], &mut voucher);
                    text[48..128].copy_from_slice(&voucher);
                }
            }
            let place = place(body, self.raw).expect("it has opened");
            let mut sealed = body[..place.sealed].to_vec();
            new.push_box(&place.nonce_of(body), &[&text], &mut sealed);
            body.copy_from_slice(&sealed);
        }
        bytes
    }

    /// Compares what the genuine side and the engine have sent, and learns the short-term keys.
    pub fn compare(&mut self, name: &str, captured: &[u8], produced: &[u8]) {
        let Some(head) = head(captured) else {
            assert_eq!(produced, captured, "{name}");
            return;
        };
        assert_eq!(produced.len(), captured.len(), "{name}");
        assert_eq!(produced[..head], captured[..head], "{name}");
        let (old, new) = (&captured[head..], &produced[head..]);
        let side = if self.raw == 'C' { 'S' } else { 'C' };
        let Some(place) = place(old, side) else {
            assert_eq!(new, old, "{name}");
            return;
        };
        if old.starts_with(HELLO) {
            self.captured.short = old[80..112].try_into().ok();
            self.replayed.short = new[80..112].try_into().ok();
            assert_eq!(new[..80], old[..80], "{name}");
        }
        let opened = |body: &[u8], learnt: &Learnt| {
            let key = self.key(body, learnt).unwrap_or_else(|| panic!("{name}: no key"));
            self.open(body, side, &key).unwrap_or_else(|| panic!("{name}: does not open"))
        };
        let (old_text, new_text) = (opened(old, &self.captured), opened(new, &self.replayed));
        if old.starts_with(WELCOME) {
            for (learnt, text) in [(&mut self.captured, old_text), (&mut self.replayed, new_text)] {
                learnt.short = text[..32].try_into().ok();
                learnt.cookie = text[32..].to_vec();
            }
            return;
        }
        if old.starts_with(INITIATE) {
            assert_eq!(new[..place.sealed], old[..place.sealed], "{name}: cookie and number");
            assert_eq!(new_text[..32], old_text[..32], "{name}: who it is");
            assert_eq!(new_text[128..], old_text[128..], "{name}: properties");
            for (text, learnt) in [(old_text, &self.captured), (new_text, &self.replayed)] {
                let nonce = nonce(b"VOUCH---", &text[32..48]);
                let vouching = self.short.agree(&self.genuine).expect("a key");
                let vouched = vouching.open_box(&nonce, &text[48..128]).expect("voucher");
                assert_eq!(vouched[..32], learnt.short.expect("HELLO"), "{name}: short-term key");
                assert_eq!(vouched[32..], self.long.public(), "{name}: server");
            }
            return;
        }
        assert_eq!(new[place.nonce..place.sealed], old[place.nonce..place.sealed], "{name}: number");
        assert_eq!(new_text, old_text, "{name}");
    }

    /// The frame that is in a MESSAGE of the capture, if it opens.
    pub fn opened(&self, frame: &Frame, side: char) -> Option<Frame> {
        if !frame.body.starts_with(b"\x07MESSAGE") {
            return None;
        }
        let text = self.open(&frame.body, side, &self.key(&frame.body, &self.captured)?)?;
        let (&flags, body) = text.split_first()?;
        Some(Frame { more: flags & 1 == 1, command: flags & 2 == 2, body: body.to_vec() })
    }

    /// The key of a command's box.
    fn key(&self, body: &[u8], learnt: &Learnt) -> Option<BoxKey> {
        let early = body.starts_with(HELLO) || body.starts_with(WELCOME);
        match (self.raw, early) {
            ('C', true) => self.short.agree(&self.genuine),
            ('S', true) => self.long.agree(&learnt.short?),
            _ => self.short.agree(&learnt.short?),
        }
    }

    /// With which the raw client vouches.
    fn vouching(&self, learnt: &Learnt) -> BoxKey {
        self.long.agree(&learnt.short.expect("WELCOME")).expect("a key")
    }

    fn open(&self, body: &[u8], side: char, key: &BoxKey) -> Option<Vec<u8>> {
        let place = place(body, side)?;
        let text = key.open_box(&place.nonce_of(body), &body[place.sealed..])?;
        Some(text.to_vec())
    }
}

impl Place {
    fn nonce_of(&self, body: &[u8]) -> Nonce {
        nonce(self.prefix, &body[self.nonce..self.sealed])
    }
}

/// Where the box of a side's command is, if there is one.
fn place(body: &[u8], side: char) -> Option<Place> {
    let message: &[u8] = if side == 'C' { b"CurveZMQMESSAGEC" } else { b"CurveZMQMESSAGES" };
    let places: [(&[u8], &'static [u8], usize, usize); 5] = [
        (HELLO, b"CurveZMQHELLO---", 112, 120),
        (WELCOME, b"WELCOME-", 8, 24),
        (INITIATE, b"CurveZMQINITIATE", 105, 113),
        (b"\x05READY", b"CurveZMQREADY---", 6, 14),
        (b"\x07MESSAGE", message, 8, 16),
    ];
    let (_, prefix, nonce, sealed) = places.into_iter().find(|(name, ..)| body.starts_with(name))?;
    (body.len() > sealed).then_some(Place { prefix, nonce, sealed })
}

fn nonce(prefix: &[u8], rest: &[u8]) -> Nonce {
    [prefix, rest].concat().try_into().expect("24 bytes")
}

/// The size of the header, if the bytes are one frame.
fn head(bytes: &[u8]) -> Option<usize> {
    let head = match bytes.first()? {
        first @ 0..8 => {
            if first & 2 == 2 {
                9
            } else {
                2
            }
        }
        _ => return None,
    };
    let whole = frames(bytes, false);
    (whole.len() == 1 && whole[0].body.len() + head == bytes.len()).then_some(head)
}

/// What can be seen of a frame, or whatever it is, without opening anything: its size, its beginning, and the
/// number that it was sealed with.
pub fn shape(bytes: &[u8]) -> (usize, Vec<u8>) {
    let Some(place) = head(bytes).and_then(|head| place(&bytes[head..], 'C').map(|place| (head, place)))
    else {
        return (bytes.len(), bytes.to_vec());
    };
    let (head, place) = place;
    let body = &bytes[head..];
    let name = 1 + usize::from(body[0]);
    let number = if body.starts_with(WELCOME) { &[] } else { &body[place.nonce..place.sealed] };
    (bytes.len(), [&bytes[..head + name], number].concat())
}
