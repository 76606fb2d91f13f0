//! `DELETE /Kind/id`: a tombstone; earlier versions stay readable in the history.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use tsumugi_access::{Action, Shown};

use super::{Ask, Desk, Fault, answer, read, update};
use crate::learn;

pub(super) async fn delete(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let expected = update::if_match(&ask, &headers)?;
    let key = read::find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, learn::action(key.kind, Action::Delete), key.citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    let Some(fact) = desk.record.read(&permit, key).await.map_err(failed)? else {
        read::seal(&ask, permit, Shown::none()).await?;
        return Err(Fault::absent(ask.lang));
    };
    if expected.is_some_and(|version| version != fact.version()) {
        read::seal(&ask, permit, Shown::none()).await?;
        return Err(Fault::changed(ask.lang));
    }
    if fact.is_gone() {
        let receipt = read::seal(&ask, permit, Shown::none()).await?;
        return Ok(answer::with_receipt(StatusCode::NO_CONTENT.into_response(), &receipt));
    }
    let mut writing = desk.begin(&ask, permit).await?;
    writing.remove(&fact).map_err(failed)?;
    let done = writing.commit(&desk.door).await.map_err(failed)?;
    let version = fact.version() + 1;
    let response = answer::with_version(StatusCode::NO_CONTENT.into_response(), version, done.instant);
    Ok(answer::with_receipt(response, &done.receipt))
}
