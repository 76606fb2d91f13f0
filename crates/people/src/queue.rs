//! The queue of possible matches: pairs of citizens about whom a person decides whether they are one.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant};
use tsumugi_store::{Row, Table};

use crate::{Candidate, Citizen, Directory, PeopleError};

/// Why two citizens are in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueReason {
    /// A known identifier led to the candidate, but birth date, sex or another known identifier contradicted it.
    Contradiction,
    /// Name and birth date are the same: entries of before candidates were scored.
    NameAndBirth,
    /// No identifier says so, but name, birth date and household are so alike that it may be one person.
    Likeness,
    /// The identifiers lead to one citizen, but one institution uses two patient numbers: two charts of one person, or
    /// one person's number on another's document.
    TwoNumbers,
}

/// One entry of the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    v: u8,
    /// The citizen that the incoming facts went to.
    pub citizen: CitizenId,
    /// The citizen it may be; the same one for [`QueueReason::TwoNumbers`].
    pub candidate: CitizenId,
    /// Why.
    pub reason: QueueReason,
    /// Since when.
    pub since: Instant,
    /// How alike the two are, for [`QueueReason::Likeness`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likeness: Option<Candidate>,
}

const VERSION: u8 = 1;

impl Queued {
    pub(crate) fn row(citizen: CitizenId, candidate: CitizenId, reason: QueueReason, since: Instant) -> Row {
        Self { v: VERSION, citizen, candidate, reason, since, likeness: None }.into_row()
    }

    /// The entry of a candidate that was found by likeness alone.
    pub(crate) fn alike(citizen: CitizenId, candidate: Candidate, since: Instant) -> Row {
        let likeness = Some(candidate);
        Self { v: VERSION, citizen, candidate: candidate.citizen, reason: QueueReason::Likeness, since, likeness }
            .into_row()
    }

    fn into_row(self) -> Row {
        let Self { citizen, candidate, .. } = self;
        let key = [Citizen::key(citizen), Citizen::key(candidate)].concat();
        // Numbers and names of variants always serialise.
        Row { table: Table::MatchQueue, key, value: Some(serde_json::to_vec(&self).unwrap_or_default()) }
    }
}

impl Directory {
    /// The queue in the order of its keys, after an entry, at most `most`.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or a row is damaged.
    pub async fn queue(&self, after: Option<&Queued>, most: usize) -> Result<Vec<Queued>, PeopleError> {
        let after = after.map(|entry| [Citizen::key(entry.citizen), Citizen::key(entry.candidate)].concat());
        let rows = self.store.rows(Table::MatchQueue, b"", after.as_deref(), most).await?;
        rows.iter()
            .map(|(_, bytes)| serde_json::from_slice::<Queued>(bytes).ok().filter(|entry| entry.v == VERSION))
            .map(|entry| entry.ok_or(PeopleError::Row { table: "match queue" }))
            .collect()
    }
}
