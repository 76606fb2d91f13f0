//! The town's care: shaped like Japan, one consistent story, with effects that can be found and bias that can be seen.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::{BTreeMap, HashSet};

use common::{TODAY, parsed, resources};
use jiff::{ToSpan, civil::Date};
use serde_json::Value;
use tsumugi_kernel::{Purpose, Role, edge::Stopwatch};
use tsumugi_synth::{
    Form, Town,
    care::{self, Level, Need, PLANTED, Planted, PlantedEffect, Setting, Slope, planted, survey, table::numbers},
    health::{self, Course},
    population::{self, Person},
    town::Detail,
};

/// Everybody of 65 and over in a town of `citizens`.
fn elders(town: &Town) -> impl Iterator<Item = (Person, Course, Need)> {
    (0..town.citizens()).filter_map(|index| {
        let person = population::person(town, index);
        (person.age_on(town.today()) >= 65).then(|| {
            let course = health::course(town, &person);
            let need = care::need(town, &person, &course);
            (person, course, need)
        })
    })
}

fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap())
}

#[test]
fn thirty_thousand_elders_are_like_those_of_japan() {
    let town = Town::new(4, 110_000, TODAY);
    let (mut count, mut old) = (BTreeMap::<String, (u64, u64)>::new(), 0);
    for (person, _, need) in elders(&town) {
        old += 1;
        care::count(&person, &need, TODAY, &mut |key, n, of| {
            let sum = count.entry(key.to_owned()).or_default();
            *sum = (sum.0 + n, sum.1 + of);
        });
    }
    assert!(old >= 30_000, "{old}");
    let targets = care::targets();
    assert_eq!(targets.len(), 25, "{targets:?}");
    let mut off = Vec::new();
    for (key, target) in targets {
        let (n, of) = count[&key];
        let (n, of, target) = (float(n), float(of), target / 1000.0);
        let share = n / of;
        let error = (target * (1.0 - target) / of).sqrt();
        println!("{key}: {share:.4}, target {target:.4}, {:.1} standard errors", (share - target) / error);
        if (share - target).abs() > (0.03 * target).max(3.0 * error) {
            off.push(format!("{key}: {share:.4} instead of {target:.4}"));
        }
    }
    assert!(off.is_empty(), "{off:#?}");
    // A row from memory: the means of the Barthel index by level, within four points.
    for (level, mean) in numbers().unwrap().barthel_level.into_iter().enumerate() {
        let mean = f64::from(i32::try_from(mean).unwrap());
        let (n, of) = count[&format!("ability.mean.{level}")];
        let found = float(n) / float(of);
        assert!(f64::abs(found - mean) <= 4.0, "level {level}: {found:.1} instead of {mean}");
    }
}

#[test]
fn need_follows_the_course() {
    let town = Town::new(8, 60_000, TODAY);
    let (mut with, mut without) = ((0u64, 0u64), (0u64, 0u64));
    for (person, course, need) in elders(&town).filter(|(person, ..)| person.age_on(TODAY) >= 75) {
        let heavy = course.stays.iter().any(|stay| stay.reason.icd10.starts_with("I6"))
            || course.ever("I6").is_some()
            || course.ever("F0").is_some()
            || course.ever("G30").is_some();
        let sum = if heavy { &mut with } else { &mut without };
        *sum = (sum.0 + u64::from(need.level_on(TODAY).is_some()), sum.1 + 1);
        assert!(
            person.lives_on(TODAY)
                || need.care.is_none_or(|care| care.waves.iter().all(|wave| person.lives_on(wave.day)))
        );
    }
    let (with, without) = (float(with.0) / float(with.1), float(without.0) / float(without.1));
    assert!(with > 1.4 * without, "with a stroke or dementia {with:.3}, without {without:.3}");
}

/// Sum, sum of squares, true effect, count of one cell.
#[derive(Clone, Copy, Default)]
struct Cell {
    sum: f64,
    truth: f64,
    n: f64,
}

/// Difference in change with and without: as it is, within strata, and the truth among those with.
fn estimates(all: &[PlantedEffect], service: Planted) -> (f64, f64, f64) {
    let mut cells: BTreeMap<(usize, Slope), [Cell; 2]> = BTreeMap::new();
    for one in all.iter().filter(|one| one.service == service) {
        let Some(after) = one.after else { continue };
        let cell = &mut cells.entry((one.severity, one.slope)).or_default()[usize::from(one.arm)];
        cell.sum += f64::from(i32::try_from(after - one.before).unwrap());
        cell.truth += f64::from(i32::try_from(one.true_effect).unwrap()) / 10.0;
        cell.n += 1.0;
    }
    let whole = |arm: usize| {
        let (sum, n) = cells.values().fold((0.0, 0.0), |(sum, n), cell| (sum + cell[arm].sum, n + cell[arm].n));
        sum / n
    };
    let (mut within, mut weight, mut truth) = (0.0, 0.0, 0.0);
    for [without, with] in cells.values().filter(|[without, with]| without.n >= 2.0 && with.n >= 2.0) {
        within += with.n * (with.sum / with.n - without.sum / without.n);
        truth += with.truth;
        weight += with.n;
    }
    (whole(1) - whole(0), within / weight, truth / weight)
}

#[test]
fn planted_effects_are_found_within_strata_and_only_there() {
    let town = Town::new(12, 300_000, TODAY);
    let (mut old, mut all) = (0, Vec::new());
    for (person, _, need) in elders(&town) {
        old += 1;
        all.extend(planted(&town, &person, &need));
    }
    assert!(old >= 20_000, "{old}");
    // Service, truth as planted, and how far at least the plain difference is from the truth, upwards or downwards.
    let expected: [(Planted, f64, f64); 3] =
        [(Planted::Rehabilitation, 3.0, 1.0), (Planted::Gathering, 0.0, -0.8), (Planted::HomeHelp, -2.0, 1.5)];
    for (service, planted, bias) in expected {
        let (naive, within, truth) = estimates(&all, service);
        println!("{service:?}: plain {naive:.2}, within strata {within:.2}, truth {truth:.2}");
        assert!((truth - planted).abs() <= 0.15, "{service:?}: {truth:.2} is planted instead of {planted}");
        assert!((within - truth).abs() <= 0.35, "{service:?}: {within:.2} within strata, truth {truth:.2}");
        let off = naive - truth;
        assert!(
            off.signum() * bias.signum() > 0.0 && off.abs() >= bias.abs(),
            "{service:?}: plain {naive:.2}, truth {truth:.2}"
        );
    }
    let lost = |test: &dyn Fn(&&PlantedEffect) -> bool| {
        let some: Vec<&PlantedEffect> = all.iter().filter(|one| test(one)).collect();
        float(some.iter().filter(|one| one.dropped_out).count() as u64) / float(some.len() as u64)
    };
    let (light, severe) = (lost(&|one| one.severity == 0), lost(&|one| one.severity == 4));
    assert!(severe > 1.8 * light, "dropout {light:.3} of the light, {severe:.3} of the severe");
    assert!(all.iter().all(|one| one.dropped_out == one.after.is_none() && (one.arm || one.true_effect == 0)));
}

#[test]
fn a_few_offices_write_better_scores() {
    let town = Town::new(12, 300_000, TODAY);
    let mut offices: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for (person, _, need) in elders(&town) {
        let Some(care) = need.care.filter(|care| care.waves.len() > 1) else { continue };
        let office = town.place(&person, tsumugi_kernel::OrganizationKind::CareOffice).unwrap();
        let sum = offices.entry(office.id.clone()).or_default();
        let first = care.waves[1].score - care.waves[0].score;
        *sum = (sum.0 + f64::from(i32::try_from(first).unwrap()), sum.1 + 1.0);
    }
    let means: Vec<f64> = offices.values().map(|(sum, n)| sum / n).collect();
    let high = means.iter().filter(|mean| **mean > 1.5).count();
    assert!((1..=means.len() / 4).contains(&high), "{high} of {} offices", means.len());
    let others = means.iter().filter(|mean| **mean <= 1.5);
    assert!(others.clone().sum::<f64>() / float(others.count() as u64) < 0.0);
}

#[test]
fn a_story_of_care_is_consistent() {
    let town = Town::new(31, 20_000, TODAY);
    let mut seen = 0;
    for (person, _, need) in elders(&town) {
        let Some(care) = &need.care else { continue };
        seen += 1;
        let first = &care.certifications[0];
        assert_eq!(first.reason, care::Reason::New);
        for pair in care.certifications.windows(2) {
            assert_eq!(pair[0].to.tomorrow().unwrap(), pair[1].from, "person {}", person.index);
            assert!(pair[0].from <= pair[0].to && pair[0].applied < pair[1].applied);
        }
        for one in &care.certifications {
            assert!(one.applied <= one.surveyed && one.surveyed <= one.opinion && one.opinion <= one.decided);
            assert!(person.lives_on(one.decided) && one.decided <= TODAY, "person {}", person.index);
        }
        assert!(care.waves[0].day > first.decided && care.waves.iter().all(|wave| wave.day <= TODAY));
        assert!(care.waves.iter().all(|wave| (0..=100).contains(&wave.score) && wave.score % 5 == 0));
        assert_eq!(need.level_on(first.from.yesterday().unwrap()), None, "before certification");
        assert!(need.level_on(TODAY).is_some() || !person.lives_on(TODAY));
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn answers_barthel_index_and_level_agree() {
    let (town, numbers) = (Town::new(2, 30_000, TODAY), numbers().unwrap());
    let place = |code: &str| numbers.survey.iter().position(|question| question.code == code).unwrap();
    let (walking, eating, turning) = (place("1-7"), place("2-4"), place("1-3"));
    let (mut points, mut minutes) = ([(0.0, 0.0); 7], [(i64::MAX, 0); 7]);
    for (_, _, need) in elders(&town) {
        let Some(care) = &need.care else { continue };
        let one = care.certifications.last().unwrap();
        let answers = survey::answers(numbers, care, one);
        assert_eq!(answers.len(), 74);
        for (question, answer) in numbers.survey.iter().zip(&answers) {
            assert!(*answer <= question.cuts.len());
        }
        let barthel = one.ability / 10;
        assert!(barthel < 85 || answers[walking] < 2, "walks with {barthel}");
        assert!(barthel > 20 || (answers[walking] == 2 && answers[turning] > 0), "does not walk with {barthel}");
        assert!(barthel > 4 || answers[eating] == 3, "is fed with {barthel}");
        let level = one.level.unwrap().index();
        points[level].0 += float(answers.iter().sum::<usize>() as u64);
        points[level].1 += 1.0;
        let cost = survey::minutes(numbers, one);
        minutes[level] = (minutes[level].0.min(cost), minutes[level].1.max(cost));
    }
    let means: Vec<f64> = points.iter().map(|(sum, n)| sum / n).collect();
    assert!(means.windows(2).all(|pair| pair[0] * 1.1 < pair[1]), "{means:?}");
    for (level, (low, high)) in minutes.into_iter().enumerate() {
        let next = numbers.level_minutes.get(level + 1).copied().unwrap_or(i64::MAX);
        assert!(numbers.level_minutes[level] <= low && (high < next || level == 1), "{level}: {low} to {high}");
    }
}

#[test]
fn benefits_stay_within_the_limit_and_agree_with_stays() {
    let (town, numbers) = (Town::new(6, 30_000, TODAY), numbers().unwrap());
    let (mut rows, mut away) = (0, 0);
    for (person, course, need) in elders(&town) {
        let Some(care) = &need.care else { continue };
        for back in 1..=12 {
            let month = TODAY.first_of_month().checked_sub(back.months()).unwrap();
            let list = care::receipts(&town, &person, &need, month).unwrap();
            let begun = care.waves[0].day <= month.last_of_month();
            assert!(list.is_empty() || (begun && care.setting != Setting::Nothing));
            let Some(level) = list.first().map(|row| row.level) else { continue };
            rows += list.len();
            // Group homes, facilities and the planning itself are outside of the limit.
            let within: i64 = list.iter().filter(|row| row.kind < 30 || row.kind == 78).map(|row| row.units).sum();
            assert!(within <= numbers.level_limit[level.index()], "{level:?}: {within}");
            assert!(list.iter().all(|row| row.uses >= 1 && row.uses <= 31 && row.benefit == row.units * 9));
            assert!(!level.is_support() || list.iter().all(|row| row.kind < 50), "{list:?}");
            let stay = course.stays.iter().find(|stay| stay.from <= month && month.last_of_month() <= stay.to);
            assert!(stay.is_none(), "a month in hospital has a receipt");
            away += usize::from(course.stays.iter().any(|stay| stay.from <= month.last_of_month() && month <= stay.to));
        }
    }
    assert!(rows > 10_000 && away > 50, "{rows} rows, {away} months with days away");
}

fn day_of(text: &str) -> Date {
    text[..10].parse().unwrap()
}

#[test]
fn what_is_told_lies_between_certification_and_death_and_may_be_written() {
    let town = Town::new(17, 2_000, TODAY).told(Detail::Recent { years: 2 });
    let (mut months, mut kinds, mut counts) = (0, HashSet::new(), Vec::new());
    for (person, _, need) in elders(&town) {
        let all = town.person(person.index).unwrap();
        let of_care = |name: &str| {
            ["-care-", "-certification-", "-in-charge", "-charge-ended"].iter().any(|part| name.contains(part))
        };
        let first = need.care.as_ref().map(|care| care.certifications[0].applied);
        for (one, json) in parsed(&all).into_iter().filter(|(one, _)| of_care(&one.name)) {
            let by_city = ["-certification-", "charge"].iter().any(|part| one.name.contains(part));
            let expected = if by_city { (Purpose::RecordManagement, true) } else { (Purpose::CareManagement, false) };
            assert_eq!((one.purpose, one.role == Role::Municipality), expected, "{}", one.name);
            if one.name.contains("-certification-") && need.care.is_none() {
                assert!(one.form.bytes().is_some_and(|bytes| String::from_utf8_lossy(bytes).contains("非該当")));
                continue;
            }
            let first = first.unwrap_or_else(|| panic!("{}: nobody in need", one.name));
            // The number that holds on the day of the message, not the one that holds now.
            let member = person.known_on(one.time.civil().date()).member_id;
            for (kind, days) in told(&json, &member) {
                assert!(days.iter().all(|day| first <= *day && person.lives_on(*day)), "{}: {kind}", one.name);
                kinds.insert(kind);
            }
            if one.name.contains("-care-month-") {
                months += 1;
                counts.push(json["entry"].as_array().unwrap().len());
            }
        }
    }
    for kind in [
        "QuestionnaireResponse",
        "ClinicalImpression",
        "ServiceRequest",
        "CarePlan",
        "Goal",
        "Claim",
        "Flag",
        "Observation",
    ] {
        assert!(kinds.contains(kind), "no {kind} in the town");
    }
    assert!(months > 1_000, "{months}");
    assert!(counts.iter().all(|count| (1..=20).contains(count)), "{:?}", counts.iter().max());
}

/// Kinds and days of what a message tells; each resource must name the person by the insured number.
fn told(json: &Value, member: &str) -> Vec<(String, Vec<Date>)> {
    let list: Vec<&Value> = if json["resourceType"] == "Bundle" {
        resources(json).into_iter().map(|(_, one)| one).collect()
    } else {
        vec![json]
    };
    list.into_iter()
        .map(|one| {
            let subject = if one["subject"].is_null() { &one["patient"] } else { &one["subject"] };
            assert_eq!(subject["identifier"]["value"], member, "{one}");
            let days = ["effectiveDateTime", "authoredOn", "authored", "date"]
                .iter()
                .filter_map(|name| one[name].as_str().map(day_of));
            let until = one["billablePeriod"]["end"].as_str().map(day_of);
            (one["resourceType"].as_str().unwrap().to_owned(), days.chain(until).collect())
        })
        .collect()
}

#[test]
fn only_claims_are_told_where_only_claims_are_asked_for() {
    let town = Town::new(17, 1_500, TODAY).told(Detail::Claims { years: 1 });
    let mut claims = 0;
    for index in 0..town.citizens() {
        let all = town.person(index).unwrap();
        for (one, json) in parsed(&all).into_iter().filter(|(one, _)| one.name.contains("-care-")) {
            assert!(matches!(one.form, Form::Transaction(_)) && one.name.contains("-care-month"));
            assert!(resources(&json).iter().all(|(_, one)| one["resourceType"] == "Claim"));
            claims += 1;
        }
    }
    assert!(claims > 300, "{claims}");
}

/// The quickest of ten batches, for other programs may run beside the test.
#[test]
fn a_resource_of_care_is_made_fast() {
    let town = Town::new(3, 3_000, TODAY);
    let people: Vec<u64> = (0..town.citizens()).filter(|index| town.resident(*index).age >= 75).collect();
    let mark = b"\"resourceType\"";
    let batch = |some: &[u64]| {
        let watch = Stopwatch::start();
        let all: Vec<_> = some.iter().flat_map(|index| town.person(*index).unwrap()).collect();
        let nanoseconds = watch.elapsed().as_nanos();
        let in_one = |bytes: &[u8]| bytes.windows(mark.len()).filter(|part| part == mark).count();
        let made: usize = all.iter().filter_map(|one| one.form.bytes()).map(in_one).sum();
        assert!(made > 500, "{made} resources");
        nanoseconds / u128::try_from(made).unwrap()
    };
    let best = people.chunks_exact(people.len() / 10).map(batch).min().unwrap();
    println!("{best} ns a resource");
    assert!(best <= 100_000, "{best} ns a resource");
}

#[test]
fn levels_are_in_order() {
    assert!(Level::ALL.is_sorted());
    let thresholds = numbers().unwrap().level_threshold;
    assert!(thresholds.windows(2).all(|pair| pair[0] > pair[1]));
    assert_eq!(Level::of(1000, &thresholds), Level::Support1);
    assert_eq!(Level::of(-50, &thresholds), Level::Care5);
    assert_eq!(PLANTED.map(Planted::code), ["rehabilitation", "gathering", "home-help"]);
}
