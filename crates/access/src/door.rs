//! The door itself: one decision per request.

use std::sync::Arc;

use jiff::{Span, civil::Date};
use tsumugi_kernel::{CitizenId, Clock, Entropy, Instant, MasterSecret, Purpose, RecordCategory, Role};
use tsumugi_ledger::{Label, LeafKeys};
use tsumugi_people::{Directory, PeopleError, Shelves, Vault, cache::Cache, protect::has_duty};
use tsumugi_store::{Batch, Store, StoreError, Table};
use zeroize::Zeroizing;

use crate::{
    Action, ActionGroup, Caller, CategoryMask, Change, Holder, Lens, Mandate, OnBehalf, Permit, PolicyProfile, Receipt,
    Refusal, Request, Restriction, Rule, SealError, Shown, Standing, StandingFault, StandingWrite, Whereabouts,
    case::Suspensions,
    disaster::Openings,
    leaf,
    policy::{Circumstances, Policies, PolicyFault, Verdict},
    roles,
    standing::{self, Past},
};

/// Standings kept in this process; one is a few hundred bytes.
const CACHED: usize = 100_000;
/// Policies that held once, kept in this process.
const PAST_POLICIES: usize = 8;

/// The door. Cheap to clone; one per store.
#[derive(Clone)]
pub struct Door(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) policies: Arc<Policies>,
    pub(crate) keys: LeafKeys,
    pub(crate) label_key: Zeroizing<[u8; 32]>,
    pub(crate) link_key: Zeroizing<[u8; 32]>,
    pub(crate) mail_key: Zeroizing<[u8; 32]>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) directory: Directory,
    vault: Vault,
    standings: Cache<CitizenId, Arc<Standing>>,
    /// Whose chains this process has lately asked for, for the screening: a label does not tell.
    pub(crate) labels: Cache<Label, CitizenId>,
    pub(crate) suspensions: Cache<Vec<u8>, Suspensions>,
    pub(crate) past_policies: Cache<Instant, Arc<Policies>>,
    pub(crate) openings: Cache<(), Openings>,
}

/// Why a change of a standing could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The change is not allowed or does not fit.
    #[error(transparent)]
    Fault(#[from] StandingFault),
    /// The store could not read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The row cannot be read.
    #[error("a citizen's standing cannot be read; the program may be older than the store")]
    Row,
}

/// Why a change of a standing was not made.
#[derive(Debug, thiserror::Error)]
pub enum AloneError {
    /// It could not be prepared.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// It was not written.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// For whom a person may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WardOf {
    /// The citizen.
    pub citizen: CitizenId,
    /// How the two are related.
    pub relation: String,
}

impl Door {
    /// The door of a deployment, with a profile's policies.
    ///
    /// # Errors
    /// [`PolicyFault`] when a policy is not of its form; the server must not start then.
    pub fn new(
        store: Arc<dyn Store>,
        profile: PolicyProfile,
        secret: &MasterSecret,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, PolicyFault> {
        Ok(Self::with_policies(store, Policies::load(profile)?, secret, clock, entropy))
    }

    /// The door with policies from elsewhere: for trying out rules before they bind.
    #[must_use]
    pub fn with_policies(
        store: Arc<dyn Store>,
        policies: Policies,
        secret: &MasterSecret,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self(Arc::new(Inner {
            directory: Directory::new(Arc::clone(&store)),
            vault: Vault::new(Arc::clone(&store), secret, Arc::clone(&entropy)),
            store,
            policies: Arc::new(policies),
            keys: LeafKeys::new(*secret.derive("tsumugi/leaf/citizen/1"), *secret.derive("tsumugi/leaf/reviewer/1")),
            label_key: secret.derive("tsumugi/leaf/label/1"),
            link_key: secret.derive("tsumugi/link/1"),
            mail_key: secret.derive("tsumugi/mail/1"),
            entropy,
            clock,
            standings: Cache::new(CACHED),
            labels: Cache::new(CACHED),
            suspensions: Cache::new(CACHED),
            past_policies: Cache::new(PAST_POLICIES),
            openings: Cache::new(1),
        }))
    }

    /// Decides a request, once. Refused requests have left a durable leaf when this returns.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn admit(&self, request: Request<'_>) -> Result<Permit, Refusal> {
        self.decide(request, false).await
    }

    /// The same; `asked` says whether the caller was called to account about this citizen.
    pub(crate) async fn decide(&self, request: Request<'_>, asked: bool) -> Result<Permit, Refusal> {
        let Request { caller, action, citizen } = request;
        let now = self.0.clock.now();
        // Whichever of a person's shelves is asked for, all of them are one record from here on.
        let shelves = self.0.directory.shelves(citizen).await.map_err(unreadable)?;
        if now >= caller.expires {
            let receipt = self.refuse(request, &shelves, now, "expired").await?;
            return Err(Refusal::Expired { receipt });
        }
        let (role, purpose, group) = (caller.role, caller.purpose, action.group());
        // Whoever is suspended may still answer for what they did.
        if group != ActionGroup::Answer
            && let Some(suspension) = self.suspension(caller, now).await?
        {
            let receipt = self.refuse(request, &shelves, now, "suspended").await?;
            return Err(Refusal::Suspended { until: suspension.until, receipt });
        }
        if !roles::may_ask(role, purpose, group) || !roles::may_do(role, action) {
            let receipt = self.refuse(request, &shelves, now, "outside-table").await?;
            return Err(Refusal::OutsideTable { role, purpose, group, receipt });
        }
        if caller.scope.as_ref().is_some_and(|scope| !scope.admits(action)) {
            let receipt = self.refuse(request, &shelves, now, "outside-scope").await?;
            return Err(Refusal::OutsideScope { group, receipt });
        }
        let opening = match purpose {
            Purpose::Disaster => self.opening_at(caller, now).await?.map(|opening| opening.number),
            _ => None,
        };
        if purpose == Purpose::Disaster && group != ActionGroup::Answer && opening.is_none() {
            let receipt = self.refuse(request, &shelves, now, "no-disaster").await?;
            return Err(Refusal::NoDisaster { receipt });
        }
        let standing = self.standing_over(&shelves).await?;
        let mandated = self.mandated(caller, &shelves, &standing, now).await?;
        let mut circumstances = circumstances(caller, &shelves, &standing, mandated.as_ref(), now);
        circumstances.disaster = opening.is_some();
        circumstances.asked = asked && group == ActionGroup::Answer;
        // A sign-in for one citizen opens no other record; answering opens none.
        circumstances.bound_to_another &= !circumstances.asked;
        let rules = match self.0.policies.ask(caller, group, &circumstances) {
            Verdict::Granted(rules) => rules,
            Verdict::Denied(rules) => {
                let cause = if rules.is_empty() { "no-rule".to_owned() } else { names(&rules) };
                let receipt = self.refuse(request, &shelves, now, &cause).await?;
                return Err(Refusal::NotOpen { receipt });
            }
            Verdict::Failed => {
                metrics::counter!("door_policy_failures").increment(1);
                let receipt = self.refuse(request, &shelves, now, "policy-failed").await?;
                return Err(Refusal::NotOpen { receipt });
            }
        };
        let mut caller = caller.clone();
        if let Some(mandated) = &mandated
            && caller.on_behalf.is_none()
        {
            caller.on_behalf = Some(self.on_behalf(citizen, mandated).await?);
        }
        let mut lens = lens(&caller, (action, group), &rules, mandated.as_ref(), &standing, now);
        lens.whereabouts = self.whereabouts(&caller, circumstances.own, &shelves, now).await?;
        let rule = names(&rules);
        let door = Arc::clone(&self.0);
        Ok(Permit { door, caller, action, citizen, shelves, time: now, rule, opening, lens, paper: None, spent: false })
    }

    /// Forgets what is cached of a citizen, after a commit that wrote her standing.
    pub fn forget(&self, citizen: CitizenId) {
        self.0.standings.forget(&citizen);
    }

    /// Prepares changes of the standing of the permit's citizen, for the commit that carries the permit's leaf. After
    /// that commit, call [`Door::forget`]; on a conflict, begin again with a new permit.
    ///
    /// # Errors
    /// [`ChangeError`].
    pub async fn change(&self, permit: &Permit, changes: &[Change]) -> Result<StandingWrite, ChangeError> {
        let mut known = Vec::with_capacity(permit.shelves().all().len());
        for shelf in permit.shelves().all() {
            let before = self.0.store.row(Table::Standing, &standing::key(*shelf)).await?.map(|bytes| bytes.to_vec());
            let standing = match &before {
                Some(bytes) => Standing::decode(bytes).ok_or(ChangeError::Row)?,
                None => Standing::default(),
            };
            known.push(standing::Known { citizen: *shelf, before, standing });
        }
        let mut write = standing::apply(permit, known, changes)?;
        // INVARIANT: what a second clerk confirms holds in the commit of the confirmation, and in no other.
        if let Some(seconded) = &permit.paper {
            let (rows, expect) = seconded.rows();
            write.rows.extend(rows);
            write.expect.push(expect);
        }
        Ok(write)
    }

    /// Changes the standing in a commit of its own with the permit's leaf, where nothing else is written: what
    /// [`Door::change`] prepares, done. Without a change only the leaf is written.
    ///
    /// # Errors
    /// [`AloneError`]; after an unknown outcome of the commit, look at the standing again.
    pub async fn change_alone(&self, permit: Permit, changes: &[Change]) -> Result<Receipt, AloneError> {
        let citizen = permit.citizen();
        let write = self.change(&permit, changes).await?;
        let leaves = permit.into_leaves(&Shown::none()).await?;
        let batch = Batch { rows: write.rows, expect: write.expect, leaves, ..Batch::default() };
        let done = self.0.commit(batch).await;
        // Also after a failure: whether it was written may be unknown.
        self.forget(citizen);
        Ok(done?)
    }

    /// The standing of the permit's citizen, for pages that show who may see what.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn standing_of(&self, permit: &Permit) -> Result<Arc<Standing>, Refusal> {
        self.standing_over(permit.shelves()).await
    }

    /// What `viewer` would be shown of the permit's citizen, looking now, if `proposed` held as well; `None` where no rule
    /// opens the record to them. For the preview of whoever decides who may see what: it is a guess about a look, not a
    /// look, and what it is held against must be what the permit itself shows.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn would_show(
        &self,
        permit: &Permit,
        viewer: &Caller,
        proposed: Option<&Restriction>,
    ) -> Result<Option<Lens>, Refusal> {
        let mut standing = Standing::clone(&*self.standing_over(permit.shelves()).await?);
        standing.restrictions.extend(proposed.cloned());
        let (standing, now) = (Arc::new(standing), self.0.clock.now());
        let guessed = self.guess(&self.0.policies, permit.shelves(), &standing, viewer, now).await?;
        Ok(guessed.map(|(lens, _)| lens))
    }

    /// What `viewer` would have been shown, looking at a moment, by these policies and this standing; and by which rules.
    pub(crate) async fn guess<'a>(
        &self,
        policies: &'a Policies,
        shelves: &Shelves,
        standing: &Arc<Standing>,
        viewer: &Caller,
        at: Instant,
    ) -> Result<Option<(Lens, Vec<&'a Rule>)>, Refusal> {
        let group = ActionGroup::View;
        if !roles::may_ask(viewer.role, viewer.purpose, group) {
            return Ok(None);
        }
        let mandated = self.mandated(viewer, shelves, standing, at).await?;
        let mut circumstances = circumstances(viewer, shelves, standing, mandated.as_ref(), at);
        circumstances.disaster = viewer.purpose == Purpose::Disaster && self.was_open_for(viewer, at).await?;
        Ok(match policies.ask(viewer, group, &circumstances) {
            Verdict::Granted(rules) => {
                Some((lens(viewer, (Action::Page, group), &rules, mandated.as_ref(), standing, at), rules))
            }
            Verdict::Denied(_) | Verdict::Failed => None,
        })
    }

    /// For whom a person holds a mandate now, so that a daughter finds her mother. Whether a mandate is for a purpose
    /// is decided when she asks.
    ///
    /// # Errors
    /// [`Refusal`] when the store cannot read.
    pub async fn wards(&self, caller: &Caller) -> Result<Vec<WardOf>, Refusal> {
        const MOST: usize = 256;
        let now = self.0.clock.now();
        let mut wards = Vec::new();
        for holder in Holder::of(caller) {
            for (key, value) in self.0.store.rows(Table::MandateHolder, &standing::wards(&holder), None, MOST).await? {
                let (citizen, ward) = standing::ward(&key, &value).ok_or(Refusal::Row("mandate holder"))?;
                let shelves = self.0.directory.shelves(citizen).await.map_err(unreadable)?;
                let grown = ward.parental && self.is_of_age(&shelves, now).await?;
                // One person with two shelves is one whom she acts for.
                let known = wards.iter().any(|known: &WardOf| shelves.hold(known.citizen));
                if ward.period.holds(now) && !grown && !known {
                    wards.push(WardOf { citizen, relation: ward.relation });
                }
            }
        }
        Ok(wards)
    }

    /// What a proxy's mandates give together. A parent's ends on the day the child comes of age, whatever it says.
    pub(crate) async fn mandated(
        &self,
        caller: &Caller,
        shelves: &Shelves,
        standing: &Standing,
        now: Instant,
    ) -> Result<Option<Mandated>, Refusal> {
        if caller.role != Role::Proxy {
            return Ok(None);
        }
        let held: Vec<&Mandate> = standing.mandates_of(caller, now).collect();
        let grown = held.iter().any(|mandate| mandate.parental) && self.is_of_age(shelves, now).await?;
        Ok(Mandated::sum(held.into_iter().filter(|mandate| !(mandate.parental && grown))))
    }

    /// Whether a proxy still acts for whoever these shelves are.
    pub(crate) async fn acts(&self, caller: &Caller, shelves: &Shelves, now: Instant) -> Result<bool, Refusal> {
        let standing = self.standing_over(shelves).await?;
        Ok(self.mandated(caller, shelves, &standing, now).await?.is_some())
    }

    /// Whether the person is of age: 18 years (民法 第4条). Somebody whose birth date nobody knows is not.
    async fn is_of_age(&self, shelves: &Shelves, now: Instant) -> Result<bool, Refusal> {
        for shelf in shelves.all() {
            let row = self.0.directory.citizen(*shelf).await.map_err(unreadable)?;
            let birth = row.and_then(|row| row.birth_date.as_deref().and_then(|text| text.parse::<Date>().ok()));
            let eighteenth = birth.and_then(|birth| birth.checked_add(Span::new().years(18)).ok());
            if eighteenth.is_some_and(|day| day <= now.civil().date()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The policies.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.0.policies
    }

    /// The directory over the same store.
    #[must_use]
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// The vault of individual numbers. It asks for the caller's duty; whoever it answers is then asked about here.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) async fn standing(&self, citizen: CitizenId) -> Result<Arc<Standing>, Refusal> {
        let ticket = match self.0.standings.get(&citizen) {
            Ok(standing) => return Ok(standing),
            Err(ticket) => ticket,
        };
        let standing = match self.0.store.row(Table::Standing, &standing::key(citizen)).await? {
            Some(bytes) => Standing::decode(&bytes).ok_or(Refusal::Row("standing"))?,
            None => Standing::default(),
        };
        let standing = Arc::new(standing);
        self.0.standings.keep(citizen, Arc::clone(&standing), ticket);
        Ok(standing)
    }

    /// What holds over all shelves of a person together: what is restricted for one is restricted for all.
    pub(crate) async fn standing_over(&self, shelves: &Shelves) -> Result<Arc<Standing>, Refusal> {
        let mut sum: Option<Arc<Standing>> = None;
        for shelf in shelves.all() {
            let own = self.standing(*shelf).await?;
            sum = Some(match sum {
                None => own,
                Some(before) => Arc::new(before.with(&own)),
            });
        }
        Ok(sum.unwrap_or_default())
    }

    /// The same as it was known at a moment.
    pub(crate) async fn standing_as_known(&self, shelves: &Shelves, at: Instant) -> Result<Arc<Standing>, Refusal> {
        let mut sum: Option<Standing> = None;
        for shelf in shelves.all() {
            let now = self.standing(*shelf).await?;
            let own = now.as_known(&self.replaced_since(*shelf, at).await?, at);
            sum = Some(sum.map_or(own.clone(), |before| before.with(&own)));
        }
        Ok(Arc::new(sum.unwrap_or_default()))
    }

    /// What was replaced in a shelf's standing after a moment.
    pub(crate) async fn replaced_since(&self, citizen: CitizenId, at: Instant) -> Result<Vec<Past>, Refusal> {
        const PAGE: usize = 256;
        let (mut found, mut after) = (Vec::new(), standing::moment_key(citizen, at));
        loop {
            let page = self.0.store.rows(Table::StandingPast, &standing::key(citizen), Some(&after), PAGE).await?;
            for (_, value) in &page {
                found.push(Past::decode(value).ok_or(Refusal::Row("past standing"))?);
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => after = key.to_vec(),
                _ => return Ok(found),
            }
        }
    }

    /// How much of a protected person's whereabouts the caller is told. A mark on one shelf protects the person on all.
    async fn whereabouts(
        &self,
        caller: &Caller,
        own: bool,
        shelves: &Shelves,
        now: Instant,
    ) -> Result<Whereabouts, Refusal> {
        if own || has_duty(caller.role, caller.organization_kind, caller.purpose) {
            return Ok(Whereabouts::Told);
        }
        let day = now.civil().date();
        for shelf in shelves.all() {
            if self.0.directory.is_protected(*shelf, day).await.map_err(unreadable)? {
                let emergency = caller.purpose.is_emergency();
                return Ok(if emergency { Whereabouts::CallsOnly } else { Whereabouts::Held });
            }
        }
        Ok(Whereabouts::Told)
    }

    async fn refuse(
        &self,
        request: Request<'_>,
        shelves: &Shelves,
        now: Instant,
        cause: &str,
    ) -> Result<Receipt, SealError> {
        let Request { caller, action, .. } = request;
        let drafts = leaf::refused(&self.0, caller, action, shelves, now, cause)?;
        self.0.commit(Batch { leaves: drafts, ..Batch::default() }).await
    }

    async fn on_behalf(&self, citizen: CitizenId, mandated: &Mandated) -> Result<OnBehalf, Refusal> {
        let row = self.0.directory.citizen(citizen).await.map_err(|_| Refusal::Row("citizen"))?;
        let name = row.and_then(|row| row.name.or(row.kana)).unwrap_or_default();
        Ok(OnBehalf { name, relation: mandated.relation.clone() })
    }
}

/// The directory's failures as the door's.
pub(crate) fn unreadable(error: PeopleError) -> Refusal {
    match error {
        PeopleError::Store(error) => Refusal::Store(error),
        _ => Refusal::Row("merge"),
    }
}

/// What a proxy's mandates give together.
pub(crate) struct Mandated {
    relation: String,
    categories: CategoryMask,
}

impl Mandated {
    fn sum<'a>(mandates: impl Iterator<Item = &'a Mandate>) -> Option<Self> {
        mandates.fold(None, |sum: Option<Self>, mandate| {
            let categories = sum.as_ref().map_or(CategoryMask::NONE, |sum| sum.categories).union(mandate.mask());
            Some(Self { relation: mandate.relation.clone(), categories })
        })
    }
}

fn days_since_1970(now: Instant) -> i32 {
    // A date of jiff lies between the years -9999 and 9999, and so its number in 32 bits.
    now.civil().date().since(Date::constant(1970, 1, 1)).map_or(0, |span| span.get_days())
}

fn names(rules: &[&Rule]) -> String {
    rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>().join(" ")
}

/// What the policies may look at.
pub(crate) fn circumstances(
    caller: &Caller,
    shelves: &Shelves,
    standing: &Standing,
    mandated: Option<&Mandated>,
    now: Instant,
) -> Circumstances {
    Circumstances {
        relations: standing.relations_with(&caller.organization, now).iter().map(|kind| kind.code()).collect(),
        consents: standing.consents_to(&caller.organization, now).iter().map(|item| item.code()).collect(),
        own: caller.role == Role::Citizen && caller.citizen.is_some_and(|own| shelves.hold(own)),
        mandate: mandated.is_some(),
        mandate_for_log: mandated.is_some_and(|mandated| mandated.categories.has(RecordCategory::Mandate)),
        bound_to_another: caller.citizen.is_some_and(|bound| !shelves.hold(bound)),
        disaster: false,
        asked: false,
    }
}

fn lens(
    caller: &Caller,
    (action, group): (Action, ActionGroup),
    rules: &[&Rule],
    mandated: Option<&Mandated>,
    standing: &Arc<Standing>,
    now: Instant,
) -> Lens {
    let union = |wanted: &dyn Fn(&Rule) -> bool| {
        let masks = rules.iter().filter(|rule| wanted(rule)).map(|rule| rule.shows);
        masks
            .fold(CategoryMask::NONE, CategoryMask::union)
            .intersection(mandated.map_or(CategoryMask::ALL, |m| m.categories))
    };
    Lens {
        organization: caller.organization.clone(),
        open: union(&|rule| !rule.lawful && !rule.own_facts_only),
        lawful: union(&|rule| rule.lawful && !rule.own_facts_only),
        own: union(&|rule| rule.own_facts_only),
        uninformed: !matches!(caller.role, Role::Citizen | Role::Proxy),
        proxy: caller.role == Role::Proxy,
        today: days_since_1970(now),
        governs: group == ActionGroup::Standing,
        cares: !standing.relations_with(&caller.organization, now).is_empty(),
        scope: caller.scope.clone().map(|scope| (scope, action)),
        whereabouts: Whereabouts::default(),
        bars: standing.restrictions_for(caller, now).collect(),
        standing: Arc::clone(standing),
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Door").field(&self.0.policies).finish()
    }
}
