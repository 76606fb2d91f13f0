//! The town: the same everywhere, shaped like Japan, whole in itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::{BTreeMap, HashSet};

use common::{TODAY, is_member_id, parsed, references, resources};
use serde_json::Value;
use tsumugi_synth::{Form, Outgoing, Town, care, health, population, story};

fn digest(all: &[Outgoing]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for one in all {
        (
            one.name.as_str(),
            one.sender.as_str(),
            one.person.as_str(),
            one.role,
            one.purpose,
            one.time.0,
            one.form.bytes(),
        )
            .hash(&mut hasher);
    }
    hasher.finish()
}

/// `^[0-4][0-9][1-3][0-9]{7}$`
fn is_institution_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10 && bytes.iter().all(u8::is_ascii_digit) && bytes[0] <= b'4' && (b'1'..=b'3').contains(&bytes[2])
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() {
    let all = |seed| {
        let town = Town::new(seed, 600, TODAY);
        (0..600).flat_map(|index| town.person(index).unwrap()).collect::<Vec<_>>()
    };
    let first = digest(&all(1));
    assert_eq!(first, digest(&all(1)));
    assert_ne!(first, digest(&all(2)));
    assert_eq!(digest(&story::stroke(TODAY).unwrap()), digest(&story::stroke(TODAY).unwrap()));
}

#[test]
fn a_person_alone_is_the_person_in_the_town() {
    let town = Town::new(5, 300, TODAY);
    let in_order: Vec<u64> = (0..300).map(|index| digest(&town.person(index).unwrap())).collect();
    for index in (0..300).rev().step_by(7) {
        let alone = Town::new(5, 300, TODAY).person(index).unwrap();
        assert_eq!(digest(&alone), in_order[usize::try_from(index).unwrap()], "person {index}");
    }
}

/// What every bundle must hold, whoever sent it.
fn check_bundle(one: &Outgoing, bundle: &Value) {
    let name = &one.name;
    let identifier = bundle["identifier"]["value"].as_str().unwrap();
    let parts: Vec<&str> = identifier.split('^').collect();
    assert!(parts.len() == 3 && is_institution_number(parts[0]) && parts[1].len() == 4, "{name}: {identifier}");
    assert!(
        (1..=36).contains(&parts[2].len()) && parts[2].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
        "{name}: {identifier}"
    );
    assert_eq!(parts[0], one.sender.as_str(), "{name}");
    let entries = resources(bundle);
    let urls: HashSet<&str> = entries.iter().map(|(url, _)| *url).collect();
    assert_eq!(urls.len(), entries.len(), "{name}: a fullUrl twice");
    for (url, resource) in &entries {
        let mut found = Vec::new();
        references(resource, &mut found);
        let contained: HashSet<String> = resource["contained"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|inner| format!("#{}", inner["id"].as_str().unwrap()))
            .collect();
        for reference in found {
            assert!(urls.contains(reference) || contained.contains(reference), "{name}: {url} points to {reference}");
        }
    }
    let kinds: Vec<&str> = entries.iter().map(|(_, resource)| resource["resourceType"].as_str().unwrap()).collect();
    if bundle["type"] == "document" {
        assert_eq!(kinds[0], "Composition", "{name}");
        assert_eq!(kinds.iter().filter(|kind| **kind == "Patient").count(), 1, "{name}");
    } else {
        let tag = bundle["meta"]["tag"][0]["code"].as_str().unwrap();
        assert_eq!(kinds[0], "Patient", "{name}");
        assert!(kinds.len() > 1 && kinds[1..].iter().all(|kind| *kind == tag), "{name}: {kinds:?}");
    }
}

#[test]
fn bundles_are_whole_in_themselves() {
    let town = Town::new(7, 1_500, TODAY);
    let mut all = story::stroke(TODAY).unwrap();
    all.extend((0..1_500).flat_map(|index| town.person(index).unwrap()));
    let mut changed = 0;
    let (mut documents, mut residents, mut identifiers) = (0, 0, BTreeMap::<String, u32>::new());
    for (one, json) in parsed(&all) {
        match &one.form {
            Form::Submit(_) => {
                check_bundle(one, &json);
                documents += u32::from(json["type"] == "document");
                *identifiers.entry(json["identifier"]["value"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            Form::Transaction(_) => {
                for (_, resource) in resources(&json) {
                    let named = [&resource["subject"]["identifier"], &resource["patient"]["identifier"]];
                    let member = named.into_iter().find_map(|identifier| identifier["value"].as_str());
                    assert!(member.is_some_and(is_member_id), "{}: {resource}", one.name);
                }
            }
            _ => {
                // Named by the insured number; the city's Patient carries it itself, and no institution's number.
                let named = [&json["subject"]["identifier"], &json["patient"]["identifier"], &json["identifier"][0]];
                if json["resourceType"] == "Patient" {
                    residents += 1;
                    // A new insurer gives the number before as well, unless it is the first to tell of somebody.
                    let numbers = json["identifier"].as_array().unwrap().len();
                    let most = if one.name.contains("-insured-") { 2 } else { 1 };
                    assert!((1..=most).contains(&numbers), "{}: {numbers}", one.name);
                    changed += usize::from(numbers == 2);
                    assert_eq!(json["extension"], Value::Null, "{}", one.name);
                }
                let member = named.into_iter().find_map(|identifier| identifier["value"].as_str());
                assert!(member.is_some_and(is_member_id), "{}", one.name);
                assert_eq!(json["id"], Value::Null);
            }
        }
    }
    assert!(documents > 100, "{documents}");
    assert!(changed > 10, "{changed}");
    assert!(residents > 50, "{residents}");
    let again: Vec<&String> =
        identifiers.iter().filter(|(_, count)| **count > 1).map(|(identifier, _)| identifier).collect();
    assert!(
        again.len() == 1 && again[0].ends_with("LAB-20261118"),
        "only the interim panel of the story is sent again: {again:?}"
    );
    let names: HashSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn everybody_who_sends_is_in_the_directory() {
    let town = Town::new(7, 1_500, TODAY);
    let mut directory = town.directory().unwrap();
    let mut of_story = story::directory().unwrap();
    directory.organizations.append(&mut of_story.organizations);
    directory.people.append(&mut of_story.people);
    let organizations: HashSet<&str> = directory.organizations.iter().map(|one| one.id.as_str()).collect();
    let people: HashSet<(&str, &str)> =
        directory.people.iter().map(|one| (one.id.as_str(), one.organization.as_str())).collect();
    assert_eq!(organizations.len(), directory.organizations.len());
    assert_eq!(people.len(), directory.people.len());
    let mut all = story::stroke(TODAY).unwrap();
    all.extend((0..1_500).flat_map(|index| town.person(index).unwrap()));
    for one in &all {
        assert!(organizations.contains(one.sender.as_str()), "{}", one.name);
        assert!(people.contains(&(one.person.as_str(), one.sender.as_str())), "{}", one.name);
    }
    let cards = story::people_to_be().unwrap();
    let named = |id: &str| {
        let card = cards.iter().find(|card| card.id.as_str() == id).unwrap();
        card.citizen.iter().chain(&card.others).map(|one| one.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(named("okada-chihiro"), ["山田 ハル", "小林 茂"], "the story of the withheld diagnosis can be followed");
    assert!(named("ito-makoto").is_empty());
    for person in cards {
        assert!(people.contains(&(person.id.as_str(), person.organization.as_str())), "{}", person.id);
    }
}

#[test]
fn care_need_follows_age() {
    let town = Town::new(9, 12_000, TODAY);
    let (mut old, mut cared) = (0u32, 0u32);
    for index in 0..12_000 {
        let resident = town.resident(index);
        if resident.age >= 75 && resident.lives {
            old += 1;
            let person = population::person(&town, index);
            let need = care::need(&town, &person, &health::course(&town, &person));
            cared += u32::from(need.level_on(TODAY).is_some());
        }
    }
    let share = f64::from(cared) / f64::from(old);
    assert!((0.25..0.38).contains(&share), "certified at 75 and over: {share} (Japan: 0.315)");
}
