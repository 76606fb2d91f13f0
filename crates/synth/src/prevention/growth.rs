//! Checkups of children (乳幼児健診): a child grows along a line of its own.

use jiff::{ToSpan, civil::Date};

use super::{
    data::{CHECKUPS, Checkup},
    vaccination::working_day,
};
use crate::{
    dice::{Dice, Stream},
    people::Sex,
    population::Person,
    town::Town,
};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measures {
    /// Grams.
    pub weight_g: i64,
    /// Millimetres.
    pub height_mm: i64,
    /// Millimetres around the head.
    pub head_mm: i64,
}

/// One checkup of a child.
#[derive(Clone, Copy, Debug)]
pub struct ChildCheckup {
    checkup: &'static Checkup,
    /// When.
    pub day: Date,
    /// What was measured.
    pub measures: Measures,
}

impl ChildCheckup {
    /// Short name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.checkup.key
    }

    /// Name in Japanese.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.checkup.ja
    }
}

/// The checkups of a person as a child.
pub(super) fn checkups(town: &Town, person: &Person) -> Vec<ChildCheckup> {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Growth);
    // The child's place among others, in hundredths of a standard deviation: it stays, with a little to and fro.
    let (small, tall, head) = (dice.normal(0, 100), dice.normal(0, 100), dice.normal(0, 100));
    let mut all = Vec::new();
    for checkup in CHECKUPS.iter() {
        let comes = dice.chance(checkup.uptake_permille);
        let sway = dice.normal(0, 25);
        let late = if checkup.month == 0 { 0 } else { dice.between(0, 14) };
        let due = person.birth.checked_add(checkup.month.months()).unwrap_or(person.birth);
        let day = if late == 0 { due } else { working_day(due, late) };
        if !comes || day > town.today() || !person.lives_on(day) {
            continue;
        }
        let norms = if person.sex == Sex::Male { checkup.boys } else { checkup.girls };
        let at = |(mean, sd): (i64, i64), place: i64| (mean + sd * (place + sway) / 100).max(mean / 2);
        all.push(ChildCheckup {
            checkup,
            day,
            measures: Measures {
                weight_g: at(norms.weight_g, small) / 10 * 10,
                height_mm: at(norms.height_mm, tall),
                head_mm: at(norms.head_mm, head),
            },
        });
    }
    all
}
