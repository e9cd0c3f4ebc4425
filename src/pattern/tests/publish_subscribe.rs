//! PUB, SUB, XPUB and XSUB: subscriptions, filters and fan-out.

use super::*;
use crate::error::Error;
use crate::pattern::option;

const ADD: &str = "\x01";
const REMOVE: &str = "\x00";

fn request(request: &str, topic: &str) -> String {
    format!("{request}{topic}")
}

fn subscribe(peer: &mut Peer, topic: &str) {
    peer.send(&[&request(ADD, topic)]);
}

fn unsubscribe(peer: &mut Peer, topic: &str) {
    peer.send(&[&request(REMOVE, topic)]);
}

/// All one-part messages that a socket has to receive.
fn notices(socket: &mut Socket) -> Vec<String> {
    std::iter::from_fn(|| socket.recv().ok()).map(|parts| parts.join("|")).collect()
}

#[test]
fn a_message_goes_to_those_who_hold_a_prefix_of_its_first_part() {
    for socket_type in [SocketType::Pub, SocketType::Xpub] {
        let mut publisher = Socket::new(socket_type);
        assert!(publisher.is_writable());
        publisher.send(&["to nobody"]).expect("dropped");
        let mut peers = publisher.peers(4);
        for (peer, topics) in peers.iter_mut().zip([&["a", "ab", ""][..], &["ab"], &["b", "ac"], &[]]) {
            topics.iter().for_each(|topic| subscribe(peer, topic));
        }
        for (message, expected) in
            [("ab", [1, 1, 0, 0]), ("a", [1, 0, 0, 0]), ("b", [1, 0, 1, 0]), ("", [1, 0, 0, 0])]
        {
            publisher.send(&[message, "abcdef"]).expect("never blocks");
            let counts: Vec<_> = peers.iter_mut().map(|peer| peer.drain().len()).collect();
            assert_eq!(counts, expected, "{message}");
        }
    }
}

#[test]
fn both_forms_of_a_subscription_count() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut peer = publisher.peer();
    peer.write(Message::subscription(true, b"x").expect("memory"));
    publisher.send(&["x"]).expect("room");
    peer.write(Message::subscription(false, b"x").expect("memory"));
    publisher.send(&["x"]).expect("room");
    assert_eq!(peer.drain(), [["x"]]);
}

#[test]
fn a_publisher_removes_a_topic_on_the_first_unsubscribe() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut peer = publisher.peer();
    subscribe(&mut peer, "x");
    subscribe(&mut peer, "x");
    unsubscribe(&mut peer, "x");
    publisher.send(&["x"]).expect("dropped");
    assert_eq!(peer.drain().len(), 0);
}

#[test]
fn a_full_subscriber_misses_whole_messages() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut slow = publisher.attach(nameless(), limited(2));
    let mut quick = publisher.peer();
    subscribe(&mut slow, "");
    subscribe(&mut quick, "");
    for number in ["1", "2", "3", "4"] {
        publisher.send(&[number, "tail"]).expect("never blocks");
    }
    publisher.send_part("5", true, false).expect("never blocks");
    assert_eq!(slow.drain(), [["1", "tail"], ["2", "tail"]]);
    publisher.send_part("tail", false, false).expect("never blocks");
    publisher.send(&["6", "tail"]).expect("never blocks");
    assert_eq!(slow.drain(), [["6", "tail"]], "full when the fifth began, so none of it");
    assert_eq!(quick.drain().len(), 6);
}

#[test]
fn a_subscription_in_the_middle_of_a_message_is_for_the_next() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut early = publisher.peer();
    let mut leaving = publisher.peer();
    subscribe(&mut early, "a");
    subscribe(&mut leaving, "a");
    publisher.send_part("a", true, false).expect("room");
    let mut late = publisher.peer();
    subscribe(&mut late, "");
    unsubscribe(&mut early, "a");
    drop(leaving);
    publisher.send_part("b", false, false).expect("room");
    assert_eq!((early.drain(), late.drain()), (vec![text(&["a", "b"])], vec![]));
    publisher.send(&["a"]).expect("room");
    assert_eq!((early.drain().len(), late.drain().len()), (0, 1));
}

#[test]
fn lossless_publishing_waits_for_the_slowest() {
    let mut publisher = Socket::new(SocketType::Xpub);
    publisher.set_int(option::XPUB_NODROP, 1);
    let mut slow = publisher.attach(nameless(), limited(1));
    let mut quick = publisher.peer();
    subscribe(&mut slow, "a");
    subscribe(&mut quick, "");
    publisher.send(&["a", "1"]).expect("room");
    publisher.send(&["b", "2"]).expect("the full one does not want it");
    assert_eq!(publisher.send(&["a", "3"]), Err(Error::Again));
    assert!(publisher.is_writable());
    assert_eq!(quick.drain().len(), 2, "nobody got any part of the third");
    assert_eq!(slow.drain().len(), 1);
    publisher.send(&["a", "3"]).expect("room");
    assert_eq!((quick.drain(), slow.drain()), (vec![text(&["a", "3"])], vec![text(&["a", "3"])]));
    publisher.send(&["a", "4"]).expect("room");
    drop(slow);
    publisher.send(&["a", "5"]).expect("the slow one is gone");
}

#[test]
fn inverted_matching_reaches_the_others() {
    let mut publisher = Socket::new(SocketType::Pub);
    assert_eq!(publisher.set(option::INVERT_MATCHING, &1i32.to_ne_bytes()), None, "also generic");
    let mut peers = publisher.peers(3);
    subscribe(&mut peers[0], "a");
    subscribe(&mut peers[1], "b");
    publisher.send(&["a", "1"]).expect("room");
    let counts: Vec<_> = peers.iter_mut().map(|peer| peer.drain().len()).collect();
    assert_eq!(counts, [0, 1, 1]);
}

#[test]
fn pub_hears_nothing_and_ends_pipes_at_once() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut peer = publisher.peer();
    subscribe(&mut peer, "a");
    peer.send(&["data"]);
    assert!(!publisher.is_readable());
    assert_eq!(publisher.recv(), Err(Error::NotSupported));
    assert_eq!(publisher.get_int(option::TOPICS_COUNT), Some(1));
    subscribe(&mut peer, "b");
    drop(peer);
    publisher.process();
    assert!(publisher.pipes.is_empty());
    assert_eq!(publisher.get_int(option::TOPICS_COUNT), Some(0));
}

#[test]
fn xpub_shows_topics_that_become_used_and_unused() {
    let traces = [
        // No option, VERBOSE, VERBOSER.
        (0, 0, &["+a", "-b", "+b", "-a", "-b", "-c", "+c", "-c"][..]),
        (1, 0, &["+a", "+a", "+a", "-b", "+b", "-a", "-b", "-c", "+c", "+c", "-c"]),
        (0, 1, &["+a", "+a", "+a", "-b", "+b", "-a", "-a", "-a", "-b", "-c", "+c", "+c", "-c", "-c"]),
    ];
    for (verbose, verboser, expected) in traces {
        let mut xpub = Socket::new(SocketType::Xpub);
        xpub.set_int(option::XPUB_VERBOSE, verbose);
        if verboser == 1 {
            xpub.set_int(option::XPUB_VERBOSER, 1);
        }
        let mut peers = xpub.peers(2);
        let (one, two) = peers.split_at_mut(1);
        let (one, two) = (&mut one[0], &mut two[0]);
        let mut seen = Vec::new();
        let mut step = |peer: &mut Peer, what: &str| {
            let topic = what[1..].to_string();
            if what.starts_with('+') {
                subscribe(peer, &topic)
            } else {
                unsubscribe(peer, &topic)
            }
            seen.extend(notices(&mut xpub));
        };
        step(one, "+a");
        step(two, "+a");
        step(one, "+a");
        step(two, "-b"); // nobody holds it
        step(one, "+b");
        step(one, "-a");
        step(one, "-a"); // does not hold it any more
        step(two, "-a");
        step(one, "-b");
        step(one, "-c");
        step(one, "+c");
        step(two, "+c");
        drop(peers);
        seen.extend(notices(&mut xpub));
        let seen: Vec<_> = seen.iter().map(|n| n.replace(ADD, "+").replace(REMOVE, "-")).collect();
        assert_eq!(seen, expected, "verbose {verbose} verboser {verboser}");
        assert!(!xpub.is_readable());
    }
}

#[test]
fn setting_verbose_turns_verboser_off() {
    let mut xpub = Socket::new(SocketType::Xpub);
    xpub.set_int(option::XPUB_VERBOSER, 1);
    xpub.set_int(option::XPUB_VERBOSE, 0);
    let mut peers = xpub.peers(2);
    peers.iter_mut().for_each(|peer| subscribe(peer, "a"));
    assert_eq!(notices(&mut xpub), [request(ADD, "a")]);
    drop(peers);
    assert_eq!(notices(&mut xpub), [request(REMOVE, "a")]);
}

#[test]
fn xpub_delivers_what_is_no_subscription() {
    let mut xpub = Socket::new(SocketType::Xpub);
    let mut peer = xpub.peer();
    peer.send(&["data", "tail"]);
    peer.send(&[""]);
    peer.send(&["x", &request(ADD, "topic")]);
    assert!(xpub.is_readable());
    assert_eq!(notices(&mut xpub), ["data|tail", "", &format!("x|{ADD}topic")]);
    xpub.set_int(option::ONLY_FIRST_SUBSCRIBE, 1);
    peer.send(&["x", &request(ADD, "y")]);
    peer.send(&[&request(ADD, "z"), &request(ADD, "zz"), "tail"]);
    let expected = [format!("x|{ADD}y"), request(ADD, "z"), request(ADD, "zz"), "tail".into()];
    assert_eq!(notices(&mut xpub), expected);
}

#[test]
fn a_notice_is_one_plain_part() {
    let mut xpub = Socket::new(SocketType::Xpub);
    let mut peer = xpub.peer();
    peer.write(Message::subscription(true, b"x").expect("memory"));
    let notice = xpub.recv_part().expect("notice");
    assert_eq!((notice.data(), notice.flags()), (&b"\x01x"[..], Flags::empty()));
}

#[test]
fn in_manual_mode_the_application_decides() {
    let mut xpub = Socket::new(SocketType::Xpub);
    assert_eq!(xpub.set(option::SUBSCRIBE, b"x"), Some(Err(Error::Invalid)));
    xpub.set_int(option::XPUB_MANUAL, 1);
    assert_eq!(xpub.set(option::SUBSCRIBE, b"x"), Some(Ok(())), "nothing was read: no effect");
    let mut peers = xpub.peers(2);
    subscribe(&mut peers[0], "A");
    subscribe(&mut peers[1], "B");
    xpub.send(&["A"]).expect("room");
    assert_eq!(peers[0].drain().len(), 0, "not applied");
    for (expected, topic) in [("A", "XA"), ("B", "XB")] {
        assert_eq!(xpub.recv(), Ok(vec![request(ADD, expected)]));
        assert_eq!(xpub.set(option::SUBSCRIBE, topic.as_bytes()), Some(Ok(())));
    }
    for message in ["A", "XA", "XB"] {
        xpub.send(&[message]).expect("room");
    }
    assert_eq!((peers[0].drain(), peers[1].drain()), (vec![text(&["XA"])], vec![text(&["XB"])]));
    subscribe(&mut peers[0], "A");
    unsubscribe(&mut peers[0], "A");
    assert_eq!(notices(&mut xpub), [request(ADD, "A"), request(REMOVE, "A")], "all are handed over");
    assert_eq!(xpub.set(option::UNSUBSCRIBE, b"XA"), Some(Ok(())));
    xpub.send(&["XA"]).expect("room");
    assert_eq!(peers[0].drain().len(), 0);
    drop(peers);
    assert_eq!(notices(&mut xpub), [request(REMOVE, "B")], "what was requested, not what was made of it");
    assert_eq!(xpub.set(option::SUBSCRIBE, b"x"), Some(Ok(())), "the peer is gone: no effect");
    assert_eq!(xpub.get_int(option::TOPICS_COUNT), Some(0));
}

#[test]
fn last_value_goes_to_the_last_subscriber_only() {
    let mut xpub = Socket::new(SocketType::Xpub);
    xpub.set_int(option::XPUB_MANUAL_LAST_VALUE, 1);
    let mut peers = xpub.peers(2);
    for peer in &mut peers {
        subscribe(peer, "a");
        assert_eq!(xpub.recv(), Ok(vec![request(ADD, "a")]));
        assert_eq!(xpub.set(option::SUBSCRIBE, b"a"), Some(Ok(())));
        xpub.send(&["a", "cached"]).expect("room");
    }
    xpub.send(&["a", "news"]).expect("room");
    for peer in &mut peers {
        assert_eq!(peer.drain(), [["a", "cached"], ["a", "news"]]);
    }
}

#[test]
fn a_welcome_is_written_to_each_new_subscriber() {
    for socket_type in [SocketType::Pub, SocketType::Xpub] {
        let mut publisher = Socket::new(socket_type);
        assert_eq!(publisher.set(option::XPUB_WELCOME_MSG, b"W"), Some(Ok(())));
        let (mut one, mut two) = (publisher.peer(), publisher.peer());
        assert_eq!((one.drain(), two.drain()), (vec![text(&["W"])], vec![text(&["W"])]));
        assert_eq!(publisher.set(option::XPUB_WELCOME_MSG, b""), Some(Ok(())));
        assert_eq!(publisher.peer().drain().len(), 0);
    }
}

#[test]
fn a_peer_that_cannot_subscribe_gets_all() {
    let mut publisher = Socket::new(SocketType::Pub);
    let mut peer =
        publisher.attach(Attachment { without_subscriptions: true, ..Attachment::default() }, UNLIMITED);
    publisher.send(&["anything"]).expect("room");
    assert_eq!(peer.drain(), [["anything"]]);
}

#[test]
fn sub_tells_every_publisher_its_topics() {
    let mut sub = Socket::new(SocketType::Sub);
    let mut early = sub.peer();
    for topic in ["a", "a", "b", ""] {
        assert_eq!(sub.set(option::SUBSCRIBE, topic.as_bytes()), Some(Ok(())));
    }
    let part = early.recv_part().expect("subscription");
    assert!(is_subscription(&part) && part.data() == b"\x01a");
    assert_eq!(early.drain(), [[request(ADD, "a")], [request(ADD, "b")], [request(ADD, "")]]);
    assert_eq!(sub.get_int(option::TOPICS_COUNT), Some(4));
    let mut late = sub.peer();
    let mut topics = late.drain().concat();
    topics.sort();
    assert_eq!(topics, [request(ADD, ""), request(ADD, "a"), request(ADD, "b")]);
    for topic in ["a", "unknown", "a", "a"] {
        assert_eq!(sub.set(option::UNSUBSCRIBE, topic.as_bytes()), Some(Ok(())));
    }
    for peer in [&mut early, &mut late] {
        assert_eq!(peer.drain(), [[request(REMOVE, "a")]], "only the last one goes upstream");
    }
    sub.hiccup(late.id);
    let mut topics = late.drain().concat();
    topics.sort();
    assert_eq!((topics, early.drain().len()), (vec![request(ADD, ""), request(ADD, "b")], 0));
}

#[test]
fn new_connections_learn_all_topics_whatever_the_mark() {
    let mut sub = Socket::new(SocketType::Sub);
    for topic in ["a", "b", "c"] {
        assert_eq!(sub.set(option::SUBSCRIBE, topic.as_bytes()), Some(Ok(())));
    }
    let mut peer = sub.attach(nameless(), limited(1));
    assert_eq!(sub.set(option::SUBSCRIBE, b"dropped, as it is full"), Some(Ok(())));
    assert_eq!(peer.drain().len(), 3);
    sub.process();
    assert_eq!(sub.set(option::SUBSCRIBE, b"d"), Some(Ok(())));
    assert_eq!(peer.drain(), [[request(ADD, "d")]]);
}

#[test]
fn sub_filters_by_first_part() {
    let mut sub = Socket::new(SocketType::Sub);
    let mut peer = sub.peer();
    peer.send(&["a", "b"]);
    assert!(!sub.is_readable(), "a SUB starts with no topic");
    assert_eq!(sub.set(option::SUBSCRIBE, b"a"), Some(Ok(())));
    for parts in [&["b", "a"][..], &["ab", "b", "c"], &["", "a"], &["a"]] {
        peer.send(parts);
    }
    assert!(sub.is_readable());
    assert_eq!(sub.recv_part().map(|part| part.data().to_vec()), Ok(b"ab".to_vec()));
    assert!(sub.is_readable());
    assert_eq!(sub.recv(), Ok(text(&["b", "c"])));
    assert_eq!(sub.recv(), Ok(text(&["a"])));
    assert_eq!(sub.recv(), Err(Error::Again));
    assert_eq!(sub.set(option::INVERT_MATCHING, &1i32.to_ne_bytes()), None, "also generic");
    peer.send(&["a"]);
    peer.send(&["b"]);
    assert_eq!(sub.recv(), Ok(text(&["b"])));
    assert!(!sub.is_readable());
    assert!(!sub.is_writable());
    assert_eq!(sub.send(&["x"]), Err(Error::NotSupported));
    assert_eq!(sub.set(option::ONLY_FIRST_SUBSCRIBE, &[0; 4]), None);
    assert_eq!(sub.set(option::XSUB_VERBOSE_UNSUBSCRIBE, &[0; 4]), None);
}

#[test]
fn xsub_sends_subscriptions_and_data_upstream() {
    let mut xsub = Socket::new(SocketType::Xsub);
    assert!(xsub.is_writable());
    xsub.send(&[&request(ADD, "early")]).expect("never blocks");
    let mut peers = xsub.peers(2);
    for message in [request(ADD, "a"), request(ADD, "a"), request(REMOVE, "a"), request(REMOVE, "unknown")] {
        xsub.send(&[&message]).expect("never blocks");
    }
    xsub.send(&["data", "tail"]).expect("never blocks");
    xsub.send(&[&request(REMOVE, "a")]).expect("never blocks");
    let expected = [
        text(&[&request(ADD, "early")]),
        text(&[&request(ADD, "a")]),
        text(&[&request(ADD, "a")]),
        text(&["data", "tail"]),
        text(&[&request(REMOVE, "a")]),
    ];
    for peer in &mut peers {
        assert_eq!(peer.drain(), expected);
    }
    xsub.set_int(option::XSUB_VERBOSE_UNSUBSCRIBE, 1);
    xsub.send(&[&request(REMOVE, "unknown")]).expect("never blocks");
    assert_eq!(peers[0].drain(), [[request(REMOVE, "unknown")]]);
    peers[1].send(&["unfiltered", "message"]);
    assert_eq!(xsub.recv(), Ok(text(&["unfiltered", "message"])));
}

#[test]
fn a_withheld_cancellation_does_not_tear_a_message() {
    let mut xsub = Socket::new(SocketType::Xsub);
    let mut peer = xsub.peer();
    xsub.send(&["data", &request(REMOVE, "unknown")]).expect("never blocks");
    xsub.send(&[&request(REMOVE, "unknown"), "data"]).expect("never blocks");
    assert_eq!(peer.drain(), [vec!["data".to_string(), request(REMOVE, "unknown")], text(&["data"])]);
}

#[test]
fn a_request_within_a_message_keeps_its_place() {
    let mut publisher = Socket::new(SocketType::Xpub);
    let mut peer = publisher.peer();
    for _ in 0..2 {
        peer.send(&["1", &request(ADD, "a"), "2", "3"]);
        peer.send(&["4", &request(ADD, "a")]);
    }
    assert_eq!(publisher.recv(), Ok(vec!["1".to_string(), request(ADD, "a")]));
    assert_eq!(publisher.recv(), Ok(text(&["2", "3"])));
    for expected in [&["4"][..], &["1", "2", "3"], &["4"]] {
        assert_eq!(publisher.recv(), Ok(text(expected)), "nobody hears of a topic twice");
    }
    assert_eq!(publisher.recv(), Err(Error::Again));
}

#[test]
fn only_the_first_part_decides_if_so_wished() {
    for (only_first, total) in [(0, 1), (1, 0)] {
        let mut xsub = Socket::new(SocketType::Xsub);
        xsub.set_int(option::ONLY_FIRST_SUBSCRIBE, only_first);
        for _ in 0..2 {
            xsub.send(&["data", &request(REMOVE, "a")]).expect("never blocks");
        }
        xsub.send(&["data", &request(ADD, "a")]).expect("never blocks");
        assert_eq!(xsub.get_int(option::TOPICS_COUNT), Some(total));
    }
}

#[test]
fn a_hiccup_in_the_middle_of_a_message_drops_its_beginning() {
    let mut xsub = Socket::new(SocketType::Xsub);
    xsub.send(&[&request(ADD, "a")]).expect("never blocks");
    let mut peer = xsub.peer();
    peer.drain();
    xsub.send_part("1", true, false).expect("never blocks");
    xsub.hiccup(peer.id);
    xsub.send_part("2", false, false).expect("never blocks");
    xsub.send(&["3"]).expect("never blocks");
    assert_eq!(peer.drain(), [vec![request(ADD, "a")], text(&["3"])]);
}

#[test]
fn publisher_and_subscriber_talk() {
    let (mut publisher, mut sub) = (Socket::new(SocketType::Xpub), Socket::new(SocketType::Sub));
    assert_eq!(sub.set(option::SUBSCRIBE, b"a"), Some(Ok(())));
    link(&mut publisher, &mut sub);
    exchange(&mut publisher, &mut sub);
    assert_eq!(publisher.recv(), Ok(vec![request(ADD, "a")]));
    publisher.send(&["a", "1"]).expect("room");
    publisher.send(&["b", "2"]).expect("room");
    assert_eq!(sub.recv(), Ok(text(&["a", "1"])));
    assert_eq!(sub.recv(), Err(Error::Again));
    drop(sub);
    assert_eq!(publisher.recv(), Ok(vec![request(REMOVE, "a")]));
}
