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

impl Medicine {
    /// The unit in words and as MERIT-9 codes it.
    #[must_use]
    pub fn unit(&self) -> (&'static str, &'static str) {
        if self.name.contains("カプセル") { ("カプセル", "CAP") } else { ("錠", "TAB") }
    }

    /// So many of it.
    pub(crate) fn quantity(&self, count: u32) -> Json {
        let (unit, code) = self.unit();
        obj! {"value" => count, "unit" => unit, "system" => sys::MERIT9, "code" => code}
    }
}

const fn generic(code: &'static str, name: &'static str, times: u32) -> Medicine {
    Medicine { system: sys::GENERIC, code, name, dose: 1, times }
}

/// アピキサバン, an anticoagulant.
pub const APIXABAN: Medicine =
    Medicine { system: sys::YJ, code: "3339004F1024", name: "アピキサバン錠2.5mg", dose: 1, times: 2 };
/// アムロジピン.
pub const AMLODIPINE: Medicine = generic("2171022F2ZZZ", "アムロジピン錠5mg", 1);
/// カンデサルタン.
pub const CANDESARTAN: Medicine = generic("2149040F3ZZZ", "カンデサルタン錠8mg", 1);
/// オルメサルタン.
pub const OLMESARTAN: Medicine = generic("2149044F2ZZZ", "オルメサルタン錠20mg", 1);
/// ビソプロロールフマル酸塩.
pub const BISOPROLOL: Medicine = generic("2123016F2ZZZ", "ビソプロロールフマル酸塩錠2.5mg", 1);
/// フロセミド.
pub const FUROSEMIDE: Medicine = generic("2139005F1ZZZ", "フロセミド錠20mg", 1);
/// スピロノラクトン.
pub const SPIRONOLACTONE: Medicine = generic("2133001F1ZZZ", "スピロノラクトン錠25mg", 1);
/// 炭酸ランタン.
pub const LANTHANUM: Medicine = generic("2190029F1ZZZ", "炭酸ランタンOD錠250mg", 3);
/// メトホルミン塩酸塩.
pub const METFORMIN: Medicine = generic("3962002F2ZZZ", "メトホルミン塩酸塩錠250mg", 2);
/// シタグリプチン.
pub const SITAGLIPTIN: Medicine = generic("3969010F2ZZZ", "シタグリプチン錠50mg", 1);
/// エンパグリフロジン.
pub const EMPAGLIFLOZIN: Medicine = generic("3969023F1ZZZ", "エンパグリフロジン錠10mg", 1);
/// ロスバスタチン.
pub const ROSUVASTATIN: Medicine = generic("2189017F1ZZZ", "ロスバスタチン錠2.5mg", 1);
/// アスピリン.
pub const ASPIRIN: Medicine = generic("3399007H1ZZZ", "アスピリン腸溶錠100mg", 1);
/// クロピドグレル.
pub const CLOPIDOGREL: Medicine = generic("3399008F2ZZZ", "クロピドグレル錠75mg", 1);
/// ランソプラゾール.
pub const LANSOPRAZOLE: Medicine = generic("2329023F1ZZZ", "ランソプラゾールOD錠15mg", 1);
/// フェブキソスタット.
pub const FEBUXOSTAT: Medicine = generic("3949003F1ZZZ", "フェブキソスタット錠10mg", 1);
/// レボチロキシンナトリウム.
pub const LEVOTHYROXINE: Medicine = generic("2431004F2ZZZ", "レボチロキシンナトリウム錠50μg", 1);
/// ドネペジル塩酸塩.
pub const DONEPEZIL: Medicine = generic("1190012F2ZZZ", "ドネペジル塩酸塩錠5mg", 1);
/// ゾルピデム酒石酸塩.
pub const ZOLPIDEM: Medicine = generic("1129009F1ZZZ", "ゾルピデム酒石酸塩錠5mg", 1);
/// エルデカルシトール.
pub const ELDECALCITOL: Medicine = generic("3112006M2ZZZ", "エルデカルシトールカプセル0.75μg", 1);
/// ロキソプロフェンナトリウム.
pub const LOXOPROFEN: Medicine = generic("1149019F1ZZZ", "ロキソプロフェンナトリウム錠60mg", 3);
/// レバミピド.
pub const REBAMIPIDE: Medicine = generic("2329021F1ZZZ", "レバミピド錠100mg", 3);
/// タムスロシン塩酸塩.
pub const TAMSULOSIN: Medicine = generic("2590008F1ZZZ", "タムスロシン塩酸塩OD錠0.2mg", 1);
/// プレドニゾロン.
pub const PREDNISOLONE: Medicine = generic("2456001F3ZZZ", "プレドニゾロン錠5mg", 1);
/// レボドパ・カルビドパ.
pub const LEVODOPA: Medicine = generic("1169101F1ZZZ", "レボドパ・カルビドパ配合錠", 3);
/// フェキソフェナジン塩酸塩.
pub const FEXOFENADINE: Medicine = generic("4490023F2ZZZ", "フェキソフェナジン塩酸塩錠60mg", 2);
/// モンテルカスト.
pub const MONTELUKAST: Medicine = generic("4490026F2ZZZ", "モンテルカスト錠10mg", 1);
/// エスシタロプラム.
pub const ESCITALOPRAM: Medicine = generic("1179054F1ZZZ", "エスシタロプラム錠10mg", 1);
/// アリピプラゾール.
pub const ARIPIPRAZOLE: Medicine = generic("1179045F2ZZZ", "アリピプラゾール錠6mg", 1);
/// メコバラミン.
pub const MECOBALAMIN: Medicine = generic("3136004F2ZZZ", "メコバラミン錠500μg", 3);
/// カルボシステイン.
pub const CARBOCISTEINE: Medicine = generic("2233002F2ZZZ", "カルボシステイン錠500mg", 3);
/// アモキシシリン.
pub const AMOXICILLIN: Medicine = generic("6131001M2ZZZ", "アモキシシリンカプセル250mg", 3);
/// オセルタミビル.
pub const OSELTAMIVIR: Medicine = generic("6250021M1ZZZ", "オセルタミビルカプセル75mg", 2);
/// レボフロキサシン.
pub const LEVOFLOXACIN: Medicine = generic("6241013F3ZZZ", "レボフロキサシン錠500mg", 1);
/// ビフィズス菌.
pub const BIFIDOBACTERIUM: Medicine = generic("2316014F1ZZZ", "ビフィズス菌錠12mg", 3);
/// 酸化マグネシウム.
pub const MAGNESIUM: Medicine = generic("2344009F2ZZZ", "酸化マグネシウム錠330mg", 3);
/// アセトアミノフェン.
pub const ACETAMINOPHEN: Medicine = generic("1141007F1ZZZ", "アセトアミノフェン錠200mg", 3);
/// What documents for benchmarks prescribe.
pub const MEDICINES: [Medicine; 7] =
    [AMLODIPINE, METFORMIN, ROSUVASTATIN, LANSOPRAZOLE, APIXABAN, MAGNESIUM, ACETAMINOPHEN];

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
    let number = format!("{}-M-{serial}", author.institution.id);
    obj! {
        "resourceType" => "MedicationRequest",
        "meta" => meta(author.time, format!("{}JP_MedicationRequest_eCS", sys::ECS)),
        "language" => "ja",
        "contained" => author.contained(vec![contained_practitioner(author)]),
        "extension" => arr![institution_extension(author.institution)],
        "identifier" => arr![
            obj! {"system" => sys::RP_GROUP, "value" => group.to_string()},
            obj! {"system" => sys::RP_INDEX, "value" => "1"},
            resource_identifier(&number),
        ],
        "status" => "completed",
        "intent" => "order",
        "medicationCodeableConcept" => obj! {"coding" => arr![coding(medicine.system, medicine.code, medicine.name)], "text" => medicine.name},
        "subject" => obj! {"reference" => subject},
        "authoredOn" => author.time.to_fhir(),
        "requester" => author.doctor().with("display", author.person.name.full()),
        "dosageInstruction" => arr![dosage(medicine, start, days)],
        "dispenseRequest" => supply(medicine, days),
    }
}

fn length(days: u32) -> Json {
    obj! {"value" => days, "unit" => "日", "system" => sys::UCUM, "code" => "d"}
}

/// How the medicine is to be taken for `days` days from `start`.
pub(crate) fn dosage(medicine: &Medicine, start: Date, days: u32) -> Json {
    let (code, words) = usage(medicine.times);
    let text = format!("1日{}回 1回{}{} {days}日分", medicine.times, medicine.dose, medicine.unit().0);
    obj! {
        "extension" => arr![obj! {
            "url" => "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_MedicationDosage_PeriodOfUse",
            "valuePeriod" => obj! {"start" => start.to_string()},
        }],
        "text" => text,
        "timing" => obj! {
            "repeat" => obj! {"boundsDuration" => length(days), "frequency" => medicine.times, "period" => 1, "periodUnit" => "d"},
            "code" => obj! {"coding" => arr![coding(sys::USAGE, code, words)], "text" => words.replace('　', " ")},
        },
        "route" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/CodeSystem/route-codes", "PO", "口")]},
        "doseAndRate" => arr![obj! {
            "type" => obj! {"coding" => arr![coding("http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationIngredientStrengthStrengthType", "1", "製剤量")]},
            "doseQuantity" => medicine.quantity(medicine.dose),
        }],
    }
}

/// How much is to be handed over for `days` days.
pub(crate) fn supply(medicine: &Medicine, days: u32) -> Json {
    obj! {"quantity" => medicine.quantity(medicine.dose * medicine.times * days), "expectedSupplyDuration" => length(days)}
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
        "dosage" => obj! {"text" => format!("1回{}{}", medicine.dose, medicine.unit().0), "dose" => medicine.quantity(medicine.dose)},
    }
}
