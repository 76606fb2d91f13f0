//! What a check found wrong: which part, where, and what that means.
//!
//! A fault is not an error of the program that checks; it says that the proof or the log cannot be believed.

use crate::Label;

/// Why a proof or a log is not to be believed. `index` counts leaves of the log from 0, `number` a citizen's own
/// leaves from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is not a proof that this program knows.
    #[error("the file is not a proof of the known form: {0}")]
    Format(String),
    /// The proof was signed with another key than the one that is trusted.
    #[error("the proof names the key {found}, trusted is {trusted}: it speaks of another log")]
    ForeignKey {
        /// The name and key id that are trusted.
        trusted: String,
        /// The name and key id in the proof.
        found: String,
    },
    /// The checkpoint's signature does not hold, so nobody stands for what it says.
    #[error("the signature of the checkpoint does not hold: {0}")]
    Signature(&'static str),
    /// The signed text is not a checkpoint with a map.
    #[error("the signed text is not a checkpoint: {0}")]
    Checkpoint(&'static str),
    /// The proof says another count than it has leaf hashes: one was left out or added.
    #[error("the proof states {stated} leaves and has {found} hashes: a leaf was left out or added")]
    Count {
        /// The count that the proof states.
        stated: u64,
        /// The hashes in the proof.
        found: u64,
    },
    /// The count and chain do not stand in the signed map: a leaf was left out, added, changed or reordered.
    #[error("count and chain are not those of the signed map: {0}")]
    Map(&'static str),
    /// The leaf is not where the proof says in the signed tree.
    #[error("leaf {index} of the log is not proven to be in the signed tree: {reason}")]
    Inclusion {
        /// Index in the log.
        index: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// The newest leaf has no inclusion proof, or there is one without any leaf.
    #[error("the place of the newest leaf in the log is not as the count demands: {0}")]
    InclusionMissing(&'static str),
    /// A leaf given to be read is not the one that the chain counts, or does not open.
    #[error("the readable leaf {number} does not belong: {reason}")]
    Readable {
        /// The citizen's number of the leaf.
        number: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// A leaf of the log cannot be read as a leaf.
    #[error("leaf {index} of the log is not a leaf: {reason}")]
    Leaf {
        /// Index in the log.
        index: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// A citizen's numbers have a gap, a repetition or a fork at this leaf.
    #[error("leaf {index} of the log has number {found}, {expected} comes next for {label}")]
    Number {
        /// Index in the log.
        index: u64,
        /// Whose leaf.
        label: Label,
        /// The number that comes next.
        expected: u64,
        /// The number in the leaf.
        found: u64,
    },
    /// The leaf does not carry the head of the chain before it: an earlier leaf was changed, or the chain forks.
    #[error("leaf {index} of the log (number {number} of {label}) does not carry the head of the chain before it")]
    Previous {
        /// Index in the log.
        index: u64,
        /// Whose leaf.
        label: Label,
        /// The citizen's number of the leaf.
        number: u64,
    },
    /// The log has fewer or more leaves than the checkpoint says.
    #[error("the checkpoint covers {claimed} leaves, the log has {found}: the end was cut or added")]
    Size {
        /// Leaves that the checkpoint covers.
        claimed: u64,
        /// Leaves in the log.
        found: u64,
    },
    /// The leaves do not give the checkpoint's root: one was changed, removed or reordered.
    #[error("the {size} leaves do not give the root of the checkpoint: one was changed or reordered")]
    Root {
        /// Leaves in the log.
        size: u64,
    },
    /// The leaves do not give the checkpoint's map: a count was lowered, or a head is another.
    #[error("the {citizens} chains of the leaves do not give the map of the checkpoint: a count or a head is another")]
    MapRoot {
        /// Labels in the log.
        citizens: u64,
    },
    /// Two checkpoints do not belong to one growing log.
    #[error("the checkpoint of {new_size} leaves does not continue the one of {old_size}: {reason}")]
    Consistency {
        /// Leaves covered by the older checkpoint.
        old_size: u64,
        /// Leaves covered by the newer checkpoint.
        new_size: u64,
        /// What does not fit.
        reason: &'static str,
    },
}
