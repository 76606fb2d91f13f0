//! The disaster mode (災害時モード): the supervising body opens it for a region and a period, and for whoever works there the
//! door then opens the smallest view without a care relation, and finds a person by name and birth date.
//!
//! Two people of the body open it, one closes it. Every word about an opening is kept ([`DisasterWord`]); whether it holds
//! follows from the words and the clock ([`Opening::state`]), so nothing has to end it. Whether the door heeds it depends on
//! where the caller's organisation is registered ([`tsumugi_people::Area`]), never on where a caller says they are.
//!
//! What must hold: no look for this purpose without an opening that holds, and each leaf names its opening; an opening that
//! was confirmed is never taken away; what was searched for is kept nowhere, that somebody searched is.

mod count;
mod decide;
mod keep;
mod offline;
mod search;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, PersonId};
use tsumugi_people::{Area, PeopleError};
use tsumugi_store::{CommitError, StoreError};

pub(crate) use count::counted;
pub use decide::DisasterSaying;
pub(crate) use keep::Openings;
pub use offline::{CARRIED, Merged, OfflineReceipt, SUMMARIES_DAY, SUMMARY_DAYS};
pub use search::{Found, SEARCH_HOURS, SEARCHES_MOST, Searched};

use crate::{Refusal, SealError, case::Party};

pub(crate) const VERSION: u8 = 1;
const HOUR_MILLIS: i64 = 60 * 60 * 1000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;

/// Longest reason, in characters.
pub const REASON_MOST: usize = 300;
/// Shortest reason, in characters.
pub const REASON_LEAST: usize = 5;
/// Longest name of a region, in characters.
pub const PLACE_MOST: usize = 100;
/// Most areas of one opening.
pub const AREAS_MOST: usize = 64;
/// For how many days from now it may hold before it is extended anew.
pub const DAYS_MOST: i64 = 31;
/// For how many hours a proposal waits for the second person.
pub const CONFIRM_HOURS: i64 = 24;
/// Most openings there ever are.
pub const OPENINGS_MOST: usize = 4_096;
/// Most words about one opening; closing it is always taken.
const WORDS_MOST: usize = 200;

/// An opening of the disaster mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub(crate) v: u8,
    /// Its number, unique in the store.
    pub number: u64,
    /// The form with which it was proposed, so that a double tap makes one.
    pub(crate) form: String,
    /// Where, in words: read by everybody.
    pub place: String,
    /// Where, in codes: what the door goes by.
    pub areas: Vec<Area>,
    /// Why: read by everybody.
    pub reason: String,
    /// From when on.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// What was said about it, oldest first; the first is the proposal.
    pub words: Vec<DisasterWord>,
}

/// One word about an opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisasterWord {
    /// What was done.
    pub act: DisasterAct,
    /// Who did it.
    pub by: Party,
    /// When.
    pub at: Instant,
    /// The end that was proposed or confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Why: of a closing and an extension, read by everybody.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What can be done with an opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DisasterAct {
    /// The first person proposes it.
    Propose,
    /// The second opens it.
    Confirm,
    /// One takes back what is proposed.
    Withdraw,
    /// One proposes a later end.
    Extend,
    /// The second confirms that.
    ConfirmExtension,
    /// One closes it, at once.
    Close,
}

impl DisasterAct {
    /// Every act.
    pub const ALL: &'static [Self] =
        &[Self::Propose, Self::Confirm, Self::Withdraw, Self::Extend, Self::ConfirmExtension, Self::Close];

    /// The code as forms and answers write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Propose => "propose",
            Self::Confirm => "confirm",
            Self::Withdraw => "withdraw",
            Self::Extend => "extend",
            Self::ConfirmExtension => "confirm-extension",
            Self::Close => "close",
        }
    }

    /// The act with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|act| act.code() == code)
    }

    /// Whether everybody is told of it: what is only proposed changes nothing.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Confirm | Self::ConfirmExtension | Self::Close)
    }
}

/// Where an opening stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisasterState {
    /// It waits for the second person.
    Proposed,
    /// Nobody confirmed it in time.
    Lapsed,
    /// It was taken back before it was confirmed.
    Withdrawn,
    /// It is confirmed and begins later.
    Announced,
    /// It holds.
    Open,
    /// Its time is over.
    Ended,
    /// It was closed before its time.
    Closed,
}

impl DisasterState {
    /// The code as answers write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Lapsed => "lapsed",
            Self::Withdrawn => "withdrawn",
            Self::Announced => "announced",
            Self::Open => "open",
            Self::Ended => "ended",
            Self::Closed => "closed",
        }
    }

    /// Whether everybody is told of it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Announced | Self::Open | Self::Ended | Self::Closed)
    }
}

/// Why an act is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisasterFault {
    /// The caller is no supervisor.
    #[error("only a supervisor opens, extends or closes the disaster mode")]
    NotSupervisor,
    /// There is no such opening.
    #[error("there is no such opening")]
    Absent,
    /// No area, too many, or one twice.
    #[error("an opening names 1 to {AREAS_MOST} areas, each once")]
    Areas,
    /// The region has no name, or too long a one.
    #[error("a region's name has 1 to {PLACE_MOST} characters")]
    Place,
    /// The reason is too short or too long.
    #[error("a reason has {REASON_LEAST} to {REASON_MOST} characters")]
    Reason,
    /// The period is empty, over, or too long.
    #[error("an opening ends after it begins, later than now, and at most {DAYS_MOST} days from now")]
    Period,
    /// The same person cannot be both.
    #[error("a second person confirms what the first proposed")]
    Oneself,
    /// It does not fit where the opening stands.
    #[error("the opening does not stand where this can be done")]
    NotNow,
    /// Somebody else did something meanwhile.
    #[error("somebody else did something about the opening meanwhile")]
    Overtaken,
    /// There are too many openings or words.
    #[error("there are too many openings, or too many words about this one")]
    Full,
    /// No disaster mode is open where the caller's organisation is, or the role has no part in it.
    #[error("no disaster mode is open for the caller's role where the caller's organisation is")]
    NotOpen,
    /// The receipt is of no summary that was issued here, or whoever wrote it did not hold it.
    #[error("the receipt is of no summary that was issued here")]
    Forged,
    /// The summary cannot have been read at that time.
    #[error("the summary cannot have been read before it was issued, or later than now")]
    Moment,
    /// The caller has searched too often.
    #[error("one person searches at most {SEARCHES_MOST} times in {SEARCH_HOURS} hour")]
    TooOften,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DisasterError {
    /// It is not taken.
    #[error(transparent)]
    Fault(#[from] DisasterFault),
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("an opening of the disaster mode cannot be read; the program may be older than the store")]
    Row,
}

/// What a proposal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The form's number.
    pub form: String,
    /// Where, in words.
    pub place: String,
    /// Where, in codes.
    pub areas: Vec<Area>,
    /// Why.
    pub reason: String,
    /// From when on; what lies before its confirmation begins with that.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
}

impl Opening {
    /// When it was closed before its time.
    #[must_use]
    pub fn closed(&self) -> Option<Instant> {
        self.said(DisasterAct::Close).map(|word| word.at)
    }

    /// When it was confirmed.
    #[must_use]
    pub fn confirmed(&self) -> Option<Instant> {
        self.said(DisasterAct::Confirm).map(|word| word.at)
    }

    fn said(&self, act: DisasterAct) -> Option<&DisasterWord> {
        self.words.iter().find(|word| word.act == act)
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Instant) -> DisasterState {
        if self.closed().is_some() {
            return DisasterState::Closed;
        }
        match (self.confirmed(), self.words.last()) {
            (None, Some(last)) if last.act == DisasterAct::Withdraw => DisasterState::Withdrawn,
            (None, Some(last)) if now < last.at.plus_millis(CONFIRM_HOURS * HOUR_MILLIS) => DisasterState::Proposed,
            (None, _) => DisasterState::Lapsed,
            (Some(_), _) if now < self.from => DisasterState::Announced,
            (Some(_), _) if now < self.until => DisasterState::Open,
            (Some(_), _) => DisasterState::Ended,
        }
    }

    /// The later end that waits for the second person, and who proposed it.
    #[must_use]
    pub fn extension(&self, now: Instant) -> Option<(Instant, &PersonId)> {
        let stands = matches!(self.state(now), DisasterState::Announced | DisasterState::Open);
        let last = self.words.last().filter(|word| stands && word.act == DisasterAct::Extend)?;
        let fresh = now < last.at.plus_millis(CONFIRM_HOURS * HOUR_MILLIS);
        Some((last.until.filter(|_| fresh)?, last.by.person.as_ref()?))
    }

    /// Whether it holds where somebody is.
    #[must_use]
    pub fn holds(&self, area: Area, now: Instant) -> bool {
        self.state(now) == DisasterState::Open && self.areas.iter().any(|own| own.holds(area))
    }

    /// Whether it held where somebody is at a moment of the past: closing it later changes nothing of that.
    #[must_use]
    pub fn held(&self, area: Area, at: Instant) -> bool {
        let closed = self.closed().is_some_and(|closed| closed <= at);
        let confirmed = self.confirmed().is_some_and(|confirmed| confirmed <= at);
        confirmed && !closed && self.from <= at && at < self.until && self.areas.iter().any(|own| own.holds(area))
    }
}
