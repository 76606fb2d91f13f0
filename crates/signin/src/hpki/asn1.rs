//! DER, walked: one value in its parts, no deeper than whoever asks goes.

use x509_cert::der::{AnyRef, Decode as _, Encode as _, SliceReader, Tag, TagNumber, asn1::ObjectIdentifier};

/// Most parts of one value.
const PARTS_MOST: usize = 1_000;

/// The one value that these bytes are.
pub(super) fn one(bytes: &[u8]) -> Option<AnyRef<'_>> {
    AnyRef::from_der(bytes).ok()
}

/// The parts of a sequence, a set or another constructed value.
pub(super) fn parts(value: AnyRef<'_>) -> Option<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(value.value()).ok()?;
    let mut parts = Vec::new();
    while !x509_cert::der::Reader::is_finished(&reader) {
        if parts.len() == PARTS_MOST {
            return None;
        }
        parts.push(AnyRef::decode(&mut reader).ok()?);
    }
    Some(parts)
}

/// The parts of a value of this tag.
pub(super) fn parts_of(value: AnyRef<'_>, tag: Tag) -> Option<Vec<AnyRef<'_>>> {
    is(value, tag).then(|| parts(value)).flatten()
}

/// The one value inside another, as with EXPLICIT tags.
pub(super) fn inside(value: AnyRef<'_>) -> Option<AnyRef<'_>> {
    one(value.value())
}

pub(super) fn is(value: AnyRef<'_>, tag: Tag) -> bool {
    x509_cert::der::Tagged::tag(&value) == tag
}

/// The number of a context-specific tag.
pub(super) fn context(value: AnyRef<'_>) -> Option<u32> {
    match x509_cert::der::Tagged::tag(&value) {
        Tag::ContextSpecific { number, .. } => Some(TagNumber::value(number)),
        _ => None,
    }
}

pub(super) fn oid(value: AnyRef<'_>) -> Option<ObjectIdentifier> {
    value.decode_as().ok()
}

/// The bytes of a value with its tag.
pub(super) fn whole(value: AnyRef<'_>) -> Option<Vec<u8>> {
    value.to_der().ok()
}

/// The DER in a file: as it is, or between the lines of PEM with one of these labels, each of them.
pub(super) fn of_file(bytes: &[u8], labels: &[&str]) -> Option<Vec<Vec<u8>>> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    if bytes.first() == Some(&0x30) {
        return Some(vec![bytes.to_vec()]);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----")?;
        let (body, after) = after.split_once("-----END ")?;
        let after = after.strip_prefix(label)?;
        if found.len() == PARTS_MOST {
            return None;
        }
        if labels.contains(&label) {
            let body: String = body.split_ascii_whitespace().collect();
            found.push(STANDARD.decode(body).ok()?);
        }
        rest = after;
    }
    (!found.is_empty()).then_some(found)
}
