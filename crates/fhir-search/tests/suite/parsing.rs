//! What is taken, what is refused, and in which words.

use tsumugi_fhir::outcome::IssueType;
use tsumugi_fhir_search::{Named, Subset, Total};
use tsumugi_kernel::{Kind, limits};

use crate::room::{SEARCH, parse, query};

#[test]
fn what_stands_outside_the_conditions() {
    let asked = query(
        "Observation",
        &[
            ("patient", "Patient/1,2"),
            ("subject:Patient", "3"),
            ("_count", "7"),
            ("_page", "x:y"),
            ("_format", "json"),
            ("_total", "none"),
            ("_summary", "data"),
        ],
    );
    assert_eq!(asked.people(), ["1", "2", "3"].map(|id| Named::Id(id.to_owned())));
    assert_eq!((asked.count(), asked.page(), asked.total()), (Some(7), Some("x:y"), Total::None));
    assert_eq!(asked.subset(), &Subset::Data);
    let by_number = Named::Identifier { system: "http://i".into(), value: "7".into() };
    for (kind, name) in
        [("Observation", "patient:identifier"), ("Observation", "subject.identifier"), ("Patient", "identifier")]
    {
        assert_eq!(query(kind, &[(name, "http://i|7")]).people(), std::slice::from_ref(&by_number), "{name}");
    }
    assert_eq!(query("Patient", &[("_id", "a,b")]).people().len(), 2);
    assert_eq!(query("Coverage", &[("beneficiary", "Patient/1")]).people(), [Named::Id("1".into())]);
    assert!(query("Observation", &[("encounter.subject", "Patient/1"), ("code", "x")]).people().is_empty());
    assert_eq!(query("Observation", &[("_count", "99999999")]).count(), Some(limits::PAGE_MOST));
}

#[test]
fn what_is_not_understood_is_a_finding() {
    let ask = |name: &str, value: &str, lenient| parse(Some("Observation"), &[(name, value)], lenient);
    for name in [
        "nonsense",
        "clinical-status",
        "_type",
        "subject.nonsense",
        "_has:Nothing:patient:code",
        "_has:Condition:nothing:code",
        "_filter",
        "_query",
        "_list",
    ] {
        let findings = ask(name, "x", false).expect_err(name);
        assert_eq!((findings.len(), findings[0].code), (1, IssueType::NotSupported), "{name}");
    }
    assert_eq!(ask("nonsense", "x", true).expect("lenient").ignored(), ["nonsense"]);
    // R4: a modifier that is not served is always refused.
    for name in [
        "code:exact",
        "date:exact",
        "encounter:Nothing",
        "subject:above",
        "value-quantity:not",
        "_id:not",
        "code.x",
        "status:in",
        "code:below",
    ] {
        for lenient in [false, true] {
            let findings = ask(name, "http://x|y", lenient).expect_err(name);
            assert_eq!(findings[0].code, IssueType::NotSupported, "{name}");
        }
    }
    for (name, value) in [
        ("date", "2026-13"),
        ("date", "xx2026"),
        ("date", ""),
        ("code", ""),
        ("code", "|"),
        ("code", "a|b|c"),
        ("code", "a,"),
        ("code:below", "plain"),
        ("identifier:of-type", "a|b"),
        ("value-quantity", "much"),
        ("value-quantity", "5|x"),
        ("value-string", "、。"),
        ("component-code-value-quantity", "a"),
        ("component-code-value-quantity", "a$b"),
        ("_profile:below", "urn:x"),
        ("_count", "-1"),
        ("_count", "many"),
        ("_sort", "nonsense"),
        ("_sort", "code-value-quantity"),
        ("_total", "some"),
        ("_summary", "some"),
        ("_elements", "a b"),
        ("_include", "Observation"),
        ("_include", "Observation:code"),
        ("_include", "Nothing:subject"),
        ("code:missing", "perhaps"),
        ("_lastUpdated", "soon"),
        ("_has:Condition", "x"),
        ("subject:Condition", "Patient/1"),
    ] {
        for lenient in [false, true] {
            let findings = ask(name, value, lenient).expect_err(value);
            assert_eq!(findings[0].code, IssueType::Value, "{name}={value}: {}", findings[0].en);
        }
    }
    let odd = ask("a\"b\u{3042}", "x", false).expect_err("odd");
    assert!(!odd[0].en.contains('"'), "an odd name is not repeated");
}

#[test]
fn searches_are_bounded() {
    let costly = |search: &[(&str, &str)]| {
        let findings = parse(Some("Observation"), search, true).expect_err("too much");
        assert_eq!(findings[0].code, IssueType::TooCostly, "{}", findings[0].en);
    };
    costly(&[("code", "x"); 200]);
    costly(&[("code", &"x,".repeat(5_000))]);
    costly(&[("has-member.has-member.has-member.has-member.has-member.has-member.code", "x")]);
    costly(&[("focus.subject.identifier", "x"), ("focus.focus.focus.status", "x")]);
    costly(&[("_include", "*"); 60]);
    costly(&[("_sort", &"date,".repeat(40))]);
    let nested = format!("{}code", "_has:Observation:has-member:".repeat(8));
    costly(&[(&nested, "x")]);
}

#[test]
fn searches_over_kinds_name_what_they_share() {
    let over = |search: &[(&str, &str)]| parse(None, search, false);
    assert_eq!(over(&[("_type", "Observation,Condition"), ("code", "x"), ("patient", "1")]).unwrap().kinds().len(), 2);
    assert!(over(&[("_type", "Observation,Condition"), ("value-string", "x")]).is_err());
    assert!(over(&[("_type", "Nothing")]).is_err());
    assert!(over(&[("patient", "1")]).unwrap().kinds().is_empty());
}

proptest::proptest! {
    /// Any text is a query or findings.
    #[test]
    fn no_text_breaks_the_parser(
        name in "(_has:|_include|_sort|_elements|code|subject|value-quantity|date|component-code-value-quantity|[a-z:._-]{0,12}){1,3}(:[a-zA-Z-]{0,8})?",
        value in "[a-z0-9|$,\\\\ :./あ-]{0,30}",
    ) {
        for kind in [Some("Observation"), Some("Patient"), None] {
            if let Err(findings) = parse(kind, &[(&name, &value)], false) {
                proptest::prop_assert!(!findings.is_empty());
            }
        }
    }
}

#[test]
fn every_kind_serves_what_its_definitions_say() {
    for kind in Kind::all() {
        let served: Vec<&str> = SEARCH.served(kind).map(|param| &*param.code).collect();
        assert!(served.contains(&"_id") && served.contains(&"_lastUpdated"), "{kind}");
        assert!(!served.contains(&"_filter"));
    }
}
