//! `DELETE /Kind/id` and `DELETE /Kind?query`: a tombstone; earlier versions stay readable in the history.
//!
//! A condition that fits nothing is met already (204); one that fits several is refused (412), because nobody should
//! lose more than they named.

use axum::{
    extract::{Path, RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;

use super::{
    Ask, Desk, Fault, answer, ask,
    condition::Condition,
    update,
    write::{At, Deed, Wish},
};

pub(super) async fn delete(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    let if_match = update::if_match(&ask, &headers)?;
    let wish = Wish { kind, deed: Deed::Delete { at: At::Id(id.into()) }, if_match, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Delete, &[wish], &Bytes::new()).await?;
    Ok(answer::performed(&ask, &performed))
}

pub(super) async fn delete_where(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    let if_match = update::if_match(&ask, &headers)?;
    let condition = Condition::read(&desk, &ask, kind, query.as_deref().unwrap_or_default())?;
    let wish = Wish { kind, deed: Deed::Delete { at: At::Where(condition) }, if_match, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Delete, &[wish], &Bytes::new()).await?;
    Ok(answer::performed(&ask, &performed))
}
