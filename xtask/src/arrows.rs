//! Dependency arrows: which crate may use which, and who may name the store in its sources.
//!
//! The chain reads "is used by" from left to right; a crate uses only crates to its left:
//! `kernel → fhir, ledger → fhir-definitions → fhir-xml → fhirpath → fhir-validate, fhir-patch, fhir-search → store →
//! people → access → signin, record → exchange-*, claims, research-* → portal → server → cli`. Beside it stand leaves with a short list of their own: `synth`, `verifier`, `witness`, `formats`, `people-match`.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{Files, Finding};

/// One arrow: `user` names `used` in its manifest. Names are folder names, without `tsumugi-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The crate whose manifest it is.
    user: String,
    /// The crate it uses.
    used: String,
    /// Whether only its tests use it.
    tests_only: bool,
}

/// The chain, from what everybody may use to what nobody may use. Names in one place never use each other.
const CHAIN: [&[&str]; 14] = [
    &["kernel"],
    &["fhir", "ledger"],
    &["fhir-definitions"],
    &["fhir-xml"],
    &["fhirpath"],
    &["fhir-validate", "fhir-patch", "fhir-search"],
    &["store"],
    &["people"],
    &["access"],
    &["signin", "record"],
    &["exchange-*", "claims", "research-*"],
    &["portal"],
    &["server"],
    &["cli"],
];

/// Crates beside the chain, and all that they may use.
const BESIDE: [(&str, &[&str]); 6] = [
    ("synth", &["kernel", "fhir"]),
    ("verifier", &["ledger"]),
    ("witness", &["kernel", "ledger"]),
    ("formats", &["kernel", "fhir"]),
    ("people-match", &["kernel"]),
    ("print", &[]),
];

/// Arrows that the chain would allow and that must not be, with the reason.
const NEVER: [(&str, &str, &str); 2] = [
    ("store", "fhir", "the store keeps bytes and does not know FHIR"),
    ("portal", "store", "pages read through `record`, with a permit"),
];

/// Who may import the store's reading and writing.
const READERS: [&str; 4] = ["people", "access", "signin", "record"];
/// Who may open it, and hand it on.
const OPENERS: [&str; 2] = ["server", "cli"];
/// All that opening needs.
const OPENING: [&str; 8] =
    ["SqliteStore", "MemoryStore", "SqliteOptions", "Options", "Keys", "StoreError", "Store", "Status"];

/// The arrows between the workspace's own crates, read from the output of `cargo metadata`.
///
/// # Errors
/// If the metadata does not have cargo's shape.
pub fn edges(metadata: &Value) -> Result<Vec<Edge>> {
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().context("metadata without packages")? {
        let Some(user) = package["name"].as_str().and_then(|name| name.strip_prefix("tsumugi-")) else { continue };
        for dependency in package["dependencies"].as_array().context("a package without dependencies")? {
            if let Some(used) = dependency["name"].as_str().and_then(|name| name.strip_prefix("tsumugi-")) {
                edges.push(Edge { user: user.into(), used: used.into(), tests_only: dependency["kind"] == "dev" });
            }
        }
    }
    Ok(edges)
}

/// Everything wrong with the arrows and with who names the store.
pub fn check(edges: &[Edge], files: &Files) -> Vec<Finding> {
    let mut findings: Vec<Finding> = edges.iter().filter_map(judge).collect();
    for (path, text) in files {
        let Some((name, rest)) = path.strip_prefix("crates/").and_then(|path| path.split_once('/')) else { continue };
        if rest.starts_with("src/") && rest.ends_with(".rs") {
            findings.extend(sources(name, path, text));
        }
    }
    findings
}

/// The place in the chain.
fn place(name: &str) -> Option<usize> {
    CHAIN.iter().position(|names| {
        names.iter().any(|entry| entry.strip_suffix('*').map_or(*entry == name, |prefix| name.starts_with(prefix)))
    })
}

/// What is wrong with one arrow.
fn judge(edge: &Edge) -> Option<Finding> {
    let Edge { user, used, tests_only } = edge;
    let finding = |text: String| Some(Finding::new(format!("crates/{user}/Cargo.toml"), text));
    if let Some((_, _, reason)) = NEVER.iter().find(|(a, b, _)| a == user && b == used && !tests_only) {
        return finding(format!("`{user}` must not use `{used}`: {reason}"));
    }
    if let Some((_, allowed)) = BESIDE.iter().find(|(name, _)| name == user) {
        // What it makes may be held against the checks that it will meet.
        let fits =
            allowed.contains(&used.as_str()) || (*tests_only && (used.starts_with("fhir-") || used == "people-match"));
        return if fits {
            None
        } else {
            finding(format!("`{user}` may use only {}, not `{used}`", allowed.join(", ")))
        };
    }
    let Some(user_place) = place(user) else {
        return finding(format!("`{user}` has no place in the chain; give it one in xtask/src/arrows.rs"));
    };
    if let Some((_, allowed)) = BESIDE.iter().find(|(name, _)| name == used) {
        // A crate beside the chain stands behind all that it uses itself.
        let least = allowed.iter().filter_map(|name| place(name)).max().unwrap_or(0);
        return if user_place > least {
            None
        } else {
            finding(format!("`{used}` stands behind `{user}` and cannot be used by it"))
        };
    }
    match place(used) {
        None => finding(format!("`{used}` has no place in the chain; give it one in xtask/src/arrows.rs")),
        Some(used_place) if used_place < user_place => None,
        Some(used_place) if used_place == user_place => finding(format!(
            "`{user}` and `{used}` stand side by side and never use each other; meet in a crate to their left"
        )),
        Some(_) => finding(format!("`{user}` must not use `{used}`: arrows run from left to right only")),
    }
}

/// What is wrong with how one source file names the store.
fn sources(name: &str, path: &str, text: &str) -> Vec<Finding> {
    if READERS.contains(&name) || name == "store" {
        return Vec::new();
    }
    // Tests at the end of a file may build what they need.
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let mut findings = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let Some(start) = line.find("tsumugi_store") else { continue };
        if line.trim_start().starts_with("//") {
            continue;
        }
        let at = format!("{path}:{}", number + 1);
        if !OPENERS.contains(&name) {
            findings
                .push(Finding::new(at, format!("`{name}` must not name the store; only {} may", READERS.join(", "))));
            continue;
        }
        let statement = statement(code, number, start);
        for used in names(&statement).into_iter().filter(|used| !OPENING.contains(&used.as_str())) {
            findings.push(Finding::new(
                &at,
                format!("`{name}` may only open the store; it names `{used}`, which reads or writes"),
            ));
        }
    }
    findings
}

/// The code from a place to the end of its statement or, for a path inside one, of its line.
fn statement(code: &str, line: usize, column: usize) -> String {
    let mut text = String::new();
    for (index, part) in code.lines().skip(line).enumerate() {
        let part = if index == 0 { part.get(column..).unwrap_or("") } else { part };
        text.push_str(part);
        text.push(' ');
        if text.matches('{').count() <= text.matches('}').count() {
            break;
        }
    }
    text
}

/// The names that the path at the start of `text` imports: capitalised words, `*`, and the crate itself when renamed.
fn names(text: &str) -> Vec<String> {
    let rest = text.trim_start_matches("tsumugi_store");
    let Some(path) = rest.strip_prefix("::") else { return vec!["tsumugi_store".into()] };
    let end = path.find(|c: char| !(c.is_alphanumeric() || "_:{},* ".contains(c))).unwrap_or(path.len());
    let group = path.starts_with('{') || path.find("::{").is_some_and(|brace| brace < end);
    let path = path.get(..end).unwrap_or(path);
    let path = if group { path } else { path.split([' ', ',', '}']).next().unwrap_or(path) };
    let words = path.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*')).filter(|word| !word.is_empty());
    let named = words.filter(|word| *word == "*" || word.starts_with(char::is_uppercase)).map(str::to_owned);
    // Past the first name a single path only goes on inside it: `Type::function`, `Enum::Variant`.
    named.take(if group { usize::MAX } else { 1 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(user: &str, used: &str) -> Edge {
        Edge { user: user.into(), used: used.into(), tests_only: false }
    }

    #[test]
    fn arrows_of_the_design_pass() {
        for (user, used) in [
            ("fhir", "kernel"),
            ("store", "ledger"),
            ("record", "access"),
            ("exchange-documents", "record"),
            ("server", "store"),
            ("cli", "synth"),
            ("synth", "fhir"),
            ("verifier", "ledger"),
            ("portal", "record"),
            ("people", "people-match"),
            ("cli", "people-match"),
        ] {
            assert_eq!(judge(&edge(user, used)), None, "{user} uses {used}");
        }
    }

    #[test]
    fn arrows_against_the_design_are_found() {
        for (user, used) in [
            ("ledger", "store"),
            ("kernel", "fhir"),
            ("fhir", "ledger"),
            ("store", "fhir"),
            ("signin", "record"),
            ("exchange-documents", "exchange-care"),
            ("research-lake", "exchange-documents"),
            ("portal", "store"),
            ("synth", "record"),
            ("verifier", "kernel"),
            ("record", "server"),
            ("kernel", "synth"),
            ("people-match", "store"),
            ("people-match", "fhir"),
            ("novelty", "kernel"),
        ] {
            assert!(judge(&edge(user, used)).is_some(), "{user} uses {used}");
        }
    }

    #[test]
    fn tests_may_build_a_store_where_the_code_may_not() {
        let arrow = Edge { tests_only: true, ..edge("portal", "store") };
        assert_eq!(judge(&arrow), None);
        let code = "fn page() {}\n#[cfg(test)]\nmod tests { use tsumugi_store::MemoryStore; }";
        assert_eq!(sources("portal", "crates/portal/src/a.rs", code), []);
    }

    #[test]
    fn only_four_crates_read_the_store() {
        let code = "use tsumugi_store::{Batch, Store};";
        assert_eq!(sources("record", "crates/record/src/a.rs", code), []);
        assert_eq!(sources("portal", "crates/portal/src/a.rs", code).len(), 1);
        assert_eq!(sources("exchange-documents", "x.rs", "let a: tsumugi_store::Point = p;").len(), 1);
        assert_eq!(sources("portal", "x.rs", "// tsumugi_store is not for us"), []);
    }

    #[test]
    fn server_and_cli_only_open_it() {
        let open = "use tsumugi_store::{Store, sqlite::{SqliteOptions, SqliteStore}};\nlet s = tsumugi_store::sqlite::SqliteStore::open(dir, Vec::new())?;";
        assert_eq!(sources("server", "crates/server/src/a.rs", open), []);
        let lines = "use tsumugi_store::{\n    Store,\n    Batch,\n};";
        let found = sources("cli", "crates/cli/src/a.rs", lines);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("`Batch`"), "{found:?}");
        assert_eq!(sources("cli", "a.rs", "use tsumugi_store::*;").len(), 1);
        assert_eq!(sources("cli", "a.rs", "use tsumugi_store as shelf;").len(), 1);
        assert_eq!(sources("server", "a.rs", "let t = tsumugi_store::Table::Alias;").len(), 1);
    }

    #[test]
    fn edges_come_from_the_manifests() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "tsumugi-fhir", "dependencies": [
                { "name": "tsumugi-kernel", "kind": null }, { "name": "serde", "kind": null }, { "name": "tsumugi-synth", "kind": "dev" } ] },
            { "name": "serde", "dependencies": [] } ] });
        let found = edges(&metadata).expect("well-formed");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], edge("fhir", "kernel"));
        assert!(found[1].tests_only);
    }
}
