//! How cases are kept: rows in one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `c` number | the case | finding one |
//! | `q` deadline, number | – | the supervising body's queue, while the case is open |
//! | `d` closed (newest first), number | – | the closed cases |
//! | `w` organisation, 0, deadline, number | – | what waits for an organisation's answer |
//! | `a` organisation, 0, opened (newest first), number | – | everything that an organisation was asked |
//! | `b` citizen, end, person | number | the case of a look that broke the glass |
//! | `b` citizen, first look, person, 0, number | number | cases of odd looks |
//! | `o` citizen, moment, person | number | the objection to a look |
//! | `n` shelf, kind, fact, number | number | wishes to correct a fact |
//! | `p` person, 0, moment, number | – | how many cases somebody's looks have opened lately |
//! | `t` month, number | the clocks alone | public statistics |
//! | `x` `h` or `w`, person | suspensions | the door |
//!
//! Numbers, moments (milliseconds since 1970) and days (since 1970) are written big endian, so that keys sort by them.

use jiff::civil::Date;
use tsumugi_kernel::{CitizenId, FactKey, Instant, OrganizationId, PersonId, Role};
use tsumugi_store::{CommitError, Row, Store, StoreError, Table};

use super::{Case, CaseFault, CaseKind, Turn, VERSION, statistics};
use crate::{
    Door, Permit, Refusal, SealError,
    looks::{self, LooksError},
};

/// Most cases of one kind of one citizen; more are not taken.
pub(super) const CASES_MOST: usize = 1_000;
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

/// A place among the closed cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedPlace {
    /// When it was closed.
    pub closed: Instant,
    /// Which case.
    pub number: u64,
}

/// A place in an organisation's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficePlace {
    /// In what waits, by deadline.
    Waiting(Date, u64),
    /// In everything, newest first.
    Asked(Instant, u64),
}

/// Why a case could not be given or judged.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The word is not taken.
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
    /// The store did not take the word.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("a case cannot be read; the program may be older than the store")]
    Row,
}

impl Door {
    /// The open cases, after a place in the queue, by deadline, at most `most`: what is late stands first, whoever is
    /// late. Whom they are about stands in no word of them.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read, or a row cannot be read.
    pub async fn waiting_cases(&self, after: Option<QueuePlace>, most: usize) -> Result<Vec<Case>, CaseError> {
        let after = after.map(|place| queue_key(place.deadline, place.number));
        self.listed(b"q", after, most).await
    }

    /// The closed cases, newest first, after a place among them.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn closed_cases(&self, after: Option<ClosedPlace>, most: usize) -> Result<Vec<Case>, CaseError> {
        let after = after.map(|place| closed_key(place.closed, place.number));
        self.listed(b"d", after, most).await
    }

    /// What an organisation is asked: what waits for an answer by deadline, or everything newest first.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn office_cases(
        &self,
        office: &OrganizationId,
        waiting: bool,
        after: Option<OfficePlace>,
        most: usize,
    ) -> Result<Vec<Case>, CaseError> {
        let after = after.map(|place| match place {
            OfficePlace::Waiting(deadline, number) => office_waiting_key(office, deadline, number),
            OfficePlace::Asked(opened, number) => office_asked_key(office, opened, number),
        });
        self.listed(&office_prefix(if waiting { b"w" } else { b"a" }, office), after, most).await
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

    /// Cases by rows whose keys end with their number.
    async fn listed(&self, prefix: &[u8], after: Option<Vec<u8>>, most: usize) -> Result<Vec<Case>, CaseError> {
        let rows = self.0.store.rows(Table::Case, prefix, after.as_deref(), most).await?;
        let mut cases = Vec::with_capacity(rows.len());
        for (key, _) in rows {
            let number = key.last_chunk::<8>().map(|number| u64::from_be_bytes(*number)).ok_or(CaseError::Row)?;
            // One that moved on between the two reads has left the list.
            cases.extend(self.case(number).await?);
        }
        Ok(cases)
    }
}

impl Permit {
    /// The cases about the person's record, oldest first: for whoever may open the log.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn cases(&self) -> Result<Vec<Case>, CaseError> {
        looks::part(self)?;
        let mut cases = Vec::new();
        for shelf in self.shelves.all() {
            for prefix in [b"b", b"o", b"n"] {
                cases.extend(self.numbered(&citizens(prefix, *shelf)).await?);
            }
        }
        if self.caller.role == Role::Proxy {
            // INVARIANT: of what is hers alone whoever acts for her learns by no case: only of looks that they may read, and of
            // the corrections that they asked for.
            let looks = self.looks(1, u64::MAX).await?;
            cases.retain(|case| match case.kind {
                CaseKind::Correction => case.words.first().is_some_and(|word| word.by.is(&self.caller.person)),
                _ => looks.iter().any(|look| case.covers(&look.part)),
            });
        }
        cases.sort_by_key(|case| (case.opened, case.number));
        Ok(cases)
    }

    /// What was said about correcting a fact, oldest first: for whoever the permit's lens shows the fact to. The caller
    /// asks the lens.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn wishes(&self, fact: FactKey) -> Result<Vec<Case>, CaseError> {
        if !self.opens(fact.citizen) {
            return Ok(Vec::new());
        }
        self.numbered(&wish_prefix(fact)).await
    }

    /// The facts of the person that were to be corrected, and whose authors have let the time pass: what shows one says so.
    ///
    /// # Errors
    /// [`CaseError`] when the store cannot read.
    pub async fn ignored(&self) -> Result<Vec<FactKey>, CaseError> {
        let (today, mut found) = (self.time.civil().date(), Vec::new());
        for shelf in self.shelves.all() {
            let cases = self.numbered(&citizens(b"n", *shelf)).await?;
            found.extend(cases.iter().filter(|case| case.is_ignored(today)).filter_map(Case::fact));
        }
        Ok(found)
    }

    async fn numbered(&self, prefix: &[u8]) -> Result<Vec<Case>, CaseError> {
        let mut cases = Vec::new();
        for (_, value) in self.door.store.rows(Table::Case, prefix, None, CASES_MOST).await? {
            let number = value.first_chunk::<8>().map(|number| u64::from_be_bytes(*number)).ok_or(CaseError::Row)?;
            cases.extend(known(self.door.store.as_ref(), number).await?.map(|(case, _)| case));
        }
        Ok(cases)
    }
}

/// The cases about a citizen, by when their looks ended.
pub(crate) async fn cases_of(store: &dyn Store, citizen: CitizenId) -> Result<Vec<Case>, CaseError> {
    let mut cases = Vec::new();
    for (_, value) in store.rows(Table::Case, &citizens(b"b", citizen), None, CASES_MOST).await? {
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

/// What a case's commit writes: the case, its clocks, and its places in the lists, those that it leaves taken away.
pub(super) fn rows(before: Option<&Case>, after: &Case) -> Vec<Row> {
    let there = places(after);
    let left = before.map(places).unwrap_or_default().into_iter().filter(|key| !there.contains(key));
    let mut rows: Vec<Row> = left.map(|key| Row { table: Table::Case, key, value: None }).collect();
    rows.extend(there.into_iter().map(|key| row(key, Vec::new())));
    // Strings, numbers and lists always serialise.
    rows.push(row(case_key(after.number), serde_json::to_vec(after).unwrap_or_default()));
    let clock = statistics::clock_row(after);
    // One whose opening moves to another month leaves none behind.
    rows.extend(
        before.map(statistics::clock_row).filter(|row| row.key != clock.key).map(|row| Row { value: None, ..row }),
    );
    rows.push(clock);
    rows
}

/// Where a case stands in the lists.
fn places(case: &Case) -> Vec<Vec<u8>> {
    let (number, office, mut keys) = (case.number, &case.looker.organization, Vec::new());
    match case.closed() {
        Some(closed) => keys.push(closed_key(closed, number)),
        None => keys.push(queue_key(case.deadline, number)),
    }
    if case.turn() == Turn::Organization {
        keys.push(office_waiting_key(office, case.deadline, number));
    }
    if case.was_asked() {
        keys.push(office_asked_key(office, case.opened, number));
    }
    keys
}

pub(super) fn row(key: Vec<u8>, value: Vec<u8>) -> Row {
    Row { table: Table::Case, key, value: Some(value) }
}

pub(super) fn case_key(number: u64) -> Vec<u8> {
    [b"c".as_slice(), &number.to_be_bytes()].concat()
}

fn queue_key(deadline: Date, number: u64) -> Vec<u8> {
    [b"q".as_slice(), &day(deadline), &number.to_be_bytes()].concat()
}

fn closed_key(closed: Instant, number: u64) -> Vec<u8> {
    [b"d".as_slice(), &newest_first(closed), &number.to_be_bytes()].concat()
}

fn office_prefix(list: &[u8; 1], office: &OrganizationId) -> Vec<u8> {
    [list.as_slice(), office.as_str().as_bytes(), &[0]].concat()
}

fn office_waiting_key(office: &OrganizationId, deadline: Date, number: u64) -> Vec<u8> {
    [office_prefix(b"w", office).as_slice(), &day(deadline), &number.to_be_bytes()].concat()
}

fn office_asked_key(office: &OrganizationId, opened: Instant, number: u64) -> Vec<u8> {
    [office_prefix(b"a", office).as_slice(), &newest_first(opened), &number.to_be_bytes()].concat()
}

/// What begins every row of one citizen's cases.
pub(super) fn citizens(list: &[u8; 1], citizen: CitizenId) -> Vec<u8> {
    [list.as_slice(), &citizen.0.to_be_bytes()].concat()
}

/// Under which a breaking is known: whose shelf, whose look, under which typed reason, told by when it ends.
pub(super) fn broken_key(citizen: CitizenId, person: &PersonId, ends: Instant) -> Vec<u8> {
    [citizens(b"b", citizen).as_slice(), &moment(ends), person.as_str().as_bytes()].concat()
}

/// Under which the objection to a look is known: whose shelf, when, whose look.
pub(super) fn objection_key(citizen: CitizenId, time: Instant, person: &PersonId) -> Vec<u8> {
    [citizens(b"o", citizen).as_slice(), &moment(time), person.as_str().as_bytes()].concat()
}

fn wish_prefix(fact: FactKey) -> Vec<u8> {
    [citizens(b"n", fact.citizen).as_slice(), &[fact.kind.number()], &fact.number.to_be_bytes()].concat()
}

/// Under which a wish to correct a fact is known.
pub(super) fn wish_key(fact: FactKey, number: u64) -> Vec<u8> {
    [wish_prefix(fact).as_slice(), &number.to_be_bytes()].concat()
}

fn lately_prefix(person: &PersonId) -> Vec<u8> {
    [b"p".as_slice(), person.as_str().as_bytes(), &[0]].concat()
}

pub(super) fn lately_key(person: &PersonId, at: Instant, number: u64) -> Vec<u8> {
    [lately_prefix(person).as_slice(), &moment(at), &number.to_be_bytes()].concat()
}

fn day(day: Date) -> [u8; 4] {
    let days = day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    u32::try_from(days).unwrap_or(0).to_be_bytes()
}

fn moment(at: Instant) -> [u8; 8] {
    u64::try_from(at.0).unwrap_or(0).to_be_bytes()
}

fn newest_first(at: Instant) -> [u8; 8] {
    (u64::MAX - u64::try_from(at.0).unwrap_or(0)).to_be_bytes()
}
