//! The log's tail: what is known of the leaves that no checkpoint covers yet.
//!
//! The writer adds to it after each COMMIT and drops what a checkpoint has covered; readers look here first and then
//! into the tables, which hold everything older. Opening rebuilds it from the `leaf` table.
//!
//! INVARIANT: the tail holds exactly the committed leaves with indexes from `start` on. A reader that does not find a
//! label here, and opens its snapshot of the tables afterwards, finds all its leaves there.

use std::collections::HashMap;

use super::{Hash, Label};

/// A leaf that was just committed.
#[derive(Clone, Debug)]
pub struct NewLeaf {
    /// Whose.
    pub label: Label,
    /// The citizen's own number of it.
    pub number: u64,
    /// Its hash.
    pub hash: Hash,
    /// The chain's head after it.
    pub head: Hash,
}

/// What the tail knows of one chain.
#[derive(Clone, Debug)]
pub struct TailChain {
    /// Leaves in the whole chain.
    pub count: u64,
    /// Its head.
    pub head: Hash,
    /// Indexes in the log of its newest leaves, those in the tail.
    pub places: Vec<u64>,
}

impl TailChain {
    /// The number of the chain's first leaf in the tail.
    pub fn first_number(&self) -> u64 {
        self.count - self.places.len() as u64 + 1
    }
}

/// The leaves since the newest checkpoint.
#[derive(Debug, Default)]
pub struct Tail {
    start: u64,
    leaves: Vec<(Label, Hash)>,
    chains: HashMap<Label, TailChain>,
}

/// What a checkpoint has to integrate, copied out of the tail.
#[derive(Debug, Default)]
pub struct Pending {
    /// Hashes of the leaves, in order.
    pub hashes: Vec<Hash>,
    /// Per changed label: count, head, and the indexes of its leaves in the tail.
    pub chains: Vec<(Label, TailChain)>,
}

impl Tail {
    /// An empty tail after `start` covered leaves.
    pub fn new(start: u64) -> Self {
        Self { start, ..Self::default() }
    }

    /// Leaves in the whole log.
    pub fn size(&self) -> u64 {
        self.start + self.leaves.len() as u64
    }

    /// Leaves that no checkpoint covers.
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// What the tail knows of a chain.
    pub fn chain(&self, label: &Label) -> Option<&TailChain> {
        self.chains.get(label)
    }

    /// Adds the next leaf of the log.
    pub fn push(&mut self, leaf: &NewLeaf) {
        let place = self.size();
        self.leaves.push((leaf.label, leaf.hash));
        let chain =
            self.chains.entry(leaf.label).or_insert(TailChain { count: 0, head: leaf.head, places: Vec::new() });
        chain.count = leaf.number;
        chain.head = leaf.head;
        chain.places.push(place);
    }

    /// Everything that the next checkpoint has to integrate, by label.
    pub fn pending(&self) -> Pending {
        let mut chains: Vec<_> = self.chains.iter().map(|(label, chain)| (*label, chain.clone())).collect();
        chains.sort_unstable_by_key(|(label, _)| *label);
        Pending { hashes: self.leaves.iter().map(|(_, hash)| *hash).collect(), chains }
    }

    /// Drops what a checkpoint of `size` leaves covers.
    pub fn cover(&mut self, size: u64) {
        let covered = usize::try_from(size.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.leaves.len());
        for (label, _) in self.leaves.drain(..covered) {
            if let Some(chain) = self.chains.get_mut(&label) {
                chain.places.retain(|&place| place >= size);
                if chain.places.is_empty() {
                    self.chains.remove(&label);
                }
            }
        }
        self.start += covered as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(label: u8, number: u64) -> NewLeaf {
        NewLeaf { label: Label([label; 32]), number, hash: [number as u8; 32], head: [label ^ number as u8; 32] }
    }

    #[test]
    fn covering_leaves_what_is_newer() {
        let mut tail = Tail::new(10);
        for leaf in [leaf(1, 4), leaf(2, 1), leaf(1, 5), leaf(3, 9)] {
            tail.push(&leaf);
        }
        assert_eq!(tail.pending().chains.len(), 3);
        assert_eq!(tail.chain(&Label([1; 32])).map(TailChain::first_number), Some(4));
        tail.cover(12);
        assert_eq!((tail.size(), tail.len()), (14, 2));
        let chain = tail.chain(&Label([1; 32])).unwrap();
        assert_eq!((chain.count, chain.first_number(), &chain.places[..]), (5, 5, &[12][..]));
        assert!(tail.chain(&Label([2; 32])).is_none());
        tail.cover(14);
        assert_eq!((tail.len(), tail.pending().chains.len()), (0, 0));
    }
}
