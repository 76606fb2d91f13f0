//! Writing the directory by itself, without facts beside it: people who are known before anything is kept of them, and the
//! keys under which many are found as candidates.
//!
//! What must hold: a resolution is written with all that it expects, or not at all; a list of any length is written in
//! commits of bounded size.

use tsumugi_kernel::CitizenId;
use tsumugi_store::{Batch, CommitError, Row};

use crate::{Directory, Incoming, PeopleError, Resolution, candidates::rows_of};

/// Rows of one commit.
const ROWS_AT_ONCE: usize = 50_000;

impl Directory {
    /// Writes a resolution in a commit of its own. False when what it stood on has changed meanwhile: nothing is written,
    /// resolve again.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot write.
    pub async fn settle(&self, resolution: Resolution) -> Result<bool, PeopleError> {
        let batch = Batch { rows: resolution.rows, expect: resolution.expect, ..Batch::default() };
        match self.store.commit(batch).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the keys under which people are found as candidates; says how many rows. The rows are held in memory, about
    /// 2 KB for each person, and put in by the order of their keys: one by one, as people come, each would touch a page of its
    /// own.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot write; what was written before stays.
    pub async fn index(&self, people: impl IntoIterator<Item = (CitizenId, Incoming)>) -> Result<usize, PeopleError> {
        let mut rows: Vec<Row> =
            people.into_iter().flat_map(|(citizen, incoming)| rows_of(&incoming, citizen)).collect();
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        let all = rows.len();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let rows = rows.by_ref().take(ROWS_AT_ONCE).collect();
            self.store.commit(Batch { rows, ..Batch::default() }).await?;
        }
        Ok(all)
    }
}
