//! A pipe, both ends in one thread.

use super::*;

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
