//! The log as anybody may see it: its newest checkpoint, and that one of its sizes continues another. No leaf, nobody.

use tsumugi_access::{looks::LooksError, tiles};
use tsumugi_ledger::{Hash, LedgerError, consistency_proof};
use tsumugi_store::{PublishedCheckpoint, StoreError};

use crate::Record;

/// How far the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSize {
    /// Leaves that the newest checkpoint covers.
    pub published: u64,
    /// Leaves that wait for the next one.
    pub pending: u64,
}

impl Record {
    /// The newest checkpoint, without publishing; `None` before the first.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn checkpoint(&self) -> Result<Option<PublishedCheckpoint>, StoreError> {
        self.store.checkpoint().await
    }

    /// How far the log is.
    #[must_use]
    pub fn log_size(&self) -> LogSize {
        let status = self.store.status();
        LogSize { published: status.published, pending: status.leaves.saturating_sub(status.published) }
    }

    /// The proof that the tree of `old` leaves is the beginning of the one of `new`, which must be published.
    ///
    /// # Errors
    /// If the tree has no such sizes, or the store cannot read.
    pub async fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, LooksError> {
        let size = self.log_size().published;
        if new > size || old > new {
            return Err(LedgerError::OutOfRange { size, asked: new.max(old) }.into());
        }
        tiles::proven(self.store.as_ref(), |reader| consistency_proof(reader, old, new)).await
    }
}
