//! The log's tree as it grows: the right edge in memory, everything else in tiles.
//!
//! For each level the tree holds the last, not yet full tile (at most 255 hashes): at most 64 KiB for any log. When a
//! tile becomes full, the root of its 256 hashes goes one level up. [`Tree::drain_tiles`] hands out what must be kept;
//! [`Tree::restore`] needs one partial tile per level to go on.
//!
//! What must hold: the root after n appends is the root of RFC 9162 section 2.1.1 over the n leaf hashes.

use crate::{
    Hash, LedgerError, merkle,
    tile::{self, FULL_WIDTH, LEVELS, Tile, TileReader},
};

/// A growing tree. A clone is cheap and goes its own way, so a writer can try and throw away.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    /// Per level: the hashes of the last tile, fewer than 256.
    edge: Vec<Vec<Hash>>,
    /// Tiles that became full since they were last drained.
    full: Vec<Tile>,
    /// The size when tiles were last drained.
    drained: u64,
}

impl Tree {
    /// A tree without leaves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The tree of `size` leaves, read from its tiles: at most one partial tile per level.
    ///
    /// # Errors
    /// What the reader reports, or [`LedgerError::Damaged`] if a tile is too short.
    pub fn restore<R: TileReader + ?Sized>(size: u64, reader: &R) -> Result<Self, LedgerError> {
        let mut edge = Vec::new();
        for level in 0..LEVELS {
            let hashes = size >> (8 * u32::from(level));
            if hashes == 0 {
                break;
            }
            let index = hashes / u64::from(FULL_WIDTH);
            let width = tile::width_in(size, level, index);
            edge.push(if width == 0 { Vec::new() } else { tile::read(reader, level, index, width)? });
        }
        Ok(Self { size, edge, full: Vec::new(), drained: size })
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash ([`merkle::leaf_hash`]) and gives its index.
    pub fn append(&mut self, leaf_hash: Hash) -> u64 {
        let index = self.size;
        self.size += 1;
        let mut hash = leaf_hash;
        for level in 0_u8.. {
            if self.edge.len() <= usize::from(level) {
                self.edge.push(Vec::with_capacity(usize::from(FULL_WIDTH)));
            }
            let edge = &mut self.edge[usize::from(level)];
            edge.push(hash);
            if edge.len() < usize::from(FULL_WIDTH) {
                break;
            }
            let hashes = std::mem::replace(edge, Vec::with_capacity(usize::from(FULL_WIDTH)));
            hash = merkle::perfect_root(&hashes);
            let place = (self.size >> (8 * (u32::from(level) + 1))) - 1;
            self.full.push(Tile { level, index: place, hashes });
        }
        index
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut root: Option<Hash> = None;
        // From the newest leaf to the oldest: each level's edge splits into whole subtrees, the smallest last.
        for edge in &self.edge {
            let mut end = edge.len();
            while end > 0 {
                let width = 1 << end.trailing_zeros();
                let left = merkle::perfect_root(&edge[end - width..end]);
                root = Some(root.map_or(left, |right| merkle::node_hash(&left, &right)));
                end -= width;
            }
        }
        root.unwrap_or_else(merkle::empty_root)
    }

    /// Throws away the tiles that [`Self::drain_tiles`] would give, for who needs the root only.
    pub fn forget_tiles(&mut self) {
        self.full.clear();
        self.drained = self.size;
    }

    /// The tiles to keep since the last call: those that became full, then the partial ones that grew. A full tile
    /// replaces the partial ones at its place.
    pub fn drain_tiles(&mut self) -> Vec<Tile> {
        let mut tiles = std::mem::take(&mut self.full);
        for (level, edge) in (0_u8..).zip(&self.edge) {
            let shift = 8 * u32::from(level);
            if !edge.is_empty() && self.size >> shift != self.drained >> shift {
                let index = (self.size >> shift) / u64::from(FULL_WIDTH);
                tiles.push(Tile { level, index, hashes: edge.clone() });
            }
        }
        self.drained = self.size;
        tiles
    }
}
