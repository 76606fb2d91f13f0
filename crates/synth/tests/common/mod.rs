//! Helpers shared by the tests.
#![allow(dead_code, reason = "each test file uses its part")]

use serde_json::Value;
use tsumugi_synth::Outgoing;

/// The day on which everything is seen.
pub const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 22);

/// The JSON of what was sent, with its name; the directory is left out.
pub fn parsed(all: &[Outgoing]) -> Vec<(&Outgoing, Value)> {
    all.iter().filter_map(|one| one.form.bytes().map(|bytes| (one, serde_json::from_slice(bytes).unwrap()))).collect()
}

/// The resources of a bundle with their `fullUrl`s.
pub fn resources(bundle: &Value) -> Vec<(&str, &Value)> {
    bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["fullUrl"].as_str().unwrap(), &entry["resource"]))
        .collect()
}

/// Every value of a `reference` member below `value`.
pub fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "reference" => found.push(text),
                    other => references(other, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// `^[0-9]{8}:[^:\s　]*:[^:\s　]*:(|[0-9]{2})$`
pub fn is_member_id(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 4
        && parts[0].len() == 8
        && digits(parts[0])
        && !text.contains(char::is_whitespace)
        && (parts[3].is_empty() || (parts[3].len() == 2 && digits(parts[3])))
}
