//! What a person can do over time: the true ability, what an office scores half-yearly, and what services change.
//!
//! The ability goes forward in steps of half a year: drift, what goes with severity and with the change before, the
//! planted effects of services, a loss with a stay in hospital, and noise. Who gets a service depends on the recorded
//! severity and on the recorded change before ([`crate::care::planted`] says why).
//!
//! What must hold: effects act on the true ability, in tenths of a point; scores are multiples of five from 0 to 100.

use jiff::{ToSpan, civil::Date};

use super::table::{Numbers, chance, pick};
use crate::dice::Dice;

/// A service with a planted effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Planted {
    /// Rehabilitation: helps from twice a week.
    Rehabilitation,
    /// A gathering in the neighbourhood (通いの場): changes nothing.
    Gathering,
    /// Home help: harms when it is more than needed.
    HomeHelp,
}

/// All of them.
pub const PLANTED: [Planted; 3] = [Planted::Rehabilitation, Planted::Gathering, Planted::HomeHelp];

impl Planted {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rehabilitation => "rehabilitation",
            Self::Gathering => "gathering",
            Self::HomeHelp => "home-help",
        }
    }
}

/// How the recorded score went in the half year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slope {
    /// It fell by ten points or more.
    Falling,
    /// Neither, or there was none before.
    Steady,
    /// It rose by ten points or more.
    Rising,
}

/// One half-yearly measurement, and the half year that follows.
#[derive(Clone, Debug)]
pub struct Wave {
    /// The day of measurement.
    pub day: Date,
    /// The true ability, 0 to 1000 (tenths of a point of the Barthel index).
    pub ability: i64,
    /// The Barthel index as recorded.
    pub score: i64,
    /// Recorded severity, 0 lightest to 4.
    pub severity: usize,
    /// Recorded change before.
    pub slope: Slope,
    /// Times a week of each of [`PLANTED`] in the half year that follows.
    pub doses: [i64; 3],
    /// What each of them changes in this person's true ability, in tenths: less than planted at the floor and ceiling.
    pub effects: [i64; 3],
    /// Whether this measurement was missed: the person was away or had left.
    pub missed: bool,
}

/// Days between two measurements.
pub const HALF_YEAR: i64 = 182;

/// What shapes the course of ability of one person.
pub(super) struct Start<'a> {
    /// First and last day.
    pub first: Date,
    pub last: Date,
    /// Class of ability at first.
    pub class: usize,
    /// Stays: first and last day, loss in tenths.
    pub stays: &'a [(Date, Date, i64)],
    /// What the office adds to scores after the first.
    pub flattery: i64,
}

/// The measurements from the first to the last day; at least one.
pub(super) fn waves(numbers: &Numbers, dice: &mut Dice, start: &Start<'_>) -> Vec<Wave> {
    let class = start.class;
    let mut ability = dice.normal(numbers.ability_mean[class] * 10, numbers.ability_sd[class] * 10).clamp(0, 1000);
    let mut list: Vec<Wave> = Vec::new();
    let (mut day, mut missed) = (start.first, false);
    loop {
        let measured = (ability + dice.normal(0, numbers.ability_noise[1])).clamp(0, 1000);
        let added = if list.is_empty() { 0 } else { start.flattery };
        let score = (measured / 50 * 5 + added).min(100);
        let severity = numbers.ability_bands.iter().filter(|band| score < **band).count();
        let slope = list.last().map_or(Slope::Steady, |before| slope(numbers, score - before.score));
        let doses = std::array::from_fn(|service| dose(numbers, dice, service, severity, slope));
        let next = day.saturating_add(HALF_YEAR.days());
        let lost: i64 =
            start.stays.iter().filter(|(from, ..)| day < *from && *from <= next).map(|(.., loss)| loss).sum();
        let planted: [i64; 3] = std::array::from_fn(|service| {
            let plant = &numbers.planted[service];
            if doses[service] >= plant.dose[0] { plant.effect } else { 0 }
        });
        let change =
            numbers.ability_drift[0] + numbers.severity_effect[severity] + numbers.slope_effect[slope as usize] - lost
                + dice.normal(0, numbers.ability_noise[0])
                + planted.iter().sum::<i64>();
        let after = (ability + change).clamp(0, 1000);
        let effects = planted.map(|effect| after - (ability + change - effect).clamp(0, 1000));
        list.push(Wave { day, ability, score, severity, slope, doses, effects, missed });
        let away = start.stays.iter().any(|(from, to, _)| *from <= next && next <= *to);
        let left =
            numbers.planted_dropout[severity] + if slope == Slope::Falling { numbers.planted_dropout[5] } else { 0 };
        missed = chance(dice, left, 1000) || away;
        if next > start.last {
            return list;
        }
        (day, ability) = (next, after);
    }
}

fn slope(numbers: &Numbers, change: i64) -> Slope {
    match change {
        _ if change <= -numbers.ability_slope[0] => Slope::Falling,
        _ if change >= numbers.ability_slope[0] => Slope::Rising,
        _ => Slope::Steady,
    }
}

/// Times a week of one service. It always takes three throws, so that one service does not shift another.
fn dose(numbers: &Numbers, dice: &mut Dice, service: usize, severity: usize, slope: Slope) -> i64 {
    let plant = &numbers.planted[service];
    let gets = chance(dice, plant.chance[severity] + plant.slope[slope as usize], 1000);
    let high = plant.dose[1 + pick(dice, &[1, 1, 1])];
    let low = i64::try_from(pick(dice, &numbers.planted_low)).unwrap_or(0);
    if gets { high } else { low.min(plant.dose[0] - 1) }
}
