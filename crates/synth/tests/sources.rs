//! What sources get wrong, what goes wrong on the way, and who looks: at the stated rates, and all of it in the truth.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use common::TODAY;
use serde_json::Value;
use tsumugi_kernel::OrganizationKind;
use tsumugi_synth::{
    Detail, Form, Sources, Told, Town,
    outbox::Outbox,
    parameters, population,
    truth::{Mistake, looks::Snoop},
};

const PEOPLE: u64 = 6_000;

fn told(sources: Sources) -> Vec<Told> {
    let town = Town::new(21, PEOPLE, TODAY).with_sources(sources);
    (0..PEOPLE).map(|index| town.tell(index).unwrap()).collect()
}

#[test]
fn careful_sources_make_no_mistake() {
    for one in told(Sources::Careful) {
        assert!(one.truth.injected.is_empty(), "{:?}", one.truth.injected);
        let known: HashSet<&str> = one.truth.identifiers.iter().map(|one| one.value.as_str()).collect();
        for used in &one.truth.used {
            assert!(known.contains(used.member_id.as_str()), "{used:?}");
        }
    }
}

/// Whether `found` of `of` is near a share in a million: five standard errors.
fn near(what: &str, found: usize, of: usize, ppm: f64) {
    let (found, of) = (found as f64, of as f64);
    let expected = of * ppm / 1e6;
    println!("{what}: {found} of {of}, expected {expected}");
    assert!((found - expected).abs() <= 5.0 * expected.max(1.0).sqrt() + 1.0, "{what}: {found}, expected {expected}");
}

#[test]
fn messages_come_late_and_twice_at_their_rates_and_nothing_else_differs() {
    let all = told(Sources::Usual);
    let count =
        |what: Mistake| all.iter().flat_map(|one| &one.truth.injected).filter(|injected| injected.what == what).count();
    let doubled: Vec<_> = all.iter().flat_map(|one| &one.sent).filter(|one| one.name.ends_with("-again")).collect();
    let sent = all.iter().map(|one| one.sent.len()).sum::<usize>() - doubled.len();
    assert_eq!(count(Mistake::Doubled), doubled.len());
    near("doubled", doubled.len(), sent, 1e3 * parameters::value("fault.doubled") as f64);
    // Those of the last days would come after the town's day, and so are not late.
    let late = count(Mistake::Late);
    assert!(late > 50, "{late}");
    for one in &all {
        let names: HashSet<&str> = one.sent.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), one.sent.len());
        assert!(one.sent.windows(2).all(|pair| pair[0].time <= pair[1].time));
        for again in one.sent.iter().filter(|one| one.name.ends_with("-again")) {
            let first = one.sent.iter().find(|other| again.name.trim_end_matches("-again") == other.name).unwrap();
            assert_eq!(first.form.bytes(), again.form.bytes());
            assert!(one.truth.injected.iter().any(|injected| injected.about.as_deref() == Some(&first.name)));
        }
    }
}

#[test]
fn what_a_source_gets_wrong_is_steady_and_at_its_rate() {
    let town = Town::new(21, PEOPLE, TODAY).with_sources(Sources::Usual);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut with_branch, mut all, mut variants) = (0, 0, 0);
    for index in 0..PEOPLE {
        let person = population::person(&town, index);
        if person.death.is_some() || person.coverages.is_empty() {
            continue;
        }
        let out = Outbox::new(&town, &person);
        let clinic = town.place(&person, OrganizationKind::Clinic).unwrap();
        let known = out.known_to(clinic, TODAY);
        let truth = person.known_on(TODAY);
        assert_eq!(format!("{known:?}"), format!("{:?}", out.known_to(clinic, TODAY)));
        all += 1;
        let mut add = |what, is: bool| *counts.entry(what).or_default() += usize::from(is);
        add("missing", known.member_id.is_empty());
        add("birth", known.birth != truth.birth);
        let branch = truth.member_id.ends_with(|last: char| last.is_ascii_digit());
        with_branch += usize::from(branch);
        add("branch", branch && known.member_id.ends_with(':'));
        let rare = truth.name.family.contains(['髙', '﨑', '𠮷', '邊', '邉', '齋', '齊']);
        variants += usize::from(rare);
        add("variant", rare && known.name.family != truth.name.family);
    }
    let value = |key: &str| parameters::value(key) as f64;
    near("missing", counts["missing"], all, 1e3 * value("identity.missing"));
    near("birth", counts["birth"], all, value("identity.birth"));
    near("branch", counts["branch"], with_branch, 1e3 * value("identity.branch"));
    near("variant", counts["variant"], variants, 1e3 * value("identity.variant"));
}

#[test]
fn people_are_split_and_merged_at_their_rates() {
    let town = Town::new(22, 30_000, TODAY).with_sources(Sources::Usual);
    let (mut split, mut merged, mut all) = (0, 0, 0);
    for index in 0..30_000 {
        let person = population::person(&town, index);
        if person.death.is_some() {
            continue;
        }
        all += 1;
        let out = Outbox::new(&town, &person);
        let numbers: BTreeSet<u64> = [OrganizationKind::Clinic, OrganizationKind::Hospital]
            .into_iter()
            .filter_map(|kind| town.place(&person, kind))
            .flat_map(|place| [TODAY, TODAY.tomorrow().unwrap()].map(|day| out.known_to(place, day).number))
            .filter(|number| *number != person.number)
            .collect();
        split += usize::from(numbers.iter().any(|number| *number > 100_000_000));
        merged += usize::from(numbers.contains(&(person.number ^ 1)));
    }
    near("split", split, all, parameters::value("fault.split") as f64);
    near("merged", merged, all, parameters::value("fault.merged") as f64);
}

#[test]
fn every_kind_of_mistake_comes_and_is_written_down() {
    let all = told(Sources::Usual);
    let kinds: BTreeSet<Mistake> =
        all.iter().flat_map(|one| &one.truth.injected).map(|injected| injected.what).collect();
    for what in [
        Mistake::NameVariant,
        Mistake::Kana,
        Mistake::Birth,
        Mistake::OldAddress,
        Mistake::NoBranch,
        Mistake::NoMember,
        Mistake::FormerName,
        Mistake::Newborn,
        Mistake::Late,
        Mistake::Doubled,
    ] {
        assert!(kinds.contains(&what), "{what:?} in {kinds:?}");
    }
    // Whoever is written with a number that the truth does not have is so by a mistake that is written down.
    for one in &all {
        let known: HashSet<&str> = one.truth.identifiers.iter().map(|one| one.value.as_str()).collect();
        for used in one.truth.used.iter().filter(|used| !known.contains(used.member_id.as_str())) {
            let explained = one.truth.injected.iter().any(|injected| injected.institution == used.institution);
            assert!(explained || one.truth.identifiers.is_empty(), "{used:?}");
        }
    }
}

#[test]
fn values_are_written_in_a_wrong_unit_at_their_rate() {
    let town = Town::new(21, PEOPLE, TODAY).with_sources(Sources::Usual);
    let mut found = 0;
    for index in 0..400 {
        let person = population::person(&town, index);
        let mut out = Outbox::new(&town, &person);
        let clinic = town.place(&person, OrganizationKind::Clinic).unwrap();
        for item in 0..100 {
            let slip = out.unit_slip(clinic, TODAY, &format!("item-{item}"), "mg/dL");
            assert!(slip.is_none_or(|unit| unit == "mmol/L"));
            found += usize::from(slip.is_some());
            assert_eq!(out.unit_slip(clinic, TODAY, "weight", "kg"), None);
        }
    }
    near("unit", found, 40_000, parameters::value("fault.unit") as f64);
}

#[test]
fn the_truth_is_a_line_of_json() {
    let town = Town::new(21, 200, TODAY).with_sources(Sources::Usual);
    let mut lines = Vec::new();
    for index in 0..200 {
        town.tell(index).unwrap().truth.write_line(&mut lines).unwrap();
    }
    let read: Vec<Value> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(read.len(), 200);
    assert!(
        read.iter()
            .enumerate()
            .all(|(index, one)| one["person"] == index && one["names"][0]["value"]["family"].is_string())
    );
}

#[test]
fn looks_are_made_and_the_planted_ones_are_in_the_truth_only() {
    let town = Town::new(21, PEOPLE, TODAY);
    let (mut all, mut planted) = (0, BTreeMap::<Snoop, usize>::new());
    for index in 0..PEOPLE {
        let looks = town.looks(index).unwrap();
        let truth = town.tell(index).unwrap().truth;
        let names: HashSet<&str> = looks.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names.len(), looks.len());
        for one in &looks {
            let Form::Look(look) = &one.form else { panic!("{} is no look", one.name) };
            assert!(truth.identifiers.iter().any(|known| known.value == look.value && known.system == look.system));
            assert!(look.view.path().contains("{id}"));
        }
        for one in &truth.looks {
            assert!(names.contains(one.name.as_str()), "{one:?}");
            *planted.entry(one.why).or_default() += 1;
        }
        all += looks.len();
    }
    println!("{all} looks, planted {planted:?}");
    let total: usize = planted.values().sum();
    assert!(all > 6 * usize::try_from(PEOPLE).unwrap() / 2 && total > 10 && total * 100 < all, "{total} of {all}");
    assert!(planted.len() >= 3, "{planted:?}");
}

#[test]
fn who_and_insured_by_whom_is_sent_and_only_receipts_where_only_receipts_are_told() {
    let town = Town::new(21, 800, TODAY);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..800 {
        for one in town.person(index).unwrap() {
            if let Form::Create(bytes) = &one.form {
                let json: Value = serde_json::from_slice(bytes).unwrap();
                let kind = json["resourceType"].as_str().unwrap();
                *kinds.entry(kind.to_owned()).or_default() += 1;
                if kind == "Coverage" {
                    let parts: Vec<&str> = json["identifier"][0]["value"].as_str().unwrap().split(':').collect();
                    assert_eq!(json["payor"][0]["identifier"]["value"], parts[0]);
                    assert_eq!(json["beneficiary"]["identifier"]["value"], json["identifier"][0]["value"]);
                    let number = json["extension"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .find(|one| one["url"].as_str().unwrap().ends_with("PersonNumber"));
                    assert_eq!(number.unwrap()["valueString"], parts[2]);
                }
            }
        }
    }
    assert!(kinds["Patient"] > 700 && kinds["Coverage"] > 700, "{kinds:?}");
    let claims = Town::new(21, 800, TODAY).told(Detail::Claims { years: 1 });
    assert!((0..100).flat_map(|index| claims.person(index).unwrap()).all(|one| !one.name.contains("-identity-")));
}

/// A value in a wrong unit stands in what its institution sent that day, and every planted effect of care in the truth.
#[test]
fn wrong_units_are_sent_and_planted_effects_are_noted() {
    let town = Town::new(23, 6_000, TODAY).with_sources(Sources::Usual).told(Detail::Recent { years: 3 });
    let (mut slips, mut arms) = (0, BTreeMap::<String, usize>::new());
    for index in 0..6_000 {
        let one = town.tell(index).unwrap();
        for slip in one.truth.injected.iter().filter(|one| one.what == Mistake::Unit) {
            slips += 1;
            let wrong = slip.about.as_deref().and_then(|about| about.split([' ', ':']).nth(2)).unwrap();
            let written = format!("\"unit\":\"{wrong}\"");
            let sent = one.sent.iter().filter(|sent| sent.sender.as_str() == slip.institution);
            let has = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(&written);
            assert!(sent.filter_map(|sent| sent.form.bytes()).any(has), "{slip:?} is not in what was sent");
        }
        for effect in &one.truth.effects {
            *arms.entry(effect.arm.clone()).or_default() += 1;
            let sign = match effect.arm.as_str() {
                "rehabilitation" => (0..=300).contains(&effect.effect_hundredths),
                "home-help" => (-200..=0).contains(&effect.effect_hundredths),
                _ => effect.effect_hundredths == 0,
            };
            assert!(sign && town.tells(effect.from) && effect.to.is_some_and(|to| effect.from < to), "{effect:?}");
            assert_eq!(effect.arm == "none", effect.dose_tenths == 0, "{effect:?}");
        }
    }
    assert!((5..200).contains(&slips), "{slips}");
    for arm in ["rehabilitation", "gathering", "home-help", "none"] {
        assert!(arms.get(arm).is_some_and(|count| *count > 50), "{arm}: {arms:?}");
    }
}
