//! Prevention: doses in order and only to whom they are for, children who grow along a line, checkups, infections, and
//! months of the person's own measuring.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::BTreeMap;

use common::{TODAY, parsed, resources};
use jiff::civil::Date;
use serde_json::Value;
use tsumugi_synth::{
    Town, health, parameters,
    people::Sex,
    population::{self, Person},
    prevention::{self, Prevention},
    town::Detail,
};

/// A data file of the crate.
fn data(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn day(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text.parse().unwrap())
}

fn plans(town: &Town) -> impl Iterator<Item = (Person, Prevention)> {
    (0..town.citizens()).map(|index| {
        let person = population::person(town, index);
        let course = health::course(town, &person);
        let plan = prevention::plan(town, &person, &course);
        (person, plan)
    })
}

/// Months from birth to a day.
fn months(person: &Person, day: Date) -> i32 {
    let (birth, months) = (person.birth, |date: Date| i32::from(date.year()) * 12 + i32::from(date.month()));
    months(day) - months(birth) - i32::from(day.day() < birth.day())
}

#[test]
fn doses_come_in_order_while_a_programme_runs_and_to_whom_it_is_for() {
    let vaccines = data("vaccines.json");
    let of: BTreeMap<&str, &Value> =
        vaccines["vaccines"].as_array().unwrap().iter().map(|one| (one["key"].as_str().unwrap(), one)).collect();
    let town = Town::new(41, 12_000, TODAY).told(Detail::Whole);
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for (person, plan) in plans(&town) {
        let mut last: BTreeMap<&str, (u32, Date)> = BTreeMap::new();
        for dose in &plan.doses {
            let vaccine = of[dose.vaccine()];
            *given.entry(dose.vaccine().to_owned()).or_default() += 1;
            let about = format!("{} of person {} on {}", dose.vaccine(), person.index, dose.day);
            assert!(person.lives_on(dose.day) && dose.day <= TODAY, "{about}: not in life");
            assert!(day(&vaccine["from"]).unwrap() <= dose.day, "{about}: before the programme");
            assert!(day(&vaccine["to"]).is_none_or(|to| dose.day <= to), "{about}: after the programme");
            assert!(vaccine["sex"].as_str().is_none_or(|sex| sex == person.sex.code()), "{about}: not for this sex");
            // A month after the 31st of August ends on the 30th of September: the day after counts.
            let age = months(&person, dose.day.tomorrow().unwrap());
            let due = |months: i64| (months..=months + 1).contains(&i64::from(age));
            let by_months = vaccine["months"].as_array().into_iter().flatten().any(|at| due(at.as_i64().unwrap()));
            let by_age = vaccine["ages"].as_array().into_iter().flatten().any(|at| due(at.as_i64().unwrap() * 12));
            let yearly = vaccine["yearly"]["from_age"].as_i64();
            let by_year = yearly.is_some_and(|from| i64::from(dose.day.year() - person.birth.year()) >= from);
            assert!(by_months || by_age || by_year, "{about}: not due at {age} months");
            let before = last.insert(dose.vaccine(), (dose.number, dose.day));
            let (number, earlier) = before.unwrap_or((0, person.birth));
            assert!(dose.number == number + 1 && earlier <= dose.day, "{about}: dose {} after {number}", dose.number);
        }
        assert!(plan.doses.is_sorted_by_key(|dose| dose.day));
    }
    for key in of.keys() {
        assert!(given.contains_key(*key), "nobody has had {key}");
    }
}

#[test]
fn children_grow_along_a_line_of_their_own() {
    let town = Town::new(42, 12_000, TODAY);
    let (mut children, mut weights) = (0, Vec::new());
    for (person, plan) in plans(&town).filter(|(person, _)| person.age_on(TODAY) < 12) {
        let all = &plan.child_checkups;
        children += 1;
        assert!(all.iter().all(|one| person.lives_on(one.day) && one.day <= TODAY));
        for pair in all.windows(2) {
            let (before, after) = (pair[0].measures, pair[1].measures);
            assert!(pair[0].day < pair[1].day);
            assert!(after.height_mm > before.height_mm, "person {} shrinks", person.index);
            assert!(after.weight_g > before.weight_g && after.head_mm + 15 > before.head_mm, "person {}", person.index);
        }
        if let [first, .., last] = all.as_slice()
            && all.len() == 5
        {
            weights.push((first.measures.height_mm, last.measures.height_mm, person.sex == Sex::Male));
        }
    }
    assert!(children > 500 && weights.len() > 200, "{children} {}", weights.len());
    // Who is tall at first stays tall: of boys, those above the mean at birth are taller at the last checkup.
    let boys: Vec<(i64, i64)> = weights.iter().filter(|(.., male)| *male).map(|(a, b, _)| (*a, *b)).collect();
    let count = |list: &[i64]| i64::try_from(list.len()).unwrap();
    let mean = |list: &[i64]| list.iter().sum::<i64>() / count(list);
    let middle = mean(&boys.iter().map(|(first, _)| *first).collect::<Vec<_>>());
    let part = |tall: bool| {
        mean(&boys.iter().filter(|(first, _)| (*first > middle) == tall).map(|(_, last)| *last).collect::<Vec<_>>())
    };
    assert!(part(true) > part(false) + 20, "{} and {} mm", part(true), part(false));
}

#[test]
fn checkups_are_for_those_of_40_to_74_at_the_rate_of_the_row() {
    let town = Town::new(43, 20_000, TODAY).told(Detail::Recent { years: 3 });
    let (mut went, mut offered) = (0i64, 0i64);
    for index in 0..town.citizens() {
        let person = population::person(&town, index);
        prevention::count(&town, &person, &mut |key, n, of| {
            assert_eq!(key, "checkup.coverage");
            (went, offered) = (went + n, offered + of);
        });
    }
    assert!(offered > 8_000, "{offered}");
    let (share, row) = (1000 * went / offered, parameters::value("checkup.coverage"));
    assert!((share - row).abs() <= 20, "{share} of a thousand instead of {row}");
    for (person, plan) in plans(&town).take(6_000) {
        let mut years: Vec<i16> = Vec::new();
        for day in &plan.checkups {
            assert!(person.lives_on(*day) && town.tells(*day));
            let fiscal = if day.month() >= 4 { day.year() } else { day.year() - 1 };
            let end = Date::new(fiscal + 1, 3, 31).unwrap();
            assert!((40..=74).contains(&person.age_on(end)), "{}", person.age_on(end));
            years.push(fiscal);
        }
        assert!(years.windows(2).all(|pair| pair[0] < pair[1]), "two checkups in one year");
    }
}

#[test]
fn months_of_a_life_log_lie_within_window_and_life() {
    let town = Town::new(44, 6_000, TODAY).told(Detail::Recent { years: 2 });
    let mut kept = 0;
    for (person, plan) in plans(&town) {
        for month in &plan.life_log {
            kept += 1;
            assert!(town.tells(month.day) && person.lives_on(month.day) && person.birth <= month.from);
            assert!(month.day.day() == 1 && month.from.day() == 1 && month.day <= TODAY);
            assert!((150..=25_000).contains(&month.steps) && (200..=660).contains(&month.sleep));
            assert!(month.pressure.0 > month.pressure.1, "{:?}", month.pressure);
        }
        assert!(plan.life_log.windows(2).all(|pair| pair[0].day == pair[1].from), "a month is missing");
        assert!(plan.life_log.len() <= 24);
    }
    assert!(kept > 3_000, "{kept}");
}

/// New cases of ten years in a large town, of each infection: within five standard errors of its rate by age.
#[test]
fn infections_come_at_their_rates() {
    let file = data("infections.json");
    let town = Town::new(45, 60_000, TODAY).told(Detail::Whole);
    let mut cases: BTreeMap<String, f64> = BTreeMap::new();
    let mut years = [0.0f64; 5];
    let since = TODAY.year() - 10;
    let band = |age: i16| [10, 30, 50, 65].iter().position(|&end| age < end).unwrap_or(4);
    for index in 0..town.citizens() {
        let person = population::person(&town, index);
        let plan = prevention::plan(&town, &person, &health::Course::default());
        for one in &plan.infections {
            assert!(person.lives_on(one.onset) && person.lives_on(one.day) && one.onset < one.day && one.day <= TODAY);
            if one.onset.year() >= since && one.onset.year() < TODAY.year() {
                *cases.entry(one.key().to_owned()).or_default() += 1.0;
            }
        }
        for year in since..TODAY.year() {
            let middle = Date::new(year, 7, 1).unwrap();
            if person.lives_on(middle) {
                years[band(person.age_on(middle))] += 1.0;
            }
        }
    }
    // The people among whom the weights of an age were counted, in per cent.
    const PEOPLE: [f64; 5] = [7.0, 19.0, 24.0, 20.0, 30.0];
    for one in file["infections"].as_array().unwrap() {
        let key = one["key"].as_str().unwrap();
        let rate = one["per_million_year"].as_f64().unwrap() / 1e6;
        let expected: f64 =
            (0..5).map(|place| years[place] * rate * one["age_weights"][place].as_f64().unwrap() / PEOPLE[place]).sum();
        let found = cases.get(key).copied().unwrap_or(0.0);
        println!("{key}: {found}, expected {expected:.1}");
        assert!((found - expected).abs() <= 5.0 * expected.max(1.0).sqrt() + 1.0, "{key}: {found}, {expected:.1}");
    }
}

/// What is told of prevention is what is planned, and nothing of it after death.
#[test]
fn what_is_told_is_what_is_planned() {
    let town = Town::new(46, 1_500, TODAY).told(Detail::Recent { years: 3 });
    let (mut doses, mut logs) = (0, 0);
    for (person, plan) in plans(&town) {
        let sent = town.person(person.index).unwrap();
        let mut told = (0, 0);
        for (one, json) in parsed(&sent) {
            let day = one.time.civil().date();
            if one.name.contains("-vaccines-") {
                told.0 += resources(&json).iter().filter(|(_, one)| one["resourceType"] == "Immunization").count();
                assert!(person.lives_on(day) && town.tells(day));
            }
            if one.name.contains("-life-log-") {
                told.1 += 1;
                assert!(resources(&json).iter().all(|(_, one)| one["resourceType"] == "Observation"));
            }
        }
        let planned = plan.doses.iter().filter(|dose| town.tells(dose.day)).count();
        assert_eq!(told.0, planned, "person {}", person.index);
        assert!(told.1 <= plan.life_log.len());
        (doses, logs) = (doses + told.0, logs + told.1);
    }
    assert!(doses > 500 && logs > 500, "{doses} {logs}");
}
