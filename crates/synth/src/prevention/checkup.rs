//! Specific checkups (特定健診): once a fiscal year from 40 to 74, for those who go.

use jiff::civil::Date;

use super::vaccination::working_day;
use crate::{
    dice::{Dice, Stream},
    parameters,
    population::Person,
    town::Town,
};

/// Ages at the end of the fiscal year to whom insurers offer the checkup (高齢者の医療の確保に関する法律 第20条).
pub const AGES: std::ops::RangeInclusive<i16> = 40..=74;

/// The days of a person's checkups within the told window, in order of time.
///
/// Whether somebody goes is a habit: half of the people nearly always do, the others seldom, so that the share of a
/// year is that of the parameter.
pub(super) fn days(town: &Town, person: &Person) -> Vec<Date> {
    let share = i64::from(parameters::share("checkup.coverage"));
    let mut dice = Dice::new(town.seed(), person.index, Stream::Checkups);
    let often = (share + 320).min(980);
    let habit = if dice.chance(500) { often } else { (2 * share - often).max(0) };
    let habit = u32::try_from(habit).unwrap_or(0);
    let first = person.birth.year() + AGES.start();
    let last = (person.birth.year() + AGES.end() + 1).min(town.today().year());
    (first..=last)
        .filter_map(|fiscal_year| {
            let goes = dice.chance(habit);
            // From June to January: the year's last months are for those who were called again.
            let start = Date::new(fiscal_year, 6, 1).ok()?;
            let day = working_day(start, dice.between(0, 240));
            let end = Date::new(fiscal_year + 1, 3, 31).ok()?;
            let offered = AGES.contains(&person.age_on(end));
            (goes && offered && day <= town.today() && town.tells(day) && person.lives_on(day)).then_some(day)
        })
        .collect()
}
