//! Everything the town sends passes this project's own checks without an error.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests fail by panicking, too")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::OnceLock,
};

use common::TODAY;
use tsumugi_fhir::{Document, Finding, Severity, json::Limits};
use tsumugi_fhir_definitions::{Definitions, Package};
use tsumugi_fhir_validate::{Ask, Mode, Validator, clins};
use tsumugi_kernel::{
    Instant,
    limits::{BODY_BYTES, JSON_DEPTH},
};
use tsumugi_synth::{Form, Outgoing, Town, load, story, town::Detail};

/// 2026-11-22.
const NOW: Instant = Instant(1_795_305_600_000);

fn read(name: &str, bytes: &[u8]) -> Document {
    Document::parse(bytes.to_vec().into(), &Limits { depth: JSON_DEPTH, bytes: BODY_BYTES })
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn only_errors(findings: Vec<Finding>) -> Vec<String> {
    findings
        .into_iter()
        .filter(|finding| matches!(finding.severity, Severity::Error | Severity::Fatal))
        .map(|finding| format!("{:?} {} {}", finding.rule, finding.path, finding.en))
        .collect()
}

/// What the native rules alone find.
fn errors(name: &str, bytes: &[u8]) -> Vec<String> {
    let document = read(name, bytes);
    let root = document.root();
    let findings = match root.get("type").and_then(|kind| kind.as_str()).as_deref() {
        Some("document") => clins::document(&root),
        Some("collection") => clins::collection(&root),
        _ => Vec::new(),
    };
    only_errors(findings)
}

/// What the whole validator finds, as the record asks it.
fn errors_by(validator: &Validator, name: &str, bytes: &[u8]) -> Vec<String> {
    let document = read(name, bytes);
    let root = document.root();
    only_errors(validator.validate(root, &Ask { mode: Mode::of(root), ..Ask::at(NOW) }).findings)
}

/// A validator with the packages of JP Core and JP-CLINS; `None` where the shared test data is absent.
fn japan() -> Option<&'static Validator> {
    static JAPAN: OnceLock<Option<Validator>> = OnceLock::new();
    let make = || {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/fhir-packages");
        let names = ["jp-clins.r4-1.5.2-snap.tgz", "jp-core.r4-1.1.2-url.tgz"];
        if !names.iter().all(|name| folder.join(name).is_file()) {
            println!("shared test data absent: skipped");
            return None;
        }
        let read = |name: &str| Package::read(name, &std::fs::read(folder.join(name)).unwrap()).0.unwrap();
        Some(Validator::new(Definitions::with_packages(&names.map(read))))
    };
    JAPAN.get_or_init(make).as_ref()
}

fn check(all: &[Outgoing]) {
    check_by(all, errors);
}

fn check_by(all: &[Outgoing], errors: impl Fn(&str, &[u8]) -> Vec<String>) {
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
    check(&story::all(TODAY).unwrap());
}

#[test]
fn the_town_passes() {
    let town = Town::new(7, 800, TODAY);
    let all: Vec<Outgoing> = (0..800).flat_map(|index| town.person(index).unwrap()).collect();
    assert!(all.iter().any(|one| matches!(one.form, Form::Create(_))));
    check(&all);
}

/// The story and a town of 200, as they are sent.
fn story_and_town() -> Vec<Outgoing> {
    let mut all = story::all(TODAY).unwrap();
    let town = Town::new(1, 200, TODAY);
    all.extend((0..200).flat_map(|index| town.person(index).unwrap()));
    for part in [
        "-discharge-",
        "-referral-",
        "-resident-",
        "-labs-",
        "-conditions-",
        "-allergies-",
        "-in-charge-",
        "-certification-",
        "-care-plan-",
        "-care-month-",
    ] {
        assert!(all.iter().any(|one| one.name.starts_with('p') && one.name.contains(part)), "no {part} in the town");
    }
    all
}

/// What a message of the town is, from its name: `p0000012-visit-eyes-2026-01-02` is `visit-eyes`.
fn kind(name: &str) -> &str {
    name.split_once('-')
        .map_or(name, |(_, rest)| rest.trim_end_matches("-again"))
        .rsplitn(4, '-')
        .last()
        .unwrap_or(name)
}

/// Every kind of message that the town sends.
const KINDS: &[&str] = &[
    "allergies",
    "care-month",
    "care-month-too",
    "care-plan",
    "certification",
    "charge-ended",
    "checkup",
    "checkup-labs",
    "child-birth",
    "child-eighteen-months",
    "child-four-months",
    "child-one-month",
    "child-three-years",
    "claims",
    "conditions-bones",
    "conditions-children",
    "conditions-dialysis",
    "conditions-eyes",
    "conditions-hospital",
    "conditions-internal",
    "conditions-mind",
    "conditions-skin",
    "coverage",
    "coverage-end",
    "discharge",
    "dispensed-eyes",
    "dispensed-teeth",
    "identity",
    "in-charge",
    "in-charge-too",
    "insured",
    "labs-dialysis",
    "labs-hospital",
    "labs-internal",
    "life-log",
    "notice-legionellosis",
    "notice-pertussis",
    "notice-syphilis",
    "notice-tuberculosis",
    "nursed",
    "nursing-station",
    "referral",
    "referral-onward",
    "resident",
    "stay",
    "stay-long",
    "stay-rehabilitation",
    "vaccines",
    "visit-bones",
    "visit-children",
    "visit-dialysis",
    "visit-eyes",
    "visit-hospital",
    "visit-internal",
    "visit-mind",
    "visit-skin",
    "visit-teeth",
    "visit-women",
];

/// Whole lives, and three years of many others.
fn lives() -> Vec<Outgoing> {
    let whole = Town::new(2, 24, TODAY).told(Detail::Whole);
    let mut all: Vec<Outgoing> = (0..24).flat_map(|index| whole.person(index).unwrap()).collect();
    let recent = Town::new(3, 6_000, TODAY).told(Detail::Recent { years: 3 });
    all.extend((0..400).flat_map(|index| recent.person(index).unwrap()));
    // What is rare is looked for among many: a few of each kind.
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for index in 400..6_000 {
        for one in recent.person(index).unwrap() {
            let count = seen.entry(kind(&one.name).to_owned()).or_default();
            *count += 1;
            if *count <= 3 {
                all.push(one);
            }
        }
    }
    all
}

/// Every seventh message, and the first five of each kind: the whole validator is slower than the native rules.
fn some(all: Vec<Outgoing>) -> Vec<Outgoing> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = 0;
    all.into_iter()
        .filter(|one| {
            let count = seen.entry(kind(&one.name).to_owned()).or_default();
            *count += 1;
            number += 1;
            *count <= 5 || number % 40 == 0
        })
        .collect()
}

#[test]
fn whole_lives_pass_and_every_kind_of_message() {
    let all = lives();
    check(&all);
    let some = some(all);
    let kinds: BTreeSet<&str> = some.iter().map(|one| kind(&one.name)).collect();
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), *KINDS, "a kind of message is new, or is not sent any more");
    let validator = Validator::new(Definitions::r4().clone());
    check_by(&some, |name, bytes| errors_by(&validator, name, bytes));
    let Some(japan) = japan() else { return };
    check_by(&some, |name, bytes| errors_by(japan, name, bytes));
}

#[test]
fn the_whole_validator_passes_them_without_packages() {
    let validator = Validator::new(Definitions::r4().clone());
    check_by(&story_and_town(), |name, bytes| errors_by(&validator, name, bytes));
}

#[test]
fn the_profiles_of_japan_pass_them() {
    let Some(validator) = japan() else { return };
    check_by(&story_and_town(), |name, bytes| errors_by(validator, name, bytes));
    for (number, bytes) in load::documents(3, 5, 20).chain(load::citizen(3, 4, 90)).enumerate() {
        assert_eq!(errors_by(validator, &format!("document {number}"), &bytes), Vec::<String>::new());
    }
}

/// A profile that nobody checks passes everything: each of what was once missing is asked for where it is taken away.
#[test]
fn the_profiles_of_japan_are_asked() {
    let Some(validator) = japan() else { return };
    let all = story::stroke(TODAY).unwrap();
    let one = all.iter().find(|one| one.name == "yamada-referral-2026-08").and_then(|one| one.form.bytes()).unwrap();
    let text = String::from_utf8(one.to_vec()).unwrap();
    let spoilt = [
        (r#""code":[{"text":"診療情報提供書発行"}],"#, "", "Composition.event.code"),
        (r#""code":"medical-registration""#, r#""display":"医師""#, "Practitioner.qualification.code.coding.code"),
        (r#""status":"active","intent":"plan""#, EXTENDED, "extension-context"),
    ];
    for (from, to, rule) in spoilt {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let found = errors_by(validator, "spoilt", text.replace(from, to).as_bytes());
        assert!(found.iter().any(|error| error.contains(rule)), "{rule} is not asked for: {found:?}");
    }
}

/// A plan that names the institution in the extension that is not for plans.
const EXTENDED: &str = r#""extension":[{"url":"http://jpfhir.jp/fhir/clins/Extension/StructureDefinition/JP_eCS_InstitutionNumber","valueIdentifier":{"system":"http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no","value":"4911000025"}}],"status":"active","intent":"plan""#;

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
