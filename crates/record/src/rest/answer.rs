//! Answers: a resource with its headers.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use tsumugi_access::Receipt;
use tsumugi_fhir::outcome::{Finding, IssueType, Lang, OperationOutcome, Severity};

use super::{Ask, ask::Returns, write::Performed};
pub use super::{fault::Fault, writer::BundleWriter};
use crate::Written;

/// FHIR's media type.
pub const FHIR_JSON: &str = "application/fhir+json; charset=utf-8";
/// The header that carries the receipt: the leaf's index in the log.
pub const RECEIPT: &str = "tsumugi-receipt";

/// An `OperationOutcome` as JSON.
#[must_use]
pub fn outcome(findings: &[Finding], lang: Lang) -> Vec<u8> {
    OperationOutcome::to_json(findings, lang)
}

/// FHIR JSON with a status.
#[must_use]
pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(FHIR_JSON));
    // A person's data is never kept by anything between the server and the reader.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Adds the receipt of the leaf that this answer left.
#[must_use]
pub fn with_receipt(mut response: Response, receipt: &Receipt) -> Response {
    response.headers_mut().insert(RECEIPT, HeaderValue::from(receipt.index));
    response
}

/// Adds `ETag` and `Last-Modified` of a version.
#[must_use]
pub fn with_version(mut response: Response, version: u32, instant: tsumugi_kernel::Instant) -> Response {
    for (name, text) in [(header::ETAG, format!("W/\"{version}\"")), (header::LAST_MODIFIED, http_date(instant))] {
        if let Ok(value) = HeaderValue::try_from(text) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A date as HTTP writes it, to the second.
pub(super) fn http_date(instant: tsumugi_kernel::Instant) -> String {
    instant.timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Adds a `Location`.
#[must_use]
pub fn with_location(mut response: Response, location: String) -> Response {
    if let Ok(value) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}

/// The answer to a write of one fact: what was written (or what stood there already), or what the caller prefers of it.
pub(super) fn performed(ask: &Ask, performed: &Performed) -> Response {
    let done = &performed.done;
    let Some(written) = performed.written(0) else {
        return with_receipt(empty(StatusCode::NO_CONTENT), &done.receipt);
    };
    let instant = written.instant.unwrap_or(done.instant);
    let response = match (ask.returns, written.body.is_empty()) {
        (Returns::Outcome, _) => json(code(written), outcome(&[saved(written)], ask.lang)),
        (_, true) => empty(StatusCode::NO_CONTENT),
        (Returns::Minimal, false) => empty(code(written)),
        (Returns::Either | Returns::Representation, false) => json(code(written), written.body.clone()),
    };
    let response = with_receipt(with_version(response, written.version, instant), &done.receipt);
    if written.body.is_empty() {
        return response;
    }
    let (kind, id, version) = (written.key.kind, &written.id, written.version);
    with_location(response, format!("{}/{kind}/{id}/_history/{version}", ask.base))
}

fn code(written: &Written) -> StatusCode {
    if written.status().starts_with("201") { StatusCode::CREATED } else { StatusCode::OK }
}

/// A status without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What a write says of itself where an `OperationOutcome` is preferred.
pub(super) fn saved(written: &Written) -> Finding {
    let (ja, en) = match (written.body.is_empty(), written.fresh) {
        (true, _) => {
            ("取り消しました。前の版は _history で読めます。", "Taken away. Earlier versions can be read at _history.")
        }
        (false, true) => ("保存しました。", "Saved."),
        (false, false) => (
            "条件に合う記録がすでにあるか、変わるところがないため、何も書いていません。",
            "A fact that fits is there already, or nothing would change; nothing was written.",
        ),
    };
    Finding::new(Severity::Information, IssueType::Informational, "", ja, en)
}

/// The `response` member of an entry about something written.
#[must_use]
pub fn entry_response(status: &str, written: &crate::Written, instant: tsumugi_kernel::Instant) -> String {
    let (kind, id, version) = (written.key.kind, &written.id, written.version);
    let instant = written.instant.unwrap_or(instant);
    format!(
        "\"response\":{{\"status\":\"{status}\",\"location\":\"{kind}/{id}/_history/{version}\",\"etag\":\"W/\\\"{version}\\\"\",\"lastModified\":\"{}\"}}",
        instant.to_fhir()
    )
}
