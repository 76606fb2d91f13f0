//! Rules of the other resources: institution, department, encounter, medicines, laboratory codes.

use super::{Rules, codings, extension, has_profile, is_institution, is_kind, kind_of};
use crate::{json::Node, outcome::IssueType, values::systems};

const LAB_PROFILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS";
const MEDICATION_PROFILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS";

/// Rules of a resource in a collection, the Patient apart: R9011 to R9016.
pub(super) fn in_collection<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    match institution(node) {
        None => {
            let ja = "Patient以外のリソースには拡張JP_eCS_InstitutionNumber(医療機関番号)が必要です。";
            let en = "Every resource but the Patient needs the extension JP_eCS_InstitutionNumber.";
            rules.error("R9011", IssueType::Required, node, ja, en);
        }
        Some(number) if !number.as_deref().is_some_and(is_institution) => {
            let ja = "拡張JP_eCS_InstitutionNumberの医療機関番号は10桁(都道府県2桁、点数表1〜3、7桁)です。";
            let en = "The number in JP_eCS_InstitutionNumber has ten digits (prefecture, 1 to 3, seven digits).";
            rules.error("R9012", IssueType::Value, node, ja, en);
        }
        Some(_) => {}
    }
    let (contained, department, encounter) = match kind_of(node).map(tsumugi_kernel::Kind::name) {
        Some("Condition") => ("R9013C", "R9014C", "R9016C"),
        Some("Observation") => ("R9013O", "R9014O", "R9016O"),
        _ => return,
    };
    if !node.find("contained").any(|inner| is_kind(inner, "Encounter")) {
        let ja = "このリソースにはcontainedにEncounter(JP_Encounter)が必要です。";
        rules.error(
            contained,
            IssueType::Required,
            node,
            ja,
            "This resource needs a contained Encounter (JP_Encounter).",
        );
    }
    if extension(node, systems::DEPARTMENT_EXTENSION).is_none() {
        let ja = "このリソースには診療科の拡張JP_eCS_Departmentが必要です。";
        rules.error(department, IssueType::Required, node, ja, "This resource needs the extension JP_eCS_Department.");
    }
    if node.get("encounter").is_none() {
        let ja = "このリソースにはencounterが必要です。";
        rules.error(encounter, IssueType::Required, node, ja, "This resource needs encounter.");
    }
    if is_kind(node, "Condition") && !node.get("onsetDateTime").is_some_and(Node::is_string) {
        let ja = "傷病名にはonsetDateTime(発症日または開始日)が必要です。";
        rules.error("R9015C", IssueType::Required, node, ja, "A Condition needs onsetDateTime.");
    }
}

/// Rules that hold in collections and documents alike.
pub(super) fn everywhere<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    match kind_of(node).map(tsumugi_kernel::Kind::name) {
        Some("AllergyIntolerance") => allergy(rules, node),
        Some("MedicationRequest") if has_profile(node, MEDICATION_PROFILE) => medication(rules, node),
        Some("Observation")
            if has_profile(node, LAB_PROFILE) && codings(node.get("code"), systems::LOCAL_LABO, None) == 0 =>
        {
            let at = node.get("code").unwrap_or(node);
            let ja = "検体検査のcode.codingにはローカルコード(JP_CLINS_ObsLabResult_LocalCode_CS)が必要です。";
            let en = "A laboratory result needs a local code (JP_CLINS_ObsLabResult_LocalCode_CS) in code.coding.";
            rules.error("R6021", IssueType::Required, at, ja, en);
        }
        _ => {}
    }
}

/// R2011: a warning, since other allergies to medicines are legal.
fn allergy<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    let medication = node.find("category").any(|category| category.as_str().as_deref() == Some("medication"));
    if medication && node.get_str("criticality").as_deref() != Some("high") {
        let ja = "薬剤禁忌として送る場合は、categoryをmedication、criticalityをhighにします。薬剤禁忌でなければこのままで構いません。";
        let en =
            "To send a contraindicated medicine set category medication and criticality high. If it is none, leave it.";
        rules.warn("R2011", IssueType::BusinessRule, node.get("criticality").unwrap_or(node), ja, en);
    }
}

/// R3010, R5020, R5021: the medicine's code and the usage's code.
fn medication<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    let concept = node.get("medicationCodeableConcept");
    if ![systems::YJ, systems::GENERAL_NAME, systems::MEDICATION_NOCODED]
        .iter()
        .any(|system| codings(concept, system, None) == 1)
    {
        let ja = "薬剤のコードには、YJコード、一般名コード、標準コードなし(NOCODED)のどれかが必要です。";
        let en = "A medicine's code needs a YJ code, a general-name code, or the code for no standard code.";
        rules.error("R3010", IssueType::Required, concept.unwrap_or(node), ja, en);
    }
    for dosage in node.find("dosageInstruction") {
        let usage = dosage.get("timing").and_then(|timing| timing.get("code"));
        let coded = codings(usage, systems::USAGE, None) > 0;
        let dummy = codings(usage, systems::USAGE_UNCODED, Some(systems::USAGE_DUMMY)) > 0;
        if coded == dummy {
            let ja = "用法には、電子処方箋の用法コードかダミー用法コードのどちらか一方だけが必要です。";
            let en = "The usage needs either a usage code of electronic prescriptions or the dummy code, and only one of them.";
            rules.error("R5020", IssueType::Required, dosage, ja, en);
        }
        if coded && dummy {
            let ja = "電子処方箋の用法コードとダミー用法コードは同時に使えません。";
            let en = "A usage code of electronic prescriptions and the dummy code must not stand together.";
            rules.error("R5021", IssueType::Invariant, dosage, ja, en);
        }
    }
}

/// R1021: the form of the institution number where the extension is there.
pub(super) fn institution_form<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    if institution(node).is_some_and(|number| !number.is_some_and(|number| is_institution(&number))) {
        let ja = "医療機関番号は、都道府県番号2桁、点数表区分(1〜3)1桁、医療機関コード7桁の10桁です。";
        let en = "The institution number has ten digits: prefecture (2), fee table 1 to 3, institution (7).";
        rules.error("R1021", IssueType::Value, node, ja, en);
    }
}

/// The institution extension of a resource: `None` without it, `Some(None)` with one that has no text.
fn institution(node: Node<'_>) -> Option<Option<std::borrow::Cow<'_, str>>> {
    extension(node, systems::INSTITUTION_EXTENSION).map(|one| one.find_str("valueIdentifier.value"))
}
