//! `POST /Kind`: a new fact, unless (`If-None-Exist`) one like it is there.

use axum::{
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;

use super::{
    Ask, Desk, Fault, answer, ask,
    condition::Condition,
    write::{Deed, Wish},
    writing,
};

pub(super) async fn create(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    let document = ask.document(&body)?;
    let resource = document.root();
    writing::check(&desk, &ask, kind, resource)?;
    let unless = headers.get("if-none-exist").map(|text| text.to_str().unwrap_or_default());
    let unless = unless.map(|text| Condition::read(&desk, &ask, kind, text)).transpose()?;
    let wish = Wish { kind, deed: Deed::Create { resource, unless }, if_match: None, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Create, &[wish], &body).await?;
    Ok(answer::performed(&ask, &performed))
}
