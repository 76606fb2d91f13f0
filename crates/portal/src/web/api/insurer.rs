//! `/api/insurer`: members' files and the questions of those who pay, as JSON. Convert, call, convert.
//!
//! These are for programs that sign in with a token: a browser's cookie does not open them, so no other site's form can
//! write through one. They are described in `docs/members.md`.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_access::Caller;
use tsumugi_exchange_members::{MembersError, Taken, give_number, identify, numbers, qualify, take_in};
use tsumugi_kernel::{FactKey, Kind};
use tsumugi_people::{
    Coverage, Identifier, Member, MyNumber, VaultError,
    bulk::{FileKey, FileResult, LineResult, read_day, result_csv},
    eligibility::Asked,
    insurance::Confidence,
};
use zeroize::Zeroize as _;

use super::super::{Fault, Site, Visit, answer, person_to_be::BothWords};
use crate::view::Trouble;

/// The routes.
pub(crate) fn router() -> Router<Site> {
    Router::new()
        .route("/api/insurer/members", post(members))
        .route("/api/insurer/members/{sha256}", get(result))
        .route("/api/insurer/qualification", post(qualification))
        .route("/api/insurer/numbers", post(history))
        .route("/api/insurer/individual-number", post(whose).put(give))
}

#[derive(Serialize)]
struct FileAnswer {
    file: String,
    again: bool,
    result: FileResult,
    lines: Vec<LineAnswer>,
}

#[derive(Serialize)]
struct LineAnswer {
    line: u64,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingAnswer>,
}

#[derive(Serialize)]
struct FindingAnswer {
    rule: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'static str>,
    text: BothWords,
}

impl From<&LineResult> for LineAnswer {
    fn from(line: &LineResult) -> Self {
        let finding = |finding: &tsumugi_people::bulk::Finding| {
            let (ja, en) = finding.rule.words();
            let column = finding.column.map(tsumugi_people::bulk::Column::code);
            FindingAnswer { rule: finding.rule.code(), column, text: both(ja, en) }
        };
        Self { line: line.line, outcome: line.outcome.code(), findings: line.findings.iter().map(finding).collect() }
    }
}

/// `POST /api/insurer/members`: takes a file in.
async fn members(State(site): State<Site>, visit: Visit, body: Bytes) -> Response {
    let taken = async { Ok(take_in(site.desk(), program(&visit)?, &body).await?) };
    match taken.await {
        Ok(Taken { sha256, result, lines, again }) => {
            let status = if again { StatusCode::OK } else { StatusCode::CREATED };
            let lines = lines.iter().map(LineAnswer::from).collect();
            answer::private((status, Json(FileAnswer { file: sha256, again, result, lines })).into_response())
        }
        Err(problem) => Problem::response(problem),
    }
}

/// `GET /api/insurer/members/{sha256}`: the result file of the sender's own file.
async fn result(State(site): State<Site>, visit: Visit, Path(sha256): Path<String>) -> Response {
    let found = async {
        let caller = program(&visit)?;
        let sha256 = digest(&sha256).ok_or(Problem::Fault(Fault::NOT_SHOWN))?;
        let file = FileKey { sender: caller.organization.clone(), sha256 };
        site.desk().directory.file_result(&file).await?.ok_or(Problem::Fault(Fault::NOT_SHOWN))
    };
    match found.await {
        Ok((_, lines)) => {
            let media = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"members-result.csv\""),
            ];
            answer::private((media, result_csv(&lines)).into_response())
        }
        Err(problem) => Problem::response(problem),
    }
}

/// A number that is asked about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    system: String,
    value: String,
    /// The birth date, which singles out one of a household.
    #[serde(default)]
    birth_date: Option<String>,
    /// The day; today where it is not said.
    #[serde(default)]
    day: Option<String>,
}

#[derive(Serialize)]
struct QualificationAnswer {
    qualification: u8,
    text: BothWords,
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageAnswer>,
}

#[derive(Serialize)]
struct CoverageAnswer {
    number: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    relation: Option<tsumugi_people::insurance::Relation>,
    #[serde(flatten)]
    days: tsumugi_people::Validity,
    #[serde(skip_serializing_if = "Option::is_none")]
    loss: Option<tsumugi_people::insurance::Loss>,
    by_payer: bool,
    told: String,
    corrected: bool,
}

impl From<Coverage> for CoverageAnswer {
    fn from(coverage: Coverage) -> Self {
        Self {
            number: coverage.member.identifier(),
            relation: coverage.relation,
            days: coverage.validity,
            loss: coverage.loss,
            by_payer: coverage.confidence == Confidence::Payer,
            told: coverage.told.to_fhir(),
            corrected: coverage.corrected,
        }
    }
}

/// `POST /api/insurer/qualification`: whether a number was good on a day.
async fn qualification(State(site): State<Site>, visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let answered = async {
        let asked = asked(&visit, &headers, &body)?;
        Ok(qualify(site.desk(), program(&visit)?, &asked).await?)
    };
    match answered.await {
        Ok(told) => {
            let (ja, en) = told.qualification.words();
            let qualification = told.qualification.code();
            let coverage = told.coverage.map(CoverageAnswer::from);
            let body = QualificationAnswer { qualification, text: both(ja, en), coverage };
            answer::private(Json(body).into_response())
        }
        Err(problem) => Problem::response(problem),
    }
}

/// `POST /api/insurer/numbers`: all numbers of whoever had a number on a day.
async fn history(State(site): State<Site>, visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    let answered = async {
        let asked = asked(&visit, &headers, &body)?;
        let citizen = site.desk().directory.find_on(&asked.member.identifier(), asked.day).await?;
        let citizen = citizen.ok_or(MembersError::NotOpen)?;
        Ok(numbers(site.desk(), program(&visit)?, citizen).await?)
    };
    match answered.await {
        Ok(coverages) => {
            let coverages: Vec<CoverageAnswer> = coverages.into_iter().map(CoverageAnswer::from).collect();
            answer::private(Json(coverages).into_response())
        }
        Err(problem) => Problem::response(problem),
    }
}

/// An individual number in a body, and for giving one, the insured number of whoever it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Individual {
    number: String,
    #[serde(default)]
    member: Option<Identifier>,
}

impl Drop for Individual {
    fn drop(&mut self) {
        self.number.zeroize();
    }
}

#[derive(Serialize)]
struct Whose {
    /// A `Patient` of the person; absent when no record holds one.
    patient: Option<String>,
}

/// `POST /api/insurer/individual-number`: whose it is. The number is never answered.
async fn whose(State(site): State<Site>, visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    individual(&site, &visit, &headers, &body, false).await
}

/// `PUT /api/insurer/individual-number`: says whose it is.
async fn give(State(site): State<Site>, visit: Visit, headers: HeaderMap, body: Bytes) -> Response {
    individual(&site, &visit, &headers, &body, true).await
}

async fn individual(site: &Site, visit: &Visit, headers: &HeaderMap, body: &Bytes, give: bool) -> Response {
    let bad = || Problem::Fault(Trouble::BadInput.into());
    let answered = async {
        let caller = program(visit)?;
        let sent: Individual = json(headers, body)?;
        let number = MyNumber::read(&sent.number).map_err(|_| bad())?;
        let citizen = if give {
            let member = sent.member.as_ref().and_then(Member::of).ok_or_else(bad)?;
            give_number(site.desk(), caller, &member, &number).await?
        } else {
            identify(site.desk(), caller, &number).await?
        };
        let patients = site.desk().directory.citizen(citizen).await?.map(|row| row.patients).unwrap_or_default();
        let seal = |number| site.desk().record.sealer().seal(FactKey { citizen, kind: Kind::PATIENT, number });
        Ok(Whose { patient: patients.first().map(|number| format!("Patient/{}", seal(*number))) })
    };
    match answered.await {
        Ok(whose) => answer::private(Json(whose).into_response()),
        Err(problem) => Problem::response(problem),
    }
}

/// A caller that is a program with a token of its own.
fn program(visit: &Visit) -> Result<&Caller, Problem> {
    let by_token = visit.headers.contains_key(header::AUTHORIZATION);
    visit.caller.as_ref().filter(|_| by_token).ok_or(Problem::Fault(Fault::SignIn))
}

fn asked(visit: &Visit, headers: &HeaderMap, body: &Bytes) -> Result<Asked, Problem> {
    let bad = || Problem::Fault(Trouble::BadInput.into());
    let Number { system, value, birth_date, day } = json(headers, body)?;
    let member = Member::of(&Identifier { system, value }).ok_or_else(bad)?;
    let day_of = |text: Option<String>| text.map(|text| read_day(&text).ok_or_else(bad)).transpose();
    let (birth_date, day) = (day_of(birth_date)?, day_of(day)?);
    Ok(Asked { member, birth_date, day: day.unwrap_or_else(|| visit.now.civil().date()) })
}

/// A body in JSON. Why it cannot be read is not told in the parser's words: those may repeat a number.
fn json<T: serde::de::DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Problem> {
    let is_json =
        headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"application/json"));
    let read = if is_json { serde_json::from_slice(body).ok() } else { None };
    read.ok_or(Problem::Fault(Trouble::BadInput.into()))
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (slot, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *slot = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

fn both(ja: &str, en: &str) -> BothWords {
    BothWords { ja: ja.to_owned(), en: en.to_owned() }
}

/// Why there is no answer.
enum Problem {
    Fault(Fault),
    /// Words of its own, with the status.
    Words(StatusCode, BothWords),
}

impl Problem {
    fn response(self) -> Response {
        match self {
            Self::Fault(fault) => fault.json(),
            Self::Words(status, error) => {
                answer::private((status, Json(super::super::fault::ApiError { error })).into_response())
            }
        }
    }
}

impl From<tsumugi_people::PeopleError> for Problem {
    fn from(error: tsumugi_people::PeopleError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<MembersError> for Problem {
    fn from(error: MembersError) -> Self {
        let words = |status, ja: &str, en: &str| Self::Words(status, both(ja, en));
        match error {
            MembersError::NotAllowed => words(
                StatusCode::FORBIDDEN,
                "この役割と目的では行えません。サインインの役割と目的をたしかめてください。",
                "This is not open for the role and purpose of the sign-in. Check them.",
            ),
            MembersError::NotOpen => Self::Fault(Fault::NOT_SHOWN),
            MembersError::File(fault) => {
                let (ja, en) = fault.words();
                words(StatusCode::UNPROCESSABLE_ENTITY, &ja, &en)
            }
            MembersError::Vault(VaultError::NoDuty) => Self::from(MembersError::NotAllowed),
            MembersError::Vault(error @ (VaultError::Taken | VaultError::Full)) => words(
                StatusCode::CONFLICT,
                "この番号は、別の人のものとして登録されているか、これ以上登録できません。担当者が確かめてください。",
                &error.to_string(),
            ),
            MembersError::Vault(VaultError::Store(error)) | MembersError::Store(error) => Self::Fault(error.into()),
            MembersError::Vault(VaultError::Sealed) => Self::Fault(Trouble::Broken.into()),
            MembersError::People(error) => Self::Fault(error.into()),
            MembersError::Record(error) => Self::Fault(error.into()),
            MembersError::Seal(error) => Self::Fault(error.into()),
        }
    }
}
