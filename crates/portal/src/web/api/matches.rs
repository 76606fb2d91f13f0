//! `/api/desk`: deciding whether two records are one person's. Reads and deeds over [`tsumugi_record::matches`].

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tsumugi_people::{ClerkWord, DecideFault, MatchState, MergeFault, Opinion, QueueReason, Undone};
use tsumugi_record::matches::{Decided, MatchEntry, MatchError, MatchView, MergeEntry, Party};
use utoipa::ToSchema;

use super::super::{BothWords, Fault, Site, Visit, answer, csrf, fault::ApiError, record::caller};
use super::openapi::{Deed, Schema};
use crate::view::Trouble;

/// Everything that can be asked and done at `/api/desk`.
pub(super) const DEEDS: [Deed; 7] = [
    Deed {
        path: "/api/desk/matches",
        name: "deskMatches",
        post: false,
        summary: "Pairs of records that may be one person's, without names, as far as they concern the reader's desk. \
                  Query: after, count.",
        schema: Schema::of::<Matches>(),
    },
    Deed {
        path: "/api/desk/matches/{id}",
        name: "deskMatch",
        post: false,
        summary: "One pair with names and what was said about it. Leaves a leaf for both people.",
        schema: Schema::of::<Match>(),
    },
    Deed {
        path: "/api/desk/matches/{id}/proposal",
        name: "deskPropose",
        post: true,
        summary: "A first clerk's word: {\"opinion\": \"same\", \"different\" or \"cannot-say\", \"reason\": text}.",
        schema: Schema::of::<Outcome>(),
    },
    Deed {
        path: "/api/desk/matches/{id}/confirmation",
        name: "deskConfirm",
        post: true,
        summary: "A second clerk's word: {\"agrees\": bool, \"reason\": text}. \"same\", confirmed, merges the two.",
        schema: Schema::of::<Outcome>(),
    },
    Deed {
        path: "/api/desk/merges",
        name: "deskMerges",
        post: false,
        summary: "Merges, also those taken back, without names. Query: after, count.",
        schema: Schema::of::<Merges>(),
    },
    Deed {
        path: "/api/desk/merges/{id}/undo",
        name: "deskUndo",
        post: true,
        summary: "Takes a merge back: {\"reason\": text}. The pair is queued again; what is not certain is listed.",
        schema: Schema::of::<MergeOut>(),
    },
    Deed {
        path: "/api/desk/merges/{id}/open/{part}",
        name: "deskSettle",
        post: true,
        summary: "Closes an uncertain part of a merge that was taken back: {\"reason\": what was found}.",
        schema: Schema::of::<MergeOut>(),
    },
];

pub(super) fn router() -> Router<Site> {
    Router::new()
        .route("/api/desk/matches", get(list))
        .route("/api/desk/matches/{id}", get(one))
        .route("/api/desk/matches/{id}/proposal", post(propose))
        .route("/api/desk/matches/{id}/confirmation", post(confirm))
        .route("/api/desk/merges", get(merges))
        .route("/api/desk/merges/{id}/undo", post(undo))
        .route("/api/desk/merges/{id}/open/{part}", post(settle))
}

/// Pairs.
#[derive(Serialize, ToSchema)]
pub(super) struct Matches {
    entries: Vec<Entry>,
    /// Give it as `after` for the next page.
    next: Option<String>,
}

/// A pair without names.
#[derive(Serialize, ToSchema)]
struct Entry {
    id: String,
    /// `contradiction`, `name-and-birth`, `likeness` or `two-numbers`.
    reason: String,
    /// Since when.
    since: String,
    /// `waiting`, `proposed`, `different` or `same`.
    state: &'static str,
    /// Whether the reader proposed it, so that another must confirm.
    own_proposal: bool,
    /// How likely it is one person, in per cent, where likeness alone brought the pair here.
    likely_percent: Option<u32>,
}

/// A pair with names.
#[derive(Serialize, ToSchema)]
pub(super) struct Match {
    entry: Entry,
    one: PartyOut,
    other: PartyOut,
    said: Vec<SaidOut>,
}

/// Who the sources say that this is.
#[derive(Serialize, ToSchema)]
struct PartyOut {
    name: Option<String>,
    kana: Option<String>,
    birth_date: Option<String>,
    /// FHIR's administrative gender.
    sex: Option<&'static str>,
    identifiers: Vec<IdentifierOut>,
    /// How many sources describe this person.
    sources: usize,
}

/// A personal identifier.
#[derive(Serialize, ToSchema)]
struct IdentifierOut {
    system: String,
    value: String,
}

/// One word of a clerk.
#[derive(Serialize, ToSchema)]
struct SaidOut {
    clerk: String,
    organization: String,
    /// `same`, `different` or `cannot-say`.
    opinion: &'static str,
    /// Absent of a proposal; whether a second clerk agreed.
    confirms: Option<bool>,
    reason: String,
    at: String,
}

/// What a word led to.
#[derive(Serialize, ToSchema)]
pub(super) struct Outcome {
    /// `waiting`, `proposed`, `different` or `same`.
    state: &'static str,
    /// The merge, if the two were merged.
    merge: Option<String>,
}

/// Merges.
#[derive(Serialize, ToSchema)]
pub(super) struct Merges {
    entries: Vec<MergeOut>,
    next: Option<String>,
}

/// A merge without names.
#[derive(Serialize, ToSchema)]
pub(super) struct MergeOut {
    id: String,
    at: String,
    /// Who proposed and who confirmed.
    by: Vec<String>,
    undone: Option<UndoneOut>,
    open: Vec<OpenOut>,
}

/// By whom, when and why.
#[derive(Serialize, ToSchema)]
struct UndoneOut {
    clerk: String,
    at: String,
    reason: String,
}

/// Facts of one source of which it is not certain whose they are.
#[derive(Serialize, ToSchema)]
struct OpenOut {
    source: String,
    count: usize,
    settled: Option<UndoneOut>,
}

#[derive(Deserialize)]
struct Proposal {
    opinion: String,
    reason: String,
}

#[derive(Deserialize)]
struct Confirmation {
    agrees: bool,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

const fn state(state: MatchState) -> &'static str {
    match state {
        MatchState::Waiting => "waiting",
        MatchState::Proposed => "proposed",
        MatchState::Different => "different",
        MatchState::Same(_) => "same",
    }
}

impl From<MatchEntry> for Entry {
    fn from(entry: MatchEntry) -> Self {
        let reason = match entry.reason {
            QueueReason::Contradiction => "contradiction".to_owned(),
            QueueReason::NameAndBirth => "name-and-birth".to_owned(),
            QueueReason::Likeness => "likeness".to_owned(),
            QueueReason::TwoNumbers => "two-numbers".to_owned(),
        };
        let (since, state) = (entry.since.to_fhir(), state(entry.state));
        let likely_percent = entry.likeness.map(|found| found.percent());
        Self { id: entry.id, reason, since, state, own_proposal: entry.own_proposal, likely_percent }
    }
}

impl From<Party> for PartyOut {
    fn from(party: Party) -> Self {
        let identifiers = party.identifiers.into_iter();
        Self {
            name: party.name,
            kana: party.kana,
            birth_date: party.birth_date,
            sex: party.sex.map(tsumugi_people::Sex::code),
            identifiers: identifiers.map(|id| IdentifierOut { system: id.system, value: id.value }).collect(),
            sources: party.sources,
        }
    }
}

impl From<ClerkWord> for SaidOut {
    fn from(said: ClerkWord) -> Self {
        Self {
            clerk: said.clerk.name,
            organization: said.clerk.organization_name,
            opinion: said.opinion.code(),
            confirms: said.confirms,
            reason: said.reason,
            at: said.at.to_fhir(),
        }
    }
}

impl From<MatchView> for Match {
    fn from(view: MatchView) -> Self {
        let said = view.said.into_iter().map(SaidOut::from).collect();
        Self { entry: view.entry.into(), one: view.one.into(), other: view.other.into(), said }
    }
}

impl From<Decided> for Outcome {
    fn from(decided: Decided) -> Self {
        Self { state: state(decided.state), merge: decided.merge }
    }
}

impl From<Undone> for UndoneOut {
    fn from(undone: Undone) -> Self {
        Self { clerk: undone.by.name, at: undone.at.to_fhir(), reason: undone.reason }
    }
}

impl From<MergeEntry> for MergeOut {
    fn from(merge: MergeEntry) -> Self {
        let open = merge.open.into_iter().map(|open| OpenOut {
            source: open.source.to_string(),
            count: open.count,
            settled: open.settled.map(UndoneOut::from),
        });
        Self {
            id: merge.id,
            at: merge.at.to_fhir(),
            by: merge.by.into_iter().map(|clerk| clerk.name).collect(),
            undone: merge.undone.map(UndoneOut::from),
            open: open.collect(),
        }
    }
}

/// Why nothing is answered: as everywhere, or in words of the desk's own.
pub(super) enum Told {
    Fault(Fault),
    Not(StatusCode, BothWords),
}

impl From<Fault> for Told {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Trouble> for Told {
    fn from(trouble: Trouble) -> Self {
        Self::Fault(trouble.into())
    }
}

/// What to tell a clerk whose word is not taken.
fn told(error: MatchError) -> Told {
    let fault = match error {
        // What does not concern a desk is not there for it.
        MatchError::Absent | MatchError::NotClerk => Fault::NOT_SHOWN,
        MatchError::Refused(refusal) => refusal.into(),
        MatchError::People(error) | MatchError::Merge(MergeFault::People(error)) => error.into(),
        MatchError::Record(error) => error.into(),
        MatchError::Decide(fault) => return decided(&fault),
        MatchError::Merge(fault) => return merged(&fault),
    };
    Told::Fault(fault)
}

pub(super) fn not(status: StatusCode, ja: &str, en: &str) -> Told {
    Told::Not(status, BothWords { ja: ja.to_owned(), en: en.to_owned() })
}

fn decided(fault: &DecideFault) -> Told {
    let (status, ja, en) = match fault {
        DecideFault::Closed => (
            StatusCode::CONFLICT,
            "この組はもう決まっています。一覧を開き直してください。",
            "This pair is decided already. Open the list again.",
        ),
        DecideFault::AlreadyProposed => (
            StatusCode::CONFLICT,
            "ほかの職員がもう提案しています。確認するか、意見が違うと記してください。",
            "Another clerk has proposed something already. Confirm it, or say that you disagree.",
        ),
        DecideFault::NothingProposed => (
            StatusCode::CONFLICT,
            "まだ提案がありません。先に提案してください。",
            "Nothing is proposed yet. Propose something first.",
        ),
        DecideFault::SameClerk => (
            StatusCode::FORBIDDEN,
            "提案した本人は確認できません。別の職員に頼んでください。",
            "The one who proposed cannot confirm. Ask another clerk.",
        ),
        DecideFault::Oneself => (
            StatusCode::FORBIDDEN,
            "ご自身の記録については決められません。別の職員に頼んでください。",
            "Nobody decides about themself. Ask another clerk.",
        ),
        DecideFault::Reason => {
            (StatusCode::BAD_REQUEST, "理由を1〜1000文字で書いてください。", "Give a reason of 1 to 1,000 characters.")
        }
        DecideFault::Full => (
            StatusCode::CONFLICT,
            "この組についての記録がいっぱいです。運用の担当者に知らせてください。",
            "Too much was said about this pair. Tell the operator.",
        ),
    };
    not(status, ja, en)
}

fn merged(fault: &MergeFault) -> Told {
    let (ja, en) = match fault {
        MergeFault::TooMany => (
            "一人の記録にまとめられる数を超えます。運用の担当者に知らせてください。",
            "One person would have too many records. Tell the operator.",
        ),
        MergeFault::NotMerged => (
            "この統合はもう取り消されています。一覧を開き直してください。",
            "This merge was taken back already. Open the list again.",
        ),
        MergeFault::AlreadyOne | MergeFault::People(_) => (
            "この二つはもう一人の記録です。一覧を開き直してください。",
            "These two are one person's already. Open the list again.",
        ),
    };
    not(StatusCode::CONFLICT, ja, en)
}

fn count(visit: &Visit) -> usize {
    visit.asked("count").and_then(|text| text.parse().ok()).unwrap_or(tsumugi_record::matches::LIST_MOST)
}

/// A body of JSON that one of our own pages or a program sent. A foreign page cannot: a browser asks first before it
/// sends this content type elsewhere.
pub(super) fn body<T: for<'a> Deserialize<'a>>(visit: &Visit, bytes: &Bytes) -> Result<T, Told> {
    let kind = visit.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !csrf::is_own_origin(&visit.headers) || !kind.starts_with("application/json") {
        return Err(Trouble::BadInput.into());
    }
    Ok(serde_json::from_slice(bytes).map_err(|_| Trouble::BadInput)?)
}

pub(super) fn answered<T: Serialize>(outcome: Result<T, Told>) -> Response {
    match outcome {
        Ok(body) => answer::private((StatusCode::OK, axum::Json(body)).into_response()),
        Err(Told::Fault(fault)) => fault.json(),
        Err(Told::Not(status, error)) => answer::private((status, axum::Json(ApiError { error })).into_response()),
    }
}

async fn list(State(site): State<Site>, visit: Visit) -> Response {
    let listed = async {
        let listed = site.desk().matches(caller(&visit)?, visit.asked("after"), count(&visit)).await.map_err(told)?;
        Ok::<_, Told>(Matches { entries: listed.entries.into_iter().map(Entry::from).collect(), next: listed.next })
    };
    answered(listed.await)
}

async fn one(State(site): State<Site>, visit: Visit) -> Response {
    let id = visit.param("id").unwrap_or_default();
    answered(async { Ok::<_, Told>(Match::from(site.desk().match_of(caller(&visit)?, id).await.map_err(told)?)) }.await)
}

async fn propose(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let said: Proposal = body(&visit, &bytes)?;
        let opinion = Opinion::from_code(&said.opinion).ok_or(Trouble::BadInput)?;
        let id = visit.param("id").unwrap_or_default();
        Ok::<_, Told>(Outcome::from(
            site.desk().propose(caller(&visit)?, id, opinion, &said.reason).await.map_err(told)?,
        ))
    };
    answered(outcome.await)
}

async fn confirm(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let said: Confirmation = body(&visit, &bytes)?;
        let id = visit.param("id").unwrap_or_default();
        Ok::<_, Told>(Outcome::from(
            site.desk().confirm(caller(&visit)?, id, said.agrees, &said.reason).await.map_err(told)?,
        ))
    };
    answered(outcome.await)
}

async fn merges(State(site): State<Site>, visit: Visit) -> Response {
    let listed = async {
        let listed = site.desk().merges(caller(&visit)?, visit.asked("after"), count(&visit)).await.map_err(told)?;
        Ok::<_, Told>(Merges { entries: listed.entries.into_iter().map(MergeOut::from).collect(), next: listed.next })
    };
    answered(listed.await)
}

async fn undo(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let said: Reason = body(&visit, &bytes)?;
        let id = visit.param("id").unwrap_or_default();
        Ok::<_, Told>(MergeOut::from(site.desk().unmerge(caller(&visit)?, id, &said.reason).await.map_err(told)?))
    };
    answered(outcome.await)
}

async fn settle(State(site): State<Site>, visit: Visit, bytes: Bytes) -> Response {
    let outcome = async {
        let said: Reason = body(&visit, &bytes)?;
        let part = visit.param("part").and_then(|text| text.parse().ok()).ok_or(Trouble::BadInput)?;
        let id = visit.param("id").unwrap_or_default();
        Ok::<_, Told>(MergeOut::from(site.desk().settle(caller(&visit)?, id, part, &said.reason).await.map_err(told)?))
    };
    answered(outcome.await)
}
