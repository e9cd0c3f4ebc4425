use super::*;
use crate::sync::lane;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

unsafe extern "C" fn count(_data: *mut c_void, hint: *mut c_void) {
    // SAFETY: the tests pass a counter that outlives every message.
    unsafe { &*hint.cast::<AtomicUsize>() }.fetch_add(1, Ordering::SeqCst);
}

fn lent(bytes: &'static [u8], freed: &AtomicUsize) -> Message {
    // SAFETY: static bytes, and a counter that the caller keeps.
    unsafe {
        Message::lent(bytes.as_ptr().cast_mut(), bytes.len(), count, (&raw const *freed).cast_mut().cast())
    }
    .expect("memory")
}

#[test]
fn bytes_survive_at_every_size_around_the_inline_capacity() {
    for len in 0..200 {
        let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let mut message = Message::from_slice(&bytes).expect("memory");
        let moved = message.take();
        assert_eq!((moved.data(), message.len()), (&bytes[..], 0));
        assert_eq!(moved.as_ptr() as usize % 8, 0, "C programs cast the data to structures");
    }
}

#[test]
fn lent_bytes_are_freed_once_after_the_last_copy() {
    let freed = AtomicUsize::new(0);
    let mut message = lent(b"hello", &freed);
    assert!(!message.is_shared() && message.body_mut().is_none());
    let copy = message.share();
    assert!(message.is_shared() && copy.is_shared());
    drop(message);
    assert_eq!((freed.load(Ordering::SeqCst), copy.data()), (0, &b"hello"[..]));
    drop(copy);
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn copies_in_other_threads_count() {
    let freed = AtomicUsize::new(0);
    let mut message = lent(b"shared", &freed);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let mut copy = message.share();
            scope.spawn(move || {
                for _ in 0..1000 {
                    assert_eq!(copy.share().data(), b"shared");
                }
            });
        }
        drop(message);
    });
    assert_eq!(freed.load(Ordering::SeqCst), 1);
}

#[test]
fn clearing_the_metadata_keeps_the_group() {
    let mut metadata = Metadata::default();
    metadata.add("X-k", b"v");
    let metadata = Some(Arc::new(metadata));
    let mut message = Message::new();
    message.set_annex(Some(Annex { metadata, group: b"g\0"[..].into() }.into()));
    assert_eq!(message.share().metadata().and_then(|m| m.value("X-k")), Some(&b"v"[..]));
    message.clear_metadata();
    assert!(message.metadata().is_none());
    assert_eq!(message.annex().map(|annex| &*annex.group), Some(&b"g\0"[..]));
}

#[test]
fn a_buffer_makes_room_at_its_front() {
    let mut buffer = ReceiveBuffer::new(256);
    assert!(buffer.unread().is_empty());
    assert_eq!(buffer.append(&[7; 200]), Ok(200));
    buffer.consume(190);
    assert_eq!(buffer.spare(50).expect("memory").len(), 56, "as much as wanted is left");
    assert_eq!(buffer.spare(200).expect("memory").len(), 246);
    assert_eq!(buffer.unread(), [7; 10]);
    assert_eq!(buffer.append(&[9; 300]), Ok(246));
    assert_eq!(
        (buffer.append(&[1]), &buffer.unread()[..11]),
        (Ok(0), &[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 9][..])
    );
    buffer.consume(256);
    assert!(buffer.unread().is_empty());
    assert_eq!(buffer.spare(1).expect("memory").len(), 256, "empty: from the start again");
    assert!(ReceiveBuffer::new(usize::MAX).spare(1).is_err());
}

#[test]
fn lent_bytes_stay_where_they_are_in_a_lane_and_are_given_back_once() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    static BYTES: [u8; 1000] = [7; 1000];
    let freed = || FREED.load(Ordering::SeqCst);
    let (mut writer, mut reader) = lane();
    (0..5).for_each(|_| writer.push(lent(&BYTES, &FREED)));
    let mut shared = lent(&BYTES, &FREED);
    let copy = shared.share();
    writer.push(shared);
    let _ = writer.publish();
    let read = std::thread::spawn(move || {
        let mut message = Message::new();
        for read in 0..2 {
            assert!(reader.pop_into(&mut message));
            assert_eq!((message.as_ptr(), message.data()), (BYTES.as_ptr(), &BYTES[..]));
            assert!(message.body_mut().is_none(), "they belong to the application");
            assert_eq!(freed(), read);
        }
        let in_place = reader.pop_in_place().expect("a message");
        assert_eq!((in_place.as_ptr(), in_place.len()), (BYTES.as_ptr(), BYTES.len()));
        drop(in_place);
        assert_eq!(freed(), 2);
        message = reader.pop_in_place().expect("a message").into_inner();
        assert_eq!((freed(), message.as_ptr()), (3, BYTES.as_ptr()));
        drop(message);
        assert_eq!(freed(), 4);
        // One is left, and one of which there is a copy.
        drop(reader);
        assert_eq!(freed(), 5);
    });
    read.join().expect("reader");
    drop(copy);
    assert_eq!(freed(), 6);
    // What is pushed and not published is given back with the lane.
    writer.push(lent(&BYTES, &FREED));
    drop(writer);
    assert_eq!(freed(), 7);
}

#[test]
fn lent_bytes_are_given_back_once_even_if_there_is_no_memory() {
    static FREED: AtomicUsize = AtomicUsize::new(0);
    static BYTES: [u8; 1000] = [7; 1000];
    let freed = || FREED.load(Ordering::SeqCst);
    let (mut writer, mut reader) = lane();
    (0..3).for_each(|_| writer.push(lent(&BYTES, &FREED)));
    let _ = writer.publish();
    let read = std::thread::spawn(move || {
        EXHAUSTED.set(true);
        let mut messages = [reader.pop(), reader.pop()].map(|message| message.expect("a message"));
        let last = reader.pop_in_place().expect("a message").into_inner();
        EXHAUSTED.set(false);
        drop((reader, last));
        assert_eq!((freed(), messages[0].data()), (1, &BYTES[..]));
        let copy = messages[0].share();
        // Through another lane, too.
        let (mut writer, mut reader) = lane();
        messages.into_iter().for_each(|message| writer.push(message));
        let _ = writer.publish();
        assert_eq!(reader.pop().map(|message| message.as_ptr()), Some(BYTES.as_ptr()));
        assert_eq!(reader.pop().map(|message| message.as_ptr()), Some(BYTES.as_ptr()));
        assert_eq!((freed(), copy.data()), (2, &BYTES[..]));
        drop(copy);
        assert_eq!(freed(), 3);
    });
    read.join().expect("reader");
}
