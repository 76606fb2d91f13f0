//! Notifiable infections (感染症法の届出): who falls ill with one, and when it is notified.

use jiff::{ToSpan, civil::Date};

use super::data::{INFECTIONS, Infection};
use crate::{
    dice::{Dice, Stream},
    population::Person,
    town::Town,
};

/// An infection that was notified.
#[derive(Clone, Copy, Debug)]
pub struct Notified {
    pub(super) infection: &'static Infection,
    /// First day of illness.
    pub onset: Date,
    /// The day on which a physician found and notified it.
    pub day: Date,
}

impl Notified {
    /// Short name.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.infection.key
    }
}

/// The notified infections of a person, in order of time.
pub(super) fn notified(town: &Town, person: &Person) -> Vec<Notified> {
    let mut all = Vec::new();
    for (place, infection) in INFECTIONS.iter().enumerate() {
        let salt = u64::try_from(place).unwrap_or(0);
        let mut dice = Dice::new(town.seed() ^ salt.rotate_left(44), person.index, Stream::Infection);
        let Some(first) = first_year(town, person) else { continue };
        for year in first..=town.today().year() {
            // The dice of a year are thrown whether they matter or not: another window changes no year.
            let (hit, day, late) = (dice.below(1_000_000), dice.between(0, 364), dice.between(1, 12));
            let Ok(start) = Date::new(year, 1, 1) else { continue };
            let onset = start.checked_add(day.days()).unwrap_or(start);
            if hit >= rate(infection, person.age_on(onset)) {
                continue;
            }
            let day = onset.checked_add(late.days()).unwrap_or(onset);
            if day <= town.today() && person.lives_on(onset) && person.lives_on(day) {
                all.push(Notified { infection, onset, day });
            }
        }
    }
    all.sort_by_key(|one| one.day);
    all
}

/// The first year that is looked at: a whole life, from the birth.
fn first_year(town: &Town, person: &Person) -> Option<i16> {
    (person.birth <= town.today()).then(|| person.birth.year())
}

/// New cases per million and year at an age: the mean of all ages, weighted by the age's share of the cases.
fn rate(infection: &Infection, age: i16) -> u64 {
    /// Share of the population below 10, to 29, 49, 64 and above, in per cent.
    const PEOPLE: [u64; 5] = [7, 19, 24, 20, 30];
    let band = match age {
        ..=9 => 0,
        10..=29 => 1,
        30..=49 => 2,
        50..=64 => 3,
        _ => 4,
    };
    infection.per_million_year * infection.age_weights[band] / PEOPLE[band]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_the_ages_add_up_to_that_of_all() {
        for infection in INFECTIONS.iter() {
            assert_eq!(infection.age_weights.iter().sum::<u64>(), 100, "{}", infection.key);
            let all: u64 = [(5, 7), (20, 19), (40, 24), (60, 20), (80, 30)]
                .map(|(age, share)| rate(infection, age) * share)
                .iter()
                .sum();
            let difference = (all / 100).abs_diff(infection.per_million_year);
            assert!(difference <= 1, "{}: {all}", infection.key);
        }
    }
}
