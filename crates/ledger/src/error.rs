//! The one error of this crate for callers who build and keep a log. What fails while *checking* is a
//! [`Fault`](crate::Fault).

/// What an outer reader of tiles or buckets reports.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Why the ledger could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The reader of tiles or buckets failed.
    #[error("the ledger's reader failed: {0}")]
    Source(#[source] SourceError),
    /// What was read does not fit what the ledger knows.
    #[error("the ledger is damaged in {what}: {detail}")]
    Damaged {
        /// The part: a tile, a bucket.
        what: String,
        /// What does not fit.
        detail: String,
    },
    /// Bytes are not in the format of their kind.
    #[error("{what} is not well formed: {detail}")]
    Format {
        /// The kind: leaf, leaf body, checkpoint, note, key.
        what: &'static str,
        /// What is wrong, without the value.
        detail: &'static str,
    },
    /// A part of a leaf does not open with this key.
    #[error("the part of the leaf does not open with this key")]
    Sealed,
    /// The two parts of a leaf do not fit into a leaf.
    #[error("the parts of a leaf may have {most} bytes each, one has {found}")]
    TooLarge {
        /// The most bytes of one part.
        most: usize,
        /// The bytes of the longer part.
        found: usize,
    },
    /// A proof was asked for a place that the tree does not have.
    #[error("the tree of {size} leaves has no proof for {asked}")]
    OutOfRange {
        /// Leaves in the tree.
        size: u64,
        /// The index or the size asked for.
        asked: u64,
    },
}
