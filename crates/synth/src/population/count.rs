//! What the population adds to the comparison with Japan.

use super::{Insurer, Living, Person, block};
use crate::{compare::Tally, parameters, people::Sex, town::Town};

const INSURERS: [Insurer; 6] = [
    Insurer::Association,
    Insurer::Union,
    Insurer::MutualAid,
    Insurer::Municipal,
    Insurer::LateElderly,
    Insurer::PublicAssistance,
];

/// Adds a person's age, sex, insurer and home as of the town's day, and the deaths of the years that the town keeps.
pub fn count(tally: &mut Tally, town: &Town, person: &Person) {
    let labels = |key: &str| parameters::row(key).map_or(&[][..], |row| &row.labels);
    // Deaths a year among those who live: the dead stand for the years kept, the living for one each.
    if person.death.is_some() {
        tally.add("deaths.all", 1, 0);
        return;
    }
    tally.add("deaths.all", 0, i64::from(block::kept_years()));
    let age = person.age_on(town.today());
    let band = usize::try_from(age / 5).unwrap_or(0).min(20);
    tally.add_one_of("population.age", labels("population.age"), Some(band));
    let wide = [50, 75, 85, 95].iter().filter(|limit| age >= **limit).count();
    if let Some(label) = labels("population.women").get(wide) {
        tally.add(&format!("population.women/{label}"), i64::from(person.sex == Sex::Female), 1);
    }
    let insurer =
        person.coverage_on(town.today()).and_then(|now| INSURERS.iter().position(|kind| *kind == now.insurer));
    tally.add_one_of("insurer.persons", labels("insurer.persons"), insurer);
    for label in labels("insurer.persons") {
        // Households are insured together.
        tally.widen(&format!("insurer.persons/{label}"), 17);
    }
    tally.add("home.facility", i64::from(person.living == Living::Facility), 1);
    tally.add("population.foreigners.all", i64::from(person.is_foreigner), 1);
    tally.widen("population.foreigners.all", 17);
    tally.add("population.protected", i64::from(person.is_protected), 1);
    tally.widen("population.protected", 20);
    tally.add("population.unnumbered", i64::from(person.coverages.is_empty()), 1);
}
