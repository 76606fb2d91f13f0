//! What a citizen wants to be told of looks at her record, and up to when her notices were read.
//!
//! A notice is no copy: it is a look in her log, seen through her choice ([`why()`]). So only the choice and the marks have a row.
//! What must hold: emergencies are always told; the choice is hers alone, and no proxy can make her record silent; what
//! a proxy has read stays unread for her.

mod why;

pub(crate) use why::is_by_other;
pub use why::{Circumstances, NoticeWhy, firsts, why};

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, PersonId, Role};
use tsumugi_store::{Batch, CommitError, Expectation, Row, Store, StoreError, Table};

use crate::{
    Action, Door, Permit, Receipt, SealError, Shown,
    looks::{self, LooksError},
};

const VERSION: u8 = 1;
/// Most readers whose marks are kept; the one who read longest ago is forgotten first.
const READERS_MOST: usize = 64;
/// How often a change that met a concurrent one is made again.
const ATTEMPTS: usize = 16;

/// Which looks she is told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeChoice {
    /// None but emergencies.
    Emergencies,
    /// Emergencies, and looks that are unusual: by somebody new, or outside a care relation.
    #[default]
    Unusual,
    /// Every look.
    Every,
}

impl NoticeChoice {
    /// Every choice, from the quietest.
    pub const ALL: &'static [Self] = &[Self::Emergencies, Self::Unusual, Self::Every];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Emergencies => "emergencies",
            Self::Unusual => "unusual",
            Self::Every => "every",
        }
    }

    /// The choice with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.code() == code)
    }
}

/// A change of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeChange {
    /// She chooses.
    Choose(NoticeChoice),
    /// The permit's holder has read the notices up to this moment, itself included.
    Read(Instant),
}

/// What is kept, over all of a person's shelves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// Her choice.
    pub choice: NoticeChoice,
    read: Vec<Mark>,
}

/// Why nothing was changed, or nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The choice is the citizen's own.
    #[error("only the citizen chooses what she is told of")]
    NotHers,
    /// The permit does not open the log.
    #[error(transparent)]
    Looks(#[from] LooksError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("a citizen's notices cannot be read; the program may be older than the store")]
    Row,
}

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    v: u8,
    choice: NoticeChoice,
    /// When she chose; of a person with several shelves the newest choice counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chosen: Option<Instant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    read: Vec<Mark>,
}

/// Up to when a reader has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    reader: PersonId,
    until: Instant,
}

impl Default for Kept {
    fn default() -> Self {
        Self { v: VERSION, choice: NoticeChoice::default(), chosen: None, read: Vec::new() }
    }
}

impl Kept {
    fn change(&mut self, change: NoticeChange, reader: &PersonId, now: Instant) {
        match change {
            NoticeChange::Choose(choice) => (self.choice, self.chosen) = (choice, Some(now)),
            NoticeChange::Read(until) => {
                let before = self.read.iter().find(|mark| mark.reader == *reader).map(|mark| mark.until);
                self.read.retain(|mark| mark.reader != *reader);
                if self.read.len() >= READERS_MOST
                    && let Some((oldest, _)) = self.read.iter().enumerate().min_by_key(|(_, mark)| mark.until)
                {
                    self.read.remove(oldest);
                }
                // Nothing that was read becomes unread, and nothing is read before it happens.
                let until = before.map_or(until, |before| before.max(until)).min(now);
                self.read.push(Mark { reader: reader.clone(), until });
            }
        }
    }
}

impl Notices {
    /// Up to when somebody has read; `None` if never.
    #[must_use]
    pub fn read_until(&self, reader: &PersonId) -> Option<Instant> {
        self.read.iter().filter(|mark| mark.reader == *reader).map(|mark| mark.until).max()
    }
}

impl Permit {
    /// What is kept for the person's notices: for the citizen and whoever may open the log for her.
    ///
    /// # Errors
    /// [`NoticeError`].
    pub async fn notices(&self) -> Result<Notices, NoticeError> {
        hers(self)?;
        of_shelves(self.door.store.as_ref(), self.shelves.all()).await
    }
}

/// What is kept of one person, over all shelves.
pub(crate) async fn of_shelves(store: &dyn Store, shelves: &[CitizenId]) -> Result<Notices, NoticeError> {
    let (mut notices, mut chosen) = (Notices::default(), None);
    for shelf in shelves {
        let (kept, _) = kept(store, *shelf).await?;
        if kept.chosen > chosen {
            (notices.choice, chosen) = (kept.choice, kept.chosen);
        }
        notices.read.extend(kept.read);
    }
    Ok(notices)
}

/// The row of a shelf, and its bytes as read.
async fn kept(store: &dyn Store, shelf: CitizenId) -> Result<(Kept, Option<Vec<u8>>), NoticeError> {
    let Some(bytes) = store.row(Table::Notice, &key(shelf)).await? else { return Ok((Kept::default(), None)) };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| NoticeError::Row)?;
    if kept.v == VERSION { Ok((kept, Some(bytes.to_vec()))) } else { Err(NoticeError::Row) }
}

impl Door {
    /// Changes what is kept, in one commit with the permit's leaf. The permit must open the log. Made twice, a change is
    /// made once.
    ///
    /// # Errors
    /// [`NoticeError`].
    pub async fn change_notices(&self, permit: Permit, change: NoticeChange) -> Result<Receipt, NoticeError> {
        let allowed = hers(&permit).and_then(|()| match change {
            NoticeChange::Choose(_) if permit.caller.role != Role::Citizen => Err(NoticeError::NotHers),
            _ => Ok(()),
        });
        if let Err(error) = allowed {
            permit.seal(Shown::none()).await?;
            return Err(error);
        }
        let (shelf, reader, now) = (permit.citizen, permit.caller.person.clone(), permit.time);
        let store = self.0.store.as_ref();
        let leaves = permit.into_leaves(&Shown::none()).await?;
        for _ in 0..ATTEMPTS {
            let (mut kept, row) = kept(store, shelf).await?;
            kept.change(change, &reader, now);
            // Strings, numbers and lists always serialise.
            let value = Some(serde_json::to_vec(&kept).unwrap_or_default());
            let batch = Batch {
                rows: vec![Row { table: Table::Notice, key: key(shelf), value }],
                expect: vec![Expectation::Row(Table::Notice, key(shelf), row)],
                leaves: leaves.clone(),
                ..Batch::default()
            };
            match store.commit(batch).await {
                Ok(committed) => {
                    let place = committed.leaves.first().copied().ok_or(SealError::Unplaced)?;
                    return Ok(Receipt::from(place));
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Busy.into())
    }
}

/// Whether the permit opens the log for the citizen's side: a supervisor reads no notices.
fn hers(permit: &Permit) -> Result<(), NoticeError> {
    looks::part(permit)?;
    let side = matches!(permit.caller.role, Role::Citizen | Role::Proxy) && permit.action == Action::AccessLog;
    if side { Ok(()) } else { Err(LooksError::Permit.into()) }
}

fn key(citizen: CitizenId) -> Vec<u8> {
    citizen.0.to_be_bytes().to_vec()
}
