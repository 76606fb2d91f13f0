//! Conditions, allergies, laboratory results and findings.

use tsumugi_kernel::Instant;

use super::{
    party::{
        Author, Setting, coding, contained_encounter, contained_practitioner, institution_extension, meta,
        resource_identifier,
    },
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// A disease: words and ICD-10.
#[derive(Clone, Copy, Debug)]
pub struct Disease {
    /// As written in the chart.
    pub text: &'static str,
    /// ICD-10 (2013) without the dot.
    pub icd10: &'static str,
}

/// 長期保存.
pub const LONG_TERM: (&str, &str) = ("LTS", "長期保存");
/// 未告知.
pub const UNINFORMED: (&str, &str) = ("UNINFORMED", "未告知");

/// Adds flags (`meta.tag`) to `meta`.
fn flagged(meta: Json, flags: &[(&str, &str)]) -> Json {
    if flags.is_empty() {
        meta
    } else {
        meta.with("tag", Json::list(flags.iter().map(|(code, display)| coding(sys::INDICATION, code, display))))
    }
}

/// A disease in one person.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosis<'a> {
    /// Which.
    pub disease: Disease,
    /// A date or part of one.
    pub onset: &'a str,
    /// When it ended, if it did.
    pub ended: Option<&'a str>,
    /// Flags: [`LONG_TERM`], [`UNINFORMED`].
    pub flags: &'a [(&'static str, &'static str)],
}

impl<'a> Diagnosis<'a> {
    /// A disease that goes on.
    #[must_use]
    pub const fn active(disease: Disease, onset: &'a str) -> Self {
        Self { disease, onset, ended: None, flags: &[] }
    }
}

/// A condition.
#[must_use]
pub fn condition(
    author: &Author<'_>,
    subject: &str,
    serial: &str,
    diagnosis: &Diagnosis<'_>,
    setting: Setting,
) -> Json {
    let status = if diagnosis.ended.is_some() { "resolved" } else { "active" };
    obj! {
        "resourceType" => "Condition",
        "meta" => flagged(meta(author.time, format!("{}JP_Condition_eCS", sys::ECS)), diagnosis.flags),
        "language" => "ja",
        "contained" => author.contained(vec![contained_encounter(author, setting)]),
        "extension" => arr![institution_extension(author.institution), author.department_extension()],
        "identifier" => arr![resource_identifier(&format!("{}-C-{serial}", author.institution.id))],
        "clinicalStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-clinical", "code" => status}]},
        "verificationStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code" => "confirmed"}]},
        "category" => arr![obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/condition-category", "code" => "encounter-diagnosis"}]}],
        "code" => obj! {
            "coding" => arr![coding(sys::DISEASE_KEY, sys::DISEASE_UNCODED, "未コード化傷病名"), coding(sys::ICD10, diagnosis.disease.icd10, diagnosis.disease.text)],
            "text" => diagnosis.disease.text,
        },
        "subject" => obj! {"reference" => subject},
        "encounter" => author.visit(),
        "onsetDateTime" => diagnosis.onset,
        "abatementDateTime" => diagnosis.ended,
        "recordedDate" => author.time.civil().date().to_string(),
        "recorder" => obj! {"display" => author.person.name.full()},
    }
}

/// What somebody does not tolerate.
#[derive(Clone, Copy, Debug)]
pub struct Allergen {
    /// FHIR category: `medication`, `food` or `environment`.
    pub category: &'static str,
    /// Code system.
    pub system: &'static str,
    /// Code.
    pub code: &'static str,
    /// The code's words.
    pub display: &'static str,
    /// As written in the chart.
    pub text: &'static str,
    /// What happened.
    pub reaction: &'static str,
    /// `high` makes a medicine a contraindication (薬剤禁忌).
    pub criticality: &'static str,
}

/// Penicillins, as a contraindicated medicine.
pub const PENICILLIN: Allergen = Allergen {
    category: "medication",
    system: sys::GENERIC,
    code: "6131001M2ZZZ",
    display: "【般】アモキシシリンカプセル２５０ｍｇ",
    text: "ペニシリン系の薬",
    reaction: "のんだあとに、じんましんと息苦しさ",
    criticality: "high",
};

/// Allergens of the town (J-FAGY codes).
pub const ALLERGENS: [Allergen; 6] = [
    PENICILLIN,
    food("J9FA19140000", "そば", "口のまわりのかゆみ、せき"),
    food("J9FC15110000", "えび", "じんましん"),
    food("J9FC11310000", "さば", "じんましん、腹痛"),
    food("J9FA15000000", "小麦", "運動のあとの息苦しさ"),
    Allergen {
        category: "environment",
        system: sys::ALLERGEN_OTHER,
        code: "J9NK13320000",
        display: "スギ",
        text: "スギ花粉",
        reaction: "鼻水、目のかゆみ",
        criticality: "low",
    },
];

const fn food(code: &'static str, text: &'static str, reaction: &'static str) -> Allergen {
    Allergen { category: "food", system: sys::ALLERGEN_FOOD, code, display: text, text, reaction, criticality: "low" }
}

/// An allergy or contraindication.
#[must_use]
pub fn allergy(author: &Author<'_>, subject: &str, serial: &str, allergen: &Allergen, onset: &str) -> Json {
    obj! {
        "resourceType" => "AllergyIntolerance",
        "meta" => flagged(meta(author.time, format!("{}JP_AllergyIntolerance_eCS", sys::ECS)), &[LONG_TERM]),
        "language" => "ja",
        "extension" => arr![institution_extension(author.institution)],
        "identifier" => arr![resource_identifier(&format!("{}-A-{serial}", author.institution.id))],
        "clinicalStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code" => "active"}]},
        "verificationStatus" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "code" => "confirmed"}]},
        "category" => arr![allergen.category],
        "criticality" => allergen.criticality,
        "code" => obj! {"coding" => arr![coding(allergen.system, allergen.code, allergen.display)], "text" => allergen.text},
        "patient" => obj! {"reference" => subject},
        "onsetDateTime" => onset,
        "recordedDate" => author.time.civil().date().to_string(),
        "recorder" => obj! {"display" => author.person.name.full()},
        "reaction" => arr![obj! {"manifestation" => arr![obj! {"text" => allergen.reaction}]}],
    }
}

/// A laboratory item: JP-CLINS core item, unit and usual range.
#[derive(Clone, Copy, Debug)]
pub struct LabItem {
    /// Display class of JP-CLINS.
    pub key: &'static str,
    /// JLAC10, 17 digits.
    pub jlac10: &'static str,
    /// Name in the chart.
    pub name: &'static str,
    /// Unit as printed.
    pub unit: &'static str,
    /// Unit in UCUM.
    pub ucum: &'static str,
    /// Usual range: low.
    pub low: &'static str,
    /// Usual range: high.
    pub high: &'static str,
}

impl LabItem {
    /// The item as a source writes it that has taken its unit for another: the numbers stay as they are.
    #[must_use]
    pub fn in_unit(self, wrong: Option<&'static str>) -> Self {
        wrong.map_or(self, |wrong| Self { unit: wrong, ucum: wrong, ..self })
    }
}

const fn lab(
    key: &'static str,
    jlac10: &'static str,
    name: &'static str,
    unit: (&'static str, &'static str),
    low: &'static str,
    high: &'static str,
) -> LabItem {
    LabItem { key, jlac10, name, unit: unit.0, ucum: unit.1, low, high }
}

const MG_DL: (&str, &str) = ("mg/dL", "mg/dL");
const G_DL: (&str, &str) = ("g/dL", "g/dL");
const U_L: (&str, &str) = ("U/L", "U/L");
const MEQ_L: (&str, &str) = ("mEq/L", "meq/L");

/// The laboratory items of the town; ranges as adult men and women share them (共用基準範囲, rounded).
pub const LAB_ITEMS: [LabItem; 16] = [
    lab("HbA1c-NGSP", "3D046000001927101", "HbA1c", ("%", "%"), "4.9", "6.0"),
    lab("LDL-C", "3F077000002327101", "LDLコレステロール", MG_DL, "65", "139"),
    lab("Cre", "3C015000002327101", "クレアチニン", MG_DL, "0.46", "0.79"),
    lab("CRP", "5C070000002206401", "CRP", MG_DL, "0.00", "0.14"),
    lab("Hb", "2A030000001927101", "ヘモグロビン", G_DL, "11.6", "14.8"),
    lab("WBC", "2A990000001930952", "白血球数", ("10^3/μL", "10*3/uL"), "3.3", "8.6"),
    lab("PLT", "2A050000001930901", "血小板数", ("10^3/μL", "10*3/uL"), "158", "348"),
    lab("ALB", "3A015000002327101", "アルブミン", G_DL, "4.1", "5.1"),
    lab("AST", "3B035000002327201", "AST", U_L, "13", "30"),
    lab("ALT", "3B045000002327201", "ALT", U_L, "7", "23"),
    lab("Na", "3H010000002327101", "ナトリウム", MEQ_L, "138", "145"),
    lab("K", "3H015000002327201", "カリウム", MEQ_L, "3.6", "4.8"),
    lab("BUN", "3C025000002327101", "尿素窒素", MG_DL, "8", "20"),
    lab("TG", "3F015000002327101", "中性脂肪", MG_DL, "30", "117"),
    lab("HDL-C", "3F070000002327101", "HDLコレステロール", MG_DL, "48", "103"),
    lab("DD", "2B140000002205201", "Dダイマー", ("μg/mL", "ug/mL"), "0.0", "1.0"),
];

/// The item with this display class; the first item if there is none.
#[must_use]
pub fn lab_item(key: &str) -> &'static LabItem {
    LAB_ITEMS.iter().find(|item| item.key == key).unwrap_or(&LAB_ITEMS[0])
}

/// A laboratory result. `serial` is that of the report; with the item it makes the result's identifier, which stays
/// when the report is sent again. `value` is the number's text, kept as written.
#[must_use]
pub fn laboratory(
    author: &Author<'_>,
    subject: &str,
    serial: &str,
    item: &LabItem,
    value: &str,
    drawn: Instant,
    setting: Setting,
) -> Json {
    let quantity = |value: &str| obj! {"value" => Json::number(value), "unit" => item.unit, "system" => sys::UCUM, "code" => item.ucum};
    let number = |text: &str| text.parse::<f64>().unwrap_or(f64::NAN);
    let mark = if number(value) > number(item.high) {
        Some(("H", "高い"))
    } else if number(value) < number(item.low) {
        Some(("L", "低い"))
    } else {
        None
    };
    let interpretation = mark.map(|(code, display)| arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", code, display)]}]);
    obj! {
        "resourceType" => "Observation",
        "meta" => meta(author.time, format!("{}JP_Observation_LabResult_eCS", sys::ECS)),
        "language" => "ja",
        "contained" => author.contained(vec![contained_encounter(author, setting), contained_practitioner(author)]),
        "extension" => arr![institution_extension(author.institution), author.department_extension()],
        "identifier" => arr![resource_identifier(&format!("{}-L-{serial}-{}", author.institution.id, item.key))],
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![obj! {"system" => sys::OBSERVATION_CATEGORY, "code" => "laboratory"}]}],
        "code" => obj! {"coding" => arr![coding(sys::LAB_LOCAL, &format!("T{}", item.key), item.name), coding(sys::LAB_CORE, item.jlac10, item.key)], "text" => item.name},
        "subject" => obj! {"reference" => subject},
        "encounter" => author.visit(),
        "effectiveDateTime" => drawn.to_fhir(),
        "issued" => author.time.to_fhir(),
        "performer" => arr![author.doctor()],
        "valueQuantity" => quantity(value),
        "interpretation" => interpretation,
        "specimen" => obj! {"display" => "血液", "type" => "Specimen"},
        "referenceRange" => arr![obj! {"low" => quantity(item.low), "high" => quantity(item.high), "text" => format!("{}〜{}{}", item.low, item.high, item.unit)}],
    }
}

/// A finding in words (身体所見).
#[must_use]
pub fn finding(author: &Author<'_>, subject: &str, serial: &str, what: &str, text: &str, when: Instant) -> Json {
    obj! {
        "resourceType" => "Observation",
        "meta" => meta(author.time, format!("{}JP_Observation_Common_eCS", sys::ECS)),
        "language" => "ja",
        "contained" => author.contained(vec![contained_practitioner(author)]),
        "extension" => arr![institution_extension(author.institution)],
        "identifier" => arr![resource_identifier(&format!("{}-F-{serial}", author.institution.id))],
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![coding(sys::OBSERVATION_CATEGORY, "exam", "Exam")]}],
        "code" => obj! {"text" => what},
        "subject" => obj! {"reference" => subject},
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![author.doctor()],
        "valueString" => text,
    }
}
