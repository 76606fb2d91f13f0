//! The forms of primitive values.
//!
//! Source: HL7 FHIR R4, "Data types" (<https://hl7.org/fhir/R4/datatypes.html>), whose regular expressions are written
//! out by hand here because every value of every document passes through; days are checked against the calendar too.

use tsumugi_fhir::json::{Node, Type};

/// R4's primitive types, as far as their forms differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Prim {
    Boolean,
    Integer,
    UnsignedInt,
    PositiveInt,
    Decimal,
    String,
    Code,
    Id,
    Oid,
    Uuid,
    Uri,
    Base64,
    Date,
    DateTime,
    Instant,
    Time,
    Xhtml,
}

/// What is to be said about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It has the type's form.
    Fits,
    /// JSON has another type here: a number as a string, say.
    OtherJson,
    /// Not the type's form.
    Wrong,
    /// A time without seconds or without a zone.
    NoZone,
}

impl Prim {
    /// The primitive of a FHIR or FHIRPath type name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "boolean" | "System.Boolean" => Self::Boolean,
            "integer" | "System.Integer" => Self::Integer,
            "unsignedInt" => Self::UnsignedInt,
            "positiveInt" => Self::PositiveInt,
            "decimal" | "System.Decimal" => Self::Decimal,
            "string" | "markdown" | "System.String" => Self::String,
            "code" => Self::Code,
            "id" => Self::Id,
            "oid" => Self::Oid,
            "uuid" => Self::Uuid,
            "uri" | "url" | "canonical" => Self::Uri,
            "base64Binary" => Self::Base64,
            "date" | "System.Date" => Self::Date,
            "dateTime" | "System.DateTime" => Self::DateTime,
            "instant" => Self::Instant,
            "time" | "System.Time" => Self::Time,
            "xhtml" => Self::Xhtml,
            _ => return None,
        })
    }

    /// FHIR's name, for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::UnsignedInt => "unsignedInt",
            Self::PositiveInt => "positiveInt",
            Self::Decimal => "decimal",
            Self::String => "string",
            Self::Code => "code",
            Self::Id => "id",
            Self::Oid => "oid",
            Self::Uuid => "uuid",
            Self::Uri => "uri",
            Self::Base64 => "base64Binary",
            Self::Date => "date",
            Self::DateTime => "dateTime",
            Self::Instant => "instant",
            Self::Time => "time",
            Self::Xhtml => "xhtml",
        }
    }

    /// Whether the value has JSON's type and the primitive's form.
    pub(crate) fn check(self, node: Node<'_>) -> Form {
        let fits = |fits: bool| if fits { Form::Fits } else { Form::Wrong };
        match (self, node.kind()) {
            (Self::Boolean, Type::Bool) | (Self::Decimal, Type::Number) => Form::Fits,
            (Self::Integer, Type::Number) => fits(integer(node).is_some()),
            (Self::UnsignedInt, Type::Number) => fits(integer(node).is_some_and(|n| n >= 0)),
            (Self::PositiveInt, Type::Number) => fits(integer(node).is_some_and(|n| n > 0)),
            (Self::Boolean | Self::Decimal | Self::Integer | Self::UnsignedInt | Self::PositiveInt, _) => {
                Form::OtherJson
            }
            (_, Type::String) => self.text(&node.as_str().unwrap_or_default()),
            _ => Form::OtherJson,
        }
    }

    /// Whether a text has the form.
    pub(crate) fn text(self, text: &str) -> Form {
        let fits = |fits: bool| if fits { Form::Fits } else { Form::Wrong };
        let bytes = text.as_bytes();
        match self {
            Self::String | Self::Xhtml => fits(bytes.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n'))),
            Self::Code => fits(is_code(text)),
            Self::Id => fits(is_id(text)),
            Self::Uri => fits(!has_space(text)),
            Self::Oid => fits(is_oid(text)),
            Self::Uuid => fits(is_uuid(text)),
            Self::Base64 => fits(is_base64(bytes)),
            Self::Date => fits(bytes.len() <= 10 && date(bytes) == Some(bytes.len())),
            Self::DateTime => date_time(bytes, false),
            Self::Instant => date_time(bytes, true),
            Self::Time => fits(time(bytes) == Some(bytes.len())),
            _ => Form::OtherJson,
        }
    }
}

fn integer(node: Node<'_>) -> Option<i32> {
    let text = node.number_text()?;
    // `-0` and exponents are numbers of JSON, and no integers of FHIR.
    if text == "-0" { None } else { text.parse().ok() }
}

pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

fn has_space(text: &str) -> bool {
    text.bytes().any(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c))
}

/// No white space at the ends, and single characters of it between words.
fn is_code(text: &str) -> bool {
    let space = |b: u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    let bytes = text.as_bytes();
    let mut last = true;
    for &byte in bytes {
        let this = space(byte);
        if this && last {
            return false;
        }
        last = this;
    }
    !last
}

fn is_oid(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:oid:") else { return false };
    let mut arcs = rest.split('.');
    let first = arcs.next().is_some_and(|arc| matches!(arc, "0" | "1" | "2"));
    let arc =
        |arc: &str| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'));
    let mut count = 0;
    first && arcs.all(|one| (arc(one), count += 1).0) && count > 0
}

fn is_uuid(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:uuid:") else { return false };
    rest.len() == 36
        && rest.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_digit() || (b'a'..=b'f').contains(&b),
        })
}

fn is_base64(bytes: &[u8]) -> bool {
    let mut count = 0_usize;
    let mut padding = 0_usize;
    for &byte in bytes {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'=' => {
                padding += 1;
                count += 1;
            }
            b'+' | b'/' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' if padding == 0 => count += 1,
            _ => return false,
        }
    }
    count > 0 && count.is_multiple_of(4) && padding <= 2
}

fn number(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    let digits = bytes.get(at..at + count)?;
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}

/// Reads `YYYY[-MM[-DD]]` and gives how many bytes it took.
fn date(bytes: &[u8]) -> Option<usize> {
    let year = number(bytes, 0, 4).filter(|year| *year > 0)?;
    if bytes.get(4) != Some(&b'-') {
        return Some(4);
    }
    let month = number(bytes, 5, 2).filter(|month| (1..=12).contains(month))?;
    if bytes.get(7) != Some(&b'-') {
        return Some(7);
    }
    let day = number(bytes, 8, 2)?;
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=last).contains(&day).then_some(10)
}

/// Reads `hh:mm:ss[.f…]` and gives how many bytes it took.
fn time(bytes: &[u8]) -> Option<usize> {
    number(bytes, 0, 2).filter(|hour| *hour < 24)?;
    number(bytes, 3, 2).filter(|minute| *minute < 60)?;
    // The leap second is 60.
    number(bytes, 6, 2).filter(|second| *second <= 60)?;
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    if bytes.get(8) != Some(&b'.') {
        return Some(8);
    }
    let fraction = bytes[9..].iter().take_while(|b| b.is_ascii_digit()).count();
    (fraction > 0).then_some(9 + fraction)
}

fn zone(bytes: &[u8]) -> bool {
    match bytes {
        b"Z" => true,
        [b'+' | b'-', _, _, b':', _, _] => match (number(bytes, 1, 2), number(bytes, 4, 2)) {
            (Some(hour), Some(minute)) => (hour < 14 && minute < 60) || (hour == 14 && minute == 0),
            _ => false,
        },
        _ => false,
    }
}

fn date_time(bytes: &[u8], instant: bool) -> Form {
    let Some(used) = date(bytes) else { return Form::Wrong };
    if used == bytes.len() {
        return if instant { Form::Wrong } else { Form::Fits };
    }
    let Some(rest) = bytes.get(11..).filter(|_| used == 10 && bytes[10] == b'T') else { return Form::Wrong };
    match time(rest) {
        Some(used) if rest.len() == used => Form::NoZone,
        Some(used) if zone(&rest[used..]) => Form::Fits,
        Some(_) => Form::Wrong,
        None => {
            // `hh:mm` with or without a zone.
            let minutes = number(rest, 0, 2).is_some_and(|hour| hour < 24)
                && rest.get(2) == Some(&b':')
                && number(rest, 3, 2).is_some_and(|minute| minute < 60);
            if minutes && (rest.len() == 5 || zone(&rest[5..])) { Form::NoZone } else { Form::Wrong }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_forms_of_the_specification() {
        let cases: [(Prim, &[&str], &[&str]); 10] = [
            (Prim::Id, &["a", "A-1.b"], &["", "a b", "a_b", "あ"]),
            (Prim::Code, &["a", "a b", "末梢"], &[" a", "a ", "a  b", ""]),
            (Prim::Uri, &["urn:x", ""], &["a b", "a\n"]),
            (Prim::Oid, &["urn:oid:1.2.0"], &["1.2", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1", "urn:oid:1."]),
            (
                Prim::Uuid,
                &["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"],
                &["urn:uuid:C757873D-ec9a-4326-a141-556f43239520", "urn:uuid:1"],
            ),
            (Prim::Base64, &["TWFu", "TW E=\n", "TQ=="], &["TWF", "T=Fu", "TWF*", ""]),
            (
                Prim::Date,
                &["2026", "2026-02", "2024-02-29"],
                &["2026-02-29", "0000", "2026-13", "2026-1", "2026-01-01T00:00:00Z"],
            ),
            (
                Prim::DateTime,
                &["2026", "2026-11-22", "2026-11-22T09:00:60Z", "2026-11-22T09:00:00.123+14:00"],
                &[
                    "2026-11-22T",
                    "2026-11-22T25:00:00Z",
                    "2026-11-22T09:00:00+15:00",
                    "2026-11-22 09:00:00Z",
                    "2026-11T09:00:00Z",
                ],
            ),
            (Prim::Instant, &["2026-11-22T09:00:00Z"], &["2026-11-22", "2026"]),
            (Prim::Time, &["09:00:00", "23:59:60.5"], &["9:00:00", "09:00", "24:00:00", "09:00:00."]),
        ];
        for (prim, good, bad) in cases {
            for text in good {
                assert_eq!(prim.text(text), Form::Fits, "{prim:?} {text}");
            }
            for text in bad {
                assert_eq!(prim.text(text), Form::Wrong, "{prim:?} {text}");
            }
        }
        for text in ["2026-11-22T09:00", "2026-11-22T09:00:00", "2026-11-22T09:00Z"] {
            assert_eq!(Prim::DateTime.text(text), Form::NoZone, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_judged(text in "[0-9T:Z+. -]{0,32}") {
            for prim in [Prim::Date, Prim::DateTime, Prim::Instant, Prim::Time, Prim::Base64, Prim::Code, Prim::Oid, Prim::Uuid] {
                let _ = prim.text(&text);
            }
        }
    }
}
