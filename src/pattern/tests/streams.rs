//! STREAM: raw connections.

use super::*;
use crate::error::Error;
use crate::pattern::option;

fn id_of(stream: &Socket) -> Vec<u8> {
    stream.pattern.option(option::ROUTING_ID).expect("connected").expect("readable")
}

fn send(stream: &mut Socket, id: &[u8], bytes: &str, more: bool) -> Result<()> {
    stream.process();
    let mut part = Message::from_slice(id).expect("memory");
    part.set_more(true);
    stream.pattern.send(&mut stream.pipes, &mut part, false)?;
    stream.send_part(bytes, more, false)
}

#[test]
fn connections_have_ids_and_bytes() {
    let mut stream = Socket::new(SocketType::Stream);
    assert!(stream.is_writable() && stream.pattern.is_raw());
    assert_eq!(stream.pattern.option(option::ROUTING_ID), None);
    let mut first = stream.attach(Attachment::default(), UNLIMITED);
    let first_id = id_of(&stream);
    let mut second = stream.attach(nameless(), UNLIMITED);
    let second_id = id_of(&stream);
    assert!(first_id.len() == 5 && first_id[0] == 0 && first_id != second_id);
    second.send(&[""]);
    second.send(&["data"]);
    for expected in ["", "data"] {
        assert!(stream.is_readable());
        let id = stream.recv_part().expect("id");
        assert!(id.more() && id.data() == second_id);
        assert_eq!(stream.recv(), Ok(text(&[expected])));
    }
    send(&mut stream, &first_id, "1", true).expect("room");
    send(&mut stream, &first_id, "2", false).expect("room");
    assert_eq!(first.drain(), [["1"], ["2"]], "MORE on the data part is ignored");
}

#[test]
fn errors_name_the_unknown_and_the_full() {
    let mut stream = Socket::new(SocketType::Stream);
    let mut peer = stream.attach(Attachment::default(), limited(1));
    let id = id_of(&stream);
    assert_eq!(send(&mut stream, b"nobody", "x", false), Err(Error::HostUnreachable));
    send(&mut stream, &id, "1", false).expect("room");
    assert_eq!(send(&mut stream, &id, "2", false), Err(Error::Again));
    assert_eq!(stream.send_part("no more", false, false), Ok(()));
    assert_eq!(stream.send_part("swallowed", false, false), Ok(()));
    assert_eq!(peer.drain(), [["1"]]);
    send(&mut stream, &id, "3", false).expect("room");
    assert_eq!(peer.drain(), [["3"]]);
}

#[test]
fn an_end_is_notified_after_the_data() {
    for notify in [1, 0] {
        let mut stream = Socket::new(SocketType::Stream);
        stream.set_int(option::STREAM_NOTIFY, notify);
        let mut peer = stream.attach(Attachment::default(), UNLIMITED);
        peer.send(&["data"]);
        drop(peer);
        let bodies: Vec<_> =
            std::iter::from_fn(|| stream.recv().ok()).map(|parts| parts[1].clone()).collect();
        assert_eq!(bodies, if notify == 1 { vec!["data", ""] } else { vec!["data"] });
        assert!(!stream.is_readable());
    }
    let mut stream = Socket::new(SocketType::Stream);
    assert_eq!(stream.set(option::STREAM_NOTIFY, &2i32.to_ne_bytes()), Some(Err(Error::Invalid)));
}

#[test]
fn an_empty_message_closes() {
    let mut stream = Socket::new(SocketType::Stream);
    let mut peer = stream.attach(Attachment::default(), UNLIMITED);
    let id = id_of(&stream);
    send(&mut stream, &id, "last words", false).expect("room");
    send(&mut stream, &id, "", false).expect("room");
    assert_eq!(peer.drain(), [["last words"]]);
    assert!(peer.pipe.is_ended() && stream.pipes.is_empty());
    assert!(!stream.is_readable(), "no news of what the application did itself");
    assert_eq!(send(&mut stream, &id, "x", false), Err(Error::HostUnreachable));
}

#[test]
fn a_connection_can_be_named() {
    let mut stream = Socket::new(SocketType::Stream);
    assert!(stream.pattern.takes_connect_routing_id());
    let named = Attachment { assigned: Some(b"name".to_vec()), connected: true, ..Attachment::default() };
    let mut peer = stream.attach(named, UNLIMITED);
    assert_eq!(id_of(&stream), b"name");
    send(&mut stream, b"name", "x", false).expect("room");
    assert_eq!(peer.drain(), [["x"]]);
}
