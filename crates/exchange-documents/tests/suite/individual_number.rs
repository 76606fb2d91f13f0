//! A document that carries an individual number (マイナンバー) is refused and kept nowhere.

use bytes::Bytes;
use serde_json::{Value, json};
use tsumugi_store::{Point, ShelfScan};

use crate::common::{House, hospital, patient};

/// Made up; its check digit is right.
const NUMBER: &str = "123456789018";

fn example() -> Value {
    serde_json::from_str(include_str!("../../../../docs/examples/laboratory.json")).unwrap()
}

fn with(identifier: Value) -> Value {
    let mut bundle = example();
    let entries = bundle["entry"].as_array_mut().unwrap();
    let patient = entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == "Patient").unwrap();
    patient["resource"]["identifier"].as_array_mut().unwrap().push(identifier);
    bundle
}

async fn kept(house: &House, bytes: &[u8]) -> (usize, bool) {
    let waiting = house.desk.record.quarantined(&hospital().organization, None, 100).await.unwrap();
    let original = house.store.original(tsumugi_record::content_hash(bytes)).await.unwrap();
    (waiting.len(), original.is_some())
}

#[tokio::test]
async fn a_document_that_carries_one_is_refused_before_anything_is_kept() {
    for house in House::both() {
        house.submit(&hospital(), example().to_string()).await.is(201);
        let (leaves, before) = (house.leaves(), kept(&house, b"").await.0);
        for identifier in [
            json!({"system": "http://unknown.example", "value": NUMBER}),
            json!({"system": "urn:oid:1.2.3", "value": "１２３４５６７８９０１８"}),
            json!({"system": "http://x.example/mynumber", "value": "1"}),
            json!({"type": {"coding": [{"code": "NNJPN"}]}, "value": "1"}),
        ] {
            let bytes = with(identifier).to_string();
            let told = house.submit(&hospital(), bytes.clone()).await;
            let text = told.text();
            told.outcome(422);
            assert!(text.contains("マイナンバー") && !text.contains(NUMBER), "{text}");
            assert_eq!(kept(&house, bytes.as_bytes()).await, (before, false), "not in quarantine, not among originals");
        }
        assert_eq!(house.leaves(), leaves, "no shelf was touched");
        // Under the institution's own system it is a number like any other.
        let own = with(json!({"system": "urn:oid:1.2.392.100495.20.3.51.14911000017", "value": NUMBER}));
        let told = house.submit(&hospital(), own.to_string()).await;
        assert!(!told.text().contains("マイナンバー"), "{}", told.text());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_only_without_one() {
    let house = House::model();
    let harmless = r#"{"resourceType":"Bundle","value":"123456789010""#;
    house.submit(&hospital(), harmless).await.outcome(422);
    assert_eq!(kept(&house, harmless.as_bytes()).await, (1, true));
    let broken = format!(r#"{{"resourceType":"Bundle","value":"{NUMBER}""#);
    house.submit(&hospital(), broken.clone()).await.outcome(422);
    assert_eq!(kept(&house, broken.as_bytes()).await, (1, false));
    let xml = format!("<Bundle><value value='{NUMBER}'/>");
    let media = [("content-type", "application/fhir+xml")];
    house.send(&hospital(), "POST", "/Bundle/$submit", &media, Bytes::from(xml.clone())).await.outcome(422);
    assert_eq!(kept(&house, xml.as_bytes()).await, (1, false));
}

#[tokio::test]
async fn a_resource_that_carries_one_gets_on_no_shelf() {
    let house = House::model();
    let doctor = hospital();
    let mut carrying = patient(1);
    carrying["identifier"].as_array_mut().unwrap().push(json!({"system": "x:y", "value": NUMBER}));
    house.post(&doctor, "/Patient", &carrying).await.outcome(422);
    let id = house.post(&doctor, "/Patient", &patient(1)).await.is(201).id();
    let mut update = carrying.clone();
    update["id"] = json!(id);
    house.put(&doctor, &format!("/Patient/{id}"), &update).await.outcome(422);
    let entry = json!({"resource": carrying, "request": {"method": "POST", "url": "Patient"}});
    let transaction = json!({"resourceType": "Bundle", "type": "transaction", "entry": [entry]});
    assert!(house.post(&doctor, "/", &transaction).await.status >= 400);
    let scan = ShelfScan::of(house.citizen_of(&id), None, Point::NOW, 1 << 20);
    for fact in house.store.shelf(scan).await.unwrap().facts {
        assert!(!String::from_utf8_lossy(&fact.body().unwrap()).contains(NUMBER));
        assert!(!fact.values.windows(12).any(|run| run == NUMBER.as_bytes()));
    }
}
