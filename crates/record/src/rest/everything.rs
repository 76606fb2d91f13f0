//! `GET /Patient/id/$everything`: all that the lens shows of a citizen, over every linked `Patient`; with `_type`, `_since`,
//! `start` and `end` a part of it.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{date::Span, outcome::IssueType};
use tsumugi_kernel::{Kind, limits};
use tsumugi_store::Point;

use super::{Ask, CURSOR, Desk, Fault, answer, query, read, search};
use crate::{Fact, RecordError};

pub(super) async fn everything(
    State(desk): State<Desk>,
    ask: Ask,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let key = read::find(&desk, &ask, "Patient", &id).await?;
    let known = ["_count", CURSOR, "_type", "_since", "start", "end"];
    let pairs = search::operation_pairs(&ask, query.as_deref(), &known)?;
    let part = Part::read(&ask, &pairs)?;
    let permit = desk.admit(&ask, Action::Everything, key.citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    let (point, offset, count) = page(&desk, &pairs).map_err(failed)?;
    let mut facts = desk.record.shelf(&permit, None, point).await.map_err(failed)?;
    part.keep(&mut facts).map_err(failed)?;
    let total = facts.len();
    let end = offset.saturating_add(count).min(total);
    let facts: Vec<_> = facts.drain(offset.min(end)..end).collect();
    let mut shown = Shown::none();
    for fact in &facts {
        fact.tell(&mut shown).map_err(|error| Fault::record(ask.lang, &error))?;
    }
    let receipt = read::seal(&ask, permit, shown).await?;
    let mut links = Vec::new();
    if end < total {
        let cursor = desk.record.sealer().seal_cursor(point.0, u32::try_from(end).unwrap_or(u32::MAX));
        let kept =
            pairs.iter().filter(|(name, _)| name != CURSOR && name != "_count" && known.contains(&name.as_str()));
        let kept: String = kept.map(|(name, value)| format!("&{name}={}", query::escape(value))).collect();
        let url = format!("{}/Patient/{id}/$everything?_count={count}{kept}&{CURSOR}={cursor}", ask.base);
        links.push(("next", url));
    }
    let mut bundle = answer::BundleWriter::start("searchset", Some(total), &links);
    for fact in &facts {
        bundle.fact(&ask.base, &desk.record.sealer().seal(fact.key()), fact).map_err(failed)?;
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// Which part of it.
struct Part {
    /// All where empty.
    kinds: Vec<Kind>,
    /// Received then or later.
    since: Option<i64>,
    /// Of care given then or later, and up to then. What has no date of care (the person, an organisation) always stays.
    start: Option<i64>,
    end: Option<i64>,
}

impl Part {
    fn read(ask: &Ask, pairs: &[(String, String)]) -> Result<Self, Fault> {
        let span = |name: &str| {
            let text = query::value(pairs, name);
            text.map(|text| Span::parse(&text.replace(' ', "+")).ok_or_else(|| unreadable(ask))).transpose()
        };
        let kind = |name: &str| Kind::from_name(name).ok_or_else(|| unreadable(ask));
        let kinds = query::value(pairs, "_type").map(|text| text.split(',').map(kind).collect()).transpose()?;
        Ok(Self {
            kinds: kinds.unwrap_or_default(),
            since: span("_since")?.map(|span| span.from),
            start: span("start")?.map(|span| span.from),
            end: span("end")?.map(|span| span.to),
        })
    }

    fn keep(&self, facts: &mut Vec<Fact>) -> Result<(), RecordError> {
        let mut kept = Vec::with_capacity(facts.len());
        for fact in facts.drain(..) {
            let moment = fact.values()?.moment();
            let fits = (self.kinds.is_empty() || self.kinds.contains(&fact.key().kind))
                && self.since.is_none_or(|since| fact.instant().0 >= since)
                && self.start.is_none_or(|start| moment.is_none_or(|moment| moment >= start))
                && self.end.is_none_or(|end| moment.is_none_or(|moment| moment < end));
            if fits {
                kept.push(fact);
            }
        }
        *facts = kept;
        Ok(())
    }
}

fn unreadable(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Value,
        "_type はFHIR R4の種別、_since・start・end は 2026-11-22 のような日付か時刻です。",
        "_type names FHIR R4 types; _since, start and end are dates or times like 2026-11-22.",
    )
}

/// Point, offset and size of the page asked for; without `_count` a page holds the most there may be.
fn page(desk: &Desk, pairs: &[(String, String)]) -> Result<(Point, usize, usize), RecordError> {
    let count = query::value(pairs, "_count").and_then(|count| count.parse().ok());
    let count = count.unwrap_or(limits::PAGE_MOST).clamp(1, limits::PAGE_MOST);
    let place = desk.record.place_of_page(query::value(pairs, CURSOR))?;
    let (point, offset) = place.unwrap_or((desk.record.present(), 0));
    Ok((point, offset, count))
}
