//! Known effects of services, for whoever wants to see whether an analysis finds the truth.
//!
//! In each half year a person gets rehabilitation, goes to a gathering, or has a great deal of home help. Twice a week
//! or more of rehabilitation helps by three points of the Barthel index, a gathering changes nothing, six times a week
//! or more of home help harms by two (rows `planted.…`). Who gets them depends on the recorded severity and on the
//! recorded change before, and both also go with how the person does afterwards: who has just fallen recovers a part
//! by themselves and gets rehabilitation more often. So those with and without cannot be compared as they are; within
//! a severity and a slope they can. What remains between an analysis and the truth: deaths, stays and people who leave
//! (more of the severe and of those who fell), scores that some offices write too well, the floor and the ceiling of
//! the index, its steps of five points, and half a year between two measurements.

use jiff::{ToSpan, civil::Date};

use super::{
    Need, Setting, Wave,
    ability::{HALF_YEAR, PLANTED, Planted, Slope},
    table::numbers,
};
use crate::{outbox::Outbox, population::Person, town::Town, truth::Effect};

/// One half year of one person and one service, with the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlantedEffect {
    /// The service.
    pub service: Planted,
    /// The first day of the half year: that of the measurement before.
    pub day: Date,
    /// Whether the dose is one that counts.
    pub arm: bool,
    /// Times a week.
    pub dose_per_week: i64,
    /// What the service changed in this person's true Barthel index, in tenths of a point; 0 without it.
    pub true_effect: i64,
    /// Severity recorded before, 0 lightest to 4.
    pub severity: usize,
    /// Change recorded in the half year before.
    pub slope: Slope,
    /// The Barthel index recorded before.
    pub before: i64,
    /// That recorded half a year later; `None` when the person has died, was in hospital or had left.
    pub after: Option<i64>,
    /// Whether there is no measurement half a year later.
    pub dropped_out: bool,
}

/// Notes for the truth every half year that begins within what is told, by the services whose dose counts; `none` where
/// none does.
pub(super) fn plant(out: &mut Outbox<'_>, person: &Person, need: &Need) {
    let all = planted(out.town, person, need);
    for half_year in all.chunk_by(|one, next| one.day == next.day) {
        let Some(first) = half_year.first().filter(|one| out.wants(one.day)) else { continue };
        let effect = |arm: &str, one: &PlantedEffect| Effect {
            arm: arm.to_owned(),
            from: one.day,
            to: Some(one.day.saturating_add((HALF_YEAR - 1).days())),
            // 52 weeks are twelve months.
            dose_tenths: small(one.dose_per_week * 520 / 12),
            effect_hundredths: small(one.true_effect * 10),
            severity_permille: small(i64::try_from(one.severity).unwrap_or(0) * 250),
        };
        let mut arms = half_year.iter().filter(|one| one.arm).peekable();
        if arms.peek().is_none() {
            out.plant(Effect { dose_tenths: 0, ..effect("none", first) });
        }
        arms.for_each(|one| out.plant(effect(one.service.code(), one)));
    }
}

fn small(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// The half years of a person at home that have ended by the town's day and have a change before; every service.
#[must_use]
pub fn planted(town: &Town, person: &Person, need: &Need) -> Vec<PlantedEffect> {
    let (Some(care), Ok(numbers)) = (&need.care, numbers()) else { return Vec::new() };
    let mut list = Vec::new();
    for (place, wave) in care.waves.iter().enumerate().skip(1) {
        let end = wave.day.saturating_add(HALF_YEAR.days());
        let at_home = matches!(care.setting_on(wave.day), Setting::Home | Setting::Community);
        let known = !wave.missed && !care.waves[place - 1].missed;
        if end > town.today() || !at_home || !known {
            continue;
        }
        let after: Option<&Wave> = care.waves.get(place + 1).filter(|next| !next.missed && person.lives_on(next.day));
        for (index, service) in PLANTED.into_iter().enumerate() {
            list.push(PlantedEffect {
                service,
                day: wave.day,
                arm: wave.doses[index] >= numbers.planted[index].dose[0],
                dose_per_week: wave.doses[index],
                true_effect: wave.effects[index],
                severity: wave.severity,
                slope: wave.slope,
                before: wave.score,
                after: after.map(|next| next.score),
                dropped_out: after.is_none(),
            });
        }
    }
    list
}
