//! Vaccinations and measures of the body, as JP Core shapes them.

use tsumugi_kernel::Instant;

use super::{
    care::{Subject, person_reference},
    party::{Author, coding, meta},
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// A vaccine given: (vaccine, disease), (number of the dose, lot), (route, millilitres).
///
/// The vaccine is named in words: the HOT code that JP Core prefers is of a master that is not ours to ship.
#[must_use]
pub fn immunization(
    author: &Author<'_>,
    subject: &Subject<'_>,
    (vaccine, disease): (&str, &str),
    (number, lot): (u32, &str),
    (route, dose_ml): (&str, &str),
    given: Instant,
) -> Json {
    obj! {
        "resourceType" => "Immunization",
        "meta" => meta(author.time, format!("{}JP_Immunization", sys::CORE)),
        "language" => "ja",
        "status" => "completed",
        "vaccineCode" => obj! {"text" => vaccine},
        "patient" => subject.reference(),
        "occurrenceDateTime" => given.to_fhir(),
        "primarySource" => true,
        "lotNumber" => lot,
        "route" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "code" => route}]},
        "doseQuantity" => obj! {"value" => Json::number(dose_ml), "unit" => "mL", "system" => sys::UCUM, "code" => "mL"},
        "performer" => arr![obj! {
            "function" => obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/v2-0443", "AP", "Administering Provider")]},
            "actor" => person_reference(author),
        }],
        "protocolApplied" => arr![obj! {"targetDisease" => arr![obj! {"text" => disease}], "doseNumberPositiveInt" => number}],
    }
}

/// What is measured of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// 体重, kg.
    Weight,
    /// 身長, cm.
    Height,
    /// 頭囲, cm.
    Head,
    /// 腹囲, cm.
    Waist,
    /// BMI, kg/m².
    BodyMassIndex,
}

impl Measure {
    /// Category of JP Core, code of its list (none for the head), words, unit in UCUM.
    const fn coded(self) -> (&'static str, Option<&'static str>, &'static str, &'static str) {
        match self {
            Self::Weight => ("weight", Some("31000296"), "体重", "kg"),
            Self::Height => ("height", Some("31000298"), "身長", "cm"),
            Self::Head => ("head-circumference", None, "頭囲", "cm"),
            Self::Waist => ("abdominal-circumference", Some("31000301"), "腹囲", "cm"),
            Self::BodyMassIndex => ("body-mass-index", Some("31003020"), "BMI", "kg/m2"),
        }
    }
}

/// A measure of the body. `at` says at which checkup; `value` is the number's text.
#[must_use]
pub fn measure(
    author: &Author<'_>,
    subject: &Subject<'_>,
    what: Measure,
    value: &str,
    at: &str,
    when: Instant,
) -> Json {
    let (category, code, words, unit) = what.coded();
    let listed = code.map(|code| {
        arr![obj! {"system" => "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCode_CS", "code" => code, "display" => words}]
    });
    obj! {
        "resourceType" => "Observation",
        "meta" => meta(author.time, format!("{}JP_Observation_BodyMeasurement", sys::CORE)),
        "language" => "ja",
        "status" => "final",
        "category" => arr![
            obj! {"coding" => arr![coding(sys::OBSERVATION_CATEGORY, "body-measurement", "Body Measurement")]},
            obj! {"coding" => arr![obj! {"system" => "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCategory_CS", "code" => category}]},
        ],
        "code" => obj! {"coding" => listed, "text" => words},
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author)],
        "valueQuantity" => obj! {"value" => Json::number(value), "unit" => unit, "system" => sys::UCUM, "code" => unit},
        "note" => arr![obj! {"text" => at}],
    }
}

/// Blood pressure, systolic and diastolic in mmHg, as one observation with two components.
#[must_use]
pub fn blood_pressure(
    author: &Author<'_>,
    subject: &Subject<'_>,
    (systolic, diastolic): (i64, i64),
    at: &str,
    when: Instant,
) -> Json {
    let part = |code: &str, words: &str, value: i64| {
        obj! {
            "code" => obj! {"coding" => arr![coding("http://loinc.org", code, words)]},
            "valueQuantity" => obj! {"value" => Json::number(value.to_string()), "unit" => "mmHg", "system" => sys::UCUM, "code" => "mm[Hg]"},
        }
    };
    obj! {
        "resourceType" => "Observation",
        "meta" => meta(author.time, format!("{}JP_Observation_VitalSigns", sys::CORE)),
        "language" => "ja",
        "status" => "final",
        "category" => arr![
            obj! {"coding" => arr![coding(sys::OBSERVATION_CATEGORY, "vital-signs", "Vital Signs")]},
            obj! {"coding" => arr![obj! {"system" => "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationVitalSignsCategory_CS", "code" => "blood-pressure"}]},
        ],
        "code" => obj! {"coding" => arr![coding("http://loinc.org", "85354-9", "Blood pressure panel with all children optional")], "text" => "血圧"},
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author)],
        "component" => arr![part("8480-6", "Systolic blood pressure", systolic), part("8462-4", "Diastolic blood pressure", diastolic)],
        "note" => arr![obj! {"text" => at}],
    }
}
