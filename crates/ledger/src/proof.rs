//! Making inclusion and consistency proofs from tiles (RFC 9162 sections 2.1.3.1 and 2.1.4.1).
//!
//! Each proof reads O(log n) tiles, each once. A proof for an older size of the log is made from the same tiles, as
//! their hashes never change.

use std::collections::HashMap;

use crate::{
    Hash, LedgerError, merkle,
    tile::{self, FULL_WIDTH, TileReader},
};

/// The proof that leaf `index` (from 0) is in the tree of `size` leaves: siblings from the leaf upwards.
///
/// # Errors
/// [`LedgerError::OutOfRange`] if the tree has no such leaf, or what the reader reports.
pub fn inclusion_proof<R: TileReader + ?Sized>(reader: &R, size: u64, index: u64) -> Result<Vec<Hash>, LedgerError> {
    if index >= size {
        return Err(LedgerError::OutOfRange { size, asked: index });
    }
    let mut nodes = Nodes { reader, size, tiles: HashMap::new() };
    let (mut low, mut high) = (0, size);
    let mut proof = Vec::new();
    while high - low > 1 {
        let middle = low + merkle::split(high - low);
        if index < middle {
            proof.push(nodes.root(middle, high)?);
            high = middle;
        } else {
            proof.push(nodes.root(low, middle)?);
            low = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old_size` leaves is the beginning of the tree of `new_size` leaves. Empty for equal
/// sizes and for an old tree without leaves.
///
/// # Errors
/// [`LedgerError::OutOfRange`] if the old tree is larger, or what the reader reports.
pub fn consistency_proof<R: TileReader + ?Sized>(
    reader: &R,
    old_size: u64,
    new_size: u64,
) -> Result<Vec<Hash>, LedgerError> {
    if old_size > new_size {
        return Err(LedgerError::OutOfRange { size: new_size, asked: old_size });
    }
    if old_size == 0 || old_size == new_size {
        return Ok(Vec::new());
    }
    let mut nodes = Nodes { reader, size: new_size, tiles: HashMap::new() };
    let (mut low, mut high) = (0, new_size);
    let mut proof = Vec::new();
    while high != old_size {
        let middle = low + merkle::split(high - low);
        if old_size <= middle {
            proof.push(nodes.root(middle, high)?);
            high = middle;
        } else {
            proof.push(nodes.root(low, middle)?);
            low = middle;
        }
    }
    // A whole old tree is known to who checks; otherwise its last subtree starts the proof.
    if low != 0 {
        proof.push(nodes.root(low, high)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The tree's nodes, computed from tiles that are read once.
struct Nodes<'a, R: ?Sized> {
    reader: &'a R,
    size: u64,
    tiles: HashMap<(u8, u64), Vec<Hash>>,
}

impl<R: TileReader + ?Sized> Nodes<'_, R> {
    /// The root over leaves `low..high`; `low` is a multiple of the power of two that holds them.
    fn root(&mut self, low: u64, high: u64) -> Result<Hash, LedgerError> {
        let mut parts = Vec::new();
        let mut from = low;
        // From the left: whole subtrees, each smaller than the one before.
        while from < high {
            let height = u64::BITS - 1 - (high - from).leading_zeros();
            parts.push(self.perfect(from, height)?);
            from += 1 << height;
        }
        let folded = parts.into_iter().rev().reduce(|right, left| merkle::node_hash(&left, &right));
        Ok(folded.unwrap_or_else(merkle::empty_root))
    }

    /// The root over the `2^height` leaves from `low`, a multiple of `2^height`.
    fn perfect(&mut self, low: u64, height: u32) -> Result<Hash, LedgerError> {
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let place = low >> (8 * u32::from(level));
        let index = place / u64::from(FULL_WIDTH);
        let (from, width) = (place % u64::from(FULL_WIDTH), 1_u64 << (height % 8));
        let hashes = match self.tiles.entry((level, index)) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(unknown) => {
                let hashes = tile::read(self.reader, level, index, tile::width_in(self.size, level, index))?;
                unknown.insert(hashes)
            }
        };
        let range = usize::try_from(from).ok().zip(usize::try_from(from + width).ok());
        let part = range.and_then(|(from, to)| hashes.get(from..to));
        part.map(merkle::perfect_root).ok_or_else(|| LedgerError::Damaged {
            what: tile::path(level, index, tile::width_in(self.size, level, index)),
            detail: "it does not reach the node that the tree's size demands".to_owned(),
        })
    }
}
