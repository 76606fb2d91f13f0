//! A person's body: what they lean towards, and what a measurement on a day shows.
//!
//! Every value is a function of person, course and day: the same visit seen again gives the same value, and what one
//! chapter measures (a clinic) agrees with what another does (a checkup).

use jiff::civil::Date;

use super::{
    Course,
    ailment::Ailment,
    chance::{DECADE, along, gauss, normal_of, part, rank},
    days::Day,
    numbers::NUMBERS,
};
use crate::{
    dice::{Dice, Stream},
    people::Sex,
    population::Person,
};

/// Display classes of JP-CLINS that the town measures, in the order of
/// [`LAB_ITEMS`](crate::form::clinical::LAB_ITEMS).
pub const LABS: [&str; 16] = [
    "HbA1c-NGSP",
    "LDL-C",
    "Cre",
    "CRP",
    "Hb",
    "WBC",
    "PLT",
    "ALB",
    "AST",
    "ALT",
    "Na",
    "K",
    "BUN",
    "TG",
    "HDL-C",
    "DD",
];

/// What a person leans towards, in thousandths of a standard deviation each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body {
    /// Frailty.
    pub frailty: i64,
    /// Weight for height.
    pub weight: i64,
    /// Smoking.
    pub smoking: i64,
    /// Blood pressure.
    pub pressure: i64,
    /// Blood sugar.
    pub sugar: i64,
    /// Weakness of the kidneys.
    pub kidney: i64,
    /// Blood fat.
    pub fat: i64,
    pub(super) seed: u64,
    pub(super) person: u64,
}

impl Body {
    /// The body of a person before any disease leans on it.
    pub(super) fn new(seed: u64, person: u64, dice: &mut Dice) -> Self {
        let (frailty, weight, smoking) = (gauss(dice), gauss(dice), gauss(dice));
        Self { frailty, weight, smoking, seed, person, ..Self::default() }
    }

    /// The factors on which diseases lean, in the order of the rows `loads.…`.
    pub(super) const fn factors(&self) -> [i64; 6] {
        [self.frailty, self.weight, self.smoking, self.pressure, self.sugar, self.kidney]
    }

    fn noise(&self, what: usize, day: Day) -> i64 {
        let key = (day.0.unsigned_abs() << 6) ^ (what as u64);
        gauss(&mut part(self.seed, self.person, Stream::Laboratory, key))
    }

    fn own(&self, what: usize) -> i64 {
        gauss(&mut part(self.seed, self.person, Stream::Laboratory, (1 << 40) ^ (what as u64)))
    }

    /// Whether the person smokes at this age.
    #[must_use]
    pub fn smokes(&self, sex: Sex, age_days: i64) -> bool {
        rank(self.smoking) > 1_000_000 - along(NUMBERS.smokers.of(sex), age_days) * 100
    }
}

/// Age in days.
#[must_use]
pub fn age_days(person: &Person, day: Date) -> i64 {
    Day::from(day).0 - Day::from(person.birth).0
}

/// Frailty on a day, 0 (strong) to 100.
#[must_use]
pub fn frailty(person: &Person, course: &Course, day: Date) -> i64 {
    let mean = along(&NUMBERS.frailty, age_days(person, day));
    let spread = (mean * (100 - mean) / 100).clamp(2, 16);
    (mean + course.body.frailty * spread / 1000).clamp(0, 100)
}

/// Body mass index on a day, in tenths. Below 15 years it is that of a child.
#[must_use]
pub fn bmi(person: &Person, course: &Course, day: Date) -> i64 {
    let age = age_days(person, day);
    let low = normal_of(along(NUMBERS.bmi_low.of(person.sex), age) * 100);
    let high = normal_of(1_000_000 - along(NUMBERS.bmi_high.of(person.sex), age) * 100);
    // Two points of the distribution are known; the weight's place between them gives the index.
    let tenths = 185 + (course.body.weight - low) * 65 / (high - low).max(1);
    let child = (15 * 365 - age).max(0);
    (tenths - child * 45 / (15 * 365)).clamp(120, 450)
}

/// Height in mm: adult from 17 on, and before on the way from 500.
#[must_use]
pub fn height(person: &Person, course: &Course, day: Date) -> i64 {
    let [male, female, spread] = NUMBERS.height;
    let adult = (if person.sex == Sex::Male { male } else { female }) + course.body.own(60) * spread / 1000;
    let age = age_days(person, day);
    if age >= 17 * 365 {
        return adult;
    }
    // Growth slows: half of the way is done at four years.
    let share = 1000 * age / (age + 4 * 365) * 1235 / 1000;
    500 + (adult - 500) * share.min(1000) / 1000
}

/// Weight in tenths of a kilogram.
#[must_use]
pub fn weight(person: &Person, course: &Course, day: Date) -> i64 {
    let height = height(person, course, day);
    (bmi(person, course, day) * height * height / 1_000_000).max(28)
}

/// Systolic and diastolic pressure in mmHg.
#[must_use]
pub fn pressure(person: &Person, course: &Course, day: Date) -> (i64, i64) {
    let [men, women, within, fall] = NUMBERS.pressure;
    let between = if person.sex == Sex::Male { men } else { women };
    let at = Day::from(day);
    let mut systolic = along(NUMBERS.systolic.of(person.sex), age_days(person, day));
    systolic += (course.body.pressure * between + course.body.noise(61, at) * within) / 1000;
    if course.treated(Ailment::Hypertension, day) {
        systolic -= fall;
    }
    let diastolic =
        systolic * 56 / 100 + 50 + course.body.own(62) * 60 / 1000 - along(&NUMBERS.frailty, age_days(person, day)) * 2;
    ((systolic / 10).clamp(70, 230), (diastolic / 10).clamp(38, 130))
}

/// Estimated glomerular filtration rate, mL/min/1.73 m².
#[must_use]
pub fn filtration(person: &Person, course: &Course, day: Date) -> i64 {
    let [young, loss, spread, at_onset, loss_ill, dialysis] = NUMBERS.filtration;
    let since = |ailment| course.first(ailment).filter(|one| one.onset <= day);
    if since(Ailment::Dialysis).is_some() {
        return dialysis;
    }
    if let Some(ill) = since(Ailment::Kidney) {
        return (at_onset - loss_ill * (Day::from(day).0 - Day::from(ill.onset).0) / DECADE).max(dialysis + 3);
    }
    let years = (age_days(person, day) - 25 * 365).max(0);
    (young - loss * years / DECADE - course.body.kidney * spread / 1000).clamp(60, 130)
}

/// A laboratory value on a day, whole in the last decimal of its unit.
#[must_use]
pub fn lab(person: &Person, course: &Course, what: usize, day: Date) -> i64 {
    let [male, female, between, within, _, drift] = NUMBERS.labs[what];
    let at = Day::from(day);
    let mean = if person.sex == Sex::Male { male } else { female };
    let older = (age_days(person, day) - 45 * 365).max(0);
    let noise = course.body.noise(what, at) * within / 1000;
    let usual = mean + drift * older / DECADE + course.body.own(what) * between / 1000 + noise;
    let value = match LABS[what] {
        "HbA1c-NGSP" => sugar(course, day, usual.min(63)) + noise,
        "LDL-C" => fat(course, day, usual),
        "Cre" => creatinine(person, filtration(person, course, day)) + noise,
        "BUN" => usual + 900 / filtration(person, course, day).max(8) - 10,
        "CRP" => usual.max(1) + inflamed(course, day),
        "WBC" => usual + inflamed(course, day) / 20,
        "ALB" => usual - frailty(person, course, day) / 12,
        "Hb" if filtration(person, course, day) < 45 => usual - 18,
        "K" if filtration(person, course, day) < 30 => usual + 6,
        _ => usual,
    };
    value.max(1)
}

/// A laboratory value as it is printed.
#[must_use]
pub fn lab_text(person: &Person, course: &Course, what: usize, day: Date) -> String {
    decimal(lab(person, course, what, day), NUMBERS.labs[what][4])
}

/// A whole number with its last `decimals` digits behind the point.
#[must_use]
pub fn decimal(value: i64, decimals: i64) -> String {
    match decimals {
        0 => value.to_string(),
        1 => format!("{}.{}", value / 10, value % 10),
        _ => format!("{}.{:02}", value / 100, value % 100),
    }
}

/// HbA1c rises from the onset of diabetes and falls to a set point under treatment.
fn sugar(course: &Course, day: Date, usual: i64) -> i64 {
    let [first, rise, most, set, spread, until] = NUMBERS.sugar;
    let Some(ill) = course.first(Ailment::Diabetes).filter(|one| one.onset <= day) else { return usual };
    let days = |from: Date, to: Date| (Day::from(to).0 - Day::from(from).0).max(0);
    let untreated = |to: Date| (first + rise * days(ill.onset, to) / 365).min(most);
    let Some(treated) = ill.treated.filter(|from| *from <= day) else { return untreated(day) };
    let goal = (set + course.body.own(63) * spread / 1000).max(58);
    let (start, gone) = (untreated(treated), days(treated, day).min(until));
    start + (goal - start) * gone / until
}

fn fat(course: &Course, day: Date, usual: i64) -> i64 {
    let [above, fall] = NUMBERS.fat;
    match course.first(Ailment::Lipids).filter(|one| one.onset <= day) {
        Some(ill) if ill.treated.is_some_and(|from| from <= day) => usual + above - fall,
        Some(_) => usual + above,
        None => usual,
    }
}

/// What CRP has beyond the usual: high at an admission for an infection, halved every few days.
fn inflamed(course: &Course, day: Date) -> i64 {
    let [high, half] = NUMBERS.inflammation;
    let inflames = |ailment: Ailment| {
        matches!(ailment, Ailment::Pneumonia | Ailment::Pyelonephritis | Ailment::Cholecystitis | Ailment::Appendicitis)
    };
    let stay = course.stays.iter().find(|stay| stay.from <= day && day <= stay.to && inflames(stay.cause));
    stay.map_or(0, |stay| {
        let halvings = (Day::from(day).0 - Day::from(stay.from).0) / half.max(1);
        high >> halvings.clamp(0, 20)
    })
}

/// Serum creatinine (hundredths of mg/dL) from the filtration rate: the equation of the Japanese Society of
/// Nephrology, 194 × Cr^−1.094 × age^−0.287 (women × 0.739), solved by table.
fn creatinine(person: &Person, filtration: i64) -> i64 {
    /// 194 × age^−0.287 at 45–65, the mean of adults, in tenths.
    const AT_ONE: i64 = 610;
    /// (ratio, ratio^(1/1.094)) in hundredths.
    const POWERS: [(i64, i64); 10] = [
        (20, 23),
        (50, 53),
        (75, 77),
        (100, 100),
        (150, 145),
        (200, 188),
        (300, 273),
        (400, 355),
        (600, 514),
        (900, 745),
    ];
    let women = if person.sex == Sex::Female { 739 } else { 1000 };
    let ratio = AT_ONE * women / 100 / filtration.max(1);
    let high = POWERS.partition_point(|&(at, _)| at < ratio).clamp(1, 9);
    let ((a, x), (b, y)) = (POWERS[high - 1], POWERS[high]);
    x + (y - x) * (ratio - a) / (b - a)
}

/// A trait of the person that nothing else decides, standard normal in thousandths.
#[must_use]
pub(super) fn trait_of(course: &Course, what: usize) -> i64 {
    course.body.own(100 + what)
}
