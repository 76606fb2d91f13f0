//! Dependencies: each direct one says why it is here, and every licence in the lock file is a permissive one.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{Files, Finding};

/// Licences under which anything may be built in.
const PERMISSIVE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Licences that may help the tests but are never shipped.
const TESTS_ONLY: [&str; 1] = ["MPL-2.0"];

/// Every dependency without its reason, outside the workspace's list, or under another licence.
///
/// # Errors
/// If the metadata does not have cargo's shape.
pub fn check(files: &Files, metadata: &Value) -> Result<Vec<Finding>> {
    let manifest = files.get("Cargo.toml").map_or("", String::as_str);
    let mut findings = reasons(manifest);
    findings.extend(strangers(&declared(manifest), metadata)?);
    findings.extend(licences(metadata)?);
    Ok(findings)
}

/// The lines of `[workspace.dependencies]`, with their numbers.
fn lines(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = manifest.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let section = numbered.skip_while(|(_, line)| *line != "[workspace.dependencies]").skip(1);
    section
        .take_while(|(_, line)| !line.starts_with('['))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// The names that the workspace declares.
fn declared(manifest: &str) -> BTreeSet<&str> {
    lines(manifest).filter_map(|(_, line)| line.split_once('=')).map(|(name, _)| name.trim()).collect()
}

/// Dependencies that do not say in their line why they are here.
fn reasons(manifest: &str) -> Vec<Finding> {
    let foreign = lines(manifest).filter(|(_, line)| !line.starts_with("tsumugi-"));
    let silent =
        foreign.filter(|(_, line)| line.rsplit_once('#').is_none_or(|(_, reason)| reason.trim().chars().count() < 8));
    silent
        .map(|(number, line)| {
            Finding::new(format!("Cargo.toml:{number}"), format!("`{line}` does not say why it is here"))
        })
        .collect()
}

/// Dependencies of the workspace's crates that `[workspace.dependencies]` does not list.
fn strangers(declared: &BTreeSet<&str>, metadata: &Value) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for package in array(metadata, "packages")?.iter().filter(|package| package["source"].is_null()) {
        for dependency in array(package, "dependencies")? {
            let name = dependency["rename"].as_str().or(dependency["name"].as_str()).unwrap_or("");
            if !declared.contains(name) {
                let place = package["name"].as_str().unwrap_or("a crate");
                findings.push(Finding::new(
                    place,
                    format!("uses `{name}`; declare it in the root Cargo.toml, with its reason"),
                ));
            }
        }
    }
    Ok(findings)
}

/// Packages whose licence is not permitted where they are used.
fn licences(metadata: &Value) -> Result<Vec<Finding>> {
    let shipped = shipped(metadata)?;
    let mut findings = Vec::new();
    for package in array(metadata, "packages")? {
        let text = |name: &str| package[name].as_str().unwrap_or("");
        let in_tests = !shipped.contains(text("id"));
        let fits = |licence: &str| PERMISSIVE.contains(&licence) || (in_tests && TESTS_ONLY.contains(&licence));
        if !permits(text("license"), &fits) {
            let licence = if text("license").is_empty() { "no licence" } else { text("license") };
            findings.push(Finding::new(
                format!("{} {}", text("name"), text("version")),
                format!("{licence}: not a permissive licence"),
            ));
        }
    }
    Ok(findings)
}

/// The ids of the packages that end up in what is shipped: reached from the workspace without its tests' arrows.
fn shipped(metadata: &Value) -> Result<HashSet<&str>> {
    let mut uses: HashMap<&str, Vec<&str>> = HashMap::new();
    for node in array(&metadata["resolve"], "nodes")? {
        let mut used = Vec::new();
        for dependency in array(node, "deps")? {
            if array(dependency, "dep_kinds")?.iter().any(|kind| kind["kind"] != "dev") {
                used.extend(dependency["pkg"].as_str());
            }
        }
        uses.insert(node["id"].as_str().context("a node without id")?, used);
    }
    let mut waiting: Vec<&str> = array(metadata, "workspace_members")?.iter().filter_map(Value::as_str).collect();
    let mut reached = HashSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            waiting.extend(uses.get(id).into_iter().flatten());
        }
    }
    Ok(reached)
}

/// A member that must be an array.
fn array<'a>(value: &'a Value, name: &'static str) -> Result<&'a Vec<Value>> {
    value[name].as_array().with_context(|| format!("cargo's metadata has no `{name}`"))
}

/// Whether an SPDX expression lets us choose licences that all fit: one side of each `OR` (or `/`), both of each
/// `AND`. `WITH` adds a permission and never takes one away.
fn permits(expression: &str, fits: &impl Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    either(&words, &mut at, fits) && at == words.len()
}

/// `all OR all …`
fn either(words: &[&str], at: &mut usize, fits: &impl Fn(&str) -> bool) -> bool {
    let mut any = all(words, at, fits);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        any |= all(words, at, fits);
    }
    any
}

/// `one AND one …`
fn all(words: &[&str], at: &mut usize, fits: &impl Fn(&str) -> bool) -> bool {
    let mut every = one(words, at, fits);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        every &= one(words, at, fits);
    }
    every
}

/// A licence, with its exception, or an expression in parentheses.
fn one(words: &[&str], at: &mut usize, fits: &impl Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let inside = either(words, at, fits);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return inside && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        *at += 2;
    }
    fits(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nx = 1\n[workspace.dependencies]\ntsumugi-kernel = { path = \"k\" }\n# group\n\
                            bytes = \"1\"  # bodies shared without copying\nserde = \"1\"\nsha2 = \"1\" # hash\n[profile.dev]\ny = 1\n";

    #[test]
    fn a_dependency_without_its_reason_is_found() {
        let found = reasons(MANIFEST);
        assert_eq!(found.iter().map(|f| f.place.as_str()).collect::<Vec<_>>(), ["Cargo.toml:7", "Cargo.toml:8"]);
    }

    #[test]
    fn a_dependency_past_the_workspaces_list_is_found() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "tsumugi-fhir", "source": null, "dependencies": [{ "name": "bytes" }, { "name": "rand" }] },
            { "name": "bytes", "source": "registry", "dependencies": [{ "name": "anything" }] } ] });
        let found = strangers(&declared(MANIFEST), &metadata).expect("well-formed");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("`rand`"));
    }

    #[test]
    fn licence_expressions_are_read() {
        let fits = |licence: &str| PERMISSIVE.contains(&licence);
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 / MIT",
            "GPL-2.0-only OR Apache-2.0",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(permits(good, &fits), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "MPL-2.0", "(MIT", "MIT Apache-2.0", "GPL-2.0 WITH x OR AGPL-3.0"]
        {
            assert!(!permits(bad, &fits), "{bad}");
        }
    }

    #[test]
    fn a_licence_for_tests_does_not_ship() {
        let metadata = |kind: Value| {
            serde_json::json!({
                "packages": [{ "id": "ours", "name": "ours", "version": "1", "license": "MIT" },
                             { "id": "tool", "name": "tool", "version": "1", "license": "MPL-2.0" }],
                "workspace_members": ["ours"],
                "resolve": { "nodes": [{ "id": "ours", "deps": [{ "pkg": "tool", "dep_kinds": [{ "kind": kind }] }] },
                                       { "id": "tool", "deps": [] }] } })
        };
        assert_eq!(licences(&metadata("dev".into())).expect("well-formed"), []);
        assert_eq!(licences(&metadata(Value::Null)).expect("well-formed").len(), 1);
    }
}
