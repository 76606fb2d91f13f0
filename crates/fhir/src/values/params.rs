//! Search parameters: their codes in packed values, their types, and where their values stand.
//!
//! INVARIANT: codes are written into stores; a code is never given to another parameter.

use std::sync::LazyLock;

use tsumugi_kernel::Kind;

/// FHIR's types of search parameters, as far as served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamType {
    /// A code with its system, or an identifier.
    Token,
    /// A date, a time or a period.
    Date,
    /// A reference to another resource.
    Reference,
    /// Text, found by its beginning.
    String,
    /// A canonical URL.
    Uri,
}

impl ParamType {
    /// FHIR's code (`SearchParamType`).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Date => "date",
            Self::Reference => "reference",
            Self::String => "string",
            Self::Uri => "uri",
        }
    }
}

/// `status`
pub const STATUS: u16 = 1;
/// `code`
pub const CODE: u16 = 2;
/// `category`
pub const CATEGORY: u16 = 3;
/// `date`: R4's parameter of that name, for the kinds of [`has_own_date`]
pub const DATE: u16 = 4;
/// `patient`, `subject`
pub const PATIENT: u16 = 5;
/// `encounter`
pub const ENCOUNTER: u16 = 6;
/// `identifier`
pub const IDENTIFIER: u16 = 7;
/// `_tag`
pub const TAG: u16 = 8;
/// `_profile`
pub const PROFILE: u16 = 9;
/// `type`
pub const TYPE: u16 = 10;
/// `clinical-status`
pub const CLINICAL_STATUS: u16 = 11;
/// `verification-status`
pub const VERIFICATION_STATUS: u16 = 12;
/// `intent`
pub const INTENT: u16 = 13;
/// `class`
pub const CLASS: u16 = 14;
/// `criticality`
pub const CRITICALITY: u16 = 15;
/// `name`
pub const NAME: u16 = 16;
/// `birthdate`
pub const BIRTHDATE: u16 = 17;
/// `gender`
pub const GENDER: u16 = 18;
/// `onset-date`
pub const ONSET_DATE: u16 = 19;
/// `recorded-date`
pub const RECORDED_DATE: u16 = 20;
/// `authoredon`
pub const AUTHORED_ON: u16 = 21;
/// `_security`
pub const SECURITY: u16 = 22;
/// The clinically relevant date of a fact where R4's `date` is another element or there is none
pub const MOMENT: u16 = 23;

/// One search parameter of some kinds.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its code in packed values.
    pub code: u16,
    /// Its name in a URL.
    pub name: &'static str,
    /// Its type.
    pub ty: ParamType,
    /// The kinds that have it; all where empty.
    kinds: &'static [&'static str],
    /// Where its values stand; of dates, the first that is there.
    pub(crate) paths: &'static [&'static str],
}

const fn param(
    code: u16,
    name: &'static str,
    ty: ParamType,
    kinds: &'static [&'static str],
    paths: &'static [&'static str],
) -> Param {
    Param { code, name, ty, kinds, paths }
}

const MEDICATIONS: &[&str] =
    &["MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement"];

/// Elements that hold the clinically relevant date, the first that is there counts.
pub(crate) const DATES: &[&str] = &[
    "effectiveDateTime",
    "effectivePeriod",
    "effectiveInstant",
    "effectiveTiming",
    "onsetDateTime",
    "onsetPeriod",
    "recordedDate",
    "authoredOn",
    "period",
    "date",
    "performedDateTime",
    "performedPeriod",
    "occurrenceDateTime",
    "occurrencePeriod",
    "occurrenceTiming",
    "whenHandedOver",
    "whenPrepared",
    "billablePeriod",
    "started",
    "sent",
    "dateTime",
    "startDate",
    "start",
    "identifiedDateTime",
    "servicedDate",
    "createdDateTime",
    "createdPeriod",
    "created",
    "issued",
    "recorded",
    "receivedTime",
    "authored",
    "dateAsserted",
];

/// Kinds whose first clinically relevant date is R4's search parameter `date`, and the element that it is: where the
/// element is absent the kind has no `date`, and what else is there is only the moment to sort by.
const OWN_DATES: &[(&str, &str)] = &[
    ("CarePlan", "period"),
    ("CareTeam", "period"),
    ("Composition", "date"),
    ("Consent", "dateTime"),
    ("DiagnosticReport", "effective"),
    ("Encounter", "period"),
    ("EpisodeOfCare", "period"),
    ("FamilyMemberHistory", "date"),
    ("Flag", "period"),
    ("Immunization", "occurrence"),
    ("List", "date"),
    ("Observation", "effective"),
    ("Procedure", "performed"),
];

/// Whether [`DATE`] of a kind is exactly R4's search parameter `date`.
#[must_use]
pub fn has_own_date(kind: Kind) -> bool {
    OWN_DATES.iter().any(|(name, _)| *name == kind.name())
}

/// Whether `path`, one of [`DATES`], is the element of R4's `date`.
pub(crate) fn is_own_date(kind: Kind, path: &str) -> bool {
    OWN_DATES.iter().any(|(name, element)| *name == kind.name() && path.starts_with(element))
}

use ParamType::{Date, Reference, String as Text, Token, Uri};

const PARAMS: &[Param] = &[
    param(STATUS, "status", Token, &[], &["status"]),
    param(
        CODE,
        "code",
        Token,
        &[
            "AdverseEvent",
            "AllergyIntolerance",
            "Basic",
            "ChargeItem",
            "ClinicalImpression",
            "Condition",
            "DetectedIssue",
            "DiagnosticReport",
            "Flag",
            "List",
            "Medication",
            "Observation",
            "Procedure",
            "RiskAssessment",
            "ServiceRequest",
            "Substance",
            "Task",
        ],
        &["code"],
    ),
    param(CODE, "code", Token, MEDICATIONS, &["medicationCodeableConcept"]),
    param(CODE, "code", Token, &["FamilyMemberHistory"], &["condition.code"]),
    param(CODE, "code", Token, &["DeviceRequest"], &["codeCodeableConcept"]),
    param(CODE, "code", Token, &["Immunization"], &["vaccineCode"]),
    param(CODE, "vaccine-code", Token, &["Immunization"], &["vaccineCode"]),
    param(
        CATEGORY,
        "category",
        Token,
        &[
            "AllergyIntolerance",
            "CarePlan",
            "CareTeam",
            "Communication",
            "CommunicationRequest",
            "Composition",
            "Condition",
            "Consent",
            "DiagnosticReport",
            "DocumentReference",
            "Flag",
            "Goal",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "Observation",
            "Procedure",
            "ServiceRequest",
        ],
        &["category"],
    ),
    param(DATE, "date", Date, &[], DATES),
    param(PATIENT, "patient", Reference, &[], &[]),
    param(PATIENT, "subject", Reference, &[], &[]),
    param(ENCOUNTER, "encounter", Reference, &[], &["encounter", "context", "context.encounter"]),
    param(IDENTIFIER, "identifier", Token, &[], &["identifier"]),
    param(TAG, "_tag", Token, &[], &["meta.tag"]),
    param(PROFILE, "_profile", Uri, &[], &["meta.profile"]),
    param(SECURITY, "_security", Token, &[], &["meta.security"]),
    param(
        TYPE,
        "type",
        Token,
        &[
            "Account",
            "AllergyIntolerance",
            "Bundle",
            "Composition",
            "Coverage",
            "Device",
            "DocumentReference",
            "Encounter",
            "EpisodeOfCare",
            "HealthcareService",
            "ImmunizationEvaluation",
            "Invoice",
            "Location",
            "Media",
            "Organization",
            "Specimen",
        ],
        &["type"],
    ),
    param(CLINICAL_STATUS, "clinical-status", Token, &["AllergyIntolerance", "Condition"], &["clinicalStatus"]),
    param(
        VERIFICATION_STATUS,
        "verification-status",
        Token,
        &["AllergyIntolerance", "Condition"],
        &["verificationStatus"],
    ),
    param(
        INTENT,
        "intent",
        Token,
        &["CarePlan", "DeviceRequest", "MedicationRequest", "NutritionOrder", "RequestGroup", "ServiceRequest", "Task"],
        &["intent"],
    ),
    param(CLASS, "class", Token, &["Encounter"], &["class"]),
    param(CRITICALITY, "criticality", Token, &["AllergyIntolerance"], &["criticality"]),
    param(
        NAME,
        "name",
        Text,
        &[
            "Endpoint",
            "HealthcareService",
            "Location",
            "Organization",
            "Patient",
            "Person",
            "Practitioner",
            "RelatedPerson",
        ],
        &["name"],
    ),
    param(BIRTHDATE, "birthdate", Date, &["Patient", "Person", "RelatedPerson"], &["birthDate"]),
    param(GENDER, "gender", Token, &["Patient", "Person", "Practitioner", "RelatedPerson"], &["gender"]),
    param(ONSET_DATE, "onset-date", Date, &["Condition"], &["onsetDateTime", "onsetPeriod"]),
    param(RECORDED_DATE, "recorded-date", Date, &["Condition"], &["recordedDate"]),
    param(AUTHORED_ON, "authoredon", Date, &["MedicationRequest"], &["authoredOn"]),
];

static BY_KIND: LazyLock<Vec<Vec<&'static Param>>> = LazyLock::new(|| {
    let has = |param: &&Param, kind: Kind| param.kinds.is_empty() || param.kinds.contains(&kind.name());
    Kind::all().map(|kind| PARAMS.iter().filter(|param| has(param, kind)).collect()).collect()
});

/// The search parameters of a kind, as a `CapabilityStatement` lists them.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = &'static Param> {
    BY_KIND.get(usize::from(kind.number())).into_iter().flatten().copied()
}

/// The parameter with this name, of a kind or (with `None`) of any.
#[must_use]
pub fn by_name(kind: Option<Kind>, name: &str) -> Option<&'static Param> {
    match kind {
        Some(kind) => of_kind(kind).find(|param| param.name == name),
        None => PARAMS.iter().find(|param| param.name == name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_named_exists() {
        for param in PARAMS {
            for kind in param.kinds {
                assert!(Kind::from_name(kind).is_some(), "{kind} of {}", param.name);
            }
        }
    }

    #[test]
    fn a_kind_has_each_name_once_and_each_code_one_type() {
        for kind in Kind::all() {
            let mut names: Vec<&str> = of_kind(kind).map(|param| param.name).collect();
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{kind}");
        }
        for one in PARAMS {
            assert!(PARAMS.iter().all(|other| other.code != one.code || other.ty == one.ty), "{}", one.name);
        }
    }

    #[test]
    fn parameters_belong_to_their_kinds() {
        assert_eq!(by_name(Some(Kind::OBSERVATION), "code").map(|param| param.code), Some(CODE));
        assert!(by_name(Some(Kind::PATIENT), "clinical-status").is_none());
        assert!(by_name(None, "clinical-status").is_some());
        assert!(by_name(None, "nonsense").is_none());
    }
}
