//! Domains to whose actors sends are handed over late, many at a time: the reactor looks at them
//! once in a while, in case the sending thread has stopped.

use super::domain::Domain;
use crate::sync::{Finding, Watch};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the reactor looks, and so about how long the last of many sends are on their way at the most, twice
/// over.
pub(super) const LOOK: Duration = Duration::from_micros(200);

/// The domains that the reactor looks at.
#[derive(Default)]
pub(super) struct Deferred(Mutex<Vec<Watched>>);

struct Watched {
    domain: Arc<Domain>,
    watch: Watch,
}

impl Deferred {
    /// Looks at a domain from now on. True if the thread has to be told, as it looks at none.
    pub(super) fn add(&self, domain: &Arc<Domain>, stopping: &AtomicBool) -> bool {
        let mut watched = self.0.lock();
        if stopping.load(Ordering::Acquire) || !domain.deferral.watch() {
            return false;
        }
        watched.push(Watched { domain: Arc::clone(domain), watch: Watch::default() });
        watched.len() == 1
    }

    /// Looks at all of them and has done, by `settle`, what is overdue.
    pub(super) fn look(&self, mut settle: impl FnMut(&Arc<Domain>)) {
        let mut overdue = Vec::new();
        self.0.lock().retain_mut(|watched| match watched.domain.deferral.look(&mut watched.watch) {
            Finding::InOrder => true,
            Finding::Overdue => {
                overdue.push(Arc::clone(&watched.domain));
                true
            }
            Finding::Rest => false,
        });
        overdue.iter().for_each(&mut settle);
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }

    /// Forgets all of them; what is watched holds on to its reactor.
    pub(super) fn clear(&self) {
        let watched = std::mem::take(&mut *self.0.lock());
        drop(watched);
    }
}
