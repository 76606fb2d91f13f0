//! The native forms of R4's invariants agree with their FHIRPath, on official examples and on examples with parts of
//! them taken away.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test stops at what must not be")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use support::{base, json_files, of_value, shared};
use tsumugi_fhir::json::{Document, Node};
use tsumugi_fhir_definitions::TypeId;
use tsumugi_fhir_validate::native::stated;
use tsumugi_fhirpath::{Context, Element, Expression, Item};

/// Every element of a resource with its type, itself included.
fn elements<'a>(node: Node<'a>, ty: TypeId, out: &mut Vec<(Node<'a>, TypeId)>) {
    let defs = base().defs();
    let named = node.get_str("resourceType").and_then(|kind| defs.type_named(&kind));
    let ty = named.unwrap_or(ty);
    out.push((node, ty));
    for (key, value) in node.members() {
        let Some((_, ty)) = defs.field(ty, &key) else { continue };
        let inner = if value.is_array() { value.items().collect() } else { vec![value] };
        inner.into_iter().filter(|node| node.is_object()).for_each(|node| elements(node, ty, out));
    }
}

/// Compares both forms at every element of the type; counts answers by key.
fn compare(document: &Document, counts: &mut BTreeMap<(&'static str, bool), usize>) {
    let defs = base().defs();
    let mut all = Vec::new();
    elements(document.root(), TypeId(0), &mut all);
    for (ty, rule) in RULES {
        let wanted = defs.type_named(ty).expect("a type of R4");
        let (key, text, native) = stated().find(|one| one.0 == *rule).expect("a native rule");
        let expression = Expression::prepare(text, defs, Some(wanted)).expect("R4's own FHIRPath");
        for (node, own) in all.iter().filter(|(_, own)| defs.is_a(*own, wanted)) {
            // What `contained` counts for a reference is the outermost resource's in these examples without bundles.
            let context = Context { root_resource: document.root(), ..Context::new(defs, *node, support::NOW) };
            let focus = Item::Node(Element::new(defs, *node, *own, None));
            let answer = expression.is_true(&context, focus).expect("an answer");
            // FHIRPath is silent about dates of different precision, and about text functions on nothing.
            let Some(answer) = answer else { continue };
            let holds = native.holds(*node, document.root());
            assert_eq!(holds, answer, "{key} at {} of {}", document.root().path_to(*node), document.text());
            *counts.entry((key, holds)).or_default() += 1;
        }
    }
}

const RULES: &[(&str, &str)] = &[
    ("DomainResource", "dom-2"),
    ("DomainResource", "dom-3"),
    ("DomainResource", "dom-4"),
    ("DomainResource", "dom-5"),
    ("DomainResource", "dom-6"),
    ("Reference", "ref-1"),
    ("Period", "per-1"),
    ("Quantity", "qty-3"),
    ("ContactPoint", "cpt-2"),
    ("Attachment", "att-1"),
    ("Bundle", "bdl-7"),
    ("Bundle.entry", "bdl-5"),
    ("Bundle.entry", "bdl-8"),
];

/// Copies with one member, or one item of a list, taken away at each place.
fn without_parts(value: &Value) -> Vec<Value> {
    fn places(value: &Value, at: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, inner) in members {
                    out.push(format!("{at}/{key}"));
                    places(inner, &format!("{at}/{key}"), out);
                }
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(place, inner)| places(inner, &format!("{at}/{place}"), out))
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    places(value, "", &mut all);
    let gone = |pointer: &String| {
        let mut copy = value.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        copy.pointer_mut(parent)?.as_object_mut()?.remove(key)?;
        Some(copy)
    };
    all.iter().filter(|pointer| !pointer.ends_with("/resourceType")).filter_map(gone).collect()
}

#[test]
fn native_forms_agree_with_fhirpath() {
    let Some(data) = shared() else { return };
    let mut counts = BTreeMap::new();
    for folder in ["fhir-r4/examples", "jp-clins"] {
        for path in json_files(&data.join(folder)).iter().filter(|path| !path.to_string_lossy().contains("/Bundle-")) {
            compare(&support::read(path), &mut counts);
        }
    }
    let parts = ["fhir-r4/examples/patient-example.json", "jp-clins/Condition-Example-JP-Condition-eCS-01.json"];
    for path in parts {
        for value in without_parts(&support::example(path).expect("the example")) {
            compare(&of_value(&value), &mut counts);
        }
    }
    for value in broken() {
        compare(&of_value(&value), &mut counts);
    }
    for (_, rule) in RULES {
        for holds in [true, false] {
            assert!(counts.contains_key(&(*rule, holds)), "{rule} was never {holds}: {counts:?}");
        }
    }
}

/// What breaks the rules that taking parts away does not.
fn broken() -> Vec<Value> {
    use serde_json::json;
    let inner = |value: Value| json!({"resourceType": "Patient", "contained": [value], "generalPractitioner": [{"reference": "#a"}]});
    let entries = |value: Value| json!({"resourceType": "Bundle", "type": "collection", "entry": value});
    let period = |start: &str, end: &str| json!({"resourceType": "Encounter", "period": {"start": start, "end": end}});
    vec![
        inner(
            json!({"resourceType": "Practitioner", "id": "a", "contained": [{"resourceType": "Patient", "id": "b"}]}),
        ),
        inner(json!({"resourceType": "Practitioner", "id": "a", "meta": {"versionId": "1"}})),
        inner(json!({"resourceType": "Practitioner", "id": "a", "meta": {"security": [{"code": "x"}]}})),
        inner(json!({"resourceType": "Provenance", "id": "b", "target": [{"reference": "#"}]})),
        entries(json!([{"fullUrl": "urn:uuid:1"}, {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient"}}])),
        entries(json!([{"fullUrl": "http://x.y/Patient/1/_history/2", "request": {"method": "GET", "url": "x"}}])),
        period("2026-11-22", "2026-11-21"),
        period("2026-11-22T09:00:00+09:00", "2026-11-22T00:00:00Z"),
        period("2026-11-22T09:00:00+09:00", "2026-11-21T23:59:59Z"),
        period("2026-01", "2026-02"),
        period("2026", "2026"),
        json!({"resourceType": "Observation", "valueQuantity": {"code": "g"}}),
        json!({"resourceType": "Patient", "photo": [{"data": "TWFu"}], "telecom": [{"value": "1"}]}),
    ]
}
