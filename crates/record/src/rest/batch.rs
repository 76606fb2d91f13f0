//! A batch: each entry is a request of its own, with its own decision and leaf, answered in the order of the bundle.

use axum::{
    body::Body,
    http::{HeaderMap, Request as HttpRequest, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;
use tsumugi_fhir::{
    Lang,
    bundle::{Bundle, Entry},
    json::{Node, write::Writer},
    outcome::IssueType,
};
use tsumugi_kernel::Instant;

use super::{Ask, Desk, Fault, answer, form::Form, operations};

/// Where an entry's response carries the receipt of its leaf: a batch has no one header for all of them.
const RECEIPT: &str = "http://tsumugi.example/fhir/StructureDefinition/receipt";

/// How one entry was answered.
pub(super) struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

pub(super) async fn batch(desk: &Desk, ask: &Ask, bundle: &Bundle<'_>) -> Result<Response, Fault> {
    let mut response = answer::BundleWriter::start("batch-response", None, &[]);
    for entry in &bundle.entries {
        let answered = match request(ask, entry) {
            Some(request) => run(desk, request).await,
            None => Answered::refused(&unreadable(ask)),
        };
        answered.write(ask, &mut response);
    }
    Ok(answer::json(StatusCode::OK, response.finish()))
}

impl Answered {
    fn refused(fault: &Fault) -> Self {
        Self { status: fault.status(), headers: HeaderMap::new(), body: fault.body().into() }
    }

    /// Writes the entry. FHIR puts what went wrong beside the status, and what was found in the entry's resource.
    pub(super) fn write(&self, ask: &Ask, response: &mut answer::BundleWriter) {
        let resource = (self.status.is_success() && !self.body.is_empty()).then_some(&self.body[..]);
        response.entry(None, resource, &response_member(ask, self));
    }
}

fn response_member(ask: &Ask, answered: &Answered) -> String {
    let text = |name: &str| answered.headers.get(name).and_then(|value| value.to_str().ok());
    let mut out = Writer::with_capacity(256);
    out.object(|out| {
        if let Some(receipt) = text(answer::RECEIPT) {
            out.key("extension").array(|out| {
                out.object(|out| {
                    out.field("url", RECEIPT).field("valueString", receipt);
                });
            });
        }
        let reason = answered.status.canonical_reason().unwrap_or_default();
        out.field("status", format!("{} {reason}", answered.status.as_u16()).trim_end());
        if let Some(location) = text("location") {
            out.field("location", location.strip_prefix(&format!("{}/", ask.base)).unwrap_or(location));
        }
        if let Some(etag) = text("etag") {
            out.field("etag", etag);
        }
    });
    let mut member = String::from_utf8(out.finish()).unwrap_or_default();
    if !answered.status.is_success() && !answered.body.is_empty() {
        member.pop();
        member.push_str(",\"outcome\":");
        member.push_str(&String::from_utf8_lossy(&answered.body));
        member.push('}');
    }
    format!("\"response\":{member}")
}

/// The request that an entry is; `None` where it is none.
pub(super) fn request(ask: &Ask, entry: &Entry<'_>) -> Option<HttpRequest<Body>> {
    let asked = entry.request.as_ref()?;
    let patch = entry.resource.filter(|_| &*asked.method == "PATCH").and_then(json_patch);
    let form = if patch.is_some() { Form::JsonPatch } else { Form::Json };
    let raw = || entry.resource.map(|resource| Bytes::copy_from_slice(resource.raw().as_bytes())).unwrap_or_default();
    let body = patch.unwrap_or_else(raw);
    let host = ask.base.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap_or("localhost");
    let mut request = HttpRequest::builder()
        .method(&*asked.method)
        .uri(format!("/{}", asked.url.trim_start_matches('/')))
        .header(header::HOST, host)
        .header(header::ACCEPT_LANGUAGE, if ask.lang == Lang::Ja { "ja" } else { "en" });
    let more = entry.node.get("request");
    for (header, member) in
        [("if-match", "ifMatch"), ("if-none-exist", "ifNoneExist"), ("if-none-match", "ifNoneMatch")]
    {
        if let Some(value) = more.and_then(|request| request.get_str(member)) {
            request = request.header(header, &*value);
        }
    }
    // In a bundle it is an instant, in a header a date of HTTP.
    let since = more.and_then(|request| request.get_str("ifModifiedSince"));
    if let Some(since) = since.and_then(|text| text.parse::<jiff::Timestamp>().ok()) {
        request = request.header(header::IF_MODIFIED_SINCE, answer::http_date(Instant(since.as_millisecond())));
    }
    for preference in [ask.lenient.then_some("handling=lenient"), ask.returns.preference()].into_iter().flatten() {
        request = request.header("prefer", preference);
    }
    let mut request = request.body(Body::from(body)).ok().filter(|request| request.uri().path() != "/")?;
    request.extensions_mut().insert(ask.caller.clone());
    request.extensions_mut().insert(form);
    Some(request)
}

/// Does what an entry asks for, with its own decision and leaf.
pub(super) async fn run(desk: &Desk, request: HttpRequest<Body>) -> Answered {
    if let Some(fault) = operations::unknown(&request) {
        return Answered::refused(&fault);
    }
    // A router answers everything, and our own answers stand in memory; neither fails.
    let Ok(answered) = super::router().with_state(desk.clone()).oneshot(request).await;
    let (status, headers) = (answered.status(), answered.headers().clone());
    let body = answered.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Answered { status, headers, body }
}

/// The JSON Patch that an entry carries as a `Binary`.
pub(super) fn json_patch(resource: Node<'_>) -> Option<Bytes> {
    use base64::Engine;
    let is = |name: &str, text: &str| resource.get_str(name).as_deref() == Some(text);
    if !is("resourceType", "Binary") || !is("contentType", "application/json-patch+json") {
        return None;
    }
    base64::engine::general_purpose::STANDARD.decode(resource.get_str("data")?.as_bytes()).ok().map(Bytes::from)
}

/// An entry that is no request.
pub(super) fn unreadable(ask: &Ask) -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        ask.lang,
        IssueType::Required,
        "entry の request がないか、読めません。method と url を入れてください。batch や transaction の中に、それらは入れられません。",
        "The entry's request is missing or cannot be read. Give method and url. Batches and transactions cannot hold each other.",
    )
}
