//! The validator's cases (FHIR/fhir-test-cases, `validator/manifest.json`).
//!
//! Their expected outcomes are texts of another validator; what can be compared is whether a document is refused.

use std::path::Path;

use anyhow::Context;

use super::Suite;

/// The suite of a manifest. Its cases are counted, and not run: see the note.
pub fn run(name: &'static str, manifest: &Path) -> anyhow::Result<Suite> {
    let text = std::fs::read(manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    let read: serde_json::Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is no JSON", manifest.display()))?;
    let cases = read["test-cases"].as_array().map_or(0, Vec::len);
    let note = "expected outcomes are texts of HL7's Java validator; not compared here";
    Ok(Suite { name, not_run: cases, note: Some(note.into()), ..Suite::default() })
}
