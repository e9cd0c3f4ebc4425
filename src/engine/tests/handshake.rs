//! From the first byte to the first message.

use super::*;
use crate::mechanism::Choice;

#[test]
fn two_ends_meet_and_learn_about_each_other() {
    let application_metadata = vec![("X-Hello".to_owned(), b"World".to_vec())];
    let config =
        EngineConfig { routing_id: b"me".to_vec(), application_metadata, ..EngineConfig::new(Dealer) };
    let (mut dealer, mut router) = (End::new(config), End::of(Router));
    dealer.queue.to_send.extend([part(b"a", true), part(b"b", false)]);
    talk(&mut dealer, &mut router);

    let peer = router.queue.peer.as_ref().expect("ready");
    assert_eq!((&peer.routing_id[..], peer.socket_type.as_deref()), (&b"me"[..], Some("DEALER")));
    assert_eq!((peer.version, peer.mechanism, peer.unversioned), (Some(Version::V3_1), Some("NULL"), false));
    assert!(router.engine.handshake_succeeded() && dealer.engine.handshake_succeeded());
    assert_eq!(router.bodies(), [b"a", b"b"]);
    assert_eq!(router.queue.received.iter().map(Message::more).collect::<Vec<_>>(), [true, false]);
    let metadata = router.queue.received[1].metadata().expect("metadata");
    for (name, value) in [
        ("X-Hello", &b"World"[..]),
        ("Socket-Type", b"DEALER"),
        ("Identity", b"me"),
        ("Peer-Address", b"192.0.2.1"),
        ("__fd", b"9"),
    ] {
        assert_eq!(metadata.value(name), Some(value), "{name}");
    }
    assert!(std::ptr::eq(
        router.queue.received[0].annex().unwrap(),
        router.queue.received[1].annex().unwrap()
    ));
}

#[test]
fn a_peer_cannot_plant_what_the_local_side_knows() {
    let mut router = End::of(Router);
    router.feed(&greeting(3, 1)).expect("greeting");
    router
        .feed(&ready(&[("Peer-Address", b"203.0.113.9"), ("__fd", b"0"), ("User-Id", b"root")]))
        .expect("READY");
    let metadata = router.queue.peer.expect("ready").annex.metadata.clone().expect("metadata");
    assert_eq!(metadata.value("Peer-Address"), Some(&b"192.0.2.1"[..]));
    assert_eq!(metadata.value("__fd"), Some(&b"9"[..]));
    assert_eq!(metadata.value("User-Id"), Some(&b"root"[..]), "nobody else said anything about that");
}

#[test]
fn the_greeting_goes_out_in_three_steps() {
    let mut end = End::of(Pull);
    let signature = b"\xFF\0\0\0\0\0\0\0\x01\x7F";
    assert_eq!(end.written(), signature);
    for byte in &signature[..9] {
        end.feed(&[*byte]).expect("greeting");
        assert_eq!(end.written(), b"");
    }
    end.feed(&signature[9..]).expect("greeting");
    assert_eq!(end.written(), [3]);
    end.feed(&[3]).expect("greeting");
    assert_eq!(end.written().len(), 53);
    end.feed(&greeting(3, 0)[11..63]).expect("greeting");
    assert_eq!(end.written(), b"");
    end.feed(&[0]).expect("greeting");
    assert_eq!(end.written(), ready(&[("Socket-Type", b"PULL")]));
}

#[test]
fn faults_of_peers_in_the_handshake() {
    let with = |bytes: &[u8]| [&greeting(3, 1)[..], bytes].concat();
    let cases: [(&str, Vec<u8>, Fault); 12] = [
        ("nothing at all", vec![0], Violation::EmptyFrame.into()),
        ("a 1.0 frame", b"\xFF\0\0\0\0\0\0\0\0\0".to_vec(), Violation::EmptyFrame.into()),
        ("no command", with(&[4, 0]), Violation::UnexpectedCommand.into()),
        ("a message", with(b"\x00\x05hello"), Violation::UnexpectedCommand.into()),
        ("HELLO", with(&command("HELLO", b"")), Violation::UnexpectedCommand.into()),
        ("a name in lower case", with(&command("ready", b"")), Violation::UnexpectedCommand.into()),
        ("ERROR", with(&command("ERROR", b"\x03400")), Fault::Refused(Some(400))),
        ("ERROR, wordy", with(&command("ERROR", b"\x02no and more")), Fault::Refused(None)),
        ("ERROR, cut", with(&command("ERROR", b"\x04400")), Violation::MalformedError.into()),
        ("ERROR, empty", with(&command("ERROR", b"")), Violation::MalformedError.into()),
        ("a PUSH", with(&ready(&[("Socket-Type", b"PUSH")])), Violation::IncompatibleSocket.into()),
        ("stray bytes", with(&command("READY", b"\x01")), Violation::MalformedProperties.into()),
    ];
    for (what, bytes, fault) in cases {
        let mut end = End::of(Router);
        assert_eq!(end.feed(&bytes), Err(fault), "{what}");
        assert_eq!(end.feed(b"x"), Err(fault), "{what}: a fault is for ever");
        assert!(fault.is_final() && end.engine.next_timer().is_none(), "{what}");
    }
}

/// Before it is known who they are, and before any of it has come.
#[test]
fn strangers_are_kept_short() {
    let announced = |len: u64| [&[6][..], &len.to_be_bytes()].concat();
    let longest = 64 * 1024;
    for opening in [&greeting(3, 1)[..], b"\xFF\0\0\0\0\0\0\0\x01\x7F\x01\x05"] {
        for (len, fault) in [(longest, None), (longest + 1, Some(Violation::FrameTooLarge.into()))] {
            let mut end = End::of(Router);
            end.feed(opening).expect("greeting");
            assert_eq!(end.feed(&announced(len)).err(), fault);
        }
    }
    let mut end = End::of(Router);
    end.feed(&greeting(3, 1)).expect("greeting");
    let filling = [0; 60_000];
    end.feed(&ready(&[("Socket-Type", b"DEALER"), ("X-Long", &filling)])).expect("a long READY");
    let metadata = end.queue.peer.expect("ready").annex.metadata.clone().expect("metadata");
    assert_eq!(metadata.value("X-Long"), Some(&filling[..]));
}

#[test]
fn a_handshake_has_its_time() {
    let mut end = End::of(Router);
    assert_eq!(end.engine.next_timer(), Some(end.now + seconds(30)));
    end.feed(&greeting(3, 1)).expect("greeting");
    assert_eq!(end.pass(millis(29_999)), Ok(()));
    assert_eq!(end.pass(millis(1)), Err(Fault::Timeout));
    assert_eq!(Fault::Timeout.event(false), Some(FaultEvent::NoDetail(libc::EAGAIN)));
    assert_eq!(Fault::Timeout.event(true), None);

    let mut old = End::of(Router);
    old.feed(b"GET / HTTP/1.1\r\n\r\n").expect("a long 1.0 frame");
    assert_eq!(old.engine.next_timer(), None, "once the version is known, an old peer has all the time");

    let endless = EngineConfig { handshake_interval: None, ..EngineConfig::new(Router) };
    assert_eq!(End::new(endless).engine.next_timer(), None);
}

#[test]
fn old_peers_exchange_identities_and_publishers_subscribe_those_without_greeting() {
    for (version, opening, own, unversioned) in [
        (Version::V1_0, &b"\x05\x00peer"[..], &b"\xFF\0\0\0\0\0\0\0\x03\x7Fid"[..], true),
        (Version::V1_0, b"\xFF\0\0\0\0\0\0\0\x05\x00peer", b"\xFF\0\0\0\0\0\0\0\x03\x7Fid", true),
        (
            Version::V1_0,
            b"\xFF\0\0\0\0\0\0\0\x05\x7F\x00\x02\x05\x00peer",
            b"\xFF\0\0\0\0\0\0\0\x03\x7F\x03\x09\x03\x00id",
            false,
        ),
        (
            Version::V2_0,
            b"\xFF\0\0\0\0\0\0\0\x05\x7F\x01\x02\x00\x04peer",
            b"\xFF\0\0\0\0\0\0\0\x03\x7F\x03\x09\x00\x02id",
            false,
        ),
    ] {
        let mut end = End::new(EngineConfig { routing_id: b"id".to_vec(), ..EngineConfig::new(Xpub) });
        end.feed(opening).expect("no fault");
        assert_eq!(end.written(), own);
        let peer = end.queue.peer.as_ref().expect("ready");
        assert_eq!((peer.version, peer.unversioned), (Some(version), unversioned));
        assert_eq!((&peer.routing_id[..], peer.mechanism), (&b"peer"[..], None));
        assert!(!end.engine.handshake_succeeded());
        let injected: &[&[u8]] = if unversioned { &[b"\x01"] } else { &[] };
        assert_eq!(end.bodies(), injected);
        assert!(peer.annex.metadata.as_ref().is_some_and(|metadata| metadata.value("Identity").is_none()));
    }
}

#[test]
fn old_peers_are_refused_where_security_is_demanded() {
    let security = Security { zap_domain: b"d".to_vec(), ..Security::default() };
    for opening in
        [&b"\x01\x00"[..], b"\xFF\0\0\0\0\0\0\0\x01\x7F\x01\x05", b"\xFF\0\0\0\0\0\0\0\x01\x7F\x00\x05"]
    {
        let mut end = End::new(EngineConfig { security: security.clone(), ..EngineConfig::new(Router) });
        assert_eq!(end.feed(opening), Err(Violation::OldVersion.into()));
    }
}

#[test]
fn the_authenticator_decides_when_a_domain_is_set() {
    let config = || EngineConfig {
        security: Security { zap_domain: b"d".to_vec(), ..Security::default() },
        ..EngineConfig::new(Router)
    };
    let own_ready = ready(&[("Socket-Type", b"ROUTER"), ("Identity", b"")]);
    let start = |verdict| {
        let mut end = End::new(config());
        end.queue.verdict = verdict;
        end.feed(&greeting(3, 1)).expect("greeting");
        end
    };

    let mut later = start(None);
    assert_eq!((later.written().len(), later.queue.questions), (64, 1), "READY waits for the answer");
    later.feed(&ready(&[("User-Id", b"root")])).expect("READY");
    assert!(!later.engine.is_ready());
    let accepted =
        Verdict::Accepted { user_id: b"joe".to_vec(), properties: vec![("Role".to_owned(), b"x".to_vec())] };
    let progress = later.engine.handle_verdict(accepted, &mut later.queue, later.now);
    assert_eq!((progress, later.written()), (Ok(Progress::MoreNeeded), own_ready.clone()));
    let metadata = later.queue.peer.as_ref().expect("ready").annex.metadata.clone().expect("metadata");
    assert_eq!((metadata.value("User-Id"), metadata.value("Role")), (Some(&b"joe"[..]), Some(&b"x"[..])));

    let mut absent = start(Some(Verdict::Absent));
    assert_eq!(absent.written()[64..], own_ready, "nobody to ask");
    let mut enforced = config();
    enforced.security.zap_enforced = true;
    let mut enforced = End::new(enforced);
    enforced.queue.verdict = Some(Verdict::Absent);
    assert_eq!(enforced.feed(&greeting(3, 1)), Err(Fault::NoAuthenticator));

    let mut refused = start(Some(Verdict::Refused(400)));
    assert_eq!(refused.written()[64..], command("ERROR", b"\x03400"));
    assert_eq!(refused.feed(&ready(&[])), Err(Fault::Refused(None)), "closed when the peer goes on");
    let mut silent = start(Some(Verdict::Refused(300)));
    assert_eq!(silent.written().len(), 64);
    assert_eq!((silent.feed(&ready(&[])), silent.engine.is_ready()), (Ok(Progress::MoreNeeded), false));
    assert_eq!(silent.pass(seconds(30)), Err(Fault::Timeout));
}

#[test]
fn what_shows_a_password_is_remembered_until_it_is_written() {
    let start = || {
        let mechanism = Choice::PlainClient { username: b"u".to_vec(), password: b"p".to_vec().into() };
        let security = Security { mechanism, ..Security::default() };
        let mut end = End::new(EngineConfig { security, ..EngineConfig::new(Push) });
        let mut greeting = greeting(3, 1);
        greeting[12..17].copy_from_slice(b"PLAIN");
        end.feed(&greeting).expect("greeting");
        end
    };
    let mut failed = start();
    failed.feed(&command("WRONG", b"")).expect_err("not its turn");
    let mut through = start();
    through.feed(&[command("WELCOME", b""), ready(&[("Socket-Type", b"PULL")])].concat()).expect("traffic");
    for mut end in [failed, through] {
        assert!(end.engine.link.confidential);
        let hello = command("HELLO", b"\x01u\x01p");
        assert!(end.written().windows(hello.len()).any(|written| written == hello));
        assert!(!end.engine.link.confidential);
    }
}
