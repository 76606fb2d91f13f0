//! What care a person needs and gets, and what care offices and the city send about it.
//!
//! [`need`] decides first, whole and without forms: whether a person is certified, when, why and at which level
//! ([`certify`]), what the person can do over time and which services change it ([`ability`], [`planted`]), where and
//! by whom care is given ([`services`]). [`tell`] tells it as messages; [`count`] compares it with Japan.
//!
//! Certification follows age, sex and course; the course of ability gives the level at each survey; the answers of the
//! survey, the Barthel index and the half-yearly measures are read off the same ability ([`survey`], [`measures`]); so
//! they agree. Every number is a row of `data/care.json` with its source ([`table`]).
//!
//! When courses become other than they are, the rows that this project has set (`own`) are scaled by target over what
//! came out, until the test of the targets holds again.
//!
//! What must hold: integers only, the same on every machine; nothing before certification, nothing after death.

pub mod ability;
pub mod certify;
mod compare;
pub mod level;
pub mod measures;
pub mod planted;
pub mod services;
pub mod survey;
pub mod table;
mod tell;
mod tell_month;

use jiff::{ToSpan, civil::Date};

pub use ability::{PLANTED, Planted, Slope, Wave};
pub use certify::{Cause, Certification, Reason};
pub use compare::{count, targets};
pub use level::Level;
pub use planted::{PlantedEffect, planted};
pub use services::{Receipt, receipts};
pub use tell::tell;

use self::table::{Numbers, chance, numbers, pick};
use crate::{
    dice::{Dice, Stream},
    health::Course,
    population::Person,
    town::Town,
};

/// Where care is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// 居宅サービス.
    Home,
    /// 地域密着型サービス.
    Community,
    /// 施設サービス.
    Facility,
    /// Certified, but no service is used.
    Nothing,
}

/// The care of a certified person.
#[derive(Clone, Debug)]
pub struct Care {
    /// Certifications, one after the other.
    pub certifications: Vec<Certification>,
    /// Half-yearly measurements from the beginning of services.
    pub waves: Vec<Wave>,
    /// Why care is needed at the end.
    pub cause: Cause,
    /// From when on the course shows that cause; `None` for one that it never shows.
    pub cause_since: Option<Date>,
    /// Where care is given; before `since`, at home.
    pub setting: Setting,
    /// From when on the setting holds.
    pub since: Date,
    /// Whether the person lives in a special nursing home from then on, as the population has it.
    pub is_resident: bool,
    /// Cognition at first, of 100, and its change in half a year.
    pub cognition: (i64, i64),
    /// Days in hospital: first and last of each stay.
    pub away: Vec<(Date, Date)>,
    /// Days on which a fracture began.
    pub fractures: Vec<Date>,
    /// Who of the family helps.
    pub caregiver: Caregiver,
    /// A number from which what is small is thrown: answers, measures, months.
    pub key: u64,
}

/// Who of the family helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caregiver {
    /// Husband or wife.
    Partner,
    /// A child.
    Child,
    /// Nobody in the town.
    Nobody,
}

/// What care a person needs.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// The care of a certified person.
    pub care: Option<Care>,
    /// An application that found no need (非該当).
    pub refused: Option<Certification>,
}

impl Need {
    /// The level that is in force on `day`, if the person is certified then.
    #[must_use]
    pub fn level_on(&self, day: Date) -> Option<Level> {
        self.care.as_ref().and_then(|care| care.level_on(day))
    }
}

impl Care {
    /// The level that is in force on `day`.
    #[must_use]
    pub fn level_on(&self, day: Date) -> Option<Level> {
        let one = self.certifications.iter().rev().find(|one| one.from <= day)?;
        one.level.filter(|_| day <= one.to)
    }

    /// Why care is needed, as a physician sees it on `day`: frailty until the course shows the cause.
    #[must_use]
    pub fn cause_on(&self, day: Date) -> Cause {
        match self.cause_since {
            Some(since) if day < since => Cause::Frailty,
            _ => self.cause,
        }
    }

    /// Where care is given on `day`.
    #[must_use]
    pub fn setting_on(&self, day: Date) -> Setting {
        match self.setting {
            Setting::Facility | Setting::Community if day < self.since => Setting::Home,
            setting => setting,
        }
    }

    /// Cognition on `day`, of 100.
    #[must_use]
    pub fn cognition_on(&self, day: Date) -> i64 {
        let passed = self.waves.iter().filter(|wave| wave.day <= day).count().saturating_sub(1);
        (self.cognition.0 + i64::try_from(passed).unwrap_or(0) * self.cognition.1).clamp(0, 100)
    }

    /// The measurement in force on `day`, if services have begun.
    #[must_use]
    pub fn wave_on(&self, day: Date) -> Option<&Wave> {
        self.waves.iter().rev().find(|wave| wave.day <= day)
    }

    /// Dice for what is small: the same for the same thing and day.
    pub(crate) fn dice(&self, what: u64, day: Date) -> Dice {
        let day = u64::try_from(i64::from(day.year()) * 400 + i64::from(day.day_of_year())).unwrap_or(0);
        Dice::new(self.key, day.wrapping_mul(64).wrapping_add(what), Stream::Care)
    }
}

/// The need of a person, from who they are and their course. If the numbers cannot be read nobody needs anything, and
/// [`tell`] gives the fault.
#[must_use]
pub fn need(town: &Town, person: &Person, course: &Course) -> Need {
    let last = person.death.unwrap_or_else(|| town.today()).min(town.today());
    if person.age_on(last) < 40 {
        return Need::default();
    }
    numbers().map_or_else(|_| Need::default(), |numbers| decide(numbers, town, person, course, last))
}

fn decide(numbers: &Numbers, town: &Town, person: &Person, course: &Course, last: Date) -> Need {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Care);
    let shows = certify::Shown::of(course, last);
    let lives_there = person.facility_since.filter(|since| *since <= last);
    let certified = certify::is_certified(numbers, &mut dice, person, &shows, last);
    if !certified {
        return Need { care: None, refused: refused(numbers, &mut dice, person, last) };
    }
    let applied = certify::applied(numbers, &mut dice, person, &course.stays, last);
    let class = class(numbers, &mut dice, &shows, person.age_on(last), lives_there.is_some());
    let stays = losses(numbers, course);
    let first = applied.saturating_add((numbers.waits[2] + 14).days());
    let flattery = services::flattery(numbers, town, person);
    let start = ability::Start { first, last, class, stays: &stays, flattery };
    let mut measured = Dice::new(town.seed(), person.index, Stream::Measures);
    let waves = ability::waves(numbers, &mut measured, &start);
    let offset = dice.normal(0, numbers.ability_offset[0]);
    let certifications =
        certify::certifications(numbers, &mut dice, applied, &waves, offset, &course.stays, lives_there, last);
    let newest = certifications.last();
    let level = newest.and_then(|one| one.level).unwrap_or(Level::Support1);
    let begun = newest.map_or(first, |one| one.decided).max(first);
    let cause = certify::cause(numbers, &mut dice, level, &shows);
    let (mean, change) = match cause {
        Cause::Dementia => (numbers.mind_cognition[0], numbers.mind_cognition[3]),
        _ => (numbers.mind_cognition[1], numbers.mind_cognition[4]),
    };
    let cognition = (dice.normal(mean, numbers.mind_cognition[2]).clamp(5, 100), change);
    let setting = setting(numbers, &mut dice, level, lives_there.is_some());
    // The move comes in the first third of the newest certification, never after the last day.
    let drawn = begun.saturating_add(dice.between(0, days(begun, last).max(0) / 3).days());
    let since = lives_there.unwrap_or(drawn);
    let caregiver = match (person.partner, person.children.first()) {
        (Some(_), _) => Caregiver::Partner,
        (None, Some(_)) => Caregiver::Child,
        (None, None) => Caregiver::Nobody,
    };
    let away = course.stays.iter().map(|stay| (stay.from, stay.to)).collect();
    let broken = course.stays.iter().filter(|stay| stay.reason.icd10.starts_with('S'));
    let fractures = broken.map(|stay| stay.from).collect();
    let key = dice.throw();
    let cause_since = shows.since(cause);
    let care = Care {
        certifications,
        waves,
        cause,
        cause_since,
        setting,
        since,
        is_resident: lives_there.is_some(),
        cognition,
        away,
        fractures,
        caregiver,
        key,
    };
    Need { care: Some(care), refused: None }
}

/// Days from `from` to `to`; negative when `to` is earlier.
pub(crate) fn days(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// The class of ability at the first survey. Who goes into a nursing home is in one of its three heaviest.
fn class(numbers: &Numbers, dice: &mut Dice, shows: &certify::Shown, age: i16, lives_there: bool) -> usize {
    let mut share = numbers.ability_share;
    if lives_there {
        share[..4].fill(0);
    }
    let class = pick(dice, &share);
    let heavier = shows.relative().map(|one| numbers.ability_heavier[one]).max().unwrap_or(numbers.ability_heavier[5]);
    let by_age = certify::place(age).map_or(0, |place| numbers.ability_age[place]);
    let shift = by_age.div_euclid(1000) + i64::from(chance(dice, by_age.rem_euclid(1000), 1000));
    let class = i64::try_from(class).unwrap_or(0) + i64::from(chance(dice, heavier, 1000)) + shift;
    let lightest = if lives_there { 4 } else { 0 };
    usize::try_from(class.clamp(lightest, 6)).unwrap_or(0)
}

fn losses(numbers: &Numbers, course: &Course) -> Vec<(Date, Date, i64)> {
    let loss = |icd10: &str| match icd10 {
        _ if icd10.starts_with("I6") => numbers.ability_shock[0],
        _ if icd10.starts_with('S') => numbers.ability_shock[1],
        _ => numbers.ability_shock[2],
    };
    course.stays.iter().map(|stay| (stay.from, stay.to, loss(stay.reason.icd10))).collect()
}

fn setting(numbers: &Numbers, dice: &mut Dice, level: Level, lives_there: bool) -> Setting {
    let row = [&numbers.setting_home, &numbers.setting_community, &numbers.setting_facility, &numbers.setting_none];
    let weights = row.map(|weights| weights[level.index()]);
    let drawn = [Setting::Home, Setting::Community, Setting::Facility, Setting::Nothing][pick(dice, &weights)];
    if lives_there { Setting::Facility } else { drawn }
}

fn refused(numbers: &Numbers, dice: &mut Dice, person: &Person, last: Date) -> Option<Certification> {
    let asked = chance(dice, numbers.certified_refused[0], 1000) && person.age_on(last) >= 75;
    let applied = last.saturating_sub(dice.between(60, 1000).days());
    let [surveyed, opinion, decided] = numbers.waits.map(|days| applied.saturating_add(days.days()));
    let (level, reason, ability) = (None, Reason::New, 985);
    asked.then_some(Certification {
        reason,
        applied,
        surveyed,
        opinion,
        decided,
        level,
        from: decided,
        to: decided,
        ability,
    })
}
