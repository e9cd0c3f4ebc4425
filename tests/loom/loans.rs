//! Lent bytes among locks: what takes them back waits for a lock that the program holds around its calls, or
//! calls the library itself. The locks are taken as sockets and domains take theirs; had the library one of them
//! while it gives back, that would be a deadlock.

use super::bounded;
use ferrozmq::msg::{Loan, Message, Section};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;
use std::ffi::c_void;

/// The program's lock and the library's.
#[derive(Default)]
struct World {
    program: Mutex<()>,
    socket: Mutex<()>,
    /// What was sent and is not written yet.
    turn: Mutex<Vec<Message>>,
    /// What the I/O thread is to give back.
    loans: Mutex<Vec<Loan>>,
    taken_back: AtomicUsize,
}

impl World {
    /// Bytes that `take_back` gets, with this as its hint. The world outlives them in all models.
    fn lend(&self, take_back: unsafe extern "C" fn(*mut c_void, *mut c_void)) -> Message {
        let hint: *mut c_void = (&raw const *self).cast_mut().cast();
        // SAFETY: no bytes, which may be anywhere; the function is safe to call with that hint, once.
        unsafe { Message::lent(hint.cast(), 0, take_back, hint) }.expect("memory")
    }

    /// A call that sends and takes the turn: as `Socket` and `Domain::turn`.
    fn send(&self, message: Message) {
        let outer = Section::begin();
        {
            let _socket = self.socket.lock();
            self.take_turn(|sent| sent.push(message));
            // Whatever was sent before has been written.
            self.take_turn(Vec::clear);
        }
        drop(outer);
    }

    /// A call by which a message is dropped within the socket.
    fn drop_within(&self, message: Message) {
        let section = Section::begin();
        {
            let _socket = self.socket.lock();
            drop(message);
        }
        drop(section);
    }

    fn take_turn(&self, work: impl FnOnce(&mut Vec<Message>)) {
        let section = Section::begin();
        work(&mut self.turn.lock().expect("no panics"));
        let loans = section.end();
        self.loans.lock().expect("no panics").extend(loans);
    }

    /// A round of the I/O thread.
    fn round(&self) {
        self.take_turn(Vec::clear);
        let loans = std::mem::take(&mut *self.loans.lock().expect("no panics"));
        drop(loans);
    }

    fn taken_back(&self) -> usize {
        self.taken_back.load(Ordering::Relaxed)
    }
}

unsafe extern "C" fn with_the_programs_lock(_data: *mut c_void, hint: *mut c_void) {
    // SAFETY: from `lend`.
    let world = unsafe { &*hint.cast::<World>() };
    let _held = world.program.lock();
    world.taken_back.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn by_a_call(_data: *mut c_void, hint: *mut c_void) {
    // SAFETY: from `lend`.
    let world = unsafe { &*hint.cast::<World>() };
    world.send(Message::new());
    world.taken_back.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_program_may_hold_a_lock_that_giving_back_needs() {
    bounded(3, || {
        let world = Arc::new(World::default());
        let io = thread::spawn({
            let world = Arc::clone(&world);
            move || world.round()
        });
        {
            let _held = world.program.lock();
            world.send(world.lend(with_the_programs_lock));
            world.send(world.lend(with_the_programs_lock));
        }
        io.join().expect("io");
        world.round();
        assert_eq!(world.taken_back(), 2, "each once");
    });
}

#[test]
fn giving_back_may_call_the_library() {
    bounded(3, || {
        let world = Arc::new(World::default());
        let other = thread::spawn({
            let world = Arc::clone(&world);
            move || world.drop_within(world.lend(by_a_call))
        });
        world.drop_within(world.lend(by_a_call));
        other.join().expect("other");
        assert_eq!(world.taken_back(), 2, "at the end of each call");
    });
}
