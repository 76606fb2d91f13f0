//! Who lives in the town: births and deaths, families, names, homes, work and insurers, over time.
//!
//! Everything later is told about a [`Person`] made here; [`person`] makes any of them alone, from the seed: the block
//! that the person belongs to is planned in whole numbers ([`family::Plan`]), then one life in it is written out.
//! What must hold: nothing here knows illness, care or forms; no block looks at another.

pub mod biography;
pub mod block;
mod count;
pub mod day;
pub mod family;
pub mod homes;
pub mod household;
pub mod person;
mod tell;
pub mod work;

pub use count::count;
pub use family::Living;
pub use household::Resident;
pub use person::{Coverage, Insurer, Marriage, MarriageEnd, Occupation, Over, Person};
pub use tell::tell;

use std::sync::LazyLock;

use biography::Lives;
use block::BLOCK;
use family::Plan;

use crate::{
    dice::Stream,
    parameters,
    people::Address,
    town::{Facility, Town},
};

static PROTECTED: LazyLock<u32> = LazyLock::new(|| parameters::share("population.protected"));
static PUBLIC: LazyLock<u32> = LazyLock::new(|| parameters::share("looks.public"));

/// Person `index` (from 0) of the town.
#[must_use]
pub fn person(town: &Town, index: u64) -> Person {
    let first = index - index % BLOCK as u64;
    let plan = town.plan(first);
    let lives = Lives { seed: town.seed(), plan: &plan };
    written(town, &lives, usize::try_from(index - first).unwrap_or(0))
}

/// The plan of the block that begins with person `first`.
pub(crate) fn plan(seed: u64, first: u64, today: jiff::civil::Date) -> Plan {
    Plan::new(seed, first, day::day(today))
}

fn written(town: &Town, lives: &Lives<'_>, place: usize) -> Person {
    let plan = lives.plan;
    let slot = &plan.slots[place];
    let index = plan.index(place);
    let homes = lives.homes(place);
    let coverages = lives.coverages(place, &homes);
    let mut spots: Vec<(day::Day, u32)> = homes.iter().map(|(from, home)| (*from, home.spot)).collect();
    let mut addresses: Vec<(day::Day, Address)> = homes.into_iter().map(|(from, home)| (from, home.address)).collect();
    let facility_since = lives.facility_since(place);
    if let Some(since) = facility_since {
        let spot = spots.last().map_or(0, |(_, spot)| *spot);
        if let Some(home) = town.facility_near(spot, Facility::SpecialNursingHome, index) {
            addresses.retain(|(from, _)| *from < since);
            spots.retain(|(from, _)| *from < since);
            addresses.push((since, home.address.clone()));
            spots.push((since, spot));
        }
    }
    let otherwise = Address { postal: String::new(), state: String::new(), city: String::new(), line: String::new() };
    let alive = |other: &usize| plan.slots[*other].lives() && slot.lives();
    Person {
        index,
        household: plan.index(plan.head[place]),
        sex: slot.sex,
        birth: day::date(slot.birth),
        death: slot.death.map(day::date),
        name: lives.names(place),
        address: homes::over(&addresses, otherwise),
        spot: homes::over(&spots, 0),
        phone: lives.phone(place),
        coverages,
        number: 500_000 + index,
        mother: plan.mother[place].map(|other| plan.index(other)),
        father: plan.father[place].map(|other| plan.index(other)),
        partner: plan.partner[place].filter(alive).map(|other| plan.index(other)),
        children: plan.children(place).into_iter().map(|child| plan.index(child)).collect(),
        is_protected: lives.dice(plan.head[place], Stream::Home, 5).rare(*PROTECTED),
        is_foreigner: lives.is_foreigner(place),
        residence_card: lives.residence_card(place),
        living: plan.living(place),
        facility_since: facility_since.map(day::date),
        marriages: lives.marriages(place),
        adopted: lives.adoption(place).map(day::date),
        occupation: homes::over(&lives.occupations(place), Occupation::Infant),
        is_public: lives.dice(place, Stream::Looks, 1).rare(*PUBLIC) && slot.age >= 20,
    }
}
