//! How papers are kept: rows in one table, told apart by their first byte.
//!
//! | key | value | for |
//! |---|---|---|
//! | `p` number | the paper | everything |
//! | `q` organisation, 0, taken down, number | – | the desk's queue, while the paper waits |
//! | `s` shelf, newest first, number | – | the person's papers |
//! | `f` organisation, 0, form | number | a form that is sent twice |
//!
//! Numbers and moments (milliseconds since 1970) are written big endian, so that keys sort by them.

use tsumugi_kernel::{CitizenId, Instant, OrganizationId, Role};
use tsumugi_ledger::LookPart;
use tsumugi_store::{Row, Store, Table};

use super::{
    DAY_MILLIS, PAPERS_MOST, Paper, PaperError, PaperFault, PaperState, VERSION, WAIT_DAYS, WAITING_MOST, is_desk,
};
use crate::{Action, Caller, Door, Permit};

/// Most lapsed places that one taking down clears away.
const CLEARED_MOST: usize = 16;

/// A place in a desk's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperPlace {
    /// When it was taken down.
    pub taken: Instant,
    /// Which paper.
    pub number: u64,
}

pub(super) fn key(number: u64) -> Vec<u8> {
    [b"p".as_slice(), &number.to_be_bytes()].concat()
}

pub(super) fn row(paper: &Paper) -> Row {
    // Strings, numbers and lists always serialise.
    put(key(paper.number), serde_json::to_vec(paper).unwrap_or_default())
}

/// The rows of a paper that was just taken down.
pub(super) fn new_rows(paper: &Paper) -> Vec<Row> {
    let number = paper.number.to_be_bytes().to_vec();
    let mut rows = vec![
        row(paper),
        put(shelf_key(paper.citizen, paper.taken(), paper.number), Vec::new()),
        put(form_key(&paper.organization, &paper.form), number),
    ];
    if paper.says.widens() {
        rows.push(put(queue_key(paper), Vec::new()));
    }
    rows
}

/// The rows of a paper that waits no more.
pub(super) fn ended_rows(paper: &Paper) -> Vec<Row> {
    vec![row(paper), Row { table: Table::Paper, key: queue_key(paper), value: None }]
}

fn put(key: Vec<u8>, value: Vec<u8>) -> Row {
    Row { table: Table::Paper, key, value: Some(value) }
}

fn decode(bytes: &[u8]) -> Result<Paper, PaperError> {
    let paper: Paper = serde_json::from_slice(bytes).map_err(|_| PaperError::Row)?;
    if paper.v == VERSION { Ok(paper) } else { Err(PaperError::Row) }
}

/// A paper, and its row as read.
pub(super) async fn known(store: &dyn Store, number: u64) -> Result<Option<(Paper, Vec<u8>)>, PaperError> {
    let Some(bytes) = store.row(Table::Paper, &key(number)).await? else { return Ok(None) };
    Ok(Some((decode(&bytes)?, bytes.to_vec())))
}

fn queue_prefix(organization: &OrganizationId) -> Vec<u8> {
    [b"q".as_slice(), organization.as_str().as_bytes(), &[0]].concat()
}

fn queue_key(paper: &Paper) -> Vec<u8> {
    let prefix = queue_prefix(&paper.organization);
    [prefix.as_slice(), &moment(paper.taken()), &paper.number.to_be_bytes()].concat()
}

/// Before what still waits at a moment: what was taken down earlier has lapsed.
fn lapsed_key(organization: &OrganizationId, now: Instant) -> Vec<u8> {
    let first = now.plus_millis(1 - WAIT_DAYS * DAY_MILLIS);
    [queue_prefix(organization).as_slice(), &moment(first)].concat()
}

pub(super) fn form_key(organization: &OrganizationId, form: &str) -> Vec<u8> {
    [b"f".as_slice(), organization.as_str().as_bytes(), &[0], form.as_bytes()].concat()
}

fn shelf_prefix(citizen: CitizenId) -> Vec<u8> {
    [b"s".as_slice(), &citizen.0.to_be_bytes()].concat()
}

fn shelf_key(citizen: CitizenId, at: Instant, number: u64) -> Vec<u8> {
    let newest_first = u64::MAX - u64::try_from(at.0).unwrap_or(0);
    [shelf_prefix(citizen).as_slice(), &newest_first.to_be_bytes(), &number.to_be_bytes()].concat()
}

fn moment(at: Instant) -> [u8; 8] {
    u64::try_from(at.0).unwrap_or(0).to_be_bytes()
}

fn number_of(key: &[u8]) -> Result<u64, PaperError> {
    key.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes)).ok_or(PaperError::Row)
}

/// The queue's rows of what has lapsed: cleared away by the next taking down.
pub(super) async fn lapsed(store: &dyn Store, desk: &OrganizationId, now: Instant) -> Result<Vec<Row>, PaperError> {
    let end = lapsed_key(desk, now);
    let found = store.rows(Table::Paper, &queue_prefix(desk), None, CLEARED_MOST).await?;
    let gone = found.into_iter().filter(|(key, _)| key.as_ref() < end.as_slice());
    Ok(gone.map(|(key, _)| Row { table: Table::Paper, key: key.to_vec(), value: None }).collect())
}

/// Whether one more fits: at the desk, and of the person.
pub(super) async fn room(store: &dyn Store, paper: &Paper, now: Instant) -> Result<(), PaperError> {
    let desk = &paper.organization;
    let waiting = match paper.says.widens() {
        true => store.rows(Table::Paper, &queue_prefix(desk), Some(&lapsed_key(desk, now)), WAITING_MOST).await?.len(),
        false => 0,
    };
    let hers = store.rows(Table::Paper, &shelf_prefix(paper.citizen), None, PAPERS_MOST).await?.len();
    if waiting < WAITING_MOST && hers < PAPERS_MOST { Ok(()) } else { Err(PaperFault::Full.into()) }
}

impl Door {
    /// The papers that wait at the caller's desk, those longest there first, after a place; and whose none of them is said.
    ///
    /// # Errors
    /// [`PaperError`].
    pub async fn papers_waiting(
        &self,
        caller: &Caller,
        after: Option<PaperPlace>,
        most: usize,
    ) -> Result<Vec<Paper>, PaperError> {
        if !is_desk(caller) {
            return Err(PaperFault::NotDesk.into());
        }
        let (store, now, desk) = (self.0.store.as_ref(), self.0.clock.now(), &caller.organization);
        let after = match after {
            Some(place) => {
                let prefix = queue_prefix(desk);
                [prefix.as_slice(), &moment(place.taken), &place.number.to_be_bytes()].concat()
            }
            None => lapsed_key(desk, now),
        };
        let mut found = Vec::new();
        for (key, _) in store.rows(Table::Paper, &queue_prefix(desk), Some(&after), most.min(WAITING_MOST)).await? {
            let (mut paper, _) = known(store, number_of(&key)?).await?.ok_or(PaperError::Row)?;
            // INVARIANT: whom a paper names is told only with a leaf.
            paper.typed = None;
            if paper.state(now) == PaperState::Waiting {
                found.push(paper);
            }
        }
        Ok(found)
    }

    /// What a clerk's form has made, if it was sent before.
    ///
    /// # Errors
    /// [`PaperError`].
    pub async fn paper_of_form(&self, caller: &Caller, form: &str) -> Result<Option<Paper>, PaperError> {
        let store = self.0.store.as_ref();
        let Some(value) = store.row(Table::Paper, &form_key(&caller.organization, form)).await? else {
            return Ok(None);
        };
        let (paper, _) = known(store, number_of(&value)?).await?.ok_or(PaperError::Row)?;
        Ok(Some(paper).filter(|paper| paper.is_of(&caller.person)))
    }
}

/// Whether a look is a clerk's word about a paper of this shelf.
pub(crate) async fn is_word_about(store: &dyn Store, shelf: CitizenId, part: &LookPart) -> Result<bool, PaperError> {
    for (key, _) in store.rows(Table::Paper, &shelf_prefix(shelf), None, PAPERS_MOST).await? {
        let (paper, _) = known(store, number_of(&key)?).await?.ok_or(PaperError::Row)?;
        if paper.is_told_by(part) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Permit {
    /// The person's papers, the newest first, at most `most` of a shelf: for herself and whoever decides for her.
    ///
    /// # Errors
    /// [`PaperError`].
    pub async fn papers(&self, most: usize) -> Result<Vec<Paper>, PaperError> {
        let hers = matches!(self.caller.role, Role::Citizen | Role::Proxy);
        if !hers || !matches!(self.action, Action::AccessLog | Action::Standing) {
            return Err(PaperFault::NotDesk.into());
        }
        let (store, mut found) = (self.door.store.as_ref(), Vec::new());
        for shelf in self.shelves.all() {
            for (key, _) in store.rows(Table::Paper, &shelf_prefix(*shelf), None, most.min(PAPERS_MOST)).await? {
                let (mut paper, _) = known(store, number_of(&key)?).await?.ok_or(PaperError::Row)?;
                paper.typed = None;
                found.push(paper);
            }
        }
        found.sort_by_key(|paper| std::cmp::Reverse((paper.taken(), paper.number)));
        found.truncate(most);
        Ok(found)
    }
}
