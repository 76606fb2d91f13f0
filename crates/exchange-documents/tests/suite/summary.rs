//! The International Patient Summary: produced ones satisfy our table, and the public examples are measured against it.

use std::path::PathBuf;

use serde_json::{Value, json};
use tsumugi_fhir::json::{Document, Limits};
use tsumugi_record::rest::summary::rules::{Need, SECTIONS, check};

use crate::common::{Answer, House, MEMBER, condition, hospital, lab, patient, physician};

/// The rules that a bundle does not satisfy.
fn broken(bytes: &[u8]) -> Vec<String> {
    let document = Document::parse(bytes.to_vec().into(), &Limits::default()).unwrap();
    let mut rules: Vec<String> =
        check(document.root()).into_iter().map(|finding| finding.rule.unwrap().into_owned()).collect();
    rules.dedup();
    rules
}

fn sections(answer: &Answer) -> Vec<Value> {
    answer.json()["entry"][0]["resource"]["section"].as_array().unwrap().clone()
}

fn section(answer: &Answer, code: &str) -> Option<Value> {
    sections(answer).into_iter().find(|section| section["code"]["coding"][0]["code"] == code)
}

async fn told(house: &House, her: &str) {
    let doctor = hospital();
    let subject = json!({"reference": format!("Patient/{her}")});
    let concept = |text: &str| json!({"text": text});
    let category = |system: &str, code: &str| json!([{"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]}]);
    let mut past = condition(her, "肺炎", None);
    past["clinicalStatus"]["coding"][0]["code"] = json!("resolved");
    let mut vital = lab(her, "8867-4", "2026-11-20", 72.0);
    vital["category"] = category("observation-category", "vital-signs");
    let mut smoking = lab(her, "72166-2", "2026-11-20", 0.0);
    smoking["category"] = category("observation-category", "social-history");
    let resources = vec![
        condition(her, "高血圧症 <重い>", None),
        past,
        vital,
        smoking,
        lab(her, "CRP", "2026-11-20", 1.0),
        lab(her, "CRP", "2026-11-19", 9.0),
        json!({"resourceType": "AllergyIntolerance", "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}, "code": concept("ペニシリン"), "patient": subject}),
        json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": concept("アムロジピン"), "subject": subject}),
        json!({"resourceType": "MedicationStatement", "status": "entered-in-error", "medicationCodeableConcept": concept("まちがい"), "subject": subject}),
        json!({"resourceType": "Immunization", "status": "completed", "vaccineCode": concept("インフルエンザ"), "patient": subject, "occurrenceDateTime": "2026-10-01"}),
        json!({"resourceType": "Procedure", "status": "completed", "code": concept("胆のう摘出"), "subject": subject, "performedDateTime": "2010-05"}),
        json!({"resourceType": "DeviceUseStatement", "status": "active", "device": {"display": "ペースメーカー"}, "subject": subject}),
        json!({"resourceType": "CarePlan", "status": "active", "intent": "plan", "title": "週1回の訪問", "subject": subject}),
        json!({"resourceType": "Flag", "status": "active", "code": concept("むせやすい"), "category": category("flag-category", "safety"), "subject": subject}),
        json!({"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://tsumugi.example/fhir/CodeSystem/adl", "code": "barthel-index"}], "text": "バーセル指数"}, "subject": subject, "effectiveDateTime": "2026-11-01", "valueInteger": 85}),
    ];
    for resource in resources {
        let kind = resource["resourceType"].as_str().unwrap().to_owned();
        house.post(&doctor, &format!("/{kind}"), &resource).await.is(201);
    }
}

#[tokio::test]
async fn a_produced_summary_satisfies_the_table() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        // Of nothing, it says for each required section that nothing is available: not that there is nothing.
        let empty = house.get(&doctor, &format!("/Patient/{her}/$summary")).await.is(200);
        assert_eq!(broken(&empty.body), Vec::<String>::new());
        assert_eq!(sections(&empty).len(), 3);
        for section in sections(&empty) {
            assert_eq!(section["emptyReason"]["coding"][0]["code"], "unavailable");
        }
        told(&house, &her).await;
        let leaves = house.leaves();
        let answer = house.get(&doctor, &format!("/Patient/{her}/$summary")).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_ne!(answer.header("tsumugi-receipt"), "");
        assert_eq!(broken(&answer.body), Vec::<String>::new());
        assert!({
            let document = Document::parse(answer.body.clone(), &Limits::default()).unwrap();
            let found = house.desk.record.check(document.root(), tsumugi_fhir_validate::Mode::Resource, &[]);
            found.iter().all(|finding| !finding.refuses())
        });
        for code in [
            "11450-4", "48765-2", "10160-0", "11369-6", "30954-2", "47519-4", "46264-8", "104605-1", "47420-5",
            "11348-0", "18776-5", "29762-2", "8716-3",
        ] {
            let section = section(&answer, code).unwrap_or_else(|| panic!("{code}"));
            assert!(
                section["text"]["div"].as_str().unwrap().starts_with("<div xmlns=\"http://www.w3.org/1999/xhtml\">")
            );
            assert!(section["title"].as_str().unwrap().contains(" / "), "Japanese and English");
        }
        assert!(
            section(&answer, "11450-4").unwrap()["text"]["div"].as_str().unwrap().contains("高血圧症 &lt;重い&gt;")
        );
        assert_eq!(section(&answer, "30954-2").unwrap()["entry"].as_array().unwrap().len(), 1, "the newest of each");
        assert!(section(&answer, "47420-5").unwrap()["text"]["div"].as_str().unwrap().contains("バーセル指数: 85"));
        assert!(!answer.text().contains("まちがい"));
        // By identifier, by another source's Patient, and as XML it is the same record.
        let number = patient(1)["identifier"][0]["value"].as_str().unwrap().to_owned();
        let other = house.post(&physician("1310000002"), "/Patient", &patient(1)).await.is(201).id();
        for path in [format!("/Patient/$summary?identifier={MEMBER}|{number}"), format!("/Patient/{other}/$summary")] {
            let again = house.get(&doctor, &path).await.is(200);
            assert_eq!(broken(&again.body), Vec::<String>::new());
            assert_eq!(sections(&again).len(), sections(&answer).len());
            assert_ne!(again.json()["identifier"], answer.json()["identifier"]);
        }
        assert!(
            house
                .get(&doctor, &format!("/Patient/{her}/$summary?_format=xml"))
                .await
                .is(200)
                .text()
                .contains("<Composition")
        );
        for wrong in [
            "/Patient/$summary",
            "/Patient/$summary?identifier=x",
            "/Patient/HER/$summary?profile=urn:other",
            "/Patient/HER/$summary?nonsense=1",
        ] {
            house.get(&doctor, &wrong.replace("HER", &her)).await.outcome(400);
        }
        house.get(&doctor, &format!("/Patient/$summary?identifier={MEMBER}|nobody")).await.outcome(404);
        house.get(&doctor, "/Patient/nothing/$summary").await.outcome(404);
    }
}

#[tokio::test]
async fn what_is_withheld_is_not_in_a_summary() {
    let plain = |answer: &Answer| -> Vec<Value> {
        let mut sections = sections(answer);
        for section in &mut sections {
            section.as_object_mut().unwrap().remove("entry");
        }
        sections
    };
    let (one, two) = (House::model(), House::model());
    let doctor = hospital();
    let (her, same) = (one.person(&doctor, 1).await, two.person(&doctor, 1).await);
    two.post(&doctor, "/Condition", &condition(&same, "胃がん", Some("UNINFORMED"))).await.is(201);
    let seen = one.get(&one.herself(&her), &format!("/Patient/{her}/$summary")).await.is(200);
    let also = two.get(&two.herself(&same), &format!("/Patient/{same}/$summary")).await.is(200);
    assert_eq!(plain(&seen), plain(&also));
    assert_eq!(also.entries().len(), seen.entries().len());
    assert!(two.get(&doctor, &format!("/Patient/{same}/$summary")).await.is(200).text().contains("胃がん"));
}

#[tokio::test]
async fn the_public_examples_satisfy_the_table_and_go_in() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ips");
    let Ok(files) = std::fs::read_dir(&data) else {
        println!("shared test data absent: skipped");
        return;
    };
    let mut files: Vec<PathBuf> =
        files.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    assert!(files.len() >= 6);
    let doctor = hospital();
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(broken(&bytes), Vec::<String>::new(), "{name}");
        // Two of them carry one Bundle.identifier for two people, which one sender could not do: each comes alone.
        let house = House::sqlite();
        house.submit(&doctor, bytes).await.is(201);
    }
}

#[test]
fn what_the_table_forbids_is_found() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ips/bundle-minimal.json");
    let Ok(bytes) = std::fs::read(data) else {
        println!("shared test data absent: skipped");
        return;
    };
    let whole: Value = serde_json::from_slice(&bytes).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut bundle = whole.clone();
        change(&mut bundle);
        broken(bundle.to_string().as_bytes())
    };
    let composition = |bundle: &mut Value, key: &str, value: Value| bundle["entry"][0]["resource"][key] = value;
    for (rule, change) in [
        ("ips-bundle-type", &(|b: &mut Value| b["type"] = json!("collection")) as &dyn Fn(&mut Value)),
        ("ips-bundle-head", &|b| {
            b.as_object_mut().unwrap().remove("timestamp");
        }),
        ("ips-bundle-entry", &|b| {
            b["entry"][1].as_object_mut().unwrap().remove("fullUrl");
        }),
        ("bdl-ips-1", &|b| {
            let first = b["entry"][0].clone();
            b["entry"].as_array_mut().unwrap().push(first);
        }),
        ("ips-composition-type", &|b| composition(b, "type", json!({"text": "x"}))),
        ("ips-composition-head", &|b| {
            b["entry"][0]["resource"].as_object_mut().unwrap().remove("author");
        }),
        ("ips-composition-subject", &|b| composition(b, "subject", json!({"reference": "urn:uuid:nobody"}))),
        ("ips-composition-sections", &|b| {
            b["entry"][0]["resource"]["section"].as_array_mut().unwrap().pop();
        }),
        ("ips-section-shape", &|b| {
            b["entry"][0]["resource"]["section"][0].as_object_mut().unwrap().remove("text");
        }),
        ("ips-comp-1", &|b| {
            b["entry"][0]["resource"]["section"][0].as_object_mut().unwrap().remove("entry");
        }),
        ("cmp-2", &|b| b["entry"][0]["resource"]["section"][0]["emptyReason"] = json!({"text": "x"})),
        ("ips-section-entry", &|b| {
            b["entry"][0]["resource"]["section"][0]["entry"][0]["reference"] = json!("urn:uuid:lost")
        }),
        ("ips-bundle-patient", &|b| {
            b["entry"].as_array_mut().unwrap().retain(|e| e["resource"]["resourceType"] != "Patient")
        }),
        ("ips-pat-1", &|b| {
            for e in b["entry"].as_array_mut().unwrap() {
                if e["resource"]["resourceType"] == "Patient" {
                    e["resource"].as_object_mut().unwrap().remove("name");
                }
            }
        }),
        ("ips-patient-birthdate", &|b| {
            for e in b["entry"].as_array_mut().unwrap() {
                if e["resource"]["resourceType"] == "Patient" {
                    e["resource"].as_object_mut().unwrap().remove("birthDate");
                }
            }
        }),
    ] {
        assert!(changed(change).iter().any(|found| found == rule), "{rule}: {:?}", changed(change));
    }
    assert_eq!(SECTIONS.iter().filter(|section| section.need == Need::Required).count(), 3);
}

#[tokio::test]
async fn a_summary_of_three_hundred_facts_is_quick() {
    let house = House::sqlite();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let entries: Vec<Value> = (0..300)
        .map(|index| match index % 3 {
            0 => condition(&her, &format!("病名{index}"), None),
            1 => lab(&her, &format!("code-{}", index % 60), &format!("2026-{:02}-{:02}", index % 11 + 1, index % 28 + 1), 1.0),
            _ => json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": format!("薬{index}")}, "subject": {"reference": format!("Patient/{her}")}}),
        })
        .map(|resource| json!({"request": {"method": "POST", "url": resource["resourceType"]}, "resource": resource}))
        .collect();
    house.post(&doctor, "/", &json!({"resourceType": "Bundle", "type": "transaction", "entry": entries})).await.is(200);
    let path = format!("/Patient/{her}/$summary");
    let mut times = Vec::new();
    for _ in 0..30 {
        let watch = tsumugi_kernel::edge::Stopwatch::start();
        let answer = house.get(&doctor, &path).await.is(200);
        times.push(watch.elapsed());
        assert!(answer.entries().len() > 200);
    }
    times.sort();
    println!("summary of 300 facts: p50 {:?}", times[times.len() / 2]);
    // Unoptimised and beside other tests; the published number is the benchmark's.
    assert!(times[times.len() / 2].as_millis() < 200, "{:?}", times[times.len() / 2]);
}
