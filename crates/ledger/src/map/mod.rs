//! The sparse Merkle map from a citizen's label to (count, head): what makes a dropped last leaf show.
//!
//! The map is a binary tree over the 256 bits of the label, highest bit of the first byte first, 0 left, 1 right. A
//! node is **empty**, a **leaf** or **inner**:
//! - empty: its hash is 32 zero bytes;
//! - leaf: `SHA-256(0x03 ‖ label ‖ count (u64, big endian) ‖ head)`, whatever its depth;
//! - inner: `SHA-256(0x04 ‖ left ‖ right)`.
//!
//! A leaf stands at the shallowest depth at which no other label shares its first bits: two empty halves are empty, a
//! leaf beside an empty half is that leaf, everything else is inner. So the root depends on the entries only, not on
//! their order. The root of the whole map stands in each checkpoint.
//!
//! Why a path proves: the bits of a label fix one way down from the root; it ends at one leaf or one empty half, and
//! the prefixes `0x03` and `0x04` keep leaf and inner apart. (Collapsing sparse subtrees into their leaf is common
//! practice, see R. Dahlberg, T. Pulls, R. Peeters, "Efficient Sparse Merkle Trees", 2016.)

mod path;
mod sparse;

pub use path::MapPath;
pub use sparse::{BucketSource, SparseMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Hash, Label, merkle::pair_hash};

/// The hash of an empty half, and of a map without entries.
pub const EMPTY: Hash = [0; 32];
/// Bits of the label that choose the bucket.
pub const BUCKET_BITS: usize = 16;
/// Number of buckets.
pub const BUCKETS: usize = 1 << BUCKET_BITS;

/// One entry of the map: a citizen's count and the head of their chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapEntry {
    /// Whose.
    pub label: Label,
    /// Number of leaves, at least 1.
    pub count: u64,
    /// Head of the chain after the last leaf.
    #[serde(with = "crate::encoding::hash")]
    pub head: Hash,
}

impl MapEntry {
    /// The hash of the map's leaf.
    #[must_use]
    pub fn hash(&self) -> Hash {
        let mut input = [0_u8; 73];
        input[0] = 0x03;
        input[1..33].copy_from_slice(&self.label.0);
        input[33..41].copy_from_slice(&self.count.to_be_bytes());
        input[41..].copy_from_slice(&self.head);
        Sha256::digest(input).into()
    }
}

impl From<(Label, u64, Hash)> for MapEntry {
    fn from((label, count, head): (Label, u64, Hash)) -> Self {
        Self { label, count, head }
    }
}

/// A node of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MapNode {
    /// No label below.
    #[default]
    Empty,
    /// Exactly one label below: the hash of its leaf.
    Leaf(Hash),
    /// Two labels or more below.
    Inner(Hash),
}

impl MapNode {
    /// The node's hash as its parent hashes it.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        match self {
            Self::Empty => EMPTY,
            Self::Leaf(hash) | Self::Inner(hash) => *hash,
        }
    }

    /// The kind as one byte for keeping it: 0 empty, 1 leaf, 2 inner.
    #[must_use]
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Empty => 0,
            Self::Leaf(_) => 1,
            Self::Inner(_) => 2,
        }
    }

    /// The node from its kept kind and hash; `None` for an unknown kind.
    #[must_use]
    pub const fn from_parts(kind: u8, hash: Hash) -> Option<Self> {
        match kind {
            0 => Some(Self::Empty),
            1 => Some(Self::Leaf(hash)),
            2 => Some(Self::Inner(hash)),
            _ => None,
        }
    }

    /// The node above two halves.
    #[must_use]
    pub fn combine(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (leaf @ Self::Leaf(_), Self::Empty) | (Self::Empty, leaf @ Self::Leaf(_)) => leaf,
            (left, right) => Self::Inner(inner_hash(&left.hash(), &right.hash())),
        }
    }
}

/// `SHA-256(0x04 ‖ left ‖ right)`.
#[must_use]
pub fn inner_hash(left: &Hash, right: &Hash) -> Hash {
    pair_hash(0x04, left, right)
}

/// The root over all entries, computed anew: what an auditor compares with the checkpoint. The entries are sorted in
/// place; labels must differ.
#[must_use]
pub fn root_of(entries: &mut [MapEntry]) -> Hash {
    entries.sort_unstable_by_key(|entry| entry.label);
    let members: Vec<Member> = entries.iter().map(|entry| (entry.label, entry.hash())).collect();
    subtree(&members, 0).hash()
}

/// A label and the hash of its leaf.
type Member = (Label, Hash);

/// The node at `depth` over members that are sorted by label and share their first `depth` bits.
fn subtree(members: &[Member], depth: usize) -> MapNode {
    match members {
        [] => MapNode::Empty,
        [(_, leaf)] => MapNode::Leaf(*leaf),
        _ => {
            let (left, right) = halves(members, depth);
            MapNode::combine(subtree(left, depth + 1), subtree(right, depth + 1))
        }
    }
}

/// Members whose bit `depth` is 0, and those where it is 1.
fn halves(members: &[Member], depth: usize) -> (&[Member], &[Member]) {
    members.split_at(members.partition_point(|(label, _)| !label.bit(depth)))
}
