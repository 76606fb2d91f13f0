//! `PUT /Kind/id` and `PUT /Kind?query`: a new version of a fact, or a fact that was not there, also under an id that
//! the client chose.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;
use tsumugi_fhir::{json::Node, outcome::IssueType};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::Resolution;

use super::{
    Ask, Desk, Fault, answer,
    target::Target,
    write::{At, Deed, Wish},
    writing,
};

pub(super) async fn update(
    State(desk): State<Desk>,
    ask: Ask,
    Target { kind, at }: Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let document = ask.document(&body)?;
    let resource = document.root();
    writing::check(&desk, &ask, kind, resource)?;
    addressed(&ask, &desk, kind, &at, resource).await?;
    let deed = Deed::Update { at, resource };
    let wish = Wish { kind, deed, if_match: if_match(&ask, &headers)?, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Update, &[wish], &body).await?;
    Ok(answer::performed(&ask, &performed))
}

impl Desk {
    /// Checks that a new version says whose record it is as the fact does; of a `Patient`, what the directory learns.
    pub(super) async fn stays(
        &self,
        ask: &Ask,
        key: FactKey,
        resource: Node<'_>,
        inside: &(dyn Fn(&str) -> Option<CitizenId> + Send + Sync),
    ) -> Result<Option<Resolution>, Fault> {
        if key.kind == Kind::PATIENT {
            let incoming = tsumugi_people::Incoming::from_patient(resource);
            let resolution = self.directory.resolve_known(key.citizen, &incoming, self.record.now()).await;
            return resolution.map(Some).map_err(|error| writing::people(ask, &error));
        }
        let place = self.place(ask, key.kind, resource, inside).await?;
        if self.are_one(ask, place.citizen, key.citizen).await? { Ok(None) } else { Err(moved(ask)) }
    }
}

/// An id in the URL is one that FHIR allows, and the body's.
pub(super) async fn addressed(
    ask: &Ask,
    desk: &Desk,
    kind: Kind,
    at: &At<'_>,
    resource: Node<'_>,
) -> Result<(), Fault> {
    let At::Id(id) = at else { return Ok(()) };
    id_form(ask, id)?;
    same_id(ask, desk, kind, id, resource).await
}

/// FHIR: the id in the body is the id in the URL. Our own sealed id of the same fact is accepted behind an alias, so
/// that what was read can be sent back.
pub(super) async fn same_id(ask: &Ask, desk: &Desk, kind: Kind, id: &str, resource: Node<'_>) -> Result<(), Fault> {
    let Some(inside) = resource.get_str("id") else { return Ok(()) };
    if inside == id {
        return Ok(());
    }
    let find = async |id: &str| desk.record.find(&ask.caller.organization, kind, id).await;
    let (outer, inner) = (find(id).await, find(&inside).await);
    if let (Ok(Some(outer)), Ok(Some(inner))) = (outer, inner)
        && outer == inner
    {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Invalid,
        "本文の id が URL の id と違います。同じ id にして送ってください。何も保存していません。",
        "The id in the body is not the id in the URL. Make them the same. Nothing was saved.",
    ))
}

/// A client-chosen id is one that FHIR allows.
pub(super) fn id_form(ask: &Ask, id: &str) -> Result<(), Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if (1..=64).contains(&id.len()) && id.bytes().all(allowed) {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Value,
        "URL の id は英数字・ハイフン・ピリオドの1〜64文字です。何も保存していません。",
        "The id in the URL has 1 to 64 characters of A-Z a-z 0-9 - . Nothing was saved.",
    ))
}

/// The version in `If-Match: W/"3"`.
pub(super) fn if_match(ask: &Ask, headers: &HeaderMap) -> Result<Option<u32>, Fault> {
    headers.get(header::IF_MATCH).map(|value| version(ask, value.to_str().unwrap_or_default())).transpose()
}

/// The version in the text of an `ETag`.
pub(super) fn version(ask: &Ask, text: &str) -> Result<u32, Fault> {
    etag(text).ok_or_else(|| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::Value,
            "If-Match が読めません。ETag の値(例:W/\"3\")をそのまま入れてください。",
            "If-Match cannot be read. Put the value of ETag there as it is, for example W/\"3\".",
        )
    })
}

/// The version that an `ETag` of ours names.
pub(super) fn etag(text: &str) -> Option<u32> {
    let text = text.trim();
    text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse().ok()
}

fn moved(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        ask.lang,
        IssueType::BusinessRule,
        "記録を別の人に移すことはできません。取り消して、正しい人の記録として送り直してください。何も保存していません。",
        "A fact cannot be moved to another person. Delete it and send it as that person's. Nothing was saved.",
    )
}
