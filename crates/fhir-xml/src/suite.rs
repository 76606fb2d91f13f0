//! The round trip as a suite: a file in one form, through the other, and back to the same values.
//!
//! Bytes in, result out: who runs it reads the files.

use std::borrow::Cow;

use bytes::Bytes;
use tsumugi_fhir::{
    Document, Node,
    conformance::CaseResult,
    json::{Limits, Type},
};
use tsumugi_fhir_definitions::Definitions;

use crate::{from_json, to_json};

/// Takes one file round: JSON → XML → JSON, or XML → JSON → XML → JSON. It passes when both JSON texts say the same.
#[must_use]
pub fn round_trip(name: &str, file: &[u8], defs: &Definitions) -> CaseResult {
    CaseResult::of(name, round(file, defs))
}

fn round(file: &[u8], defs: &Definitions) -> Result<(), String> {
    let limits = Limits::default();
    let parse = |json: Vec<u8>| Document::parse(Bytes::from(json), &limits).map_err(|error| error.to_string());
    let is_xml = file.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xEF\xBB\xBF".contains(byte)) == Some(&b'<');
    let first = match is_xml {
        true => parse(to_json(file, defs, &limits).map_err(|error| error.to_string())?)?,
        false => parse(file.to_vec())?,
    };
    let xml = from_json(first.root(), defs).map_err(|error| format!("to XML: {error}"))?;
    let again = parse(to_json(&xml, defs, &limits).map_err(|error| format!("back from XML: {error}"))?)?;
    match difference(first.root(), again.root()) {
        None => Ok(()),
        Some(path) => Err(format!("differs at {path}")),
    }
}

/// Where two JSON values differ: numbers by their text, strings by their characters, arrays in order, objects in any
/// order. Nulls at the end of a `_name` array only align it and say nothing, so they are not compared.
#[must_use]
pub fn difference(one: Node<'_>, other: Node<'_>) -> Option<String> {
    walk(one, other, "", &|_, one, other| one == other)
}

/// As [`difference`], with strings compared by `same`, which gets the member's name.
#[must_use]
pub fn difference_by(one: Node<'_>, other: Node<'_>, same: &dyn Fn(&str, &str, &str) -> bool) -> Option<String> {
    walk(one, other, "", same)
}

fn walk(one: Node<'_>, other: Node<'_>, key: &str, same: &dyn Fn(&str, &str, &str) -> bool) -> Option<String> {
    if one.kind() != other.kind() {
        return Some(String::new());
    }
    match one.kind() {
        Type::Object => {
            let missing = other.members().find(|(key, _)| one.get(key).is_none()).map(|(key, _)| key);
            let different = one.members().find_map(|(key, value)| match other.get(&key) {
                Some(twin) => walk(value, twin, &key, same).map(|rest| format!(".{key}{rest}")),
                None => Some(format!(".{key}")),
            });
            different.or_else(|| missing.map(|key: Cow<'_, str>| format!(".{key}")))
        }
        Type::Array => {
            let (ones, others) = (aligned(one, key), aligned(other, key));
            if ones.len() != others.len() {
                return Some(format!("[{}]", ones.len().min(others.len())));
            }
            ones.iter()
                .zip(&others)
                .enumerate()
                .find_map(|(at, (one, other))| walk(*one, *other, key, same).map(|rest| format!("[{at}]{rest}")))
        }
        Type::String => {
            let (one, other) = (one.as_str().unwrap_or_default(), other.as_str().unwrap_or_default());
            (!same(key, &one, &other)).then(String::new)
        }
        _ => (one.raw() != other.raw()).then(String::new),
    }
}

fn aligned<'a>(array: Node<'a>, key: &str) -> Vec<Node<'a>> {
    let mut items: Vec<Node<'a>> = array.items().collect();
    while key.starts_with('_') && items.last().is_some_and(|item| item.kind() == Type::Null) {
        items.pop();
    }
    items
}
