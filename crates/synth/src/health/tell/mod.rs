//! What clinics, hospitals, pharmacies and insurers send about a person's course.
//!
//! A visit is one transaction (encounter, diagnoses, vital signs, prescriptions); laboratory values, lists of diagnoses
//! and allergies go to the sharing service as JP-CLINS collections, letters and discharge summaries as its documents; a
//! month's receipts are one transaction of the insurer.
//!
//! What must hold: a diagnosis that the person has not been told carries the flag wherever it is named, and no document
//! is sent about it before.

mod claims;
mod stay;
mod visit;

use jiff::civil::Date;
use tsumugi_kernel::{Purpose, Role};

use super::{
    Course, Specialty,
    course::Illness,
    days::Day,
    visits::{visits, window},
};
use crate::{
    dice::{Dice, Stream},
    form::{clinical::ALLERGENS, clinical::allergy, party::Department, party::resident},
    outbox::{Outbox, Sender},
    outgoing::SynthError,
    people::Institution,
    population::Person,
    town::{Detail, Facility},
};

/// Tells a person's course.
///
/// # Errors
/// [`SynthError`] when an id or a date does not fit; a fault of this crate.
pub fn tell(out: &mut Outbox<'_>, person: &Person, course: &Course) -> Result<(), SynthError> {
    let town = out.town;
    let (from, to) = window(town, person);
    let mut teller = Teller { person, course, from, to };
    if matches!(town.detail(), Detail::Claims { .. }) {
        // Where only receipts are told, nobody else says who the person is.
        teller.known(out, from)?;
        return teller.claims(out);
    }
    let list = visits(person, course, from, to);
    teller.allergies(out, &list)?;
    teller.visits(out, &list)?;
    for stay in &course.stays {
        teller.stay(out, stay)?;
    }
    teller.at_home(out)?;
    teller.claims(out)
}

struct Teller<'a> {
    person: &'a Person,
    course: &'a Course,
    from: Day,
    to: Day,
}

impl Teller<'_> {
    /// The city says who the person is before anybody writes about them.
    fn known(&mut self, out: &mut Outbox<'_>, first: Day) -> Result<(), SynthError> {
        let city = out.town.facilities(Facility::CityHall).first();
        let purpose = Purpose::RecordManagement;
        let sender = city.and_then(|city| by(city, Role::Municipality, purpose, first.date(), 8));
        let Some(sender) = sender.filter(|sender| out.wants(sender.day)) else { return Ok(()) };
        out.create(sender, "registered", |author, subject| resident(author.time, subject.0))
    }

    /// Illnesses that a specialty treats on a day.
    fn treated(&self, at: Specialty, day: Date) -> impl Iterator<Item = &Illness> {
        self.course.illnesses.iter().filter(move |one| one.by == at && one.is_treated_on(day))
    }

    fn allergies(&mut self, out: &mut Outbox<'_>, list: &[super::Visit]) -> Result<(), SynthError> {
        let mut dice = Dice::new(out.town.seed(), self.person.index, Stream::Laboratory);
        let has = dice.chance(u32::try_from(super::numbers::NUMBERS.allergy).unwrap_or(0));
        let allergen = *dice.pick(&ALLERGENS);
        let doctor = |visit: &&super::Visit| matches!(visit.at, Specialty::Internal | Specialty::Children);
        let Some(visit) = list.iter().filter(|visit| is_shared(visit.day.date())).find(doctor).filter(|_| has) else {
            return Ok(());
        };
        let day = visit.day.date();
        let place = out.town.facility_on(self.person, visit.at.facility(), 0, day);
        let sender = place.and_then(|place| by(place, Role::Physician, Purpose::Treat, day, hour(visit.minute)));
        let Some(sender) = sender else { return Ok(()) };
        let serial = out.serial("A", day);
        let since = self.person.birth.year().max(day.year() - 3);
        out.submit(sender, "allergies", |author, citizen, ids| {
            crate::form::bundle::collection(author, citizen, "AllergyIntolerance", &serial, ids, |subject| {
                vec![allergy(author, subject, "1", &allergen, &since.to_string())]
            })
        })
    }
}

/// The first of `place` with `role`; `None` when nobody works there.
fn by<'a>(place: &'a Institution, role: Role, purpose: Purpose, day: Date, hour: i8) -> Option<Sender<'a>> {
    place.who(role).map(|person| Sender { place, person, purpose, day, hour })
}

/// Whether the sharing service takes what is from `day`: its identifiers have room for years from 2020 on (R2152).
pub(crate) fn is_shared(day: Date) -> bool {
    day.year() >= 2020
}

/// The hour at which a visit of this minute of the day has been written.
fn hour(minute: i64) -> i8 {
    i8::try_from(minute / 60 + 1).unwrap_or(17)
}

impl Specialty {
    /// The department, as SS-MIX2 codes it.
    const fn department(self) -> Department {
        let (code, name) = match self {
            Self::Internal | Self::Dialysis | Self::Hospital => ("01", "内科"),
            Self::Mind => ("02", "精神科"),
            Self::Children => ("09", "小児科"),
            Self::Bones => ("11", "整形外科"),
            Self::Skin => ("17", "皮膚科"),
            Self::Women => ("20", "産婦人科"),
            Self::Eyes => ("23", "眼科"),
            Self::Teeth => ("28", "歯科"),
        };
        Department { code, name }
    }

    /// Its word in the names of messages.
    const fn word(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Eyes => "eyes",
            Self::Bones => "bones",
            Self::Mind => "mind",
            Self::Skin => "skin",
            Self::Children => "children",
            Self::Women => "women",
            Self::Hospital => "hospital",
            Self::Dialysis => "dialysis",
            Self::Teeth => "teeth",
        }
    }

    const fn role(self) -> Role {
        match self {
            Self::Teeth => Role::Dentist,
            _ => Role::Physician,
        }
    }
}
