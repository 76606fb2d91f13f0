//! A month of services as an office sends it: what was used, and the claim.
//!
//! The claim's type carries a code of our care system beside FHIR's, so that it counts as care: an office in charge
//! may add it, and the city, which insures, may see it (介護給付費明細).

use jiff::civil::Date;

use super::{
    care::{Subject, organization_reference, person_reference},
    care_certification::care_code,
    party::{Author, coding},
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// One service in a month.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// サービス種類コード and words.
    pub kind: (&'a str, &'a str),
    /// Times or days.
    pub uses: i64,
    /// Units within the limit.
    pub units: i64,
    /// Units beyond it.
    pub beyond: i64,
}

fn period(month: Date, last: Date) -> Json {
    obj! {"start" => month.to_string(), "end" => last.to_string()}
}

fn service(kind: (&str, &str)) -> Json {
    obj! {"coding" => arr![coding(sys::CARE_SERVICE, kind.0, kind.1)], "text" => kind.1}
}

/// What was used of one service, in the month up to `last`.
#[must_use]
pub fn used(author: &Author<'_>, subject: &Subject<'_>, line: &Line<'_>, month: Date, last: Date) -> Json {
    let count = |code: &str, words: &str, value: i64| obj! {"code" => care_code(code, words), "valueInteger" => Json::number(value.to_string())};
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/observation-category", "activity", "Activity")]}],
        "code" => care_code("service-used", "介護サービスの利用"),
        "subject" => subject.reference(),
        "effectivePeriod" => period(month, last),
        "performer" => arr![person_reference(author), organization_reference(author.institution)],
        "valueCodeableConcept" => service(line.kind),
        "component" => arr![count("uses", "回数・日数", line.uses), count("units", "単位数", line.units)],
    }
}

/// The claim of an office for a month. `yen`: the price of a unit; `percent`: what the insurance pays.
#[must_use]
pub fn claim(
    author: &Author<'_>,
    subject: &Subject<'_>,
    lines: &[Line<'_>],
    (month, last): (Date, Date),
    (yen, percent): (i64, i64),
    level: (&str, &str),
) -> Json {
    let money = |value: i64| obj! {"value" => Json::number(value.to_string()), "currency" => "JPY"};
    let item = |(sequence, line): (u32, &Line<'_>)| {
        obj! {
            "sequence" => sequence,
            "productOrService" => service(line.kind),
            "servicedPeriod" => period(month, last),
            "quantity" => obj! {"value" => Json::number(line.units.to_string()), "unit" => "単位"},
            "unitPrice" => money(yen),
            "net" => money(line.units * yen),
        }
    };
    let total: i64 = lines.iter().map(|line| line.units * yen).sum();
    let insured = obj! {"system" => sys::CARE_INSURED, "value" => format!("{:010}", subject.0.number)};
    obj! {
        "resourceType" => "Claim",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "active",
        "type" => obj! {"coding" => arr![
            coding("http://terminology.hl7.org/CodeSystem/claim-type", "institutional", "Institutional"),
            coding(sys::CARE, "care-claim", "介護給付費明細"),
        ], "text" => "介護給付費明細"},
        "subType" => obj! {"coding" => arr![coding(sys::CARE_LEVEL, level.0, level.1)], "text" => level.1},
        "use" => "claim",
        "patient" => subject.reference(),
        "billablePeriod" => period(month, last),
        "created" => author.time.to_fhir(),
        "provider" => organization_reference(author.institution),
        "priority" => obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/processpriority", "normal", "Normal")]},
        "insurance" => arr![obj! {
            "sequence" => 1, "focal" => true,
            "coverage" => obj! {"type" => "Coverage", "identifier" => insured, "display" => format!("介護保険({percent}%給付)")},
        }],
        "item" => Json::list((1..).zip(lines).map(item)),
        "total" => money(total),
    }
}
