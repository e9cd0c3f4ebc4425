//! RADIO and DISH: messages of groups.

use super::*;
use crate::error::Error;
use crate::pattern::option;
use std::ffi::CStr;

fn in_group(group: &CStr, part: &str) -> Message {
    let mut message = Message::from_slice(part.as_bytes()).expect("memory");
    message.set_group(group);
    message
}

fn broadcast(radio: &mut Socket, group: &CStr, part: &str) -> Result<()> {
    radio.process();
    let sent = radio.pattern.send(&mut radio.pipes, &mut in_group(group, part), false);
    radio.settle();
    sent
}

fn ask(peer: &mut Peer, member: bool, group: &str) {
    peer.write(Message::subscription(member, group.as_bytes()).expect("memory"));
}

fn change(dish: &mut Socket, group: &str, member: bool) -> Result<()> {
    let changed = dish.pattern.set_membership(&mut dish.pipes, group.as_bytes(), member);
    dish.settle();
    changed
}

/// What a DISH has told a peer: with a sign, the groups.
fn told(peer: &mut Peer) -> Vec<String> {
    let messages = std::iter::from_fn(|| peer.recv_part());
    let say = |message: Message| {
        assert!(is_subscription(&message));
        let (sign, group) = message.data().split_first().expect("not empty");
        format!("{}{}", if *sign == 1 { '+' } else { '-' }, String::from_utf8_lossy(group))
    };
    messages.map(say).collect()
}

/// What peers are sent, in texts.
fn got(peer: &mut Peer) -> String {
    peer.drain().concat().concat()
}

#[test]
fn a_group_is_matched_whole() {
    let mut radio = Socket::new(SocketType::Radio);
    let (mut news, mut all, mut none) = (radio.peer(), radio.peer(), radio.peer());
    ask(&mut news, true, "news");
    ask(&mut news, true, "news");
    ask(&mut all, true, "");
    for (group, part) in [(c"new", "1"), (c"news", "2"), (c"newsx", "3"), (c"", "4")] {
        broadcast(&mut radio, group, part).expect("never in the way");
    }
    assert_eq!((got(&mut news), got(&mut all), got(&mut none)), ("2".into(), "4".into(), String::new()));
    assert_eq!(radio.pipes.dropped().unroutable, 2);

    ask(&mut news, false, "news");
    ask(&mut news, false, "never joined");
    ask(&mut none, true, "news");
    broadcast(&mut radio, c"news", "5").expect("never in the way");
    assert_eq!((got(&mut news), got(&mut none)), (String::new(), "5".into()));
    drop(none);
    broadcast(&mut radio, c"news", "6").expect("nobody is left");
    assert_eq!(radio.pipes.dropped().unroutable, 3);
}

#[test]
fn the_group_travels_with_the_message() {
    let mut radio = Socket::new(SocketType::Radio);
    let mut peers = radio.peers(2);
    for peer in &mut peers {
        ask(peer, true, "g");
    }
    broadcast(&mut radio, c"g", "x").expect("room");
    for peer in &mut peers {
        let message = peer.recv_part().expect("joined");
        assert_eq!((message.group(), message.data(), message.more()), (c"g", &b"x"[..], false));
    }
}

#[test]
fn data_from_a_dish_is_no_request() {
    let mut radio = Socket::new(SocketType::Radio);
    let mut peer = radio.peer();
    peer.send_bytes(&[b"\x01g"]);
    broadcast(&mut radio, c"g", "x").expect("room");
    assert_eq!(got(&mut peer), "");
    assert!(!radio.is_readable());
    assert_eq!(radio.recv(), Err(Error::NotSupported));
}

#[test]
fn who_cannot_ask_gets_everything() {
    let mut radio = Socket::new(SocketType::Radio);
    let mut udp =
        radio.attach(Attachment { without_subscriptions: true, ..Attachment::default() }, UNLIMITED);
    ask(&mut udp, true, "g");
    broadcast(&mut radio, c"g", "1").expect("room");
    broadcast(&mut radio, c"other", "2").expect("room");
    assert_eq!(udp.drain(), [["1"], ["2"]], "each once");
}

#[test]
fn a_full_dish_misses_a_message_or_makes_the_radio_wait() {
    let mut radio = Socket::new(SocketType::Radio);
    let (mut slow, mut quick) = (radio.attach(nameless(), limited(1)), radio.peer());
    ask(&mut slow, true, "g");
    ask(&mut quick, true, "g");
    for part in ["1", "2"] {
        broadcast(&mut radio, c"g", part).expect("never in the way");
    }
    assert!(radio.is_writable());
    radio.set_int(option::XPUB_NODROP, 1);
    assert_eq!(broadcast(&mut radio, c"g", "3"), Err(Error::Again));
    assert_eq!((got(&mut slow), got(&mut quick)), ("1".into(), "12".into()));
    broadcast(&mut radio, c"g", "4").expect("room again");
    assert_eq!((got(&mut slow), got(&mut quick)), ("4".into(), "4".into()));
}

#[test]
fn a_dish_tells_what_it_joins_and_leaves() {
    let mut dish = Socket::new(SocketType::Dish);
    change(&mut dish, "a", true).expect("new");
    let mut first = dish.attach(nameless(), limited(1));
    change(&mut dish, "", true).expect("new");
    change(&mut dish, "b", true).expect("new");
    change(&mut dish, "a", false).expect("joined");
    assert_eq!(told(&mut first), ["+a", "+", "+b", "-a"], "beyond the mark, too");
    let mut second = dish.peer();
    assert_eq!(told(&mut second), ["+", "+b"]);
    dish.hiccup(first.id);
    assert_eq!((told(&mut first).concat(), told(&mut second).concat()), ("++b".into(), String::new()));
}

#[test]
fn joining_twice_and_leaving_nothing_are_errors() {
    let mut dish = Socket::new(SocketType::Dish);
    let mut peer = dish.peer();
    let longest = "g".repeat(255);
    assert_eq!(change(&mut dish, &longest, true), Ok(()));
    for (group, member) in [(longest.as_str(), true), (&"g".repeat(256), true), ("other", false)] {
        assert_eq!(change(&mut dish, group, member), Err(Error::Invalid));
    }
    assert_eq!(told(&mut peer), [format!("+{longest}")]);
    for socket_type in [SocketType::Radio, SocketType::Sub, SocketType::Server] {
        assert_eq!(change(&mut Socket::new(socket_type), "g", true), Err(Error::NotSupported));
    }
}

#[test]
fn over_udp_a_dish_tells_nobody() {
    let mut dish = Socket::new(SocketType::Dish);
    change(&mut dish, "a", true).expect("new");
    let mut udp = dish.attach(Attachment { without_subscriptions: true, ..Attachment::default() }, UNLIMITED);
    change(&mut dish, "b", true).expect("new");
    change(&mut dish, "a", false).expect("joined");
    assert_eq!(told(&mut udp), Vec::<String>::new());
    assert_eq!(dish.pipes.counts().messages_out, 0);
}

#[test]
fn a_dish_receives_only_of_its_groups() {
    let mut dish = Socket::new(SocketType::Dish);
    let mut peers = dish.peers(2);
    change(&mut dish, "g", true).expect("new");
    peers[0].write(in_group(c"other", "1"));
    assert!(!dish.is_readable());
    peers[0].write(in_group(c"g", "2"));
    peers[1].write(in_group(c"gg", "3"));
    peers[1].write(in_group(c"g", "4"));
    assert!(dish.is_readable());
    for expected in ["2", "4"] {
        let message = dish.recv_part().expect("of the group");
        assert_eq!((message.group(), message.data()), (c"g", expected.as_bytes()));
    }
    assert_eq!(dish.recv(), Err(Error::Again));
    assert_eq!(dish.pipes.dropped().filtered, 2);
    assert!(dish.is_writable(), "as the reference has it");
}

#[test]
fn radio_and_dish_agree() {
    let (mut radio, mut dish) = (Socket::new(SocketType::Radio), Socket::new(SocketType::Dish));
    change(&mut dish, "before", true).expect("new");
    link(&mut radio, &mut dish);
    change(&mut dish, "after", true).expect("new");
    exchange(&mut radio, &mut dish);
    for group in [c"before", c"after", c"never"] {
        broadcast(&mut radio, group, "x").expect("room");
    }
    exchange(&mut radio, &mut dish);
    let groups: Vec<_> = std::iter::from_fn(|| dish.recv_part().ok()).map(|m| m.group().to_owned()).collect();
    assert_eq!(groups, [c"before".to_owned(), c"after".to_owned()]);
}
