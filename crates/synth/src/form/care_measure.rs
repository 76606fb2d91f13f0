//! Measures of care as observations: questions with scores, quantities, falls.

use tsumugi_kernel::Instant;

use super::{
    care::{Subject, organization_reference, person_reference},
    care_certification::care_code,
    party::{Author, coding},
    systems as sys,
};
use crate::json::{Json, arr, obj};

fn observation(author: &Author<'_>, subject: &Subject<'_>, code: Json, when: Instant) -> Json {
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![coding("http://terminology.hl7.org/CodeSystem/observation-category", "survey", "Survey")]}],
        "code" => code,
        "subject" => subject.reference(),
        "effectiveDateTime" => when.to_fhir(),
        "performer" => arr![person_reference(author), organization_reference(author.institution)],
    }
}

/// Questions with scores and their sum.
#[must_use]
pub fn scored(
    author: &Author<'_>,
    subject: &Subject<'_>,
    code: (&str, &str),
    scores: &[(&str, &str, i64)],
    when: Instant,
) -> Json {
    let sum: i64 = scores.iter().map(|(.., score)| score).sum();
    let component = |(code, words, score): &(&str, &str, i64)| obj! {"code" => care_code(code, words), "valueInteger" => Json::number(score.to_string())};
    observation(author, subject, care_code(code.0, code.1), when)
        .with("valueInteger", Json::number(sum.to_string()))
        .with("component", Json::list(scores.iter().map(component)))
}

/// A quantity: code, words, value in tenths or whole, unit as written and in UCUM.
#[derive(Clone, Copy, Debug)]
pub struct Quantity<'a> {
    /// Code of our care system.
    pub code: &'a str,
    /// Words.
    pub words: &'a str,
    /// The value.
    pub value: i64,
    /// Whether the value is in tenths.
    pub tenths: bool,
    /// Unit as written, and in UCUM.
    pub unit: (&'a str, &'a str),
}

impl Quantity<'_> {
    fn write(&self) -> Json {
        let value =
            if self.tenths { format!("{}.{}", self.value / 10, self.value % 10) } else { self.value.to_string() };
        obj! {"value" => Json::number(value), "unit" => self.unit.0, "system" => sys::UCUM, "code" => self.unit.1}
    }
}

/// One quantity.
#[must_use]
pub fn quantity(author: &Author<'_>, subject: &Subject<'_>, quantity: &Quantity<'_>, when: Instant) -> Json {
    observation(author, subject, care_code(quantity.code, quantity.words), when).with("valueQuantity", quantity.write())
}

/// Several quantities that are measured together.
#[must_use]
pub fn quantities(
    author: &Author<'_>,
    subject: &Subject<'_>,
    code: (&str, &str),
    list: &[Quantity<'_>],
    when: Instant,
) -> Json {
    let component =
        |one: &Quantity<'_>| obj! {"code" => care_code(one.code, one.words), "valueQuantity" => one.write()};
    observation(author, subject, care_code(code.0, code.1), when)
        .with("component", Json::list(list.iter().map(component)))
}

/// A statement by code and words.
#[must_use]
pub fn stated(
    author: &Author<'_>,
    subject: &Subject<'_>,
    code: (&str, &str),
    value: (&str, &str),
    when: Instant,
) -> Json {
    observation(author, subject, care_code(code.0, code.1), when)
        .with("valueCodeableConcept", care_code(value.0, value.1))
}
