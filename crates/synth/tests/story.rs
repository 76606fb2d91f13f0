//! The story of the stroke: what it tells, and that `stories/stroke/story.json` speaks of what is sent.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::HashSet;

use common::{TODAY, parsed, resources};
use serde_json::Value;
use tsumugi_synth::{Form, story};

const BARTHEL: &str = "barthel-index";

fn coded(resource: &Value, code: &str) -> bool {
    resource["code"]["coding"].as_array().is_some_and(|codings| codings.iter().any(|coding| coding["code"] == code))
}

#[test]
fn daily_activities_fall_and_come_back() {
    let all = story::stroke(TODAY).unwrap();
    let mut course = Vec::new();
    for (_, json) in parsed(&all).iter().filter(|(_, json)| coded(json, BARTHEL)) {
        let parts: i64 =
            json["component"].as_array().unwrap().iter().map(|part| part["valueInteger"].as_i64().unwrap()).sum();
        assert_eq!(Some(parts), json["valueInteger"].as_i64());
        assert_eq!(json["component"].as_array().unwrap().len(), 10);
        course.push((json["effectiveDateTime"].as_str().unwrap()[..10].to_owned(), parts));
    }
    let expected = [
        ("2026-10-15", 75),
        ("2026-11-05", 20),
        ("2026-11-10", 35),
        ("2026-11-15", 50),
        ("2026-11-20", 60),
        ("2026-11-21", 65),
    ];
    assert_eq!(course, expected.map(|(day, total)| (day.to_owned(), total)));
}

#[test]
fn blood_sugar_comes_down_and_the_last_panel_has_twelve_items() {
    let all = story::stroke(TODAY).unwrap();
    let mut values = Vec::new();
    for (one, json) in parsed(&all).iter().filter(|(one, _)| one.name.starts_with("yamada-labs")) {
        let list = resources(json);
        if one.name == "yamada-labs-2026-11-18" {
            assert_eq!(list.len(), 1 + 12);
        } else if one.name == "yamada-labs-2026-11-18-interim" {
            assert_eq!(list.len(), 1 + 11);
            continue;
        }
        values.extend(
            list.iter()
                .filter(|(_, resource)| coded(resource, "HbA1c-NGSP") || coded(resource, "3D046000001927101"))
                .map(|(_, resource)| resource["valueQuantity"]["value"].to_string()),
        );
    }
    assert_eq!(values, ["7.8", "7.6", "7.3", "7.1"]);
}

#[test]
fn the_discharge_summary_says_what_to_watch() {
    let all = story::stroke(TODAY).unwrap();
    let (_, json) = parsed(&all).into_iter().find(|(one, _)| one.name == "yamada-discharge-2026-11-20").unwrap();
    let list = resources(&json);
    assert!((18..=24).contains(&list.len()), "{} resources", list.len());
    let composition = list[0].1;
    assert_eq!(composition["type"]["coding"][0]["code"], "18842-5");
    let sections: Vec<&Value> = composition["section"][0]["section"].as_array().unwrap().iter().collect();
    let codes: HashSet<&str> =
        sections.iter().map(|section| section["code"]["coding"][0]["code"].as_str().unwrap()).collect();
    for code in ["322", "342", "352", "312", "362", "333", "324", "344", "444", "424"] {
        assert!(codes.contains(code), "section {code}");
    }
    let advice = sections.iter().find(|section| section["code"]["coding"][0]["code"] == "424").unwrap()["text"]["div"]
        .as_str()
        .unwrap();
    for words in ["とろみ", "体を起こし", "杖", "見守る", "左へふらつく", "アピキサバン"] {
        assert!(advice.contains(words), "{words}");
    }
    let medicines = list.iter().filter(|(_, resource)| resource["resourceType"] == "MedicationRequest").count();
    assert_eq!(medicines, 5);
}

#[test]
fn only_the_mans_cancer_is_withheld() {
    let all = story::stroke(TODAY).unwrap();
    let mut withheld = Vec::new();
    for (one, json) in parsed(&all).iter().filter(|(one, _)| matches!(one.form, Form::Submit(_))) {
        for (_, resource) in resources(json) {
            if resource["meta"]["tag"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag["code"] == "UNINFORMED"))
            {
                withheld.push((one.name.clone(), resource["code"]["text"].as_str().unwrap().to_owned()));
            }
        }
    }
    assert_eq!(withheld, [("kobayashi-conditions".to_owned(), "膵頭部癌".to_owned())]);
}

#[test]
fn the_mandate_names_the_daughter_and_the_purpose() {
    let all = story::stroke(TODAY).unwrap();
    let (_, json) = parsed(&all).into_iter().find(|(one, _)| one.name == "yamada-mandate").unwrap();
    let provision = &json["provision"];
    assert_eq!(provision["purpose"][0]["code"], "FAMRQT");
    assert_eq!(provision["actor"][0]["reference"]["identifier"]["value"], "yamada-megumi");
    let daughter = parsed(&all).into_iter().find(|(one, _)| one.name == "yamada-daughter").unwrap().1;
    assert_eq!(daughter["identifier"][0], provision["actor"][0]["reference"]["identifier"]);
}

#[test]
fn nothing_is_sent_after_the_day_on_which_it_is_told() {
    let before = story::stroke(jiff::civil::date(2026, 11, 3)).unwrap();
    let whole = story::stroke(TODAY).unwrap();
    assert!(before.len() < whole.len());
    assert!(before.iter().all(|one| !one.name.contains("discharge")));
    assert!(whole.is_sorted_by_key(|one| one.time));
    assert!(matches!(whole[0].form, Form::Directory(_)));
}

/// Every name in the story file is one of what is sent, of the cast, or of the kernel's codes.
#[test]
fn the_story_file_speaks_of_what_is_sent() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stories/stroke/story.json");
    let story: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let all = story::stroke(TODAY).unwrap();
    let names: HashSet<&str> = all.iter().map(|one| one.name.as_str()).collect();
    let directory = story::directory().unwrap();
    let cast = story::cast::Cast::new();
    assert_eq!(story["citizens"]["haru"]["identifier"]["value"], cast.haru.member_id);
    assert_eq!(story["citizens"]["shigeru"]["identifier"]["value"], cast.shigeru.member_id);
    let mut sent = HashSet::new();
    let mut last = String::new();
    let steps = story["steps"].as_array().unwrap();
    for step in steps {
        let at = step["at"].as_str().unwrap();
        assert!(last.as_str() <= at, "{at} is before {last}");
        last = at.to_owned();
        if let Some(name) = step["send"].as_str() {
            assert!(names.contains(name), "{name} is not sent");
            let outgoing = all.iter().find(|one| one.name == name).unwrap();
            assert_eq!(outgoing.time.to_fhir()[..16], at[..16], "{name}");
            assert!(sent.insert(name), "{name} twice");
            continue;
        }
        let look = &step["look"];
        let (person, organization) = (look["person"].as_str().unwrap(), look["organization"].as_str().unwrap());
        let who = directory
            .people
            .iter()
            .find(|one| one.id.as_str() == person)
            .unwrap_or_else(|| panic!("{person} is not in the cast"));
        let place = directory.organizations.iter().find(|one| one.id == who.organization).unwrap();
        assert_eq!(place.name, organization, "{person}");
        assert!(tsumugi_kernel::Role::from_code(look["role"].as_str().unwrap()).is_some());
        assert!(tsumugi_kernel::Purpose::from_code(look["purpose"].as_str().unwrap()).is_some());
        assert!(story["citizens"][look["citizen"].as_str().unwrap()]["identifier"].is_object());
    }
    assert_eq!(
        sent.len(),
        names.len(),
        "not sent: {:?}",
        names.iter().filter(|name| !sent.contains(*name)).collect::<Vec<_>>()
    );
    let looks = steps.iter().filter(|step| step["look"].is_object()).count();
    let expected: usize = story["looks"].as_object().unwrap().values().map(|list| list.as_array().unwrap().len()).sum();
    assert_eq!(looks, expected, "each look is expected in somebody's list of who looked");
}

#[test]
fn everybody_to_be_is_in_the_directory_and_whose_record_it_is_is_sent() {
    let all = story::all(TODAY).unwrap();
    let mut signing_in = HashSet::new();
    for one in &all {
        if let Form::Directory(directory) = &one.form {
            signing_in.extend(directory.people.iter().map(|person| (person.id.clone(), person.organization.clone())));
        }
    }
    let text: String = parsed(&all).iter().map(|(_, json)| json.to_string()).collect();
    let people = story::people_to_be().unwrap();
    assert_eq!(people.len(), 18);
    for person in people {
        assert!(signing_in.contains(&(person.id.clone(), person.organization)), "{}", person.id);
        for citizen in person.citizen.iter().chain(&person.others) {
            assert!(text.contains(&citizen.value), "{}", citizen.name);
        }
    }
}

#[test]
fn three_years_of_blood_sugar_come_down_and_an_infant_grows() {
    let all = story::neighbours(TODAY).unwrap();
    let (mut sugar, mut weights, mut vaccinations) = (Vec::new(), Vec::new(), 0);
    for (one, json) in parsed(&all) {
        if one.name.starts_with("watanabe-labs") {
            let list = resources(&json);
            let (_, found) = list.iter().find(|(_, resource)| coded(resource, "3D046000001927101")).unwrap();
            sugar.push(found["valueQuantity"]["value"].as_f64().unwrap());
        }
        if one.name.starts_with("nakamura-growth") {
            weights.push(json["component"][1]["valueQuantity"]["value"].as_f64().unwrap());
        }
        vaccinations += usize::from(json["resourceType"] == "Immunization");
    }
    assert_eq!((sugar.len(), sugar.first(), sugar.last()), (12, Some(&8.9), Some(&6.7)));
    assert!(weights.len() == 4 && weights.is_sorted(), "{weights:?}");
    assert_eq!(vaccinations, 10);
}

#[test]
fn nothing_sent_about_a_protected_address_tells_where_she_lives() {
    let all = story::neighbours(TODAY).unwrap();
    let mut count = 0;
    for (_, json) in parsed(&all).iter().filter(|(one, _)| one.name.starts_with("matsumoto")) {
        let text = json.to_string();
        for words in ["\"telecom\"", "港町", "綾野県", "000-"] {
            assert!(!text.contains(words), "{words}");
        }
        assert!(text.contains("\"不開示\""), "the profile asks for an address; that it is not told stands there");
        count += 1;
    }
    assert_eq!(count, 2);
}
