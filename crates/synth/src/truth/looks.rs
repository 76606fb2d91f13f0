//! Looks at a person's record: an ordinary stream by those who treat and care, and a few without a reason of care.
//!
//! Ordinary looks follow the care that is told: before it is written down, in the weeks after, at night where somebody lies in
//! hospital, by an ambulance, and a few for advice that nobody records. So they hold what is hard to tell from curiosity: a
//! first visit, a doctor of the patient's name, the clinic in the next street, staff who are treated where they work.
//!
//! The planted ones are what a review of looks should find: somebody of the same family name, a neighbour, a colleague at
//! work, a person whom many know, looks at night, many people on one evening. Nobody plants them where the person is cared
//! for. Which they are stands in the truth only.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;
use tsumugi_kernel::{Instant, Purpose, Role};

use crate::{
    dice::{Dice, Stream},
    outgoing::{Form, Look, Outgoing, SynthError, View, moment},
    parameters,
    people::{Institution, Professional, member_system},
    population::Person,
    town::{Facility, Town},
};

/// Why a planted look has no reason of care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Snoop {
    /// The looker bears the same family name.
    FamilyName,
    /// The looker's institution lies in the same quarter, and does not treat the person.
    Neighbour,
    /// The person works where the looker works, and is no patient there.
    Colleague,
    /// Many know the person.
    PublicPerson,
    /// At night, by somebody who works by day.
    Night,
    /// Many people on one evening.
    Volume,
}

/// A planted look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Planted {
    /// The name of what was sent ([`Outgoing::name`]).
    pub name: String,
    /// Why it has no reason.
    pub why: Snoop,
}

struct Rates {
    ordinary: Vec<i64>,
    planted: u32,
    crew: u32,
    unrecorded: u32,
    staff: u32,
    gathered_each: u64,
}

static RATES: LazyLock<Rates> = LazyLock::new(|| Rates {
    ordinary: parameters::values("looks.ordinary").to_vec(),
    planted: parameters::share("looks.planted"),
    crew: parameters::share("looks.crew"),
    unrecorded: parameters::share("looks.unrecorded"),
    staff: parameters::share("looks.staff"),
    gathered_each: parameters::value("looks.gathered").unsigned_abs().max(1),
});

/// Who looks at what in the ordinary way, by the kind of place.
fn views(facility: Facility) -> &'static [View] {
    match facility {
        Facility::Hospital => &[View::Summary, View::Documents, View::Laboratory, View::Medicines],
        Facility::Pharmacy => &[View::Medicines, View::Medicines, View::Summary],
        Facility::CareManagement | Facility::HomeNursing | Facility::DayService | Facility::HomeHelp => {
            &[View::Care, View::Summary, View::Medicines]
        }
        Facility::SpecialNursingHome | Facility::GeriatricFacility => &[View::Care, View::Medicines, View::Summary],
        _ => &[View::Summary, View::Laboratory, View::Medicines],
    }
}

/// Care that was told: who told it, and when.
struct Visit<'a> {
    place: &'a Institution,
    facility: Facility,
    purpose: Purpose,
    time: Instant,
}

/// The care in messages: what insurers, municipalities and machines tell is none.
fn visits<'a>(town: &'a Town, sent: &[Outgoing]) -> Vec<Visit<'a>> {
    let care = |one: &&Outgoing| {
        matches!(one.purpose, Purpose::Treat | Purpose::CareManagement)
            && !matches!(one.role, Role::System | Role::Insurer | Role::Municipality | Role::Registrar)
            && matches!(one.form, Form::Submit(_) | Form::Transaction(_))
    };
    let visit = |one: &Outgoing| {
        let facility = town.kind_of(one.sender.as_str())?;
        let place = town.facilities(facility).iter().find(|place| place.id == one.sender.as_str())?;
        Some(Visit { place, facility, purpose: one.purpose, time: one.time })
    };
    sent.iter().filter(care).filter_map(visit).collect()
}

/// Whether somebody of this role looks at records.
const fn looks_up(role: Role) -> bool {
    matches!(
        role,
        Role::Physician
            | Role::Dentist
            | Role::Nurse
            | Role::Pharmacist
            | Role::Therapist
            | Role::CareManager
            | Role::CareWorker
    )
}

/// The looks at a person's record within the town's window, in order of time, each with the reason that it lacks if it
/// was planted. `sent` is what was told of the person: who cares, looks.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn looks(town: &Town, person: &Person, sent: &[Outgoing]) -> Result<Vec<(Outgoing, Option<Snoop>)>, SynthError> {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Looks);
    let mut list = Vec::new();
    let last = person.death.unwrap_or_else(|| town.today());
    let age = person.age_on(last);
    let band = [40, 65, 75].iter().filter(|limit| age >= **limit).count();
    let tenths = RATES.ordinary.get(band).copied().unwrap_or(0);
    let visits = visits(town, sent);
    // Between nothing and twice the mean, so that the mean is right.
    let count = (dice.between(0, 2 * tenths) + dice.between(0, 9)) / 10;
    for _ in 0..count {
        if dice.chance(RATES.crew) {
            let (day, hour) = (last.checked_sub(dice.between(0, 364).days())?, dice.between(0, 23));
            let place = town.facility_on(person, Facility::Fire, 0, day);
            if let Some((place, who)) = place.and_then(|place| place.who(Role::Crew).map(|who| (place, who))) {
                let asks = (Purpose::EmergencyTreat, View::Summary);
                list.extend(
                    look(person, (place, who), asks, at(day, hour, dice.between(0, 59))?, list.len())?.map(ordinary),
                );
            }
            continue;
        }
        if visits.is_empty() {
            continue;
        }
        let visit = dice.pick(&visits);
        let time = usual_time(visit, &mut dice)?;
        let place = match visit.facility {
            // Advice by telephone: somebody of another place looks, and nobody writes it down.
            Facility::ClinicInternal if dice.rare(RATES.unrecorded) => {
                town.facility_on(person, Facility::Hospital, 31, time.civil().date()).unwrap_or(visit.place)
            }
            _ => visit.place,
        };
        let staff: Vec<&Professional> = place.staff.iter().filter(|who| looks_up(who.role)).collect();
        if staff.is_empty() {
            continue;
        }
        let who = *dice.pick(&staff);
        let asks = (visit.purpose, *dice.pick(views(visit.facility)));
        list.extend(look(person, (place, who), asks, time, list.len())?.map(ordinary));
    }
    planted_looks(town, person, last, &visits, &mut list)?;
    gathering(town, person, &visits, &mut list)?;
    list.retain(|(one, _)| town.tells(one.time.civil().date()));
    list.sort_by_key(|(one, _)| one.time);
    Ok(list)
}

fn ordinary(one: Outgoing) -> (Outgoing, Option<Snoop>) {
    (one, None)
}

/// When somebody looks who cares: mostly on the day, before it is written down; then for results and questions in the weeks
/// after; in a hospital also at night.
fn usual_time(visit: &Visit<'_>, dice: &mut Dice) -> Result<Instant, SynthError> {
    let day = visit.time.civil().date();
    let hour = i64::from(visit.time.civil().hour());
    let minute = dice.between(0, 59);
    match dice.below(100) {
        0..=69 => at(day, dice.between(8, (hour - 1).max(8)), minute),
        70..=79 if visit.facility == Facility::Hospital => at(day, dice.between(0, 4), minute),
        _ => at(day.checked_add(dice.between(1, 60).days())?, dice.between(8, 18), minute),
    }
}

fn at(day: Date, hour: i64, minute: i64) -> Result<Instant, SynthError> {
    moment(day, i8::try_from(hour).unwrap_or(12), i8::try_from(minute).unwrap_or(0))
}

/// One look; `None` when the person had no number then.
fn look(
    person: &Person,
    (place, who): (&Institution, &Professional),
    (purpose, view): (Purpose, View),
    time: Instant,
    number: usize,
) -> Result<Option<Outgoing>, SynthError> {
    let day = time.civil().date();
    let Some(coverage) = person.coverage_on(day).filter(|_| person.lives_on(day)) else { return Ok(None) };
    let asked = Look { view, system: member_system(&coverage.member_id).to_owned(), value: coverage.member_id.clone() };
    let name = format!("p{:07}-look-{}", person.index, number + 1);
    Outgoing::new(place, who, purpose, Form::Look(asked), time, name).map(Some)
}

/// Where a person works who works in one of the town's places; no patient of theirs for that.
#[must_use]
pub fn employer<'a>(town: &'a Town, person: &Person) -> Option<&'a Institution> {
    let mut dice = Dice::new(town.seed() ^ 0x0e3b, person.index, Stream::Looks);
    let working = (20..65).contains(&person.age_on(town.today())) && person.death.is_none();
    if !working || !dice.chance(RATES.staff) {
        return None;
    }
    let kinds = [Facility::Hospital, Facility::Hospital, Facility::GeriatricFacility, Facility::Pharmacy];
    let all = town.facilities(*dice.pick(&kinds));
    (!all.is_empty()).then(|| dice.pick(all))
}

/// Looks without a reason: at few people, several at those whom many know.
fn planted_looks(
    town: &Town,
    person: &Person,
    last: Date,
    visits: &[Visit<'_>],
    list: &mut Vec<(Outgoing, Option<Snoop>)>,
) -> Result<(), SynthError> {
    let mut dice = Dice::new(town.seed() ^ 0x5eed, person.index, Stream::Looks);
    let times = if person.is_public { dice.between(2, 6) } else { i64::from(dice.rare(RATES.planted)) };
    for _ in 0..times {
        let kinds = [Snoop::FamilyName, Snoop::Neighbour, Snoop::Colleague, Snoop::Night];
        let why = match (person.is_public, employer(town, person)) {
            (true, _) => Snoop::PublicPerson,
            // Who works where others can look is looked at there.
            (false, Some(_)) if dice.chance(700) => Snoop::Colleague,
            (false, _) => *dice.pick(&kinds),
        };
        let day = last.checked_sub(dice.between(1, 364).days())?;
        let Some((place, who)) = looker(town, person, why, &mut dice) else { continue };
        // Where the person is cared for, a look has a reason that nobody can tell from this one.
        if visits.iter().any(|visit| visit.place.id == place.id) {
            continue;
        }
        let hour = if why == Snoop::Night { dice.between(1, 4) } else { dice.between(8, 19) };
        let views = [View::Summary, View::Diagnoses, View::Documents, View::Laboratory, View::Medicines, View::Care];
        let asks = (purpose_of(who), *dice.pick(&views));
        if let Some(one) = look(person, (place, who), asks, at(day, hour, dice.between(0, 59))?, list.len())? {
            list.push((one, Some(why)));
        }
    }
    Ok(())
}

fn purpose_of(who: &Professional) -> Purpose {
    if matches!(who.role, Role::CareManager | Role::CareWorker) { Purpose::CareManagement } else { Purpose::Treat }
}

/// Somebody who looks at people one after the other on one evening: a few such evenings for each town, each at some forty
/// people drawn from all.
fn gathering(
    town: &Town,
    person: &Person,
    visits: &[Visit<'_>],
    list: &mut Vec<(Outgoing, Option<Snoop>)>,
) -> Result<(), SynthError> {
    const PEOPLE: u64 = 40;
    for evening in 0..=town.citizens() / RATES.gathered_each {
        let mut dice = Dice::new(town.seed() ^ 0x6a7e, evening, Stream::Looks);
        let kind = *dice.pick(&[Facility::Hospital, Facility::ClinicOrthopaedics, Facility::CareManagement]);
        let all = town.facilities(kind);
        let day = town.today().checked_sub(dice.between(10, 340).days())?;
        if all.is_empty() {
            continue;
        }
        let place = dice.pick(all);
        let Some(who) = place.staff.iter().find(|who| looks_up(who.role)) else { continue };
        let mut own = Dice::new(town.seed() ^ 0x6a7f ^ evening << 32, person.index, Stream::Looks);
        let cared_for = visits.iter().any(|visit| visit.place.id == place.id);
        if cared_for || own.below(town.citizens().max(PEOPLE)) >= PEOPLE {
            continue;
        }
        let time = at(day, own.between(18, 20), own.between(0, 59))?;
        if let Some(one) = look(person, (place, who), (purpose_of(who), View::Summary), time, list.len())? {
            list.push((one, Some(Snoop::Volume)));
        }
    }
    Ok(())
}

/// Who looks without a reason.
fn looker<'a>(
    town: &'a Town,
    person: &Person,
    why: Snoop,
    dice: &mut Dice,
) -> Option<(&'a Institution, &'a Professional)> {
    let asks = |who: &&Professional| looks_up(who.role) && who.role != Role::Therapist;
    match why {
        Snoop::Neighbour => {
            let near = [Facility::ClinicSkin, Facility::Pharmacy, Facility::CareManagement, Facility::ClinicEye];
            let place = town.facility(person, *dice.pick(&near), 77)?;
            place.staff.iter().find(asks).map(|who| (place, who))
        }
        Snoop::Colleague => {
            let place = employer(town, person)?;
            place.staff.iter().find(asks).map(|who| (place, who))
        }
        Snoop::FamilyName => {
            let all = town.institutions();
            let start = dice.below(all.len() as u64);
            let family = &person.name.on(town.today()).family;
            // At most some hundred places are asked, however large the town.
            (0..all.len().min(400)).find_map(|step| {
                let place = &all[(usize::try_from(start).unwrap_or(0) + step) % all.len()];
                let who = place.staff.iter().filter(asks).find(|who| who.name.family == *family)?;
                Some((place, who))
            })
        }
        _ => {
            let kind = *dice.pick(&[Facility::Hospital, Facility::ClinicMental, Facility::ClinicOrthopaedics]);
            let all = town.facilities(kind);
            let place = (!all.is_empty()).then(|| dice.pick(all))?;
            place.staff.iter().find(asks).map(|who| (place, who))
        }
    }
}

/// The planted looks of a person, by name. Looks are counted without error here: one that could not be made is not
/// there to be named.
#[must_use]
pub fn planted(town: &Town, person: &Person, sent: &[Outgoing]) -> Vec<Planted> {
    let all = looks(town, person, sent).unwrap_or_default();
    all.into_iter().filter_map(|(one, why)| why.map(|why| Planted { name: one.name, why })).collect()
}
