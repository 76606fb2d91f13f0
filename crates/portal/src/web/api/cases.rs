//! `/api`: objections and corrections for systems: the citizen's own, what an organisation is asked, its answer, and the
//! public statistics.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_access::{Action, CaseAct, CaseError, CaseFault, CaseState, Request, case::Concern, case::Turn};
use tsumugi_record::review::{CaseEntry, LIST_MOST};
use utoipa::ToSchema;

use super::super::{Fault, Site, Visit, office_cases, record, review, statistics};
use super::matches::{Told, answered, body, not};
use super::openapi::{Deed, Schema};
use crate::view::{self, CaseFormFault, Count, Trouble};

/// What can be done at paths of their own.
pub(super) const DEEDS: [Deed; 4] = [
    Deed {
        path: "/api/me/looks/{number}/objection",
        name: "objectToLook",
        post: true,
        summary: "The citizen objects to a look: {\"concern\": \"unknown\", \"no-care\", \"too-much\", \"purpose\" or \
                  \"other\", \"words\": text}. To one look there is one objection.",
        schema: Schema::of::<CaseOut>(),
    },
    Deed {
        path: "/api/people/{id}/looks/{number}/objection",
        name: "objectToLookFor",
        post: true,
        summary: "The same for somebody who holds a mandate with the log.",
        schema: Schema::of::<CaseOut>(),
    },
    Deed {
        path: "/api/office/cases/{id}",
        name: "officeCase",
        post: false,
        summary: "One case that the reader's organisation is asked to answer, with every word. Leaves a leaf in the \
                  person's log.",
        schema: Schema::of::<OfficeCaseOut>(),
    },
    Deed {
        path: "/api/office/cases/{id}/answer",
        name: "officeAnswer",
        post: true,
        summary: "The organisation's answer: {\"act\": \"answer\"; for a correction \"corrected\", \"annotated\" or \
                  \"refused\", \"words\": text, \"said\": how many words the case had when it was read}.",
        schema: Schema::of::<CaseOut>(),
    },
];

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/api/me/looks/{number}/objection", post(object))
        .route("/api/people/{id}/looks/{number}/objection", post(object))
        .route("/api/office/cases/{id}", get(office_case))
        .route("/api/office/cases/{id}/answer", post(answer))
}

/// A case. Nobody whose record it is, is named.
#[derive(Serialize, ToSchema)]
pub(super) struct CaseOut {
    id: String,
    /// `break-glass`, `objection` or `correction`.
    kind: &'static str,
    /// Who is called to account; the organisation where a fact is to be corrected.
    who: String,
    organization: String,
    opened: String,
    /// By whose end the next word falls due: YYYY-MM-DD.
    deadline: String,
    /// `waiting`, `asked`, `answered`, `fine`, `unfit` or `settled`.
    state: &'static str,
    /// Whose word is next: `supervisor`, `organization`, `citizen` or `nobody`.
    turn: &'static str,
    /// Whether that word is late.
    late: bool,
}

/// Cases.
#[derive(Serialize, ToSchema)]
pub(super) struct CasesOut {
    cases: Vec<CaseOut>,
    /// Give it as `after` for the next page.
    next: Option<String>,
}

/// One word.
#[derive(Serialize, ToSchema)]
struct WordOut {
    /// The role of whoever said it.
    role: &'static str,
    /// The name; absent of the citizen's side.
    name: Option<String>,
    /// `object`, `wish`, `answer`, `corrected`, `annotated`, `refused`, `accept`, `insist`, `fine`, `explain`, `unfit`,
    /// `lift`.
    act: &'static str,
    words: String,
    at: String,
}

/// A case with its words, for the organisation that answers.
#[derive(Serialize, ToSchema)]
pub(super) struct OfficeCaseOut {
    case: CaseOut,
    /// When the look was.
    looked: Option<String>,
    /// For which purpose (HL7 v3 PurposeOfUse code).
    purpose: Option<&'static str>,
    /// The name of the person, where the look had told it.
    person: Option<String>,
    /// The birth date of the person, where the look had told it.
    birth_date: Option<String>,
    words: Vec<WordOut>,
}

/// Public statistics. `null` stands for a number under ten, or one that would leave such a number.
#[derive(Serialize, ToSchema)]
pub(super) struct StatisticsOut {
    /// The day on which they were counted.
    counted: String,
    months: Vec<MonthOut>,
}

/// The cases of one kind that were opened in one month.
#[derive(Serialize, ToSchema)]
struct MonthOut {
    /// YYYY-MM.
    month: String,
    kind: &'static str,
    opened: Option<u64>,
    answered: Option<u64>,
    /// Working days to the answer: the middle one.
    median_days: Option<u32>,
    /// Working days to the answer: the longest.
    longest_days: Option<u32>,
    late: Option<u64>,
    closed: Option<u64>,
    /// In how many per cent of those that were decided the citizen was right.
    upheld_percent: Option<u32>,
}

#[derive(Deserialize)]
struct Objection {
    #[serde(default)]
    concern: Option<String>,
    #[serde(default)]
    words: String,
}

#[derive(Deserialize)]
struct Answer {
    act: String,
    words: String,
    said: usize,
}

impl From<CaseEntry> for CaseOut {
    fn from(entry: CaseEntry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind.code(),
            who: entry.looker.name,
            organization: entry.looker.organization_name,
            opened: entry.opened.to_fhir(),
            deadline: entry.deadline.to_string(),
            state: match entry.state {
                CaseState::Open => "waiting",
                CaseState::Asked => "asked",
                CaseState::Upheld => "upheld",
                CaseState::Answered => "answered",
                CaseState::Settled => "settled",
                CaseState::Judged(verdict) => verdict.code(),
            },
            turn: match entry.turn {
                Turn::Supervisor => "supervisor",
                Turn::Organization => "organization",
                Turn::Citizen => "citizen",
                Turn::Nobody => "nobody",
            },
            late: entry.late,
        }
    }
}

/// `{base}/cases`: newest first.
pub(super) async fn own(site: &Site, visit: &Visit) -> Result<CasesOut, Fault> {
    let open = record::open(site, visit, Action::AccessLog).await?;
    let cases = open.permit().cases().await?;
    open.seal(visit).await?;
    let cases = cases.iter().rev().map(|case| site.desk().case_entry(case).into()).collect();
    Ok(CasesOut { cases, next: None })
}

/// `/api/office/cases`.
pub(super) async fn office(site: &Site, visit: &Visit) -> Result<CasesOut, Fault> {
    let waiting = visit.asked("all") != Some("1");
    let caller = record::caller(visit)?;
    let listed = site.desk().office_cases(caller, waiting, visit.asked("after"), LIST_MOST).await?;
    Ok(CasesOut { cases: listed.entries.into_iter().map(CaseOut::from).collect(), next: listed.next })
}

/// `/api/statistics/cases`: public.
pub(super) async fn counted(site: &Site, visit: &Visit) -> Result<StatisticsOut, Fault> {
    let counted = statistics::counted(site, visit).await?;
    Ok(StatisticsOut { counted: counted.counted.to_string(), months: counted.months.iter().map(month).collect() })
}

fn month(row: &view::MonthRow) -> MonthOut {
    let told = |count| match count {
        Count::Few => None,
        Count::Exactly(many) => Some(many),
    };
    MonthOut {
        month: format!("{:04}-{:02}", row.month.year(), row.month.month()),
        kind: row.kind.code(),
        opened: told(row.opened),
        answered: told(row.answered),
        median_days: row.days.map(|(median, _)| median),
        longest_days: row.days.map(|(_, longest)| longest),
        late: told(row.late),
        closed: told(row.closed),
        upheld_percent: row.upheld_percent,
    }
}

async fn object(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let sent: Objection = body(&visit, &bytes)?;
        let concern = sent.concern.as_deref().map_or(Some(Concern::Other), Concern::from_code);
        let concern = concern.ok_or(Trouble::BadInput)?;
        let number: u64 = visit.param("number").and_then(|text| text.parse().ok()).ok_or(Fault::NOT_SHOWN)?;
        let (citizen, _) = record::whose(&site, &visit)?;
        let caller = record::caller(&visit)?;
        let admitted = site.desk().door.admit(Request { caller, action: Action::Object, citizen }).await;
        let permit = admitted.map_err(Fault::from)?;
        match site.desk().door.object(permit, number, concern, &sent.words).await {
            Ok((case, _)) => Ok::<_, Told>(CaseOut::from(site.desk().case_entry(&case))),
            Err(CaseError::Fault(CaseFault::Twice)) => Err(not(
                StatusCode::CONFLICT,
                "この閲覧には、もう異議が出ています。",
                "This look was objected to already.",
            )),
            Err(CaseError::Fault(CaseFault::Reason)) => Err(too_long()),
            Err(error) => Err(Fault::from(error).into()),
        }
    };
    answered(outcome.await)
}

async fn office_case(State(site): State<Site>, visit: Visit) -> Response {
    let outcome = async {
        let id = visit.param("id").unwrap_or_default();
        let case = site.desk().office_case(record::caller(&visit)?, id).await.map_err(Fault::from)?;
        let word = |word: tsumugi_access::case::CaseWord| {
            let said = review::spoken(word, true);
            WordOut {
                role: said.role.code(),
                name: said.name.map(|name| name.text),
                act: said.act.code(),
                words: said.reason.unwrap_or_default(),
                at: said.at.to_fhir(),
            }
        };
        let (name, birth_date) = case.person.map_or((None, None), |person| (person.name, person.birth_date));
        Ok::<_, Told>(OfficeCaseOut {
            case: case.entry.into(),
            looked: case.looked.map(tsumugi_kernel::Instant::to_fhir),
            purpose: case.purpose.map(tsumugi_kernel::Purpose::code),
            person: name,
            birth_date,
            words: case.words.into_iter().map(word).collect(),
        })
    };
    answered(outcome.await)
}

async fn answer(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let sent: Answer = body(&visit, &bytes)?;
        let act = CaseAct::from_code(&sent.act).filter(|act| act.is_organizations()).ok_or(Trouble::BadInput)?;
        record::caller(&visit)?;
        match office_cases::say(&site, &visit, act, &sent.words, sent.said).await? {
            Ok(entry) => Ok::<_, Told>(CaseOut::from(entry)),
            Err(fault) => Err(refused(fault)),
        }
    };
    answered(outcome.await)
}

fn too_long() -> Told {
    not(StatusCode::BAD_REQUEST, "言葉を500文字までにしてください。", "Give at most 500 characters.")
}

/// Why an answer is not taken, and what to do.
fn refused(fault: CaseFormFault) -> Told {
    match fault {
        CaseFormFault::NoWords => not(StatusCode::BAD_REQUEST, "説明を書いてください。", "Give an explanation."),
        CaseFormFault::ReasonTooLong(_) => too_long(),
        CaseFormFault::NotCorrected => not(
            StatusCode::CONFLICT,
            "先に、訂正した新しい版を登録してください。",
            "Register the corrected version first.",
        ),
        _ => not(
            StatusCode::CONFLICT,
            "いまは、ほかの人の番です。案件を読み直してください。",
            "It is somebody else's turn. Read the case again.",
        ),
    }
}
