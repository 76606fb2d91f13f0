//! The town's care beside Japan's: what to count, and what it should be.

use jiff::civil::Date;

use super::{Level, Need, Setting, certify::Cause, services, table::numbers};
use crate::population::Person;

/// Counts a person on `day` for every row that [`targets`] names, and for `ability.mean.…` (points of the newest
/// Barthel index by level) and `benefit.head.…` (thousand yen a year by age): `add(key, n, of)`.
pub fn count(person: &Person, need: &Need, day: Date, add: &mut impl FnMut(&str, u64, u64)) {
    if !person.lives_on(day) {
        return;
    }
    let level = need.level_on(day);
    let age = usize::try_from((person.age_on(day) - 65).div_euclid(5)).ok().map(|place| place.min(5));
    if let Some(place) = age {
        add(&format!("certified.rate.{place}"), u64::from(level.is_some()), 1);
        // The last age of that row is 90 to 94.
        if person.age_on(day) < 95 {
            add(&format!("benefit.head.{place}"), benefit(person, need, day), 1);
        }
    }
    let (Some(level), Some(care), Some(_)) = (level, &need.care, age) else { return };
    for other in Level::ALL {
        add(&format!("level.share.{}", other.index()), u64::from(other == level), 1);
    }
    let (group, causes) = if level.is_support() {
        ("support", [Cause::Joint, Cause::Frailty, Cause::Fracture])
    } else {
        ("care", [Cause::Dementia, Cause::Stroke, Cause::Fracture])
    };
    for (place, cause) in causes.into_iter().enumerate() {
        add(&format!("cause.share.{group}.{place}"), u64::from(care.cause == cause), 1);
    }
    let setting = care.setting_on(day);
    for (place, other) in [Setting::Home, Setting::Community, Setting::Facility].into_iter().enumerate() {
        add(&format!("setting.share.{place}"), u64::from(other == setting), 1);
    }
    if let (Setting::Facility, Ok(numbers)) = (setting, numbers()) {
        let kind = services::week(numbers, care, day).first().map(|(service, _)| *service);
        for place in 0..numbers.facility_kind.len() {
            let is = kind == Some(services::place::FACILITIES + place);
            add(&format!("setting.facility.kind.{place}"), u64::from(is), 1);
        }
    }
    if let Some(wave) = care.wave_on(day) {
        add(&format!("ability.mean.{}", level.index()), wave.score.unsigned_abs(), 1);
    }
}

/// What the insurance pays in a year like the month before `day`, in thousand yen.
fn benefit(person: &Person, need: &Need, day: Date) -> u64 {
    let (Some(care), Ok(numbers)) = (&need.care, numbers()) else { return 0 };
    let month = day.first_of_month().yesterday().map_or(day, Date::first_of_month);
    let units: i64 = services::uses(numbers, care, person, month, day).iter().map(|used| used.units).sum();
    (units * numbers.service_unit[0] * numbers.service_unit[1] / 100 * 12 / 1000).unsigned_abs()
}

/// The shares that a town must show, per thousand, by the keys of [`count`]. Rows are shares of their own sum when they
/// are given in another unit.
#[must_use]
pub fn targets() -> Vec<(String, f64)> {
    let Ok(numbers) = numbers() else { return Vec::new() };
    let mut list = Vec::new();
    for row in numbers.rows.iter().filter(|row| row.target) {
        let sum: i64 = row.values.iter().sum();
        for (place, value) in row.values.iter().enumerate() {
            let (value, whole) = (i32::try_from(*value).unwrap_or(0), i32::try_from(sum).unwrap_or(1));
            let of = if row.unit.starts_with("permille") { 1000 } else { whole };
            list.push((format!("{}.{place}", row.key), f64::from(value) * 1000.0 / f64::from(of)));
        }
    }
    list
}
