//! The names by which a socket addresses its peers.

use super::PipeId;
use crate::error::Result;
use crate::msg::Message;
use foldhash::fast::RandomState;
use slotmap::SecondaryMap;
use smallvec::SmallVec;
use std::collections::HashMap;

/// Routing ids of peers, both ways.
pub struct RoutingTable {
    /// Peers choose the ids: the hash has a random seed.
    pipes: HashMap<Id, PipeId, RandomState>,
    /// The id of each pipe as the part that goes before what is received from it.
    parts: SecondaryMap<PipeId, Message>,
    /// The next generated id.
    counter: u32,
}

/// Generated ids and most that people choose fit without allocation.
type Id = SmallVec<[u8; 16]>;

impl Default for RoutingTable {
    fn default() -> RoutingTable {
        RoutingTable { pipes: HashMap::default(), parts: SecondaryMap::new(), counter: fastrand::u32(..) }
    }
}

impl RoutingTable {
    /// The pipe with this id.
    pub fn pipe(&self, id: &[u8]) -> Option<PipeId> {
        self.pipes.get(id).copied()
    }

    /// The id of a pipe.
    pub fn id(&self, pipe: PipeId) -> Option<&[u8]> {
        self.parts.get(pipe).map(Message::data)
    }

    /// All pipes that have an id.
    pub fn pipes(&self) -> impl Iterator<Item = PipeId> {
        self.parts.keys()
    }

    /// Gives a pipe an id that no other has.
    pub fn insert(&mut self, pipe: PipeId, id: &[u8]) -> Result<()> {
        let mut part = Message::from_slice(id)?;
        part.set_more(true);
        self.remove(pipe);
        self.parts.insert(pipe, part);
        self.pipes.insert(Id::from_slice(id), pipe);
        Ok(())
    }

    /// Gives a pipe a generated id: a zero byte, which announced ids should not begin with, and a
    /// number.
    pub fn insert_generated(&mut self, pipe: PipeId) -> Result<()> {
        loop {
            let [a, b, c, d] = self.counter.to_be_bytes();
            self.counter = self.counter.wrapping_add(1);
            let id = [0, a, b, c, d];
            if self.pipe(&id).is_none() {
                return self.insert(pipe, &id);
            }
        }
    }

    /// Takes the id of a pipe away and returns the part.
    pub fn remove(&mut self, pipe: PipeId) -> Option<Message> {
        let part = self.parts.remove(pipe)?;
        self.pipes.remove(part.data());
        Some(part)
    }

    /// Writes the part that goes before a message to `place`. False if the pipe has no id.
    pub fn write_part_before(&mut self, pipe: PipeId, place: &mut Message) -> bool {
        let Some(part) = self.parts.get_mut(pipe) else { return false };
        part.share_into(place);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slotmap::SlotMap;

    #[test]
    fn generated_ids_count_up_and_avoid_those_in_use() {
        let mut map: SlotMap<PipeId, ()> = SlotMap::with_key();
        let (a, b, c) = (map.insert(()), map.insert(()), map.insert(()));
        let mut table = RoutingTable { counter: u32::MAX, ..RoutingTable::default() };
        table.insert(a, &[0, 0, 0, 0, 0]).expect("memory");
        table.insert_generated(b).expect("memory");
        table.insert_generated(c).expect("memory");
        assert_eq!(table.id(b), Some(&[0, 0xFF, 0xFF, 0xFF, 0xFF][..]));
        assert_eq!(table.id(c), Some(&[0, 0, 0, 0, 1][..]));
        assert_eq!(table.pipe(&[0, 0, 0, 0, 0]), Some(a));
        table.remove(a);
        assert_eq!((table.pipe(&[0, 0, 0, 0, 0]), table.id(a)), (None, None));
    }
}
