//! Papers (紙の届出): what somebody hands in at a desk of the municipality, without a phone or a computer.
//!
//! What narrows what others may see or do holds at once, taken down by one clerk: a restriction, the end of a mandate. What
//! widens it waits until a *different* clerk of the same desk has looked at the paper and confirmed it: a mandate, the
//! lifting of a restriction. What was said is kept ([`PaperWord`]); where a paper stands follows from the words and the clock
//! ([`Paper::state`]), so nothing has to end it.
//!
//! What must hold: no clerk's commit widens anything without the word of a second one in the same commit
//! ([`crate::Door::change`] carries it, and refuses what the paper does not say); nobody confirms what they took down, or a
//! paper of their own, or one that names them; a waiting paper stands on no shelf and in no standing, so nobody else can see
//! that it waits; it is shown to the desk that took it alone, and to the person.

mod keep;
mod second;
mod take;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_ledger::{LookPart, look::Decision};
use tsumugi_people::PeopleError;
use tsumugi_store::{CommitError, StoreError};

pub use keep::PaperPlace;
pub(crate) use keep::is_word_about;
pub use second::Second;
pub(crate) use second::Seconded;
pub use take::{Handed, PaperWrite};

use crate::{Caller, Change, Holder, Mandate, Refusal, Restriction, SealError, case::Party};

pub(crate) const VERSION: u8 = 1;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// For how many days a paper waits for the second clerk.
pub const WAIT_DAYS: i64 = 14;
/// Most papers that wait at one desk.
pub const WAITING_MOST: usize = 200;
/// Most papers of one person on one shelf.
pub const PAPERS_MOST: usize = 1_000;
/// Longest reason for sending a paper back, in characters.
pub const REASON_MOST: usize = 300;
/// Longest text that is kept of what was typed, in characters.
pub const TYPED_MOST: usize = 100;

/// A paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    pub(crate) v: u8,
    /// Its number, unique in the store.
    pub number: u64,
    /// The form with which it was typed, so that a double tap makes one.
    pub(crate) form: String,
    /// Whose it is: the shelf that the number led to.
    pub citizen: CitizenId,
    /// The desk that took it.
    pub organization: OrganizationId,
    /// What it says.
    pub says: PaperSays,
    /// Whom it names, as the first clerk typed it; forgotten when the paper waits no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<PaperTyped>,
    /// The number of the `Consent` that says it on the shelf, once it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<u64>,
    /// What was said about it, oldest first; the first is the taking down.
    pub words: Vec<PaperWord>,
}

/// What a paper says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperSays {
    /// Somebody may act for the person (代理人の届出).
    Mandate(Mandate),
    /// Something is hidden (見せない範囲の届出).
    Restriction(Restriction),
    /// What is hidden is shown again (見せない設定の取りやめ).
    Lift {
        /// The setting's number, as written on the paper; none for every setting.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Which they were when it was taken down.
        restrictions: Vec<Lifting>,
    },
    /// Somebody no longer acts for the person (代理の取りやめ).
    EndMandates {
        /// Who.
        holder: Holder,
        /// The name.
        name: String,
    },
}

/// A restriction that a paper lifts: as it was when the paper was taken down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifting {
    /// Its id in the standing; a changed restriction has another.
    pub restriction: String,
    /// The shelf on which its `Consent` stands.
    pub shelf: CitizenId,
    /// The number of its `Consent`.
    pub consent: u64,
}

/// Whom a paper names, as the first clerk typed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperTyped {
    /// The insured number.
    pub number: String,
    /// The birth date.
    pub birth: String,
}

/// One word about a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaperWord {
    /// What was done.
    pub act: PaperAct,
    /// Who did it.
    pub by: Party,
    /// When.
    pub at: Instant,
    /// Why it was sent back.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// What is done with a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaperAct {
    /// A clerk takes it down.
    TakeDown,
    /// A second clerk has looked at it, and confirms.
    Confirm,
    /// The desk sends it back.
    SendBack,
    /// The person, or whoever acts for her, stops it.
    TakeBack,
}

/// Where a paper stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperState {
    /// It held as soon as it was taken down.
    Held,
    /// It waits for the second clerk.
    Waiting,
    /// The second clerk has confirmed it.
    Confirmed,
    /// The desk sent it back.
    SentBack,
    /// The person stopped it.
    TakenBack,
    /// Nobody confirmed it in time.
    Lapsed,
}

/// Why an act is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperFault {
    /// The caller is no clerk of a municipality's desk, or the permit is for something else.
    #[error("papers are taken down at a municipality's desk")]
    NotDesk,
    /// There is no such paper, or another desk took it.
    #[error("there is no such paper")]
    Absent,
    /// The same clerk, or one whom the paper concerns.
    #[error("another clerk is needed: nobody confirms their own, or what concerns them")]
    Oneself,
    /// It waits no more.
    #[error("the paper waits no more")]
    NotNow,
    /// Somebody else said something meanwhile.
    #[error("somebody else said something about the paper meanwhile")]
    Overtaken,
    /// The reason is missing or too long.
    #[error("a reason has 1 to {REASON_MOST} characters")]
    Reason,
    /// Too many wait at the desk, or the person has too many.
    #[error("too many papers; confirm or send back some first")]
    Full,
    /// The form was sent before.
    #[error("the form was sent before")]
    Twice,
}

/// Why a paper could not be taken, given or decided.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The act is not taken.
    #[error(transparent)]
    Fault(#[from] PaperFault),
    /// The door said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No leaf could be left.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The directory could not say who it is.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The row cannot be read.
    #[error("a paper cannot be read; the program may be older than the store")]
    Row,
}

impl PaperAct {
    /// The act with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "confirm" => Some(Self::Confirm),
            "send-back" => Some(Self::SendBack),
            "take-back" => Some(Self::TakeBack),
            _ => None,
        }
    }
}

impl PaperSays {
    /// Whether others may see or do more by it: then it needs two clerks.
    #[must_use]
    pub const fn widens(&self) -> bool {
        matches!(self, Self::Mandate(_) | Self::Lift { .. })
    }

    /// Whether a change of the standing is what the paper says.
    pub(crate) fn says(&self, change: &Change) -> bool {
        match (self, change) {
            (Self::Mandate(said), Change::Give(given)) => {
                let at = Mandate { id: String::new(), period: said.period, ..given.clone() };
                // It begins when it is confirmed, and never earlier or for longer than the paper says.
                let within = given.period.from >= said.period.from && given.period.until == said.period.until;
                within && at == Mandate { id: String::new(), ..said.clone() }
            }
            (Self::Lift { restrictions, .. }, Change::Lift { restriction, .. }) => {
                restrictions.iter().any(|one| one.restriction == *restriction)
            }
            _ => false,
        }
    }

    /// Whether somebody is the one whom it names as acting for the person.
    fn names(&self, caller: &Caller) -> bool {
        match self {
            Self::Mandate(Mandate { holder, .. }) | Self::EndMandates { holder, .. } => {
                Holder::of(caller).contains(holder)
            }
            Self::Restriction(_) | Self::Lift { .. } => false,
        }
    }
}

impl Paper {
    /// Where it stands at a moment.
    #[must_use]
    pub fn state(&self, now: Instant) -> PaperState {
        match self.words.last().map(|word| word.act) {
            Some(PaperAct::Confirm) => PaperState::Confirmed,
            Some(PaperAct::SendBack) => PaperState::SentBack,
            Some(PaperAct::TakeBack) => PaperState::TakenBack,
            _ if !self.says.widens() => PaperState::Held,
            _ if self.lapses() <= now => PaperState::Lapsed,
            _ => PaperState::Waiting,
        }
    }

    /// When it was taken down.
    #[must_use]
    pub fn taken(&self) -> Instant {
        self.words.first().map_or(Instant(0), |word| word.at)
    }

    /// When it lapses, if nobody says anything about it.
    #[must_use]
    pub fn lapses(&self) -> Instant {
        self.taken().plus_millis(WAIT_DAYS * DAY_MILLIS)
    }

    /// Whether a look is a clerk's word about it.
    #[must_use]
    pub fn is_told_by(&self, part: &LookPart) -> bool {
        let by = |word: &PaperWord| {
            let person = word.by.person.as_ref().map(PersonId::as_str);
            word.at.0 == part.time && person == Some(part.person.id.as_str())
        };
        part.decision == Decision::Written && self.words.iter().any(by)
    }

    /// Whether somebody took it down.
    #[must_use]
    pub fn is_of(&self, person: &PersonId) -> bool {
        self.words.first().is_some_and(|word| word.by.is(person))
    }
}

/// Whether somebody is a clerk at a municipality's desk now.
#[must_use]
pub fn is_desk(caller: &Caller) -> bool {
    caller.role == Role::Municipality
        && caller.purpose == Purpose::RecordManagement
        && caller.organization_kind == OrganizationKind::Municipality
        && !caller.automatic
}
