//! Rules of the other resources: institution, department, encounter, medicines, laboratory codes.

use tsumugi_fhir::{json::Node, values::systems};

use super::{Rules, codings, extension, has_profile, is_institution, is_kind, kind_of};

const ENCOUNTER_PROFILE: &str = "http://jpfhir.jp/fhir/core/StructureDefinition/JP_Encounter";
const LAB_PROFILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Observation_LabResult_eCS";
const MEDICATION_PROFILE: &str = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_MedicationRequest_eCS";

/// Rules of a resource in a collection, the Patient apart: R9011 to R9016.
pub(super) fn in_collection<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    match institution(node) {
        None => {
            rules.error("R9011", node);
        }
        Some(number) if !number.as_deref().is_some_and(is_institution) => {
            rules.error("R9012", node);
        }
        Some(_) => {}
    }
    let (contained, department, encounter) = match kind_of(node).map(tsumugi_kernel::Kind::name) {
        Some("Condition") => ("R9013C", "R9014C", "R9016C"),
        Some("Observation") => ("R9013O", "R9014O", "R9016O"),
        _ => return,
    };
    // The published expression looks at what the contained resource claims, not at its kind.
    let claims = |inner: Node<'_>| has_profile(inner, ENCOUNTER_PROFILE);
    if !node.find("contained").any(|inner| is_kind(inner, "Encounter") && claims(inner)) {
        rules.error(contained, node);
    }
    if extension(node, systems::DEPARTMENT_EXTENSION).is_none() {
        rules.error(department, node);
    }
    if node.get("encounter").is_none() {
        rules.error(encounter, node);
    }
    if is_kind(node, "Condition") && !node.get("onsetDateTime").is_some_and(Node::is_string) {
        rules.error("R9015C", node);
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
            rules.error("R6021", at);
        }
        _ => {}
    }
}

/// R2011: a warning, since other allergies to medicines are legal.
fn allergy<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    let medication = node.find("category").any(|category| category.as_str().as_deref() == Some("medication"));
    if medication && node.get_str("criticality").as_deref() != Some("high") {
        rules.warn("R2011", node.get("criticality").unwrap_or(node));
    }
}

/// R3010, R5020, R5021: the medicine's code and the usage's code.
fn medication<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    let concept = node.get("medicationCodeableConcept");
    if ![systems::YJ, systems::GENERAL_NAME, systems::MEDICATION_NOCODED]
        .iter()
        .any(|system| codings(concept, system, None) == 1)
    {
        rules.error("R3010", concept.unwrap_or(node));
    }
    for dosage in node.find("dosageInstruction") {
        let usage = dosage.get("timing").and_then(|timing| timing.get("code"));
        let coded = codings(usage, systems::USAGE, None) > 0;
        let dummy = codings(usage, systems::USAGE_UNCODED, Some(systems::USAGE_DUMMY)) > 0;
        if coded == dummy {
            rules.error("R5020", dosage);
        }
        if coded && dummy {
            rules.error("R5021", dosage);
        }
    }
}

/// R1021: the form of the institution number where the extension is there.
pub(super) fn institution_form<'a>(rules: &mut Rules<'a>, node: Node<'a>) {
    if institution(node).is_some_and(|number| !number.is_some_and(|number| is_institution(&number))) {
        rules.error("R1021", node);
    }
}

/// The institution extension of a resource: `None` without it, `Some(None)` with one that has no text.
fn institution(node: Node<'_>) -> Option<Option<std::borrow::Cow<'_, str>>> {
    extension(node, systems::INSTITUTION_EXTENSION).map(|one| one.find_str("valueIdentifier.value"))
}
