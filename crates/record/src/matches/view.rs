//! What the desk is told: pairs, merges, and why nothing was decided.

use tsumugi_access::{Receipt, Refusal};
use tsumugi_kernel::{Instant, OrganizationId};
use tsumugi_people::{
    Candidate, Clerk, ClerkWord, DecideFault, Identifier, MatchState, MergeFault, PeopleError, QueueReason, Sex, Undone,
};

use crate::RecordError;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// There is no such pair or merge, or it does not concern this desk.
    #[error("there is no such pair or merge")]
    Absent,
    /// The caller is no clerk who decides about pairs.
    #[error("only clerks at a desk decide whether two records are one person's")]
    NotClerk,
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The word is not taken.
    #[error(transparent)]
    Decide(#[from] DecideFault),
    /// The two cannot be merged, or not parted.
    #[error(transparent)]
    Merge(#[from] MergeFault),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The record could not.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// A pair in the list: without names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchEntry {
    /// Its id.
    pub id: String,
    /// Why it is in the queue.
    pub reason: QueueReason,
    /// Since when.
    pub since: Instant,
    /// Where it stands.
    pub state: MatchState,
    /// Whether the caller proposed it, and so must leave it to another.
    pub own_proposal: bool,
    /// How alike the two are, where likeness alone brought them here. No value of either person is in it.
    pub likeness: Option<Candidate>,
}

/// One citizen of a pair: who the sources say that this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name as written.
    pub name: Option<String>,
    /// The name as read.
    pub kana: Option<String>,
    /// FHIR's `date`.
    pub birth_date: Option<String>,
    /// Administrative sex.
    pub sex: Option<Sex>,
    /// Personal identifiers.
    pub identifiers: Vec<Identifier>,
    /// How many sources describe this person.
    pub sources: usize,
}

/// A pair with names, as its leaves have told.
#[derive(Clone, Debug)]
pub struct MatchView {
    /// The pair.
    pub entry: MatchEntry,
    /// The citizen that the incoming facts went to.
    pub one: Party,
    /// Whom it may be.
    pub other: Party,
    /// What was said, oldest first.
    pub said: Vec<ClerkWord>,
    /// The receipts of the leaves of this look.
    pub receipts: Vec<Receipt>,
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The id after which the next page begins, if there is more.
    pub next: Option<String>,
}

/// What a word led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Where the pair stands now.
    pub state: MatchState,
    /// The id of the merge, if they were merged.
    pub merge: Option<String>,
    /// The receipts of the leaves.
    pub receipts: Vec<Receipt>,
}

/// A merge in the list: without names.
#[derive(Clone, Debug)]
pub struct MergeEntry {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// Who proposed and who confirmed.
    pub by: Vec<Clerk>,
    /// When, by whom and why it was taken back.
    pub undone: Option<Undone>,
    /// What is not certain since: who sent it, how many facts, and what was decided.
    pub open: Vec<OpenEntry>,
}

/// Facts of one source of which it is not certain whose they are.
#[derive(Clone, Debug)]
pub struct OpenEntry {
    /// Who put them there.
    pub source: OrganizationId,
    /// How many.
    pub count: usize,
    /// What was decided about them.
    pub settled: Option<Undone>,
}
