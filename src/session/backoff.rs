//! How long to wait before connecting again. Pure: randomness is an argument.

use std::time::Duration;

/// Waits of a connecting endpoint: with an upper bound they double up to it, without one they are
/// the interval and a random part of it.
pub(super) struct Backoff {
    interval: u64,
    max: u64,
    next: u64,
}

impl Backoff {
    /// In milliseconds: `ZMQ_RECONNECT_IVL` (0 and less: no second attempt) and
    /// `ZMQ_RECONNECT_IVL_MAX` (0: no doubling).
    pub(super) fn new(interval: i32, max: i32) -> Backoff {
        let interval = u64::try_from(interval).unwrap_or(0);
        let max = u64::try_from(max).unwrap_or(0);
        Backoff { interval, max, next: interval }
    }

    /// Whether there are further attempts at all.
    pub(super) fn retries(&self) -> bool {
        self.interval > 0
    }

    /// The next wait; `random` gives a number in a range. None: no further attempt.
    pub(super) fn next(&mut self, random: impl Fn(std::ops::Range<u32>) -> u32) -> Option<Duration> {
        if !self.retries() {
            return None;
        }
        let wait = if self.max == 0 {
            let range = u32::try_from(self.interval).unwrap_or(u32::MAX);
            self.interval + u64::from(random(0..range))
        } else {
            let wait = self.next.min(self.max);
            self.next = wait.saturating_mul(2);
            wait
        };
        Some(Duration::from_millis(wait))
    }

    /// A connection was made: the next loss starts afresh.
    pub(super) fn reset(&mut self) {
        self.next = self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(backoff: &mut Backoff, count: usize, random: u32) -> Vec<u64> {
        (0..count).filter_map(|_| backoff.next(|_| random)).map(|wait| wait.as_millis() as u64).collect()
    }

    #[test]
    fn with_a_maximum_the_waits_double_without_jitter() {
        let mut backoff = Backoff::new(10, 70);
        assert_eq!(waits(&mut backoff, 5, 9), [10, 20, 40, 70, 70]);
        backoff.reset();
        assert_eq!(waits(&mut backoff, 2, 9), [10, 20]);
        assert_eq!(waits(&mut Backoff::new(100, 30), 3, 9), [30, 30, 30]);
    }

    #[test]
    fn without_a_maximum_there_is_jitter_and_no_growth() {
        assert_eq!(waits(&mut Backoff::new(100, 0), 3, 42), [142, 142, 142]);
        let wait = Backoff::new(100, 0).next(|range| range.end - 1);
        assert_eq!(wait, Some(Duration::from_millis(199)));
    }

    #[test]
    fn zero_and_less_mean_no_second_attempt() {
        assert_eq!(waits(&mut Backoff::new(0, 50), 3, 0), []);
        assert_eq!(waits(&mut Backoff::new(-1, 0), 3, 0), []);
    }
}
