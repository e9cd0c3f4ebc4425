//! A set of pipes that take turns.
//!
//! Joining, leaving and finding out who has the turn cost the same however many pipes there are.
//! A pipe that leaves is replaced by the last one, so the order is not kept for ever, but nobody
//! is passed over twice in a row. The set knows nothing of what its pipes hold.

use super::PipeId;
use slotmap::SecondaryMap;

/// Pipes whose state is too much for a first-level cache.
const MANY: usize = 48;

/// Pipes in turn; each at most once.
#[derive(Default)]
pub struct Rotation {
    pipes: Vec<PipeId>,
    /// Where in `pipes` each one is.
    places: SecondaryMap<PipeId, usize>,
    /// The place that has the turn.
    turn: usize,
}

impl Rotation {
    /// The pipe that has the turn.
    pub fn current(&self) -> Option<PipeId> {
        self.pipes.get(self.turn).copied()
    }

    /// Pipes that will have the turn soon, if there are so many that each is forgotten until then.
    #[inline]
    pub fn upcoming(&self) -> Option<[Option<PipeId>; 3]> {
        let ahead = |distance| self.pipes.get(self.turn + distance).copied();
        (self.pipes.len() >= MANY).then(|| [1, 3, 5].map(ahead))
    }

    /// Gives the turn to the next pipe.
    pub fn advance(&mut self) {
        self.turn += 1;
        if self.turn >= self.pipes.len() {
            self.turn = 0;
        }
    }

    /// Whether the pipe takes part.
    pub fn contains(&self, pipe: PipeId) -> bool {
        self.places.contains_key(pipe)
    }

    /// Adds a pipe at the end. It must not take part yet.
    pub fn join(&mut self, pipe: PipeId) {
        self.places.insert(pipe, self.pipes.len());
        self.pipes.push(pipe);
    }

    /// Takes a pipe out. The turn stays with the pipe that has it, or goes to the one that comes
    /// into its place.
    pub fn leave(&mut self, pipe: PipeId) {
        let Some(place) = self.places.remove(pipe) else { return };
        let last = self.pipes.len().saturating_sub(1);
        if place != last {
            self.pipes.swap(place, last);
        }
        self.pipes.pop();
        if let Some(moved) = self.pipes.get(place) {
            self.places.insert(*moved, place);
        }
        if self.turn == last {
            self.turn = if place == last { 0 } else { place };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    fn pipes(count: usize) -> Vec<PipeId> {
        let mut map: SlotMap<PipeId, ()> = SlotMap::with_key();
        (0..count).map(|_| map.insert(())).collect()
    }

    #[test]
    fn everybody_has_a_turn() {
        let ids = pipes(3);
        let mut rotation = Rotation::default();
        assert_eq!(rotation.current(), None);
        rotation.advance();
        ids.iter().for_each(|id| rotation.join(*id));
        for id in ids.iter().chain(&ids) {
            assert_eq!(rotation.current(), Some(*id));
            rotation.advance();
        }
    }

    #[test]
    fn the_turn_survives_any_departure() {
        for turn in 0..4 {
            for leaving in 0..4 {
                let ids = pipes(4);
                let mut rotation = Rotation::default();
                ids.iter().for_each(|id| rotation.join(*id));
                (0..turn).for_each(|_| rotation.advance());
                rotation.leave(ids[leaving]);
                rotation.leave(ids[leaving]);
                assert!(!rotation.contains(ids[leaving]));
                if turn != leaving {
                    assert_eq!(rotation.current(), Some(ids[turn]));
                }
                let mut seen: Vec<_> = (0..3)
                    .filter_map(|_| {
                        let current = rotation.current();
                        rotation.advance();
                        current
                    })
                    .collect();
                seen.sort();
                let rest: Vec<_> = ids.iter().copied().filter(|id| *id != ids[leaving]).collect();
                assert_eq!(seen, rest);
            }
        }
    }
}
