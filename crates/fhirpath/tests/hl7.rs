//! HL7's R4 suite. Every case passes but those listed, and a listed case that passes fails the run, so that the list can
//! only be true.

use std::path::PathBuf;

use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhirpath::suite::{self, OwnType};
use tsumugi_kernel::clock::Instant;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fhir-r4/fhirpath")
}

/// The JSON of an input: made from the XML that the suite names, or the JSON twin where only that lies there.
fn input(name: &str) -> Option<Vec<u8>> {
    let path = folder().join("input").join(name);
    match std::fs::read(&path) {
        Ok(json) if name.ends_with(".json") => Some(json),
        Ok(xml) => tsumugi_fhir_xml::to_json(&xml, Definitions::r4(), &Default::default()).ok(),
        Err(_) => std::fs::read(path.with_extension("json")).ok(),
    }
}

#[test]
fn hl7s_suite_passes_but_for_the_exceptions() {
    let Ok(xml) = std::fs::read_to_string(folder().join("tests-fhir-r4.xml")) else {
        println!("shared test data absent: skipped");
        return;
    };
    let defs = Definitions::r4();
    let results = suite::run(&xml, defs, Some(&OwnType(defs)), Instant(1_795_000_000_123), input).unwrap();
    assert_eq!(results.len(), 935);
    let mut wrong = Vec::new();
    for case in &results {
        let listed = suite::EXCEPTIONS.iter().any(|(name, _)| *name == case.name);
        match (&case.failure, listed) {
            (Some(failure), false) => wrong.push(format!("{}: {}\n    {failure}", case.name, case.expression)),
            (None, true) => wrong.push(format!("{} is listed as an exception, and passes", case.name)),
            _ => {}
        }
    }
    for (name, _) in suite::EXCEPTIONS {
        assert!(results.iter().any(|case| case.name == *name), "{name} is not in the suite");
    }
    const { assert!(suite::EXCEPTIONS.len() <= 8) };
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
