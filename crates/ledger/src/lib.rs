//! The verifiable log: leaves, tiles, map, checkpoints, proofs, and the checks that anybody can repeat.
//!
//! Every look at a citizen's data, every write and every refusal leaves one **leaf**. The leaves stand in a Merkle tree
//! (RFC 9162 section 2.1) kept as tiles (`c2sp.org/tlog-tiles`), so that no leaf can be changed, removed or reordered
//! unseen. Each citizen's leaves are numbered 1…n and chained ([`chain`]), and every signed [`Checkpoint`] also commits
//! the root of a sparse Merkle [`map`] from a blinded [`Label`] to (count, head of the chain): so a citizen can prove
//! that none was left out, not even the last one ([`completeness`]), and an auditor can rebuild everything from the
//! leaves alone ([`audit`]).
//!
//! # What is hashed, byte by byte
//! | first byte | what | source |
//! |---|---|---|
//! | `0x00` | leaf of the tree: `0x00 ‖ leaf bytes` | RFC 9162 section 2.1.1 |
//! | `0x01` | inner node of the tree: `0x01 ‖ left ‖ right` | RFC 9162 section 2.1.1 |
//! | `0x02` | link of a chain: `0x02 ‖ label ‖ number (u64, big endian) ‖ previous head ‖ leaf hash` | [`chain`] |
//! | `0x03` | leaf of the map: `0x03 ‖ label ‖ count (u64, big endian) ‖ head` | [`map`] |
//! | `0x04` | inner node of the map: `0x04 ‖ left ‖ right` | [`map`] |
//!
//! All are SHA-256; the first byte keeps the five kinds apart.
//!
//! # What must hold
//! - Nothing here does I/O, reads a clock or draws randomness: nonces and seeds are handed in, tiles and buckets come
//!   through [`TileReader`] and [`BucketSource`].
//! - Nothing here knows a store, FHIR or HTTP.
//! - Bytes have one meaning: what is decoded and encoded again gives the same bytes, or decoding refuses.

pub mod audit;
pub mod chain;
pub mod checkpoint;
pub mod completeness;
pub mod cosignature;
pub mod emergency;
pub mod encoding;
pub mod error;
pub mod fault;
pub mod label;
pub mod leaf;
pub mod look;
pub mod map;
pub mod merkle;
pub mod note;
pub mod parts;
pub mod proof;
pub mod proof_file;
mod public_key;
pub mod tile;
pub mod tree;
pub mod witness_policy;

pub use audit::{Audited, Auditor, audit, verify_checkpoints};
pub use checkpoint::{Checkpoint, TreeHead};
pub use completeness::{CompletenessProof, Inclusion, ReadLook, Readable, Report};
pub use cosignature::{Cosigner, WitnessKey};
pub use emergency::{EmergencySummary, Topic};
pub use error::LedgerError;
pub use fault::Fault;
pub use label::Label;
pub use leaf::{DraftLeaf, Leaf};
pub use look::LookPart;
pub use map::{BucketSource, MapEntry, MapNode, MapPath, SparseMap};
pub use merkle::{empty_root, leaf_hash, node_hash, verify_consistency, verify_inclusion};
pub use note::{Note, NoteVerifier, Signer};
pub use parts::{LeafKeys, Part, one_time_key, open_part, open_part_with, seal_parts};
pub use proof::{consistency_proof, inclusion_proof};
pub use proof_file::ProofFile;
pub use public_key::PublicKey;
pub use tile::{Tile, TileReader};
pub use tree::Tree;
pub use witness_policy::{Seen, Sight, WitnessPolicy, Witnessed};

/// A SHA-256 hash.
pub type Hash = [u8; 32];
