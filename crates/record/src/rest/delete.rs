//! `DELETE /Kind/id` and `DELETE /Kind?query`: a tombstone; earlier versions stay readable in the history.
//!
//! A condition that fits nothing is met already (204); one that fits several is refused (412), because nobody should
//! lose more than they named.

use axum::{extract::State, http::HeaderMap, response::Response};
use bytes::Bytes;
use tsumugi_access::Action;

use super::{
    Ask, Desk, Fault, answer,
    target::Target,
    update,
    write::{Deed, Wish},
};

pub(super) async fn delete(
    State(desk): State<Desk>,
    ask: Ask,
    Target { kind, at }: Target,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let if_match = update::if_match(&ask, &headers)?;
    let wish = Wish { kind, deed: Deed::Delete { at }, if_match, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Delete, &[wish], &Bytes::new()).await?;
    Ok(answer::performed(&ask, &performed))
}
