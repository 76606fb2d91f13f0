//! Rules of the bundle: identifier, profile, tag, which resources stand in it, and a document's Composition.

use super::{Rules, has_profile, is_institution, is_kind};
use crate::{bundle::Bundle, json::Node, outcome::IssueType, values::systems};

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
        let ja = "Bundle.identifier.systemは http://jpfhir.jp/fhir/clins/bundle-identifier です。";
        let en = "Bundle.identifier.system is http://jpfhir.jp/fhir/clins/bundle-identifier.";
        rules.error("R02151", IssueType::Value, at, ja, en);
    }
    if !is_bundle_id(value) {
        let ja = "Bundle.identifier.valueは 医療機関番号10桁^西暦4桁^英数字とハイフン36文字以内 です。";
        let en = "Bundle.identifier.value is the ten-digit institution number, ^, the year, ^, and up to 36 of A-Z a-z 0-9 -.";
        rules.error("R2152", IssueType::Value, at, ja, en);
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
        let ja = "BundleのmetaプロファイルにJP_Bundle_CLINSが必要です。";
        rules.error("R0213", IssueType::Required, meta, ja, "Bundle.meta.profile must name JP_Bundle_CLINS.");
    }
    let tags: Vec<Node<'a>> = node
        .find("meta.tag")
        .filter(|tag| tag.get_str("system").as_deref() == Some(systems::BUNDLE_RESOURCE_TYPE))
        .collect();
    let codes: Vec<_> = tags.iter().filter_map(|tag| tag.get_str("code")).collect();
    match (tags.as_slice(), codes.as_slice()) {
        ([], _) => {
            let ja = "Bundle.meta.tagに、収めるリソースの種別(BundleResourceType_CS)が必要です。";
            let en = "Bundle.meta.tag must say which kind of resource the bundle holds (BundleResourceType_CS).";
            rules.error("R02141", IssueType::Required, meta, ja, en);
        }
        ([_], [code]) if KINDS.contains(&&**code) => {
            if !bundle.resources().any(|resource| is_kind(resource, code)) {
                let ja = "Bundle.meta.tagの種別のリソースが一つもありません。";
                rules.error(
                    "R02143",
                    IssueType::Required,
                    tags[0],
                    ja,
                    "No resource has the kind that Bundle.meta.tag says.",
                );
            }
        }
        ([first, ..], _) => {
            let ja = "Bundle.meta.tagの種別は AllergyIntolerance、Condition、Observation のどれか一つです。";
            let en = "The kind in Bundle.meta.tag is one of AllergyIntolerance, Condition, Observation.";
            rules.error("R02142", IssueType::CodeInvalid, *first, ja, en);
        }
    }
}

/// R0211, R0212, and one kind of resource in a bundle.
pub(super) fn entries<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let at = bundle.first().or_else(|| bundle.node.get("entry")).unwrap_or(bundle.node);
    match bundle.first().filter(|first| is_kind(*first, "Patient")) {
        None => {
            let ja = "最初のエントリーはPatientでなければなりません。";
            rules.error("R0211", IssueType::Required, at, ja, "The first entry must be a Patient.");
        }
        Some(patient) if !has_profile(patient, PATIENT_PROFILE) => {
            let ja = "最初のPatientのmeta.profileにJP_Patient_eCSが必要です。";
            rules.error(
                "R0212",
                IssueType::Required,
                patient,
                ja,
                "meta.profile of the first Patient must name JP_Patient_eCS.",
            );
        }
        Some(_) => {}
    }
    let tagged = bundle.node.find("meta.tag").find_map(|tag| {
        tag.get_str("code").filter(|_| tag.get_str("system").as_deref() == Some(systems::BUNDLE_RESOURCE_TYPE))
    });
    for resource in bundle.resources().skip(1) {
        let name = resource.get_str("resourceType").unwrap_or_default();
        if name == "MedicationRequest" {
            let ja = "5情報のBundleの処方は処理されません。処方は文書から取り出されます。";
            let en = "A prescription in this bundle is not processed; prescriptions are taken from documents.";
            rules.warn("CLINS-kinds", IssueType::BusinessRule, resource, ja, en);
        } else if tagged.as_deref().is_some_and(|tagged| tagged != name) {
            let ja = "一つのBundleには、Patientのほかにmeta.tagの種別のリソースだけを入れます。";
            let en = "Besides the Patient a bundle holds only resources of the kind in meta.tag.";
            rules.error("CLINS-kinds", IssueType::BusinessRule, resource, ja, en);
        }
    }
}

/// A document starts with a Composition of a known type about the one Patient in it, with its required sections.
pub(super) fn composition<'a>(rules: &mut Rules<'a>, bundle: &Bundle<'a>) {
    let Some(composition) = bundle.first().filter(|first| is_kind(*first, "Composition")) else {
        let at = bundle.first().unwrap_or(bundle.node);
        let ja = "文書の最初のエントリーはCompositionでなければなりません。";
        rules.error(
            "CLINS-composition",
            IssueType::Required,
            at,
            ja,
            "The first entry of a document must be a Composition.",
        );
        return;
    };
    let mut patients =
        bundle.entries.iter().filter(|entry| entry.resource.is_some_and(|node| is_kind(node, "Patient")));
    let patient = patients.next();
    if patient.is_none() || patients.next().is_some() {
        let ja = "文書にはPatientがちょうど一つ必要です。";
        rules.error("CLINS-patient", IssueType::Required, bundle.node, ja, "A document holds exactly one Patient.");
    }
    let subject = composition.get("subject").and_then(|subject| subject.get_str("reference"));
    let points = |entry: &crate::bundle::Entry<'_>| {
        let id = entry.resource.and_then(|node| node.get_str("id")).unwrap_or_default();
        subject == entry.full_url || subject.as_deref().is_some_and(|text| text.strip_prefix("Patient/") == Some(&*id))
    };
    if patient.is_some_and(|entry| subject.is_none() || !points(entry)) {
        let at = composition.get("subject").unwrap_or(composition);
        let ja = "Composition.subjectは文書の中のPatientを指さなければなりません。";
        rules.error(
            "CLINS-subject",
            IssueType::Required,
            at,
            ja,
            "Composition.subject must point to the Patient in the document.",
        );
    }
    let kind = composition.find("type.coding.code").filter_map(Node::as_str).find(|code| DOCUMENTS.contains(&&**code));
    match kind.as_deref() {
        None => {
            let at = composition.get("type").unwrap_or(composition);
            let ja = "Composition.typeは、診療情報提供書57133-1、退院時サマリー18842-5、健診53576-5、患者サマリー56447-6のどれかです。";
            let en = "Composition.type is one of 57133-1 referral, 18842-5 discharge summary, 53576-5 checkup, 56447-6 patient summary.";
            rules.error("CLINS-document-type", IssueType::CodeInvalid, at, ja, en);
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
            let ja = "診療情報提供書には紹介元(920)と紹介先(910)のセクションが必要です。";
            let en = "A referral letter needs the sections of the referring (920) and the receiving (910) institution.";
            rules.error("CLINS-section", IssueType::Required, composition, ja, en);
        }
    }
    let pdf = section(composition, "230").is_some();
    if pdf && ["300", "200"].iter().all(|code| section(composition, code).is_none()) {
        let ja = "PDFだけの診療情報提供書は受け付けられません。構造情報(300)かCDA参照(200)を加えてください。";
        let en =
            "A referral letter of PDF alone is not allowed. Add the structured section (300) or the CDA section (200).";
        rules.error("CLINS-pdf-only", IssueType::BusinessRule, composition, ja, en);
    }
}

fn discharge<'a>(rules: &mut Rules<'a>, composition: Node<'a>) {
    let Some(body) = section(composition, "300") else { return };
    if DISCHARGE.iter().any(|code| section(body, code).is_none()) {
        let ja =
            "退院時サマリーの構造情報(300)に足りないセクションがあります(322 342 352 312 362 333 324 344 444 424)。";
        let en = "The structured section (300) of the discharge summary lacks sections (322 342 352 312 362 333 324 344 444 424).";
        rules.warn("CLINS-section", IssueType::Required, body, ja, en);
    }
}
