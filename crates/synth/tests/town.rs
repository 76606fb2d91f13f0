//! The town: the same everywhere, shaped like Japan, whole in itself.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::{BTreeMap, HashSet};

use common::{TODAY, parsed, references, resources};
use serde_json::Value;
use tsumugi_synth::{Form, Outgoing, Town, people::Sex, population::household, story};

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

/// `^[0-9]{8}:[^:\s　]*:[^:\s　]*:(|[0-9]{2})$`
fn is_member_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 4
        && parts[0].len() == 8
        && digits(parts[0])
        && !text.contains(char::is_whitespace)
        && (parts[3].is_empty() || (parts[3].len() == 2 && digits(parts[3])))
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

#[test]
fn ages_and_sexes_are_those_of_japan() {
    const CITIZENS: u64 = 24_000;
    let town = Town::new(3, CITIZENS, TODAY);
    let (mut bands, mut women, mut members) = ([0f64; 21], [0f64; 2], HashSet::new());
    let mut old = 0f64;
    for index in 0..CITIZENS {
        let resident = town.resident(index);
        bands[usize::try_from(resident.age / 5).unwrap().min(20)] += 1.0;
        if resident.age >= 75 {
            old += 1.0;
            women[1] += f64::from(u8::from(resident.citizen.sex == Sex::Female));
        } else if resident.age < 50 {
            women[0] += f64::from(u8::from(resident.citizen.sex == Sex::Female));
        }
        assert!(is_member_id(&resident.citizen.member_id), "{}", resident.citizen.member_id);
        assert!(members.insert(resident.citizen.member_id.clone()), "{} twice", resident.citizen.member_id);
        assert_eq!(resident.age >= 75, resident.citizen.member_id.starts_with("39"));
        assert!(!resident.citizen.name.full().contains('\u{3000}'));
    }
    let whole: f64 = household::POPULATION.iter().map(|&count| f64::from(count)).sum();
    let all = f64::from(u32::try_from(CITIZENS).unwrap());
    for (band, &count) in household::POPULATION.iter().enumerate() {
        let expected = all * f64::from(count) / whole;
        assert!(
            (bands[band] - expected).abs() <= 4.0 * expected.sqrt() + 2.0,
            "band {band}: {} instead of {expected}",
            bands[band]
        );
    }
    let young: f64 = bands[..10].iter().sum();
    assert!((women[0] / young - 0.487).abs() < 0.02, "{}", women[0] / young);
    assert!((women[1] / old - 0.60).abs() < 0.04, "{}", women[1] / old);
}

#[test]
fn households_share_home_name_and_insurer() {
    let town = Town::new(11, 1_200, TODAY);
    let mut households: BTreeMap<u64, Vec<_>> = BTreeMap::new();
    for index in 0..1_200 {
        let resident = town.resident(index);
        households.entry(resident.household).or_default().push(resident);
    }
    let (mut several, mut children_alone) = (0, 0);
    for members in households.values() {
        let first = &members[0];
        several += usize::from(members.len() > 1);
        children_alone += usize::from(members.iter().all(|member| member.age < 15));
        for member in members {
            assert_eq!(member.citizen.address, first.citizen.address);
            assert_eq!(member.citizen.name.family, first.citizen.name.family);
        }
        let insured: HashSet<String> = members
            .iter()
            .filter(|member| member.age < 75)
            .filter_map(|member| member.citizen.member_id.rsplit_once(':').map(|(household, _)| household.to_owned()))
            .collect();
        assert!(insured.len() <= 1, "{insured:?}");
    }
    assert!(several > households.len() / 5, "{several} of {}", households.len());
    assert_eq!(children_alone, 0);
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
    let (mut documents, mut residents, mut identifiers) = (0, 0, BTreeMap::<String, u32>::new());
    for (one, json) in parsed(&all) {
        match &one.form {
            Form::Submit(_) => {
                check_bundle(one, &json);
                documents += u32::from(json["type"] == "document");
                *identifiers.entry(json["identifier"]["value"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            _ => {
                // Named by the insured number; the city's Patient carries it itself, and no institution's number.
                let named = [&json["subject"]["identifier"], &json["patient"]["identifier"], &json["identifier"][0]];
                if json["resourceType"] == "Patient" {
                    residents += 1;
                    assert_eq!(json["identifier"].as_array().unwrap().len(), 1, "{}", one.name);
                    assert_eq!(json["extension"], Value::Null, "{}", one.name);
                }
                let member = named.into_iter().find_map(|identifier| identifier["value"].as_str());
                assert!(member.is_some_and(is_member_id), "{}", one.name);
                assert_eq!(json["id"], Value::Null);
            }
        }
    }
    assert!(documents > 100, "{documents}");
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
        if town.resident(index).age >= 75 {
            old += 1;
            cared += u32::from(town.person(index).unwrap().iter().any(|one| one.name.contains("-in-charge-")));
        }
    }
    let share = f64::from(cared) / f64::from(old);
    assert!((0.25..0.38).contains(&share), "certified at 75 and over: {share} (Japan: 0.315)");
}

#[test]
fn a_folder_holds_what_its_manifest_says() {
    let dir = tempfile::tempdir().unwrap();
    let town = Town::new(1, 60, TODAY);
    let mut done = 0;
    let manifest = tsumugi_synth::out::write_out(&town, dir.path(), |count| done = count).unwrap();
    assert_eq!(done, 60);
    assert_eq!(manifest.format, tsumugi_synth::out::FORMAT);
    let read: tsumugi_synth::out::Manifest =
        serde_json::from_slice(&std::fs::read(dir.path().join("manifest.json")).unwrap()).unwrap();
    assert_eq!(read, manifest);
    let files = std::fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(files, manifest.items.len() + 3);
    for item in &manifest.items {
        let json: Value = serde_json::from_slice(&std::fs::read(dir.path().join(&item.file)).unwrap()).unwrap();
        assert_eq!(item.form == "submit", json["resourceType"] == "Bundle", "{}", item.file);
    }
    let directory: tsumugi_synth::Directory =
        serde_json::from_slice(&std::fs::read(dir.path().join("directory.json")).unwrap()).unwrap();
    assert!(directory.organizations.iter().any(|one| one.name == "みなと総合病院"));
    let again = tsumugi_synth::out::write_out(&town, dir.path(), |_| {});
    assert!(matches!(again, Err(tsumugi_synth::SynthError::NotEmpty(_))));
}
