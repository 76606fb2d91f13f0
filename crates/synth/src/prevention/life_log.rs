//! What people measure themselves (ライフログ): steps, sleep and blood pressure, month by month.

use jiff::{ToSpan, civil::Date};

use super::data::LIFE_LOG;
use crate::{
    dice::{Dice, Stream},
    health::{Course, body},
    people::Sex,
    population::Person,
    town::Town,
};

/// One month of a life-log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// First day of the month after: when the month is sent.
    pub day: Date,
    /// First day of the month.
    pub from: Date,
    /// Mean steps a day.
    pub steps: i64,
    /// Mean minutes of sleep a night.
    pub sleep: i64,
    /// Mean blood pressure in the morning.
    pub pressure: (i64, i64),
}

/// The months that a person kept within the told window.
pub(super) fn months(town: &Town, person: &Person, course: &Course) -> Vec<Month> {
    let log = &*LIFE_LOG;
    let mut dice = Dice::new(town.seed(), person.index, Stream::LifeLog);
    let age = person.age_on(town.today());
    let band = log.ages.iter().filter(|&&from| age >= from).count();
    if !log.keepers_permille.get(band).is_some_and(|&share| dice.chance(share)) {
        return Vec::new();
    }
    // Who begins keeps it for half a year to six years.
    let kept = dice.between(6, 72);
    let ended = dice.between(0, 6);
    let (own, night) = (dice.normal(0, log.steps.sd), dice.normal(log.sleep_minutes[0], log.sleep_minutes[1]));
    let this = town.today().first_of_month();
    (ended..kept)
        .rev()
        .filter_map(|back| {
            let day = this.checked_sub(back.months()).ok()?;
            let from = day.checked_sub(1.month()).ok()?;
            let mean = if person.sex == Sex::Male { log.steps.men } else { log.steps.women };
            let frail = body::frailty(person, course, from);
            let steps = mean + own - frail * log.steps.lost_per_frailty + dice.normal(0, 500);
            let sleep = night + dice.normal(0, 12);
            let month = Month {
                day,
                from,
                steps: steps.clamp(150, 25_000),
                sleep: sleep.clamp(200, 660),
                pressure: body::pressure(person, course, from),
            };
            (town.tells(day) && person.lives_on(day) && from >= person.birth).then_some(month)
        })
        .collect()
}
