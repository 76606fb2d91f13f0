//! Writes on a condition: what fits, what fits twice, what is hidden, and two that meet.

use bytes::Bytes;
use serde_json::{Value, json};
use tsumugi_access::{Against, Hides};
use tsumugi_kernel::RecordCategory;

use crate::common::{Answer, House, MEMBER, condition, hospital, lab, patient, physician, restriction};

async fn create_unless(house: &House, who: &tsumugi_access::Caller, unless: &str, body: &Value) -> Answer {
    let kind = body["resourceType"].as_str().unwrap();
    house.send(who, "POST", &format!("/{kind}"), &[("if-none-exist", unless)], body.to_string().into()).await
}

async fn count(house: &House, her: &str) -> u64 {
    house.get(&hospital(), &format!("/Observation?patient={her}")).await.is(200).total()
}

#[tokio::test]
async fn a_create_happens_unless_its_own_source_has_one() {
    for house in House::both() {
        let (doctor, other) = (hospital(), physician("1310000002"));
        let her = house.person(&doctor, 1).await;
        let fact = lab(&her, "CRP", "2026-11-20", 1.0);
        let unless = "identifier=urn:lab|CRP-2026-11-20";
        let made = create_unless(&house, &doctor, unless, &fact).await.is(201);
        let leaves = house.leaves();
        let again = create_unless(&house, &doctor, unless, &fact).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_eq!((again.id(), again.header("etag")), (made.id(), "W/\"1\""));
        assert_eq!(again.header("last-modified"), made.header("last-modified"));
        assert!(again.header("location").ends_with(&format!("Observation/{}/_history/1", made.id())));
        // Whose record it is may stand in the condition as well; another person's may not.
        create_unless(&house, &doctor, &format!("{unless}&patient={her}"), &fact).await.is(200);
        let him = house.person(&doctor, 2).await;
        create_unless(&house, &doctor, &format!("{unless}&patient={him}"), &fact).await.outcome(422);
        // Each source has facts of its own: another's neither fits nor blocks.
        let theirs = create_unless(&house, &other, unless, &fact).await.is(201);
        assert_ne!(theirs.id(), made.id());
        assert_eq!(create_unless(&house, &other, unless, &fact).await.is(200).id(), theirs.id());
        // Two that fit are too many; what was taken away fits no more.
        house.post(&doctor, "/Observation", &fact).await.is(201);
        create_unless(&house, &doctor, unless, &fact).await.outcome(412);
        assert_eq!(count(&house, &her).await, 3);
        house.delete(&doctor, &format!("/Observation/{}", made.id())).await.is(204);
        create_unless(&house, &doctor, unless, &fact).await.is(200);
        for wrong in ["", "_sort=date", "patient.name=x", "_has:Provenance:target:agent=x", "nonsense=1", "_include=x"]
        {
            create_unless(&house, &doctor, wrong, &fact).await.outcome(400);
        }
        assert_eq!(count(&house, &her).await, 2);
    }
}

#[tokio::test]
async fn a_patient_is_created_once_for_a_personal_identifier() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = patient(1);
    let number = her["identifier"][0]["value"].as_str().unwrap();
    let unless = format!("identifier={MEMBER}|{number}");
    let made = create_unless(&house, &doctor, &unless, &her).await.is(201).id();
    assert_eq!(create_unless(&house, &doctor, &unless, &her).await.is(200).id(), made);
    // Another source has a Patient of its own of the same person.
    let other = create_unless(&house, &physician("1310000002"), &unless, &her).await.is(201).id();
    assert_eq!(house.citizen_of(&other), house.citizen_of(&made));
    // Nobody could be found again by this one, so the condition is not taken as met.
    let mut nameless = patient(3);
    nameless["identifier"] = json!([{"system": "urn:own", "value": "1"}]);
    create_unless(&house, &doctor, "identifier=urn:own|1", &nameless).await.outcome(412);
}

#[tokio::test]
async fn an_update_finds_its_fact_or_makes_it() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let path = "/Observation?identifier=urn:lab%7CCRP-2026-11-20";
        let mut fact = lab(&her, "CRP", "2026-11-20", 1.0);
        let made = house.put(&doctor, path, &fact).await.is(201);
        fact["valueQuantity"]["value"] = json!(2.0);
        let changed = house.put(&doctor, path, &fact).await.is(200);
        assert_eq!((changed.id(), changed.header("etag")), (made.id(), "W/\"2\""));
        fact["id"] = json!("not-this-one");
        house.put(&doctor, path, &fact).await.outcome(400);
        fact["id"] = json!(made.id());
        assert_eq!(house.put(&doctor, path, &fact).await.is(200).header("etag"), "W/\"3\"");
        let stale = [("if-match", "W/\"1\"")];
        house.send(&doctor, "PUT", path, &stale, fact.to_string().into()).await.outcome(412);
        // An id of its own becomes that of what is made, unless it is in use.
        let mut own = lab(&her, "K", "2026-11-20", 4.0);
        own["id"] = json!("k-1");
        let path = "/Observation?identifier=urn:lab%7CK-2026-11-20";
        let made = house.put(&doctor, path, &own).await.is(201).id();
        assert_eq!(house.get(&doctor, "/Observation/k-1").await.is(200).id(), made);
        assert_eq!(house.put(&doctor, path, &own).await.is(200).id(), made);
        house.put(&doctor, "/Observation?identifier=urn:lab%7Cnothing", &own).await.outcome(409);
        house.post(&doctor, "/Observation", &lab(&her, "K", "2026-11-20", 4.0)).await.is(201);
        own.as_object_mut().unwrap().remove("id");
        house.put(&doctor, path, &own).await.outcome(412);
        assert_eq!(count(&house, &her).await, 3);
    }
}

#[tokio::test]
async fn a_deletion_takes_one_and_never_several() {
    for house in House::both() {
        let (doctor, other) = (hospital(), physician("1310000002"));
        let her = house.person(&doctor, 1).await;
        let fact = lab(&her, "CRP", "2026-11-20", 1.0);
        let id = house.post(&doctor, "/Observation", &fact).await.is(201).id();
        let path = format!("/Observation?patient={her}&identifier=urn:lab%7CCRP-2026-11-20");
        assert_eq!(house.delete(&other, &path).await.is(204).body, "", "another source's fact does not fit");
        house.get(&doctor, &format!("/Observation/{id}")).await.is(200);
        house.delete(&doctor, "/Observation?identifier=urn:lab%7CCRP-2026-11-20").await.outcome(400);
        house.post(&doctor, "/Observation", &fact).await.is(201);
        house.delete(&doctor, &path).await.outcome(412);
        assert_eq!(count(&house, &her).await, 2);
        house.delete(&doctor, &format!("{path}&_id={id}")).await.is(204);
        house.get(&doctor, &format!("/Observation/{id}")).await.outcome(410);
        house.delete(&doctor, &path).await.is(204);
        let leaves = house.leaves();
        house.delete(&doctor, &path).await.is(204);
        assert_eq!(house.leaves(), leaves + 1, "also that there is nothing is told once, with a leaf");
    }
}

#[tokio::test]
async fn a_read_is_spared_what_is_known() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let made = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201);
    let path = format!("/Observation/{}", made.id());
    let modified = made.header("last-modified").to_owned();
    let leaves = house.leaves();
    for (name, value, status) in [
        ("if-none-match", "W/\"1\"", 304),
        ("if-none-match", "\"1\"", 304),
        ("if-none-match", "W/\"7\", W/\"1\"", 304),
        ("if-none-match", "W/\"2\"", 200),
        ("if-modified-since", modified.as_str(), 304),
        ("if-modified-since", "Sat, 21 Nov 2026 00:00:00 GMT", 200),
        ("if-modified-since", "yesterday", 200),
    ] {
        let answer = house.send(&doctor, "GET", &path, &[(name, value)], Bytes::new()).await.is(status);
        assert_eq!(answer.body.is_empty(), status == 304, "{name} {value}");
        assert_eq!(answer.header("etag"), "W/\"1\"");
        assert_ne!(answer.header("tsumugi-receipt"), "");
    }
    assert_eq!(house.leaves(), leaves + 7);
    let head = house.send(&doctor, "HEAD", &path, &[], Bytes::new()).await.is(200);
    assert_eq!((head.body.len(), head.header("etag")), (0, "W/\"1\""));
}

#[tokio::test]
async fn what_is_hidden_neither_fits_nor_blocks() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let mut hidden = condition(&her, "胃がん", None);
        hidden["identifier"] = json!([{"system": "urn:dx", "value": "1"}]);
        hidden["id"] = json!("dx-1");
        house.put(&doctor, "/Condition/dx-1", &hidden).await.is(201);
        let against = Against::Person(doctor.person.clone());
        house.decide(&her, &[restriction("p", against, Hides::Categories(vec![RecordCategory::Condition]))]).await;
        // To this doctor there is none, so one more is made, and nothing is taken away.
        let unless = "identifier=urn:dx|1";
        let path = format!("/Condition?patient={her}&identifier=urn:dx%7C1");
        house.delete(&doctor, &path).await.is(204);
        hidden.as_object_mut().unwrap().remove("id");
        create_unless(&house, &doctor, unless, &hidden).await.is(201);
        create_unless(&house, &doctor, unless, &hidden).await.is(201);
        hidden["id"] = json!("dx-1");
        house.put(&doctor, "/Condition?identifier=urn:dx%7C1", &hidden).await.is(201);
        let herself = house.herself(&her);
        assert_eq!(house.get(&herself, &format!("/Condition?patient={her}")).await.is(200).total(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_meet_one_creates() {
    let house = std::sync::Arc::new(House::sqlite());
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let mut waiting = Vec::new();
    for index in 0..24 {
        let (house, doctor, her) = (std::sync::Arc::clone(&house), doctor.clone(), her.clone());
        waiting.push(tokio::spawn(async move {
            // Two ways to write one condition, and two ways to ask.
            let unless = if index % 2 == 0 { "identifier=urn:lab|CRP-2026-11-20" } else { "code=CRP&date=2026-11-20" };
            let fact = lab(&her, "CRP", "2026-11-20", f64::from(index));
            match index % 3 {
                0 => house.put(&doctor, &format!("/Observation?{unless}"), &fact).await.status,
                _ => create_unless(&house, &doctor, unless, &fact).await.status,
            }
        }));
    }
    let mut statuses = Vec::new();
    for one in waiting {
        statuses.push(one.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 23, "{statuses:?}");
    assert_eq!(count(&house, &her).await, 1);
}

fn entry(method: &str, url: &str, resource: Option<Value>) -> Value {
    let mut entry = json!({"request": {"method": method, "url": url}});
    if let Some(resource) = resource {
        entry["resource"] = resource;
    }
    entry
}

fn transaction(entries: &[Value]) -> Value {
    json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})
}

fn statuses(answer: &Answer) -> Vec<String> {
    answer.entries().iter().map(|entry| entry["response"]["status"].as_str().unwrap()[..3].to_owned()).collect()
}

#[tokio::test]
async fn a_transaction_takes_conditions_and_ids_of_its_own() {
    for house in House::both() {
        let doctor = hospital();
        let number = patient(1)["identifier"][0]["value"].as_str().unwrap().to_owned();
        let mut person = entry("POST", "Patient", Some(patient(1)));
        person["request"]["ifNoneExist"] = json!(format!("identifier={MEMBER}|{number}"));
        person["fullUrl"] = json!("urn:uuid:p");
        let mut own = lab("x", "K", "2026-11-20", 4.0);
        own["subject"]["reference"] = json!("urn:uuid:p");
        own["id"] = json!("k-1");
        let mut member = lab("x", "CRP", "2026-11-20", 1.0);
        member["subject"]["reference"] = json!(format!("Patient?identifier={MEMBER}|{number}"));
        member["hasMember"] = json!([{"reference": "Observation/k-1"}]);
        let sent = transaction(&[
            person.clone(),
            entry("PUT", "Observation/k-1", Some(own.clone())),
            entry(
                "PUT",
                "Observation?identifier=urn:lab|CRP-2026-11-20",
                Some({
                    let mut first = member.clone();
                    first["subject"]["reference"] = json!("urn:uuid:p");
                    first
                }),
            ),
            entry("DELETE", "Observation?code=nothing&patient=Patient/k-0", None),
        ]);
        // A condition that names nobody known is told before anything is written.
        house.post(&doctor, "/", &sent).await.outcome(404);
        let first = house.post(&doctor, "/", &transaction(&sent["entry"].as_array().unwrap()[..3])).await.is(200);
        assert_eq!(statuses(&first), ["201", "201", "201"]);
        let place = |answer: &Answer, index: usize| {
            let location = answer.entries()[index]["response"]["location"].as_str().unwrap().to_owned();
            location.split("/_history").next().unwrap().to_owned()
        };
        let her = place(&first, 0);
        // The same again finds everything; a reference by query and one to an id of its own lead where they should.
        let again = transaction(&[
            person,
            entry("PUT", "Observation/k-1", Some(own)),
            entry("PUT", "Observation?identifier=urn:lab|CRP-2026-11-20", Some(member)),
            entry("DELETE", &format!("Observation?code=nothing&patient={her}"), None),
        ]);
        let second = house
            .send(&doctor, "POST", "/", &[("prefer", "return=representation")], again.to_string().into())
            .await
            .is(200);
        assert_eq!(statuses(&second), ["200", "200", "200", "204"]);
        for index in 0..3 {
            assert_eq!(place(&second, index), place(&first, index));
        }
        let stored = &second.entries()[2]["resource"];
        assert_eq!(stored["subject"]["reference"], her);
        assert_eq!(stored["hasMember"][0]["reference"], place(&first, 1));
        assert_eq!(stored["meta"]["versionId"], "2");
        assert!(house.get(&doctor, "/Observation/k-1").await.is(200).json()["subject"]["reference"] == her.as_str());
    }
}

#[tokio::test]
async fn a_transaction_with_a_condition_in_doubt_writes_nothing() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    for value in [1.0, 2.0] {
        house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", value)).await.is(201);
    }
    let good = || entry("POST", "Observation", Some(lab(&her, "Na", "2026-11-20", 140.0)));
    let mut unless = entry("POST", "Observation", Some(lab(&her, "CRP", "2026-11-20", 3.0)));
    unless["request"]["ifNoneExist"] = json!("code=CRP");
    let mut referring = lab(&her, "K", "2026-11-20", 4.0);
    referring["hasMember"] = json!([{"reference": "Observation?code=CRP"}]);
    let mut lost = referring.clone();
    lost["hasMember"] = json!([{"reference": "Observation?code=nothing"}]);
    for (why, wrong, status) in [
        ("fits twice", vec![unless.clone()], 412),
        ("deletes twice", vec![entry("DELETE", &format!("Observation?code=CRP&patient={her}"), None)], 412),
        ("updates twice", vec![entry("PUT", "Observation?code=CRP", Some(lab(&her, "CRP", "2026", 3.0)))], 412),
        ("refers to two", vec![entry("POST", "Observation", Some(referring))], 412),
        ("refers to none", vec![entry("POST", "Observation", Some(lost))], 412),
        ("the same condition twice", vec![unless.clone(), unless], 400),
        ("no condition", vec![entry("DELETE", "Observation?", None)], 400),
    ] {
        let mut entries = vec![good()];
        entries.extend(wrong);
        let answer = house.post(&doctor, "/", &transaction(&entries)).await;
        assert_eq!(answer.status, status, "{why}: {}", answer.text());
        assert_eq!(count(&house, &her).await, 2, "{why}");
    }
}
