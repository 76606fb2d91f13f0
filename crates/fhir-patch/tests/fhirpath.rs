//! FHIRPath Patch beyond HL7's suite: primitives with extensions, choices, resources, what is refused.

#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use bytes::Bytes;
use proptest::prelude::*;
use tsumugi_fhir::{Document, json::Limits};
use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_patch::{OPERATIONS, PatchFault, Problem, fhirpath_patch};
use tsumugi_kernel::Instant;

fn document(json: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(json.as_bytes()), &Limits::default()).expect(json)
}

/// `Parameters` with operations, each given as its kind, its path and further parts.
fn parameters(operations: &[(&str, &str, &str)]) -> String {
    let operations: Vec<String> = operations
        .iter()
        .map(|(kind, path, parts)| {
            let parts = if parts.is_empty() { String::new() } else { format!(",{parts}") };
            format!(
                r#"{{"name":"operation","part":[{{"name":"type","valueCode":"{kind}"}},{{"name":"path","valueString":"{path}"}}{parts}]}}"#
            )
        })
        .collect();
    format!(r#"{{"resourceType":"Parameters","parameter":[{}]}}"#, operations.join(","))
}

fn apply(before: &str, operations: &[(&str, &str, &str)]) -> Result<String, PatchFault> {
    let patch = document(&parameters(operations));
    let after = fhirpath_patch(document(before).root(), patch.root(), Definitions::r4(), Instant(0))?;
    Ok(String::from_utf8(after).expect("it is text"))
}

fn check(before: &str, kind: &str, path: &str, parts: &str, after: &str) {
    assert_eq!(apply(before, &[(kind, path, parts)]).expect(path), after, "{kind} {path}");
}

const GIVEN: &str = r#"{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,{"id":"g"}]}]}"#;

#[test]
fn values_and_what_stands_beside_them_move_together() {
    let name = |inside: &str| format!(r#"{{"resourceType":"Patient","name":[{{{inside}}}]}}"#);
    let path = "Patient.name[0].given";
    check(GIVEN, "delete", "Patient.name[0].given[0]", "", &name(r#""given":[null,"c"],"_given":[{"id":"g"},null]"#));
    check(GIVEN, "delete", "Patient.name[0].given[1]", "", &name(r#""given":["a","c"]"#));
    check(
        GIVEN,
        "insert",
        path,
        r#"{"name":"index","valueInteger":0},{"name":"value","valueString":"z","_valueString":{"id":"y"}}"#,
        &name(r#""given":["z","a",null,"c"],"_given":[{"id":"y"},null,{"id":"g"},null]"#),
    );
    check(
        GIVEN,
        "move",
        path,
        r#"{"name":"source","valueInteger":1},{"name":"destination","valueInteger":2}"#,
        &name(r#""given":["a","c",null],"_given":[null,null,{"id":"g"}]"#),
    );
    check(
        GIVEN,
        "replace",
        "Patient.name[0].given[1]",
        r#"{"name":"value","valueString":"b"}"#,
        &name(r#""given":["a","b","c"]"#),
    );
    let birth = r#"{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u"}]}}"#;
    check(birth, "delete", "Patient.birthDate", "", r#"{"resourceType":"Patient"}"#);
    check(birth, "delete", "Patient.birthDate.extension[0]", "", r#"{"resourceType":"Patient","birthDate":"2000"}"#);
    check(
        r#"{"resourceType":"Patient","birthDate":"2000"}"#,
        "add",
        "Patient.birthDate",
        r#"{"name":"name","valueString":"extension"},{"name":"value","part":[{"name":"url","valueUri":"u"},{"name":"value","valueCode":"c"}]}"#,
        r#"{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u","valueCode":"c"}]}}"#,
    );
}

#[test]
fn what_becomes_empty_goes() {
    let before = r#"{"resourceType":"Patient","contact":[{"name":{"text":"a"}}],"active":true}"#;
    check(before, "delete", "Patient.contact[0].name.text", "", r#"{"resourceType":"Patient","active":true}"#);
    check(before, "delete", "Patient.photo", "", before);
}

#[test]
fn a_choice_changes_its_key_with_its_type() {
    let before = r#"{"resourceType":"Observation","valueQuantity":{"value":1.50}}"#;
    let after = r#"{"resourceType":"Observation","valueString":"x"}"#;
    check(before, "replace", "Observation.value", r#"{"name":"value","valueString":"x"}"#, after);
    let none = r#"{"resourceType":"Observation"}"#;
    let add = |name: &str| {
        format!(r#"{{"name":"name","valueString":"{name}"}},{{"name":"value","valueQuantity":{{"value":1.50}}}}"#)
    };
    check(none, "add", "Observation", &add("value"), before);
    check(none, "add", "Observation", &add("valueQuantity"), before);
    assert_eq!(
        apply(none, &[("add", "Observation", &add("valueString"))]).expect_err("wrong type").problem,
        Problem::Type
    );
    assert_eq!(
        apply(after, &[("add", "Observation", &add("value"))]).expect_err("there is one").problem,
        Problem::Exists
    );
}

#[test]
fn resources_and_nested_parts_are_values() {
    let none = r#"{"resourceType":"Patient"}"#;
    check(
        none,
        "add",
        "Patient",
        r#"{"name":"name","valueString":"contained"},{"name":"value","resource":{"resourceType":"Basic","id":"b"}}"#,
        r#"{"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"b"}]}"#,
    );
    check(
        none,
        "insert",
        "Patient.contact",
        r#"{"name":"index","valueInteger":0},{"name":"value","part":[{"name":"telecom","valueContactPoint":{"value":"1"}},{"name":"telecom","part":[{"name":"value","valueString":"2"}]},{"name":"gender","valueCode":"male","_valueCode":{"id":"g"}}]}"#,
        r#"{"resourceType":"Patient","contact":[{"telecom":[{"value":"1"},{"value":"2"}],"gender":"male","_gender":{"id":"g"}}]}"#,
    );
    let bundle = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","active":true}}]}"#;
    let after = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","active":false}}]}"#;
    check(bundle, "replace", "Bundle.entry[0].resource.active", r#"{"name":"value","valueBoolean":false}"#, after);
}

#[test]
fn what_is_untouched_stays_as_written() {
    let before = "{\"resourceType\":\"Observation\",\"valueQuantity\":{ \"value\":1.50 },\"status\":\"final\", \"note\":[{\"text\":\"\\u3042\"}]}";
    let after = "{\"resourceType\":\"Observation\",\"valueQuantity\":{ \"value\":1.50 },\"status\":\"amended\",\"note\":[{\"text\":\"\\u3042\"}]}";
    check(before, "replace", "Observation.status", r#"{"name":"value","valueCode":"amended"}"#, after);
}

#[test]
fn each_fault_is_named_with_its_operation() {
    let before = r#"{"resourceType":"Patient","id":"p","active":true,"name":[{"family":"f"},{"family":"g"}],"contained":[{"resourceType":"Basic"}]}"#;
    let value = r#"{"name":"value","valueString":"secret"}"#;
    let name = |name: &str| format!(r#"{{"name":"name","valueString":"{name}"}},{value}"#);
    let at =
        |index: i32| format!(r#"{{"name":"index","valueInteger":{index}}},{{"name":"value","valueHumanName":{{}}}}"#);
    let shift = |from: i32, to: i32| {
        format!(r#"{{"name":"source","valueInteger":{from}}},{{"name":"destination","valueInteger":{to}}}"#)
    };
    for (kind, path, parts, want) in [
        ("jump", "Patient", String::new(), Problem::NotAnOperation),
        ("add", "Patient", value.to_owned(), Problem::NotAnOperation),
        ("add", "Patient", r#"{"name":"name","valueString":"name"}"#.to_owned(), Problem::NotAnOperation),
        ("add", "Patient", r#"{"name":"color","valueString":"name"}"#.to_owned(), Problem::NotAnOperation),
        ("add", "Patient.name[", name("x"), Problem::PathSyntax),
        ("add", "Patient.name", name("text"), Problem::NotSingle),
        ("add", "Patient.photo", name("title"), Problem::NoTarget),
        ("add", "Patient", name("nickname"), Problem::UnknownElement),
        ("add", "Patient", name("active"), Problem::Type),
        ("add", "Patient", name("name"), Problem::Type),
        ("add", "Patient", name("id"), Problem::Exists),
        ("add", "Patient.name.count()", name("x"), Problem::NotElement),
        ("add", "'x'", name("x"), Problem::NotElement),
        (
            "add",
            "Patient.name[0]",
            r#"{"name":"name","valueString":"id"},{"name":"value","_valueString":{"id":"i"}}"#.to_owned(),
            Problem::Type,
        ),
        ("delete", "Patient", String::new(), Problem::Root),
        ("delete", "Patient.name", String::new(), Problem::NotSingle),
        ("delete", "Patient.id", String::new(), Problem::Identity),
        ("replace", "Patient.id", value.to_owned(), Problem::Identity),
        ("replace", "Patient", value.to_owned(), Problem::Root),
        ("replace", "Patient.gender", value.to_owned(), Problem::NoTarget),
        ("replace", "Patient.active", value.to_owned(), Problem::Type),
        ("insert", "Patient.name", at(3), Problem::Index),
        ("insert", "Patient.name", at(-1), Problem::Index),
        ("insert", "Patient.name[1]", at(0), Problem::NotList),
        ("insert", "Patient.name[0]", at(0), Problem::NotList),
        ("insert", "Patient.active", at(0), Problem::NotList),
        ("insert", "Patient.gender", at(0), Problem::NotList),
        ("insert", "Patient.photo", at(0), Problem::Type),
        ("move", "Patient.name", shift(2, 0), Problem::Index),
        ("move", "Patient.name", shift(0, 2), Problem::Index),
        ("move", "Patient.photo", shift(0, 0), Problem::NoTarget),
        ("move", "Patient.name", String::new(), Problem::NotAnOperation),
    ] {
        let fault = apply(before, &[(kind, path, &parts)]).expect_err(path);
        assert_eq!(fault.problem, want, "{kind} {path}");
        let identity = want == Problem::Identity;
        assert_eq!(fault.operation, (!identity).then_some(0), "{kind} {path}");
        assert_eq!(fault.path, if identity { "" } else { "Parameters.parameter[0]" });
        assert!(!format!("{fault}{:?}", fault.finding()).contains("secret"));
    }
    let not = fhirpath_patch(document(before).root(), document("[]").root(), Definitions::r4(), Instant(0));
    assert_eq!(not.expect_err("no Parameters").problem, Problem::NotAPatch);
}

#[test]
fn a_patch_that_fails_late_has_no_result() {
    let good = ("replace", "Patient.active", r#"{"name":"value","valueBoolean":false}"#);
    let bad = ("replace", "Patient.gender", r#"{"name":"value","valueCode":"male"}"#);
    let fault = apply(r#"{"resourceType":"Patient","active":true}"#, &[good, good, bad]).expect_err("the third fails");
    assert_eq!((fault.operation, fault.path.as_str()), (Some(2), "Parameters.parameter[2]"));
}

#[test]
fn operations_growth_and_work_are_bounded() {
    let patient = r#"{"resourceType":"Patient"}"#;
    let add = r#"{"name":"name","valueString":"name"},{"name":"value","valueHumanName":{"text":"a"}}"#;
    let many = vec![("add", "Patient", add); OPERATIONS + 1];
    assert_eq!(apply(patient, &many).expect_err("too many").problem, Problem::TooMany);
    apply(patient, &many[..OPERATIONS]).expect("as many as there may be");
    let explode = "Patient.name.where(%resource.descendants().count() < 0)";
    let names = vec![r#"{"given":["a","b","c"],"family":"d"}"#; 2000].join(",");
    let wide = format!(r#"{{"resourceType":"Patient","name":[{names}]}}"#);
    let found = apply(&wide, &vec![("delete", explode, ""); 100]).expect_err("too much work").problem;
    assert_eq!(found, Problem::TooCostly);
    let large = format!(r#"{{"resourceType":"Patient","name":[{{"text":"{}"}}]}}"#, "a".repeat(4 << 20));
    assert_eq!(
        apply(&large, &vec![("delete", "Patient.photo", ""); 100]).expect_err("too much").problem,
        Problem::TooCostly
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Random operations, wrong ones among them: never a panic, and what comes out is a resource that can be read.
    #[test]
    fn random_operations_never_panic(operations in prop::collection::vec((
        prop::sample::select(vec!["add", "insert", "delete", "replace", "move"]),
        prop::sample::select(vec![
            "Patient", "Patient.name", "Patient.name[0]", "Patient.name[1].given", "Patient.name[0].given[0]", "Patient.name.given",
            "Patient.birthDate", "Patient.birthDate.extension", "Patient.contact", "Patient.contact[0].name.family", "%resource", "1", "Patient.",
        ]),
        prop::sample::select(vec!["name", "given", "family", "extension", "contact", "deceased", "id"]),
        prop::sample::select(vec![
            r#""valueString":"s""#, r#""valueHumanName":{"given":["x"],"_given":[{"id":"i"}]}"#, r#""_valueString":{"id":"i"}"#,
            r#""part":[{"name":"gender","valueCode":"male"}]"#, r#""part":[{"name":"url","valueUri":"u"}]"#, r#""valueBoolean":true"#, r#""valueNothing":1"#,
        ]),
        -1..3_i32, -1..3_i32,
    ), 1..6)) {
        let before = r#"{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u"}]},"name":[{"family":"a"},{"given":["b",null],"_given":[null,{"id":"c"}]}]}"#;
        let operations: Vec<(&str, &str, String)> = operations
            .into_iter()
            .map(|(kind, path, name, value, one, other)| {
                let mut parts = Vec::new();
                match kind {
                    "add" => parts.push(format!(r#"{{"name":"name","valueString":"{name}"}}"#)),
                    "insert" => parts.push(format!(r#"{{"name":"index","valueInteger":{one}}}"#)),
                    "move" => parts.push(format!(
                        r#"{{"name":"source","valueInteger":{one}}},{{"name":"destination","valueInteger":{other}}}"#
                    )),
                    _ => {}
                }
                if matches!(kind, "add" | "insert" | "replace") {
                    parts.push(format!(r#"{{"name":"value",{value}}}"#));
                }
                (kind, path, parts.join(","))
            })
            .collect();
        let borrowed: Vec<_> = operations.iter().map(|(kind, path, parts)| (*kind, *path, parts.as_str())).collect();
        if let Ok(after) = apply(before, &borrowed) {
            let after = document(&after);
            prop_assert!(after.root().get_str("resourceType").as_deref() == Some("Patient"));
            let result = tsumugi_fhir_xml::from_json(after.root(), Definitions::r4());
            prop_assert!(result.is_ok(), "{:?}", result.map(drop));
        }
    }
}
