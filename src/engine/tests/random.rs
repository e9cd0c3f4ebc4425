//! Properties that hold for all bytes and all ways to split them.

use super::*;
use proptest::prelude::*;

/// How the peer begins, and whether it then uses 1.0 frames.
fn openings() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let modern = |minor| [greeting(3, minor), ready(&[("Identity", b"peer")])].concat();
    prop_oneof![
        Just((modern(1), false)),
        Just((modern(0), false)),
        Just((b"\xFF\0\0\0\0\0\0\0\x05\x7F\x01\x05\x00\x04peer".to_vec(), false)),
        Just((b"\xFF\0\0\0\0\0\0\0\x05\x7F\x00\x05\x05\x00peer".to_vec(), true)),
        Just((b"\x05\x00peer".to_vec(), true)),
        Just((b"\xFF\0\0\0\0\0\0\0\x05\x00peer".to_vec(), true)),
    ]
}

fn sizes() -> impl Strategy<Value = usize> {
    prop_oneof![
        0..80usize,
        240..260usize,
        1000..5000usize,
        8000..9000usize,
        20_000..40_000usize,
        Just(300_000)
    ]
}

fn bodies() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    let body =
        (sizes(), any::<u8>()).prop_map(|(len, seed)| (0..len).map(|i| seed ^ (i % 253) as u8).collect());
    prop::collection::vec((body, any::<bool>()), 0..12)
}

/// Parts received, bytes written, and the fault.
type Outcome = (Vec<(Vec<u8>, bool)>, Vec<u8>, Option<Fault>);

/// Feeds a stream in pieces of the given sizes, in turn, and reports what came of it.
fn outcome(socket_type: SocketType, bytes: &[u8], pieces: &[usize]) -> Outcome {
    let mut end = End::of(socket_type);
    let (mut rest, mut fault) = (bytes, None);
    for piece in pieces.iter().cycle() {
        let (now, later) = rest.split_at((*piece).clamp(1, rest.len().max(1)).min(rest.len()));
        rest = later;
        fault = end.feed(now).err();
        if rest.is_empty() || fault.is_some() {
            break;
        }
    }
    let written = end.written();
    (end.queue.received.iter().map(|part| (part.data().to_vec(), part.more())).collect(), written, fault)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_on_one_side_comes_out_on_the_other(
        (opening, old) in openings(),
        parts in bodies(),
        pieces in prop::collection::vec(1..20_000usize, 1..6),
        limit in prop_oneof![1..9usize, 500..3000usize, 50_000..500_000usize],
    ) {
        let limit = if parts.iter().map(|(body, _)| body.len()).sum::<usize>() > 50_000 { limit.max(997) } else { limit };
        let mut sender = End::of(Dealer);
        sender.feed(&opening).expect("opening");
        sender.written();
        sender.queue.to_send.extend(parts.iter().map(|(body, more)| part(body, *more)));
        let traffic = sender.written_by(limit);
        let end = if old { b"\x04\x00end".to_vec() } else { b"\x00\x03end".to_vec() };
        let stream = [opening, traffic, end].concat();
        let (mut received, _, fault) = outcome(Dealer, &stream, &pieces);
        prop_assert_eq!(fault, None);
        prop_assert_eq!(received.pop(), Some((b"end".to_vec(), false)));
        prop_assert!(received == parts);
    }

    #[test]
    fn how_a_stream_is_split_makes_no_difference(
        (opening, _) in openings(),
        frames in prop::collection::vec(prop_oneof![
            Just(command("PING", b"\0\x05context")),
            Just(command("SUBSCRIBE", b"topic")),
            Just(command("CANCEL", b"topic")),
            Just(b"\x01\x02ab".to_vec()),
            Just(b"\x00\x02cd".to_vec()),
            Just([&b"\x02\0\0\0\0\0\0\x24\0"[..], &[5; 0x2400]].concat()),
            prop::collection::vec(any::<u8>(), 0..12),
        ], 0..20),
        pieces in prop::collection::vec(1..40usize, 1..6),
    ) {
        let stream = [opening, frames.concat()].concat();
        let (whole, split) = (outcome(Xpub, &stream, &[usize::MAX]), outcome(Xpub, &stream, &pieces));
        prop_assert!(whole == split, "{:?} and {:?}", whole.2, split.2);
    }

    #[test]
    fn no_bytes_make_it_panic(
        opened in prop::option::of(openings()),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        pieces in prop::collection::vec(1..100usize, 1..4),
        socket_type in prop::sample::select(vec![Req, Rep, Xpub, Sub, Router, Stream]),
    ) {
        let opening = opened.map(|(opening, _)| opening).unwrap_or_default();
        let stream = [opening, bytes].concat();
        outcome(socket_type, &stream, &pieces);
    }

    #[test]
    fn no_handshake_command_makes_it_panic(name in "READY|ERROR|PING", data in prop::collection::vec(any::<u8>(), 0..200)) {
        outcome(Router, &[greeting(3, 1), command(&name, &data)].concat(), &[usize::MAX]);
    }
}
