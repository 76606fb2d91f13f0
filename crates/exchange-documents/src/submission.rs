//! What one submission put on a shelf, remembered under its sender and `Bundle.identifier`.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, FactKey, Kind, OrganizationId};
use tsumugi_record::{RecordError, Row, Table};

/// The form of the rows below.
const VERSION: u8 = 1;

/// One fact of a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedFact {
    /// The kind's number.
    pub kind: u8,
    /// The fact's number.
    pub number: u64,
    /// By what it is found again when the submission is sent again (see `matching`).
    pub mark: String,
}

/// A submission as remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    v: u8,
    /// Whose shelf.
    pub citizen: CitizenId,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// What it put there, without the sender's `Patient`, which outlives every submission.
    pub facts: Vec<SubmittedFact>,
}

impl Submission {
    /// A submission to be remembered.
    #[must_use]
    pub fn new(citizen: CitizenId, sha256: String, facts: Vec<SubmittedFact>) -> Self {
        Self { v: VERSION, citizen, sha256, facts }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if it is damaged or newer than this program.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let read: Self = serde_json::from_slice(bytes).map_err(|_| RecordError::Unreadable("a submission"))?;
        if read.v == VERSION { Ok(read) } else { Err(RecordError::Unreadable("a submission")) }
    }

    /// The row under `key`.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] never happens for values made here.
    pub fn row(&self, key: Vec<u8>) -> Result<Row, RecordError> {
        let value = serde_json::to_vec(self).map_err(|_| RecordError::Unreadable("a submission"))?;
        Ok(Row { table: Table::Submission, key, value: Some(value) })
    }

    /// The fact with this mark, if the submission held it.
    #[must_use]
    pub fn find(&self, kind: Kind, mark: &str) -> Option<FactKey> {
        let fact = self.facts.iter().find(|fact| fact.kind == kind.number() && fact.mark == mark)?;
        Some(FactKey { citizen: self.citizen, kind, number: fact.number })
    }
}

/// The key of a submission: sender, then `Bundle.identifier`.
#[must_use]
pub fn key(sender: &OrganizationId, system: &str, value: &str) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.extend_from_slice(b"\0b");
    key.extend_from_slice(system.as_bytes());
    key.push(b'|');
    key.extend_from_slice(value.as_bytes());
    key
}

/// The key under which a sender's one `Patient` of a citizen is remembered.
#[must_use]
pub fn patient_key(sender: &OrganizationId, citizen: CitizenId) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.extend_from_slice(b"\0p");
    key.extend_from_slice(&citizen.0.to_be_bytes());
    key
}
