//! Resources to send.

use serde_json::{Value, json};
use tsumugi_synth::load::Load;

use super::MEMBER;

/// A woman whose insured number is that of the load's citizen `number`.
pub fn patient(number: u64) -> Value {
    json!({
        "resourceType": "Patient",
        "identifier": [{"system": MEMBER, "value": Load::member_id(number)}],
        "name": [{"text": format!("山田 {number}")}], "gender": "female", "birthDate": "1948-03-05",
    })
}

/// A laboratory value of a day.
pub fn lab(patient: &str, code: &str, day: &str, value: f64) -> Value {
    json!({
        "resourceType": "Observation", "status": "final",
        "identifier": [{"system": "urn:lab", "value": format!("{code}-{day}")}],
        "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
        "code": {"coding": [{"system": "urn:codes", "code": code}]},
        "subject": {"reference": format!("Patient/{patient}")},
        "effectiveDateTime": day, "valueQuantity": {"value": value, "unit": "mg/dL"},
    })
}

/// A diagnosis, with a flag of JP-CLINS or without.
pub fn condition(patient: &str, words: &str, flag: Option<&str>) -> Value {
    let mut condition = json!({
        "resourceType": "Condition",
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        "code": {"text": words}, "subject": {"reference": format!("Patient/{patient}")}, "onsetDateTime": "2026-11-12",
    });
    if let Some(flag) = flag {
        let tag = json!([{"system": "http://jpfhir.jp/fhir/clins/CodeSystem/JP_ehrshrs_indication", "code": flag}]);
        condition["meta"] = json!({"tag": tag});
    }
    condition
}
