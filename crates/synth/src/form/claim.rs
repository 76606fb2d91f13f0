//! A receipt (レセプト) as FHIR `Claim`, as an insurer keeps it: who, which month, what for, how many points.

use jiff::civil::Date;

use super::{
    care::Subject,
    clinical::Disease,
    party::{Author, coding, resource_identifier},
    systems as sys,
    visit::organization_reference,
};
use crate::{
    json::{Json, arr, obj},
    people::Institution,
};

/// What a claim says.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<'a> {
    /// The number of the receipt at the insurer.
    pub serial: &'a str,
    /// FHIR's claim type: `institutional`, `pharmacy`, `oral`.
    pub kind: &'static str,
    /// In words: 医科入院外, DPC, 調剤 …
    pub words: &'static str,
    /// Who claims.
    pub provider: &'a Institution,
    /// The first and the last day of the month of treatment, as far as the person was treated.
    pub period: (Date, Date),
    /// 診療実日数.
    pub days: i64,
    /// 主傷病.
    pub disease: Disease,
    /// Points (10 yen each).
    pub points: i64,
    /// Lines of the details.
    pub lines: i64,
}

/// A claim.
#[must_use]
pub fn claim(author: &Author<'_>, subject: &Subject<'_>, claimed: &Claimed<'_>) -> Json {
    let number = |value: i64| Json::number(value.to_string());
    let yen = claimed.points.saturating_mul(10);
    let item = |sequence: u32, what: &str, value: i64, unit: &str| {
        obj! {
            "sequence" => sequence,
            "productOrService" => obj! {"text" => what},
            "quantity" => obj! {"value" => number(value), "unit" => unit},
        }
    };
    obj! {
        "resourceType" => "Claim",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "identifier" => arr![resource_identifier(claimed.serial)],
        "status" => "active",
        "type" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/claim-type", "code" => claimed.kind}], "text" => claimed.words},
        "use" => "claim",
        "patient" => subject.reference(),
        "billablePeriod" => obj! {"start" => claimed.period.0.to_string(), "end" => claimed.period.1.to_string()},
        "created" => author.time.civil().date().to_string(),
        "insurer" => organization_reference(author.institution),
        "provider" => organization_reference(claimed.provider),
        "priority" => obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/processpriority", "code" => "normal"}]},
        "diagnosis" => arr![obj! {"sequence" => 1, "diagnosisCodeableConcept" => obj! {"coding" => arr![coding(sys::ICD10, claimed.disease.icd10, claimed.disease.text)], "text" => claimed.disease.text}}],
        "insurance" => arr![obj! {
            "sequence" => 1, "focal" => true,
            "coverage" => obj! {"type" => "Coverage", "identifier" => obj! {"system" => crate::people::member_system(&subject.0.member_id), "value" => &subject.0.member_id}},
        }],
        "item" => arr![
            item(1, "合計点数", claimed.points, "点"),
            item(2, "診療実日数", claimed.days, "日"),
            item(3, "明細の行数", claimed.lines, "行"),
        ],
        "total" => obj! {"value" => number(yen), "currency" => "JPY"},
    }
}
