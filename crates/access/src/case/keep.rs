//! How cases are kept: four kinds of rows in one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `c` number | the case | finding one |
//! | `q` deadline, number | – | the queue, while the case is open |
//! | `b` citizen, end, person | number | the case of a look that breaks the glass, and a citizen's cases |
//! | `b` citizen, first look, person, 0, number | number | a citizen's cases of odd looks |
//! | `p` person, 0, moment, number | – | how many cases somebody's looks have opened lately |
//!
//! Numbers, moments (milliseconds since 1970) and days (since 1970) are written big endian, so that keys sort by them.

use jiff::civil::Date;
use tsumugi_kernel::{CitizenId, Instant, PersonId};
use tsumugi_store::{CommitError, Row, Store, StoreError, Table};

use super::{Case, CaseFault, VERSION};
use crate::{
    Door, Permit, Refusal, SealError,
    looks::{self, LooksError},
};

/// Most cases of one citizen that are looked through.
const CASES_MOST: usize = 1_000;
/// Most breakings of one person that are counted.
const COUNTED_MOST: usize = 1_000;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A place in the queue: the deadline and the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// By whose end it is to be judged.
    pub deadline: Date,
    /// Which case.
    pub number: u64,
}

/// Why a case could not be given or judged.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The judgement is not taken.
    #[error(transparent)]
    Fault(#[from] CaseFault),
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The log could not be read.
    #[error(transparent)]
    Looks(#[from] LooksError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take the judgement.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("a case cannot be read; the program may be older than the store")]
    Row,
}

impl Door {
    /// The cases that wait, after a place in the queue, by deadline, at most `most`. Whom they are about stands in no
    /// word of them.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read, or a row cannot be read.
    pub async fn waiting_cases(&self, after: Option<QueuePlace>, most: usize) -> Result<Vec<Case>, CaseError> {
        let after = after.map(|place| queue_key(place.deadline, place.number));
        let rows = self.0.store.rows(Table::Case, b"q", after.as_deref(), most).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for (key, _) in rows {
            let number = key.last_chunk::<8>().map(|number| u64::from_be_bytes(*number)).ok_or(CaseError::Row)?;
            // One that was judged between the two reads has left the queue.
            cases.extend(self.case(number).await?);
        }
        Ok(cases)
    }

    /// A case by its number.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read, or the row cannot be read.
    pub async fn case(&self, number: u64) -> Result<Option<Case>, CaseError> {
        Ok(known(self.0.store.as_ref(), number).await?.map(|(case, _)| case))
    }

    /// How many cases somebody's looks have opened in the `days` before `now`, at most 1,000.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read.
    pub async fn broken_lately(&self, person: &PersonId, days: u32, now: Instant) -> Result<usize, CaseError> {
        let prefix = lately_prefix(person);
        let mut after = prefix.clone();
        after.extend(moment(now.plus_millis(-i64::from(days) * DAY_MILLIS)));
        Ok(self.0.store.rows(Table::Case, &prefix, Some(&after), COUNTED_MOST).await?.len())
    }
}

impl Permit {
    /// The cases of looks at the person's record, oldest first: for whoever may open the log.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn cases(&self) -> Result<Vec<Case>, CaseError> {
        looks::part(self)?;
        let mut cases = Vec::new();
        for shelf in self.shelves.all() {
            cases.extend(cases_of(self.door.store.as_ref(), *shelf).await?);
        }
        cases.sort_by_key(|case| (case.opened, case.number));
        Ok(cases)
    }
}

/// The cases about a citizen, by when their looks ended.
pub(super) async fn cases_of(store: &dyn Store, citizen: CitizenId) -> Result<Vec<Case>, CaseError> {
    let mut cases = Vec::new();
    for (_, value) in store.rows(Table::Case, &broken_prefix(citizen), None, CASES_MOST).await? {
        let number = value.first_chunk::<8>().map(|number| u64::from_be_bytes(*number));
        let number = number.ok_or(CaseError::Row)?;
        cases.extend(known(store, number).await?.map(|(case, _)| case));
    }
    Ok(cases)
}

/// A case and its row as read.
pub(super) async fn known(store: &dyn Store, number: u64) -> Result<Option<(Case, Vec<u8>)>, CaseError> {
    let Some(bytes) = store.row(Table::Case, &case_key(number)).await? else { return Ok(None) };
    let case: Case = serde_json::from_slice(&bytes).map_err(|_| CaseError::Row)?;
    if case.v == VERSION { Ok(Some((case, bytes.to_vec()))) } else { Err(CaseError::Row) }
}

/// The row of a case.
pub(super) fn case_row(case: &Case) -> Row {
    // Strings, numbers and lists always serialise.
    row(case_key(case.number), serde_json::to_vec(case).unwrap_or_default())
}

/// The place of a case in the queue; `there` or taken away.
pub(super) fn queue_row(case: &Case, there: bool) -> Row {
    Row { value: there.then(Vec::new), ..row(queue_key(case.deadline, case.number), Vec::new()) }
}

pub(super) fn row(key: Vec<u8>, value: Vec<u8>) -> Row {
    Row { table: Table::Case, key, value: Some(value) }
}

pub(super) fn case_key(number: u64) -> Vec<u8> {
    [b"c".as_slice(), &number.to_be_bytes()].concat()
}

fn queue_key(deadline: Date, number: u64) -> Vec<u8> {
    let days = deadline.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    let days = u32::try_from(days).unwrap_or(0);
    [b"q".as_slice(), &days.to_be_bytes(), &number.to_be_bytes()].concat()
}

pub(super) fn broken_prefix(citizen: CitizenId) -> Vec<u8> {
    [b"b".as_slice(), &citizen.0.to_be_bytes()].concat()
}

/// Under which a breaking is known: whose shelf, whose look, under which typed reason, told by when it ends.
pub(super) fn broken_key(citizen: CitizenId, person: &PersonId, ends: Instant) -> Vec<u8> {
    let mut key = broken_prefix(citizen);
    key.extend(moment(ends));
    key.extend(person.as_str().as_bytes());
    key
}

fn lately_prefix(person: &PersonId) -> Vec<u8> {
    [b"p".as_slice(), person.as_str().as_bytes(), &[0]].concat()
}

pub(super) fn lately_key(person: &PersonId, at: Instant, number: u64) -> Vec<u8> {
    let mut key = lately_prefix(person);
    key.extend(moment(at));
    key.extend(number.to_be_bytes());
    key
}

fn moment(at: Instant) -> [u8; 8] {
    u64::try_from(at.0).unwrap_or(0).to_be_bytes()
}
