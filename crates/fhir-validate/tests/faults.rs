//! Valid documents with one thing broken each: what is found, and where.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test stops at what must not be")]

mod support;

use serde_json::{Value, json};
use support::{base, errors, example, japan, of_value, validate};
use tsumugi_fhir::Severity;
use tsumugi_fhir_validate::{Ask, Missing, Mode, Report, Validator};

fn report(validator: &Validator, value: &Value) -> Report {
    validate(validator, &of_value(value), Mode::Resource)
}

/// Every change of the good resource is found as its rule at its path, and nothing else is an error.
#[track_caller]
fn breaks(good: &Value, cases: &[(&str, Value, &str, &str)]) {
    let found = errors(&report(base(), good).findings);
    assert!(found.is_empty(), "the good one has errors: {found:?}");
    for (pointer, value, rule, path) in cases {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let holder = bad.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}"));
        match (holder, value) {
            (Value::Object(members), Value::String(text)) if text == "REMOVE" => {
                drop(members.remove(key).expect("there"))
            }
            (Value::Object(members), value) => drop(members.insert(key.to_owned(), value.clone())),
            (Value::Array(items), value) => items[key.parse::<usize>().expect("a place")] = value.clone(),
            _ => panic!("{pointer}"),
        }
        let found = errors(&report(base(), &bad).findings);
        assert_eq!(found, [((*rule).to_owned(), (*path).to_owned())], "{pointer} := {value}");
    }
}

fn observation() -> Value {
    json!({
        "resourceType": "Observation", "id": "o1", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}], "text": "x"},
        "subject": {"reference": "Patient/1"}, "encounter": {"reference": "#e"},
        "effectiveDateTime": "2026-11-22T09:00:00+09:00", "issued": "2026-11-22T09:00:00.000+09:00",
        "valueQuantity": {"value": 1.50, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"},
        "note": [{"text": "a"}],
        "referenceRange": [{"low": {"value": 1}, "text": "x"}],
        "contained": [{"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB", "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode"}}],
        "component": [{"code": {"text": "y"}, "valueString": "z"}],
    })
}

/// A place, what is put there, and the rule and path of the one error.
type Case = (&'static str, Value, &'static str, &'static str);

/// Members that are missing, of another JSON type, empty, or unknown.
fn of_shape() -> Vec<Case> {
    vec![
        ("/status", json!("REMOVE"), "Observation|Observation.status", "Observation.status"),
        ("/status", json!("done"), "Observation|Observation.status", "Observation.status"),
        ("/status", json!(["final"]), "json-array", "Observation.status"),
        ("/status", json!(5), "element-type", "Observation.status"),
        ("/note", json!({"text": "a"}), "json-array", "Observation.note"),
        ("/note", json!([]), "json-empty", "Observation.note"),
        ("/note", json!([{}]), "json-empty", "Observation.note[0]"),
        ("/note/0", json!("a"), "element-type", "Observation.note[0]"),
        ("/note/0/text", json!(""), "json-empty", "Observation.note[0].text"),
        ("/note/0/text", json!(null), "json-empty", "Observation.note[0].text"),
        ("/surprise", json!(1), "element-unknown", "Observation.surprise"),
        ("/note/0/tekst", json!("b"), "element-unknown", "Observation.note[0].tekst"),
        ("/valueString", json!("b"), "choice-twice", "Observation.valueString"),
        ("/valueAddress", json!({"text": "b"}), "element-unknown", "Observation.valueAddress"),
    ]
}

/// Values, invariants, references, extensions.
fn of_content() -> Vec<Case> {
    vec![
        ("/id", json!("a b"), "id-form", "Observation.id"),
        ("/effectiveDateTime", json!("2026-02-30"), "date-form", "Observation.effectiveDateTime"),
        ("/effectiveDateTime", json!("2026-11-22T09:00"), "date-zone", "Observation.effectiveDateTime"),
        ("/issued", json!("2026-11-22"), "date-form", "Observation.issued"),
        ("/valueQuantity/value", json!("1"), "element-type", "Observation.valueQuantity.value"),
        ("/valueQuantity/system", json!("a b"), "primitive-form", "Observation.valueQuantity.system"),
        ("/valueQuantity/system", json!("REMOVE"), "qty-3", "Observation.valueQuantity"),
        (
            "/valueQuantity/comparator",
            json!("~"),
            "Quantity|Quantity.comparator",
            "Observation.valueQuantity.comparator",
        ),
        ("/referenceRange/0", json!({"appliesTo": [{"text": "x"}]}), "obs-3", "Observation.referenceRange[0]"),
        ("/dataAbsentReason", json!({"text": "x"}), "obs-6", "Observation"),
        (
            "/subject",
            json!({"reference": "Practitioner/1"}),
            "Observation|Observation.subject",
            "Observation.subject.reference",
        ),
        ("/subject", json!({"reference": "Patient/1", "type": "Group"}), "reference-type", "Observation.subject"),
        ("/subject", json!({"reference": "nobody"}), "reference-form", "Observation.subject.reference"),
        ("/contained/0/id", json!("f"), "reference-contained", "Observation.encounter.reference"),
        ("/note/0/id", json!("a"), "ok", ""),
        ("/code/coding/0", json!({"id": "a"}), "ele-1", "Observation.code.coding[0]"),
        (
            "/extension",
            json!([{"url": "http://x.y", "valueString": "a", "extension": [{"url": "b", "valueString": "c"}]}]),
            "ext-1",
            "Observation.extension[0]",
        ),
        (
            "/modifierExtension",
            json!([{"url": "http://x.y", "valueString": "a"}]),
            "extension-unknown-modifier",
            "Observation.modifierExtension[0]",
        ),
        (
            "/text",
            json!({"status": "generated", "div": "<div><script>x</script></div>"}),
            "txt-1",
            "Observation.text.div",
        ),
        ("/_status", json!({"extension": []}), "json-empty", "Observation._status.extension"),
        ("/_note", json!([{"id": "x"}]), "element-unknown", "Observation._note"),
        ("/performer", json!([{"reference": "Practitioner/1"}, null]), "json-empty", "Observation.performer[1]"),
    ]
}

#[test]
fn faults_of_a_resource_are_found_where_they_are() {
    let cases = of_shape().into_iter().chain(of_content());
    let good = observation();
    let (fine, cases): (Vec<_>, Vec<_>) = cases.partition(|case| case.2 == "ok");
    for (pointer, value, ..) in fine {
        let mut good = good.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        good.pointer_mut(parent).expect("there")[key] = value;
        assert_eq!(errors(&report(base(), &good).findings), [], "{pointer}");
    }
    for case in &cases {
        // Moving the contained id breaks `dom-3` as well; R4's two rules for the narrative are one check.
        if matches!(case.2, "reference-contained" | "txt-1") {
            let mut bad = good.clone();
            let (parent, key) = case.0.rsplit_once('/').expect("a pointer");
            bad.pointer_mut(parent).expect("there")[key] = case.1.clone();
            let found = errors(&report(base(), &bad).findings);
            assert!(found.contains(&(case.2.to_owned(), case.3.to_owned())), "{found:?}");
        } else {
            breaks(&good, std::slice::from_ref(case));
        }
    }
}

#[test]
fn ids_arrays_and_contained_resources_are_checked() {
    let patient = json!({
        "resourceType": "Patient", "id": "p",
        "name": [{"id": "n1", "given": ["a", null], "_given": [null, {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}]}, {"id": "n2", "family": "b"}],
        "contact": [{"name": {"family": "c"}}],
    });
    breaks(
        &patient,
        &[
            ("/name/1/id", json!("n1"), "id-twice", "Patient.name[1].id"),
            ("/name/0/given", json!(["a"]), "json-align", "Patient.name[0]._given"),
            ("/name/0/_given", json!([null, null]), "json-empty", "Patient.name[0].given"),
            ("/contact/0", json!({"gender": "male"}), "pat-1", "Patient.contact[0]"),
            ("/contained", json!([{"resourceType": "Organization", "id": "x", "name": "y"}]), "dom-3", "Patient"),
            (
                "/contained",
                json!([{"resourceType": "Nobody", "id": "x"}]),
                "resource-type",
                "Patient.contained[0].resourceType",
            ),
            (
                "/meta",
                json!({"profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns"]}),
                "profile-type",
                "Patient.meta.profile[0]",
            ),
        ][..4],
    );
    let contained = json!({"resourceType": "Patient", "contained": [{"resourceType": "Nobody", "id": "x"}]});
    let found = errors(&report(base(), &contained).findings);
    assert!(found.contains(&("resource-type".into(), "Patient.contained[0].resourceType".into())), "{found:?}");
    let claimed =
        json!({"resourceType": "Patient", "meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/vitalsigns"]}});
    assert_eq!(errors(&report(base(), &claimed).findings), [("profile-type".into(), "Patient.meta.profile[0]".into())]);
}

#[test]
fn profiles_of_r4_itself_are_slices_and_bindings() {
    let mut vital = observation();
    vital["meta"] = json!({"profile": ["http://hl7.org/fhir/StructureDefinition/bodyheight"]});
    vital.as_object_mut().expect("an object").remove("component");
    vital["category"] = json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}]);
    vital["code"] = json!({"coding": [{"system": "http://loinc.org", "code": "8302-2"}]});
    vital["valueQuantity"] = json!({"value": 170, "unit": "cm", "system": "http://unitsofmeasure.org", "code": "cm"});
    assert_eq!(errors(&report(base(), &vital).findings), []);
    let profile = "http://hl7.org/fhir/StructureDefinition/bodyheight";
    let rules = |change: &dyn Fn(&mut Value)| {
        let mut bad = vital.clone();
        change(&mut bad);
        errors(&report(base(), &bad).findings).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    let own = |id: &str| format!("{profile}|{id}");
    let found = rules(&|v| v["category"] = json!([{"text": "x"}]));
    assert!(found.contains(&own("Observation.category:VSCat")), "{found:?}");
    let found = rules(&|v| drop(v.as_object_mut().expect("an object").remove("subject")));
    assert!(found.contains(&own("Observation.subject")), "{found:?}");
    let found = rules(&|v| v["valueQuantity"]["code"] = "km".into());
    assert!(found.iter().any(|rule| rule.starts_with(profile)), "{found:?}");
    let found = rules(&|v| v["code"]["coding"][0]["code"] = "1-8".into());
    assert!(found.iter().any(|rule| rule.starts_with(profile)), "{found:?}");
}

#[test]
fn demands_of_jp_clins_profiles_are_found() {
    let Some(validator) = japan() else { return };
    let Some(good) = example("jp-clins/Bundle-Bundle-CLINS-Referral-Example-01.json") else { return };
    let found = |change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        errors(&validate(validator, &of_value(&bad), Mode::Document).findings)
    };
    assert_eq!(found(&|_| {}), []);
    let has = |found: &[(String, String)], rule: &str| {
        assert!(found.iter().any(|(own, _)| own.contains(rule)), "{rule}: {found:?}")
    };
    // A slice that is required: the section of the referring institution, told apart by its code.
    has(
        &found(&|v| v["entry"][0]["resource"]["section"][0]["code"]["coding"][0]["code"] = "999".into()),
        "Composition.section:referralFromSection",
    );
    // One entry of a slice told apart by profile.
    has(&found(&|v| drop(v["entry"].as_array_mut().expect("entries").remove(1))), "Bundle.entry:patient");
    // A fixed value.
    has(&found(&|v| v["identifier"]["system"] = "http://x.y".into()), "R02151");
    // Required in the profile, not in R4.
    has(
        &found(&|v| drop(v["entry"][1]["resource"].as_object_mut().expect("an object").remove("birthDate"))),
        "JP_Patient_eCS|Patient.birthDate",
    );
    // A reference inside the document that leads nowhere.
    has(
        &found(&|v| {
            v["entry"][0]["resource"]["subject"]["reference"] = "urn:uuid:00000000-0000-4000-8000-000000000000".into()
        }),
        "document-reference",
    );
    // An extension with a value of another type, and one on the wrong element.
    let number = "http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber";
    has(
        &found(&|v| v["entry"][8]["resource"]["extension"] = json!([{"url": number, "valueString": "1318814790"}])),
        "JP_eCS_InstitutionNumber|Extension.value[x]",
    );
    has(
        &found(
            &|v| v["entry"][8]["resource"]["code"]["extension"] = json!([{"url": "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Patient_Race", "valueCodeableConcept": {"text": "x"}}]),
        ),
        "extension-context",
    );
    // Entries and their URLs.
    has(&found(&|v| drop(v["entry"][3].as_object_mut().expect("an object").remove("fullUrl"))), "fullUrl");
    has(
        &found(&|v| v["entry"][3]["fullUrl"] = "http://example.org/fhir/Practitioner/other".into()),
        "bundle-fullurl-id",
    );
    has(&found(&|v| v["entry"][3]["fullUrl"] = v["entry"][2]["fullUrl"].clone()), "bdl-7");
    has(&found(&|v| v["entry"].as_array_mut().expect("entries").swap(0, 1)), "bdl-11");
}

#[test]
fn closed_slices_and_counts_of_slices_are_found() {
    let Some(validator) = japan() else { return };
    let Some(good) = example("jp-clins/Observation-Example-JP-Obs-LabResult-eCS-Alb.json") else { return };
    let found = |change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        errors(&report(validator, &bad).findings)
    };
    assert_eq!(found(&|_| {}), []);
    let profile = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS|";
    let has = |found: &[(String, String)], id: &str| {
        assert!(found.iter().any(|(own, _)| *own == format!("{profile}{id}")), "{id}: {found:?}")
    };
    has(&found(&|v| v["meta"]["tag"] = json!([{"system": "http://x.y", "code": "z"}])), "Observation.meta.tag");
    has(&found(&|v| drop(v.as_object_mut().expect("an object").remove("identifier"))), "Observation.identifier");
    let system = "http://jpfhir.jp/fhir/core/IdSystem/resourceInstance-identifier";
    has(
        &found(&|v| v["identifier"] = json!([{"system": system, "value": "1"}, {"system": system, "value": "2"}])),
        "Observation.identifier:resourceIdentifier",
    );
    has(
        &found(&|v| v["identifier"] = json!([{"system": "http://x.y", "value": "1"}])),
        "Observation.identifier:resourceIdentifier",
    );
    has(&found(&|v| v["category"][0]["coding"][0]["code"] = "x".into()), "Observation.category:laboratory");
    has(
        &found(&|v| {
            drop(v.as_object_mut().expect("an object").remove("valueQuantity"));
            v["valueBoolean"] = true.into();
        }),
        "Observation.value[x]",
    );
}

#[test]
fn what_is_not_loaded_is_said_once() {
    let mut value = observation();
    value["meta"] = json!({"profile": ["http://x.y/StructureDefinition/a", "http://x.y/StructureDefinition/a"]});
    value["extension"] =
        json!([{"url": "http://x.y/e", "valueString": "a"}, {"url": "http://x.y/e", "valueString": "b"}]);
    let report = report(base(), &value);
    assert_eq!(errors(&report.findings), []);
    let names: Vec<_> = report.not_checked.iter().map(|one| (one.what, &*one.name)).collect();
    assert_eq!(names, [(Missing::Profile, "http://x.y/StructureDefinition/a"), (Missing::Extension, "http://x.y/e")]);
    let said =
        report.findings.iter().filter(|one| one.rule.as_deref().is_some_and(|rule| rule.starts_with("not-checked")));
    assert_eq!(said.map(|one| one.severity).collect::<Vec<_>>(), [Severity::Information; 2]);
}

#[test]
fn profiles_that_are_asked_for_hold_too() {
    let document = of_value(&observation());
    let ask = Ask {
        profiles: &["http://hl7.org/fhir/StructureDefinition/vitalsigns", "http://x.y/none"],
        ..Ask::at(support::NOW)
    };
    let report = base().validate(document.root(), &ask);
    assert!(
        errors(&report.findings).iter().any(|(rule, _)| rule.contains("vitalsigns|Observation.category")),
        "{:?}",
        report.findings
    );
    assert!(report.not_checked.iter().any(|one| &*one.name == "http://x.y/none"));
}

#[test]
fn findings_are_bounded_and_errors_come_before_advice() {
    let notes: Vec<Value> = (0..2_000).map(|_| json!({"text": ""})).collect();
    let mut value = observation();
    value["note"] = notes.into();
    let report = report(base(), &value);
    assert!(report.findings.len() <= tsumugi_kernel::limits::FINDINGS + 2, "{}", report.findings.len());
    assert!(report.refused());
}
