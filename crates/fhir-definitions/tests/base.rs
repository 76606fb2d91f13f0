//! The embedded base: types, fields, structures, search parameters, compartments.
#![expect(clippy::expect_used, reason = "helpers of a test panic as a test does")]

use std::{fmt::Write as _, path::Path};

use sha2::{Digest, Sha256};
use tsumugi_fhir_definitions::{Definitions, TypeKind};
use tsumugi_kernel::Kind;

fn r4() -> &'static Definitions {
    Definitions::r4()
}

/// The names of a field's types.
fn types_of(ty: &str, field: &str) -> Vec<&'static str> {
    let field = r4().field_named(r4().type_named(ty).expect("type"), field).expect("field");
    field.types.iter().map(|one| &*r4().ty(one.ty).name).collect()
}

#[test]
fn the_pack_is_the_one_whose_hash_is_recorded() {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    let pack = std::fs::read(assets.join("r4.pack")).expect("the pack");
    let record = std::fs::read_to_string(assets.join("SOURCE")).expect("the record");
    let hash = Sha256::digest(&pack).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("strings grow");
        text
    });
    assert!(record.contains(&format!("{hash}  r4.pack")), "run `cargo xtask definitions`");
    assert!(record.contains("CC0"));
    assert!(pack.len() <= 1 << 20, "{} bytes", pack.len());
}

#[test]
fn every_kind_is_a_concrete_resource_with_a_structure() {
    let resource = r4().type_named("Resource").expect("Resource");
    let mut concrete = 0;
    for kind in Kind::all() {
        let id = r4().type_named(kind.name()).unwrap_or_else(|| panic!("{}", kind.name()));
        let ty = r4().ty(id);
        assert_eq!((ty.kind, ty.is_abstract), (TypeKind::Resource, false), "{}", kind.name());
        assert!(r4().is_a(id, resource));
        let url = format!("http://hl7.org/fhir/StructureDefinition/{}", kind.name());
        assert!(!r4().structure(&url).expect("a structure").elements.is_empty());
        concrete += 1;
    }
    let all = r4().types().filter(|(_, ty)| ty.kind == TypeKind::Resource && !ty.is_abstract).count();
    assert_eq!((concrete, all), (146, 146));
}

#[test]
fn choices_have_one_key_for_each_type() {
    let observation = r4().type_named("Observation").expect("type");
    assert_eq!(types_of("Observation", "value").len(), 11);
    let (field, ty) = r4().field(observation, "valueQuantity").expect("field");
    assert_eq!((&*field.name, &*r4().ty(ty).name, field.choice, field.array), ("value", "Quantity", true, false));
    assert!(r4().field(observation, "value").is_none(), "the bare name of a choice is no key");
    assert!(r4().field(observation, "valueAddress").is_none());
    assert!(r4().field(observation, "code").is_some_and(|(field, _)| field.min == 1 && !field.choice));
    assert_eq!(types_of("Extension", "value").len(), 50);
    assert_eq!(
        &*r4().ty(r4().field(r4().type_named("Extension").expect("type"), "valueDateTime").expect("field").1).name,
        "dateTime"
    );
}

#[test]
fn content_references_and_backbones_have_types_of_their_own() {
    assert_eq!(types_of("Bundle.entry", "link"), ["Bundle.link"]);
    assert_eq!(types_of("Questionnaire.item", "item"), ["Questionnaire.item"]);
    assert_eq!(types_of("Observation.component", "referenceRange"), ["Observation.referenceRange"]);
    assert_eq!(types_of("Patient", "contact"), ["Patient.contact"]);
    assert_eq!(types_of("Timing", "repeat"), ["Timing.repeat"]);
    assert_eq!(types_of("Bundle.entry", "resource"), ["Resource"]);
    assert_eq!(types_of("Patient", "contained"), ["Resource"]);
    let named = |name| r4().type_named(name).expect(name);
    assert!(r4().is_a(named("Patient.contact"), named("BackboneElement")));
    assert!(r4().is_a(named("Timing.repeat"), named("Element")));
    assert!(!r4().is_a(named("Timing.repeat"), named("BackboneElement")));
    assert!(r4().field(named("Patient.contact"), "modifierExtension").is_some_and(|(field, _)| field.array));
}

#[test]
fn ids_urls_and_narratives_have_fhirs_types() {
    assert_eq!(types_of("Patient", "id"), ["id"]);
    assert_eq!(types_of("HumanName", "id"), ["string"]);
    assert_eq!(types_of("Extension", "url"), ["uri"]);
    assert_eq!(types_of("Narrative", "div"), ["xhtml"]);
    assert_eq!(types_of("string", "value"), ["System.String"]);
    assert_eq!(types_of("decimal", "value"), ["System.Decimal"]);
    let attribute =
        |ty: &str, name: &str| r4().field_named(r4().type_named(ty).expect(ty), name).expect(name).attribute;
    assert!(attribute("Extension", "url") && attribute("HumanName", "id") && attribute("Patient.contact", "id"));
    assert!(!attribute("Patient", "id") && !attribute("HumanName", "family"));
}

#[test]
fn arrays_modifiers_and_summaries_are_known() {
    let field = |key| r4().field(r4().type_named("Patient").expect("type"), key).expect(key).0;
    assert!(field("name").array && !field("birthDate").array && field("extension").array);
    assert!(field("active").modifier && !field("gender").modifier);
    assert!(field("birthDate").summary && !field("photo").summary);
}

#[test]
fn specialisation_follows_the_bases() {
    let named = |name| r4().type_named(name).expect(name);
    for (ty, ancestor, expected) in [
        ("code", "string", true),
        ("positiveInt", "integer", true),
        ("Age", "Quantity", true),
        ("Patient", "DomainResource", true),
        ("Bundle", "DomainResource", false),
        ("Bundle", "Resource", true),
        ("string", "code", false),
        ("string", "System.String", false),
    ] {
        assert_eq!(r4().is_a(named(ty), named(ancestor)), expected, "{ty} {ancestor}");
    }
}

#[test]
fn primitives_have_patterns_that_compile() {
    let pattern = |name: &str| r4().ty(r4().type_named(name).expect(name)).pattern.as_deref();
    assert_eq!(pattern("id"), Some(r"[A-Za-z0-9\-\.]{1,64}"));
    for (_, ty) in r4().types() {
        if let Some(pattern) = &ty.pattern {
            assert_eq!(ty.kind, TypeKind::Primitive, "{}", ty.name);
            regex::Regex::new(&format!("^(?:{pattern})$")).unwrap_or_else(|error| panic!("{}: {error}", ty.name));
        }
    }
    let without: Vec<_> = r4()
        .types()
        .filter(|(_, ty)| ty.kind == TypeKind::Primitive && ty.pattern.is_none())
        .map(|(_, ty)| &*ty.name)
        .collect();
    assert_eq!(without, ["xhtml"]);
}

#[test]
fn structures_are_found_with_and_without_their_version() {
    let url = "http://hl7.org/fhir/StructureDefinition/vitalsigns";
    let structure = r4().structure(url).expect("vitalsigns");
    assert!(structure.is_profile);
    assert_eq!(&*structure.type_name, "Observation");
    assert!(r4().structure(&format!("{url}|4.0.1")).is_some());
    assert!(r4().structure(&format!("{url}|3.0.0")).is_none(), "another version is not put in its place");
    let code = structure.elements.iter().find(|element| &*element.id == "Observation.category:VSCat.coding.code");
    assert_eq!(code.and_then(|code| code.fixed.as_deref()), Some("\"vital-signs\""));
    let category = structure.elements.iter().find(|element| &*element.id == "Observation.category").expect("category");
    assert_eq!(category.slicing.as_ref().map(|slicing| slicing.discriminators.len()), Some(2));
}

#[test]
fn search_parameters_are_those_of_the_kind_and_of_its_bases() {
    let birthdate = r4().search_param("Patient", "birthdate").expect("birthdate");
    assert_eq!(birthdate.expression.as_deref(), Some("Patient.birthDate | Person.birthDate | RelatedPerson.birthDate"));
    for kind in Kind::all() {
        assert!(r4().search_param(kind.name(), "_lastUpdated").is_some(), "{}", kind.name());
    }
    assert!(r4().search_param("Patient", "_text").is_some() && r4().search_param("Bundle", "_text").is_none());
    assert!(r4().search_param("Patient", "code-value-quantity").is_none());
    let composite = r4().search_param("Observation", "code-value-quantity").expect("composite");
    for part in &composite.components {
        assert!(r4().search_param_by_url(&part.definition).is_some(), "{}", part.definition);
    }
    assert_eq!(r4().search_params("Nothing").len(), 0);
}

#[test]
fn compartments_are_the_five_of_r4() {
    let patient = r4().compartment("Patient").expect("Patient");
    let members = |kind: &str| patient.members.iter().find(|(name, _)| **name == *kind).map(|(_, params)| params.len());
    assert_eq!(members("Observation"), Some(2));
    assert_eq!(members("Medication"), None);
    for code in ["Encounter", "Device", "Practitioner", "RelatedPerson"] {
        assert!(r4().compartment(code).is_some(), "{code}");
    }
}
