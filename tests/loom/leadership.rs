//! Who waits for a domain: `reactor` around the leadership, with the interest of the reactor's epoll
//! and its list of led domains as plain values.

use super::bounded;
use ferrozmq::sync::{Entry, Leadership, Tick};
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

/// A domain on a reactor.
#[derive(Default)]
struct Domain {
    leadership: Leadership,
    /// The reactor does not wait for the domain.
    switched_off: AtomicBool,
    /// The reactor's list of led domains: this one's entry, with the visits last seen.
    led: Mutex<Option<u32>>,
}

impl Domain {
    fn enter(&self) -> bool {
        match self.leadership.enter() {
            Entry::Refused => return false,
            Entry::Again => {}
            Entry::Anew => {
                self.switched_off.store(true, Ordering::SeqCst);
                self.look_after();
            }
        }
        true
    }

    fn leave(&self) {
        if self.leadership.leave() {
            self.look_after();
        }
    }

    fn look_after(&self) {
        self.led.lock().expect("no panics").get_or_insert(0);
    }

    fn take_back(&self) {
        self.switched_off.store(false, Ordering::SeqCst);
    }

    /// What a poster does before it signals.
    fn revoke(&self) {
        if self.leadership.revoke() {
            self.take_back();
        }
    }

    /// The reactor's look.
    fn tick(&self, may_rest: bool) {
        let mut led = self.led.lock().expect("no panics");
        let Some(seen) = *led else { return };
        match self.leadership.tick(seen, may_rest) {
            Tick::Watch(visits) => *led = Some(visits),
            Tick::Reclaimed => {
                self.take_back();
                *led = None;
            }
            Tick::Rest | Tick::Free => *led = None,
        }
    }

    /// When all threads are done and no leader is there: the reactor waits for the domain, or looks
    /// after it and will soon wait.
    fn check(&self) {
        for _ in 0..3 {
            if !self.switched_off.load(Ordering::SeqCst) {
                return;
            }
            let watched = self.led.lock().expect("no panics").is_some();
            assert!(watched, "nobody waits for the domain, and nobody looks after it");
            self.tick(false);
        }
        panic!("the reactor does not take back a domain that is left alone");
    }
}

fn visit(domain: &Arc<Domain>, times: usize) -> thread::JoinHandle<()> {
    let domain = Arc::clone(domain);
    thread::spawn(move || {
        for _ in 0..times {
            if domain.enter() {
                domain.leave();
            }
        }
    })
}

#[test]
fn a_domain_is_never_forgotten_by_the_tick() {
    for rests in [[false, false, false], [true, false, true], [false, true, true]] {
        bounded(4, move || {
            let domain = Arc::new(Domain::default());
            let leader = visit(&domain, 2);
            rests.iter().for_each(|may_rest| domain.tick(*may_rest));
            leader.join().expect("leader");
            domain.check();
        });
    }
}

#[test]
fn a_domain_is_never_forgotten_by_posters() {
    bounded(3, || {
        let domain = Arc::new(Domain::default());
        let leader = visit(&domain, 2);
        let poster = thread::spawn({
            let domain = Arc::clone(&domain);
            move || {
                domain.revoke();
                domain.revoke();
            }
        });
        domain.tick(false);
        domain.tick(true);
        leader.join().expect("leader");
        poster.join().expect("poster");
        domain.check();
    });
}

#[test]
fn two_threads_do_not_lead_at_once() {
    bounded(3, || {
        let domain = Arc::new(Domain::default());
        let inside = Arc::new(AtomicBool::new(false));
        let leaders = [(); 2].map(|()| {
            let (domain, inside) = (Arc::clone(&domain), Arc::clone(&inside));
            thread::spawn(move || {
                if domain.enter() {
                    assert!(!inside.swap(true, Ordering::SeqCst));
                    inside.store(false, Ordering::SeqCst);
                    domain.leave();
                }
            })
        });
        domain.tick(true);
        for leader in leaders {
            leader.join().expect("leader");
        }
        domain.check();
    });
}
