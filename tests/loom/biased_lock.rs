//! The biased lock: what it guards is touched by one thread at a time, which sees all that was done before,
//! and nobody waits for a lock that was left. (Not shown: records and marks of threads that have ended, which others
//! get; and a light fence that is none for the processor.)

use super::{bounded, model};
use ferrozmq::sync::BiasedLock;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// Loom complains if two threads are at it at a time, or if one does not see what another did.
type Counter = BiasedLock<UnsafeCell<u32>>;

fn counter() -> Arc<Counter> {
    Arc::new(BiasedLock::new(UnsafeCell::new(0)))
}

fn add_one(count: &UnsafeCell<u32>) {
    // SAFETY: what is to be shown: the lock is held by one.
    count.with_mut(|count| unsafe { *count += 1 });
}

fn count(counter: &Counter, times: u32) {
    for _ in 0..times {
        add_one(&counter.lock());
    }
}

fn counted(counter: &Counter) -> u32 {
    // SAFETY: as above.
    counter.lock().with(|count| unsafe { *count })
}

fn counting(counter: &Arc<Counter>, times: u32) -> thread::JoinHandle<()> {
    let counter = Arc::clone(counter);
    thread::spawn(move || count(&counter, times))
}

#[test]
fn an_owner_that_takes_a_lock_again_and_one_who_takes_it_from_it() {
    model(|| {
        let counter = counter();
        count(&counter, 1);
        let other = counting(&counter, 1);
        count(&counter, 1);
        other.join().expect("the other");
        assert_eq!(counted(&counter), 3);
    });
}

#[test]
fn two_that_take_it_from_each_other_until_it_has_no_owner() {
    bounded(3, || {
        let counter = counter();
        let other = counting(&counter, 3);
        count(&counter, 3);
        other.join().expect("the other");
        assert_eq!(counted(&counter), 6);
    });
}

#[test]
fn two_who_come_for_the_lock_of_a_third() {
    bounded(2, || {
        let counter = counter();
        count(&counter, 1);
        let others = [counting(&counter, 1), counting(&counter, 1)];
        count(&counter, 1);
        for other in others {
            other.join().expect("another");
        }
        assert_eq!(counted(&counter), 4);
    });
}

#[test]
fn one_that_becomes_new() {
    bounded(3, || {
        let counter = counter();
        count(&counter, 1);
        let other = counting(&counter, 3);
        let mut guard = counter.lock();
        add_one(&guard);
        guard.renew();
        drop(guard);
        other.join().expect("the other");
        assert_eq!(counted(&counter), 5);
    });
}

#[test]
fn one_that_is_given_up() {
    bounded(3, || {
        let counter = counter();
        count(&counter, 1);
        let other = counting(&counter, 2);
        let guard = counter.lock();
        add_one(&guard);
        guard.disown();
        count(&counter, 1);
        other.join().expect("the other");
        assert_eq!(counted(&counter), 5);
    });
}

/// More locks at a time than a record has room for.
#[test]
fn three_locks_at_a_time() {
    bounded(2, || {
        let counters = [counter(), counter(), counter()];
        let others = [counting(&counters[2], 1), counting(&counters[0], 1)];
        let guards = [counters[0].lock(), counters[1].lock()];
        count(&counters[2], 2);
        for guard in guards {
            add_one(&guard);
        }
        for other in others {
            other.join().expect("another");
        }
        assert_eq!(counters.each_ref().map(|counter| counted(counter)), [2, 1, 3]);
    });
}

#[test]
fn one_lock_within_another() {
    bounded(3, || {
        let (outer, inner) = (counter(), counter());
        let other = counting(&inner, 2);
        for _ in 0..2 {
            let guard = outer.lock();
            count(&inner, 1);
            add_one(&guard);
        }
        other.join().expect("the other");
        assert_eq!((counted(&outer), counted(&inner)), (2, 4));
    });
}
