//! The lane. Under loom its chunks have two slots, so that a few items cross several of them.

use super::{bounded, model};
use ferrozmq::sync::{Deadline, Event, Reader, Writer, lane};
use loom::sync::Arc;
use loom::thread;

/// An item whose loss loom reports.
type Item = (usize, Arc<()>);

fn item(number: usize) -> Item {
    (number, Arc::new(()))
}

/// Sends `batches`, each published at once, waking the reader when told to.
fn send(writer: &mut Writer<Item>, event: &Event, batches: &[usize]) {
    let mut next = 0;
    for len in batches {
        for _ in 0..*len {
            writer.push(item(next));
            next += 1;
        }
        if writer.publish() {
            event.set();
        }
    }
}

/// Pops until the writer is gone, sleeping when there is nothing; returns how many items came.
fn receive_all(mut reader: Reader<Item>, event: &Event) -> usize {
    let mut received = 0;
    loop {
        while let Some((number, _)) = reader.pop() {
            assert_eq!(number, received, "in order");
            received += 1;
        }
        if reader.is_finished() {
            return received;
        }
        if reader.sleep() {
            assert_eq!(event.wait(Deadline::NEVER), Ok(true));
        }
    }
}

fn everything_arrives(batches: &'static [usize]) -> impl Fn() + Send + Sync + 'static {
    move || {
        let (mut writer, reader) = lane();
        let event = Arc::new(Event::new());
        let sender = thread::spawn({
            let event = Arc::clone(&event);
            move || {
                send(&mut writer, &event, batches);
                if writer.close() {
                    event.set();
                }
            }
        });
        assert_eq!(receive_all(reader, &event), batches.iter().sum::<usize>());
        sender.join().expect("sender");
    }
}

#[test]
fn one_item_wakes_the_reader() {
    bounded(5, everything_arrives(&[1]));
}

#[test]
fn closing_wakes_the_reader() {
    model(everything_arrives(&[]));
}

#[test]
fn two_items_one_by_one() {
    bounded(3, everything_arrives(&[1, 1]));
}

#[test]
fn batches_cross_chunks() {
    bounded(3, everything_arrives(&[3, 2]));
}

#[test]
fn emptied_chunks_are_used_again() {
    bounded(2, everything_arrives(&[2, 1, 2]));
}

/// The reader goes while the writer is at work; items it left are dropped, and the writer sees that it
/// is alone once it looks after the other's end.
fn reader_goes(read_first: usize) -> impl Fn() + Send + Sync + 'static {
    move || {
        let (mut writer, mut reader) = lane();
        let event = Event::new();
        let receiver = thread::spawn(move || {
            for _ in 0..read_first {
                reader.pop();
            }
            drop(reader);
        });
        send(&mut writer, &event, &[1, 2]);
        writer.push(item(3));
        receiver.join().expect("receiver");
        assert!(writer.is_abandoned());
        drop(writer);
    }
}

#[test]
fn the_reader_goes_at_any_moment() {
    bounded(4, reader_goes(0));
}

#[test]
fn the_reader_goes_after_some_items() {
    bounded(4, reader_goes(3));
}

#[test]
fn both_ends_go_at_any_moment() {
    for batches in [&[][..], &[1], &[2], &[1, 2], &[3, 1]] {
        bounded(3, move || {
            let (mut writer, mut reader) = lane();
            let sender = thread::spawn(move || {
                let event = Event::new();
                send(&mut writer, &event, batches);
                // Pushed and never published.
                writer.push(item(9));
            });
            reader.pop();
            reader.sleep();
            drop(reader);
            sender.join().expect("sender");
        });
    }
}

#[test]
fn what_was_sent_stays_readable_after_the_writer_is_gone() {
    bounded(4, || {
        let (mut writer, mut reader) = lane();
        let sender = thread::spawn(move || {
            let event = Event::new();
            send(&mut writer, &event, &[3]);
        });
        let early = reader.is_closed();
        let mut received = 0;
        while reader.pop().is_some() {
            received += 1;
        }
        assert!(!early || received == 3, "closed is said after the items");
        sender.join().expect("sender");
        while reader.pop().is_some() {
            received += 1;
        }
        assert_eq!((received, reader.is_finished()), (3, true));
        assert!(!reader.sleep(), "nothing will come");
    });
}

#[test]
fn sleeping_twice_is_sleeping_once() {
    model(|| {
        let (mut writer, mut reader) = lane();
        assert!(reader.sleep() && reader.sleep());
        let sender = thread::spawn(move || {
            writer.push(item(0));
            let first = writer.publish();
            writer.push(item(1));
            (first, writer.publish())
        });
        assert_eq!(sender.join().expect("sender"), (true, false), "told once");
        assert_eq!((reader.pop().is_some(), reader.pop().is_some()), (true, true));
    });
}
