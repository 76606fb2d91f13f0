//! Code systems that are grammars, judged by form: media types, language tags, UCUM.
//!
//! They have too many codes to list, and their authorities define how a code is made. Form is all that is judged: whether
//! a media type or language is registered is not.

/// How codes of a system are judged, if it is a grammar.
pub(crate) fn judge(system: &str) -> Option<fn(&str) -> bool> {
    match system.split_once('|').map_or(system, |(url, _)| url) {
        "urn:ietf:bcp:13" => Some(is_media_type),
        "urn:ietf:bcp:47" => Some(is_language),
        "http://unitsofmeasure.org" => Some(is_unit),
        _ => None,
    }
}

/// A media type with optional parameters (RFC 2045, 6838): `text/plain;charset=utf-8`.
fn is_media_type(code: &str) -> bool {
    let (kind, parameters) = code.split_once(';').map_or((code, None), |(kind, rest)| (kind, Some(rest)));
    let Some((top, sub)) = kind.trim().split_once('/') else { return false };
    is_restricted(top)
        && is_restricted(sub)
        && parameters.is_none_or(|all| {
            all.split(';')
                .all(|one| one.trim().split_once('=').is_some_and(|(name, value)| is_token(name) && !value.is_empty()))
        })
}

/// RFC 6838's restricted name.
fn is_restricted(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
    (1..=127).contains(&name.len()) && name.chars().all(fits) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c))
}

/// A well-formed language tag (RFC 5646): language, then extended languages, script, region, variants, extensions.
fn is_language(code: &str) -> bool {
    let mut parts = code.split('-').peekable();
    let alphabetic = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let general =
        |part: &str, least: usize| (least..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let Some(language) = parts.next() else { return false };
    if matches!(language, "x" | "X" | "i" | "I") {
        return parts.peek().is_some() && parts.all(|part| general(part, 1));
    }
    if !alphabetic(language, 2, 8) {
        return false;
    }
    for _ in 0..if language.len() <= 3 { 3 } else { 0 } {
        parts.next_if(|part| alphabetic(part, 3, 3));
    }
    parts.next_if(|part| alphabetic(part, 4, 4));
    parts.next_if(|part| alphabetic(part, 2, 2) || part.len() == 3 && part.bytes().all(|b| b.is_ascii_digit()));
    let variant = |part: &str| general(part, 5) || general(part, 4) && part.starts_with(|c: char| c.is_ascii_digit());
    while parts.next_if(|part| variant(part)).is_some() {}
    while let Some(single) = parts.next() {
        if single.len() != 1 || !single.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return false;
        }
        let private = single.eq_ignore_ascii_case("x");
        let least = if private { 1 } else { 2 };
        if parts.next_if(|part| general(part, least)).is_none() {
            return false;
        }
        while parts.next_if(|part| general(part, least)).is_some() {}
    }
    true
}

/// A unit of UCUM.
fn is_unit(code: &str) -> bool {
    code.len() <= 256 && !code.contains(char::is_whitespace) && octofhir_ucum::validate(code).is_ok()
}
