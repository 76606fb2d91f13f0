//! Read and written again: every value, number and member stands in the text that comes out as it stood in what came in.

use bytes::Bytes;
use tsumugi_fhir::{
    Document,
    conformance::CaseResult,
    json::{Limits, write},
};

/// Whether the bytes are a FHIR resource in JSON.
pub fn is_resource(bytes: &[u8]) -> bool {
    Document::parse(Bytes::copy_from_slice(bytes), &Limits::default())
        .is_ok_and(|document| document.root().get("resourceType").is_some())
}

/// Reads, writes without white space, and compares with the source from which white space between values was taken by
/// other means; then reads what was written and writes it again.
pub fn written_again(name: &str, bytes: &[u8]) -> CaseResult {
    let compact = |bytes: &[u8]| {
        let document =
            Document::parse(Bytes::copy_from_slice(bytes), &Limits::default()).map_err(|error| error.to_string())?;
        let mut out = Vec::with_capacity(bytes.len());
        write::compact(&mut out, document.root());
        Ok::<_, String>(out)
    };
    let outcome = compact(bytes).and_then(|written| {
        let expected = without_white_space(bytes);
        if let Some(at) = first_difference(&expected, &written) {
            return Err(format!("differs at byte {at} of the text without white space"));
        }
        if compact(&written)? == written { Ok(()) } else { Err("differs when written twice".into()) }
    });
    CaseResult::of(name, outcome)
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    (one != other).then(|| one.iter().zip(other).take_while(|(one, other)| one == other).count())
}

/// JSON text without the white space between its values: byte by byte, knowing nothing but strings.
fn without_white_space(text: &[u8]) -> Vec<u8> {
    let (mut out, mut in_string, mut escaped) = (Vec::with_capacity(text.len()), false, false);
    for &byte in text {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_string = byte == b'"';
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_inside_strings_stays() {
        let text = b"{ \"a \\\" b\" :\t[ 1.50 ,\n\"\\\\\" , \" \" ] }";
        assert_eq!(without_white_space(text), b"{\"a \\\" b\":[1.50,\"\\\\\",\" \"]}");
    }

    #[test]
    fn what_is_kept_passes_and_what_is_no_json_does_not() {
        let text = r#"{"resourceType" : "Observation", "valueQuantity": {"value": 1.50e3}, "x": "\u0041\/"}"#;
        assert!(written_again("one", text.as_bytes()).passed);
        assert!(is_resource(text.as_bytes()));
        assert!(!written_again("two", b"{").passed);
        assert!(!is_resource(b"[]"));
        assert_eq!(first_difference(b"abc", b"abd"), Some(2));
        assert_eq!(first_difference(b"abc", b"abcd"), Some(3));
    }
}
