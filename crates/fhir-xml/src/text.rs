//! Characters of XML: which are allowed, what references mean, how values are escaped.

use std::borrow::Cow;

use crate::XmlFault;

/// Whether XML 1.0 allows the character (production 2, Char).
pub fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{1_0000}'..='\u{10_FFFF}')
}

/// What `&name;` stands for: one of XML's five, or a character number.
pub fn reference(name: &str) -> Option<char> {
    let digits = match name {
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "amp" => return Some('&'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        other => other.strip_prefix('#')?,
    };
    let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |hex| (hex, 16));
    // `from_str_radix` takes a sign, XML does not.
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|character| is_allowed(*character))
}

/// An attribute's value: references resolved, white space made spaces (XML 1.0 section 3.3.3).
pub fn attribute(raw: &str) -> Result<Cow<'_, str>, XmlFault> {
    if !raw.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
        out.push_str(&rest[..at]);
        rest = match rest.as_bytes()[at] {
            b'&' => {
                let (name, after) = rest[at + 1..].split_once(';').ok_or(XmlFault::Entity)?;
                out.push(reference(name).ok_or(XmlFault::Entity)?);
                after
            }
            b'<' => return Err(XmlFault::Malformed),
            white => {
                out.push(' ');
                let line_end = white == b'\r' && rest.as_bytes().get(at + 1) == Some(&b'\n');
                &rest[at + 1 + usize::from(line_end)..]
            }
        };
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// Appends `text` as the inside of an attribute in double quotes.
pub fn escape(out: &mut Vec<u8>, text: &str) -> Result<(), XmlFault> {
    let mut rest = text;
    let special = |c: char| matches!(c, '&' | '<' | '"') || c < ' ' || c == '\u{FFFE}' || c == '\u{FFFF}';
    while let Some(at) = rest.find(special) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        out.extend_from_slice(match rest.as_bytes()[at] {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'"' => b"&quot;",
            // As white space they would be read as spaces.
            b'\t' => b"&#x9;",
            b'\n' => b"&#xA;",
            b'\r' => b"&#xD;",
            _ => return Err(XmlFault::Character),
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest.as_bytes());
    Ok(())
}

/// Whether `text` is a JSON number, which is FHIR's form of numbers as well.
pub fn is_number(text: &str) -> bool {
    fn digits(text: &str) -> Option<&str> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < text.len()).then_some(rest)
    }
    let whole = text.strip_prefix('-').unwrap_or(text);
    let read = || {
        let mut rest = if let Some(rest) = whole.strip_prefix('0') { rest } else { digits(whole)? };
        if let Some(fraction) = rest.strip_prefix('.') {
            rest = digits(fraction)?;
        }
        if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
            rest = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
        }
        rest.is_empty().then_some(())
    };
    read().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_five_and_allowed_numbers_are_references() {
        for (name, character) in [("lt", '<'), ("apos", '\''), ("#65", 'A'), ("#x3042", 'あ'), ("#x1F9F5", '🧵')] {
            assert_eq!(reference(name), Some(character), "{name}");
        }
        for name in ["nbsp", "", "#", "#x", "#0", "#x1F", "#xD800", "#xFFFE", "#+65", "#x110000", "#X41", "LT"] {
            assert_eq!(reference(name), None, "{name}");
        }
    }

    #[test]
    fn white_space_in_attributes_is_a_space_unless_referred_to() {
        assert_eq!(attribute("a\r\nb\tc&#xA;d").expect("it is well-formed"), "a b c\nd");
        assert_eq!(attribute("a&nbsp;"), Err(XmlFault::Entity));
        assert_eq!(attribute("a & b"), Err(XmlFault::Entity));
        assert_eq!(attribute("a<b"), Err(XmlFault::Malformed));
    }

    #[test]
    fn numbers_are_those_of_json() {
        for text in ["0", "-0", "1.50", "1e3", "10E-07", "-12.0e+5"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "+1", "01", ".5", "1.", "1e", " 1", "1 ", "0x1", "NaN", "1.5.0", "-", "１"] {
            assert!(!is_number(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_escaped_is_read_again(text in "\\PC*[\t\n\r\"'<>&]{0,6}") {
            let mut out = Vec::new();
            escape(&mut out, &text).expect("every character is allowed");
            let raw = String::from_utf8(out).expect("it is text");
            proptest::prop_assert_eq!(attribute(&raw).expect("it is well-formed"), text);
        }
    }
}
