//! What follows for whoever looked, and how the door knows of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, PersonId, Role};
use tsumugi_store::{Expectation, Row, Store, Table};

use super::{Case, CaseError, keep};
use crate::{Caller, Door, Refusal};

const VERSION: u8 = 1;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Most suspensions of one person that stand at once.
const SUSPENSIONS_MOST: usize = 64;
/// For how many days somebody may be suspended: the shortest and the longest time that ends by itself.
pub const SUSPENSION_DAYS: std::ops::RangeInclusive<u16> = 1..=365;

/// What a supervisor imposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sanction {
    /// For whoever looked.
    pub penalty: Penalty,
    /// Whether the authority in charge of the profession or the organisation is told (主務官庁への通報).
    #[serde(default)]
    pub report: bool,
}

/// What whoever looked has to bear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Penalty {
    /// Nothing.
    #[default]
    None,
    /// A warning (警告).
    Warning,
    /// No look for so many days (停止).
    Days(u16),
    /// No look until a supervisor lifts it (当面の停止).
    UntilLifted,
}

/// A suspension that a case led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The case.
    pub case: u64,
    /// Since when.
    pub from: Instant,
    /// Until when; not given where a supervisor lifts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

/// The suspensions of one person, as the door keeps them.
pub(crate) type Suspensions = Arc<[Suspension]>;

#[derive(Serialize, Deserialize)]
struct Kept {
    v: u8,
    suspensions: Vec<Suspension>,
}

impl Sanction {
    /// Whether nothing follows.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Penalty {
    fn suspends(self, case: u64, from: Instant) -> Option<Suspension> {
        match self {
            Self::None | Self::Warning => None,
            Self::Days(days) => {
                Some(Suspension { case, from, until: Some(from.plus_millis(i64::from(days) * DAY_MILLIS)) })
            }
            Self::UntilLifted => Some(Suspension { case, from, until: None }),
        }
    }
}

impl Suspension {
    /// Whether it holds at a moment.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The one of some suspensions that holds longest.
fn suspended(all: &[Suspension], now: Instant) -> Option<Suspension> {
    let end = |one: &&Suspension| one.until.map_or(i64::MAX, |until| until.0);
    all.iter().filter(|one| one.holds(now)).max_by_key(end).copied()
}

/// Under which somebody is suspended: at work or as a proxy. Nobody is kept from their own record.
fn key(role: Role, person: &PersonId) -> Option<Vec<u8>> {
    let side: &[u8] = match role {
        Role::Citizen => return None,
        Role::Proxy => b"xh",
        _ => b"xw",
    };
    Some([side, person.as_str().as_bytes()].concat())
}

/// What stands in the row.
async fn kept(store: &dyn Store, key: &[u8]) -> Result<(Vec<Suspension>, Option<Vec<u8>>), CaseError> {
    let Some(bytes) = store.row(Table::Case, key).await? else { return Ok((Vec::new(), None)) };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| CaseError::Row)?;
    if kept.v == VERSION { Ok((kept.suspensions, Some(bytes.to_vec()))) } else { Err(CaseError::Row) }
}

/// What the commit of a word must carry so that the door heeds it: a suspension more or, where it is lifted, that of the
/// case less. Nothing where the word changes no suspension.
pub(super) async fn rows(
    store: &dyn Store,
    case: &Case,
    change: Change,
    now: Instant,
) -> Result<(Vec<Row>, Vec<Expectation>), CaseError> {
    let Some(key) = case.looker.person.as_ref().and_then(|person| key(case.looker.role, person)) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let added = match change {
        Change::Impose(penalty) => match penalty.suspends(case.number, now) {
            Some(added) => Some(added),
            None => return Ok((Vec::new(), Vec::new())),
        },
        Change::Lift => None,
    };
    let (mut suspensions, before) = kept(store, &key).await?;
    suspensions.retain(|one| one.case != case.number && one.until.is_none_or(|until| now < until));
    suspensions.extend(added);
    if suspensions.len() > SUSPENSIONS_MOST {
        return Err(super::CaseFault::Full.into());
    }
    // Numbers always serialise.
    let bytes = serde_json::to_vec(&Kept { v: VERSION, suspensions }).unwrap_or_default();
    let expect = vec![Expectation::Row(Table::Case, key.clone(), before)];
    Ok((vec![keep::row(key, bytes)], expect))
}

/// How a word changes who is suspended.
#[derive(Clone, Copy)]
pub(super) enum Change {
    Impose(Penalty),
    Lift,
}

/// Whether somebody is suspended at work: for signing in, which asks of a clerk who is not there.
///
/// # Errors
/// [`CaseError`].
pub async fn is_suspended_at_work(store: &dyn Store, person: &PersonId, now: Instant) -> Result<bool, CaseError> {
    let key = [b"xw", person.as_str().as_bytes()].concat();
    let (known, _) = kept(store, &key).await?;
    Ok(suspended(&known, now).is_some())
}

impl Door {
    /// The suspension under which a caller stands, if any: kept in this process, so that the door can ask at each
    /// request.
    pub(crate) async fn suspension(&self, caller: &Caller, now: Instant) -> Result<Option<Suspension>, Refusal> {
        let Some(key) = key(caller.role, &caller.person) else { return Ok(None) };
        let ticket = match self.0.suspensions.get(&key) {
            Ok(known) => return Ok(suspended(&known, now)),
            Err(ticket) => ticket,
        };
        let known: Suspensions = match kept(self.0.store.as_ref(), &key).await {
            Ok((known, _)) => known.into(),
            Err(CaseError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(Refusal::Row("suspension")),
        };
        self.0.suspensions.keep(key, Arc::clone(&known), ticket);
        Ok(suspended(&known, now))
    }

    /// Forgets what is kept of whoever looked, after a commit that may have changed it.
    pub(super) fn forget_suspension(&self, case: &Case) {
        if let Some(key) = case.looker.person.as_ref().and_then(|person| key(case.looker.role, person)) {
            self.0.suspensions.forget(&key);
        }
    }

    /// The suspension of a case's looker that the case led to, if it still stands.
    ///
    /// # Errors
    /// [`CaseError`].
    pub async fn suspension_by(&self, case: &Case, now: Instant) -> Result<Option<Suspension>, CaseError> {
        let Some(key) = case.looker.person.as_ref().and_then(|person| key(case.looker.role, person)) else {
            return Ok(None);
        };
        let (known, _) = kept(self.0.store.as_ref(), &key).await?;
        Ok(known.into_iter().find(|one| one.case == case.number && one.holds(now)))
    }
}
