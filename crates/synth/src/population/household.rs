//! A person with the place in the town, as of the town's day.

use crate::{people::Citizen, town::Town};

/// A citizen with the place in the town.
#[derive(Clone, Debug)]
pub struct Resident {
    /// The citizen.
    pub citizen: Citizen,
    /// Household: the index of its head.
    pub household: u64,
    /// Age on the town's day, or at death.
    pub age: i16,
    /// Whether the person lives on the town's day.
    pub lives: bool,
}

/// Person `index` of the town on its day (or on the last day of life).
#[must_use]
pub fn resident(town: &Town, index: u64) -> Resident {
    let person = super::person(town, index);
    let day = person.death.unwrap_or_else(|| town.today());
    Resident {
        citizen: person.known_on(day),
        household: person.household,
        age: person.age_on(day),
        lives: person.death.is_none(),
    }
}
