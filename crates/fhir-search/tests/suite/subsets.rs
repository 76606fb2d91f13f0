//! `_summary` and `_elements`.

use serde_json::{Value as Json, json};
use tsumugi_kernel::Kind;

use crate::room::{SEARCH, query};

fn shown(kind: &str, search: (&str, &str), resource: &Json) -> Json {
    let body = resource.to_string();
    match SEARCH.subset(&query(kind, &[search]), Kind::from_name(kind).unwrap(), body.as_bytes()) {
        Some(part) => serde_json::from_slice(&part).expect("JSON"),
        None => resource.clone(),
    }
}

fn keys(resource: &Json) -> Vec<&str> {
    let mut keys: Vec<&str> = resource.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn parts_keep_what_makes_them_valid_and_say_that_they_are_parts() {
    let fact = json!({"resourceType": "Observation", "id": "o", "meta": {"versionId": "1", "tag": [{"code": "x"}]},
        "text": {"status": "generated", "div": "<div/>"}, "status": "final", "_status": {"id": "s"},
        "code": {"text": "K"}, "valueQuantity": {"value": 1.50}, "note": [{"text": "n"}], "interpretation": [{"text": "H"}]});
    let all =
        ["_status", "code", "id", "interpretation", "meta", "note", "resourceType", "status", "text", "valueQuantity"];
    for (search, without) in [
        (("_summary", "true"), &["text", "note", "interpretation"][..]),
        (("_summary", "text"), &["valueQuantity", "note", "interpretation"]),
        (("_summary", "data"), &["text"]),
        (("_elements", "value"), &["text", "note", "interpretation"]),
        (("_elements", "Observation.note,Patient.text"), &["text", "valueQuantity", "interpretation"]),
    ] {
        let part = shown("Observation", search, &fact);
        let expected: Vec<&str> = all.iter().copied().filter(|key| !without.contains(key)).collect();
        assert_eq!(keys(&part), expected, "{search:?}");
        assert_eq!(part["meta"]["tag"][0]["code"], "x");
        assert_eq!(part["meta"]["tag"][1]["code"], "SUBSETTED", "{search:?}");
        assert_eq!(part["meta"]["versionId"], "1");
    }
    for search in [("_summary", "false"), ("_summary", "count")] {
        assert_eq!(shown("Observation", search, &fact), fact);
    }
    let bare = shown(
        "Observation",
        ("_summary", "data"),
        &json!({"resourceType": "Observation", "id": "o", "status": "final"}),
    );
    assert_eq!(bare["meta"]["tag"][0]["code"], "SUBSETTED");
    let raw = SEARCH.subset(
        &query("Observation", &[("_summary", "data")]),
        Kind::OBSERVATION,
        br#"{"resourceType":"Observation","valueQuantity":{"value":1.50}}"#,
    );
    assert!(String::from_utf8(raw.unwrap()).unwrap().contains("1.50"), "a number stays as it was written");
}
