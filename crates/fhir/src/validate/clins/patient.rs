//! Rules of the Patient: identifiers and names.

use super::{Rules, extension, is_institution};
use crate::{json::Node, outcome::IssueType, values::systems};

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
            let ja = "施設の患者番号は一つで、systemは urn:oid:1.2.392.100495.20.3.51.1 に医療機関番号10桁を続けたものです。";
            let en = "There is one patient number of the institution, with the system urn:oid:1.2.392.100495.20.3.51.1 followed by the ten-digit institution number.";
            rules.error("R1010", IssueType::Value, identifier, ja, en);
        } else if institution.as_deref().is_some_and(|own| number != Some(own)) {
            let ja = "施設の患者番号のsystemの医療機関番号が、拡張JP_eCS_InstitutionNumberの番号と違います。";
            let en =
                "The institution in the system of the patient number differs from the one in JP_eCS_InstitutionNumber.";
            rules.error("R1011", IssueType::Invariant, identifier, ja, en);
        }
    }
}

/// R1012, R1013: the insured person's identifier, or that of a person on public assistance.
fn member_id<'a>(rules: &mut Rules<'a>, patient: Node<'a>) {
    let mut found = Vec::new();
    for identifier in identifiers(patient) {
        match identifier.get_str("system").as_deref() {
            Some(systems::MEMBER_ID) => found.push((identifier, false)),
            Some(systems::PUBLIC_PAYER_MEMBER_ID) => found.push((identifier, true)),
            _ => {}
        }
    }
    let [(identifier, public)] = found.as_slice() else {
        let ja = "被保険者個人識別子(JP_Insurance_memberID)または生活保護受給者の識別子が、合わせて一つだけ必要です。";
        let en = "Exactly one insured person's identifier (JP_Insurance_memberID) or public assistance identifier is needed.";
        rules.error("R1012", IssueType::Required, patient.get("identifier").unwrap_or(patient), ja, en);
        return;
    };
    if !is_member_id(&identifier.get_str("value").unwrap_or_default(), *public) {
        let ja = "被保険者個人識別子は 保険者番号8桁:記号:番号:枝番2桁 です。ないところは空にし、空白は入れません(生活保護は 公費負担者番号8桁::受給者番号7桁:)。";
        let en = "The insured person's identifier is insurer number (8 digits):symbol:number:branch (2 digits); empty where missing, without white space (public assistance: 8 digits::7 digits:).";
        rules.error("R1013", IssueType::Value, *identifier, ja, en);
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
            let ja = "患者氏名に全角空白があります。姓と名は続けて書くか、半角空白で区切ります。";
            let en = "The patient's name holds a full-width space. Write it without a space or with a half-width one.";
            rules.error("R1113", IssueType::Value, name.get("text").unwrap_or(name), ja, en);
        }
    }
    if !represented {
        let ja = "患者氏名には、漢字(IDE)かカナ(SYL)のどちらかが必要です。";
        let en = "The patient's name is needed in kanji (IDE) or kana (SYL).";
        rules.error("R1112", IssueType::Required, patient.get("name").unwrap_or(patient), ja, en);
    }
}
