//! What if other rules held: decisions that were recorded, asked again of other policies.
//!
//! Rules bind everybody, so they are tried before they do. The log has every decision with who asked, as what, for what, and
//! the rule that decided; what else a decision depends on (care relations, mandates, consents) stands in the citizens'
//! standings with the days on which it held. So a decision is asked again as it was asked then, of the policies that are
//! tried, and what would have come out otherwise is counted.
//!
//! What must hold: a result names roles, kinds of organisation and rules, and nobody; a decision that today's policies do
//! not give again as it was recorded is counted apart and says nothing about the policies that are tried.

mod replay;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use tsumugi_kernel::{Instant, OrganizationKind, Purpose, Role};

pub use replay::WhatIfError;

use crate::ActionGroup;

/// What a change of the rules would have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// Decisions that were read.
    pub read: u64,
    /// When the first of them was made.
    pub first: Option<Instant>,
    /// When the last was.
    pub last: Option<Instant>,
    /// Decisions that no policy makes: a sign-in that had run out, a role that may not ask for that at all.
    pub outside: u64,
    /// Decisions that the policies that hold do not give again: what they rested on is not known any more, or they were
    /// made under other policies.
    pub unlike: u64,
    /// Decisions that would have been the same.
    pub same: u64,
    /// Who would have been decided about otherwise, the most frequent first.
    pub changed: Vec<Changed>,
}

/// Decisions of one kind that would have come out otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What would have become of them.
    pub effect: Effect,
    /// In which role.
    pub role: Role,
    /// At which kind of organisation.
    pub organization: OrganizationKind,
    /// For what.
    pub purpose: Purpose,
    /// What was asked for.
    pub group: ActionGroup,
    /// Ids of the rules that decided.
    pub rule: String,
    /// Ids of the rules that would have.
    pub other: String,
    /// How many decisions.
    pub decisions: u64,
    /// By how many people.
    pub people: u64,
    /// Of how many organisations.
    pub organizations: u64,
    /// About how many citizens.
    pub citizens: u64,
}

/// What would have become of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It was refused and would have been allowed.
    Allowed,
    /// It was allowed and would have been refused.
    Refused,
    /// It was allowed and would have opened more categories.
    Wider,
    /// It was allowed and would have opened fewer, or others.
    Narrower,
}

impl Effect {
    /// Every effect, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Allowed, Self::Refused, Self::Wider, Self::Narrower];

    /// The code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Wider => "wider",
            Self::Narrower => "narrower",
        }
    }
}

impl WhatIf {
    /// How many decisions would have had an effect.
    #[must_use]
    pub fn count(&self, effect: Effect) -> u64 {
        self.changed.iter().filter(|changed| changed.effect == effect).map(|changed| changed.decisions).sum()
    }
}

/// Under what changed decisions are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    effect: Effect,
    role: Role,
    organization: OrganizationKind,
    purpose: Purpose,
    group: ActionGroup,
    rule: String,
    other: String,
}

/// Who is counted under a key.
#[derive(Default)]
struct Counted {
    decisions: u64,
    people: HashSet<u64>,
    organizations: HashSet<u64>,
    citizens: HashSet<[u8; 32]>,
}

/// The counted, in order.
fn rows(counted: BTreeMap<Key, Counted>) -> Vec<Changed> {
    let row = |(key, counted): (Key, Counted)| Changed {
        effect: key.effect,
        role: key.role,
        organization: key.organization,
        purpose: key.purpose,
        group: key.group,
        rule: key.rule,
        other: key.other,
        decisions: counted.decisions,
        people: counted.people.len() as u64,
        organizations: counted.organizations.len() as u64,
        citizens: counted.citizens.len() as u64,
    };
    let mut rows: Vec<Changed> = counted.into_iter().map(row).collect();
    rows.sort_by_key(|row| (row.effect, std::cmp::Reverse(row.decisions)));
    rows
}
