//! HL7's suites, whole.

#![expect(clippy::print_stdout, reason = "a test without its data says so")]

use std::path::Path;

use tsumugi_fhir_definitions::Definitions;
use tsumugi_fhir_patch::suite;

fn read(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fhir-r4/patch").join(name);
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("shared test data absent: skipped");
    }
    text
}

#[test]
fn json_patch_passes_every_case() {
    let Some(text) = read("json-patch-tests.json") else { return };
    let results = suite::json(&text);
    let failed: Vec<_> = results.iter().filter(|case| !case.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(results.len(), 16);
}

#[test]
fn fhirpath_patch_passes_every_case() {
    let Some(text) = read("fhir-patch-tests.xml") else { return };
    let results = suite::fhirpath(&text, Definitions::r4());
    let failed: Vec<_> = results.iter().filter(|case| !case.passed).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(results.len(), 33);
}

#[test]
fn a_suite_that_is_none_fails() {
    assert!(suite::json("{}").iter().all(|case| !case.passed));
    assert!(suite::json("[{\"doc\":{},\"patch\":[]}]").iter().all(|case| !case.passed));
    assert!(suite::fhirpath("<tests/>", Definitions::r4()).iter().all(|case| !case.passed));
}
