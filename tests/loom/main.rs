//! Models of what threads share: loom runs each with every order of steps that the memory model
//! allows, the larger ones with every order of at most three preemptions.
//!
//! ```sh
//! RUSTFLAGS="--cfg loom" cargo test --test loom --release
//! ```
//!
//! Time does not pass in a model, so that a wake-up that somebody misses is a deadlock, which loom
//! reports, as it does memory that is lost and cells that two threads touch at a time.
#![cfg(loom)]

mod biased_lock;
mod domain;
mod gate;
mod lane;
mod leadership;
mod loans;
mod pipe;
mod registry;
mod signal;

use ferrozmq::sync::{Credit, Deadline, Event};
use loom::sync::Arc;
use loom::thread;

/// Runs a model, exhaustively.
fn model(run: impl Fn() + Send + Sync + 'static) {
    loom::model::Builder::new().check(run);
}

/// Runs a model with a bound on preemptions, for those that have too many orders.
fn bounded(preemptions: usize, run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 10_000;
    builder.check(run);
}

#[test]
fn an_event_set_is_not_slept_through() {
    model(|| {
        let event = Arc::new(Event::new());
        let setter = thread::spawn({
            let event = Arc::clone(&event);
            move || event.set()
        });
        assert_eq!(event.wait(Deadline::NEVER), Ok(true));
        setter.join().expect("setter");
        assert!(!event.take());
    });
}

#[test]
fn two_setters_and_two_waits() {
    bounded(3, || {
        let event = Arc::new(Event::new());
        let done = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
        let setters = [(); 2].map(|()| {
            let (event, done) = (Arc::clone(&event), Arc::clone(&done));
            thread::spawn(move || {
                done.fetch_add(1, loom::sync::atomic::Ordering::Relaxed);
                event.set();
            })
        });
        // What was done before a set is seen after the wait that it ends.
        while done.load(loom::sync::atomic::Ordering::Relaxed) < 2 {
            assert_eq!(event.wait(Deadline::NEVER), Ok(true));
        }
        for setter in setters {
            setter.join().expect("setter");
        }
    });
}

#[test]
fn a_writer_that_waits_for_credit_is_woken() {
    bounded(3, || {
        let (credit, event) = (Arc::new(Credit::new()), Arc::new(Event::new()));
        let reader = thread::spawn({
            let (credit, event) = (Arc::clone(&credit), Arc::clone(&event));
            move || {
                for read in 1..=3 {
                    if credit.acknowledge(read) {
                        event.set();
                    }
                }
            }
        });
        loop {
            let seen = credit.acknowledged();
            if seen == 3 {
                break;
            }
            if credit.wait(seen) {
                assert_eq!(event.wait(Deadline::NEVER), Ok(true));
                assert!(credit.acknowledged() > seen, "woken for nothing");
            }
        }
        reader.join().expect("reader");
    });
}
