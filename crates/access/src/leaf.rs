//! The leaf of a request: what its two parts say.
//!
//! INVARIANT: the citizen's part is made only from what [`Shown::view`] gives without withheld facts. The ledger pads
//! both parts to one length.

use std::collections::HashMap;

use tsumugi_kernel::{CitizenId, FactKey, Instant, Kind};
use tsumugi_ledger::{
    DraftLeaf, Label, LedgerError, LookPart,
    look::{Decision, LookOnBehalf, LookOrganization, LookPerson},
};

use tsumugi_people::Shelves;
use tsumugi_store::Point;

use crate::{Action, Caller, Permit, SealError, Shown, door::Inner};

/// The leaves of an admitted request: one in the chain of each of the person's shelves, naming what of that shelf is
/// shown. First stands that of the shelf that was asked for.
pub(crate) async fn drafts(permit: &Permit, shown: &Shown, decision: Decision) -> Result<Vec<DraftLeaf>, SealError> {
    let mut look = look(&permit.caller, permit.action, permit.time, permit.rule.clone(), decision);
    look.opening = permit.opening;
    let places = if permit.shelves.are_several() { places(permit, shown).await? } else { HashMap::new() };
    let place = |kind, number| places.get(&(kind, number)).copied().unwrap_or(permit.citizen);
    Ok(over(&permit.door, &permit.shelves, look, &|shelf| shown.on(shelf, &place))?)
}

/// The leaves of a refused request.
pub(crate) fn refused(
    door: &Inner,
    caller: &Caller,
    action: Action,
    shelves: &Shelves,
    time: Instant,
    rule: &str,
) -> Result<Vec<DraftLeaf>, LedgerError> {
    over(door, shelves, look(caller, action, time, rule.to_owned(), Decision::Refused), &|_| Shown::none())
}

/// The leaves of what an open link shows, or of a try with a wrong PIN: `shown` names where each fact stands.
pub(crate) fn of_link(
    door: &Inner,
    caller: &Caller,
    shelves: &Shelves,
    time: Instant,
    rule: &str,
    (shown, decision): (&Shown, Decision),
) -> Result<Vec<DraftLeaf>, LedgerError> {
    let first = shelves.all().first().copied().unwrap_or(CitizenId(0));
    over(door, shelves, look(caller, Action::Link, time, rule.to_owned(), decision), &|shelf| {
        shown.on(shelf, &|_, _| first)
    })
}

/// The leaves of a look without a network that is told now: `claimed` is when it was by whoever looked, and under which
/// opening of the disaster mode.
pub(crate) fn of_offline(
    door: &Inner,
    caller: &Caller,
    shelves: &Shelves,
    (time, (claimed, opening)): (Instant, (Instant, Option<u64>)),
    rule: &str,
    shown: &Shown,
) -> Result<Vec<DraftLeaf>, LedgerError> {
    let first = shelves.all().first().copied().unwrap_or(CitizenId(0));
    let mut look = look(caller, Action::Offline, time, rule.to_owned(), Decision::Shown);
    (look.offline, look.opening) = (Some(claimed.0), opening);
    over(door, shelves, look, &|shelf| shown.on(shelf, &|_, _| first))
}

fn over(
    door: &Inner,
    shelves: &Shelves,
    look: LookPart,
    shown: &dyn Fn(CitizenId) -> Shown,
) -> Result<Vec<DraftLeaf>, LedgerError> {
    let leaf = |(at, shelf): (usize, &CitizenId)| {
        let mut look = look.clone();
        // INVARIANT: should the two turn out to be two persons, no leaf of one tells anything of the other. Typed words
        // may, so they stand only where they were meant for.
        if at > 0 {
            look.reason = None;
        }
        seal(door, *shelf, look, &shown(*shelf))
    };
    shelves.all().iter().enumerate().map(leaf).collect()
}

/// On which shelf facts stand of which that was not said. Numbers are unique, so the first shelf that has it is it.
async fn places(permit: &Permit, shown: &Shown) -> Result<HashMap<(Kind, u64), CitizenId>, SealError> {
    let mut places = HashMap::new();
    for (kind, number) in shown.unplaced() {
        if places.contains_key(&(kind, number)) {
            continue;
        }
        for citizen in permit.shelves.all() {
            let key = FactKey { citizen: *citizen, kind, number };
            if permit.door.store.fact(key, Point::NOW).await.map_err(SealError::Store)?.is_some() {
                places.insert((kind, number), *citizen);
                break;
            }
        }
    }
    Ok(places)
}

fn seal(door: &Inner, citizen: CitizenId, mut look: LookPart, shown: &Shown) -> Result<DraftLeaf, LedgerError> {
    let label = label(door, citizen);
    if let Err(ticket) = door.labels.get(&label) {
        door.labels.keep(label, citizen, ticket);
    }
    (look.shown, look.count) = shown.view(true);
    look.self_only = shown.self_only(true);
    let reviewer = look.to_bytes()?;
    let own = if shown.withheld() {
        (look.shown, look.count) = shown.view(false);
        look.self_only = shown.self_only(false);
        // Words typed by the looker may name what is withheld.
        look.reason = None;
        look.to_bytes()?
    } else {
        reviewer.clone()
    };
    door.keys.seal(label, door.entropy.bytes16(), &own, &reviewer)
}

pub(crate) fn label(door: &Inner, citizen: CitizenId) -> Label {
    Label::blind(&door.label_key, &citizen.0.to_be_bytes())
}

fn look(caller: &Caller, action: Action, time: Instant, rule: String, decision: Decision) -> LookPart {
    LookPart {
        v: tsumugi_ledger::look::VERSION,
        time: time.0,
        action: action.code().to_owned(),
        person: LookPerson {
            id: caller.person.as_str().to_owned(),
            name: caller.person_name.clone(),
            qualification: caller.qualification.clone(),
        },
        organization: LookOrganization {
            id: caller.organization.as_str().to_owned(),
            name: caller.organization_name.clone(),
        },
        on_behalf: caller
            .on_behalf
            .as_ref()
            .map(|who| LookOnBehalf { name: who.name.clone(), relation: who.relation.clone() }),
        automatic: caller.automatic,
        role: caller.role.code().to_owned(),
        purpose: caller.purpose.code().to_owned(),
        rule,
        reason: caller.reason.clone(),
        opening: None,
        offline: None,
        shown: std::collections::BTreeMap::new(),
        self_only: std::collections::BTreeMap::new(),
        count: 0,
        decision,
    }
}
