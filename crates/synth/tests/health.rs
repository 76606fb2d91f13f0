//! Health: one life story in itself, and rates as they are published.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::HashSet;

use common::{TODAY, parsed};
use jiff::civil::Date;
use serde_json::Value;
use tsumugi_synth::{
    Town,
    compare::{Tally, Verdict},
    health::{
        self, Ailment, Course, Then, Ward, Why, body,
        days::Day,
        numbers,
        visits::{acute_band, visits, window},
    },
    population::{self, Person},
    town::Detail,
};

/// Everybody of a town with their courses.
fn people(town: &Town) -> impl Iterator<Item = (Person, Course)> {
    (0..town.citizens()).map(|index| {
        let person = population::person(town, index);
        let course = health::course(town, &person);
        (person, course)
    })
}

fn tally(people_count: u64) -> Tally {
    let town = Town::new(11, people_count, TODAY);
    let mut tally = Tally::default();
    for (person, course) in people(&town) {
        health::count(&person, &course, TODAY, &mut |key, n, of| {
            if health::is_value(key) { tally.add_value(key, n) } else { tally.add(key, n, of) }
        });
        health::count_receipts(&town, &person, &course, &mut |key, n, of| tally.add(key, n, of));
    }
    tally
}

/// Rows of `data/parameters.json` that health answers for.
const ROWS: [&str; 9] = [
    "attending/",
    "attending.male/",
    "attending.female/",
    "diabetes.suspected/",
    "checkup.systolic/",
    "checkup.systolic.high/",
    "checkup.bmi/",
    "checkup.bmi.age.",
    "claims.receipts/",
];

/// Every target row is within three in a hundred or three standard errors. A stay makes receipts of several months,
/// so the error of in-patient receipts is larger than that of as many independent months.
#[test]
fn rates_are_those_published() {
    let mut tally = tally(20_000);
    tally.widen("claims.receipts/inpatient", 90);
    tally.widen("claims.receipts/dpc", 50);
    tally.widen("claims.receipts/dental-inpatient", 38);
    let (mut off, mut seen) = (Vec::new(), 0);
    for line in tally.compare().rows {
        if line.verdict == Verdict::NotCounted || !ROWS.iter().any(|row| line.key.starts_with(row)) {
            continue;
        }
        seen += 1;
        println!("{line:?}");
        if line.verdict == Verdict::Off {
            off.push(line);
        }
    }
    assert!(seen >= 33, "{seen} rows counted");
    assert!(off.is_empty(), "{off:#?}");
    let medicines = tally.get("health.five-medicines/75+").unwrap();
    let many = medicines.n * 1000 / medicines.of;
    assert!((350..450).contains(&many), "five medicines and more from 75 on: {many} per thousand");
}

/// Out-patient receipts by age stand to each other as the table says, within a tenth.
#[expect(clippy::cast_precision_loss, reason = "counts of a small town")]
#[test]
fn receipts_follow_age() {
    let tally = tally(12_000);
    let mean = |key: &str| tally.get(key).map(|cell| cell.n as f64 / cell.of as f64).unwrap();
    let rows = numbers::rows().unwrap();
    let by_age = &rows.iter().find(|row| row.key == "receipts.by-age").unwrap().values;
    let keys = ["0-4", "5-14", "15-39", "40-64", "65-74", "75+"].map(|age| format!("health.receipts.outpatient/{age}"));
    let months = |key: &str| tally.get(key).unwrap().of as f64;
    let all = "claims.receipts/outpatient";
    let weight = keys.iter().zip(by_age).map(|(key, &times)| months(key) * times as f64).sum::<f64>() / months(all);
    for (key, &times) in keys.iter().zip(by_age) {
        let (found, wanted) = (mean(key) / mean(all), times as f64 / weight);
        assert!((found / wanted - 1.0).abs() < 0.1, "{key}: {found:.3} instead of {wanted:.3}");
    }
}

#[test]
fn a_course_lies_within_the_life_and_in_order() {
    let town = Town::new(3, 4_000, TODAY).told(Detail::Whole);
    let (mut stays, mut deaths, mut in_hospital) = (0, 0, 0);
    for (person, course) in people(&town) {
        let last = person.death.unwrap_or(TODAY).min(TODAY);
        for one in &course.illnesses {
            assert!(person.birth <= one.onset && one.onset <= last, "{}: {one:?}", person.index);
            assert!(one.treated.is_none_or(|from| one.onset <= from && from <= last), "{}: {one:?}", person.index);
            assert!(one.ended.is_none_or(|end| one.onset <= end && end <= last), "{}: {one:?}", person.index);
        }
        assert!(course.illnesses.is_sorted_by_key(|one| one.onset) && course.stays.is_sorted_by_key(|one| one.from));
        for stay in &course.stays {
            stays += 1;
            assert!(
                person.birth <= stay.from && stay.from <= stay.to && stay.from <= last,
                "{}: {stay:?}",
                person.index
            );
            assert!(person.death.is_none_or(|death| stay.to <= death), "{}: {stay:?} after death", person.index);
            assert_eq!(stay.then == Then::Death, Some(stay.to) == person.death, "{}: {stay:?}", person.index);
        }
        for pair in course.stays.windows(2) {
            assert!(pair[0].to <= pair[1].from, "{}: {pair:?} overlap", person.index);
        }
        if person.death.is_some() {
            deaths += 1;
            in_hospital += usize::from(course.stays.iter().any(|stay| stay.then == Then::Death));
        }
    }
    assert!(stays > 4_000, "{stays}");
    assert!(deaths == 0 || (450..900).contains(&(in_hospital * 1000 / deaths)), "{in_hospital} of {deaths}");
}

/// No visit on a closed day, before the treatment, during a stay, or after death; Mondays are busiest.
#[test]
fn visits_keep_the_calendar_and_the_course() {
    let town = Town::new(4, 1_500, TODAY).told(Detail::Whole);
    let mut weekdays = [0u32; 7];
    for (person, course) in people(&town) {
        let (from, to) = window(&town, &person);
        for visit in visits(&person, &course, from, to) {
            let day = visit.day.date();
            assert!(!visit.day.is_closed() && person.lives_on(day), "{} {day}", person.index);
            assert!(course.stay_on(day).is_none(), "{} {day}", person.index);
            if matches!(visit.why, Why::Regular) {
                let treated = course.illnesses.iter().any(|one| one.by == visit.at && one.is_treated_on(day));
                assert!(treated, "{} {day} {:?}", person.index, visit.at);
            }
            weekdays[usize::try_from(visit.day.weekday()).unwrap()] += 1;
        }
    }
    assert_eq!(weekdays[6], 0);
    assert!(weekdays[1..6].iter().all(|&other| f64::from(weekdays[0]) > 1.15 * f64::from(other)), "{weekdays:?}");
}

#[test]
fn a_window_shows_what_the_whole_shows() {
    let whole = Town::new(6, 300, TODAY).told(Detail::Whole);
    let recent = Town::new(6, 300, TODAY).told(Detail::Recent { years: 2 });
    let key = |visit: &health::Visit| (visit.day, visit.minute, visit.at as usize, visit.number);
    for (person, course) in people(&whole) {
        let (from, to) = window(&recent, &person);
        let (birth, _) = window(&whole, &person);
        let all: Vec<_> = visits(&person, &course, birth, to).iter().filter(|one| one.day >= from).map(key).collect();
        let part: Vec<_> = visits(&person, &course, from, to).iter().map(key).collect();
        assert_eq!(all, part, "person {}", person.index);
    }
}

#[test]
fn a_stroke_goes_its_way() {
    let town = Town::new(8, 8_000, TODAY);
    let (mut strokes, mut rehabilitated, mut home, mut facility, mut swallowing) = (0, 0, 0, 0, 0);
    for (_, course) in people(&town) {
        let Some(stroke) = course.first(Ailment::Stroke) else { continue };
        strokes += 1;
        let acute = course.stays.iter().find(|stay| stay.from == stroke.onset).unwrap();
        assert_eq!((acute.cause, acute.ward), (Ailment::Stroke, Ward::Acute));
        assert!(course.first(Ailment::Paresis).is_some_and(|one| one.onset <= stroke.onset));
        let later = stroke.onset.checked_add(jiff::Span::new().days(400)).unwrap();
        assert!(stroke.severity_on(later) <= stroke.severity_on(stroke.onset));
        swallowing += usize::from(course.first(Ailment::Dysphagia).is_some());
        let mut end = acute;
        if acute.then == Then::Hospital {
            let Some(next) =
                course.stays.iter().find(|stay| stay.from == acute.to && stay.ward == Ward::Rehabilitation)
            else {
                assert!(acute.to >= TODAY, "{acute:?}: nothing follows");
                continue;
            };
            rehabilitated += 1;
            end = next;
        }
        home += usize::from(end.then == Then::Home);
        facility += usize::from(end.then == Then::Facility);
    }
    assert!(strokes > 100, "{strokes}");
    assert!(rehabilitated * 2 > strokes && home > facility && facility > 0, "{rehabilitated} {home} {facility}");
    assert!((150..550).contains(&(swallowing * 1000 / strokes)), "{swallowing} of {strokes}");
}

/// HbA1c falls under treatment, filtration falls with the years, CRP with the days of a pneumonia.
#[test]
fn values_follow_illness_and_treatment() {
    let town = Town::new(9, 6_000, TODAY);
    let after = |day: Date, days: i64| Day(Day::from(day).0 + days).date();
    let mut sums = [(0i64, 0i64); 6];
    let mut add = |place: usize, value: i64| sums[place] = (sums[place].0 + value, sums[place].1 + 1);
    for (person, course) in people(&town) {
        if let Some((ill, treated)) = course.first(Ailment::Diabetes).and_then(|one| Some((one, one.treated?)))
            && after(ill.onset, 1000) < treated
            && after(treated, 400) < TODAY
        {
            add(0, body::lab(&person, &course, 0, treated));
            add(1, body::lab(&person, &course, 0, after(treated, 400)));
        }
        if let Some(ill) = course.first(Ailment::Kidney).filter(|ill| after(ill.onset, 3652) < TODAY) {
            add(2, body::filtration(&person, &course, ill.onset));
            add(3, body::filtration(&person, &course, after(ill.onset, 3652)));
        }
        for stay in course.stays.iter().filter(|stay| stay.cause == Ailment::Pneumonia && stay.to <= TODAY) {
            add(4, body::lab(&person, &course, 3, stay.from));
            add(5, body::lab(&person, &course, 3, stay.to));
        }
    }
    let mean = |place: usize| sums[place].0 / sums[place].1.max(1);
    assert!(sums.iter().all(|(_, count)| *count > 50), "{sums:?}");
    assert!(mean(0) >= mean(1) + 4, "HbA1c {} then {}", mean(0), mean(1));
    assert!(mean(2) >= mean(3) + 5, "eGFR {} then {}", mean(2), mean(3));
    assert!(mean(4) > 900 && mean(5) < 400, "CRP {} then {}", mean(4), mean(5));
}

/// The parents' and the children's stories agree: a birth is a stay of the mother on the child's birthday.
#[test]
fn births_are_the_mothers_stays() {
    let town = Town::new(10, 2_400, TODAY);
    let mut births = 0;
    for (person, course) in people(&town) {
        for stay in course.stays.iter().filter(|stay| stay.cause == Ailment::Delivery) {
            births += 1;
            let born = |child: &u64| population::person(&town, *child).birth == stay.from;
            assert!(person.children.iter().any(born), "{}: {stay:?}", person.index);
        }
    }
    assert!(births > 100, "{births}");
}

/// What messages of this chapter are named.
const HEALTH: [&str; 10] = [
    "-visit-",
    "-stay-",
    "-discharge-",
    "-referral",
    "-claims-",
    "-dispensed-",
    "-labs-",
    "-conditions-",
    "-allergies-",
    "-nursed-",
];

#[test]
fn messages_keep_window_order_and_the_withheld() {
    let town = Town::new(12, 1_500, TODAY).told(Detail::Recent { years: 3 });
    let (mut withheld, mut marked) = (0, 0);
    for (person, course) in people(&town) {
        let sent = town.person(person.index).unwrap();
        assert!(sent.is_sorted_by_key(|one| one.time));
        let names: HashSet<&str> = sent.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), sent.len(), "person {}", person.index);
        let untold: Vec<_> = course.illnesses.iter().filter(|one| one.told.is_none()).collect();
        withheld += untold.len();
        let own = |name: &str| HEALTH.iter().any(|part| name.contains(part));
        for (one, json) in parsed(&sent).into_iter().filter(|(one, _)| own(&one.name)) {
            let day = one.time.civil().date();
            assert!(town.tells(day) && person.lives_on(day), "{} {day}", one.name);
            let entries: Vec<&Value> = match json["entry"].as_array() {
                Some(entries) => entries.iter().map(|entry| &entry["resource"]).collect(),
                None => vec![&json],
            };
            for resource in entries {
                let text = resource.to_string();
                let named = untold.iter().any(|ill| text.contains(ill.disease.text));
                let flagged = resource["meta"]["tag"].to_string().contains("UNINFORMED");
                assert!(!named || flagged, "{}: names what was not told: {text}", one.name);
                marked += usize::from(flagged);
            }
        }
    }
    assert!(withheld == 0 || marked > 0, "{withheld} {marked}");
}

/// The national scale: receipts alone, without anything else.
#[test]
fn receipts_alone_are_told_alone() {
    let town = Town::new(13, 60, TODAY).told(Detail::Claims { years: 2 });
    let sent: Vec<_> = (0..60).flat_map(|index| town.person(index).unwrap()).collect();
    assert!(sent.iter().filter(|one| one.name.contains("-claims-")).count() > 500);
    let other = |name: &str| {
        ["-visit-", "-labs-", "-stay-", "-discharge-", "-conditions-"].iter().any(|part| name.contains(part))
    };
    assert!(sent.iter().all(|one| !other(&one.name)));
    for (person, course) in people(&town) {
        for receipt in health::receipts(&town, &person, &course) {
            assert!(receipt.points >= 70 && receipt.days >= 1 && receipt.days <= 31 && receipt.lines > 0);
            assert!(
                receipt.place.is_some()
                    && receipt.month.first() <= receipt.first
                    && receipt.first <= receipt.month.last()
            );
        }
    }
}

/// Three years of a town: about 150 resources a person. Less could not be told apart, more nobody could load.
#[test]
fn three_years_are_about_150_resources_a_person() {
    const PEOPLE: u64 = 2_000;
    let town = Town::new(14, 100_000, TODAY).told(Detail::Recent { years: 3 });
    let mut resources = 0;
    for index in 0..PEOPLE {
        let sent = town.person(index).unwrap();
        resources += parsed(&sent).iter().map(|(_, json)| json["entry"].as_array().map_or(1, Vec::len)).sum::<usize>();
    }
    let each = resources / usize::try_from(PEOPLE).unwrap();
    println!("{each} resources a person");
    assert!((130..=180).contains(&each), "{each}");
}

#[test]
fn ages_fall_into_the_bands_of_the_receipts() {
    for (years, band) in [(0, 0), (4, 0), (6, 1), (16, 2), (41, 3), (66, 4), (76, 5)] {
        assert_eq!(acute_band(years * 366), band, "{years}");
    }
}
