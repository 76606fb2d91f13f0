//! A person's course: illnesses with onset, stays in hospital. Facts only; nothing is sent from here.
//!
//! First form: prevalences by age only, from the survey of 2022 (`secondary-use.md` section 6).

use jiff::{ToSpan, civil::Date};

use crate::{
    dice::{Dice, Stream},
    form::{
        clinical::Disease,
        medicine::{AMLODIPINE, LANSOPRAZOLE, METFORMIN, Medicine, ROSUVASTATIN},
    },
    population::Person,
    town::Town,
};

/// An illness of a person.
#[derive(Clone, Copy, Debug)]
pub struct Illness {
    /// Which.
    pub disease: Disease,
    /// First day.
    pub onset: Date,
    /// Last day, if it has ended.
    pub ended: Option<Date>,
    /// What is taken against it for as long as it lasts.
    pub medicine: Option<Medicine>,
    /// Whether the person has not been told (未告知).
    pub is_withheld: bool,
}

/// A stay in hospital.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// Admission.
    pub from: Date,
    /// Discharge, or death.
    pub to: Date,
    /// What it was for.
    pub reason: Disease,
}

/// Everything that happens to a person's health, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Illnesses by onset.
    pub illnesses: Vec<Illness>,
    /// Stays by admission.
    pub stays: Vec<Stay>,
}

impl Course {
    /// Illnesses that the person has on `day`.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Illness> {
        self.illnesses.iter().filter(move |one| one.onset <= day && one.ended.is_none_or(|end| day <= end))
    }

    /// The illness with this ICD-10 code, whenever it was.
    #[must_use]
    pub fn ever(&self, icd10: &str) -> Option<&Illness> {
        self.illnesses.iter().find(|one| one.disease.icd10.starts_with(icd10))
    }
}

struct Chronic {
    disease: Disease,
    permille: [u32; 4],
    medicine: Medicine,
}

/// With whom it is found (per thousand below 40, 40–59, 60–74, 75 and over) and what is taken against it.
const CHRONIC: [Chronic; 4] = [
    Chronic {
        disease: Disease { text: "高血圧症", icd10: "I10" }, permille: [8, 110, 320, 480], medicine: AMLODIPINE
    },
    Chronic {
        disease: Disease { text: "2型糖尿病", icd10: "E119" }, permille: [4, 55, 130, 160], medicine: METFORMIN
    },
    Chronic {
        disease: Disease { text: "脂質異常症", icd10: "E785" },
        permille: [5, 80, 170, 170],
        medicine: ROSUVASTATIN,
    },
    Chronic {
        disease: Disease { text: "逆流性食道炎", icd10: "K210" },
        permille: [5, 25, 50, 70],
        medicine: LANSOPRAZOLE,
    },
];

/// Diseases that lead to a stay.
const ACUTE: [Disease; 4] = [
    Disease { text: "肺炎", icd10: "J189" },
    Disease { text: "大腿骨頚部骨折", icd10: "S7200" },
    Disease { text: "脳梗塞", icd10: "I639" },
    Disease { text: "心不全", icd10: "I509" },
];

/// A diagnosis that is at times withheld for a while.
const WITHHELD: Disease = Disease { text: "胃癌", icd10: "C169" };

const fn band(age: i16) -> usize {
    match age {
        ..=39 => 0,
        40..=59 => 1,
        60..=74 => 2,
        _ => 3,
    }
}

/// The course of a person.
#[must_use]
pub fn course(town: &Town, person: &Person) -> Course {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Health);
    let age = person.age_on(town.today());
    let ago = |days: i64| town.today().checked_sub(days.days()).unwrap_or(person.birth).max(person.birth);
    let longest = i64::from(age).clamp(1, 20) * 300;
    let mut course = Course::default();
    for chronic in &CHRONIC {
        let there = dice.chance(chronic.permille[band(age)]);
        let since = dice.between(120, longest.max(121));
        if there {
            course.illnesses.push(Illness {
                disease: chronic.disease,
                onset: ago(since),
                ended: None,
                medicine: Some(chronic.medicine),
                is_withheld: false,
            });
        }
    }
    if age >= 60 && dice.chance(4) {
        course.illnesses.push(Illness {
            disease: WITHHELD,
            onset: ago(310),
            ended: None,
            medicine: None,
            is_withheld: true,
        });
    }
    course.illnesses.sort_by_key(|one| one.onset);
    if dice.chance([20, 60, 130, 260][band(age)]) {
        let out = dice.between(20, 280);
        let length = dice.between(4, 24);
        course.stays.push(Stay { from: ago(out + length), to: ago(out), reason: *dice.pick(&ACUTE) });
    }
    course
}
