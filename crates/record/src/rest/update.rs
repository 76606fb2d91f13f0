//! `PUT /Kind/id`: a new version of a fact, or a fact under an id that the client chose.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::{Action, Shown};
use tsumugi_fhir::{json::Node, outcome::IssueType};
use tsumugi_kernel::{CitizenId, FactKey, Kind};
use tsumugi_people::Resolution;

use super::{Ask, Desk, Fault, answer, ask, create, create::NewAlias, read, writing};
use crate::{Done, Fact, learn, references::References};

pub(super) async fn update(
    State(desk): State<Desk>,
    ask: Ask,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    let document = writing::parse(&ask, &body)?;
    let resource = document.root();
    writing::check(&ask, kind, resource)?;
    id_form(&ask, &id)?;
    same_id(&ask, &desk, kind, &id, resource).await?;
    let expected = if_match(&ask, &headers)?;
    let organization = &ask.caller.organization;
    let failed = |error| Fault::store(ask.lang, &error);
    let (key, stands) = match desk.record.sealer().open(&id) {
        Some(key) if key.kind == kind => (Some(key), None),
        Some(_) => return Err(Fault::absent(ask.lang)),
        None => desk
            .record
            .alias(organization, kind, &id)
            .await
            .map_err(failed)?
            .map_or((None, None), |(k, row)| (Some(k), Some(row))),
    };
    let is_alias = desk.record.sealer().open(&id).is_none();
    if let Some(key) = key {
        if let Some(done) = desk.replace(&ask, key, resource, body.clone(), expected, is_alias).await? {
            return Ok(replaced(&done));
        }
        if !is_alias {
            return Err(Fault::absent(ask.lang));
        }
    }
    if expected.is_some() {
        return Err(Fault::changed(ask.lang));
    }
    let done = desk.create(&ask, kind, resource, body, Some(NewAlias { id: &id, stands })).await?;
    Ok(create::created(&ask, kind, &done))
}

impl Desk {
    /// A new version of `key`; `None` if there is nothing there that this caller may see.
    async fn replace(
        &self,
        ask: &Ask,
        key: FactKey,
        resource: Node<'_>,
        bytes: Bytes,
        expected: Option<u32>,
        is_alias: bool,
    ) -> Result<Option<Done>, Fault> {
        let failed = |error| Fault::record(ask.lang, &error);
        let permit = self.admit(ask, learn::action(key.kind, Action::Update), key.citizen).await?;
        let fact: Option<Fact> = self.record.read(&permit, key).await.map_err(failed)?;
        let Some(fact) = fact else {
            // Behind an alias a hidden fact is an absent one: the caller goes on to create, under a permit of its own.
            read::seal(ask, permit, Shown::none()).await?;
            return Ok(None);
        };
        if expected.is_some_and(|version| version != fact.version()) {
            read::seal(ask, permit, Shown::none()).await?;
            return Err(Fault::changed(ask.lang));
        }
        if is_alias && fact.is_gone() {
            tracing::debug!("a client-chosen id is used again after its deletion");
        }
        let resolution = match self.stays(ask, key, resource, &|_| None).await {
            Ok(resolution) => resolution,
            Err(fault) => {
                read::seal(ask, permit, Shown::none()).await?;
                return Err(fault);
            }
        };
        let mut references = References::default();
        let aliases = self.record.add_aliases(&mut references, &ask.caller.organization, resource).await;
        aliases.map_err(|error| Fault::store(ask.lang, &error))?;
        let mut writing = self.begin(ask, permit).await?;
        let origin = writing.original(bytes);
        writing.put(key, Some(&fact), resource, origin, &references).map_err(failed)?;
        if let Some(resolution) = resolution {
            writing.rows(resolution.rows, resolution.expect);
        }
        let done = writing.commit(&self.door).await.map_err(failed)?;
        Ok(Some(done))
    }

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
        if place.citizen == key.citizen { Ok(None) } else { Err(moved(ask)) }
    }
}

fn replaced(done: &Done) -> Response {
    let Some(written) = done.written.first() else { return answer::json(StatusCode::OK, Bytes::new()) };
    let response =
        answer::with_version(answer::json(StatusCode::OK, written.body.clone()), written.version, done.instant);
    answer::with_receipt(response, &done.receipt)
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
fn id_form(ask: &Ask, id: &str) -> Result<(), Fault> {
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
    let text = text.trim();
    text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse().map_err(|_| {
        Fault::new(
            StatusCode::BAD_REQUEST,
            ask.lang,
            IssueType::Value,
            "If-Match が読めません。ETag の値(例:W/\"3\")をそのまま入れてください。",
            "If-Match cannot be read. Put the value of ETag there as it is, for example W/\"3\".",
        )
    })
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
