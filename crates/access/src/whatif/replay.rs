//! Reading decisions back from the log and asking them again.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use tsumugi_kernel::{CitizenId, Instant, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_ledger::{Label, LedgerError, LookPart, Part, leaf::LeafView, look::Decision};
use tsumugi_people::{Organization, PeopleError, Shelves};
use tsumugi_store::{StoreError, StoredLeaf, Table};

use super::{Changed, Counted, Effect, Key, WhatIf, rows};
use crate::{
    Action, Caller, CategoryMask, Door, Refusal, Rule, Standing, leaf,
    policy::{Circumstances, Policies, Verdict},
    roles,
    standing::Past,
};

/// Leaves read from the store at once.
const PAGE: u64 = 1_024;
/// After so many pages in a row without a decision that is young enough, no more are read.
const OLD_PAGES: u32 = 64;
/// Rows read from the directory at once.
const ROWS: usize = 4_096;
/// Most standings kept at once; what is beyond is read again.
const STANDINGS_MOST: usize = 100_000;
/// What stands as the rule in the leaf of a request that was refused before the policies were asked.
const NO_POLICY: [&str; 5] = ["expired", "suspended", "outside-table", "outside-scope", "no-disaster"];
/// The rule that stands in the leaf of a sign-in that was given for another citizen.
const BOUND: &str = "one-citizen-per-sign-in";

/// Why decisions could not be asked again.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory could not answer.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// A leaf is not what the log says.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A standing could not be read.
    #[error(transparent)]
    Standing(#[from] Refusal),
}

impl Door {
    /// Asks the newest decisions since `since`, at most `most` of them, again of `other` policies. `seen` is told after
    /// each page how many of how many have been read.
    ///
    /// # Errors
    /// [`WhatIfError`].
    pub async fn what_if(
        &self,
        other: &Policies,
        since: Instant,
        most: u64,
        seen: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<WhatIf, WhatIfError> {
        let mut end = self.0.store.status().leaves;
        let whole = end.min(most);
        let mut replay = Replay::new(self, other, since).await?;
        // The newest first, until there are only older ones: a log is nearly in the order of time, and a store into which many
        // pasts were brought is not.
        let (mut left, mut old) = (whole, 0);
        while left > 0 {
            let from = end.saturating_sub(PAGE.min(left));
            let page = self.0.store.log(from, end).await?;
            let mut young = false;
            for stored in page.iter().rev() {
                young |= replay.again(stored).await?;
            }
            old = if young { 0 } else { old + 1 };
            if page.is_empty() || old == OLD_PAGES {
                break;
            }
            (left, end) = (left - (end - from), from);
            seen(whole - left, whole);
        }
        Ok(replay.result())
    }
}

/// The reviewer's part of a leaf, with whose it is.
fn read(door: &Door, stored: &StoredLeaf) -> Result<(Label, LookPart), WhatIfError> {
    let leaf = LeafView::new(&stored.bytes)?;
    let plain = door.0.keys.open(Part::Reviewer, &leaf.label, leaf.body)?;
    Ok((leaf.label, LookPart::from_bytes(&plain)?))
}

/// A citizen as a replay knows them.
struct Known {
    shelves: Arc<Shelves>,
    /// Of each shelf what holds now, with what was replaced since the first decision.
    each: Vec<(Arc<Standing>, Vec<Past>)>,
    /// All of them together, as of now.
    now: Arc<Standing>,
}

impl Known {
    /// What was known at a moment.
    fn then(&self, at: Instant) -> Arc<Standing> {
        if self.each.iter().all(|(now, past)| past.is_empty() && !now.is_newer_than(at)) {
            return Arc::clone(&self.now);
        }
        let each = self.each.iter().map(|(now, past)| now.as_known(past, at));
        Arc::new(each.reduce(|sum, own| sum.with(&own)).unwrap_or_default())
    }
}

struct Replay<'a> {
    door: &'a Door,
    other: &'a Policies,
    since: Instant,
    citizens: HashMap<Label, CitizenId>,
    known: HashMap<CitizenId, Known>,
    kinds: HashMap<String, Option<OrganizationKind>>,
    counted: BTreeMap<Key, Counted>,
    sum: WhatIf,
}

impl<'a> Replay<'a> {
    /// Labels are blinded, so every citizen's is computed once.
    async fn new(door: &'a Door, other: &'a Policies, since: Instant) -> Result<Self, WhatIfError> {
        let mut citizens = HashMap::new();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let page = door.0.store.rows(Table::Citizen, b"", after.as_deref(), ROWS).await?;
            for (key, _) in &page {
                if let Some(id) = key.first_chunk::<8>().filter(|_| key.len() == 8) {
                    let citizen = CitizenId(u64::from_be_bytes(*id));
                    citizens.insert(leaf::label(&door.0, citizen), citizen);
                }
            }
            match page.last() {
                Some((key, _)) if page.len() == ROWS => after = Some(key.to_vec()),
                _ => break,
            }
        }
        let (known, kinds, counted) = (HashMap::new(), HashMap::new(), BTreeMap::new());
        Ok(Self { door, other, since, citizens, known, kinds, counted, sum: WhatIf::default() })
    }

    /// Asks one decision again, if it is young enough; says whether it was.
    async fn again(&mut self, stored: &StoredLeaf) -> Result<bool, WhatIfError> {
        let (label, part) = read(self.door, stored)?;
        let at = Instant(part.time);
        if at < self.since {
            return Ok(false);
        }
        self.sum.read += 1;
        self.sum.first = Some(self.sum.first.map_or(at, |first| first.min(at)));
        self.sum.last = Some(self.sum.last.map_or(at, |last| last.max(at)));
        let Some((caller, action)) = self.asker(&part).await? else {
            self.sum.unlike += 1;
            return Ok(true);
        };
        let group = action.group();
        if part.decision == Decision::Refused
            && (NO_POLICY.contains(&part.rule.as_str()) || !roles::may_ask(caller.role, caller.purpose, group))
        {
            self.sum.outside += 1;
            return Ok(true);
        }
        let Some(citizen) = self.citizens.get(&label).copied() else {
            self.sum.unlike += 1;
            return Ok(true);
        };
        let circumstances = self.circumstances(citizen, &caller, &part, at).await?;
        let allowed = part.decision != Decision::Refused;
        let now = Said::of(self.door.policies().ask(&caller, group, &circumstances));
        if now.is_some() != allowed {
            self.sum.unlike += 1;
            return Ok(true);
        }
        let then = Said::of(self.other.ask(&caller, group, &circumstances));
        let effect = match (&now, &then) {
            (None, None) => None,
            (None, Some(_)) => Some(Effect::Allowed),
            (Some(_), None) => Some(Effect::Refused),
            (Some(now), Some(then)) if now.opens == then.opens => None,
            (Some(now), Some(then)) if now.opens.union(then.opens) == then.opens => Some(Effect::Wider),
            (Some(_), Some(_)) => Some(Effect::Narrower),
        };
        let Some(effect) = effect else {
            self.sum.same += 1;
            return Ok(true);
        };
        let key = Key {
            effect,
            role: caller.role,
            organization: caller.organization_kind,
            purpose: caller.purpose,
            group,
            rule: now.map_or(part.rule, |said| said.rules),
            other: then.map(|said| said.rules).unwrap_or_default(),
        };
        let counted = self.counted.entry(key).or_default();
        counted.decisions += 1;
        counted.people.insert(hashed(caller.person.as_str()));
        counted.organizations.insert(hashed(caller.organization.as_str()));
        counted.citizens.insert(label.0);
        Ok(true)
    }

    /// Who asked, as far as a decision depends on it; `None` where the organisation or a code is not known any more.
    async fn asker(&mut self, part: &LookPart) -> Result<Option<(Caller, Action)>, WhatIfError> {
        let action = Action::ALL.iter().copied().find(|action| action.code() == part.action);
        let organization = OrganizationId::new(&part.organization.id).ok();
        let kind = match self.kinds.get(&part.organization.id) {
            Some(kind) => *kind,
            None => {
                let known = match &organization {
                    Some(id) => self.door.directory().organization(id).await?.map(|known| known.kind),
                    None => None,
                };
                self.kinds.insert(part.organization.id.clone(), known);
                known
            }
        };
        let (Some(action), Some(organization), Some(organization_kind), Ok(person), Some(role), Some(purpose)) = (
            action,
            organization,
            kind,
            PersonId::new(&part.person.id),
            Role::from_code(&part.role),
            Purpose::from_code(&part.purpose),
        ) else {
            return Ok(None);
        };
        let place = Organization::new(organization, String::new(), organization_kind);
        let caller = Caller {
            automatic: part.automatic,
            reason: part.reason.clone(),
            // Only the rule of the second step shows that it was taken.
            whole: part.rule.split(' ').any(|rule| rule.ends_with("-whole")),
            ..Caller::new((person, String::new()), &place, role, purpose, Instant(i64::MAX))
        };
        Ok(Some((caller, action)))
    }

    /// What held of the citizen and the asker at that moment.
    async fn circumstances(
        &mut self,
        citizen: CitizenId,
        caller: &Caller,
        part: &LookPart,
        at: Instant,
    ) -> Result<Circumstances, WhatIfError> {
        if !self.known.contains_key(&citizen) {
            if self.known.len() >= STANDINGS_MOST {
                self.known.clear();
            }
            let shelves = self.door.directory().shelves(citizen).await?;
            let now = self.door.standing_over(&shelves).await?;
            let mut each = Vec::with_capacity(shelves.all().len());
            for shelf in shelves.all() {
                let past = self.door.replaced_since(*shelf, self.since).await?;
                each.push((self.door.standing(*shelf).await?, past));
            }
            self.known.insert(citizen, Known { shelves, each, now });
        }
        let Some(known) = self.known.get(&citizen) else { return Ok(Circumstances::default()) };
        let (shelves, standing) = (&known.shelves, known.then(at));
        let mandated = self.door.mandated(caller, shelves, &standing, at).await?;
        let circumstances = crate::door::circumstances(caller, shelves, &standing, mandated.as_ref(), at);
        Ok(Circumstances {
            disaster: part.opening.is_some(),
            // Whose sign-in it was does not stand in a leaf; what was decided says it.
            own: caller.role == Role::Citizen && part.decision != Decision::Refused,
            bound_to_another: part.decision == Decision::Refused && part.rule.split(' ').any(|rule| rule == BOUND),
            ..circumstances
        })
    }

    fn result(self) -> WhatIf {
        let changed: Vec<Changed> = rows(self.counted);
        WhatIf { changed, ..self.sum }
    }
}

/// What policies grant.
struct Said {
    rules: String,
    /// All categories that are opened, with what only one's own facts are opened for, and what a law opens.
    opens: CategoryMask,
}

impl Said {
    fn of(verdict: Verdict<'_>) -> Option<Self> {
        let Verdict::Granted(rules) = verdict else { return None };
        let opens = |rule: &&&Rule| !rule.own_facts_only && !rule.shows.is_empty();
        Some(Self {
            rules: rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(" "),
            opens: rules.iter().filter(opens).map(|rule| rule.shows).fold(CategoryMask::NONE, CategoryMask::union),
        })
    }
}

/// Ids are only counted, so a number for each suffices.
fn hashed(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}
