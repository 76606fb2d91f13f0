//! What a person measures themself, as means of a month.

use jiff::civil::Date;

use super::{
    care::Subject,
    party::{Author, coding},
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// 歩数 a day.
    Steps,
    /// 睡眠時間 a night, minutes.
    Sleep,
    /// 家庭血圧, systolic.
    Systolic,
    /// 家庭血圧, diastolic.
    Diastolic,
}

impl Own {
    /// LOINC code and its words, Japanese words, unit as printed and in UCUM, category.
    const fn coded(self) -> (&'static str, &'static str, &'static str, (&'static str, &'static str), &'static str) {
        match self {
            Self::Steps => ("41950-7", "Number of steps in 24 hour Measured", "1日の歩数", ("歩/日", "/d"), "activity"),
            Self::Sleep => ("93832-4", "Sleep duration", "睡眠時間", ("分", "min"), "activity"),
            Self::Systolic => ("8480-6", "Systolic blood pressure", "家庭血圧(上)", ("mmHg", "mm[Hg]"), "vital-signs"),
            Self::Diastolic => {
                ("8462-4", "Diastolic blood pressure", "家庭血圧(下)", ("mmHg", "mm[Hg]"), "vital-signs")
            }
        }
    }
}

/// The mean of a month, from its first to its last day, by the person themself.
#[must_use]
pub fn own_measure(
    author: &Author<'_>,
    subject: &Subject<'_>,
    what: Own,
    value: &str,
    (from, to): (Date, Date),
) -> Json {
    let (code, display, words, (unit, ucum), category) = what.coded();
    obj! {
        "resourceType" => "Observation",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "final",
        "category" => arr![obj! {"coding" => arr![obj! {"system" => "http://terminology.hl7.org/CodeSystem/observation-category", "code" => category}]}],
        "code" => obj! {"coding" => arr![coding("http://loinc.org", code, display)], "text" => words},
        "subject" => subject.reference(),
        "effectivePeriod" => obj! {"start" => from.to_string(), "end" => to.to_string()},
        "performer" => arr![subject.reference()],
        "valueQuantity" => obj! {"value" => Json::number(value), "unit" => unit, "system" => sys::UCUM, "code" => ucum},
        "method" => obj! {"text" => "ご本人の機器による、ひと月の平均"},
    }
}
