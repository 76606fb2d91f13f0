//! Cases: somebody is called to account, by clocks that everybody can read.
//!
//! One notion for every kind ([`CaseKind`]): a look that breaks the glass opens a case in the commit of its first leaf
//! ([`crate::Permit::seal`]), so that there is no look of that kind without one; the screening opens one for an odd look
//! ([`crate::Door::screen`]), with its reasons; a citizen opens one by objecting to a
//! look ([`Door::object`](crate::Door::object)) or by wishing a fact corrected
//! ([`Door::wish`](crate::Door::wish)). What follows are words ([`CaseWord`], [`Door::say`](crate::Door::say)): whose
//! turn it is ([`Turn`]) and until when, the newest word says. Whatever is late stands first in the supervising body's
//! queue, which goes by deadline; nobody has to carry it there.
//!
//! What must hold: a case names who looked, and never in words whom they looked at; what was typed as the reason of a look
//! stands in the sealed leaf alone. Nobody judges their own look.

mod deadline;
mod judge;
mod keep;
mod odd;
mod open;
mod raise;
mod sanction;
mod statistics;
mod word;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, FactKey, Instant, OrganizationId, PersonId, Purpose, Role};
use tsumugi_ledger::{LookPart, look::Decision};

pub use deadline::Duty;
pub use judge::{CaseFault, REASON_MOST, Saying, may_answer, supervises};
pub(crate) use keep::cases_of;
pub use keep::{CaseError, ClosedPlace, OfficePlace, QueuePlace};
pub(crate) use odd::{Gathered, Odd, is_about};
pub(crate) use open::opening;
pub(crate) use sanction::Suspensions;
pub use sanction::{Penalty, SUSPENSION_DAYS, Sanction, Suspension, is_suspended_at_work};
pub use statistics::CaseClock;
pub use word::{CaseAct, CaseVerdict, CaseWord, Concern};

use crate::{Caller, screen::Reason};

pub(crate) const VERSION: u8 = 1;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub(crate) v: u8,
    /// Its number, unique in the store.
    pub number: u64,
    /// Why there is one.
    #[serde(default, skip_serializing_if = "CaseKind::is_break_glass")]
    pub kind: CaseKind,
    /// The shelf that was asked for.
    pub citizen: CitizenId,
    /// Who is called to account: who looked, or the organisation that wrote the fact.
    pub looker: Party,
    /// For what: the purpose of the looks, or of whoever opened it.
    #[serde(default = "breaking")]
    pub purpose: Purpose,
    /// Why a look is odd, in the order of the table of signals; empty for every other kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// When it was opened: of odd looks, when the first was decided.
    pub opened: Instant,
    /// When what the looker had been given ended, or just after the newest odd look: looks of this case lie before it.
    pub ends: Instant,
    /// The day by whose end whoever has the turn has spoken.
    pub deadline: Date,
    /// The look or fact that the citizen named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// What was said, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<CaseWord>,
}

/// Why there is a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// A look broke the glass (見せない設定をこえた閲覧).
    #[default]
    BreakGlass,
    /// The screening found a look odd (ふつうでない閲覧).
    OddLook,
    /// The citizen objects to a look (閲覧への異議).
    Objection,
    /// The citizen wishes a fact corrected (訂正の求め).
    Correction,
}

const fn breaking() -> Purpose {
    Purpose::BreakGlass
}

/// What a case is about, where the citizen opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// A look.
    Look {
        /// When it was, as its leaf says.
        time: Instant,
        /// What was done, as its leaf says.
        action: String,
        /// For which purpose, as its leaf says.
        purpose: String,
        /// Whether it told who the person is.
        told: bool,
        /// Why she objects.
        concern: Concern,
    },
    /// A fact.
    Fact {
        /// Its kind's number.
        kind: u8,
        /// Its number.
        fact: u64,
        /// The shelf on which it stands.
        shelf: CitizenId,
        /// Which version of it she means.
        version: u32,
    },
}

/// Somebody with a part in a case: who looked, who answers, who judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The person; none where an organisation as a whole is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// The name; the organisation's where it is meant as a whole.
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

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseState {
    /// A supervisor is to judge.
    Open,
    /// Whoever looked, or the organisation, is to answer.
    Asked,
    /// There is an answer; the citizen says whether it is enough.
    Answered,
    /// A supervisor found that the fact is to be corrected; its author is to do it.
    Upheld,
    /// It is judged.
    Judged(CaseVerdict),
    /// The citizen was content, or took it back.
    Settled,
}

/// Whose word is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The supervising body's.
    Supervisor,
    /// The organisation's.
    Organization,
    /// The citizen's.
    Citizen,
    /// Nobody's: it is closed.
    Nobody,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::BreakGlass, Self::OddLook, Self::Objection, Self::Correction];

    /// The code as answers write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BreakGlass => "break-glass",
            Self::OddLook => "odd-look",
            Self::Objection => "objection",
            Self::Correction => "correction",
        }
    }

    /// Whether the citizen opens cases of the kind.
    #[must_use]
    pub const fn is_citizens(self) -> bool {
        matches!(self, Self::Objection | Self::Correction)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
    fn is_break_glass(&self) -> bool {
        *self == Self::BreakGlass
    }
}

impl Case {
    /// Where it stands: as the newest word says.
    #[must_use]
    pub fn state(&self) -> CaseState {
        if let Some(verdict) = self.judged() {
            return CaseState::Judged(verdict);
        }
        match self.words.last().map(|word| word.act) {
            Some(CaseAct::Accept) => CaseState::Settled,
            _ => match self.turn() {
                Turn::Organization if self.upheld().is_some() => CaseState::Upheld,
                Turn::Organization => CaseState::Asked,
                Turn::Citizen => CaseState::Answered,
                Turn::Supervisor | Turn::Nobody => CaseState::Open,
            },
        }
    }

    /// Whose word is next.
    #[must_use]
    pub fn turn(&self) -> Turn {
        match self.words.last().map(|word| word.act) {
            None | Some(CaseAct::Insist) => Turn::Supervisor,
            Some(CaseAct::Object | CaseAct::Wish | CaseAct::Explain) => Turn::Organization,
            // What was found right to correct is the author's to do, until it is done.
            Some(CaseAct::Unfit) if self.kind == CaseKind::Correction => Turn::Organization,
            Some(CaseAct::Corrected) if self.upheld().is_some() => Turn::Nobody,
            Some(CaseAct::Answer | CaseAct::Corrected | CaseAct::Annotated | CaseAct::Refused) => {
                // What a supervisor asked is answered to the supervisor.
                let asked = self.words.iter().rev().find(|word| !word.act.is_organizations());
                let citizens = asked.is_some_and(|word| matches!(word.act, CaseAct::Object | CaseAct::Wish));
                if citizens { Turn::Citizen } else { Turn::Supervisor }
            }
            Some(CaseAct::Accept | CaseAct::Fine | CaseAct::Unfit | CaseAct::Lift) => Turn::Nobody,
        }
    }

    /// What was found in the end.
    #[must_use]
    pub fn judged(&self) -> Option<CaseVerdict> {
        let found = self.words.iter().rev().find_map(|word| word.act.verdict());
        found.filter(|verdict| *verdict != CaseVerdict::Explain && self.turn() == Turn::Nobody)
    }

    /// When a supervisor found that a fact is to be corrected: the first time, because what follows cannot be put off.
    #[must_use]
    pub fn upheld(&self) -> Option<Instant> {
        let first = self.words.iter().find(|word| word.act == CaseAct::Unfit);
        first.filter(|_| self.kind == CaseKind::Correction).map(|word| word.at)
    }

    /// Whether a fact was to be corrected, and its author has let the time pass: then every reader is told beside the fact.
    #[must_use]
    pub fn is_ignored(&self, today: Date) -> bool {
        let late = |at: Instant| Duty::Amend.deadline(at) < today;
        self.turn() == Turn::Organization && self.upheld().is_some_and(late)
    }

    /// When it was closed.
    #[must_use]
    pub fn closed(&self) -> Option<Instant> {
        let end = |word: &&CaseWord| {
            matches!(word.act, CaseAct::Accept | CaseAct::Fine | CaseAct::Unfit)
                || (word.act == CaseAct::Corrected && self.upheld().is_some())
        };
        self.words.iter().rev().find(end).filter(|_| self.turn() == Turn::Nobody).map(|word| word.at)
    }

    /// Whether the turn's time is over on a day.
    #[must_use]
    pub fn is_late(&self, today: Date) -> bool {
        self.turn() != Turn::Nobody && self.deadline < today
    }

    /// Whether anybody was ever asked to answer.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.words.iter().any(|word| matches!(word.act, CaseAct::Object | CaseAct::Wish | CaseAct::Explain))
    }

    /// Whether a supervisor may judge it now: what the citizen and the organisation settle between them waits until one
    /// insists or the other is late.
    #[must_use]
    pub fn is_judged_on(&self, today: Date) -> bool {
        !self.kind.is_citizens() || self.turn() == Turn::Supervisor || self.is_late(today)
    }

    /// The fact that is to be corrected.
    #[must_use]
    pub fn fact(&self) -> Option<FactKey> {
        match &self.about {
            Some(About::Fact { kind, fact, shelf, .. }) => {
                Some(FactKey { citizen: *shelf, kind: tsumugi_kernel::Kind::from_number(*kind)?, number: *fact })
            }
            _ => None,
        }
    }

    /// Whether a look is one of this case. Of a broken glass: the same person's, past the person's limits, in the time
    /// that was given. Of an objection: the look that was named.
    #[must_use]
    pub fn covers(&self, look: &LookPart) -> bool {
        let looker = self.looker.person.as_ref().is_some_and(|person| person.as_str() == look.person.id)
            && look.organization.id == self.looker.organization.as_str();
        let within = looker && look.purpose == self.purpose.code() && (self.opened.0..self.ends.0).contains(&look.time);
        match (&self.about, self.kind) {
            (Some(About::Look { time, action, purpose, .. }), _) => {
                looker && time.0 == look.time && *action == look.action && *purpose == look.purpose
            }
            // A refused look breaks no glass; it can be odd.
            (None, CaseKind::BreakGlass) => within && look.decision == Decision::Shown,
            (None, CaseKind::OddLook) => within && look.decision != Decision::Written && !look.automatic,
            _ => false,
        }
    }
}

impl Party {
    pub(crate) fn of(caller: &Caller) -> Self {
        Self {
            person: Some(caller.person.clone()),
            name: caller.person_name.clone(),
            qualification: caller.qualification.clone(),
            role: caller.role,
            organization: caller.organization.clone(),
            organization_name: caller.organization_name.clone(),
        }
    }

    /// Whoever speaks in a case. INVARIANT: a case never says in words whom it is about, so the citizen's side has no name.
    pub(crate) fn speaking(caller: &Caller) -> Self {
        let home = matches!(caller.role, Role::Citizen | Role::Proxy);
        let named = Self::of(caller);
        if home { Self { name: String::new(), organization_name: String::new(), ..named } } else { named }
    }

    /// Whether the party is this person.
    #[must_use]
    pub fn is(&self, person: &PersonId) -> bool {
        self.person.as_ref() == Some(person)
    }
}
