//! Documents and collections: first sending, replacement, repetition, refusal, crowds.

use std::sync::Arc;

use serde_json::{Value, json};
use tsumugi_access::Caller;
use tsumugi_kernel::{CitizenId, Instant, Role};
use tsumugi_synth::{Form, load::Load, outgoing::Directory, story};

use crate::common::{Answer, House, MEMBER, caller, hospital, physician};

pub fn locations(answer: &Answer, status: &str) -> Vec<String> {
    let entries = answer.entries();
    let with = entries.iter().filter(|entry| entry["response"]["status"].as_str().unwrap().starts_with(status));
    with.map(|entry| entry["response"]["location"].as_str().unwrap().split("/_history").next().unwrap().to_owned())
        .collect()
}

async fn citizen(house: &House, member: &str) -> Option<CitizenId> {
    let identifier = tsumugi_people::Identifier::new(MEMBER, member);
    house.desk.directory.find(&identifier).await.unwrap()
}

#[tokio::test]
async fn the_story_goes_in_as_it_was_sent() {
    for house in House::both() {
        let mut directory = Directory::default();
        let cast = story::cast::Cast::new();
        for outgoing in story::stroke(jiff::civil::date(2026, 11, 22)).unwrap() {
            let (path, bytes) = match outgoing.form {
                Form::Directory(all) => {
                    directory = all;
                    continue;
                }
                Form::Submit(bytes) => ("/Bundle/$submit".to_owned(), bytes),
                Form::Create(bytes) => {
                    let kind =
                        serde_json::from_slice::<Value>(&bytes).unwrap()["resourceType"].as_str().unwrap().to_owned();
                    (format!("/{kind}"), bytes)
                }
                other => panic!("the story sends no {}", other.code()),
            };
            let place = directory.organizations.iter().find(|place| place.id == outgoing.sender).unwrap();
            let mut who = caller(outgoing.role, outgoing.purpose, place.kind, place.id.as_str());
            (who.person, who.expires) = (outgoing.person, Instant(i64::MAX));
            who.citizen = if who.role == Role::Citizen { citizen(&house, &cast.haru.member_id).await } else { None };
            house.clock.set(outgoing.time);
            let answer = house.send(&who, "POST", &path, &[], bytes.into()).await;
            assert_eq!(answer.status, 201, "{}: {}", outgoing.name, answer.text());
        }
        let her = citizen(&house, &cast.haru.member_id).await.unwrap();
        let him = citizen(&house, &cast.shigeru.member_id).await.unwrap();
        assert_ne!(her, him);
        // Of the hospital's last panel the second sending replaced the first: twelve values, one of them new.
        let mut who = hospital();
        who.expires = Instant(i64::MAX);
        let patient = house.get(&who, &format!("/Patient?identifier={MEMBER}|{}", cast.haru.member_id)).await.is(200);
        assert_eq!(patient.total(), 2, "the clinic's and the hospital's");
        let id = patient.entries()[0]["resource"]["id"].as_str().unwrap().to_owned();
        let labs = house
            .get(&who, &format!("/Observation?patient={id}&date=2026-11-18&category=laboratory&_count=100"))
            .await
            .is(200);
        let versions = labs.entries().iter().filter(|e| e["resource"]["meta"]["versionId"] == "2").count();
        assert!(versions >= 11, "{versions} of {}", labs.total());
    }
}

#[tokio::test]
async fn documents_of_two_hospitals_stand_on_one_shelf() {
    for house in House::both() {
        let (one, two) = (hospital(), physician("1310000002"));
        let load = Load::new(7, 20);
        let first = house.submit(&one, load.document(1, 0)).await.is(201);
        assert_ne!(first.header("tsumugi-receipt"), "");
        assert_eq!(first.entries().len(), 20);
        house.submit(&two, load.document(1, 1)).await.is(201);
        let patients = house.get(&one, &format!("/Patient?identifier={MEMBER}|{}", Load::member_id(1))).await.is(200);
        assert_eq!(patients.total(), 2);
        let id = patients.entries()[0]["resource"]["id"].as_str().unwrap().to_owned();
        assert_eq!(house.get(&one, &format!("/Composition?patient={id}")).await.is(200).total(), 2);
        assert_eq!(house.get(&one, &format!("/Patient/{id}/$everything")).await.is(200).total(), 40);
        // Every reference inside the document leads to a fact that can be read.
        let composition = house.get(&one, &format!("/Composition?patient={id}")).await.entries()[0]["resource"].clone();
        for section in composition["section"][0]["section"].as_array().or(composition["section"].as_array()).unwrap() {
            for entry in section["entry"].as_array().into_iter().flatten() {
                house.get(&one, &format!("/{}", entry["reference"].as_str().unwrap())).await.is(200);
            }
        }
        house.get(&one, &format!("/{}", composition["author"][0]["reference"].as_str().unwrap())).await.is(200);
    }
}

#[tokio::test]
async fn the_same_bytes_again_write_nothing() {
    for house in House::both() {
        let doctor = hospital();
        let bytes = Load::new(7, 20).document(1, 0);
        let first = house.submit(&doctor, bytes.clone()).await.is(201);
        let (point, leaves) = (house.store.status().point, house.leaves());
        let again = house.submit(&doctor, bytes.clone()).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_eq!(house.store.status().point.0, point.0 + 1, "the leaf and nothing else");
        let (was, now) = (locations(&first, "201"), locations(&again, "200"));
        assert!(!now.is_empty() && now.iter().all(|place| was.contains(place)));
        let events = house.store.events(0, 100).await.unwrap();
        assert_eq!(events.len(), 1, "one document was registered");
        // The same person under another document's serial: the Patient stays as it stood.
        let other = house.submit(&doctor, Load::new(7, 20).document(1, 1)).await.is(201);
        let patient = other.entries()[0]["response"]["location"].as_str().unwrap().to_owned();
        assert!(patient.starts_with("Patient/") && patient.ends_with("/_history/1"), "{patient}");
        // Another organisation's document with this identifier is another one.
        house.submit(&physician("1310000002"), bytes).await.is(201);
    }
}

#[tokio::test]
async fn a_document_sent_again_replaces_what_it_held() {
    for house in House::both() {
        let doctor = hospital();
        // The same serial with one laboratory value fewer.
        let first = house.submit(&doctor, Load::new(7, 21).document(1, 0)).await.is(201);
        let second = house.submit(&doctor, Load::new(7, 20).document(1, 0)).await.is(201);
        assert_eq!(locations(&first, "201").len(), 21);
        let gone = locations(&second, "204");
        assert_eq!((gone.len(), locations(&second, "200").len(), locations(&second, "201").len()), (1, 20, 0));
        assert!(gone[0].starts_with("Observation/"));
        house.get(&doctor, &format!("/{}", gone[0])).await.outcome(410);
        let composition =
            locations(&second, "200").into_iter().find(|place| place.starts_with("Composition/")).unwrap();
        assert_eq!(house.get(&doctor, &format!("/{composition}")).await.is(200).header("etag"), "W/\"2\"");
        // And back again: what was gone stands there anew, as the next version of the same fact.
        let third = house.submit(&doctor, Load::new(7, 21).document(1, 0)).await.is(201);
        assert_eq!((locations(&third, "204").len(), locations(&third, "200").len()), (0, 20));
        assert_eq!(house.store.events(0, 9).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn another_person_under_the_same_identifier_is_refused() {
    for house in House::both() {
        let doctor = hospital();
        let bytes = String::from_utf8(Load::new(7, 20).document(1, 0)).unwrap();
        house.submit(&doctor, bytes.clone()).await.is(201);
        let other = bytes.replace(&Load::member_id(1), &Load::member_id(2)).replace("000000001", "000000002");
        assert_ne!(other, bytes);
        let refused = house.submit(&doctor, other).await.outcome(422);
        assert_eq!(refused["issue"][0]["expression"][0], "Bundle.identifier");
        assert!(citizen(&house, &Load::member_id(2)).await.is_none());
    }
}

#[tokio::test]
async fn what_is_refused_waits_for_its_sender() {
    for house in House::both() {
        let (doctor, other) = (hospital(), physician("1310000002"));
        let mut document: Value = serde_json::from_slice(&Load::new(7, 20).document(1, 0)).unwrap();
        document["entry"][0]["resource"]["type"] = json!({"coding": [{"system": "http://loinc.org", "code": "1-1"}]});
        let leaves = house.leaves();
        let refused = house.submit(&doctor, document.to_string()).await.outcome(422);
        let issue = &refused["issue"][0];
        assert!(issue["diagnostics"].as_str().unwrap().contains("line 1, column"), "{issue}");
        assert_eq!(house.leaves(), leaves, "nobody's record was touched");
        assert!(citizen(&house, &Load::member_id(1)).await.is_none());
        house.submit(&doctor, "{\"resourceType\":").await.outcome(422);
        let kept = house.get(&doctor, "/Bundle/$quarantine").await.is(200);
        assert_eq!(kept.entries().len(), 2);
        assert_eq!(kept.entries()[0]["resource"], refused);
        assert_eq!(house.get(&other, "/Bundle/$quarantine").await.is(200).entries().len(), 0);
        let hash = tsumugi_record::content_hash(document.to_string().as_bytes());
        assert_eq!(house.store.original(hash).await.unwrap().unwrap(), document.to_string());
    }
}

#[tokio::test]
async fn subjects_are_of_the_document_or_of_the_same_shelf() {
    let house = House::model();
    let doctor = hospital();
    let him = house.person(&doctor, 2).await;
    let mut his = crate::common::patient(2);
    his["id"] = json!("his-id");
    house.put(&doctor, "/Patient/his-id", &his).await.is(201);
    let document: Value = serde_json::from_slice(&Load::new(7, 20).document(1, 0)).unwrap();
    let facts = document["entry"].as_array().unwrap();
    let lab = facts.iter().position(|entry| entry["resource"]["resourceType"] == "Observation").unwrap();
    let own = document["entry"][lab]["resource"]["subject"]["reference"].as_str().unwrap().to_owned();
    let with = |subject: Value| {
        let mut changed = document.clone();
        changed["entry"][lab]["resource"]["subject"] = subject;
        changed.to_string()
    };
    for subject in [
        json!({"reference": format!("Patient/{him}")}),
        json!({"reference": "Patient/his-id"}),
        json!({"reference": "urn:uuid:00000000-0000-4000-8000-000000000000"}),
        json!({"type": "Patient", "identifier": {"system": MEMBER, "value": Load::member_id(2)}}),
    ] {
        house.submit(&doctor, with(subject)).await.outcome(422);
    }
    assert!(citizen(&house, &Load::member_id(1)).await.is_none());
    house.submit(&doctor, with(json!({"reference": own}))).await.is(201);
}

async fn crowd(house: House, documents: Vec<(Caller, Vec<u8>)>) -> House {
    let house = Arc::new(house);
    let count = documents.len();
    let tasks: Vec<_> = documents
        .into_iter()
        .map(|(who, bytes)| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.submit(&who, bytes).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().is(201);
    }
    let member = Load::member_id(1);
    let found = house.get(&hospital(), &format!("/Patient?identifier={MEMBER}|{member}")).await.is(200);
    let id = found.entries()[0]["resource"]["id"].as_str().unwrap().to_owned();
    assert_eq!(house.desk.directory.citizens(None, 1_000).await.unwrap().len(), 1, "one citizen");
    assert_eq!(
        house.get(&hospital(), &format!("/Composition?patient={id}&_count=100")).await.is(200).total(),
        count as u64
    );
    Arc::into_inner(house).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_about_one_new_person_makes_one_citizen() {
    let load = Load::new(7, 20);
    for house in House::both() {
        crowd(house, (0..32).map(|n| (hospital(), load.document(1, n))).collect()).await;
    }
    for house in House::both() {
        crowd(house, (0..32).map(|n| (physician(&format!("13100000{n:02}")), load.document(1, n))).collect()).await;
    }
}
