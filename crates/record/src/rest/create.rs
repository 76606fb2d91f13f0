//! `POST /Kind`: a new fact.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;
use tsumugi_fhir::json::Node;
use tsumugi_kernel::{FactKey, Kind};

use super::{Ask, Desk, Fault, answer, ask, writing};
use crate::{Done, learn, references::References};

pub(super) async fn create(
    State(desk): State<Desk>,
    ask: Ask,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let kind = ask::kind(&ask, &kind)?;
    if headers.contains_key("if-none-exist") {
        return Err(writing::no_conditional_create(&ask));
    }
    let document = writing::parse(&ask, &body)?;
    let resource = document.root();
    writing::check(&ask, kind, resource)?;
    let done = desk.create(&ask, kind, resource, body, None).await?;
    Ok(created(&ask, kind, &done))
}

/// A client-chosen id under which a created fact is to be found, and the row that stands there now.
pub(super) struct NewAlias<'a> {
    /// The id.
    pub id: &'a str,
    /// The alias row as read, of a fact that this caller may not see.
    pub stands: Option<Vec<u8>>,
}

impl Desk {
    /// Puts a new fact on the shelf that the resource names.
    pub(super) async fn create(
        &self,
        ask: &Ask,
        kind: Kind,
        resource: Node<'_>,
        bytes: Bytes,
        alias: Option<NewAlias<'_>>,
    ) -> Result<Done, Fault> {
        let failed = |error| Fault::record(ask.lang, &error);
        let place = self.place(ask, kind, resource, &|_| None).await?;
        let permit = self.admit(ask, learn::action(kind, Action::Create), place.citizen).await?;
        let mut references = References::default();
        let organization = &ask.caller.organization;
        let aliases = self.record.add_aliases(&mut references, organization, resource).await;
        aliases.map_err(|error| Fault::store(ask.lang, &error))?;
        let key: FactKey = self.record.new_key(&permit, kind);
        let mut writing = self.begin(ask, permit).await?;
        let origin = writing.original(bytes);
        writing.put(key, None, resource, origin, &references).map_err(failed)?;
        if let Some(mut resolution) = place.resolution {
            resolution.add_patient(key.number);
            writing.rows(resolution.rows, resolution.expect);
        }
        if let Some(NewAlias { id, stands }) = alias {
            let expect = crate::alias::expect(organization, kind, id, stands);
            writing.rows(vec![crate::alias::row(organization, id, key)], vec![expect]);
        }
        let done = writing.commit(&self.door).await.map_err(failed)?;
        Ok(done)
    }
}

/// 201 with what was created.
pub(super) fn created(ask: &Ask, kind: Kind, done: &Done) -> Response {
    let Some(written) = done.written.first() else { return answer::json(StatusCode::CREATED, Bytes::new()) };
    let response = answer::json(StatusCode::CREATED, written.body.clone());
    let response = answer::with_version(response, written.version, done.instant);
    let location = format!("{}/{kind}/{}/_history/{}", ask.base, written.id, written.version);
    answer::with_receipt(answer::with_location(response, location), &done.receipt)
}
