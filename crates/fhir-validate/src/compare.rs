//! Fixed values, patterns and bounds: a value of a document beside one of a definition.

use tsumugi_fhir::json::{Node, Type};

/// Whether both values are the same: members in any order, arrays in order.
pub(crate) fn same(value: Node<'_>, fixed: Node<'_>) -> bool {
    match (value.kind(), fixed.kind()) {
        (Type::Object, Type::Object) => {
            value.members().count() == fixed.members().count()
                && fixed.members().all(|(key, wanted)| value.get(&key).is_some_and(|own| same(own, wanted)))
        }
        (Type::Array, Type::Array) => {
            let (mut one, mut other) = (value.items(), fixed.items());
            loop {
                match (one.next(), other.next()) {
                    (None, None) => return true,
                    (Some(one), Some(other)) if same(one, other) => {}
                    _ => return false,
                }
            }
        }
        _ => plain(value, fixed),
    }
}

/// Whether the value has everything that the pattern has: each member, and for each item of an array one that fits.
pub(crate) fn fits(value: Node<'_>, pattern: Node<'_>) -> bool {
    match (value.kind(), pattern.kind()) {
        (Type::Object, Type::Object) => {
            pattern.members().all(|(key, wanted)| value.get(&key).is_some_and(|own| fits(own, wanted)))
        }
        (Type::Array, Type::Array) => pattern.items().all(|wanted| value.items().any(|own| fits(own, wanted))),
        _ => plain(value, pattern),
    }
}

fn plain(value: Node<'_>, other: Node<'_>) -> bool {
    match (value.kind(), other.kind()) {
        (Type::String, Type::String) => value.as_str() == other.as_str(),
        (Type::Number, Type::Number) => number(value) == number(other),
        (one, two) => one == two && value.raw() == other.raw(),
    }
}

/// A number without what does not change its value: `1.50` and `1.5` are one. Exponents stay as written.
fn number(node: Node<'_>) -> &str {
    let text = node.number_text().unwrap_or_default();
    if text.contains(['e', 'E']) || !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.')
}

/// Compares two values of one ordered type: numbers by value, dates and times by their text as far as both go.
/// `None` where they cannot be compared.
pub(crate) fn order(value: Node<'_>, bound: Node<'_>) -> Option<std::cmp::Ordering> {
    match (value.kind(), bound.kind()) {
        (Type::Number, Type::Number) => {
            let read = |node: Node<'_>| node.number_text().and_then(|text| text.parse::<f64>().ok());
            read(value)?.partial_cmp(&read(bound)?)
        }
        (Type::String, Type::String) => {
            let (value, bound) = (value.as_str()?, bound.as_str()?);
            let length = value.len().min(bound.len());
            Some(value.get(..length)?.cmp(bound.get(..length)?))
        }
        (Type::Object, Type::Object) => {
            let unit = |node: Node<'_>| node.get_str("code").map(std::borrow::Cow::into_owned);
            (unit(value) == unit(bound)).then(|| order(value.get("value")?, bound.get("value")?))?
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use tsumugi_fhir::json::{Document, Limits};

    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(bytes::Bytes::copy_from_slice(text.as_bytes()), &Limits::default()).expect("JSON")
    }

    #[test]
    fn a_fixed_value_is_all_and_a_pattern_is_a_part() {
        let cases = [
            (r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1,2],"a":1.0}"#, true, true),
            (r#"{"a":1,"b":[1,2]}"#, r#"{"b":[2]}"#, false, true),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, false, false),
            (r#""x""#, r#""\u0078""#, true, true),
            ("true", "false", false, false),
            ("1", r#""1""#, false, false),
            (r#"[{"s":"a","c":"b"}]"#, r#"[{"s":"a"}]"#, false, true),
        ];
        for (value, other, is_same, is_part) in cases {
            let (value_doc, other_doc) = (document(value), document(other));
            assert_eq!(same(value_doc.root(), other_doc.root()), is_same, "{value} {other}");
            assert_eq!(fits(value_doc.root(), other_doc.root()), is_part, "{value} {other}");
        }
    }

    #[test]
    fn bounds_compare_numbers_dates_and_quantities_of_one_unit() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let cases = [
            ("10", "9.5", Some(Greater)),
            (r#""2026-01-02""#, r#""2026-01""#, Some(Equal)),
            (r#""2025""#, r#""2026-01-01""#, Some(Less)),
            (r#"{"value":1,"code":"g"}"#, r#"{"value":2,"code":"g"}"#, Some(Less)),
            (r#"{"value":1,"code":"g"}"#, r#"{"value":2,"code":"mg"}"#, None),
        ];
        for (value, bound, expected) in cases {
            assert_eq!(order(document(value).root(), document(bound).root()), expected, "{value} {bound}");
        }
    }
}
