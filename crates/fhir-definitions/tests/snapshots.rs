//! Snapshots that are generated, against those that were published; and differentials that would explode.
//!
//! HL7's own profiles are compared in the same way by `cargo xtask definitions`, which has their differentials at hand.
#![expect(clippy::expect_used, clippy::panic, reason = "helpers of a test panic as a test does")]

use tsumugi_fhir_definitions::{
    Definitions, Package, Structure,
    compile::{Definition, RawStructure},
    snapshot::{self, SnapshotFault, Source},
};

mod common;
mod made;

struct Loaded<'a>(&'a Definitions);

impl Source for Loaded<'_> {
    fn structure(&self, canonical: &str) -> Option<&Structure> {
        self.0.structure(canonical)
    }
}

fn structures(packages: &[Package]) -> impl Iterator<Item = &RawStructure> {
    packages.iter().flat_map(|package| &package.definitions).filter_map(|(_, definition)| match definition {
        Definition::Structure(raw) => Some(&**raw),
        _ => None,
    })
}

#[test]
fn published_snapshots_of_the_japanese_packages_come_out_of_their_differentials() {
    let packages = common::packages();
    if packages.is_empty() {
        return;
    }
    let definitions = Definitions::with_packages(&packages);
    let (mut all, mut differences) = (0, Vec::new());
    for raw in structures(&packages) {
        let base =
            raw.structure.base.as_deref().and_then(|base| definitions.structure(base)).expect("its base is loaded");
        let generated = snapshot::generate(raw, base, &Loaded(&definitions)).expect("a snapshot");
        let name = raw.structure.url.rsplit('/').next().unwrap_or_default();
        differences.extend(snapshot::compare(&raw.elements(), &generated).into_iter().map(|it| format!("{name} {it}")));
        all += 1;
    }
    assert_eq!(all, 138);
    // The publisher walked into the data type although the differential names a profile of it in the same place; the
    // profile is checked either way.
    let expected = [
        "JP_Medication types: Medication.ingredient.strength.denominator",
        "JP_Medication types: Medication.ingredient.strength.numerator",
    ];
    assert_eq!(differences, expected);
}

#[test]
fn a_package_without_snapshots_is_as_good_as_one_with_them() {
    let packages = common::packages();
    if packages.is_empty() {
        return;
    }
    let published = Definitions::with_packages(&packages);
    let mut bare = packages.clone();
    for (_, definition) in bare.iter_mut().flat_map(|package| &mut package.definitions) {
        if let Definition::Structure(raw) = definition {
            raw.snapshot.clear();
            raw.structure.elements.clear();
        }
    }
    let generated = Definitions::with_packages(&bare);
    assert_eq!(generated.findings(), []);
    for raw in structures(&packages) {
        let (a, b) = (published.structure(&raw.structure.url), generated.structure(&raw.structure.url));
        let (a, b) = (a.expect("published"), b.expect("generated"));
        assert!(b.elements.len() * 10 >= a.elements.len() * 9, "{}: {} {}", a.url, a.elements.len(), b.elements.len());
    }
}

/// A profile of Patient with one differential element.
fn profile(elements: &str) -> RawStructure {
    let text = format!(
        r#"{{"resourceType":"StructureDefinition","url":"http://x/p","kind":"resource","type":"Patient","derivation":"constraint",
        "baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","differential":{{"element":[{elements}]}}}}"#
    );
    match made::definition(&text) {
        Ok(Some(Definition::Structure(raw))) => *raw,
        other => panic!("{other:?}"),
    }
}

fn generate(elements: &str) -> Result<Vec<tsumugi_fhir_definitions::Element>, SnapshotFault> {
    let r4 = Definitions::r4();
    let base = r4.structure("http://hl7.org/fhir/StructureDefinition/Patient").expect("Patient");
    snapshot::generate(&profile(elements), base, &Loaded(r4))
}

#[test]
fn slices_choices_and_data_types_are_walked_into() {
    let elements = generate(
        r#"{"id":"Patient.identifier","path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"},"min":1},
           {"id":"Patient.identifier:mrn","path":"Patient.identifier","sliceName":"mrn","max":"1"},
           {"id":"Patient.identifier:mrn.system","path":"Patient.identifier.system","min":1,"fixedUri":"http://x"},
           {"id":"Patient.deceasedBoolean","path":"Patient.deceasedBoolean","min":1},
           {"id":"Patient.contact.name.family","path":"Patient.contact.name.family","min":1}"#,
    )
    .expect("a snapshot");
    let find = |id: &str| elements.iter().find(|element| &*element.id == id).unwrap_or_else(|| panic!("{id}"));
    assert_eq!((find("Patient.identifier").min, find("Patient.identifier:mrn").max), (1, Some(1)));
    assert!(find("Patient.identifier:mrn").slicing.is_none() && find("Patient.identifier").slicing.is_some());
    assert_eq!(find("Patient.identifier:mrn.system").fixed.as_deref(), Some("\"http://x\""));
    assert_eq!(find("Patient.deceased[x]").types.len(), 1);
    assert_eq!(find("Patient.deceased[x]:deceasedBoolean").min, 1);
    assert_eq!(&*find("Patient.contact.name.family").path, "Patient.contact.name.family");
    let order: Vec<&str> = elements.iter().map(|element| &*element.id).collect();
    let place = |id: &str| order.iter().position(|it| *it == id);
    assert!(place("Patient.identifier") < place("Patient.identifier:mrn"));
    assert!(place("Patient.identifier:mrn.system") < place("Patient.active"));
}

#[test]
fn elements_without_ids_find_their_slices_by_order() {
    let elements = generate(
        r#"{"path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
           {"path":"Patient.identifier","sliceName":"a"},{"path":"Patient.identifier.system","fixedUri":"urn:a"},
           {"path":"Patient.identifier","sliceName":"b"},{"path":"Patient.identifier.system","fixedUri":"urn:b"}"#,
    )
    .expect("a snapshot");
    for (id, fixed) in [("Patient.identifier:a.system", "\"urn:a\""), ("Patient.identifier:b.system", "\"urn:b\"")] {
        assert_eq!(elements.iter().find(|element| &*element.id == id).and_then(|it| it.fixed.as_deref()), Some(fixed));
    }
}

#[test]
fn recursion_ends_and_what_has_no_place_is_named() {
    let deep = format!("Patient{}", ".extension".repeat(5_000));
    let one = format!(r#"{{"id":"{deep}","path":"{deep}"}}"#);
    assert_eq!(generate(&one).expect_err("too deep"), SnapshotFault::TooMany);
    let wide: Vec<String> = (0..9_000)
        .map(|at| format!(r#"{{"id":"Patient.contact:s{at}","path":"Patient.contact","sliceName":"s{at}"}}"#))
        .collect();
    assert_eq!(generate(&wide.join(",")).expect_err("too wide"), SnapshotFault::TooMany);
    let none = r#"{"id":"Patient.nothing","path":"Patient.nothing"}"#;
    assert_eq!(generate(none).expect_err("no place"), SnapshotFault::Element("Patient.nothing".into()));
}
