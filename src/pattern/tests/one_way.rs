//! PUSH, PULL, PAIR and DEALER: load balancing, fair queueing, ends of pipes.

use super::*;
use crate::error::Error;
use crate::pattern::option;

#[test]
fn messages_go_round_whole() {
    for socket_type in [SocketType::Push, SocketType::Dealer] {
        let mut socket = Socket::new(socket_type);
        assert!(!socket.is_writable());
        assert_eq!(socket.send(&["early"]), Err(Error::Again));
        let mut peers = socket.peers(3);
        for round in ["a", "b"] {
            for _ in 0..3 {
                socket.send(&[round, "tail"]).expect("room");
            }
        }
        for peer in &mut peers {
            assert_eq!(peer.drain(), [text(&["a", "tail"]), text(&["b", "tail"])]);
        }
    }
}

#[test]
fn a_full_pipe_is_left_out_until_its_reader_acknowledges() {
    let mut push = Socket::new(SocketType::Push);
    let mut slow = push.attach(nameless(), limited(1));
    let mut quick = push.peer();
    for text in ["1", "2", "3"] {
        push.send(&[text]).expect("room");
    }
    assert_eq!((slow.drain().len(), quick.drain().len()), (1, 2));
    for text in ["4", "5"] {
        push.send(&[text]).expect("room");
    }
    assert_eq!(quick.drain(), [["4"]]);
    assert_eq!(slow.drain(), [["5"]], "a pipe with room again joins at the end");
}

#[test]
fn all_full_is_not_writable_until_woken() {
    let mut push = Socket::new(SocketType::Push);
    let mut peer = push.attach(nameless(), limited(2));
    push.send(&["1"]).expect("room");
    push.send(&["2", "of two parts"]).expect("room");
    assert!(!push.is_writable());
    assert_eq!(push.send(&["3"]), Err(Error::Again));
    assert!(peer.recv().is_some());
    assert!(push.is_writable());
}

#[test]
fn the_rest_of_a_message_is_lost_with_its_pipe() {
    for (blocking, last) in [(false, false), (false, true), (true, false), (true, true)] {
        for noticed in [false, true] {
            let mut push = Socket::new(SocketType::Push);
            let dying = push.peer();
            push.send_part("1", true, blocking).expect("room");
            drop(dying);
            if noticed {
                push.process();
            }
            let mut other = push.peer();
            assert!(push.is_writable());
            let expected = if blocking { Ok(()) } else { Err(Error::Again) };
            assert_eq!(push.send_part("2", !last, blocking), expected);
            if !last {
                assert_eq!(push.send_part("3", true, false), Ok(()));
                assert_eq!(push.send_part("4", false, false), Ok(()));
            }
            push.send(&["clean", "start"]).expect("room");
            assert_eq!(other.drain(), [["clean", "start"]]);
        }
    }
}

#[test]
fn push_ignores_what_it_is_sent_and_notices_the_end_at_once() {
    let mut push = Socket::new(SocketType::Push);
    let mut peer = push.peer();
    peer.send(&["junk"]);
    drop(peer);
    push.process();
    assert!(push.pipes.is_empty());
    assert!(!push.is_readable());
    assert_eq!(push.recv(), Err(Error::NotSupported));
}

#[test]
fn pull_takes_a_whole_message_from_each_in_turn() {
    for socket_type in [SocketType::Pull, SocketType::Dealer] {
        let mut socket = Socket::new(socket_type);
        let mut peers = socket.peers(3);
        assert!(!socket.is_readable());
        assert_eq!(socket.recv(), Err(Error::Again));
        for (peer, name) in peers.iter_mut().zip(["a", "b", "c"]) {
            peer.send(&[name, "1"]);
            peer.send(&[name, "2"]);
        }
        assert!(socket.is_readable());
        for expected in ["a1", "b1", "c1", "a2", "b2", "c2"] {
            assert_eq!(socket.recv().map(|parts| parts.concat()), Ok(expected.to_string()));
        }
        assert!(!socket.is_readable());
    }
}

#[test]
fn a_pipe_that_is_readable_when_attached_is_heard() {
    let (near, mut far) = pair(UNLIMITED);
    far.write(Message::from_static(b"before"));
    far.flush();
    let mut pull = Socket::new(SocketType::Pull);
    pull.attach_pipe(near, nameless());
    assert_eq!(pull.recv(), Ok(text(&["before"])));
}

#[test]
fn a_closed_pipe_is_read_to_its_end() {
    for socket_type in [SocketType::Pull, SocketType::Dealer, SocketType::Pair] {
        let mut socket = Socket::new(socket_type);
        let mut peer = socket.peer();
        peer.send(&["1"]);
        peer.send(&["2", "3"]);
        peer.pipe.write({
            let mut unfinished = Message::new();
            unfinished.set_more(true);
            unfinished
        });
        drop(peer);
        socket.process();
        assert_eq!(socket.pipes.len(), 1);
        assert_eq!(socket.recv(), Ok(text(&["1"])));
        assert_eq!(socket.recv(), Ok(text(&["2", "3"])));
        assert_eq!(socket.recv(), Err(Error::Again));
        assert!(socket.pipes.is_empty());
    }
}

#[test]
fn pull_does_not_send() {
    let mut pull = Socket::new(SocketType::Pull);
    let _peer = pull.peer();
    assert!(!pull.is_writable());
    assert_eq!(pull.send(&["x"]), Err(Error::NotSupported));
}

#[test]
fn the_first_peer_wins_a_pair() {
    let mut socket = Socket::new(SocketType::Pair);
    let mut first = socket.peer();
    let mut second = socket.peer();
    assert_eq!(socket.pipes.len(), 1);
    second.send(&["unheard"]);
    assert!(second.pipe.is_ended());
    assert!(!socket.is_readable());
    socket.send(&["a", "b"]).expect("room");
    first.send(&["c"]);
    assert_eq!(first.drain(), [["a", "b"]]);
    assert_eq!(socket.recv(), Ok(text(&["c"])));
    drop(first);
    assert!(!socket.is_writable());
    assert_eq!(socket.send(&["x"]), Err(Error::Again));
    let mut third = socket.peer();
    socket.send(&["d"]).expect("a new one may take its place");
    assert_eq!(third.drain(), [["d"]]);
}

#[test]
fn probing_greets_every_new_peer() {
    for socket_type in [SocketType::Dealer, SocketType::Req, SocketType::Router, SocketType::Rep] {
        let mut socket = Socket::new(socket_type);
        let mut before = socket.peer();
        socket.set_int(option::PROBE_ROUTER, 1);
        let mut after = socket.peer();
        assert_eq!((before.drain(), after.drain()), (vec![], vec![text(&[""])]));
    }
}

#[test]
fn thousands_of_idle_and_busy_pipes_keep_their_turns() {
    let mut pull = Socket::new(SocketType::Pull);
    let mut peers = pull.peers(1000);
    for round in 0..3 {
        for peer in peers.iter_mut().skip(round).step_by(3) {
            peer.send(&["x"]);
        }
        let received = std::iter::from_fn(|| pull.recv().ok()).count();
        assert_eq!(received, (1000 - round).div_ceil(3));
    }
    drop(peers);
    pull.process();
    assert!(pull.pipes.is_empty());
}
