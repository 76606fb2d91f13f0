//! Every FHIR JSON file of the shared test data goes through without loss.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use serde_json::Value as Json;
use support::{json_files, parse, read, shared};
use tsumugi_fhir::{
    bundle::Bundle,
    json::{Document, Node},
    stamp::{Stamp, stamp},
    values::{Packed, Value, extract, pack, references},
};
use tsumugi_kernel::{Instant, Kind};

fn kind_of(node: Node<'_>) -> Option<Kind> {
    Kind::from_name(&node.get_str("resourceType")?)
}

/// The resources of a document: itself, or those of its entries.
fn resources(document: &Document) -> Vec<Node<'_>> {
    match Bundle::read(document) {
        Ok(bundle) => bundle.resources().collect(),
        Err(_) => vec![document.root()],
    }
}

#[test]
fn every_file_is_stamped_without_loss() {
    let Some(data) = shared() else { return };
    let mut count = 0;
    for path in json_files(&data) {
        let document = read(&path);
        for node in resources(&document) {
            let Some(kind) = kind_of(node) else { continue };
            let stamped =
                stamp(node, &Stamp { id: "a1", version: 3, instant: Instant(0), references: &|_| None, subject: None });
            let mut expected: Json = serde_json::from_str(node.raw()).expect("JSON");
            expected["id"] = "a1".into();
            if expected.get("meta").is_none() {
                expected["meta"] = serde_json::json!({});
            }
            expected["meta"]["versionId"] = "3".into();
            expected["meta"]["lastUpdated"] = "1970-01-01T09:00:00.000+09:00".into();
            let found: Json = serde_json::from_slice(&stamped).expect("JSON");
            assert_eq!(found, expected, "{} {kind}", path.display());
            // Number text and string escapes stay: each is there as often as before.
            let text = String::from_utf8(stamped).expect("text");
            let again = parse(&text);
            assert_eq!(literals(again.root()), literals(node), "{} {kind}", path.display());
            count += 1;
        }
    }
    assert!(count > 300, "only {count} resources were found");
}

/// Every number and string as written, apart from those that a stamp sets.
fn literals(node: Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in node.members() {
        match &*key {
            "id" => {}
            "meta" => found.extend(
                value
                    .members()
                    .filter(|(key, _)| !matches!(&**key, "versionId" | "lastUpdated"))
                    .flat_map(|(_, value)| words(value)),
            ),
            _ => found.extend(words(value)),
        }
    }
    found
}

fn words(node: Node<'_>) -> Vec<String> {
    if node.is_object() || node.is_array() {
        node.items()
            .flat_map(words)
            .chain(node.members().flat_map(|(key, value)| std::iter::once(key.into_owned()).chain(words(value))))
            .collect()
    } else {
        vec![node.raw().to_owned()]
    }
}

#[test]
fn values_come_back_from_their_packed_form_and_are_small() {
    let Some(data) = shared() else { return };
    let mut sizes = Vec::new();
    for path in json_files(&data) {
        let document = read(&path);
        for node in resources(&document) {
            let Some(kind) = kind_of(node) else { continue };
            let values = extract(kind, &node);
            let bytes = pack(&values, "1318814790");
            let packed = Packed::read(&bytes).expect("packed");
            assert_eq!(
                (packed.category(), packed.flags(), packed.day(), packed.source()),
                (values.category, values.flags, values.day, "1318814790")
            );
            assert!(!packed.is_partial());
            let back: Vec<(u16, Value<'_>)> =
                packed.entries().map(|(param, value)| (param, value.to_value())).collect();
            let wanted: Vec<(u16, Value<'_>)> =
                values.entries.iter().map(|entry| (entry.param, entry.value.clone())).collect();
            assert_eq!(back, wanted, "{}", path.display());
            if path.to_string_lossy().contains("/jp-clins/") {
                sizes.push(bytes.len());
            }
        }
    }
    sizes.sort_unstable();
    let middle = sizes[sizes.len() / 2];
    assert!(middle <= 130, "half of the JP-CLINS resources need more than {middle} bytes of values");
}

#[test]
fn each_reference_is_found_once() {
    let Some(data) = shared() else { return };
    for path in json_files(&data.join("jp-clins")) {
        let document = read(&path);
        let found: Vec<String> = references(&document.root()).map(|reference| reference.text.into_owned()).collect();
        let mut expected = Vec::new();
        collect(&serde_json::from_str(document.text()).expect("JSON"), &mut expected);
        let sorted = |mut list: Vec<String>| {
            list.sort();
            list
        };
        assert_eq!(sorted(found), sorted(expected), "{}", path.display());
    }
}

fn collect(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(members) => {
            found.extend(members.get("reference").and_then(Json::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, found));
        }
        Json::Array(items) => items.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}
