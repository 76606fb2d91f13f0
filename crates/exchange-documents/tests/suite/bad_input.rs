//! What is not FHIR, or not JSON, or too much: a clear no with its place, and nothing written.

use bytes::Bytes;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use tsumugi_synth::load::Load;

use crate::common::{House, hospital, lab};

async fn refused_everywhere(house: &House, what: &str, body: impl Into<Bytes>) {
    let body = body.into();
    let doctor = hospital();
    for (method, path) in
        [("POST", "/Observation"), ("PUT", "/Observation/x-1"), ("POST", "/"), ("POST", "/Bundle/$submit")]
    {
        let (rows, leaves) = (house.store.events(0, 9).await.unwrap().len(), house.leaves());
        let answer = house.send(&doctor, method, path, &[], body.clone()).await;
        assert!(answer.status == 400 || answer.status == 422, "{what} at {path}: {} {}", answer.status, answer.text());
        let json = answer.json();
        assert_eq!(json["resourceType"], "OperationOutcome", "{what} at {path}");
        assert!(json["issue"][0]["details"]["text"].as_str().is_some_and(|text| text.len() > 10), "{what} at {path}");
        assert_eq!((house.store.events(0, 9).await.unwrap().len(), house.leaves()), (rows, leaves), "{what} at {path}");
    }
    assert_eq!(house.desk.directory.citizens(None, 9).await.unwrap().len(), 1, "{what}");
}

/// A house with one person, whose valid fact is the start of what is bent.
async fn built() -> (House, String) {
    let house = House::model();
    let her = house.person(&hospital(), 1).await;
    (house, her)
}

#[tokio::test]
async fn broken_bytes_are_refused_with_their_place() {
    let (house, her) = built().await;
    let fact = lab(&her, "CRP", "2026-11-20", 1.0).to_string();
    let utf16 = |text: &str| -> Vec<u8> {
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    for (what, body) in [
        ("0 bytes", Vec::new()),
        ("blanks", b" \n\t ".to_vec()),
        ("a word", b"hello".to_vec()),
        ("NUL", vec![0; 64]),
        ("an array", b"[]".to_vec()),
        ("a number", b"1".to_vec()),
        ("null", b"null".to_vec()),
        ("XML", b"<Observation xmlns=\"http://hl7.org/fhir\"/>".to_vec()),
        ("a trailing comma", fact.replace("}}", "},}").into_bytes()),
        ("text after the end", format!("{fact} x").into_bytes()),
        ("two documents", format!("{fact}{fact}").into_bytes()),
        ("a duplicate key", fact.replacen('{', "{\"status\":\"final\",\"status\":\"final\",", 1).into_bytes()),
        ("a lone surrogate", fact.replacen("final", "\\ud800", 1).into_bytes()),
        ("a raw control character", fact.replacen("final", "fi\nnal", 1).into_bytes()),
        ("UTF-16", utf16(&fact)),
        (
            "Latin-1",
            fact.replacen("mg/dL", "\u{1}", 1)
                .into_bytes()
                .into_iter()
                .map(|b| if b == 1 { 0xB5 } else { b })
                .collect(),
        ),
        ("Shift_JIS", [b"{\"resourceType\":\"".as_slice(), &[0x8E, 0x52, 0x93, 0x63], b"\"}"].concat()),
        ("deep arrays", [vec![b'['; 100_000], vec![b']'; 100_000]].concat()),
        ("deep objects", [b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat()),
        ("deep and cut", b"[{\"a\":".repeat(100_000)),
        ("a number that is none", fact.replacen("1.0", "01", 1).into_bytes()),
        ("NaN", fact.replacen("1.0", "NaN", 1).into_bytes()),
    ] {
        refused_everywhere(&house, what, body).await;
    }
    let answer = house
        .send(
            &hospital(),
            "POST",
            "/Observation",
            &[],
            "{\"resourceType\":\"Observation\",\n \"status\" \"final\"}".into(),
        )
        .await;
    let issue = &answer.outcome(400)["issue"][0];
    assert_eq!(issue["extension"][0]["valueInteger"], 2, "{issue}");
    assert!(issue["diagnostics"].as_str().unwrap().contains("line 2, column"));
}

#[tokio::test]
async fn cut_anywhere_it_is_refused() {
    let (house, her) = built().await;
    let fact = lab(&her, "CRP", "2026-11-20", 1.0).to_string();
    let document = Load::new(3, 20).document(2, 0);
    for step in 0..200 {
        let cut = fact.len() * step / 200;
        let answer = house.send(&hospital(), "POST", "/Observation", &[], fact.as_bytes()[..cut].to_vec().into()).await;
        assert!(!answer.outcome(400)["issue"][0]["extension"].is_null() || cut == 0, "at {cut}");
        let cut = document.len() * step / 200;
        house.submit(&hospital(), document[..cut].to_vec()).await.outcome(422);
    }
    assert_eq!(house.desk.directory.citizens(None, 9).await.unwrap().len(), 1);
    assert_eq!(house.store.events(0, 9).await.unwrap().len(), 0);
}

#[tokio::test]
async fn foreign_shapes_are_refused() {
    let (house, her) = built().await;
    let subject = json!({"reference": format!("Patient/{her}")});
    for (what, body) in [
        ("no kind", json!({})),
        ("a foreign kind", json!({"resourceType": "Klingon", "subject": subject})),
        ("a kind of another version", json!({"resourceType": "MedicationUsage", "subject": subject})),
        ("a kind that is a number", json!({"resourceType": 7})),
        ("another kind", json!({"resourceType": "Immunization", "patient": subject})),
        ("a nameless bundle", json!({"resourceType": "Bundle"})),
        ("a bundle of a foreign type", json!({"resourceType": "Bundle", "type": "parcel"})),
        ("entries that are none", json!({"resourceType": "Bundle", "type": "transaction", "entry": [1, "x", null]})),
        (
            "a document of nobody",
            json!({"resourceType": "Bundle", "type": "document", "identifier": {"system": "s", "value": "v"}, "entry": []}),
        ),
    ] {
        refused_everywhere(&house, what, body.to_string()).await;
    }
    let entry =
        json!({"resource": lab(&her, "CRP", "2026-11-20", 1.0), "request": {"method": "POST", "url": "Observation"}});
    for kind in ["transaction", "batch", "collection", "document"] {
        let many = json!({"resourceType": "Bundle", "type": kind, "identifier": {"system": "s", "value": "v"}, "entry": vec![&entry; 6_000]});
        refused_everywhere(&house, "6,000 entries", many.to_string()).await;
    }
}

/// One change somewhere in a value.
fn bend(value: &mut Value, path: &[usize], into: &Value) {
    let Some((first, rest)) = path.split_first() else {
        *value = into.clone();
        return;
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            let key = members.keys().nth(first % members.len()).unwrap().clone();
            if first % 7 == 3 {
                members.remove(&key);
            } else {
                bend(members.get_mut(&key).unwrap(), rest, into);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let index = first % items.len();
            match first % 11 {
                4 => drop(items.remove(index)),
                5 => items.push(items[index].clone()),
                _ => bend(&mut items[index], rest, into),
            }
        }
        other => *other = into.clone(),
    }
}

#[test]
fn bent_documents_never_break_the_desk() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let document: Value = serde_json::from_slice(&Load::new(3, 12).document(1, 0)).unwrap();
    let junk = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[{"reference": 5}]])),
        Just(json!({"reference": "urn:uuid:x"})),
        Just(json!("Patient/a")),
        Just(json!("2026-13-40")),
        Just(json!("Bundle")),
        "[A-Za-z]{1,12}/[A-Za-z0-9.-]{1,30}".prop_map(Value::from),
    ];
    let bends = prop::collection::vec((prop::collection::vec(0usize..1_000, 1..9), junk), 1..4);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() });
    let house = House::model();
    runner
        .run(&bends, |bends| {
            let mut bent = document.clone();
            for (path, into) in &bends {
                bend(&mut bent, path, into);
            }
            let first = &bent["entry"][0]["resource"];
            let transaction = json!({"resourceType": "Bundle", "type": "transaction", "entry": bent["entry"].as_array().into_iter().flatten().map(|entry| {
                json!({"fullUrl": entry["fullUrl"], "resource": entry["resource"], "request": {"method": "POST", "url": entry["resource"]["resourceType"]}})
            }).collect::<Vec<_>>()});
            for (path, body) in [("/Bundle/$submit", &bent), ("/Composition", first), ("/", &transaction)] {
                let answer = runtime.block_on(house.post(&hospital(), path, body));
                prop_assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text());
                prop_assert!(serde_json::from_slice::<Value>(&answer.body).is_ok(), "{path}: {}", answer.text());
            }
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_what_where_by_which_rule_and_what_to_do() {
    let house = House::model();
    let doctor = hospital();
    for (text, rule, place) in [
        ("{\n  \"resourceType\": \"Observation\",\n", "json-truncated", "line 3, column 1"),
        ("{\"resourceType\": \"Observation\",}", "json-comma", "line 1, column 32"),
        ("{\"status\": \"final\",\n \"status\": \"final\"}", "json-unique-names", "line 2, column 2"),
        ("<Observation/>", "json-grammar", "line 1, column 1"),
    ] {
        for path in ["/Observation", "/", "/Observation/$validate"] {
            let headers = [("accept-language", "en")];
            let told = house.send(&doctor, "POST", path, &headers, text.to_owned().into()).await.outcome(400);
            let issue = &told["issue"][0];
            assert_eq!(issue["details"]["coding"][0]["code"], rule, "{path} {text}");
            assert_eq!(issue["diagnostics"], format!("{rule}: {place}"), "{path} {text}");
            assert!(issue["details"]["text"].as_str().unwrap().contains("RFC 8259"), "{issue}");
        }
    }
}
