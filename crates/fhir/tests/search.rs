//! Searches against hand-made facts.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what must not be, and says what it skips"
)]

mod support;

use serde_json::{Value as Json, json};
use support::of_value;
use tsumugi_fhir::{
    outcome::IssueType,
    search::{Query, Sort, SortBy},
    values::{Packed, extract, pack},
};
use tsumugi_kernel::{Instant, Kind, limits};

fn query(kind: &str, search: &[(&str, &str)]) -> Query {
    let pairs: Vec<(String, String)> =
        search.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Query::parse(Kind::from_name(kind), &pairs, false).unwrap_or_else(|findings| panic!("{search:?}: {findings:#?}"))
}

fn hits(fact: &Json, search: &[(&str, &str)]) -> bool {
    let name = fact["resourceType"].as_str().expect("a type");
    let document = of_value(fact);
    let bytes = pack(&extract(Kind::from_name(name).expect("a kind"), &document.root()), "1318814790");
    query(name, search).matches(&Packed::read(&bytes).expect("packed"))
}

fn potassium() -> Json {
    json!({
        "resourceType": "Observation", "status": "final",
        "meta": {"tag": [{"system": "http://t", "code": "LTS"}], "profile": ["http://p/K|1"]},
        "identifier": [{"system": "http://i", "value": "a,b|c"}],
        "category": [{"coding": [{"system": "http://c", "code": "laboratory"}]}],
        "code": {"coding": [{"code": "plain"}, {"system": "urn:oid:1.2.392.200119.4.504", "code": "3H015"}]},
        "subject": {"reference": "Patient/1"}, "encounter": {"reference": "Encounter/e1"},
        "effectiveDateTime": "2026-11-22",
    })
}

#[test]
fn tokens() {
    let jlac = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
    let fact = potassium();
    for (name, value, expected) in [
        ("code", "3H015", true),
        ("code", "3h015", false),
        ("code", "x,3H015", true),
        ("code", &format!("{jlac}|3H015"), true),
        ("code", "urn:oid:1.2.392.200119.4.504|3H015", true),
        ("code", "http://loinc.org|3H015", false),
        ("code", &format!("{jlac}|"), true),
        ("code", "http://loinc.org|", false),
        ("code", "|plain", true),
        ("code", "|3H015", false),
        ("code:not", "3H015", false),
        ("code:not", "x", true),
        ("code:missing", "false", true),
        ("code:missing", "true", false),
        ("category", "http://c|laboratory", true),
        ("status", "final", true),
        ("status", "preliminary,final", true),
        ("status", "amended", false),
        ("identifier", "http://i|a\\,b\\|c", true),
        ("identifier", "a\\,b\\|c", true),
        ("identifier", "a,b", false),
        ("_tag", "http://t|LTS", true),
        ("_tag", "http://u|LTS", false),
        ("_profile", "http://p/K", true),
        ("_profile", "http://p/K|1", true),
        ("_profile", "http://p/", false),
        ("encounter", "Encounter/e1", true),
        ("encounter", "e1", true),
        ("encounter", "https://tsumugi.example/fhir/R4/Encounter/e1", true),
        ("encounter", "Patient/e1", false),
        ("encounter:Encounter", "e1", true),
        ("encounter", "e2", false),
    ] {
        assert_eq!(hits(&fact, &[(name, value)]), expected, "{name}={value}");
    }
    assert!(hits(&fact, &[("code", "3H015"), ("code", "plain"), ("status", "final")]));
    assert!(!hits(&fact, &[("code", "3H015"), ("status", "amended")]));
}

#[test]
fn dates_are_spans_in_japans_time() {
    let at = |date: &str| json!({"resourceType": "Observation", "effectiveDateTime": date});
    for (fact, search, expected) in [
        // A day is wholly within its month and year, not the other way round.
        ("2026-11-22", "2026-11-22", true),
        ("2026-11-22", "eq2026-11", true),
        ("2026-11-22", "2026", true),
        ("2026-11", "2026-11-22", false),
        ("2026-11-22", "ne2026-11-22", false),
        ("2026-11-22", "ne2026-11-23", true),
        // A time with a zone falls into Japan's day.
        ("2026-11-21T15:00:00Z", "2026-11-22", true),
        ("2026-11-21T14:59:59Z", "2026-11-22", false),
        ("2026-11-22T14:59:59.999Z", "2026-11-22", true),
        ("2026-11-22T15:00:00Z", "2026-11-22", false),
        // A time without a zone is Japan's.
        ("2026-11-22T09:00:00", "2026-11-22T00:00:00Z", true),
        ("2026-11-22T09:00:00+09:00", "2026-11-22T09:00:00", true),
        ("2026-11-22T09:00:00+09:00", "2026-11-22T09:00:00 09:00", true),
        ("2026-11-22T09:00:30+09:00", "2026-11-22T09:00", true),
        // Prefixes at the edges.
        ("2026-11-22", "gt2026-11-21", true),
        ("2026-11-22", "gt2026-11-22", false),
        ("2026-11-22", "ge2026-11-22", true),
        ("2026-11-22", "ge2026-11-23", false),
        ("2026-11-22", "lt2026-11-23", true),
        ("2026-11-22", "lt2026-11-22", false),
        ("2026-11-22", "le2026-11-22", true),
        ("2026-11-22", "le2026-11-21", false),
        ("2026-11-22", "sa2026-11-21", true),
        ("2026-11-22", "sa2026-11-22", false),
        ("2026-11-22", "eb2026-11-23", true),
        ("2026-11-22", "eb2026-11-22", false),
        // A fact of less precision reaches over the wanted day.
        ("2026", "gt2026-11-22", true),
        ("2026", "lt2026-11-22", true),
        ("2026", "sa2026-11-22", false),
        ("2026", "eb2026-11-22", false),
        ("2024-02-29", "2024-02", true),
        ("2026-12-31T23:59:59+09:00", "2026", true),
        ("2026-12-31T23:59:59Z", "2026", false),
        ("2026-11-22", "2026-01-01,2026-11-22", true),
    ] {
        assert_eq!(hits(&at(fact), &[("date", search)]), expected, "{fact} against {search}");
    }
    assert!(hits(&at("2026-11-22"), &[("date", "ge2026-11-01"), ("date", "lt2026-12-01")]));
    assert!(!hits(&at("2026-12-01"), &[("date", "ge2026-11-01"), ("date", "lt2026-12-01")]));
    assert!(!hits(&json!({"resourceType": "Observation"}), &[("date", "ne2026")]), "no date, no match");
}

#[test]
fn open_periods() {
    let stay = |period: Json| json!({"resourceType": "Encounter", "period": period});
    let open = stay(json!({"start": "2026-11-01"}));
    assert!(hits(&open, &[("date", "gt2030")]));
    assert!(hits(&open, &[("date", "ge2026-11-22")]));
    assert!(!hits(&open, &[("date", "eb2026-11-22")]));
    assert!(!hits(&open, &[("date", "2026")]));
    assert!(hits(&open, &[("date", "sa2026-10-31")]));
    let since_ever = stay(json!({"end": "2026-11-01"}));
    assert!(hits(&since_ever, &[("date", "lt1900")]));
    assert!(hits(&since_ever, &[("date", "eb2026-11-02")]));
    assert!(hits(&stay(json!({"start": "2026-11-01", "end": "2026-11-30"})), &[("date", "2026-11")]));
}

#[test]
fn conditions_allergies_and_people() {
    let condition = json!({
        "resourceType": "Condition", "clinicalStatus": {"coding": [{"system": "http://s", "code": "active"}]},
        "onsetDateTime": "2020-01-01", "recordedDate": "2021-01-01",
    });
    assert!(hits(
        &condition,
        &[("clinical-status", "active"), ("onset-date", "2020"), ("recorded-date", "2021"), ("date", "2020")]
    ));
    assert!(!hits(&condition, &[("recorded-date", "2020")]));
    let request = json!({"resourceType": "MedicationRequest", "intent": "order", "authoredOn": "2026-11-22", "medicationCodeableConcept": {"coding": [{"code": "m"}]}});
    assert!(hits(&request, &[("code", "m"), ("authoredon", "2026-11-22"), ("intent", "order")]));
    let person = json!({"resourceType": "Patient", "gender": "female", "birthDate": "1948-03-04", "name": [{"text": "髙橋 ハナ", "family": "髙橋", "given": ["ハナ"]}]});
    for (name, value, expected) in [
        ("name", "高橋", true),
        ("name", "はな", true),
        ("name", "ﾊﾅ", true),
        ("name", "橋", false),
        ("name:exact", "髙橋はな", true),
        ("name:exact", "髙", false),
        ("gender", "female", true),
        ("birthdate", "1948-03", true),
        ("birthdate", "lt1948", false),
    ] {
        assert_eq!(hits(&person, &[(name, value)]), expected, "{name}={value}");
    }
}

#[test]
fn what_stands_outside_the_values() {
    let query = query(
        "Observation",
        &[
            ("patient", "Patient/1,2"),
            ("subject:Patient", "3"),
            ("_id", "a,b"),
            ("_id", "b,c"),
            ("_lastUpdated", "ge2026-11-22"),
            ("_sort", "-date,_id"),
            ("_count", "7"),
            ("_page", "x:y"),
            ("_format", "json"),
        ],
    );
    assert_eq!(query.patients(), ["Patient/1", "2", "Patient/3"]);
    assert_eq!(query.ids(), Some(&["b".to_owned()][..]));
    assert!(query.wants_id("b") && !query.wants_id("a"));
    let midnight = 1_795_273_200_000; // 2026-11-22T00:00:00+09:00
    assert!(query.wants_updated(Instant(midnight)) && !query.wants_updated(Instant(midnight - 1)));
    assert_eq!(query.sort(), [Sort { by: SortBy::Date, descending: true }, Sort { by: SortBy::Id, descending: false }]);
    assert_eq!((query.count(), query.page()), (Some(7), Some("x:y")));
    assert!(query.wants_kind(Kind::OBSERVATION) && !query.wants_kind(Kind::PATIENT));
}

#[test]
fn searches_over_kinds_name_them() {
    let pairs = [("_type".to_owned(), "Observation,Condition".to_owned())];
    let query = Query::parse(None, &pairs, false).expect("a search");
    assert!(query.wants_kind(Kind::OBSERVATION) && !query.wants_kind(Kind::PATIENT));
    assert!(Query::parse(None, &[], false).expect("a search").wants_kind(Kind::PATIENT));
}

#[test]
fn what_is_not_understood_is_a_finding() {
    let parse = |name: &str, value: &str, lenient| {
        Query::parse(Some(Kind::OBSERVATION), &[(name.to_owned(), value.to_owned())], lenient)
    };
    for name in [
        "nonsense",
        "clinical-status",
        "code:text",
        "subject.name",
        "_has:Observation:patient:code",
        "_include",
        "date:exact",
        "_type",
        "encounter:Nothing",
    ] {
        let findings = parse(name, "x", false).expect_err(name);
        assert_eq!((findings.len(), findings[0].code), (1, IssueType::NotSupported), "{name}");
        assert_eq!(parse(name, "x", true).expect("lenient").ignored(), [name]);
    }
    for (name, value) in [
        ("date", "2026-13"),
        ("date", "ap2026"),
        ("date", ""),
        ("code", ""),
        ("code", "|"),
        ("code", "a|b|c"),
        ("code", "a,"),
        ("_count", "-1"),
        ("_count", "many"),
        ("_sort", "code"),
        ("code:missing", "perhaps"),
        ("_lastUpdated", "soon"),
    ] {
        for lenient in [false, true] {
            let findings = parse(name, value, lenient).expect_err(value);
            assert_eq!(findings[0].code, IssueType::Value, "{name}={value}");
        }
    }
    assert_eq!(parse("_count", "99999999", false).expect("a search").count(), Some(limits::PAGE_MOST));
    let many: Vec<(String, String)> = (0..200).map(|_| ("code".to_owned(), "x".to_owned())).collect();
    assert_eq!(Query::parse(None, &many, true).expect_err("too many")[0].code, IssueType::TooCostly);
    assert_eq!(parse("code", &"x,".repeat(5_000), false).expect_err("too many")[0].code, IssueType::TooCostly);
    let odd = parse("a\"b\u{3042}", "x", false).expect_err("odd");
    assert!(!odd[0].en.contains('"'), "an odd name is not repeated");
}
