//! What care a person needs and gets, and what care offices and the city send about it.
//!
//! [`need`] decides first what the person needs ([`Need`]); [`tell`] tells it as messages.
//!
//! First form: certification rates of 2020 by age, levels of 2022, one office (`secondary-use.md` section 6).

mod tell;

use crate::{
    dice::{Dice, Stream},
    health::Course,
    population::Person,
    town::Town,
};

pub use tell::tell;

/// Certified as needing care, per thousand: 65–69, 70–74, 75–79, 80–84, 85–89, 90 and over.
pub const CERTIFIED: [u32; 6] = [28, 55, 124, 264, 481, 727];
/// Shares of the levels 要支援1, 2, 要介護1 … 5.
const LEVELS: [u32; 7] = [143, 138, 209, 166, 132, 128, 84];

/// What care a person needs.
#[derive(Clone, Debug, Default)]
pub struct Need {
    /// The level on the town's day (0 is 要支援1, 6 is 要介護5), if the person is certified.
    pub level: Option<usize>,
}

/// The need of a person, from age and course.
#[must_use]
pub fn need(town: &Town, person: &Person, _course: &Course) -> Need {
    let mut dice = Dice::new(town.seed(), person.index, Stream::Care);
    let place = usize::try_from((person.age_on(town.today()) - 65).div_euclid(5)).ok();
    let level =
        place.and_then(|place| dice.chance(CERTIFIED[place.min(CERTIFIED.len() - 1)]).then(|| dice.weighted(&LEVELS)));
    Need { level }
}
