//! Work that is put off: `reactor` around the deferral, with the turn, the actor and what it has to do as plain
//! values. The actor sleeps only when it was activated for the last time, and must be told of what comes then.

use super::bounded;
use ferrozmq::msg::Message;
use ferrozmq::sync::{Deferral, Finding, Reader, Watch, Writer, lane};
use loom::sync::{Arc, Mutex};
use loom::thread;

#[derive(Default)]
struct Domain {
    deferral: Deferral,
    /// The reactor's list: this one's entry.
    watched: Mutex<Option<Watch>>,
    turn: Mutex<Option<Turn>>,
}

struct Turn {
    reader: Reader<Message>,
    is_deferred: bool,
    read: usize,
}

impl Turn {
    fn work(&mut self, for_the_last_time: bool) {
        loop {
            while self.reader.pop().is_some() {
                self.read += 1;
            }
            if !for_the_last_time || self.reader.sleep() {
                return;
            }
        }
    }

    fn settle(&mut self, deferral: &Deferral) {
        if deferral.settle() {
            assert!(std::mem::take(&mut self.is_deferred));
            self.work(true);
        }
    }
}

impl Domain {
    fn new() -> (Arc<Domain>, Writer<Message>) {
        let (writer, mut reader) = lane();
        assert!(reader.sleep());
        let domain = Domain::default();
        *domain.turn.lock().expect("no panics") = Some(Turn { reader, is_deferred: false, read: 0 });
        (Arc::new(domain), writer)
    }

    fn turn<R>(&self, work: impl FnOnce(&mut Turn) -> R) -> R {
        work(self.turn.lock().expect("no panics").as_mut().expect("present"))
    }

    fn defer(&self) {
        let unwatched = self.turn(|turn| {
            turn.is_deferred = true;
            self.deferral.put_off()
        });
        if unwatched {
            let mut watched = self.watched.lock().expect("no panics");
            if self.deferral.watch() {
                *watched = Some(Watch::default());
            }
        }
    }

    /// The reactor's look.
    fn look(&self) {
        let mut watched = self.watched.lock().expect("no panics");
        let Some(watch) = &mut *watched else { return };
        match self.deferral.look(watch) {
            Finding::InOrder => {}
            Finding::Rest => *watched = None,
            Finding::Overdue => {
                drop(watched);
                self.turn(|turn| turn.settle(&self.deferral));
            }
        }
    }

    /// When all threads are done: the reactor does by itself what is left.
    fn check(&self, sent: usize) {
        for _ in 0..3 {
            self.look();
        }
        assert_eq!(self.turn(|turn| turn.read), sent, "nobody does what was put off");
    }
}

fn send(writer: &mut Writer<Message>, domain: &Domain) {
    writer.push(Message::new());
    if writer.publish() {
        domain.defer();
    }
    domain.deferral.beat();
}

#[test]
fn what_a_thread_leaves_is_done() {
    bounded(3, || {
        let (domain, mut writer) = Domain::new();
        let reactor = thread::spawn({
            let domain = Arc::clone(&domain);
            move || (0..3).for_each(|_| domain.look())
        });
        for _ in 0..3 {
            send(&mut writer, &domain);
        }
        reactor.join().expect("reactor");
        domain.check(3);
    });
}

#[test]
fn what_is_delivered_between_looks_is_not_done_twice_nor_left() {
    bounded(3, || {
        let (domain, mut writer) = Domain::new();
        let reactor = thread::spawn({
            let domain = Arc::clone(&domain);
            move || (0..2).for_each(|_| domain.look())
        });
        for _ in 0..2 {
            send(&mut writer, &domain);
            if domain.deferral.renew() {
                domain.turn(|turn| turn.work(false));
            }
        }
        reactor.join().expect("reactor");
        domain.check(2);
    });
}

#[test]
fn two_may_settle() {
    bounded(3, || {
        let (domain, mut writer) = Domain::new();
        send(&mut writer, &domain);
        let others = [(); 2].map(|()| {
            let domain = Arc::clone(&domain);
            thread::spawn(move || domain.turn(|turn| turn.settle(&domain.deferral)))
        });
        send(&mut writer, &domain);
        for other in others {
            other.join().expect("other");
        }
        domain.check(2);
    });
}
