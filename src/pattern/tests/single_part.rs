//! SERVER and PEER, which address by number, and CLIENT, GATHER, SCATTER and CHANNEL: messages of one part.

use super::*;
use crate::error::Error;
use std::collections::HashSet;

const NUMBERED: [SocketType; 2] = [SocketType::Server, SocketType::Peer];

/// Sends to the peer with that number; whether the number is still on a message that was refused.
fn send_to(socket: &mut Socket, number: u32, part: &str) -> Result<()> {
    socket.process();
    let mut message = Message::from_slice(part.as_bytes()).expect("memory");
    message.set_routing_id(number);
    let sent = socket.pattern.send(&mut socket.pipes, &mut message, false);
    assert_eq!(message.routing_id(), if sent.is_ok() { 0 } else { number });
    socket.settle();
    sent
}

fn number_of(socket: &Socket, peer: &Peer) -> u32 {
    socket.pattern.number(peer.id).expect("attached")
}

#[test]
fn peers_have_numbers_that_come_with_what_they_send() {
    for socket_type in NUMBERED {
        let mut socket = Socket::new(socket_type);
        let mut peers = socket.peers(3);
        for (peer, name) in peers.iter_mut().zip(["a", "b", "c"]) {
            peer.send(&[name]);
        }
        let mut numbers = HashSet::new();
        for (peer, name) in peers.iter().zip(["a", "b", "c"]) {
            let message = socket.recv_part().expect("sent");
            assert_eq!((message.data(), message.routing_id()), (name.as_bytes(), number_of(&socket, peer)));
            assert_eq!(socket.pattern.pipe_of_number(message.routing_id()), Some(peer.id));
            assert!(message.routing_id() != 0 && numbers.insert(message.routing_id()));
        }
        assert_eq!(socket.recv(), Err(Error::Again));
    }
}

#[test]
fn what_is_sent_goes_to_the_number_on_it_which_it_loses() {
    for socket_type in NUMBERED {
        let mut socket = Socket::new(socket_type);
        let mut peers = socket.peers(3);
        let number = number_of(&socket, &peers[1]);
        send_to(&mut socket, number, "for the second").expect("room");
        let got = peers[1].recv_part().expect("sent");
        assert_eq!((got.data(), got.routing_id()), (&b"for the second"[..], 0));
        assert!(peers[0].recv().is_none() && peers[2].recv().is_none());

        peers[1].send(&["question"]);
        let mut question = socket.recv_part().expect("sent");
        socket.pattern.send(&mut socket.pipes, &mut question, false).expect("to whom it came from");
        assert_eq!(peers[1].drain(), [["question"]]);
    }
}

#[test]
fn numbers_that_nobody_has_are_unreachable() {
    for socket_type in NUMBERED {
        let mut socket = Socket::new(socket_type);
        let peer = socket.attach(nameless(), limited(1));
        let number = number_of(&socket, &peer);
        assert!(socket.is_writable());
        assert_eq!(send_to(&mut socket, 0, "x"), Err(Error::HostUnreachable));
        assert_eq!(send_to(&mut socket, number.wrapping_add(1), "x"), Err(Error::HostUnreachable));
        send_to(&mut socket, number, "1").expect("room");
        assert_eq!(send_to(&mut socket, number, "2"), Err(Error::Again), "full");
        assert!(socket.is_writable(), "others may have room");
        drop(peer);
        assert_eq!(send_to(&mut socket, number, "3"), Err(Error::HostUnreachable));
        assert_eq!(socket.pattern.pipe_of_number(number), None);
        let next = socket.peer();
        assert_ne!(number_of(&socket, &next), number, "numbers are not used again");
    }
}

#[test]
fn a_message_of_two_parts_is_not_sent() {
    let types = [SocketType::Client, SocketType::Scatter, SocketType::Channel, SocketType::Radio];
    for socket_type in types.into_iter().chain(NUMBERED) {
        let mut socket = Socket::new(socket_type);
        let mut peer = socket.peer();
        assert_eq!(socket.send_part("first", true, true), Err(Error::Invalid), "{socket_type:?}");
        assert!(peer.recv().is_none());
    }
    for socket_type in [SocketType::Gather, SocketType::Dish] {
        let mut socket = Socket::new(socket_type);
        assert_eq!(socket.send_part("first", true, true), Err(Error::NotSupported));
        assert_eq!(socket.send_part("only", false, true), Err(Error::NotSupported));
    }
}

#[test]
fn a_message_of_two_parts_is_not_received() {
    let types = [SocketType::Client, SocketType::Gather, SocketType::Channel];
    for socket_type in types.into_iter().chain(NUMBERED) {
        for polled in [false, true] {
            let mut socket = Socket::new(socket_type);
            let mut peer = socket.peer();
            peer.send(&["1", "2", "3"]);
            assert!(!polled || !socket.is_readable(), "{socket_type:?}");
            peer.send(&["whole"]);
            peer.send(&["4", "5"]);
            peer.send(&["", ""]);
            peer.send(&[""]);
            assert!(!polled || socket.is_readable(), "{socket_type:?}");
            assert_eq!(socket.recv(), Ok(text(&["whole"])));
            assert_eq!(socket.recv(), Ok(text(&[""])));
            assert_eq!(socket.recv(), Err(Error::Again));
            assert_eq!(socket.pipes.dropped().filtered, 3);
        }
    }
}

#[test]
fn a_message_that_was_looked_for_is_not_lost() {
    for socket_type in [SocketType::Gather, SocketType::Server] {
        let mut socket = Socket::new(socket_type);
        let mut peer = socket.peer();
        peer.send(&["1"]);
        peer.send(&["2"]);
        assert!(socket.is_readable() && socket.is_readable());
        drop(peer);
        assert_eq!((socket.recv(), socket.recv()), (Ok(text(&["1"])), Ok(text(&["2"]))));
        assert!(!socket.is_readable());
        assert!(socket.pipes.is_empty());
    }
}

#[test]
fn clients_and_scatters_take_turns_and_wait() {
    for socket_type in [SocketType::Client, SocketType::Scatter] {
        let mut socket = Socket::new(socket_type);
        assert!(!socket.is_writable());
        assert_eq!(socket.send(&["early"]), Err(Error::Again));
        let (mut one, mut two) =
            (socket.attach(nameless(), limited(1)), socket.attach(nameless(), limited(1)));
        socket.send(&["1"]).expect("room");
        socket.send(&["2"]).expect("room");
        assert!(!socket.is_writable());
        assert_eq!(socket.send(&["3"]), Err(Error::Again));
        assert_eq!((one.drain(), two.drain()), (vec![text(&["1"])], vec![text(&["2"])]));
        assert!(socket.is_writable());
    }
    let mut scatter = Socket::new(SocketType::Scatter);
    let mut peer = scatter.peer();
    peer.send(&["unheard"]);
    assert!(!scatter.is_readable());
    assert_eq!(scatter.recv(), Err(Error::NotSupported));
}

#[test]
fn gathers_take_one_from_each_in_turn() {
    let mut gather = Socket::new(SocketType::Gather);
    let mut peers = gather.peers(2);
    for (peer, name) in peers.iter_mut().zip(["a", "b"]) {
        peer.send(&[name]);
        peer.send(&[name]);
    }
    for expected in ["a", "b", "a", "b"] {
        assert_eq!(gather.recv(), Ok(text(&[expected])));
    }
}

#[test]
fn a_channel_has_one_peer() {
    let mut channel = Socket::new(SocketType::Channel);
    let mut first = channel.peer();
    let mut second = channel.peer();
    second.send(&["unheard"]);
    assert!(second.pipe.is_ended() && !channel.is_readable());
    channel.send(&["there"]).expect("room");
    first.send(&["back"]);
    assert_eq!((first.recv(), channel.recv()), (Some(text(&["there"])), Ok(text(&["back"]))));
    drop(first);
    assert_eq!(channel.send(&["x"]), Err(Error::Again));
    let mut third = channel.peer();
    channel.send(&["y"]).expect("a new one may take its place");
    assert_eq!(third.drain(), [["y"]]);
}
