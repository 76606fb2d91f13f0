//! `GET /Kind/id/_history`: every version that the lens shows, newest first.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use tsumugi_access::{Action, Shown};

use super::{Ask, Desk, Fault, answer, read};

pub(super) async fn history(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let key = read::find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, Action::History, key.citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    let versions = desk.record.history(&permit, key).await.map_err(failed)?;
    if versions.is_empty() {
        read::seal(&ask, permit, Shown::none()).await?;
        return Err(Fault::absent(ask.lang));
    }
    let mut shown = Shown::none();
    for fact in &versions {
        fact.tell(&mut shown).map_err(failed)?;
    }
    let receipt = read::seal(&ask, permit, shown).await?;
    let id = desk.record.sealer().seal(key);
    let url = format!("{}/{kind}/{id}", ask.base);
    let mut bundle =
        answer::BundleWriter::start("history", Some(versions.len()), &[("self", format!("{url}/_history"))]);
    for fact in &versions {
        let (method, status) = match (fact.is_gone(), fact.version()) {
            (true, _) => ("DELETE", "204"),
            (false, 1) => ("POST", "201"),
            (false, _) => ("PUT", "200"),
        };
        let target = if method == "POST" { kind.clone() } else { format!("{kind}/{id}") };
        let rest = format!(
            "\"request\":{{\"method\":\"{method}\",\"url\":\"{target}\"}},\"response\":{{\"status\":\"{status}\",\"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}",
            fact.version(),
            fact.instant().to_fhir()
        );
        let body = if fact.is_gone() { None } else { Some(fact.body().map_err(failed)?) };
        bundle.entry(Some(&url), body.as_deref(), &rest);
    }
    Ok(answer::with_receipt(answer::json(StatusCode::OK, bundle.finish()), &receipt))
}
