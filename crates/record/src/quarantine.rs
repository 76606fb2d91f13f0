//! What was refused: the bytes are kept with the findings, so that nothing a sender sent is lost.
//!
//! A quarantined submission stands on no shelf and is seen by its sender's organisation only. What one organisation may
//! fill is bounded, by count and by bytes: beyond that its refused submissions are told, counted, and not kept. Others,
//! and what it sends that holds, are not touched by that.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId};
use tsumugi_store::{Batch, CommitError, Expectation, Row, Table};

use crate::{Record, RecordError};

/// How often a write that met another of the same organisation is tried again.
const ATTEMPTS: usize = 64;

/// A refused submission.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Quarantined {
    /// Lower-case hexadecimal SHA-256 of the bytes.
    pub sha256: String,
    /// Milliseconds since the epoch at which it came in.
    pub received: i64,
    /// The OperationOutcome that was answered.
    pub outcome: serde_json::Value,
}

/// How much one organisation may fill, and how much it has filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Room {
    /// Submissions.
    #[serde(rename = "n")]
    pub count: u64,
    /// Bytes as sent.
    #[serde(rename = "b")]
    pub bytes: u64,
}

impl Room {
    /// What one organisation may fill: a month of a large hospital's documents, all of them refused.
    pub const MOST: Self = Self { count: 10_000, bytes: 1 << 30 };
}

impl Record {
    /// The same record with another bound of what one organisation may fill.
    #[must_use]
    pub fn with_quarantine(self, most: Room) -> Self {
        Self { quarantine: most, ..self }
    }

    /// Keeps refused bytes and the outcome that was answered, with the row of its counts; gives the number to ask for
    /// them with. `None` if the organisation has filled its room: then only the counts are written.
    ///
    /// # Errors
    /// If the store does not commit.
    pub async fn quarantine(
        &self,
        sender: &OrganizationId,
        bytes: Bytes,
        outcome: &[u8],
        counted: Row,
    ) -> Result<Option<u64>, RecordError> {
        let number = self.store.reserve(1);
        let Instant(received) = self.now();
        let hash = crate::content_hash(&bytes);
        let entry = Quarantined {
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            received,
            outcome: serde_json::from_slice(outcome).unwrap_or(serde_json::Value::Null),
        };
        let value = serde_json::to_vec(&entry).map_err(|_| RecordError::Unreadable("a quarantine entry"))?;
        for _ in 0..ATTEMPTS {
            let stands = self.store.row(Table::Quarantine, &tally(sender)).await?.map(|row| row.to_vec());
            let filled = self.filled(sender, stands.as_deref()).await?;
            let full = Room { count: filled.count + 1, bytes: filled.bytes.saturating_add(bytes.len() as u64) };
            if full.count > self.quarantine.count || full.bytes > self.quarantine.bytes {
                self.store.commit(Batch { rows: vec![counted], ..Batch::default() }).await?;
                return Ok(None);
            }
            let full = serde_json::to_vec(&full).map_err(|_| RecordError::Unreadable("a quarantine's count"))?;
            let row = |key, value| Row { table: Table::Quarantine, key, value: Some(value) };
            let batch = Batch {
                expect: vec![Expectation::Row(Table::Quarantine, tally(sender), stands)],
                originals: vec![bytes.clone()],
                rows: vec![row(key(sender, number), value.clone()), row(tally(sender), full), counted.clone()],
                ..Batch::default()
            };
            match self.store.commit(batch).await {
                Ok(_) => return Ok(Some(number)),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }

    /// Writes the row of a refused submission's counts, and nothing of the submission: for what must not be kept.
    ///
    /// # Errors
    /// If the store does not commit.
    pub async fn count_refused(&self, counted: Row) -> Result<(), RecordError> {
        self.store.commit(Batch { rows: vec![counted], ..Batch::default() }).await?;
        Ok(())
    }

    /// How much an organisation has filled.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn quarantine_filled(&self, sender: &OrganizationId) -> Result<Room, RecordError> {
        let stands = self.store.row(Table::Quarantine, &tally(sender)).await?;
        self.filled(sender, stands.as_deref()).await
    }

    async fn filled(&self, sender: &OrganizationId, stands: Option<&[u8]>) -> Result<Room, RecordError> {
        match stands {
            Some(row) => serde_json::from_slice(row).map_err(|_| RecordError::Unreadable("a quarantine's count")),
            // Entries from before there was a count; their bytes are not known any more.
            None => {
                let most = usize::try_from(self.quarantine.count).unwrap_or(usize::MAX);
                let count = self.store.rows(Table::Quarantine, &prefix(sender), None, most).await?.len() as u64;
                Ok(Room { count, bytes: 0 })
            }
        }
    }

    /// The refused submissions of one organisation after `after`, at most `most`.
    ///
    /// # Errors
    /// If the store cannot read.
    pub async fn quarantined(
        &self,
        sender: &OrganizationId,
        after: Option<u64>,
        most: usize,
    ) -> Result<Vec<(u64, Quarantined)>, RecordError> {
        let after = after.map(|number| key(sender, number));
        let rows = self.store.rows(Table::Quarantine, &prefix(sender), after.as_deref(), most).await?;
        rows.into_iter()
            .map(|(key, value)| {
                let number = key.last_chunk::<8>().map(|b| u64::from_be_bytes(*b));
                let entry = serde_json::from_slice(&value).ok();
                number.zip(entry).ok_or(RecordError::Unreadable("a quarantine entry"))
            })
            .collect()
    }
}

fn prefix(sender: &OrganizationId) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.push(0);
    key
}

fn key(sender: &OrganizationId, number: u64) -> Vec<u8> {
    let mut key = prefix(sender);
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// The key of an organisation's count: beside its entries, not among them.
fn tally(sender: &OrganizationId) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.push(1);
    key
}
