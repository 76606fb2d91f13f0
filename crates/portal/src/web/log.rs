//! `GET /log` and what hangs on it: the state of the log and its witnesses. Public: no record is read, no leaf opened.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::Markup;
use serde::Serialize;
use tsumugi_kernel::Instant;
use tsumugi_witness::{MemberStanding, Standing, Trouble};
use utoipa::ToSchema;

use super::{Fault, Site, Visit, answer};
use crate::page;
use crate::view::{LogQuorum, LogSeen, LogView, LogWitness, LogWitnessState};

/// `GET /log`.
pub(crate) async fn state(site: &Site, visit: &Visit) -> Result<Markup, Fault> {
    Ok(page::log::page(&view(site), &visit.frame(None)))
}

/// `GET /log/policy`: whom a reader must demand, as `c2sp.org/tlog-policy`.
pub(crate) async fn policy(State(site): State<Site>) -> Response {
    match site.circle() {
        Some(circle) => text(circle.policy()),
        None => text(format!("log {}\nquorum none\n", site.0.vkey)),
    }
}

/// `GET /log/checkpoint`: the newest checkpoint with what witnesses said of it, a signed note.
pub(crate) async fn checkpoint(State(site): State<Site>) -> Response {
    match newest(&site).await {
        Ok(Some(note)) => text(note),
        Ok(None) => (StatusCode::NOT_FOUND, "no checkpoint yet\n").into_response(),
        Err(fault) => fault.json(),
    }
}

async fn newest(site: &Site) -> Result<Option<String>, Fault> {
    if let Some(note) = site.0.circle.get().and_then(|circle| circle.newest()) {
        return Ok(Some(note));
    }
    Ok(site.desk().record.checkpoint().await?.map(|newest| newest.note))
}

fn text(body: String) -> Response {
    answer::private(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], body).into_response())
}

/// The answer of `GET /api/log`.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogState {
    /// The log's key as `name+hash+key`.
    key: String,
    /// Leaves that the newest checkpoint covers.
    size: u64,
    /// Leaves that wait for the next one.
    pending: u64,
    /// When the newest checkpoint was made, by the log's clock: an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<String>,
    /// How many witnesses must sign; 0 where none is named.
    quorum: usize,
    /// Whether enough have signed; none where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    reached: Option<bool>,
    /// What enough witnesses signed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    enough: Option<LogSigned>,
    /// Since when too few sign, by the log's clock: an instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    too_few_since: Option<String>,
    /// The witnesses.
    witnesses: Vec<LogWitnessRow>,
}

/// What was signed, and when.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogSigned {
    /// Leaves.
    size: u64,
    /// By the witness's clock: an instant.
    at: String,
}

/// A witness.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogWitnessRow {
    /// Who it is.
    name: String,
    /// Its key as `name+hash+key`.
    key: String,
    /// What it signed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<LogSigned>,
    /// `signs`, `waits`, `silent`, `refused` or `contradicts`.
    state: &'static str,
}

/// `GET /api/log`.
pub(crate) async fn json(site: &Site, _: &Visit) -> Result<LogState, Fault> {
    let (view, standing) = (view(site), standing(site));
    let signed = |seen: LogSeen| LogSigned { size: seen.size, at: seen.at.to_fhir() };
    let row = |(witness, member): (&LogWitness, &MemberStanding)| LogWitnessRow {
        name: witness.name.clone(),
        key: member.vkey.clone(),
        signed: witness.signed.map(signed),
        state: match witness.state {
            LogWitnessState::Signs => "signs",
            LogWitnessState::Waits => "waits",
            LogWitnessState::Silent => "silent",
            LogWitnessState::Refused => "refused",
            LogWitnessState::Contradicts => "contradicts",
        },
    };
    Ok(LogState {
        witnesses: view.witnesses.iter().zip(&standing.members).map(row).collect(),
        key: view.key,
        size: view.size,
        pending: view.pending,
        signed: view.signed.map(Instant::to_fhir),
        quorum: standing.quorum,
        reached: (view.quorum != LogQuorum::Nobody).then_some(matches!(view.quorum, LogQuorum::Reached(..))),
        enough: standing.enough.map(seen).map(signed),
        too_few_since: standing.too_few_since.map(Instant::to_fhir),
    })
}

/// With no circle named, the standing of nobody.
fn standing(site: &Site) -> Standing {
    site.0.circle.get().map(|circle| circle.standing()).unwrap_or_default()
}

fn seen((size, seconds): (u64, u64)) -> LogSeen {
    LogSeen { size, at: Instant(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000)) }
}

fn view(site: &Site) -> LogView {
    let (standing, size) = (standing(site), site.desk().record.log_size());
    let enough = standing.enough.map(seen);
    let quorum = match (standing.quorum, standing.too_few_since, enough) {
        (0, ..) => LogQuorum::Nobody,
        (needed, Some(since), last) => LogQuorum::TooFew(needed, since, last),
        (needed, None, Some(at)) => LogQuorum::Reached(needed, at),
        (needed, None, None) => LogQuorum::NotYet(needed),
    };
    let witness = |member: &MemberStanding| LogWitness {
        name: member.name.clone(),
        signed: member.signed.map(seen),
        state: match (member.trouble, member.signed) {
            (None, Some(_)) => LogWitnessState::Signs,
            (None, None) => LogWitnessState::Waits,
            (Some((Trouble::Silent, _)), _) => LogWitnessState::Silent,
            (Some((Trouble::Refused | Trouble::OtherKey, _)), _) => LogWitnessState::Refused,
            (Some((Trouble::Ahead(_) | Trouble::Fork, _)), _) => LogWitnessState::Contradicts,
        },
    };
    LogView {
        key: site.0.vkey.clone(),
        size: size.published,
        pending: size.pending,
        signed: standing.offered.map(|(_, at)| at),
        quorum,
        witnesses: standing.members.iter().map(witness).collect(),
    }
}
