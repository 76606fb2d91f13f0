//! Queries as text: pairs of names and values, as a URL, an `If-None-Exist` or an entry's `url` holds them.

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tsumugi_fhir::json::Node;

use super::{Ask, Fault};

/// What an operation is asked: by its URL, and by the `Parameters` of its body if it has one.
pub(super) fn of_operation(ask: &Ask, query: Option<&str>, body: &Bytes) -> Result<Vec<(String, String)>, Fault> {
    let mut pairs = pairs(query.unwrap_or_default());
    if body.is_empty() {
        return Ok(pairs);
    }
    let document = ask.document(body)?;
    for parameter in document.root().get("parameter").into_iter().flat_map(Node::items) {
        // A parameter has one `value[x]`; what it holds is text, a number or a boolean.
        let value = parameter.members().find(|(name, _)| name.starts_with("value")).map(|(_, value)| value);
        let text = value.and_then(|value| value.as_str().map_or_else(|| Some(value.raw().into()), Some));
        if let (Some(name), Some(text)) = (parameter.get_str("name"), text) {
            pairs.push((name.into_owned(), text.into_owned()));
        }
    }
    Ok(pairs)
}

/// The decoded pairs of a query, in order. What is no escape stays as it is written.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .trim_start_matches('?')
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The one value of `name`, if it stands there once or more; the first counts.
pub(super) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// What a query writes with percent signs: all but letters, digits and what FHIR's URLs are full of.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b':')
    .remove(b',')
    .remove(b'$');

/// A text as it may stand in a query.
pub(super) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_decoded_and_go_back_escaped() {
        let read = pairs("?code=http%3A%2F%2Fx%7Cy&name=%E9%AB%99+a&empty&broken=%zz");
        assert_eq!(read[0], ("code".into(), "http://x|y".into()));
        assert_eq!(read[1], ("name".into(), "髙 a".into()));
        assert_eq!(read[2], ("empty".into(), String::new()));
        assert_eq!(read[3], ("broken".into(), "%zz".into()));
        assert_eq!(value(&read, "name"), Some("髙 a"));
        assert_eq!(pairs(&format!("a={}", escape("髙|& +%"))), vec![("a".to_owned(), "髙|& +%".to_owned())]);
    }
}
