//! `GET /Kind/id/_history`: every version that the lens shows, newest first; and the same of all facts of a kind, or of
//! a person's whole shelf: `GET /Kind/_history?patient=…`, `GET /_history?patient=…`.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Permit, Shown};
use tsumugi_fhir::outcome::IssueType;
use tsumugi_kernel::{Instant, Kind, limits};
use tsumugi_store::Point;

use super::{Ask, CURSOR, Desk, Fault, answer, ask, query, read};
use crate::{Fact, RecordError};

pub(super) async fn history(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let asked = Asked::read(&ask, &desk, query.as_deref(), false)?;
    let key = read::find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, Action::History, key.citizen).await?;
    let versions = desk.record.history(&permit, key).await.map_err(|error| Fault::record(ask.lang, &error))?;
    if versions.is_empty() {
        read::seal(&ask, permit, Shown::none()).await?;
        return Err(Fault::absent(ask.lang));
    }
    let id = desk.record.sealer().seal(key);
    answered(&desk, &ask, permit, versions, &asked, &format!("{kind}/{id}/_history")).await
}

pub(super) async fn of_kind(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    of(&desk, &ask, Some(kind), query.as_deref()).await
}

pub(super) async fn of_shelf(State(desk): State<Desk>, ask: Ask, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    of(&desk, &ask, None, query.as_deref()).await
}

async fn of(desk: &Desk, ask: &Ask, kind: Option<Kind>, query: Option<&str>) -> Result<Response, Fault> {
    let asked = Asked::read(ask, desk, query, true)?;
    let patient = asked.patient.as_deref().ok_or_else(|| nobody(ask))?;
    let citizen = read::find(desk, ask, "Patient", patient.rsplit('/').next().unwrap_or(patient)).await?.citizen;
    let permit = desk.admit(ask, Action::History, citizen).await?;
    let versions = desk.record.past(&permit, kind).await.map_err(|error| Fault::record(ask.lang, &error))?;
    let place = kind.map_or_else(|| "_history".to_owned(), |kind| format!("{kind}/_history"));
    answered(desk, ask, permit, versions, &asked, &place).await
}

/// Seals what is shown of `versions` and writes the bundle.
async fn answered(
    desk: &Desk,
    ask: &Ask,
    permit: Permit,
    mut versions: Vec<Fact>,
    asked: &Asked,
    place: &str,
) -> Result<Response, Fault> {
    let failed = |error: RecordError| Fault::record(ask.lang, &error);
    versions.retain(|fact| fact.since() <= asked.point && asked.since.is_none_or(|since| fact.instant() >= since));
    let total = versions.len();
    let end = asked.offset.saturating_add(asked.count).min(total);
    let page = &versions[asked.offset.min(end)..end];
    let mut shown = Shown::with_capacity(page.len());
    for fact in page {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(ask, permit, shown).await?;
    let mut links = vec![("self", asked.link(ask, place, None))];
    if asked.count > 0 && end < total {
        let cursor = desk.record.sealer().seal_cursor(asked.point.0, u32::try_from(end).unwrap_or(u32::MAX));
        links.push(("next", asked.link(ask, place, Some(&cursor))));
    }
    let mut bundle = answer::BundleWriter::start("history", Some(total), &links);
    for fact in page {
        let (kind, id) = (fact.key().kind, desk.record.sealer().seal(fact.key()));
        let (method, status) = match (fact.is_gone(), fact.version()) {
            (true, _) => ("DELETE", "204"),
            (false, 1) => ("POST", "201"),
            (false, _) => ("PUT", "200"),
        };
        let target = if method == "POST" { kind.to_string() } else { format!("{kind}/{id}") };
        let rest = format!(
            "\"request\":{{\"method\":\"{method}\",\"url\":\"{target}\"}},\"response\":{{\"status\":\"{status}\",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}",
            fact.version(),
            fact.instant().to_fhir()
        );
        let body = if fact.is_gone() { None } else { Some(fact.body().map_err(failed)?) };
        bundle.entry(Some(&format!("{}/{kind}/{id}", ask.base)), body.as_deref(), &rest);
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// What of a history is asked for.
struct Asked {
    patient: Option<String>,
    since: Option<Instant>,
    count: usize,
    /// The first page fixes the point: what is written meanwhile does not shift pages.
    point: Point,
    offset: usize,
    pairs: Vec<(String, String)>,
}

impl Asked {
    fn read(ask: &Ask, desk: &Desk, query: Option<&str>, of_a_person: bool) -> Result<Self, Fault> {
        let pairs = query::pairs(query.unwrap_or_default());
        let mut asked = Self {
            patient: None,
            since: None,
            count: limits::PAGE_MOST,
            point: desk.record.present(),
            offset: 0,
            pairs: Vec::new(),
        };
        for (name, value) in &pairs {
            let understood = match name.as_str() {
                "patient" if of_a_person => asked.patient.replace(value.clone()).is_none(),
                "_since" => {
                    asked.since = value.parse().ok().map(|stamp: jiff::Timestamp| Instant(stamp.as_millisecond()));
                    asked.since.is_some()
                }
                "_count" => match value.parse::<usize>() {
                    Ok(count) => {
                        asked.count = count.min(limits::PAGE_MOST);
                        true
                    }
                    Err(_) => false,
                },
                CURSOR => {
                    let page = desk.record.place_of_page(Some(value.as_str()));
                    if let Some(at) = page.map_err(|error| Fault::record(ask.lang, &error))? {
                        (asked.point, asked.offset) = at;
                    }
                    true
                }
                "_format" | "_pretty" => true,
                _ => false,
            };
            if !understood && !ask.lenient {
                return Err(unknown(ask));
            }
        }
        asked.pairs = pairs.into_iter().filter(|(name, _)| name != CURSOR).collect();
        Ok(asked)
    }

    fn link(&self, ask: &Ask, place: &str, cursor: Option<&str>) -> String {
        let mut parts: Vec<String> =
            self.pairs.iter().map(|(name, value)| format!("{name}={}", query::escape(value))).collect();
        parts.extend(cursor.map(|cursor| format!("{CURSOR}={cursor}")));
        let query = parts.join("&");
        format!("{}/{place}{}{query}", ask.base, if query.is_empty() { "" } else { "?" })
    }
}

fn nobody(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "だれの履歴かがありません。patient=Patient/〈id〉 を付けてください。",
        "The history names nobody. Add patient=Patient/<id>.",
    )
}

fn unknown(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::NotSupported,
        "履歴で使えるのは patient、_since、_count です。値の形もたしかめてください。Prefer: handling=lenient なら読み飛ばします。",
        "A history takes patient, _since and _count; check the form of their values. With Prefer: handling=lenient others are skipped.",
    )
}
