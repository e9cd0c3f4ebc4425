//! ROUTER: routing ids and what depends on them.

use super::*;
use crate::error::Error;
use crate::msg::{Annex, Metadata, SharedAnnex};
use crate::pattern::option;

#[test]
fn an_announced_id_goes_before_and_leads_back() {
    let mut router = Socket::new(SocketType::Router);
    assert!(router.is_writable() && !router.is_readable());
    let mut alice = router.attach(announcing("alice"), UNLIMITED);
    let mut bob = router.attach(announcing("bob"), UNLIMITED);
    alice.send(&["hello", "there"]);
    assert!(router.is_readable());
    assert_eq!(router.recv(), Ok(text(&["alice", "hello", "there"])));
    assert!(!router.is_readable());
    router.send(&["bob", "hi", ""]).expect("room");
    router.send(&["alice", "bye"]).expect("room");
    assert_eq!(alice.drain(), [["bye"]]);
    assert_eq!(bob.drain(), [["hi", ""]]);
}

#[test]
fn the_id_part_carries_the_metadata_of_the_message() {
    let mut router = Socket::new(SocketType::Router);
    let mut peers = ["alice", "bob"].map(|id| router.attach(announcing(id), UNLIMITED));
    let annexes = [b"1", b"2", b"3"].map(|value| {
        let mut metadata = Metadata::default();
        metadata.add("X-k", value);
        SharedAnnex::from(Annex { metadata: Some(Arc::new(metadata)), ..Annex::default() })
    });
    // A third connection follows the first one behind the same pipe; some messages have no metadata.
    let turns = [(0, Some(0)), (0, Some(0)), (1, Some(1)), (0, Some(2)), (1, None), (1, Some(1)), (0, None)];
    let mut part = Message::new();
    for (peer, annex) in turns {
        for more in [true, false] {
            let mut message = Message::from_slice(b"x").expect("memory");
            message.set_more(more);
            message.set_annex(annex.map(|annex: usize| annexes[annex].clone()));
            peers[peer].write(message);
        }
        router.process();
        for _ in 0..3 {
            router.pattern.recv(&mut router.pipes, &mut part).expect("a message");
            let value = part.metadata().and_then(|metadata| metadata.value("X-k"));
            assert_eq!(value.map(|value| value[0]), annex.map(|annex| b"123"[annex]));
        }
    }
}

#[test]
fn the_nameless_get_generated_ids() {
    let mut router = Socket::new(SocketType::Router);
    let mut peers = router.peers(2);
    let mut ids = Vec::new();
    for peer in &mut peers {
        peer.send(&["x"]);
        let id = router.recv_part().expect("id");
        assert!(id.more() && id.len() == 5 && id.data()[0] == 0);
        ids.push(u32::from_be_bytes(id.data()[1..].try_into().expect("four bytes")));
        assert_eq!(router.recv(), Ok(text(&["x"])));
    }
    assert_eq!(ids[1], ids[0].wrapping_add(1));
}

#[test]
fn a_peer_is_invisible_until_identified() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_MANDATORY, 1);
    let mut peer = router.attach(Attachment::default(), UNLIMITED);
    peer.send(&["early"]);
    assert!(!router.is_readable() && !router.is_writable());
    assert_eq!(router.send(&["me", "x"]), Err(Error::HostUnreachable));
    router.identify(peer.id, "me");
    assert_eq!(router.recv(), Ok(text(&["me", "early"])));
    assert!(router.is_writable());
    router.identify(peer.id, "other");
    assert_eq!(router.send(&["me", "x"]), Ok(()), "the id persists over reconnects");
    let unidentified = router.attach(Attachment::default(), UNLIMITED);
    drop(unidentified);
    router.process();
    assert_eq!(router.pipes.len(), 1);
}

#[test]
fn an_assigned_id_wins_over_the_announced_one() {
    let mut router = Socket::new(SocketType::Router);
    let named = |announced: Option<&str>| Attachment {
        announced: announced.map(|id| id.as_bytes().to_vec()),
        assigned: Some(b"mine".to_vec()),
        connected: true,
        ..Attachment::default()
    };
    let mut peer = router.attach(named(None), UNLIMITED);
    router.send(&["mine", "at once"]).expect("room");
    router.identify(peer.id, "theirs");
    peer.send(&["x"]);
    assert_eq!(router.recv(), Ok(text(&["mine", "x"])));
    assert_eq!(peer.drain(), [["at once"]]);
    let mut second = router.attach(named(Some("second")), UNLIMITED);
    second.send(&["y"]);
    assert_eq!(router.recv(), Ok(text(&["second", "y"])), "an assigned id in use is disregarded");
}

#[test]
fn a_newcomer_with_an_id_in_use_is_ignored() {
    let mut router = Socket::new(SocketType::Router);
    let mut first = router.attach(announcing("id"), UNLIMITED);
    let mut second = router.attach(announcing("id"), UNLIMITED);
    let mut third = router.attach(Attachment::default(), UNLIMITED);
    router.identify(third.id, "id");
    second.send(&["unheard"]);
    third.send(&["unheard"]);
    first.send(&["heard"]);
    assert_eq!(router.recv(), Ok(text(&["id", "heard"])));
    assert!(!router.is_readable());
    router.send(&["id", "x"]).expect("room");
    assert_eq!((first.drain().len(), second.drain().len(), third.drain().len()), (1, 0, 0));
    drop(first);
    second.send(&["still unheard"]);
    assert!(!router.is_readable());
    drop((second, third));
    router.process();
    assert!(router.pipes.is_empty());
}

#[test]
fn handover_gives_the_id_to_the_newcomer() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_HANDOVER, 1);
    let mut first = router.attach(announcing("id"), UNLIMITED);
    first.send(&["lost"]);
    router.process();
    let mut second = router.attach(announcing("id"), UNLIMITED);
    assert_eq!(router.pipes.len(), 1);
    assert!(first.pipe.is_ended());
    second.send(&["heard"]);
    assert_eq!(router.recv(), Ok(text(&["id", "heard"])));
    router.send(&["id", "x"]).expect("room");
    assert_eq!(second.drain(), [["x"]]);
}

#[test]
fn handover_lets_a_message_that_is_partly_read_be_completed() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_HANDOVER, 1);
    let mut first = router.attach(announcing("id"), UNLIMITED);
    first.send(&["1", "2", "3"]);
    first.send(&["lost"]);
    for expected in ["id", "1"] {
        assert_eq!(router.recv_part().map(|part| part.data().to_vec()), Ok(expected.into()));
    }
    router.send_part("id", true, false).expect("room");
    let mut second = router.attach(announcing("id"), UNLIMITED);
    assert!(!first.pipe.is_ended());
    router.send_part("to the old one or nobody", false, false).expect("any case");
    second.send(&["heard"]);
    assert_eq!(router.recv(), Ok(text(&["2", "3"])));
    assert_eq!(router.pipes.len(), 1);
    assert_eq!(router.recv(), Ok(text(&["id", "heard"])));
    assert_eq!(second.drain().len(), 0);
}

#[test]
fn what_cannot_be_routed_is_dropped() {
    let mut router = Socket::new(SocketType::Router);
    let mut peer = router.attach(announcing("id"), limited(1));
    router.send(&["nobody", "a", "b"]).expect("dropped");
    router.send(&["id"]).expect("nothing but an id");
    router.send(&["id", "1", "2"]).expect("room");
    router.send(&["id", "3", "4"]).expect("dropped");
    assert_eq!(peer.drain(), [["1", "2"]]);
    assert!(router.is_writable());
    router.send(&["id", "5"]).expect("room");
    router.send_part("id", true, false).expect("dropped, as it is full");
    assert_eq!(peer.drain(), [["5"]]);
    router.send_part("6", false, false).expect("dropped");
    assert_eq!(peer.drain().len(), 0, "full at the first part: gets none of it");
}

#[test]
fn mandatory_routing_tells_why_not() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_MANDATORY, 1);
    assert!(!router.is_writable());
    assert_eq!(router.send(&["nobody", "x"]), Err(Error::HostUnreachable));
    assert_eq!(router.send(&["nobody"]), Ok(()), "nothing but an id");
    let mut peer = router.attach(announcing("id"), limited(1));
    assert!(router.is_writable());
    assert_eq!(router.pattern.is_peer_writable(&mut router.pipes, b"id"), Ok(true));
    router.send(&["id", "1"]).expect("room");
    assert!(!router.is_writable());
    assert_eq!(router.pattern.is_peer_writable(&mut router.pipes, b"id"), Ok(false));
    assert_eq!(router.pattern.is_peer_writable(&mut router.pipes, b"nobody"), Err(Error::HostUnreachable));
    assert_eq!(router.send(&["id", "2"]), Err(Error::Again));
    assert!(peer.recv().is_some());
    assert_eq!(router.send(&["id", "2"]), Ok(()));
    peer.send(&["unread"]);
    router.process();
    drop(peer);
    assert_eq!(router.send(&["id", "3"]), Err(Error::HostUnreachable), "its pipe is closing");
    assert_eq!(router.recv(), Ok(text(&["id", "unread"])));
    assert!(!router.is_readable());
    assert!(router.pipes.is_empty());
    assert_eq!(router.send(&["id", "3"]), Err(Error::HostUnreachable));
}

#[test]
fn a_pipe_that_this_side_closed_is_closing_too() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_MANDATORY, 1);
    let peer = router.attach(announcing("id"), UNLIMITED);
    router.pipes.get_mut(peer.id).expect("there").close_out();
    assert_eq!(router.send(&["id", "x"]), Err(Error::HostUnreachable));
    assert!(!router.is_writable());
}

#[test]
fn a_peer_that_left_after_all_was_read_frees_its_id() {
    let mut router = Socket::new(SocketType::Router);
    let mut peer = router.attach(announcing("id"), UNLIMITED);
    peer.send(&["1"]);
    assert_eq!(router.recv(), Ok(text(&["id", "1"])));
    drop(peer);
    router.process();
    let mut again = router.attach(announcing("id"), UNLIMITED);
    again.send(&["2"]);
    assert_eq!(router.recv(), Ok(text(&["id", "2"])));
}

#[test]
fn a_message_to_one_who_goes_meanwhile_vanishes() {
    let mut router = Socket::new(SocketType::Router);
    let peer = router.attach(announcing("id"), UNLIMITED);
    router.send_part("id", true, false).expect("room");
    router.send_part("1", true, false).expect("room");
    drop(peer);
    router.send_part("2", false, false).expect("dropped");
    let mut again = router.attach(announcing("id"), UNLIMITED);
    router.send(&["id", "3"]).expect("room");
    assert_eq!(again.drain(), [["3"]]);
}

#[test]
fn ids_may_be_as_long_as_they_like() {
    let long = "x".repeat(255);
    let mut router = Socket::new(SocketType::Router);
    let mut peer = router.attach(announcing(&long), UNLIMITED);
    for _ in 0..2 {
        peer.send(&["x"]);
        assert_eq!(router.recv(), Ok(text(&[&long, "x"])));
    }
    router.send(&[&long, "y"]).expect("room");
    assert_eq!(peer.drain(), [["y"]]);
}

#[test]
fn comings_and_goings_are_notified_if_wanted() {
    let mut router = Socket::new(SocketType::Router);
    assert_eq!(router.get_int(option::ROUTER_NOTIFY), Some(0));
    assert_eq!(router.set(option::ROUTER_NOTIFY, &4i32.to_ne_bytes()), Some(Err(Error::Invalid)));
    router.set_int(option::ROUTER_NOTIFY, 3);
    assert_eq!(router.get_int(option::ROUTER_NOTIFY), Some(3));
    let mut peer = router.attach(announcing("id"), UNLIMITED);
    let local = router.attach(Attachment { local: true, ..announcing("local") }, UNLIMITED);
    peer.send(&["last"]);
    drop((peer, local));
    for expected in [["id", ""], ["id", "last"], ["id", ""]] {
        assert!(router.is_readable());
        assert_eq!(router.recv(), Ok(text(&expected)));
    }
    assert!(!router.is_readable());
}

#[test]
fn a_lost_connection_behind_a_pipe_is_notified_too() {
    let mut router = Socket::new(SocketType::Router);
    router.set_int(option::ROUTER_NOTIFY, 2);
    let mut peer = router.attach(Attachment { connected: true, ..announcing("id") }, UNLIMITED);
    router.identify(peer.id, "id");
    router.hiccup(peer.id);
    router.identify(peer.id, "id");
    peer.send(&["back"]);
    assert_eq!(router.recv(), Ok(text(&["id", ""])));
    assert_eq!(router.recv(), Ok(text(&["id", "back"])));
}

#[test]
fn a_raw_router_passes_bytes() {
    let mut router = Socket::new(SocketType::Router);
    assert!(!router.pattern.is_raw());
    router.set_int(option::ROUTER_RAW, 1);
    router.set_int(option::ROUTER_RAW, 0);
    assert!(router.pattern.is_raw(), "cannot be undone");
    let mut peer = router.attach(Attachment::default(), UNLIMITED);
    peer.send(&["bytes"]);
    let id = router.recv_part().expect("id").data().to_vec();
    assert_eq!(router.recv(), Ok(text(&["bytes"])));
    let send = |router: &mut Socket, body: &str, more| {
        let mut part = Message::from_slice(&id).expect("memory");
        part.set_more(true);
        router.pattern.send(&mut router.pipes, &mut part, false).expect("known");
        router.send_part(body, more, false).expect("room");
    };
    send(&mut router, "1", true);
    send(&mut router, "2", false);
    assert_eq!(peer.drain(), [["1"], ["2"]]);
    send(&mut router, "", false);
    assert!(peer.pipe.is_ended() && router.pipes.is_empty());
}

#[test]
fn a_router_and_a_dealer_talk() {
    let (mut router, mut dealer) = (Socket::new(SocketType::Router), Socket::new(SocketType::Dealer));
    link(&mut router, &mut dealer);
    dealer.send(&["", "question"]).expect("room");
    let id = router.recv_part().expect("id");
    assert_eq!(router.recv(), Ok(text(&["", "question"])));
    let mut id = id;
    router.pattern.send(&mut router.pipes, &mut id, false).expect("known");
    router.send(&["", "answer"]).expect("room");
    assert_eq!(dealer.recv(), Ok(text(&["", "answer"])));
}
