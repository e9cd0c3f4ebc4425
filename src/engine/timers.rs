//! The moments a connection waits for.

use super::Heartbeat;
use std::time::{Duration, Instant};

/// A connection's timers; all start stopped.
#[derive(Default)]
pub(super) struct Timers {
    /// End of patience with the handshake.
    handshake: Option<Instant>,
    /// The next PING.
    ping: Option<Instant>,
    /// End of patience after a PING of ours.
    silence: Option<Deadline>,
    /// End of the TTL in a PING of the peer.
    ttl: Option<Deadline>,
}

struct Deadline {
    at: Instant,
    span: Duration,
}

/// The peer took too long.
#[derive(Debug)]
pub(super) struct Expired;

impl Timers {
    pub(super) fn start_handshake(&mut self, interval: Option<Duration>, now: Instant) {
        self.handshake = interval.and_then(|interval| now.checked_add(interval));
    }

    pub(super) fn end_handshake(&mut self) {
        self.handshake = None;
    }

    /// Arranges for the next PING.
    pub(super) fn schedule_ping(&mut self, heartbeat: &Heartbeat, now: Instant) {
        self.ping = now.checked_add(heartbeat.interval);
    }

    /// A PING was sent: the peer has to show life, if it has not already been given a time for it.
    pub(super) fn await_life(&mut self, heartbeat: &Heartbeat, now: Instant) {
        if self.silence.is_none() {
            self.silence = heartbeat.timeout.and_then(|span| Deadline::new(now, span));
        }
    }

    /// The peer promised to show life every `ttl` tenths of a second; 0 promises nothing.
    pub(super) fn promised_life(&mut self, ttl: u16, now: Instant) {
        if ttl > 0 && self.ttl.is_none() {
            self.ttl = Deadline::new(now, Duration::from_millis(u64::from(ttl) * 100));
        }
    }

    /// The peer sent something.
    #[inline]
    pub(super) fn sign_of_life(&mut self) {
        self.silence = None;
        self.ttl = None;
    }

    pub(super) fn next(&self) -> Option<Instant> {
        let at = |deadline: &Option<Deadline>| deadline.as_ref().map(|deadline| deadline.at);
        [self.handshake, self.ping, at(&self.silence), at(&self.ttl)].into_iter().flatten().min()
    }

    pub(super) fn ping_due(&self, now: Instant) -> bool {
        self.ping.is_some_and(|at| at <= now)
    }

    /// Whether the peer has used up its time. While the local side reads nothing, because its own queue is
    /// full, the peer's signs of life stay unread too: then its time starts again.
    pub(super) fn expire(&mut self, now: Instant, blocked: bool) -> Result<(), Expired> {
        if self.handshake.is_some_and(|at| at <= now) {
            return Err(Expired);
        }
        for deadline in [&mut self.silence, &mut self.ttl] {
            match deadline {
                Some(Deadline { at, span }) if *at <= now => {
                    if !blocked {
                        return Err(Expired);
                    }
                    *deadline = Deadline::new(now, *span);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Deadline {
    fn new(now: Instant, span: Duration) -> Option<Deadline> {
        Some(Deadline { at: now.checked_add(span)?, span })
    }
}
