//! From a resource to its values: category, flags, day, search values, the patient it is about, its references.

use std::borrow::Cow;

use tsumugi_kernel::{Flags, Kind, RecordCategory};

use super::{
    Entry, Value, Values,
    params::{self, Param, ParamType},
    systems,
};
use crate::{date::Span, json::Node, text::fold};

/// The values of a resource.
#[must_use]
pub fn extract<'a>(kind: Kind, node: &Node<'a>) -> Values<'a> {
    let mut entries = Vec::with_capacity(12);
    let mut day = None;
    let mut done = 0u64;
    for param in params::of_kind(kind) {
        // Two names of one parameter are one value.
        if done & (1 << (param.code % 64)) != 0 {
            continue;
        }
        done |= 1 << (param.code % 64);
        match param.code {
            params::PATIENT => {
                let subject = subject_of(kind, *node).and_then(|node| node.get_str("reference"));
                entries.extend(subject.and_then(|text| reference_value(params::PATIENT, text)));
            }
            params::DATE => {
                let first = params::DATES.iter().find_map(|path| Some((*path, span(node.get(path)?)?)));
                if let Some((path, span)) = first {
                    day = span.day().or_else(|| Span { from: span.to, to: span.to }.day());
                    let param = if params::is_own_date(kind, path) { params::DATE } else { params::MOMENT };
                    entries.push(Entry { param, value: Value::Date { from: span.from, to: span.to } });
                }
            }
            _ => collect(param, *node, &mut entries),
        }
    }
    Values { category: category(kind, node), flags: flags(node), day, entries }
}

fn collect<'a>(param: &Param, node: Node<'a>, entries: &mut Vec<Entry<'a>>) {
    let entry = |value| Entry { param: param.code, value };
    for path in param.paths {
        for found in node.find(path) {
            match param.ty {
                ParamType::Token => tokens(found, |value| entries.push(entry(value))),
                ParamType::Date => {
                    if let Some(span) = span(found) {
                        entries.push(entry(Value::Date { from: span.from, to: span.to }));
                        return;
                    }
                }
                ParamType::Reference => {
                    if let Some(found) = found.get_str("reference").and_then(|text| reference_value(param.code, text)) {
                        entries.push(found);
                        return;
                    }
                }
                ParamType::String => names(found, |value| entries.push(entry(value))),
                ParamType::Uri => entries.extend(found.as_str().map(|text| entry(Value::Uri(text)))),
            }
        }
    }
}

/// The tokens of a code, a boolean, a Coding, a CodeableConcept or an Identifier.
fn tokens<'a>(node: Node<'a>, mut take: impl FnMut(Value<'a>)) {
    if let Some(code) = node.as_str() {
        return take(Value::Token { system: Cow::Borrowed(""), code });
    }
    if let Some(yes) = node.as_bool() {
        return take(Value::Token {
            system: Cow::Borrowed(""),
            code: Cow::Borrowed(if yes { "true" } else { "false" }),
        });
    }
    let one = |node: Node<'a>| {
        let code = node.get_str("code").or_else(|| node.get_str("value"))?;
        let system = systems::present(node.get_str("system").unwrap_or_default());
        Some(Value::Token { system, code })
    };
    match node.get("coding") {
        Some(codings) => codings.find("").filter_map(one).for_each(take),
        None => one(node).into_iter().for_each(take),
    }
}

/// The folded texts of a name: a string, or the parts of a HumanName.
fn names<'a>(node: Node<'a>, mut take: impl FnMut(Value<'a>)) {
    if let Some(name) = node.as_str() {
        return take(Value::Text(Cow::Owned(fold(&name))));
    }
    for part in ["text", "family", "given"] {
        for name in node.find(part).filter_map(Node::as_str) {
            take(Value::Text(Cow::Owned(fold(&name))));
        }
    }
}

/// The span of a date, a time, a Period, or the outer limits of a Timing (R4: only those matter to a search).
#[must_use]
pub fn span(node: Node<'_>) -> Option<Span> {
    if let Some(text) = node.as_str() {
        return Span::parse(&text);
    }
    if !node.is_object() {
        return None;
    }
    let events = node.find("event").filter_map(|event| Span::parse(&event.as_str()?));
    let limits = |a: Span, b: Span| Span { from: a.from.min(b.from), to: a.to.max(b.to) };
    if let Some(outer) = events.reduce(limits) {
        return Some(outer);
    }
    let period = node.get("repeat").and_then(|repeat| repeat.get("boundsPeriod")).unwrap_or(node);
    let part = |name: &str| period.get_str(name).and_then(|text| Span::parse(&text));
    match (part("start"), part("end")) {
        (None, None) => None,
        (start, end) => Some(Span { from: start.map_or(i64::MIN, |s| s.from), to: end.map_or(i64::MAX, |s| s.to) }),
    }
}

fn reference_value(param: u16, text: Cow<'_, str>) -> Option<Entry<'_>> {
    let value = match ReferenceText::read(&text) {
        ReferenceText::Contained(_) => return None,
        ReferenceText::Relative { kind, id, .. } => {
            let id: Cow<'_, str> = match &text {
                Cow::Borrowed(whole) => match ReferenceText::read(whole) {
                    ReferenceText::Relative { id, .. } => Cow::Borrowed(id),
                    _ => Cow::Owned(id.to_owned()),
                },
                Cow::Owned(_) => Cow::Owned(id.to_owned()),
            };
            Value::Reference { kind: Some(kind), id }
        }
        _ => Value::Reference { kind: None, id: text },
    };
    Some(Entry { param, value })
}

/// The text of a reference, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferenceText<'a> {
    /// `#id`: a contained resource; `#` alone is the resource itself.
    Contained(&'a str),
    /// `Kind/id`, perhaps with `/_history/version`.
    Relative {
        /// Kind.
        kind: Kind,
        /// Id.
        id: &'a str,
        /// Version.
        version: Option<&'a str>,
    },
    /// `urn:uuid:…` or `urn:oid:…`: an entry of the same bundle.
    Urn(&'a str),
    /// A URL with a scheme.
    Absolute(&'a str),
    /// None of these.
    Other(&'a str),
}

impl<'a> ReferenceText<'a> {
    /// Takes a reference's text apart.
    #[must_use]
    pub fn read(text: &'a str) -> Self {
        if let Some(id) = text.strip_prefix('#') {
            return Self::Contained(id);
        }
        if text.starts_with("urn:") {
            return Self::Urn(text);
        }
        if text.contains("://") {
            return Self::Absolute(text);
        }
        let mut parts = text.split('/');
        let (kind, id, history, version) = (parts.next(), parts.next(), parts.next(), parts.next());
        match (kind.and_then(Kind::from_name), id, history, version, parts.next()) {
            (Some(kind), Some(id), None, None, None) if is_id(id) => Self::Relative { kind, id, version: None },
            (Some(kind), Some(id), Some("_history"), Some(version), None) if is_id(id) && is_id(version) => {
                Self::Relative { kind, id, version: Some(version) }
            }
            _ => Self::Other(text),
        }
    }
}

/// Whether `text` has FHIR's form of an id: 1 to 64 characters of `A–Z a–z 0–9 - .`
pub(crate) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

/// Flags of JP-CLINS in `meta.tag`.
#[must_use]
pub fn flags(node: &Node<'_>) -> Flags {
    let mut flags = Flags::default();
    for tag in node.find("meta.tag") {
        flags = flags.with(match (tag.get_str("system").as_deref(), tag.get_str("code").as_deref()) {
            (Some(systems::INDICATION), Some("LTS")) => Flags::LONG_TERM,
            (Some(systems::INDICATION), Some("UNINFORMED")) => Flags::UNINFORMED,
            (Some(systems::INDICATION), Some("UNDELIVERED")) => Flags::UNDELIVERED,
            (Some(systems::RELEASE), Some("to-be-explained")) => Flags::EXPLAIN,
            (Some(systems::RELEASE), Some("self-only")) => Flags::SELF_ONLY,
            _ => Flags::default(),
        });
    }
    flags
}

/// What a resource is about, as the rules see it.
#[must_use]
pub fn category(kind: Kind, node: &Node<'_>) -> RecordCategory {
    use RecordCategory as C;
    if let Some(own) = own_category(*node) {
        return own;
    }
    match kind.name() {
        "Patient"
        | "Person"
        | "RelatedPerson"
        | "Practitioner"
        | "PractitionerRole"
        | "Organization"
        | "Location"
        | "OrganizationAffiliation"
        | "HealthcareService"
        | "Coverage"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse" => C::Identity,
        "Composition" | "DocumentReference" => document(*node),
        "Observation" => observation(*node),
        "DiagnosticReport" => report(*node),
        "AllergyIntolerance" => {
            let medication = node.find("category").any(|c| c.as_str().as_deref() == Some("medication"));
            let high = node.get_str("criticality").as_deref() == Some("high");
            if medication && high { C::Contraindication } else { C::Allergy }
        }
        "Condition" => C::Condition,
        "Specimen" => C::Laboratory,
        "Medication"
        | "MedicationRequest"
        | "MedicationDispense"
        | "MedicationAdministration"
        | "MedicationStatement" => C::Medication,
        "Encounter" | "Appointment" => C::Encounter,
        "Procedure" => C::Procedure,
        "Immunization" | "ImmunizationEvaluation" | "ImmunizationRecommendation" => C::Vaccination,
        "CarePlan" | "CareTeam" | "EpisodeOfCare" | "Goal" | "NutritionOrder" => C::Care,
        "Flag" => C::Precaution,
        "Consent" => C::Mandate,
        "Claim"
        | "ClaimResponse"
        | "ExplanationOfBenefit"
        | "Account"
        | "ChargeItem"
        | "Invoice"
        | "PaymentNotice"
        | "PaymentReconciliation" => C::Claims,
        "MolecularSequence" => C::Genome,
        _ => C::Other,
    }
}

/// A category that one of our own code systems says, in `category`, `type` or `code`.
fn own_category(node: Node<'_>) -> Option<RecordCategory> {
    let system_of = |system: &str| match system {
        systems::ADL | systems::CARE => Some(RecordCategory::Care),
        systems::PRECAUTION => Some(RecordCategory::Precaution),
        _ => None,
    };
    ["category.coding.system", "type.coding.system", "code.coding.system"]
        .iter()
        .find_map(|path| node.find(path).filter_map(Node::as_str).find_map(|system| system_of(&system)))
}

fn document(node: Node<'_>) -> RecordCategory {
    for code in node.find("type.coding.code").filter_map(Node::as_str) {
        match &*code {
            "57133-1" => return RecordCategory::Referral,
            "18842-5" => return RecordCategory::Discharge,
            "53576-5" => return RecordCategory::Checkup,
            "56447-6" => return RecordCategory::PatientSummary,
            "57833-6" | "29551-9" => return RecordCategory::Medication,
            _ => {}
        }
    }
    RecordCategory::Other
}

fn observation(node: Node<'_>) -> RecordCategory {
    use RecordCategory as C;
    let systems_of_code = || node.find("code.coding.system").filter_map(Node::as_str);
    // 検査 and 感染症 are told apart by the code alone.
    if systems_of_code().any(|system| system.contains("_InfectionLabo_")) {
        return C::Infection;
    }
    let checkup = |profile: Cow<'_, str>| profile.contains("/eCheckup/") || profile.contains("/eMunicipalCheckup/");
    if node.find("meta.profile").filter_map(Node::as_str).any(checkup) {
        return C::Checkup;
    }
    for code in node.find("category.coding.code").filter_map(Node::as_str) {
        match &*code {
            "laboratory" => return C::Laboratory,
            "vital-signs" => return C::Vital,
            "genomics" => return C::Genome,
            _ => {}
        }
    }
    let labo = |system: Cow<'_, str>| system.contains("_CoreLabo_") || system == systems::LOCAL_LABO;
    if systems_of_code().any(labo) { C::Laboratory } else { C::Other }
}

fn report(node: Node<'_>) -> RecordCategory {
    let has = |code: &str| node.find("category.coding.code").any(|c| c.as_str().as_deref() == Some(code));
    if has("GE") {
        RecordCategory::Genome
    } else if has("LAB") || has("laboratory") {
        RecordCategory::Laboratory
    } else {
        RecordCategory::Other
    }
}

/// Elements through which the patient compartment of R4 reaches a kind, where it is not `subject` or `patient`.
const COMPARTMENT: &[(&str, &[&str])] = &[
    ("Appointment", &["participant.actor"]),
    ("AppointmentResponse", &["actor"]),
    ("AuditEvent", &["entity.what"]),
    ("Coverage", &["beneficiary"]),
    ("EnrollmentRequest", &["candidate"]),
    ("Group", &["member.entity"]),
    ("Patient", &[]),
    ("Person", &["link.target"]),
    ("Provenance", &["target"]),
    ("ResearchSubject", &["individual"]),
    ("Schedule", &["actor"]),
    ("Task", &["for"]),
];

/// The Reference that says which patient a resource is about: an object with `reference`, `identifier` or `display`.
///
/// `None` for a `Patient` itself, and where there is no such element. Where an element repeats, the first that names a
/// Patient is taken, else the first.
#[must_use]
pub fn subject<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let kind = node.get_str("resourceType").and_then(|name| Kind::from_name(&name))?;
    subject_of(kind, *node)
}

fn subject_of(kind: Kind, node: Node<'_>) -> Option<Node<'_>> {
    let paths = COMPARTMENT
        .iter()
        .find(|(name, _)| *name == kind.name())
        .map_or(&["subject", "patient"][..], |(_, paths)| paths);
    let names_patient = |node: &Node<'_>| {
        let text = node.get_str("reference").unwrap_or_default();
        text.starts_with("Patient/") || text.contains("/Patient/") || node.get_str("type").as_deref() == Some("Patient")
    };
    paths.iter().find_map(|path| {
        let objects = || node.find(path).filter(|node| node.is_object());
        objects().find(names_patient).or_else(|| objects().next())
    })
}

/// One `{"reference": "…"}` of a document.
#[derive(Clone, Debug)]
pub struct Reference<'a> {
    /// The reference's text.
    pub text: Cow<'a, str>,
    /// The Reference object.
    pub node: Node<'a>,
    /// The string in it.
    pub value: Node<'a>,
}

/// Every literal reference in a resource, contained resources included, in document order.
pub fn references<'a>(node: &Node<'a>) -> impl Iterator<Item = Reference<'a>> {
    let mut found = Vec::new();
    node.each_member(|owner, key, value| {
        if let (Some("reference"), Some(text)) = (key.as_str().as_deref(), value.as_str()) {
            found.push(Reference { text, node: owner, value });
        }
    });
    found.into_iter()
}
