//! One mutated copy of an official example per rule; each must trip its rule, and its rule as the first error.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use serde_json::{Value, json};
use support::{of_value, shared};
use tsumugi_fhir::outcome::{Finding, Severity, refused};
use tsumugi_fhir_validate::{Mode, clins};

const TAG: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS";

fn example(name: &str) -> Option<Value> {
    let path = shared()?.join("jp-clins").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).expect("the example can be read")).expect("JSON"))
}

fn errors(findings: &[Finding]) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.refuses());
    errors.map(|finding| finding.rule.as_deref().unwrap_or_default().to_owned()).collect()
}

/// The errors of the observations example after a change.
fn collection(change: impl FnOnce(&mut Value)) -> Option<Vec<String>> {
    let mut value = example("Bundle-Bundle-CLINS-Observations-Example-01.json")?;
    change(&mut value);
    Some(errors(&clins::collection(&of_value(&value).root())))
}

fn document(change: impl FnOnce(&mut Value)) -> Option<Vec<Finding>> {
    let mut value = example("Bundle-Bundle-CLINS-Referral-Example-01.json")?;
    change(&mut value);
    Some(clins::document(&of_value(&value).root()))
}

/// A change of a document, and the rules that it breaks.
type Case = (fn(&mut Value), &'static [&'static str]);

/// A test named after its rule: the change trips the rule and no other.
macro_rules! trips {
    ($($test:ident: $rule:literal, $change:expr;)+) => {$(
        #[test]
        fn $test() {
            let Some(found) = collection($change) else { return };
            assert_eq!(found, [$rule]);
            // With the package's profiles, and without: the rule is said, and once.
            for times in engine($change) {
                assert_eq!(times.get($rule), Some(&1), "{times:?}");
            }
        }
    )+};
}

/// How often each rule is said by the engine, with the packages and without them.
fn engine(change: impl FnOnce(&mut Value)) -> Vec<std::collections::BTreeMap<String, usize>> {
    let Some(mut value) = example("Bundle-Bundle-CLINS-Observations-Example-01.json") else { return Vec::new() };
    change(&mut value);
    let document = of_value(&value);
    let count = |validator| {
        let mut times = std::collections::BTreeMap::new();
        for (rule, _) in support::errors(&support::validate(validator, &document, Mode::Collection).findings) {
            *times.entry(rule).or_default() += 1;
        }
        times
    };
    support::japan().into_iter().chain([support::base()]).map(count).collect()
}

fn patient(value: &mut Value) -> &mut Value {
    &mut value["entry"][0]["resource"]
}

fn lab(value: &mut Value) -> &mut Value {
    &mut value["entry"][1]["resource"]
}

fn drop_member(value: &mut Value, key: &str) {
    value.as_object_mut().expect("an object").remove(key).expect("the member is there");
}

trips! {
    type_must_be_collection: "CLINS-type", |v| v["type"] = "batch".into();
    r0212_patient_profile: "R0212", |v| patient(v)["meta"]["profile"][0] = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCSx".into();
    r0213_bundle_profile: "R0213", |v| drop_member(&mut v["meta"], "profile");
    r02141_tag_is_there: "R02141", |v| drop_member(&mut v["meta"], "tag");
    r02151_identifier_system: "R02151", |v| v["identifier"]["system"] = "http://example.org".into();
    r2152_identifier_institution: "R2152", |v| v["identifier"]["value"] = "1348814790^2024^a".replace("134", "139").into();
    r2152_identifier_length: "R2152", |v| v["identifier"]["value"] = format!("1318814790^2024^{}", "a".repeat(37)).into();
    r2152_identifier_year: "R2152", |v| v["identifier"]["value"] = "1318814790^2019^a".into();
    r1010_local_patient_system: "R1010", |v| patient(v)["identifier"][0]["system"] = "urn:oid:1.2.392.100495.20.3.51.1131881479".into();
    r1012_member_id_missing: "R1012", |v| { patient(v)["identifier"].as_array_mut().expect("a list").remove(1); };
    r1012_member_id_twice: "R1012", |v| { let twice = patient(v)["identifier"][1].clone(); patient(v)["identifier"].as_array_mut().expect("a list").push(twice); };
    r1013_insurer_of_seven_digits: "R1013", |v| patient(v)["identifier"][1]["value"] = "0012345:あ:1:01".into();
    r1013_full_width_space: "R1013", |v| patient(v)["identifier"][1]["value"] = "00012345:あ　い:1:01".into();
    r1013_without_last_colon: "R1013", |v| patient(v)["identifier"][1]["value"] = "00012345:あ:1".into();
    r1013_branch_of_one_digit: "R1013", |v| patient(v)["identifier"][1]["value"] = "00012345:あ:1:5".into();
    r1112_kanji_or_kana: "R1112", |v| for name in patient(v)["name"].as_array_mut().expect("names") { drop_member(name, "extension"); };
    r1113_full_width_space_in_a_name: "R1113", |v| patient(v)["name"][0]["text"] = "牧野　爛漫".into();
    r6021_local_code: "R6021", |v| lab(v)["code"]["coding"][0]["system"] = "http://example.org".into();
    r9012_institution_form: "R9012", |v| lab(v)["extension"][0]["valueIdentifier"]["value"] = "9318814790".into();
    r9013o_contained_encounter: "R9013O", |v| { lab(v)["contained"].as_array_mut().expect("a list").remove(0); };
    r9013o_contained_encounter_of_no_profile: "R9013O", |v| drop_member(&mut lab(v)["contained"][0], "meta");
    r9014o_department: "R9014O", |v| { lab(v)["extension"].as_array_mut().expect("a list").remove(1); };
    r9016o_encounter: "R9016O", |v| drop_member(lab(v), "encounter");
    r9011_institution: "R9011", |v| { lab(v)["extension"].as_array_mut().expect("a list").remove(0); };
}

#[test]
fn r0211_first_entry_is_the_patient() {
    let Some(found) = collection(|v| v["entry"].as_array_mut().expect("entries").swap(0, 1)) else { return };
    assert!(found.contains(&"R0211".to_owned()), "{found:?}");
}

#[test]
fn r02142_one_known_kind_in_the_tag() {
    for change in [
        json!([{"system": TAG, "code": "Encounter"}]),
        json!([{"system": TAG, "code": "Observation"}, {"system": TAG, "code": "Condition"}]),
    ] {
        let Some(found) = collection(|v| v["meta"]["tag"] = change) else { return };
        assert!(found.contains(&"R02142".to_owned()), "{found:?}");
    }
}

#[test]
fn r02143_a_resource_of_the_tagged_kind() {
    let Some(found) = collection(|v| v["meta"]["tag"][0]["code"] = "Condition".into()) else { return };
    assert!(found.contains(&"R02143".to_owned()), "{found:?}");
    assert!(found.contains(&"CLINS-kinds".to_owned()), "{found:?}");
}

#[test]
fn r1011_and_r1021_where_the_patient_names_its_institution() {
    let institution = |number: &str| json!([{"url": "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber", "valueIdentifier": {"value": number}}]);
    for (number, expected) in [("1318814790", &[][..]), ("1318814791", &["R1011"]), ("131881479", &["R1011", "R1021"])]
    {
        let Some(found) = collection(|v| patient(v)["extension"] = institution(number)) else { return };
        assert_eq!(found, expected, "{number}");
    }
}

#[test]
fn member_ids_of_the_specification_are_taken() {
    for value in ["00012345:あいう:１８７:05", "00012345::１８７:", "00012345:::"] {
        let Some(found) = collection(|v| patient(v)["identifier"][1]["value"] = value.into()) else { return };
        assert_eq!(found, Vec::<String>::new(), "{value}");
    }
    let assistance = json!({"system": "http://jpfhir.jp/fhir/clins/Idsystem/JP_PublicPayer_memberID", "value": "12345678::1234567:"});
    let Some(found) = collection(|v| patient(v)["identifier"][1] = assistance) else { return };
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn conditions_need_onset_department_and_encounter() {
    let Some(mut value) = example("Bundle-Bundle-CLINS-Observations-Example-01.json") else { return };
    value["meta"]["tag"][0]["code"] = "Condition".into();
    value["entry"].as_array_mut().expect("entries").truncate(1);
    let condition = json!({"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Condition", "code": {"text": "x"}}});
    value["entry"].as_array_mut().expect("entries").push(condition);
    let found = errors(&clins::collection(&of_value(&value).root()));
    assert_eq!(found, ["R9011", "R9013C", "R9014C", "R9016C", "R9015C"]);
}

#[test]
fn documents_start_with_a_composition_about_their_patient() {
    let first = |change: fn(&mut Value)| document(change).map(|found| errors(&found));
    let Some(found) = first(|v| v["entry"].as_array_mut().expect("entries").swap(0, 1)) else { return };
    assert_eq!(found, ["CLINS-composition"]);
    let cases: [Case; 6] = [
        (|v| v["type"] = "collection".into(), &["CLINS-type"]),
        (|v| v["entry"][0]["resource"]["subject"]["reference"] = "urn:uuid:other".into(), &["CLINS-subject"]),
        (|v| v["entry"][0]["resource"]["type"]["coding"][0]["code"] = "11111-1".into(), &["CLINS-document-type"]),
        (
            |v| {
                v["entry"].as_array_mut().expect("entries").remove(1);
            },
            &["CLINS-patient"],
        ),
        (|v| v["identifier"]["value"] = "x".into(), &["R2152"]),
        (
            |v| {
                v["entry"][0]["resource"]["section"]
                    .as_array_mut()
                    .expect("sections")
                    .retain(|s| s["code"]["coding"][0]["code"] != "910");
            },
            &["CLINS-section"],
        ),
    ];
    for (change, expected) in cases {
        let Some(found) = first(change) else { return };
        assert_eq!(found, expected);
    }
}

#[test]
fn a_referral_of_pdf_alone_is_refused() {
    let pdf = |v: &mut Value| {
        let sections = v["entry"][0]["resource"]["section"].as_array_mut().expect("sections");
        sections.retain(|section| ["910", "920"].iter().any(|code| section["code"]["coding"][0]["code"] == *code));
        sections.push(json!({"code": {"coding": [{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/document-section", "code": "230"}]}}));
    };
    let Some(found) = document(pdf) else { return };
    assert_eq!(errors(&found), ["CLINS-pdf-only"]);
}

#[test]
fn r2011_is_only_a_warning() {
    let medication = |v: &mut Value| {
        for entry in v["entry"].as_array_mut().expect("entries") {
            if entry["resource"]["resourceType"] == "AllergyIntolerance" {
                entry["resource"]["category"] = json!(["medication"]);
                entry["resource"]["criticality"] = "low".into();
            }
        }
    };
    let Some(found) = document(medication) else { return };
    assert!(!refused(&found), "{found:#?}");
    assert!(
        found.iter().any(|finding| finding.rule.as_deref() == Some("R2011") && finding.severity == Severity::Warning)
    );
}

#[test]
fn medicines_need_a_code_and_one_usage() {
    let Some(mut medicine) = example("MedicationRequest-Example-JP-MedReq-PO-SID-28days.json") else { return };
    medicine["meta"]["profile"] = json!(["http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS|1"]);
    let usage = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationUsage_ePrescription";
    let dummy = json!({"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_CLINS_MedicationUsage_Uncoded_CS", "code": "0X0XXXXXXXXX0000"});
    let with = |codings: Value, code_system: Option<&str>| {
        let mut medicine = medicine.clone();
        medicine["dosageInstruction"][0]["timing"]["code"]["coding"] = codings;
        if let Some(system) = code_system {
            medicine["medicationCodeableConcept"]["coding"] = json!([{"system": system, "code": "1"}]);
        }
        document(|v| {
            v["entry"].as_array_mut().expect("entries").push(json!({"fullUrl": "urn:uuid:m", "resource": medicine}))
        })
        .map(|found| errors(&found))
    };
    let coded = json!({"system": usage, "code": "1011000400000000"});
    let cases = [
        (json!([coded]), None, &[][..]),
        (json!([dummy]), Some("urn:oid:1.2.392.100495.20.2.73"), &[]),
        (json!([coded]), Some("http://example.org"), &["R3010"]),
        (json!([{"system": "http://example.org", "code": "1"}]), None, &["R5020"]),
        (json!([coded, dummy]), None, &["R5020", "R5021"]),
    ];
    for (codings, system, expected) in cases {
        let Some(found) = with(codings, system) else { return };
        assert_eq!(found, expected);
    }
}

#[test]
fn discharge_summaries_lacking_sections_are_warned_about() {
    let section = |code: &str| json!({"code": {"coding": [{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/document-section", "code": code}]}});
    let all = ["322", "342", "352", "312", "362", "333", "324", "344", "444", "424"];
    let with = |codes: &[&str]| {
        let mut body = section("300");
        body["section"] = codes.iter().map(|code| section(code)).collect();
        document(|v| {
            v["entry"][0]["resource"]["type"]["coding"][0]["code"] = "18842-5".into();
            v["entry"][0]["resource"]["section"] = json!([body]);
            v["entry"]
                .as_array_mut()
                .expect("entries")
                .retain(|entry| entry["resource"]["resourceType"] != "AllergyIntolerance");
        })
    };
    let Some(found) = with(&all) else { return };
    assert!(found.is_empty(), "{found:#?}");
    let Some(found) = with(&all[1..]) else { return };
    assert_eq!(
        found.iter().map(|f| (f.severity, f.rule.as_deref())).collect::<Vec<_>>(),
        [(Severity::Warning, Some("CLINS-section"))]
    );
}

/// What R4 alone finds wrong with a resource: rules and paths.
fn broken(value: &Value) -> Vec<(String, String)> {
    support::errors(&support::validate(support::base(), &of_value(value), Mode::Resource).findings)
}

#[test]
fn what_the_store_cannot_rely_on_is_named() {
    let cases = [
        (json!([1]), "resource-object", ""),
        (json!({"id": "x"}), "resource-type", ""),
        (json!({"resourceType": "Patients"}), "resource-type", ".resourceType"),
        (json!({"resourceType": "Patient", "id": "a_b"}), "id-form", "Patient.id"),
        (json!({"resourceType": "Patient", "id": 5}), "element-type", "Patient.id"),
        (json!({"resourceType": "Patient", "meta": [1]}), "json-array", "Patient.meta"),
        (json!({"resourceType": "Patient", "meta": {"tag": {"code": "x"}}}), "json-array", "Patient.meta.tag"),
        (json!({"resourceType": "Patient", "meta": {"profile": "x"}}), "json-array", "Patient.meta.profile"),
        (
            json!({"resourceType": "Patient", "identifier": [{"value": 5}]}),
            "element-type",
            "Patient.identifier[0].value",
        ),
        (json!({"resourceType": "Patient", "birthDate": "1930-02-30"}), "date-form", "Patient.birthDate"),
        (json!({"resourceType": "Encounter", "period": {"start": "yesterday"}}), "date-form", "Encounter.period.start"),
        (
            json!({"resourceType": "Observation", "effectiveDateTime": "2026-11-22T09:00:00"}),
            "date-zone",
            "Observation.effectiveDateTime",
        ),
        (json!({"resourceType": "Observation", "subject": "Patient/1"}), "element-type", "Observation.subject"),
        (
            json!({"resourceType": "Observation", "subject": {"reference": "Patients/1"}}),
            "reference-form",
            "Observation.subject.reference",
        ),
        (
            json!({"resourceType": "Observation", "encounter": {"reference": "#e"}}),
            "reference-contained",
            "Observation.encounter.reference",
        ),
        (
            json!({"resourceType": "Observation", "contained": [{"resourceType": "Encounter"}]}),
            "contained",
            "Observation.contained[0]",
        ),
        (json!({"resourceType": "Observation", "note": []}), "json-empty", "Observation.note"),
        (json!({"resourceType": "Observation", "code": {"text": null}}), "json-empty", "Observation.code.text"),
        (
            json!({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {"resourceType": "Patient", "id": "?"}}]}),
            "id-form",
            "Bundle.entry[0].resource.id",
        ),
    ];
    let other = cases.iter().filter_map(|(value, rule, path)| {
        let found = broken(value);
        let named = found.iter().any(|(named, at)| named == rule && at == path);
        (!named).then(|| format!("{value}: {rule} at {path} is not among {found:?}"))
    });
    assert_eq!(other.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn good_references_and_dates_are_let_through() {
    let good = json!({
        "resourceType": "Observation", "id": "a.b-C1", "status": "final", "code": {"text": "CRP"},
        "contained": [{"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}}],
        "subject": {"reference": "Patient/1/_history/2"}, "encounter": {"reference": "#e"}, "_status": {"id": "s"},
        "performer": [{"reference": "urn:uuid:6a31db8e"}, {"reference": "https://example.org/fhir/Practitioner/1"}, {"reference": "Practitioner?identifier=x|1"}],
        "effectiveDateTime": "2026-11", "issued": "2026-11-22T09:00:00.5+09:00",
    });
    assert_eq!(broken(&good), []);
}

#[test]
fn findings_of_a_hopeless_document_are_bounded() {
    let entries: Vec<Value> = (0..3_000).map(|_| json!({"resource": {"resourceType": "Patient", "id": "?"}})).collect();
    let value = json!({"resourceType": "Bundle", "type": "batch", "entry": entries});
    let found = broken(&value).len();
    let most = tsumugi_kernel::limits::FINDINGS;
    assert!((most..=2 * most + 2).contains(&found), "{found}");
}
