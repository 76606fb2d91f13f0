//! Value sets and code systems: the base's own, and made-up ones for every way of composing.

use std::collections::BTreeSet;

use tsumugi_fhir_definitions::{Definitions, Membership, NotChecked, Strength};

fn r4() -> &'static Definitions {
    Definitions::r4()
}

const GENDER: &str = "http://hl7.org/fhir/ValueSet/administrative-gender";

#[test]
fn a_bound_code_is_judged_with_and_without_its_system() {
    for (system, code, expected) in [
        (None, "male", Membership::In),
        (None, "Male", Membership::Out),
        (Some("http://hl7.org/fhir/administrative-gender"), "other", Membership::In),
        (Some("http://hl7.org/fhir/other"), "other", Membership::Out),
    ] {
        assert_eq!(r4().contains(GENDER, system, code), expected, "{system:?} {code}");
    }
    assert_eq!(r4().contains(&format!("{GENDER}|4.0.1"), None, "male"), Membership::In);
    assert_eq!(r4().expand(GENDER).expect("expandable").len(), 4);
    let missing = NotChecked::ValueSet("http://x/none".into());
    assert_eq!(r4().contains("http://x/none", None, "a"), Membership::NotChecked(missing.clone()));
    assert_eq!(r4().expand("http://x/none"), Err(missing));
}

#[test]
fn grammars_are_judged_by_form() {
    let judge = |set: &str, code: &str| {
        r4().contains(&format!("http://hl7.org/fhir/ValueSet/{set}"), None, code) == Membership::In
    };
    for code in ["application/fhir+json", "text/plain;charset=utf-8", "image/svg+xml; a=b; c=d", "application/vnd.x.y"]
    {
        assert!(judge("mimetypes", code), "{code}");
    }
    for code in ["text", "/plain", "text/", "text/plain;x", "te xt/plain", ""] {
        assert!(!judge("mimetypes", code), "{code}");
    }
    for code in ["ja", "en-US", "zh-Hant-TW", "de-CH-1996", "x-private", "en-a-bbb-x-y"] {
        assert!(judge("all-languages", code), "{code}");
    }
    for code in ["", "j", "ja_JP", "en--US", "en-a", "toolongcode", "日本語"] {
        assert!(!judge("all-languages", code), "{code}");
    }
    for code in ["mg", "kg/m2", "10*3/uL", "mm[Hg]", "{score}", "1"] {
        assert!(judge("ucum-units", code), "{code}");
    }
    for code in ["mgg", "milligram per", "錠", "", "mg/"] {
        assert!(!judge("ucum-units", code), "{code}");
    }
    assert!(r4().expand("http://hl7.org/fhir/ValueSet/mimetypes").is_err());
}

#[test]
fn hierarchies_of_v3_are_walked() {
    let system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode";
    assert_eq!(r4().subsumes(system, "FAMMEMB", "MTH"), Membership::In);
    assert_eq!(r4().subsumes(system, "MTH", "FAMMEMB"), Membership::Out);
    assert_eq!(r4().subsumes(system, "MTH", "MTH"), Membership::In);
    let family = "http://terminology.hl7.org/ValueSet/v3-FamilyMember";
    assert_eq!(r4().contains(family, Some(system), "NMTH"), Membership::In);
    assert_eq!(r4().contains(family, Some(system), "_PersonalRelationshipRoleType"), Membership::Out);
    let snomed = "http://snomed.info/sct";
    assert!(
        matches!(r4().subsumes(snomed, "1", "2"), Membership::NotChecked(NotChecked::CodeSystem(name)) if &*name == snomed)
    );
}

#[test]
fn every_required_binding_of_the_base_is_decided_or_named() {
    let mut bound = BTreeSet::new();
    for structure in r4().structures().filter(|structure| !structure.is_profile) {
        for binding in structure.elements.iter().filter_map(|element| element.binding.as_ref()) {
            if binding.strength == Strength::Required {
                bound.insert(binding.value_set.clone().expect("a required binding names its value set"));
            }
        }
    }
    assert!(bound.len() > 200, "{}", bound.len());
    let reason = |set: &str| match r4().expand(set) {
        Ok(codes) => (codes.is_empty()).then(|| "empty".to_owned()),
        Err(why) => Some(format!("{why:?}")),
    };
    let mut open: Vec<String> = bound.iter().filter_map(|set| Some(format!("{set} {}", reason(set)?))).collect();
    open.sort();
    // Media types and units are judged by form. ISO's currencies and one LOINC list are not in HL7's files.
    let expected = [
        r#"http://hl7.org/fhir/ValueSet/currencies|4.0.1 CodeSystem("urn:iso:std:iso:4217")"#,
        r#"http://hl7.org/fhir/ValueSet/mimetypes|4.0.1 CodeSystem("urn:ietf:bcp:13")"#,
        r#"http://hl7.org/fhir/ValueSet/ucum-units|4.0.1 CodeSystem("http://unitsofmeasure.org")"#,
        r#"http://loinc.org/vs/LL379-9|4.0.1 ValueSet("http://loinc.org/vs/LL379-9|4.0.1")"#,
    ];
    assert_eq!(open, expected);
}
