//! Rules of the Patient: identifiers and names.

use tsumugi_fhir::{json::Node, values::systems};

use super::{Rules, extension, is_institution};

pub(super) fn patient<'a>(rules: &mut Rules<'a>, patient: Node<'a>) {
    local_ids(rules, patient);
    member_id(rules, patient);
    names(rules, patient);
    super::resource::institution_form(rules, patient);
}

fn identifiers<'a>(patient: Node<'a>) -> impl Iterator<Item = Node<'a>> {
    patient.find("identifier").filter(|node| node.is_object())
}

/// R1010, R1011: the institution's own patient number.
fn local_ids<'a>(rules: &mut Rules<'a>, patient: Node<'a>) {
    let institution =
        extension(patient, systems::INSTITUTION_EXTENSION).and_then(|one| one.find_str("valueIdentifier.value"));
    let mut count = 0;
    for identifier in identifiers(patient) {
        let system = identifier.get_str("system").unwrap_or_default();
        let Some(rest) = system.strip_prefix(systems::LOCAL_PATIENT) else { continue };
        count += 1;
        let number = rest.strip_prefix('1').filter(|number| is_institution(number));
        if number.is_none() || count > 1 {
            rules.error("R1010", identifier);
        } else if institution.as_deref().is_some_and(|own| number != Some(own)) {
            rules.error("R1011", identifier);
        }
    }
}

/// R1012, R1013: the insured person's identifier, or that of a person on public assistance.
fn member_id<'a>(rules: &mut Rules<'a>, patient: Node<'a>) {
    let found = member_ids(patient);
    let [(identifier, public)] = found.as_slice() else {
        rules.error("R1012", patient.get("identifier").unwrap_or(patient));
        return;
    };
    if !is_member_id(&identifier.get_str("value").unwrap_or_default(), *public) {
        rules.error("R1013", *identifier);
    }
}

/// Identifiers of an insured person, and whether each is that of a person on public assistance.
fn member_ids<'a>(patient: Node<'a>) -> Vec<(Node<'a>, bool)> {
    let mut found = Vec::new();
    for identifier in identifiers(patient) {
        match identifier.get_str("system").as_deref() {
            Some(systems::MEMBER_ID) => found.push((identifier, false)),
            Some(systems::PUBLIC_PAYER_MEMBER_ID) => found.push((identifier, true)),
            _ => {}
        }
    }
    found
}

/// R1012: exactly one identifier of an insured person, or of one on public assistance.
pub(crate) fn has_one_member_id(patient: Node<'_>) -> bool {
    member_ids(patient).len() == 1
}

/// R1013: the form of that identifier, where there is exactly one.
pub(crate) fn has_member_id_form(patient: Node<'_>) -> bool {
    match member_ids(patient).as_slice() {
        [(identifier, public)] => is_member_id(&identifier.get_str("value").unwrap_or_default(), *public),
        _ => true,
    }
}

/// Whether a text has the form of an insured person's identifier.
pub(super) fn is_member_id(value: &str, public: bool) -> bool {
    let parts: Vec<&str> = value.split(':').collect();
    let [insurer, symbol, number, branch] = parts.as_slice() else { return false };
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let free = |text: &str| !text.chars().any(|c| c.is_whitespace() || c == '^');
    if public {
        return digits(insurer, 8) && symbol.is_empty() && digits(number, 7) && branch.is_empty();
    }
    digits(insurer, 8) && free(symbol) && free(number) && (branch.is_empty() || digits(branch, 2))
}

/// R1112, R1113: a name in kanji or kana, without full-width space.
fn names<'a>(rules: &mut Rules<'a>, patient: Node<'a>) {
    let mut represented = false;
    for name in patient.find("name") {
        let Some(extension) = extension(name, systems::NAME_REPRESENTATION) else { continue };
        represented |= matches!(extension.get_str("valueCode").as_deref(), Some("IDE" | "SYL"));
        if name.get_str("text").is_some_and(|text| text.contains('\u{3000}')) {
            rules.error("R1113", name.get("text").unwrap_or(name));
        }
    }
    if !represented {
        rules.error("R1112", patient.get("name").unwrap_or(patient));
    }
}
