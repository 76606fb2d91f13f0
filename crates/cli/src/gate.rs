//! The FHIR interface without a network: a request with its caller goes through the same routes as one from outside.

use axum::{Router, body::Body, http::Request};
use bytes::Bytes;
use http_body_util::BodyExt;
use tower::ServiceExt;
use tsumugi_access::Caller;
use tsumugi_record::rest::Desk;

/// The routes of `/fhir/R4`.
#[derive(Clone)]
pub struct Gate(Router);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The FHIR JSON.
    pub body: Bytes,
}

impl Gate {
    /// The routes over a desk.
    #[must_use]
    pub fn new(desk: &Desk) -> Self {
        Self(tsumugi_record::rest::router().merge(tsumugi_exchange_documents::router()).with_state(desk.clone()))
    }

    /// Asks as `caller`.
    ///
    /// # Errors
    /// If the path is no URL.
    pub async fn ask(&self, caller: &Caller, method: &str, path: &str, body: Bytes) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("content-type", "application/fhir+json")
            .body(Body::from(body))?;
        // As the server's middleware does; a layer of its own for each request would build every route anew.
        request.extensions_mut().insert(caller.clone());
        let response = self.0.clone().oneshot(request).await?;
        let status = response.status().as_u16();
        Ok(Answer { status, body: response.into_body().collect().await?.to_bytes() })
    }
}
