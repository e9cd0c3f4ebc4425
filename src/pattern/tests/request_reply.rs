//! REQ and REP: their states, envelopes and whom they listen to.

use super::*;
use crate::error::Error;
use crate::pattern::option;

#[test]
fn req_alternates() {
    let mut req = Socket::new(SocketType::Req);
    assert!(!req.is_writable());
    assert_eq!(req.recv(), Err(Error::State));
    assert_eq!(req.send(&["x"]), Err(Error::Again));
    let mut peer = req.peer();
    assert!(req.is_writable() && !req.is_readable());
    req.send(&["question", "more"]).expect("room");
    assert_eq!(peer.drain(), [["", "question", "more"]]);
    assert!(!req.is_writable());
    assert_eq!(req.send(&["x"]), Err(Error::State));
    assert_eq!(req.recv(), Err(Error::Again));
    peer.send(&["", "answer", "more"]);
    assert!(req.is_readable());
    assert_eq!(req.recv_part().map(|part| part.more()), Ok(true));
    assert!(req.is_readable() && !req.is_writable());
    assert_eq!(req.send(&["x"]), Err(Error::State), "the reply is not read to its end");
    assert_eq!(req.recv_part().map(|part| part.more()), Ok(false));
    assert!(!req.is_readable() && req.is_writable());
    assert_eq!(req.recv(), Err(Error::State));
}

#[test]
fn req_skips_what_is_no_reply() {
    let mut req = Socket::new(SocketType::Req);
    let mut peers = req.peers(2);
    peers[0].send(&["", "stale"]);
    peers[1].send(&["", "stale"]);
    assert!(!req.is_readable());
    req.send(&["1"]).expect("room");
    let asked = usize::from(peers[1].recv().is_some());
    peers[1 - asked].send(&["", "not asked"]);
    for malformed in [&["x"][..], &[""], &["x", "", "y"], &["a", "b", "c"]] {
        peers[asked].send(malformed);
    }
    assert!(!req.is_readable());
    peers[asked].send(&["", "reply"]);
    assert_eq!(req.recv(), Ok(text(&["reply"])));
}

#[test]
fn req_waits_on_when_the_asked_pipe_is_gone() {
    let mut req = Socket::new(SocketType::Req);
    let peer = req.peer();
    req.send(&["1"]).expect("room");
    drop(peer);
    assert_eq!(req.recv(), Err(Error::Again));
    assert!(!req.is_writable());
    assert_eq!(req.send(&["2"]), Err(Error::State));
    let mut next = req.peer();
    assert_eq!(next.drain().len(), 0, "a request is not repeated");
    req.set_int(option::REQ_RELAXED, 1);
    req.send(&["2"]).expect("relaxed");
    assert_eq!(next.drain(), [["", "2"]]);
    next.send(&["", "answer"]);
    assert_eq!(req.recv(), Ok(text(&["answer"])));
}

#[test]
fn a_correlated_reply_must_carry_the_number_of_the_last_request() {
    let mut req = Socket::new(SocketType::Req);
    req.set_int(option::REQ_CORRELATE, 1);
    req.set_int(option::REQ_RELAXED, 1);
    let mut peer = req.peer();
    let mut numbers = Vec::new();
    for question in ["1", "2"] {
        req.send(&[question]).expect("relaxed");
        let number = peer.recv_part().expect("number");
        assert!(number.more());
        numbers.push(number.data().to_vec());
        assert_eq!(peer.recv().map(|parts| parts.concat()), Some(question.into()));
    }
    let number = |bytes: &[u8]| u32::from_ne_bytes(bytes.try_into().expect("four bytes"));
    assert_eq!(number(&numbers[1]), number(&numbers[0]).wrapping_add(1));
    peer.send_bytes(&[&numbers[0], b"", b"old"]);
    peer.send_bytes(&[b"", b"no number"]);
    peer.send_bytes(&[&numbers[1], b"no delimiter"]);
    peer.send_bytes(&[&numbers[1]]);
    peer.send_bytes(&[&numbers[1][..3], b"", b"short"]);
    assert!(!req.is_readable());
    peer.send_bytes(&[&numbers[1], b"", b"new"]);
    assert_eq!(req.recv(), Ok(text(&["new"])));
}

#[test]
fn a_relaxed_request_that_finds_no_room_does_not_give_up_the_last_one() {
    let mut req = Socket::new(SocketType::Req);
    req.set_int(option::REQ_RELAXED, 1);
    let mut peer = req.attach(nameless(), limited(1));
    req.send(&["1"]).expect("room");
    assert!(!req.is_writable());
    assert_eq!(req.send(&["2"]), Err(Error::Again));
    peer.pipe.write(Message::new());
    peer.send(&["", "reply"]);
    assert_eq!(req.recv(), Ok(text(&["reply"])));
}

#[test]
fn a_request_cut_short_by_its_pipe_leaves_a_clean_state() {
    let mut req = Socket::new(SocketType::Req);
    let dying = req.peer();
    req.send_part("1", true, false).expect("room");
    drop(dying);
    assert_eq!(req.send_part("2", false, false), Err(Error::Again));
    let mut peer = req.peer();
    req.send(&["again"]).expect("room");
    assert_eq!(peer.drain(), [["", "again"]]);
}

#[test]
fn rep_alternates_and_returns_the_envelope() {
    let mut rep = Socket::new(SocketType::Rep);
    let mut peer = rep.peer();
    assert!(!rep.is_writable() && !rep.is_readable());
    assert_eq!(rep.send(&["x"]), Err(Error::State));
    assert_eq!(rep.recv(), Err(Error::Again));
    peer.send(&["hop2", "hop1", "", "question", "", "more"]);
    assert!(rep.is_readable() && !rep.is_writable());
    assert_eq!(rep.send(&["x"]), Err(Error::State));
    for (expected, more) in [("question", true), ("", true), ("more", false)] {
        assert!(rep.is_readable());
        let part = rep.recv_part().expect("there");
        assert_eq!((part.data(), part.more()), (expected.as_bytes(), more));
        if more {
            assert_eq!(rep.send(&["x"]), Err(Error::State));
        }
    }
    assert!(!rep.is_readable() && rep.is_writable());
    assert_eq!(rep.recv(), Err(Error::State));
    rep.send_part("an", true, false).expect("due");
    assert_eq!(rep.recv(), Err(Error::State));
    rep.send_part("swer", false, false).expect("due");
    assert_eq!(peer.drain(), [["hop2", "hop1", "", "an", "swer"]]);
    assert_eq!(rep.send(&["x"]), Err(Error::State));
    peer.send(&["", "next"]);
    assert_eq!(rep.recv(), Ok(text(&["next"])));
}

#[test]
fn rep_discards_requests_without_envelope() {
    let mut rep = Socket::new(SocketType::Rep);
    let mut peer = rep.peer();
    for malformed in [&["x"][..], &[""], &["a", "b"], &["a", ""]] {
        peer.send(malformed);
    }
    assert!(!rep.is_readable());
    peer.send(&["", "good"]);
    assert_eq!(rep.recv(), Ok(text(&["good"])));
    rep.send(&["reply"]).expect("due");
    assert_eq!(peer.drain(), [["", "reply"]]);
}

#[test]
fn rep_serves_its_askers_in_turn() {
    let mut rep = Socket::new(SocketType::Rep);
    let mut peers = rep.peers(2);
    for peer in &mut peers {
        peer.send(&["", "1"]);
        peer.send(&["", "2"]);
    }
    for _ in 0..4 {
        rep.recv().expect("request");
        rep.send(&["ok"]).expect("due");
        assert!(peers[0].drain().len() + peers[1].drain().len() == 1);
    }
}

#[test]
fn replies_to_the_gone_or_full_are_dropped() {
    let mut rep = Socket::new(SocketType::Rep);
    let mut gone = rep.peer();
    gone.send(&["", "question"]);
    rep.recv().expect("request");
    drop(gone);
    rep.send(&["into", "the", "void"]).expect("dropped silently");
    let mut full = rep.attach(nameless(), limited(1));
    for _ in 0..2 {
        full.send(&["", "question"]);
        rep.recv().expect("request");
        rep.send(&["a", "b"]).expect("dropped silently");
    }
    assert_eq!(full.drain(), [["", "a", "b"]]);
}

#[test]
fn rep_accepts_the_options_of_a_router() {
    let mut rep = Socket::new(SocketType::Rep);
    for option in [
        option::ROUTER_MANDATORY,
        option::ROUTER_HANDOVER,
        option::ROUTER_RAW,
        option::PROBE_ROUTER,
        option::ROUTER_NOTIFY,
    ] {
        rep.set_int(option, 0);
        assert_eq!(rep.set(option, &(-1i32).to_ne_bytes()), Some(Err(Error::Invalid)));
        assert_eq!(rep.set(option, &[1]), Some(Err(Error::Invalid)));
    }
    assert!(rep.pattern.takes_connect_routing_id());
    assert_eq!(rep.set(option::REQ_RELAXED, &[0; 4]), None);
}

#[test]
fn req_and_rep_talk() {
    let (mut req, mut rep) = (Socket::new(SocketType::Req), Socket::new(SocketType::Rep));
    req.set_int(option::REQ_CORRELATE, 1);
    link(&mut req, &mut rep);
    for _ in 0..3 {
        req.send(&["ping", "1"]).expect("room");
        assert_eq!(rep.recv(), Ok(text(&["ping", "1"])));
        rep.send(&["pong", "2"]).expect("due");
        assert_eq!(req.recv(), Ok(text(&["pong", "2"])));
    }
}
