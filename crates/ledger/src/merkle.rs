//! The Merkle tree's hashes and the checks of its proofs (RFC 9162 section 2.1; RFC 6962 has the same tree).
//!
//! The root over leaves `d0 … dn-1` is: `SHA-256("")` for none, the leaf hash for one, else
//! `node_hash(root of the first k, root of the others)` with k the largest power of two smaller than n.
//!
//! What must hold: a check reads nothing but its arguments, and a proof that is longer or shorter than the path
//! demands is refused, so a place in a tree has one proof.

use sha2::{Digest as _, Sha256};

use crate::{Fault, Hash};

/// `SHA-256(0x00 ‖ leaf)`.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new_with_prefix([0x00]).chain_update(leaf).finalize().into()
}

/// `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    pair_hash(0x01, left, right)
}

/// The root of a tree without leaves: the SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// `SHA-256(first ‖ left ‖ right)`.
pub(crate) fn pair_hash(first: u8, left: &Hash, right: &Hash) -> Hash {
    let mut input = [0_u8; 65];
    input[0] = first;
    input[1..33].copy_from_slice(left);
    input[33..].copy_from_slice(right);
    Sha256::digest(input).into()
}

/// The root over `hashes`, a power of two of them (1 to 256): the node above a whole part of a tile.
pub(crate) fn perfect_root(hashes: &[Hash]) -> Hash {
    debug_assert!(hashes.len().is_power_of_two() && hashes.len() <= 256, "a whole subtree inside one tile");
    let mut row = [[0_u8; 32]; 256];
    let mut width = hashes.len();
    row[..width].copy_from_slice(hashes);
    while width > 1 {
        width /= 2;
        for i in 0..width {
            row[i] = node_hash(&row[2 * i], &row[2 * i + 1]);
        }
    }
    row[0]
}

/// The largest power of two smaller than `n`, for n ≥ 2: where RFC 9162 splits a tree of n leaves.
pub(crate) const fn split(n: u64) -> u64 {
    1 << (u64::BITS - 1 - (n - 1).leading_zeros())
}

/// Checks that `leaf_hash` is leaf `index` (from 0) of the tree with `size` leaves and `root`
/// (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`Fault::Inclusion`] if the index is outside the tree or the path does not lead to the root.
pub fn verify_inclusion(root: &Hash, size: u64, index: u64, leaf_hash: &Hash, proof: &[Hash]) -> Result<(), Fault> {
    let fault = |reason| Err(Fault::Inclusion { index, reason });
    if index >= size {
        return fault("the index is not smaller than the size of the tree");
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf_hash);
    for sibling in proof {
        if last == 0 {
            return fault("the path is longer than the tree is high");
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return fault("the path is shorter than the tree is high");
    }
    if hash != *root {
        return fault("the path does not lead to the root of the checkpoint");
    }
    Ok(())
}

/// Checks that the tree `(old_size, old_root)` is the beginning of the tree `(new_size, new_root)`
/// (RFC 9162 section 2.1.4.2). Equal sizes need equal roots and an empty proof, as does an old tree without leaves.
///
/// # Errors
/// [`Fault::Consistency`] if the trees do not belong together or the proof does not show it.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), Fault> {
    let fault = |reason| Err(Fault::Consistency { old_size, new_size, reason });
    if old_size > new_size {
        return fault("the log became shorter");
    }
    if old_size == 0 || old_size == new_size {
        let expected = if old_size == 0 { empty_root() } else { *new_root };
        return match (*old_root == expected, proof.is_empty()) {
            (true, true) => Ok(()),
            (false, _) => fault("the roots differ for the same leaves"),
            (true, false) => fault("the proof is longer than it needs to be"),
        };
    }
    // An old tree that is a whole subtree is its own first node; then the proof leaves it out.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        match proof.split_first() {
            Some((first, rest)) => (*first, rest),
            None => return fault("the proof is empty"),
        }
    };
    let shift = (old_size - 1).trailing_ones();
    let (mut place, mut last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return fault("the proof is longer than the tree is high");
        }
        if place & 1 == 1 || place == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return fault("the proof is shorter than the tree is high");
    }
    if old != *old_root {
        return fault("the old root is not the beginning of the new tree");
    }
    if new != *new_root {
        return fault("the proof does not lead to the new root");
    }
    Ok(())
}
