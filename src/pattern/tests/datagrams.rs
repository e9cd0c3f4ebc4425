//! DGRAM: an address and a body.

use super::*;
use crate::error::Error;

#[test]
fn messages_are_address_and_body() {
    let mut dgram = Socket::new(SocketType::Dgram);
    let mut peer = dgram.peer();
    dgram.send(&["127.0.0.1:9", "body"]).expect("room");
    assert_eq!(peer.recv(), Some(text(&["127.0.0.1:9", "body"])));
    peer.send(&["127.0.0.1:8", "answer"]);
    assert!(dgram.is_readable());
    assert_eq!(dgram.recv(), Ok(text(&["127.0.0.1:8", "answer"])));
    assert_eq!(dgram.recv(), Err(Error::Again));
}

#[test]
fn nothing_but_two_parts_is_sent() {
    let mut dgram = Socket::new(SocketType::Dgram);
    let mut peer = dgram.peer();
    assert_eq!(dgram.send_part("an address alone", false, false), Err(Error::Invalid));
    dgram.send_part("address", true, false).expect("room");
    assert_eq!(dgram.send_part("a body with more", true, false), Err(Error::Invalid));
    assert!(peer.recv().is_none());
    dgram.send_part("body", false, false).expect("the second part is still to come");
    assert_eq!(peer.drain(), [["address", "body"]]);
}

#[test]
fn without_an_endpoint_and_without_room_it_waits() {
    let mut dgram = Socket::new(SocketType::Dgram);
    assert!(!dgram.is_writable());
    assert_eq!(dgram.send(&["address", "body"]), Err(Error::Again));
    let mut peer = dgram.attach(nameless(), limited(1));
    dgram.send(&["address", "1"]).expect("room");
    assert!(!dgram.is_writable());
    assert_eq!(dgram.send_part("address", true, false), Err(Error::Again));
    assert!(peer.recv().is_some());
    assert!(dgram.is_writable());
}

#[test]
fn there_is_one_endpoint_and_another_after_it() {
    let mut dgram = Socket::new(SocketType::Dgram);
    let first = dgram.peer();
    let mut second = dgram.peer();
    assert_eq!(dgram.pipes.len(), 1);
    second.send(&["address", "unheard"]);
    assert!(second.pipe.is_ended() && !dgram.is_readable());
    dgram.send_part("begun", true, false).expect("room");
    drop(first);
    dgram.process();
    let mut third = dgram.peer();
    dgram.send(&["address", "anew"]).expect("room");
    assert_eq!(third.drain(), [["address", "anew"]]);
}
