//! Parameters whose packed values say exactly what R4's parameter says, so that matching need not open the body.
//!
//! Packed values stand beside every fact for the lens, the timeline and the searches that are asked most. Where they
//! hold less than R4 means (one element of two, one value of many, a name without its prefix), the body is read instead:
//! a parameter is here only if its expression for the kind is the one packed element. The tests compare this table with
//! the definitions, line by line.

use tsumugi_fhir::values::params::{self, by_name};
use tsumugi_kernel::Kind;

const CLINICAL: &[&str] = &[
    "AllergyIntolerance",
    "CarePlan",
    "CareTeam",
    "Composition",
    "Condition",
    "DiagnosticReport",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Goal",
    "Immunization",
    "List",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "Observation",
    "Procedure",
    "RiskAssessment",
    "ServiceRequest",
];

/// Parameter, and the kinds for which what is packed is R4's; for `date` [`params::has_own_date`] says it.
const TABLE: &[(&str, &[&str])] = &[
    ("patient", CLINICAL),
    ("patient", &["Consent", "DocumentReference", "Flag"]),
    ("identifier", CLINICAL),
    ("identifier", &["Consent", "Organization", "Patient", "Practitioner"]),
    (
        "subject",
        &[
            "CarePlan",
            "CareTeam",
            "Composition",
            "Condition",
            "DiagnosticReport",
            "DocumentReference",
            "Encounter",
            "Flag",
            "Goal",
            "List",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "Observation",
            "Procedure",
            "RiskAssessment",
            "ServiceRequest",
        ],
    ),
    (
        "status",
        &[
            "CarePlan",
            "CareTeam",
            "Composition",
            "Consent",
            "DiagnosticReport",
            "DocumentReference",
            "Encounter",
            "EpisodeOfCare",
            "Immunization",
            "List",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "Observation",
            "Procedure",
            "ServiceRequest",
        ],
    ),
    (
        "code",
        &[
            "Condition",
            "DiagnosticReport",
            "List",
            "Medication",
            "MedicationAdministration",
            "MedicationDispense",
            "MedicationRequest",
            "MedicationStatement",
            "Observation",
            "Procedure",
            "ServiceRequest",
        ],
    ),
    (
        "category",
        &[
            "AllergyIntolerance",
            "CarePlan",
            "CareTeam",
            "Composition",
            "Condition",
            "Consent",
            "DiagnosticReport",
            "DocumentReference",
            "MedicationRequest",
            "MedicationStatement",
            "Observation",
            "Procedure",
            "ServiceRequest",
        ],
    ),
    (
        "encounter",
        &[
            "Composition",
            "Condition",
            "DiagnosticReport",
            "Flag",
            "List",
            "MedicationRequest",
            "Observation",
            "Procedure",
            "RiskAssessment",
            "ServiceRequest",
        ],
    ),
    ("type", &["Composition", "DocumentReference", "Encounter"]),
    ("clinical-status", &["AllergyIntolerance", "Condition"]),
    ("verification-status", &["AllergyIntolerance", "Condition"]),
    ("criticality", &["AllergyIntolerance"]),
    ("intent", &["CarePlan", "MedicationRequest", "ServiceRequest"]),
    ("class", &["Encounter"]),
    ("vaccine-code", &["Immunization"]),
    ("gender", &["Patient"]),
    ("birthdate", &["Patient"]),
    ("onset-date", &["Condition"]),
    ("recorded-date", &["Condition"]),
    ("authoredon", &["MedicationRequest"]),
];

/// Parameters of every kind.
const EVERYWHERE: &[&str] = &["_tag", "_security", "_profile"];

/// The packed parameter that is exactly `code` of `kind`.
#[must_use]
pub fn packed(kind: Kind, code: &str) -> Option<u16> {
    let listed = match code {
        "date" => params::has_own_date(kind),
        _ => {
            EVERYWHERE.contains(&code)
                || TABLE.iter().any(|(name, kinds)| *name == code && kinds.contains(&kind.name()))
        }
    };
    if listed { by_name(Some(kind), code).map(|param| param.code) } else { None }
}

#[cfg(test)]
mod tests {
    use tsumugi_fhir_definitions::Definitions;

    use super::*;

    #[test]
    fn each_line_is_one_element_in_the_definitions() {
        let element = |kind: &str, code: &str| match code {
            "code" if kind.starts_with("Medication") && kind != "Medication" => "medication".to_owned(),
            "vaccine-code" => "vaccineCode".to_owned(),
            "clinical-status" => "clinicalStatus".to_owned(),
            "verification-status" => "verificationStatus".to_owned(),
            "recorded-date" => "recordedDate".to_owned(),
            "authoredon" => "authoredOn".to_owned(),
            "birthdate" => "birthDate".to_owned(),
            "onset-date" => "onset".to_owned(),
            "date" => match kind {
                "Observation" | "DiagnosticReport" => "effective",
                "Procedure" => "performed",
                "Immunization" => "occurrence",
                "Consent" => "dateTime",
                "Composition" | "FamilyMemberHistory" | "List" => "date",
                _ => "period",
            }
            .to_owned(),
            other => other.to_owned(),
        };
        let table = TABLE.iter().flat_map(|(code, kinds)| kinds.iter().map(move |kind| (*code, *kind)));
        let dated = Kind::all().filter(|kind| params::has_own_date(*kind)).map(|kind| ("date", kind.name()));
        for (code, kind) in table.chain(dated) {
            let param = Definitions::r4().search_param(kind, code).unwrap_or_else(|| panic!("{kind}.{code}"));
            let expression = param.expression.as_deref().unwrap_or_default();
            let own: Vec<&str> = expression
                .split(" | ")
                .map(|part| part.trim_matches(['(', ')', ' ']))
                .filter(|part| part.starts_with(&format!("{kind}.")))
                .collect();
            assert!(!own.is_empty(), "{kind}.{code}: {expression}");
            for part in own {
                let path = part.split_once(".where(").map_or(part, |(path, _)| path);
                let path = path.split(" as ").next().unwrap().split(".as(").next().unwrap();
                let fits = [format!("{kind}.{}", element(kind, code))];
                let subject = ["patient", "subject"].contains(&code)
                    && [format!("{kind}.patient"), format!("{kind}.subject")].contains(&path.to_owned());
                assert!(subject || fits.contains(&path.to_owned()), "{kind}.{code}: {part}");
            }
            assert!(packed(Kind::from_name(kind).unwrap(), code).is_some(), "{kind}.{code} is packed");
        }
    }
}
