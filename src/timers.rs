//! Repeating timers that an application polls: `zmq_timers_*`.
//!
//! A set knows neither a clock nor what its timers do: time comes in as milliseconds of any monotonic
//! clock, and what to do when a timer is due goes out as the value it was added with. One thread uses
//! a set at a time. Intervals are in milliseconds.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// A set of timers, each with an action of type `A`.
///
/// A cancelled timer stays in the queue until it would be the next one, and until then it can still be reset
/// without an error, as applications know it; it is never due.
#[derive(Debug)]
pub struct Timers<A> {
    /// By id, which is never used again.
    timers: BTreeMap<i32, Timer<A>>,
    /// Ids in the order in which they are due.
    queue: BTreeMap<Turn, i32>,
    last_id: i32,
    next_sequence: u64,
}

/// When a timer is due; of those due at the same time, the one queued first comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    due: u64,
    sequence: u64,
}

#[derive(Debug)]
struct Timer<A> {
    turn: Turn,
    interval: u64,
    action: A,
    cancelled: bool,
}

/// One execution: what was due when it began. Timers that are queued anew meanwhile wait for the
/// next one, so that an interval of 0 does not go on for ever.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    now: u64,
    end: u64,
}

impl<A: Clone> Timers<A> {
    /// An empty set.
    pub fn new() -> Timers<A> {
        Timers { timers: BTreeMap::new(), queue: BTreeMap::new(), last_id: 0, next_sequence: 0 }
    }

    /// Adds a timer that is due every `interval`, first one interval from `now`, and returns its id:
    /// 1, 2, 3 and so on. [`Error::OutOfMemory`] when all ids have been used.
    pub fn add(&mut self, now: u64, interval: u64, action: A) -> Result<i32> {
        let id = self.last_id.checked_add(1).ok_or(Error::OutOfMemory)?;
        self.last_id = id;
        let turn = self.enqueue(id, now, interval);
        self.timers.insert(id, Timer { turn, interval, action, cancelled: false });
        Ok(id)
    }

    /// Cancels a timer. [`Error::Invalid`] if there is none of that id, or it was cancelled before.
    pub fn cancel(&mut self, id: i32) -> Result<()> {
        let timer = self.timers.get_mut(&id).filter(|timer| !timer.cancelled).ok_or(Error::Invalid)?;
        timer.cancelled = true;
        Ok(())
    }

    /// Gives a timer another interval, which starts `now`. [`Error::Invalid`] if there is none of
    /// that id.
    pub fn set_interval(&mut self, now: u64, id: i32, interval: u64) -> Result<()> {
        self.timers.get_mut(&id).ok_or(Error::Invalid)?.interval = interval;
        self.reset(now, id)
    }

    /// Starts a timer's interval again `now`. [`Error::Invalid`] if there is none of that id.
    pub fn reset(&mut self, now: u64, id: i32) -> Result<()> {
        let timer = self.timers.get(&id).ok_or(Error::Invalid)?;
        let (turn, interval) = (timer.turn, timer.interval);
        self.queue.remove(&turn);
        let turn = self.enqueue(id, now, interval);
        if let Some(timer) = self.timers.get_mut(&id) {
            timer.turn = turn;
        }
        Ok(())
    }

    /// Milliseconds until the next timer is due; 0 if it is overdue, None if there are no timers.
    pub fn timeout(&mut self, now: u64) -> Option<u64> {
        self.forget_cancelled();
        self.queue.first_key_value().map(|(turn, _)| turn.due.saturating_sub(now))
    }

    /// Begins an execution. Between its steps the set may be changed in any way.
    pub fn begin(&self, now: u64) -> Round {
        Round { now, end: self.next_sequence }
    }

    /// The next timer that is due in this round, its interval started again at the round's time.
    pub fn next_due(&mut self, round: Round) -> Option<(i32, A)> {
        self.forget_cancelled();
        let (&turn, &id) = self.queue.first_key_value()?;
        // Whatever was queued since the round began is due at its time or later, hence sorts behind
        // all that belongs to the round.
        if turn.due > round.now || turn.sequence >= round.end {
            return None;
        }
        self.reset(round.now, id).ok()?;
        Some((id, self.timers.get(&id)?.action.clone()))
    }

    /// Removes cancelled timers from the front of the queue.
    fn forget_cancelled(&mut self) {
        while let Some(next) = self.queue.first_entry()
            && self.timers.get(next.get()).is_none_or(|timer| timer.cancelled)
        {
            self.timers.remove(&next.remove());
        }
    }

    fn enqueue(&mut self, id: i32, now: u64, interval: u64) -> Turn {
        let turn = Turn { due: now.saturating_add(interval), sequence: self.next_sequence };
        self.next_sequence += 1;
        self.queue.insert(turn, id);
        turn
    }
}

impl<A: Clone> Default for Timers<A> {
    fn default() -> Timers<A> {
        Timers::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn execute(timers: &mut Timers<char>, now: u64) -> String {
        let round = timers.begin(now);
        std::iter::from_fn(|| timers.next_due(round)).map(|(_, action)| action).collect()
    }

    #[test]
    fn ids_count_from_one_and_are_not_used_again() {
        let mut timers = Timers::new();
        assert_eq!((timers.add(0, 5, 'a'), timers.add(0, 5, 'b')), (Ok(1), Ok(2)));
        assert_eq!((timers.cancel(2), timers.cancel(2)), (Ok(()), Err(Error::Invalid)));
        assert_eq!(timers.add(0, 5, 'c'), Ok(3));
        for id in [-1, 0, 4] {
            assert_eq!(timers.reset(0, id), Err(Error::Invalid));
            assert_eq!(timers.set_interval(0, id, 1), Err(Error::Invalid));
        }
    }

    #[test]
    fn timers_fire_in_due_order_and_start_again_at_the_time_of_execution() {
        let mut timers = Timers::new();
        for (interval, action) in [(30, 'c'), (10, 'a'), (20, 'b'), (10, 'A')] {
            timers.add(100, interval, action).expect("an id");
        }
        assert_eq!(
            (timers.timeout(100), timers.timeout(104), timers.timeout(500)),
            (Some(10), Some(6), Some(0))
        );
        assert_eq!(execute(&mut timers, 109), "");
        assert_eq!(execute(&mut timers, 125), "aAb");
        assert_eq!(timers.timeout(125), Some(5), "c is left from the beginning");
        // Long overdue, but each fires once.
        assert_eq!(execute(&mut timers, 1000), "caAb");
        assert_eq!(timers.timeout(1000), Some(10));
    }

    #[test]
    fn reset_and_new_intervals_start_now() {
        let mut timers = Timers::new();
        let id = timers.add(0, 10, 'a').expect("an id");
        assert_eq!((timers.reset(9, id), timers.timeout(9)), (Ok(()), Some(10)));
        assert_eq!((timers.set_interval(15, id, 3), timers.timeout(15)), (Ok(()), Some(3)));
        assert_eq!((execute(&mut timers, 18).as_str(), timers.timeout(18)), ("a", Some(3)));
        assert_eq!((timers.cancel(id), timers.timeout(18)), (Ok(()), None));
    }

    #[test]
    fn a_cancelled_timer_can_be_reset_until_it_would_be_next() {
        let mut timers = Timers::new();
        for (interval, action) in [(20, 'a'), (10, 'b')] {
            timers.add(0, interval, action).expect("an id");
        }
        assert_eq!((timers.cancel(1), timers.cancel(1)), (Ok(()), Err(Error::Invalid)));
        assert_eq!((timers.timeout(0), timers.reset(0, 1)), (Some(10), Ok(())));
        assert_eq!((timers.set_interval(0, 1, 5), execute(&mut timers, 5).as_str()), (Ok(()), ""));
        assert_eq!(
            (timers.reset(5, 1), timers.set_interval(5, 1, 5)),
            (Err(Error::Invalid), Err(Error::Invalid))
        );
        assert_eq!((execute(&mut timers, 10).as_str(), timers.timeout(10)), ("b", Some(10)));
    }

    #[test]
    fn handlers_may_change_the_set() {
        let mut timers = Timers::new();
        for action in ['a', 'b', 'c'] {
            timers.add(0, 10, action).expect("an id");
        }
        let round = timers.begin(10);
        assert_eq!(timers.next_due(round), Some((1, 'a')));
        timers.cancel(2).expect("there");
        timers.reset(10, 3).expect("there");
        timers.add(10, 0, 'd').expect("an id");
        assert_eq!(timers.next_due(round), None);
        assert_eq!(execute(&mut timers, 10), "d");
    }

    #[test]
    fn an_interval_of_zero_fires_once_an_execution() {
        let mut timers = Timers::new();
        timers.add(7, 0, 'z').expect("an id");
        assert_eq!((execute(&mut timers, 7).as_str(), timers.timeout(7)), ("z", Some(0)));
        assert_eq!(execute(&mut timers, 7), "z");
    }

    #[test]
    fn the_largest_interval_does_not_overflow() {
        let mut timers = Timers::new();
        timers.add(u64::MAX - 1, u64::MAX, 'a').expect("an id");
        assert_eq!(timers.timeout(5), Some(u64::MAX - 5));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Add(u64),
        Cancel(i32),
        SetInterval(i32, u64),
        Reset(i32),
        Execute,
        Pass(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..20u64).prop_map(Step::Add),
            (0..12i32).prop_map(Step::Cancel),
            (0..12i32, 0..20u64).prop_map(|(id, interval)| Step::SetInterval(id, interval)),
            (0..12i32).prop_map(Step::Reset),
            Just(Step::Execute),
            (0..15u64).prop_map(Step::Pass),
        ]
    }

    proptest! {
        /// Against the simplest thing that could be right: a list that is searched and sorted.
        #[test]
        fn behaves_like_a_sorted_list(steps in prop::collection::vec(step(), 0..60)) {
            let mut timers = Timers::new();
            let mut model: Vec<(u64, u64, i32, u64)> = Vec::new(); // due, order of queueing, id, interval
            let mut cancelled = std::collections::HashSet::new();
            let (mut now, mut order, mut last) = (0, 0, 0);
            for step in steps {
                order += 1;
                let change = |model: &mut Vec<(u64, u64, i32, u64)>, id: i32, interval: Option<u64>| {
                    let entry = model.iter_mut().find(|entry| entry.2 == id).ok_or(Error::Invalid)?;
                    let interval = interval.unwrap_or(entry.3);
                    *entry = (now + interval, order, id, interval);
                    Ok(())
                };
                match step {
                    Step::Add(interval) => {
                        last += 1;
                        model.push((now + interval, order, last, interval));
                        prop_assert_eq!(timers.add(now, interval, last), Ok(last));
                    }
                    Step::Cancel(id) => {
                        let there = model.iter().any(|entry| entry.2 == id) && cancelled.insert(id);
                        prop_assert_eq!(timers.cancel(id).is_ok(), there);
                    }
                    Step::SetInterval(id, interval) => prop_assert_eq!(
                        timers.set_interval(now, id, interval), change(&mut model, id, Some(interval))),
                    Step::Reset(id) =>
                        prop_assert_eq!(timers.reset(now, id), change(&mut model, id, None)),
                    Step::Execute => {
                        model.sort_unstable();
                        let mut fired = Vec::new();
                        for entry in model.iter_mut().take_while(|entry| entry.0 <= now) {
                            if cancelled.contains(&entry.2) {
                                continue;
                            }
                            order += 1;
                            fired.push((entry.2, entry.2));
                            *entry = (now + entry.3, order, entry.2, entry.3);
                        }
                        let round = timers.begin(now);
                        let ours: Vec<_> = std::iter::from_fn(|| timers.next_due(round)).collect();
                        prop_assert_eq!(ours, fired);
                    }
                    Step::Pass(time) => now += time,
                }
                model.sort_unstable();
                let first = model.iter().position(|entry| !cancelled.contains(&entry.2));
                model.drain(..first.unwrap_or(model.len()));
                let next = model.iter().map(|entry| entry.0.saturating_sub(now)).min();
                prop_assert_eq!(timers.timeout(now), next);
            }
        }
    }
}
