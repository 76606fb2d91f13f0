//! A citizen's standing: who is in her care, who acts for her, what she has restricted, what she has consented to.
//!
//! One row per citizen, read at every request and kept in the door's cache. Everything in it has a period and the moment
//! since which it is known; what was replaced stands beside it, so that who could look when can be told of any moment.

mod change;
mod past;

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{Instant, Kind, OrganizationId, OrganizationKind, PersonId, Purpose, RecordCategory, Role};

pub use change::{Change, StandingFault, StandingWrite};
pub(crate) use change::{Known, apply, key, ward, wards};
pub(crate) use past::{Past, moment_key};

use crate::{Caller, CategoryMask, Traits};

pub(crate) const VERSION: u8 = 1;

/// How long a consent given with the card at a reader holds: 24 hours to the millisecond, as in the answers of the
/// online qualification check (`InfoAvailableTime` = `InfoConsTime` + 24 h).
pub const CARD_CONSENT_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A citizen's standing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    v: u8,
    /// Care relations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// Who may act for her.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mandates: Vec<Mandate>,
    /// What she has restricted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restrictions: Vec<Restriction>,
    /// What she has consented to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<Consent>,
    /// How often something here was replaced: each has a row of its own.
    #[serde(default, skip_serializing_if = "is_none")]
    replacements: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            v: VERSION,
            relations: Vec::new(),
            mandates: Vec::new(),
            restrictions: Vec::new(),
            consents: Vec::new(),
            replacements: 0,
        }
    }
}

/// From when to when something holds: the start belongs to it, the end does not. Two are the same if they begin and end at
/// the same moments, whenever that became known.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Period {
    /// Start.
    pub from: Instant,
    /// End, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
    /// Since when this is known here; what was written before that was noted counts as known from its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Instant>,
}

impl PartialEq for Period {
    fn eq(&self, other: &Self) -> bool {
        (self.from, self.until) == (other.from, other.until)
    }
}

impl Eq for Period {}

impl Period {
    /// From a moment on, to another where that is known.
    #[must_use]
    pub const fn new(from: Instant, until: Option<Instant>) -> Self {
        Self { from, until, known: None }
    }

    /// From a moment on.
    #[must_use]
    pub const fn since(from: Instant) -> Self {
        Self::new(from, None)
    }

    /// From a moment to another.
    #[must_use]
    pub const fn between(from: Instant, until: Instant) -> Self {
        Self::new(from, Some(until))
    }

    /// Whether the moment lies in it.
    #[must_use]
    pub fn holds(&self, now: Instant) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Why an organisation has to do with a citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RelationKind {
    /// A visit or stay that has not ended (受診中・入院中).
    Encounter,
    /// A referral addressed to the organisation (紹介先).
    Referral,
    /// A prescription brought to the pharmacy (処方箋).
    Prescription,
    /// The care office that is in charge (担当事業所).
    CareInCharge,
    /// The institution asked for the physician's opinion for the care certification (主治医意見書).
    CareOpinion,
}

impl RelationKind {
    /// The code as written in policies.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Encounter => "encounter",
            Self::Referral => "referral",
            Self::Prescription => "prescription",
            Self::CareInCharge => "care-in-charge",
            Self::CareOpinion => "care-opinion",
        }
    }
}

/// A care relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Why.
    pub kind: RelationKind,
    /// With whom.
    pub organization: OrganizationId,
    /// When.
    #[serde(flatten)]
    pub period: Period,
}

/// The right to act for the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandate {
    /// Id, unique in this standing.
    pub id: String,
    /// Who may act.
    pub holder: Holder,
    /// Whether it is a parent's: then it ends when the child comes of age.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parental: bool,
    /// Their name.
    pub holder_name: String,
    /// How they are related: `daughter`, `guardian`, `care-manager`.
    pub relation: String,
    /// For which purposes.
    pub purposes: Vec<Purpose>,
    /// For which categories; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<RecordCategory>>,
    /// When.
    #[serde(flatten)]
    pub period: Period,
}

/// Guardians whom a court appoints and a register names (民法 第7条・第11条・第15条・第838条, 任意後見契約に関する法律 第2条).
const GUARDIANS: [&str; 5] = ["成年後見人", "未成年後見人", "保佐人", "補助人", "任意後見人"];

impl Mandate {
    /// Whether a register says it: parental authority, or guardianship.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.parental || GUARDIANS.contains(&self.relation.as_str())
    }
}

/// Who holds a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Holder {
    /// One person.
    Person(PersonId),
    /// Whoever acts for a care office or a facility.
    Organization {
        /// Its id.
        organization: OrganizationId,
    },
}

impl Holder {
    /// As whom somebody may act for others: as themself, and for their organisation.
    #[must_use]
    pub fn of(caller: &Caller) -> [Self; 2] {
        let organization = caller.organization.clone();
        [Self::Person(caller.person.clone()), Self::Organization { organization }]
    }
}

/// What the citizen has restricted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// Id, unique in this standing.
    pub id: String,
    /// From whom it is hidden.
    pub against: Against,
    /// What is hidden.
    pub hides: Hides,
    /// Whether an emergency (ETREAT), a broken glass (BTG) or a disaster (DISASTER) may see it all the same.
    pub emergency_may_override: bool,
    /// When.
    #[serde(flatten)]
    pub period: Period,
}

/// From whom something is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Against {
    /// Everybody but the citizen, her proxies, and the source for what it put there itself.
    Everyone,
    /// One person, wherever they work, also as a proxy.
    Person(PersonId),
    /// One organisation.
    Organization(OrganizationId),
    /// Every organisation of a kind.
    OrganizationKind(OrganizationKind),
}

/// What is hidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hides {
    /// Everything.
    Everything,
    /// Categories.
    Categories(Vec<RecordCategory>),
    /// Single facts: one, or those of a document or a visit. (kind's number, fact's number)
    Facts(Vec<(u8, u64)>),
    /// What an organisation put there.
    Source(OrganizationId),
    /// What is about these days, in Japan, both included, as days since 1970-01-01. A fact without a day is hidden too:
    /// it might be about one of them.
    Days {
        /// First day.
        first: i32,
        /// Last day.
        last: i32,
    },
}

impl Hides {
    /// Hides single facts.
    #[must_use]
    pub fn facts(facts: impl IntoIterator<Item = (Kind, u64)>) -> Self {
        Self::Facts(facts.into_iter().map(|(kind, number)| (kind.number(), number)).collect())
    }

    /// Whether a fact is among what is hidden. Some days, or what a source wrote, never take away who the person is: whoever
    /// cares for them could else not open the rest, and would see that something is hidden.
    #[must_use]
    pub fn covers(&self, fact: &Traits<'_>) -> bool {
        let who = fact.category == RecordCategory::Identity;
        match self {
            Self::Everything => true,
            Self::Categories(categories) => categories.contains(&fact.category),
            Self::Facts(facts) => facts.contains(&(fact.kind.number(), fact.number)),
            Self::Source(source) => !who && fact.source == source.as_str(),
            Self::Days { first, last } => !who && fact.day.is_none_or(|day| (*first..=*last).contains(&day)),
        }
    }
}

/// What a consent is about: the items that a card reader asks for, and the municipality's comprehensive one for care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentItem {
    /// 特定健診情報.
    Checkup,
    /// 薬剤情報.
    Medication,
    /// 診療情報.
    Treatment,
    /// 手術情報.
    Operation,
    /// 電子カルテ情報 (傷病名・アレルギー・薬剤禁忌・感染症・検査・処方).
    Chart,
    /// 介護情報: one comprehensive consent, given at the application for the care certification.
    Care,
}

impl ConsentItem {
    /// The code as written in policies.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Checkup => "checkup",
            Self::Medication => "medication",
            Self::Treatment => "treatment",
            Self::Operation => "operation",
            Self::Chart => "chart",
            Self::Care => "care",
        }
    }

    /// The item with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Checkup, Self::Medication, Self::Treatment, Self::Operation, Self::Chart, Self::Care]
            .into_iter()
            .find(|item| item.code() == code)
    }
}

/// A consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// What about.
    pub item: ConsentItem,
    /// To whom; `None` for every organisation that the rules then allow (the comprehensive one).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// When. Whatever its end says, one given with the card holds for 24 hours only.
    #[serde(flatten)]
    pub period: Period,
}

impl Consent {
    /// A consent given with the card at an organisation's reader.
    #[must_use]
    pub const fn by_card(item: ConsentItem, organization: OrganizationId, given: Instant) -> Self {
        let period = Period::between(given, given.plus_millis(CARD_CONSENT_MILLIS));
        Self { item, organization: Some(organization), period }
    }

    fn holds(&self, organization: &OrganizationId, now: Instant) -> bool {
        let fresh = self.item == ConsentItem::Care || now < self.period.from.plus_millis(CARD_CONSENT_MILLIS);
        fresh && self.period.holds(now) && self.organization.as_ref().is_none_or(|to| to == organization)
    }
}

impl Standing {
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|standing| standing.v == VERSION)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        // Strings, numbers and lists always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What holds of one person by two rows: everything that stands in either. Restrictions add up, so the stricter
    /// wins.
    pub(crate) fn with(&self, other: &Self) -> Self {
        fn both<T: Clone + PartialEq>(one: &[T], other: &[T]) -> Vec<T> {
            one.iter().chain(other.iter().filter(|entry| !one.contains(entry))).cloned().collect()
        }
        Self {
            v: VERSION,
            relations: both(&self.relations, &other.relations),
            mandates: both(&self.mandates, &other.mandates),
            restrictions: both(&self.restrictions, &other.restrictions),
            consents: both(&self.consents, &other.consents),
            replacements: self.replacements,
        }
    }

    /// Kinds of the organisation's relations that hold now, each once.
    #[must_use]
    pub fn relations_with(&self, organization: &OrganizationId, now: Instant) -> Vec<RelationKind> {
        let held = self
            .relations
            .iter()
            .filter(|relation| relation.organization == *organization && relation.period.holds(now));
        let mut kinds: Vec<RelationKind> = held.map(|relation| relation.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Items of consents to the organisation that hold now, each once.
    #[must_use]
    pub fn consents_to(&self, organization: &OrganizationId, now: Instant) -> Vec<ConsentItem> {
        let mut items: Vec<ConsentItem> = self
            .consents
            .iter()
            .filter(|consent| consent.holds(organization, now))
            .map(|consent| consent.item)
            .collect();
        items.sort_unstable();
        items.dedup();
        items
    }

    /// Mandates of the caller for their purpose that hold now. Whether a parent's has ended by age is not known here.
    pub fn mandates_of<'a>(&'a self, caller: &'a Caller, now: Instant) -> impl Iterator<Item = &'a Mandate> {
        let holders = Holder::of(caller);
        self.mandates.iter().filter(move |mandate| {
            holders.contains(&mandate.holder) && mandate.purposes.contains(&caller.purpose) && mandate.period.holds(now)
        })
    }

    /// Restrictions that apply to the caller now.
    pub(crate) fn restrictions_for<'a>(
        &'a self,
        caller: &'a Caller,
        now: Instant,
    ) -> impl Iterator<Item = usize> + use<'a> {
        let emergency = caller.purpose.is_emergency();
        let proxy = caller.role == Role::Proxy;
        let applies = move |restriction: &Restriction| {
            let meant = caller.role != Role::Citizen
                && match &restriction.against {
                    Against::Everyone => !proxy,
                    Against::Person(person) => *person == caller.person,
                    Against::Organization(organization) => *organization == caller.organization,
                    Against::OrganizationKind(kind) => *kind == caller.organization_kind,
                };
            meant && restriction.period.holds(now) && !(emergency && restriction.emergency_may_override)
        };
        self.restrictions
            .iter()
            .enumerate()
            .filter(move |(_, restriction)| applies(restriction))
            .map(|(index, _)| index)
    }
}

impl Mandate {
    /// The categories it covers.
    #[must_use]
    pub fn mask(&self) -> CategoryMask {
        self.categories.as_ref().map_or(CategoryMask::ALL, |categories| categories.iter().copied().collect())
    }
}
