//! The authorization server's endpoints for programs: tokens, pushed requests, revocation, introspection, and the
//! documents that say where all of it is. The page on which a person decides is the portal's.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tsumugi_record::rest::OauthUris;
use tsumugi_signin::{
    Provider,
    oauth::{Form, OauthError, Posted, discovery},
};

use crate::App;

/// The header of a proof of possession.
pub const DPOP: &str = "dpop";
/// How long programs may keep the documents, in seconds.
const KEEP: &str = "public, max-age=300";

/// The routes.
pub fn router() -> Router<App> {
    Router::new()
        .route(discovery::TOKEN, post(token))
        .route(discovery::PAR, post(push))
        .route(discovery::REVOKE, post(revoke))
        .route(discovery::INTROSPECT, post(introspect))
        .route(discovery::JWKS, get(async |State(app): State<App>| document(app.provider.jwks())))
        .route(
            "/.well-known/openid-configuration",
            get(async |State(app): State<App>| document(app.provider.metadata())),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(async |State(app): State<App>| document(app.provider.metadata())),
        )
        .route(
            "/fhir/R4/.well-known/smart-configuration",
            get(async |State(app): State<App>| document(app.provider.smart_configuration())),
        )
}

/// Where tokens come from, for the `CapabilityStatement`.
pub fn uris(provider: &Provider) -> OauthUris {
    let at = |path: &str| format!("{}{path}", provider.issuer());
    OauthUris(vec![
        ("authorize", at(discovery::AUTHORIZE)),
        ("token", at(discovery::TOKEN)),
        ("revoke", at(discovery::REVOKE)),
        ("introspect", at(discovery::INTROSPECT)),
    ])
}

async fn token(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async { app.provider.token(&posted(&headers, &body)?).await };
    answered(answer.await.map(|answer| (StatusCode::OK, Json(answer)).into_response()))
}

async fn push(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async { app.provider.push(&posted(&headers, &body)?).await };
    answered(answer.await.map(|answer| (StatusCode::CREATED, Json(answer)).into_response()))
}

async fn introspect(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async { app.provider.introspect(&posted(&headers, &body)?).await };
    answered(answer.await.map(|answer| (StatusCode::OK, Json(answer)).into_response()))
}

async fn revoke(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    let answer = async { app.provider.revoke_token(&posted(&headers, &body)?).await };
    answered(answer.await.map(|()| StatusCode::OK.into_response()))
}

/// A posted form. Two proofs are none: which of them counts would be a guess.
fn posted(headers: &HeaderMap, body: &Bytes) -> Result<Posted, OauthError> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let text = std::str::from_utf8(body).ok();
    let is_form = kind
        .split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"));
    let form = Form::posted(text.filter(|_| is_form))?;
    Ok(Posted { form, proof: proof(headers), authorization: headers.contains_key(header::AUTHORIZATION) })
}

/// The one proof of a request; an empty text, which is no proof, where there are more.
pub fn proof(headers: &HeaderMap) -> Option<String> {
    let mut proofs = headers.get_all(DPOP).iter();
    let first = proofs.next()?;
    let one = if proofs.next().is_some() { "" } else { first.to_str().unwrap_or_default() };
    Some(one.to_owned())
}

/// Answers with tokens and errors are kept by nobody (RFC 6749 section 5.1).
fn answered(answer: Result<Response, OauthError>) -> Response {
    let mut response = answer.unwrap_or_else(|error| {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(error.body())).into_response();
        if matches!(error.status, 429 | 503) {
            let wait = HeaderValue::from_static(if error.status == 429 { "60" } else { "1" });
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn document(value: Value) -> Response {
    ([(header::CACHE_CONTROL, KEEP)], Json(value)).into_response()
}
