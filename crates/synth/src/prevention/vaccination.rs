//! Which vaccines a person gets and when.

use jiff::{ToSpan, civil::Date};

use super::data::{VACCINES, Vaccine};
use crate::{
    dice::{Dice, Stream},
    population::Person,
    town::Town,
};

/// One dose given.
#[derive(Clone, Debug)]
pub struct Dose {
    pub(super) vaccine: &'static Vaccine,
    /// When.
    pub day: Date,
    /// The dose's number in its series, from 1.
    pub number: u32,
    /// Lot number, made up.
    pub lot: String,
}

impl Dose {
    /// The vaccine's short name.
    #[must_use]
    pub fn vaccine(&self) -> &str {
        &self.vaccine.key
    }
}

/// All doses of a person by the town's day, in order of time.
pub(super) fn doses(town: &Town, person: &Person) -> Vec<Dose> {
    let mut all = Vec::new();
    for (place, vaccine) in VACCINES.iter().enumerate() {
        if vaccine.sex.as_deref().is_some_and(|sex| sex != person.sex.code()) {
            continue;
        }
        // A stream of its own for each vaccine: one that joins the list shifts no other.
        let salt = u64::try_from(place).unwrap_or(0);
        let mut dice = Dice::new(town.seed() ^ salt.rotate_left(40), person.index, Stream::Prevention);
        let mut number = 0;
        let takes_part = dice.chance(vaccine.uptake_permille);
        for due in due(vaccine, person, town.today()) {
            // Yearly vaccines are decided each year; a series is begun and mostly brought to its end.
            let comes = if vaccine.yearly.is_some() {
                dice.chance(vaccine.uptake_permille)
            } else {
                takes_part && (number == 0 || dice.chance(985))
            };
            let day = working_day(due, dice.between(0, 20));
            let lot = format!("{}{:04}", vaccine.key[..1].to_ascii_uppercase(), dice.between(0, 9999));
            let runs = vaccine.from <= day && vaccine.to.is_none_or(|to| day <= to);
            if comes && runs && day <= town.today() && person.lives_on(day) {
                number += 1;
                all.push(Dose { vaccine, day, number, lot });
            }
        }
    }
    all.sort_by_key(|dose| dose.day);
    all
}

/// The days on which a dose is due in a life that has not ended.
fn due(vaccine: &Vaccine, person: &Person, today: Date) -> Vec<Date> {
    let months = vaccine.months.iter().filter_map(|&months| person.birth.checked_add(months.months()).ok());
    let ages = vaccine.ages.iter().filter_map(|&years| person.birth.checked_add(years.years()).ok());
    let mut days: Vec<Date> = months.chain(ages).collect();
    if let Some(yearly) = &vaccine.yearly {
        let first = vaccine.from.year().max(person.birth.year() + yearly.from_age);
        days.extend((first..=today.year()).filter_map(|year| Date::new(year, yearly.month, 1).ok()));
    }
    days
}

/// `days` after `day`, moved off a Sunday.
pub(super) fn working_day(day: Date, days: i64) -> Date {
    let moved = day.checked_add(days.days()).unwrap_or(day);
    if moved.weekday() == jiff::civil::Weekday::Sunday { moved.tomorrow().unwrap_or(moved) } else { moved }
}
