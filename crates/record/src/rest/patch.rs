//! `PATCH /Kind/id` and `PATCH /Kind?query`: a new version said as a change of the newest one.
//!
//! A patch comes through the same door as an update, and what it makes is checked as an update is. It changes the fact
//! as it is answered, with our ids; what it does not touch keeps its text. The patch itself is kept as the original. One
//! that changes nothing makes no version: R4 (resource.html, `meta.versionId`) changes the version with the content.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Action;
use tsumugi_fhir::{
    json::{Document, Limits, Node},
    outcome::{Finding, IssueType},
};
use tsumugi_fhir_patch::{fhirpath_patch, json_patch};

use super::{
    Ask, Desk, Fault, answer,
    form::Form,
    target::Target,
    update,
    write::{Deed, Wish},
};
use crate::{Fact, RecordError};

/// A change as it was sent.
pub(super) enum Patch<'a> {
    /// JSON Patch: an array of operations.
    Json(Document),
    /// FHIRPath Patch: a `Parameters`.
    FhirPath(Node<'a>),
}

pub(super) async fn patch(
    State(desk): State<Desk>,
    ask: Ask,
    Target { kind, at }: Target,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Fault> {
    let document = ask.document(&body)?;
    let patch = match ask.form {
        Form::JsonPatch => Patch::Json(document.clone()),
        Form::Json | Form::Xml => Patch::parameters(&ask, document.root())?,
    };
    let deed = Deed::Patch { at, patch };
    let wish = Wish { kind, deed, if_match: update::if_match(&ask, &headers)?, full_url: None, entry: None };
    let performed = desk.perform(&ask, Action::Update, &[wish], &body).await?;
    Ok(answer::performed(&ask, &performed))
}

impl<'a> Patch<'a> {
    /// A FHIRPath Patch.
    pub(super) fn parameters(ask: &Ask, node: Node<'a>) -> Result<Self, Fault> {
        if node.get_str("resourceType").as_deref() == Some("Parameters") {
            return Ok(Self::FhirPath(node));
        }
        Err(Fault::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ask.lang,
            IssueType::Structure,
            "PATCH の本文は、FHIRPath Patch の Parameters か、Content-Type: application/json-patch+json の配列です。何も保存していません。",
            "A PATCH takes a Parameters with a FHIRPath Patch, or an array with Content-Type: application/json-patch+json. Nothing was saved.",
        ))
    }

    /// The fact as the patch makes it.
    pub(super) fn apply(&self, desk: &Desk, ask: &Ask, fact: &Fact) -> Result<Document, Fault> {
        let failed = |error: RecordError| Fault::record(ask.lang, &error);
        let before = Document::parse(fact.body().map_err(failed)?, &Limits::default());
        let before = before.map_err(|_| failed(RecordError::Unreadable("a fact's body")))?;
        let after = match self {
            Self::Json(patch) => json_patch(before.root(), patch.root()),
            Self::FhirPath(patch) => {
                fhirpath_patch(before.root(), *patch, desk.record.definitions(), desk.record.now())
            }
        };
        let after = after.map_err(|fault| unfit(ask, fault.finding()))?;
        Document::parse(after.into(), &Limits::default()).map_err(|error| unfit(ask, error.finding()))
    }
}

/// A patch that cannot be applied to what stands there.
fn unfit(ask: &Ask, finding: Finding) -> Fault {
    Fault::findings(StatusCode::UNPROCESSABLE_ENTITY, ask.lang, vec![finding])
}
