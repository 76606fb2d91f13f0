//! Certification of care need as messages of the city: application, survey, physician's opinion, level.
//!
//! The survey is a `QuestionnaireResponse` of our own questionnaire; the opinion is a `ClinicalImpression`, a clinician's
//! assessment with what it rests on; the level is an `Observation` that holds for its validity (`effectivePeriod`).

use jiff::civil::Date;

use super::{
    care::Subject,
    party::{Author, coding},
    systems as sys,
};
use crate::json::{Json, arr, obj};

/// The authority that certifies: id and name.
#[derive(Clone, Copy, Debug)]
pub struct City<'a> {
    /// Id of the directory.
    pub id: &'a str,
    /// Name.
    pub name: &'a str,
}

impl City<'_> {
    fn reference(&self) -> Json {
        obj! {"type" => "Organization", "identifier" => obj! {"system" => sys::ORGANIZATION, "value" => self.id}, "display" => self.name}
    }
}

/// A code of our care system with its words.
pub(crate) fn care_code(code: &str, words: &str) -> Json {
    obj! {"coding" => arr![coding(sys::CARE, code, words)], "text" => words}
}

fn meta(author: &Author<'_>) -> Json {
    obj! {"lastUpdated" => author.time.to_fhir()}
}

/// An application (新規, 更新, 区分変更), by its code and words.
#[must_use]
pub fn application(
    author: &Author<'_>,
    subject: &Subject<'_>,
    city: City<'_>,
    reason: (&str, &str),
    day: Date,
) -> Json {
    obj! {
        "resourceType" => "ServiceRequest",
        "meta" => meta(author),
        "language" => "ja",
        "status" => "completed",
        "intent" => "order",
        "code" => care_code(reason.0, reason.1),
        "subject" => subject.reference(),
        "authoredOn" => day.to_string(),
        "performer" => arr![city.reference()],
    }
}

/// One answered question: its code, its words, the answer's place on its scale, the answer's words.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// Code: `1-7`.
    pub code: &'a str,
    /// Words of the question.
    pub question: &'a str,
    /// 0 is the best.
    pub grade: usize,
    /// Words of the answer.
    pub words: &'a str,
}

/// The groups of the survey, by the beginning of their codes.
const GROUPS: [(&str, &str); 6] = [
    ("1", "体の働き・起居"),
    ("2", "生活の働き"),
    ("3", "認知の働き"),
    ("4", "心と行いのようす"),
    ("5", "社会でのくらし"),
    ("s", "特別な医療(14日以内)"),
];

/// The survey with its 74 answers.
#[must_use]
pub fn survey(author: &Author<'_>, subject: &Subject<'_>, city: City<'_>, answers: &[Answer<'_>], day: Date) -> Json {
    let answer = |one: &Answer<'_>| {
        let coded = coding(sys::CARE_ANSWER, &one.grade.to_string(), one.words);
        obj! {"linkId" => one.code, "text" => one.question, "answer" => arr![obj! {"valueCoding" => coded}]}
    };
    let group = |(code, words): (&str, &str)| {
        let of_group = answers.iter().filter(|one| one.code.split('-').next() == Some(code));
        obj! {"linkId" => code, "text" => words, "item" => Json::list(of_group.map(answer))}
    };
    obj! {
        "resourceType" => "QuestionnaireResponse",
        "meta" => meta(author),
        "language" => "ja",
        "questionnaire" => sys::CARE_SURVEY,
        "status" => "completed",
        "subject" => subject.reference(),
        "authored" => day.to_string(),
        "author" => city.reference(),
        "item" => Json::list(GROUPS.into_iter().map(group)),
    }
}

/// What a physician says for certification.
#[derive(Clone, Copy, Debug)]
pub struct Opinion<'a> {
    /// The physician's name.
    pub physician: &'a str,
    /// Where the physician works.
    pub institution: &'a str,
    /// ICD-10 and words of what causes the need.
    pub diagnosis: (&'a str, &'a str),
    /// Code and words of the cause.
    pub cause: (&'a str, &'a str),
    /// 障害高齢者, 認知症高齢者の日常生活自立度: words.
    pub independence: [&'a str; 2],
}

/// The physician's opinion (主治医意見書).
#[must_use]
pub fn opinion(author: &Author<'_>, subject: &Subject<'_>, opinion: &Opinion<'_>, day: Date) -> Json {
    let (icd10, words) = opinion.diagnosis;
    let found = |concept: Json| obj! {"itemCodeableConcept" => concept};
    let [body, mind] = opinion.independence;
    obj! {
        "resourceType" => "ClinicalImpression",
        "meta" => meta(author),
        "language" => "ja",
        "status" => "completed",
        "code" => care_code("physician-opinion", "主治医意見書"),
        "subject" => subject.reference(),
        "date" => day.to_string(),
        "assessor" => obj! {"type" => "Practitioner", "display" => format!("{} {}", opinion.institution, opinion.physician)},
        "summary" => format!("日常生活の自立度は、体が{body}、認知が{mind}。{}のため、助けが要ります。", opinion.cause.1),
        "finding" => arr![
            found(obj! {"coding" => arr![coding(sys::ICD10, icd10, words)], "text" => words}),
            found(obj! {"coding" => arr![coding(sys::CARE_CAUSE, opinion.cause.0, opinion.cause.1)], "text" => opinion.cause.1}),
        ],
    }
}

/// A decided level with its validity.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Code and words; `none` for 非該当.
    pub level: (&'a str, &'a str),
    /// Minutes of care a day by the first judgement (一次判定).
    pub minutes: i64,
    /// First and last day.
    pub valid: (Date, Option<Date>),
    /// Units of benefits a month, if there is a limit.
    pub limit: Option<i64>,
}

/// The decided level (認定結果).
#[must_use]
pub fn level(author: &Author<'_>, subject: &Subject<'_>, city: City<'_>, decision: &Decision<'_>, day: Date) -> Json {
    let (code, words) = decision.level;
    let count = |code: &str, words: &str, value: i64| obj! {"code" => care_code(code, words), "valueInteger" => Json::number(value.to_string())};
    let limit = decision.limit.map(|units| count("benefit-limit", "区分支給限度基準額(単位)", units));
    obj! {
        "resourceType" => "Observation",
        "meta" => meta(author),
        "language" => "ja",
        "status" => "final",
        "code" => care_code("certified-level", "要介護認定"),
        "subject" => subject.reference(),
        "effectivePeriod" => obj! {"start" => decision.valid.0.to_string(), "end" => decision.valid.1.map(|end| end.to_string())},
        "issued" => author.time.to_fhir(),
        "performer" => arr![city.reference()],
        "valueCodeableConcept" => obj! {"coding" => arr![coding(sys::CARE_LEVEL, code, words)], "text" => words},
        "note" => arr![obj! {"text" => format!("認定日 {day}")}],
        "component" => Json::list([Some(count("care-minutes", "要介護認定等基準時間(分)", decision.minutes)), limit].into_iter().flatten()),
    }
}
