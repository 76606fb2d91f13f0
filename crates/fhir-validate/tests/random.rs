//! Any JSON is judged: no panic, in bounded time, with bounded findings that repeat no value.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test stops at what must not be")]

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::{base, japan, of_value, validate};
use tsumugi_fhir_validate::Mode;

const KEYS: &[&str] = &[
    "resourceType",
    "id",
    "meta",
    "profile",
    "extension",
    "modifierExtension",
    "url",
    "valueString",
    "contained",
    "entry",
    "resource",
    "fullUrl",
    "type",
    "code",
    "coding",
    "system",
    "identifier",
    "subject",
    "reference",
    "status",
    "name",
    "_name",
    "given",
    "_given",
    "text",
    "div",
    "period",
    "start",
    "end",
    "section",
    "tag",
    "valueQuantity",
    "value",
];
const TEXTS: &[&str] = &[
    "Bundle",
    "Patient",
    "Observation",
    "Composition",
    "document",
    "collection",
    "#a",
    "#",
    "a",
    "Patient/a",
    "urn:uuid:1",
    "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS",
    "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS",
    "2026-11-22",
    "final",
    "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber",
    "",
    " ",
    "<div>x</div>",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(KEYS), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn resource() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(&["Patient", "Observation", "Bundle", "Composition", "Parameters"][..]);
    (kind, any_json()).prop_map(|(kind, mut value)| {
        if let Value::Object(members) = &mut value {
            members.insert("resourceType".into(), kind.into());
        }
        value
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_json_is_judged(value in resource(), mode in 0..3) {
        let document = of_value(&value);
        let mode = [Mode::Resource, Mode::Document, Mode::Collection][usize::try_from(mode).expect("small")];
        for validator in japan().into_iter().chain([base()]) {
            let report = validate(validator, &document, mode);
            prop_assert!(report.findings.len() <= 2 * tsumugi_kernel::limits::FINDINGS + 2);
        }
    }
}

#[test]
fn references_in_circles_and_wide_bundles_end() {
    let Some(validator) = japan() else { return };
    let entries: Vec<Value> = (0..400)
        .map(|at| {
            json!({"fullUrl": format!("urn:uuid:{at}"), "resource": {"resourceType": "Condition", "subject": {"reference": format!("urn:uuid:{}", (at + 1) % 400)}, "evidence": [{"detail": [{"reference": format!("urn:uuid:{}", (at + 7) % 400)}]}]}})
        })
        .collect();
    let value = json!({"resourceType": "Bundle", "type": "document", "meta": {"profile": ["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_eReferral"]}, "entry": entries});
    let watch = tsumugi_kernel::edge::Stopwatch::start();
    assert!(validate(validator, &of_value(&value), Mode::Document).refused());
    assert!(watch.elapsed() < std::time::Duration::from_secs(20), "{:?}", watch.elapsed());
}
