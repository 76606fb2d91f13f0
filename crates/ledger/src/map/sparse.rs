//! The map as the log's writer holds it: the nodes above 65,536 buckets in memory, members of buckets when needed.
//!
//! A bucket is everything below the first 16 bits of the label. Kept for good are each label's (count, head), by
//! bucket, and each bucket's node ([`MapNode`], kind and hash); the nodes above are computed from those (about 5 MiB in
//! memory, whatever the number of citizens). Members are loaded through [`BucketSource`] when one of them changes or a
//! path is asked, and kept in a cache with a bound.
//!
//! What must hold: the root is that of [`super::root_of`] over all entries. A loaded bucket must give the node that the
//! map holds for it, else the source is damaged or ahead of the map, and nothing is changed.

use std::collections::HashMap;

use super::{BUCKET_BITS, BUCKETS, MapEntry, MapNode, MapPath, Member, halves, subtree};
use crate::{Hash, Label, LedgerError};

/// Members that the cache keeps unless told otherwise: about 30 MiB.
pub const CACHED_MEMBERS: usize = 1 << 18;

/// Where the members of a bucket are read from.
pub trait BucketSource {
    /// All (label, count, head) whose label starts with the 16 bits of `bucket`, in any order, **as of the last
    /// [`SparseMap::update`]** (so not with counts that a checkpoint does not cover yet).
    ///
    /// # Errors
    /// [`LedgerError::Source`] if it cannot be read.
    fn load(&self, bucket: u16) -> Result<Vec<(Label, u64, Hash)>, LedgerError>;
}

impl<F: Fn(u16) -> Result<Vec<(Label, u64, Hash)>, LedgerError>> BucketSource for F {
    fn load(&self, bucket: u16) -> Result<Vec<(Label, u64, Hash)>, LedgerError> {
        self(bucket)
    }
}

/// The members of a bucket, sorted by label: entries, and beside them (label, leaf hash) for hashing.
#[derive(Clone, Debug, Default)]
struct Bucket {
    entries: Vec<(u64, Hash)>,
    leaves: Vec<Member>,
}

impl Bucket {
    fn of(mut members: Vec<(Label, u64, Hash)>) -> Self {
        members.sort_unstable_by_key(|member| member.0);
        let leaves = members.iter().map(|&member| (member.0, MapEntry::from(member).hash())).collect();
        Self { entries: members.into_iter().map(|(_, count, head)| (count, head)).collect(), leaves }
    }

    fn set(&mut self, entry: &MapEntry) {
        match self.leaves.binary_search_by_key(&entry.label, |leaf| leaf.0) {
            Ok(place) => {
                self.entries[place] = (entry.count, entry.head);
                self.leaves[place].1 = entry.hash();
            }
            Err(place) => {
                self.entries.insert(place, (entry.count, entry.head));
                self.leaves.insert(place, (entry.label, entry.hash()));
            }
        }
    }

    fn node(&self) -> MapNode {
        subtree(&self.leaves, BUCKET_BITS)
    }

    fn entry(&self, label: Label) -> Option<MapEntry> {
        let place = self.leaves.binary_search_by_key(&label, |leaf| leaf.0).ok()?;
        self.entries.get(place).map(|&(count, head)| MapEntry { label, count, head })
    }
}

/// Two generations of buckets: when the young one is full it becomes the old one, and the old one is forgotten. What is
/// used comes back into the young one, so the buckets in use stay.
#[derive(Clone, Debug)]
struct Cache {
    young: HashMap<u16, Bucket>,
    old: HashMap<u16, Bucket>,
    young_members: usize,
    most_members: usize,
}

impl Cache {
    fn take(&mut self, number: u16) -> Option<Bucket> {
        if let Some(bucket) = self.young.remove(&number) {
            self.young_members -= bucket.leaves.len();
            return Some(bucket);
        }
        self.old.remove(&number)
    }

    fn put(&mut self, number: u16, bucket: Bucket) {
        if self.young_members + bucket.leaves.len() > self.most_members / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_members = 0;
        }
        self.young_members += bucket.leaves.len();
        self.young.insert(number, bucket);
    }
}

/// The map of the log's writer.
#[derive(Clone, Debug)]
pub struct SparseMap {
    /// Heap order: 1 is the root, the halves of i are 2i and 2i+1, bucket b is `BUCKETS + b`.
    nodes: Vec<MapNode>,
    cache: Cache,
}

impl Default for SparseMap {
    fn default() -> Self {
        Self::restore([])
    }
}

impl SparseMap {
    /// A map without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The map from the kept nodes of its buckets; buckets that are not named are empty.
    #[must_use]
    pub fn restore(buckets: impl IntoIterator<Item = (u16, MapNode)>) -> Self {
        let mut nodes = vec![MapNode::Empty; 2 * BUCKETS];
        for (number, node) in buckets {
            nodes[BUCKETS + usize::from(number)] = node;
        }
        for place in (1..BUCKETS).rev() {
            nodes[place] = MapNode::combine(nodes[2 * place], nodes[2 * place + 1]);
        }
        let (young, old) = (HashMap::new(), HashMap::new());
        Self { nodes, cache: Cache { young, old, young_members: 0, most_members: CACHED_MEMBERS } }
    }

    /// The same map with another bound on the members in memory. A single bucket is kept even if it is larger.
    #[must_use]
    pub fn with_cached_members(mut self, most: usize) -> Self {
        self.cache.most_members = most;
        self
    }

    /// The root, as the checkpoint commits it.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.nodes[1].hash()
    }

    /// Sets count and head of labels and gives the buckets that changed, to be kept together with the entries. Of a
    /// label that is named twice, the later counts. If keeping them fails, drop the map and restore it.
    ///
    /// # Errors
    /// [`LedgerError::Source`] or [`LedgerError::Damaged`]; then the map is as before.
    pub fn update<S: BucketSource + ?Sized>(
        &mut self,
        source: &S,
        changes: &[(Label, u64, Hash)],
    ) -> Result<Vec<(u16, MapNode)>, LedgerError> {
        let mut sorted: Vec<MapEntry> = changes.iter().map(|&change| change.into()).collect();
        sorted.sort_by_key(|entry| entry.label);
        // INVARIANT: everything that can fail happens before the first change, so a failure changes nothing.
        let mut loaded: Vec<(Bucket, &[MapEntry])> = Vec::new();
        for group in sorted.chunk_by(|a, b| a.label.bucket() == b.label.bucket()) {
            let number = group[0].label.bucket();
            let bucket = self.cache.take(number).map_or_else(|| self.load(source, number), Ok);
            match bucket {
                Ok(bucket) => loaded.push((bucket, group)),
                Err(error) => {
                    loaded.into_iter().for_each(|(bucket, group)| self.cache.put(group[0].label.bucket(), bucket));
                    return Err(error);
                }
            }
        }
        let mut changed = Vec::with_capacity(loaded.len());
        for (mut bucket, group) in loaded {
            let number = group[0].label.bucket();
            group.iter().for_each(|entry| bucket.set(entry));
            let node = bucket.node();
            self.cache.put(number, bucket);
            self.nodes[BUCKETS + usize::from(number)] = node;
            changed.push((number, node));
        }
        self.climb(&changed);
        Ok(changed)
    }

    /// The path of a label, present or absent.
    ///
    /// # Errors
    /// [`LedgerError::Source`] or [`LedgerError::Damaged`].
    pub fn path<S: BucketSource + ?Sized>(&mut self, source: &S, label: Label) -> Result<MapPath, LedgerError> {
        let mut siblings = Vec::new();
        let (mut place, mut depth) = (1, 0);
        while depth < BUCKET_BITS && matches!(self.nodes[place], MapNode::Inner(_)) {
            place = 2 * place + usize::from(label.bit(depth));
            siblings.push(self.nodes[place ^ 1].hash());
            depth += 1;
        }
        if self.nodes[place] == MapNode::Empty {
            return Ok(MapPath { siblings, end: None });
        }
        // A leaf above the buckets is the only member of the only bucket below that is not empty.
        let mut below = place;
        while below < BUCKETS {
            below = 2 * below + usize::from(self.nodes[2 * below] == MapNode::Empty);
        }
        let number = u16::try_from(below - BUCKETS).unwrap_or(u16::MAX);
        let bucket = self.fetch(source, number)?;
        let mut members = bucket.leaves.as_slice();
        while members.len() > 1 {
            let (left, right) = halves(members, depth);
            let (own, other) = if label.bit(depth) { (right, left) } else { (left, right) };
            siblings.push(subtree(other, depth + 1).hash());
            members = own;
            depth += 1;
        }
        let end = members.first().and_then(|member| bucket.entry(member.0));
        Ok(MapPath { siblings, end })
    }

    /// The bucket, through the cache.
    fn fetch<S: BucketSource + ?Sized>(&mut self, source: &S, number: u16) -> Result<&Bucket, LedgerError> {
        let bucket = match self.cache.take(number) {
            Some(bucket) => bucket,
            None => self.load(source, number)?,
        };
        self.cache.put(number, bucket);
        Ok(&self.cache.young[&number])
    }

    /// The bucket from the source, checked against the node that the map holds.
    fn load<S: BucketSource + ?Sized>(&self, source: &S, number: u16) -> Result<Bucket, LedgerError> {
        let held = self.nodes[BUCKETS + usize::from(number)];
        let members = if held == MapNode::Empty { Vec::new() } else { source.load(number)? };
        if members.iter().any(|member| member.0.bucket() != number) {
            return Err(damaged(number, "a label belongs to another bucket"));
        }
        let bucket = Bucket::of(members);
        if bucket.leaves.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(damaged(number, "a label is there twice"));
        }
        if bucket.node() != held {
            return Err(damaged(number, "its members do not give the hash that the map holds"));
        }
        Ok(bucket)
    }

    /// Computes the nodes above changed buckets anew, each once.
    fn climb(&mut self, changed: &[(u16, MapNode)]) {
        let mut places: Vec<usize> = changed.iter().map(|(number, _)| BUCKETS + usize::from(*number)).collect();
        while places.first().is_some_and(|&place| place > 1) {
            for place in &mut places {
                *place /= 2;
            }
            places.dedup();
            for &place in &places {
                self.nodes[place] = MapNode::combine(self.nodes[2 * place], self.nodes[2 * place + 1]);
            }
        }
    }
}

fn damaged(bucket: u16, detail: &str) -> LedgerError {
    LedgerError::Damaged { what: format!("bucket {bucket:#06x} of the map"), detail: detail.to_owned() }
}
