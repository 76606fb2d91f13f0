//! What was refused: the bytes are kept with the findings, so that nothing a sender sent is lost.
//!
//! A quarantined submission stands on no shelf and is seen by its sender's organisation only.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, OrganizationId};
use tsumugi_store::{Batch, Row, Table};

use crate::{Record, RecordError};

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

impl Record {
    /// Keeps refused bytes and the outcome that was answered; gives the number to ask for them with.
    ///
    /// # Errors
    /// If the store does not commit.
    pub async fn quarantine(&self, sender: &OrganizationId, bytes: Bytes, outcome: &[u8]) -> Result<u64, RecordError> {
        let number = self.store.reserve(1);
        let Instant(received) = self.now();
        let hash = crate::content_hash(&bytes);
        let entry = Quarantined {
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
            received,
            outcome: serde_json::from_slice(outcome).unwrap_or(serde_json::Value::Null),
        };
        let value = serde_json::to_vec(&entry).map_err(|_| RecordError::Unreadable("a quarantine entry"))?;
        let row = Row { table: Table::Quarantine, key: key(sender, number), value: Some(value) };
        self.store.commit(Batch { originals: vec![bytes], rows: vec![row], ..Batch::default() }).await?;
        Ok(number)
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
