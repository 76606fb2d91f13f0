//! Prescribed and given medicines.

use jiff::civil::Date;
use tsumugi_kernel::Instant;

use super::{
    care::{Subject, person_reference},
    party::{Author, coding, contained_practitioner, institution_extension, meta, resource_identifier},
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// A medicine and how it is usually taken.
#[derive(Clone, Copy, Debug)]
pub struct Medicine {
    /// Code system: YJ for a product, 一般名 for a generic name.
    pub system: &'static str,
    /// Code.
    pub code: &'static str,
    /// Name in the chart.
    pub name: &'static str,
    /// Tablets or capsules at a time.
    pub dose: u32,
    /// Times a day.
    pub times: u32,
}

const fn generic(code: &'static str, name: &'static str, times: u32) -> Medicine {
    Medicine { system: sys::GENERIC, code, name, dose: 1, times }
}

/// アピキサバン, an anticoagulant.
pub const APIXABAN: Medicine =
    Medicine { system: sys::YJ, code: "3339004F1024", name: "アピキサバン錠2.5mg", dose: 1, times: 2 };
/// アムロジピン.
pub const AMLODIPINE: Medicine = generic("2171022F2ZZZ", "アムロジピン錠5mg", 1);
/// メトホルミン.
pub const METFORMIN: Medicine = generic("3962002F2ZZZ", "メトホルミン塩酸塩錠250mg", 2);
/// ロスバスタチン.
pub const ROSUVASTATIN: Medicine = generic("2189017F1ZZZ", "ロスバスタチン錠2.5mg", 1);
/// ランソプラゾール.
pub const LANSOPRAZOLE: Medicine = generic("2329023F1ZZZ", "ランソプラゾールOD錠15mg", 1);
/// Everything prescribed in the town.
pub const MEDICINES: [Medicine; 7] = [
    AMLODIPINE,
    METFORMIN,
    ROSUVASTATIN,
    LANSOPRAZOLE,
    APIXABAN,
    generic("2344009F2ZZZ", "酸化マグネシウム錠330mg", 3),
    generic("1141007F1ZZZ", "アセトアミノフェン錠200mg", 3),
];

/// Usage code of the electronic prescription and its words, by times a day after meals.
const fn usage(times: u32) -> (&'static str, &'static str) {
    match times {
        1 => ("1011000400000000", "１日１回朝食後　服用"),
        2 => ("1012040400000000", "１日２回朝夕食後　服用"),
        _ => ("1013044400000000", "１日３回朝昼夕食後　服用"),
    }
}

/// A prescription of `days` days from `start`.
#[must_use]
pub fn prescription(
    author: &Author<'_>,
    subject: &str,
    serial: &str,
    medicine: &Medicine,
    start: Date,
    days: u32,
    group: u32,
) -> Json {
    let (code, words) = usage(medicine.times);
    let number = format!("{}-M-{serial}", author.institution.id);
    let tablets = |count: u32| obj! {"value" => count, "unit" => "錠", "system" => sys::MERIT9, "code" => "TAB"};
    let length = || obj! {"value" => days, "unit" => "日", "system" => sys::UCUM, "code" => "d"};
    let text = format!("1日{}回 1回{}錠 {days}日分", medicine.times, medicine.dose);
    obj! {
        "resourceType" => "MedicationRequest",
        "meta" => meta(author.time, format!("{}JP_MedicationRequest_eCS", sys::ECS)),
        "language" => "ja",
        "contained" => author.contained(vec![contained_practitioner(author)]),
        "extension" => arr![institution_extension(author.institution)],
        "identifier" => arr![
            obj! {"system" => "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber", "value" => group.to_string()},
            obj! {"system" => "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex", "value" => "1"},
            resource_identifier(&number),
        ],
        "status" => "completed",
        "intent" => "order",
        "medicationCodeableConcept" => obj! {"coding" => arr![coding(medicine.system, medicine.code, medicine.name)], "text" => medicine.name},
        "subject" => obj! {"reference" => subject},
        "authoredOn" => author.time.to_fhir(),
        "requester" => author.doctor().with("display", author.person.name.full()),
        "dosageInstruction" => arr![obj! {
            "extension" => arr![obj! {
                "url" => "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse",
                "valuePeriod" => obj! {"start" => start.to_string()},
            }],
            "text" => text,
            "timing" => obj! {
                "repeat" => obj! {"boundsDuration" => length(), "frequency" => medicine.times, "period" => 1, "periodUnit" => "d"},
                "code" => obj! {"coding" => arr![coding(sys::USAGE, code, words)], "text" => words.replace('　', " ")},
            },
            "route" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/CodeSystem/route-codes", "PO", "口")]},
            "doseAndRate" => arr![obj! {
                "type" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType", "1", "製剤量")]},
                "doseQuantity" => tablets(medicine.dose),
            }],
        }],
        "dispenseRequest" => obj! {"quantity" => tablets(medicine.dose * medicine.times * days), "expectedSupplyDuration" => length()},
    }
}

/// A medicine that was taken, as the care office noted it.
#[must_use]
pub fn administration(author: &Author<'_>, subject: &Subject<'_>, medicine: &Medicine, when: Instant) -> Json {
    obj! {
        "resourceType" => "MedicationAdministration",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "completed",
        "medicationCodeableConcept" => obj! {"coding" => arr![coding(medicine.system, medicine.code, medicine.name)], "text" => medicine.name},
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![obj! {"actor" => person_reference(author)}],
        "dosage" => obj! {"text" => format!("1回{}錠", medicine.dose), "dose" => obj! {"value" => medicine.dose, "unit" => "錠", "system" => sys::MERIT9, "code" => "TAB"}},
    }
}
