//! Cases of odd looks: opened by the screening, in the commit that says how far the log is screened.

use std::collections::BTreeMap;

use tsumugi_kernel::{CitizenId, Instant, PersonId, Purpose};
use tsumugi_store::{Expectation, Row, Store, StoreError, Table};

use super::{Case, CaseError, CaseKind, Duty, Party, VERSION, keep};
use crate::screen::Reason;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// Further looks of the same looker for so many days belong to a case that is still open, so that a habit is one case.
const TOGETHER_DAYS: i64 = 31;

/// A look that was found odd.
pub(crate) struct Odd {
    /// The shelf that was asked for.
    pub citizen: CitizenId,
    /// Who looked.
    pub looker: Party,
    /// For what.
    pub purpose: Purpose,
    /// When.
    pub at: Instant,
    /// Why it is odd.
    pub reasons: Vec<Reason>,
    /// When it was found.
    pub found: Instant,
}

/// Cases that one commit opens or adds to.
#[derive(Default)]
pub(crate) struct Gathered(BTreeMap<u64, (Case, Option<Vec<u8>>)>);

impl Gathered {
    /// Takes in an odd look: into the looker's open case about the person, or into a new one.
    pub(crate) async fn take(&mut self, store: &dyn Store, odd: Odd) -> Result<(), CaseError> {
        if let Some(case) = self.0.values_mut().map(|(case, _)| case).find(|case| is_open_for(case, &odd)) {
            add(case, &odd);
            return Ok(());
        }
        for case in keep::cases_of(store, odd.citizen).await? {
            // What this commit knows of a case is newer.
            if !self.0.contains_key(&case.number)
                && is_open_for(&case, &odd)
                && let Some((mut case, before)) = keep::known(store, case.number).await?
            {
                add(&mut case, &odd);
                self.0.insert(case.number, (case, Some(before)));
                return Ok(());
            }
        }
        let case = Case {
            v: VERSION,
            number: store.reserve(1),
            kind: CaseKind::OddLook,
            citizen: odd.citizen,
            looker: odd.looker,
            purpose: odd.purpose,
            reasons: odd.reasons,
            opened: odd.at,
            ends: odd.at.plus_millis(1),
            deadline: Duty::Judge.deadline(odd.found),
            about: None,
            words: Vec::new(),
        };
        self.0.insert(case.number, (case, None));
        Ok(())
    }

    /// Whether one of them is about a person.
    pub(crate) fn are_about(&self, citizen: CitizenId) -> bool {
        self.0.values().any(|(case, _)| case.citizen == citizen)
    }

    /// The rows, and the expectation that nobody said anything meanwhile about a case that is added to.
    pub(crate) fn finish(self) -> (Vec<Row>, Vec<Expectation>) {
        let (mut rows, mut expect) = (Vec::new(), Vec::new());
        for (case, before) in self.0.into_values() {
            let known: Option<Case> = before.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
            rows.extend(keep::rows(known.as_ref(), &case));
            let key = keep::case_key(case.number);
            if let (None, Some(looker)) = (&before, &case.looker.person) {
                rows.push(keep::row(odd_key(&case, looker), case.number.to_be_bytes().to_vec()));
                rows.push(keep::row(keep::lately_key(looker, case.opened, case.number), Vec::new()));
            }
            expect.push(Expectation::Row(Table::Case, key, before));
        }
        (rows, expect)
    }
}

/// Whether there is a case about a person.
pub(crate) async fn is_about(store: &dyn Store, citizen: CitizenId) -> Result<bool, StoreError> {
    Ok(!store.rows(Table::Case, &keep::citizens(b"b", citizen), None, 1).await?.is_empty())
}

fn is_open_for(case: &Case, odd: &Odd) -> bool {
    let near = (odd.at.0 - case.ends.0).abs() <= TOGETHER_DAYS * DAY_MILLIS;
    case.kind == CaseKind::OddLook
        && case.citizen == odd.citizen
        && case.looker.person == odd.looker.person
        && case.looker.organization == odd.looker.organization
        && case.purpose == odd.purpose
        && case.closed().is_none()
        && near
}

fn add(case: &mut Case, odd: &Odd) {
    case.opened = case.opened.min(odd.at);
    case.ends = case.ends.max(odd.at.plus_millis(1));
    for reason in &odd.reasons {
        if !case.reasons.contains(reason) {
            case.reasons.push(*reason);
        }
    }
    case.reasons.sort_unstable();
}

/// Under which the case is found from the citizen: beside those that broke the glass, and like none of theirs, because its
/// number stands in it.
fn odd_key(case: &Case, looker: &PersonId) -> Vec<u8> {
    let mut key = keep::broken_key(case.citizen, looker, case.opened);
    key.push(0);
    key.extend(case.number.to_be_bytes());
    key
}
