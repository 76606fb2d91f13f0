//! Patches: the same door, the same checks and the same `If-Match` as an update.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::common::{House, hospital, lab, physician};

const JSON_PATCH: (&str, &str) = ("content-type", "application/json-patch+json");

fn replace(path: &str, value: Value) -> Value {
    json!({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
        {"name": "type", "valueCode": "replace"}, {"name": "path", "valueString": path}, value,
    ]}]})
}

#[tokio::test]
async fn both_forms_change_one_part_and_leave_the_rest() {
    for house in House::both() {
        let (doctor, other) = (hospital(), physician("1310000002"));
        let her = house.person(&doctor, 1).await;
        let sent = lab(&her, "CRP", "2026-11-20", 1.0).to_string().replace("1.0", "1.50");
        let made = house.send(&doctor, "POST", "/Observation", &[], sent.into()).await.is(201);
        let path = format!("/Observation/{}", made.id());
        let change =
            |status: &str| Bytes::from(json!([{"op": "replace", "path": "/status", "value": status}]).to_string());
        let leaves = house.leaves();
        let patched = house.send(&doctor, "PATCH", &path, &[JSON_PATCH], change("amended")).await.is(200);
        assert_eq!(house.leaves(), leaves + 1);
        assert_eq!((patched.id(), patched.header("etag")), (made.id(), "W/\"2\""));
        assert_eq!(patched.json()["status"], "amended");
        assert!(patched.text().contains("\"value\":1.50"), "{}", patched.text());
        let words = replace("Observation.status", json!({"name": "value", "valueCode": "corrected"}));
        let patched = house.send(&doctor, "PATCH", &path, &[], words.to_string().into()).await.is(200);
        assert_eq!((patched.json()["status"].as_str(), patched.header("etag")), (Some("corrected"), "W/\"3\""));
        // By a condition.
        let query = format!("/Observation?patient={her}&identifier=urn:lab%7CCRP-2026-11-20");
        let patched = house.send(&doctor, "PATCH", &query, &[JSON_PATCH], change("final")).await.is(200);
        assert_eq!((patched.id(), patched.header("etag")), (made.id(), "W/\"4\""));
        house.send(&other, "PATCH", &query, &[JSON_PATCH], change("final")).await.outcome(404);
        house.send(&other, "PATCH", &path, &[JSON_PATCH], change("final")).await.outcome(403);
        // The patch is what was sent, and is kept as that.
        let original = house.get(&doctor, &format!("{path}/$original")).await.is(200);
        assert_eq!(original.body, change("final"));
        let stale = [JSON_PATCH, ("if-match", "W/\"1\"")];
        house.send(&doctor, "PATCH", &path, &stale, change("amended")).await.outcome(412);
        let fresh = [JSON_PATCH, ("if-match", "W/\"4\"")];
        house.send(&doctor, "PATCH", &path, &fresh, change("amended")).await.is(200);
    }
}

#[tokio::test]
async fn what_a_patch_makes_is_checked_as_an_update_is() {
    let house = House::sqlite();
    let doctor = hospital();
    let (her, him) = (house.person(&doctor, 1).await, house.person(&doctor, 2).await);
    let id = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
    let path = format!("/Observation/{id}");
    for (patch, status) in [
        (json!([{"op": "replace", "path": "/subject/reference", "value": format!("Patient/{him}")}]), 422),
        (json!([{"op": "remove", "path": "/subject"}]), 422),
        (json!([{"op": "replace", "path": "/effectiveDateTime", "value": "yesterday"}]), 422),
        (json!([{"op": "replace", "path": "/id", "value": "another"}]), 422),
        (json!([{"op": "replace", "path": "/nothing/here", "value": 1}]), 422),
        (json!([{"op": "test", "path": "/status", "value": "amended"}]), 422),
        (json!({"op": "remove", "path": "/status"}), 422),
        (json!([{"op": "explode"}]), 422),
    ] {
        let answer = house.send(&doctor, "PATCH", &path, &[JSON_PATCH], patch.to_string().into()).await;
        assert_eq!(answer.status, status, "{patch}: {}", answer.text());
        assert_eq!(answer.json()["resourceType"], "OperationOutcome");
    }
    house.send(&doctor, "PATCH", &path, &[JSON_PATCH], "[{".into()).await.outcome(400);
    house.send(&doctor, "PATCH", &path, &[], lab(&her, "CRP", "2026", 1.0).to_string().into()).await.outcome(415);
    house.send(&doctor, "PATCH", "/Observation/nothing", &[JSON_PATCH], "[]".into()).await.outcome(404);
    house.delete(&doctor, &path).await.is(204);
    let change = json!([{"op": "replace", "path": "/status", "value": "final"}]).to_string();
    house.send(&doctor, "PATCH", &path, &[JSON_PATCH], change.into()).await.outcome(404);
}

#[tokio::test]
async fn transactions_and_batches_patch_too() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let id = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
        let change = json!([{"op": "replace", "path": "/status", "value": "amended"}]).to_string();
        let data = base64::engine::general_purpose::STANDARD.encode(change);
        let binary = json!({"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data});
        let words = replace("Observation.status", json!({"name": "value", "valueCode": "corrected"}));
        for (kind, resource, expected) in [
            ("transaction", binary.clone(), "amended"),
            ("batch", words.clone(), "corrected"),
            ("batch", binary, "amended"),
            ("transaction", words, "corrected"),
        ] {
            let entry =
                json!({"resource": resource, "request": {"method": "PATCH", "url": format!("Observation/{id}")}});
            let sent = json!({"resourceType": "Bundle", "type": kind, "entry": [entry]});
            let answer = house.post(&doctor, "/", &sent).await.is(200);
            assert_eq!(answer.entries()[0]["response"]["status"].as_str().unwrap()[..3], *"200", "{}", answer.text());
            let stored = house.get(&doctor, &format!("/Observation/{id}")).await.json();
            assert_eq!(stored["status"], expected, "{kind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn patches_that_meet_are_all_applied() {
    let house = std::sync::Arc::new(House::sqlite());
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let mut fact = lab(&her, "CRP", "2026-11-20", 1.0);
    fact["note"] = json!([{"text": "0"}]);
    let id = house.post(&doctor, "/Observation", &fact).await.is(201).id();
    let mut waiting = Vec::new();
    for index in 1..=12 {
        let (house, doctor, path) = (std::sync::Arc::clone(&house), doctor.clone(), format!("/Observation/{id}"));
        waiting.push(tokio::spawn(async move {
            let add = json!([{"op": "add", "path": "/note/-", "value": {"text": index.to_string()}}]).to_string();
            house.send(&doctor, "PATCH", &path, &[JSON_PATCH], add.into()).await.status
        }));
    }
    for one in waiting {
        assert_eq!(one.await.unwrap(), 200);
    }
    let stored = house.get(&doctor, &format!("/Observation/{id}")).await.json();
    assert_eq!(stored["note"].as_array().unwrap().len(), 13);
    assert_eq!(stored["meta"]["versionId"], "13");
}

#[tokio::test]
async fn a_patch_adds_no_reference_to_an_entry_that_is_not_there() {
    let house = House::model();
    let doctor = hospital();
    let her = house.person(&doctor, 1).await;
    let id = house.post(&doctor, "/Observation", &lab(&her, "CRP", "2026-11-20", 1.0)).await.is(201).id();
    let path = format!("/Observation/{id}");
    let add = json!([{"op": "add", "path": "/encounter", "value": {"reference": "urn:uuid:e"}}]).to_string();
    let refused = house.send(&doctor, "PATCH", &path, &[JSON_PATCH], add.clone().into()).await.outcome(422);
    assert_eq!(refused["issue"][0]["expression"][0], "Observation.encounter.reference");
    let data = base64::engine::general_purpose::STANDARD.encode(&add);
    let binary = json!({"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data});
    let change = json!({"resource": binary, "request": {"method": "PATCH", "url": format!("Observation/{id}")}});
    let transaction = |entries: Vec<Value>| json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
    let refused = house.post(&doctor, "/", &transaction(vec![change.clone()])).await.outcome(422);
    assert_eq!(refused["issue"][0]["expression"][0], "Bundle.entry[0].resource.encounter.reference");
    assert_eq!(house.get(&doctor, &path).await.is(200).header("etag"), "W/\"1\"");
    // With the entry that it names, it holds.
    let visit = json!({"resourceType": "Encounter", "status": "finished", "class": {"code": "AMB"}, "subject": {"reference": format!("Patient/{her}")}});
    let visit = json!({"fullUrl": "urn:uuid:e", "resource": visit, "request": {"method": "POST", "url": "Encounter"}});
    house.post(&doctor, "/", &transaction(vec![change, visit])).await.is(200);
    let stored = house.get(&doctor, &path).await.is(200).json();
    assert!(stored["encounter"]["reference"].as_str().unwrap().starts_with("Encounter/"));
}

#[tokio::test]
async fn a_patch_that_changes_nothing_makes_no_version() {
    for house in House::both() {
        let doctor = hospital();
        let her = house.person(&doctor, 1).await;
        let sent = lab(&her, "CRP", "2026-11-20", 1.0);
        let made = house.post(&doctor, "/Observation", &sent).await.is(201);
        let (id, path) = (made.id(), format!("/Observation/{}", made.id()));
        let same = json!([{"op": "replace", "path": "/status", "value": "final"}]);
        let back = json!([{"op": "add", "path": "/language", "value": "ja"}, {"op": "remove", "path": "/language"}]);
        let numbers = json!([{"op": "replace", "path": "/meta/versionId", "value": "9"}]);
        let none = json!({"resourceType": "Parameters"});
        let equal = replace("Observation.status", json!({"name": "value", "valueCode": "final"}));
        let absent = json!({"resourceType": "Parameters", "parameter": [{"name": "operation", "part": [
            {"name": "type", "valueCode": "delete"}, {"name": "path", "valueString": "Observation.note"},
        ]}]});
        let query = format!("/Observation?patient={her}&identifier=urn:lab%7CCRP-2026-11-20");
        for url in [&path, &query] {
            for (patch, headers) in [
                (json!([]), vec![JSON_PATCH]),
                (json!([]), vec![JSON_PATCH, ("if-match", "W/\"1\"")]),
                (same.clone(), vec![JSON_PATCH]),
                (back.clone(), vec![JSON_PATCH]),
                (numbers.clone(), vec![JSON_PATCH]),
                (none.clone(), vec![]),
                (equal.clone(), vec![]),
                (absent.clone(), vec![]),
            ] {
                let leaves = house.leaves();
                let answer = house.send(&doctor, "PATCH", url, &headers, patch.to_string().into()).await.is(200);
                assert_eq!((&answer.body, answer.header("etag")), (&made.body, "W/\"1\""), "{patch}");
                assert_eq!(answer.header("last-modified"), made.header("last-modified"), "{patch}");
                assert_eq!(house.leaves(), leaves + 1, "{patch}: that it was looked at is told");
            }
        }
        let stale = [JSON_PATCH, ("if-match", "W/\"2\"")];
        house.send(&doctor, "PATCH", &path, &stale, "[]".into()).await.outcome(412);
        house.send(&physician("1310000002"), "PATCH", &path, &[JSON_PATCH], "[]".into()).await.outcome(403);
        let entry = json!({"resource": none, "request": {"method": "PATCH", "url": format!("Observation/{id}")}});
        let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
        let answer = house.post(&doctor, "/", &bundle).await.is(200);
        assert_eq!(answer.entries()[0]["response"]["etag"], "W/\"1\"");
        assert_eq!(house.get(&doctor, &format!("{path}/_history")).await.total(), 1);
        let original = house.get(&doctor, &format!("{path}/$original")).await.is(200);
        assert_eq!(original.body, Bytes::from(sent.to_string()));
        // Precision is content.
        let precise = Bytes::from(r#"[{"op":"replace","path":"/valueQuantity/value","value":1.00}]"#);
        let answer = house.send(&doctor, "PATCH", &path, &[JSON_PATCH], precise).await.is(200);
        assert_eq!(answer.header("etag"), "W/\"2\"");
    }
}
