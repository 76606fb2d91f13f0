//! What several test files need: the shared test data, validators, and documents from text.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use bytes::Bytes;
use tsumugi_fhir::{
    Finding,
    json::{Document, Limits},
};
use tsumugi_fhir_definitions::{Definitions, Package};
use tsumugi_fhir_validate::{Ask, Mode, Report, Validator};
use tsumugi_kernel::Instant;

/// 2026-11-22.
pub const NOW: Instant = Instant(1_795_305_600_000);

/// The shared test data, or `None` (said on standard output) where it is absent.
pub fn shared() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    println!("shared test data absent: skipped");
    None
}

/// A validator over R4 alone.
pub fn base() -> &'static Validator {
    static BASE: OnceLock<Validator> = OnceLock::new();
    BASE.get_or_init(|| Validator::new(Definitions::r4().clone()))
}

/// A validator with the packages of JP Core and JP-CLINS.
pub fn japan() -> Option<&'static Validator> {
    static JAPAN: OnceLock<Option<Validator>> = OnceLock::new();
    let make = || {
        let folder = shared()?.join("fhir-packages");
        let names = ["jp-clins.r4-1.5.2-snap.tgz", "jp-core.r4-1.1.2-url.tgz"];
        let read = |name: &str| Package::read(name, &std::fs::read(folder.join(name)).expect("a package")).0;
        let packages: Vec<Package> = names.into_iter().map(|name| read(name).expect("the package is whole")).collect();
        Some(Validator::new(Definitions::with_packages(&packages)))
    };
    JAPAN.get_or_init(make).as_ref()
}

/// What a document of the shared data is sent as.
pub fn mode(name: &str) -> Mode {
    match () {
        () if name.contains("Bundle-CLINS-Referral") => Mode::Document,
        () if name.contains("Bundle-CLINS-Observations") => Mode::Collection,
        () => Mode::Resource,
    }
}

/// Checks a document.
pub fn validate(validator: &Validator, document: &Document, mode: Mode) -> Report {
    validator.validate(document.root(), &Ask { mode, ..Ask::at(NOW) })
}

/// Rule and path of each error.
pub fn errors(findings: &[Finding]) -> Vec<(String, String)> {
    let errors = findings.iter().filter(|finding| finding.refuses());
    errors.map(|one| (one.rule.as_deref().unwrap_or_default().to_owned(), one.path.clone())).collect()
}

/// Every `.json` file below `folder`.
pub fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(json_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The document in a file.
pub fn read(path: &Path) -> Document {
    parse_bytes(std::fs::read(path).expect("the file can be read"))
}

/// The JSON in a file of the shared data.
pub fn example(path: &str) -> Option<serde_json::Value> {
    Some(serde_json::from_slice(&std::fs::read(shared()?.join(path)).expect("the example can be read")).expect("JSON"))
}

/// The document of a text.
pub fn parse_bytes(text: Vec<u8>) -> Document {
    Document::parse(Bytes::from(text), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// The document of a `serde_json` value.
pub fn of_value(value: &serde_json::Value) -> Document {
    parse_bytes(value.to_string().into_bytes())
}
