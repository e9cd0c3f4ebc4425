//! Whole pipes: lanes and credits together, with the wake-ups delivered as sockets and sessions do.

use super::bounded;
use ferrozmq::msg::Message;
use ferrozmq::pipe::{Address, HighWaterMarks, Pipe, Wake, pair};
use ferrozmq::sync::{Deadline, Event};
use loom::thread;
use std::sync::Arc;

struct Home(Event);

impl Wake for Home {
    fn wake(&self, _key: u64) {
        self.0.set();
    }
}

/// An end whose owner sleeps on an event of its own.
struct End {
    pipe: Pipe,
    home: Arc<Home>,
}

impl End {
    fn new(pipe: Pipe) -> End {
        let home = Arc::new(Home(Event::new()));
        pipe.settle(Address { home: home.clone(), key: 0 });
        End { pipe, home }
    }

    fn settle(&mut self) {
        if self.pipe.take_wake() {
            self.pipe.peer().expect("settled before the threads began").home.wake(0);
        }
    }

    fn sleep(&self) {
        assert_eq!(self.home.0.wait(Deadline::NEVER), Ok(true));
    }

    /// Sends as many as it can before the peer goes, each in its turn; returns how many.
    fn send(&mut self, count: usize) -> usize {
        for sent in 0..count {
            while !self.pipe.check_write() {
                if self.pipe.is_closing() {
                    return sent;
                }
                self.sleep();
            }
            self.pipe.write(Message::from_slice(&[sent as u8]).expect("memory"));
            self.pipe.flush();
            self.settle();
        }
        count
    }

    /// Receives `count`, or fewer if the pipe ends.
    fn receive(&mut self, count: usize) -> usize {
        for received in 0..count {
            while !self.pipe.check_read() {
                if self.pipe.is_ended() {
                    return received;
                }
                self.sleep();
            }
            let message = self.pipe.read().expect("checked");
            assert_eq!(message.data(), &[received as u8]);
            self.settle();
        }
        count
    }
}

fn ends(hwm: usize) -> (End, End) {
    let (a, b) = pair(HighWaterMarks { forth: hwm, back: hwm });
    (End::new(a), End::new(b))
}

fn all_pass(hwm: usize, count: usize) -> impl Fn() + Send + Sync + 'static {
    move || {
        let (mut a, mut b) = ends(hwm);
        let sender = thread::spawn(move || assert_eq!(a.send(count), count));
        // One more than come: the end of the pipe is not slept through either.
        assert_eq!(b.receive(count + 1), count);
        drop(b);
        sender.join().expect("sender");
    }
}

#[test]
fn messages_pass_a_pipe_with_room_for_one() {
    bounded(3, all_pass(1, 2));
}

#[test]
fn messages_pass_a_pipe_with_room_for_two() {
    bounded(2, all_pass(2, 3));
}

#[test]
fn a_writer_that_waits_for_room_hears_of_the_end() {
    bounded(3, || {
        let (mut a, mut b) = ends(1);
        let receiver = thread::spawn(move || b.receive(1));
        let sent = a.send(3);
        assert!((1..3).contains(&sent));
        drop(a);
        assert_eq!(receiver.join().expect("receiver"), 1);
    });
}

#[test]
fn both_ends_send_and_go() {
    bounded(2, || {
        let (mut a, mut b) = ends(1);
        let other = thread::spawn(move || b.send(1) + b.receive(1));
        let mine = a.send(1) + a.receive(1);
        assert!((1..=2).contains(&mine));
        drop(a);
        assert!((1..=2).contains(&other.join().expect("other")));
    });
}
