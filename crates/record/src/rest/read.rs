//! `GET /Kind/id` and `GET /Kind/id/_history/version`.

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use tsumugi_access::{Action, Request, Shown};
use tsumugi_kernel::FactKey;

use super::{Ask, Desk, Fault, answer, ask, audit_event, directory, part::Part, update};
use crate::Fact;

pub(super) async fn read(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    if kind == audit_event::NAME {
        return audit_event::read(&desk, &ask, &id).await;
    }
    let part = Part::read(&desk, &ask, ask::kind(&ask, &kind)?, query.as_deref())?;
    if let Some(entry) = directory::read(&desk, &ask, &kind, &id, &part).await? {
        return Ok(entry);
    }
    let key = find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, Action::Read, key.citizen).await?;
    let fact = desk.record.read(&permit, key).await.map_err(|error| Fault::record(ask.lang, &error))?;
    answer_with(&desk, &ask, permit, fact, &headers, &part).await
}

pub(super) async fn read_version(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id, version)): Path<(String, String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let part = Part::read(&desk, &ask, ask::kind(&ask, &kind)?, query.as_deref())?;
    let key = find(&desk, &ask, &kind, &id).await?;
    let permit = desk.admit(&ask, Action::History, key.citizen).await?;
    // A version that is no number is a version that is not there; it still leaves its leaf.
    let version: u32 = version.parse().unwrap_or(0);
    let fact =
        desk.record.read_version(&permit, key, version).await.map_err(|error| Fault::record(ask.lang, &error))?;
    answer_with(&desk, &ask, permit, fact, &headers, &part).await
}

/// The fact that a path names, or the text of absence. A path that points to no shelf leaves no leaf: there is nobody
/// whose record was asked for.
pub(super) async fn find(desk: &Desk, ask: &Ask, kind: &str, id: &str) -> Result<FactKey, Fault> {
    let kind = ask::kind(ask, kind)?;
    let found = desk.record.find(&ask.caller.organization, kind, id).await;
    found.map_err(|error| Fault::store(ask.lang, &error))?.ok_or_else(|| Fault::absent(ask.lang))
}

impl Desk {
    /// Asks the door.
    pub(super) async fn admit(
        &self,
        ask: &Ask,
        action: Action,
        citizen: tsumugi_kernel::CitizenId,
    ) -> Result<tsumugi_access::Permit, Fault> {
        let request = Request { caller: &ask.caller, action, citizen };
        self.door.admit(request).await.map_err(|refusal| Fault::refused(ask.lang, &refusal))
    }
}

/// Whether the reader has this version already: `If-None-Match` counts before `If-Modified-Since` (RFC 9110, 13.2.2).
fn is_known(fact: &Fact, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(tags) = text(header::IF_NONE_MATCH) {
        return tags.split(',').any(|tag| tag.trim() == "*" || update::etag(tag) == Some(fact.version()));
    }
    let since = text(header::IF_MODIFIED_SINCE).and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    // The header knows whole seconds only.
    since.is_some_and(|since| fact.instant().0.div_euclid(1000) <= since.timestamp().as_second())
}

async fn answer_with(
    desk: &Desk,
    ask: &Ask,
    permit: tsumugi_access::Permit,
    fact: Option<Fact>,
    headers: &HeaderMap,
    part: &Part,
) -> Result<Response, Fault> {
    let Some(fact) = fact else {
        seal(ask, permit, Shown::none()).await?;
        return Err(Fault::absent(ask.lang));
    };
    // INVARIANT: the leaf is durable before the answer exists.
    let mut shown = Shown::none();
    fact.tell(&mut shown).map_err(|error| Fault::record(ask.lang, &error))?;
    let receipt = seal(ask, permit, shown).await?;
    if fact.is_gone() {
        return Err(Fault::new(
            StatusCode::GONE,
            ask.lang,
            tsumugi_fhir::outcome::IssueType::Deleted,
            "この記録は取り消されました。前の版は _history で読めます。",
            "This fact was taken away. Earlier versions can be read at _history.",
        ));
    }
    let response = match is_known(&fact, headers) {
        // That nothing changed is told as well, so this look has left its leaf like any other.
        true => answer::empty(StatusCode::NOT_MODIFIED),
        false => {
            let body = fact.body().map_err(|error| Fault::record(ask.lang, &error))?;
            answer::json(StatusCode::OK, part.of(desk, fact.key().kind, body))
        }
    };
    let response = answer::with_version(response, fact.version(), fact.instant());
    Ok(answer::with_receipt(response, &receipt))
}

/// Seals a permit with what is about to be shown.
pub(super) async fn seal(
    ask: &Ask,
    permit: tsumugi_access::Permit,
    shown: Shown,
) -> Result<tsumugi_access::Receipt, Fault> {
    permit.seal(shown).await.map_err(|error| Fault::seal(ask.lang, &error))
}
