//! Looks at a person's record: an ordinary stream by those who treat and care, and a few without a reason of care.
//!
//! The planted ones are what a review of looks should find: somebody of the same family name, a neighbour, a colleague of the
//! institution where the person was known otherwise, a person whom many know, looks at night, looks in volume. Which they are
//! stands in the truth only.

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
    /// The looker works where nobody knows the person as a patient.
    Colleague,
    /// Many know the person.
    PublicPerson,
    /// At night, by somebody who works by day.
    Night,
    /// Many views within minutes.
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
}

static RATES: LazyLock<Rates> = LazyLock::new(|| Rates {
    ordinary: parameters::values("looks.ordinary").to_vec(),
    planted: parameters::share("looks.planted"),
});

/// Who looks in the ordinary way, and what they open.
const USUAL: [(Facility, Role, Purpose, [View; 3], u32); 7] = [
    (Facility::ClinicInternal, Role::Physician, Purpose::Treat, [View::Summary, View::Laboratory, View::Medicines], 40),
    (Facility::Hospital, Role::Physician, Purpose::Treat, [View::Summary, View::Documents, View::Laboratory], 18),
    (Facility::Hospital, Role::Nurse, Purpose::Treat, [View::Summary, View::Medicines, View::Care], 12),
    (Facility::Pharmacy, Role::Pharmacist, Purpose::Treat, [View::Medicines, View::Medicines, View::Summary], 25),
    (Facility::CareManagement, Role::CareManager, Purpose::CareManagement, [View::Care, View::Summary, View::Care], 3),
    (Facility::HomeNursing, Role::Nurse, Purpose::CareManagement, [View::Care, View::Medicines, View::Care], 2),
    (Facility::Fire, Role::Crew, Purpose::EmergencyTreat, [View::Summary, View::Summary, View::Medicines], 1),
];

/// The looks at a person's record within the town's window, in order of time, each with the reason that it lacks if it
/// was planted.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn looks(town: &Town, person: &Person) -> Result<Vec<(Outgoing, Option<Snoop>)>, SynthError> {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Looks);
    let mut list = Vec::new();
    let last = person.death.unwrap_or_else(|| town.today());
    let age = person.age_on(last);
    let band = [40, 65, 75].iter().filter(|limit| age >= **limit).count();
    let tenths = RATES.ordinary.get(band).copied().unwrap_or(0);
    // Between nothing and twice the mean, so that the mean is right.
    let count = (dice.between(0, 2 * tenths) + dice.between(0, 9)) / 10;
    for _ in 0..count {
        let weights = USUAL.map(|(.., weight)| weight);
        let (facility, role, purpose, views, _) = USUAL[dice.weighted(&weights).min(USUAL.len() - 1)];
        let view = *dice.pick(&views);
        let day = last.checked_sub(dice.between(0, 364).days())?;
        let (hour, minute) = (dice.between(8, 18), dice.between(0, 59));
        let place = town.facility_on(person, facility, 0, day);
        let Some((place, who)) = place.and_then(|place| place.who(role).map(|who| (place, who))) else { continue };
        if let Some(one) = look(person, (place, who), (purpose, view), at(day, hour, minute)?, list.len())? {
            list.push((one, None));
        }
    }
    planted_looks(town, person, last, &mut list)?;
    list.retain(|(one, _)| town.tells(one.time.civil().date()));
    list.sort_by_key(|(one, _)| one.time);
    Ok(list)
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

/// Looks without a reason: at few people, several at those whom many know.
fn planted_looks(
    town: &Town,
    person: &Person,
    last: Date,
    list: &mut Vec<(Outgoing, Option<Snoop>)>,
) -> Result<(), SynthError> {
    let mut dice = Dice::new(town.seed() ^ 0x5eed, person.index, Stream::Looks);
    let times = if person.is_public { dice.between(2, 6) } else { i64::from(dice.rare(RATES.planted)) };
    for _ in 0..times {
        let kinds = [Snoop::FamilyName, Snoop::Neighbour, Snoop::Colleague, Snoop::Night, Snoop::Volume];
        let why = if person.is_public { Snoop::PublicPerson } else { *dice.pick(&kinds) };
        let day = last.checked_sub(dice.between(1, 364).days())?;
        let Some((place, who)) = looker(town, person, why, &mut dice) else { continue };
        let hour = if why == Snoop::Night { dice.between(1, 4) } else { dice.between(8, 19) };
        let purpose = if matches!(who.role, Role::CareManager | Role::CareWorker) {
            Purpose::CareManagement
        } else {
            Purpose::Treat
        };
        let views = [View::Summary, View::Diagnoses, View::Documents, View::Laboratory, View::Medicines, View::Care];
        let many = if why == Snoop::Volume { 6 } else { 1 };
        let start = dice.between(0, 40);
        for (view, minute) in views.into_iter().zip(start..).take(many) {
            if let Some(one) = look(person, (place, who), (purpose, view), at(day, hour, minute)?, list.len())? {
                list.push((one, Some(why)));
            }
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
    let treats = |place: &Institution| {
        [Facility::Hospital, Facility::ClinicInternal, Facility::Pharmacy]
            .iter()
            .any(|kind| town.facility(person, *kind, 0).is_some_and(|own| own.id == place.id))
    };
    let asks = |who: &&Professional| {
        matches!(who.role, Role::Physician | Role::Nurse | Role::Pharmacist | Role::CareWorker | Role::CareManager)
    };
    match why {
        Snoop::Neighbour => {
            let near = [Facility::ClinicSkin, Facility::Pharmacy, Facility::DayService, Facility::ClinicEye];
            let place = town.facility(person, *dice.pick(&near), 77)?;
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
                (!treats(place)).then_some((place, who))
            })
        }
        _ => {
            let kind = *dice.pick(&[Facility::Hospital, Facility::ClinicMental, Facility::ClinicOrthopaedics]);
            let all = town.facilities(kind);
            let place = dice.pick(all);
            place
                .staff
                .iter()
                .find(asks)
                .filter(|_| why != Snoop::Colleague || !treats(place) || all.len() == 1)
                .map(|who| (place, who))
        }
    }
}

/// The planted looks of a person, by name. Looks are counted without error here: one that could not be made is not
/// there to be named.
#[must_use]
pub fn planted(town: &Town, person: &Person) -> Vec<Planted> {
    let all = looks(town, person).unwrap_or_default();
    all.into_iter().filter_map(|(one, why)| why.map(|why| Planted { name: one.name, why })).collect()
}
