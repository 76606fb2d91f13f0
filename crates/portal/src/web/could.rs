//! Who could see the record, or one thing of it, now or at a moment of the past.

use maud::Markup;
use tsumugi_access::{Action, Caller, Could, Holder, Moment, RelationKind};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_kernel::{Instant, Kind, OrganizationId, OrganizationKind, PersonId, Purpose, Role};
use tsumugi_people::Organization;
use tsumugi_record::Fact;

use super::{Fault, Site, Visit, fault::broken, looks, preview, record};
use crate::calendar;
use crate::page;
use crate::read::{could as read, looks as read_looks, own, words};
use crate::view::{CouldRow, CouldTold, CouldView, CouldWho, Words};

/// Most lines of the page, those of whoever has to do with the person first.
const ROWS_MOST: usize = 60;
/// Who stands for everybody else: no person and no organisation has this id, for it is none that a register gives.
const SOMEBODY: &str = "somebody";
/// Those who have nothing to do with the person; of one kind of place together.
const OTHERS: [(Role, Purpose, OrganizationKind); 9] = [
    (Role::Physician, Purpose::Treat, OrganizationKind::Hospital),
    (Role::Physician, Purpose::EmergencyTreat, OrganizationKind::Hospital),
    (Role::Physician, Purpose::BreakGlass, OrganizationKind::Hospital),
    (Role::Pharmacist, Purpose::Treat, OrganizationKind::Pharmacy),
    (Role::CareManager, Purpose::CareManagement, OrganizationKind::CareOffice),
    (Role::Crew, Purpose::EmergencyTreat, OrganizationKind::FireHeadquarters),
    (Role::Municipality, Purpose::CareManagement, OrganizationKind::Municipality),
    (Role::Insurer, Purpose::Payment, OrganizationKind::Insurer),
    (Role::PublicHealth, Purpose::PublicHealth, OrganizationKind::HealthCentre),
];

/// `GET {base}/sharing/who?fact=Kind/id&day=&time=`.
pub(crate) async fn page(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    let mut open = record::open(site, visit, Action::AccessLog).await?;
    let (day, time) = (visit.asked("day").unwrap_or_default().trim(), visit.asked("time").unwrap_or_default().trim());
    let asked = read::moment(day, time, visit.now);
    let (at, fault) = (asked.ok().flatten(), asked.is_err());
    let moment_at = at.map_or(visit.now, |(_, at)| at);
    let record = &site.desk().record;
    let all = read::stood(record.past(open.permit(), None).await?, moment_at);
    let one = match visit.asked("fact") {
        Some(text) => Some(thing(site, visit, &open, text, &all).await?.ok_or(Fault::NOT_SHOWN)),
        None => None,
    };
    let (thing, facts) = match one {
        None => (None, all),
        Some(Ok((value, called, stood))) => (Some((value, called)), stood.into_iter().collect()),
        Some(Err(fault)) => {
            open.seal(visit).await?;
            return Err(fault);
        }
    };
    let moment = site.desk().door.moment(open.permit(), moment_at).await.map_err(|error| broken(&error))?;
    let told = if !moment.has_rules() {
        CouldTold::NoRules
    } else if thing.is_some() && facts.is_empty() {
        CouldTold::NotYet
    } else {
        let asking = Asking { at: moment_at, site, visit, open: &open, moment: &moment };
        CouldTold::Rows(asking.rows(&facts).await?)
    };
    for fact in &facts {
        fact.tell(&mut open.shown)?;
    }
    let view = CouldView { at: at.map(|(at, _)| at), fault, day: day.to_owned(), time: time.to_owned(), thing, told };
    let frame = open.seal(visit).await?;
    Ok(page::could::page(&view, &frame))
}

/// The one thing that is asked about, as the reader sees it now, and as it stood then; `None` if it is not shown to them.
async fn thing(
    site: &Site,
    visit: &Visit,
    open: &record::Open,
    text: &str,
    stood: &[Fact],
) -> Result<Option<(String, Words, Option<Fact>)>, Fault> {
    let record = &site.desk().record;
    let named = text.split_once('/').and_then(|(kind, id)| Some((Kind::from_name(kind)?, record.sealer().open(id)?)));
    let Some((_, key)) = named.filter(|(kind, key)| key.kind == *kind) else { return Ok(None) };
    let Some(fact) = record.read(open.permit(), key).await?.filter(|fact| !fact.is_gone()) else { return Ok(None) };
    let body = Document::parse(fact.body()?, &Limits::default()).map_err(|error| broken(&error))?;
    let title = body.root().get_str("title").filter(|title| !title.is_empty());
    let called = title.map_or_else(|| own(visit.lang.kind(key.kind), visit.lang), |title| words(title, visit.lang));
    let day = fact.values()?.day().and_then(crate::read::sharing::day);
    let called = match day {
        Some(day) => Words { text: format!("{} {}", calendar::day(day, visit.lang), called.text), lang: called.lang },
        None => called,
    };
    let then = stood.iter().find(|one| one.key() == key).cloned();
    Ok(Some((text.to_owned(), called, then)))
}

/// Somebody of whom it is asked.
struct Somebody {
    who: CouldWho,
    caller: Caller,
}

struct Asking<'a> {
    at: Instant,
    site: &'a Site,
    visit: &'a Visit,
    open: &'a record::Open,
    moment: &'a Moment,
}

impl Asking<'_> {
    async fn rows(&self, facts: &[Fact]) -> Result<Vec<CouldRow>, Fault> {
        let mut asked = self.related().await?;
        asked.extend(self.proxies().await?);
        for (role, purpose, kind) in OTHERS {
            let place = Organization::new(id(SOMEBODY)?, String::new(), kind);
            asked.push(self.somebody(CouldWho::Other(kind), &place, role, purpose)?);
        }
        asked.truncate(ROWS_MOST);
        let (door, lang) = (&self.site.desk().door, self.visit.lang);
        let mut rows = Vec::with_capacity(asked.len());
        for Somebody { who, caller } in asked {
            let could = door.could_see(self.open.permit(), self.moment, &caller).await;
            let (sees, rules) = match could.map_err(|error| broken(&error))? {
                Could::Nothing => (Vec::new(), Vec::new()),
                Could::See(lens, rules) => (read::sees(facts, &lens)?, rules),
            };
            let plain = |rule: &tsumugi_access::Rule| {
                let said = if lang == crate::Lang::En { &rule.en } else { &rule.ja };
                (own(said.as_str(), lang), words(rule.source.as_str(), lang))
            };
            let rules = rules.iter().map(plain).collect();
            rows.push(CouldRow { who, role: caller.role, purpose: caller.purpose, sees, rules });
        }
        Ok(rows)
    }

    /// Places that had to do with the person by then, and those that had looked: each as they looked, or usually do.
    async fn related(&self) -> Result<Vec<Somebody>, Fault> {
        let mut asked: Vec<(OrganizationId, Option<(Role, Purpose)>)> = Vec::new();
        let standing = self.moment.standing();
        // That there is a visit may be hers alone (本人だけ); a relation does not say.
        let proxy = record::caller(self.visit)?.role == Role::Proxy;
        for relation in standing.relations.iter().filter(|one| !(proxy && one.kind == RelationKind::Encounter)) {
            asked.push((relation.organization.clone(), None));
        }
        if !proxy {
            asked.extend(standing.consents.iter().filter_map(|consent| Some((consent.organization.clone()?, None))));
        }
        for look in looks::all(self.open).await?.iter().rev() {
            let (role, purpose) = (read_looks::role(&look.part), read_looks::purpose(&look.part));
            let apart =
                matches!(role, Role::Citizen | Role::Proxy | Role::System | Role::LinkHolder) || purpose.is_emergency();
            if look.part.time <= self.at.0
                && let Ok(place) = OrganizationId::new(&look.part.organization.id)
                && !apart
            {
                asked.push((place, Some((role, purpose))));
            }
        }
        let mut found: Vec<Somebody> = Vec::new();
        for (place, looked) in asked {
            let Some(place) = self.site.desk().directory.organization(&place).await? else { continue };
            let Some((role, purpose)) = looked.or_else(|| preview::usual(place.kind)) else { continue };
            let same = |one: &Somebody| {
                one.caller.organization == place.id && (one.caller.role, one.caller.purpose) == (role, purpose)
            };
            if !found.iter().any(same) {
                let who = CouldWho::Place(Words::ja(place.name.as_str()));
                found.push(self.somebody(who, &place, role, purpose)?);
            }
        }
        // Of one place, all stand together, where the first stands.
        let order: Vec<_> = found.iter().map(|one| one.caller.organization.clone()).collect();
        found.sort_by_key(|one| order.iter().position(|place| *place == one.caller.organization));
        Ok(found)
    }

    /// Those who could act for the person then.
    async fn proxies(&self) -> Result<Vec<Somebody>, Fault> {
        let reader = record::caller(self.visit)?;
        let mut found = Vec::new();
        for mandate in &self.moment.standing().mandates {
            let Some(purpose) = mandate.purposes.first().copied() else { continue };
            let home = Organization::new(id(SOMEBODY)?, String::new(), OrganizationKind::Household);
            let (person, place) = match &mandate.holder {
                // What the person keeps from the very reader is not the reader's to know.
                Holder::Person(person) if *person == reader.person && reader.role == Role::Proxy => continue,
                Holder::Person(person) => (person.clone(), Some(home)),
                Holder::Organization { organization } => (
                    somebody()?,
                    self.site.desk().directory.organization(organization).await?.map(|place| (*place).clone()),
                ),
            };
            let Some(place) = place else { continue };
            let who = CouldWho::Person(Words::ja(mandate.holder_name.as_str()));
            let caller = Caller::new((person, String::new()), &place, Role::Proxy, purpose, reader.expires);
            found.push(Somebody { who, caller });
        }
        Ok(found)
    }

    fn somebody(&self, who: CouldWho, place: &Organization, role: Role, purpose: Purpose) -> Result<Somebody, Fault> {
        let expires = record::caller(self.visit)?.expires;
        let reason = (purpose == Purpose::BreakGlass).then(|| SOMEBODY.to_owned());
        let caller = Caller { reason, ..Caller::new((somebody()?, String::new()), place, role, purpose, expires) };
        Ok(Somebody { who, caller })
    }
}

fn somebody() -> Result<PersonId, Fault> {
    PersonId::new(SOMEBODY).map_err(|error| broken(&error))
}

fn id(text: &str) -> Result<OrganizationId, Fault> {
    OrganizationId::new(text).map_err(|error| broken(&error))
}
