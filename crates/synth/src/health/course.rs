//! A person's course: illnesses with onset, treatment and severity, and stays in hospital. Facts only; nothing is sent
//! from here.
//!
//! Lasting illnesses come from liabilities ([`chance`](super::chance)): each person has one place in the curve of each
//! illness, and falls ill at the age at which the curve reaches it. What leads to a stay is drawn year by year
//! ([`events`](super::events)), the likelier the more it leans on what the person already has.
//!
//! What must hold: nothing before birth or after death; treatment not before onset; stays do not overlap.

use jiff::civil::Date;

use super::{
    ailment::{Ailment, CHRONIC, COMPLAINTS, EPISODES, Specialty},
    body::{Body, age_days},
    chance::{along, liability, rank, reached},
    days::Day,
    events,
    numbers::NUMBERS,
};
use crate::{
    dice::{Dice, Stream},
    form::clinical::Disease,
    people::Sex,
    population::Person,
    town::Town,
};

/// How severe an illness is over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Severity {
    /// At onset, 0–100.
    pub at_onset: u8,
    /// Half a year later.
    pub settled: u8,
    /// Change in ten years from then on.
    pub drift: i8,
}

impl Severity {
    /// `days` after the onset, 0–100.
    #[must_use]
    pub fn after(self, days: i64) -> u8 {
        const HALF_YEAR: i64 = 182;
        let (first, settled) = (i64::from(self.at_onset), i64::from(self.settled));
        let value = if days < HALF_YEAR {
            first + (settled - first) * days.max(0) / HALF_YEAR
        } else {
            settled + i64::from(self.drift) * (days - HALF_YEAR) / super::chance::DECADE
        };
        u8::try_from(value.clamp(0, 100)).unwrap_or(100)
    }
}

/// An illness of a person.
#[derive(Clone, Copy, Debug)]
pub struct Illness {
    /// Which.
    pub ailment: Ailment,
    /// Its words and code in this person.
    pub disease: Disease,
    /// First day.
    pub onset: Date,
    /// From when on it is treated, if it is.
    pub treated: Option<Date>,
    /// Last day, if it has ended.
    pub ended: Option<Date>,
    /// From when on the person has been told; `None` while a diagnosis is withheld (未告知) for good.
    pub told: Option<Date>,
    /// Who treats it.
    pub by: Specialty,
    /// How severe.
    pub severity: Severity,
}

impl Illness {
    /// Whether the person has it on `day`.
    #[must_use]
    pub fn is_on(&self, day: Date) -> bool {
        self.onset <= day && self.ended.is_none_or(|end| day <= end)
    }

    /// Whether it is treated on `day`.
    #[must_use]
    pub fn is_treated_on(&self, day: Date) -> bool {
        self.is_on(day) && self.treated.is_some_and(|from| from <= day)
    }

    /// Whether the diagnosis is withheld from the person on `day`.
    #[must_use]
    pub fn is_withheld_on(&self, day: Date) -> bool {
        self.told.is_none_or(|told| day < told)
    }

    /// How severe it is on `day`: 0 before the onset and after the end.
    #[must_use]
    pub fn severity_on(&self, day: Date) -> u8 {
        if self.is_on(day) { self.severity.after(Day::from(day).0 - Day::from(self.onset).0) } else { 0 }
    }
}

/// The kind of ward of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ward {
    /// 急性期.
    Acute,
    /// 回復期リハビリテーション.
    Rehabilitation,
    /// 療養・精神.
    LongTerm,
}

/// Where a stay leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Home.
    Home,
    /// A care facility.
    Facility,
    /// Another hospital, where the next stay begins on the same day.
    Hospital,
    /// Death.
    Death,
}

/// A stay in hospital.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// Admission.
    pub from: Date,
    /// Discharge, or death. It may lie after the town's day.
    pub to: Date,
    /// What it was for, in words.
    pub reason: Disease,
    /// What it was for.
    pub cause: Ailment,
    /// The kind of ward.
    pub ward: Ward,
    /// Whether it is paid by DPC.
    pub is_dpc: bool,
    /// Where it leads.
    pub then: Then,
}

/// Everything that happens to a person's health, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Illnesses by onset.
    pub illnesses: Vec<Illness>,
    /// Stays by admission; they do not overlap.
    pub stays: Vec<Stay>,
    /// What the body leans towards.
    pub body: Body,
}

impl Course {
    /// Illnesses that the person has on `day`.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Illness> {
        self.illnesses.iter().filter(move |one| one.is_on(day))
    }

    /// The illness with this ICD-10 code, whenever it was.
    #[must_use]
    pub fn ever(&self, icd10: &str) -> Option<&Illness> {
        self.illnesses.iter().find(|one| one.disease.icd10.starts_with(icd10))
    }

    /// The first time that the person has this ailment.
    #[must_use]
    pub fn first(&self, ailment: Ailment) -> Option<&Illness> {
        self.illnesses.iter().find(|one| one.ailment == ailment)
    }

    /// Whether the ailment is treated on `day`.
    #[must_use]
    pub fn treated(&self, ailment: Ailment, day: Date) -> bool {
        self.illnesses.iter().any(|one| one.ailment == ailment && one.is_treated_on(day))
    }

    /// How severe the ailment is on `day`, 0 (none) to 100.
    #[must_use]
    pub fn severity(&self, ailment: Ailment, day: Date) -> u8 {
        self.illnesses.iter().filter(|one| one.ailment == ailment).map(|one| one.severity_on(day)).max().unwrap_or(0)
    }

    /// The stay on `day`: from the day after admission to the day before discharge nothing happens outside.
    #[must_use]
    pub fn stay_on(&self, day: Date) -> Option<&Stay> {
        self.stays.iter().find(|stay| stay.from <= day && day <= stay.to)
    }
}

/// What is known while a course is made.
pub(super) struct Maker<'a> {
    pub town: &'a Town,
    pub person: &'a Person,
    pub birth: Day,
    /// The last day that can be told: the town's day, or death before it.
    pub end: Day,
    pub course: Course,
    /// Whether the person lets lasting illnesses be treated.
    pub seeks: bool,
}

impl Maker<'_> {
    /// Adds an illness. What would begin after the last day is left out.
    pub fn falls_ill(&mut self, ailment: Ailment, onset: Day, treated: Option<Day>, ended: Option<Day>) -> bool {
        let spec = ailment.spec();
        if onset > self.end || onset < self.birth {
            return false;
        }
        let [first, settled, drift] = NUMBERS.severity[ailment as usize];
        let small = |value: i64| u8::try_from(value.clamp(0, 100)).unwrap_or(0);
        let onset_day = onset.date();
        self.course.illnesses.push(Illness {
            ailment,
            disease: spec.disease,
            onset: onset_day,
            treated: treated.map(Day::date),
            ended: ended.filter(|end| *end <= self.end).map(Day::date),
            told: Some(onset_day),
            by: spec.by,
            severity: Severity {
                at_onset: small(first),
                settled: small(settled),
                drift: i8::try_from(drift).unwrap_or(0),
            },
        });
        true
    }

    fn chronic(&mut self, dice: &mut Dice) {
        self.seeks = dice.chance(u32::try_from(NUMBERS.seekers).unwrap_or(0));
        for ailment in CHRONIC {
            let numbers = &NUMBERS.chronic[ailment as usize];
            let z = liability(dice, &self.course.body.factors(), &numbers.loads);
            match ailment {
                Ailment::Hypertension => self.course.body.pressure = z,
                Ailment::Diabetes => self.course.body.sugar = z,
                Ailment::Kidney => self.course.body.kidney = z,
                Ailment::Lipids => self.course.body.fat = z,
                _ => {}
            }
            let place = 1_000_000 - rank(z);
            let day = |age: i64| Day(self.birth.0 + age);
            let Some(onset) = reached(numbers.onset.of(self.person.sex), place).map(day) else { continue };
            let treated = reached(numbers.treated.of(self.person.sex), place).map(day);
            // Some never let anything be treated, but for what they cannot live without.
            let goes = self.seeks || ailment == Ailment::Dialysis;
            self.falls_ill(ailment, onset, treated.filter(|from| goes && *from <= self.end), None);
        }
        if self.course.first(Ailment::Kidney).is_some() {
            let kidney = Disease { text: "糖尿病性腎症", icd10: "N083" };
            let diabetic = self.course.first(Ailment::Diabetes).map(|one| one.onset);
            let ill = self.course.illnesses.iter_mut().find(|one| one.ailment == Ailment::Kidney);
            if let Some(ill) = ill.filter(|ill| diabetic.is_some_and(|onset| onset < ill.onset)) {
                ill.disease = kidney;
            }
        }
    }

    fn episodes(&mut self, dice: &mut Dice) {
        for ailment in EPISODES {
            let numbers = &NUMBERS.episodes[ailment as usize];
            let ever = numbers.ever[usize::from(self.person.sex == Sex::Male)];
            let has = dice.below(10_000) < ever.unsigned_abs();
            let age = dice.between(numbers.ages[0] * 365, numbers.ages[1] * 365 + 364);
            let length = dice.between(numbers.years[0] * 365, numbers.years[1] * 365);
            if has {
                let onset = Day(self.birth.0 + age);
                self.falls_ill(ailment, onset, Some(onset), Some(Day(onset.0 + length)));
            }
        }
    }

    /// What the person attends a clinic for besides: runs of years in which the share at the age is above the person's
    /// place.
    fn complaints(&mut self, dice: &mut Dice) {
        const STEP: i64 = 5 * 365;
        let place = i64::try_from(dice.below(1_000_000)).unwrap_or(0);
        let picks = [dice.throw(), dice.throw(), dice.throw()];
        let curve = NUMBERS.complaints.of(self.person.sex);
        let last = self.end.0 - self.birth.0;
        let mut run: Option<(i64, usize)> = None;
        for step in 0..=last.div_euclid(STEP) + 1 {
            let age = step * STEP;
            let stage = if age < 3 * STEP { 0 } else { usize::from(age >= 13 * STEP) + 1 };
            let attends = age <= last && along(curve, age + STEP / 2) * 100 > place;
            if let Some((from, of)) = run
                && (!attends || stage != of)
            {
                self.complains(from, age, of, picks[of]);
                run = None;
            }
            if attends && run.is_none() {
                run = Some((age, stage));
            }
        }
    }

    fn complains(&mut self, from: i64, to: i64, stage: usize, pick: u64) {
        let list = COMPLAINTS[stage];
        let (disease, by) = list[usize::try_from(pick % list.len() as u64).unwrap_or(0)];
        // Not everybody starts on a fifth birthday.
        let shift = i64::try_from((pick >> 20) % 700).unwrap_or(0) + 20;
        let (onset, ended) = (Day(self.birth.0 + from + shift), Day(self.birth.0 + to + shift));
        if self.falls_ill(Ailment::Complaint, onset, Some(onset), Some(ended))
            && let Some(newest) = self.course.illnesses.last_mut()
        {
            (newest.disease, newest.by) = (disease, by);
        }
    }
}

/// The course of a person.
#[must_use]
pub fn course(town: &Town, person: &Person) -> Course {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Health);
    let today = Day::from(town.today());
    let mut maker = Maker {
        town,
        person,
        birth: Day::from(person.birth),
        end: person.death.map_or(today, |death| Day::from(death).min(today)),
        course: Course { body: Body::new(town.seed(), person.index, &mut dice), ..Course::default() },
        seeks: true,
    };
    maker.course.illnesses.reserve(16);
    maker.chronic(&mut dice);
    maker.episodes(&mut dice);
    maker.complaints(&mut dice);
    events::happen(&mut maker);
    let mut course = maker.course;
    course.illnesses.sort_by_key(|one| one.onset);
    course.stays.sort_by_key(|one| one.from);
    course
}

/// Age in years on a day, for bands.
#[must_use]
pub fn years(person: &Person, day: Date) -> i64 {
    age_days(person, day) / 365
}
