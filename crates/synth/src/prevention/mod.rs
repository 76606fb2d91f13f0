//! Prevention: vaccinations, checkups of children (母子保健), specific checkups (特定健診), notified infections, and what people
//! measure themselves.
//!
//! [`plan`] decides what is done and when, from the person alone; [`tell`] tells it as clinics and the city send it.
//! What must hold: a vaccine is given only while its programme runs and only to whom it is for; doses of one person come
//! in order; nothing is given after death.

mod checkup;
mod data;
mod growth;
mod infection;
mod life_log;
mod tell;
mod vaccination;

pub use growth::{ChildCheckup, Measures};
pub use infection::Notified;
pub use life_log::Month;
pub use tell::tell;
pub use vaccination::Dose;

use jiff::civil::Date;

use crate::{health::Course, population::Person, town::Town};

/// What is done for a person to prevent illness, each in order of time.
#[derive(Clone, Debug, Default)]
pub struct Prevention {
    /// Vaccinations.
    pub doses: Vec<Dose>,
    /// Checkups as a child.
    pub child_checkups: Vec<ChildCheckup>,
    /// Days of specific checkups.
    pub checkups: Vec<Date>,
    /// Infections that physicians notified.
    pub infections: Vec<Notified>,
    /// Months of the person's own measuring.
    pub life_log: Vec<Month>,
}

/// The prevention of a person up to the town's day.
#[must_use]
pub fn plan(town: &Town, person: &Person, course: &Course) -> Prevention {
    Prevention {
        doses: vaccination::doses(town, person),
        child_checkups: growth::checkups(town, person),
        checkups: checkup::days(town, person),
        infections: infection::notified(town, person),
        life_log: life_log::months(town, person, course),
    }
}

/// Adds to the town's figures: of those whom the checkup of the last whole fiscal year was for, who went.
pub fn count(town: &Town, person: &Person, add: &mut impl FnMut(&'static str, i64, i64)) {
    let today = town.today();
    let year = if today.month() >= 4 { today.year() - 1 } else { today.year() - 2 };
    let (Ok(start), Ok(end)) = (Date::new(year, 4, 1), Date::new(year + 1, 3, 31)) else { return };
    if checkup::AGES.contains(&person.age_on(end)) && person.lives_on(end) && town.tells(start) {
        let went = checkup::days(town, person).iter().any(|day| (start..=end).contains(day));
        add("checkup.coverage", i64::from(went), 1);
    }
}
