//! A pipe, both ends in one thread.

use super::*;
use crate::msg::{Annex, EXHAUSTED, Metadata, SharedAnnex};

fn message(text: &str) -> Message {
    Message::from_slice(text.as_bytes()).expect("memory")
}

fn part(text: &str) -> Message {
    let mut part = message(text);
    part.set_more(true);
    part
}

fn send(pipe: &mut Pipe, text: &str) {
    pipe.write(message(text));
    pipe.flush();
}

const UNLIMITED: HighWaterMarks = HighWaterMarks { forth: 0, back: 0 };

#[test]
fn parts_appear_with_the_last_one() {
    let (mut a, mut b) = pair(UNLIMITED);
    a.write(part("1"));
    a.flush();
    assert!(!b.check_read());
    assert!(!a.take_wake());
    a.write(message("2"));
    a.flush();
    assert!(a.take_wake(), "the reader fell asleep before");
    assert_eq!(b.read().map(|m| (m.more(), m.data().to_vec())), Some((true, b"1".to_vec())));
    assert_eq!(b.read().map(|m| (m.more(), m.data().to_vec())), Some((false, b"2".to_vec())));
    assert!(b.read().is_none());
}

#[test]
fn room_comes_after_the_low_water_mark() {
    let (mut a, mut b) = pair(HighWaterMarks { forth: 5, back: 0 });
    for _ in 0..5 {
        assert!(a.check_write());
        send(&mut a, "x");
    }
    assert!(!a.check_write());
    for reads in 1..=3 {
        assert!(b.read().is_some());
        assert_eq!(b.take_wake(), reads == 3);
        assert_eq!(a.check_write(), reads == 3);
    }
}

#[test]
fn a_dropped_end_is_noticed_after_its_messages() {
    let (mut a, mut b) = pair(UNLIMITED);
    send(&mut a, "last");
    a.write(part("unfinished"));
    drop(a);
    assert!(b.peer_closed() && !b.is_ended());
    assert!(b.read().is_some());
    assert!(b.is_ended() && b.read().is_none());
    assert!(!b.check_write());
}

#[test]
fn a_conflating_pipe_keeps_the_latest() {
    let (mut a, mut b) = conflating_pair(UNLIMITED, Conflation { forth: true, back: true });
    assert!(!b.check_read());
    for text in ["1", "2", "3"] {
        assert!(a.check_write());
        send(&mut a, text);
    }
    assert!(a.take_wake());
    assert_eq!(b.read().map(|m| m.data().to_vec()), Some(b"3".to_vec()));
    assert!(b.read().is_none());
    drop(a);
    assert!(b.is_ended());
}

#[test]
fn each_end_counts_what_it_does() {
    let (mut a, mut b) = pair(HighWaterMarks { forth: 2, back: 0 });
    a.write(part("12"));
    send(&mut a, "345");
    send(&mut a, "6");
    assert!(!a.check_write() && !a.check_write());
    a.note_full();
    let counts = Counts {
        messages_out: 2,
        bytes_out: 6,
        queued_out: 2,
        hwm_reached: 1,
        dropped_full: 1,
        ..Counts::default()
    };
    assert_eq!(a.counts(), counts);
    assert_eq!(b.counts(), Counts { queued_in: 2, ..Counts::default() });
    while !b.read().expect("two messages").data().is_empty() && b.counts().messages_in < 2 {}
    assert_eq!(b.counts(), Counts { messages_in: 2, bytes_in: 6, ..Counts::default() });
    assert!(a.check_write());
    send(&mut a, "");
    b.discard_inbound();
    let counts = Counts { messages_out: 3, queued_out: 0, dropped_lost: 1, ..counts };
    assert_eq!(a.counts(), counts);
    // It was full once; being full again is another time.
    send(&mut a, "");
    send(&mut a, "");
    assert!(!a.check_write());
    assert_eq!(a.counts().hwm_reached, 2);
}

#[test]
fn a_conflating_end_counts_what_it_replaces() {
    let (mut a, mut b) = conflating_pair(UNLIMITED, Conflation { forth: true, back: false });
    for text in ["1", "2", "3"] {
        send(&mut a, text);
    }
    assert_eq!((a.counts().dropped_replaced, a.counts().queued_out, b.counts().queued_in), (2, 1, 1));
    assert!(b.read().is_some());
    assert_eq!((a.counts().messages_out, a.counts().queued_out, b.counts().queued_in), (3, 0, 0));
}

/// What the application may know of a part.
fn facts(part: &Message) -> (Vec<u8>, bool, bool, u32, *const Metadata) {
    let metadata = part.metadata().map_or(std::ptr::null(), |metadata| &raw const *metadata);
    (part.data().to_vec(), part.more(), part.is_shared(), part.routing_id(), metadata)
}

#[test]
fn a_part_of_any_size_is_the_same_in_another_thread() {
    let (mut a, mut b) = pair(UNLIMITED);
    let metadata = Arc::new(Metadata::default());
    let annex = SharedAnnex::from(Annex { metadata: Some(metadata), group: Box::default() });
    let mut sent = Vec::new();
    // More than there is room for beside the first chunks.
    for len in (0..600).chain([100_000]) {
        let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
        let mut part = Message::from_slice(&bytes).expect("memory");
        part.set_more(len % 3 == 0);
        part.set_routing_id(len as u32);
        part.set_annex((len % 2 == 0).then(|| annex.clone()));
        sent.push(facts(&part));
        a.write(part);
    }
    a.flush();
    let sent = sent
        .into_iter()
        .map(|(bytes, more, shared, id, metadata)| (bytes, more, shared, id, metadata.addr()));
    let sent: Vec<_> = sent.collect();
    let reader = std::thread::spawn(move || {
        let mut part = Message::new();
        for (index, expected) in sent.iter().enumerate() {
            let (bytes, more, shared, id, metadata) = if index % 5 == 0 {
                facts(&b.read_in_place().expect("a part"))
            } else {
                assert!(b.read_into(&mut part));
                facts(&part)
            };
            assert_eq!((bytes, more, shared, id, metadata.addr()), *expected);
        }
        assert!(!b.read_into(&mut part));
    });
    reader.join().expect("reader");
}

#[test]
fn only_what_nobody_else_has_is_copied() {
    let (mut a, mut b) = pair(UNLIMITED);
    let mut shared = message(&"s".repeat(100));
    let places = [shared.as_ptr().addr(), shared.share().as_ptr().addr()];
    let copy = shared.share();
    a.write(shared);
    let constant = Message::from_static(&[b'c'; 100]);
    let place = constant.as_ptr().addr();
    a.write(constant);
    a.flush();
    let read =
        std::thread::spawn(move || [b.read(), b.read()].map(|part| part.expect("a part").as_ptr().addr()));
    assert_eq!(read.join().expect("reader"), [places[0], place]);
    assert_eq!((copy.as_ptr().addr(), places[1]), (places[0], places[0]));
}

#[test]
fn a_part_arrives_even_if_there_is_no_memory_for_it() {
    let (mut a, mut b) = pair(UNLIMITED);
    // More than one chunk of the lane's.
    let texts: Vec<String> = (0..1000).map(|i| format!("{i:0100}")).collect();
    texts.iter().for_each(|text| send(&mut a, text));
    std::thread::spawn(move || {
        EXHAUSTED.set(true);
        let mut read: Vec<Message> = (0..500).map(|_| b.read().expect("a part")).collect();
        EXHAUSTED.set(false);
        read.extend((0..400).map(|_| b.read().expect("a part")));
        // What was read is not the lane's any more: another thread fills and empties it.
        let writer = std::thread::spawn(move || {
            (0..10_000).for_each(|_| send(&mut a, &"x".repeat(100)));
        });
        writer.join().expect("writer");
        while b.read().is_some() {}
        drop(b);
        for (read, text) in read.iter_mut().zip(&texts) {
            assert_eq!(read.data(), text.as_bytes());
            assert_eq!(read.share().data(), text.as_bytes());
        }
    })
    .join()
    .expect("reader");
}

#[test]
fn room_is_used_again_while_it_is_read() {
    let (mut a, mut b) = pair(HighWaterMarks { forth: 300, back: 0 });
    let writer = std::thread::spawn(move || {
        for number in 0..20_000u32 {
            while !a.check_write() {
                std::thread::yield_now();
            }
            a.write(Message::from_slice(&number.to_ne_bytes().repeat(30)).expect("memory"));
            a.flush();
        }
        a
    });
    for number in 0..20_000u32 {
        let part = loop {
            match b.read() {
                Some(part) => break part,
                None => std::thread::yield_now(),
            }
        };
        assert_eq!(part.data(), number.to_ne_bytes().repeat(30));
    }
    drop(writer.join().expect("writer"));
}
