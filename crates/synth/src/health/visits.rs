//! Visits to clinics: regular ones for what is treated, others for what comes up, and the dentist.
//!
//! A visit depends on person, course and its own number or month alone, so that any window of time can be made by
//! itself and is the same as in the whole.
//!
//! What must hold: no visit on a day on which clinics are closed, before the treatment it is for, during a stay, or after
//! death.

use super::{
    Course, Specialty,
    acute::{ACUTE, Acute, TEETH},
    chance::{along, part},
    days::{Day, Month},
    numbers::NUMBERS,
};
use crate::{
    dice::{Dice, Stream},
    population::Person,
    town::{Detail, Facility, Town},
};

/// Why somebody comes.
#[derive(Clone, Copy, Debug)]
pub enum Why {
    /// What is treated for long.
    Regular,
    /// Something that came up.
    Acute(&'static Acute),
}

/// A visit.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The day.
    pub day: Day,
    /// Minutes since midnight.
    pub minute: i64,
    /// Whom.
    pub at: Specialty,
    /// Why.
    pub why: Why,
    /// Its number among the regular visits there; 0 is the first.
    pub number: i64,
    /// How many times in the month this stands for: dialysis is told once a month.
    pub times: i64,
}

/// The days of a person's life that the town tells, both included.
#[must_use]
pub fn window(town: &Town, person: &Person) -> (Day, Day) {
    let today = Day::from(town.today());
    let birth = Day::from(person.birth);
    let first = match town.detail() {
        Detail::Whole => birth,
        Detail::Recent { years } | Detail::Claims { years } => {
            let (year, month, day) = today.parts();
            Day(Day::civil(year - i64::from(years), month, day).0 + 1)
        }
    };
    (first.max(birth), person.death.map_or(today, |death| Day::from(death).min(today)))
}

impl Specialty {
    /// Where it is found.
    #[must_use]
    pub const fn facility(self) -> Facility {
        match self {
            Self::Internal => Facility::ClinicInternal,
            Self::Eyes => Facility::ClinicEye,
            Self::Bones => Facility::ClinicOrthopaedics,
            Self::Mind => Facility::ClinicMental,
            Self::Skin => Facility::ClinicSkin,
            Self::Children => Facility::ClinicPaediatrics,
            Self::Women => Facility::ClinicWomen,
            Self::Hospital => Facility::Hospital,
            Self::Dialysis => Facility::Dialysis,
            Self::Teeth => Facility::Dental,
        }
    }
}

/// The visits of a person from `from` to `to`, in order of time.
#[must_use]
pub fn visits(person: &Person, course: &Course, from: Day, to: Day) -> Vec<Visit> {
    let mut list = Vec::with_capacity(64);
    let planner = Planner { person, course, from, to };
    for at in Specialty::ALL {
        planner.regular(at, &mut list);
    }
    let (mut month, last) = (Month(from.month().0 - 1), to.month());
    while month <= last {
        planner.acute(month, &mut list);
        planner.teeth(month, &mut list);
        month = Month(month.0 + 1);
    }
    list.sort_unstable_by_key(|visit| (visit.day, visit.minute, visit.at));
    list
}

struct Planner<'a> {
    person: &'a Person,
    course: &'a Course,
    from: Day,
    to: Day,
}

impl Planner<'_> {
    fn dice(&self, part_of: u64) -> Dice {
        part(self.course.body.seed, self.course.body.person, Stream::Visits, part_of)
    }

    fn is_free(&self, day: Day) -> bool {
        let date = day.date();
        self.from <= day && day <= self.to && self.course.stay_on(date).is_none()
    }

    /// Mornings are usual; the later the rarer.
    fn minute(dice: &mut Dice) -> i64 {
        let hour = [9, 10, 11, 15, 16, 17][dice.weighted(&[30, 26, 16, 12, 10, 6])];
        hour * 60 + dice.between(0, 11) * 5
    }

    fn regular(&self, at: Specialty, list: &mut Vec<Visit>) {
        let treated = |one: &&super::Illness| one.by == at && one.treated.is_some();
        let Some(first) = self.course.illnesses.iter().filter(treated).filter_map(|one| one.treated).min() else {
            return;
        };
        let first = Day::from(first);
        let every = interval(self.course, at);
        let mut number = ((self.from.0 - first.0) / every - 1).max(0);
        loop {
            let mut dice = self.dice((2 << 40) | ((at as u64) << 32) | number.unsigned_abs());
            let mut day = Day(first.0 + number * every + if number > 0 { dice.between(-3, 3) } else { 0 });
            if day > self.to {
                return;
            }
            let weekday = day.weekday();
            if dice.chance(u32::try_from(NUMBERS.monday).unwrap_or(0)) && day.0 - weekday >= first.0 {
                day = Day(day.0 - weekday);
            }
            let (day, minute) = (day.opened(), Self::minute(&mut dice));
            let date = day.date();
            if self.is_free(day) && self.course.illnesses.iter().any(|one| one.by == at && one.is_treated_on(date)) {
                let times = if at == Specialty::Dialysis { NUMBERS.dialysis_times } else { 1 };
                list.push(Visit { day, minute, at, why: Why::Regular, number, times });
            }
            number += 1;
        }
    }

    fn acute(&self, month: Month, list: &mut Vec<Visit>) {
        let mut dice = self.dice((3 << 40) | month.0.unsigned_abs());
        let age = (month.first().0 - Day::from(self.person.birth).0).max(0);
        let a_year = NUMBERS.acute[acute_band(age)];
        // Hundredths a year are twelve-hundredths a month.
        let count = a_year / 1200 + i64::from(dice.below(1200) < (a_year % 1200).unsigned_abs());
        for _ in 0..count {
            let stage = if age < 15 * 365 { 0 } else { usize::from(age >= 65 * 365) + 1 };
            let weights: [u32; ACUTE.len()] = NUMBERS.kinds.map(|kind| {
                let season = usize::try_from(kind[3]).ok().map_or(100, |of| NUMBERS.seasons[of][month.of_year()]);
                u32::try_from(kind[stage] * season / 100).unwrap_or(0)
            });
            let what = &ACUTE[dice.weighted(&weights)];
            let child = stage == 0 && what.by == Specialty::Internal;
            let at = if child { Specialty::Children } else { what.by };
            let length = month.last().0 - month.first().0;
            let mut day = Day(month.first().0 + dice.between(0, length)).opened();
            let again = 1 + usize::from(dice.chance(NUMBERS.again));
            for number in 0..i64::try_from(again).unwrap_or(1) {
                let minute = Self::minute(&mut dice);
                if self.is_free(day) {
                    list.push(Visit { day, minute, at, why: Why::Acute(what), number, times: 1 });
                }
                day = Day(day.0 + dice.between(4, 7)).opened();
            }
        }
    }

    fn teeth(&self, month: Month, list: &mut Vec<Visit>) {
        let mut dice = self.dice((4 << 40) | month.0.unsigned_abs());
        let age = (month.first().0 - Day::from(self.person.birth).0).max(0);
        let a_year = along(&NUMBERS.dental, age);
        if dice.below(1200) >= a_year.unsigned_abs() {
            return;
        }
        let what = dice.pick(&TEETH);
        let mut day = Day(month.first().0 + dice.between(0, 12)).opened();
        for number in 0..dice.between(1, 3) {
            let minute = Self::minute(&mut dice);
            if self.is_free(day) && day.month() == month {
                list.push(Visit { day, minute, at: Specialty::Teeth, why: Why::Acute(what), number, times: 1 });
            }
            day = Day(day.0 + dice.between(6, 9)).opened();
        }
    }
}

/// Days between a person's regular visits there.
#[must_use]
pub fn interval(course: &Course, at: Specialty) -> i64 {
    let mut dice = part(course.body.seed, course.body.person, Stream::Visits, (1 << 32) | at as u64);
    NUMBERS.intervals[at as usize][usize::try_from(dice.below(4)).unwrap_or(0)].max(1)
}

/// The band of an age in days: 0–4, 5–14, 15–39, 40–64, 65–74, 75 and over.
#[must_use]
pub fn acute_band(age_days: i64) -> usize {
    [5, 15, 40, 65, 75].iter().position(|&years| age_days < years * 365 + years / 4).unwrap_or(5)
}
