//! `GET /Kind/id/$original`: the bytes as they were sent, for the organisation that sent them.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use tsumugi_access::{Action, Shown};

use super::{
    Ask, Desk, Fault, answer,
    form::{AsItIs, FHIR_XML},
    read,
};

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
    // What came as XML begins with a bracket, and JSON never does.
    let is_xml =
        bytes.trim_ascii_start().strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes).trim_ascii_start().starts_with(b"<");
    let mut response = answer::json(StatusCode::OK, bytes);
    response.extensions_mut().insert(AsItIs);
    let name = match is_xml {
        true => "attachment; filename=\"original.xml\"",
        false => "attachment; filename=\"original.json\"",
    };
    if is_xml {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_XML));
    }
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(answer::with_receipt(response, &receipt))
}
