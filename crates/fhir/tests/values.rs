//! Categories, flags, days, packing, stamping, subjects and bundles on hand-made resources.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use support::{of_value, parse};
use tsumugi_fhir::{
    bundle::{Bundle, BundleType},
    stamp::{Stamp, stamp},
    values::{Entry, Packed, ReferenceText, Value, Values, extract, pack, params, subject},
};
use tsumugi_kernel::{CitizenId, FactKey, Flags, Instant, Kind, MasterSecret, RecordCategory, Sealer, limits};

fn category(value: Json) -> RecordCategory {
    let document = of_value(&value);
    let kind = Kind::from_name(value["resourceType"].as_str().expect("a type")).expect("a kind");
    extract(kind, &document.root()).category
}

fn coding(system: &str, code: &str) -> Json {
    json!({"coding": [{"system": system, "code": code}]})
}

#[test]
fn categories_follow_the_rules() {
    use RecordCategory as C;
    let observation =
        |category: &str| json!({"resourceType": "Observation", "category": [coding("http://x", category)]});
    let mut infection = observation("laboratory");
    infection["code"] =
        coding("http://jpfhir.jp/fhir/clins/CodeSystem/JLAC10/JP_CLINS_ObsLabResult_InfectionLabo_CS", "1");
    let mut checkup = observation("laboratory");
    checkup["meta"] =
        json!({"profile": ["http://jpfhir.jp/fhir/eCheckup/StructureDefinition/JP_Observation_eCheckup"]});
    let allergy = |category: &str, criticality: &str| json!({"resourceType": "AllergyIntolerance", "category": [category], "criticality": criticality});
    let composition = |code: &str| json!({"resourceType": "Composition", "type": coding("http://loinc.org", code)});
    for (value, expected) in [
        (observation("laboratory"), C::Laboratory),
        (observation("vital-signs"), C::Vital),
        (observation("survey"), C::Other),
        (infection, C::Infection),
        (checkup, C::Checkup),
        (
            json!({"resourceType": "Observation", "code": coding("http://tsumugi.example/fhir/CodeSystem/adl", "barthel-index")}),
            C::Care,
        ),
        (
            json!({"resourceType": "Flag", "category": [coding("http://tsumugi.example/fhir/CodeSystem/precaution", "swallowing")]}),
            C::Precaution,
        ),
        (
            json!({"resourceType": "Observation", "category": [coding("http://tsumugi.example/fhir/CodeSystem/precaution", "moving")]}),
            C::Precaution,
        ),
        (
            json!({"resourceType": "Communication", "category": [coding("http://tsumugi.example/fhir/CodeSystem/care", "note")]}),
            C::Care,
        ),
        (allergy("medication", "high"), C::Contraindication),
        (allergy("medication", "low"), C::Allergy),
        (allergy("food", "high"), C::Allergy),
        (composition("57133-1"), C::Referral),
        (composition("18842-5"), C::Discharge),
        (composition("53576-5"), C::Checkup),
        (composition("56447-6"), C::PatientSummary),
        (composition("1"), C::Other),
        (json!({"resourceType": "Patient"}), C::Identity),
        (json!({"resourceType": "Coverage"}), C::Identity),
        (json!({"resourceType": "MedicationRequest"}), C::Medication),
        (json!({"resourceType": "Immunization"}), C::Vaccination),
        (json!({"resourceType": "Consent"}), C::Mandate),
        (json!({"resourceType": "Claim"}), C::Claims),
        (json!({"resourceType": "CarePlan"}), C::Care),
        (json!({"resourceType": "Condition"}), C::Condition),
        (json!({"resourceType": "Encounter"}), C::Encounter),
        (json!({"resourceType": "Procedure"}), C::Procedure),
        (json!({"resourceType": "ValueSet"}), C::Other),
    ] {
        assert_eq!(category(value.clone()), expected, "{value}");
    }
}

#[test]
fn flags_are_read_from_the_tags_of_jp_clins_only() {
    let system = "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication";
    let tags = json!([{"system": system, "code": "LTS"}, {"system": system, "code": "UNINFORMED"}, {"system": "http://x", "code": "UNDELIVERED"}]);
    let document = of_value(&json!({"resourceType": "Condition", "meta": {"tag": tags}}));
    let values = extract(Kind::from_name("Condition").expect("a kind"), &document.root());
    assert_eq!(values.flags, Flags::LONG_TERM.with(Flags::UNINFORMED));
    assert_eq!(Packed::read(&pack(&values, "x")).expect("packed").flags(), values.flags);
}

#[test]
fn the_day_is_the_relevant_date_in_japans_calendar() {
    for (kind, members, expected) in [
        (
            "Observation",
            json!({"effectiveDateTime": "2026-11-21T15:30:00Z", "issued": "2026-12-01T00:00:00Z"}),
            Some("2026-11-22"),
        ),
        ("Observation", json!({"issued": "2026-12-01T00:00:00Z"}), Some("2026-12-01")),
        ("Condition", json!({"onsetDateTime": "2020", "recordedDate": "2021-05-05"}), Some("2020-01-01")),
        ("Condition", json!({"onsetString": "before the war", "recordedDate": "2021-05-05"}), Some("2021-05-05")),
        ("MedicationRequest", json!({"authoredOn": "2021-05"}), Some("2021-05-01")),
        (
            "Encounter",
            json!({"period": {"start": "2021-05-07T01:00:00+09:00", "end": "2021-05-09"}}),
            Some("2021-05-07"),
        ),
        ("Encounter", json!({"period": {"end": "2021-05-09"}}), Some("2021-05-10")),
        ("Composition", json!({"date": "2021-05-07T23:59:59+09:00"}), Some("2021-05-07")),
        ("Procedure", json!({"performedPeriod": {"start": "2021-05-07"}}), Some("2021-05-07")),
        ("Immunization", json!({"occurrenceDateTime": "1970-01-02"}), Some("1970-01-02")),
        ("Patient", json!({"birthDate": "1948-01-01"}), None),
        ("Observation", json!({"effectiveDateTime": "nonsense"}), None),
    ] {
        let mut value = members.clone();
        value["resourceType"] = kind.into();
        let document = of_value(&value);
        let day = extract(Kind::from_name(kind).expect("a kind"), &document.root()).day;
        let epoch = jiff::civil::date(1970, 1, 1);
        let wanted = expected
            .map(|text| epoch.until(text.parse::<jiff::civil::Date>().expect("a date")).expect("days").get_days());
        assert_eq!(day, wanted, "{value}");
    }
}

#[test]
fn an_id_of_the_server_packs_small_and_comes_back() {
    let sealer = Sealer::new(&MasterSecret::new([7; 32]));
    let id = sealer.seal(FactKey { citizen: CitizenId(5), kind: Kind::PATIENT, number: 9 });
    let document = of_value(
        &json!({"resourceType": "Observation", "status": "final", "subject": {"reference": format!("Patient/{id}")}}),
    );
    let values = extract(Kind::OBSERVATION, &document.root());
    let bytes = pack(&values, "");
    assert!(bytes.len() <= 8 + 3 + 18, "{} bytes", bytes.len());
    let packed = Packed::read(&bytes).expect("packed");
    let back: Vec<Value<'_>> = packed.of(params::PATIENT).map(|value| value.to_value()).collect();
    assert_eq!(back, [Value::Reference { kind: Some(Kind::PATIENT), id: id.into() }]);
}

fn any_value() -> impl Strategy<Value = Value<'static>> {
    let text = || {
        prop_oneof![
            "[a-z]{0,4}",
            "\\PC{0,200}",
            Just("http://loinc.org".to_owned()),
            Just("http://jpfhir.jp/fhir/ePCS/StructureDefinition/JP_Composition_ePCS".to_owned())
        ]
    };
    let moment =
        || prop_oneof![any::<i64>(), -10_000_000_000_000i64..10_000_000_000_000, Just(i64::MIN), Just(i64::MAX)];
    prop_oneof![
        (text(), text()).prop_map(|(system, code)| Value::Token { system: system.into(), code: code.into() }),
        (moment(), moment()).prop_map(|(from, to)| Value::Date { from, to }),
        (moment(), 0..4usize).prop_map(|(from, width)| Value::Date {
            from,
            to: from.saturating_add([1, 1_000, 60_000, 86_400_000][width])
        }),
        (0u8..146, prop_oneof!["[A-Za-z0-9.-]{1,64}", "a[0-7][0-9a-hjkmnp-tv-z]{25}", "a[0-9a-z]{26}"])
            .prop_map(|(kind, id)| Value::Reference { kind: Kind::from_number(kind), id: id.into() }),
        text().prop_map(|id| Value::Reference { kind: None, id: id.into() }),
        text().prop_map(|text| Value::Text(text.into())),
        text().prop_map(|text| Value::Uri(text.into())),
    ]
}

proptest! {
    #[test]
    fn packing_loses_nothing(
        entries in prop::collection::vec((any::<u16>(), any_value()), 0..12),
        category in 0u8..=22, flags in 0u8..8, day in prop::option::of(-1_000_000i32..1_000_000), source in "[a-zA-Z0-9-]{0,64}",
    ) {
        let entries: Vec<Entry<'_>> = entries.into_iter().map(|(param, value)| Entry { param, value }).collect();
        let category = RecordCategory::from_number(category).expect("a category");
        let values = Values { category, flags: Flags(flags), day, entries };
        let bytes = pack(&values, &source);
        let packed = Packed::read(&bytes).expect("packed");
        let back: Vec<Entry<'_>> = packed.entries().map(|(param, value)| Entry { param, value: value.to_value() }).collect();
        prop_assert_eq!(packed.source(), source.as_str());
        prop_assert_eq!(Values { category: packed.category(), flags: packed.flags(), day: packed.day(), entries: back }, values);
    }

    #[test]
    fn damaged_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..80), good in any::<bool>()) {
        if good && bytes.len() > 8 {
            bytes[0] = 1;
            bytes[1] %= 23;
            bytes[7] = 0;
        }
        if let Some(packed) = Packed::read(&bytes) {
            prop_assert!(packed.entries().count() <= bytes.len());
        }
    }
}

#[test]
fn too_many_values_are_cut_and_said_to_be() {
    let codings: Vec<Json> =
        (0..10_000).map(|number| json!({"system": "http://example.org", "code": format!("c{number}")})).collect();
    let document = of_value(&json!({"resourceType": "Observation", "code": {"coding": codings}}));
    let bytes = pack(&extract(Kind::OBSERVATION, &document.root()), "x");
    assert!(bytes.len() <= 64 * 1024);
    assert!(Packed::read(&bytes).expect("packed").is_partial());
}

#[test]
fn the_subject_is_found_in_each_kinds_own_way() {
    for (value, expected) in [
        (json!({"resourceType": "Observation", "subject": {"reference": "Patient/1"}}), Some("Patient/1")),
        (json!({"resourceType": "AllergyIntolerance", "patient": {"reference": "urn:uuid:1"}}), Some("urn:uuid:1")),
        (
            json!({"resourceType": "Coverage", "subscriber": {"reference": "Patient/2"}, "beneficiary": {"reference": "Patient/1"}}),
            Some("Patient/1"),
        ),
        (json!({"resourceType": "Task", "for": {"reference": "Patient/1"}}), Some("Patient/1")),
        (json!({"resourceType": "ResearchSubject", "individual": {"reference": "Patient/1"}}), Some("Patient/1")),
        (
            json!({"resourceType": "Account", "subject": [{"reference": "Device/1"}, {"reference": "Patient/1"}]}),
            Some("Patient/1"),
        ),
        (
            json!({"resourceType": "Appointment", "participant": [{"actor": {"reference": "Practitioner/1"}}, {"actor": {"reference": "Patient/1"}}]}),
            Some("Patient/1"),
        ),
        (json!({"resourceType": "Patient", "link": [{"other": {"reference": "Patient/2"}}]}), None),
        (json!({"resourceType": "Organization"}), None),
    ] {
        let document = of_value(&value);
        let found = subject(&document.root()).and_then(|node| node.get_str("reference").map(|text| text.into_owned()));
        assert_eq!(found.as_deref(), expected, "{value}");
    }
}

#[test]
fn references_are_taken_apart() {
    let patient = Kind::PATIENT;
    for (text, expected) in [
        ("Patient/a-1", ReferenceText::Relative { kind: patient, id: "a-1", version: None }),
        ("Patient/a/_history/2", ReferenceText::Relative { kind: patient, id: "a", version: Some("2") }),
        ("#x", ReferenceText::Contained("x")),
        ("urn:uuid:1", ReferenceText::Urn("urn:uuid:1")),
        ("http://h/Patient/1", ReferenceText::Absolute("http://h/Patient/1")),
        ("Patients/1", ReferenceText::Other("Patients/1")),
        ("Patient/", ReferenceText::Other("Patient/")),
        ("Patient/1/2", ReferenceText::Other("Patient/1/2")),
    ] {
        assert_eq!(ReferenceText::read(text), expected);
    }
}

fn stamped(text: &str) -> String {
    let document = parse(text);
    let rewrite = |text: &str| (text == "urn:uuid:1").then(|| "Patient/a\"9".to_owned());
    let bytes = stamp(
        document.root(),
        &Stamp { id: "a1", version: 2, instant: Instant(0), references: &rewrite, subject: None },
    );
    String::from_utf8(bytes).expect("text")
}

#[test]
fn whom_it_is_about_gets_a_reference_beside_the_identifier() {
    let document = parse(
        r#"{"resourceType":"Basic","subject":{"identifier":{"value":"1"},"display":"x"},"author":{"display":"y"}}"#,
    );
    let at = document.root().get("subject").expect("subject");
    let stamped = stamp(
        document.root(),
        &Stamp { id: "a1", version: 2, instant: Instant(0), references: &|_| None, subject: Some((at, "Patient/p")) },
    );
    let text = String::from_utf8(stamped).expect("text");
    assert!(
        text.ends_with(
            r#""subject":{"reference":"Patient/p","identifier":{"value":"1"},"display":"x"},"author":{"display":"y"}}"#
        ),
        "{text}"
    );
}

#[test]
fn a_stamp_changes_only_what_the_server_sets() {
    let meta = r#""meta":{"versionId":"2","lastUpdated":"1970-01-01T09:00:00.000+09:00""#;
    for (text, expected) in [
        (r#"{"resourceType":"Basic"}"#, format!(r#"{{"resourceType":"Basic","id":"a1",{meta}}}}}"#)),
        (r#"{ "id" : "x", "resourceType":"Basic" }"#, format!(r#"{{"id":"a1",{meta}}},"resourceType":"Basic"}}"#)),
        (
            r#"{"resourceType":"Basic","x":1.50,"meta":{"lastUpdated":"1999","tag":[{"code":"LTS"}],"versionId":"9"},"y":"\u9ad8"}"#,
            format!(r#"{{"resourceType":"Basic","id":"a1","x":1.50,{meta},"tag":[{{"code":"LTS"}}]}},"y":"\u9ad8"}}"#),
        ),
        (
            r##"{"resourceType":"Basic","id":"x","contained":[{"id":"c","s":{"reference":"#c"}}],"subject":{"reference":"urn:uuid:1"},"a":["urn:uuid:1",{"reference":"urn:uuid:2"}]}"##,
            format!(
                r##"{{"resourceType":"Basic","id":"a1",{meta}}},"contained":[{{"id":"c","s":{{"reference":"#c"}}}}],"subject":{{"reference":"Patient/a\"9"}},"a":["urn:uuid:1",{{"reference":"urn:uuid:2"}}]}}"##
            ),
        ),
        (r#"{"x":[],"y":{}}"#, format!(r#"{{"x":[],"y":{{}},"id":"a1",{meta}}}}}"#)),
    ] {
        assert_eq!(stamped(text), expected, "{text}");
    }
}

#[test]
fn bundles_are_read_with_their_requests() {
    let document = of_value(&json!({
        "resourceType": "Bundle", "type": "transaction", "identifier": {"system": "s", "value": "v"},
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient"}, "request": {"method": "PUT", "url": "Patient/1", "ifMatch": "W/\"3\"", "ifNoneExist": "identifier=x"}},
            {"request": {"method": "DELETE", "url": "Patient/2"}},
        ],
    }));
    let bundle = Bundle::read(&document).expect("a bundle");
    assert_eq!(bundle.kind, BundleType::Transaction);
    assert_eq!(bundle.identifier.as_ref().map(|(s, v)| (&**s, &**v)), Some(("s", "v")));
    assert_eq!(bundle.entries.len(), 2);
    let request = bundle.entries[0].request.as_ref().expect("a request");
    assert_eq!((&*request.method, &*request.url), ("PUT", "Patient/1"));
    assert_eq!(
        (request.if_match.as_deref(), request.if_none_exist.as_deref()),
        (Some("W/\"3\""), Some("identifier=x"))
    );
    assert!(bundle.entries[1].resource.is_none());
    assert!(bundle.first().is_some_and(|node| node.get_str("resourceType").as_deref() == Some("Patient")));
}

#[test]
fn what_is_no_bundle_is_said_with_its_place() {
    let entry = |entry: Json| json!({"resourceType": "Bundle", "type": "batch", "entry": entry});
    let many: Vec<Json> = (0..=limits::BUNDLE_ENTRIES).map(|_| json!({"fullUrl": null})).collect();
    for (value, path) in [
        (json!({"resourceType": "Patient"}), ""),
        (json!({"resourceType": "Bundle", "type": "heap"}), "Bundle.type"),
        (entry(json!({})), "Bundle.entry"),
        (entry(json!([1])), "Bundle.entry[0]"),
        (entry(json!([{"resource": {"id": "x"}}])), "Bundle.entry[0].resource"),
        (entry(json!([{"request": {"method": "GET"}}])), "Bundle.entry[0].request"),
        (entry(json!([{"fullUrl": "u"}, {"fullUrl": "v"}, {"fullUrl": "u"}])), "Bundle.entry[2].fullUrl"),
        (entry(json!(many)), "Bundle.entry"),
    ] {
        let document = of_value(&value);
        let findings = Bundle::read(&document).expect_err("no bundle");
        assert_eq!(findings.iter().map(|finding| finding.path.as_str()).collect::<Vec<_>>(), [path]);
        assert!(findings[0].place.is_some());
    }
}
