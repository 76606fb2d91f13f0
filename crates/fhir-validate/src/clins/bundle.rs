//! Rules of the bundle: identifier, profile, tag, which resources stand in it, and a document's Composition.

use tsumugi_fhir::{bundle::Bundle, json::Node, values::systems};

use super::{Rules, has_profile, is_institution, is_kind};

const BUNDLE_PROFILE: &str = "http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS";
const PATIENT_PROFILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS";
const SECTIONS: &str = "http://jpfhir.jp/fhir/clins/CodeSystem/document-section";
const KINDS: [&str; 3] = ["AllergyIntolerance", "Condition", "Observation"];
/// LOINC codes of the documents: referral letter, discharge summary, checkup report, patient summary.
const DOCUMENTS: [&str; 4] = ["57133-1", "18842-5", "53576-5", "56447-6"];
/// Sections that the structured part of a discharge summary has.
const DISCHARGE: [&str; 10] = ["322", "342", "352", "312", "362", "333", "324", "344", "444", "424"];

/// R02151, R2152: the bundle's identifier, by which a later bundle replaces this one.
pub(super) fn identifier<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let at = bundle.node.get("identifier").unwrap_or(bundle.node);
    let (system, value) = bundle.identifier.as_ref().map_or(("", ""), |(system, value)| (&**system, &**value));
    if system != systems::BUNDLE_IDENTIFIER {
        rules.error("R02151", at);
    }
    if !is_bundle_id(value) {
        rules.error("R2152", at);
    }
}

fn is_bundle_id(value: &str) -> bool {
    let parts: Vec<&str> = value.split('^').collect();
    let [institution, year, rest] = parts.as_slice() else { return false };
    let year_fits = matches!(year.as_bytes(), [b'2', b'0', b'2' | b'3', last] if last.is_ascii_digit());
    let rest_fits = (1..=36).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_institution(institution) && year_fits && rest_fits
}

/// R0213, R02141, R02142, R02143: profile and tag, and resources of the tagged kind.
pub(super) fn profile_and_tag<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let node = bundle.node;
    let meta = node.get("meta").unwrap_or(node);
    if !has_profile(node, BUNDLE_PROFILE) {
        rules.error("R0213", meta);
    }
    let tags: Vec<Node<'a>> = node
        .find("meta.tag")
        .filter(|tag| tag.get_str("system").as_deref() == Some(systems::BUNDLE_RESOURCE_TYPE))
        .collect();
    let codes: Vec<_> = tags.iter().filter_map(|tag| tag.get_str("code")).collect();
    match (tags.as_slice(), codes.as_slice()) {
        ([], _) => {
            rules.error("R02141", meta);
        }
        ([_], [code]) if KINDS.contains(&&**code) => {
            if !bundle.resources().any(|resource| is_kind(resource, code)) {
                rules.error("R02143", tags[0]);
            }
        }
        ([first, ..], _) => {
            rules.error("R02142", *first);
        }
    }
}

/// R0211, R0212, and one kind of resource in a bundle.
pub(super) fn entries<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let at = bundle.first().or_else(|| bundle.node.get("entry")).unwrap_or(bundle.node);
    match bundle.first().filter(|first| is_kind(*first, "Patient")) {
        None => {
            rules.error("R0211", at);
        }
        Some(patient) if !has_profile(patient, PATIENT_PROFILE) => {
            rules.error("R0212", patient);
        }
        Some(_) => {}
    }
    let tagged = bundle.node.find("meta.tag").find_map(|tag| {
        tag.get_str("code").filter(|_| tag.get_str("system").as_deref() == Some(systems::BUNDLE_RESOURCE_TYPE))
    });
    for resource in bundle.resources().skip(1) {
        let name = resource.get_str("resourceType").unwrap_or_default();
        if name == "MedicationRequest" {
            rules.warn("CLINS-kinds/prescription", resource);
        } else if tagged.as_deref().is_some_and(|tagged| tagged != name) {
            rules.error("CLINS-kinds", resource);
        }
    }
}

/// A document starts with a Composition of a known type about the one Patient in it, with its required sections.
pub(super) fn composition<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let Some(composition) = bundle.first().filter(|first| is_kind(*first, "Composition")) else {
        let at = bundle.first().unwrap_or(bundle.node);
        rules.error("CLINS-composition", at);
        return;
    };
    let mut patients =
        bundle.entries.iter().filter(|entry| entry.resource.is_some_and(|node| is_kind(node, "Patient")));
    let patient = patients.next();
    if patient.is_none() || patients.next().is_some() {
        rules.error("CLINS-patient", bundle.node);
    }
    let subject = composition.get("subject").and_then(|subject| subject.get_str("reference"));
    let points = |entry: &tsumugi_fhir::bundle::Entry<'_>| {
        let id = entry.resource.and_then(|node| node.get_str("id")).unwrap_or_default();
        subject == entry.full_url || subject.as_deref().is_some_and(|text| text.strip_prefix("Patient/") == Some(&*id))
    };
    if patient.is_some_and(|entry| subject.is_none() || !points(entry)) {
        let at = composition.get("subject").unwrap_or(composition);
        rules.error("CLINS-subject", at);
    }
    let kind = composition.find("type.coding.code").filter_map(Node::as_str).find(|code| DOCUMENTS.contains(&&**code));
    match kind.as_deref() {
        None => {
            let at = composition.get("type").unwrap_or(composition);
            rules.error("CLINS-document-type", at);
        }
        Some("57133-1") => referral(rules, composition),
        Some("18842-5") => discharge(rules, composition),
        Some(_) => {}
    }
}

/// The section with this code among `sections`.
fn section<'a>(parent: Node<'a>, code: &str) -> Option<Node<'a>> {
    parent.find("section").find(|section| super::codings(section.get("code"), SECTIONS, Some(code)) > 0)
}

fn referral<'a>(rules: &mut Rules<'a>, composition: Node<'a>) {
    for code in ["920", "910"] {
        if section(composition, code).is_none() {
            rules.error("CLINS-section", composition);
        }
    }
    let pdf = section(composition, "230").is_some();
    if pdf && ["300", "200"].iter().all(|code| section(composition, code).is_none()) {
        rules.error("CLINS-pdf-only", composition);
    }
}

fn discharge<'a>(rules: &mut Rules<'a>, composition: Node<'a>) {
    let Some(body) = section(composition, "300") else { return };
    if DISCHARGE.iter().any(|code| section(body, code).is_none()) {
        rules.warn("CLINS-section/discharge", body);
    }
}
