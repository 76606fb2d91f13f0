//! Who lives in the town: births and deaths, families, names, homes, work and insurers, over time.
//!
//! Everything later is told about a [`Person`] made here; [`person`] makes any of them alone, from the seed.
//! What must hold: nothing here knows illness, care or forms.

pub mod household;
pub mod person;

pub use household::Resident;
pub use person::{Coverage, Insurer, Over, Person};

use crate::town::Town;

/// Person `index` (from 0) of the town.
#[must_use]
pub fn person(town: &Town, index: u64) -> Person {
    let Resident { citizen, household, .. } = household::resident(town.seed(), index, town.today());
    let coverage = Coverage {
        from: citizen.birth,
        to: None,
        insurer: Insurer::of(&citizen.member_id),
        member_id: citizen.member_id,
        insured_person: true,
    };
    Person {
        index,
        household,
        sex: citizen.sex,
        birth: citizen.birth,
        death: None,
        name: Over::always(citizen.birth, citizen.name),
        address: Over::always(citizen.birth, citizen.address),
        phone: citizen.phone,
        coverages: vec![coverage],
        number: citizen.number,
        mother: None,
        father: None,
        partner: None,
        children: Vec::new(),
        is_protected: false,
        is_foreigner: false,
    }
}
