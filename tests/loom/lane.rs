//! The lane. Under loom its chunks have two slots, so that a few items cross several of them, and two items
//! without a sleep are a flood. (That the end of a flood needs the heavy fence, the models do not show: in loom an
//! exchange finds whatever was stored before.)

use super::{bounded, model};
use ferrozmq::sync::{Deadline, Event, Reader, Relocate, Writer, lane};
use loom::sync::Arc;
use loom::thread;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

/// Bytes that an item may take along.
const PAYLOAD: usize = 8;

/// An item whose loss loom reports, and its number, which most items take along rather than in their place.
struct Item {
    number: Number,
    loss: Option<Arc<()>>,
}

#[derive(Clone, Copy)]
enum Number {
    Here(usize),
    Along(NonNull<u8>),
}

// SAFETY: the pointer is into the lane that the item is in.
unsafe impl Send for Item {}

fn item(number: usize) -> Item {
    Item { number: Number::Here(number), loss: Some(Arc::new(())) }
}

impl Item {
    fn number(&self) -> usize {
        match self.number {
            Number::Here(number) => number,
            // SAFETY: it was put there by `enter`.
            Number::Along(room) => usize::from_ne_bytes(unsafe { room.cast().read() }),
        }
    }
}

// SAFETY: as is promised; what is left of an item is another one.
unsafe impl Relocate for Item {
    fn payload_len(&self) -> usize {
        if self.number() % 3 != 0 { PAYLOAD } else { 0 }
    }

    unsafe fn enter(&mut self, place: &mut MaybeUninit<Item>, room: Option<NonNull<u8>>) {
        let number = match room {
            Some(room) => {
                // SAFETY: room for the payload.
                unsafe { room.cast().write(self.number().to_ne_bytes()) };
                Number::Along(room)
            }
            None => self.number,
        };
        place.write(Item { number, loss: self.loss.take() });
    }

    unsafe fn leave(&mut self, place: &mut MaybeUninit<Item>) -> bool {
        // SAFETY: the original is forgotten by the caller.
        place.write(Item { number: Number::Here(self.number()), loss: unsafe { ptr::read(&self.loss) } });
        true
    }

    fn release(&mut self) {
        self.loss = None;
    }

    fn prefetch(&self) {}
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
        while let Some(item) = reader.pop() {
            assert_eq!(item.number(), received, "in order");
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
fn floods_begin_and_end() {
    bounded(3, everything_arrives(&[2, 1, 1]));
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
