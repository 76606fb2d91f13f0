//! `GET /Patient/id/$everything`: all that the lens shows of a citizen, over every linked `Patient`.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Shown};
use tsumugi_kernel::limits;
use tsumugi_store::Point;

use super::{Ask, CURSOR, Desk, Fault, answer, read, search};

pub(super) async fn everything(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    if kind != "Patient" {
        return Err(Fault::unknown_kind(ask.lang));
    }
    let key = read::find(&desk, &ask, &kind, &id).await?;
    let pairs = search::operation_pairs(&ask, query.as_deref(), &["_count", CURSOR])?;
    let permit = desk.admit(&ask, Action::Everything, key.citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    let (point, offset, count) = page(&desk, &pairs);
    let mut facts = desk.record.shelf(&permit, None, point).await.map_err(failed)?;
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
        links.push(("next", format!("{}/Patient/{id}/$everything?_count={count}&{CURSOR}={cursor}", ask.base)));
    }
    let mut bundle = answer::BundleWriter::start("searchset", Some(total), &links);
    for fact in &facts {
        bundle.fact(&ask.base, &desk.record.sealer().seal(fact.key()), fact).map_err(failed)?;
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}

/// Point, offset and size of the page asked for; without `_count` a page holds the most there may be.
fn page(desk: &Desk, pairs: &[(String, String)]) -> (Point, usize, usize) {
    let value = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let count =
        value("_count").and_then(|count| count.parse().ok()).unwrap_or(limits::PAGE_MOST).clamp(1, limits::PAGE_MOST);
    match value(CURSOR).and_then(|cursor| desk.record.sealer().open_cursor(cursor)) {
        Some((point, offset)) => (Point(point), offset as usize, count),
        None => (desk.record.present(), 0, count),
    }
}
