//! `GET /Kind/id/$original`: the bytes as they were sent, for the organisation that sent them.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tsumugi_access::{Action, Shown};

use super::{Ask, Desk, Fault, answer, read};

pub(super) async fn original(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let key = read::find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, Action::Original, key.citizen).await?;
    let failed = |error| Fault::record(ask.lang, &error);
    let mut shown = Shown::none();
    let bytes = match desk.record.read(&permit, key).await.map_err(failed)? {
        Some(fact) => desk.record.original(&permit, &fact, &mut shown).await.map_err(failed)?,
        None => None,
    };
    let receipt = read::seal(&ask, permit, shown).await?;
    let Some(bytes) = bytes else { return Err(Fault::absent(ask.lang)) };
    let mut response = answer::json(StatusCode::OK, bytes);
    response
        .headers_mut()
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"original.json\""));
    Ok(answer::with_receipt(response, &receipt))
}
