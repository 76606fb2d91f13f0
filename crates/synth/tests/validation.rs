//! Everything the town sends passes this project's own checks without an error.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::collections::BTreeMap;

use common::TODAY;
use tsumugi_fhir::{
    Document, Severity,
    json::Limits,
    validate::{clins, structure},
};
use tsumugi_kernel::limits::{BODY_BYTES, JSON_DEPTH};
use tsumugi_synth::{Form, Outgoing, Town, load, story};

/// How often each error is found, by rule and path. Warnings are counted apart.
fn errors(name: &str, bytes: &[u8]) -> Vec<String> {
    let document = Document::parse(bytes.to_vec().into(), &Limits { depth: JSON_DEPTH, bytes: BODY_BYTES })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let root = document.root();
    let mut findings = structure(&root);
    match root.get("type").and_then(|kind| kind.as_str()).as_deref() {
        Some("document") => findings.extend(clins::document(&root)),
        Some("collection") => findings.extend(clins::collection(&root)),
        _ => {}
    }
    findings
        .into_iter()
        .filter(|finding| matches!(finding.severity, Severity::Error | Severity::Fatal))
        .map(|finding| format!("{:?} {} {}", finding.rule, finding.path, finding.en))
        .collect()
}

fn check(all: &[Outgoing]) {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut checked = 0;
    for one in all {
        let Some(bytes) = one.form.bytes() else { continue };
        checked += 1;
        for error in errors(&one.name, bytes) {
            found.entry(error).or_insert_with(|| one.name.clone());
        }
    }
    assert!(checked > 0);
    assert!(found.is_empty(), "error, and where it is first: {found:#?}");
}

#[test]
fn the_story_passes() {
    check(&story::stroke(TODAY).unwrap());
}

#[test]
fn the_town_passes() {
    let town = Town::new(7, 800, TODAY);
    let all: Vec<Outgoing> = (0..800).flat_map(|index| town.person(index).unwrap()).collect();
    assert!(all.iter().any(|one| matches!(one.form, Form::Create(_))));
    check(&all);
}

#[test]
fn documents_for_benchmarks_pass() {
    for (number, bytes) in load::documents(3, 20, 20).chain(load::citizen(3, 4, 300)).enumerate() {
        assert_eq!(errors(&format!("document {number}"), &bytes), Vec::<String>::new());
    }
}

#[test]
fn a_fault_is_found() {
    let all = story::stroke(TODAY).unwrap();
    let one = all.iter().find(|one| one.name == "yamada-labs-2026-02").and_then(|one| one.form.bytes()).unwrap();
    let text = String::from_utf8(one.to_vec()).unwrap();
    let spoilt = text.replace("^2026^", "^1926^");
    assert_ne!(spoilt, text);
    assert!(
        errors("spoilt", spoilt.as_bytes()).iter().any(|error| error.contains("2152")),
        "the identifier's year is not checked"
    );
}
