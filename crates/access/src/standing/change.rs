//! Changing a citizen's standing: rows and expectations for the caller's commit.
//!
//! Who may change what is decided here, beyond the permit: a clerk cannot name themself, and an office cannot put
//! itself in charge.

use serde::{Deserialize, Serialize};
use tsumugi_kernel::{CitizenId, Instant, OrganizationId, OrganizationKind, Role};
use tsumugi_store::{Expectation, Row, Table};

use super::{
    Against, Consent, ConsentItem, Holder, Mandate, Past, Period, Relation, RelationKind, Restriction, Standing,
    VERSION,
};
use crate::{ActionGroup, Permit};

/// Most entries of each list in one standing. Ended ones are dropped first.
const MOST: usize = 512;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A care relation begins. One of the same kind and organisation that still holds is replaced.
    Relate(Relation),
    /// A care relation ends.
    Part {
        /// Which kind.
        kind: RelationKind,
        /// With whom.
        organization: OrganizationId,
        /// When.
        at: Instant,
    },
    /// A mandate is given.
    Give(Mandate),
    /// A mandate ends.
    Revoke {
        /// Its id.
        mandate: String,
        /// When.
        at: Instant,
    },
    /// Something is restricted.
    Restrict(Restriction),
    /// A restriction ends.
    Lift {
        /// Its id.
        restriction: String,
        /// When.
        at: Instant,
    },
    /// A consent is given.
    Consent(Consent),
    /// Consents to an item end.
    Withdraw {
        /// Which item.
        item: ConsentItem,
        /// Given to whom; `None` is the comprehensive one.
        organization: Option<OrganizationId>,
        /// When.
        at: Instant,
    },
}

/// Why a change is not made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StandingFault {
    /// The permit is not for this.
    #[error("this permit does not allow changing who may see what")]
    Permit,
    /// Nobody gives themself a mandate.
    #[error("a mandate cannot be given to the person who records it")]
    OwnMandate,
    /// An office cannot put itself in charge: the citizen, the municipality or the sending institution does.
    #[error("an organisation cannot record this relation with itself")]
    OwnRelation,
    /// Who is barred does not lift the bar.
    #[error("a restriction cannot be lifted by the person whom it bars")]
    OwnRestriction,
    /// What widens what others may see or do needs a second clerk.
    #[error(
        "what widens what others may see or do is taken down on paper by two clerks: at the municipality's desk (/desk/papers), or by the person herself"
    )]
    TwoClerks,
    /// A register says who has parental authority or is a guardian, and nothing else.
    #[error("a register records parents and guardians, and when they end; nothing else of who may see what")]
    NotRegistered,
    /// No mandate or restriction has this id.
    #[error("there is no such mandate or restriction")]
    Unknown,
    /// An id is taken.
    #[error("a mandate or restriction with this id is there already")]
    Taken,
    /// The lists are full.
    #[error("too many entries; end some first")]
    Full,
}

/// What the caller's commit must write and expect for changes to become so. After the commit, tell the door:
/// [`crate::Door::forget`].
#[derive(Clone, Debug)]
pub struct StandingWrite {
    /// Rows.
    pub rows: Vec<Row>,
    /// Expectations: on a conflict, begin again.
    pub expect: Vec<Expectation>,
    /// The standing as it will be.
    pub after: Standing,
}

pub(crate) fn key(citizen: CitizenId) -> [u8; 8] {
    citizen.0.to_be_bytes()
}

/// One row of `MandateHolder`: for whom a person may act, so that a daughter finds her mother.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ward {
    v: u8,
    pub(crate) relation: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) parental: bool,
    #[serde(flatten)]
    pub(crate) period: Period,
}

pub(crate) fn wards(holder: &Holder) -> Vec<u8> {
    let mut prefix = match holder {
        Holder::Person(person) => person.as_str().as_bytes().to_vec(),
        // No person's id begins with a control character.
        Holder::Organization { organization } => [b"\x01", organization.as_str().as_bytes()].concat(),
    };
    prefix.push(0);
    prefix
}

pub(crate) fn ward(key: &[u8], value: &[u8]) -> Option<(CitizenId, Ward)> {
    let citizen = key.last_chunk::<8>().map(|id| CitizenId(u64::from_be_bytes(*id)))?;
    serde_json::from_slice::<Ward>(value).ok().filter(|ward| ward.v == VERSION).map(|ward| (citizen, ward))
}

fn ward_row(citizen: CitizenId, mandate: &Mandate) -> Row {
    let ward =
        Ward { v: VERSION, relation: mandate.relation.clone(), parental: mandate.parental, period: mandate.period };
    let mut row = wards(&mandate.holder);
    row.extend(key(citizen));
    // Strings and numbers always serialise.
    Row { table: Table::MandateHolder, key: row, value: Some(serde_json::to_vec(&ward).unwrap_or_default()) }
}

/// The standing of one of a person's shelves, and its row as read.
pub(crate) struct Known {
    pub(crate) citizen: CitizenId,
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) standing: Standing,
}

/// Makes the changes on the rows as they were read, that of the shelf that was asked for first.
///
/// What is given is given on that shelf. A restriction is put on every one: should the shelves turn out to be two
/// persons', it stays on both. What ends, ends wherever it stands.
pub(crate) fn apply(permit: &Permit, known: Vec<Known>, changes: &[Change]) -> Result<StandingWrite, StandingFault> {
    let mut after: Vec<Standing> = known.iter().map(|one| one.standing.clone()).collect();
    let mut rows: Vec<Row> = Vec::new();
    for change in changes {
        may(permit, change)?;
        for index in meant(&after, change)? {
            let (Some(standing), Some(one)) = (after.get_mut(index), known.get(index)) else { continue };
            if lifts_own(permit, standing, change) {
                return Err(StandingFault::OwnRestriction);
            }
            if let Some(mandate) = make(standing, change, permit.time())? {
                let row = ward_row(one.citizen, &mandate);
                rows.retain(|known| known.key != row.key);
                rows.push(row);
            }
        }
    }
    let mut expect = Vec::with_capacity(known.len());
    for (one, standing) in known.into_iter().zip(&mut after) {
        rows.extend(Past::mark(one.citizen, &one.standing, standing, permit.time()));
        // The shelf that was asked for is written as before, changed or not; another one only if it changed.
        if expect.is_empty() || *standing != one.standing {
            let key = key(one.citizen).to_vec();
            rows.push(Row { table: Table::Standing, key: key.clone(), value: Some(standing.encode()) });
            expect.push(Expectation::Row(Table::Standing, key, one.before));
        }
    }
    let after = after.into_iter().reduce(|sum, own| sum.with(&own)).unwrap_or_default();
    Ok(StandingWrite { rows, expect, after })
}

/// Whether somebody who acts for the citizen would lift what the citizen keeps from that very person.
fn lifts_own(permit: &Permit, standing: &Standing, change: &Change) -> bool {
    let Change::Lift { restriction, .. } = change else { return false };
    let caller = permit.caller();
    let meant = Against::Person(caller.person.clone());
    let bars = |known: &Restriction| known.id == *restriction && known.against == meant;
    caller.role != Role::Citizen && standing.restrictions.iter().any(bars)
}

/// On which shelves a change is made.
fn meant(standings: &[Standing], change: &Change) -> Result<Vec<usize>, StandingFault> {
    let with = |is: &dyn Fn(&Standing) -> bool| {
        let found: Vec<usize> = standings.iter().enumerate().filter(|(_, one)| is(one)).map(|(at, _)| at).collect();
        if found.is_empty() { Err(StandingFault::Unknown) } else { Ok(found) }
    };
    match change {
        Change::Restrict(_) | Change::Part { .. } | Change::Withdraw { .. } => Ok((0..standings.len()).collect()),
        Change::Revoke { mandate, .. } => with(&|one| one.mandates.iter().any(|known| known.id == *mandate)),
        Change::Lift { restriction, .. } => with(&|one| one.restrictions.iter().any(|known| known.id == *restriction)),
        Change::Relate(_) | Change::Give(_) | Change::Consent(_) => Ok(vec![0]),
    }
}

/// Whether the permit allows this change.
fn may(permit: &Permit, change: &Change) -> Result<(), StandingFault> {
    let caller = permit.caller();
    let standing = permit.action().group() == ActionGroup::Standing;
    if standing {
        taken_down(permit, change)?;
    }
    match change {
        // Relations follow from facts that are written (an encounter, a referral), so a write may bring them; what
        // puts an office in charge must come from somebody else.
        Change::Relate(relation) => {
            if !standing && permit.action().group() != ActionGroup::Write {
                return Err(StandingFault::Permit);
            }
            let itself = relation.organization == caller.organization
                && caller.organization_kind != OrganizationKind::Municipality;
            let from_facts = matches!(relation.kind, RelationKind::Encounter | RelationKind::Prescription);
            if itself && !from_facts { Err(StandingFault::OwnRelation) } else { Ok(()) }
        }
        Change::Part { organization, .. } if standing || *organization == caller.organization => Ok(()),
        Change::Give(mandate) if standing => {
            // The citizen names others; a desk may not name its own clerk, nor itself; a proxy may not pass a mandate on.
            let passed_on = caller.role == Role::Proxy;
            if Holder::of(caller).contains(&mandate.holder) || passed_on {
                Err(StandingFault::OwnMandate)
            } else {
                Ok(())
            }
        }
        Change::Revoke { .. }
        | Change::Restrict(_)
        | Change::Lift { .. }
        | Change::Consent(_)
        | Change::Withdraw { .. }
            if standing =>
        {
            Ok(())
        }
        _ => Err(StandingFault::Permit),
    }
}

/// Whether a desk or a register may say this alone. A desk narrows by one clerk and widens by two; a register is no paper,
/// and says what the family court or the family register has decided (`decisions/0032-paper.md`).
fn taken_down(permit: &Permit, change: &Change) -> Result<(), StandingFault> {
    let widens = matches!(change, Change::Give(_) | Change::Lift { .. } | Change::Consent(_));
    match (permit.caller().role, change) {
        (Role::Registrar | Role::Municipality, _) if widens => {
            let said = permit.paper.as_ref().is_some_and(|paper| paper.says().says(change));
            if said { Ok(()) } else { Err(StandingFault::TwoClerks) }
        }
        (Role::System, Change::Give(mandate)) if mandate.is_registered() => Ok(()),
        (Role::System, Change::Revoke { .. } | Change::Relate(_) | Change::Part { .. }) => Ok(()),
        (Role::System, _) => Err(StandingFault::NotRegistered),
        _ => Ok(()),
    }
}

/// Makes one change; gives the mandate whose holder must be able to find the citizen.
fn make(after: &mut Standing, change: &Change, now: Instant) -> Result<Option<Mandate>, StandingFault> {
    match change {
        Change::Relate(relation) => {
            let same = |old: &Relation| {
                old.kind == relation.kind && old.organization == relation.organization && old.period.holds(now)
            };
            after.relations.retain(|old| !same(old));
            push(&mut after.relations, relation.clone(), now, |old| old.period)?;
        }
        Change::Part { kind, organization, at } => {
            for relation in
                after.relations.iter_mut().filter(|old| old.kind == *kind && old.organization == *organization)
            {
                end(&mut relation.period, *at);
            }
        }
        Change::Give(mandate) => {
            if after.mandates.iter().any(|old| old.id == mandate.id) {
                return Err(StandingFault::Taken);
            }
            push(&mut after.mandates, mandate.clone(), now, |old| old.period)?;
            return Ok(Some(mandate.clone()));
        }
        Change::Revoke { mandate, at } => {
            let found = after.mandates.iter_mut().find(|old| old.id == *mandate).ok_or(StandingFault::Unknown)?;
            end(&mut found.period, *at);
            // The holder's row follows the mandate that lasts longest.
            let holder = found.holder.clone();
            let longest = after.mandates.iter().filter(|old| old.holder == holder);
            return Ok(longest.max_by_key(|old| old.period.until.unwrap_or(Instant(i64::MAX))).cloned());
        }
        Change::Restrict(restriction) => {
            if after.restrictions.iter().any(|old| old.id == restriction.id) {
                return Err(StandingFault::Taken);
            }
            push(&mut after.restrictions, restriction.clone(), now, |old| old.period)?;
        }
        Change::Lift { restriction, at } => {
            let found =
                after.restrictions.iter_mut().find(|old| old.id == *restriction).ok_or(StandingFault::Unknown)?;
            end(&mut found.period, *at);
        }
        Change::Consent(consent) => push(&mut after.consents, consent.clone(), now, |old| old.period)?,
        Change::Withdraw { item, organization, at } => {
            let same = |old: &&mut Consent| old.item == *item && old.organization == *organization;
            for consent in after.consents.iter_mut().filter(same) {
                end(&mut consent.period, *at);
            }
        }
    }
    Ok(None)
}

/// Ends a period, never later than it would have ended.
fn end(period: &mut Period, at: Instant) {
    period.until = Some(period.until.map_or(at, |until| until.min(at)));
}

fn push<T>(list: &mut Vec<T>, new: T, now: Instant, period: impl Fn(&T) -> Period) -> Result<(), StandingFault> {
    if list.len() >= MOST {
        list.retain(|old| period(old).until.is_none_or(|until| until > now));
    }
    if list.len() >= MOST {
        return Err(StandingFault::Full);
    }
    list.push(new);
    Ok(())
}
