//! A care plan (居宅サービス計画書): what the person wants and the course as a whole (第1表), needs, goals and services
//! (第2表), and the week (第3表).

use jiff::civil::Date;

use super::{
    care::{Subject, organization_reference, person_reference},
    care_certification::care_code,
    party::{Author, coding},
    systems as sys,
};
use crate::{
    json::{Json, arr, obj},
    people::Institution,
};

/// One need with its goal.
#[derive(Clone, Copy, Debug)]
pub struct Aim<'a> {
    /// `fullUrl` of the goal.
    pub url: &'a str,
    /// 生活全般の解決すべき課題.
    pub need: &'a str,
    /// 長期目標.
    pub goal: &'a str,
    /// Until when.
    pub until: Date,
}

/// One service of the week.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// サービス種類コード and words.
    pub kind: (&'a str, &'a str),
    /// Times a week, or `None` for once a month.
    pub times: Option<i64>,
    /// The office that gives it.
    pub office: &'a Institution,
    /// Which aim it serves.
    pub aim: usize,
}

/// A plan.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// 利用者及び家族の意向.
    pub wish: &'a str,
    /// 総合的な援助の方針.
    pub course: &'a str,
    /// First and last day.
    pub period: (Date, Date),
    /// Needs and goals.
    pub aims: &'a [Aim<'a>],
    /// Services.
    pub services: &'a [Service<'a>],
}

/// A goal as its own resource, which the plan refers to.
#[must_use]
pub fn goal(author: &Author<'_>, subject: &Subject<'_>, aim: &Aim<'_>, from: Date) -> Json {
    obj! {
        "resourceType" => "Goal",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "lifecycleStatus" => "active",
        "category" => arr![care_code("care-goal", "介護の目標")],
        "description" => obj! {"text" => aim.goal},
        "subject" => subject.reference(),
        "startDate" => from.to_string(),
        "target" => arr![obj! {"dueDate" => aim.until.to_string()}],
        "note" => arr![obj! {"text" => aim.need}],
    }
}

/// Days on which a service comes, by how often it comes in a week.
const DAYS: [&[&str]; 7] = [
    &["wed"],
    &["tue", "fri"],
    &["mon", "wed", "fri"],
    &["mon", "tue", "thu", "fri"],
    &["mon", "tue", "wed", "thu", "fri"],
    &["mon", "tue", "wed", "thu", "fri", "sat"],
    &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
];

fn timing(times: Option<i64>) -> Json {
    let Some(times) = times else {
        return obj! {"repeat" => obj! {"frequency" => 1, "period" => 1, "periodUnit" => "mo"}};
    };
    let days = usize::try_from(times - 1).ok().and_then(|place| DAYS.get(place)).copied().unwrap_or(DAYS[6]);
    obj! {"repeat" => obj! {
        "frequency" => Json::number(times.to_string()), "period" => 1, "periodUnit" => "wk",
        "dayOfWeek" => Json::list(days.iter().map(|day| Json::from(*day))),
    }}
}

/// The plan.
#[must_use]
pub fn plan(author: &Author<'_>, subject: &Subject<'_>, plan: &Plan<'_>) -> Json {
    let activity = |service: &Service<'_>| {
        let aim = plan.aims.get(service.aim).map(|aim| arr![obj! {"reference" => aim.url}]);
        let (code, words) = service.kind;
        obj! {"detail" => obj! {
            "code" => obj! {"coding" => arr![coding(sys::CARE_SERVICE, code, words)], "text" => words},
            "goal" => aim,
            "status" => "in-progress",
            "scheduledTiming" => timing(service.times),
            "performer" => arr![organization_reference(service.office)],
        }}
    };
    obj! {
        "resourceType" => "CarePlan",
        "meta" => obj! {"lastUpdated" => author.time.to_fhir()},
        "language" => "ja",
        "status" => "active",
        "intent" => "plan",
        "category" => arr![care_code("care-plan", "ケアプラン")],
        "title" => "ケアプラン",
        "description" => plan.course,
        "subject" => subject.reference(),
        "period" => obj! {"start" => plan.period.0.to_string(), "end" => plan.period.1.to_string()},
        "created" => author.time.to_fhir(),
        "author" => person_reference(author),
        "contributor" => arr![organization_reference(author.institution)],
        "goal" => Json::list(plan.aims.iter().map(|aim| obj! {"reference" => aim.url})),
        "activity" => Json::list(plan.services.iter().map(activity)),
        "note" => arr![obj! {"text" => plan.wish}],
    }
}
