//! What several test files need: the shared test data, and documents from text.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use bytes::Bytes;
use tsumugi_fhir::json::{Document, Limits};

/// The shared test data, or `None` (said on standard output) where it is absent.
pub fn shared() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    println!("shared test data absent: skipped");
    None
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
    let bytes = std::fs::read(path).expect("the file can be read");
    Document::parse(Bytes::from(bytes), &Limits::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document of a text.
pub fn parse(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), &Limits::default())
        .unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The document of a `serde_json` value.
pub fn of_value(value: &serde_json::Value) -> Document {
    parse(&value.to_string())
}
