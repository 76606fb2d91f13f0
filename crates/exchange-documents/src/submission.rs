//! What one submission put on a shelf, remembered under its sender and `Bundle.identifier`.

use tsumugi_kernel::{CitizenId, FactKey, Kind, OrganizationId};
use tsumugi_record::{RecordError, Row, Table, content_hash};

/// The form of the rows below: version, citizen (8), SHA-256 of the bytes (32), then for each fact its kind (1), number
/// (8) and mark (8); numbers big end first.
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 1 + 8 + 32;
const FACT_BYTES: usize = 1 + 8 + 8;

/// One fact of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmittedFact {
    /// The kind's number.
    pub kind: u8,
    /// The fact's number.
    pub number: u64,
    /// The first eight bytes of the SHA-256 of what it is found again by (see `matching`): the row stays small, and no
    /// identifier of a person's facts stands in it.
    mark: [u8; 8],
}

impl SubmittedFact {
    /// A fact and what it is found again by.
    #[must_use]
    pub fn new(key: FactKey, mark: &str) -> Self {
        Self { kind: key.kind.number(), number: key.number, mark: shortened(mark) }
    }
}

fn shortened(mark: &str) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = content_hash(mark.as_bytes());
    [a, b, c, d, e, f, g, h]
}

/// A submission as remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Whose shelf.
    pub citizen: CitizenId,
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// What it put there, without the sender's `Patient`, which outlives every submission.
    pub facts: Vec<SubmittedFact>,
}

impl Submission {
    /// Reads a row.
    ///
    /// # Errors
    /// [`RecordError::Unreadable`] if it is damaged or newer than this program.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::read(bytes).ok_or(RecordError::Unreadable("a submission"))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (head, tail) = bytes.split_at_checked(HEAD_BYTES)?;
        let (rows, rest) = tail.as_chunks::<FACT_BYTES>();
        if head[0] != VERSION || !rest.is_empty() {
            return None;
        }
        let eight = |bytes: &[u8]| bytes.try_into().ok();
        let fact = |row: &[u8; FACT_BYTES]| {
            let number = u64::from_be_bytes(eight(&row[1..9])?);
            Some(SubmittedFact { kind: row[0], number, mark: eight(&row[9..])? })
        };
        Some(Self {
            citizen: CitizenId(u64::from_be_bytes(eight(&head[1..9])?)),
            sha256: head[9..].try_into().ok()?,
            facts: rows.iter().map(fact).collect::<Option<_>>()?,
        })
    }

    /// The row under `key`.
    #[must_use]
    pub fn row(&self, key: Vec<u8>) -> Row {
        let mut value = Vec::with_capacity(HEAD_BYTES + FACT_BYTES * self.facts.len());
        value.push(VERSION);
        value.extend_from_slice(&self.citizen.0.to_be_bytes());
        value.extend_from_slice(&self.sha256);
        for fact in &self.facts {
            value.push(fact.kind);
            value.extend_from_slice(&fact.number.to_be_bytes());
            value.extend_from_slice(&fact.mark);
        }
        Row { table: Table::Submission, key, value: Some(value) }
    }

    /// The fact with this mark, if the submission held it.
    #[must_use]
    pub fn find(&self, kind: Kind, mark: &str) -> Option<FactKey> {
        let mark = shortened(mark);
        let fact = self.facts.iter().find(|fact| fact.kind == kind.number() && fact.mark == mark)?;
        Some(FactKey { citizen: self.citizen, kind, number: fact.number })
    }
}

/// The key of a submission: sender, then `Bundle.identifier`.
#[must_use]
pub fn key(sender: &OrganizationId, system: &str, value: &str) -> Vec<u8> {
    let mut key = sender.as_str().as_bytes().to_vec();
    key.extend_from_slice(b"\0b");
    key.extend_from_slice(&content_hash(format!("{system}|{value}").as_bytes()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_comes_back_and_a_damaged_or_newer_one_is_refused() {
        let key = |number| FactKey { citizen: CitizenId(7), kind: Kind::OBSERVATION, number };
        let facts = vec![SubmittedFact::new(key(1), "i:s|1"), SubmittedFact::new(key(2), "i:s|2")];
        let submission = Submission { citizen: CitizenId(7), sha256: [3; 32], facts };
        let mut bytes = submission.row(Vec::new()).value.unwrap();
        let read = Submission::decode(&bytes).unwrap();
        assert_eq!(read, submission);
        assert_eq!(read.find(Kind::OBSERVATION, "i:s|2"), Some(key(2)));
        assert_eq!(read.find(Kind::OBSERVATION, "i:s|3"), None);
        assert_eq!(read.find(Kind::PATIENT, "i:s|2"), None);
        assert!(Submission::decode(&bytes[..bytes.len() - 1]).is_err());
        bytes[0] = 2;
        assert!(Submission::decode(&bytes).is_err());
    }
}
