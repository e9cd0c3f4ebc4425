//! Traffic through a cipher, of whatever mechanism.

use super::*;

/// A cipher that can be looked through: the bytes are turned around, behind a prefix.
struct Mirror;

impl crate::mechanism::Cipher for Mirror {
    fn overhead(&self) -> usize {
        2
    }
    fn seal(&mut self, flags: Flags, body: &[u8], out: &mut Vec<u8>) {
        out.extend([b'#', flags.bits()]);
        out.extend(body.iter().rev());
    }
    fn open(&mut self, sealed: &mut [u8]) -> Result<Flags, crate::mechanism::Failure> {
        let [b'#', flags, body @ ..] = sealed else { return Err(Violation::UnexpectedCommand.into()) };
        body.reverse();
        Ok(Flags::from_bits_truncate(*flags))
    }
}

fn sealed(config: EngineConfig) -> End {
    let mut end = End::new(config);
    let finished = crate::mechanism::Finished {
        peer: Default::default(),
        routing_id: Vec::new(),
        authenticated: Vec::new(),
        cipher: Some(Box::new(Mirror)),
    };
    let established =
        Established { version: Version::V3_1, unversioned: false, mechanism: Some("MIRROR"), finished };
    end.written();
    end.engine.establish(Some(established), &mut end.queue).expect("ready");
    end
}

#[test]
fn traffic_goes_through_a_cipher_frame_by_frame() {
    let (mut a, mut b) = (sealed(EngineConfig::new(Xsub)), sealed(EngineConfig::new(Xpub)));
    let large = vec![7; 20_000];
    a.queue.to_send.extend([
        part(b"abc", true),
        part(&large, false),
        Message::subscription(true, b"t").unwrap(),
    ]);
    let bytes = a.written();
    assert!(bytes.starts_with(b"\x00\x05#\x01cba\x02"), "no flags outside but that of the length");
    b.feed(&bytes).expect("traffic");
    assert_eq!(b.bodies(), [&b"abc"[..], &large, b"\x01t"]);
    assert_eq!(b.queue.received.iter().map(Message::more).collect::<Vec<_>>(), [true, false, false]);
    assert!(b.queue.received[2].flags().contains(Flags::SUBSCRIPTION));
    assert_eq!(b.feed(b"\x00\x05clear"), Err(Violation::UnexpectedCommand.into()));
}
