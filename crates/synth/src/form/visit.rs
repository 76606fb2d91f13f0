//! What a visit or a stay leaves behind, as one transaction: the encounter, its diagnoses, vital signs, what was
//! prescribed, handed over and done. By JP Core; the subject is named by the insured number.

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{
    care::{Subject, person_reference},
    clinical::Disease,
    medicine::{Medicine, dosage, supply},
    party::{Author, Department, coding, meta, resource_identifier},
    systems as sys,
};
use crate::{
    json::{Json, arr, obj},
    people::Institution,
};

/// The kinds of encounters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 外来.
    Ambulatory,
    /// 入院.
    Inpatient,
    /// 訪問.
    Home,
}

/// An encounter.
#[derive(Clone, Copy, Debug)]
pub struct Met<'a> {
    /// Its number at the institution.
    pub serial: &'a str,
    /// Its kind.
    pub kind: Kind,
    /// The department.
    pub department: Department,
    /// Begin: an instant or a day.
    pub from: &'a str,
    /// End.
    pub to: Option<&'a str>,
    /// Why.
    pub reason: Disease,
    /// Where the person goes from a stay: code of FHIR's discharge disposition and words.
    pub then: Option<(&'a str, &'a str)>,
    /// Words on the whole, where there is more to say (dialysis of a month).
    pub note: Option<&'a str>,
}

pub(crate) fn organization_reference(institution: &Institution) -> Json {
    obj! {"type" => "Organization", "identifier" => obj! {"system" => sys::ORGANIZATION, "value" => &institution.id}, "display" => &institution.name}
}

fn core(author: &Author<'_>, profile: &str) -> Json {
    meta(author.time, format!("{}{profile}", sys::CORE))
}

fn coded(disease: Disease) -> Json {
    obj! {"coding" => arr![coding(sys::ICD10, disease.icd10, disease.text)], "text" => disease.text}
}

/// The encounter of a visit, a stay or a visit at home.
#[must_use]
pub fn met(author: &Author<'_>, subject: &Subject<'_>, met: &Met<'_>) -> Json {
    let (code, display) = match met.kind {
        Kind::Ambulatory => ("AMB", "外来"),
        Kind::Inpatient => ("IMP", "入院"),
        Kind::Home => ("HH", "訪問"),
    };
    let status = if met.to.is_some() { "finished" } else { "in-progress" };
    obj! {
        "resourceType" => "Encounter",
        "meta" => core(author, "JP_Encounter"),
        "language" => "ja",
        "identifier" => arr![resource_identifier(&format!("{}-E-{}", author.institution.id, met.serial))],
        "status" => status,
        "class" => coding(sys::ACT, code, display),
        "serviceType" => obj! {"coding" => arr![coding(sys::DEPARTMENT, met.department.code, met.department.name)], "text" => met.note.unwrap_or(met.department.name)},
        "subject" => subject.reference(),
        "participant" => arr![obj! {"individual" => person_reference(author)}],
        "period" => obj! {"start" => met.from, "end" => met.to},
        "reasonCode" => arr![coded(met.reason)],
        "hospitalization" => met.then.map(|(code, words)| obj! {"dischargeDisposition" => obj! {
            "coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/discharge-disposition", "code" => code}], "text" => words}}),
        "serviceProvider" => organization_reference(author.institution),
    }
}

/// A diagnosis made in the encounter at `encounter`.
#[must_use]
pub fn diagnosed(
    author: &Author<'_>,
    subject: &Subject<'_>,
    encounter: &str,
    serial: &str,
    disease: Disease,
    onset: Date,
    ended: Option<Date>,
) -> Json {
    let status = if ended.is_some() { "resolved" } else { "active" };
    obj! {
        "resourceType" => "Condition",
        "meta" => core(author, "JP_Condition"),
        "language" => "ja",
        "identifier" => arr![resource_identifier(&format!("{}-C-{serial}", author.institution.id))],
        "clinicalStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-clinical", "code" => status}]},
        "verificationStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code" => "confirmed"}]},
        "category" => arr![obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-category", "code" => "encounter-diagnosis"}]}],
        "code" => coded(disease),
        "subject" => subject.reference(),
        "encounter" => obj! {"reference" => encounter},
        "onsetDateTime" => onset.to_string(),
        "abatementDateTime" => ended.map(|day| day.to_string()),
        "recordedDate" => author.time.civil().date().to_string(),
        "recorder" => person_reference(author),
    }
}

fn simple(category: &str, name: &str) -> Json {
    obj! {"coding" => arr![coding(sys::OBSERVATION_CATEGORY, category, name)]}
}

fn measured(value: String, unit: &str, ucum: &str) -> Json {
    obj! {"value" => Json::number(value), "unit" => unit, "system" => sys::UCUM, "code" => ucum}
}

/// Blood pressure, mmHg.
#[must_use]
pub fn blood_pressure(
    author: &Author<'_>,
    subject: &Subject<'_>,
    encounter: &str,
    (systolic, diastolic): (i64, i64),
    when: Instant,
) -> Json {
    let part = |code: &str, words: &str, value: i64| {
        obj! {"code" => obj! {"coding" => arr![coding(sys::LOINC, code, words)]}, "valueQuantity" => measured(value.to_string(), "mmHg", "mm[Hg]")}
    };
    obj! {
        "resourceType" => "Observation",
        "meta" => core(author, "JP_Observation_VitalSigns"),
        "language" => "ja",
        "status" => "final",
        "category" => arr![
            simple("vital-signs", "Vital Signs"),
            obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationVitalSignsCategory_CS", "blood-pressure", "血圧")]},
        ],
        "code" => obj! {"coding" => arr![coding(sys::LOINC, "85354-9", "Blood pressure panel with all children optional")], "text" => "血圧"},
        "subject" => subject.reference(),
        "encounter" => obj! {"reference" => encounter},
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author)],
        "component" => arr![
            part("8480-6", "Systolic blood pressure", systolic),
            part("8462-4", "Diastolic blood pressure", diastolic),
        ],
    }
}

/// What of a body is measured: LOINC code, its words, in Japanese, unit, UCUM.
type Measure = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// Body weight.
pub const WEIGHT: Measure = ("29463-7", "Body weight", "体重", "kg", "kg");
/// Body height.
pub const HEIGHT: Measure = ("8302-2", "Body height", "身長", "cm", "cm");
/// Body mass index.
pub const BMI: Measure = ("39156-5", "Body mass index (BMI) [Ratio]", "BMI", "kg/m2", "kg/m2");

/// A measure of the body; `value` is the number's text.
#[must_use]
pub fn body_measure(
    author: &Author<'_>,
    subject: &Subject<'_>,
    encounter: &str,
    (code, words, text, unit, ucum): Measure,
    value: String,
    when: Instant,
) -> Json {
    obj! {
        "resourceType" => "Observation",
        "meta" => core(author, "JP_Observation_BodyMeasurement"),
        "language" => "ja",
        "status" => "final",
        "category" => arr![
            simple("body-measurement", "Body Measurement"),
            obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCategory_CS", code, text)]},
        ],
        "code" => obj! {"coding" => arr![coding(sys::LOINC, code, words)], "text" => text},
        "subject" => subject.reference(),
        "encounter" => obj! {"reference" => encounter},
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author)],
        "valueQuantity" => measured(value, unit, ucum),
    }
}

/// The identifiers of a prescription's line: its group, its place within, its number at the source.
fn line(author: &Author<'_>, group: u32, serial: &str, what: char) -> Json {
    arr![
        obj! {"system" => sys::RP_GROUP, "value" => group.to_string()},
        obj! {"system" => sys::RP_INDEX, "value" => "1"},
        resource_identifier(&format!("{}-{what}-{serial}-{group}", author.institution.id)),
    ]
}

/// A medicine prescribed for `days` days in the encounter at `encounter`.
#[must_use]
pub fn prescribed(
    author: &Author<'_>,
    subject: &Subject<'_>,
    encounter: &str,
    serial: &str,
    (medicine, days): (&Medicine, u32),
    group: u32,
) -> Json {
    let start = author.time.civil().date();
    obj! {
        "resourceType" => "MedicationRequest",
        "meta" => core(author, "JP_MedicationRequest"),
        "language" => "ja",
        "identifier" => line(author, group, serial, 'M'),
        "status" => "completed",
        "intent" => "order",
        "medicationCodeableConcept" => obj! {"coding" => arr![coding(medicine.system, medicine.code, medicine.name)], "text" => medicine.name},
        "subject" => subject.reference(),
        "encounter" => obj! {"reference" => encounter},
        "authoredOn" => author.time.to_fhir(),
        "requester" => person_reference(author),
        "dosageInstruction" => arr![dosage(medicine, start, days)],
        "dispenseRequest" => supply(medicine, days),
    }
}

/// A medicine handed over by a pharmacy for `days` days.
#[must_use]
pub fn dispensed(
    author: &Author<'_>,
    subject: &Subject<'_>,
    serial: &str,
    (medicine, days): (&Medicine, u32),
    group: u32,
) -> Json {
    let start = author.time.civil().date();
    obj! {
        "resourceType" => "MedicationDispense",
        "meta" => core(author, "JP_MedicationDispense"),
        "language" => "ja",
        "identifier" => line(author, group, serial, 'G'),
        "status" => "completed",
        "medicationCodeableConcept" => obj! {"coding" => arr![coding(medicine.system, medicine.code, medicine.name)], "text" => medicine.name},
        "subject" => subject.reference(),
        "performer" => arr![obj! {"actor" => person_reference(author)}, obj! {"actor" => organization_reference(author.institution)}],
        "quantity" => medicine.quantity(medicine.dose * medicine.times * days),
        "daysSupply" => obj! {"value" => days, "unit" => "日", "system" => sys::UCUM, "code" => "d"},
        "whenHandedOver" => author.time.to_fhir(),
        "dosageInstruction" => arr![dosage(medicine, start, days)],
    }
}

/// Something done: an operation, a treatment of teeth, dialysis of a month.
#[must_use]
pub fn done(
    author: &Author<'_>,
    subject: &Subject<'_>,
    encounter: &str,
    serial: &str,
    (what, reason): (&str, Disease),
    period: (Date, Date),
) -> Json {
    obj! {
        "resourceType" => "Procedure",
        "meta" => core(author, "JP_Procedure"),
        "language" => "ja",
        "identifier" => arr![resource_identifier(&format!("{}-P-{serial}", author.institution.id))],
        "status" => "completed",
        "code" => obj! {"text" => what},
        "subject" => subject.reference(),
        "encounter" => obj! {"reference" => encounter},
        "performedPeriod" => obj! {"start" => period.0.to_string(), "end" => period.1.to_string()},
        "performer" => arr![obj! {"actor" => person_reference(author)}],
        "reasonCode" => arr![coded(reason)],
    }
}

/// The resource with the flag that the person has not been told (未告知).
#[must_use]
pub fn withheld(resource: Json) -> Json {
    let Json::Object(members) = resource else { return resource };
    let (code, display) = super::clinical::UNINFORMED;
    let mark = |(name, value): (&'static str, Json)| {
        let marked = name == "meta";
        let tag = || arr![coding(sys::INDICATION, code, display)];
        (name, if marked { value.with("tag", tag()) } else { value })
    };
    Json::Object(members.into_iter().map(mark).collect())
}
