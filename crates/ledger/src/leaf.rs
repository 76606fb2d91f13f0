//! A leaf: one look, write or refusal, as the log keeps it.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 32 | label of the citizen |
//! | 32 | 8 | the citizen's own number of the leaf, from 1 (u64, big endian) |
//! | 40 | 32 | head of the citizen's chain before this leaf ([`crate::chain`]) |
//! | 72 | … | body: the two sealed parts ([`crate::parts`]) |
//!
//! The log's hash covers exactly these bytes. A leaf has at most 65,535 bytes, the limit of an entry in a
//! `c2sp.org/tlog-tiles` entry bundle.

use crate::{Hash, Label, LedgerError, merkle};

/// Bytes before the body.
pub const HEADER_BYTES: usize = 72;
/// The most bytes of a body.
pub const MOST_BODY_BYTES: usize = u16::MAX as usize - HEADER_BYTES;

/// A leaf before it has its place: the store gives number and previous head when it commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftLeaf {
    /// Whose leaf.
    pub label: Label,
    /// The sealed parts; at most [`MOST_BODY_BYTES`].
    pub body: Vec<u8>,
}

/// A leaf with its place in the citizen's chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Whose leaf.
    pub label: Label,
    /// The citizen's own number of the leaf, from 1.
    pub number: u64,
    /// Head of the citizen's chain before this leaf.
    pub previous: Hash,
    /// The sealed parts.
    pub body: Vec<u8>,
}

impl DraftLeaf {
    /// The leaf at its place.
    #[must_use]
    pub fn placed(self, number: u64, previous: Hash) -> Leaf {
        Leaf { label: self.label, number, previous, body: self.body }
    }
}

impl Leaf {
    /// The leaf's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + self.body.len());
        bytes.extend_from_slice(&self.label.0);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        bytes.extend_from_slice(&self.previous);
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// The leaf in these bytes. The body is not looked into.
    ///
    /// # Errors
    /// [`LedgerError::Format`] if the bytes are too few or too many, or the number is 0.
    pub fn decode(bytes: &[u8]) -> Result<Self, LedgerError> {
        let view = LeafView::new(bytes)?;
        Ok(Self { label: view.label, number: view.number, previous: view.previous, body: view.body.to_vec() })
    }

    /// The leaf's hash in the log's tree.
    #[must_use]
    pub fn hash(&self) -> Hash {
        merkle::leaf_hash(&self.encode())
    }
}

/// A leaf read in place, without copying the body.
#[derive(Clone, Copy, Debug)]
pub struct LeafView<'a> {
    /// Whose leaf.
    pub label: Label,
    /// The citizen's own number of the leaf, from 1.
    pub number: u64,
    /// Head of the citizen's chain before this leaf.
    pub previous: Hash,
    /// The sealed parts.
    pub body: &'a [u8],
}

impl<'a> LeafView<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// As [`Leaf::decode`].
    pub fn new(bytes: &'a [u8]) -> Result<Self, LedgerError> {
        let format = |detail| LedgerError::Format { what: "leaf", detail };
        let short = || format("it is shorter than its header");
        let (label, rest) = bytes.split_first_chunk::<32>().ok_or_else(short)?;
        let (number, rest) = rest.split_first_chunk::<8>().ok_or_else(short)?;
        let (previous, body) = rest.split_first_chunk::<32>().ok_or_else(short)?;
        if body.len() > MOST_BODY_BYTES {
            return Err(format("it is longer than 65,535 bytes"));
        }
        let number = u64::from_be_bytes(*number);
        if number == 0 {
            return Err(format("its number is 0"));
        }
        Ok(Self { label: Label(*label), number, previous: *previous, body })
    }
}
