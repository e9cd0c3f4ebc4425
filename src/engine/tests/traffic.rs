//! Messages, commands, heartbeats, and connections without protocol.

use super::*;

#[test]
fn subscriptions_go_out_as_the_peer_knows_them() {
    for (peer, expected) in [
        (greeting(3, 1), &b"\x04\x0C\x09SUBSCRIBEAB\x04\x09\x06CANCELAB\x00\x03\x01xy"[..]),
        (greeting(3, 0), b"\x00\x03\x01AB\x00\x03\x00AB\x00\x03\x01xy"),
        (
            b"\xFF\0\0\0\0\0\0\0\x01\x7F\x01\x01\x00\x00".to_vec(),
            b"\x00\x03\x01AB\x00\x03\x00AB\x00\x03\x01xy",
        ),
        (b"\x01\x00".to_vec(), b"\x04\x00\x01AB\x04\x00\x00AB\x04\x00\x01xy"),
    ] {
        let mut end = End::of(Xsub);
        end.feed(&peer).expect("greeting");
        if peer.len() == 64 {
            end.feed(&ready(&[])).expect("READY");
        }
        end.written();
        let subscription = |subscribe| Message::subscription(subscribe, b"AB").expect("memory");
        end.queue.to_send.extend([subscription(true), subscription(false), part(b"\x01xy", false)]);
        assert_eq!(end.written(), expected);
    }
}

#[test]
fn commands_between_parts_disturb_neither_the_message_nor_each_other() {
    let mut end = End::ready(EngineConfig::new(Xpub), "SUB");
    let bytes = [
        b"\x01\x01a".to_vec(),
        command("SUBSCRIBE", b"x"),
        command("PING", b"\0\0ctx"),
        b"\x01\x01b".to_vec(),
        command("CANCEL", b"x"),
        b"\x00\x01c".to_vec(),
        command("SUBSCRIBE", b"y"),
    ];
    end.feed(&bytes.concat()).expect("traffic");
    assert_eq!(end.bodies(), [&b"a"[..], b"b", b"c", b"\x01x", b"\x00x", b"\x01y"]);
    let subscriptions = end.queue.received.iter().map(|part| part.flags().contains(Flags::SUBSCRIPTION));
    assert_eq!(subscriptions.collect::<Vec<_>>(), [false, false, false, true, true, true]);
    assert_eq!(end.written(), command("PONG", b"ctx"));
}

#[test]
fn commands_that_mean_nothing_are_ignored() {
    let mut end = End::ready(EngineConfig::new(Pull), "PUSH");
    for bytes in [
        vec![4, 0],
        command("READY", b""),
        command("JOIN", b"g"),
        command("SUBSCRIBE", b"x"),
        command("CANCEL", b""),
        command("PING", b"\0"),
        command("PONG", b"zz"),
        vec![4, 2, 9, b'x'],
    ] {
        assert_eq!(end.feed(&bytes), Ok(Progress::MoreNeeded), "{bytes:?}");
    }
    assert!(end.queue.received.is_empty() && !end.engine.wants_to_write());

    let mut old = End::of(Xpub);
    old.feed(b"\xFF\0\0\0\0\0\0\0\x01\x7F\x01\x02\x00\x00").expect("2.0");
    old.written();
    old.feed(&[command("SUBSCRIBE", b"x"), command("PING", b"\0\0")].concat()).expect("dropped");
    assert!(old.queue.received.is_empty() && !old.engine.wants_to_write(), "2.0 has no commands");
}

#[test]
fn replies_to_a_req_have_an_envelope() {
    let cases: [(&[&[u8]], bool); 9] = [
        (&[b"\x01\x00", b"\x00\x01x"], true),
        (&[b"\x01\x04abcd", b"\x01\x00", b"\x01\x01x", b"\x00\x00"], true),
        (&[b"\x01\x00", b"\x01\x01x", b"\x04\x07\x04PING\0\0", b"\x00\x01y", b"\x01\x00", b"\x00\x00"], true),
        (&[b"\x00\x01x"], false),
        (&[b"\x00\x00"], false),
        (&[b"\x00\x04abcd"], false),
        (&[b"\x01\x01x"], false),
        (&[b"\x01\x04abcd", b"\x00\x00"], false),
        (&[b"\x01\x04abcd", b"\x01\x04abcd"], false),
    ];
    for (frames, fine) in cases {
        let mut end = End::ready(EngineConfig::new(Req), "REP");
        let outcome = end.feed(&frames.concat());
        let expected =
            if fine { Ok(Progress::MoreNeeded) } else { Err(Violation::ReplyWithoutEnvelope.into()) };
        assert_eq!(outcome, expected, "{frames:?}");
    }
}

#[test]
fn a_full_sink_stops_everything_and_loses_nothing() {
    let mut end = End::ready(EngineConfig::new(Xpub), "SUB");
    end.queue.room = Some(1);
    let bytes = [&b"\x00\x01a\x01\x01b"[..], &command("SUBSCRIBE", b"s"), b"\x00\x01c\x00\x01d"].concat();
    assert_eq!(end.feed(&bytes), Ok(Progress::Blocked));
    assert_eq!(end.feed(b""), Ok(Progress::Blocked), "still");
    for room in 1..=4 {
        end.queue.room = Some(1);
        let expected = if room < 4 { Progress::Blocked } else { Progress::MoreNeeded };
        assert_eq!(end.feed(b""), Ok(expected), "{room}");
    }
    assert_eq!(end.bodies(), [&b"a"[..], b"b", b"c", b"\x01s", b"d"]);
}

#[test]
fn whether_a_message_is_half_sent_is_known() {
    let mut end = End::ready(EngineConfig::new(Push), "PULL");
    end.queue.to_send.extend([part(b"a", true)]);
    end.written();
    assert!(end.engine.is_mid_message());
    end.queue.to_send.extend([part(b"b", false)]);
    end.written();
    assert!(!end.engine.is_mid_message());
    end.queue.to_send.extend([part(b"a", true)]);
    end.written();
    end.feed(b"\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF").expect_err("too large");
    assert!(end.engine.is_mid_message() && end.engine.handshake_succeeded(), "also after a fault");
}

#[test]
fn an_idle_connection_is_small() {
    assert!(size_of::<Engine>() <= 512, "{}", size_of::<Engine>());
}

#[test]
fn the_size_limit_holds_for_all_frames() {
    let config = EngineConfig { max_message_size: Some(40), ..EngineConfig::new(Pull) };
    let mut end = End::ready(config.clone(), "PUSH");
    assert_eq!(end.feed(&[&[0, 40], &[7; 40][..]].concat()), Ok(Progress::MoreNeeded));
    assert_eq!(end.feed(&[0, 41]), Err(Violation::FrameTooLarge.into()), "before the body arrives");
    let mut end = End::ready(config.clone(), "PUSH");
    assert_eq!(end.feed(b"\x06\0\0\0\0\0\0\x01\0"), Err(Violation::FrameTooLarge.into()), "commands too");
    let mut end = End::new(config);
    assert_eq!(end.feed(&[&greeting(3, 1)[..], &[4, 41]].concat()), Err(Violation::FrameTooLarge.into()));
    let mut end = End::ready(EngineConfig::new(Pull), "PUSH");
    let huge = b"\x02\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    assert_eq!(end.feed(huge), Err(Violation::FrameTooLarge.into()), "beyond memory");
}

// ---- heartbeats ----

fn beating(timeout: Option<Duration>) -> EngineConfig {
    let heartbeat = Heartbeat { interval: millis(200), timeout, ttl: 25 };
    EngineConfig { heartbeat: Some(heartbeat), ..EngineConfig::new(Router) }
}

#[test]
fn pings_go_out_and_silence_ends_the_connection() {
    let mut end = End::ready(beating(Some(millis(500))), "DEALER");
    for _ in 0..3 {
        assert_eq!(end.pass(millis(199)), Ok(()));
        assert!(!end.engine.wants_to_write());
        assert_eq!(end.pass(millis(1)), Ok(()));
        assert_eq!(end.written(), b"\x04\x07\x04PING\x00\x19");
    }
    assert_eq!(end.engine.next_timer(), Some(end.now + millis(100)), "500 after the first");
    assert_eq!(end.pass(millis(100)), Err(Fault::Timeout));
    assert!(!Fault::Timeout.is_final());

    let mut patient = End::ready(beating(None), "DEALER");
    for _ in 0..100 {
        assert_eq!(patient.pass(millis(200)), Ok(()));
    }
}

#[test]
fn any_frame_is_a_sign_of_life_and_any_piece_of_a_large_one() {
    let mut end = End::ready(beating(Some(millis(300))), "DEALER");
    for life in
        [&b"\x00\x01x"[..], b"\x04\x05\x04PONG", b"\x02\0\0\0\0\0\x10\0\0", b"piece", b"of a large one"]
    {
        assert_eq!(end.pass(millis(200)), Ok(()));
        end.feed(life).expect("traffic");
        if life.len() == 9 {
            end.feed(b"begins").expect("traffic");
        }
        assert_eq!(end.pass(millis(199)), Ok(()));
    }
}

#[test]
fn a_promised_life_sign_that_does_not_come_ends_the_connection() {
    let mut end = End::ready(EngineConfig::new(Router), "DEALER");
    end.feed(&command("PING", &656u16.to_be_bytes())).expect("PING");
    assert_eq!(end.engine.next_timer(), Some(end.now + millis(65_600)), "not 64");
    end.feed(&command("PING", &[0, 0])).expect("PING");
    assert_eq!(end.engine.next_timer(), None, "stopped by the frame, and none promised");
    end.feed(&[command("PING", &[0, 5]), b"\x00\x01x".to_vec()].concat()).expect("traffic");
    assert_eq!(end.engine.next_timer(), None, "stopped by the message behind");
    end.feed(&command("PING", &[0, 5])).expect("PING");
    assert_eq!((end.pass(millis(499)), end.pass(millis(1))), (Ok(()), Err(Fault::Timeout)));
}

#[test]
fn own_slowness_is_not_the_silence_of_the_peer() {
    let mut end = End::ready(beating(Some(millis(300))), "DEALER");
    assert_eq!(end.pass(millis(200)), Ok(()));
    end.queue.room = Some(0);
    assert_eq!(end.feed(b"\x00\x01x"), Ok(Progress::Blocked));
    for _ in 0..20 {
        assert_eq!(end.pass(millis(100)), Ok(()));
    }
    end.queue.room = None;
    assert_eq!(end.feed(b""), Ok(Progress::MoreNeeded));
    assert!((0..10).any(|_| end.pass(millis(100)) == Err(Fault::Timeout)));
}

#[test]
fn a_peer_that_pings_and_does_not_read_costs_one_batch() {
    let mut end = End::ready(EngineConfig::new(Router), "DEALER");
    let pings = command("PING", b"\0\0context").repeat(1000);
    for _ in 0..100 {
        end.feed(&pings).expect("PING");
    }
    let written = end.written();
    assert!(written.len() < 100_000, "{}", written.len());
    assert!(written.ends_with(&command("PONG", b"context")));
    end.feed(&command("PING", b"\0\0last")).expect("PING");
    assert_eq!(end.written(), command("PONG", b"last"));
}

// ---- raw ----

#[test]
fn raw_connections_pass_bytes() {
    let mut end = End::of(Stream);
    assert!(end.engine.is_ready() && end.engine.next_timer().is_none());
    assert_eq!(end.bodies(), [b""]);
    end.feed(&[b'a'; 9000]).expect("bytes");
    assert_eq!(end.queue.received.iter().map(Message::len).collect::<Vec<_>>(), [0, 8192, 808]);
    let metadata = end.queue.received[1].metadata().expect("metadata");
    assert_eq!(
        (metadata.value("Peer-Address"), metadata.value("Socket-Type")),
        (Some(&b"192.0.2.1"[..]), None)
    );
    end.queue.to_send.extend([part(b"x", true), part(b"", false), part(&[b'y'; 5000], false)]);
    assert_eq!(end.written(), [&b"x"[..], &[b'y'; 5000]].concat());

    let quiet = End::new(EngineConfig { raw_notify: false, ..EngineConfig::new(Stream) });
    assert!(quiet.engine.is_ready() && quiet.queue.received.is_empty());
}
