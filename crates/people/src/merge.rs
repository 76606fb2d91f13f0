//! Merges: several shelves that are one person's (`decisions/0018-merge.md`).
//!
//! A merge moves nothing. It is a row that says which shelves are one person's, the same row under each of them; the
//! door follows it, once, in [`Directory::shelves`]. So ids, versions, identifiers and looks stay where they are, and
//! taking a merge back leaves everything as it would have been.
//!
//! What must hold:
//! - The merges of a person form a tree over the shelves: a merge joins two persons, never one with themself. So taking
//!   any one back leaves exactly two persons.
//! - Every shelf of a person has the same merges in its row. They are written in one commit that expects each row as it
//!   was read.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId};
use tsumugi_store::{Expectation, Row, Table};

use crate::{Citizen, Directory, PeopleError, decide::Clerk};

/// Most shelves of one person. More duplicates of one person are a fault of a source, not a matter of merging.
pub const SHELVES_MOST: usize = 16;
/// Most merges taken back that a row remembers; older ones matter to no page that is still open.
const ENDED_MOST: usize = 64;
const VERSION: u8 = 1;

/// One merge: two shelves of which two clerks said that they are one person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Its number, unique in the store.
    pub number: u64,
    /// One shelf.
    pub one: CitizenId,
    /// The other.
    pub other: CitizenId,
    /// The newest point when it was prepared: what was read up to there saw two persons.
    pub after: u64,
    /// When.
    pub at: Instant,
}

/// The time for which a merge held that was taken back: points after `after`, up to `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Ended {
    after: u64,
    until: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct MergedRow {
    v: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    merges: Vec<Merge>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ended: Vec<Ended>,
}

impl MergedRow {
    fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let fault = PeopleError::Row { table: "merge" };
        serde_json::from_slice::<Self>(bytes).ok().filter(|row| row.v == VERSION).ok_or(fault)
    }

    fn row(&self, citizen: CitizenId) -> Row {
        // Numbers and lists always serialise.
        let value = Some(serde_json::to_vec(self).unwrap_or_default());
        Row { table: Table::Merged, key: Citizen::key(citizen).to_vec(), value }
    }
}

/// The shelves of one person, seen from one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelves {
    all: Vec<CitizenId>,
    row: MergedRow,
}

impl Shelves {
    /// A person with one shelf.
    #[must_use]
    pub fn alone(citizen: CitizenId) -> Self {
        Self { all: vec![citizen], row: MergedRow::default() }
    }

    fn new(citizen: CitizenId, row: MergedRow) -> Self {
        Self { all: reached(citizen, row.merges.iter()), row }
    }

    /// Every shelf, first the one that was asked for.
    #[must_use]
    pub fn all(&self) -> &[CitizenId] {
        &self.all
    }

    /// Whether a shelf is this person's.
    #[must_use]
    pub fn hold(&self, citizen: CitizenId) -> bool {
        self.all.contains(&citizen)
    }

    /// Whether the person has several shelves.
    #[must_use]
    pub fn are_several(&self) -> bool {
        self.all.len() > 1
    }

    /// The shelves that were this person's at a point of the store: what a page shows that was begun then.
    #[must_use]
    pub fn at(&self, point: u64) -> Vec<CitizenId> {
        let Some(home) = self.all.first() else { return Vec::new() };
        reached(*home, self.row.merges.iter().filter(|merge| merge.after < point))
    }

    /// Whether at a point of the store more shelves were held to be this person's than now: a page that was begun then
    /// cannot be continued.
    #[must_use]
    pub fn were_more(&self, point: u64) -> bool {
        self.row.ended.iter().any(|ended| ended.after < point && point <= ended.until)
    }

    /// The two persons whom taking back a merge would leave: those reached from its one shelf, and from its other.
    #[must_use]
    pub fn sides(&self, merge: &Merge) -> [Vec<CitizenId>; 2] {
        let left = self.row.merges.iter().filter(|held| *held != merge);
        [merge.one, merge.other].map(|side| reached(side, left.clone()))
    }

    /// The merges that hold.
    #[must_use]
    pub fn merges(&self) -> &[Merge] {
        &self.row.merges
    }
}

/// The shelves that merges lead to, from one on.
fn reached<'a>(from: CitizenId, merges: impl Iterator<Item = &'a Merge> + Clone) -> Vec<CitizenId> {
    let mut found = vec![from];
    let mut next = 0;
    while let Some(shelf) = found.get(next).copied() {
        for merge in merges.clone() {
            let to = match () {
                () if merge.one == shelf => merge.other,
                () if merge.other == shelf => merge.one,
                () => continue,
            };
            if !found.contains(&to) {
                found.push(to);
            }
        }
        next += 1;
    }
    found
}

/// What is kept of a merge, for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeRecord {
    v: u8,
    /// The merge.
    #[serde(flatten)]
    pub merge: Merge,
    /// Who proposed and who confirmed it.
    pub by: Vec<Clerk>,
    /// When and why it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
    /// What came while it held and may stand on the wrong shelf.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenPart>,
}

/// A merge taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// By whom.
    pub by: Clerk,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// Facts of one source on one shelf of which it is not certain whose they are: the source had no `Patient` of its own
/// there. They stay where they are until somebody decides. The numbers are for the source, never for a clerk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenPart {
    /// Where they stand.
    pub shelf: CitizenId,
    /// Who put them there.
    pub source: OrganizationId,
    /// Which: the kind's number and the fact's.
    pub facts: Vec<(u8, u64)>,
    /// What was decided about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Undone>,
}

impl MergeRecord {
    /// A merge decided by two clerks.
    #[must_use]
    pub fn new(merge: Merge, by: Vec<Clerk>) -> Self {
        Self { v: VERSION, merge, by, undone: None, open: Vec::new() }
    }

    /// The directory's key.
    #[must_use]
    pub const fn key(number: u64) -> [u8; 8] {
        number.to_be_bytes()
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`PeopleError::Row`] if it is damaged or newer than this program.
    pub fn decode(bytes: &[u8]) -> Result<Self, PeopleError> {
        let fault = PeopleError::Row { table: "merge record" };
        serde_json::from_slice::<Self>(bytes).ok().filter(|row| row.v == VERSION).ok_or(fault)
    }

    /// The row that keeps it.
    #[must_use]
    pub fn row(&self) -> Row {
        // Strings, numbers and lists always serialise.
        let value = Some(serde_json::to_vec(self).unwrap_or_default());
        Row { table: Table::MergeRecord, key: Self::key(self.merge.number).to_vec(), value }
    }
}

/// Rows and expectations of a merge or of taking one back, and the shelves whose [`Shelves`] change with it: after the
/// commit, call [`Directory::forget_shelves`] for them.
#[derive(Clone, Debug)]
pub struct MergeWrite {
    /// Rows.
    pub rows: Vec<Row>,
    /// Expectations: on a conflict, begin again.
    pub expect: Vec<Expectation>,
    /// Every shelf that is touched.
    pub shelves: Vec<CitizenId>,
}

/// Why two persons are not merged, or a merge not taken back.
#[derive(Debug, thiserror::Error)]
pub enum MergeFault {
    /// They are one already.
    #[error("the two are one person already")]
    AlreadyOne,
    /// Too many shelves.
    #[error("one person would have more than {SHELVES_MOST} shelves")]
    TooMany,
    /// The merge does not hold (any more).
    #[error("this merge does not hold any more")]
    NotMerged,
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
}

impl Directory {
    /// The shelves of the person to whom `citizen` belongs. Kept in this process: cheap.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn shelves(&self, citizen: CitizenId) -> Result<Arc<Shelves>, PeopleError> {
        let ticket = match self.shelves.get(&citizen) {
            Ok(shelves) => return Ok(shelves),
            Err(ticket) => ticket,
        };
        let shelves = Arc::new(match self.merged_row(citizen).await?.0 {
            Some(row) => Shelves::new(citizen, row),
            None => Shelves::alone(citizen),
        });
        self.shelves.keep(citizen, Arc::clone(&shelves), ticket);
        Ok(shelves)
    }

    /// Whether two shelves are one person's.
    ///
    /// # Errors
    /// As [`Directory::shelves`].
    pub async fn are_one(&self, one: CitizenId, other: CitizenId) -> Result<bool, PeopleError> {
        Ok(one == other || self.shelves(one).await?.hold(other))
    }

    /// Forgets what is cached of these shelves, after a commit that merged or parted them.
    pub fn forget_shelves(&self, shelves: &[CitizenId]) {
        shelves.iter().for_each(|shelf| self.shelves.forget(shelf));
    }

    async fn merged_row(&self, citizen: CitizenId) -> Result<(Option<MergedRow>, Option<Vec<u8>>), PeopleError> {
        let bytes = self.store.row(Table::Merged, &Citizen::key(citizen)).await?.map(|bytes| bytes.to_vec());
        Ok((bytes.as_deref().map(MergedRow::decode).transpose()?, bytes))
    }

    /// Prepares a merge. The commit that carries it must carry the leaves of both persons.
    ///
    /// # Errors
    /// [`MergeFault`].
    pub async fn merge(&self, merge: &Merge, by: Vec<Clerk>) -> Result<MergeWrite, MergeFault> {
        let mut write = MergeWrite { rows: Vec::new(), expect: Vec::new(), shelves: Vec::new() };
        let mut merges = Vec::new();
        let mut rows = Vec::new();
        for side in [merge.one, merge.other] {
            // Both persons as they are: whoever changes one meanwhile makes the merge be decided again.
            let key = Citizen::key(side).to_vec();
            let stands = self.store.row(Table::Citizen, &key).await.map_err(PeopleError::from)?;
            let stands = stands.ok_or(PeopleError::Row { table: "citizen" })?;
            write.expect.push(Expectation::Row(Table::Citizen, key, Some(stands.to_vec())));
            let shelves = match self.merged_row(side).await?.0 {
                Some(row) => Shelves::new(side, row),
                None => Shelves::alone(side),
            };
            if write.shelves.iter().any(|known| shelves.hold(*known)) {
                return Err(MergeFault::AlreadyOne);
            }
            merges.extend(shelves.merges().iter().cloned());
            for shelf in shelves.all() {
                rows.push((*shelf, self.expected(*shelf, &mut write).await?));
            }
        }
        if write.shelves.len() > SHELVES_MOST {
            return Err(MergeFault::TooMany);
        }
        merges.push(merge.clone());
        for (shelf, row) in rows {
            write.rows.push(MergedRow { v: VERSION, merges: merges.clone(), ..row }.row(shelf));
        }
        write.rows.push(MergeRecord::new(merge.clone(), by).row());
        let key = MergeRecord::key(merge.number).to_vec();
        write.expect.push(Expectation::Row(Table::MergeRecord, key, None));
        Ok(write)
    }

    /// Prepares taking a merge back; `until` is the newest point now. The record with `undone` set goes into the same
    /// commit, by [`MergeRecord::row`].
    ///
    /// # Errors
    /// [`MergeFault`].
    pub async fn part(&self, merge: &Merge, until: u64) -> Result<MergeWrite, MergeFault> {
        let mut write = MergeWrite { rows: Vec::new(), expect: Vec::new(), shelves: Vec::new() };
        let row = self.merged_row(merge.one).await?.0.ok_or(MergeFault::NotMerged)?;
        if !row.merges.contains(merge) {
            return Err(MergeFault::NotMerged);
        }
        let left: Vec<Merge> = row.merges.iter().filter(|held| *held != merge).cloned().collect();
        for shelf in Shelves::new(merge.one, row).all() {
            let mut row = self.expected(*shelf, &mut write).await?;
            let side = reached(*shelf, left.iter());
            row.merges = left.iter().filter(|held| side.contains(&held.one)).cloned().collect();
            row.ended.push(Ended { after: merge.after, until });
            if row.ended.len() > ENDED_MOST {
                row.ended.remove(0);
            }
            write.rows.push(MergedRow { v: VERSION, ..row }.row(*shelf));
        }
        Ok(write)
    }

    async fn expected(&self, shelf: CitizenId, write: &mut MergeWrite) -> Result<MergedRow, PeopleError> {
        let (row, bytes) = self.merged_row(shelf).await?;
        write.expect.push(Expectation::Row(Table::Merged, Citizen::key(shelf).to_vec(), bytes));
        write.shelves.push(shelf);
        Ok(row.unwrap_or_default())
    }

    /// What is kept of a merge, with the row as stored.
    ///
    /// # Errors
    /// [`PeopleError`] when the store cannot read or the row is damaged.
    pub async fn merge_record(&self, number: u64) -> Result<Option<(MergeRecord, Vec<u8>)>, PeopleError> {
        let Some(bytes) = self.store.row(Table::MergeRecord, &MergeRecord::key(number)).await? else { return Ok(None) };
        Ok(Some((MergeRecord::decode(&bytes)?, bytes.to_vec())))
    }

    /// The merges ever made, by their numbers, after one, at most `most`.
    ///
    /// # Errors
    /// As above.
    pub async fn merge_records(&self, after: Option<u64>, most: usize) -> Result<Vec<MergeRecord>, PeopleError> {
        let after = after.map(MergeRecord::key);
        let rows = self.store.rows(Table::MergeRecord, b"", after.as_ref().map(<[u8; 8]>::as_slice), most).await?;
        rows.iter().map(|(_, bytes)| MergeRecord::decode(bytes)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(number: u64, one: u64, other: u64) -> Merge {
        let (one, other) = (CitizenId(one), CitizenId(other));
        Merge { number, one, other, after: number * 10, at: Instant(0) }
    }

    fn shelves(of: u64, merges: &[Merge]) -> Shelves {
        Shelves::new(CitizenId(of), MergedRow { v: VERSION, merges: merges.to_vec(), ended: Vec::new() })
    }

    #[test]
    fn every_shelf_of_a_person_is_reached_from_each_and_the_asked_one_stands_first() {
        let merges = [merge(1, 1, 2), merge(2, 3, 2), merge(3, 4, 3)];
        for of in 1..=4 {
            let found = shelves(of, &merges);
            assert_eq!(found.all()[0], CitizenId(of));
            assert_eq!(found.all().len(), 4, "{of}");
        }
        assert!(!shelves(1, &merges).hold(CitizenId(5)));
    }

    #[test]
    fn a_page_begun_before_a_merge_keeps_to_the_shelves_of_then() {
        let found = shelves(1, &[merge(1, 1, 2), merge(2, 3, 2)]);
        let at = |point| found.at(point).len();
        assert_eq!((at(10), at(11), at(20), at(21)), (1, 2, 2, 3));
    }

    #[test]
    fn a_newer_row_is_refused() {
        assert!(MergedRow::decode(br#"{"v":2}"#).is_err());
        assert!(MergedRow::decode(b"").is_err());
    }
}
