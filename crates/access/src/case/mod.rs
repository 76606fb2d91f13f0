//! Cases: every look that breaks the glass, and every odd one, is looked into by somebody who had no part in it.
//!
//! A case is opened by the commit that leaves the first leaf of such a look ([`crate::Permit::seal`]), so that there is
//! no look of that kind without its case; further looks under the same typed reason belong to it. A case of an odd look is opened by the
//! screening ([`crate::Door::screen`]) with its reasons; further odd looks of the same looker belong to it. It stands in the
//! supervising body's queue until it is judged ([`crate::Door::judge`]), by its deadline.
//!
//! What must hold: a case names who looked, and never in words whom they looked at; what was typed as the reason stands
//! in the sealed leaf alone. Nobody judges their own look.

mod judge;
mod keep;
mod odd;
mod open;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, PersonId, Purpose, Role};
use tsumugi_ledger::{LookPart, look::Decision};

pub use judge::{CaseFault, REASON_MOST, supervises};
pub use keep::{CaseError, QueuePlace};
pub(crate) use odd::{Gathered, Odd, is_about};
pub(crate) use open::opening;

use crate::{Caller, screen::Reason};

pub(crate) const VERSION: u8 = 1;
/// How many working days the supervising body has, from the day after the look; and, once it has asked for an
/// explanation, from the day after that.
pub const WORKING_DAYS: u32 = 5;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub(crate) v: u8,
    /// Its number, unique in the store.
    pub number: u64,
    /// Why there is a case.
    #[serde(default)]
    pub kind: CaseKind,
    /// The shelf that was asked for.
    pub citizen: CitizenId,
    /// Who looked.
    pub looker: Party,
    /// For what.
    #[serde(default = "breaking")]
    pub purpose: Purpose,
    /// Why a look is odd, in the order of the table of signals; empty for one that broke the glass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// When the first look was decided.
    pub opened: Instant,
    /// When what the looker had been given ended, or just after the newest odd look: looks of this case lie before it.
    pub ends: Instant,
    /// The day by whose end the supervising body has judged.
    pub deadline: Date,
    /// What supervisors said, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<CaseWord>,
}

/// Why there is a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// A look broke the glass (緊急アクセス).
    #[default]
    BreakGlass,
    /// The screening found a look odd (ふつうでない閲覧).
    OddLook,
}

const fn breaking() -> Purpose {
    Purpose::BreakGlass
}

/// Somebody with a part in a case: who looked, who judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The person.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The qualification in words, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualification: Option<String>,
    /// In which role.
    pub role: Role,
    /// For which organisation.
    pub organization: OrganizationId,
    /// Its name.
    pub organization_name: String,
}

/// What a supervisor said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseWord {
    /// Who.
    pub by: Party,
    /// What.
    pub verdict: CaseVerdict,
    /// Why, in the supervisor's own words: for supervisors.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// What a supervisor finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseVerdict {
    /// The look was right (問題なし).
    Fine,
    /// Whoever looked is to explain (説明を求める). The case stays open.
    Explain,
    /// The look was wrong (不適切).
    Unfit,
}

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// Nobody has said anything.
    Open,
    /// An explanation was asked for.
    Asked,
    /// It is judged.
    Judged(CaseVerdict),
}

impl CaseVerdict {
    /// Every verdict.
    pub const ALL: &'static [Self] = &[Self::Fine, Self::Explain, Self::Unfit];

    /// The code as forms send it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Explain => "explain",
            Self::Unfit => "unfit",
        }
    }

    /// The verdict with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verdict| verdict.code() == code)
    }
}

impl Case {
    /// Where it stands: as the newest word says.
    #[must_use]
    pub fn state(&self) -> CaseState {
        match self.words.last().map(|word| word.verdict) {
            None => CaseState::Open,
            Some(CaseVerdict::Explain) => CaseState::Asked,
            Some(verdict) => CaseState::Judged(verdict),
        }
    }

    /// Whether a look is one of this case: the same person's, for the same purpose, in the time that was given or in which
    /// odd looks lie. A refused look breaks no glass; it can be odd.
    #[must_use]
    pub fn covers(&self, look: &LookPart) -> bool {
        let counts = match self.kind {
            CaseKind::BreakGlass => look.decision == Decision::Shown,
            CaseKind::OddLook => look.decision != Decision::Written && !look.automatic,
        };
        counts
            && look.purpose == self.purpose.code()
            && look.person.id == self.looker.person.as_str()
            && look.organization.id == self.looker.organization.as_str()
            && (self.opened.0..self.ends.0).contains(&look.time)
    }
}

impl Party {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            person: caller.person.clone(),
            name: caller.person_name.clone(),
            qualification: caller.qualification.clone(),
            role: caller.role,
            organization: caller.organization.clone(),
            organization_name: caller.organization_name.clone(),
        }
    }
}
