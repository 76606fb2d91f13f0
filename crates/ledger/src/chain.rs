//! The chain of one citizen's leaves.
//!
//! The head after leaf n is `SHA-256(0x02 ‖ label ‖ n (u64, big endian) ‖ head after leaf n-1 ‖ hash of leaf n)`; before
//! the first leaf it is [`START`]. Leaf n carries the head after leaf n-1 as its `previous`, so the tree commits the
//! chain too. The head and the count of each label stand in the map of every checkpoint.
//!
//! What must hold: numbers run 1, 2, 3 … without a gap; a head fixes every leaf hash before it and their order.

use sha2::{Digest as _, Sha256};

use crate::{Hash, Label};

/// The head before the first leaf: 32 zero bytes.
pub const START: Hash = [0; 32];

/// The head after the leaf with `number` (from 1) and `leaf_hash`, where `previous` is the head before it.
#[must_use]
pub fn next(label: &Label, number: u64, previous: &Hash, leaf_hash: &Hash) -> Hash {
    let mut input = [0_u8; 105];
    input[0] = 0x02;
    input[1..33].copy_from_slice(&label.0);
    input[33..41].copy_from_slice(&number.to_be_bytes());
    input[41..73].copy_from_slice(previous);
    input[73..].copy_from_slice(leaf_hash);
    Sha256::digest(input).into()
}

/// The head after the leaves with these hashes, from the first.
#[must_use]
pub fn head(label: &Label, leaf_hashes: &[Hash]) -> Hash {
    (1..).zip(leaf_hashes).fold(START, |previous, (number, hash)| next(label, number, &previous, hash))
}
